"""API keys: who may read, write and administer. Of a key only a hash is stored."""

from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import INSTANT, code, table


class Scope(StrEnum):
    """What a key allows; each includes the ones before it."""

    read = "read"
    write = "write"
    admin = "admin"


class ApiKey(SQLModel, table=True):
    __tablename__ = "api_key"
    __table_args__ = (
        Index(
            "uq_api_key_name_valid",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: str = Column(primary_key=True, sa_type=code(20))
    """Stands in the key itself, and tells which one it is."""
    name: str = Column(sa_type=code(100))
    """The agent of what is written with it."""
    scopes: str = Column(sa_type=code(40))
    """Separated by commas."""
    secret_hash: str = Column(sa_type=code(64))
    created_at: str = Column(sa_type=INSTANT)
    revoked_at: str | None = Column(default=None, sa_type=INSTANT)


API_KEY = table(ApiKey)
