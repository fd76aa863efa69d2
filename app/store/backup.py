"""A backup is a store of its own: one SQLite file with everything, private texts and keys too.

So it can be served, verified and exported like any other, and restored into either database. It
is of one moment, and nobody waits for it: readers and writers go on.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, Table, case, func, insert, select
from sqlmodel import SQLModel

from app.db import Database, Writer
from app.errors import Conflict, InvalidInput
from app.models import DERIVED, IDENTITIES, REVISION, SNAPSHOT, TILE
from app.rows import insert_rows
from app.store import ledger, schema

ROWS = 2_000
PAGES = 2_000
_PLAIN = {REVISION, SNAPSHOT, TILE, *DERIVED}
"""Tables whose values the drivers take as they are."""

Steps = Iterator[tuple[int, int]]
"""How much is done, of how much."""


def make(database: Database, path: Path) -> Steps:
    """Write a backup to a file that must not be there yet; it appears when it is whole.

    Raises `InvalidInput` where it is there or cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    if path.exists():
        raise InvalidInput(f"{path} is there already; give a name that is not, or move it away.")
    try:
        # Private texts and keys: for nobody but the one who runs this.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise InvalidInput(f"{part} cannot be made: {error.strerror}") from error
    try:
        yield from (_pages if database.is_sqlite else _rows)(database, part)
        os.link(part, path)  # unlike a renaming, this never takes the place of another file
    except FileExistsError as error:
        raise InvalidInput(f"{path} came to be there in the meantime; nothing was kept.") from error
    finally:
        for left in (part, *(part.with_name(f"{part.name}{end}") for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)


def _pages(database: Database, part: Path) -> Steps:
    """SQLite page by page (https://sqlite.org/backup.html), in one read transaction, so that
    a write by others does not make it begin again."""
    copy = Database(f"sqlite:///{part}")
    try:
        with database.reader() as reader, copy.engine.connect() as connection:
            ledger.head(reader)  # the transaction begins with its first query
            source: Any = reader.connection.driver_connection
            target: Any = connection.connection.driver_connection
            told: SimpleQueue[tuple[int, int] | None] = SimpleQueue()

            def copy_pages() -> None:
                try:
                    source.backup(
                        target,
                        pages=PAGES,
                        progress=lambda _status, left, total: told.put((total - left, total)),
                    )
                finally:
                    told.put(None)

            with ThreadPoolExecutor(1) as pool:
                copying = pool.submit(copy_pages)
                yield from iter(told.get, None)
                copying.result()
    finally:
        copy.close()


def _rows(database: Database, part: Path) -> Steps:
    with _store(part) as copy:
        schema.migrate(copy)
        with database.reader() as reader, copy.writer() as writer:
            yield from _copy(reader, writer)


def restore(path: Path, database: Database) -> Steps:
    """Fill an empty store, which is migrated, from a backup: all of it, or nothing.

    Raises `Conflict` where the store is not empty, `NotMigrated` for a backup by another version.
    """
    with _store(path) as copy:
        schema.ensure(copy)
        with copy.reader() as reader, database.writer() as writer:
            if not schema.is_empty(writer):
                raise Conflict("The store is not empty; restore a backup into a new one.")
            yield from _copy(reader, writer)


@contextmanager
def _store(path: Path) -> Iterator[Database]:
    copy = Database(f"sqlite:///{path}")
    try:
        yield copy
    finally:
        copy.close()


def _copy(reader: Connection, writer: Writer) -> Steps:
    """Every row of every table, those first to which others refer."""
    tables = SQLModel.metadata.sorted_tables
    sizes = [reader.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    done, total = 0, sum(sizes)
    for table in tables:
        query = select(table).order_by(*_order(table)).execution_options(yield_per=ROWS)
        with reader.execute(query) as result:
            for rows in result.partitions():
                values = [dict(row._mapping) for row in rows]
                if table in _PLAIN:
                    insert_rows(writer, table, values)
                else:
                    writer.execute(insert(table), values)
                done += len(rows)
                yield done, total


def _order(table: Table) -> list[Any]:
    """By key; of merged records the last merged first, since what was merged into one that was
    merged later refers to that."""
    keys: list[Any] = list(table.primary_key)
    if table in IDENTITIES.values():
        merged = table.c.merged_into.is_not(None)
        return [merged, case((merged, -table.c.seq)), *keys]
    return keys
