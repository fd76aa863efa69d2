"""Two records that are one: merged, and taken apart again.

The merged record ends; its id leads to the survivor. Every record that named it gets a new version
that names the survivor, so what is asked, counted or compared afterwards needs to know nothing of
mergers, and the ledger shows each change (docs/adr/0009-mergers.md). The merger's revision lists
these records, so that undoing it can put them back.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from app.db import Writer
from app.errors import Conflict, Fault, InvalidInput, NotFound, short
from app.models import IDENTITIES, PARTS, RECORDS, REVISION, VERSIONS
from app.models.base import Record, RecordType, State
from app.models.revision import ChangeKind
from app.store import edit, ledger, project, write
from app.store.edit import Expected, Why
from app.store.project import Name
from app.store.references import put, rewritten
from app.store.write import Entry

MOST = 10_000
"""Records that one merger may change: they are written in one transaction, while others wait."""


def merge(
    writer: Writer, type: RecordType, id: str, into: str, expected: Expected, why: Why
) -> None:
    """End a record, whose id then leads to `into`, and have all that named it name that one.

    Raises `NotFound`, `Gone`, `Conflict`, `InvalidInput`; `Stale` where a version was named that
    the record is not at.
    """
    known = edit.standing(writer, type, id)
    if known is None:
        raise NotFound(f"There is no {type} {short(id)}; look it up under /v1/{type}s.")
    if expected.versions is not None:
        expected.check(type, id, known)
    _check_heir(writer, type, id, into)
    moves = [
        Entry((of, name), version + 1, ChangeKind.updated, body, record)
        for of, name, version, body, record in _moves(writer, type, id, known.key, into)
    ]
    moved = [[of, name, version] for (of, name), version, *_ in moves]
    left = {"id": id, "merged_into": into, "moved": moved}
    body = ledger.canonical(ledger.given(left))
    end = Entry((type, id), known.version + 1, ChangeKind.merged, body, None)
    write.append(writer, [end, *moves], agent=why.agent, reason=why.reason)


def _check_heir(writer: Writer, type: RecordType, id: str, into: str) -> None:
    heir = project.identities(writer, [(type, into)]).get((type, into))
    if into == id:
        fault = Fault("is the record itself; name another", "same_record", "/into")
    elif heir is None or heir.state is State.awaited:
        detail = f"there is no {type} {short(into)}; add it, or mend the id"
        fault = Fault(detail, "unknown_reference", "/into")
    elif heir.state is not State.live:
        detail = f"{type} {short(into)} was {heir.state}; name one that stands"
        fault = Fault(detail, str(heir.state), "/into")
    else:
        return
    raise InvalidInput.of(fault)


class _Move(NamedTuple):
    """A record with other references, its version before, and its body and content after."""

    type: RecordType
    id: str
    version: int
    body: bytes
    record: Record


def _moves(
    connection: Connection, type: RecordType, id: str, key: int, into: str
) -> Iterator[_Move]:
    """Every record that names this one, as it is when it names the other instead."""
    count = 0
    for of in RecordType:
        for name, version, body in _naming(connection, of, type, key):
            count += 1
            if count > MOST:
                raise Conflict(
                    f"More than {MOST:,} records name {type} {short(id)}; merge the other one "
                    "into it instead."
                )
            if (of, name) == (type, id):
                continue
            itself = (of, name) == (type, into)  # what the two said of each other falls away
            made = rewritten(of, body, {(type, id): None if itself else into})
            try:
                record = RECORDS[of].model_validate_json(made)
            except ValidationError as error:
                raise Conflict(
                    f"The {of} {short(name)} could not name {short(into)} instead of {short(id)}; "
                    "change it first."
                ) from error
            yield _Move(of, name, version, made.encode(), record)


def _naming(
    connection: Connection, of: RecordType, type: RecordType, key: int
) -> list[tuple[str, int, str]]:
    """The present records of a type that name the record: id, version and body."""
    versions, identity = VERSIONS[of], IDENTITIES[of]
    naming = [condition for table in (versions, *PARTS) for condition in _refers(table, type, key)]
    columns = (identity.c.id, identity.c.version, REVISION.c.body)
    found: dict[str, tuple[str, int, str]] = {}
    for table, condition in naming:
        query = select(*columns).join(versions, versions.c.key == identity.c.key)
        query = query.join(REVISION, REVISION.c.seq == versions.c.seq)
        if table is not versions:
            if not _hangs_on(table, versions):
                continue
            query = query.join(table, table.c.seq == versions.c.seq)
        query = query.where(versions.c.until.is_(None), condition)
        for row in connection.execute(query):
            found[row.id] = tuple(row)
    return [found[id] for id in sorted(found)]


def _refers(
    table: Table, type: RecordType, key: int
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """The conditions under which a row names the record: its columns say what they refer to."""
    target = IDENTITIES[type].c.key
    columns = [one for one in table.c if one.name != "key" and one.references(target)]
    if columns:
        yield table, or_(*(column == key for column in columns))


def _hangs_on(table: Table, versions: Table) -> bool:
    return any(column.references(versions.c.seq) for column in table.c)


# --- undone -------------------------------------------------------------------------------------


def undo(writer: Writer, type: RecordType, id: str, why: Why) -> None:
    """Have a merged record stand again as it was, and named where it was named.

    A record that the merger changed and that was changed since keeps what it has got since; only
    where it still names the survivor, and named the other, does it name the other again. Raises
    `NotFound`, `Gone` for a record that was taken out, and `Conflict` for one that is not merged.
    """
    known = project.identities(writer, [(type, id)]).get((type, id))
    if known is None or known.state is State.awaited:
        raise NotFound(f"There is no {type} {short(id)}; look it up under /v1/{type}s.")
    if known.state is not State.merged:
        edit.standing(writer, type, id)
        raise Conflict(f"The {type} {short(id)} is not merged into another.")
    left = orjson.loads(_body(writer, (type, id), known.version) or "{}")
    body = _body(writer, (type, id), known.version - 1)
    assert body is not None  # only a record that stands is merged
    why = why._replace(change=ChangeKind.corrected)
    entries = [_entry((type, id), known.version, body, why)]
    for of, name, version in left.get("moved", ()):
        moved = (RecordType(of), name)
        if back := _back(writer, moved, version, (type, id), left["merged_into"]):
            entries.append(_entry(moved, *back, why))
    write.append(writer, entries, agent=why.agent, reason=why.reason)


def _entry(name: Name, version: int, body: str, why: Why) -> Entry:
    record = RECORDS[name[0]].model_validate_json(body)
    return Entry(name, version + 1, why.change, body.encode(), record)


def _back(
    connection: Connection, moved: Name, version: int, merged: Name, heir: str
) -> tuple[int, str] | None:
    """A moved record's version now, and its body with the merged record named again; None where
    there is nothing to do."""
    known = project.identities(connection, [moved]).get(moved)
    before = _body(connection, moved, version - 1)
    if known is None or known.state is not State.live or before is None:
        return None
    if known.version == version:
        return version, before
    type, id = merged
    present = _body(connection, moved, known.version)
    assert present is not None  # it is live
    members, changed = orjson.loads(present), False
    named = RECORDS[moved[0]].model_validate_json(before).targets()
    pointers = {target.pointer for target in named if (target.type, target.id) == merged}
    for target in RECORDS[moved[0]].model_validate_json(present).targets():
        if target.pointer in pointers and (target.type, target.id) == (type, heir):
            put(members, target.pointer, id)
            changed = True
    return (known.version, ledger.canonical(members).decode()) if changed else None


def _body(connection: Connection, name: Name, version: int) -> str | None:
    type, id = name
    of: Any = and_(REVISION.c.type == type, REVISION.c.id == id, REVISION.c.version == version)
    return connection.scalar(select(REVISION.c.body).where(of))
