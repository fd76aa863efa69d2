"""What stands above what: topics above narrower ones, sources above what derives from them, and
attributions above those inside their words. Nothing is above itself, so that an export can put
each record behind those that it names; and what is nested stands in one source.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from app.errors import Fault
from app.models import IDENTITIES, REVISION, attribution
from app.models.attribution import Attribution
from app.models.base import Record, RecordType
from app.models.source import Source
from app.models.topic import Topic
from app.store.project import Name, batched

Stand = tuple[int, str]
"""A record's version, and the hash of its body."""


class Place(NamedTuple):
    """Where a record stands: the source of an attribution, and the records right above it."""

    source: str | None
    above: tuple[str, ...]


def place(record: Record) -> Place:
    """Where a record says that it stands."""
    if isinstance(record, Attribution):
        return Place(record.source, (record.parent,) if record.parent else ())
    if isinstance(record, Topic):
        return Place(None, tuple(record.broader))
    return Place(None, tuple(record.derived_from) if isinstance(record, Source) else ())


class Earlier:
    """What batches before this one, which were only checked too, made of records: nothing."""

    def stand(self, _type: RecordType, _id: str) -> Stand | None:
        return None

    def place(self, _type: RecordType, _id: str) -> Place | None:
        return None

    def inside(self, _id: str) -> Iterator[str]:
        """The attributions that were put right inside of one, and perhaps taken out again."""
        return iter(())


class Nesting:
    """The places of records as a batch moves them, one change after another."""

    def __init__(self, connection: Connection, records: Sequence[Record], earlier: Earlier) -> None:
        self.connection = connection
        self.earlier = earlier
        self.taken: dict[Name, Place] = {}
        self.stored: dict[Name, Place | None] = {}
        reports = [one for one in records if isinstance(one, Attribution)]
        self._load(RecordType.attribution, {one.parent for one in reports if one.parent})

    def take(self, record: Record) -> None:
        """Go on as if the record stood."""
        if record.type in _ABOVE:
            self.taken[record.type, record.id] = place(record)

    def faults(self, record: Record, *, is_known: bool) -> tuple[Fault, ...]:
        """What is wrong with where a record would stand; one that is not known yet has nothing
        below it."""
        if record.type not in _ABOVE:
            return ()
        own, found = place(record), []
        for parent in own.above if record.type is RecordType.attribution else ():
            around = self._place((record.type, parent))
            if around and around.source != own.source:
                told = "the parent stands in another source; a nested attribution shares its source"
                found.append(Fault(told, "other_source", "/parent"))
        if is_known and record.type is RecordType.attribution and self._leaves(record.id, own):
            told = "other attributions stand inside this one; move them first, or take them out"
            found.append(Fault(told, "other_source", "/source"))
        if is_known and self._is_above(record, own.above):
            told = "it would stand above itself; take out what leads back to it"
            found.append(Fault(told, "circle", f"/{_ABOVE[record.type]}"))
        return tuple(found)

    def _leaves(self, id: str, own: Place) -> bool:
        """Whether an attribution moves to another source, away from those inside it."""
        before = self._place((RecordType.attribution, id))
        if before is None or before.source == own.source:
            return False
        inside = {*self._stored_inside(id), *self.earlier.inside(id)}
        inside |= {name[1] for name, there in self.taken.items() if there.above == (id,)}
        places = [self._place((RecordType.attribution, one)) for one in inside]
        return any(there is not None and there.above == (id,) for there in places)

    def _stored_inside(self, id: str) -> list[str]:
        own, versions = IDENTITIES[RecordType.attribution], attribution.VERSION
        around = own.alias()
        query = (
            select(own.c.id)
            .join(versions, versions.c.seq == own.c.seq)
            .join(around, around.c.key == versions.c.parent)
        )
        return list(self.connection.scalars(query.where(around.c.id == id)))

    def _is_above(self, record: Record, above: Iterable[str]) -> bool:
        seen: set[str] = set()
        level = {*above}
        while level:
            if record.id in level:
                return True
            seen |= level
            unknown = {one for one in level if self._moved((record.type, one)) is None}
            self._load(record.type, unknown)
            places = [self._place((record.type, one)) for one in level]
            level = {id for one in places if one for id in one.above} - seen
        return False

    def _moved(self, name: Name) -> Place | None:
        return self.taken.get(name) or self.earlier.place(*name)

    def _place(self, name: Name) -> Place | None:
        if moved := self._moved(name):
            return moved
        if name not in self.stored:
            self._load(name[0], {name[1]})
        return self.stored[name]

    def _load(self, type: RecordType, ids: set[str]) -> None:
        wanted = [id for id in ids if (type, id) not in self.stored]
        if not wanted:
            return
        self.stored |= dict.fromkeys((type, id) for id in wanted)
        own = IDENTITIES[type]
        query = select(own.c.id, REVISION.c.body).join(REVISION, REVISION.c.seq == own.c.seq)
        for some in batched(wanted):
            for id, body in self.connection.execute(query.where(own.c.id.in_(some))):
                if body is not None:
                    members = orjson.loads(body)
                    above = members.get(_ABOVE[type]) or ()
                    above = (above,) if isinstance(above, str) else tuple(above)
                    self.stored[type, id] = Place(members.get("source"), above)


_ABOVE = {
    RecordType.topic: "broader",
    RecordType.source: "derived_from",
    RecordType.attribution: "parent",
}
"""The member of a record that names what stands right above it."""
