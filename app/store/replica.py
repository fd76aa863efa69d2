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

from sqlalchemy import Connection, Select, Table, select, text

from app.db import Database
from app.errors import short
from app.models import DERIVED, REVISION
from app.models.search import NAME, WORD
from app.rows import insert_rows
from app.store import ledger, project, schema
from app.store.ledger import Break, plain

ROWS = 2_000


def compare(connection: Connection) -> Iterator[int | Break]:
    """A number for so many revisions laid out, a `Break` for each table that says otherwise."""
    with made() as copy:
        yield from lay_out(connection, copy)
        with copy.reader() as replica:
            yield from differences(connection, replica)
            yield from machinery(connection, replica)


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


def machinery(connection: Connection, replica: Connection) -> Iterator[Break]:
    """What a database does by itself, and we did not tell it to: a trigger, view or rule can change
    what is written, or show what is not. In SQLite also what of ours is missing."""
    if connection.dialect.name != "sqlite":
        for kind, name in connection.execute(_POSTGRESQL):
            yield Break(None, f"there is a {kind} {short(name)} that is not ours; take it out")
        return
    here, ours = _objects(connection), _objects(replica)
    for kind, name in sorted(here.keys() | ours.keys()):
        told = f"{kind} {short(name)}"
        if (kind, name) not in here:
            yield Break(None, f"the {told} is missing; `onrecord rebuild` makes a search index")
        elif kind in ("trigger", "view") and (kind, name) not in ours:
            yield Break(None, f"there is a {told} that is not ours; take it out")
        elif kind == "trigger" and here[kind, name] != ours[kind, name]:
            yield Break(None, f"the {told} is not as we made it; `onrecord rebuild` makes it again")


def _objects(connection: Connection) -> dict[tuple[str, str], str]:
    """What a SQLite file has besides what SQLite keeps for itself, each with its SQL."""
    query = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return {(kind, name): sql for kind, name, sql in connection.exec_driver_sql(query)}


_POSTGRESQL = text(
    """
    SELECT 'trigger', tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    UNION ALL SELECT 'rule', rulename FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
        WHERE rulename <> '_RETURN' AND relnamespace = current_schema()::regnamespace
    UNION ALL SELECT 'view', relname FROM pg_class
        WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace
    ORDER BY 1, 2
    """
)
