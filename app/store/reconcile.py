"""Which actor or topic is meant by a name in somebody else's list.

Candidates are found through the folded names, so any script will do; how each was scored is told
as features. A candidate is called a match only where nothing else can be meant: its name is the one
asked for, nobody else bears it, and everything else that was said of it fits.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, case, func, or_, select

from app.models import IDENTITIES, VERSIONS, actor, topic
from app.models.actor import ActorKind
from app.models.base import ID_PATTERN, RecordType, State
from app.models.fold import fold
from app.models.search import NAME, WORD
from app.models.topic import TopicKind
from app.store import project
from app.store.moment import alive

TYPES = {RecordType.actor: ActorKind, RecordType.topic: TopicKind}
KINDS: dict[str, RecordType] = {kind: type for type, kinds in TYPES.items() for kind in kinds}
LOOKED_AT = 200
"""Names that are scored for a query: those that share most of its words."""
LIKE = 0.6
"""How alike names must be at least, from 0 to 1, to be told."""
PART, LAST = 0.6, 0.65
"""How alike a name is, at least, to whole words of it, and to those that end it (a surname)."""
SCHEME = "identifier:"
PROPERTIES = {
    "name": "Name",
    "other_name": "Other name",
    "kind": "Kind",
    "description": "Description",
    "member_of": "Member of",
    "role": "Role",
    "broader": "Broader topic",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "start_date": "Start date",
    "end_date": "End date",
}
"""What can be asked of an entity besides `identifier:` and the name of a register."""

Value = dict[str, Any]


class Entity(NamedTuple):
    """An actor or topic as it is now."""

    type: RecordType
    key: int
    id: str
    kind: str
    name: str
    document: dict[str, Any]

    @property
    def address(self) -> str:
        """What names it among actors and topics together."""
        return f"{self.type}:{self.id}"

    @property
    def description(self) -> str:
        said: str = self.document.get("description") or ""
        return f"{self.kind.replace('_', ' ')}{': ' if said else ''}{said[:200]}"


class Query(NamedTuple):
    """What is known of somebody or something: a name, types, and values of properties."""

    name: str | None
    types: frozenset[str]
    values: Sequence[tuple[str, Sequence[str]]]
    limit: int


class Candidate(NamedTuple):
    """Who may be meant, how well it fits from 0 to 100, and why."""

    entity: Entity
    score: float
    match: bool
    features: dict[str, float | bool]


def candidates(connection: Connection, query: Query) -> list[Candidate]:
    """Who may be meant, best first."""
    found = _by_name(connection, query.name) if query.name else {}
    if query.name:
        found |= {name: {"id": 1.0} for name in _by_address(connection, query.name)}
    else:
        found |= {name: {} for name in _by_identifiers(connection, query)}
    entities = [one for one in _entities(connection, found) if _is_of(one, query.types)]
    exact = sum(found[one.type, one.key].get("name") == 1.0 for one in entities)
    scored = []
    for one in entities:
        features: dict[str, float | bool] = dict(found[one.type, one.key])
        fits = [_fits(connection, one, pid, wanted) for pid, wanted in query.values]
        score = 100.0 * max(features.get("name", 0.0), features.get("id", 0.0))
        if fits:
            features["properties"] = sum(fits) / len(fits)
            score = 100.0 * features["properties"] if not query.name else score
            score *= 0.5 + features["properties"] / 2
        alone = exact == 1 or any(
            fit and pid.startswith(SCHEME) for fit, (pid, _) in zip(fits, query.values, strict=True)
        )
        named = features.get("name") == 1.0 and alone
        if query.name and features.get("name") == 1.0:
            features["namesakes"] = exact - 1
        known = features.get("id") == 1.0 or (not query.name and len(entities) == 1)
        scored.append(Candidate(one, round(score, 2), all(fits) and (named or known), features))
    if sum(one.match for one in scored) > 1:  # whatever the reason: then nothing is sure
        scored = [one._replace(match=False) for one in scored]
    scored.sort(key=lambda one: (-one.score, one.entity.name, one.entity.address))
    return scored[: query.limit]


Place = tuple[RecordType, int]


def _by_name(connection: Connection, name: str) -> dict[Place, dict[str, float]]:
    """Those with a name like this one: how alike it is, and how many words they share."""
    whole = fold(name)
    words = list(dict.fromkeys(whole.split()))[:20]
    if not words:
        return {}
    # A word that is spelled otherwise towards its end still begins alike.
    like = [WORD.c.word == word for word in words]
    like += [
        (WORD.c.word >= word[:4]) & (WORD.c.word < word[:4] + "{")
        for word in words
        if len(word) > 4
    ]
    sharing = (
        select(WORD.c.name)
        .where(or_(*like))
        .group_by(WORD.c.name)
        .order_by(func.sum(case((WORD.c.word.in_(words), 2), else_=1)).desc(), WORD.c.name)
        .limit(LOOKED_AT)
    )
    columns = (NAME.c.type, NAME.c.key, NAME.c.folded)
    rows = list(connection.execute(select(*columns).where(NAME.c.folded == whole)))
    rows += connection.execute(select(*columns).where(NAME.c.id.in_(sharing)))
    found: dict[Place, dict[str, float]] = {}
    for row in rows:
        features = _likeness(whole, row.folded)
        place = (RecordType(row.type), row.key)
        if features["name"] >= LIKE and features["name"] > found.get(place, {}).get("name", 0):
            found[place] = features
    return found


def _likeness(asked: str, known: str) -> dict[str, float]:
    """Of two folded names: 1 only where they are the same, so that this can be relied on."""
    if asked == known:
        return {"name": 1.0, "words": 1.0}
    mine, theirs = sorted(asked.split()), sorted(known.split())
    shared = len(set(mine) & set(theirs)) / max(len(set(mine)), len(set(theirs)))
    letters = SequenceMatcher(None, " ".join(mine), " ".join(theirs), autojunk=False).ratio()
    alike = 0.99 if mine == theirs else min(0.95, 0.7 * letters + 0.3 * shared)
    if f" {asked} " in f" {known} ":
        alike = max(alike, LAST if known.endswith(f" {asked}") else PART)
    return {"name": round(alike, 4), "words": round(shared, 4)}


def _by_address(connection: Connection, text: str) -> list[Place]:
    return [(one.type, one.key) for one in addressed(connection, [text]).values()]


_IDENTIFIERS = {RecordType.actor: actor.IDENTIFIER, RecordType.topic: topic.IDENTIFIER}


def _by_identifiers(connection: Connection, query: Query) -> list[Place]:
    """Those with an identifier that was given: without a name, nothing else is looked up by."""
    found = []
    for type in TYPES:
        table, version = _IDENTIFIERS[type], VERSIONS[type]
        for pid, wanted in query.values:
            if not pid.startswith(SCHEME) or "\0" in pid:
                continue
            keys = select(version.c.key).join(table, table.c.seq == version.c.seq)
            keys = keys.where(
                alive(version),
                table.c.scheme == pid.removeprefix(SCHEME),
                table.c.identifier.in_([text for text in wanted if "\0" not in text]),
            )
            found += [(type, key) for key in connection.scalars(keys.limit(LOOKED_AT))]
    return found


def _is_of(entity: Entity, types: frozenset[str]) -> bool:
    return not types or entity.kind in types or entity.type in types


def addressed(connection: Connection, addresses: Iterable[str]) -> dict[str, Entity]:
    """The entities of these addresses, also under the id of one that was merged into them."""
    names: dict[str, project.Name] = {}
    for address in addresses:
        type, _, id = address.partition(":")
        if type in TYPES and _ID.fullmatch(id):
            names[address] = (RecordType(type), id)
    known = project.identities(connection, set(names.values()))
    for address, name in names.items():
        if name in known and known[name].state is State.merged:
            heir = (name[0], project.survivor(connection, *name))
            names[address] = heir
            known |= project.identities(connection, [heir])
    places = {
        name: (name[0], known[name].key)
        for name in names.values()
        if name in known and known[name].state is State.live
    }
    entities = {(one.type, one.key): one for one in _entities(connection, set(places.values()))}
    return {
        address: entities[places[name]]
        for address, name in names.items()
        if name in places and places[name] in entities
    }


_ID = re.compile(ID_PATTERN)


def _entities(connection: Connection, places: Iterable[Place]) -> list[Entity]:
    places = list(places)
    found = []
    for type in TYPES:
        identity, version = IDENTITIES[type], VERSIONS[type]
        keys = [key for of, key in places if of is type]
        query = select(
            identity.c.key, identity.c.id, version.c.kind, version.c.label, version.c.document
        )
        query = query.join(version, version.c.key == identity.c.key)
        query = query.where(identity.c.key.in_(keys), alive(version))
        found += [_entity(type, row) for row in (connection.execute(query) if keys else ())]
    return found


def _entity(type: RecordType, row: Any) -> Entity:
    label = orjson.loads(row.label)
    name = label.get("name") or label.get("label") or row.id
    return Entity(type, row.key, row.id, row.kind, name, orjson.loads(row.document))


# --- properties ---------------------------------------------------------------------------------


def property_name(pid: str) -> str | None:
    """What a property is called; None where there is no such property."""
    if pid.startswith(SCHEME) and 0 < len(pid) - len(SCHEME) <= 500:
        return f"Identifier ({pid.removeprefix(SCHEME)})"
    return PROPERTIES.get(pid)


def values(connection: Connection, entity: Entity, pid: str) -> list[Value]:
    """The values of a property, as the data extension service gives them."""
    document = entity.document
    members: list[dict[str, Any]] = document.get("memberships") or []
    if pid == "name":
        return _texts([entity.name])
    if pid == "other_name":
        names = [one["name"] for one in document.get("other_names") or []]
        names += list((document.get("pref_labels") or {}).values())
        names += [one["label"] for one in document.get("alt_labels") or []]
        return _texts(name for name in dict.fromkeys(names) if name != entity.name)
    if pid == "member_of":
        return _named(connection, RecordType.actor, [one["organization"] for one in members])
    if pid == "role":
        return _texts(dict.fromkeys(one["role"] for one in members if one["role"]))
    if pid == "broader":
        return _named(connection, RecordType.topic, document.get("broader") or [])
    if pid in ("latitude", "longitude"):
        number = document.get(pid)
        return [] if number is None else [{"float": number}]
    if pid.startswith(SCHEME):
        scheme = pid.removeprefix(SCHEME)
        known = document.get("identifiers") or []
        return _texts(one["identifier"] for one in known if one["scheme"] == scheme)
    text = document.get(pid) if pid in PROPERTIES else None
    return _texts([text] if text else [])


def _texts(texts: Iterable[str]) -> list[Value]:
    return [{"str": text} for text in texts]


def _named(connection: Connection, type: RecordType, marks: list[dict[str, str]]) -> list[Value]:
    addresses = dict.fromkeys(f"{type}:{id}" for mark in marks for id in mark.values())
    found = addressed(connection, addresses)
    return [{"id": one.address, "name": one.name} for one in found.values()]


def _fits(connection: Connection, entity: Entity, pid: str, wanted: Sequence[str]) -> bool:
    """Whether one of the values is among those wanted: by id, or by its folded text."""
    ids, texts = set(wanted), {fold(text) for text in wanted} - {""}
    for value in values(connection, entity, pid):
        plain = [str(part) for part in value.values()]
        if ids & set(plain):
            return True
        if not pid.startswith(SCHEME) and texts & {fold(part) for part in plain}:
            return True
    return False
