"""Counting statements: over time, and by facet, with every filter of the lists.

What is counted are statements, once each, as `/v1/statements` lists them. A facet of reports or
figures looks only at those that fit the filters, so a value's count is what the same filters find
with that value added: as many as `count=exact` says. Topics take in their narrower ones, as the
filter does. Languages alone differ: `az` here is not `az-Cyrl`.

Dates are those that lists sort by, in UTC. The databases count days, as whole numbers, and Python
puts days together to weeks, months and years: there are few days, and so both databases and all
intervals agree.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

import orjson
from pydantic import Field
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)

from app.models import IDENTITIES, attribution, source, statement, topic
from app.models.base import EARLIEST, LATEST, RecordType
from app.models.counts import (
    Bucket,
    Count,
    Facet,
    FacetCounts,
    Facets,
    FacetValue,
    Grouping,
    GroupSeries,
    Interval,
    Series,
    Timeline,
    Undated,
)
from app.models.figure import FIGURE, PARTY
from app.models.statement import DateBasis
from app.store import filters, moment, read
from app.store.filters import AskedSpeakerStatus, Keys, StatementFilter
from app.store.labels import labelled
from app.store.moment import At, AtParams, alive
from app.store.page import Whole

MOST_GROUPS = 20
MAX_LIMIT = 100
USUAL = [Facet.speaker, Facet.topic, Facet.publisher, Facet.quotation_type]


class TimelineQuery(StatementFilter, AtParams):
    """What a timeline can be asked."""

    interval: Interval = Field(Interval.month, description="How long a bucket is.")
    group_by: Grouping | None = Field(
        None, description=f"Counts also by this: the {MOST_GROUPS} largest groups, and the others."
    )
    format: Literal["json"] | None = Field(  # type: ignore[assignment]  # fewer than of a list
        None, description="There is only `json`."
    )


class FacetQuery(StatementFilter, AtParams):
    """What facets can be asked."""

    facet: list[Facet] = Field(
        USUAL,
        max_length=100,
        description=f"What to count by; repeat for more. When absent: {', '.join(USUAL)}.",
    )
    limit: Whole = Field(
        20,
        ge=1,
        lt=2**63,
        description=f"Values of each facet; more than {MAX_LIMIT} is {MAX_LIMIT}.",
    )
    format: Literal["json"] | None = Field(  # type: ignore[assignment]  # fewer than of a list
        None, description="There is only `json`."
    )


# --- facets -------------------------------------------------------------------------------------

RECORDS: dict[Facet, RecordType] = {
    Facet.speaker: RecordType.actor,
    Facet.on_behalf_of: RecordType.actor,
    Facet.about: RecordType.actor,
    Facet.topic: RecordType.topic,
    Facet.source: RecordType.source,
    Facet.publisher: RecordType.actor,
    Facet.party: RecordType.actor,
}
"""The facets whose values are records."""


def facets(connection: Connection, asked: FacetQuery) -> Facets:
    """The statements that fit, counted by each facet: one query for each, and one for all."""
    at = moment.resolve(connection, asked.known_at)
    keys = filters.resolve(connection, asked)
    everything = _statements(asked, keys, at).subquery()
    total = connection.scalar(select(func.count()).select_from(everything)) or 0
    limit = min(asked.limit, MAX_LIMIT)
    counted = {}
    for facet in dict.fromkeys(asked.facet):
        pairs = _pairs(facet, asked, keys, at).cte("pairs")
        counted[facet] = _commonest(connection, facet, pairs, limit + 1)
    names = _names(connection, counted, at)
    return Facets(
        count=total,
        facets=[
            FacetCounts(
                facet=facet,
                values=[
                    FacetValue(value=one.id, label=names.get((facet, one.id)), count=one.statements)
                    for one in values[:limit]
                ],
                more=len(values) > limit,
                missing=total - (values[0].having if values else 0),
            )
            for facet, values in counted.items()
        ],
    )


def _statements(asked: StatementFilter, keys: Keys, at: At) -> Select[Any]:
    """The statements that fit."""
    versions, listing = statement.VERSION, statement.LISTING
    return (
        select(listing.c.statement)
        .join(versions, and_(versions.c.key == listing.c.statement, alive(versions, at)))
        .where(
            alive(listing, at),
            filters.reported_by(asked, keys, at),
            *filters.of_statements(asked, keys, at),
        )
    )


def _pairs(facet: Facet, asked: StatementFilter, keys: Keys, at: At) -> Select[Any]:
    """Every statement that fits with each of its values, once."""
    versions, reports = statement.VERSION, attribution.VERSION
    value: ColumnElement[Any]
    if facet in _OF_STATEMENTS:
        query = _statements(asked, keys, at)
    else:
        query = read.reports(asked, keys, at)
    match facet:
        case Facet.speech_act | Facet.polarity:
            value = versions.c[facet]
        case Facet.topic:
            part, above = statement.TOPIC, _broader(at)
            value = above.c.above
            query = query.join(part, part.c.seq == versions.c.seq)
            query = query.join(above, above.c.topic == part.c.topic)
        case Facet.about:
            part = statement.ABOUT
            value = part.c.actor
            query = query.join(part, part.c.seq == versions.c.seq)
        case Facet.relation:
            part = statement.RELATION
            value = part.c.type
            query = query.join(part, part.c.seq == versions.c.seq)
            if "related_to" in keys:  # in one same relation, as the filter asks
                query = query.where(part.c.statement.in_(keys["related_to"]))
        case Facet.source | Facet.quotation_type | Facet.factuality | Facet.status:
            value = reports.c[facet]
        case Facet.lang:
            value = func.lower(reports.c.lang)  # tags are blind to case (BCP 47, 2.1.1)
        case Facet.publisher:
            origin = source.VERSION
            value = origin.c.publisher
            same = and_(origin.c.key == reports.c.source, alive(origin, at))
            query = query.join(origin, same)
        case Facet.speaker | Facet.on_behalf_of:
            part = attribution.SPEAKER
            value = part.c["actor" if facet is Facet.speaker else "on_behalf_of"]
            query = query.join(part, part.c.seq == reports.c.seq)
        case Facet.speaker_status:
            part = attribution.SPEAKER
            nobody = literal(AskedSpeakerStatus.unattributed.value)
            named = type_coerce(part.c.status, String)
            value = case((reports.c.attributed.is_(False), nobody), else_=named)
            query = query.outerjoin(part, part.c.seq == reports.c.seq)
        case Facet.measure | Facet.population | Facet.party:
            query = query.join(FIGURE, FIGURE.c.seq == reports.c.seq)
            query = query.where(*filters.of_figures(asked, keys))
            value = PARTY.c.actor if facet is Facet.party else FIGURE.c[facet]
            if facet is Facet.party:
                same = and_(PARTY.c.seq == FIGURE.c.seq, PARTY.c.figure == FIGURE.c.position)
                query = query.join(PARTY, same)
    pairs: Select[Any] = query.with_only_columns(
        statement.LISTING.c.statement, value.label("value")
    )
    return pairs.where(value.is_not(None)).distinct()


_OF_STATEMENTS = {Facet.speech_act, Facet.polarity, Facet.topic, Facet.about, Facet.relation}


def _broader(at: At) -> CTE:
    """Every topic with itself and all that are broader, to any depth (as `filters.narrower`)."""
    identities, versions, broader = IDENTITIES[RecordType.topic], topic.VERSION, topic.BROADER
    start = select(identities.c.key.label("topic"), identities.c.key.label("above"))
    tree = start.cte("broader_topics", recursive=True)
    step = (
        select(tree.c.topic, broader.c.broader)
        .join(versions, versions.c.key == tree.c.above)
        .join(broader, broader.c.seq == versions.c.seq)
        .where(alive(versions, at))
    )
    return tree.union(step)


class _Value(NamedTuple):
    key: Any
    """How it stands in the tables."""
    id: str
    statements: int
    having: int
    """How many statements have this value or any other."""


def _commonest(connection: Connection, facet: Facet, pairs: CTE, limit: int) -> list[_Value]:
    """The values that most statements have; of those with equally many, the first by id."""
    having = select(func.count(pairs.c.statement.distinct())).correlate(None).scalar_subquery()
    counts = select(pairs.c.value, func.count().label("count"), having.label("having"))
    counts = counts.group_by(pairs.c.value)
    if facet not in RECORDS:  # few values, which each database would sort in its own way
        shown = _usual_case if facet is Facet.lang else str
        values = [_Value(key, shown(key), *rest) for key, *rest in connection.execute(counts)]
        return sorted(values, key=lambda one: (-one.statements, one.id))[:limit]
    counted, identity = counts.subquery(), IDENTITIES[RECORDS[facet]]
    query = (
        select(counted.c.value, identity.c.id, counted.c.count, counted.c.having)
        .join(identity, identity.c.key == counted.c.value)
        .order_by(counted.c.count.desc(), identity.c.id)
    )
    return [_Value(*row) for row in connection.execute(query.limit(limit))]


def _usual_case(tag: str) -> str:
    """A language tag as it is usually written (BCP 47, 2.1.1): `az-Cyrl`, `en-GB`."""
    first, *rest = tag.split("-")
    for place, part in enumerate(rest):
        if any(len(one) == 1 for one in rest[:place]) or not part.isalpha():
            continue  # after a singleton all is lower case
        rest[place] = part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part
    return "-".join([first, *rest])


def _names(
    connection: Connection, values: dict[Facet, list[_Value]], at: At
) -> dict[tuple[Facet, str], str | None]:
    """What the records among these values are called; one query for each type of record."""
    asked = [(facet, one.id) for facet in values if facet in RECORDS for one in values[facet]]
    if not asked:
        return {}
    marks = [orjson.dumps({f"${RECORDS[facet]}": id}).decode() for facet, id in asked]
    shown = map(orjson.loads, labelled(connection, "\n".join(marks), at).split("\n"))
    labels = [one.get("name") or one.get("label") or one.get("title") for one in shown]
    return dict(zip(asked, labels, strict=True))


# --- timeline -----------------------------------------------------------------------------------

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
    keys = filters.resolve(connection, asked)
    total = _days(connection, _statements(asked, keys, at))
    grouped: dict[str, Any] = {"groups": [], "others": None, "missing": None}
    if asked.group_by is not None:
        facet = Facet(asked.group_by)
        pairs = _pairs(facet, asked, keys, at)
        largest = _commonest(connection, facet, pairs.cte("pairs"), MOST_GROUPS)
        names = _names(connection, {facet: largest}, at)
        days, others, having = _days_of(connection, pairs, [one.key for one in largest])
        grouped["groups"] = [
            GroupSeries(
                value=one.id,
                label=names.get((facet, one.id)),
                **_series(days[one.key], asked.interval),
            )
            for one in largest
        ]
        grouped["others"] = Series(**_series(others, asked.interval))
        grouped["missing"] = Series(**_series(total - having, asked.interval))
    series = _series(total, asked.interval)
    return Timeline(**series, interval=asked.interval, group_by=asked.group_by, **grouped)


def _dates() -> list[ColumnElement[Any]]:
    """The first and the last day of the date in `LISTING`, and its basis."""
    listing = statement.LISTING
    shift = literal(_SINCE_YEAR_1, BigInteger)
    first = case((listing.c.lower > EARLIEST, (listing.c.lower + shift) // _DAY))
    last = case((listing.c.upper < LATEST, (listing.c.upper - 1 + shift) // _DAY))
    return [first.label("first"), last.label("last"), listing.c.basis]


def _days(connection: Connection, statements: Select[Any]) -> Days:
    """How many of the statements have which date."""
    days = statements.add_columns(*_dates()).subquery()
    dates = days.c.first, days.c.last, days.c.basis
    rows = connection.execute(select(*dates, func.count()).group_by(*dates))
    return Counter({(first, last, basis): count for first, last, basis, count in rows})


def _days_of(
    connection: Connection, pairs: Select[Any], values: list[Any]
) -> tuple[dict[Any, Days], Days, Days]:
    """The dates of the statements that have each of these values, any other, or any at all."""
    found: dict[Any, Days] = {value: Counter() for value in values}
    others: Days = Counter()
    having: Days = Counter()
    if not values:
        return found, others, having
    days = pairs.add_columns(*_dates()).cte("days")
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
    buckets: dict[date, Counter[str | None]] = {}
    imprecise: dict[str, Counter[str | None]] = {}
    open = unknown = 0
    for (first, last, basis), count in days.items():
        if basis is None:
            unknown += count
        elif first is None or last is None:
            open += count
        else:
            start, end = _calendar(first), _calendar(last)
            bucket = _start(start, interval)
            if bucket == _start(end, interval):
                buckets.setdefault(bucket, Counter())[basis] += count
            else:
                imprecise.setdefault(_coarser(start, end), Counter())[basis] += count
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
