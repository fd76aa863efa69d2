"""Exactly once: a request that comes again under its key is answered from what it did.

The row is written in the transaction of the change, and writers stand in line, so of two requests
with one key the second finds what the first did, in whichever process and after whatever crash.
"""

from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from app.db import Writer
from app.errors import Fault, InvalidInput
from app.models.base import RecordType
from app.models.idempotency import IDEMPOTENCY_KEY
from app.store import ledger


class Request(NamedTuple):
    """Whose request it is, its idempotency key, and the hash of what it asks."""

    api_key: str
    key: str
    fingerprint: str


class Done(NamedTuple):
    """What a request did: the status that it was answered with, and the record as it then was."""

    status: int
    type: RecordType
    id: str
    seq: int


def done(connection: Connection, request: Request) -> Done | None:
    """What the request did when it came before, if it did.

    Raises `InvalidInput` where its key was used for another request.
    """
    table = IDEMPOTENCY_KEY
    query = select(table).where(table.c.api_key == request.api_key, table.c.key == request.key)
    row = connection.execute(query).first()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        detail = "was used for another request; give each request a key of its own"
        raise InvalidInput.of(Fault(detail, "key_reused", parameter="Idempotency-Key"))
    return Done(row.status, RecordType(row.type), row.id, row.seq)


def keep(writer: Writer, request: Request, status: int, type: RecordType, id: str) -> None:
    """Remember what the request did; the ledger's head is what it left."""
    seq = ledger.head(writer).seq
    members = {**request._asdict(), "status": status, "type": type, "id": id, "seq": seq}
    writer.execute(insert(IDEMPOTENCY_KEY).values(**members))
