"""Webhooks: addresses to which changes are sent, and what is still to be sent there."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlalchemy import Index, Text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import INSTANT, KEY, Phrase, RecordType, Shape, closed, code, table
from app.models.revision import ChangeKind

ADDRESS_PATTERN = r"^https?://[^\s\x00-\x20\x7f@]+$"
Address = Annotated[
    str,
    Field(
        pattern=ADDRESS_PATTERN,
        max_length=2_000,
        description="Where to send changes, by POST: https, without user and password.",
    ),
]


class WebhookSent(Shape):
    """A webhook as it is created."""

    url: Address
    description: Phrase | None = None
    """What it is for."""
    types: Annotated[list[RecordType], Field(default_factory=list, max_length=5)]
    """Of which records; empty: of all."""
    changes: Annotated[list[ChangeKind], Field(default_factory=list, max_length=6)]
    """Which kinds of change; empty: all."""


class WebhookAnswer(WebhookSent):
    """A webhook as it is answered."""

    id: str
    created_at: str
    """When it was made, in UTC; it is sent what is recorded after that."""
    sent: int
    """The number of the ledger up to which changes were sent or are waiting to be."""
    waiting: int
    """Changes that are still to be sent, most of them again."""
    dead: int
    """Changes that were given up; `/deliveries` lists them, and they can be sent again."""
    delivered_at: str | None
    """When something last arrived."""
    disabled_at: str | None
    """Since when nothing more is sent: the address answered 410."""
    secret: str | None
    """Signs what is sent (Standard Webhooks); shown when it is created, and not again."""


class DeliveryStatus(StrEnum):
    """Where a change that is to be sent stands."""

    waiting = "waiting"
    dead = "dead"


class DeliveryAnswer(Shape):
    """A change that has not arrived yet."""

    seq: int
    """The change's number in the ledger."""
    status: DeliveryStatus
    """`dead`: it was tried often enough, and is given up."""
    attempts: int
    """How often it was tried."""
    next_at: str | None
    """When it is tried next, in UTC."""
    problem: str | None
    """What went wrong last."""


class Webhook(SQLModel, table=True):
    __tablename__ = "webhook"

    id: str = Column(primary_key=True, sa_type=code(40))
    url: str = Column(sa_type=Text)
    description: str | None = Column(default=None, sa_type=Text)
    types: str = Column(sa_type=Text)
    """Separated by commas; empty is all."""
    changes: str = Column(sa_type=Text)
    secret: str = Column(sa_type=code(100))
    """In clear: a signature is made with it."""
    fingerprint: str | None = Column(default=None, sa_type=code(64))
    """Of the request that made it, where that came under an idempotency key."""
    created_at: str = Column(sa_type=INSTANT)
    sent: int = Column(sa_type=KEY)
    delivered_at: str | None = Column(default=None, sa_type=INSTANT)
    disabled_at: str | None = Column(default=None, sa_type=INSTANT)


class WebhookDelivery(SQLModel, table=True):
    """A change that has not arrived yet. The words are not here: they are read when it is sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery_due", "status", "next_at"),)

    webhook: str = Column(
        primary_key=True, sa_type=code(40), foreign_key="webhook.id", ondelete="CASCADE"
    )
    seq: int = Column(primary_key=True, sa_type=KEY, foreign_key="revision.seq")
    status: DeliveryStatus = Column(sa_type=closed(DeliveryStatus))
    attempts: int
    next_at: str = Column(sa_type=INSTANT)
    problem: str | None = Column(default=None, sa_type=Text)


class Lease(SQLModel, table=True):
    """Which process does a work that only one may do."""

    __tablename__ = "lease"

    name: str = Column(primary_key=True, sa_type=code(40))
    holder: str = Column(sa_type=code(40))
    until: str = Column(sa_type=INSTANT)


WEBHOOK, DELIVERY, LEASE = table(Webhook), table(WebhookDelivery), table(Lease)
