"""Figures lined up: claims about the same thing, by claimant and by outlet.

Two figures are about the same thing if every member of their scope is the same: measure,
population, parties, per, place, unit, period (as written) and cumulative. What was not said is a
scope of its own: "killed" is not "killed in total since 27 September", though it may mean that;
such groups stand apart and name each other in `near`. So no total is ever set against a number
for each side, and no civilians against all.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import Connection, Row, literal, select

from app.models import attribution, source, statement
from app.models.base import EARLIEST, LATEST
from app.models.comparison import ByClaimant, ByOutlet, Claim, ComparisonGroup, Near, Scope
from app.models.edtf import Period, parse
from app.models.figure import FIGURE, Measure, Population
from app.models.statement import DateBasis
from app.store import claims, conditions, moment, page, read
from app.store.claims import Made
from app.store.filters import StatementFilter
from app.store.labels import labelled
from app.store.moment import At, AtParams, alive
from app.store.page import PageParams
from app.store.query import MAX_DEPTH
from app.store.resolve import resolve

MOST_FIGURES = 5_000
"""Figures that one answer lines up: the newest of those that fit."""
MOST_CLAIMS = 100
"""Claims of a group that are shown and set against each other (4,950 pairs): the newest."""
MOST_NEAR = 20

Place = tuple[str, str]

_SCOPE = tuple(Scope.model_fields)


class ComparisonQuery(StatementFilter, AtParams, PageParams):
    """What a comparison can be asked; `limit` and `count` are of groups."""

    format: Literal["json", "svg"] | None = Field(  # type: ignore[assignment]  # other forms here
        None, description="`svg` draws it; without `format`, `Accept` decides."
    )


@dataclass(slots=True)
class _Group:
    """The figures of one scope, newest first, and what tells the scope from others."""

    scope: Scope
    key: tuple[Any, ...]
    rows: list[Row[Any]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return hashlib.sha256(orjson.dumps(self.key)).hexdigest()[:16]

    @property
    def place(self) -> Place:
        """Where it stands in the order: by what is counted, and scopes that are alike together."""
        measure, population, parties, *rest = self.key
        ranks = list(Measure).index(measure), [None, *Population].index(population)
        words = ["".join(chr(ord("a") + rank) for rank in ranks), *(parties or ())]
        words += ["" if one is None else ascii(str(one)) for one in rest]
        return " ".join(words)[:150], self.id  # a cursor holds it


@dataclass(frozen=True, slots=True)
class Compared:
    """A page of groups, where its neighbours start, and what was left out."""

    items: list[ComparisonGroup]
    next: str | None
    prev: str | None
    count: int | None
    considered: int
    truncated: bool


def compare(connection: Connection, asked: ComparisonQuery) -> Compared:
    """The figures that fit, lined up; raises `InvalidInput` as the lists do."""
    at = moment.resolve(connection, asked.known_at)
    rows = _figures(connection, asked, at)
    truncated, rows = len(rows) > MOST_FIGURES, rows[:MOST_FIGURES]
    reports = _documents(connection, attribution.VERSION, {row.report for row in rows})
    groups = sorted(_grouped(connection, rows, reports, at), key=lambda group: group.place)
    stamp = asked.model_dump_json(exclude={"limit", "cursor", "count", "format"}).encode()
    shown, next, prev = page.cut(groups, lambda group: group.place, asked, stamp)
    lined = [row for one in shown for row in one.rows[:MOST_CLAIMS]]
    made = _made(connection, lined, reports, at)
    return Compared(
        items=[_answer(group, made, groups) for group in shown],
        next=next,
        prev=prev,
        count=len(groups) if asked.count else None,
        considered=len(rows),
        truncated=truncated,
    )


def _figures(connection: Connection, asked: ComparisonQuery, at: At) -> list[Row[Any]]:
    """The figures that fit, the newest first, and one more than are lined up."""
    keys = resolve(connection, asked)
    reports, versions, listing = attribution.VERSION, statement.VERSION, statement.LISTING
    query = (
        read.reports(asked, keys, at)
        .join(FIGURE, FIGURE.c.seq == reports.c.seq)
        .where(*conditions.of_figures(asked, keys))
        .with_only_columns(
            reports.c.seq.label("report"),
            reports.c.key,
            reports.c.parent,
            reports.c.factuality,
            reports.c.status,
            versions.c.seq.label("said"),
            versions.c.polarity,
            listing.c.statement,
            listing.c.basis,
            listing.c.lower,
            listing.c.upper,
            FIGURE.c.position,
        )
        .order_by(listing.c.newest.desc(), reports.c.key.desc(), FIGURE.c.position)
    )
    return list(connection.execute(query.limit(MOST_FIGURES + 1)))


def _documents(connection: Connection, versions: Any, seqs: set[int]) -> dict[int, str]:
    if not seqs:
        return {}
    query = select(versions.c.seq, versions.c.document).where(versions.c.seq.in_(seqs))
    return {seq: str(text) for seq, text in connection.execute(query)}


def _between(document: str, name: str, following: str) -> str:
    """A member of a document as JSON text, by the member that follows it.

    Members stand in the order of the model, and a quotation mark of the words themselves has a
    backslash before it (as for `labels.of_statement`); to parse thousands of documents for some
    members takes several times as long.
    """
    start = document.index(f'"{name}":') + len(name) + 3
    return document[start : document.index(f',"{following}":', start)]


def _figure(report: str, position: int) -> Any:
    return orjson.loads(_between(report, "figures", "created_at"))[position]


# --- groups -------------------------------------------------------------------------------------


def _grouped(
    connection: Connection, rows: list[Row[Any]], reports: dict[int, str], at: At
) -> Iterable[_Group]:
    texts = [_scope_text(_figure(reports[row.report], row.position)) for row in rows]
    distinct = list(dict.fromkeys(texts))
    shown = labelled(connection, "\n".join(distinct), at).split("\n") if distinct else []
    groups: dict[Any, _Group] = {}
    by_text = {}
    for text, one in zip(distinct, shown, strict=True):
        scope = _scope(one)
        key = _key(scope)
        by_text[text] = groups.setdefault(key, _Group(scope, key))
    for row, text in zip(rows, texts, strict=True):
        by_text[text].rows.append(row)
    return groups.values()


def _scope_text(figure: Any) -> str:
    return orjson.dumps({name: figure[name] for name in _SCOPE}).decode()


def _scope(text: str) -> Scope:
    """A scope as it is answered: its parties are a set, listed by id."""
    scope = Scope.model_validate_json(text)
    parties = {party.id: party for party in scope.parties}
    return scope.model_copy(update={"parties": [parties[id] for id in sorted(parties)]})


def _key(scope: Scope) -> tuple[Any, ...]:
    """The members of a scope by id, in their order; None where nothing is said."""
    values = {name: getattr(scope, name) for name in _SCOPE}
    values["parties"] = tuple(party.id for party in scope.parties) or None
    values["place"] = scope.place and scope.place.id
    return tuple(values.values())


def _near(group: _Group, groups: list[_Group]) -> list[Near]:
    """The groups that count the same people or things, and otherwise differ only in what one of
    the two leaves unsaid."""
    found: list[Near] = []
    for other in groups:
        if len(found) == MOST_NEAR:
            break
        here: list[str] = []
        there: list[str] = []
        for name, mine, theirs in zip(_SCOPE, group.key, other.key, strict=True):
            if mine == theirs:
                continue
            if name in _WHO or (mine is not None and theirs is not None):
                break
            (here if mine is None else there).append(name)
        else:
            if here or there:
                label = claims.scope_label(other.scope)
                found.append(
                    Near(group=other.id, label=label, unsaid_here=here, unsaid_there=there)
                )
    return found


_WHO = {"population", "parties"}


def _answer(group: _Group, made: dict[Any, Made], groups: list[_Group]) -> ComparisonGroup:
    lined = [made[_of(row)] for row in group.rows[:MOST_CLAIMS]]
    lined.sort(key=_order)
    pairs, tally = claims.pairs(lined)
    return ComparisonGroup(
        id=group.id,
        label=claims.scope_label(group.scope),
        scope=group.scope,
        relation=claims.relation(lined, pairs, tally),
        claims=[one.claim for one in lined],
        claims_total=len(group.rows),
        by_claimant=_by_claimant(lined),
        by_outlet=_by_outlet(lined),
        pairs=pairs,
        tally=tally,
        near=_near(group, groups),
    )


def _order(one: Made) -> tuple[Any, ...]:
    claim, when = one.claim, one.when
    undated = (LATEST, LATEST)
    dates = (
        undated
        if when is None
        else (
            EARLIEST if when.lower is None else when.lower,
            LATEST if when.upper is None else when.upper,
        )
    )
    return *dates, claim.statement.id, claim.attribution.id, claim.figure


def _by_claimant(made: list[Made]) -> list[ByClaimant]:
    found: dict[Any, ByClaimant] = {}
    for place, one in enumerate(made):
        for number, claimant in enumerate(one.claim.claimants or [None]):
            # Of two whom nobody can recognize, nobody can say that they are one.
            who: Any = claimant and (claims.identity(claimant, one.claim) or (place, number))
            entry = found.setdefault(who, ByClaimant(claimant=claimant, claims=[]))
            if place not in entry.claims:
                entry.claims.append(place)
    return list(found.values())


def _by_outlet(made: list[Made]) -> list[ByOutlet]:
    found: dict[Any, ByOutlet] = {}
    for place, one in enumerate(made):
        claim = one.claim
        who = claim.publisher.id if claim.publisher else ("", claim.source.id)
        entry = found.setdefault(who, ByOutlet(publisher=claim.publisher, sources=[], claims=[]))
        entry.claims.append(place)
        if claim.source.id not in [source.id for source in entry.sources]:
            entry.sources.append(claim.source)
    return list(found.values())


# --- claims -------------------------------------------------------------------------------------


def _of(row: Row[Any]) -> tuple[int, int]:
    return row.report, row.position


def _made(
    connection: Connection, rows: list[Row[Any]], reports: dict[int, str], at: At
) -> dict[Any, Made]:
    """The claims that these figures make, by report and position."""
    if not rows:
        return {}
    said = _documents(connection, statement.VERSION, {row.said for row in rows})
    outer = _outer(connection, {row.key for row in rows if row.parent is not None}, at)
    dates = _reported(
        connection, {row.statement for row in rows if row.basis == DateBasis.reported}, at
    )
    items = []
    for row in rows:
        report = reports[row.report]
        figure = _figure(report, row.position)
        item = {name: figure[name] for name in _OF_FIGURE} | {
            "polarity": row.polarity,
            "factuality": row.factuality,
            "attribution_status": row.status,
            "date": dates.get((row.statement, row.lower, row.upper)),
            "date_basis": row.basis,
            "figure": row.position,
            "publisher": None,
        }
        if row.basis == DateBasis.said:
            item["date"] = orjson.loads(_between(said[row.said], "said_at", "occasion"))
        parts = (
            f'"attribution":{{"id":{_between(report, "id", "version")}}}',
            f'"statement":{_between(report, "statement", "source")}',
            f'"source":{_between(report, "source", "reported_at")}',
            f'"claimants":{_between(report, "speakers", "joint")}',
            f'"according_to":[{",".join(outer.get(row.key, ()))}]',
        )
        items.append(f"{orjson.dumps(item).decode()[:-1]},{','.join(parts)}}}")
    shown = labelled(connection, "\n".join(items), at).split("\n")
    made = {}
    for row, text in zip(rows, shown, strict=True):
        claim = Claim.model_validate_json(text)
        claim.publisher = claim.source.publisher
        made[_of(row)] = Made(claim, _when(row))
    return made


_OF_FIGURE = ("as_worded", "qualifier", "low", "best", "high", "status")


def _when(row: Row[Any]) -> Period | None:
    if row.basis is None:
        return None
    return Period(
        None if row.lower == EARLIEST else row.lower, None if row.upper == LATEST else row.upper
    )


def _outer(connection: Connection, keys: set[int], at: At) -> dict[int, list[str]]:
    """Who speaks around each of these attributions, nearest first, as JSON texts."""
    if not keys:
        return {}
    versions = attribution.VERSION
    start = select(versions.c.key.label("inner"), versions.c.parent, literal(1).label("depth"))
    walk = start.where(versions.c.key.in_(keys), alive(versions, at)).cte("around", recursive=True)
    step = select(walk.c.inner, versions.c.parent, walk.c.depth + 1)
    step = step.join(walk, walk.c.parent == versions.c.key)
    walk = walk.union_all(step.where(alive(versions, at), walk.c.depth < MAX_DEPTH))
    query = (
        select(walk.c.inner, versions.c.document)
        .join(versions, versions.c.key == walk.c.parent)
        .where(alive(versions, at))
        .order_by(walk.c.inner, walk.c.depth)
    )
    found: dict[int, list[str]] = {}
    for inner, text in connection.execute(query):
        if speakers := _between(text, "speakers", "joint")[1:-1]:
            found.setdefault(inner, []).append(speakers)
    return found


def _reported(connection: Connection, keys: set[int], at: At) -> dict[Any, str]:
    """The dates of the reports of these statements as written, by statement and bounds."""
    if not keys:
        return {}
    reports, sources = attribution.VERSION, source.VERSION
    query = (
        select(reports.c.statement, reports.c.document, sources.c.document.label("source"))
        .join(sources, sources.c.key == reports.c.source)
        .where(reports.c.statement.in_(keys), alive(reports, at), alive(sources, at))
        .order_by(reports.c.key)
    )
    found: dict[Any, str] = {}
    for key, text, origin in connection.execute(query):
        date = orjson.loads(text)["reported_at"] or orjson.loads(origin)["published_at"]
        if date:
            lower, upper = parse(date)
            bounds = (
                EARLIEST if lower is None else lower,
                LATEST if upper is None else upper,
            )
            found.setdefault((key, *bounds), date)
    return found
