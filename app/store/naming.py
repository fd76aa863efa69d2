"""Which actors and topics a full name of several words stands for."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, Select, Text, and_, func, select, union_all

from app.models.base import RecordType
from app.models.search import NAME, WORD
from app.store import prepared
from app.store.index import link

MOST = 50
"""Records that one name may stand for."""
MOST_NAMES, LONGEST = 16, 4
"""Further names of a record that are looked for in those of others, and their words at most."""

Place = tuple[RecordType, int]


class Named(NamedTuple):
    """The records that bear a name, and those that have it or another name of theirs in one of
    their own, as a war has the name of where it was fought."""

    bearers: list[str]
    others: list[str]


def bearers(connection: Connection, names: Collection[str]) -> dict[str, list[Place]]:
    """Who bears each of these folded names; without those that nobody does."""
    found: dict[str, list[Place]] = {}
    if names:
        count, values = prepared.padded("run", names)

        def build() -> Select[Any]:
            named = NAME.c.folded.in_(prepared.each("run", [""] * count, Text()))
            return select(NAME.c.folded, NAME.c.type, NAME.c.key).where(named).distinct()

        for folded, type, key in prepared.plain(connection, ("full names", count), build, values):
            found.setdefault(folded, []).append((type, key))
    return found


def named(connection: Connection, name: str, places: Sequence[Place]) -> Named:
    """What a folded name stands for, given who bears it.

    The full names of one place or person find the same in every language: so another record counts
    if all words of any of the bearers' names (of two words or more) stand in one of its own. Their
    names of a single word do not count: a surname is also a namesake's.
    """
    own = sorted({link(*place) for place in places})[:MOST]
    names = dict.fromkeys([name, *_names(connection, sorted(places)[:MOST])])
    others = {link(*place) for place in _standing(connection, names)} - set(own)
    return Named(own, sorted(others) if len(others) <= MOST else [])


def _names(connection: Connection, places: Sequence[Place]) -> list[str]:
    """The bearers' names of a few words, the shortest first."""
    count, values = prepared.padded("key", [key for _, key in places])
    values |= {"least": 1, "most": LONGEST - 1}

    def build() -> Select[Any]:
        spaces = func.length(NAME.c.folded) - func.length(func.replace(NAME.c.folded, " ", ""))
        keys = NAME.c.key.in_(prepared.each("key", [0] * count))
        query = select(NAME.c.type, NAME.c.key, NAME.c.folded).where(
            keys,
            NAME.c.type.in_((RecordType.actor, RecordType.topic)),
            spaces.between(
                prepared.parameter("least", type=Integer()),
                prepared.parameter("most", type=Integer()),
            ),
        )
        return query.distinct()

    rows = prepared.plain(connection, ("names of", count), build, values)
    wanted = set(places)
    names = {folded for type, key, folded in rows if (type, key) in wanted}
    return sorted(names, key=lambda one: (one.count(" "), one))[:MOST_NAMES]


def _standing(connection: Connection, names: Iterable[str]) -> Iterable[Place]:
    """The records with a name in which all words of one of these stand."""
    split = sorted((list(dict.fromkeys(name.split())) for name in names), key=len)
    values: dict[str, Any] = {"limit": 2 * MOST + 1}
    for place, words in enumerate(split):
        values |= {f"word_{place}_{at}": word for at, word in enumerate(words)}
    lengths = [len(words) for words in split]

    def build() -> Select[Any]:
        parts = union_all(*(_with_all(place, length) for place, length in enumerate(lengths)))
        found = parts.subquery()
        query = select(found.c.type, found.c.key).distinct()
        return query.limit(prepared.parameter("limit"))

    rows = prepared.plain(connection, ("standing", *lengths), build, values)
    return [(type, key) for type, key in rows]


def _with_all(place: int, length: int) -> Select[Any]:
    first = WORD.alias()
    query = select(NAME.c.type, NAME.c.key).join(first, first.c.name == NAME.c.id)
    query = query.where(first.c.word == prepared.parameter(f"word_{place}_0", type=Text()))
    for at in range(1, length):
        other = WORD.alias()
        word = prepared.parameter(f"word_{place}_{at}", type=Text())
        query = query.join(other, and_(other.c.name == first.c.name, other.c.word == word))
    return query
