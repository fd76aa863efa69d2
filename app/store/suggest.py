"""Type-ahead over the names of actors and topics, in any script."""

from typing import Any

import orjson
from sqlalchemy import Connection, and_, select

from app.errors import Fault, InvalidInput
from app.models import IDENTITIES, VERSIONS
from app.models.base import RecordType
from app.models.fold import prefix_key, words
from app.models.search import NAME, WORD
from app.store.moment import alive

TYPES = (RecordType.actor, RecordType.topic)
LOOKED_AT = 500
"""Names that are compared: with one or two letters, more would fit than anyone reads."""


def suggest(connection: Connection, q: str, *, types: list[RecordType], limit: int) -> list[str]:
    """The actors and topics with a name that begins like `q`, best first, as JSON texts.

    Every word of `q` but the last must be a word of the name, the last the beginning of one. A
    name that is `q` comes first, then those that begin with it, then those with a word that does.
    """
    keys = [word.key for word in words(q)]
    if not keys:
        raise InvalidInput.of(
            Fault("has no letter or digit to look for", "invalid_query", parameter="q")
        )
    whole = " ".join(keys)
    beginning = (prefix_key(q) or whole).split(" ")[-1] or keys[-1]
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    for row in _names(connection, keys[:-1], beginning, types, limit):
        reason, rank = _why(row.folded, whole, [*keys[:-1], beginning])
        place = (rank, not row.main, len(row.folded), row.folded, row.type, row.key)
        name = (row.type, row.key)
        if name not in found or place < found[name][0]:
            found[name] = (place, row.name, row.lang, reason)
    best = sorted(found.items(), key=lambda item: item[1][0])[:limit]
    return _shown(connection, best)


def _names(
    connection: Connection, before: list[str], beginning: str, types: list[RecordType], limit: int
) -> list[Any]:
    """The names to choose from; those that begin with what was typed come before all others, so
    these are only looked for where there are not enough."""
    columns = (NAME.c.type, NAME.c.key, NAME.c.name, NAME.c.lang, NAME.c.main, NAME.c.folded)
    query = select(*columns).where(NAME.c.type.in_(types)).limit(LOOKED_AT)
    typed = " ".join([*before, beginning])
    starting = query.where(NAME.c.folded >= typed, NAME.c.folded < typed + "{")
    rows = list(connection.execute(starting.order_by(NAME.c.folded, NAME.c.id)))
    if len({(row.type, row.key) for row in rows}) >= limit:
        return rows
    begins = and_(WORD.c.word >= beginning, WORD.c.word < beginning + "{")
    with_word = query.join(WORD, WORD.c.name == NAME.c.id).where(begins)
    for word in before:
        other = WORD.alias()
        has = select(other.c.name).where(other.c.word == word, other.c.name == NAME.c.id)
        with_word = with_word.where(has.exists())
    return rows + list(connection.execute(with_word.order_by(WORD.c.word, WORD.c.name)))


def _why(folded: str, whole: str, typed: list[str]) -> tuple[str, int]:
    if folded == whole:
        return "name", 0
    if folded.startswith(" ".join(typed)):
        return "name_begins", 1
    return "word_begins", 2


def _shown(connection: Connection, best: list[Any]) -> list[str]:
    ids = {}
    for type in TYPES:
        identity, version = IDENTITIES[type], VERSIONS[type]
        keys = [key for (of, key), _ in best if of == type]
        query = select(identity.c.key, identity.c.id, version.c.label, version.c.kind)
        query = query.join(version, version.c.key == identity.c.key)
        query = query.where(identity.c.key.in_(keys), alive(version))
        for key, id, label, kind in connection.execute(query) if keys else ():
            shown = orjson.loads(label)
            ids[str(type), key] = (id, shown.get("name") or shown.get("label"), kind)
    items = []
    for name, (_, matched, lang, why) in best:
        if name in ids:
            id, label, kind = ids[name]
            item = {"type": name[0], "id": id, "name": label, "kind": kind}
            items.append({**item, "matched": {"name": matched, "lang": lang, "why": why}})
    return [orjson.dumps(item).decode() for item in items]
