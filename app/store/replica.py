"""The tables held against the ledger: made again from it beside the store, and compared.

They are made by the code that laid them out in the first place, in a SQLite file of their own
that is thrown away, whichever database the store is in. So the check costs the time of an import
and as much disk, and no memory worth naming.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from app.db import Database, insert_rows
from app.models import DERIVED, REVISION
from app.models.search import NAME, WORD
from app.store import ledger, project, schema
from app.store.ledger import Break, plain

ROWS = 2_000


def compare(connection: Connection) -> Iterator[int | Break]:
    """A number for so many revisions laid out, a `Break` for each table that says otherwise."""
    with made() as copy:
        yield from lay_out(connection, copy)
        with copy.reader() as replica:
            yield from differences(connection, replica)


@contextmanager
def made() -> Iterator[Database]:
    """An empty store to lay the ledger out in, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        copy = Database(f"sqlite:///{Path(folder) / 'replica.db'}")
        try:
            schema.migrate(copy)
            yield copy
        finally:
            copy.close()


def lay_out(connection: Connection, copy: Database) -> Iterator[int]:
    """Make the tables in `copy` from the ledger; yields how many more revisions are done."""
    for rows in ledger.pages(connection):
        with copy.writer() as writer:
            insert_rows(writer, REVISION, [row._asdict() for row in rows])
            steps = [project.Step(row._asdict(), project.recorded(row)) for row in rows]
            project.apply(writer, steps)
        yield len(rows)


def differences(connection: Connection, replica: Connection) -> Iterator[Break]:
    """The first row of each table that is not as in the replica."""
    for name, query in _queries():
        yield from _differs(name, query, connection, replica)


def _queries() -> Iterator[tuple[str, Select[Any]]]:
    """What of each table follows from the ledger, in an order that both databases share."""
    for table in DERIVED:
        if table not in (NAME, WORD):
            yield table.name, _of(table).order_by(*table.primary_key)
    # The number of a name depends on the batch that it came in; what it says does not.
    said = [column for column in NAME.c if column.name != "id"]
    order = (NAME.c.type, NAME.c.key, NAME.c.id)
    yield NAME.name, select(*map(plain, said)).order_by(*order)
    words = select(plain(NAME.c.type), NAME.c.key, NAME.c.folded, WORD.c.word)
    yield WORD.name, words.join(WORD, WORD.c.name == NAME.c.id).order_by(*order, WORD.c.word)


def _of(table: Table) -> Select[Any]:
    return select(*map(plain, table.c))


def _differs(
    name: str, query: Select[Any], connection: Connection, made: Connection
) -> Iterator[Break]:
    query = query.execution_options(yield_per=ROWS)
    with connection.execute(query) as here, made.execute(query) as there:
        rows, right = here.fetchmany(ROWS), there.fetchmany(ROWS)
        while rows == right and rows:
            rows, right = here.fetchmany(ROWS), there.fetchmany(ROWS)
    if rows != right:
        row = next(
            one if one is not None else other
            for one, other in zip_longest(rows, right)
            if one != other
        )
        where = ", ".join(
            f"{member} {value}"
            for member, value in row._mapping.items()
            if member in _NAMING and isinstance(value, int)
        )
        yield Break(None, f"table {name} ({where}) is not what the ledger gives")


_NAMING = {"key", "seq", "statement", "position"}
