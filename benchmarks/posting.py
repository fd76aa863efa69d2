"""How long a writer waits: 16 that post at once, beside the bare transactions of the same rows.

The rows that a post writes are listened to once. The bare driver puts the same rows into tables of
the same columns without keys or indexes, from 16 threads that take turns, in transactions that are
as durable (`synchronous = FULL`).
"""

import asyncio
import shutil
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event

from app.db import Database, sqlite_module
from app.models.api_key import Scope
from app.models.base import RecordType
from app.store import edit, keys
from benchmarks import serving
from benchmarks.table import Table

WRITERS, EACH = 16, 60
Row = tuple[str, int, Any]
"""A table, how many columns, and their values."""


def posts(table: Table, store: Path) -> None:
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        copy = Path(folder) / "store.db"
        shutil.copyfile(store, copy)
        database = Database(f"sqlite:///{copy}")
        rows = _rows(database)
        with database.writer() as writer:
            _, key = keys.create(writer, "bench", list(Scope))
        database.close()
        with serving.serving(
            serving.OURS, {"ONRECORD_DATABASE_URL": f"sqlite:///{copy}"}
        ) as server:
            ours = asyncio.run(_ours(server, key))
        theirs = _bare(Path(folder) / "bare.db", rows)
    what = f"one post, {WRITERS} writers at once, 99th percentile: bare transactions of its rows"
    table.times(what, [_p99(ours)], [_p99(theirs)], 5)


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]


def _record(number: int) -> dict[str, Any]:
    return {
        "id": f"posted-{number}",
        "content": f"Statement {number} of those that are posted",
        "lang": "en",
        "said_at": "2020-10-22",
        "topics": ["t1"],
    }


def _rows(database: Database) -> list[Row]:
    """What one post writes."""
    found: list[Row] = []

    def see(_c: Any, _cursor: Any, sql: str, given: Any, _context: Any, many: bool) -> None:
        words = sql.split()
        if words[0] == "INSERT":
            for values in given if many else [given]:
                found.append((words[2].strip('"'), len(values), tuple(values)))

    event.listen(database.engine, "before_cursor_execute", see)
    with database.writer() as writer:
        edit.create(writer, RecordType.statement, _record(0), edit.Why("bench"))
    event.remove(database.engine, "before_cursor_execute", see)
    return found


async def _ours(server: serving.Server, key: str) -> list[float]:
    taken: list[float] = []

    async def post(writer: int) -> None:
        async with serving.Client(server.port) as client:
            for number in range(EACH):
                body = orjson.dumps(_record(1 + writer * EACH + number))
                began = time.perf_counter()
                status, head, _ = await client.post("/v1/statements", body, key)
                taken.append(time.perf_counter() - began)
                assert status == 201, head

    await asyncio.gather(*(post(writer) for writer in range(WRITERS)))
    return taken


def _bare(file: Path, rows: list[Row]) -> list[float]:
    module: Any = sqlite_module()
    made = module.connect(str(file))
    made.execute("PRAGMA journal_mode = WAL")
    for name, width, _ in rows:
        columns = ", ".join(f"c{place}" for place in range(width))
        made.execute(f'CREATE TABLE IF NOT EXISTS "{name}_{width}" ({columns})')
    made.commit()
    made.close()
    turn, taken = threading.Lock(), list[float]()

    def write() -> None:
        connection: sqlite3.Connection = module.connect(str(file), isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        for _ in range(EACH):
            began = time.perf_counter()
            with turn:
                connection.execute("BEGIN IMMEDIATE")
                for name, width, values in rows:
                    places = ", ".join("?" * width)
                    connection.execute(f'INSERT INTO "{name}_{width}" VALUES ({places})', values)
                connection.execute("COMMIT")
            taken.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken
