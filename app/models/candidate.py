"""Candidates: draft statements that were read from a source's text, for a person to judge.

They are no records: no list, search or export shows them, and the ledger knows only what a person
accepted.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import Id, Lang, Phrase, Shape, closed, code, table

ID_PATTERN = r"^[0-9a-f-]{36}$"


class CandidateStatus(StrEnum):
    open = "open"
    accepted = "accepted"
    rejected = "rejected"


class Decision(Shape):
    """One thing that was done to a candidate."""

    at: str
    """When, in UTC."""
    agent: str
    """Who answers for it."""
    change: str
    """proposed, mended, accepted or rejected."""
    reason: str | None


class Accepted(Shape):
    """The records that an accepted candidate became."""

    statement: str
    attribution: str


class Already(Shape):
    """A statement of the record that a candidate seems to repeat."""

    statement: str
    attribution: str | None
    """Its report in the same source at the same place, if that is what shows it."""


class CandidateAnswer(Shape):
    """A draft statement with its attribution, as it was read from a source's text."""

    id: str
    source: str
    version: int
    """Counts what was done to it."""
    status: CandidateStatus
    rule: str
    """The rule that found it; what each finds is told in docs/extract.md."""
    confidence: float
    """Between 0 and 1: of proposals like it that were judged, the share that was right."""
    parent: str | None
    """The candidate inside whose words this one stands."""
    known: Already | None
    """A statement that says the same: accept `into` it, so that it is one more report of that."""
    statement: dict[str, Any]
    """Members of the statement, as they will be written."""
    attribution: dict[str, Any]
    """Members of its attribution, as they will be written."""
    accepted: Accepted | None
    history: list[Decision]


class CandidatesAnswer(Shape):
    """The candidates of a source, in the order of its text."""

    items: list[CandidateAnswer]
    english: bool
    """False: in the language of this text only quotations and known names are found."""


class CandidatesSent(Shape):
    """What candidates are to be read from."""

    text: Annotated[str, Field(max_length=1_000_000)] | None = None
    """The article; it becomes the source's private snapshot. Absent: the snapshot there is."""
    lang: Lang | None = None
    """Language of the text; the source's where absent, else told by its words."""
    least_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """Leaves out what is less sure; absent: 0.7. With 0 the unsure ones are proposed too."""


class MendedSent(Shape):
    """Changes to a draft (JSON Merge Patch), each part as far as it changes."""

    statement: dict[str, Any] = Field(default_factory=dict)
    attribution: dict[str, Any] = Field(default_factory=dict)


class AcceptedSent(MendedSent):
    """What to accept: the draft as it is, or with these changes."""

    into: Id | None = None
    """The statement that this reports too; absent: a new one."""


class RejectedSent(Shape):
    """Why a draft is rejected."""

    reason: Phrase | None = None


class Proposal(SQLModel, table=True):
    """A candidate. `draft` is JSON; of an accepted one the words are gone, for they stand in the
    ledger then, where a redaction finds them."""

    __table_args__ = (
        UniqueConstraint("source", "fingerprint", name="uq_proposal_source_fingerprint"),
        Index("ix_proposal_source_place", "source", "place", "id"),
    )

    id: str = Column(primary_key=True, sa_type=code(40))
    source: str = Column(sa_type=code(200))
    place: int
    """Where its words begin in the text."""
    fingerprint: str = Column(sa_type=code(64))
    """SHA-256 of where and what it is, so that a text that is read again proposes nothing twice."""
    status: CandidateStatus = Column(sa_type=closed(CandidateStatus))
    version: int
    draft: str = Column(sa_type=Text)
    history: str = Column(sa_type=Text)


PROPOSAL = table(Proposal)
