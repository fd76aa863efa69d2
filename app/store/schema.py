"""The tables of the store: made, brought up to this version of the program, and checked."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from app.db import Database
from app.errors import InvalidInput, NotMigrated, short

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision of the migration tree, by default the newest."""
    config = _config()
    with database.writer() as writer:
        config.attributes["connection"] = writer
        stands, newest = _revisions(database, writer)
        known = revision != "head" or stands is None or _has(stands)
        if not known:
            raise NotMigrated(_AHEAD)
        try:
            if revision == "base":
                command.downgrade(config, revision)
            elif revision != "head" or stands != newest:
                command.upgrade(config, revision)
        except CommandError as error:
            detail = f"There is no revision {short(revision)} of the tables; name one of those in "
            raise InvalidInput(detail + "migrations/versions, or head or base.") from error


_AHEAD = "The store was made by a newer version of Onrecord; run that version, or a later one."


def ensure(database: Database) -> None:
    """Raise `NotMigrated` unless the tables are those of this version."""
    with database.reader() as reader:
        stands, newest = _revisions(database, reader)
    if stands == newest:
        return
    if stands is None:
        raise NotMigrated("The store has no tables yet; run `onrecord migrate`, then try again.")
    if _has(stands):
        raise NotMigrated("The store is of an older version; run `onrecord migrate`.")
    raise NotMigrated(_AHEAD)


def _revisions(_database: Database, connection: object) -> tuple[str | None, str | None]:
    stands = MigrationContext.configure(connection).get_current_revision()  # type: ignore[arg-type]
    return stands, ScriptDirectory.from_config(_config()).get_current_head()


def _has(revision: str) -> bool:
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return revision in {script.revision for script in scripts}
