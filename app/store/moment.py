"""Now, or as it was known at an instant: which versions of the record a question is about."""

import re
from datetime import UTC, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from app.errors import Fault, InvalidInput
from app.models import REVISION
from app.store import cursor
from app.store.page import Represented, newest_revision
from app.store.prepared import parameter

At = int | None
"""A sequence number of the ledger: what held after that revision. None is now."""

Condition = ColumnElement[bool]


class AtParams(Represented):
    """The instant of which a read answers."""

    known_at: str | None = Field(
        None,
        max_length=40,
        description="Answer as the record stood at this instant, inclusive (RFC 3339 with zone, "
        "or a `recorded_at` as printed).",
    )


def alive(table: FromClause, at: At = None) -> Condition:
    """Whether a version (or listing) row holds at that moment."""
    if at is None:
        return table.c.until.is_(None)
    then = parameter("at", at)
    return and_(table.c.seq <= then, or_(table.c.until.is_(None), table.c.until > then))


def of(connection: Connection, asked: Any) -> At:
    """The moment that a question is about: the one it names, or that in which its walk began."""
    at = resolve(connection, asked.known_at)
    given = getattr(asked, "cursor", None)
    if at is not None or not given or getattr(asked, "q", None):
        return at  # a search looks in the present, also from page to page
    parts = cursor.decode(given)
    seen = parts[2] if parts else None
    if type(seen) is not int or not 0 <= seen < newest_revision(connection):
        return None
    return seen


_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def resolve(connection: Connection, known_at: str | None) -> At:
    """The last revision recorded at or before an instant; None where that is the newest.

    Raises `InvalidInput` for what is no instant.
    """
    if known_at is None:
        return None
    try:
        # A + that was not percent-encoded in the URL arrives as a space.
        text = re.sub(r" (\d{2}:\d{2})$", r"+\1", known_at)
        if not _INSTANT.fullmatch(text):
            raise ValueError
        instant = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        detail = "must be an instant with its zone, as 2026-11-23T08:15:30Z or a recorded_at"
        raise InvalidInput.of(Fault(detail, "invalid_instant", parameter="known_at")) from None
    printed = instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
    newest = newest_revision(connection)
    last = select(REVISION.c.recorded_at).where(REVISION.c.seq == newest)
    if (connection.scalar(last) or "") <= printed:
        return None
    return connection.scalar(_last_before(printed, newest))


def _last_before(printed: str, newest: int) -> Select[int]:
    """The last revision recorded at or before an instant that is before the newest one: halved
    until found, since `recorded_at` never falls and no number is left out."""
    start = select(literal(0, BigInteger).label("low"), literal(newest, BigInteger).label("high"))
    halves = start.cte("halves", recursive=True)
    middle = (halves.c.low + halves.c.high) // 2
    after = REVISION.c.recorded_at > printed
    step = (
        select(
            case((after, halves.c.low), else_=middle), case((after, middle), else_=halves.c.high)
        )
        .join(REVISION, REVISION.c.seq == middle)
        .where(halves.c.high - halves.c.low > 1)
    )
    return select(func.max(halves.union_all(step).c.low))
