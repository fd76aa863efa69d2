"""Export: the record as an interchange file, line by line, in constant memory.

A line refers to what stands before it, so that the file can be imported from its first line on:
topics below broader ones, sources after what they derive from, and attributions that stand
inside others after those.
"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from sqlalchemy import Connection, Select, select

from app.models import IDENTITIES, REVISION, VERSIONS, attribution, source, topic
from app.models.base import RecordType, State
from app.store.filters import alive

SIZE = 500


def lines(connection: Connection) -> Iterator[bytes]:
    """Every live record as a line of the interchange file, with its line feed."""
    yield from _after(connection, RecordType.topic, _broader())
    yield from _plain(connection, RecordType.actor)
    yield from _after(connection, RecordType.source, _derived())
    yield from _statements(connection)
    yield from _after(connection, RecordType.attribution, _nested(), only_ordered=True)


def _broader() -> Select[tuple[int, int]]:
    versions, part = topic.VERSION, topic.BROADER
    query = select(versions.c.key, part.c.broader).join(part, part.c.seq == versions.c.seq)
    return query.where(alive(versions))


def _derived() -> Select[tuple[int, int]]:
    versions, part = source.VERSION, source.DERIVATION
    query = select(versions.c.key, part.c.origin).join(part, part.c.seq == versions.c.seq)
    return query.where(alive(versions))


def _nested() -> Select[tuple[int, int]]:
    versions = attribution.VERSION
    query = select(versions.c.key, versions.c.parent)
    return query.where(alive(versions), versions.c.parent.is_not(None))


def _bodies(type: RecordType) -> Select[tuple[int, str]]:
    identity = IDENTITIES[type]
    query = select(identity.c.key, REVISION.c.body).join(REVISION, REVISION.c.seq == identity.c.seq)
    return query.where(identity.c.state == State.live).order_by(identity.c.key)


def _line(type: RecordType, body: str) -> bytes:
    return f'{{"type":"{type}",{body[1:]}\n'.encode()


def _plain(
    connection: Connection, type: RecordType, leave_out: frozenset[int] = frozenset()
) -> Iterator[bytes]:
    """All records of a type, in the order in which they were first named."""
    after, key = 0, IDENTITIES[type].c.key
    while rows := list(connection.execute(_bodies(type).where(key > after).limit(SIZE))):
        yield from (_line(type, body) for found, body in rows if found not in leave_out)
        after = rows[-1].key


def _after(
    connection: Connection,
    type: RecordType,
    edges: Select[tuple[int, int]],
    *,
    only_ordered: bool = False,
) -> Iterator[bytes]:
    """The records of a type, each after those that `edges` says it needs."""
    needs: dict[int, set[int]] = {}
    for key, other in connection.execute(edges):
        needs.setdefault(key, set()).add(other)
    if not only_ordered:
        yield from _plain(connection, type, frozenset(needs))
    try:
        order = [key for key in TopologicalSorter(needs).static_order() if key in needs]
    except CycleError:  # two records that name each other: no order is right
        order = sorted(needs)
    for start in range(0, len(order), SIZE):
        some = order[start : start + SIZE]
        wanted = _bodies(type).where(IDENTITIES[type].c.key.in_(some))
        bodies = dict(row._tuple() for row in connection.execute(wanted))
        yield from (_line(type, bodies[key]) for key in some if key in bodies)


def _statements(connection: Connection) -> Iterator[bytes]:
    """Statements, each followed by those reports of it that stand inside no other."""
    own, versions = IDENTITIES[RecordType.attribution], VERSIONS[RecordType.attribution]
    after, key = 0, IDENTITIES[RecordType.statement].c.key
    bodies = _bodies(RecordType.statement)
    while rows := list(connection.execute(bodies.where(key > after).limit(SIZE))):
        keys = [row.key for row in rows]
        query = (
            _bodies(RecordType.attribution)
            .join(versions, versions.c.key == own.c.key)
            .where(
                alive(versions),
                versions.c.parent.is_(None),
                versions.c.statement.in_(keys),
            )
            .with_only_columns(versions.c.statement, REVISION.c.body)
        )
        reports: dict[int, list[str]] = {}
        for of, body in connection.execute(query):
            reports.setdefault(of, []).append(body)
        for found, body in rows:
            yield _line(RecordType.statement, body)
            for report in reports.get(found, ()):
                yield _line(RecordType.attribution, report)
        after = keys[-1]
