"""Statements: what was said, once, however many outlets reported it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, false, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.actor import Basis
from app.models.attribution import AttributionAnswer
from app.models.base import (
    CLUSTERED,
    PRESENT,
    ActorRef,
    AttributionRef,
    Identity,
    KeyOf,
    Lang,
    Many,
    Name,
    Passage,
    Phrase,
    Record,
    RecordType,
    Row,
    Served,
    Shape,
    SourceRef,
    StatementRef,
    Target,
    TopicRef,
    Version,
    bounds,
    closed,
    code,
    identity_rules,
    key_of,
    part_of,
    present_index,
    table,
    version_rules,
)
from app.models.edtf import EdtfDate


class Polarity(StrEnum):
    affirmed = "affirmed"
    negated = "negated"


class SpeechAct(StrEnum):
    assertion = "assertion"
    denial = "denial"
    accusation = "accusation"
    demand = "demand"
    commitment = "commitment"
    threat = "threat"
    question = "question"
    opinion = "opinion"
    announcement = "announcement"
    agreement = "agreement"
    admission = "admission"
    welcome = "welcome"
    condemnation = "condemnation"
    concern = "concern"
    other = "other"


class Mode(StrEnum):
    speech = "speech"
    writing = "writing"
    thought = "thought"


class RelationType(StrEnum):
    responds_to = "responds_to"
    denies = "denies"
    confirms = "confirms"
    contradicts = "contradicts"
    corrects = "corrects"
    repeats = "repeats"
    comments_on = "comments_on"


class DateBasis(StrEnum):
    """What a statement is dated by: its own day, or the earliest report of it."""

    said = "said"
    reported = "reported"


class Translation(Shape):
    """What was said, in another language."""

    lang: Lang
    content: Passage
    translator: Name | None = None


class Relation(Shape):
    """How this statement stands to another."""

    type: RelationType
    statement: StatementRef
    source: SourceRef | None = None
    """The source that says so."""
    basis: Basis | None = None


class Statement(Record):
    """One sentence-sized piece of what someone said on one occasion."""

    type: ClassVar = RecordType.statement

    content: Passage | None = None
    """What was said; null: known to have been said, words not reported."""
    lang: Lang | None = None
    content_from: AttributionRef | None = None
    """The attribution whose wording `content` is; null for an editorial summary."""
    polarity: Polarity = Polarity.affirmed
    """`negated`: the speakers reject what `content` says."""
    speech_act: SpeechAct | None = None
    mode: Mode | None = None
    said_at: EdtfDate | None = None
    """When it was said, as far as known; null where it is not."""
    occasion: Phrase | None = None
    channel: Name | None = None
    """By which means it was said: interview, tweet, …"""
    topics: list[TopicRef] = Many
    about: list[ActorRef] = Many
    """The actors that it is about."""
    translations: list[Translation] = Many
    relations: list[Relation] = Many

    def targets(self) -> Iterator[Target]:
        if self.content_from:
            yield Target(RecordType.attribution, self.content_from, "/content_from", True)
        for position, topic in enumerate(self.topics):
            yield Target(RecordType.topic, topic, f"/topics/{position}")
        for position, actor in enumerate(self.about):
            yield Target(RecordType.actor, actor, f"/about/{position}")
        for position, relation in enumerate(self.relations):
            at = f"/relations/{position}"
            yield Target(RecordType.statement, relation.statement, f"{at}/statement", True)
            if relation.source:
                yield Target(RecordType.source, relation.source, f"{at}/source", True)

    def label(self) -> dict[str, Any] | None:
        return None  # its words would be stored twice

    def rows(self, key: KeyOf) -> Iterator[Row]:
        said = bounds(self.said_at)
        yield (
            VERSION,
            {
                "key": key(self.type, self.id),
                "content_from": self.content_from
                and key(RecordType.attribution, self.content_from),
                "lang": self.lang,
                "polarity": self.polarity,
                "speech_act": self.speech_act,
                "mode": self.mode,
                "dated": self.said_at is not None,
                "said_lower": said.lower,
                "said_upper": said.upper,
            },
        )
        for position, topic in enumerate(self.topics):
            yield TOPIC, {"position": position, "topic": key(RecordType.topic, topic)}
        for position, actor in enumerate(self.about):
            yield ABOUT, {"position": position, "actor": key(RecordType.actor, actor)}
        for position, relation in enumerate(self.relations):
            yield (
                RELATION,
                {
                    "position": position,
                    "type": relation.type,
                    "statement": key(RecordType.statement, relation.statement),
                    "source": relation.source and key(RecordType.source, relation.source),
                    "basis": relation.basis,
                },
            )


class Highlight(Shape):
    """Where a word or phrase that was asked for stands, in code points of the snippet."""

    start: int
    end: int


class Snippet(Shape):
    """Words of the record around what was asked for."""

    field: str
    """Where they stand: content, translations, occasion, quoted_text or speakers."""
    text: str
    offset: int
    """Where the snippet begins in the whole text, in code points."""
    highlights: list[Highlight]


class SearchHit(Shape):
    """How well a statement fits `q`, with `order=relevance`."""

    score: int
    snippets: list[Snippet]


class StatementAnswer(Served, Statement):
    """A statement as it is answered: with the reports of it."""

    date_basis: DateBasis | None
    """What it is dated and sorted by: the day it was said, the earliest report, or nothing."""
    disputed: bool
    """Whether a report of it is disputed, also one that is not shown here."""
    attributions: list[AttributionAnswer]
    """The reports of it, each with its source."""
    search: SearchHit | None = None
    """Only with `order=relevance`."""


ENDED = text("state <> 'live'")


class StatementIdentity(Identity, table=True):
    __tablename__ = "statement"
    __table_args__ = (
        *identity_rules(),
        Index("ix_statement_ended", "state", sqlite_where=ENDED, postgresql_where=ENDED),
    )

    merged_into: int | None = key_of("statement", default=None)


class StatementVersion(Version, table=True):
    __tablename__ = "statement_version"
    __table_args__ = (
        *version_rules("statement_version"),
        present_index(
            "statement_version", "key", "seq", "speech_act", "polarity", "until", name="filtered"
        ),
        present_index("statement_version", "speech_act"),
        present_index("statement_version", "polarity"),
        CheckConstraint("said_lower < said_upper", name="said_in_order"),
    )

    key: int = key_of("statement")
    content_from: int | None = key_of("attribution", default=None)
    lang: str | None = Column(default=None, sa_type=code(80))
    polarity: Polarity = Column(sa_type=closed(Polarity))
    speech_act: SpeechAct | None = Column(default=None, sa_type=closed(SpeechAct))
    mode: Mode | None = Column(default=None, sa_type=closed(Mode))
    dated: bool
    """Whether `said_at` is known: both bounds of a known date may still be open."""
    said_lower: int | None = Column(default=None, sa_type=BigInteger)
    said_upper: int | None = Column(default=None, sa_type=BigInteger)


class StatementTopic(SQLModel, table=True):
    __tablename__ = "statement_topic"
    __table_args__ = CLUSTERED

    seq: int = part_of("statement_version")
    position: int = Column(primary_key=True)
    topic: int = key_of("topic", index=True)


class StatementAbout(SQLModel, table=True):
    __tablename__ = "statement_about"
    __table_args__ = CLUSTERED

    seq: int = part_of("statement_version")
    position: int = Column(primary_key=True)
    actor: int = key_of("actor", index=True)


class StatementRelation(SQLModel, table=True):
    __tablename__ = "relation"
    __table_args__ = CLUSTERED

    seq: int = part_of("statement_version")
    position: int = Column(primary_key=True)
    type: RelationType = Column(sa_type=closed(RelationType), index=True)
    statement: int = key_of("statement", index=True)
    source: int | None = key_of("source", default=None)
    basis: Basis | None = Column(default=None, sa_type=closed(Basis))


class Listing(SQLModel, table=True):
    """Where a statement stands in lists, derived from it and its reports (store/listing.py).

    It has its own history, since a report that comes later can date a statement anew. An open
    bound is the least or greatest 64-bit number; a statement with no date at all has neither,
    and sorts last in both directions.
    """

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("until > seq", name="ends_after_it_began"),
        CheckConstraint("(basis IS NULL) = (lower IS NULL)", name="undated_has_no_bounds"),
        CheckConstraint("(basis IS NULL) = (upper IS NULL)", name="undated_has_no_end"),
        CheckConstraint("lower < upper", name="in_order"),
        Index(
            "uq_listing_present",
            "statement",
            unique=True,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        ),
        Index("ix_listing_newest", "newest", "statement", "seq", "until"),
        *(
            Index(
                f"ix_listing_shown_{order}",
                order,
                "statement",
                sqlite_where=text("until IS NULL AND reported = 1"),
                postgresql_where=text("until IS NULL AND reported"),
            )
            for order in ("newest", "oldest")
        ),
        Index("ix_listing_oldest", "oldest", "statement", "seq", "until"),
        # Dates as they are counted over everything, in their order.
        Index(
            "ix_listing_shown_dates",
            *("newest", "upper", "basis", "until", "reported"),
            sqlite_where=text("until IS NULL AND reported = 1"),
            postgresql_where=text("until IS NULL AND reported"),
        ),
    )

    statement: int = key_of("statement", primary_key=True)
    seq: int = Column(primary_key=True, sa_type=BigInteger, foreign_key="revision.seq")
    until: int | None = Column(default=None, sa_type=BigInteger, foreign_key="revision.seq")
    basis: DateBasis | None = Column(default=None, sa_type=closed(DateBasis))
    lower: int | None = Column(default=None, sa_type=BigInteger)
    upper: int | None = Column(default=None, sa_type=BigInteger)
    newest: int = Column(sa_type=BigInteger)
    """What the order newest first sorts by, descending."""
    oldest: int = Column(sa_type=BigInteger)
    """What the order oldest first sorts by, ascending."""
    reported: bool
    """Whether lists show it: it has no report at all, or one that is actual and not rejected."""
    disputed: bool = Column(sa_column_kwargs={"server_default": false()})
    """Whether a report of it is disputed."""


VERSION, RELATION = table(StatementVersion), table(StatementRelation)
TOPIC, ABOUT = table(StatementTopic), table(StatementAbout)
LISTING = table(Listing)
