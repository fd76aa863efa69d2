"""What can be asked: the filters of each collection.

Repeating a parameter means or, different parameters mean and. What a filter means stands in
`app.store.conditions`.
"""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.models.actor import ActorKind
from app.models.attribution import (
    Factuality,
    QuotationType,
    ReviewStatus,
)
from app.models.base import Id, Lang, RecordType
from app.models.edtf import EdtfDate
from app.models.figure import Measure, Population
from app.models.source import SourceKind
from app.models.statement import Polarity, RelationType, SpeechAct
from app.models.topic import TopicKind
from app.store.moment import At as At
from app.store.moment import Condition as Condition
from app.store.moment import alive as alive


def names(target: RecordType, description: str) -> Any:
    """A repeatable parameter that takes ids of records of one type."""
    return Field(
        default_factory=list,
        max_length=100,
        description=f"{description} Repeat for or.",
        json_schema_extra={"x-names": target.value},
    )


def any_of(description: str) -> Any:
    """A repeatable parameter that takes values of a closed set."""
    return Field(
        default_factory=list,
        max_length=100,
        description=f"{description} Repeat for or.",
    )


class AskedSpeakerStatus(StrEnum):
    """A speaker's status, or that the source attributes the words to nobody."""

    named = "named"
    role_only = "role_only"
    collective = "collective"
    anonymous = "anonymous"
    document = "document"
    unresolved = "unresolved"
    unattributed = "unattributed"


class Filter(BaseModel):
    """The filters of one collection. An unknown one is refused: a typo never widens a result."""

    model_config = ConfigDict(extra="forbid")


Q = Field(
    None,
    min_length=1,
    description='Words (all must be there), `"a phrase"`, `-excluded`, `begin*`; in any script.',
)


class PublishedFilter(Filter):
    published_from: EdtfDate | None = Field(
        None, description="Published in or after this date (EDTF)."
    )
    published_to: EdtfDate | None = Field(
        None, description="Published in or before this date (EDTF)."
    )


class ActorFilter(Filter):
    q: str | None = Q
    kind: list[ActorKind] = any_of("Kind of actor.")
    member_of: list[Id] = names(
        RecordType.actor, "Actors that ever had a membership there, or in a part of it."
    )


class TopicFilter(Filter):
    q: str | None = Q
    kind: list[TopicKind] = any_of("Kind of topic.")
    topic: list[Id] = names(RecordType.topic, "This topic and its narrower ones.")


class SourceFilter(PublishedFilter):
    kind: list[SourceKind] = any_of("Kind of source.")
    publisher: list[Id] = names(RecordType.actor, "Who published it.")
    lang: list[Lang] = any_of("Language of the source (BCP 47).")


class StatementFilter(PublishedFilter):
    """The filters of statements, attributions and figures alike."""

    q: str | None = Q

    speaker: list[Id] = names(RecordType.actor, "Actor among the speakers.")
    member_of: list[Id] = names(
        RecordType.actor,
        "Spoken by this actor, by those who held an office there or in a part of it on the day, "
        "or on its behalf.",
    )
    on_behalf_of: list[Id] = names(RecordType.actor, "Actor on whose behalf it was said.")
    via: list[Id] = names(
        RecordType.actor,
        "Actor through whom the words came: named as such, outer speaker, publisher of the source "
        "or of what it derives from.",
    )
    about: list[Id] = names(RecordType.actor, "Actor that the statement is about.")
    topic: list[Id] = names(RecordType.topic, "Topic, with its narrower topics.")
    source: list[Id] = names(RecordType.source, "Source in which it is reported.")
    publisher: list[Id] = names(RecordType.actor, "Publisher of the source.")
    said_from: EdtfDate | None = Field(
        None,
        description="Said (or, where that is unknown, reported) in or after this date (EDTF).",
    )
    said_to: EdtfDate | None = Field(
        None,
        description="Said (or, where that is unknown, reported) in or before this date (EDTF).",
    )
    speech_act: list[SpeechAct] = any_of("What the speaker does by saying it.")
    quotation_type: list[QuotationType] = any_of("How the source renders the words.")
    speaker_status: list[AskedSpeakerStatus] = any_of("How the source names the speaker.")
    factuality: list[Factuality] = any_of("Whether it was said at all; lists show `actual`.")
    polarity: list[Polarity] = any_of("Whether the content is affirmed or rejected.")
    lang: list[Lang] = any_of("Language of the reported words (BCP 47).")
    status: list[ReviewStatus] = any_of(
        "How far the attribution was reviewed; lists leave out `rejected`."
    )
    has_figures: bool | None = Field(None, description="Whether the report gives a number.")
    measure: list[Measure] = any_of("What its figure counts.")
    population: list[Population] = any_of("Whom its figure counts.")
    party: list[Id] = names(RecordType.actor, "Whose people or losses its figure counts.")
    relation: list[RelationType] = any_of("How the statement stands to another.")
    related_to: list[Id] = names(
        RecordType.statement, "The statement that it stands in relation to."
    )
