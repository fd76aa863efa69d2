"""`make bench`: how fast it is, side by side with what one could take instead, on the same data.

Prints a table and writes it to benchmarks/results.md. Rounds of the rivals take turns, so what else
the machine does meets all of them; the ratios are what to compare.

`ONRECORD_BENCH_SIZES` are the numbers of statements (10000,100000,1000000; 10000000 works too and
takes hours); with `ONRECORD_BENCH_FOLDER` the stores are kept there, and used again if they are
there already. `ONRECORD_BENCH_DATABASES` is sqlite,postgresql; where PostgreSQL is run by root, its
user `nobody` must be able to enter the folder. Datasette and sqlite-utils are installed from
`requirements.lock` into a venv of their own.
"""

import asyncio
import os
import platform
import subprocess
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app import __version__
from app.db import Database
from app.store import schema
from benchmarks import flat, inside, pages, posting, stores, world
from benchmarks.stores import Stores
from benchmarks.table import Table

SIZES = [
    int(one) for one in os.environ.get("ONRECORD_BENCH_SIZES", "10000,100000,1000000").split(",")
]
DATABASES = os.environ.get("ONRECORD_BENCH_DATABASES", "sqlite,postgresql").split(",")
HERE = Path(__file__).parent


def main() -> None:
    table = Table()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("ONRECORD_BENCH_FOLDER", temporary))
        programs = _rivals(folder)
        for size in SIZES:
            _make(folder / str(size), size, programs)
        for database in DATABASES:
            (_sqlite if database == "sqlite" else _postgresql)(table, folder, programs)
    table.write(HERE / "results.md", _about())


def _sqlite(table: Table, folder: Path, programs: Path) -> None:
    _reads(table, folder, programs, stores.on_sqlite)
    first = folder / str(SIZES[0])
    theirs = partial(_sqlite_utils, programs)
    for size in [size for size in SIZES if size <= MOST_IMPORTED]:
        inside.imports(table, folder / str(size), _file, theirs, "sqlite-utils and its FTS")
    posting.posts(table, first, _file)


def _postgresql(table: Table, folder: Path, programs: Path) -> None:
    with stores.server(folder) as server:
        _reads(table, folder, programs, partial(stores.on_postgresql, server))
        first, empty = folder / str(SIZES[0]), partial(stores.empty, server)
        inside.imports(table, first, empty, _psycopg, "psycopg's COPY and text search")
        posting.posts(table, first, empty)


def _reads(table: Table, folder: Path, programs: Path, of: Callable[[Path], Stores]) -> None:
    """All that is asked of stores of all sizes."""
    medians = {}
    for size in SIZES:
        here = folder / str(size)
        asked = of(here)
        table.section(f"{asked.database}, {size:,} statements")
        asyncio.run(pages.pages(table, asked, here, programs))
        asyncio.run(pages.searches(table, asked, here, programs))
        medians[size] = asyncio.run(pages.filters(table, asked))
        inside.count_everything(table, asked)
        inside.export(table, asked)
    table.section(f"{asked.database}, all sizes")
    growth = medians[SIZES[-1]] / medians[SIZES[0]]
    name = f"median of the filters, from {SIZES[0]:,} to {SIZES[-1]:,} statements"
    table.row(name, f"× {growth:.1f}", "", "", "≤ 2 ×")
    inside.start(table, of(folder / str(SIZES[0])))


MOST_IMPORTED = 100_000
"""Statements of the largest import that is measured: more would take half an hour."""


@contextmanager
def _file(name: str) -> Iterator[str]:
    """The URL of a SQLite store that is there for so long."""
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        yield f"sqlite:///{folder}/{name}.db"


def _sqlite_utils(programs: Path, url: str, paths: dict[str, Path]) -> None:
    flat.insert(programs / "sqlite-utils", paths, Path(url.removeprefix("sqlite:///")))


def _psycopg(url: str, paths: dict[str, Path]) -> None:
    driver = stores.connect(url)
    flat.copy(driver, paths)
    driver.close()


def _about() -> str:
    lock = (HERE / "requirements.lock").read_text(encoding="utf-8")
    datasette = lock.split("datasette==")[1].split()[0]
    return (
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Onrecord {__version__}, "
        f"Datasette {datasette}. One worker, medians of "
        f"{pages.ROUNDS} rounds that take turns. Compare the ratios, not the absolute figures."
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
        inside.fill(f"sqlite:///{ours}", file)
    database = Database(f"sqlite:///{ours}")
    schema.migrate(database)
    database.count_rows()
    database.close()
    if not (here / "flat.db").exists():
        flat.insert(programs / "sqlite-utils", flat.flatten(file, here), here / "flat.db")
        flat.index(programs / "sqlite-utils", here / "flat.db")
    if not (here / "textbook.db").exists():
        flat.fill_textbook(file, here / "textbook.db")


if __name__ == "__main__":
    main()
