"""References as they are answered: each mark in a document gets the label of the day.

A stored document names other records by marks like `{"$actor":"some-id"}`, which no text of a
user can contain, since a quotation mark in a JSON string is escaped. So they are found and
replaced in the text, without parsing it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Select, func, select

from app.db import is_reader
from app.models import IDENTITIES, REVISION, VERSIONS
from app.models.base import RecordType
from app.store import prepared
from app.store.moment import At, alive

_MARK = re.compile(r'\{"\$((?:topic|actor|source|statement|attribution)":"[^"]+)"\}')
"""A mark; what it catches is the name of a record."""
_LABELLED = (RecordType.topic, RecordType.actor, RecordType.source)

Name = str
"""A record as a mark names it: its type and id, with what stands between them there."""
NOTHING: Mapping[Name, str] = {}
_BETWEEN = '":"'


def name(type: RecordType, id: str) -> Name:
    """What a mark of this record names."""
    return f"{type}{_BETWEEN}{id}"


def labelled(
    connection: Connection, text: str, at: At = None, statements: Mapping[Name, str] = NOTHING
) -> str:
    """A document, or several, with every mark replaced; at most one query for each type of record.

    `statements` are documents that the caller has: those need not be looked up for a label.
    """
    parts = _MARK.split(text)  # text and name in turn
    if len(parts) == 1:
        return text
    kept = _kept(connection) if at is None else {}
    labels = {name: kept.get(name) for name in set(parts[1::2])}
    if missing := {name for name, label in labels.items() if label is None}:
        here = missing & statements.keys()
        made = _make(connection, missing - here, at)
        labels |= made | {name: of_statement(statements[name]) for name in here}
        _keep(kept, made)
    parts[1::2] = [labels[name] for name in parts[1::2]]
    return "".join(parts)


def marks(text: str) -> dict[str, set[str]]:
    """The ids that a document's marks name, by type."""
    return _by_type(names(text))


def names(text: str) -> list[Name]:
    """The records that a document's marks name."""
    return _MARK.findall(text)


def _by_type(names: Iterable[Name]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name in names:
        type, _, id = name.partition(_BETWEEN)
        found[type].add(id)
    return found


def _make(connection: Connection, names: Iterable[Name], at: At) -> dict[Name, str]:
    """The labels of these records."""
    wanted, labels, sources = _by_type(names), dict[Name, str](), dict[Name, str]()
    if ids := wanted.pop("source", None):  # their labels name publishers in turn
        sources = _load(connection, RecordType.source, ids, at)
        for label in sources.values():
            for type, found in marks(label).items():
                wanted[type] |= found
    for type, ids in wanted.items():
        labels |= _load(connection, RecordType(type), ids, at)
    for one, label in sources.items():
        labels[one] = _MARK.sub(lambda mark: labels.get(mark[1]) or _without(mark[1]), label)
    return labels | {name: _without(name) for name in names if name not in labels}


# --- what is remembered -------------------------------------------------------------------------


class _Kept(NamedTuple):
    """Labels that hold after a revision of the ledger."""

    seq: int
    hash: str
    labels: dict[Name, str]


MOST = 50_000
"""Labels that are remembered of a store."""
FAR = 1_000
"""Revisions that are looked through for one that changed a label."""

_KEPT: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def _kept(connection: Connection) -> dict[Name, str]:
    """The labels that hold in the state that this connection sees.

    To look them up took half of the time of a page, and they change seldom: with the actors, topics
    and sources that have them, not with what is said. The ledger tells whether any was changed.
    """
    if not is_reader(connection):  # what a writer sees may come to nothing
        return {}
    newest = prepared.plain(connection, ("newest revision and hash",), _newest, {})
    seq, hash = newest[0] if newest else (0, "")
    kept = _KEPT.get(connection.engine)
    if kept is None or seq > kept.seq:
        holds = kept is not None and seq - kept.seq < FAR and _holds(connection, kept)
        kept = _Kept(seq, hash, kept.labels if kept and holds else {})
        _KEPT[connection.engine] = kept
    # Another reader may be ahead of this one, and the store may have been put in another's place.
    return kept.labels if (kept.seq, kept.hash) == (seq, hash) else {}


def _newest() -> Select[Any]:
    newest = select(func.max(REVISION.c.seq)).scalar_subquery()
    return select(REVISION.c.seq, REVISION.c.hash).where(REVISION.c.seq == newest)


def _holds(connection: Connection, kept: _Kept) -> bool:
    """Whether the ledger went on from there without a change of anything whose label is kept."""
    shape, values = ("labels changed",), {"after": kept.seq}
    later = prepared.plain(connection, shape, _later, values)
    return bool(later) and later[0] == (kept.seq, kept.hash) and len(later) == 1


def _later() -> Select[Any]:
    """A revision, and the first after it that may have changed a label."""
    after, seq = prepared.parameter("after"), REVISION.c.seq
    query = select(seq, REVISION.c.hash).where(seq >= after)
    return query.where((seq == after) | REVISION.c.type.in_(_LABELLED)).order_by(seq).limit(2)


def _keep(kept: dict[Name, str], made: Mapping[Name, str]) -> None:
    """Remember labels, but for those of statements, which are long and change with them."""
    if len(kept) + len(made) > MOST:
        kept.clear()
    kept.update((name, label) for name, label in made.items() if name[:9] != "statement")


# --- what labels are made of --------------------------------------------------------------------


def _without(name: Name) -> str:
    type, _, id = name.partition(_BETWEEN)
    return unlabelled(RecordType(type), id)


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
    found = prepared.plain(connection, shape, build, {**values, "at": at})
    shown = of_statement if type is RecordType.statement else str
    return {name(type, id): shown(text) for id, text in found}
