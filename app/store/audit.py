"""The verifier: whether the ledger, its tree, and the tables are what was once written.

With checkpoints that were kept elsewhere it also shows that the ledger still begins as it did
then, which a chain alone cannot: its end may be missing, or all of it made anew. `of_file` needs
neither store nor server, only a ledger export (see `store.takeout`) and the checkpoints.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.exc import DBAPIError

from app.models import SNAPSHOT, TILE
from app.models.revision import ChangeKind
from app.store import ledger, merkle, replica, takeout, tree
from app.store.checkpoint import Checkpoint
from app.store.ledger import NO_BODY, Break
from app.store.merkle import Growing, Hash

Found = Iterator[int | Break]
"""A number: so many more revisions were looked at. A `Break`: something does not hold."""

MOST_TOLD = 1_000
"""Breaks after which the rest of a ledger is not looked at: enough is known."""


@dataclass(slots=True)
class Walk:
    """Takes the revisions one by one; afterwards says what they come to."""

    redactions: Mapping[tuple[str, str], int]
    checkpoints: Sequence[Checkpoint] = ()
    head: str | None = None
    redacted: int = 0
    """Revisions whose words were taken out, while their entries stay."""
    broken: int = 0
    lost: bool = False
    """Whether a revision was met that is none, so that nothing can be said of what follows."""
    tree: Growing = field(default_factory=Growing)
    leaf: Hash = b""
    """The newest entry's hash in the tree."""

    @property
    def size(self) -> int:
        return self.tree.size

    def take(self, revision: Mapping[str, Any] | RowMapping) -> Iterator[Break]:
        """What is wrong with the next revision."""
        if not self.size:
            yield from self._compare()
        expected = self.size + 1
        if not _is_revision(revision):
            self.lost = True
            yield self._broken(expected, "it holds what no revision can")
            return
        if revision["seq"] != expected:
            yield self._broken(expected, "it is missing, or not in its place")
        for one in ledger.faults(revision, self.head, self.redactions):
            yield self._broken(one.seq, one.detail)
        if revision["body"] is None and revision["body_hash"] != NO_BODY:
            self.redacted += 1
        self.leaf = merkle.leaf(ledger.entry(revision))
        self.tree.add(self.leaf)
        self.head = revision["hash"]
        yield from self._compare()

    def end(self) -> Iterator[Break]:
        """What is wrong with there being no more."""
        if not self.size:
            yield from self._compare()
        for one in self.checkpoints:
            if one.size > self.size:
                detail = f"it is missing: the checkpoint has {one.size} revisions, the ledger "
                yield self._broken(self.size + 1, f"{detail}{self.size}")

    def _compare(self) -> Iterator[Break]:
        for one in self.checkpoints:
            if one.size == self.size and one.root != self.tree.root():
                detail = f"the first {one.size} revisions are not those of the checkpoint"
                yield self._broken(self.size, detail)

    def _broken(self, seq: int | None, detail: str) -> Break:
        self.broken += 1
        return Break(seq, detail)


_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(takeout.COLUMNS, (str,)),
    **dict.fromkeys(("seq", "version"), (int,)),
    **dict.fromkeys(("reason", "body", "previous_hash"), (str, type(None))),
}


def _is_revision(revision: Mapping[str, Any] | RowMapping) -> bool:
    return all(type(revision[name]) in kinds for name, kinds in _KINDS.items())


def of_store(
    connection: Connection, checkpoints: Sequence[Checkpoint] = (), *, tables: bool = True
) -> tuple[Walk, Found]:
    """Verify a store: what is known at the end, and the way there."""
    walk = Walk(ledger.redactions(connection), checkpoints)
    return walk, _of_store(connection, walk, tables=tables)


def _of_store(connection: Connection, walk: Walk, *, tables: bool) -> Found:
    tiles = _Tiles(connection)
    try:
        for rows in ledger.pages(connection, as_stored=True):
            for row in rows:
                yield from walk.take(row._mapping)
                if walk.lost or walk.broken > MOST_TOLD:
                    return
                tiles.add(0, walk.leaf)
            yield len(rows)
        yield from walk.end()
        if walk.broken:
            return  # tables made from a wrong ledger would say nothing
        yield from tiles.end()
        yield from _texts(connection)
        if tables:
            yield from replica.compare(connection)
            yield from _file(connection, walk.size)
    except DBAPIError as error:
        if "decode" not in str(error.orig).lower():
            raise
        yield Break(walk.size + 1, "text was changed so that it cannot be read")


def _file(connection: Connection, size: int) -> Iterator[Break]:
    """What SQLite finds wrong with its own file: an index that hides a row, say, from what asks by
    it (https://sqlite.org/pragma.html#pragma_integrity_check). PostgreSQL has `amcheck` for that.
    """
    if connection.dialect.name == "sqlite":
        for (found,) in connection.exec_driver_sql("PRAGMA integrity_check(10)"):
            if found != "ok":
                yield Break(size, f"the database file is damaged: {found}")


class _Tiles:
    """Makes every tile again and holds it against the one that is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._query = select(ledger.plain(TILE.c.root), ledger.plain(TILE.c.hashes))
        self._rows: dict[int, list[Hash]] = {}
        self._good: dict[int, int] = {}
        self._wrong: list[str] = []

    def add(self, level: int, hash: Hash) -> None:
        row = self._rows.setdefault(level, [])
        row.append(hash)
        if len(row) < tree.WIDTH:
            return
        number = self._good.setdefault(level, 0)
        self._good[level] += 1
        root, hashes = merkle.complete(row), b"".join(row)
        of = (TILE.c.level == level) & (TILE.c.number == number)
        kept = self._connection.execute(self._query.where(of)).first()
        if kept is None or tuple(kept) != (root, hashes):
            self._wrong.append(f"tile {number} of level {level} of the tree was changed")
        self._rows[level] = []
        self.add(level + 1, root)

    def end(self) -> Iterator[Break]:
        for detail in self._wrong:
            yield Break(None, f"{detail}; `onrecord rebuild` makes it again")
        for level, number in self._connection.execute(select(TILE.c.level, TILE.c.number)):
            if number >= self._good.get(level, 0):
                yield Break(None, f"tile {number} of level {level} of the tree has no revisions")


def _texts(connection: Connection) -> Iterator[Break]:
    query = select(SNAPSHOT.c.sha256, SNAPSHOT.c.text).execution_options(yield_per=10)
    with connection.execute(query) as rows:
        wrong = [sha for sha, text in rows if ledger.body_hash(text.encode()) != sha]
    for sha256 in wrong:
        yield Break(None, f"the private text {sha256[:16]}… was changed")


def of_file(file: BinaryIO, checkpoints: Sequence[Checkpoint] = ()) -> tuple[Walk, Found]:
    """Verify a ledger export that can be sought in; numbers are bytes here."""
    redactions: dict[tuple[str, str], int] = {}
    for line in file:
        if b'"change":"redacted"' in line:
            for one in _parsed(line):
                if one["change"] == ChangeKind.redacted and _is_revision(one):
                    redactions[one["type"], one["id"]] = one["seq"]
    file.seek(0)
    walk = Walk(redactions, checkpoints)
    return walk, _of_file(file, walk)


def _of_file(file: Iterable[bytes], walk: Walk) -> Found:
    for line in file:
        found = _parsed(line)
        if not found:
            walk.lost = True
            yield Break(walk.size + 1, "its line is not one that a ledger export writes")
            return
        yield from walk.take(found[0])
        if walk.lost or walk.broken > MOST_TOLD:
            return
        yield len(line)
    yield from walk.end()


def _parsed(line: bytes) -> list[dict[str, Any]]:
    """The revision of a line; none where it is not, byte for byte, what an export writes."""
    try:
        found = orjson.loads(line)
        if not isinstance(found, dict):
            return []
        if found["body"] is not None:
            found["body"] = ledger.canonical(found["body"]).decode()
        return [found] if takeout.line(found) == line else []
    except (orjson.JSONDecodeError, TypeError, KeyError, UnicodeError):
        return []
