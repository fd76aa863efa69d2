"""Export: the record, or what a filter selects, as an interchange file, line by line.

**One moment.** Every page is read by a short reader of its own, so that a slow client keeps no
transaction open; all of them read as of one revision, so that the file is of one moment whatever
is written meanwhile.

**Order.** A line stands after what it refers to, save for what the format lets stand anywhere
(memberships, `content_from`, relations), so the file imports into an empty store from its first
line on.

**What a filter adds.** A selected statement comes with all its reports, not only with those that
fit: others may date it, or contradict those that fit, and one that is shown without them would be
another statement. It comes with every record that its lines refer to, and these with what theirs
refer to; statements among these with all their reports too. So each statement stands in lists of
the new store where it stands here, and the same filter finds the same statements there.

**References to what is gone.** A record that was retracted or redacted, or that was awaited and
never came, has no line, and no line refers to it: the reference is left out of the record that
makes it, and with a relation or membership all of that. An attribution whose statement or source
is gone is left out itself. Of merged records the survivor is named.

Memory is bounded by a page and the records that it refers to, and a bit for each record.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import Field
from sqlalchemy import Connection, Select, and_, exists, select

from app.models import IDENTITIES, REVISION, VERSIONS, attribution, statement
from app.models.base import RecordType
from app.store import conditions, ledger, moment, plain
from app.store.filters import StatementFilter
from app.store.keyset import KeySet
from app.store.labels import marks
from app.store.moment import AtParams, Condition, alive
from app.store.references import Mark, rewritten
from app.store.resolve import resolve

SIZE = 500

Opener = Callable[[], AbstractContextManager[Connection]]
"""What gives a connection to read by, as `Database.reader` does."""

Name = tuple[RecordType, int]
"""A record, by its type and key."""


class ExportQuery(StatementFilter, AtParams):
    """What an export can be asked: the filters of statements, and the moment."""

    format: Literal["ndjson"] | None = Field(  # type: ignore[assignment]  # fewer than of a list
        None, description="There is only `ndjson`."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """An export that was asked for: of which moment, and what it selects (None: everything)."""

    at: int
    stamp: str
    """Changes whenever the file may: the hash of the newest revision."""
    query: Select[Any] | None


def ask(connection: Connection, asked: ExportQuery) -> Asked:
    """Understand what is asked for. Raises `InvalidInput` as the lists of statements do."""
    then, head = moment.resolve(connection, asked.known_at), ledger.head(connection)
    at = head.seq if then is None else then
    stamp = head.hash or ""
    if not asked.model_dump(exclude={"known_at"}, exclude_defaults=True):
        return Asked(at, stamp, None)
    keys = resolve(connection, asked)
    versions, listing = statement.VERSION, statement.LISTING
    query = (
        select(versions.c.key)
        .join(listing, and_(listing.c.statement == versions.c.key, alive(listing, then)))
        .where(
            alive(versions, then),
            conditions.reported_by(asked, keys, then),
            *conditions.of_statements(asked, keys, then),
        )
    )
    return Asked(at, stamp, query)


def selected(connection: Connection, asked: Asked) -> KeySet | None:
    """The statements that are selected, on the connection on which it was asked; None: all."""
    if asked.query is None:
        return None
    # Read in portions, so that not even the keys stand in memory one by one.
    rows = connection.scalars(asked.query.execution_options(yield_per=10_000))
    return KeySet(rows)


def lines(connection: Connection, at: int | None = None) -> Iterator[bytes]:
    """The whole record as `stream` gives it, on one connection."""
    return stream(lambda: nullcontext(connection), at)


def stream(
    open: Opener, at: int | None = None, statements: KeySet | None = None
) -> Iterator[bytes]:
    """These statements with all that they refer to (None: the whole record), as they stood after
    revision `at` (None: as they stand), line by line. Between two lines no connection is held."""
    if at is None:
        with open() as connection:
            at = ledger.head(connection).seq
    file = _File(open, at, follows=statements is not None)
    return file.everything() if statements is None else file.around(statements)


_T = TypeVar("_T")


def _pieces(values: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(values)
    while piece := list(islice(rest, SIZE)):
        yield piece


# --- what a page needs --------------------------------------------------------------------------


class _Heir(NamedTuple):
    """The record that a reference means now: itself, or the one that it was merged into."""

    key: int
    id: str


_References = dict[Mark, _Heir | None]
"""What each reference of a document means; None: it is gone."""

_ANYWHERE = {
    RecordType.actor: {RecordType.actor, RecordType.source},
    RecordType.statement: {RecordType.statement, RecordType.attribution, RecordType.source},
}
"""The types of record that a line may name before they come: in memberships, in relations and
`content_from`. Types alone tell them apart from what must have come, such as topics."""


class _Entry(NamedTuple):
    """A record that is to be written."""

    body: str
    references: _References

    def needs(self, type: RecordType) -> list[Name]:
        """The records after which a line of this type must stand."""
        later = _ANYWHERE.get(type, set())
        named = self.references.items()
        return [(of, heir.key) for (of, _), heir in named if heir and of not in later]


def _there(type: RecordType, at: int) -> Select[Any]:
    """The records of a type as they stood: key, body, and document with its marks."""
    versions = VERSIONS[type]
    query = select(versions.c.key, REVISION.c.body, versions.c.document)
    query = query.join(REVISION, REVISION.c.seq == versions.c.seq)
    return query.where(alive(versions, at), REVISION.c.body.is_not(None))


def _stands(type: RecordType, key: Any, at: int) -> Condition:
    """Whether the record of a key stood, or the one that it was merged into."""
    identity, versions = IDENTITIES[type], VERSIONS[type]
    either = versions.c.key.in_([identity.c.key, identity.c.merged_into])
    query = _there(type, at).with_only_columns(versions.c.key).join(identity, either)
    return exists(query.where(identity.c.key == key))


_NEEDED = (RecordType.statement, RecordType.source)
"""Without these an attribution reports nothing, and has no line."""


class _File:
    """A file in the making: what stands in it already, and what must still come."""

    def __init__(self, open: Opener, at: int, *, follows: bool) -> None:
        self.open = open
        self.at = at
        self.follows = follows
        """Whether what lines name is to come with them; else everything comes of itself."""
        self.written = {type: KeySet() for type in RecordType}
        self.whole = KeySet()
        """Statements whose reports stand in the file, or are about to."""
        self.awaited: dict[RecordType, set[int]] = {type: set() for type in RecordType}
        """What lines have named before it came."""
        self.circles: list[Name] = []
        """Records that need each other, so that one had to be written without a reference."""

    def everything(self) -> Iterator[bytes]:
        with self.open() as connection:
            gone = plain.gone(connection, self.at)
        for type in RecordType:
            if type is RecordType.statement and gone is not None:
                yield from self._plainly(gone)
                if not gone:
                    break  # every report has stood with its statement
                continue
            if gone is not None and not gone:
                yield from self._plain_lines(type)
                continue
            after = 0
            while page := self._page(type, after):
                if type is RecordType.statement:
                    yield from self._whole(page)
                else:  # attributions stand with their statements already
                    yield from self._lines([(type, key) for key in page])
                after = page[-1]
        yield from self._circles()

    def around(self, statements: KeySet) -> Iterator[bytes]:
        for page in _pieces(statements):
            yield from self._whole(page)
            yield from self._awaited()
        yield from self._circles()

    def _page(self, type: RecordType, after: int) -> list[int]:
        key = VERSIONS[type].c.key
        query = _there(type, self.at).with_only_columns(key).where(key > after)
        with self.open() as connection:
            return list(connection.scalars(query.order_by(key).limit(SIZE)))

    def _awaited(self) -> Iterator[bytes]:
        """What lines so far have named, what these lines name in turn, and so on."""
        while any(self.awaited.values()):
            now, self.awaited = self.awaited, {type: set() for type in RecordType}
            statements = now.pop(RecordType.statement)
            statements |= self._reported(now.pop(RecordType.attribution))
            for page in _pieces(sorted(statements)):
                yield from self._whole(page)
            names = [(type, key) for type, keys in now.items() for key in sorted(keys)]
            for some in _pieces(names):
                yield from self._lines(some)

    def _reported(self, attributions: set[int]) -> set[int]:
        """The statements that these attributions report, of those that have no line yet."""
        versions = attribution.VERSION
        left = [one for one in attributions if one not in self.written[RecordType.attribution]]
        query = select(versions.c.statement).where(alive(versions, self.at))
        found: set[int] = set()
        for some in _pieces(left):
            with self.open() as connection:
                found.update(connection.scalars(query.where(versions.c.key.in_(some))))
        return found

    def _plain_lines(self, type: RecordType) -> Iterator[bytes]:
        """All records of a type, where nothing is gone; what can, as the ledger has it."""
        after = 0
        while True:
            with self.open() as connection:
                lines = plain.lines(connection, type, after, SIZE, self.at)
            if not lines:
                return
            for is_plain, some in groupby(lines, lambda line: line.is_plain):
                if is_plain:
                    left = (line for line in some if line.key not in self.written[type])
                    yield from (self._put(type, line.key, line.body) for line in left)
                else:
                    yield from self._lines([(type, line.key) for line in some])
            after = lines[-1].key

    def _plainly(self, gone: frozenset[str]) -> Iterator[bytes]:
        """All statements with their reports; what can, as the ledger has it."""
        after = 0
        while True:
            with self.open() as connection:
                groups = plain.groups(connection, after, SIZE, self.at, gone)
            if not groups:
                return
            for one, reports in groups:
                if one.key not in self.whole and self._are_plain(one, reports):
                    self.whole.add(one.key)
                    yield self._put(RecordType.statement, one.key, one.body)
                    for report in reports:
                        yield self._put(RecordType.attribution, report.key, report.body)
            yield from self._whole([one.key for one, _ in groups])
            after = groups[-1].statement.key

    def _are_plain(self, statement: plain.Line, reports: list[plain.Line]) -> bool:
        """Whether these lines are as in the ledger, and may stand here in this order."""
        before: set[int] = set()
        written = self.written[RecordType.attribution]
        for report in reports:
            if not report.is_plain or report.key in written:
                return False
            parent = report.parent
            if not (parent is None or parent in before or parent in written):
                return False
            before.add(report.key)
        return statement.is_plain and statement.key not in self.written[RecordType.statement]

    def _whole(self, statements: Iterable[int]) -> Iterator[bytes]:
        """Statements, each followed by all reports of it."""
        keys = [key for key in statements if key not in self.whole]
        if not keys:
            return
        for key in keys:
            self.whole.add(key)
        versions = attribution.VERSION
        query = select(versions.c.statement, versions.c.key).where(alive(versions, self.at))
        query = query.where(versions.c.statement.in_(keys)).order_by(versions.c.key)
        reports: dict[int, list[Name]] = defaultdict(list)
        with self.open() as connection:
            for row in connection.execute(query):
                reports[row.statement].append((RecordType.attribution, row.key))
        names = [name for key in keys for name in ((RecordType.statement, key), *reports[key])]
        for some in _pieces(names):
            yield from self._lines(some)

    def _circles(self) -> Iterator[bytes]:
        """Records that had to be written without a reference, now with it."""
        for some in _pieces(self.circles):
            with self.open() as connection:
                entries = self._load(connection, some)
            for name, entry in entries.items():
                yield _line(name[0], _named(name[0], entry.body, entry.references))

    # --- a page ---------------------------------------------------------------------------------

    def _lines(self, names: Iterable[Name]) -> Iterator[bytes]:
        """These records, each after those that it needs; none that is written already."""
        entries: dict[Name, _Entry] = {}
        wanted = [name for name in names if not self._is_written(name)]
        ordered = wanted
        with self.open() as connection:
            while wanted:
                new = self._load(connection, wanted)
                entries |= new
                needed = {need: None for (type, _), one in new.items() for need in one.needs(type)}
                wanted = [one for one in needed if one not in entries and not self._is_written(one)]
        for name in _after_needs(ordered, entries):
            yield self._write(name, entries[name])

    def _is_written(self, name: Name) -> bool:
        type, key = name
        return key in self.written[type]

    def _write(self, name: Name, entry: _Entry) -> bytes:
        type, key = name
        references, later = entry.references, _ANYWHERE.get(type, set())
        circular: _References = {
            mark: None
            for mark, heir in references.items()
            if heir and mark[0] not in later and heir.key not in self.written[mark[0]]
        }
        if circular:
            self.circles.append(name)
        if self.follows:
            for (of, _), heir in references.items():
                if heir and of in later and heir.key not in self.written[of]:
                    self.awaited[of].add(heir.key)
            if type is RecordType.statement and key not in self.whole:
                self.awaited[type].add(key)
        return self._put(type, key, _named(type, entry.body, references | circular))

    def _put(self, type: RecordType, key: int, body: str) -> bytes:
        self.written[type].add(key)
        return _line(type, body)

    def _load(self, connection: Connection, names: Iterable[Name]) -> dict[Name, _Entry]:
        """The records as they are to be written, without those that have no line."""
        keys: dict[RecordType, list[int]] = defaultdict(list)
        for type, key in names:
            keys[type].append(key)
        bodies: dict[Name, str] = {}
        marked: dict[Name, list[Mark]] = {}
        for type, wanted in keys.items():
            for some in _pieces(wanted):
                query = _there(type, self.at).where(VERSIONS[type].c.key.in_(some))
                for key, body, document in connection.execute(query):
                    bodies[type, key] = body
                    named = marks(document).items()
                    marked[type, key] = [(RecordType(of), id) for of, ids in named for id in ids]
        heirs = self._heirs(connection, {mark for one in marked.values() for mark in one})
        entries = {}
        for name, body in bodies.items():
            references = {mark: _meant(name, mark, heirs) for mark in sorted(marked[name])}
            if name[0] is RecordType.attribution and not _reports(references):
                continue
            entries[name] = _Entry(body, references)
        return entries

    def _heirs(self, connection: Connection, named: set[Mark]) -> _References:
        """What ids mean: the record itself where it has a line, else what it was merged into."""
        found: _References = {}
        ids: dict[RecordType, list[str]] = defaultdict(list)
        for type, id in sorted(named):
            ids[type].append(id)
        for type, wanted in ids.items():
            own = IDENTITIES[type]
            heir = own.alias()
            query = select(own.c.id, own.c.key, heir.c.id, heir.c.key)
            query = query.outerjoin(heir, own.c.merged_into == heir.c.key)
            for some in _pieces(wanted):
                rows = [tuple(row) for row in connection.execute(query.where(own.c.id.in_(some)))]
                keys = {key for _, own_key, _, heir_key in rows for key in (own_key, heir_key)}
                there = self._with_line(connection, type, keys - {None})
                for id, key, heir_id, heir_key in rows:
                    if key in there:
                        found[type, id] = _Heir(key, id)
                    elif heir_key in there:
                        found[type, id] = _Heir(heir_key, heir_id)
        return found

    def _with_line(self, connection: Connection, type: RecordType, keys: set[int]) -> set[int]:
        """Those of these records that have a line."""
        known = {key for key in keys if key in self.written[type]}
        versions = VERSIONS[type]
        query = _there(type, self.at).with_only_columns(versions.c.key)
        if type is RecordType.attribution:
            query = query.where(*(_stands(one, versions.c[one], self.at) for one in _NEEDED))
        for some in _pieces(keys - known):
            known.update(connection.scalars(query.where(versions.c.key.in_(some))))
        return known


def _meant(name: Name, mark: Mark, heirs: _References) -> _Heir | None:
    """The record that a reference means; none where a merger made a record part of itself."""
    heir = heirs.get(mark)
    type = mark[0]
    itself = heir is not None and name == (type, heir.key) and type not in _ANYWHERE
    return None if itself else heir


def _reports(references: _References) -> bool:
    """Whether both statement and source of an attribution are there."""
    return all(heir for (type, _), heir in references.items() if type in _NEEDED)


def _after_needs(names: Iterable[Name], entries: dict[Name, _Entry]) -> Iterator[Name]:
    """Names in their order, but each after those that it needs, which come too.

    Of records that need each other in a circle, the one that is reached first comes last.
    """
    reached: set[Name] = set()
    left: set[Name] = set()
    for name in names:
        path = [name] if name in entries else []
        while path:
            last = path[-1]
            if last not in reached:
                reached.add(last)
                needs = entries[last].needs(last[0])
                path += [one for one in reversed(needs) if one in entries and one not in reached]
            else:
                path.pop()
                if last not in left:
                    left.add(last)
                    yield last


# --- a line -------------------------------------------------------------------------------------


def _named(type: RecordType, body: str, references: _References) -> str:
    """A record's body as the ledger has it, unless a reference has to change."""
    changed = {
        mark: heir.id if heir else None
        for mark, heir in references.items()
        if heir is None or heir.id != mark[1]
    }
    return rewritten(type, body, changed) if changed else body


def _line(type: RecordType, body: str) -> bytes:
    return f'{{"type":"{type}",{body[1:]}\n'.encode()
