"""What each filter means: a condition in SQL.

Conditions on a report (speaker, source, quotation type, …) must hold together in one attribution,
those on a figure in one figure. Every condition takes `at`, a sequence number of the ledger, to
ask of that moment; None is now.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    any_,
    exists,
    false,
    func,
    or_,
    select,
)

from app.errors import Fault, InvalidInput
from app.models import actor, attribution, source, statement, topic
from app.models.attribution import (
    Factuality,
    ReviewStatus,
    SpeakerStatus,
)
from app.models.base import EARLIEST, LATEST, RecordType
from app.models.figure import FIGURE, PARTY
from app.store import search
from app.store.filters import (
    ActorFilter,
    AskedSpeakerStatus,
    PublishedFilter,
    SourceFilter,
    StatementFilter,
    TopicFilter,
)
from app.store.hierarchies import carriers, inside, members, narrower
from app.store.moment import At as At
from app.store.moment import Condition as Condition
from app.store.moment import alive as alive
from app.store.resolve import Keys


def overlaps(
    lower: ColumnElement[int], upper: ColumnElement[int], keys: Keys, name: str
) -> Iterator[Condition]:
    """Whether the stretch from `lower` to `upper` (null: open) meets the range of two dates."""
    if (first := keys.bounds.get(f"{name}_from")) is not None:
        yield or_(upper.is_(None), upper > first)
    if (last := keys.bounds.get(f"{name}_to")) is not None:
        yield or_(lower.is_(None), lower < last)


def of_actors(asked: ActorFilter, keys: Keys, at: At) -> Iterator[Condition]:
    if asked.kind:
        yield actor.VERSION.c.kind.in_(asked.kind)
    if keys.search:
        yield from search.named(keys.search, RecordType.actor, actor.VERSION.c.key)
    if member_of := keys.get("member_of"):
        within = members(member_of, at)
        yield actor.VERSION.c.key.in_(select(within.c.actor))
        yield actor.VERSION.c.key.not_in(member_of)


def of_topics(asked: TopicFilter, keys: Keys, at: At) -> Iterator[Condition]:
    if asked.kind:
        yield topic.VERSION.c.kind.in_(asked.kind)
    if keys.search:
        yield from search.named(keys.search, RecordType.topic, topic.VERSION.c.key)
    if topics := keys.get("topic"):
        yield topic.VERSION.c.key.in_(narrower(topics, at))


def of_sources(asked: SourceFilter, keys: Keys, _at: At) -> Iterator[Condition]:
    versions = source.VERSION
    if asked.kind:
        yield versions.c.kind.in_(asked.kind)
    if publisher := keys.get("publisher"):
        yield versions.c.publisher.in_(publisher)
    if asked.lang:
        yield spoken(versions.c.lang, asked.lang)
    yield from published(asked, keys)


def published(asked: PublishedFilter, keys: Keys) -> Iterator[Condition]:
    if asked.published_from or asked.published_to:
        versions = source.VERSION
        yield versions.c.dated
        bounds = versions.c.published_lower, versions.c.published_upper
        yield from overlaps(*bounds, keys, "published")


def spoken(column: ColumnElement[str], langs: list[str]) -> Condition:
    """Whether a language tag is one of these or falls under one (`az` takes in `az-Cyrl`).

    Tags are blind to case (BCP 47, 2.1.1).
    """
    tag, asked = func.lower(column), {lang.lower() for lang in langs}
    return or_(*[or_(tag == lang, tag.startswith(f"{lang}-")) for lang in sorted(asked)])


class Part(NamedTuple):
    """One thing that a filter asks of a statement or a report: that `column` is among the rows of
    `query`. There are two ways to ask it, and which is quick depends on how many rows there are
    (see `Keys.first`)."""

    name: str
    column: ColumnElement[Any]
    query: Select[Any]
    plain: Condition | None = None
    """The same, where it can be read off the row itself."""
    by: tuple[Table, str] | None = None
    """The index by which SQLite shall gather the rows of a table; left alone, it reads them all."""

    @property
    def gathered(self) -> Select[Any]:
        if self.by is None:
            return self.query
        table, index = self.by
        return self.query.with_hint(table, f"INDEXED BY {index}", "sqlite")

    def condition(self, keys: Keys) -> Condition:
        if self.plain is not None and keys.first != self.name:
            return self.plain
        if not keys.walks or keys.first == self.name:
            return self.column.in_(self.gathered)
        (target,) = self.query.selected_columns
        inner = self.query.where(target == self.column).correlate(self.column.table)
        return inner.exists()


def of_statements(
    asked: StatementFilter, keys: Keys, at: At, *, dates: bool = True
) -> Iterator[Condition]:
    """Conditions on the statement itself, over `statement.VERSION` and, for its `dates`,
    `statement.LISTING`."""
    if keys.search:
        if at is not None:
            detail = "looks in the present only; leave out q or known_at"
            raise InvalidInput.of(Fault(detail, "not_then", parameter="q"))
        yield from search.conditions(keys.search, statement.VERSION.c.key, sqlite=keys.sqlite)
    if dates:
        yield from of_dates(asked, keys)
    for part in parts_of_statements(asked, keys, at):
        yield part.condition(keys)


def of_dates(asked: StatementFilter, keys: Keys) -> Iterator[Condition]:
    """Conditions on the date by which a statement is listed, over `statement.LISTING`."""
    listing = statement.LISTING
    if asked.said_from or asked.said_to:
        yield listing.c.lower.is_not(None)
        yield from overlaps(listing.c.lower, listing.c.upper, keys, "said")
    if (last := keys.bounds.get("said_to")) is not None:
        # The same again for what is sorted by: a list need not be walked through from its start.
        yield listing.c.newest < last
        yield listing.c.oldest < last


def listed(
    asked: StatementFilter, keys: Keys, at: At, *, searched: bool = False
) -> Iterator[Condition]:
    """All conditions on a statement, over `statement.LISTING` alone, as a page is found by; without
    what `q` looks for, where that was `searched` already."""
    listing, versions = statement.LISTING, statement.VERSION
    yield alive(listing, at)
    yield from of_dates(asked, keys)
    conditions = [part.condition(keys) for part in parts_of_statements(asked, keys, at)]
    if not searched:
        conditions = list(of_statements(asked, keys, at, dates=False))
    if conditions:
        query = select(versions.c.key).where(alive(versions, at), *conditions)
        first = {part.name for part in parts_of_statements(asked, keys, at)} & {keys.first}
        if not keys.walks or first:
            yield listing.c.statement.in_(query)
        else:
            query = query.where(versions.c.key == listing.c.statement).correlate(listing)
            yield without_documents(query, versions, at).exists()
    # A walk asks in this order, and it takes longest to look at reports.
    yield reported_by(asked, keys, at)


def parts_of_statements(asked: StatementFilter, keys: Keys, at: At) -> Iterator[Part]:
    """What a filter asks of the parts of a statement."""
    versions, same = statement.VERSION, statement.VERSION.alias()
    seq = versions.c.seq
    for name in ("speech_act", "polarity"):
        if values := getattr(asked, name):
            query = select(same.c.seq).where(same.c[name].in_(values), alive(same, at))
            yield Part(name, seq, query, versions.c[name].in_(values))
    if about := keys.get("about"):
        part = statement.ABOUT
        yield Part("about", seq, select(part.c.seq).where(part.c.actor.in_(about)))
    if topics := keys.get("topic"):
        part = statement.TOPIC
        yield Part("topic", seq, select(part.c.seq).where(part.c.topic.in_(narrower(topics, at))))
    if asked.relation or asked.related_to:
        part = statement.RELATION
        query = select(part.c.seq)
        if asked.relation:
            query = query.where(part.c.type.in_(asked.relation))
        if asked.related_to:
            query = query.where(part.c.statement.in_(keys["related_to"]))
        yield Part("relation", seq, query)


REPORT = {
    "speaker",
    "member_of",
    "on_behalf_of",
    "via",
    "source",
    "publisher",
    "published_from",
    "published_to",
    "quotation_type",
    "speaker_status",
    "factuality",
    "lang",
    "status",
    "has_figures",
    "measure",
    "population",
    "party",
}
"""The filters that must hold in one same attribution."""


def asks_of_statements(asked: StatementFilter, keys: Keys, at: At) -> bool:
    """Whether anything is asked of the statement itself, other than its date."""
    return bool(keys.search or any(parts_of_statements(asked, keys, at)))


def asks_of_reports(asked: StatementFilter) -> bool:
    return any(getattr(asked, name) not in (None, []) for name in REPORT)


def shown(asked: StatementFilter) -> Iterator[Condition]:
    """What lists leave out, unless it is asked for: the rejected, and what was not said."""
    reports = attribution.VERSION
    yield reports.c.factuality.in_(asked.factuality or [Factuality.actual])
    if asked.status:
        yield reports.c.status.in_(asked.status)
    else:
        yield reports.c.status != ReviewStatus.rejected


def of_reports(asked: StatementFilter, keys: Keys, at: At, day: FromClause) -> Iterator[Condition]:
    """Conditions on one attribution, over `attribution.VERSION`; `member_of` also over `day`,
    which must then be joined: the listing of its statement."""
    yield from shown(asked)
    if asked.lang:
        yield spoken(attribution.VERSION.c.lang, asked.lang)
    if asked.speaker_status:
        yield _speaker_status(asked.speaker_status, keys)
    if via := keys.get("via"):
        yield _any_of(_via(via, at), keys)
    if asked.has_figures is False:
        yield ~_has_figures(keys)
    for part in parts_of_reports(asked, keys, at):
        yield part.condition(keys)
    if keys.get("member_of"):  # last, since few are left to ask
        yield _on_the_day(_within(keys, at), day)


def parts_of_reports(asked: StatementFilter, keys: Keys, at: At) -> Iterator[Part]:
    """What a filter asks of the parts of an attribution, and of its source."""
    reports, speakers, versions = attribution.VERSION, attribution.SPEAKER, source.VERSION
    present = select(versions.c.key).where(alive(versions, at))
    same = reports.alias()
    if asked.quotation_type:
        query = select(same.c.seq).where(same.c.quotation_type.in_(asked.quotation_type))
        mine = reports.c.quotation_type.in_(asked.quotation_type)
        yield Part("quotation_type", reports.c.seq, query.where(alive(same, at)), mine)
    if sources := keys.get("source"):
        yield Part("source", reports.c.seq, select(same.c.seq).where(same.c.source.in_(sources)))
    if publisher := keys.get("publisher"):
        own = present.where(versions.c.publisher.in_(publisher))
        yield Part("publisher", reports.c.source, own)
    if dates := list(published(asked, keys)):
        by = None if at is not None else (versions, "ix_source_version_published")
        yield Part("published", reports.c.source, present.where(*dates), by=by)
    for parameter in ("speaker", "on_behalf_of"):
        if actors := keys.get(parameter):
            column = speakers.c.actor if parameter == "speaker" else speakers.c.on_behalf_of
            query = select(speakers.c.seq).where(column.in_(actors))
            yield Part(parameter, reports.c.seq, query)
    if keys.get("member_of"):
        within = select(_within(keys, at).c.actor)
        either = or_(speakers.c.actor.in_(within), speakers.c.on_behalf_of.in_(within))
        yield Part("member_of", reports.c.seq, select(speakers.c.seq).where(either))
    if conditions := list(of_figures(asked, keys)):
        query = select(FIGURE.c.seq).where(*conditions)
        yield Part("figures", reports.c.seq, query)
    elif asked.has_figures:
        yield _figures_of(keys, "has_figures")


def _figures_of(_keys: Keys, name: str) -> Part:
    return Part(name, attribution.VERSION.c.seq, select(FIGURE.c.seq))


def _has_figures(keys: Keys) -> Condition:
    if keys.sqlite:
        return _figures_of(keys, "no figures").condition(keys)
    # Asked with "not in", PostgreSQL makes a list of all figures first; 40 times as long.
    reports = attribution.VERSION
    return exists(select(1).where(FIGURE.c.seq == reports.c.seq).correlate(reports))


def _any_of(parts: Iterable[Part], keys: Keys) -> Condition:
    """Whether a report has at least one of several parts."""
    if keys.sqlite:
        return or_(*(part.condition(keys) for part in parts))
    # With "in (select …) or in (select …)" PostgreSQL looks at every report; of lists that are made
    # first it takes those that fit out of an index for each.
    return or_(*(part.column == any_(func.array(part.query.scalar_subquery())) for part in parts))


def _via(actors: list[Any], at: At) -> Iterator[Part]:
    reports, via = attribution.VERSION, attribution.VIA
    named = select(via.c.seq).where(via.c.actor.in_(actors))
    yield Part("named in via", reports.c.seq, named)
    yield Part("carried", reports.c.source, carriers(actors, at))
    yield Part("inside", reports.c.key, inside(actors, at))


def _speaker_status(asked: list[AskedSpeakerStatus], keys: Keys) -> Condition:
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    named = [SpeakerStatus(one) for one in asked if one is not AskedSpeakerStatus.unattributed]
    query = select(speakers.c.seq).where(speakers.c.status.in_(named))
    of_speakers = Part("speaker_status", reports.c.seq, query).condition(keys)
    nobody = (
        reports.c.attributed.is_(False) if AskedSpeakerStatus.unattributed in asked else false()
    )
    return or_(of_speakers if named else false(), nobody)


def _within(keys: Keys, at: At) -> CTE:
    """The members that `member_of` asks for: the same wherever a query names them."""
    if keys.within is None:
        keys.within = members(keys["member_of"], at)
    return keys.within


def _on_the_day(within: CTE, day: FromClause) -> Condition:
    """Who speaks for an organization on the day: a day that is unknown is any day."""
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    on_the_day = and_(
        within.c.lower < func.coalesce(day.c.upper, LATEST),
        within.c.upper > func.coalesce(day.c.lower, EARLIEST),
    )
    # Two questions, since there is no index for one with "or": a member's words, or words for one.
    return or_(
        *(
            exists(
                select(1)
                .select_from(speakers)
                .join(within, speaks)
                .where(speakers.c.seq == reports.c.seq, on_the_day)
                .correlate(reports, day)
            )
            for speaks in (
                speakers.c.actor == within.c.actor,
                and_(speakers.c.on_behalf_of == within.c.actor, within.c.person == 0),
            )
        )
    )


def of_figures(asked: StatementFilter, keys: Keys) -> Iterator[Condition]:
    """Conditions on one figure, over `FIGURE`."""
    if asked.measure:
        yield FIGURE.c.measure.in_(asked.measure)
    if asked.population:
        yield FIGURE.c.population.in_(asked.population)
    if party := keys.get("party"):
        same = (PARTY.c.seq == FIGURE.c.seq) & (PARTY.c.figure == FIGURE.c.position)
        yield exists(select(1).where(same, PARTY.c.actor.in_(party)).correlate(FIGURE))


def reported_by(asked: StatementFilter, keys: Keys, at: At) -> Condition:
    """Whether a statement has a report that fits; without such filters, whether lists show it."""
    listing, reports = statement.LISTING, attribution.VERSION
    if not asks_of_reports(asked):
        return listing.c.reported
    first = {part.name for part in parts_of_reports(asked, keys, at)} & {keys.first}
    gathers = not keys.walks or bool(first)
    day = listing.alias("day") if gathers else listing
    query = select(reports.c.statement).where(alive(reports, at), *of_reports(asked, keys, at, day))
    if keys.get("member_of") and gathers:
        query = query.join(day, and_(day.c.statement == reports.c.statement, alive(day, at)))
    if gathers:
        return listing.c.statement.in_(query)
    query = query.where(reports.c.statement == listing.c.statement).correlate(listing)
    return without_documents(query, reports, at).exists()


def without_documents(query: Select[Any], versions: Table, at: At) -> Select[Any]:
    """Ask SQLite, which thinks little of it, to take the index that has all a filter looks at: to
    read past a thousand documents instead takes several times as long."""
    if at is not None:
        return query
    return query.with_hint(versions, f"INDEXED BY ix_{versions.name}_filtered", "sqlite")
