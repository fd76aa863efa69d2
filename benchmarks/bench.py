"""`make bench`: how fast it is, beside a bare application in the same run.

Prints a table and writes it to benchmarks/results.md. Absolute figures are this machine's; the
ratios are what to compare. `ONRECORD_BENCH_SIZE` sets the number of statements (100,000).
"""

import asyncio
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app import __version__
from app.db import Database, sqlite_module
from app.store import bulk, ledger, read, schema, suggest
from app.store.query import StatementQuery
from benchmarks import world
from tests import postgres

SIZE = int(os.environ.get("ONRECORD_BENCH_SIZE", "100000"))
ROUNDS = 5
QUERIES = [
    "ceasefire corridor",
    "перемирие мост",
    "shelling village",
    "Aliyev talks",
    "karvan körpü",
]
Rows = list[tuple[str, str]]


def main() -> None:
    rows: Rows = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.ndjson"
        with file.open("wb") as out:
            out.writelines(world.lines(SIZE))
        url = f"sqlite:///{folder}/bench.db"
        _store(rows, "SQLite", url, file)
        _http(rows, url)
        _past(rows, url)
        _suggest(rows, f"sqlite:///{folder}/names.db")
        for admin in postgres.start():
            _store(rows, "PostgreSQL", admin, file)
    _print(rows)


def _store(rows: Rows, name: str, url: str, file: Path) -> None:
    database = Database(url)
    schema.migrate(database)
    started = time.perf_counter()
    with file.open("rb") as lines:
        for progress in bulk.import_file(database, lines, agent="bench"):
            assert not progress.errors, progress.errors[0]
    taken = time.perf_counter() - started
    rows.append((f"{name}: import, statements with their reports", f"{SIZE / taken:,.0f} a second"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append((f"{name}: peak memory of this process so far", f"{memory:,.0f} MB"))
    page = _median(partial(_page, database))
    rows.append((f"{name}: a page of 20 statements with reports, from the store", _ms(page)))
    for q in QUERIES:
        rows.append(
            (f"{name}: search {q!r}, first page", _ms(_median(partial(_page, database, q=q))))
        )
    database.close()


def _page(database: Database, **asked: object) -> None:
    with database.reader() as reader:
        assert read.statements(reader, StatementQuery.model_validate(asked)).items


def _past(rows: Rows, url: str) -> None:
    """A page of the past, after as many changes as there are statements."""
    database = Database(url)
    with database.reader() as reader:
        then = ledger.head(reader).recorded_at
    with tempfile.TemporaryFile() as changed:
        for line in world.lines(SIZE):
            changed.write(
                line.replace(b'"speech_act": "', b'"occasion": "changed", "speech_act": "')
            )
        changed.seek(0)
        for _ in bulk.import_file(database, changed, agent="bench"):
            pass
    now = _median(partial(_page, database))
    past = _median(partial(_page, database, known_at=then))
    rows.append(
        (
            f"SQLite: a page as of before {SIZE:,} changes",
            f"{past / now:.1f} × the present one ({_ms(past)})",
        )
    )
    database.close()


def _suggest(rows: Rows, url: str) -> None:
    database = Database(url)
    schema.migrate(database)
    with tempfile.TemporaryFile() as names:
        names.writelines(line for line in world.lines(1, actors=100_000) if b'"actor"' in line)
        names.seek(0)
        for _ in bulk.import_file(database, names, agent="bench"):
            pass
    for typed in ("Паш", "ali", "Nikol H", "a"):

        def look(typed: str = typed) -> None:
            with database.reader() as reader:
                assert suggest.suggest(reader, typed, types=list(suggest.TYPES), limit=10)

        rows.append((f"SQLite: suggest {typed!r} among 100,000 names", _ms(_median(look))))
    database.close()


def _median(work: Callable[[], None]) -> float:
    """Seconds that the work takes: the median of several rounds, the first not counted."""
    taken = []
    for _ in range(ROUNDS * 4 + 1):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


# --- over HTTP ----------------------------------------------------------------------------------

BARE = """
import sys
async def app(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-length", b"%d"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * %d})
import uvicorn
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
"""


def _http(rows: Rows, url: str) -> None:
    path = "/v1/statements"
    size = 0
    rates: dict[str, list[float]] = {"bare": [], "cached": [], "uncached": []}
    for _ in range(ROUNDS):
        for name, cache in (("cached", "true"), ("uncached", "false")):
            environment = {
                "ONRECORD_DATABASE_URL": url,
                "ONRECORD_CACHE": cache,
                "ONRECORD_RATE_LIMIT": "1000000000/minute",  # counted, never reached
            }
            with _server(
                [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port"],
                environment,
            ) as port:
                size = asyncio.run(_size(port, path))
                rates[name].append(asyncio.run(_rate(port, path)))
        with _server([sys.executable, "-c", BARE % (size, size)], {}) as port:
            rates["bare"].append(asyncio.run(_rate(port, path)))
    bare = statistics.median(rates["bare"])
    rows.append(
        (f"bare ASGI application that sends the same {size:,} bytes", f"{bare:,.0f} a second")
    )
    for name in ("cached", "uncached"):
        rate = statistics.median(rates[name])
        rows.append((f"GET {path}, {name}", f"{rate:,.0f} a second, {rate / bare:.2f} × bare"))


@contextmanager
def _server(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, str(port)], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> int:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0], head
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return length


async def _size(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    size = await _ask(reader, writer, path)
    writer.close()
    return size


async def _rate(port: int, path: str, seconds: float = 2.0, clients: int = 8) -> float:
    """Answers a second, with several clients that keep their connections."""
    stop = time.perf_counter() + seconds

    async def client() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        count = 0
        while time.perf_counter() < stop:
            await _ask(reader, writer, path)
            count += 1
        writer.close()
        return count

    counts = await asyncio.gather(*(client() for _ in range(clients)))
    return sum(counts) / seconds


def _print(rows: Rows) -> None:
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name:{width}}  {figure}")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    versions = f"Onrecord {__version__}, SQLite {sqlite_module().sqlite_version}"
    table = "\n".join(f"| {name} | {figure} |" for name, figure in rows)
    text = (
        "# What it costs\n\n"
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {SIZE:,} statements, {machine}, "
        f"{versions}.\nMedians of several rounds; compare the ratios, not the absolute figures.\n\n"
        f"| what | figure |\n|---|---|\n{table}\n"
    )
    Path(__file__).with_name("results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
