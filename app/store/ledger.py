"""The ledger: how a change becomes a revision, and how to tell that none was altered since.

A body is canonical JSON: members sorted, no white space, UTF-8, nothing null or empty. A
revision's hash is the SHA-256 of a JSON array of its other columns, the body through its own
hash, so that a redaction can take the words away and leave the chain whole.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    desc,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import NullType

from app.db import Writer
from app.errors import short
from app.models import REVISION
from app.models.base import RecordType
from app.models.revision import ChangeKind

PAGE = 2_000
NO_BODY = hashlib.sha256(b"").hexdigest()
"""The body's hash of a revision that never had one: it took the record out."""


class Head(NamedTuple):
    """The newest revision: its number is the version of the whole store."""

    seq: int
    hash: str | None
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Break:
    """A revision that is not as it was written, or (without a number) something made from it."""

    seq: int | None
    detail: str

    def __str__(self) -> str:
        return self.detail if self.seq is None else f"revision {self.seq}: {self.detail}"


def canonical(value: Any) -> bytes:
    """The one JSON text of a value; raises TypeError for what JSON cannot hold."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def given(value: Any) -> Any:
    """A value without the members that are null or empty, which mean the same as absent ones."""
    if type(value) is dict:
        return {
            name: member
            for name, raw in value.items()
            if (member := given(raw) if type(raw) in _NESTED else raw) not in _EMPTY
        }
    if type(value) is list:
        return [given(part) if type(part) in _NESTED else part for part in value]
    return value


_NESTED = (dict, list)
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


ENTRY = (
    "seq",
    "recorded_at",
    "type",
    "id",
    "version",
    "change",
    "reason",
    "agent",
    "body_hash",
    "previous_hash",
)
"""What the hash of a revision covers, in this order."""
_entry = itemgetter(*ENTRY)


def entry(revision: Mapping[str, Any] | RowMapping) -> bytes:
    """A revision's text in the chain and in the tree: a JSON array, the body by its hash."""
    columns: tuple[Any, ...] = _entry(revision)
    return orjson.dumps(columns)


def revision_hash(revision: Mapping[str, Any] | RowMapping) -> str:
    """The hash that chains a revision to the one before it."""
    return entry_hash(entry(revision))


def entry_hash(entry: bytes) -> str:
    return hashlib.sha256(entry).hexdigest()


def now() -> str:
    """This instant, as the ledger writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def head(connection: Connection) -> Head:
    """Where the ledger stands; sequence 0 while it is empty."""
    newest = select(REVISION.c.seq, REVISION.c.hash, REVISION.c.recorded_at)
    row = connection.execute(newest.order_by(desc(REVISION.c.seq)).limit(1)).first()
    return Head(row.seq, row.hash, row.recorded_at) if row else Head(0, None, "")


def plain(column: Column[Any]) -> ColumnElement[Any]:
    """A column as the driver gives it: what was tampered with may be no value of its type."""
    return type_coerce(column, NullType()).label(column.name)


def pages(
    connection: Connection, *, after: int = 0, size: int = PAGE, as_stored: bool = False
) -> Iterator[list[Row[Any]]]:
    """All revisions in order, so many at a time; `as_stored`, whatever stands in them."""
    columns = [plain(column) for column in REVISION.c] if as_stored else list(REVISION.c)
    while True:
        query = select(*columns).where(REVISION.c.seq > after).order_by(REVISION.c.seq)
        rows = list(connection.execute(query.limit(size)))
        if not rows:
            return
        yield rows
        after = rows[-1].seq


def forget(writer: Writer, type: RecordType, id: str) -> None:
    """Take the words of a redacted record out of all its revisions; their hashes stay."""
    of = (REVISION.c.type == type) & (REVISION.c.id == id)
    # What a merger left has no words, and says where the id leads.
    worded = REVISION.c.change != ChangeKind.merged
    writer.execute(update(REVISION).where(of, worded).values(body=None))


def verify(connection: Connection) -> Iterator[int | Break]:
    """Walk the chain: a number for progress after every page, a `Break` where it does not hold."""
    expected, previous = 1, None
    redacted = redactions(connection)
    for rows in pages(connection):
        for row in rows:
            if row.seq != expected:
                yield Break(expected, f"revisions {expected} to {row.seq - 1} are missing")
            yield from faults(row._mapping, previous, redacted)
            expected, previous = row.seq + 1, row.hash
        yield rows[-1].seq


def redactions(connection: Connection) -> dict[tuple[str, str], int]:
    """The last redaction of each record that has one."""
    query = select(plain(REVISION.c.type), REVISION.c.id, REVISION.c.seq)
    query = query.order_by(REVISION.c.seq)
    found = connection.execute(query.where(REVISION.c.change == ChangeKind.redacted))
    return {(row.type, row.id): row.seq for row in found}


def faults(
    revision: Mapping[str, Any] | RowMapping,
    previous: str | None,
    redactions: Mapping[tuple[str, str], int],
) -> Iterator[Break]:
    """What is wrong with a revision after one with the hash `previous`, in a ledger in which
    these records were last redacted by these revisions."""
    seq, body = revision["seq"], revision["body"]
    of = f"{revision['type']} {short(revision['id'])}"
    redacted = redactions.get((revision["type"], revision["id"]), 0)
    if body is not None and body_hash(body.encode()) != revision["body_hash"]:
        yield Break(seq, f"the body of {of} was changed")
    if body is not None and seq <= redacted and revision["change"] != ChangeKind.merged:
        yield Break(seq, f"the body of {of} is there again though it was redacted")
    if body is None and revision["body_hash"] != NO_BODY and redacted < seq:
        yield Break(seq, f"the body of {of} is gone without a redaction")
    if revision["previous_hash"] != previous:
        yield Break(seq, "it does not follow from the revision before it")
    if revision_hash(revision) != revision["hash"]:
        yield Break(seq, f"the entry of {of} was changed")
