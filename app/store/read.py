"""Reading: one record, or a page of them, as the JSON text that is answered.

Documents are taken as they stand in the store and their marks replaced by labels; nothing is
parsed or validated on the way out, and the number of queries does not depend on the page.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    desc,
    select,
)

from app.errors import Gone, NotFound, Redirected, short
from app.models import (
    IDENTITIES,
    REVISION,
    VERSIONS,
    actor,
    attribution,
    source,
    statement,
    topic,
)
from app.models.base import RecordType, State
from app.models.figure import FIGURE
from app.models.revision import ChangeKind
from app.store import conditions, labels, moment, page, project, rank, search
from app.store.access_path import choose
from app.store.filters import Filter, StatementFilter
from app.store.labels import labelled
from app.store.moment import At, AtParams, Condition, alive
from app.store.page import Order, Page, PageParams, Question
from app.store.query import (
    ATTRIBUTION_ORDERS,
    FIGURE_ORDERS,
    SOURCE_ORDERS,
    STATEMENT_ORDERS,
    ActorQuery,
    AttributionQuery,
    FigureQuery,
    ReportsQuery,
    Shown,
    SourceQuery,
    StatementQuery,
    TopicQuery,
    expands,
    named_orders,
)
from app.store.resolve import Keys, resolve, shape
from app.store.snippets import with_snippets
from app.store.whole import Whole, documents, of_keys, with_reports


class Found(NamedTuple):
    """One record as it is answered, and its version."""

    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A page as it is answered: the JSON text of its items, and where its neighbours start."""

    items: list[str]
    next: str | None = None
    prev: str | None = None
    count: int | None = None


def one(connection: Connection, type: RecordType, id: str, shown: Shown, after: At = None) -> Found:
    """A record by its id; a statement with every report of it, unless `expand` leaves them out.

    It is as it was `after` that revision, or when `shown` says, or else as it is now.

    Raises `NotFound`, `Gone` with the reason where it was retracted or redacted, `Redirected`
    with the surviving id in `detail` where it was merged.
    """
    at = moment.of(connection, shown) if after is None else after
    identity, version = IDENTITIES[type], VERSIONS[type]
    key = key_of(connection, type, id, at)
    query = select(REVISION.c.version, version.c.document).join(
        REVISION, REVISION.c.seq == version.c.seq
    )
    row = connection.execute(query.where(version.c.key == key, alive(version, at))).first()
    if row is None:
        raise NotFound(f"There was no {identity.name} {short(id)} at that time.")
    text = row.document
    if type is RecordType.statement:
        listing = statement.LISTING
        stands = select(listing.c.basis, listing.c.disputed)
        stands = stands.where(listing.c.statement == key, alive(listing, at))
        whole = Whole(key, text, *connection.execute(stands).one())
        expanded = expands(shown.expand, "attributions")
        text = with_reports(connection, [whole], lambda: (), at, None, expanded=expanded)[0]
    return Found(row.version, labelled(connection, text, at))


def key_of(connection: Connection, type: RecordType, id: str, at: At = None) -> int:
    """The key of a record that is there; raises as `one` does."""
    identity = IDENTITIES[type]
    columns = (identity.c.key, identity.c.state)
    row = connection.execute(select(*columns).where(identity.c.id == id)).first()
    if row is None or row.state == State.awaited:
        raise NotFound(f"There is no {type} {short(id)}; look it up under /v1/{type}s.")
    state = row.state if at is None or row.state == State.redacted else State.live
    if at is not None and state == State.live:
        state = _state_then(connection, type, id, at)
    if state == State.merged:
        raise Redirected(project.survivor(connection, type, id))
    if state != State.live:
        raise Gone(why_gone(connection, type, id, state, at))
    return int(row.key)


def _state_then(connection: Connection, type: RecordType, id: str, at: int) -> State:
    """What the last revision up to a moment left of a record."""
    last = select(REVISION.c.change).where(REVISION.c.type == type, REVISION.c.id == id)
    last = last.where(REVISION.c.seq <= at).order_by(desc(REVISION.c.seq)).limit(1)
    change = connection.scalar(last)
    if change is None:
        raise NotFound(f"The {type} {short(id)} was not recorded yet at that time.")
    return project.ENDED.get(ChangeKind(change), State.live)


def why_gone(connection: Connection, type: RecordType, id: str, state: str, at: At = None) -> str:
    """What is told of a record that was retracted or redacted: that it was, and the reason."""
    last = select(REVISION.c.reason).where(REVISION.c.type == type, REVISION.c.id == id)
    if at is not None and state != State.redacted:
        last = last.where(REVISION.c.seq <= at)
    reason = connection.scalar(last.order_by(desc(REVISION.c.seq)).limit(1))
    return f"This {type} was {state}" + (f": {reason}" if reason else ".")


# --- pages --------------------------------------------------------------------------------------


def actors(connection: Connection, asked: ActorQuery) -> Listed:
    order = named_orders(actor.VERSION)[asked.order]
    return _records(connection, asked, actor.VERSION, order, partial(conditions.of_actors, asked))


def topics(connection: Connection, asked: TopicQuery) -> Listed:
    order = named_orders(topic.VERSION)[asked.order]
    return _records(connection, asked, topic.VERSION, order, partial(conditions.of_topics, asked))


def sources(connection: Connection, asked: SourceQuery) -> Listed:
    order = SOURCE_ORDERS[asked.order]
    return _records(connection, asked, source.VERSION, order, partial(conditions.of_sources, asked))


def _records(
    connection: Connection,
    asked: ActorQuery | TopicQuery | SourceQuery,
    versions: Table,
    order: Order,
    fit: Callable[[Keys, At], Iterable[Condition]],
) -> Listed:
    """A page of records whose filters look at nothing but themselves."""
    at = moment.of(connection, asked)
    keys = resolve(connection, asked)

    def build() -> Select[Any]:
        return select(versions.c.document).where(alive(versions, at), *fit(keys, at))

    return _page(connection, _question(build, asked, keys, at), order, asked, at)


def statements(connection: Connection, asked: StatementQuery) -> Listed:
    """A page of statements, each with the reports of it that lists show."""
    at = moment.of(connection, asked)
    keys = resolve(connection, asked)
    order = asked.ordered
    scores: list[int] = []
    if order == "relevance" and keys.search:
        build, key = _searched(asked, keys, at)
        question = _question(build, asked, keys, at)
        found, scores = rank.fetch(connection, question, key, keys.search, asked, _asked(asked))
        wholes = of_keys(connection, found.rows, at)
    else:
        choose(connection, asked, keys, at)
        question = _question(partial(_listed_by, asked, keys, at), asked, keys, at)
        found = page.fetch(connection, question, STATEMENT_ORDERS[order], asked, _asked(asked), at)
        texts = documents(connection, [row.key for row in found.rows], at)
        wholes = [Whole(row.key, texts[row.key], row.basis, row.disputed) for row in found.rows]
    expanded = expands(asked.expand, "attributions")
    shown = (tuple(asked.factuality), tuple(asked.status))
    items = with_reports(
        connection, wholes, lambda: conditions.shown(asked), at, shown, expanded=expanded
    )
    listed = _listed(connection, found, items, at, {whole.name: whole.document for whole in wholes})
    if order == "relevance" and keys.search:
        pairs = zip(listed.items, scores, strict=True)
        items = [with_snippets(keys.search, item, score) for item, score in pairs]
        listed = replace(listed, items=items)
    return listed


def _statements(asked: StatementQuery, keys: Keys, at: At) -> Select[Any]:
    """The statements that fit, joined with where they stand in lists."""
    versions, listing = statement.VERSION, statement.LISTING
    return (
        select(versions.c.key, versions.c.document, listing.c.basis, listing.c.disputed)
        .join(listing, and_(listing.c.statement == versions.c.key, alive(listing, at)))
        .where(
            alive(versions, at),
            conditions.reported_by(asked, keys, at),
            *conditions.of_statements(asked, keys, at),
        )
    )


def _searched(
    asked: StatementQuery, keys: Keys, at: At
) -> tuple[Callable[[], Select[Any]], ColumnElement[int]]:
    """What finds the statements that fit what is searched for and asked besides, and the column of
    their keys."""
    if not keys.sqlite or keys.search is None or at is not None:
        return partial(_statements, asked, keys, at), statement.VERSION.c.key
    keys.walks = True
    listing = statement.LISTING
    index, key, found = search.found(keys.search)

    def build() -> Select[Any]:
        query = select(key).select_from(index).join(listing, listing.c.statement == key)
        return query.where(*found, *conditions.listed(asked, keys, at, searched=True))

    return build, key


def _listed_by(asked: StatementQuery, keys: Keys, at: At) -> Select[Any]:
    """The statements that fit, without their documents: those are fetched for the page alone."""
    versions, listing = statement.VERSION, statement.LISTING
    shown = (listing.c.statement.label("key"), listing.c.basis, listing.c.disputed)
    if keys.search or asked.ordered.endswith("recorded_at"):
        return _statements(asked, keys, at).with_only_columns(
            versions.c.key, *shown[1:], maintain_column_froms=True
        )
    return select(*shown).where(*conditions.listed(asked, keys, at))


def attributions(connection: Connection, asked: AttributionQuery) -> Listed:
    """A page of attributions, in the order of their statements."""
    at = moment.of(connection, asked)
    keys = resolve(connection, asked)

    def build() -> Select[Any]:
        return reports(asked, keys, at).with_only_columns(attribution.VERSION.c.document)

    question = _question(build, asked, keys, at)
    return _page(connection, question, ATTRIBUTION_ORDERS[asked.order], asked, at)


def attributions_of(connection: Connection, id: str, asked: ReportsQuery) -> Listed:
    """Every report of one statement, whatever its status."""
    at = moment.of(connection, asked)
    versions = attribution.VERSION
    key = key_of(connection, RecordType.statement, id, at)
    query = select(versions.c.document).where(alive(versions, at), versions.c.statement == key)
    order = Order("recorded", (versions.c.key,))
    return _page(
        connection, Question(lambda: query), order, asked, at, f"{id} {asked.known_at}".encode()
    )


def chain(connection: Connection, id: str, asked: AtParams) -> Listed:
    """The attributions that one stands inside of, outermost first, and itself last."""
    at = moment.of(connection, asked)
    versions = attribution.VERSION
    key = key_of(connection, RecordType.attribution, id, at)
    columns = (versions.c.key, versions.c.parent)
    start = select(*columns).where(versions.c.key == key, alive(versions, at))
    walk = start.cte("chain", recursive=True)
    step = select(*columns).join(walk, walk.c.parent == versions.c.key)
    walk = walk.union(step.where(alive(versions, at)))
    query = select(*columns, versions.c.document).join(walk, walk.c.key == versions.c.key)
    found = {row.key: row for row in connection.execute(query.where(alive(versions, at)))}
    nesting: list[str] = []
    around: int | None = key
    while around is not None and (row := found.pop(around, None)) is not None:
        nesting.append(row.document)
        around = row.parent
    return Listed(_labelled(connection, nesting[::-1], at))


def figures(connection: Connection, asked: FigureQuery) -> Listed:
    """A page of figures, each with its attribution, statement, claimants and source."""
    at = moment.of(connection, asked)
    keys = resolve(connection, asked)

    def build() -> Select[Any]:
        return (
            reports(asked, keys, at)
            .join(FIGURE, FIGURE.c.seq == attribution.VERSION.c.seq)
            .where(*conditions.of_figures(asked, keys))
            .with_only_columns(attribution.VERSION.c.document, FIGURE.c.position.label("place"))
        )

    question = _question(build, asked, keys, at)
    found = page.fetch(connection, question, FIGURE_ORDERS[asked.order], asked, _asked(asked), at)
    return _listed(connection, found, [_figure(row.document, row.place) for row in found.rows], at)


def _figure(document: str, position: int) -> str:
    whole = orjson.loads(document)
    item = whole["figures"][position] | {
        "attribution": {name: whole[name] for name in ("id", "factuality", "status")},
        "statement": whole["statement"],
        "claimants": whole["speakers"],
        "source": whole["source"],
    }
    return orjson.dumps(item).decode()


# --- the parts of a page ------------------------------------------------------------------------


def reports(asked: StatementFilter, keys: Keys, at: At) -> Select[Any]:
    """The attributions that fit, joined with their statements and where these stand in lists."""
    reports, versions, listing = attribution.VERSION, statement.VERSION, statement.LISTING
    return (
        select(reports.c.key)
        .join(listing, and_(listing.c.statement == reports.c.statement, alive(listing, at)))
        .join(versions, and_(versions.c.key == reports.c.statement, alive(versions, at)))
        .where(
            alive(reports, at),
            *conditions.of_reports(asked, keys, at, listing),
            *conditions.of_statements(asked, keys, at),
        )
    )


def _question(build: Callable[[], Select[Any]], asked: Filter, keys: Keys, at: At) -> Question:
    return Question(build, shape(asked, keys, at), {**keys.values(), "at": at})


def _page(
    connection: Connection,
    question: Question,
    order: Order,
    asked: PageParams,
    at: At,
    stamp: bytes | None = None,
) -> Listed:
    found = page.fetch(connection, question, order, asked, stamp or _asked(asked), at)
    return _listed(connection, found, [row.document for row in found.rows], at)


def _listed(
    connection: Connection,
    found: Page,
    texts: list[str],
    at: At,
    statements: Mapping[labels.Name, str] = labels.NOTHING,
) -> Listed:
    return Listed(_labelled(connection, texts, at, statements), found.next, found.prev, found.count)


def _labelled(
    connection: Connection,
    texts: list[str],
    at: At,
    statements: Mapping[labels.Name, str] = labels.NOTHING,
) -> list[str]:
    # JSON text has no raw line feed, so many documents can be labelled as one text.
    return labelled(connection, "\n".join(texts), at, statements).split("\n") if texts else []


def _asked(asked: BaseModel) -> bytes:
    """What tells one question from another, whatever page of the answer is wanted."""
    shown = {"limit", "cursor", "count", "expand", "fields", "format"}
    return asked.model_dump_json(exclude=shown).encode()
