"""Single changes: a record created, replaced or patched, with what it carries inline.

A statement may carry its attributions: all of it is written, or nothing. What a client has read it
may send back: what the server sets is ignored, and a reference may be the object in which it was
answered. Sending back what was read changes nothing.
"""

import re
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from app.db import Writer
from app.errors import Conflict, Fault, Gone, InvalidInput, NotFound, Stale, Unconditional, short
from app.models import IDENTITIES, RECORDS, REVISION
from app.models.attribution import Attribution
from app.models.base import Record, RecordType, State
from app.models.revision import ChangeKind
from app.store import ledger, parse, project, read, references, write
from app.store.project import Known, Name
from app.store.write import Change, Outcome, Result

SERVER_SETS = {
    **dict.fromkeys(RecordType, frozenset({"version", "created_at", "updated_at"})),
    RecordType.statement: frozenset(
        {"version", "created_at", "updated_at", "date_basis", "disputed", "search"}
    ),
}
"""Members of an answer that mean nothing in a request."""


class Why(NamedTuple):
    """Who answers for a change, and why it is made."""

    agent: str
    reason: str | None = None
    change: ChangeKind = ChangeKind.updated


class Expected(NamedTuple):
    """What a client says of the version that it changes (RFC 9110, 13.1)."""

    versions: frozenset[int] | None = None
    """Those that `If-Match` names; None where there is no such header."""
    any: bool = False
    """`If-Match: *`: whichever version there is."""
    none: bool = False
    """`If-None-Match: *`: there must be no such record."""

    def check(self, type: RecordType, id: str, known: Known | None) -> None:
        """Raise `Stale` or `Unconditional` where the record does not stand as was expected."""
        if known is None:
            if self.any or self.versions is not None:
                raise Stale(f"There is no {type} {short(id)}; without If-Match it is created.")
            return
        if self.none:
            raise Stale(f"The {type} {short(id)} is there; If-None-Match: * asks that none is.")
        if not self.any and self.versions is None:
            raise Unconditional(
                f"Send If-Match with the ETag of the {type} as you have read it; a change to "
                "another version than you have seen is refused."
            )
        if not self.any and known.version not in (self.versions or ()):
            raise Stale(
                f"The {type} {short(id)} is at version {known.version}; read it again, and make "
                "your change to that."
            )


def create(writer: Writer, type: RecordType, members: Any, why: Why) -> str:
    """Create a record and what it carries; returns its id, which is made where none is given.

    Raises `InvalidInput`, and `Conflict` where there is, or was, a record of that id.
    """
    members, faults = _members(type, members)
    id = members.get("id") or new_id()
    changes = list(_changes(writer, type, id, members, faults))
    _submit(writer, changes, why, creates=True)
    return id


def replace_record(
    writer: Writer, type: RecordType, id: str, members: Any, expected: Expected, why: Why
) -> Result:
    """Put a record in the place of what stands under its id, or create it there.

    Raises `InvalidInput`, `Stale`, `Unconditional`, `Gone`, `Conflict`.
    """
    known = standing(writer, type, id)
    expected.check(type, id, known)
    members, faults = _members(type, members)
    if members.get("id") not in (None, id):
        detail = "is not the id in the path; mend one of them, or leave it out"
        faults.append(Fault(detail, "other_id", "/id"))
    return _submit(writer, list(_changes(writer, type, id, members, faults)), why)


def patch(
    writer: Writer, type: RecordType, id: str, changes: Any, expected: Expected, why: Why
) -> Result:
    """Change members of a record by a JSON Merge Patch (RFC 7396).

    Raises as `replace_record`, and `NotFound`.
    """
    known = standing(writer, type, id)
    if known is None:
        raise NotFound(f"There is no {type} {short(id)}; PUT creates it.")
    expected.check(type, id, known)
    changed, faults = _members(type, changes)
    faults += parse.unknown(type, changed)
    members = merged(present_body(writer, type, id), changed)
    if members.get("id") != id:
        detail = "an id stays what it is; to join two records, merge one into the other"
        faults.append(Fault(detail, "other_id", "/id"))
    return _submit(writer, list(_changes(writer, type, id, members, faults)), why)


def merged(target: Any, patch: Any) -> Any:
    """What a JSON Merge Patch makes of a value (RFC 7396, 2)."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


def new_id() -> str:
    """A UUID, version 7 (RFC 9562): made in order of time, and nobody can guess the next."""
    now, random = time.time_ns() // 1_000_000, secrets.randbits(74)
    number = now << 80 | 7 << 76 | random >> 62 << 64 | 2 << 62 | random & (2**62 - 1)
    return str(uuid.UUID(int=number))


# --- from what was sent to changes --------------------------------------------------------------


class _Sent(NamedTuple):
    """A change, and where in the request it stands."""

    pointer: str
    change: Change
    version: int | None
    """The version that an inline record says it is of."""


_LATER = (
    "How members fit together, and whether what is referred to is there, is looked at once this is "
    "mended."
)


def _members(type: RecordType, sent: Any) -> tuple[dict[str, Any], list[Fault]]:
    """The members of a record that was sent, without what only the server sets, and what is wrong
    with its type and id; a wrong id is left out. Raises `InvalidInput` for what is no object."""
    if not isinstance(sent, dict):
        raise InvalidInput.of(Fault("must be a JSON object", "not_an_object", ""))
    members = {name: one for name, one in sent.items() if name not in SERVER_SETS[type]}
    faults = []
    if members.pop("type", type) != type:
        faults.append(Fault(f"this takes {type}s; leave it out", "other_type", "/type"))
    if not isinstance(members.get("id", ""), str | None):
        faults.append(Fault("must be text", "string_type", "/id"))
        del members["id"]
    return members, faults


def _changes(
    connection: Connection,
    type: RecordType,
    id: str,
    members: dict[str, Any],
    faults: list[Fault],
) -> Iterator[_Sent]:
    """The record itself, then those that it carries. Raises `InvalidInput` with all faults, those
    found before included."""
    carried = members.pop("attributions", None) if type is RecordType.statement else None
    made = parse.change(type, {**members, "id": id})
    sent = [_Sent("", made, None)] if isinstance(made, Change) else []
    faults += () if isinstance(made, Change) else made
    if carried is not None and (not isinstance(carried, list) or len(carried) > 1_000):
        detail = "must be a list of at most 1,000 attributions"
        faults.append(Fault(detail, "list_type", "/attributions"))
        carried = None
    for position, one in enumerate(carried or ()):
        pointer = f"/attributions/{position}"
        try:
            found = _carried(connection, id, one)
        except InvalidInput as wrong:
            faults += _under(pointer, wrong.faults)
        else:
            sent += [found._replace(pointer=pointer)] if found else []
    if faults:
        raise InvalidInput.of(*faults, later=_LATER)
    for one in sent:
        yield one._replace(change=_as_stored(connection, one.change))


def _carried(connection: Connection, statement: str, sent: Any) -> _Sent | None:
    """An attribution that a statement carries; None where it is only named."""
    members, faults = _members(RecordType.attribution, sent)
    version = sent.get("version")
    if isinstance(of := members.get("statement", statement), dict):
        of = of.get("id")
    if of != statement:
        detail = "is another statement than this one; mend it, or leave it out"
        faults.append(Fault(detail, "other_statement", "/statement"))
    id = members.get("id")
    if members.keys() == {"id"} and _reports(connection, id, statement):
        return None
    sent = {**members, "id": id or new_id(), "statement": statement}
    made = parse.change(RecordType.attribution, sent)
    faults += () if isinstance(made, Change) else made
    if not isinstance(made, Change) or faults:
        raise InvalidInput.of(*faults)
    return _Sent("", made, version if type(version) is int else None)


def _reports(connection: Connection, id: str | None, statement: str) -> bool:
    body = _body(connection, RecordType.attribution, id) if id else None
    return body is not None and orjson.loads(body)["statement"] == statement


def _under(pointer: str, faults: tuple[Fault, ...]) -> list[Fault]:
    return [replace(fault, pointer=f"{pointer}{fault.pointer or ''}") for fault in faults]


_MARK = re.compile(rb'\{"\$[a-z]+":("[^"]+")\}')


def _as_stored(connection: Connection, change: Change) -> Change:
    """The change in the words of the ledger: ids for references. Of a record that stands already
    members at their defaults are as good as absent, and the same content is the same body."""
    type, id = change.name
    stored = _body(connection, type, id)
    if stored is None:
        members = orjson.loads(change.body)
        for target in change.targets:
            references.put(members, target.pointer, target.id)
        return replace(change, body=ledger.canonical(members))
    before = RECORDS[type].model_validate_json(stored)
    held = frozenset((target.type, target.id) for target in before.targets())
    if change.record == before:
        return replace(change, body=stored.encode(), held=held)
    return replace(change, body=_lean(change.record), held=held)


def _lean(record: Record) -> bytes:
    """A record's canonical body, without members at their defaults."""
    marked = record.model_dump_json(exclude_defaults=True).encode()
    return ledger.canonical(ledger.given(orjson.loads(_MARK.sub(rb"\1", marked))))


# --- to the one road of writing -----------------------------------------------------------------


def _submit(writer: Writer, sent: list[_Sent], why: Why, *, creates: bool = False) -> Result:
    """Write all of it; returns what came of the first."""
    checked = write.check(writer, [one.change for one in sent])
    faults: list[Fault] = []
    names = {one.change.name for one in sent}
    for one, outcome in zip(sent, checked.outcomes, strict=True):
        name = outcome.change.name
        known = checked.known.get(name)
        if known and known.state not in (State.awaited, State.live):
            raise Conflict(f"The {name[0]} {short(name[1])} was {known.state}; take another id.")
        if creates and outcome.result in (Result.updated, Result.unchanged):
            raise Conflict(
                f"The {name[0]} {short(name[1])} is there already; PUT replaces it, PATCH changes "
                "it, and without an id the server makes one."
            )
        if outcome.result is Result.failed:
            faults += _under(one.pointer, _own(outcome, names))
        elif (
            outcome.result is Result.updated and known and one.version not in (None, known.version)
        ):
            raise Stale(
                f"{one.pointer}: the {name[0]} {short(name[1])} is at version {known.version}; "
                "read it again, or leave it out."
            )
        elif one.pointer and outcome.result is Result.updated:
            faults += _under(one.pointer, _moved(writer, outcome.change.record))
    if faults:
        raise InvalidInput.of(*faults)
    assert all(one.result is not Result.failed for one in checked.outcomes)
    write.write(writer, checked, agent=why.agent, reason=why.reason, change=why.change)
    return checked.outcomes[0].result


def _own(outcome: Outcome, names: set[Name]) -> tuple[Fault, ...]:
    """What is wrong with a record itself, and not only because one that came with it is refused."""
    targets = {target.pointer: target for target in outcome.change.targets}
    own = []
    for fault in outcome.faults:
        target = targets.get(fault.pointer or "")
        if target is None or fault.code != "unknown_reference":
            own.append(fault)
        elif (target.type, target.id) not in names:
            detail = f"there is no {target.type} {short(target.id)}; add it first, or mend the id"
            own.append(replace(fault, detail=detail))
    return tuple(own)


def _moved(connection: Connection, record: Record) -> tuple[Fault, ...]:
    """What is wrong where a statement carries a report of another one."""
    assert isinstance(record, Attribution)
    if _reports(connection, record.id, record.statement):
        return ()
    detail = "is the id of a report of another statement; to move it, change it by itself"
    return (Fault(detail, "other_statement", "/id"),)


def standing(connection: Connection, type: RecordType, id: str) -> Known | None:
    """What stands under an id; None where nothing does yet. Raises `Gone` and `Conflict`."""
    known = project.identities(connection, [(type, id)]).get((type, id))
    if known is None or known.state is State.awaited:
        return None
    if known.state is State.merged:
        heir = project.survivor(connection, type, id)
        raise Conflict(
            f"The {type} {short(id)} was merged into {heir}; change that one, or undo the merger."
        )
    if known.state is not State.live:
        raise Gone(read.why_gone(connection, type, id, known.state))
    return known


def present_body(connection: Connection, type: RecordType, id: str) -> dict[str, Any]:
    """A live record's members as the ledger has them, so that none is lost."""
    body = _body(connection, type, id)
    assert body is not None
    members: dict[str, Any] = orjson.loads(body)
    return members


def _body(connection: Connection, type: RecordType, id: str) -> str | None:
    identity = IDENTITIES[type]
    query = select(REVISION.c.body).join(identity, identity.c.seq == REVISION.c.seq)
    live = identity.c.state == State.live
    return connection.scalar(query.where(identity.c.id == id, live))
