"""The tables of the store: made, brought up to this version of the program, and checked."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, literal, select, text
from sqlmodel import SQLModel

from app.db import Database
from app.errors import Conflict, InvalidInput, NotMigrated, ReadOnly, short
from app.models import IDENTITIES, REVISION

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(database: Database, revision: str = "head", *, erase: bool = False) -> None:
    """Bring the tables to a revision of the migration tree, by default the newest; `base` is the
    time before there were any.

    Raises `Conflict` where that is a step down from a store that is not empty, which loses what
    the tables hold, unless `erase` says that it may go.
    """
    tree = _tree(MIGRATIONS)
    target = {"head": _newest(tree), "base": None}.get(revision, revision)
    if target is not None and target not in tree:
        raise InvalidInput(
            f"There is no revision {short(revision)} of the tables; leave it out for the newest, "
            "or name one of those in migrations/versions."
        )
    try:
        _to(database, tree, target, erase=erase)
    except ReadOnly:  # which is as well where there is nothing to do
        with database.reader() as reader:
            if _stands(reader) != target:
                raise


def _to(
    database: Database, tree: dict[str, str | None], target: str | None, *, erase: bool
) -> None:
    with database.writer() as writer:
        stands = _stands(writer)
        if stands is not None and stands not in tree:
            raise NotMigrated(_AHEAD)
        if stands == target:
            return
        down = target is None or target in _before(tree, stands)
        if down and not erase and not is_empty(writer):
            raise Conflict(
                "The store is not empty, and its tables are newer: going down would erase what "
                "they hold. Nothing was changed. To go back to an older version, restore a backup "
                "with it; --erase lets everything go."
            )
        _move(writer, target or "base", down=down)


def is_empty(connection: Connection) -> bool:
    """Whether no table that is there has a row."""
    there = set(inspect(connection).get_table_names())
    tables = [table for name, table in SQLModel.metadata.tables.items() if name in there]
    rows = (select(literal(1)).select_from(table).limit(1) for table in tables)
    return all(connection.scalar(row) is None for row in rows)


def _move(writer: Connection, revision: str, *, down: bool) -> None:
    # Alembic takes a tenth of a start, which nearly always has nothing to migrate.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = writer
    (command.downgrade if down else command.upgrade)(config, revision)


_AHEAD = "The store was made by a newer version of Onrecord; run that version, or a later one."
_OTHERS = (
    "The database holds tables of another program, which Onrecord leaves alone; name a file or a "
    "database of its own in ONRECORD_DATABASE_URL."
)


def ensure(database: Database) -> None:
    """Raise `NotMigrated` unless the tables are those of this version."""
    with database.reader() as reader:
        stands = _stands(reader)
    tree = _tree(MIGRATIONS)
    if stands == _newest(tree):
        return
    if stands is None:
        raise NotMigrated("The store has no tables yet; run `onrecord migrate`, then try again.")
    if stands in tree:
        raise NotMigrated("The store is of an older version; run `onrecord migrate`.")
    raise NotMigrated(_AHEAD)


def _stands(connection: Connection) -> str | None:
    """The revision of the tables that are there.

    Raises `NotMigrated` where they are another program's, which may be made with Alembic, too.
    """
    there = set(inspect(connection).get_table_names())
    found: str | None = None
    if "alembic_version" in there:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is not None:
        others = bool(_FIRST - there)
    elif connection.dialect.name == "sqlite":  # a file is one program's
        others = bool(there - {"alembic_version"})
    else:
        others = not there.isdisjoint(SQLModel.metadata.tables)
    if others:
        raise NotMigrated(_OTHERS)
    return found


_FIRST = {REVISION.name, *(table.name for table in IDENTITIES.values())}
"""Tables that a store of any version has."""


_MEMBER = re.compile(r'^(revision|down_revision)\b[^=\n]*= *(?:"([^"]+)"|None)$', re.MULTILINE)


@cache
def _tree(folder: Path) -> dict[str, str | None]:
    """Every revision of the migration tree, and the one before it."""
    tree = {}
    for path in folder.glob("versions/*.py"):
        members = dict(_MEMBER.findall(path.read_text(encoding="utf-8")))
        tree[members["revision"]] = members["down_revision"] or None
    return tree


def _newest(tree: dict[str, str | None]) -> str:
    (newest,) = tree.keys() - tree.values()
    return newest


def _before(tree: dict[str, str | None], revision: str | None) -> set[str]:
    """The revisions that come before one."""
    before = set[str]()
    while revision is not None and (revision := tree[revision]) is not None:
        before.add(revision)
    return before
