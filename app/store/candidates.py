"""Candidates kept for a person to judge: proposed, mended, accepted into the record, rejected."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from app.db import Writer
from app.errors import Conflict, Fault, InvalidInput, NotFound, Stale, short
from app.models.base import RecordType
from app.models.candidate import PROPOSAL, CandidateStatus
from app.store import anchors, edit, ledger, parse, read, verification
from app.store.edit import Expected, Why
from app.store.repeated import Already, Repeated
from app.store.write import Change

MOST = 1_000
"""Candidates of one source."""


class Draft(NamedTuple):
    """A proposal as the store takes it: members of a statement and of its attribution."""

    place: int
    rule: str
    confidence: float
    parent: int | None
    """The position among the drafts of the one inside whose words this one stands."""
    statement: dict[str, Any]
    attribution: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        places = [
            (one["role"], one.get("start"), one.get("end"))
            for one in self.attribution.get("selectors", ())
            if one["role"] in ("content", "cue")
        ]
        return hashlib.sha256(orjson.dumps(places)).hexdigest()


def propose(writer: Writer, source: str, drafts: Iterable[Draft], agent: str) -> None:
    """Keep these drafts of a source as candidates, less those that it has already, judged or not.

    Each is told from which statement of the record it seems to be a repetition. Raises as
    `read.key_of`.
    """
    key = read.key_of(writer, RecordType.source, source)
    query = select(PROPOSAL.c.fingerprint, PROPOSAL.c.id).where(PROPOSAL.c.source == source)
    there = {row.fingerprint: row.id for row in writer.execute(query)}
    repeated = Repeated(writer, key)
    ids: list[str] = []
    kept = set(there.values())
    rows = []
    now = ledger.now()
    for draft in drafts:
        print = draft.fingerprint
        known_id = there.get(print)
        ids.append(known_id or edit.new_id())
        if known_id or len(there) >= MOST:
            continue
        there[print] = ids[-1]
        kept.add(ids[-1])
        outer = ids[draft.parent] if draft.parent is not None else None
        parent = outer if outer in kept else None
        members = {
            "rule": draft.rule,
            "confidence": draft.confidence,
            "parent": parent,
            "known": _already(repeated.find(draft.statement, draft.attribution)),
            "statement": draft.statement,
            "attribution": draft.attribution,
            "accepted": None,
        }
        rows.append(
            {
                "id": ids[-1],
                "source": source,
                "place": draft.place,
                "fingerprint": print,
                "status": CandidateStatus.open,
                "version": 1,
                "draft": orjson.dumps(members).decode(),
                "history": _history("[]", "proposed", Why(agent, draft.rule), now),
            }
        )
    if rows:
        writer.execute(insert(PROPOSAL), rows)


def _already(found: Already | None) -> dict[str, Any] | None:
    return found._asdict() if found else None


def _history(before: str, change: str, why: Why, at: str) -> str:
    done = orjson.loads(before)
    done.append({"at": at, "agent": why.agent, "change": change, "reason": why.reason})
    return orjson.dumps(done).decode()


def listed(
    connection: Connection, source: str, status: CandidateStatus | None
) -> list[dict[str, Any]]:
    """The candidates of a source in the order of its text. Raises as `read.key_of`."""
    read.key_of(connection, RecordType.source, source)
    query = select(PROPOSAL).where(PROPOSAL.c.source == source)
    if status is not None:
        query = query.where(PROPOSAL.c.status == status)
    rows = connection.execute(query.order_by(PROPOSAL.c.place, PROPOSAL.c.id))
    return [_document(row) for row in rows]


def one(connection: Connection, id: str) -> dict[str, Any]:
    """A candidate. Raises `NotFound`."""
    return _document(_row(connection, id))


def _row(connection: Connection, id: str) -> Any:
    row = connection.execute(select(PROPOSAL).where(PROPOSAL.c.id == id)).first()
    if row is None:
        raise NotFound(f"There is no candidate {short(id)}.")
    return row


def _document(row: Any) -> dict[str, Any]:
    members = orjson.loads(row.draft)
    return {
        "id": row.id,
        "source": row.source,
        "version": row.version,
        "status": row.status,
        **members,
        "history": orjson.loads(row.history),
    }


def _open(writer: Writer, id: str, expected: Expected) -> Any:
    row = _row(writer, id)
    if expected.versions is not None and row.version not in expected.versions:
        raise Stale(f"The candidate is at version {row.version}; read it again.")
    if row.status != CandidateStatus.open:
        raise Conflict(f"The candidate was {row.status} already; its history says by whom.")
    return row


def _keep(
    writer: Writer, row: Any, status: CandidateStatus, draft: dict[str, Any], done: str, why: Why
) -> None:
    changed = update(PROPOSAL).where(PROPOSAL.c.id == row.id)
    writer.execute(
        changed.values(
            status=status,
            version=row.version + 1,
            draft=orjson.dumps(draft).decode(),
            history=_history(row.history, done, why, ledger.now()),
        )
    )


def mend(writer: Writer, id: str, changes: dict[str, Any], expected: Expected, why: Why) -> None:
    """Change a draft by a merge patch of each part. Raises `InvalidInput` where what comes of it
    could not be a record, `Conflict` where it was judged already, `Stale`, `NotFound`."""
    row = _open(writer, id, expected)
    draft = _mended(writer, orjson.loads(row.draft), changes, row.source)
    _keep(writer, row, CandidateStatus.open, draft, "mended", why)


def _mended(
    connection: Connection, draft: dict[str, Any], changes: dict[str, Any], source: str
) -> dict[str, Any]:
    """The draft with the changes, anchored anew, if a record can be made of it."""
    made = {name: edit.merged(draft[name], changes.get(name) or {}) for name in _PARTS}
    faults: list[Fault] = []
    for name, references in (
        ("statement", {}),
        ("attribution", {"statement": "x", "source": source}),
    ):
        found = parse.change(RecordType(name), {"id": "x", **made[name], **references})
        if not isinstance(found, Change):
            faults += [replace(one, pointer=f"/{name}{one.pointer or ''}") for one in found]
    if not faults and any(changes.get(name) for name in _PARTS):
        text, _, _ = verification.private_text(connection, source)
        faults = anchors.renewed(draft, made, changes, text)
    if faults:
        raise InvalidInput.of(*faults)
    return {**draft, **made}


_PARTS = ("statement", "attribution")


def accept(
    writer: Writer,
    id: str,
    changes: dict[str, Any],
    into: str | None,
    expected: Expected,
    why: Why,
) -> None:
    """Write a candidate into the record by the ordinary road: as a new statement with its report,
    or as one more report of a statement that is there (`into`).

    The reason in the ledger names the rule. Raises as `mend` and `edit.create`.
    """
    row = _open(writer, id, expected)
    draft = orjson.loads(row.draft)
    draft = _mended(writer, draft, changes, row.source)
    told = f"read from the source's text by the rule {draft['rule']}"
    reason = f"{why.reason}; {told}" if why.reason else told
    report = draft["attribution"].pop("id", None) or edit.new_id()
    attribution = {
        **draft["attribution"],
        "id": report,
        "source": row.source,
        "status": draft["attribution"].get("status") or "reviewed",
        "parent": draft["attribution"].get("parent") or _accepted(writer, draft["parent"]),
    }
    if into is not None:
        members = {**attribution, "statement": into}
        _write(writer, RecordType.attribution, members, "/attribution", Why(why.agent, reason))
        statement = into
    else:
        members = {**draft["statement"], "attributions": [attribution]}
        content = members.get("content")
        if content and content == attribution.get("quoted_text"):
            members.setdefault("content_from", report)
        statement = _write(writer, RecordType.statement, members, "", Why(why.agent, reason))
    kept = {**draft, "statement": {}, "attribution": {}}
    kept["accepted"] = {"statement": statement, "attribution": report}
    _keep(writer, row, CandidateStatus.accepted, kept, "accepted", why)


def _accepted(connection: Connection, parent: str | None) -> str | None:
    """The attribution that the outer candidate became, if it was accepted."""
    if parent is None:
        return None
    query = select(PROPOSAL.c.draft).where(PROPOSAL.c.id == parent)
    draft = connection.scalar(query)
    accepted = orjson.loads(draft)["accepted"] if draft else None
    return accepted["attribution"] if accepted else None


def _write(
    writer: Writer, type: RecordType, members: dict[str, Any], pointer: str, why: Why
) -> str:
    """Create it; what is wrong is told by where it stands in the candidate."""
    try:
        return edit.create(writer, type, members, why)
    except InvalidInput as wrong:
        faults = []
        for one in wrong.faults:
            at = one.pointer or ""
            inner = at.removeprefix("/attributions/0")
            where = f"/attribution{inner}" if pointer or inner != at else f"/statement{at}"
            faults.append(replace(one, pointer=where))
        raise InvalidInput.of(*faults) from None


def reject(writer: Writer, id: str, expected: Expected, why: Why) -> None:
    """Say that a candidate is none. Raises `Conflict` where it was judged already, `Stale`,
    `NotFound`."""
    row = _open(writer, id, expected)
    _keep(writer, row, CandidateStatus.rejected, orjson.loads(row.draft), "rejected", why)


def forget(writer: Writer, type: RecordType, id: str) -> None:
    """Take out the drafts whose words a redaction of this record must not leave behind: those of a
    source, and those that repeat a statement. Accepted ones hold no words."""
    gone = delete(PROPOSAL)
    if type is RecordType.source:
        writer.execute(gone.where(PROPOSAL.c.source == id))
    elif type is RecordType.statement:
        repeats = PROPOSAL.c.draft.contains(f'"known":{{"statement":"{id}"', autoescape=True)
        judged = PROPOSAL.c.status == CandidateStatus.accepted
        writer.execute(gone.where(repeats, ~judged))
