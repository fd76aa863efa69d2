"""The ledger's rows: how the record came to be what it is."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import CheckConstraint, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import INSTANT, KEY, RecordType, Shape, closed, code


class ChangeKind(StrEnum):
    """What kind of change a revision records."""

    created = "created"
    updated = "updated"
    """The world changed."""
    corrected = "corrected"
    """We were wrong."""
    merged = "merged"
    retracted = "retracted"
    redacted = "redacted"


class MemberChange(Shape):
    """One member that a change touched."""

    pointer: str
    """JSON pointer of the member."""
    from_: Annotated[Any, Field(alias="from")] = None
    """What it was; null where it was absent."""
    to: Any = None
    """What it became; null where it was taken out."""


class RevisionAnswer(Shape):
    """One accepted change as it is answered."""

    seq: int
    """Its number in the ledger."""
    recorded_at: str
    """When it was recorded, in UTC."""
    type: RecordType
    id: str
    version: int
    change: ChangeKind
    reason: str | None
    agent: str
    """Who answers for it."""
    changes: list[MemberChange]
    """What differs from the version before."""
    body: dict[str, Any] | None
    """The record after the change; null where there is none or it was redacted."""
    previous_hash: str | None
    hash: str


class Revision(SQLModel, table=True):
    """One accepted change. Append-only; `hash` covers every other column, the body through
    `body_hash`, so that a redaction can take the body away and leave the chain whole."""

    __table_args__ = (
        UniqueConstraint("type", "id", "version"),
        CheckConstraint("seq > 0", name="counts_from_one"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("(seq = 1) = (previous_hash IS NULL)", name="chained"),
    )

    seq: int = Column(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    recorded_at: str = Column(sa_type=INSTANT, index=True)
    type: RecordType = Column(sa_type=closed(RecordType))
    id: str = Column(sa_type=code(200))
    version: int
    change: ChangeKind = Column(sa_type=closed(ChangeKind))
    reason: str | None = Column(default=None, sa_type=Text)
    agent: str = Column(sa_type=Text)
    body: str | None = Column(default=None, sa_type=Text)
    """Canonical JSON of the record after the change; null where none is, or it was redacted."""
    body_hash: str = Column(sa_type=code(64))
    previous_hash: str | None = Column(default=None, sa_type=code(64))
    hash: str = Column(sa_type=code(64), unique=True)


class Snapshot(SQLModel, table=True):
    """A source's text, private, addressed by the SHA-256 of its UTF-8 form."""

    sha256: str = Column(primary_key=True, sa_type=code(64))
    text: str = Column(sa_type=Text)


class Tile(SQLModel, table=True):
    """256 neighbouring hashes of the Merkle tree over the ledger, kept once all are there.

    At level 0 they are those of revisions, at the next level those of 256 revisions each, and so
    on: what the ledger holds already, kept so that a proof reads a few rows and not all.
    """

    level: int = Column(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    number: int = Column(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    root: bytes = Column(sa_type=LargeBinary)
    """The hash of them all."""
    hashes: bytes = Column(sa_type=LargeBinary)
    """The 256 hashes of 32 bytes, one after the other."""


class SigningKey(SQLModel, table=True):
    """The key that signs checkpoints where none is configured: made at first use, private."""

    __tablename__ = "signing_key"
    __table_args__ = (CheckConstraint("id = 1", name="is_one"),)

    id: int = Column(
        default=1, primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False}
    )
    seed: bytes = Column(sa_type=LargeBinary)
    """The 32 bytes of an Ed25519 private key (RFC 8032)."""
    created_at: str = Column(sa_type=INSTANT)
