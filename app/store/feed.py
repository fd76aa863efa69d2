"""The ledger as a feed: every change in its order, from any point on, without gap or repeat.

Revisions are numbered by writers that stand in line (`Database.writer`), so a number that can be
read has no unread one before it.
"""

from collections.abc import Iterator

from pydantic import Field
from sqlalchemy import Connection

from app.errors import Fault, InvalidInput
from app.store import history, ledger
from app.store.page import MAX_LIMIT, Represented, Whole
from app.store.read import Listed

LONGEST_WAIT = 60


class FeedQuery(Represented):
    """Which part of the ledger to read."""

    since: Whole = Field(
        0, ge=0, lt=2**63, description="The last sequence number that is known; 0 is none."
    )
    limit: Whole = Field(
        20, ge=1, description=f"Changes at once; more than {MAX_LIMIT} is {MAX_LIMIT}."
    )
    wait: float = Field(
        0,
        ge=0,
        le=LONGEST_WAIT,
        description="Seconds to wait for a change where there is none yet.",
    )


def changes(connection: Connection, asked: FeedQuery) -> Listed:
    """The changes after `since`, oldest first; `next` is the number to go on from, if there are
    more already. Raises `InvalidInput` for a number that the ledger has not reached."""
    head = ledger.head(connection).seq
    if asked.since > head:
        detail = (
            f"is beyond the newest change, {head}; another store, or an older copy of this one, "
            "must be followed from its own numbers"
        )
        raise InvalidInput.of(Fault(detail, "beyond_head", parameter="since"))
    limit = min(asked.limit, MAX_LIMIT)
    rows = history.changes(connection, after=asked.since, limit=limit)
    more = bool(rows) and rows[-1].seq < head
    return Listed([row.text for row in rows], next=str(rows[-1].seq) if more else None)


def events(connection: Connection, after: int, limit: int = MAX_LIMIT) -> Iterator[tuple[int, str]]:
    """The next changes after a number, each with its own as an event of a stream (WHATWG HTML,
    9.2): its number as id, its kind as type, and as data what a page of the feed has."""
    for row in history.changes(connection, after=after, limit=limit):
        yield row.seq, f"id: {row.seq}\nevent: {row.kind}\ndata: {row.text}\n\n"
