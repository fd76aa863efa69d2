"""Import and export of the interchange file: long work as a generator of progress.

An import goes through its file batch by batch, each a transaction of its own, so that other
writers get their turn and what was cut off is finished by sending the file again. Where a record
refers to one further down that is not in the same batch, the rest of the file is looked through
first, as a dry run would, to learn which records it holds.
"""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import BinaryIO

from sqlalchemy import Connection

from app.db import Database
from app.errors import Fault
from app.models.base import RecordType
from app.store import ledger, parse, write
from app.store.plan import Plan
from app.store.write import Change, Checked, Outcome, Result

BATCH = 1_000
MAX_LINE = 64_000_000
"""Bytes of a line; a source's text is the longest thing that one holds."""
MAX_BATCH_BYTES = 8_000_000
MANY = 10_000
"""Changes after which the database should look anew at how its rows are spread."""


@dataclass(frozen=True, slots=True)
class LineReport:
    """What is wrong with a line, or (a warning) what was done with it that may surprise."""

    line: int
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return f"line {self.line}: " + "; ".join(map(str, self.faults))


@dataclass
class Progress:
    """How far an import has come: totals so far, and what the latest batch brought up."""

    lines: int = 0
    bytes: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: list[LineReport] = field(default_factory=list)
    warnings: list[LineReport] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    changes: list[Change] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    errors: list[LineReport] = field(default_factory=list)
    last_line: int = 0
    position: int = 0


def import_file(
    database: Database,
    file: BinaryIO,
    *,
    agent: str,
    reason: str | None = None,
    dry_run: bool = False,
    batch: int = BATCH,
) -> Iterator[Progress]:
    """Import an interchange file that can be sought in; yields after every batch.

    Good lines are kept whatever the others hold; a bad one is told with its number and all that
    is wrong with it. With `dry_run` nothing is written. Raises the problems of `Database.writer`.
    """
    progress = Progress()
    with Plan() as plan:
        if dry_run:
            yield from _survey(database, file, plan, progress, batch)
            return
        with database.primary.reader() as reader:
            began_at = ledger.head(reader).seq
        surveyed = False
        for one in _batches(file, batch):
            checked = None
            while checked is None:
                with database.writer() as writer:
                    checked = write.check(writer, one.changes, planned=plan.has)
                    if surveyed or not any(outcome.ahead for outcome in checked.outcomes):
                        write.write(writer, checked, agent=agent, reason=reason)
                        continue
                    checked = None
                _look_ahead(database, file, plan, one, batch)
                surveyed = True
            yield _count(progress, one, checked, began_at)
            del one, checked
            # SQLAlchemy leaves rings of objects behind, too few for Python to look for them soon.
            gc.collect(1)
    if progress.created + progress.updated >= MANY:
        database.count_rows()


def _look_ahead(database: Database, file: BinaryIO, plan: Plan, one: "_Batch", size: int) -> None:
    """Note the records that this batch and the rest of the file hold, and go back to where the
    file was read up to: beyond the end of the batch, which is known by the line that follows."""
    stands = file.tell()
    file.seek(one.position)
    with database.primary.reader() as reader:
        for batch in chain([one], _batches(file, size)):
            plan.add(_sketch(reader, plan, batch))
    plan.settle()
    file.seek(stands)


def _survey(
    database: Database, file: BinaryIO, plan: Plan, progress: Progress, size: int
) -> Iterator[Progress]:
    """A dry run: twice through the file, since the second time knows what the first found."""
    start = file.tell()
    with database.primary.reader() as reader, Plan() as seen:
        head = ledger.head(reader).seq
        for one in _batches(file, size):
            plan.add(_sketch(reader, plan, one))
        plan.settle()
        file.seek(start)
        for one in _batches(file, size):
            checked = write.check(reader, one.changes, earlier=seen, planned=plan.has)
            seen.add(checked)
            yield _count(progress, one, checked, head)


def _sketch(connection: Connection, plan: Plan, one: "_Batch") -> Checked:
    """Check a batch as if everything that it wants from further down were there."""
    return write.check(connection, one.changes, earlier=plan, planned=lambda _type, _id: True)


def _count(progress: Progress, one: _Batch, checked: Checked, began_at: int) -> Progress:
    errors, warnings = list(one.errors), []
    for line, outcome in zip(one.lines, checked.outcomes, strict=True):
        if outcome.result is Result.failed:
            errors.append(LineReport(line, outcome.faults))
            continue
        setattr(progress, outcome.result, getattr(progress, outcome.result) + 1)
        if outcome.result is Result.updated and (outcome.replaced_at or began_at + 1) > began_at:
            warnings.append(LineReport(line, (_twice(outcome),)))
    progress.lines, progress.bytes = one.last_line, one.position
    progress.failed += len(errors)
    progress.errors = sorted(errors, key=lambda report: report.line)
    progress.warnings = warnings
    return replace(progress)


def _twice(outcome: Outcome) -> Fault:
    type, id = outcome.change.name
    return Fault(
        f"{type} {id} stands earlier in this file with other content; this line is kept as "
        f"version {outcome.version}. If the two are different records, give one another id.",
        "duplicate_id",
        "/id",
    )


_MARK = b"\xef\xbb\xbf"
"""The byte order mark that some editors begin a file with."""


def _batches(file: BinaryIO, size: int) -> Iterator[_Batch]:
    """The file's lines, read and parsed, in batches bounded by number and by bytes."""
    one, number, started = _Batch(), 0, file.tell()
    while raw := file.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE)
            fault = Fault(f"longer than {MAX_LINE} bytes; split it", "too_long")
            one.errors.append(LineReport(number, (fault,)))
        elif (raw := raw.removeprefix(_MARK) if number == 1 else raw).strip():
            found = parse.line(raw)
            most = 2 * size if _belongs(found) else size
            if len(one.changes) >= most or one.position - started >= MAX_BATCH_BYTES:
                yield one
                one, started = _Batch(), one.position
            _take(one, number, found)
        one.last_line, one.position = number, file.tell()
    if one.last_line:
        yield one


def _belongs(found: Change | tuple[Fault, ...]) -> bool:
    """Whether a line belongs with those before it: a statement and its reports name each other."""
    return isinstance(found, Change) and found.record.type is RecordType.attribution


def _take(one: _Batch, number: int, found: Change | tuple[Fault, ...]) -> None:
    if isinstance(found, Change):
        one.changes.append(found)
        one.lines.append(number)
    else:
        one.errors.append(LineReport(number, found))
