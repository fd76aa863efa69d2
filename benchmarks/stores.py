"""Where the record lies that is measured, in SQLite and in PostgreSQL; and the bare driver of each.

PostgreSQL is a server of our own, as durable as it is by default. What it has is copied over from
the files of SQLite, so that both have the same rows.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from app.db import Database, sqlite_module
from app.store import schema
from benchmarks import flat
from tests import postgres

OPTIONS = ("shared_buffers=1GB", "max_wal_size=4GB", "autovacuum=off")
"""What any guide to PostgreSQL says first for 4 GB and more; tables are vacuumed once, by us."""

Driver = Any
"""A connection of sqlite3's or psycopg's, of which here the same is asked."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Our record and the textbook service's, of one size, on one database."""

    database: str
    ours: str
    """The URL of our store."""
    textbook: str
    server: int = 0
    """The process of the database's server, where it has one."""

    @property
    def is_sqlite(self) -> bool:
        return not self.server

    def settings(self, **more: str) -> dict[str, str]:
        """What makes a server of ours serve it."""
        return {"ONRECORD_DATABASE_URL": self.ours, **more}

    @contextmanager
    def driver(self) -> Iterator[Driver]:
        """A connection to our store without anything of ours."""
        connection = connect(self.ours)
        try:
            yield connection
        finally:
            connection.close()

    def stream(self, driver: Driver, sql: str) -> Any:
        """The rows of a query, without all of them in memory at once."""
        if self.is_sqlite:
            return driver.execute(sql)
        cursor: Any = psycopg.ServerCursor(driver, "rows")
        cursor.itersize = 2_000
        return cursor.execute(sql)


def connect(url: str) -> Driver:
    """The bare driver's connection to a store."""
    if url.startswith("postgresql"):
        return psycopg.connect(url.replace("+psycopg", "", 1))
    driver = sqlite_module().connect(url.removeprefix("sqlite:///"), check_same_thread=False)
    driver.execute(f"PRAGMA mmap_size = {2**40}")
    return driver


def on_sqlite(here: Path) -> Stores:
    """The stores in the files of a folder."""
    name = f"SQLite {sqlite_module().sqlite_version}"
    return Stores(name, f"sqlite:///{here}/store.db", f"sqlite:///{here}/textbook.db")


# --- PostgreSQL ---------------------------------------------------------------------------------


@contextmanager
def server(folder: Path) -> Iterator[postgres.Cluster]:
    """A PostgreSQL, kept in the folder `postgresql` there if that can be entered by `nobody`."""
    options = [part for one in OPTIONS for part in ("-c", one)]
    kept = folder / "postgresql" if "ONRECORD_BENCH_FOLDER" in os.environ else None
    with postgres.cluster(*options, folder=kept) as cluster:
        yield cluster


def on_postgresql(cluster: postgres.Cluster, here: Path) -> Stores:
    """The stores of a folder, copied to a server that has not got them yet."""
    assert cluster.process
    ours, textbook = (f"{name}_{here.name}" for name in ("ours", "textbook"))
    _make(cluster, ours, _migrate, here / "store.db")
    _make(cluster, textbook, flat.create_textbook, here / "textbook.db")
    urls = _url(cluster, ours), _url(cluster, textbook)
    _migrate(urls[0])
    driver = connect(urls[0])
    major, minor = divmod(driver.info.server_version, 10_000)
    driver.close()
    return Stores(f"PostgreSQL {major}.{minor}", *urls, server=cluster.process.pid)


def _make(cluster: postgres.Cluster, name: str, create: Callable[[str], None], file: Path) -> None:
    """A database with the tables that are created and the rows of a file, unless it is there."""
    with _admin(cluster) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return
    with empty(cluster, f"{name}_part") as url:
        create(url)
        _copy(file, url)
        with _admin(cluster) as admin:
            admin.execute(f'ALTER DATABASE "{name}_part" RENAME TO "{name}"')


@contextmanager
def empty(cluster: postgres.Cluster, name: str) -> Iterator[str]:
    """The URL of a database that is there for so long."""
    with _admin(cluster) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield _url(cluster, name)
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _admin(cluster: postgres.Cluster) -> Iterator[Driver]:
    with psycopg.connect(cluster.url.replace("+psycopg", "", 1), autocommit=True) as admin:
        yield admin


def _url(cluster: postgres.Cluster, name: str) -> str:
    return make_url(cluster.url).set(database=name).render_as_string(hide_password=False)


def _migrate(url: str) -> None:
    database = Database(url)
    schema.migrate(database)
    database.close()


_COLUMNS = """SELECT table_name,
    string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER'
    AND table_name <> 'alembic_version' GROUP BY 1"""
_INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND indexname NOT IN (SELECT conname FROM pg_constraint)"""


def _copy(file: Path, url: str) -> None:
    """Fill the tables of a PostgreSQL from those of a SQLite, as fast as it goes: no foreign keys
    are checked and indexes are made at the end. (`onrecord restore` takes more care.)"""
    source = sqlite_module().connect(f"file:{file}?mode=ro", uri=True)
    target: Any = connect(url)
    target.execute("SET session_replication_role = replica")
    target.execute("SET maintenance_work_mem = '512MB'")
    indexes = target.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        target.execute(f'DROP INDEX "{name}"')
    for table, columns in target.execute(_COLUMNS).fetchall():
        into = f'COPY "{table}" ({columns}) FROM STDIN'
        with target.cursor() as cursor, cursor.copy(into) as copy:
            for row in source.execute(f'SELECT {columns} FROM "{table}"'):
                copy.write_row(row)
    for _, definition in indexes:
        target.execute(definition)
    target.commit()
    target.autocommit = True
    target.execute("VACUUM ANALYZE")
    target.execute("CHECKPOINT")
    target.close()
    source.close()
