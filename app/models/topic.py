"""Topics: what a statement is about (SKOS concepts)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import (
    CLUSTERED,
    Dated,
    Identifier,
    Identity,
    KeyOf,
    Lang,
    Many,
    Name,
    Record,
    RecordType,
    Row,
    Served,
    Shape,
    Target,
    TopicRef,
    Version,
    closed,
    code,
    identity_rules,
    key_of,
    part_of,
    present_index,
    table,
    version_rules,
)
from app.models.fold import name_key


class TopicKind(StrEnum):
    theme = "theme"
    place = "place"
    event = "event"


class AltLabel(Shape):
    """One more label in a language: a place in dispute has several and no correct one."""

    label: Name
    lang: Lang | None = None


class Topic(Dated, Record):  # the id comes first in a document
    """What a statement is about: a theme, a place or an event."""

    type: ClassVar = RecordType.topic

    kind: TopicKind
    pref_labels: Annotated[dict[Lang, Name], Field(min_length=1, max_length=200)]
    """One label for each language."""
    alt_labels: list[AltLabel] = Many
    broader: list[TopicRef] = Many
    """The topics that this one is part of."""
    identifiers: list[Identifier] = Many
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Degrees north (WGS 84), of a place."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Degrees east (WGS 84), of a place."""

    @model_validator(mode="after")
    def fits_its_kind(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together; give both or neither")
        if self.latitude is not None and self.kind is not TopicKind.place:
            raise ValueError("latitude and longitude are for kind place")
        if (self.start_date or self.end_date) and self.kind is not TopicKind.event:
            raise ValueError("start_date and end_date are for kind event")
        if self.id in self.broader:
            raise ValueError("a topic cannot be broader than itself; take it out of broader")
        return self

    def targets(self) -> Iterator[Target]:
        for position, broader in enumerate(self.broader):
            yield Target(RecordType.topic, broader, f"/broader/{position}")

    def label(self) -> dict[str, Any]:
        labels = self.pref_labels
        return {"id": self.id, "label": labels.get("en") or next(iter(labels.values()))}

    def rows(self, key: KeyOf) -> Iterator[Row]:
        yield (
            VERSION,
            {
                "key": key(self.type, self.id),
                "kind": self.kind,
                "name_key": name_key(self.label()["label"]),
                "latitude": self.latitude,
                "longitude": self.longitude,
            },
        )
        labels: list[tuple[str, str | None, bool]]
        labels = [(text, lang, True) for lang, text in self.pref_labels.items()]
        labels += [(other.label, other.lang, False) for other in self.alt_labels]
        for position, (text, lang, preferred) in enumerate(labels):
            yield (
                LABEL,
                {
                    "position": position,
                    "label": text,
                    "lang": lang,
                    "preferred": preferred,
                },
            )
        for position, broader in enumerate(self.broader):
            yield BROADER, {"position": position, "broader": key(self.type, broader)}
        for position, identifier in enumerate(self.identifiers):
            yield IDENTIFIER, {"position": position, **identifier.__dict__}


class TopicAnswer(Served, Topic):
    """A topic as it is answered."""


class TopicIdentity(Identity, table=True):
    __tablename__ = "topic"
    __table_args__ = identity_rules()

    merged_into: int | None = key_of("topic", default=None)


class TopicVersion(Version, table=True):
    __tablename__ = "topic_version"
    __table_args__ = (
        *version_rules("topic_version"),
        present_index("topic_version", "name_key", "key"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="both_coordinates"),
        CheckConstraint("latitude IS NULL OR kind = 'place'", name="coordinates_of_a_place"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_degrees"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_degrees"),
    )

    key: int = key_of("topic")
    label: str = Column(sa_type=Text)
    kind: TopicKind = Column(sa_type=closed(TopicKind))
    name_key: str = Column(sa_type=code(1_000))
    """The label as it is sorted."""
    latitude: float | None = None
    longitude: float | None = None


class TopicLabel(SQLModel, table=True):
    __tablename__ = "topic_label"
    __table_args__ = CLUSTERED

    seq: int = part_of("topic_version")
    position: int = Column(primary_key=True)
    label: str = Column(sa_type=code(500))
    lang: str | None = Column(default=None, sa_type=code(80))
    preferred: bool


class TopicBroader(SQLModel, table=True):
    __tablename__ = "topic_broader"
    __table_args__ = CLUSTERED

    seq: int = part_of("topic_version")
    position: int = Column(primary_key=True)
    broader: int = key_of("topic", index=True)


class TopicIdentifier(SQLModel, table=True):
    __tablename__ = "topic_identifier"
    __table_args__ = CLUSTERED

    seq: int = part_of("topic_version")
    position: int = Column(primary_key=True)
    scheme: str = Column(sa_type=code(500))
    identifier: str = Column(sa_type=code(500), index=True)


VERSION, LABEL = table(TopicVersion), table(TopicLabel)
BROADER, IDENTIFIER = table(TopicBroader), table(TopicIdentifier)
