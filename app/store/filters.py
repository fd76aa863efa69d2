"""What can be asked: each collection's filters, and the SQL condition that each one means.

Repeating a parameter means or, different parameters mean and. Conditions on a report (speaker,
source, quotation type, …) must hold together in one attribution, those on a figure in one figure.
Every condition takes `at`, a sequence number of the ledger, to ask of that moment; None is now.
"""

from collections.abc import Hashable, Iterator
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)

from app.errors import Fault, InvalidInput, short
from app.models import IDENTITIES, actor, attribution, source, statement, topic
from app.models.actor import ActorKind
from app.models.attribution import (
    Factuality,
    QuotationType,
    ReviewStatus,
    SpeakerStatus,
)
from app.models.base import EARLIEST, LATEST, Id, Lang, RecordType, State
from app.models.edtf import EdtfDate, parse
from app.models.figure import FIGURE, PARTY, Measure, Population
from app.models.source import SourceKind
from app.models.statement import Polarity, RelationType, SpeechAct
from app.models.topic import TopicKind
from app.store import moment, prepared, search
from app.store.moment import At as At
from app.store.moment import Condition as Condition
from app.store.moment import alive as alive
from app.store.prepared import Shape
from app.store.search import Search


def names(target: RecordType, description: str) -> Any:
    """A repeatable parameter that takes ids of records of one type."""
    return Field(
        default_factory=list,
        max_length=100,
        description=f"{description} Repeat for or.",
        json_schema_extra={"x-names": target.value},
    )


def any_of(description: str) -> Any:
    """A repeatable parameter that takes values of a closed set."""
    return Field(
        default_factory=list,
        max_length=100,
        description=f"{description} Repeat for or.",
    )


class AskedSpeakerStatus(StrEnum):
    """A speaker's status, or that the source attributes the words to nobody."""

    named = "named"
    role_only = "role_only"
    collective = "collective"
    anonymous = "anonymous"
    document = "document"
    unresolved = "unresolved"
    unattributed = "unattributed"


class Filter(BaseModel):
    """The filters of one collection. An unknown one is refused: a typo never widens a result."""

    model_config = ConfigDict(extra="forbid")


Q = Field(
    None,
    min_length=1,
    description='Words (all must be there), `"a phrase"`, `-excluded`, `begin*`; in any script.',
)


class PublishedFilter(Filter):
    published_from: EdtfDate | None = Field(
        None, description="Published in or after this date (EDTF)."
    )
    published_to: EdtfDate | None = Field(
        None, description="Published in or before this date (EDTF)."
    )


class ActorFilter(Filter):
    q: str | None = Q
    kind: list[ActorKind] = any_of("Kind of actor.")
    member_of: list[Id] = names(
        RecordType.actor, "Actors that ever had a membership there, or in a part of it."
    )


class TopicFilter(Filter):
    q: str | None = Q
    kind: list[TopicKind] = any_of("Kind of topic.")
    topic: list[Id] = names(RecordType.topic, "This topic and its narrower ones.")


class SourceFilter(PublishedFilter):
    kind: list[SourceKind] = any_of("Kind of source.")
    publisher: list[Id] = names(RecordType.actor, "Who published it.")
    lang: list[Lang] = any_of("Language of the source (BCP 47).")


class StatementFilter(PublishedFilter):
    """The filters of statements, attributions and figures alike."""

    q: str | None = Q

    speaker: list[Id] = names(RecordType.actor, "Actor among the speakers.")
    member_of: list[Id] = names(
        RecordType.actor,
        "Spoken by this actor, by those who held an office there or in a part of it on the day, "
        "or on its behalf.",
    )
    on_behalf_of: list[Id] = names(RecordType.actor, "Actor on whose behalf it was said.")
    via: list[Id] = names(
        RecordType.actor,
        "Actor through whom the words came: named as such, outer speaker, publisher of the source "
        "or of what it derives from.",
    )
    about: list[Id] = names(RecordType.actor, "Actor that the statement is about.")
    topic: list[Id] = names(RecordType.topic, "Topic, with its narrower topics.")
    source: list[Id] = names(RecordType.source, "Source in which it is reported.")
    publisher: list[Id] = names(RecordType.actor, "Publisher of the source.")
    said_from: EdtfDate | None = Field(
        None,
        description="Said (or, where that is unknown, reported) in or after this date (EDTF).",
    )
    said_to: EdtfDate | None = Field(
        None,
        description="Said (or, where that is unknown, reported) in or before this date (EDTF).",
    )
    speech_act: list[SpeechAct] = any_of("What the speaker does by saying it.")
    quotation_type: list[QuotationType] = any_of("How the source renders the words.")
    speaker_status: list[AskedSpeakerStatus] = any_of("How the source names the speaker.")
    factuality: list[Factuality] = any_of("Whether it was said at all; lists show `actual`.")
    polarity: list[Polarity] = any_of("Whether the content is affirmed or rejected.")
    lang: list[Lang] = any_of("Language of the reported words (BCP 47).")
    status: list[ReviewStatus] = any_of(
        "How far the attribution was reviewed; lists leave out `rejected`."
    )
    has_figures: bool | None = Field(None, description="Whether the report gives a number.")
    measure: list[Measure] = any_of("What its figure counts.")
    population: list[Population] = any_of("Whom its figure counts.")
    party: list[Id] = names(RecordType.actor, "Whose people or losses its figure counts.")
    relation: list[RelationType] = any_of("How the statement stands to another.")
    related_to: list[Id] = names(
        RecordType.statement, "The statement that it stands in relation to."
    )


class Keys(dict[str, list[Any]]):
    """The keys of the records that a filter names, by parameter; the bounds of its dates; and what
    its `q` looks for. Keys and bounds are parameters of a query (see `prepared`)."""

    def __init__(self) -> None:
        self.search: Search | None = None
        self.sqlite = True
        self.bounds: dict[str, BindParameter[int]] = {}

    def values(self) -> dict[str, Any]:  # type: ignore[override]  # of the parameters
        """The values of the parameters, by their names."""
        named = [one for keys in super().values() for one in keys]
        return {one.key: one.value for one in (*named, *self.bounds.values())}


def resolve(connection: Connection, asked: Filter) -> Keys:
    """Find the records that a filter names by id.

    Raises `InvalidInput`, naming the parameter and the id, for one that does not exist.
    """
    keys = Keys()
    keys.sqlite = connection.dialect.name == "sqlite"
    _resolve_dates(asked, keys)
    if (q := getattr(asked, "q", None)) is not None:
        keys.search = search.resolve(connection, search.parse(q))
    faults = []
    for parameter, field in type(asked).model_fields.items():
        extra = field.json_schema_extra
        ids = getattr(asked, parameter)
        if not isinstance(extra, dict) or "x-names" not in extra or not ids:
            continue
        target = RecordType(str(extra["x-names"]))
        found = _named(connection, target, ids, moment.of(connection, asked))
        keys[parameter] = prepared.each(parameter, list(found.values()))
        for id in ids:
            if id not in found:
                detail = f"there is no {target} {short(id)}; look it up under /v1/{target}s"
                faults.append(Fault(detail, "unknown_id", parameter=parameter))
    if faults:
        raise InvalidInput.of(*faults)
    return keys


def _named(connection: Connection, target: RecordType, ids: list[str], at: At) -> dict[str, int]:
    """The keys of what these ids mean: what was merged by then means the survivor."""
    table = IDENTITIES[target]
    columns = (table.c.id, table.c.key, table.c.merged_into, table.c.seq)
    count, values = prepared.padded("id", ids)

    def build() -> Select[Any]:
        named = table.c.id.in_(prepared.each("id", [""] * count, table.c.id.type))
        return select(*columns).where(named, table.c.state != State.awaited)

    found = {}
    for id, key, heir, seq in prepared.rows(connection, ("keys", target, count), build, values):
        while heir is not None and (at is None or seq <= at):
            key = heir
            heirs = connection.execute(select(*columns).where(table.c.key == key))
            _, key, heir, seq = heirs.one()
        found[id] = key
    return found


def _resolve_dates(asked: Filter, keys: Keys) -> None:
    """Take in the bounds of a filter's dates; refuse a range that ends before it begins."""
    for name in ("said", "published"):
        start, end = f"{name}_from", f"{name}_to"
        lower, upper = getattr(asked, start, None), getattr(asked, end, None)
        first = parse(lower).lower if lower else None
        last = parse(upper).upper if upper else None
        if first is not None and last is not None and first >= last:
            detail = f"{end} is before {start}; swap them, or mend one"
            raise InvalidInput.of(Fault(detail, "empty_range", parameter=end))
        for parameter, bound in ((start, first), (end, last)):
            if bound is not None:
                keys.bounds[parameter] = prepared.parameter(parameter, bound)


def overlaps(
    lower: ColumnElement[int], upper: ColumnElement[int], keys: Keys, name: str
) -> Iterator[Condition]:
    """Whether the stretch from `lower` to `upper` (null: open) meets the range of two dates."""
    if (first := keys.bounds.get(f"{name}_from")) is not None:
        yield or_(upper.is_(None), upper > first)
    if (last := keys.bounds.get(f"{name}_to")) is not None:
        yield or_(lower.is_(None), lower < last)


def shape(asked: Filter, keys: Keys, at: At) -> Shape | None:
    """What tells the SQL of one filter from that of another, whatever records and days they name;
    None where that is not known: what `q` looks for has a form of its own."""
    if keys.search:
        return None
    parts: list[Hashable] = [type(asked).__name__, at is not None]
    for name in sorted(asked.model_fields_set - _NO_FILTERS):
        value = getattr(asked, name)
        if name in keys:
            parts.append((name, len(keys[name])))
        elif name in _DATES:
            parts.append((name, value is not None, name in keys.bounds))
        else:
            parts.append((name, tuple(value) if isinstance(value, list) else value))
    return tuple(parts)


_DATES = {"said_from", "said_to", "published_from", "published_to"}
_NO_FILTERS = {"limit", "cursor", "count", "expand", "fields", "format", "known_at"}


# --- walks through the record -------------------------------------------------------------------


def narrower(keys: list[Any], at: At) -> Select[int]:
    """These topics and all that are narrower, to any depth."""
    versions, broader = topic.VERSION, topic.BROADER
    walk = select(IDENTITIES[RecordType.topic].c.key.label("key")).where(
        IDENTITIES[RecordType.topic].c.key.in_(keys)
    )
    tree = walk.cte("narrower", recursive=True)
    step = (
        select(versions.c.key)
        .join(broader, broader.c.seq == versions.c.seq)
        .join(tree, tree.c.key == broader.c.broader)
        .where(alive(versions, at))
    )
    return select(tree.union(step).c.key)


def members(keys: list[Any], at: At) -> CTE:
    """These actors, their parts, and whoever holds an office in either, each with from when
    (`lower`) until when (`upper`): a part is a member that is no person."""
    identities, versions, dated = (
        IDENTITIES[RecordType.actor],
        actor.VERSION,
        actor.MEMBERSHIP,
    )
    start = select(
        identities.c.key.label("actor"),
        literal(EARLIEST).label("lower"),
        literal(LATEST).label("upper"),
        literal(0).label("person"),
    ).where(identities.c.key.in_(keys))
    tree = start.cte("members", recursive=True)
    since = func.coalesce(dated.c.lower, EARLIEST)
    until = func.coalesce(dated.c.upper, LATEST)
    step = (
        select(
            versions.c.key,
            case((since > tree.c.lower, since), else_=tree.c.lower),
            case((until < tree.c.upper, until), else_=tree.c.upper),
            case((versions.c.kind == ActorKind.person, 1), else_=0),
        )
        .join(dated, dated.c.seq == versions.c.seq)
        .join(tree, tree.c.actor == dated.c.organization)
        .where(
            alive(versions, at),
            tree.c.person == 0,
            since < tree.c.upper,
            until > tree.c.lower,
        )
    )
    return tree.union(step)


def carriers(keys: list[Any], at: At) -> Select[int]:
    """The sources that these actors published, and those that derive from them, to any depth."""
    versions, origins = source.VERSION, source.DERIVATION
    published = select(versions.c.key.label("key")).where(
        versions.c.publisher.in_(keys), alive(versions, at)
    )
    tree = published.cte("carriers", recursive=True)
    step = (
        select(versions.c.key)
        .join(origins, origins.c.seq == versions.c.seq)
        .join(tree, tree.c.key == origins.c.origin)
        .where(alive(versions, at))
    )
    return select(tree.union(step).c.key)


def inside(keys: list[Any], at: At) -> Select[int]:
    """The attributions that stand inside words of these actors, to any depth."""
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    outer = reports.alias()
    first = (
        select(reports.c.key.label("key"))
        .join(outer, outer.c.key == reports.c.parent)
        .join(speakers, speakers.c.seq == outer.c.seq)
        .where(speakers.c.actor.in_(keys), alive(reports, at), alive(outer, at))
    )
    tree = first.cte("inside", recursive=True)
    step = (
        select(reports.c.key).join(tree, tree.c.key == reports.c.parent).where(alive(reports, at))
    )
    return select(tree.union(step).c.key)


# --- conditions ---------------------------------------------------------------------------------


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


def of_sources(asked: SourceFilter, keys: Keys) -> Iterator[Condition]:
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
    """Whether a language tag is one of these or falls under one (`az` takes in `az-Cyrl`)."""
    return or_(*[or_(column == lang, column.startswith(f"{lang}-")) for lang in langs])


def of_statements(asked: StatementFilter, keys: Keys, at: At) -> Iterator[Condition]:
    """Conditions on the statement itself, over `statement.VERSION` and `statement.LISTING`."""
    versions, listing = statement.VERSION, statement.LISTING
    if keys.search:
        if at is not None:
            detail = "looks in the present only; leave out q or known_at"
            raise InvalidInput.of(Fault(detail, "not_then", parameter="q"))
        yield from search.conditions(keys.search, versions.c.key, sqlite=keys.sqlite)
    if asked.said_from or asked.said_to:
        yield listing.c.lower.is_not(None)
        yield from overlaps(listing.c.lower, listing.c.upper, keys, "said")
    if asked.speech_act:
        yield versions.c.speech_act.in_(asked.speech_act)
    if asked.polarity:
        yield versions.c.polarity.in_(asked.polarity)
    if about := keys.get("about"):
        part = statement.ABOUT
        yield versions.c.seq.in_(select(part.c.seq).where(part.c.actor.in_(about)))
    if topics := keys.get("topic"):
        part = statement.TOPIC
        yield versions.c.seq.in_(select(part.c.seq).where(part.c.topic.in_(narrower(topics, at))))
    if asked.relation or asked.related_to:
        part = statement.RELATION
        query = select(part.c.seq)
        if asked.relation:
            query = query.where(part.c.type.in_(asked.relation))
        if asked.related_to:
            query = query.where(part.c.statement.in_(keys["related_to"]))
        yield versions.c.seq.in_(query)


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
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    yield from shown(asked)
    if asked.quotation_type:
        yield reports.c.quotation_type.in_(asked.quotation_type)
    if asked.lang:
        yield spoken(reports.c.lang, asked.lang)
    if sources := keys.get("source"):
        yield reports.c.source.in_(sources)
    if publisher := keys.get("publisher"):
        versions = source.VERSION
        own = select(versions.c.key).where(versions.c.publisher.in_(publisher), alive(versions, at))
        yield reports.c.source.in_(own)
    if dates := list(published(asked, keys)):
        yield reports.c.source.in_(
            select(source.VERSION.c.key).where(alive(source.VERSION, at), *dates)
        )
    for parameter in ("speaker", "on_behalf_of"):
        if actors := keys.get(parameter):
            column = speakers.c.actor if parameter == "speaker" else speakers.c.on_behalf_of
            yield reports.c.seq.in_(select(speakers.c.seq).where(column.in_(actors)))
    if asked.speaker_status:
        yield _speaker_status(asked.speaker_status)
    if organizations := keys.get("member_of"):
        yield from _member_of(organizations, at, day)
    if via := keys.get("via"):
        named = select(attribution.VIA.c.seq).where(attribution.VIA.c.actor.in_(via))
        yield or_(
            reports.c.seq.in_(named),
            reports.c.source.in_(carriers(via, at)),
            reports.c.key.in_(inside(via, at)),
        )
    yield from _with_figures(asked, keys)


def _speaker_status(asked: list[AskedSpeakerStatus]) -> Condition:
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    named = [SpeakerStatus(one) for one in asked if one is not AskedSpeakerStatus.unattributed]
    of_speakers = reports.c.seq.in_(select(speakers.c.seq).where(speakers.c.status.in_(named)))
    nobody = (
        reports.c.attributed.is_(False) if AskedSpeakerStatus.unattributed in asked else false()
    )
    return or_(of_speakers if named else false(), nobody)


def _member_of(organizations: list[Any], at: At, day: FromClause) -> Iterator[Condition]:
    """Who speaks for an organization on the day: a day that is unknown is any day."""
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    within = members(organizations, at)
    speaks = or_(
        speakers.c.actor == within.c.actor,
        and_(speakers.c.on_behalf_of == within.c.actor, within.c.person == 0),
    )
    on_the_day = and_(
        within.c.lower < func.coalesce(day.c.upper, LATEST),
        within.c.upper > func.coalesce(day.c.lower, EARLIEST),
    )
    actors = select(within.c.actor)
    yield reports.c.seq.in_(
        select(speakers.c.seq).where(
            or_(speakers.c.actor.in_(actors), speakers.c.on_behalf_of.in_(actors))
        )
    )
    yield exists(
        select(1)
        .select_from(speakers)
        .join(within, speaks)
        .where(speakers.c.seq == reports.c.seq, on_the_day)
        .correlate(reports, day)
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


def _with_figures(asked: StatementFilter, keys: Keys) -> Iterator[Condition]:
    seq = attribution.VERSION.c.seq
    conditions = list(of_figures(asked, keys))
    if conditions:
        yield seq.in_(select(FIGURE.c.seq).where(*conditions))
    if asked.has_figures is not None:
        any_figure = seq.in_(select(FIGURE.c.seq))
        yield any_figure if asked.has_figures else ~any_figure


def reported_by(asked: StatementFilter, keys: Keys, at: At) -> Condition:
    """Whether a statement has a report that fits; without such filters, whether lists show it."""
    listing, reports = statement.LISTING, attribution.VERSION
    if not asks_of_reports(asked):
        return listing.c.reported
    day = listing.alias("day")
    query = select(reports.c.statement).where(alive(reports, at), *of_reports(asked, keys, at, day))
    if keys.get("member_of"):
        query = query.join(day, and_(day.c.statement == reports.c.statement, alive(day, at)))
    return listing.c.statement.in_(query)
