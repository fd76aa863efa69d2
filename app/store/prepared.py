"""Questions that are put into SQL once: after that, only their values change.

To build a query of SQLAlchemy and find it among the compiled ones takes longer than SQLite takes
to answer it (docs/adr/0007-prepared-questions.md). So a question that is asked often comes with a
*shape*, which tells which filters it has but not their values; its SQL is kept by its shape, and
the values of the day are bound by the names of its parameters.
"""

from collections import namedtuple
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, Connection, Dialect, Select, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Shape = tuple[Hashable, ...]

MOST = 1_000
"""Shapes that are kept: there are few, unless somebody tries all of them."""


class _Prepared(NamedTuple):
    sql: str
    order: Sequence[str] | None
    """The names of the parameters in their order; None where they go by name."""
    constants: dict[str, Any]
    row: Callable[[Iterable[Any]], Any]

    def bound(self, values: Mapping[str, Any]) -> Any:
        if self.order is None:
            return {name: values.get(name, one) for name, one in self.constants.items()}
        constants = self.constants
        return [values[name] if name in values else constants[name] for name in self.order]


_KEPT: dict[tuple[str, Shape], _Prepared] = {}


def rows(
    connection: Connection,
    shape: Shape,
    build: Callable[[], Select[Any]],
    values: Mapping[str, Any],
) -> list[Any]:
    """The rows of the query that `build` makes, as named tuples; as for `plain` otherwise."""
    prepared = _prepared(connection, shape, build)
    return list(map(prepared.row, _run(connection, prepared, values)))


def plain(
    connection: Connection,
    shape: Shape,
    build: Callable[[], Select[Any]],
    values: Mapping[str, Any],
    *,
    planned: bool = False,
) -> Sequence[Any]:
    """The rows of the query that `build` makes, as tuples.

    `shape` must tell it from every other query; what differs from one time to the next must be
    parameters with names, which `values` gives. How best to answer may depend on these: then let it
    be `planned` for them by PostgreSQL, which otherwise takes one plan for any, after a while.
    """
    return _run(connection, _prepared(connection, shape, build), values, planned=planned)


def _prepared(connection: Connection, shape: Shape, build: Callable[[], Select[Any]]) -> _Prepared:
    key = (connection.dialect.name, shape)
    prepared = _KEPT.get(key)
    if prepared is None:
        if len(_KEPT) >= MOST:
            _KEPT.clear()
        prepared = _KEPT[key] = _prepare(build(), connection.dialect)
    return prepared


def _run(
    connection: Connection,
    prepared: _Prepared,
    values: Mapping[str, Any],
    *,
    planned: bool = False,
) -> Sequence[Any]:
    bound = prepared.bound(values)
    if connection.dispatch.before_cursor_execute:  # somebody listens to what SQLAlchemy executes
        return connection.exec_driver_sql(prepared.sql, _own(bound)).fetchall()
    # Straight to the driver: half of the time of a short query was SQLAlchemy's.
    errors = connection.dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        if planned and connection.dialect.name == "postgresql":
            cursor.execute(prepared.sql, bound, prepare=False)  # type: ignore[call-arg]  # psycopg's
        else:
            cursor.execute(prepared.sql, bound)
        return cursor.fetchall()
    except errors as error:
        raise DBAPIError.instance(prepared.sql, None, error, errors) from error
    finally:
        cursor.close()


def _own(bound: Any) -> Any:
    return tuple(bound) if isinstance(bound, list) else bound


def _prepare(query: Select[Any], dialect: Dialect) -> _Prepared:
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    names = [column.name for column in query.selected_columns]
    row = namedtuple("row", names, rename=True)  # type: ignore[misc]
    constants = {
        name: str(value) if isinstance(value, StrEnum) else value
        for name, value in compiled.params.items()
    }
    order = compiled.positiontup if compiled.positional else None
    return _Prepared(str(compiled), order, constants, row._make)


# --- parameters ---------------------------------------------------------------------------------

_NUMBER = BigInteger()


def parameter(name: str, value: Any = None, type: TypeEngine[Any] = _NUMBER) -> BindParameter[Any]:
    """A parameter of a query; the value is for those that are asked without a shape."""
    return bindparam(name, value, type)


def each(name: str, values: Sequence[Any], type: TypeEngine[Any] = _NUMBER) -> list[Any]:
    """A parameter for each of these values."""
    return [parameter(f"{name}_{place}", one, type) for place, one in enumerate(values)]


def padded(name: str, values: Iterable[Any]) -> tuple[int, dict[str, Any]]:
    """Values for a list of parameters that is as long as the next power of two, and its length:
    so that a page of 19 and one of 20 are of one shape. (No database takes lists without end.)"""
    listed = list(values)
    size = len(listed) if len(listed) > 4_096 else 1 << max(len(listed) - 1, 0).bit_length()
    listed += listed[-1:] * (size - len(listed))
    return size, {f"{name}_{place}": one for place, one in enumerate(listed)}
