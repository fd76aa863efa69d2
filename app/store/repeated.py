"""Whether a draft repeats a statement of the record: at the same place, or in the same words."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from app.models import IDENTITIES
from app.models.attribution import SELECTOR, SPEAKER, VERSION
from app.models.base import RecordType
from app.models.fold import fold
from app.models.search import SEARCH
from app.store.index import SEPARATOR
from app.store.moment import alive

ALIKE = 0.6
"""Share of the words of both that both must have, to be one utterance."""
FEWEST = 4
"""Words; fewer say nothing of their own."""
LOOKED_AT = 1_000
"""Statements of one speaker that are compared, newest first."""


class Already(NamedTuple):
    """The statement that a draft repeats, and its report if that stands at the same place."""

    statement: str
    attribution: str | None


class Repeated:
    """The statements that drafts of one source may repeat."""

    def __init__(self, connection: Connection, source: int) -> None:
        self._connection = connection
        self._said: dict[str, list[tuple[str, frozenset[str]]]] = {}
        statements = IDENTITIES[RecordType.statement]
        reports = IDENTITIES[RecordType.attribution]
        query = (
            select(
                statements.c.id,
                reports.c.id.label("report"),
                SELECTOR.c.role,
                SELECTOR.c.start,
                SELECTOR.c.end,
            )
            .join(VERSION, VERSION.c.seq == SELECTOR.c.seq)
            .join(statements, statements.c.key == VERSION.c.statement)
            .join(reports, reports.c.key == VERSION.c.key)
            .where(VERSION.c.source == source, alive(VERSION), SELECTOR.c.start.is_not(None))
            .where(SELECTOR.c.role.in_(("content", "cue")))
            .order_by(reports.c.id, SELECTOR.c.position)
        )
        self._places: dict[tuple[str, str], dict[str, list[tuple[int, int]]]] = {}
        for id, report, role, start, end in connection.execute(query):
            place = self._places.setdefault((id, report), {"content": [], "cue": []})
            place[role].append((start, end))

    def find(self, statement: dict[str, Any], attribution: dict[str, Any]) -> Already | None:
        """The statement that a draft repeats, if one does."""
        here: dict[str, list[tuple[int, int]]] = {"content": [], "cue": []}
        for one in attribution.get("selectors", ()):
            if one["role"] in here:
                here[one["role"]].append((one["start"], one["end"]))
        for (id, report), there in self._places.items():
            if _same_place(here, there):
                return Already(id, report)
        words = frozenset(fold(statement.get("content") or "").split())
        if len(words) < FEWEST:
            return None
        for speaker in attribution.get("speakers", ()):
            for id, said in self._of(speaker.get("actor")):
                if len(words & said) >= ALIKE * len(words | said):
                    return Already(id, None)
        return None

    def _of(self, actor: str | None) -> list[tuple[str, frozenset[str]]]:
        """What an actor is reported to have said, in folded words."""
        if actor is None:
            return []
        known = self._said.get(actor)
        if known is None:
            actors = IDENTITIES[RecordType.actor]
            statements = IDENTITIES[RecordType.statement]
            query = (
                select(statements.c.id, SEARCH.c.words)
                .join(VERSION, VERSION.c.statement == statements.c.key)
                .join(SPEAKER, SPEAKER.c.seq == VERSION.c.seq)
                .join(actors, actors.c.key == SPEAKER.c.actor)
                .join(SEARCH, SEARCH.c.statement == statements.c.key)
                .where(actors.c.id == actor, alive(VERSION))
                .order_by(statements.c.key.desc())
                .limit(LOOKED_AT)
            )
            known = self._said[actor] = [
                (id, frozenset(words.split(f" {SEPARATOR} ")[0].split()))
                for id, words in self._connection.execute(query)
            ]
        return known


def _same_place(
    here: dict[str, list[tuple[int, int]]], there: dict[str, list[tuple[int, int]]]
) -> bool:
    """Whether the words overlap by more than half, and with them the cues, where both have one."""
    if here["cue"] and there["cue"] and not _overlap(here["cue"], there["cue"]):
        return False
    if not here["content"] or not there["content"]:
        return bool(here["cue"]) and not here["content"] and not there["content"]
    both = _overlap(here["content"], there["content"])
    return 2 * both > max(_length(here["content"]), _length(there["content"]))


def _overlap(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> int:
    return sum(max(0, min(b, d) - max(a, c)) for a, b in one for c, d in other)


def _length(spans: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)
