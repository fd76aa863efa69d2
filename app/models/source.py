"""Sources: the publications in which reports stand."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import model_validator
from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import (
    CLUSTERED,
    ActorRef,
    Identity,
    KeyOf,
    Lang,
    Many,
    Name,
    Phrase,
    Record,
    RecordType,
    Row,
    Served,
    Sha256,
    SourceRef,
    Target,
    Url,
    Version,
    bounds,
    closed,
    code,
    identity_rules,
    key_of,
    newest,
    oldest,
    part_of,
    present_index,
    table,
    version_rules,
)
from app.models.edtf import EdtfDate


class SourceKind(StrEnum):
    article = "article"
    press_release = "press_release"
    transcript = "transcript"
    speech = "speech"
    social_post = "social_post"
    interview = "interview"
    broadcast = "broadcast"
    report = "report"
    official_document = "official_document"
    other = "other"


class Extent(StrEnum):
    full = "full"
    excerpt = "excerpt"


class Source(Record):
    """A publication. What is not known of it is null, not invented."""

    type: ClassVar = RecordType.source

    kind: SourceKind
    title: Phrase | None = None
    url: Url | None = None
    archived_url: Url | None = None
    publisher: ActorRef | None = None
    authors: list[Name] = Many
    """The authors as printed."""
    lang: Lang | None = None
    published_at: EdtfDate | None = None
    retrieved_at: EdtfDate | None = None
    derived_from: list[SourceRef] = Many
    """The sources whose story it carries."""
    sha256: Sha256 | None = None
    """Hash of the snapshot's text in UTF-8; the text itself is private."""
    extent: Extent | None = None
    """Whether the snapshot is the whole publication."""

    @model_validator(mode="after")
    def not_from_itself(self) -> Self:
        if self.id in self.derived_from:
            raise ValueError("a source cannot derive from itself; take it out of derived_from")
        return self

    def targets(self) -> Iterator[Target]:
        if self.publisher:
            yield Target(RecordType.actor, self.publisher, "/publisher")
        for position, origin in enumerate(self.derived_from):
            yield Target(RecordType.source, origin, f"/derived_from/{position}")

    def label(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "url": self.url,
            "publisher": self.publisher and {"$actor": self.publisher},
            "published_at": self.published_at,
        }

    def rows(self, key: KeyOf) -> Iterator[Row]:
        published = bounds(self.published_at)
        yield (
            VERSION,
            {
                "key": key(self.type, self.id),
                "kind": self.kind,
                "publisher": self.publisher and key(RecordType.actor, self.publisher),
                "lang": self.lang,
                "published_lower": published.lower,
                "published_upper": published.upper,
                "newest": newest(self.published_at),
                "oldest": oldest(self.published_at),
                "dated": self.published_at is not None,
                "sha256": self.sha256,
                "extent": self.extent,
            },
        )
        for position, origin in enumerate(self.derived_from):
            yield DERIVATION, {"position": position, "origin": key(self.type, origin)}


class SourceAnswer(Served, Source):
    """A source as it is answered: never with its text."""


class SourceIdentity(Identity, table=True):
    __tablename__ = "source"
    __table_args__ = identity_rules()

    merged_into: int | None = key_of("source", default=None)


class SourceVersion(Version, table=True):
    __tablename__ = "source_version"
    __table_args__ = (
        *version_rules("source_version"),
        present_index("source_version", "publisher"),
        present_index(
            "source_version",
            "published_lower",
            "published_upper",
            "dated",
            "key",
            "until",
            name="published",
        ),
        present_index("source_version", "newest", "key"),
        present_index("source_version", "oldest", "key"),
        CheckConstraint("published_lower < published_upper", name="published_in_order"),
    )

    key: int = key_of("source")
    label: str = Column(sa_type=Text)
    kind: SourceKind = Column(sa_type=closed(SourceKind))
    publisher: int | None = key_of("actor", default=None)
    lang: str | None = Column(default=None, sa_type=code(80))
    dated: bool
    """Whether `published_at` is known: both bounds of a known date may still be open."""
    published_lower: int | None = Column(default=None, sa_type=BigInteger)
    published_upper: int | None = Column(default=None, sa_type=BigInteger)
    newest: int = Column(sa_type=BigInteger)
    oldest: int = Column(sa_type=BigInteger)
    sha256: str | None = Column(default=None, sa_type=code(64))
    extent: Extent | None = Column(default=None, sa_type=closed(Extent))


class SourceDerivation(SQLModel, table=True):
    __tablename__ = "source_derivation"
    __table_args__ = CLUSTERED

    seq: int = part_of("source_version")
    position: int = Column(primary_key=True)
    origin: int = key_of("source", index=True)


VERSION, DERIVATION = table(SourceVersion), table(SourceDerivation)
