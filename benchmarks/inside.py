"""What is measured without HTTP: counting, import and export, and start, on either database."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson

from app.db import Database
from app.store import comparison, facets, timeline
from benchmarks import flat, serving
from benchmarks.stores import Stores
from benchmarks.table import Table

ROUNDS = int(os.environ.get("ONRECORD_BENCH_ROUNDS", "5"))
ONRECORD = [sys.executable, "-c", "from app.cli import main; main()"]

SHOWN = "r.until IS NULL AND r.factuality = 'actual' AND r.status <> 'rejected'"
GROUPED = {
    "facet of speakers": f"""SELECT value, count(*) FROM (SELECT DISTINCT r.statement, s.actor
        AS value FROM attribution_version r JOIN speaker s ON s.seq = r.seq
        WHERE {SHOWN} AND s.actor IS NOT NULL) AS found GROUP BY value""",
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


def fill(url: str, file: Path) -> None:
    """A store from an interchange file, by the command."""
    run(url, "migrate")
    run(url, "import", str(file), "--json")


def run(url: str, *arguments: str, out: Any = subprocess.DEVNULL) -> float:
    """Run the command on a store; returns the most memory that it had, in MB."""
    environment = {**os.environ, "ONRECORD_DATABASE_URL": url}
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


def count_everything(table: Table, stores: Stores) -> None:
    database = Database(stores.ours, mapped=True)
    with stores.driver() as driver:
        for name, sql in GROUPED.items():
            ours, theirs = [], []
            for _ in range(min(ROUNDS, 3)):
                ours += measured(lambda name=name: counts_of(database, name), 1)  # type: ignore[misc]
                theirs += measured(lambda sql=sql: driver.execute(sql).fetchall(), 1)  # type: ignore[misc]
            goal = 2 if "figures" in name else 1.5
            table.times(f"{name}, over everything: the SQL alone", ours, theirs, goal)
    database.close()


def export(table: Table, stores: Stores) -> None:
    """The whole record as NDJSON, beside the driver that fetches the same rows."""
    memory = 0.0

    def ours() -> None:
        nonlocal memory
        memory = max(memory, run(stores.ours, "export"))

    def theirs() -> None:
        sql = "SELECT type, body FROM revision ORDER BY seq"
        with stores.driver() as driver, open(os.devnull, "wb") as out:
            for type, body in stores.stream(driver, sql):
                out.write(orjson.dumps({"type": type, **orjson.loads(body)}))

    mine, others = measured(ours, 1), measured(theirs, 1)
    what = "export as NDJSON: the driver, the same rows, and orjson"
    _rate(table, what, mine, others, memory, 150)


def _rate(
    table: Table, what: str, ours: list[float], theirs: list[float], memory: float, most: int
) -> None:
    mine, others = statistics.median(ours), statistics.median(theirs)
    seconds, told = f"{mine:.1f} s, {memory:,.0f} MB", f"{others:.1f} s"
    table.row(what, seconds, told, f"{others / mine:.2f} × its rate", f"≥ 0.5 ×, < {most} MB")


def imports(
    table: Table,
    here: Path,
    empty: Callable[[str], AbstractContextManager[str]],
    theirs: Callable[[str, dict[str, Path]], None],
    beside: str,
) -> None:
    """The interchange file into an empty store, beside its lines flattened and inserted by what is
    named. `empty` makes an empty database of a name for as long as it is needed."""
    paths = flat.flatten(here / "world.ndjson", here)
    size = int(here.name)
    memory, mine, others = 0.0, [], []
    for _ in range(min(ROUNDS, 3) if size <= 10_000 else 1):
        with empty("mine") as url:
            run(url, "migrate")
            started = time.perf_counter()
            memory = max(memory, run(url, "import", str(here / "world.ndjson"), "--json"))
            mine.append(time.perf_counter() - started)
        with empty("theirs") as url:
            others += measured(lambda url=url: theirs(url, paths), 1)  # type: ignore[misc]
    for path in paths.values():
        path.unlink()
    what = f"import of {size:,} statements, ledgered and indexed: {beside}"
    _rate(table, what, mine, others, memory, 200)


def start(table: Table, stores: Stores) -> None:
    """From the command to the first answer, beside Python importing what we stand on."""

    def ours() -> None:
        with serving.serving(serving.OURS, stores.settings()) as server:
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
