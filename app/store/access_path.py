"""The access path: how SQLite finds a page of what fits (docs/adr/0007-prepared-questions.md)."""

import math
import time
from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    func,
    select,
)

from app.models import attribution
from app.store import prepared
from app.store.conditions import Part, parts_of_reports, parts_of_statements
from app.store.filters import StatementFilter
from app.store.moment import At as At
from app.store.moment import Condition as Condition
from app.store.moment import alive as alive
from app.store.page import newest_revision
from app.store.resolve import NO_FILTERS, Keys, shape


def choose(connection: Connection, asked: StatementFilter, keys: Keys, at: At) -> None:
    """Choose how a page of what fits is found, on a database that does not choose so itself.

    Where many fit, it is quick to walk through everything in the order of the list and to look at
    each: the page is soon full. Where few fit, it is quick to gather and sort these. PostgreSQL
    weighs the two by its statistics; SQLite cannot, so the filter that fewest fit is looked for.
    """
    if not keys.sqlite or keys.search:
        return
    keys.walks, keys.first = True, None
    if not asked.model_fields_set - NO_FILTERS:  # so nearly always
        return
    parts = [*parts_of_reports(asked, keys, at), *parts_of_statements(asked, keys, at)]
    if not parts:
        return
    few = int(1.5 * math.sqrt(newest_revision(connection)))
    fewest = few + 1
    for part in parts:
        count = _count(connection, asked, keys, at, part, few)
        if count < fewest:
            keys.first, fewest = part.name, count


REMEMBERED = 60.0
"""Seconds for which it is remembered how many rows fit a filter."""

_COUNTED: WeakKeyDictionary[Engine, dict[Hashable, tuple[float, int]]] = WeakKeyDictionary()


def _count(
    connection: Connection, asked: StatementFilter, keys: Keys, at: At, part: Part, most: int
) -> int:
    """How many rows fit a part of a filter, as far as that matters; perhaps a minute ago."""
    bound = {**keys.values(), "at": at}
    whole = ("how many", part.name, shape(asked, keys, at))
    counted = _COUNTED.setdefault(connection.engine, {})
    name, now = (whole, *bound.values()), time.monotonic()
    if (found := counted.get(name)) and found[0] > now:
        return found[1]

    def build() -> Select[Any]:
        query = part.gathered
        if part.column is attribution.VERSION.c.source:  # it is reports that are gathered
            query = select(attribution.VERSION.c.seq).where(part.column.in_(query))
        some = query.limit(prepared.parameter("most")).subquery()
        return select(func.count().label("count")).select_from(some)

    ((count,),) = prepared.rows(connection, whole, build, {**bound, "most": most + 1})
    if len(counted) >= prepared.MOST:
        counted.clear()
    counted[name] = now + REMEMBERED, int(count)
    return int(count)
