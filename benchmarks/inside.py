"""What is measured without HTTP: counting, import and export, start, and the same on PostgreSQL."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from app.db import Database, sqlite_module
from app.store import bulk, comparison, facets, read, schema, timeline
from app.store.query import StatementQuery
from benchmarks import flat, serving
from benchmarks.table import Table

ROUNDS = int(os.environ.get("ONRECORD_BENCH_ROUNDS", "5"))
ONRECORD = [sys.executable, "-c", "from app.cli import main; main()"]

SHOWN = "r.until IS NULL AND r.factuality = 'actual' AND r.status <> 'rejected'"
GROUPED = {
    "facet of speakers": f"""SELECT value, count(*) FROM (SELECT DISTINCT r.statement, s.actor
        AS value FROM attribution_version r JOIN speaker s ON s.seq = r.seq
        WHERE {SHOWN} AND s.actor IS NOT NULL) GROUP BY value""",
    "facet of quotation types": f"""SELECT quotation_type, count(DISTINCT statement)
        FROM attribution_version r WHERE {SHOWN} GROUP BY quotation_type""",
    "timeline": """SELECT lower / 86400, upper / 86400, basis, count(*) FROM listing
        WHERE until IS NULL AND reported GROUP BY 1, 2, 3""",
    "comparison of figures": f"""SELECT r.document, f.* FROM attribution_version r
        JOIN figure f ON f.seq = r.seq JOIN listing l ON l.statement = r.statement
        WHERE {SHOWN} AND l.until IS NULL AND f.measure = 'killed'
        ORDER BY l.newest DESC LIMIT 5000""",
}
"""The shortest SQL that counts the same."""


def measured(work: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """Seconds that the work takes, each time."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def fill(store: Path, file: Path) -> None:
    """A store from an interchange file, by the command."""
    run(store, "migrate")
    run(store, "import", str(file), "--json")


def run(store: Path, *arguments: str, out: Any = subprocess.DEVNULL) -> float:
    """Run the command on a store; returns the most memory that it had, in MB."""
    environment = {**os.environ, "ONRECORD_DATABASE_URL": f"sqlite:///{store}"}
    process = subprocess.Popen([*ONRECORD, *arguments], env=environment, stdout=out)
    most = 0.0
    while process.poll() is None:
        most = max(most, _most(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0, arguments
    return most


def _most(process: int) -> float:
    """The most memory that a process has had, in MB. What `wait4` tells may be its parent's."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    found = [line for line in lines if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) / 1024 if found else 0.0


def counts_of(database: Database, name: str) -> None:
    with database.reader() as reader:
        if name == "timeline":
            timeline.timeline(reader, timeline.TimelineQuery())
        elif name == "comparison of figures":
            comparison.compare(reader, comparison.ComparisonQuery(measure=["killed"]))
        else:
            facet = "speaker" if "speakers" in name else "quotation_type"
            facets.facets(reader, facets.FacetQuery.model_validate({"facet": [facet]}))


def count_everything(table: Table, store: Path) -> None:
    database = Database(f"sqlite:///{store}", mapped=True)
    driver = sqlite_module().connect(str(store))
    driver.execute(f"PRAGMA mmap_size = {2**40}")
    for name, sql in GROUPED.items():
        ours, theirs = [], []
        for _ in range(min(ROUNDS, 3)):
            ours += measured(lambda name=name: counts_of(database, name), 1)  # type: ignore[misc]
            theirs += measured(lambda sql=sql: driver.execute(sql).fetchall(), 1)  # type: ignore[misc]
        goal = 2 if "figures" in name else 1.5
        table.times(f"{name}, over everything: the SQL alone", ours, theirs, goal)
    database.close()
    driver.close()


def export(table: Table, store: Path) -> None:
    """The whole record as NDJSON, beside the driver that fetches the same rows."""
    memory = 0.0

    def ours() -> None:
        nonlocal memory
        memory = max(memory, run(store, "export"))

    def theirs() -> None:
        driver = sqlite_module().connect(str(store))
        with open(os.devnull, "wb") as out:
            for type, body in driver.execute("SELECT type, body FROM revision ORDER BY seq"):
                out.write(orjson.dumps({"type": type, **orjson.loads(body)}))
        driver.close()

    mine, others = measured(ours, 1), measured(theirs, 1)
    ratio = statistics.median(others) / statistics.median(mine)
    seconds = f"{statistics.median(mine):.1f} s, {memory:,.0f} MB"
    told = f"{statistics.median(others):.1f} s"
    what = "export as NDJSON: the driver, the same rows, and orjson"
    table.row(what, seconds, told, f"{ratio:.2f} × its rate", "≥ 0.5 ×, < 150 MB")


def imports(table: Table, here: Path, programs: Path) -> None:
    """The interchange file into an empty store, beside its lines flattened for sqlite-utils."""
    paths = flat.flatten(here / "world.ndjson", here)
    memory, mine, others = 0.0, [], []
    for _ in range(min(ROUNDS, 3)):
        for name in ("mine.db", "mine.db-wal", "mine.db-shm", "theirs.db"):
            (here / name).unlink(missing_ok=True)
        run(here / "mine.db", "migrate")
        started = time.perf_counter()
        memory = max(memory, run(here / "mine.db", "import", str(here / "world.ndjson"), "--json"))
        mine.append(time.perf_counter() - started)
        others += measured(
            lambda: flat.insert(programs / "sqlite-utils", paths, here / "theirs.db"), 1
        )
    ratio = statistics.median(others) / statistics.median(mine)
    seconds = f"{statistics.median(mine):.1f} s, {memory:,.0f} MB"
    what = f"import of {here.name} statements, ledgered and indexed: sqlite-utils and its FTS"
    told = f"{statistics.median(others):.1f} s"
    table.row(what, seconds, told, f"{ratio:.2f} × its rate", "≥ 0.5 ×, < 200 MB")


def start(table: Table, store: Path) -> None:
    """From the command to the first answer, beside Python importing what we stand on."""

    def ours() -> None:
        with serving.serving(
            serving.OURS, {"ONRECORD_DATABASE_URL": f"sqlite:///{store}"}
        ) as server:
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert b" 200 " in connection.recv(1000)
            taken.append(time.perf_counter() - began)

    def theirs() -> None:
        subprocess.run([sys.executable, "-c", "import fastapi, sqlmodel"], check=True)

    taken: list[float] = []
    others = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ours()
        others += measured(theirs, 1)
    table.times('start to first answer: `python -c "import fastapi, sqlmodel"`', taken, others, 2)


def postgresql(table: Table, url: str, file: Path) -> None:
    """A page and a search on PostgreSQL, beside psycopg fetching the page's rows."""
    database = Database(url)
    schema.migrate(database)
    with file.open("rb") as lines:
        for progress in bulk.import_file(database, lines, agent="bench"):
            assert not progress.errors
    database.count_rows()

    def page(**asked: Any) -> None:
        with database.reader() as reader:
            read.statements(reader, StatementQuery.model_validate(asked))

    def rows() -> None:
        with database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            keys = [
                row[0]
                for row in raw.execute(
                    "SELECT statement FROM listing WHERE until IS NULL AND reported "
                    "ORDER BY newest DESC, statement DESC LIMIT 21"
                ).fetchall()
            ]
            for name in ("key", "statement"):
                versions = "statement_version" if name == "key" else "attribution_version"
                raw.execute(
                    f"SELECT document FROM {versions} WHERE {name} = ANY(%s) AND until IS NULL",
                    (keys,),
                ).fetchall()

    works: tuple[tuple[str, Callable[[], None]], ...] = (
        ("page of 20, from the store", page),
        ("search 'ceasefire corridor', from the store", lambda: page(q="ceasefire corridor")),
        ("filter speaker=p0, from the store", lambda: page(speaker=["p0"])),
    )
    for what, work in works:
        work()
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours += measured(work, 4)
            theirs += measured(rows, 4)
        table.times(f"PostgreSQL: {what}: psycopg, the page's rows", ours, theirs, None)
    database.close()
