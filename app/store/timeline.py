"""Timelines: how many statements were said when.

Dates are those that lists sort by, in UTC. The databases count days, as whole numbers, and Python
puts days together to weeks, months and years: there are few days, and so both databases and all
intervals agree.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    case,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from app.models import statement
from app.models.base import EARLIEST, LATEST
from app.models.counts import (
    Bucket,
    Count,
    Facet,
    Grouping,
    GroupSeries,
    Interval,
    Series,
    Timeline,
    Undated,
)
from app.models.statement import DateBasis
from app.store import conditions, moment
from app.store.counts import commonest, labels_of, pairs_of, statements
from app.store.filters import StatementFilter
from app.store.moment import At, AtParams
from app.store.resolve import Keys, resolve

MOST_GROUPS = 20


class TimelineQuery(StatementFilter, AtParams):
    """What a timeline can be asked."""

    interval: Interval = Field(Interval.month, description="How long a bucket is.")
    group_by: Grouping | None = Field(
        None, description=f"Counts also by this: the {MOST_GROUPS} largest groups, and the others."
    )
    format: Literal["json"] | None = Field(  # type: ignore[assignment]  # fewer than of a list
        None, description="There is only `json`."
    )


Dated = tuple[int | None, int | None, str | None]
"""The first and last day that a date may mean, counted like `date.toordinal` and None where it is
open; and what kind of date it is, None where there is no date."""

Days = Counter[Dated]

_DAY = 86_400
_SINCE_YEAR_1 = date(1970, 1, 1).toordinal() * _DAY
"""Seconds to add so that no date is below zero, where the databases would round upwards."""


def timeline(connection: Connection, asked: TimelineQuery) -> Timeline:
    """The statements that fit, counted over time."""
    at = moment.resolve(connection, asked.known_at)
    keys = resolve(connection, asked)
    sorted_already = keys.sqlite and _is_all(asked, keys, at)
    total = _days(connection, statements(asked, keys, at), sorted_already=sorted_already)
    grouped: dict[str, Any] = {"groups": [], "others": None, "missing": None}
    if asked.group_by is not None:
        facet = Facet(asked.group_by)
        pairs = pairs_of(facet, asked, keys, at, listed=True)
        largest = commonest(connection, facet, pairs, MOST_GROUPS)
        labels = labels_of(connection, {facet: largest}, at)
        days, others, having = _days_of(connection, pairs, [one.key for one in largest])
        grouped["groups"] = [
            GroupSeries(
                value=one.id,
                label=labels.get((facet, one.id)),
                **_series(days[one.key], asked.interval),
            )
            for one in largest
        ]
        grouped["others"] = Series(**_series(others, asked.interval))
        grouped["missing"] = Series(**_series(total - having, asked.interval))
    series = _series(total, asked.interval)
    return Timeline(**series, interval=asked.interval, group_by=asked.group_by, **grouped)


def _dates(lower: ColumnElement[int], upper: ColumnElement[int]) -> list[ColumnElement[Any]]:
    """The first and the last day of a date that lies between these bounds."""
    shift = literal(_SINCE_YEAR_1, BigInteger)
    first = case((lower > EARLIEST, (lower + shift) // _DAY))
    last = case((upper < LATEST, (upper - 1 + shift) // _DAY))
    return [first.label("first"), last.label("last")]


def _listed_dates() -> list[ColumnElement[Any]]:
    listing = statement.LISTING
    return [*_dates(listing.c.lower, listing.c.upper), listing.c.basis]


def _is_all(asked: StatementFilter, keys: Keys, at: At) -> bool:
    """Whether all that lists show is counted."""
    asks = conditions.asks_of_reports(asked) or conditions.asks_of_statements(asked, keys, at)
    return at is None and not (asks or asked.said_from or asked.said_to)


def _days(connection: Connection, statements: Select[Any], *, sorted_already: bool) -> Days:
    """How many of the statements have which date. Over everything SQLite has the dates in an index,
    in their order; PostgreSQL does not sort to count, and would only count twice."""
    one = literal_column("1", Integer).label("count")
    every = statements.add_columns(*_listed_dates(), one).subquery()
    if sorted_already:
        listing = statement.LISTING
        same = (listing.c.newest, listing.c.upper, listing.c.basis)  # `newest` is `lower` there
        spans = statements.with_only_columns(*same, func.count().label("count")).group_by(*same)
        each = spans.with_hint(listing, "INDEXED BY ix_listing_shown_dates", "sqlite").subquery()
        bounds = _dates(each.c.newest, each.c.upper)
        every = select(*bounds, each.c.basis, each.c["count"]).subquery()
    dates = every.c.first, every.c.last, every.c.basis
    rows = connection.execute(select(*dates, func.sum(every.c["count"])).group_by(*dates))
    return Counter({(first, last, basis): int(count) for first, last, basis, count in rows})


def _days_of(
    connection: Connection, pairs: Select[Any], values: list[Any]
) -> tuple[dict[Any, Days], Days, Days]:
    """The dates of the statements that have each of these values, any other, or any at all."""
    found: dict[Any, Days] = {value: Counter() for value in values}
    others: Days = Counter()
    having: Days = Counter()
    if not values:
        return found, others, having
    days = pairs.add_columns(*_listed_dates()).distinct().cte("days")
    dates = days.c.first, days.c.last, days.c.basis
    listed = days.c.value.in_(values)
    by_value = select(*dates, days.c.value, func.count(), literal_column("0", Integer))
    # One row for each statement, whose values have all the same date, then one for each date:
    # quicker than to count distinct statements.
    other = func.max(case((listed, 0), else_=1)).label("other")
    once = select(*[func.max(one).label(one.name) for one in dates], other)
    one = once.group_by(days.c.statement).subquery()
    same = one.c.first, one.c.last, one.c.basis
    at_all = select(*same, null(), func.count(), func.sum(one.c.other)).group_by(*same)
    query = union_all(by_value.where(listed).group_by(*dates, days.c.value), at_all)
    for first, last, basis, value, count, of_others in connection.execute(query):
        dated = first, last, basis
        if value is None:
            having[dated] = count
            others[dated] = int(of_others)
        else:
            found[value][dated] = count
    return found, +others, having


def _series(days: Days, interval: Interval) -> dict[str, Any]:
    """The members of a `Series`."""
    buckets: dict[date, Counter[str | None]] = defaultdict(Counter)
    imprecise: dict[str, Counter[str | None]] = defaultdict(Counter)
    open = unknown = 0
    for (first, last, basis), count in days.items():
        if basis is None:
            unknown += count
        elif first is None or last is None:
            open += count
        else:
            bucket = _bucket(first, interval)
            if first == last or bucket == _bucket(last, interval):
                buckets[bucket][basis] += count
            else:
                imprecise[_coarser(_calendar(first), _calendar(last))][basis] += count
    return {
        "count": days.total(),
        "buckets": [
            Bucket(start=start.isoformat(), **_count(_name(start, interval), buckets[start]))
            for start in sorted(buckets)
        ],
        "imprecise": [Count(**_count(name, imprecise[name])) for name in sorted(imprecise)],
        "undated": Undated(count=open + unknown, open=open, unknown=unknown),
    }


def _count(name: str, counts: Counter[str | None]) -> dict[str, Any]:
    said, reported = counts[DateBasis.said], counts[DateBasis.reported]
    return {"date": name, "count": said + reported, "said": said, "reported": reported}


def _calendar(day: int) -> date:
    """A day; one that a zone pushes out of the years 1 to 9999 is the nearest that is in them."""
    return date.fromordinal(min(max(day, date.min.toordinal()), date.max.toordinal()))


@lru_cache(maxsize=100_000)
def _bucket(day: int, interval: Interval) -> date:
    """The first day of the bucket that a day is in."""
    return _start(_calendar(day), interval)


def _start(day: date, interval: Interval) -> date:
    """The first day of the bucket that a day is in."""
    match interval:
        case Interval.day:
            return day
        case Interval.week:
            return day - timedelta(days=day.weekday())
        case Interval.month:
            return day.replace(day=1)
        case Interval.year:
            return day.replace(month=1, day=1)


def _name(start: date, interval: Interval) -> str:
    """A bucket in EDTF, which has no weeks: a week is an interval from Monday to Sunday."""
    match interval:
        case Interval.day:
            return start.isoformat()
        case Interval.week:
            return f"{start}/{_calendar(start.toordinal() + 6)}"
        case Interval.month:
            return start.isoformat()[:7]
        case Interval.year:
            return start.isoformat()[:4]


def _coarser(start: date, end: date) -> str:
    """The month, else the year, else the years that hold both days."""
    for interval in (Interval.month, Interval.year):
        if _start(start, interval) == _start(end, interval):
            return _name(start, interval)
    return f"{_name(start, Interval.year)}/{_name(end, Interval.year)}"
