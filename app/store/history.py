"""What became of records: the revisions of one, or of all of them, each with what it changed."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, Select, and_, select

from app.errors import NotFound, short
from app.models import REVISION
from app.models.base import RecordType
from app.store import page, project
from app.store.page import Order, PageParams
from app.store.read import Listed


class Change(NamedTuple):
    """A revision as it is answered: its number, its kind, and the JSON text."""

    seq: int
    kind: str
    text: str


def revisions(connection: Connection, type: RecordType, id: str, asked: PageParams) -> Listed:
    """The history of a record, newest first: who, when, why, and what changed.

    Raises `NotFound` for one that was never recorded.
    """
    query = _compared().where(REVISION.c.type == type, REVISION.c.id == id)
    order = Order("-seq", (REVISION.c.seq,), descending=True)
    question = page.Question(lambda: query)
    found = page.fetch(connection, question, order, asked, f"{type} {id}".encode(), None)
    if not found.rows and asked.cursor is None:
        raise NotFound(f"There is no {type} {short(id)}; look it up under /v1/{type}s.")
    texts = [one.text for one in _changes(found.rows)]
    return Listed(texts, found.next, found.prev, found.count)


def changes(connection: Connection, *, after: int, limit: int) -> list[Change]:
    """The revisions of all records that follow a number, in their order."""
    query = _compared().where(REVISION.c.seq > after).order_by(REVISION.c.seq).limit(limit)
    return _changes(connection.execute(query))


def _compared() -> Select[Any]:
    """Revisions, each with the one of the same record before it."""
    before = REVISION.alias()
    same = and_(
        before.c.type == REVISION.c.type,
        before.c.id == REVISION.c.id,
        before.c.version == REVISION.c.version - 1,
    )
    earlier = (before.c.body.label("body_before"), before.c.change.label("change_before"))
    return select(REVISION, *earlier).outerjoin(before, same)


_MEMBERS = ("seq", "recorded_at", "type", "id", "version", "change", "reason", "agent")
_ENDS = set(map(str, project.ENDED))


def _changes(rows: Iterable[Row[Any]]) -> list[Change]:
    return [Change(row.seq, row.change, _text(row)) for row in rows]


def _text(row: Row[Any]) -> str:
    body = orjson.loads(row.body) if row.body else None
    # Before and after an end there is nothing to compare; nor where words were redacted.
    compared = row.body and row.body_before and not {row.change, row.change_before} & _ENDS
    item = {name: getattr(row, name) for name in _MEMBERS}
    item["changes"] = differences(orjson.loads(row.body_before), body) if compared else []
    item |= {"body": body, "previous_hash": row.previous_hash, "hash": row.hash}
    return orjson.dumps(item).decode()


def differences(before: Any, after: Any, pointer: str = "") -> list[dict[str, Any]]:
    """What makes one JSON value of another: where (a JSON pointer), from what, to what."""
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(str(place), *pair) for place, pair in enumerate(zip(before, after, strict=True))]
    else:
        return [] if before == after else [{"pointer": pointer, "from": before, "to": after}]
    return [
        one for name, was, is_now in pairs for one in differences(was, is_now, f"{pointer}/{name}")
    ]
