"""`make bench`: how fast it is, side by side with what one could take instead, on the same data.

Prints a table and writes it to benchmarks/results.md. Rounds of the rivals take turns, so what else
the machine does meets all of them; the ratios are what to compare.

`ONRECORD_BENCH_SIZES` are the numbers of statements (10000,100000,1000000; 10000000 works too and
takes hours); with `ONRECORD_BENCH_FOLDER` the stores are kept there, and used again if they are
there already. Datasette and sqlite-utils are installed from `requirements.lock` into a venv of
their own.
"""

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from app import __version__
from app.db import Database, sqlite_module
from app.store import schema
from benchmarks import flat, inside, posting, serving, world
from benchmarks.table import Table
from tests import postgres

SIZES = [
    int(one) for one in os.environ.get("ONRECORD_BENCH_SIZES", "10000,100000,1000000").split(",")
]
ROUNDS = int(os.environ.get("ONRECORD_BENCH_ROUNDS", "5"))
HERE = Path(__file__).parent
PAGE = "/v1/statements"
FLAT = "/flat/statement.json?_size=20&_shape=objects&_nocount=1&_nofacet=1&_nosuggest=1"
SEARCHES = ["ceasefire corridor", "mediation talks", "перемирие мост", "karvan körpü"]
FILTERS = [
    "speaker=p0", "speaker=p30", "member_of=o1", "on_behalf_of=o3", "via=m3", "about=o3",
    "topic=t3", "topic=t15", "source=s77", "publisher=m3", "publisher=m180",
    "said_from=2010-03&said_to=2010-04", "published_from=2010-03&published_to=2010-04",
    "speech_act=denial", "quotation_type=mixed", "speaker_status=anonymous",
    "speaker_status=unattributed", "factuality=hypothetical", "polarity=negated", "lang=hy",
    "status=disputed", "has_figures=true", "has_figures=false", "measure=killed",
    "population=civilian", "party=o2", "relation=denies", "related_to=st500",
]  # fmt: skip
PAIRS = [
    "speaker=p0&topic=t3", "speaker=p0&said_from=2020&said_to=2021", "topic=t1&said_from=2020",
    "publisher=m3&topic=t3", "member_of=o1&topic=t3", "speaker=p1&publisher=m3",
    "topic=t1&has_figures=true", "member_of=o1&said_from=2015&said_to=2016",
    "measure=killed&party=o2", "speaker=p0&lang=hy",
]  # fmt: skip
"""What people would ask: who on what, who when, what an outlet has on a topic, whose losses."""


def main() -> None:
    table = Table()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("ONRECORD_BENCH_FOLDER", temporary))
        programs = _rivals(folder)
        medians = {}
        for size in SIZES:
            here = folder / str(size)
            _make(here, size, programs)
            table.section(f"{size:,} statements")
            asyncio.run(_pages(table, here, programs))
            asyncio.run(_searches(table, here, programs))
            medians[size] = asyncio.run(_filters(table, here))
            inside.count_everything(table, here / "store.db")
            inside.export(table, here / "store.db")
        table.section("all sizes")
        growth = medians[SIZES[-1]] / medians[SIZES[0]]
        name = f"median of the filters, from {SIZES[0]:,} to {SIZES[-1]:,} statements"
        table.row(name, f"× {growth:.1f}", "", "", "≤ 2 ×")
        inside.start(table, folder / str(SIZES[0]) / "store.db")
        inside.imports(table, folder / str(SIZES[0]), programs)
        posting.posts(table, (folder / str(SIZES[0]) / "store.db").resolve())
        for admin in postgres.start():
            inside.postgresql(table, admin, folder / str(SIZES[0]) / "world.ndjson")
    table.write(HERE / "results.md", _about())


def _about() -> str:
    lock = (HERE / "requirements.lock").read_text(encoding="utf-8")
    datasette = lock.split("datasette==")[1].split()[0]
    return (
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Onrecord {__version__}, "
        f"SQLite {sqlite_module().sqlite_version}, Datasette {datasette}. One worker, medians of "
        f"{ROUNDS} rounds that take turns. Compare the ratios, not the absolute figures."
    )


# --- the data -----------------------------------------------------------------------------------


def _rivals(folder: Path) -> Path:
    """Where the programs of the others are; installs them where they are not."""
    programs = folder / "rivals" / "bin"
    if not (programs / "datasette").exists():
        venv.create(folder / "rivals", with_pip=True)
        pip = [str(programs / "pip"), "install", "--quiet", "--require-hashes", "--requirement"]
        subprocess.run([*pip, str(HERE / "requirements.lock")], check=True)
    return programs


def _make(here: Path, size: int, programs: Path) -> None:
    """The same record for everybody: an interchange file, our store, theirs, and the textbook's."""
    here.mkdir(parents=True, exist_ok=True)
    file, ours = here / "world.ndjson", here / "store.db"
    if not file.exists():
        with file.open("wb") as out:
            out.writelines(world.lines(size))
    if not ours.exists():
        inside.fill(ours, file)
    database = Database(f"sqlite:///{ours}")
    schema.migrate(database)
    database.count_rows()
    database.close()
    if not (here / "flat.db").exists():
        flat.insert(programs / "sqlite-utils", flat.flatten(file, here), here / "flat.db")
        flat.index(programs / "sqlite-utils", here / "flat.db")
    if not (here / "textbook.db").exists():
        flat.fill_textbook(file, here / "textbook.db")


# --- over HTTP ----------------------------------------------------------------------------------


def _ours(here: Path, cache: str) -> dict[str, str]:
    return {"ONRECORD_DATABASE_URL": f"sqlite:///{here}/store.db", "ONRECORD_CACHE": cache}


def _datasette(here: Path, programs: Path) -> list[str]:
    patient = ["--setting", "sql_time_limit_ms", "60000"]  # it gives a query up after a second
    return [str(programs / "datasette"), "serve", str(here / "flat.db"), *patient, "-p"]


async def _pages(table: Table, here: Path, programs: Path) -> None:
    same = here / "page.json"
    theirs = _datasette(here, programs)
    textbook = {"TEXTBOOK_URL": f"sqlite:///{here}/textbook.db"}
    with serving.serving(serving.OURS, _ours(here, "false")) as uncached:
        page, tag = await serving.body(uncached, PAGE)
        same.write_bytes(page)
        bare = [sys.executable, "-c", serving.BARE, str(same)]
        with (
            serving.serving(serving.OURS, _ours(here, "true")) as cached,
            serving.serving(theirs, {}) as datasette,
            serving.serving(serving.TEXTBOOK, textbook) as taught,
            serving.serving(bare, {}) as plain,
        ):
            asked: dict[str, tuple[serving.Server, str, str]] = {
                "uncached": (uncached, PAGE, ""),
                "cached": (cached, PAGE, ""),
                "unchanged": (cached, PAGE, f"If-None-Match: {tag}\r\n"),
                "datasette": (datasette, f"{FLAT}&_sort_desc=said_at", ""),
                "textbook": (taught, "/statements", ""),
                "bare": (plain, "/", ""),
            }
            rates: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
            for _ in range(ROUNDS):
                for name, (server, path, headers) in asked.items():
                    rates[name].append(await serving.rate(server, path, headers=headers))
    table.about(f"The page has 20 statements with reports, speakers, sources: {len(page):,} bytes.")
    for place, measure in enumerate(("", ", by processor time")):
        of = {name: statistics.median(pair[place] for pair in some) for name, some in rates.items()}
        for what, one, other, goal in (
            ("page, uncached: Datasette's flat page", "uncached", "datasette", 10),
            ("page, uncached: the textbook service", "uncached", "textbook", 15),
            ("the page again, from the cache: bare ASGI, the same bytes", "cached", "bare", 0.6),
            ("the page again, 304: bare ASGI, the same bytes", "unchanged", "bare", 0.6),
        ):
            table.compare(f"{what}{measure}", of[one], of[other], goal)


async def _searches(table: Table, here: Path, programs: Path) -> None:
    theirs = _datasette(here, programs)
    ratios = []
    with (
        serving.serving(serving.OURS, _ours(here, "false")) as ours,
        serving.serving(theirs, {}) as datasette,
    ):
        for words in SEARCHES:
            asked = quote(words)
            mine, others = [], []
            for _ in range(ROUNDS):
                mine += await serving.times(ours, f"{PAGE}?q={asked}", 3)
                others += await serving.times(datasette, f"{FLAT}&_search={asked}", 3)
            ratios.append(statistics.median(others) / statistics.median(mine))
            table.times(f"search {words!r}, page of 20: Datasette's", mine, others, None)
    table.row("search: median of these", f"{statistics.median(ratios):.2f} ×", "", "", "≥ 5 ×")


async def _filters(table: Table, here: Path) -> float:
    """How the filters stand to the first page without one; returns the median of their seconds."""
    plain: list[float] = []
    found: dict[str, list[float]] = {one: [] for one in (*FILTERS, *PAIRS)}
    with serving.serving(serving.OURS, _ours(here, "false")) as port:
        for _ in range(ROUNDS):
            plain += await serving.times(port, PAGE, 3)
            for asked, some in found.items():
                some += await serving.times(port, f"{PAGE}?{asked}", 2)
    first = statistics.median(plain)
    medians = {asked: statistics.median(some) for asked, some in found.items()}
    for name, group in (("filters", FILTERS), ("pairs of filters", PAIRS)):
        ratios = sorted(medians[asked] / first for asked in group)
        slowest = max(group, key=lambda asked: medians[asked])
        p95 = ratios[min(len(ratios) - 1, int(len(ratios) * 0.95))]
        what = f"{len(group)} {name}, to the unfiltered first page ({first * 1000:.1f} ms)"
        told = f"median {statistics.median(ratios):.1f} ×, p95 {p95:.1f} ×"
        table.row(what, told, f"slowest {slowest}", f"{ratios[-1]:.1f} ×", "≤ 3 ×, ≤ 6 ×")
    return statistics.median(medians.values())


if __name__ == "__main__":
    main()
