"""Pages: a total order, a cursor that says where one page ended, and what comes next.

Cursors are keysets: they name the last record, not a number of records, so a page costs the same
at any depth and a walk meets each record once, whatever is written meanwhile.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    func,
    select,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from app.errors import Fault, InvalidInput
from app.models import REVISION
from app.models.format import Format
from app.store import cursor
from app.store.prepared import Shape, parameter, rows

MAX_LIMIT = 100


class Represented(BaseModel):
    """What every read takes."""

    model_config = ConfigDict(extra="forbid")

    format: Format | None = Field(
        None,
        description="In which form to answer; what `Accept` asks for when absent. `atom` is for "
        "lists, best with `order=-recorded_at`.",
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]{1,4000}", value):
        raise ValueError("must be a whole number, in digits")
    return value


Whole = Annotated[int, BeforeValidator(_plain)]
"""A whole number in a query, without what Python would take besides: `1_0`, `1.0`, `١`."""


class PageParams(Represented):
    """What every list takes besides its filters."""

    limit: Whole = Field(
        20,
        ge=1,
        description=f"Records on a page; more than {MAX_LIMIT} is {MAX_LIMIT}.",
    )
    cursor: str | None = Field(
        None,
        max_length=1_000,
        description="Where to go on, as `next` and `prev` give it.",
    )
    count: Literal["exact"] | None = Field(
        None, description="`exact` adds `count`, the number of all that fit."
    )


Item = TypeVar("Item")
Place = tuple[str, ...]


class Order(NamedTuple):
    """A total order: columns, the last of which tells any two rows apart, and a direction."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page, and the cursors of its neighbours where there are any."""

    rows: Sequence[Any]
    next: str | None
    prev: str | None
    count: int | None


class Question(NamedTuple):
    """A query that may have a shape (see `prepared`): what makes it, and its values."""

    build: Callable[[], Select[Any]]
    shape: Shape | None = None
    values: Mapping[str, Any] = {}


def fetch(
    connection: Connection,
    question: Question,
    order: Order,
    params: PageParams,
    asked: bytes,
    at: int | None,
) -> Page:
    """One page of a question whose filters are `asked` (any bytes that tell them apart).

    The rows have the order's columns last. Raises `InvalidInput` for a cursor that is not ours,
    or that belongs to other filters or another order.
    """
    limit = min(params.limit, MAX_LIMIT)
    stamp = hashlib.sha256(order.name.encode() + b"\0" + asked).hexdigest()[:16]
    backwards, place = _read(params.cursor, stamp, [one.type.python_type for one in order.columns])
    falling = order.descending != backwards
    found = _slice(connection, question, order, place, falling=falling, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next, has_prev = (place is not None, more) if backwards else (more, place is not None)
    width = len(order.columns)
    seen = 0
    if found and (has_next or has_prev):
        # A walk goes on in the state in which it began, so that what moves meanwhile is met once.
        seen = newest_revision(connection) if at is None else at
    return Page(
        found,
        cursor.encode([stamp, 0, seen, *found[-1][-width:]]) if has_next and found else None,
        cursor.encode([stamp, 1, seen, *found[0][-width:]]) if has_prev and found else None,
        count(connection, question.build()) if params.count else None,
    )


def newest_revision(connection: Connection) -> int:
    """The number of the newest revision; 0 while there is none."""
    ((newest,),) = rows(connection, ("newest revision",), _newest_revision, {})
    return newest or 0


def _newest_revision() -> Select[Any]:
    return select(func.max(REVISION.c.seq).label("newest"))


def cut(
    items: Sequence[Item], place: Callable[[Item], Place], params: PageParams, asked: bytes
) -> tuple[list[Item], str | None, str | None]:
    """One page of what stands in memory in the order of its places, which tell any two apart;
    and the cursors of its neighbours. The same as `fetch` otherwise."""
    limit = min(params.limit, MAX_LIMIT)
    stamp = hashlib.sha256(asked).hexdigest()[:16]
    backwards, here = _read(params.cursor, stamp, [str] * len(place(items[0])) if items else [])
    if here is not None:
        there = tuple(here)
        items = [one for one in items if (place(one) < there if backwards else place(one) > there)]
    more = len(items) > limit
    rows = list(items[-limit:] if backwards else items[:limit])
    has_next, has_prev = (here is not None, more) if backwards else (more, here is not None)
    return (
        rows,
        cursor.encode([stamp, 0, 0, *place(rows[-1])]) if has_next and rows else None,
        cursor.encode([stamp, 1, 0, *place(rows[0])]) if has_prev and rows else None,
    )


def _slice(
    connection: Connection,
    question: Question,
    order: Order,
    place: list[Any] | None,
    *,
    falling: bool,
    limit: int,
) -> list[Any]:
    def build() -> Select[Any]:
        query = question.build()
        sort = [column.desc() if falling else column.asc() for column in order.columns]
        if place is not None:
            here = tuple_(*order.columns)
            names = [f"place_{at}" for at in range(len(place))]
            pairs = zip(names, place, order.columns, strict=True)
            # A forged number may be larger than its column takes.
            there = tuple_(*(parameter(name, one, _widest(column)) for name, one, column in pairs))
            query = query.where(here < there if falling else here > there)
        return query.add_columns(*order.columns).order_by(*sort).limit(parameter("limit", limit))

    if question.shape is None:
        return list(connection.execute(build()))
    shape = (*question.shape, order.name, falling, place is not None)
    places = {f"place_{at}": one for at, one in enumerate(place or ())}
    return rows(connection, shape, build, {**question.values, **places, "limit": limit})


def _widest(column: ColumnElement[Any]) -> TypeEngine[Any]:
    return BigInteger() if isinstance(column.type, Integer) else column.type


def count(connection: Connection, query: Select[Any]) -> int:
    """How many rows a query has."""
    return connection.scalar(select(func.count()).select_from(query.subquery())) or 0


def _read(given: str | None, stamp: str, kinds: Sequence[type]) -> tuple[bool, list[Any] | None]:
    """Which way a cursor goes, and its place: a value of each kind."""
    if given is None:
        return False, None
    parts = cursor.decode(given)
    if parts is None:
        raise refused("is not one of ours; take it from `next` or `prev` as it is")
    theirs, backwards, _seen, *place = parts
    if theirs != stamp:
        raise refused("belongs to other filters or another order; start again without it")
    if len(place) != len(kinds) or not all(map(_is_place, place, kinds)):
        raise refused("is not one of ours; take it from `next` or `prev` as it is")
    return bool(backwards), place


def _is_place(value: Any, kind: type) -> bool:
    if kind is str:  # PostgreSQL compares no text with a number
        return isinstance(value, str) and len(value) <= 1_000 and "\0" not in value
    return type(value) is int and -(2**63) <= value < 2**63


def refused(detail: str) -> InvalidInput:
    """What to raise for a cursor that cannot be followed."""
    return InvalidInput.of(Fault(detail, "invalid_cursor", parameter="cursor"))
