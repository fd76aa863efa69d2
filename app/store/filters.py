"""What can be asked: each collection's filters, and the SQL condition that each one means.

Repeating a parameter means or, different parameters mean and. Conditions on a report (speaker,
source, quotation type, …) must hold together in one attribution, those on a figure in one figure.
Every condition takes `at`, a sequence number of the ledger, to ask of that moment; None is now.
"""

import math
import time
from collections.abc import Hashable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    Table,
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
from app.store.page import newest_revision
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
        self.within: CTE | None = None
        self.walks = False
        self.first: str | None = None
        """A page is found by walking through the list, and the filters are asked of each record;
        except for the one to begin with, if any: what fits it is gathered."""

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
    if not asked.model_fields_set - _NO_FILTERS:  # so nearly always
        return keys
    _resolve_dates(asked, keys)
    if (q := getattr(asked, "q", None)) is not None:
        keys.search = search.resolve(connection, search.parse(q))
        if keys.search.is_plain and isinstance(asked, StatementFilter):
            keys["q"] = [search.expression(keys.search, sqlite=keys.sqlite)]
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
    None where that is not known: phrases and what a search excludes have forms of their own."""
    if keys.search and "q" not in keys:
        return None
    parts: list[Hashable] = [type(asked).__name__, at is not None, keys.walks, keys.first]
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
        yield or_(*(part.condition(keys) for part in _via(via, at)))
    if asked.has_figures is False:
        yield ~_figures_of(keys, "no figures").condition(keys)
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


# --- where to begin -----------------------------------------------------------------------------


def begin(connection: Connection, asked: StatementFilter, keys: Keys, at: At) -> None:
    """Choose how a page of what fits is found, on a database that does not choose so itself.

    Where many fit, it is quick to walk through everything in the order of the list and to look at
    each: the page is soon full. Where few fit, it is quick to gather and sort these. PostgreSQL
    weighs the two by its statistics; SQLite cannot, so the filter that fewest fit is looked for.
    """
    if not keys.sqlite or keys.search:
        return
    keys.walks, keys.first = True, None
    if not asked.model_fields_set - _NO_FILTERS:  # so nearly always
        return
    parts = [*parts_of_reports(asked, keys, at), *parts_of_statements(asked, keys, at)]
    if not parts:
        return
    few = int(1.5 * math.sqrt(newest_revision(connection)))
    fewest = few + 1
    for part in parts:
        count = _count(connection, asked, keys, at, part, few)
        if count < fewest:
            keys.first, fewest = part.name, count


REMEMBERED = 60.0
"""Seconds for which it is remembered how many rows fit a filter."""

_COUNTED: WeakKeyDictionary[Engine, dict[Hashable, tuple[float, int]]] = WeakKeyDictionary()


def _count(
    connection: Connection, asked: StatementFilter, keys: Keys, at: At, part: Part, most: int
) -> int:
    """How many rows fit a part of a filter, as far as that matters; perhaps a minute ago."""
    bound = {**keys.values(), "at": at}
    whole = ("how many", part.name, shape(asked, keys, at))
    counted = _COUNTED.setdefault(connection.engine, {})
    name, now = (whole, *bound.values()), time.monotonic()
    if (found := counted.get(name)) and found[0] > now:
        return found[1]

    def build() -> Select[Any]:
        query = part.gathered
        if part.column is attribution.VERSION.c.source:  # it is reports that are gathered
            query = select(attribution.VERSION.c.seq).where(part.column.in_(query))
        some = query.limit(prepared.parameter("most")).subquery()
        return select(func.count().label("count")).select_from(some)

    ((count,),) = prepared.rows(connection, whole, build, {**bound, "most": most + 1})
    if len(counted) >= prepared.MOST:
        counted.clear()
    counted[name] = now + REMEMBERED, int(count)
    return int(count)
