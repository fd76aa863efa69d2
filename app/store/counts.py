"""Counting statements: which there are, and which values each has, with every filter of the lists.

What is counted are statements, once each, as `/v1/statements` lists them. Of reports and figures
only those are looked at that fit the filters, so a value's count is what the same filters find
with that value added: as many as `count=exact` says. Topics take in their narrower ones, as the
filter does. Languages alone differ: `az` here is not `az-Cyrl`.
"""

from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from app.models import IDENTITIES, attribution, source, statement, topic
from app.models.attribution import Factuality, QuotationType, ReviewStatus
from app.models.base import RecordType
from app.models.counts import (
    Facet,
)
from app.models.figure import FIGURE, PARTY, Measure, Population
from app.models.statement import RelationType
from app.store import conditions, read
from app.store.filters import AskedSpeakerStatus, StatementFilter
from app.store.labels import labelled
from app.store.moment import At, alive
from app.store.resolve import Keys

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


def statements(
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


def pairs_of(
    facet: Facet, asked: StatementFilter, keys: Keys, at: At, *, listed: bool = False
) -> Select[Any]:
    """Every statement that fits with each of its values, as often as it has them."""
    versions, reports = statement.VERSION, attribution.VERSION
    value: ColumnElement[Any]
    if facet in _OF_STATEMENTS:
        query = statements(asked, keys, at, with_versions=True)
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
    """Every topic with itself and all that are broader, to any depth (see `hierarchies`)."""
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


def commonest(connection: Connection, facet: Facet, pairs: Select[Any], limit: int) -> list[_Value]:
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


def labels_of(
    connection: Connection, values: dict[Facet, list[_Value]], at: At
) -> dict[tuple[Facet, str], str | None]:
    """What the records among these values are called; one query for each type of record."""
    asked = [(facet, one.id) for facet in values if facet in RECORDS for one in values[facet]]
    if not asked:
        return {}
    marks = [orjson.dumps({f"${RECORDS[facet]}": id}).decode() for facet, id in asked]
    shown = map(orjson.loads, labelled(connection, "\n".join(marks), at).split("\n"))
    shown_as = [one.get("name") or one.get("label") or one.get("title") for one in shown]
    return dict(zip(asked, shown_as, strict=True))
