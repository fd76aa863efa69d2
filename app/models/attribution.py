"""Attributions: source S reports that A said these words (source, cue, content after PARC)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import (
    CLUSTERED,
    ActorRef,
    AttributionRef,
    Identity,
    KeyOf,
    Lang,
    Many,
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
from app.models.figure import FIGURE, PARTY, Figure


class SpeakerStatus(StrEnum):
    named = "named"
    role_only = "role_only"
    collective = "collective"
    anonymous = "anonymous"
    document = "document"
    """A report that "says", or the document's own voice."""
    unresolved = "unresolved"
    """A pronoun or mention not yet read."""


class ViaKind(StrEnum):
    spokesperson = "spokesperson"
    agency = "agency"
    outlet = "outlet"
    platform = "platform"
    document = "document"
    other = "other"


class QuotationType(StrEnum):
    direct = "direct"
    indirect = "indirect"
    mixed = "mixed"
    free_indirect = "free_indirect"
    reported = "reported"
    """That they spoke, not what they said."""
    unknown = "unknown"


class Factuality(StrEnum):
    actual = "actual"
    not_said = "not_said"
    hypothetical = "hypothetical"
    expected = "expected"
    other = "other"


class SelectorRole(StrEnum):
    content = "content"
    speaker = "speaker"
    cue = "cue"
    addressee = "addressee"


class ReviewStatus(StrEnum):
    """How far a person has looked at an attribution."""

    draft = "draft"
    reviewed = "reviewed"
    disputed = "disputed"
    rejected = "rejected"


class Mention(Shape):
    """Somebody named in the source: as printed, and who we read it to be."""

    actor: ActorRef | None = None
    """Our reading of who is meant."""
    attribution_text: Phrase | None = None
    """The mention as printed."""

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("an empty object names nobody; give a member or take it out")
        return self


class Speaker(Mention):
    """Whoever the words are attributed to."""

    role: Phrase | None = None
    """The office as printed."""
    on_behalf_of: ActorRef | None = None
    status: SpeakerStatus | None = None


class Via(Mention):
    """Through whom the words came to the source."""

    kind: ViaKind | None = None


class Addressee(Mention):
    """To whom the words were said."""


class Selector(Shape):
    """Where the words stand: a text-quote and text-position selector (W3C Web Annotation)."""

    role: SelectorRole
    index: Annotated[int, Field(ge=0, le=999)] | None = None
    """Which speaker it anchors, counted from 0."""
    exact: Passage | None = None
    prefix: Annotated[Phrase, Field(max_length=200)] | None = None
    """A few of the words before."""
    suffix: Annotated[Phrase, Field(max_length=200)] | None = None
    """A few of the words after."""
    start: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Offset of the first code point in the snapshot's text."""
    end: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Offset after the last code point."""

    @model_validator(mode="after")
    def is_an_anchor(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end go together; give both or neither")
        if self.start is None and self.exact is None:
            raise ValueError("an anchor needs exact words, or start and end")
        if self.start is not None and self.end is not None:
            if self.start >= self.end:
                raise ValueError("end must be after start")
            if self.exact is not None and len(self.exact) != self.end - self.start:
                raise ValueError(
                    f"exact has {len(self.exact)} code points, but end - start is "
                    f"{self.end - self.start}; offsets count code points of the text as it is"
                )
        return self


class Attribution(Record):
    """One report of a statement: speakers, cue, words and where they stand."""

    type: ClassVar = RecordType.attribution

    statement: StatementRef
    source: SourceRef
    reported_at: EdtfDate | None = None
    """When it was reported; null: when the source was published."""
    sequence: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Position in the source."""
    speakers: list[Speaker] = Many
    """Empty: the source attributes the words to nobody (not the same as anonymous)."""
    joint: bool | None = None
    """Of several speakers: one statement made together (true), or the same said by each (false)."""
    cue: Phrase | None = None
    """The words that attribute, as printed: `said`, `believed`, `etiraf edib`."""
    quotation_type: QuotationType | None = None
    factuality: Factuality = Factuality.actual
    quoted_text: Passage | None = None
    """The words as this source has them."""
    lang: Lang | None = None
    """Language of `quoted_text`."""
    translated_from: Lang | None = None
    via: list[Via] = Many
    """Through whom the words came, nearest the speaker first."""
    parent: AttributionRef | None = None
    """The attribution, in the same source, inside whose words this one stands."""
    addressees: list[Addressee] = Many
    selectors: list[Selector] = Many
    status: ReviewStatus = ReviewStatus.draft
    note: Passage | None = None
    figures: list[Figure] = Many

    @model_validator(mode="after")
    def holds_together(self) -> Self:
        if self.parent == self.id:
            raise ValueError("an attribution cannot stand inside itself; mend parent")
        for position, selector in enumerate(self.selectors):
            listed = self.addressees if selector.role is SelectorRole.addressee else self.speakers
            if selector.index is not None and selector.index >= max(len(listed), 1):
                raise ValueError(
                    f"selectors[{position}].index counts from 0 and there are {len(listed)} "
                    f"{'addressees' if listed is self.addressees else 'speakers'}"
                )
        return self

    def targets(self) -> Iterator[Target]:
        yield Target(RecordType.statement, self.statement, "/statement")
        yield Target(RecordType.source, self.source, "/source")
        for position, speaker in enumerate(self.speakers):
            at = f"/speakers/{position}"
            if speaker.actor:
                yield Target(RecordType.actor, speaker.actor, f"{at}/actor")
            if speaker.on_behalf_of:
                yield Target(RecordType.actor, speaker.on_behalf_of, f"{at}/on_behalf_of")
        for name, mentions in (("via", self.via), ("addressees", self.addressees)):
            for position, mention in enumerate(mentions):
                if mention.actor:
                    yield Target(RecordType.actor, mention.actor, f"/{name}/{position}/actor")
        if self.parent:
            yield Target(RecordType.attribution, self.parent, "/parent")
        for position, figure in enumerate(self.figures):
            at = f"/figures/{position}"
            for place, party in enumerate(figure.parties):
                yield Target(RecordType.actor, party, f"{at}/parties/{place}")
            if figure.place:
                yield Target(RecordType.topic, figure.place, f"{at}/place")

    def label(self) -> dict[str, Any] | None:
        return None

    def rows(self, key: KeyOf) -> Iterator[Row]:
        reported = bounds(self.reported_at)
        yield (
            VERSION,
            {
                "key": key(self.type, self.id),
                "statement": key(RecordType.statement, self.statement),
                "source": key(RecordType.source, self.source),
                "dated": self.reported_at is not None,
                "reported_lower": reported.lower,
                "reported_upper": reported.upper,
                "quotation_type": self.quotation_type,
                "factuality": self.factuality,
                "lang": self.lang,
                "parent": self.parent and key(self.type, self.parent),
                "status": self.status,
                "attributed": bool(self.speakers),
            },
        )
        for position, speaker in enumerate(self.speakers):
            behalf = speaker.on_behalf_of
            yield (
                SPEAKER,
                {
                    "position": position,
                    "actor": speaker.actor and key(RecordType.actor, speaker.actor),
                    "on_behalf_of": behalf and key(RecordType.actor, behalf),
                    "status": speaker.status,
                },
            )
        for position, via in enumerate(self.via):
            yield (
                VIA,
                {
                    "position": position,
                    "actor": via.actor and key(RecordType.actor, via.actor),
                    "kind": via.kind,
                },
            )
        for position, addressee in enumerate(self.addressees):
            actor = addressee.actor and key(RecordType.actor, addressee.actor)
            yield ADDRESSEE, {"position": position, "actor": actor}
        for position, selector in enumerate(self.selectors):
            yield (
                SELECTOR,
                {
                    "position": position,
                    "role": selector.role,
                    "speaker": selector.index,
                    "start": selector.start,
                    "end": selector.end,
                },
            )
        yield from self._figure_rows(key)

    def _figure_rows(self, key: KeyOf) -> Iterator[Row]:
        for position, figure in enumerate(self.figures):
            start, end = bounds(figure.period_start), bounds(figure.period_end)
            yield (
                FIGURE,
                {
                    "position": position,
                    "measure": figure.measure,
                    "population": figure.population,
                    "per": figure.per,
                    "place": figure.place and key(RecordType.topic, figure.place),
                    "qualifier": figure.qualifier,
                    "low": figure.low,
                    "best": figure.best,
                    "high": figure.high,
                    "period_lower": start.lower,
                    "period_upper": end.upper,
                    "cumulative": figure.cumulative,
                    "status": figure.status,
                },
            )
            for place, party in enumerate(figure.parties):
                actor = key(RecordType.actor, party)
                yield PARTY, {"figure": position, "position": place, "actor": actor}


class AttributionAnswer(Served, Attribution):
    """An attribution as it is answered."""


class AttributionIdentity(Identity, table=True):
    __tablename__ = "attribution"
    __table_args__ = identity_rules()

    merged_into: int | None = key_of("attribution", default=None)


class AttributionVersion(Version, table=True):
    __tablename__ = "attribution_version"
    __table_args__ = (
        *version_rules("attribution_version"),
        Index("ix_attribution_version_statement", "statement", "seq"),
        # All that a filter asks of a report itself, so that a list is walked through without
        # touching the documents.
        present_index(
            "attribution_version",
            "statement",
            "seq",
            "key",
            "source",
            "factuality",
            "status",
            "quotation_type",
            "lang",
            "attributed",
            "until",
            name="filtered",
        ),
        present_index("attribution_version", "quotation_type"),
        Index("ix_attribution_version_source", "source", "seq"),
        Index("ix_attribution_version_parent", "parent"),
        CheckConstraint("reported_lower < reported_upper", name="reported_in_order"),
        CheckConstraint("parent <> key", name="not_inside_itself"),
    )

    key: int = key_of("attribution")
    statement: int = key_of("statement")
    source: int = key_of("source")
    dated: bool
    """Whether `reported_at` is given: both bounds of a known date may still be open."""
    reported_lower: int | None = Column(default=None, sa_type=BigInteger)
    reported_upper: int | None = Column(default=None, sa_type=BigInteger)
    quotation_type: QuotationType | None = Column(default=None, sa_type=closed(QuotationType))
    factuality: Factuality = Column(sa_type=closed(Factuality))
    lang: str | None = Column(default=None, sa_type=code(80))
    parent: int | None = key_of("attribution", default=None)
    status: ReviewStatus = Column(sa_type=closed(ReviewStatus))
    attributed: bool
    """Whether it names any speaker."""


class AttributionSpeaker(SQLModel, table=True):
    __tablename__ = "speaker"
    __table_args__ = CLUSTERED

    seq: int = part_of("attribution_version")
    position: int = Column(primary_key=True)
    actor: int | None = key_of("actor", default=None, index=True)
    on_behalf_of: int | None = key_of("actor", default=None, index=True)
    status: SpeakerStatus | None = Column(default=None, sa_type=closed(SpeakerStatus), index=True)


class AttributionVia(SQLModel, table=True):
    __tablename__ = "via"
    __table_args__ = CLUSTERED

    seq: int = part_of("attribution_version")
    position: int = Column(primary_key=True)
    actor: int | None = key_of("actor", default=None, index=True)
    kind: ViaKind | None = Column(default=None, sa_type=closed(ViaKind))


class AttributionAddressee(SQLModel, table=True):
    __tablename__ = "addressee"
    __table_args__ = CLUSTERED

    seq: int = part_of("attribution_version")
    position: int = Column(primary_key=True)
    actor: int | None = key_of("actor", default=None)


class AttributionSelector(SQLModel, table=True):
    __tablename__ = "selector"
    __table_args__ = (
        CheckConstraint('start < "end"', name="in_order"),
        CheckConstraint('(start IS NULL) = ("end" IS NULL)', name="both_ends"),
        CheckConstraint("start >= 0", name="from_zero"),
        CLUSTERED,
    )

    seq: int = part_of("attribution_version")
    position: int = Column(primary_key=True)
    role: SelectorRole = Column(sa_type=closed(SelectorRole))
    speaker: int | None = None
    start: int | None = None
    end: int | None = None


VERSION, SPEAKER = table(AttributionVersion), table(AttributionSpeaker)
VIA, ADDRESSEE = table(AttributionVia), table(AttributionAddressee)
SELECTOR = table(AttributionSelector)
