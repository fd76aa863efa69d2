"""References as they are answered: each mark in a document gets the label of the day.

A stored document names other records by marks like `{"$actor":"some-id"}`, which no text of a
user can contain, since a quotation mark in a JSON string is escaped. So they are found and
replaced in the text, without parsing it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

import orjson
from sqlalchemy import Connection, func, select

from app.models import IDENTITIES, VERSIONS
from app.models.base import RecordType
from app.store.moment import At, alive

_MARK = re.compile(r'\{"\$(topic|actor|source|statement|attribution)":"([^"]+)"\}')
_LABELLED = (RecordType.topic, RecordType.actor, RecordType.source)


def labelled(connection: Connection, text: str, at: At = None) -> str:
    """A document, or several, with every mark replaced; one query for each type of record."""
    found = marks(text)
    if sources := found.pop("source", None):  # their labels name publishers in turn
        labels = _load(connection, RecordType.source, sources, at)
        text = _MARK.sub(_replace(labels, only="source"), text)
        found = marks(text)
    labels = {}
    for name, ids in found.items():
        labels |= _load(connection, RecordType(name), ids, at)
    return _MARK.sub(_replace(labels), text)


def marks(text: str) -> dict[str, set[str]]:
    """The ids that a document's marks name, by type."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, id in _MARK.findall(text):
        found[name].add(id)
    return found


def _replace(
    labels: dict[tuple[str, str], str], only: str | None = None
) -> Callable[[re.Match[str]], str]:
    def replacement(mark: re.Match[str]) -> str:
        name, id = mark.groups()
        if only and name != only:
            return mark[0]
        return labels.get((name, id)) or unlabelled(RecordType(name), id)

    return replacement


def unlabelled(type: RecordType, id: str) -> str:
    """A reference to a record whose label cannot be shown (any more, or yet)."""
    nothing = {
        RecordType.topic: ',"label":null',
        RecordType.actor: ',"name":null',
        RecordType.source: ',"title":null,"url":null,"publisher":null,"published_at":null',
        RecordType.statement: ',"content":null,"polarity":null',
        RecordType.attribution: "",
    }
    return f'{{"id":"{id}"{nothing[type]}}}'


def _load(
    connection: Connection, type: RecordType, ids: Iterable[str], at: At
) -> dict[tuple[str, str], str]:
    if type is RecordType.attribution:
        return {}
    identity, version = IDENTITIES[type], VERSIONS[type]
    shown = version.c.label if type in _LABELLED else version.c.document
    # What was merged since went by its own label then.
    now = func.coalesce(identity.c.merged_into, identity.c.key)
    survivor = identity.c.key if at is not None else now
    query = (
        select(identity.c.id, shown)
        .join(version, version.c.key == survivor)
        .where(identity.c.id.in_(ids), alive(version, at))
    )
    labels = {}
    for id, text in connection.execute(query):
        if type is RecordType.statement:  # its words are not stored a second time as a label
            document = orjson.loads(text)
            label = {name: document[name] for name in ("id", "content", "polarity")}
            text = orjson.dumps(label).decode()
        labels[str(type), id] = text
    return labels
