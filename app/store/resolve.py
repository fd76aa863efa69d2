"""What a filter names: the keys of its records, the bounds of its dates, the words of its search.

These are the parameters of its query; `shape` is all else that tells its query from others.
"""

from collections.abc import Hashable
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    Connection,
    Select,
    select,
)

from app.errors import Fault, InvalidInput, short
from app.models import IDENTITIES
from app.models.base import RecordType, State
from app.models.edtf import parse
from app.store import moment, prepared, search
from app.store.filters import Filter, StatementFilter
from app.store.moment import At as At
from app.store.moment import Condition as Condition
from app.store.moment import alive as alive
from app.store.prepared import Shape
from app.store.search import Search


class Keys(dict[str, list[Any]]):
    """The keys of the records that a filter names, by parameter; the bounds of its dates; and what
    its `q` looks for. Keys and bounds are parameters of a query (see `prepared`)."""

    def __init__(self) -> None:
        self.search: Search | None = None
        self.sqlite = True
        self.bounds: dict[str, BindParameter[int]] = {}
        self.within: CTE | None = None
        self.walks = False
        self.first: str | None = None
        """A page is found by walking through the list, and the filters are asked of each record;
        except for the one to begin with, if any: what fits it is gathered."""

    def values(self) -> dict[str, Any]:  # type: ignore[override]  # of the parameters
        """The values of the parameters, by their names."""
        named = [one for keys in super().values() for one in keys]
        return {one.key: one.value for one in (*named, *self.bounds.values())}


def resolve(connection: Connection, asked: Filter) -> Keys:
    """Find the records that a filter names by id.

    Raises `InvalidInput`, naming the parameter and the id, for one that does not exist.
    """
    keys = Keys()
    keys.sqlite = connection.dialect.name == "sqlite"
    if not asked.model_fields_set - NO_FILTERS:  # so nearly always
        return keys
    _resolve_dates(asked, keys)
    if (q := getattr(asked, "q", None)) is not None:
        keys.search = search.resolve(connection, search.parse(q))
        if keys.search.is_plain and isinstance(asked, StatementFilter):
            keys["q"] = [search.expression(keys.search, sqlite=keys.sqlite)]
    faults = []
    for parameter, field in type(asked).model_fields.items():
        extra = field.json_schema_extra
        ids = getattr(asked, parameter)
        if not isinstance(extra, dict) or "x-names" not in extra or not ids:
            continue
        target = RecordType(str(extra["x-names"]))
        found = _named(connection, target, ids, moment.of(connection, asked))
        keys[parameter] = prepared.each(parameter, list(found.values()))
        for id in ids:
            if id not in found:
                detail = f"there is no {target} {short(id)}; look it up under /v1/{target}s"
                faults.append(Fault(detail, "unknown_id", parameter=parameter))
    if faults:
        raise InvalidInput.of(*faults)
    return keys


def _named(connection: Connection, target: RecordType, ids: list[str], at: At) -> dict[str, int]:
    """The keys of what these ids mean: what was merged by then means the survivor."""
    table = IDENTITIES[target]
    columns = (table.c.id, table.c.key, table.c.merged_into, table.c.seq)
    count, values = prepared.padded("id", ids)

    def build() -> Select[Any]:
        named = table.c.id.in_(prepared.each("id", [""] * count, table.c.id.type))
        return select(*columns).where(named, table.c.state != State.awaited)

    found = {}
    for id, key, heir, seq in prepared.rows(connection, ("keys", target, count), build, values):
        while heir is not None and (at is None or seq <= at):
            key = heir
            heirs = connection.execute(select(*columns).where(table.c.key == key))
            _, key, heir, seq = heirs.one()
        found[id] = key
    return found


def _resolve_dates(asked: Filter, keys: Keys) -> None:
    """Take in the bounds of a filter's dates; refuse a range that ends before it begins."""
    for name in ("said", "published"):
        start, end = f"{name}_from", f"{name}_to"
        lower, upper = getattr(asked, start, None), getattr(asked, end, None)
        first = parse(lower).lower if lower else None
        last = parse(upper).upper if upper else None
        if first is not None and last is not None and first >= last:
            detail = f"{end} is before {start}; swap them, or mend one"
            raise InvalidInput.of(Fault(detail, "empty_range", parameter=end))
        for parameter, bound in ((start, first), (end, last)):
            if bound is not None:
                keys.bounds[parameter] = prepared.parameter(parameter, bound)


def shape(asked: Filter, keys: Keys, at: At) -> Shape | None:
    """What tells the SQL of one filter from that of another, whatever records and days they name;
    None where that is not known: phrases and what a search excludes have forms of their own."""
    if keys.search and "q" not in keys:
        return None
    parts: list[Hashable] = [type(asked).__name__, at is not None, keys.walks, keys.first]
    for name in sorted(asked.model_fields_set - NO_FILTERS):
        value = getattr(asked, name)
        if name in keys:
            parts.append((name, len(keys[name])))
        elif name in _DATES:
            parts.append((name, value is not None, name in keys.bounds))
        else:
            parts.append((name, tuple(value) if isinstance(value, list) else value))
    return tuple(parts)


_DATES = {"said_from", "said_to", "published_from", "published_to"}
NO_FILTERS = {"limit", "cursor", "count", "expand", "fields", "format", "known_at"}
