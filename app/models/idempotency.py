"""What was done under an idempotency key, so that a repeated request is answered and not done."""

from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import KEY, RecordType, closed, code, table


class IdempotencyKey(SQLModel, table=True):
    """Written in the transaction of the change itself; kept as long as the ledger.

    No answer is stored: it is made again, as the record stood after revision `seq`, so that a
    redaction need not look for words here.
    """

    __tablename__ = "idempotency_key"

    api_key: str = Column(primary_key=True, sa_type=code(20), foreign_key="api_key.id")
    key: str = Column(primary_key=True, sa_type=code(255))
    fingerprint: str = Column(sa_type=code(64))
    """SHA-256 of method, path, query and body."""
    status: int
    type: RecordType = Column(sa_type=closed(RecordType))
    id: str = Column(sa_type=code(200))
    seq: int = Column(sa_type=KEY, foreign_key="revision.seq")


IDEMPOTENCY_KEY = table(IdempotencyKey)
