"""Runs the migrations on the connection that it is handed; one tree for both databases."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401  # fills the metadata


def include_name(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """Leave out what a database's own full-text index adds (see the first migration)."""
    if kind == "table":
        return not str(name).startswith("search_fts")
    of_search = parents.get("table_name") == "search_row"
    return not (of_search and name in ("tokens", "ix_search_row_tokens"))


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_name=include_name,  # type: ignore[arg-type]  # alembic's hint names its own literals
)
with context.begin_transaction():
    context.run_migrations()
