"""What search looks in: plain rows of folded words, on which each database hangs its own index.

They hold only the present, and `onrecord reindex` makes them again.
"""

from sqlalchemy import Index, Text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import CLUSTERED, KEY, RecordType, closed, code, key_of, table


class SearchRow(SQLModel, table=True):
    """A statement's words: what was said, ` / `, the reported words and printed names, ` / `, and
    a word such as `_actor12` for each record that it is filed under."""

    __tablename__ = "search_row"

    statement: int = key_of("statement", primary_key=True)
    words: str = Column(sa_type=Text)


class KnownName(SQLModel, table=True):
    """One name of an actor or a topic, folded."""

    __tablename__ = "known_name"
    __table_args__ = (Index("ix_known_name_of", "type", "key"),)

    id: int = Column(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    type: RecordType = Column(sa_type=closed(RecordType))
    key: int = Column(sa_type=KEY)
    name: str = Column(sa_type=Text)
    lang: str | None = Column(default=None, sa_type=code(80))
    main: bool
    """Whether it is the name by which the record is shown."""
    folded: str = Column(sa_type=code(2_000), index=True)


class NameWord(SQLModel, table=True):
    """One word of a name."""

    __tablename__ = "name_word"
    __table_args__ = CLUSTERED

    word: str = Column(primary_key=True, sa_type=code(100))
    name: int = Column(
        primary_key=True, sa_type=KEY, foreign_key="known_name.id", ondelete="CASCADE", index=True
    )


SEARCH, NAME, WORD = table(SearchRow), table(KnownName), table(NameWord)
