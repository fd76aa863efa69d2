"""Attributions inside the words of others: all that are nested stand in one source."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from app.errors import Fault
from app.models import IDENTITIES, REVISION, attribution
from app.models.attribution import Attribution
from app.models.base import Record, RecordType
from app.rows import among

Stand = tuple[int, str]
"""A record's version, and the hash of its body."""

_OWN = IDENTITIES[RecordType.attribution]


class Place(NamedTuple):
    """The source in which an attribution stands, and the attribution right around it."""

    source: str
    parent: str | None


class Earlier:
    """What batches before this one, which were only checked too, made of records: nothing."""

    def stand(self, _type: RecordType, _id: str) -> Stand | None:
        return None

    def place(self, _id: str) -> Place | None:
        return None

    def inside(self, _id: str) -> Iterator[str]:
        """The attributions that were put right inside of one, and perhaps taken out again."""
        return iter(())


class Nesting:
    """The places of attributions as a batch moves them, one change after another."""

    def __init__(self, connection: Connection, records: Sequence[Record], earlier: Earlier) -> None:
        self.connection = connection
        self.earlier = earlier
        self.taken: dict[str, Place] = {}
        self.stored: dict[str, Place | None] = {}
        self._load({one.parent for one in records if isinstance(one, Attribution) and one.parent})

    def take(self, record: Record) -> None:
        """Go on as if the record stood."""
        if isinstance(record, Attribution):
            self.taken[record.id] = Place(record.source, record.parent)

    def faults(self, record: Record, *, is_known: bool) -> tuple[Fault, ...]:
        """What is wrong with where a record would stand; one that is not known yet has nothing
        inside it."""
        if not isinstance(record, Attribution):
            return ()
        found = []
        around = self._place(record.parent) if record.parent else None
        if around and around.source != record.source:
            told = "the parent stands in another source; a nested attribution shares its source"
            found.append(Fault(told, "other_source", "/parent"))
        if is_known and self._leaves(record):
            told = "other attributions stand inside this one; move them first, or take them out"
            found.append(Fault(told, "other_source", "/source"))
        return tuple(found)

    def _leaves(self, record: Attribution) -> bool:
        """Whether an attribution moves to another source, away from those inside it."""
        before = self._place(record.id)
        if before is None or before.source == record.source:
            return False
        inside = {*self._stored_inside(record.id), *self.earlier.inside(record.id)}
        inside |= {id for id, there in self.taken.items() if there.parent == record.id}
        places = map(self._place, inside)
        return any(there is not None and there.parent == record.id for there in places)

    def _stored_inside(self, id: str) -> list[str]:
        versions, around = attribution.VERSION, _OWN.alias()
        query = (
            select(_OWN.c.id)
            .join(versions, versions.c.seq == _OWN.c.seq)
            .join(around, around.c.key == versions.c.parent)
        )
        return list(self.connection.scalars(query.where(around.c.id == id)))

    def _place(self, id: str) -> Place | None:
        if moved := self.taken.get(id) or self.earlier.place(id):
            return moved
        if id not in self.stored:
            self._load({id})
        return self.stored[id]

    def _load(self, ids: set[str]) -> None:
        self.stored |= dict.fromkeys(ids)
        query = select(_OWN.c.id, REVISION.c.body).join(REVISION, REVISION.c.seq == _OWN.c.seq)
        named = among(self.connection, _OWN.c.id, ids)
        for id, body in self.connection.execute(query.where(named)) if ids else ():
            if body is not None:
                members = orjson.loads(body)
                self.stored[id] = Place(members["source"], members.get("parent"))
