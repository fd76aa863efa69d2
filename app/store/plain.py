"""Records that an export may write as the ledger has them, line for line.

Most references of a record lead to what is there: then nothing in its line changes, and to find
that out for each reference takes ten times as long as to read the line. So what is gone or became
part of another is looked up once; only what refers to any of that, or to a report that has no line
yet, is gone through (`app.store.export`).
"""

from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    cast,
    false,
    literal,
    null,
    select,
)

from app.models import IDENTITIES, REVISION, VERSIONS, attribution, source, statement, topic
from app.models.base import RecordType, State
from app.store import labels, ledger, prepared
from app.store.labels import Name
from app.store.moment import alive
from app.store.prepared import parameter

MOST = 100_000
"""Records that are gone, of which it is remembered."""


NOTHING = cast(null(), BigInteger).label("parent")


class Line(NamedTuple):
    """What a line is made of."""

    key: int
    parent: int | None
    """The attribution that must stand before this one."""
    body: str
    is_plain: bool
    """Whether everything that it refers to is there as it is named."""


class Group(NamedTuple):
    """A statement with every report of it, in their order."""

    statement: Line
    reports: list[Line]


def gone(connection: Connection, at: int) -> frozenset[Name] | None:
    """The records that a line must not name as its body does; None where that is not known: of an
    earlier moment than now, or where there are too many."""
    if ledger.head(connection).seq != at:
        return None
    found: set[Name] = set()
    for type, identity in IDENTITIES.items():
        query = select(identity.c.id).where(identity.c.state != State.live).limit(MOST + 1)
        found.update(labels.name(type, id) for id in connection.scalars(query))
    return frozenset(found) if len(found) <= MOST else None


_NEEDS = {RecordType.topic: topic.BROADER.c.broader, RecordType.source: source.DERIVATION.c.origin}
"""Records of the same type after which a record must stand."""


def lines(connection: Connection, type: RecordType, after: int, size: int, at: int) -> list[Line]:
    """The next topics, actors or sources after this key, so many at most, where nothing is gone;
    plain are those that need none that comes later."""
    versions, needs = VERSIONS[type], _NEEDS.get(type)

    def build() -> Select[Any]:
        key = versions.c.key
        later: ColumnElement[bool] = false()
        if needs is not None:
            seq = needs.table.c.seq
            later = select(seq).where(seq == versions.c.seq, needs >= key).exists()
        query = select(key, REVISION.c.body, (~later).label("is_plain"))
        query = query.join(REVISION, REVISION.c.seq == versions.c.seq)
        query = query.where(key > parameter("after"), alive(versions, 0))
        return query.where(REVISION.c.body.is_not(None)).order_by(key).limit(parameter("size"))

    values = {"after": after, "size": size, "at": at}
    rows = prepared.plain(connection, ("plain lines", type), build, values)
    return [Line(key, None, body, bool(is_plain)) for key, body, is_plain in rows]


def groups(
    connection: Connection, after: int, size: int, at: int, gone: frozenset[Name]
) -> list[Group]:
    """The next statements after this key as they stood after a revision, so many at most."""
    marked = bool(gone)  # without anything that is gone, documents need not be read for their marks

    def line(key: int, parent: int | None, body: str, document: str) -> Line:
        return Line(key, parent, body, not marked or gone.isdisjoint(labels.names(document)))

    def statements() -> Select[Any]:
        versions = statement.VERSION
        return _lines(versions, versions.c.key, NOTHING, marked).limit(parameter("size"))

    def reports() -> Select[Any]:
        versions = attribution.VERSION
        query = _lines(versions, versions.c.statement, versions.c.parent, marked)
        return query.where(versions.c.statement <= parameter("last"))

    values = {"after": after, "size": size, "at": at}
    rows = prepared.plain(connection, ("plain statements", marked), statements, values)
    if not rows:
        return []
    found: dict[int, list[Line]] = defaultdict(list)
    values["last"] = rows[-1][0]
    for of, *row in prepared.plain(connection, ("plain reports", marked), reports, values):
        found[of].append(line(*row))
    return [Group(line(*row), found[of]) for of, *row in rows]


def _lines(
    versions: Table, statement: ColumnElement[int], parent: ColumnElement[Any], marked: bool
) -> Select[Any]:
    document = versions.c.document if marked else literal("").label("document")
    query = select(statement.label("of"), versions.c.key, parent, REVISION.c.body, document)
    query = query.join(REVISION, REVISION.c.seq == versions.c.seq)
    query = query.where(statement > parameter("after"), alive(versions, 0))
    return query.where(REVISION.c.body.is_not(None)).order_by(statement, versions.c.key)
