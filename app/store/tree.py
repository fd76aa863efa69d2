"""The Merkle tree over the ledger, as the store keeps it: tiles of 256 hashes.

Entry n of the tree is the text that the hash of revision n + 1 is made from. A tile is written
once, by the transaction that brings its last revision; what has no tile yet is read from the
ledger itself (docs/adr/0005-a-tree-over-the-ledger.md).
"""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from app.db import Writer
from app.errors import Unavailable
from app.models import REVISION, TILE
from app.rows import insert_rows
from app.store import ledger, merkle
from app.store.merkle import Hash

BITS = 8
WIDTH = 1 << BITS
"""Hashes of a tile, as in C2SP's tlog-tiles."""


def grow(writer: Writer, before: int, texts: Sequence[bytes]) -> None:
    """Keep the tiles that became full as the ledger grew from `before` revisions by these texts
    (see `ledger.entry`)."""
    size = before + len(texts)
    if before // WIDTH < size // WIDTH:
        fill(writer, size, texts)


def fill(writer: Writer, size: int, newest: Sequence[bytes] = ()) -> None:
    """Keep every tile that a ledger of this size fills and that is not kept yet; for a caller that
    has the texts of the newest revisions, these are not read again."""
    level, known = 0, size - len(newest)
    while size := size // WIDTH:
        last = select(func.max(TILE.c.number)).where(TILE.c.level == level)
        there = writer.scalar(last)
        for number in range(0 if there is None else there + 1, size):
            at = number * WIDTH - known
            if level == 0 and at >= 0:
                hashes = [merkle.leaf(text) for text in newest[at : at + WIDTH]]
            else:
                make = _leaves if level == 0 else _roots
                hashes = make(writer, level, number)
            _whole(hashes, WIDTH)
            row = {"root": merkle.complete(hashes), "hashes": b"".join(hashes)}
            insert_rows(writer, TILE, [{"level": level, "number": number, **row}])
        level += 1


class Stored:
    """The subtrees of the ledger, read tile by tile: each once for all that is asked of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[int, int], list[Hash]] = {}

    def __call__(self, level: int, index: int) -> Hash:
        """The hash of a complete subtree (see `merkle`); raises `Unavailable` for a gap."""
        level, inside = divmod(level, BITS)
        number, at = divmod(index << inside, WIDTH)
        hashes = self._row(level, number)[at : at + (1 << inside)]
        return merkle.complete(_whole(hashes, 1 << inside))

    def _row(self, level: int, number: int) -> list[Hash]:
        row = self._rows.get((level, number))
        if row is None:
            tile = select(TILE.c.hashes).where(TILE.c.level == level, TILE.c.number == number)
            if (hashes := self._connection.scalar(tile)) is not None:
                row = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
            else:
                row = (_leaves if level == 0 else _roots)(self._connection, level, number)
            self._rows[level, number] = row
        return row


def _whole(hashes: list[Hash], size: int) -> list[Hash]:
    if len(hashes) != size:
        raise Unavailable(
            "The ledger or its tree has gaps; `onrecord verify` says where, and "
            "`onrecord rebuild` makes the tree again."
        )
    return hashes


_ENTRY = [REVISION.c[name] for name in ledger.ENTRY]


def _leaves(connection: Connection, _level: int, number: int) -> list[Hash]:
    """The hashes of the revisions of one tile, or of as many as there are."""
    first = number * WIDTH + 1
    query = select(*_ENTRY).where(REVISION.c.seq.between(first, first + WIDTH - 1))
    rows = connection.execute(query.order_by(REVISION.c.seq))
    return [merkle.leaf(ledger.entry(row._mapping)) for row in rows]


def _roots(connection: Connection, level: int, number: int) -> list[Hash]:
    """The hashes over the tiles below one tile, or over as many as there are."""
    first = number * WIDTH
    query = select(TILE.c.root).where(
        TILE.c.level == level - 1, TILE.c.number.between(first, first + WIDTH - 1)
    )
    return list(connection.scalars(query.order_by(TILE.c.number)))
