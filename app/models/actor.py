"""Actors: whoever can speak, publish, or be spoken for (after Popolo)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import (
    CLUSTERED,
    ActorRef,
    Dated,
    Identifier,
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
    Script,
    Served,
    SourceRef,
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
from app.models.fold import name_key


class ActorKind(StrEnum):
    person = "person"
    organization = "organization"
    state = "state"
    government = "government"
    armed_force = "armed_force"
    international_organization = "international_organization"
    media = "media"
    platform = "platform"
    group = "group"
    unknown = "unknown"


class NameKind(StrEnum):
    official = "official"
    alias = "alias"
    transliteration = "transliteration"
    former = "former"


class Basis(StrEnum):
    """Whether a source prints it, or whoever entered it knows it."""

    printed = "printed"
    editorial = "editorial"


class OtherName(Dated):
    """One more name of an actor."""

    name: Name
    lang: Lang | None = None
    script: Script | None = None
    kind: NameKind | None = None


class Membership(Dated):
    """A dated office in, or belonging to, an organization."""

    organization: ActorRef
    role: Phrase | None = None
    """The office, as printed where `basis` is printed."""
    source: SourceRef | None = None
    """The source that says so."""
    basis: Basis | None = None


class Actor(Record):
    """Whoever can speak, publish, or be spoken for."""

    type: ClassVar = RecordType.actor

    kind: ActorKind
    name: Name
    other_names: list[OtherName] = Many
    identifiers: list[Identifier] = Many
    description: Passage | None = None
    memberships: list[Membership] = Many

    def targets(self) -> Iterator[Target]:
        for position, membership in enumerate(self.memberships):
            at = f"/memberships/{position}"
            yield Target(RecordType.actor, membership.organization, f"{at}/organization", True)
            if membership.source:
                yield Target(RecordType.source, membership.source, f"{at}/source", True)

    def label(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name}

    def rows(self, key: KeyOf) -> Iterator[Row]:
        yield (
            VERSION,
            {
                "key": key(self.type, self.id),
                "kind": self.kind,
                "name_key": name_key(self.name),
            },
        )
        for position, other in enumerate(self.other_names):
            yield (
                NAME,
                {
                    "position": position,
                    "name": other.name,
                    "lang": other.lang,
                    "script": other.script,
                    "kind": other.kind,
                },
            )
        for position, identifier in enumerate(self.identifiers):
            yield IDENTIFIER, {"position": position, **identifier.__dict__}
        for position, membership in enumerate(self.memberships):
            start, end = bounds(membership.start_date), bounds(membership.end_date)
            yield (
                MEMBERSHIP,
                {
                    "position": position,
                    "organization": key(RecordType.actor, membership.organization),
                    "source": membership.source and key(RecordType.source, membership.source),
                    "basis": membership.basis,
                    "lower": start.lower,
                    "upper": end.upper,
                },
            )


class ActorAnswer(Served, Actor):
    """An actor as it is answered."""


class ActorIdentity(Identity, table=True):
    __tablename__ = "actor"
    __table_args__ = identity_rules()

    merged_into: int | None = key_of("actor", default=None)


class ActorVersion(Version, table=True):
    __tablename__ = "actor_version"
    __table_args__ = (
        *version_rules("actor_version"),
        present_index("actor_version", "name_key", "key"),
        present_index("actor_version", "kind", "name_key"),
    )

    key: int = key_of("actor")
    label: str = Column(sa_type=Text)
    kind: ActorKind = Column(sa_type=closed(ActorKind))
    name_key: str = Column(sa_type=code(1_000))
    """The name as it is sorted."""


class ActorName(SQLModel, table=True):
    __tablename__ = "actor_name"
    __table_args__ = CLUSTERED

    seq: int = part_of("actor_version")
    position: int = Column(primary_key=True)
    name: str = Column(sa_type=code(500))
    lang: str | None = Column(default=None, sa_type=code(80))
    script: str | None = Column(default=None, sa_type=code(4))
    kind: NameKind | None = Column(default=None, sa_type=closed(NameKind))


class ActorIdentifier(SQLModel, table=True):
    __tablename__ = "actor_identifier"
    __table_args__ = CLUSTERED

    seq: int = part_of("actor_version")
    position: int = Column(primary_key=True)
    scheme: str = Column(sa_type=code(500))
    identifier: str = Column(sa_type=code(500), index=True)


class ActorMembership(SQLModel, table=True):
    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("lower < upper", name="starts_before_it_ends"),
        CLUSTERED,
    )

    seq: int = part_of("actor_version")
    position: int = Column(primary_key=True)
    organization: int = key_of("actor", index=True)
    source: int | None = key_of("source", default=None)
    basis: Basis | None = Column(default=None, sa_type=closed(Basis))
    lower: int | None = Column(default=None, sa_type=BigInteger)
    """The earliest second of the start; null is open."""
    upper: int | None = Column(default=None, sa_type=BigInteger)
    """The second after the end; null is open."""


VERSION, NAME = table(ActorVersion), table(ActorName)
IDENTIFIER, MEMBERSHIP = table(ActorIdentifier), table(ActorMembership)
