"""The tables of the store: made, brought up to this version of the program, and checked."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.db import Database
from app.errors import InvalidInput, NotMigrated, short

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision of the migration tree, by default the newest."""
    with database.writer() as writer:
        stands, tree = _stands(writer), _tree(MIGRATIONS)
        if revision == "head" and stands is not None:
            if stands not in tree:
                raise NotMigrated(_AHEAD)
            if stands == _newest(tree):
                return
        _move(writer, revision)


def _move(writer: Connection, revision: str) -> None:
    # Alembic takes a tenth of a start, which nearly always has nothing to migrate.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = writer
    try:
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)
    except CommandError as error:
        detail = f"There is no revision {short(revision)} of the tables; name one of those in "
        raise InvalidInput(detail + "migrations/versions, or head or base.") from error


_AHEAD = "The store was made by a newer version of Onrecord; run that version, or a later one."


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
    """The revision of the tables that are there."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


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
