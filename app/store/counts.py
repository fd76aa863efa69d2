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
from typing import Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    select,
    type_coerce,
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
    limit: int = Field(
        20, ge=1, description=f"Values of each facet; more than {MAX_LIMIT} is {MAX_LIMIT}."
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
    """The statements that fit, counted by each facet; two queries for each, and one for all."""
    at = moment.resolve(connection, asked.known_at)
    keys = filters.resolve(connection, asked)
    everything = _statements(asked, keys, at).subquery()
    total = connection.scalar(select(func.count()).select_from(everything)) or 0
    limit = min(asked.limit, MAX_LIMIT)
    counted = []
    for facet in dict.fromkeys(asked.facet):
        pairs = _pairs(facet, asked, keys, at).cte("pairs")
        having = connection.scalar(select(func.count(pairs.c.statement.distinct()))) or 0
        values = _commonest(connection, facet, pairs, limit + 1)
        counted.append((facet, values, total - having))
    ids = {facet: [id for _, id, _ in values] for facet, values, _ in counted}
    names = _names(connection, ids, at)
    return Facets(
        count=total,
        facets=[
            FacetCounts(
                facet=facet,
                values=[
                    FacetValue(value=id, label=names.get((facet, id)), count=count)
                    for _, id, count in values[:limit]
                ],
                more=len(values) > limit,
                missing=missing,
            )
            for facet, values, missing in counted
        ],
    )


def _statements(asked: StatementFilter, keys: Keys, at: At) -> Select[Any]:
    """The statements that fit, with what they are dated by."""
    versions, listing = statement.VERSION, statement.LISTING
    return (
        select(listing.c.statement, listing.c.lower, listing.c.upper, listing.c.basis)
        .join(versions, and_(versions.c.key == listing.c.statement, alive(versions, at)))
        .where(
            alive(listing, at),
            filters.reported_by(asked, keys, at),
            *filters.of_statements(asked, keys, at),
        )
    )


def _pairs(facet: Facet, asked: StatementFilter, keys: Keys, at: At) -> Select[Any]:
    """Every statement that fits with each of its values, once; and what it is dated by."""
    listing, versions, reports = statement.LISTING, statement.VERSION, attribution.VERSION
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
        case Facet.source | Facet.quotation_type | Facet.factuality | Facet.lang | Facet.status:
            value = reports.c[facet]
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
    dated = listing.c.lower, listing.c.upper, listing.c.basis
    pairs: Select[Any] = query.with_only_columns(listing.c.statement, *dated, value.label("value"))
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


Value = tuple[Any, str, int]
"""How a value stands in the tables, how it is answered, and how many statements have it."""


def _commonest(connection: Connection, facet: Facet, pairs: CTE, limit: int) -> list[Value]:
    """The values that most statements have; of those with equally many, the first by name."""
    counts = select(pairs.c.value, func.count().label("count")).group_by(pairs.c.value)
    if facet not in RECORDS:  # few values, which need not come from the database in order
        rows = [(value, str(value), count) for value, count in connection.execute(counts)]
        return sorted(rows, key=lambda row: (-row[2], row[1]))[:limit]
    counted, identity = counts.subquery(), IDENTITIES[RECORDS[facet]]
    query = (
        select(counted.c.value, identity.c.id, counted.c.count)
        .join(identity, identity.c.key == counted.c.value)
        .order_by(counted.c.count.desc(), identity.c.id)
    )
    return [row._tuple() for row in connection.execute(query.limit(limit))]


def _names(
    connection: Connection, ids: dict[Facet, list[str]], at: At
) -> dict[tuple[Facet, str], str | None]:
    """What the records among these values are called; one query for each type of record."""
    asked = [(facet, id) for facet in ids if facet in RECORDS for id in ids[facet]]
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
    interval = asked.interval
    total = _days(connection, _statements(asked, keys, at))
    grouped: dict[str, Any] = {"groups": [], "others": None, "missing": None}
    if asked.group_by is not None:
        facet = Facet(asked.group_by)
        pairs = _pairs(facet, asked, keys, at)
        largest = _commonest(connection, facet, pairs.cte("pairs"), MOST_GROUPS)
        taken = [value for value, _, _ in largest]
        days = _days_by_value(connection, pairs, taken)
        names = _names(connection, {facet: [id for _, id, _ in largest]}, at)
        grouped["groups"] = [
            GroupSeries(value=id, label=names.get((facet, id)), **_series(days[value], interval))
            for value, id, _ in largest
        ]
        each = pairs.subquery()
        rest = select(each.c.statement, each.c.lower, each.c.upper, each.c.basis).distinct()
        others = _days(connection, rest.where(each.c.value.not_in(taken)))
        grouped["others"] = Series(**_series(others, interval))
        grouped["missing"] = Series(**_series(total - _days(connection, rest), interval))
    series = _series(total, interval)
    return Timeline(**series, interval=interval, group_by=asked.group_by, **grouped)


def _days(connection: Connection, statements: Select[Any]) -> Days:
    """How many of the statements have which date."""
    days = _dated(statements)
    query = select(days.c.first, days.c.last, days.c.basis, func.count())
    rows = connection.execute(query.group_by(days.c.first, days.c.last, days.c.basis))
    return Counter({(first, last, basis): count for first, last, basis, count in rows})


def _days_by_value(
    connection: Connection, pairs: Select[Any], values: list[Any]
) -> dict[Any, Days]:
    found: dict[Any, Days] = {value: Counter() for value in values}
    days = _dated(pairs)
    columns = days.c.value, days.c.first, days.c.last, days.c.basis
    query = select(*columns, func.count()).where(days.c.value.in_(values)).group_by(*columns)
    for value, first, last, basis, count in connection.execute(query) if values else ():
        found[value][first, last, basis] = count
    return found


def _dated(statements: Select[Any]) -> Any:
    """The same rows with the `first` and `last` day of their dates."""
    rows = statements.subquery()
    shift = literal(_SINCE_YEAR_1, BigInteger)
    first = case((rows.c.lower > EARLIEST, (rows.c.lower + shift) // _DAY))
    last = case((rows.c.upper < LATEST, (rows.c.upper - 1 + shift) // _DAY))
    return select(*rows.c, first.label("first"), last.label("last")).subquery()


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
