"""What every record has in common: the shapes it comes in and is shown in, and its two tables.

A record is an *identity* (its id, and where it stands now) and a row for each *version* of its
content. A version holds from the revision `seq` that made it until the revision `until` that
replaced it; the present one has no `until`. So the same SQL answers for the present and for any
moment before. Tables hold what is asked for; what is answered stands ready in `document`
(docs/adr/0001-versions-and-documents.md).
"""

import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Enum,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.edtf import EdtfDate, Period, parse
from app.models.meaning import tell

# Constraints need names that do not depend on the database: SQLite's batch migrations find them
# by name (https://alembic.sqlalchemy.org/en/latest/naming.html).
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

SQLModel.model_config["defer_build"] = True  # tables never validate


class RecordType(StrEnum):
    """The five kinds of record, in the order in which an export lists them."""

    topic = "topic"
    actor = "actor"
    source = "source"
    statement = "statement"
    attribution = "attribution"


class State(StrEnum):
    """Where a record stands now; one that is `awaited` has been referred to but not yet come."""

    awaited = "awaited"
    live = "live"
    retracted = "retracted"
    redacted = "redacted"
    merged = "merged"


# --- shapes -------------------------------------------------------------------------------------


_UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}
"""Unicode's categories of what leaves no mark on paper."""


def is_blank(text: str) -> bool:
    """Whether a text has characters, and none that can be seen."""
    return bool(text) and all(unicodedata.category(letter) in _UNSEEN for letter in text)


def _not_blank(value: str) -> str:
    if is_blank(value):
        raise ValueError("has white space only; say why")
    return value


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("the NUL character cannot be stored; take it out")
    return value


def _id_of(value: Any) -> Any:
    """The id in a reference, which may be sent as it was answered: an object with an id."""
    if isinstance(value, dict):
        value = value.get("id")
    if not isinstance(value, str):
        raise ValueError("must be an id, or an object with the member id, as it is answered")
    return value


# What each asks for is told in `app.models.advice`.
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"
LANG_PATTERN = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}$"
SCRIPT_PATTERN = r"^[A-Z][a-z]{3}$"
URL_PATTERN = r"^https?://[^\s\x00-\x1f\x7f]+$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"
TEXT_PATTERN = "^[^\\u0000]*$"
"""Any text: PostgreSQL keeps no NUL, so none is taken."""
Id = Annotated[
    str,
    Field(
        pattern=ID_PATTERN,
        max_length=200,
        description="Identifier, chosen by the client or made by the server; unique within its "
        "type, the same in URLs, files and references.",
    ),
]
Name = Annotated[str, StringConstraints(max_length=500), AfterValidator(_without_nul)]
Phrase = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_without_nul)]
Grounds = Annotated[Phrase, StringConstraints(min_length=1), AfterValidator(_not_blank)]
"""A reason, where one must be given."""
Passage = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(_without_nul)]
Lang = Annotated[
    str,
    Field(
        pattern=LANG_PATTERN,
        max_length=80,
        description="Language tag by BCP 47, e.g. `hy`, `az-Cyrl`.",
    ),
]
Script = Annotated[
    str,
    Field(
        pattern=SCRIPT_PATTERN,
        max_length=4,
        description="Script by ISO 15924, e.g. `Armn`, `Latn`, `Cyrl`.",
    ),
]
Url = Annotated[
    str,
    Field(
        pattern=URL_PATTERN,
        max_length=2_000,
        description="Absolute http or https URL.",
    ),
]
Sha256 = Annotated[
    str,
    Field(
        pattern=SHA256_PATTERN,
        max_length=64,
        description="SHA-256 in lower-case hexadecimal.",
    ),
]
Many: Any = Field(default_factory=list, max_length=1_000)
"""A list of up to 1,000 parts, empty when absent."""


def bounds(date: str | None) -> Period:
    """The stretch of UTC that a date may mean; of no date, all of it."""
    return parse(date) if date else Period(None, None)


EARLIEST, LATEST = -(2**62), 2**62
"""What an open bound sorts as; an undated record comes after, in both directions."""


def newest(date: str | None) -> int:
    """What the order newest first sorts a date by, descending."""
    if not date:
        return EARLIEST - 1
    lower = bounds(date).lower
    return EARLIEST if lower is None else lower


def oldest(date: str | None) -> int:
    """What the order oldest first sorts a date by, ascending."""
    lower = bounds(date).lower if date else LATEST
    return EARLIEST if lower is None else lower


class Shape(BaseModel):
    """A part of a record: nothing unknown in it, nothing converted."""

    # Its validator is made when it is first used: a start uses none (docs/adr/0011-starting.md).
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        tell(cls)
        return handler(source)


class ActorReference(Shape):
    """An actor, as another record shows it."""

    id: Id
    name: str | None
    """Its name."""


class TopicReference(Shape):
    """A topic, as another record shows it."""

    id: Id
    label: str | None
    """Its English label, or else its first."""


class StatementReference(Shape):
    """A statement, as another record shows it."""

    id: Id
    content: str | None
    """What was said; null where the words are not reported."""
    polarity: str | None
    """`negated`: the speakers reject what `content` says."""


class SourceReference(Shape):
    """A source, as another record shows it."""

    id: Id
    title: str | None
    url: str | None
    publisher: ActorReference | None
    published_at: str | None


class AttributionReference(Shape):
    """An attribution, as another record shows it."""

    id: Id


class Target(NamedTuple):
    """One reference from a record to another."""

    type: RecordType
    id: str
    pointer: str
    """The JSON pointer of the member that names it."""
    ahead: bool = False
    """Whether what it names may stand later in the file."""


def _reference(target: RecordType, shown: type[Shape]) -> Any:
    """The type of a member that names a record of type `target`.

    It comes in as an id, or as the object in which it is answered. In a stored document it is
    the mark `{"$actor":"some-id"}`, for which reading puts the object with the label of the day.
    """
    mark = f"${target}"
    return Annotated[
        str,
        Field(pattern=ID_PATTERN, max_length=200),
        BeforeValidator(_id_of),
        PlainSerializer(lambda id: {mark: id}, return_type=dict[str, str]),
        _Documented(shown),
    ]


class _Documented:
    """A reference in OpenAPI: an object on the way out, that or its id on the way in."""

    def __init__(self, shown: type[Shape]) -> None:
        self.shown = shown

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        answered = handler(self.shown.__pydantic_core_schema__)
        if handler.mode == "serialization":
            return answered
        plain = {"type": "string", "pattern": ID_PATTERN, "maxLength": 200}
        return {"anyOf": [plain, answered]}


ActorRef = _reference(RecordType.actor, ActorReference)
TopicRef = _reference(RecordType.topic, TopicReference)
SourceRef = _reference(RecordType.source, SourceReference)
StatementRef = _reference(RecordType.statement, StatementReference)
AttributionRef = _reference(RecordType.attribution, AttributionReference)


class Record(Shape):
    """What the five records share as they come in."""

    type: ClassVar[RecordType]

    id: Id

    def targets(self) -> Iterator[Target]:
        """Every record that this one names, in the order in which it names them."""
        raise NotImplementedError

    def label(self) -> dict[str, Any] | None:
        """What a reference to it shows, or None where that is read off the document."""
        raise NotImplementedError

    def rows(self, key: "KeyOf") -> Iterator["Row"]:
        """Its version row first, then the rows of its parts; `seq` is added by the caller."""
        raise NotImplementedError


class Served(Shape):
    """What the server adds to a record that it answers."""

    version: Annotated[int, Field(ge=1)]
    """1 when created, one more with every accepted change."""
    created_at: str
    """When its first version was recorded, in UTC."""
    updated_at: str
    """When this version was recorded, in UTC."""


class Dated(Shape):
    """A part that holds for a time; an absent end is open."""

    start_date: EdtfDate | None = None
    """Since when; absent: open."""
    end_date: EdtfDate | None = None
    """Until when; absent: open."""

    @model_validator(mode="after")
    def starts_before_it_ends(self) -> Self:
        start, end = bounds(self.start_date).lower, bounds(self.end_date).upper
        if start is not None and end is not None and start >= end:
            raise ValueError("end_date is before start_date; mend one of them")
        return self


class Identifier(Shape):
    """The same thing in another register."""

    scheme: Name
    """Name of the register, e.g. `wikidata`."""
    identifier: Name
    """The identifier there, e.g. `Q7747`."""


# --- tables -------------------------------------------------------------------------------------

KeyOf = Callable[[RecordType, str], int]
"""The key of a record's identity, by type and id."""

Row = tuple[Table, dict[str, Any]]


def code(length: int) -> TypeEngine[str]:
    """A text column that both databases compare byte by byte, so that both sort alike."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def closed(kinds: type[StrEnum]) -> TypeEngine[Any]:
    """A text column that takes the values of a closed set and nothing else: a CHECK holds it."""
    return Enum(
        *[kind.value for kind in kinds],
        native_enum=False,
        create_constraint=True,
        length=40,
        name=kinds.__name__.lower(),
    )


def table(model: type[SQLModel]) -> Table:
    """The table of a table model, for statements of SQLAlchemy's core."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel hides it


KEY = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key; only under this name does SQLite make it the table's own row number."""

INSTANT = code(27)
"""A UTC instant as `2026-11-23T08:15:30.123456Z`: sorts as text and hashes as it is printed."""


class Identity(SQLModel):
    """A record, whatever its versions say: referred to by `key`, named by `id`."""

    key: int = Column(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    id: str = Column(sa_type=code(200), unique=True)
    version: int
    state: State = Column(sa_type=closed(State))
    seq: int | None = Column(default=None, sa_type=KEY, foreign_key="revision.seq")
    """The revision that last changed it; none while it is awaited."""
    created_at: str | None = Column(default=None, sa_type=INSTANT)


def identity_rules() -> tuple[CheckConstraint, ...]:
    """The CHECKs of an identity table."""
    return (
        CheckConstraint("(state = 'awaited') = (version = 0)", name="awaited_has_no_version"),
        CheckConstraint("(state = 'awaited') = (seq IS NULL)", name="awaited_has_no_revision"),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged_has_heir"),
    )


class Version(SQLModel):
    """The content of a record from revision `seq` until revision `until`."""

    seq: int = Column(
        primary_key=True,
        sa_type=KEY,
        foreign_key="revision.seq",
        sa_column_kwargs={"autoincrement": False},
    )
    until: int | None = Column(default=None, sa_type=KEY, foreign_key="revision.seq")
    document: str = Column(sa_type=Text)
    """The record as it is answered, with marks for references (see `Record`)."""


PRESENT = text("until IS NULL")


def version_rules(name: str) -> tuple[CheckConstraint | Index, ...]:
    """The CHECKs and indexes of a version table: one present version, all versions by key."""
    return (
        CheckConstraint("until > seq", name="ends_after_it_began"),
        Index(
            f"uq_{name}_present",
            "key",
            unique=True,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        ),
        Index(f"ix_{name}_key_seq", "key", "seq"),
    )


def present_index(table: str, *columns: str, name: str | None = None) -> Index:
    """An index over present versions only, named by its columns where it has no name."""
    return Index(
        f"ix_{table}_{name or '_'.join(columns)}",
        *columns,
        sqlite_where=PRESENT,
        postgresql_where=PRESENT,
    )


CLUSTERED = {"sqlite_with_rowid": False}
"""Keeps the parts of one version together on disk, in the order of the primary key."""


def part_of(version: str) -> Any:
    """The column by which a part (a speaker, a name, …) hangs on the version that it belongs to."""
    return Column(
        primary_key=True,
        sa_type=KEY,
        foreign_key=f"{version}.seq",
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )


def key_of(identity: str, *, index: bool = False, **options: Any) -> Any:
    """A column that refers to a record by its key."""
    return Column(sa_type=KEY, foreign_key=f"{identity}.key", index=index, **options)
