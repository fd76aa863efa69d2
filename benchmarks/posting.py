"""How long a writer waits: 16 that post at once, beside the bare transactions of the same rows.

The rows that a post writes are listened to once. The bare driver puts the same rows into tables of
the same columns without keys or indexes, from 16 threads, in transactions that are as durable. On
SQLite the threads take turns, since one alone may write.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event

from app.db import Database
from app.models.api_key import Scope
from app.models.base import RecordType
from app.store import edit, keys
from benchmarks import inside, serving, stores
from benchmarks.table import Table

WRITERS, EACH = 16, 60
Row = tuple[str, tuple[Any, ...]]
"""A table, and the values of its columns."""


def posts(table: Table, here: Path, empty: Callable[[str], AbstractContextManager[str]]) -> None:
    """Over the record of a folder; `empty` makes an empty database of a name for so long."""
    with empty("posted") as url:
        inside.fill(url, here / "world.ndjson")
        database = Database(url)
        rows = _rows(database)
        with database.writer() as writer:
            _, key = keys.create(writer, "bench", list(Scope))
        database.close()
        with serving.serving(serving.OURS, {"ONRECORD_DATABASE_URL": url}) as server:
            ours = asyncio.run(_ours(server, key))
    with empty("bare") as url:
        theirs = _bare(url, rows)
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
                row = values.values() if isinstance(values, Mapping) else values
                found.append((words[2].strip('"'), tuple(row)))

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


def _bare(url: str, rows: list[Row]) -> list[float]:
    is_sqlite = url.startswith("sqlite")
    place = "?" if is_sqlite else "%s"
    made = stores.connect(url)
    if is_sqlite:
        made.execute("PRAGMA journal_mode = WAL")
    inserts: list[tuple[str, tuple[Any, ...]]] = []
    for number, (name, values) in enumerate(rows):
        columns = ", ".join(f"c{at} {_KINDS[type(one)]}" for at, one in enumerate(values))
        made.execute(f'CREATE TABLE "{name}_{number}" ({columns})')
        places = ", ".join([place] * len(values))
        inserts.append((f'INSERT INTO "{name}_{number}" VALUES ({places})', values))
    made.commit()
    made.close()
    turn: AbstractContextManager[Any] = threading.Lock() if is_sqlite else nullcontext()
    taken: list[float] = []

    def write() -> None:
        connection = stores.connect(url)
        if is_sqlite:
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous = FULL")
        else:
            connection.autocommit = True
        for _ in range(EACH):
            began = time.perf_counter()
            with turn:
                connection.execute("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
                for sql, values in inserts:
                    connection.execute(sql, values)
                connection.execute("COMMIT")
            taken.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


_KINDS = {
    int: "bigint",
    bool: "boolean",
    float: "double precision",
    bytes: "bytea",
    str: "text",
    type(None): "text",
}
