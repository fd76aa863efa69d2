"""`python -m benchmarks.faults`: what happens while the store cannot be written, and after it.

While writers and readers go on: another process keeps the database locked for ten seconds, on
SQLite and on PostgreSQL; the disk is full; PostgreSQL is stopped, and started again. Writes must
be answered 503 with `Retry-After`, reads must go on where there is a database to be read, all of
it must be well again without a restart of the server, and nothing may be lost that was
acknowledged. Exits with 1 if anything is wrong.
"""

import argparse
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

from app.db import LEDGER_LOCK, Database
from app.store import schema
from benchmarks.crew import SETTINGS, Client, Crew, enter, prepare, report, sound
from benchmarks.kills import store
from tests.postgres import Cluster
from tests.serving import served

LOCKED = 10.0
PATHS = ("/v1/actors", "/v1/actors?q=writer", "/v1/statements", "/v1/statements?limit=3&q=said")
Trouble = Callable[[], None]


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser("python -m benchmarks.faults")
    parser.add_argument("--writers", type=int, default=24)
    asked = parser.parse_args(arguments)
    writers: int = asked.writers
    well = True
    with store(False) as (url, _):
        well &= through("SQLite locked by another process", url, writers, _locked(url))
    with store(False) as (url, _):
        well &= through("disk full", url, writers, None)
    with store(True) as (url, _):
        well &= through("PostgreSQL locked by another process", url, writers, _held(url))
    with store(True) as (url, cluster):
        assert cluster
        well &= through("PostgreSQL stopped", url, writers, _stopped(cluster), reads=False)
    return well


def through(
    what: str, url: str, writers: int, trouble: Trouble | None, *, reads: bool = True
) -> bool:
    """Make trouble for a server with so many writers; whether it behaves.

    Without a trouble of its own the disk is full. `reads`: whether they must go on.
    """
    database = Database(url)
    schema.migrate(database)
    key = enter(database)
    with served(url, ONRECORD_BUSY_TIMEOUT="2", **SETTINGS) as (address, process):
        port = int(address.rpartition(":")[2])
        prepare(port, key)
        crew, reader = Crew(port, key, writers), Reader(port)
        crew.start()
        reader.start()
        _wait(crew, 200)
        before, refused, failed = crew.acknowledged, crew.counts["refused"], len(reader.failed)
        if trouble:
            trouble()
        else:
            with _full(process.pid):
                time.sleep(5)
        during, refused = crew.acknowledged - before, crew.counts["refused"] - refused
        failed, slowest = len(reader.failed) - failed, reader.slowest
        restored = time.monotonic()
        _wait(crew, crew.acknowledged + 200)
        recovered = time.monotonic() - restored
        crew.finish()
        reader.finish()
        crew.faults += reader.faults
        if not refused:
            crew.faults.append("no write was refused: there was no trouble")
        if reads and failed:
            crew.faults.append(f"{failed} reads failed: {sorted(set(reader.failed))}")
        crew.check()
    crew.faults += sound(database, os.environ | {"ONRECORD_DATABASE_URL": url})
    database.close()
    figures = {
        "acknowledged": crew.acknowledged,
        "of these meanwhile": during,
        "refused": refused,
        "reads": reader.count,
        "reads failed meanwhile": failed,
        "slowest read (ms)": round(slowest * 1_000),
        "seconds to 200 more writes": round(recovered, 1),
    }
    return report(f"{what}, {writers} writers", figures, crew.faults)


class Reader(threading.Thread):
    """Reads without pause, and remembers what it was answered and how long that took."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.client = Client(port)
        self.ending = threading.Event()
        self.count = 0
        self.slowest = 0.0
        self.failed: list[int] = []
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                for path in PATHS:
                    started = time.monotonic()
                    answer = self.client.ask("GET", path)
                    self.slowest = max(self.slowest, time.monotonic() - started)
                    self.count += 1
                    if answer.status != 200:
                        self.failed.append(answer.status)
                    if answer.status not in (200, 503):
                        raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
                    if answer.status == 503 and "retry-after" not in answer.headers:
                        raise RuntimeError("503 without Retry-After")
                time.sleep(0.01)
        except Exception as error:  # told at the end
            self.faults.append(f"the reader: {error!r}")

    def finish(self) -> None:
        self.ending.set()
        self.join(60)


def _wait(crew: Crew, count: int) -> None:
    end = time.monotonic() + 120
    while crew.acknowledged < count and not crew.faults and time.monotonic() < end:
        time.sleep(0.02)
    if crew.acknowledged < count:
        crew.faults.append("writing does not go on")


# --- troubles -----------------------------------------------------------------------------------


def _locked(url: str) -> Trouble:
    """A process that keeps SQLite's write lock."""

    def trouble() -> None:
        code = (
            "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None, "
            "timeout=30); c.execute('BEGIN IMMEDIATE'); time.sleep(float(sys.argv[2]))"
        )
        path = url.removeprefix("sqlite:///")
        subprocess.run([sys.executable, "-c", code, path, str(LOCKED)], check=True)

    return trouble


def _held(url: str) -> Trouble:
    """Another client of PostgreSQL that keeps the ledger's lock."""

    def trouble() -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})
            time.sleep(LOCKED)
        engine.dispose()

    return trouble


def _stopped(cluster: Cluster) -> Trouble:
    """PostgreSQL is down for a while."""

    def trouble() -> None:
        cluster.stop()
        time.sleep(5)
        cluster.start_again()

    return trouble


ROOM = 100_000
"""Bytes that a file may have while the disk is full."""


@contextmanager
def _full(pid: int) -> Iterator[None]:
    """Nothing is written behind the first bytes of a file: that is refused as on a full disk, but
    that the system says EFBIG instead of ENOSPC."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


if __name__ == "__main__":
    sys.exit(not main())
