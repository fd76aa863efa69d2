"""The database: SQLite or PostgreSQL behind one class, and who may read or write.

Every difference between the two that is not a query stands here or in `app.rows`, with its reason.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NewType
from urllib.parse import quote

from sqlalchemy import (
    Connection,
    Engine,
    FromClause,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from app.errors import InvalidInput, Locked, NotMigrated, ReadOnly, TooSlow, Unavailable

try:
    import pysqlite3
except ImportError:  # no wheel for this platform
    pysqlite3 = None

log = logging.getLogger("onrecord")

Writer = NewType("Writer", Connection)
"""A connection that holds the write lock; what takes a `Connection` only reads."""

# The lock of the ledger in PostgreSQL: any constant will do, it only has to be ours.
LEDGER_LOCK = 0x6F6E7265636F7264  # "onrecord"


def sqlite_module() -> ModuleType:
    """The newer of the two SQLites at hand.

    Versions before 3.51.3 can corrupt a WAL database that several connections checkpoint
    (https://sqlite.org/wal.html#walresetbug), and Debian 12 ships 3.40.
    """
    if pysqlite3 is not None and pysqlite3.sqlite_version_info > sqlite3.sqlite_version_info:
        return pysqlite3  # type: ignore[no-any-return]  # it has no type hints
    return sqlite3


SHORT = 100
"""Thousands of steps of SQLite's machine that a short read may take: a few milliseconds. Steps and
not time, which also passes while others have the processor."""


class TooLong(Exception):
    """A read that should be short is not; ask again where waiting harms nobody."""


class Asker:
    """Whoever waits for the answer to a read, and may leave before there is one."""

    def __init__(self) -> None:
        self.left = False
        self._lock = threading.Lock()
        self._cancel: Callable[[], None] | None = None

    @contextmanager
    def waiting(self, connection: Connection) -> Iterator[None]:
        """Wait for queries on a connection to PostgreSQL, which is told when the asker leaves."""
        self._cancel = connection.connection.driver_connection.cancel_safe  # type: ignore[union-attr]  # it is open
        try:
            yield
        finally:
            with self._lock:  # whoever has the connection next must not be interrupted
                self._cancel = None

    def leave(self) -> None:
        """Have the query that runs now, and any later one, given up."""
        with self._lock:
            self.left = True
            if self._cancel is not None:
                self._cancel()


ASKER: ContextVar[Asker | None] = ContextVar("asker", default=None)
"""For whom this thread or task reads."""


def _is_over(info: dict[str, Any]) -> bool:
    until, asker = info.get("until"), info.get("asker")
    return (until is not None and time.monotonic() > until) or (asker is not None and asker.left)


class Database:
    """The store behind `url`.

    `pool` is how many connections may be open at once, `busy_timeout` how many seconds a writer
    waits for another before `Locked` is raised, `query_timeout` how many a reader may take before
    `TooSlow` is (None: any number). `mapped` lets SQLite read its file as memory.
    Raises `InvalidInput` for a URL that is not one of the two
    databases.
    """

    def __init__(
        self,
        url: str,
        *,
        pool: int = 16,
        busy_timeout: float = 5.0,
        query_timeout: float | None = None,
        mapped: bool = False,
    ) -> None:
        self.url = _parsed(url)
        self.mapped = mapped
        self.busy_timeout = busy_timeout
        self.query_timeout = query_timeout
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.in_memory = self.is_sqlite and _is_in_memory(self.url)
        self._write_lock = threading.Lock()
        self._at_once = AtOnce(self)
        self._watch_lock = threading.Lock()
        self._watch: Connection | None = None
        self._watch_cursor: Any = None
        self._closed = False
        self.engine = self._sqlite(pool) if self.is_sqlite else self._postgresql(pool)

    def _sqlite(self, pool: int) -> Engine:
        module = sqlite_module()
        if module.sqlite_version_info < (3, 51, 3):
            log.warning(
                "SQLite %s has a fault that can corrupt a database with several writing "
                "processes; run one process, or install pysqlite3",
                module.sqlite_version,
            )
        # One more watches the store's version, and one reads at once. In memory (for tools that
        # need no store) there is a single connection.
        sizes = {"pool_size": pool + 2, "max_overflow": 0, "pool_timeout": self.busy_timeout}
        engine = create_engine(
            _unwritten(self.url),
            module=module,
            connect_args={"timeout": self.busy_timeout, "check_same_thread": False},
            hide_parameters=True,  # they would stand in logs
            **({"poolclass": StaticPool} if self.in_memory else sizes),
        )

        engine.dialect.statement_compiler = Hinting

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, record: ConnectionPoolEntry) -> None:
            connection.isolation_level = None  # BEGIN is ours, see below
            # Called every 10,000 steps of SQLite's machine, about 1 ms of a query; anything but
            # 0 interrupts it (https://sqlite.org/c3ref/progress_handler.html).
            connection.set_progress_handler(partial(_is_over, record.info), 10_000)
            try:
                if _is_ours(connection):
                    connection.execute("PRAGMA journal_mode = WAL")
            except module.OperationalError as error:  # read-only: read it as it is
                log.debug("journal mode left as it is: %s", error)
            connection.execute("PRAGMA synchronous = FULL")  # costs 6 %, keeps what was said
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            # What a redaction deletes is overwritten, as is what an update of search rows leaves.
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA cache_size = -16384")
            if self.mapped:
                # The system's cache of the file is read in place instead of being copied, which
                # takes half as long where much is looked at; it counts as this process's memory.
                connection.execute(f"PRAGMA mmap_size = {2**40}")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            # A transaction that reads first and then writes fails at once when another writer
            # came in between; one that takes the lock at its start waits for its turn.
            mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
            connection.exec_driver_sql(f"BEGIN {mode}")

        return engine

    def _postgresql(self, pool: int) -> Engine:
        limit = int((self.query_timeout or 0) * 1000)
        given = self.url.query.get("options", "")  # those of the URL go on to hold
        # To begin with several processes takes longer than to find a page, and they are needed for
        # other requests: with them, filters among a million statements took two to five times as
        # long, and counting everything was at most a sixth quicker.
        alone = "-c max_parallel_workers_per_gather=0"
        options = " ".join([alone, *([given] if isinstance(given, str) else given), "-c"])
        engine = create_engine(
            self.url,
            pool_size=pool + 1,  # one more watches the store's version
            max_overflow=0,
            pool_timeout=self.busy_timeout,
            pool_pre_ping=True,  # a restarted server must not cost an answer
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "options": f"{options} statement_timeout={limit}"},
        )

        @event.listens_for(engine, "checkin")
        def forget(connection: Any, _record: ConnectionPoolEntry) -> None:
            if connection is not None and not connection.closed:
                connection.read_only = None  # after a reader: as the server has it, not "may write"

        return engine

    @property
    def primary(self) -> "Database":
        """The store without replicas (see `app.replicas`), for what must be of this moment."""
        return self

    def heads(self) -> list[int | None]:
        """The newest revision that each replica has (see `app.replicas`): there are none here."""
        return []

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """A connection on which every query sees one and the same state of the store.

        Raises `TooSlow` when a query takes longer than `query_timeout`, or whoever asks
        (`ASKER`) leaves meanwhile.
        """
        with translated(), self.engine.connect() as connection:
            connection = connection.execution_options(reads=True)
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin(), self._heeding(connection):
                yield connection

    @contextmanager
    def at_once(self) -> Iterator["AtOnce"]:
        """For reads that must be short, since others wait meanwhile: on SQLite only.

        Raises `TooLong` when a query is not, or when one is being asked already.
        """
        if not self._at_once.lock.acquire(blocking=False):
            raise TooLong
        try:
            yield self._at_once
        finally:
            self._at_once.lock.release()

    @contextmanager
    def _heeding(self, connection: Connection) -> Iterator[None]:
        """Give queries up when their time is over, or nobody waits for them any longer."""
        asker = ASKER.get()
        if not self.is_sqlite:
            with asker.waiting(connection) if asker else nullcontext():
                yield
            return
        until = time.monotonic() + self.query_timeout if self.query_timeout else None
        connection.info["until"], connection.info["asker"] = until, asker
        try:
            yield
        finally:
            connection.info["until"] = connection.info["asker"] = None

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """A connection that alone may write, until it is left: the one place that commits.

        Leaving it by an exception undoes everything. Raises `Locked` when another writer keeps
        the lock for longer than `busy_timeout`, `ReadOnly` when the store takes no writes.
        """
        # Waiting in line in Python is fairer than SQLite's polling: with 16 writers the 99th
        # percentile of a POST fell from 752 to 41 ms.
        if not self._write_lock.acquire(timeout=self.busy_timeout):
            raise Locked("Another request is still writing; send this one again.")
        try:
            with translated(), self.engine.connect() as connection:
                connection = connection.execution_options(sqlite_begin="IMMEDIATE")
                with connection.begin():
                    if not self.is_sqlite:
                        _lock_ledger(connection, self.busy_timeout)
                    yield Writer(connection)
        finally:
            self._write_lock.release()

    def count_rows(self) -> None:
        """Let the database find out how its rows are spread, by which it plans queries."""
        with self.writer() as writer:
            if self.is_sqlite:  # a sample of each index, in milliseconds
                writer.exec_driver_sql("PRAGMA analysis_limit = 1000")
                writer.exec_driver_sql("ANALYZE")
            else:
                writer.exec_driver_sql("ANALYZE")

    def version(self) -> int | None:
        """A number that changes with every write, by whichever process; None if unknown.

        SQLite counts the commits of others itself, on a connection of its own that never writes
        (https://sqlite.org/pragma.html#pragma_data_version): 3 µs. PostgreSQL is asked for the
        newest revision.
        """
        with self._watch_lock:
            if self._closed:
                return None
            try:
                if self._watch is None:
                    self._watch = self.engine.connect().execution_options(
                        isolation_level="AUTOCOMMIT"
                    )
                    raw = self._watch.connection.driver_connection
                    self._watch_cursor = raw.cursor()  # type: ignore[union-attr]  # it is open
                self._watch_cursor.execute(
                    "PRAGMA data_version" if self.is_sqlite else "SELECT max(seq) FROM revision"
                )
                (number,) = self._watch_cursor.fetchone()
                return int(number or 0)
            except Exception as error:  # whatever it is, only the cache is left out
                log.warning("the store's version cannot be read: %s", error)
                self._stop_watching()
                return None

    def _stop_watching(self) -> None:
        if self._watch is not None:
            watch, self._watch = self._watch, None
            watch.invalidate()
            watch.close()

    def scrub(self) -> None:
        """After a redaction: empty SQLite's log, in which the words still stand, into the file, as
        far as readers let go of it now. PostgreSQL's VACUUM takes dead rows away by itself."""
        if self.is_sqlite:
            with translated(), self.engine.connect() as connection:
                raw = connection.connection.driver_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]  # open

    def close(self) -> None:
        with self._at_once.lock:
            self._at_once.close()
        with self._watch_lock:
            self._closed = True
            self._stop_watching()
        self.engine.dispose()


def _is_in_memory(url: URL) -> bool:
    name = url.database or ":memory:"
    return name in (":memory:", "file::memory:") or url.query.get("mode") == "memory"


def _unwritten(url: URL) -> URL:
    """The URL of a SQLite file, with word that nobody writes to it where its folder takes no files.

    A reader makes files beside a store that is read by its log (https://sqlite.org/wal.html,
    "Read-Only Databases"), unless it is told that the file is immutable. It is not told so where
    others have the store open or died over it: their files then lie beside it.
    """
    name = url.database or ""
    path = Path(name)
    if name.startswith("file:") or not path.is_file() or os.access(path.parent, os.W_OK):
        return url
    log, index = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    if index.exists() or (log.exists() and log.stat().st_size):
        return url
    frozen = {"mode": "ro", "immutable": "1", "uri": "true"}
    return url.set(database=f"file:{quote(str(path.absolute()))}").update_query_dict(frozen)


def _is_ours(connection: Any) -> bool:
    """Whether a SQLite file is empty or a store: the journal of another program's is its own."""
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return "revision" in (names := {name for (name,) in rows}) or names <= {"alembic_version"}


class Hinting(SQLiteCompiler):
    """Writes `INDEXED BY …` (https://sqlite.org/lang_indexedby.html), of which SQLAlchemy knows
    only for other databases."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        return text


class AtOnce:
    """Reads a SQLite store on a connection of its own, and gives up what takes long."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.lock = threading.Lock()
        self._connection: Connection | None = None
        self._left = 0

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """As `Database.reader`; raises `TooLong` where the queries take more than `SHORT`."""
        with translated():
            if self._connection is None:
                self._connection = self.database.engine.connect().execution_options(reads=True)
                raw: Any = self._connection.connection.driver_connection
                raw.set_progress_handler(self._give_up, 1_000)
            self._left = SHORT
            try:
                with self._connection.begin():
                    yield self._connection
            except DBAPIError as error:
                if "interrupted" in str(error.orig):
                    raise TooLong from error
                raise

    def _give_up(self) -> bool:
        """Called every 1,000 steps; anything but 0 interrupts the query
        (https://sqlite.org/c3ref/progress_handler.html)."""
        self._left -= 1
        return self._left < 0

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()


def is_reader(connection: Connection) -> bool:
    """Whether what this connection sees was committed: it is one that a reader was given."""
    return "reads" in connection.get_execution_options()


def _parsed(url: str) -> URL:
    advice = (
        "ONRECORD_DATABASE_URL must be sqlite:///FILE or "
        "postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    )
    try:
        parsed = make_url(url)
        driver = parsed.get_backend_name(), parsed.get_driver_name()
        if driver not in (("sqlite", "pysqlite"), ("postgresql", "psycopg")):
            raise InvalidInput(advice)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise InvalidInput(advice) from error
    return parsed


def _lock_ledger(connection: Connection, timeout: float) -> None:
    """Line writers up: otherwise `max(seq)` could hide a revision that commits later.

    A writer takes as long as it needs: only reads are bounded.
    """
    limits = (
        "SELECT set_config('lock_timeout', :ms, true), set_config('statement_timeout', '0', true)"
    )
    connection.execute(text(limits), {"ms": str(int(timeout * 1000))})
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})


@contextmanager
def translated() -> Iterator[None]:
    """Raise what a database complains of as one of our own problems, where a caller can act."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("Every database connection is in use; try again shortly.") from error
    except DBAPIError as error:
        problem = _problem(error)
        if problem is None:
            raise
        raise problem from error


def _problem(error: DBAPIError) -> Unavailable | None:
    told = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None) or ""
    if "interrupted" in told or state == "57014":
        return TooSlow(
            "This took the database too long and was given up; ask for less: narrower dates, "
            "fewer filters, no count."
        )
    if "locked" in told or "busy" in told or state == "55P03":
        return Locked("Another process is writing to the store; try again shortly.")
    if "readonly" in told or "read-only" in told or state == "25006":
        return ReadOnly("The store is read-only; give the service write access to its database.")
    if "no such table" in told or "no such column" in told or state in ("42P01", "42703"):
        return NotMigrated("The store's tables do not fit this version; run `onrecord migrate`.")
    if "already exists" in told or state in ("42P07", "42710", "42723"):
        return NotMigrated(
            "Another program's table or view has a name that Onrecord needs; give Onrecord a "
            "database of its own."
        )
    if "disk is full" in told or "disk i/o error" in told or state.startswith("53"):
        return Unavailable("The store has no room or cannot write its file; the operator must act.")
    if "unable to open" in told:
        return Unavailable(
            "The database file cannot be opened; check that its folder exists and may be written."
        )
    if "malformed" in told or "not a database" in told or "decode" in told:
        return Unavailable("The database file is damaged or no SQLite database; restore a backup.")
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Unavailable("The database cannot be reached; try again shortly.")
    return None
