"""A statement with the reports of it, as one JSON text."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, select

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
) -> list[str]:
    """Statements as they are shown, each with those reports of it that fit the conditions, oldest
    first; `shown` tells these conditions from others."""
    document = attribution.VERSION.c.document
    return _around(connection, wholes, conditions, document, str, at, ("reports", shown))


def with_report_ids(
    connection: Connection,
    wholes: list[Whole],
    conditions: Conditions,
    at: At,
    shown: Shape | None,
) -> list[str]:
    """The same with the ids of the reports alone."""
    identity = IDENTITIES[RecordType.attribution]
    same = select(identity.c.id).where(identity.c.key == attribution.VERSION.c.key)
    id = same.scalar_subquery().label("id")
    form = '{{"id":"{}"}}'.format
    return _around(connection, wholes, conditions, id, form, at, ("report ids", shown))


def _around(
    connection: Connection,
    wholes: list[Whole],
    conditions: Conditions,
    shown: ColumnElement[str],
    form: Callable[[str], str],
    at: At,
    shape: Shape,
) -> list[str]:
    count, values = prepared.padded("statement", [whole.key for whole in wholes])

    def build() -> Select[Any]:
        versions = attribution.VERSION
        named = versions.c.statement.in_(prepared.each("statement", [0] * count))
        query = select(versions.c.statement, shown)
        query = query.where(named, alive(versions, at), *conditions())
        return query.order_by(versions.c.key)

    shape = (*shape, count, at is not None)
    found: dict[int, list[str]] = defaultdict(list)
    rows = prepared.plain(connection, shape, build, {**values, "at": at}) if wholes else ()
    for key, text in rows:
        found[key].append(form(text))
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
