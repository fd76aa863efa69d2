"""Reading: one record, or a page of them, as the JSON text that is answered.

Documents are taken as they stand in the store and their marks replaced by labels; nothing is
parsed or validated on the way out, and the number of queries does not depend on the page.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    desc,
    literal,
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
from app.store import filters, moment, page, project, rank
from app.store.filters import Keys, StatementFilter
from app.store.labels import labelled
from app.store.moment import At, AtParams, Condition, alive
from app.store.page import Order, Page, PageParams
from app.store.query import (
    ATTRIBUTION_ORDERS,
    FIGURE_ORDERS,
    MAX_DEPTH,
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
from app.store.snippets import with_snippets


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
        whole = _Whole(key, text, *connection.execute(stands).one())
        around = _with_reports if expands(shown.expand, "attributions") else _with_report_ids
        text = around(connection, [whole], [alive(attribution.VERSION, at)])[0]
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
    versions = actor.VERSION
    at = moment.of(connection, asked)
    conditions = filters.of_actors(asked, filters.resolve(connection, asked), at)
    query = select(versions.c.document).where(alive(versions, at), *conditions)
    return _page(connection, query, named_orders(versions)[asked.order], asked, at)


def topics(connection: Connection, asked: TopicQuery) -> Listed:
    versions = topic.VERSION
    at = moment.of(connection, asked)
    conditions = filters.of_topics(asked, filters.resolve(connection, asked), at)
    query = select(versions.c.document).where(alive(versions, at), *conditions)
    return _page(connection, query, named_orders(versions)[asked.order], asked, at)


def sources(connection: Connection, asked: SourceQuery) -> Listed:
    versions = source.VERSION
    at = moment.of(connection, asked)
    conditions = filters.of_sources(asked, filters.resolve(connection, asked))
    query = select(versions.c.document).where(alive(versions, at), *conditions)
    return _page(connection, query, SOURCE_ORDERS[asked.order], asked, at)


def statements(connection: Connection, asked: StatementQuery) -> Listed:
    """A page of statements, each with the reports of it that lists show."""
    at = moment.of(connection, asked)
    keys = filters.resolve(connection, asked)
    versions, listing = statement.VERSION, statement.LISTING
    query = (
        select(versions.c.key, versions.c.document, listing.c.basis, listing.c.disputed)
        .join(listing, and_(listing.c.statement == versions.c.key, alive(listing, at)))
        .where(
            alive(versions, at),
            filters.reported_by(asked, keys, at),
            *filters.of_statements(asked, keys, at),
        )
    )
    order = asked.ordered
    scores: list[int] = []
    if order == "relevance" and keys.search:
        found, scores = rank.fetch(
            connection, query, versions.c.key, keys.search, asked, _asked(asked)
        )
    else:
        found = page.fetch(connection, query, STATEMENT_ORDERS[order], asked, _asked(asked), at)
    wholes = [_Whole(row.key, row.document, row.basis, row.disputed) for row in found.rows]
    around = _with_reports if expands(asked.expand, "attributions") else _with_report_ids
    texts = around(connection, wholes, [alive(attribution.VERSION, at), *filters.shown(asked)])
    listed = _listed(connection, found, texts, at)
    if order == "relevance" and keys.search:
        pairs = zip(listed.items, scores, strict=True)
        items = [with_snippets(keys.search, item, score) for item, score in pairs]
        listed = replace(listed, items=items)
    return listed


def attributions(connection: Connection, asked: AttributionQuery) -> Listed:
    """A page of attributions, in the order of their statements."""
    at = moment.of(connection, asked)
    keys = filters.resolve(connection, asked)
    query = reports(asked, keys, at).with_only_columns(attribution.VERSION.c.document)
    return _page(connection, query, ATTRIBUTION_ORDERS[asked.order], asked, at)


def attributions_of(connection: Connection, id: str, asked: ReportsQuery) -> Listed:
    """Every report of one statement, whatever its status."""
    at = moment.of(connection, asked)
    versions = attribution.VERSION
    key = key_of(connection, RecordType.statement, id, at)
    query = select(versions.c.document).where(alive(versions, at), versions.c.statement == key)
    order = Order("recorded", (versions.c.key,))
    return _page(connection, query, order, asked, at, f"{id} {asked.known_at}".encode())


def chain(connection: Connection, id: str, asked: AtParams) -> Listed:
    """The attributions that one stands inside of, outermost first, and itself last."""
    at = moment.of(connection, asked)
    versions = attribution.VERSION
    key = key_of(connection, RecordType.attribution, id, at)
    start = select(versions.c.key, versions.c.parent, literal(0).label("depth"))
    walk = start.where(versions.c.key == key, alive(versions, at)).cte("chain", recursive=True)
    step = select(versions.c.key, versions.c.parent, walk.c.depth + 1)
    step = step.join(walk, walk.c.parent == versions.c.key)
    walk = walk.union_all(step.where(alive(versions, at), walk.c.depth < MAX_DEPTH))
    query = select(versions.c.document).join(walk, walk.c.key == versions.c.key)
    rows = connection.scalars(query.where(alive(versions, at)).order_by(walk.c.depth.desc()))
    return Listed(_labelled(connection, list(rows), at))


def figures(connection: Connection, asked: FigureQuery) -> Listed:
    """A page of figures, each with its attribution, statement, claimants and source."""
    at = moment.of(connection, asked)
    keys = filters.resolve(connection, asked)
    query = (
        reports(asked, keys, at)
        .join(FIGURE, FIGURE.c.seq == attribution.VERSION.c.seq)
        .where(*filters.of_figures(asked, keys))
        .with_only_columns(attribution.VERSION.c.document, FIGURE.c.position.label("place"))
    )
    found = page.fetch(connection, query, FIGURE_ORDERS[asked.order], asked, _asked(asked), at)
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


class _Whole(NamedTuple):
    """A statement that is to be shown with its reports."""

    key: int
    document: str
    basis: str | None
    disputed: bool

    def text(self, attributions: Iterable[str]) -> str:
        basis = f'"{self.basis}"' if self.basis else "null"
        stands = f'"date_basis":{basis},"disputed":{"true" if self.disputed else "false"}'
        return f'{self.document[:-1]},{stands},"attributions":[{",".join(attributions)}]}}'


def _with_reports(
    connection: Connection, wholes: list[_Whole], conditions: list[Condition]
) -> list[str]:
    return _around(connection, wholes, conditions, attribution.VERSION.c.document, "{}")


def _with_report_ids(
    connection: Connection, wholes: list[_Whole], conditions: list[Condition]
) -> list[str]:
    identity = IDENTITIES[RecordType.attribution]
    same = select(identity.c.id).where(identity.c.key == attribution.VERSION.c.key)
    return _around(connection, wholes, conditions, same.scalar_subquery(), '{{"id":"{}"}}')


def _around(
    connection: Connection,
    wholes: list[_Whole],
    conditions: list[Condition],
    shown: ColumnElement[str],
    form: str,
) -> list[str]:
    versions = attribution.VERSION
    keys = [whole.key for whole in wholes]
    query = select(versions.c.statement, shown).where(versions.c.statement.in_(keys), *conditions)
    reports: dict[int, list[str]] = defaultdict(list)
    for key, text in connection.execute(query.order_by(versions.c.key)) if keys else ():
        reports[key].append(form.format(text))
    return [whole.text(reports[whole.key]) for whole in wholes]


def reports(asked: StatementFilter, keys: Keys, at: At) -> Select[Any]:
    """The attributions that fit, joined with their statements and where these stand in lists."""
    reports, versions, listing = attribution.VERSION, statement.VERSION, statement.LISTING
    return (
        select(reports.c.key)
        .join(listing, and_(listing.c.statement == reports.c.statement, alive(listing, at)))
        .join(versions, and_(versions.c.key == reports.c.statement, alive(versions, at)))
        .where(
            alive(reports, at),
            *filters.of_reports(asked, keys, at, listing),
            *filters.of_statements(asked, keys, at),
        )
    )


def _page(
    connection: Connection,
    query: Select[Any],
    order: Order,
    asked: PageParams,
    at: At,
    stamp: bytes | None = None,
) -> Listed:
    found = page.fetch(connection, query, order, asked, stamp or _asked(asked), at)
    return _listed(connection, found, [row.document for row in found.rows], at)


def _listed(connection: Connection, found: Page, texts: list[str], at: At) -> Listed:
    return Listed(_labelled(connection, texts, at), found.next, found.prev, found.count)


def _labelled(connection: Connection, texts: list[str], at: At) -> list[str]:
    # JSON text has no raw line feed, so many documents can be labelled as one text.
    return labelled(connection, "\n".join(texts), at).split("\n") if texts else []


def _asked(asked: BaseModel) -> bytes:
    """What tells one question from another, whatever page of the answer is wanted."""
    shown = {"limit", "cursor", "count", "expand", "fields", "format"}
    return asked.model_dump_json(exclude=shown).encode()
