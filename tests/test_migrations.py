"""Migrations: one tree makes, changes and unmakes the tables of both databases."""

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from app.db import Database
from app.errors import Conflict, InvalidInput, NotMigrated
from app.models.api_key import Scope
from app.store import keys, schema
from tests.factories import dump, eventful, everything, fill, load


@pytest.fixture
def blank(database: Database) -> Database:
    """A database in which nothing was ever made."""
    schema.migrate(database, "base")
    with database.writer() as writer:
        writer.execute(text("DROP TABLE alembic_version"))
    return database


def config(**attributes: Any) -> Config:
    made = Config()
    made.set_main_option("script_location", str(schema.MIGRATIONS))
    made.attributes.update(attributes)
    return made


def tables(database: Database) -> set[str]:
    with database.reader() as reader:
        return set(inspect(reader).get_table_names())


def own(names: set[str]) -> set[str]:
    """The tables that a model describes: without alembic's, and a full-text index's own."""
    return names & set(SQLModel.metadata.tables)


# --- up and down -------------------------------------------------------------------------------


def test_the_tree_has_one_head() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1


def test_up_makes_every_table_and_down_none_is_left(blank: Database) -> None:
    assert tables(blank) == set()
    schema.migrate(blank)
    assert own(tables(blank)) == set(SQLModel.metadata.tables)
    schema.migrate(blank, "base")
    assert tables(blank) == {"alembic_version"}
    with blank.reader() as reader:
        kinds = (
            "SELECT name FROM sqlite_schema WHERE name NOT LIKE '%alembic%'"
            if blank.is_sqlite
            else "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relname NOT LIKE 'alembic%' UNION ALL"
            " SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace UNION ALL"
            " SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
            " AND typname NOT LIKE '%alembic%'"
        )
        assert list(reader.scalars(text(kinds))) == []


def test_a_store_works_after_down_and_up(database: Database) -> None:
    fill(database, *eventful())
    schema.migrate(database, "base", erase=True)
    schema.migrate(database)
    schema.ensure(database)
    assert {name for name, rows in dump(database).items() if rows} == set()
    fill(database, *eventful())


def test_migrating_again_keeps_every_row(database: Database) -> None:
    fill(database, *eventful())
    before = dump(database)
    schema.migrate(database)
    schema.migrate(database, "head")
    assert dump(database) == before
    assert load(database, everything()[:1]).failed == 0


def test_processes_that_migrate_at_once_do_not_meet(blank: Database) -> None:
    url = blank.url.render_as_string(hide_password=False)

    def migrate(_number: int) -> None:
        one = Database(url, pool=1, busy_timeout=30)
        schema.migrate(one)
        one.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, range(3)))
    schema.ensure(blank)
    fill(blank, everything())


# --- the tables are those of the models --------------------------------------------------------


def test_autogenerate_finds_no_difference(database: Database) -> None:
    """Raises where the models have what no migration makes, or the other way round."""
    with database.writer() as writer:
        command.check(config(connection=writer))


def described(database: Database) -> dict[str, dict[str, Any]]:
    """Every table as the database has it, with the CHECKs, which autogenerate does not compare."""
    found: dict[str, dict[str, Any]] = {}
    with database.reader() as reader:
        looked_at = inspect(reader)
        for name in own(set(looked_at.get_table_names())):
            columns = looked_at.get_columns(name)
            found[name] = {
                "checks": by_name(looked_at.get_check_constraints(name)),
                "foreign keys": by_name(looked_at.get_foreign_keys(name)),
                "unique": by_name(looked_at.get_unique_constraints(name)),
                "indexes": by_name(looked_at.get_indexes(name)),
                "primary key": looked_at.get_pk_constraint(name),
                "columns": [(one["name"], str(one["type"]), one["nullable"]) for one in columns],
            }
    return found


def by_name(parts: list[Any]) -> dict[str, Any]:
    """Constraints or indexes, but for the index that PostgreSQL's search adds on its own."""
    found = {}
    for part in parts:
        if part["name"] != "ix_search_row_tokens":
            options = {name: str(one) for name, one in part.get("dialect_options", {}).items()}
            found[part["name"]] = {**part, "dialect_options": options}
    return found


def test_migrations_and_models_make_the_same_tables(database: Database) -> None:
    migrated = described(database)
    schema.migrate(database, "base")
    with database.writer() as writer:
        SQLModel.metadata.create_all(writer)
    made = described(database)
    for table in migrated.values():
        table["columns"] = [one for one in table["columns"] if one[0] != "tokens"]
    assert migrated.keys() == made.keys()
    for name in made:
        assert migrated[name] == made[name]


def test_every_constraint_has_a_name(database: Database) -> None:
    """SQLite's batch migrations find a constraint by its name alone."""
    for name, parts in described(database).items():
        for kind in ("checks", "foreign keys", "unique"):
            assert None not in parts[kind], (name, kind)
        assert parts["primary key"]["name"], name


# --- a store of another version ----------------------------------------------------------------

NEXT = '''
"""The next version."""
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("novelty", sa.Column("id", sa.Integer(), primary_key=True))
    {more}


def downgrade() -> None:
    op.drop_table("novelty")
'''


def release(folder: Path, more: str = "") -> Path:
    """A migration tree with one more revision than this version has."""
    tree = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, tree, ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory.from_config(config()).get_current_head()
    (tree / "versions" / "next.py").write_text(NEXT.format(head=head, more=more))
    return tree


def test_a_store_of_this_version_is_in_order(database: Database) -> None:
    schema.ensure(database)


def test_a_store_without_tables_is_told(blank: Database) -> None:
    with pytest.raises(NotMigrated, match="has no tables yet; run `onrecord migrate`"):
        schema.ensure(blank)
    assert tables(blank) == set()  # asking made nothing


def test_a_store_that_was_taken_down_is_told(database: Database) -> None:
    schema.migrate(database, "base")
    with pytest.raises(NotMigrated, match="has no tables yet"):
        schema.ensure(database)


def test_an_older_store_is_told_and_brought_up_with_its_rows(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, *eventful())
    before = dump(database)
    monkeypatch.setattr(schema, "MIGRATIONS", release(tmp_path))
    with pytest.raises(NotMigrated, match="of an older version; run `onrecord migrate`"):
        schema.ensure(database)
    schema.migrate(database)
    schema.ensure(database)
    assert "novelty" in tables(database)
    assert dump(database) == before


def test_a_newer_store_is_told_and_left_alone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", release(tmp_path))
        schema.migrate(database)
    fill(database, everything())
    before = dump(database)
    for refused in (schema.ensure, schema.migrate):
        with pytest.raises(NotMigrated, match="made by a newer version of Onrecord"):
            refused(database)
    assert "novelty" in tables(database)
    assert dump(database) == before


def test_a_migration_that_fails_changes_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, everything())
    before = dump(database), tables(database)
    with monkeypatch.context() as patch:
        tree = release(tmp_path, 'op.drop_table("listing"); raise InterruptedError')
        patch.setattr(schema, "MIGRATIONS", tree)
        with pytest.raises(InterruptedError):
            schema.migrate(database)
    assert (dump(database), tables(database)) == before
    schema.ensure(database)


@pytest.mark.parametrize("revision", ["nowhere", "-1", "+1", "000"])
def test_a_revision_that_there_is_not_is_told(database: Database, revision: str) -> None:
    with pytest.raises(InvalidInput, match="There is no revision") as told:
        schema.migrate(database, revision)
    assert "base" not in str(told.value)
    schema.ensure(database)


@pytest.mark.parametrize("revision", ["base", "0001", "0006"])
def test_a_store_that_is_not_empty_goes_down_only_where_all_may_go(
    database: Database, revision: str
) -> None:
    fill(database, *eventful())
    before = dump(database)
    with pytest.raises(Conflict, match="not empty"):
        schema.migrate(database, revision)
    schema.ensure(database)
    assert dump(database) == before
    schema.migrate(database, revision, erase=True)
    with pytest.raises(NotMigrated):
        schema.ensure(database)


def test_a_key_alone_is_not_lost_either(database: Database) -> None:
    with database.writer() as writer:
        keys.create(writer, "desk", [Scope.read])
    with pytest.raises(Conflict, match="not empty"):
        schema.migrate(database, "base")


def test_down_and_up_in_every_step(database: Database) -> None:
    steps = [f"{number:04}" for number in range(6, 0, -1)]
    for revision in [*steps, "base", *reversed(steps)]:
        schema.migrate(database, revision)
        if revision != "base":
            with database.reader() as reader:
                assert reader.scalar(text("SELECT version_num FROM alembic_version")) == revision
    schema.migrate(database)
    fill(database, *eventful())


# --- a database of another program -------------------------------------------------------------

ALEMBIC = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
OTHERS = {
    "a name of ours": ["CREATE TABLE actor (a INTEGER)"],
    "Alembic": [ALEMBIC, "INSERT INTO alembic_version VALUES ('4f1c')"],
    "Alembic with a revision of ours": [ALEMBIC, "INSERT INTO alembic_version VALUES ('0001')"],
}


@pytest.mark.parametrize("statements", OTHERS.values(), ids=OTHERS)
def test_another_programs_tables_are_told_and_left_alone(
    blank: Database, statements: list[str]
) -> None:
    with blank.writer() as writer:
        for statement in statements:
            writer.execute(text(statement))
    before = tables(blank)
    for refused in (schema.ensure, schema.migrate):
        with pytest.raises(NotMigrated, match="tables of another program"):
            refused(blank)
    assert tables(blank) == before


def test_another_programs_view_is_told_and_left_alone(blank: Database) -> None:
    with blank.writer() as writer:
        writer.execute(text("CREATE VIEW actor AS SELECT 1 AS a"))
    with pytest.raises(NotMigrated, match="Another program's table or view"):
        schema.migrate(blank)
    assert tables(blank) == set()


def test_another_programs_file_stays_as_it_is_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photo (name)")
    before = path.read_bytes()
    database = Database(f"sqlite:///{path}", pool=1)
    for refused in (schema.ensure, schema.migrate):
        with pytest.raises(NotMigrated, match="tables of another program"):
            refused(database)
    database.close()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["photos.db"]


def test_a_server_of_postgresql_may_hold_tables_of_others(blank: Database) -> None:
    if blank.is_sqlite:
        pytest.skip("a file is one program's")
    with blank.writer() as writer:
        writer.execute(text("CREATE TABLE photo (name TEXT)"))
    schema.migrate(blank)
    schema.ensure(blank)
