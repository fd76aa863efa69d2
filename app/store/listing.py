"""Where statements stand in lists: dated by the day they were said, else by the earliest report.

`follow` walks a batch of new versions in the order of the ledger, so that the derived rows are
the same whatever the size of the batches, and the tables can be made again from the ledger.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Table, select

from app.models import attribution, source, statement
from app.models.attribution import Factuality, ReviewStatus
from app.models.base import EARLIEST, LATEST, RecordType
from app.models.statement import LISTING, DateBasis
from app.rows import among


class Change(NamedTuple):
    """A new version of a record, or its end where `row` is None."""

    type: RecordType
    key: int
    seq: int
    row: dict[str, Any] | None


class Report(NamedTuple):
    statement: int
    source: int
    dated: bool
    lower: int | None
    upper: int | None
    counts: bool
    disputed: bool


Span = tuple[int | None, int | None]


@dataclass
class _State:
    """What the dating of the statements at hand depends on."""

    said: dict[int, Span | None] = field(default_factory=dict)
    reports: dict[int, Report] = field(default_factory=dict)
    by_statement: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_source: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    published: dict[int, Span | None] = field(default_factory=dict)
    listed: dict[int, dict[str, Any]] = field(default_factory=dict)

    def put(self, key: int, report: Report | None) -> set[int]:
        """Take in a report's new version; returns the statements that it touches."""
        touched = set()
        if old := self.reports.pop(key, None):
            self.by_statement[old.statement].discard(key)
            self.by_source[old.source].discard(key)
            touched.add(old.statement)
        if report:
            self.reports[key] = report
            self.by_statement[report.statement].add(key)
            self.by_source[report.source].add(key)
            touched.add(report.statement)
        return touched

    def place(self, key: int) -> dict[str, Any] | None:
        """Where a statement stands now; None when it is in no list."""
        if key not in self.said:
            return None
        reports = [self.reports[one] for one in self.by_statement.get(key, ())]
        counting = [report for report in reports if report.counts]
        span, basis = self.said[key], DateBasis.said
        if span is None:
            dates = [date for date in map(self.date, counting) if date]
            span = min(dates, key=_sort_key) if dates else None
            basis = DateBasis.reported
        shown = {
            "reported": bool(counting) or not reports,
            "disputed": any(report.disputed for report in reports),
        }
        bounds: dict[str, Any]
        if span is None:
            bounds = {"basis": None, "lower": None, "upper": None}
            return {**bounds, "newest": EARLIEST - 1, "oldest": LATEST, **shown}
        lower, upper = _sort_key(span)
        bounds = {"basis": basis, "lower": lower, "upper": upper}
        return {**bounds, "newest": lower, "oldest": lower, **shown}

    def date(self, report: Report) -> Span | None:
        if report.dated:
            return (report.lower, report.upper)
        return self.published.get(report.source)


def _sort_key(span: Span) -> tuple[int, int]:
    lower, upper = span
    return EARLIEST if lower is None else lower, LATEST if upper is None else upper


class Moves(NamedTuple):
    """Listing rows that begin, and those that end: of which statement, at which revision."""

    begun: list[dict[str, Any]]
    ended: list[dict[str, int]]


def follow(
    connection: Connection, changes: Iterable[Change], first_new: Mapping[RecordType, int]
) -> Moves:
    """How the listing moves with the given changes, which are not yet written; of keys from
    `first_new` on, the store has nothing."""
    changes = [change for change in changes if change.type in _TYPES]
    return _walk(_load(connection, changes, first_new), changes) if changes else Moves([], [])


def replay(connection: Connection, statements: Collection[int]) -> list[dict[str, Any]]:
    """All that the listing of these statements ever was, after the versions that still stand."""
    reports = attribution.VERSION
    reported = select(reports.c.key).where(reports.c.statement.in_(statements))
    changes = _history(connection, RecordType.statement, set(statements))
    spoken = _history(connection, RecordType.attribution, set(connection.scalars(reported)))
    sources = {change.row["source"] for change in spoken if change.row}
    changes += spoken + _history(connection, RecordType.source, sources)
    moves = _walk(_State(), sorted(changes, key=lambda change: change.seq))
    return [row for row in moves.begun if row["statement"] in statements]


def _history(connection: Connection, type: RecordType, keys: set[int]) -> list[Change]:
    """Every version that these records had, and every end without another after it."""
    table = _VERSIONS[type]
    query = select(*[column for column in table.c if column.name != "document"])
    rows = [dict(row) for row in connection.execute(query.where(table.c.key.in_(keys))).mappings()]
    begun = {row["seq"] for row in rows}
    ends = [row for row in rows if row["until"] is not None and row["until"] not in begun]
    return [Change(type, row["key"], row["seq"], row) for row in rows] + [
        Change(type, row["key"], row["until"], None) for row in ends
    ]


def _walk(state: _State, changes: Iterable[Change]) -> Moves:
    begun: list[dict[str, Any]] = []
    ended: list[dict[str, int]] = []
    started: dict[int, dict[str, Any]] = {}  # the listing rows of this batch that are still open
    for change in changes:
        for key in _take(state, change):
            place, before = state.place(key), state.listed.get(key)
            if place == before:
                continue
            if before is not None:
                if key in started:
                    started.pop(key)["until"] = change.seq
                else:
                    ended.append({"of": key, "at": change.seq})
                del state.listed[key]
            if place is not None:
                row = {"statement": key, "seq": change.seq, "until": None, **place}
                state.listed[key], started[key] = place, row
                begun.append(row)
    return Moves(begun, ended)


_VERSIONS = {
    RecordType.source: source.VERSION,
    RecordType.statement: statement.VERSION,
    RecordType.attribution: attribution.VERSION,
}
_TYPES = tuple(_VERSIONS)


def _take(state: _State, change: Change) -> set[int]:
    row = change.row
    if change.type is RecordType.statement:
        if row is None:
            state.said.pop(change.key, None)
        else:
            span = (row["said_lower"], row["said_upper"])
            state.said[change.key] = span if row["dated"] else None
        return {change.key}
    if change.type is RecordType.source:
        state.published[change.key] = None if row is None else _published(row)
        return {state.reports[one].statement for one in state.by_source.get(change.key, ())}
    return state.put(change.key, None if row is None else _report(row))


def _published(row: Any) -> Span | None:
    return (row["published_lower"], row["published_upper"]) if row["dated"] else None


def _report(row: Any) -> Report:
    counts = row["factuality"] == Factuality.actual and row["status"] != ReviewStatus.rejected
    bounds = (row["dated"], row["reported_lower"], row["reported_upper"])
    disputed = row["status"] == ReviewStatus.disputed
    return Report(row["statement"], row["source"], *bounds, counts, disputed)


def _load(
    connection: Connection, changes: list[Change], first_new: Mapping[RecordType, int]
) -> _State:
    """What the store knows of everything that the changes touch."""
    state = _State()
    keys: dict[RecordType, set[int]] = {type: set() for type in _TYPES}
    for change in changes:
        if change.key < first_new[change.type]:
            keys[change.type].add(change.key)
    reports, sources, statements = (
        attribution.VERSION,
        source.VERSION,
        statement.VERSION,
    )
    coming = [
        change.row for change in changes if change.type is RecordType.attribution and change.row
    ]

    first = first_new[RecordType.statement]
    touched = {row["statement"] for row in coming if row["statement"] < first}
    touched |= keys[RecordType.statement]
    if keys[RecordType.attribution] or keys[RecordType.source]:
        moved = select(reports.c.statement).where(
            reports.c.until.is_(None),
            among(connection, reports.c.key, keys[RecordType.attribution])
            | among(connection, reports.c.source, keys[RecordType.source]),
        )
        touched.update(connection.scalars(moved.distinct()))

    for row in _present(connection, statements, "key", touched, "dated said_lower said_upper"):
        span = (row["said_lower"], row["said_upper"])
        state.said[row["key"]] = span if row["dated"] else None
    members = "key source dated reported_lower reported_upper factuality status"
    for row in _present(connection, reports, "statement", touched, members):
        state.put(row["key"], _report(row))
    first = first_new[RecordType.source]
    needed = {report.source for report in state.reports.values()}
    needed |= {row["source"] for row in coming if row["source"] < first}
    members = "dated published_lower published_upper"
    for row in _present(connection, sources, "key", needed, members):
        state.published[row["key"]] = _published(row)
    members = "basis lower upper newest oldest reported disputed"
    for row in _present(connection, LISTING, "statement", touched, members):
        place = dict(row)
        state.listed[place.pop("statement")] = place
    return state


def _present(
    connection: Connection, table: Table, column: str, keys: set[int], members: str
) -> Iterable[RowMapping]:
    """The present rows whose `column` is among `keys`, with that column and `members`."""
    columns = [table.c[column], *(table.c[name] for name in members.split())]
    query = select(*columns).where(
        table.c.until.is_(None), among(connection, table.c[column], keys)
    )
    return connection.execute(query).mappings() if keys else ()
