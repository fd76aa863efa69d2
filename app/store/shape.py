"""`expand` and `fields`: records with references inlined in full, or with some members only.

The ordinary page needs neither, so only what asks for them is parsed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy import Connection, func, select

from app.errors import Fault, InvalidInput, short
from app.models import IDENTITIES, VERSIONS
from app.models.actor import ActorAnswer
from app.models.attribution import AttributionAnswer
from app.models.base import RecordType
from app.models.figure import FigureAnswer
from app.models.source import SourceAnswer
from app.models.statement import StatementAnswer
from app.models.topic import TopicAnswer
from app.store import moment
from app.store.labels import labelled
from app.store.moment import At, alive
from app.store.query import Shown
from app.store.read import Listed

Path = tuple[RecordType, str]
"""The type of what is named, and the members that lead to it."""

_ACTOR, _SOURCE = RecordType.actor, RecordType.source
_STATEMENT, _ATTRIBUTION = RecordType.statement, RecordType.attribution

EXPANDABLE: dict[type[BaseModel], dict[str, Path | None]] = {
    ActorAnswer: {
        "organizations": (_ACTOR, "memberships.organization"),
        "sources": (_SOURCE, "memberships.source"),
    },
    TopicAnswer: {"broader": (RecordType.topic, "broader")},
    SourceAnswer: {
        "publisher": (_ACTOR, "publisher"),
        "derived_from": (_SOURCE, "derived_from"),
    },
    StatementAnswer: {
        "attributions": None,  # inlined by the page itself
        "speakers": (_ACTOR, "attributions.speakers.actor"),
        "sources": (_SOURCE, "attributions.source"),
        "topics": (RecordType.topic, "topics"),
        "about": (_ACTOR, "about"),
        "relations": (_STATEMENT, "relations.statement"),
        "content_from": (_ATTRIBUTION, "content_from"),
    },
    AttributionAnswer: {
        "statement": (_STATEMENT, "statement"),
        "source": (_SOURCE, "source"),
        "speakers": (_ACTOR, "speakers.actor"),
        "via": (_ACTOR, "via.actor"),
        "parent": (_ATTRIBUTION, "parent"),
    },
    FigureAnswer: {
        "attribution": (_ATTRIBUTION, "attribution"),
        "statement": (_STATEMENT, "statement"),
        "claimants": (_ACTOR, "claimants.actor"),
        "source": (_SOURCE, "source"),
        "place": (RecordType.topic, "place"),
        "parties": (_ACTOR, "parties"),
    },
}
"""What `expand` takes, by the shape of what is answered."""


def check(shape: type[BaseModel], asked: Shown) -> None:
    """Raise `InvalidInput` for a name that `expand` or `fields` does not take."""
    expand, fields = asked.expand, asked.fields
    faults = []
    for parameter, names, known in (
        ("expand", expand, ["none", *EXPANDABLE[shape]]),
        ("fields", fields, list(shape.model_fields)),
    ):
        for name in names or []:
            if name not in known:
                detail = f"{short(name)} is none of {', '.join(known)}"
                faults.append(Fault(detail, "unknown_member", parameter=parameter))
    if expand and "none" in expand and len(expand) > 1:
        faults.append(Fault("none stands alone", "unknown_member", parameter="expand"))
    if faults:
        raise InvalidInput.of(*faults)


def listed(
    connection: Connection,
    shape: type[BaseModel],
    list: Callable[[Connection, Any], Listed],
    asked: Any,
) -> Listed:
    """A page of a collection, with the members and references that were asked for."""
    check(shape, asked)
    page = list(connection, asked)
    return replace(page, items=shaped(connection, shape, page.items, asked))


def shaped(
    connection: Connection, shape: type[BaseModel], texts: list[str], asked: Shown
) -> list[str]:
    """The records in `texts` with the members and references that were asked for."""
    fields = asked.fields
    paths = [path for name in asked.expand or [] if (path := EXPANDABLE[shape].get(name))]
    if not paths and fields is None:
        return texts
    at = moment.of(connection, asked)
    items = [orjson.loads(text) for text in texts]
    for type, members in paths:
        _inline(connection, type, items, members.split("."), at)
    if fields is not None:
        items = [{name: item[name] for name in fields if name in item} for item in items]
    return [orjson.dumps(item).decode() for item in items]


def _inline(
    connection: Connection, type: RecordType, items: list[Any], path: list[str], at: At
) -> None:
    slots = [slot for item in items for slot in _slots(item, path)]
    ids = {holder[name]["id"] for holder, name in slots}
    whole = _documents(connection, type, ids, at)
    for holder, name in slots:
        holder[name] = whole.get(holder[name]["id"], holder[name])


def _slots(value: Any, path: list[str]) -> Iterator[tuple[Any, Any]]:
    """Every place that a path leads to, as what holds it and the name or position there."""
    name, *rest = path
    if isinstance(value, list):
        for part in value:
            yield from _slots(part, path)
    elif isinstance(value, dict) and value.get(name) is not None:
        if rest:
            yield from _slots(value[name], rest)
        elif isinstance(value[name], list):
            yield from ((value[name], position) for position in range(len(value[name])))
        else:
            yield value, name


def _documents(
    connection: Connection, type: RecordType, ids: Iterable[str], at: At
) -> dict[str, Any]:
    identity, version = IDENTITIES[type], VERSIONS[type]
    survivor = func.coalesce(identity.c.merged_into, identity.c.key)
    query = select(identity.c.id, version.c.document).join(version, version.c.key == survivor)
    rows = list(connection.execute(query.where(identity.c.id.in_(ids), alive(version, at))))
    if not rows:
        return {}
    texts = labelled(connection, "\n".join(row.document for row in rows), at).split("\n")
    return {row.id: orjson.loads(text) for row, text in zip(rows, texts, strict=True)}
