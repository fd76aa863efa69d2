"""The one road to a change: check a batch, append it to the ledger, lay it out in the tables.

One record or ten thousand, from a file or over HTTP: `check` says what each change comes to and
`write` does it. Neither commits; the connection of `Database.writer` does, when it is left.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from app.db import Writer
from app.errors import Fault, short
from app.models import RECORDS, REVISION, SNAPSHOT
from app.models.base import Record, RecordType, State, Target
from app.models.revision import ChangeKind
from app.rows import among, insert_rows
from app.store import ledger, project, tree
from app.store.nesting import Earlier, Nesting, Stand
from app.store.project import Known, Name
from app.store.references import Mark, rewritten


class Result(StrEnum):
    created = "created"
    updated = "updated"
    unchanged = "unchanged"
    failed = "failed"


@dataclass(slots=True)
class Change:
    """A record that shall stand as it is here. `body` is its canonical JSON, `text` a source's
    private snapshot."""

    record: Record
    body: bytes
    text: str | None = None
    held: frozenset[Name] = frozenset()
    """What its present version names already, and may go on to name whatever became of it."""
    body_hash: str = field(init=False)
    name: Name = field(init=False)
    targets: tuple[Target, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.body_hash = ledger.body_hash(self.body)
        self.name = (self.record.type, self.record.id)
        self.targets = tuple(self.record.targets())


@dataclass(slots=True)
class Outcome:
    """What a change comes to: its result, the version it makes, or what is wrong with it."""

    change: Change
    result: Result
    version: int = 0
    faults: tuple[Fault, ...] = ()
    ahead: bool = False
    """Whether it fails only for want of records that may yet come."""
    replaced_at: int | None = None
    """The sequence number of the version that it replaces; None if that is not written yet."""


NOTHING_EARLIER = Earlier()

Planned = Callable[[RecordType, str], bool]
"""Whether a record is known to come later from the same file."""


@dataclass(slots=True)
class Checked:
    """A batch that was looked through: an outcome for each change, and what the store knows."""

    outcomes: list[Outcome]
    known: dict[Name, Known]


def check(
    connection: Connection,
    changes: Sequence[Change],
    *,
    earlier: Earlier = NOTHING_EARLIER,
    planned: Planned = lambda _type, _id: False,
) -> Checked:
    """Say what each change would come to, in order; nothing is written.

    A change may refer to what the store has, to a change before it in the batch, and, where the
    model allows it, to one after it or to what is `planned`.
    """
    names = {change.name for change in changes}
    for change in changes:
        names.update((target.type, target.id) for target in change.targets)
    known = project.identities(connection, names)
    if any(one.state is State.merged for one in known.values()):
        changes = [_led_on(connection, change, known) for change in changes]
    nesting = Nesting(connection, [one.record for one in changes], earlier)
    outcomes = [Outcome(change, Result.failed) for change in changes]
    failed: set[int] = set()
    while True:  # a change that fails may take others with it that refer to it
        coming = {one.name for at, one in enumerate(changes) if at not in failed}
        arrived: dict[Name, Stand] = {}
        has = _Reach(known, arrived, earlier, coming, planned)
        nesting.taken.clear()
        before = len(failed)
        for at, change in enumerate(changes):
            if at in failed:
                continue
            outcomes[at] = outcome = _judge(
                change,
                known.get(change.name),
                arrived.get(change.name) or earlier.stand(*change.name),
            )
            if outcome.result not in (Result.unchanged, Result.failed):
                outcome.faults, outcome.ahead = has.faults(change)
                is_known = outcome.result is Result.updated
                outcome.faults += nesting.faults(change.record, is_known=is_known)
                if outcome.faults:
                    outcome.result = Result.failed
            if outcome.result is Result.failed:
                failed.add(at)
            elif outcome.result is not Result.unchanged:
                arrived[change.name] = (outcome.version, change.body_hash)
                nesting.take(change.record)
        if len(failed) == before:
            return Checked(outcomes, known)


def _led_on(connection: Connection, change: Change, known: dict[Name, Known]) -> Change:
    """The change with the surviving ids where it names records that were merged; what it said of
    one that was merged into its own record falls away, as it did with the merger."""
    heirs: dict[Mark, str | None] = {}
    for target in change.targets:
        name = (target.type, target.id)
        if (found := known.get(name)) and found.state is State.merged:
            heir = project.survivor(connection, *name)
            heirs[name] = None if (target.type, heir) == change.name else heir
            known.update(project.identities(connection, [(target.type, heir)]))
    if not heirs:
        return change
    record_type = change.record.type
    body = rewritten(record_type, change.body.decode(), heirs)
    return replace(
        change, record=RECORDS[record_type].model_validate_json(body), body=body.encode()
    )


def _judge(change: Change, known: Known | None, arrived: Stand | None) -> Outcome:
    if arrived:
        version, body_hash = arrived
    elif known is None or known.state is State.awaited:
        return Outcome(change, Result.created, 1)
    elif known.state is not State.live:
        way = "send it under another id"
        detail = f"{change.record.type} {short(change.record.id)} was {known.state}; {way}"
        return Outcome(change, Result.failed, 0, (Fault(detail, str(known.state), "/id"),))
    else:
        version, body_hash = known.version, known.body_hash or ""
    if body_hash == change.body_hash:
        return Outcome(change, Result.unchanged, version)
    replaced = None if arrived or known is None else known.seq
    return Outcome(change, Result.updated, version + 1, replaced_at=replaced)


@dataclass(slots=True)
class _Reach:
    """What a change at its place in the batch may refer to."""

    known: dict[Name, Known]
    arrived: dict[Name, Stand]
    earlier: Earlier
    coming: set[Name]
    planned: Planned

    def faults(self, change: Change) -> tuple[tuple[Fault, ...], bool]:
        """What is missing, and whether all of it may yet come from further down the file."""
        missing = [
            target
            for target in change.targets
            if (target.type, target.id) not in change.held and not self._has(target)
        ]
        return tuple(map(_missing, missing)), bool(missing) and all(one.ahead for one in missing)

    def _has(self, target: Target) -> bool:
        name = (target.type, target.id)
        found = self.known.get(name)
        if name in self.arrived or (found and found.state in (State.live, State.merged)):
            return True
        if self.earlier.stand(*name):
            return True
        return target.ahead and (name in self.coming or self.planned(*name))


def _missing(target: Target) -> Fault:
    where = "in the store or in the file" if target.ahead else "in the store or earlier in the file"
    detail = f"there is no {target.type} {short(target.id)} {where}; add it, or mend the id"
    return Fault(detail, "unknown_reference", target.pointer)


def write(
    writer: Writer,
    checked: Checked,
    *,
    agent: str,
    reason: str | None = None,
    change: ChangeKind = ChangeKind.updated,
) -> None:
    """Do what `check` found to be in order, on the same connection.

    `agent` is who answers for it, `change` says of new versions whether the world changed or we
    were wrong. Afterwards the ledger holds a revision for every created or updated outcome.
    """
    _keep_texts(
        writer,
        [one.change for one in checked.outcomes if one.result is not Result.failed],
    )
    entries = [
        Entry(
            one.change.name,
            one.version,
            ChangeKind.created if one.result is Result.created else change,
            one.change.body,
            one.change.record,
            one.change.body_hash,
        )
        for one in checked.outcomes
        if one.result in (Result.created, Result.updated)
    ]
    append(writer, entries, agent=agent, reason=reason, known=checked.known)


class Entry(NamedTuple):
    """A revision that is to be appended; its record is None where it ends the record."""

    name: Name
    version: int
    change: ChangeKind
    body: bytes | None
    record: Record | None
    body_hash: str | None = None
    """For a caller that has made it already."""


def append(
    writer: Writer,
    entries: Sequence[Entry],
    *,
    agent: str,
    reason: str | None,
    known: dict[Name, Known] | None = None,
) -> None:
    """Append revisions to the ledger and lay them out in the tables.

    `known` is as `project.apply` takes it.
    """
    if not entries:
        return
    head = ledger.head(writer)
    # The clock may go back; the ledger does not.
    recorded_at = max(ledger.now(), head.recorded_at)
    steps, texts, previous = [], [], head.hash
    for seq, entry in enumerate(entries, start=head.seq + 1):
        type, id = entry.name
        revision: dict[str, Any] = {
            "seq": seq,
            "recorded_at": recorded_at,
            "type": type,
            "id": id,
            "version": entry.version,
            "change": entry.change,
            "reason": reason,
            "agent": agent,
            "body": None if entry.body is None else entry.body.decode(),
            "body_hash": entry.body_hash or ledger.body_hash(entry.body or b""),
            "previous_hash": previous,
        }
        texts.append(ledger.entry(revision))
        revision["hash"] = previous = ledger.entry_hash(texts[-1])
        steps.append(project.Step(revision, entry.record))
    insert_rows(writer, REVISION, [step.revision for step in steps])
    tree.grow(writer, head.seq, texts)
    project.apply(writer, steps, known)


def _keep_texts(writer: Writer, changes: Iterable[Change]) -> None:
    texts = {
        change.record.sha256: change.text  # type: ignore[attr-defined]  # only sources bring one
        for change in changes
        if change.text is not None
    }
    if not texts:
        return
    there = writer.scalars(select(SNAPSHOT.c.sha256).where(among(writer, SNAPSHOT.c.sha256, texts)))
    for sha256 in there:
        del texts[sha256]
    if texts:
        writer.execute(insert(SNAPSHOT), [{"sha256": k, "text": v} for k, v in texts.items()])
