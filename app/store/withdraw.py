"""Taking records out: retracted (it should not stand there) or redacted (nobody may read it).

A retraction ends a record and keeps its history. A redaction also takes its words out of every
table, the search index, the private texts and the ledger's bodies; the hashes stay, so the chain
still verifies, and says what was redacted. A statement's reports repeat its words, and so does
what was merged into a record, so they are redacted with it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from app.db import Writer
from app.errors import Conflict, NotFound, short
from app.models import IDENTITIES, attribution, statement
from app.models.base import RecordType, State
from app.models.revision import ChangeKind
from app.rows import among
from app.store import candidates, edit, ledger, project, write
from app.store.edit import Expected, Why
from app.store.project import Known, Name
from app.store.write import Entry


class _Standing(NamedTuple):
    name: Name
    known: Known


def retract(writer: Writer, type: RecordType, id: str, expected: Expected, why: Why) -> None:
    """Take a record out of the lists; its history stays.

    Raises `NotFound`, `Gone`, `Conflict`, `Stale`, `Unconditional`.
    """
    known = edit.standing(writer, type, id)
    if known is None:
        raise _missing(type, id)
    expected.check(type, id, known)
    _end(writer, [_Standing((type, id), known)], ChangeKind.retracted, why)


def redact(writer: Writer, type: RecordType, id: str, expected: Expected, why: Why) -> None:
    """Take the words of a record out of everything, with those of a statement's reports and of
    what was merged into any of these.

    One that was retracted, or merged into another, can be redacted too. Raises as `retract`, and
    `Conflict` where the words would go on standing in a statement.
    """
    found = project.identities(writer, [(type, id)]).get((type, id))
    if found is None or found.state is State.awaited:
        raise _missing(type, id)
    if found.state not in (State.retracted, State.merged):
        edit.standing(writer, type, id)
    expected.check(type, id, found)
    keys = _alike(writer, (type, id), found.key)
    if type is RecordType.attribution or found.state is State.merged:
        _refuse_if_quoted(writer, keys)
    known = project.identities(writer, keys)
    _end(writer, [_Standing(name, known[name]) for name in keys], ChangeKind.redacted, why)
    for name in keys:
        ledger.forget(writer, *name)
        project.forget(writer, *name)
        candidates.forget(writer, *name)


def _end(writer: Writer, standing: list[_Standing], change: ChangeKind, why: Why) -> None:
    entries = [Entry(name, known.version + 1, change, None, None) for name, known in standing]
    write.append(writer, entries, agent=why.agent, reason=why.reason)


def _alike(connection: Connection, name: Name, key: int) -> dict[Name, int]:
    """The keys of a record and of all that repeat its words and were not redacted yet: reports of
    a statement, and what was merged into one of these, to any depth."""
    found, left = {name: key}, [name]
    while left:
        name = left.pop()
        more = [*_merged_into(connection, name[0], found[name])]
        if name[0] is RecordType.statement:
            more += _reports(connection, found[name])
        for other, its_key in more:
            if other not in found:
                found[other] = its_key
                left.append(other)
    return found


def _merged_into(connection: Connection, type: RecordType, key: int) -> Iterator[tuple[Name, int]]:
    identity = IDENTITIES[type]
    query = select(identity.c.id, identity.c.key).where(identity.c.merged_into == key)
    for id, its_key in connection.execute(query.order_by(identity.c.id)):
        yield (type, id), its_key


def _reports(connection: Connection, key: int) -> Iterator[tuple[Name, int]]:
    """Every report that ever was one of the statement, and was not redacted yet."""
    versions, identity = attribution.VERSION, IDENTITIES[RecordType.attribution]
    query = select(identity.c.id, identity.c.key).distinct()
    query = query.join(versions, versions.c.key == identity.c.key)
    query = query.where(versions.c.statement == key, identity.c.state != State.redacted)
    for id, its_key in connection.execute(query.order_by(identity.c.id)):
        yield (RecordType.attribution, id), its_key


def _refuse_if_quoted(connection: Connection, going: dict[Name, int]) -> None:
    """Raise `Conflict` where words that go are the content of a statement that stays."""
    keys = {key: id for (type, id), key in going.items() if type is RecordType.attribution}
    versions, identity = statement.VERSION, IDENTITIES[RecordType.statement]
    query = select(identity.c.id, versions.c.content_from)
    query = query.join(versions, versions.c.key == identity.c.key)
    query = query.where(among(connection, versions.c.content_from, keys))
    for quoting, key in connection.execute(query.order_by(versions.c.seq)):
        if (RecordType.statement, quoting) not in going:
            raise Conflict(
                f"The words of attribution {short(keys[key])} are the content of statement "
                f"{quoting}, or were; redact that statement, and its reports go with it."
            )


def _missing(type: RecordType, id: str) -> NotFound:
    return NotFound(f"There is no {type} {short(id)}; look it up under /v1/{type}s.")
