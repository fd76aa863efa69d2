"""A statement with the reports of it, as one JSON text."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from app.models import IDENTITIES, attribution, statement
from app.models.base import RecordType
from app.store import labels, prepared
from app.store.moment import At, Condition, alive
from app.store.prepared import Shape

Conditions = Callable[[], Iterable[Condition]]


class Whole(NamedTuple):
    """A statement that is to be shown with its reports."""

    key: int
    document: str
    basis: str | None
    disputed: bool

    @property
    def name(self) -> labels.Name:
        """Every document begins with its id, in which nothing is escaped."""
        return labels.name(RecordType.statement, self.document[7 : self.document.index('"', 7)])

    def text(self, attributions: Iterable[str]) -> str:
        basis = f'"{self.basis}"' if self.basis else "null"
        stands = f'"date_basis":{basis},"disputed":{"true" if self.disputed else "false"}'
        return f'{self.document[:-1]},{stands},"attributions":[{",".join(attributions)}]}}'


def with_reports(
    connection: Connection,
    wholes: list[Whole],
    conditions: Conditions,
    at: At,
    shown: Shape | None,
    *,
    expanded: bool,
) -> list[str]:
    """Statements as they are shown, each with those reports of it that fit the conditions, oldest
    first, or with the ids of these alone; `shown` tells these conditions from others."""
    count, values = prepared.padded("statement", [whole.key for whole in wholes])

    def build() -> Select[Any]:
        versions, identity = attribution.VERSION, IDENTITIES[RecordType.attribution]
        id = select(identity.c.id).where(identity.c.key == versions.c.key).scalar_subquery()
        named = versions.c.statement.in_(prepared.each("statement", [0] * count))
        query = select(versions.c.statement, versions.c.document if expanded else id.label("id"))
        query = query.where(named, alive(versions, at), *conditions())
        return query.order_by(versions.c.key)

    shape = ("reports", expanded, shown, count, at is not None)
    found: dict[int, list[str]] = defaultdict(list)
    rows = prepared.plain(connection, shape, build, {**values, "at": at}) if wholes else ()
    for key, text in rows:
        found[key].append(text if expanded else f'{{"id":"{text}"}}')
    return [whole.text(found[whole.key]) for whole in wholes]


def of_keys(connection: Connection, keys: Sequence[int], at: At) -> list[Whole]:
    """Statements by their keys, in the order of these."""
    if not keys:
        return []
    count, values = prepared.padded("key", keys)

    def build() -> Select[Any]:
        listing = statement.LISTING
        named = listing.c.statement.in_(prepared.each("key", [0] * count))
        shown = (listing.c.statement, listing.c.basis, listing.c.disputed)
        return select(*shown).where(named, alive(listing, at))

    shape = ("listed", count, at is not None)
    rows = prepared.plain(connection, shape, build, {**values, "at": at})
    stands = {key: (basis, bool(disputed)) for key, basis, disputed in rows}
    texts = documents(connection, keys, at)
    return [Whole(key, texts[key], *stands[key]) for key in keys]


def documents(connection: Connection, keys: Sequence[int], at: At) -> dict[int, str]:
    """The documents of statements, by their keys."""
    if not keys:
        return {}
    count, values = prepared.padded("key", keys)

    def build() -> Select[Any]:
        versions = statement.VERSION
        named = versions.c.key.in_(prepared.each("key", [0] * count))
        return select(versions.c.key, versions.c.document).where(named, alive(versions, at))

    shape = ("documents", count, at is not None)
    return dict(prepared.plain(connection, shape, build, {**values, "at": at}))
