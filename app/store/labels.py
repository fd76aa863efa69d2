"""References as they are answered: each mark in a document gets the label of the day.

A stored document names other records by marks like `{"$actor":"some-id"}`, which no text of a
user can contain, since a quotation mark in a JSON string is escaped. So they are found and
replaced in the text, without parsing it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from app.models import IDENTITIES, VERSIONS
from app.models.base import RecordType
from app.store import prepared
from app.store.moment import At, alive

_MARK = re.compile(r'\{"\$(topic|actor|source|statement|attribution)":"([^"]+)"\}')
_LABELLED = (RecordType.topic, RecordType.actor, RecordType.source)

Name = tuple[str, str]
"""What a mark names: a record, by its type and id."""
NOTHING: Mapping[Name, str] = {}


def labelled(
    connection: Connection, text: str, at: At = None, known: Mapping[Name, str] = NOTHING
) -> str:
    """A document, or several, with every mark replaced; one query for each type of record.

    `known` has labels that the caller has made already.
    """
    parts = _MARK.split(text)  # text, type and id in turn
    if len(parts) == 1:
        return text
    named = list(zip(parts[1::3], parts[2::3], strict=True))
    labels = {**known}
    wanted = _by_type(set(named) - labels.keys())
    sources = {}
    if ids := wanted.pop("source", None):  # their labels name publishers in turn
        sources = _load(connection, RecordType.source, ids, at)
        for label in sources.values():
            for type, found in marks(label).items():
                wanted[type] |= found
    for type, ids in wanted.items():
        labels |= _load(connection, RecordType(type), ids, at)
    for name, label in sources.items():
        labels[name] = _MARK.sub(lambda mark: _label(labels, mark.groups()), label)
    parts[1::3] = [_label(labels, name) for name in named]
    del parts[2::3]
    return "".join(parts)


def marks(text: str) -> dict[str, set[str]]:
    """The ids that a document's marks name, by type."""
    return _by_type(_MARK.findall(text))


def _by_type(names: Iterable[Name]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for type, id in names:
        found[type].add(id)
    return found


def _label(labels: Mapping[Name, str], name: Any) -> str:
    return labels.get(name) or unlabelled(RecordType(name[0]), name[1])


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


def of_statement(document: str) -> str:
    """The label of a statement: its words are not stored a second time as one.

    It is cut out of the text, where members stand in the order of the model, and where a quotation
    mark of the words themselves has a backslash before it: to parse it takes five times as long.
    """
    content = document.index('"content":')
    lang = document.index(',"lang":', content)
    polarity = document.index(',"polarity":"', lang)
    end = document.index('"', polarity + len(',"polarity":"')) + 1
    id = document[: document.index(",") + 1]
    return f"{id}{document[content:lang]}{document[polarity:end]}}}"


def _load(connection: Connection, type: RecordType, ids: Iterable[str], at: At) -> dict[Name, str]:
    if type is RecordType.attribution:
        return {}
    count, values = prepared.padded("id", ids)

    def build() -> Select[Any]:
        identity, version = IDENTITIES[type], VERSIONS[type]
        shown = version.c.label if type in _LABELLED else version.c.document
        # What was merged since went by its own label then.
        now = func.coalesce(identity.c.merged_into, identity.c.key)
        survivor = identity.c.key if at is not None else now
        named = identity.c.id.in_(prepared.each("id", [""] * count, identity.c.id.type))
        query = select(identity.c.id, shown).join(version, version.c.key == survivor)
        return query.where(named, alive(version, at))

    shape = ("labels", type, count, at is not None)
    found = prepared.rows(connection, shape, build, {**values, "at": at})
    shown = of_statement if type is RecordType.statement else str
    return {(str(type), id): shown(text) for id, text in found}
