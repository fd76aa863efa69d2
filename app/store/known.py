"""The names of a record, as a reader of articles asks for them: who is called so, who held that
office on the day (`app.extract.who.Names` says what is asked)."""

from collections.abc import Sequence
from functools import cache

import orjson
from sqlalchemy import Connection, or_, select

from app.models import IDENTITIES, VERSIONS
from app.models.actor import MEMBERSHIP, ActorKind
from app.models.base import RecordType, bounds
from app.models.fold import fold
from app.models.search import NAME
from app.store.moment import alive

MOST_ASKED = 20_000
"""Names that are looked up for one text; a text with more names is no article."""
MOST_OFFICES = 50_000

IRREGULAR = {
    "american": "united states",
    "us": "united states",
    "u.s.": "united states",
    "british": "united kingdom",
    "uk": "united kingdom",
    "french": "france",
    "dutch": "netherlands",
    "swiss": "switzerland",
    "danish": "denmark",
    "spanish": "spain",
    "welsh": "wales",
    "polish": "poland",
    "thai": "thailand",
}
"""Adjectives of countries that do not begin like their names."""

_LEFT_OUT = frozenset(fold("the a an of for to in s").split())


class KnownNames:
    """The actors of a store on a day (EDTF); without a day, an office must always have been one
    and the same person's."""

    def __init__(self, connection: Connection, day: str | None = None) -> None:
        self._connection = connection
        self._day = bounds(day)
        self._asked: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[str, str] = {}
        self._held: list[tuple[frozenset[str], frozenset[str], str]] | None = None

    def called(self, folded: str, /) -> Sequence[str]:
        """The ids of actors with a name that folds to this."""
        if not folded:
            return ()
        known = self._asked.get(folded)
        if known is None:
            if len(self._asked) >= MOST_ASKED:
                return ()
            known = self._asked[folded] = self._named(folded)
        return known

    def _named(self, folded: str) -> tuple[str, ...]:
        identity, version = IDENTITIES[RecordType.actor], VERSIONS[RecordType.actor]
        query = (
            select(identity.c.id, version.c.kind)
            .join(NAME, NAME.c.key == identity.c.key)
            .join(version, version.c.key == identity.c.key)
            .where(NAME.c.type == RecordType.actor, NAME.c.folded == folded, alive(version))
            .order_by(identity.c.id)
            .distinct()
        )
        rows = self._connection.execute(query).all()
        self._kinds |= {row.id: row.kind for row in rows}
        return tuple(row.id for row in rows)

    def is_person(self, actor: str, /) -> bool:
        """Whether it is a person."""
        return self._kinds.get(actor) == ActorKind.person

    def holding(self, role: str, /) -> Sequence[str]:
        """The ids of those who held this office on the day.

        A role fits an office of the same words, or of the same words and the organization's name
        or adjective: “the Armenian prime minister” is a Prime Minister in Armenia.
        """
        asked = frozenset(fold(role).split()) - _LEFT_OUT
        if len(asked) < 2:
            return ()
        if self._held is None:
            self._held = self._offices()
        return tuple({id for words, body, id in self._held if _fits(asked, words, body)})

    def _offices(self) -> list[tuple[frozenset[str], frozenset[str], str]]:
        identity, version = IDENTITIES[RecordType.actor], VERSIONS[RecordType.actor]
        body = version.alias("body")
        query = (
            select(identity.c.id, version.c.document, MEMBERSHIP.c.position, body.c.label)
            .join(version, version.c.key == identity.c.key)
            .join(MEMBERSHIP, MEMBERSHIP.c.seq == version.c.seq)
            .join(body, body.c.key == MEMBERSHIP.c.organization)
            .where(alive(version), alive(body))
            .limit(MOST_OFFICES)
        )
        if self._day.upper is not None:
            lower = MEMBERSHIP.c.lower
            query = query.where(or_(lower.is_(None), lower < self._day.upper))
        if self._day.lower is not None:
            upper = MEMBERSHIP.c.upper
            query = query.where(or_(upper.is_(None), upper > self._day.lower))
        found = []
        for id, document, position, label in self._connection.execute(query):
            role = orjson.loads(document)["memberships"][position]["role"]
            if role:
                name = orjson.loads(label).get("name") or ""
                words = frozenset(fold(role).split()) - _LEFT_OUT
                found.append((words, frozenset(fold(name).split()), id))
        return found


def _fits(asked: frozenset[str], words: frozenset[str], body: frozenset[str]) -> bool:
    """Whether the same office of the same body is meant; without its body, none is."""
    of_body = {word for word in asked if _of(word, body)}
    office = asked - of_body
    return bool(of_body and office) and office == {word for word in words if not _of(word, body)}


def _of(word: str, body: frozenset[str]) -> bool:
    """Whether a word is the name or the adjective of a body."""
    if word in body or _adjectives().get(word, frozenset(("",))) <= body:
        return True
    return any(
        len(shared := _shared(word, name)) >= 4 and len(shared) >= 0.6 * min(len(word), len(name))
        for name in body
    )


def _shared(one: str, other: str) -> str:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


@cache
def _adjectives() -> dict[str, frozenset[str]]:
    return {fold(word): frozenset(fold(name).split()) for word, name in IRREGULAR.items()}
