"""Counting statements: over time, and by facet, with every filter of the lists.

What is counted are statements, once each, as `/v1/statements` lists them. A facet of reports or
figures looks only at those that fit the filters, so a value's count is what the same filters find
with that value added: as many as `count=exact` says. Topics take in their narrower ones, as the
filter does. Languages alone differ: `az` here is not `az-Cyrl`.

Dates are those that lists sort by, in UTC. The databases count days, as whole numbers, and Python
puts days together to weeks, months and years: there are few days, and so both databases and all
intervals agree.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
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
from app.models.attribution import Factuality, QuotationType, ReviewStatus
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
from app.models.figure import FIGURE, PARTY, Measure, Population
from app.models.statement import DateBasis, RelationType
from app.store import conditions, moment, read
from app.store.filters import AskedSpeakerStatus, StatementFilter
from app.store.labels import labelled
from app.store.moment import At, AtParams, alive
from app.store.page import Whole
from app.store.resolve import Keys, resolve

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
    keys = resolve(connection, asked)
    everything = _statements(asked, keys, at).subquery()
    total = connection.scalar(select(func.count()).select_from(everything)) or 0
    limit = min(asked.limit, MAX_LIMIT)
    counted = {
        facet: _commonest(connection, facet, _pairs(facet, asked, keys, at), limit + 1)
        for facet in dict.fromkeys(asked.facet)
    }
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


def _statements(
    asked: StatementFilter, keys: Keys, at: At, *, with_versions: bool = False
) -> Select[Any]:
    """The statements that fit, by where they stand in lists; joined with their versions where
    something is asked of these."""
    versions, listing = statement.VERSION, statement.LISTING
    query = select(listing.c.statement.label("statement")).where(
        alive(listing, at),
        conditions.reported_by(asked, keys, at),
        *conditions.of_dates(asked, keys),
    )
    if not with_versions and not conditions.asks_of_statements(asked, keys, at):
        return query
    query = query.join(versions, and_(versions.c.key == listing.c.statement, alive(versions, at)))
    return query.where(*conditions.of_statements(asked, keys, at, dates=False))


def _reports(asked: StatementFilter, keys: Keys, at: At, *, listed: bool) -> Select[Any]:
    """The attributions that fit; joined with their statements, and with where these stand in lists,
    where something is asked of them or it is to be `listed`."""
    reports, listing = attribution.VERSION, statement.LISTING
    asks = asked.said_from or asked.said_to or conditions.asks_of_statements(asked, keys, at)
    if listed or asks or asked.member_of or at is not None:
        return read.reports(asked, keys, at).with_only_columns(listing.c.statement)
    identity = IDENTITIES[RecordType.statement]
    # A report stays when its statement is retracted; to leave out these few is quicker than to look
    # for the statement of each report.
    ended = select(identity.c.key).where(identity.c.state != literal_column("'live'"))
    query = select(reports.c.statement).where(
        alive(reports),
        *conditions.of_reports(asked, keys, at, listing),
        reports.c.statement.not_in(ended),
    )
    return (
        query
        if conditions.asks_of_reports(asked)
        else conditions.without_documents(query, reports, at)
    )


def _pairs(
    facet: Facet, asked: StatementFilter, keys: Keys, at: At, *, listed: bool = False
) -> Select[Any]:
    """Every statement that fits with each of its values, as often as it has them."""
    versions, reports = statement.VERSION, attribution.VERSION
    value: ColumnElement[Any]
    if facet in _OF_STATEMENTS:
        query = _statements(asked, keys, at, with_versions=True)
    else:
        query = _reports(asked, keys, at, listed=listed)
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
            versions = source.VERSION
            # Gathered beforehand: reports are many, and sources are few but large.
            by = select(versions.c.key, versions.c.publisher).where(
                alive(versions, at), versions.c.publisher.is_not(None)
            )
            origin = by.cte("publishers").prefix_with("MATERIALIZED")
            value = origin.c.publisher
            query = query.join(origin, origin.c.key == reports.c.source)
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
            query = query.where(*conditions.of_figures(asked, keys))
            value = PARTY.c.actor if facet is Facet.party else FIGURE.c[facet]
            if facet is Facet.party:
                same = and_(PARTY.c.seq == FIGURE.c.seq, PARTY.c.figure == FIGURE.c.position)
                query = query.join(PARTY, same)
    return query.add_columns(value.label("value")).where(value.is_not(None))


_OF_STATEMENTS = {Facet.speech_act, Facet.polarity, Facet.topic, Facet.about, Facet.relation}


def _broader(at: At) -> CTE:
    """Every topic with itself and all that are broader, to any depth (as `walks.narrower`)."""
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


def _commonest(
    connection: Connection, facet: Facet, pairs: Select[Any], limit: int
) -> list[_Value]:
    """The values that most statements have; of those with equally many, the first by id."""
    if facet in (Facet.speech_act, Facet.polarity):  # of which a statement has one
        _, value = pairs.selected_columns
        single = pairs.with_only_columns(value, func.count()).group_by(value)
        counts: dict[str, int] = {}
        for key, count in connection.execute(single):
            counts[key] = count
        values = [_Value(key, key, count, sum(counts.values())) for key, count in counts.items()]
    elif facet in _CLOSED:
        values = _of_closed(connection, pairs, _CLOSED[facet])
    elif facet not in RECORDS:  # few values, which each database would sort in its own way
        rows = connection.execute(_counted(pairs, facet))
        values = [_Value(key, _usual_case(key), *rest) for key, *rest in rows]
    else:
        counted, identity = _counted(pairs, facet).subquery(), IDENTITIES[RECORDS[facet]]
        query = (
            select(counted.c.value, identity.c.id, counted.c.count, counted.c.having)
            .join(identity, identity.c.key == counted.c.value)
            .order_by(counted.c.count.desc(), identity.c.id)
        )
        return [_Value(*row) for row in connection.execute(query.limit(limit))]
    return sorted(values, key=lambda one: (-one.statements, one.id))[:limit]


def _counted(pairs: Select[Any], facet: Facet) -> Select[Any]:
    """Each value, how many statements have it, and how many have any.

    Most statements have one speaker. This is seen by walking through the reports in the order of
    their statements, and only those with several are looked at again: to tell all pairs apart takes
    longer, unless most have several values indeed.
    """
    of, value = pairs.selected_columns
    if facet in _SEVERAL:
        every = pairs.distinct().subquery()
        having = pairs.with_only_columns(func.count(of.distinct()).label("having"))
    else:
        least, most = func.min(value).label("value"), func.max(value).label("most")
        once = pairs.with_only_columns(of, least, most).group_by(of).cte("once")
        several = select(once.c.statement).where(once.c.value < once.c.most)
        others = pairs.where(of.in_(several)).distinct().subquery()
        alone = select(once.c.value).where(once.c.value == once.c.most)
        every = union_all(alone, select(others.c.value)).subquery()
        having = select(func.count()).select_from(once)
    counts = select(every.c.value, func.count().label("count"))
    return counts.add_columns(having.scalar_subquery().label("having")).group_by(every.c.value)


_SEVERAL = {Facet.topic, Facet.source, Facet.publisher}


def _of_closed(connection: Connection, pairs: Select[Any], kinds: type[StrEnum]) -> list[_Value]:
    """As `_counted`, of a closed set: one walk, in which each statement is asked for each value."""
    of, value = pairs.selected_columns
    marks = [func.max(case((value == one.value, 1), else_=0)).label(one.value) for one in kinds]
    marked = pairs.with_only_columns(*marks).group_by(of).subquery()
    sums = [func.sum(marked.c[one.value]) for one in kinds]
    having, *counts = connection.execute(select(func.count(), *sums)).one()
    return [
        _Value(one.value, one.value, int(count), having)
        for one, count in zip(kinds, counts, strict=True)
        if count
    ]


_CLOSED: dict[Facet, type[StrEnum]] = {
    Facet.quotation_type: QuotationType,
    Facet.speaker_status: AskedSpeakerStatus,
    Facet.factuality: Factuality,
    Facet.status: ReviewStatus,
    Facet.measure: Measure,
    Facet.population: Population,
    Facet.relation: RelationType,
}
"""The facets of which a statement has any number of a closed set."""


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
    keys = resolve(connection, asked)
    sorted_already = keys.sqlite and _is_all(asked, keys, at)
    total = _days(connection, _statements(asked, keys, at), sorted_already=sorted_already)
    grouped: dict[str, Any] = {"groups": [], "others": None, "missing": None}
    if asked.group_by is not None:
        facet = Facet(asked.group_by)
        pairs = _pairs(facet, asked, keys, at, listed=True)
        largest = _commonest(connection, facet, pairs, MOST_GROUPS)
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
