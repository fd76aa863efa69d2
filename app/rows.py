"""Many rows at once: how each database takes them, and how it is asked for many by a list."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Enum,
    Table,
    Text,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.exc import (
    DBAPIError,
)

from app.db import Writer


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Whether a column has one of these values, all of which are one parameter.

    A parameter each makes a statement of its own for every length of the list, and the driver
    keeps its last 128 statements: those of an import came to 60 MB.
    """
    if connection.dialect.name == "sqlite":
        each = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
        return column.in_(select(each.c.value))
    type = ARRAY(BigInteger() if isinstance(column.type, BigInteger) else Text())
    return column == any_(literal(list(values), type))


ROWS = 32
"""Rows of one INSERT on SQLite: what a statement does once (it makes sets of the values that its
CHECKs allow, and enters its triggers) took a third of the time when each had one row. PostgreSQL
gets as many and more by COPY, and fewer one by one, in a pipeline, since psycopg prepares a
statement for each mix of types."""


def insert_rows(writer: Writer, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same members.

    The statement is handed to the driver as it is: for the many small rows of an import,
    SQLAlchemy's own road costs as much again as the database (45 % of an import's time).
    """
    columns = tuple(column.name for column in table.c if column.name in rows[0])
    values = [
        # A member of a closed set is a subclass of str, which drivers take the long way round.
        [value and str(value) for value in map(itemgetter(name), rows)]
        if table.c[name].type.__class__ is Enum
        else [row[name] for row in rows]
        for name in columns
    ]
    lines = list(zip(*values, strict=True))
    if writer.dialect.name == "sqlite" and (whole := len(lines) // ROWS * ROWS):
        some = (lines[start : start + ROWS] for start in range(0, whole, ROWS))
        many = [tuple(chain.from_iterable(one)) for one in some]
        writer.exec_driver_sql(_insert(table, columns, writer.dialect, ROWS), many)
        del lines[:whole]
    elif writer.dialect.name == "postgresql" and len(lines) >= ROWS:
        _copy(writer, _into(table, columns, writer.dialect), lines)
        return
    if lines:
        writer.exec_driver_sql(_insert(table, columns, writer.dialect, 1), lines)


def _copy(writer: Writer, into: str, lines: Iterable[Sequence[Any]]) -> None:
    """Insert many rows by PostgreSQL's COPY: with INSERTs an import took 1.6 times as long."""
    errors = writer.dialect.loaded_dbapi.Error
    sql = f"COPY {into} FROM STDIN"
    cursor: Any = writer.connection.cursor()
    try:
        with cursor.copy(sql) as copy:
            for line in lines:
                copy.write_row(line)
    except errors as error:
        raise DBAPIError.instance(sql, None, error, errors) from error
    finally:
        cursor.close()


@lru_cache(maxsize=200)
def _into(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(map(quote, columns))})"


@lru_cache(maxsize=200)
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect, rows: int) -> str:
    place = "?" if dialect.paramstyle == "qmark" else "%s"
    row = f"({', '.join([place] * len(columns))})"
    return f"INSERT INTO {_into(table, columns, dialect)} VALUES {', '.join([row] * rows)}"
