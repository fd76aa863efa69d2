"""Taking records out: retracted (it should not stand there) or redacted (nobody may read it).

A retraction ends a record and keeps its history. A redaction also takes its words out of every
table, the search index, the private texts and the ledger's bodies; the hashes stay, so the chain
still verifies, and says what was redacted. A statement's reports repeat its words, so they are
redacted with it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select

from app.db import Writer
from app.errors import Conflict, NotFound, short
from app.models import IDENTITIES, attribution, statement
from app.models.base import RecordType, State
from app.models.revision import ChangeKind
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
    """Take the words of a record, and of a statement's reports, out of everything.

    One that was retracted can be redacted too. Raises as `retract`, and `Conflict` where the words
    would go on standing in a statement.
    """
    found = project.identities(writer, [(type, id)]).get((type, id))
    if found is None or found.state is State.awaited:
        raise _missing(type, id)
    if found.state is not State.retracted:
        edit.standing(writer, type, id)
    expected.check(type, id, found)
    if type is RecordType.attribution:
        _refuse_if_quoted(writer, id, found.key)
    names = [(type, id), *(_reports(writer, found.key) if type is RecordType.statement else ())]
    standing = [_Standing(name, project.identities(writer, [name])[name]) for name in names]
    _end(writer, standing, ChangeKind.redacted, why)
    for name in names:
        ledger.forget(writer, *name)
        project.forget(writer, *name)
        candidates.forget(writer, *name)


def _end(writer: Writer, standing: list[_Standing], change: ChangeKind, why: Why) -> None:
    entries = [Entry(name, known.version + 1, change, None, None) for name, known in standing]
    write.append(writer, entries, agent=why.agent, reason=why.reason)


def _reports(writer: Writer, key: int) -> Iterator[Name]:
    """Every report that ever was one of the statement, and was not redacted yet."""
    versions, identity = attribution.VERSION, IDENTITIES[RecordType.attribution]
    query = select(identity.c.id).join(versions, versions.c.key == identity.c.key).distinct()
    query = query.where(versions.c.statement == key, identity.c.state != State.redacted)
    for id in writer.scalars(query.order_by(identity.c.id)):
        yield RecordType.attribution, id


def _refuse_if_quoted(writer: Writer, id: str, key: int) -> None:
    versions, identity = statement.VERSION, IDENTITIES[RecordType.statement]
    query = select(identity.c.id).join(versions, versions.c.key == identity.c.key)
    quoting = writer.scalar(query.where(versions.c.content_from == key).limit(1))
    if quoting is not None:
        raise Conflict(
            f"The words of attribution {short(id)} are the content of statement {quoting}, or "
            "were; redact that statement, and its reports go with it."
        )


def _missing(type: RecordType, id: str) -> NotFound:
    return NotFound(f"There is no {type} {short(id)}; look it up under /v1/{type}s.")
