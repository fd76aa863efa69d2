"""What is measured over HTTP: pages, searches and filters, on either database."""

import os
import statistics
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import orjson

from app.store import search
from benchmarks import serving
from benchmarks.inside import measured
from benchmarks.stores import Driver, Stores
from benchmarks.table import Table

ROUNDS = int(os.environ.get("ONRECORD_BENCH_ROUNDS", "5"))
DEEP = 600
"""Pages of a list that are each asked for once."""
PAGE = "/v1/statements"
FLAT = "/flat/statement.json?_size=20&_shape=objects&_nocount=1&_nofacet=1&_nosuggest=1"
SORTED = f"{FLAT}&_sort_desc=said_at"
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


def datasette(here: Path, programs: Path) -> list[str]:
    """The command that serves the flat record of a folder, from SQLite in any case."""
    patient = ["--setting", "sql_time_limit_ms", "60000"]  # it gives a query up after a second
    return [str(programs / "datasette"), "serve", str(here / "flat.db"), *patient, "-p"]


class Asked(NamedTuple):
    """What one of those who are compared is asked, round after round."""

    server: serving.Server
    paths: list[str]
    """One that is asked again and again; or several, each of which is asked once in all."""
    headers: str = ""

    def round(self, number: int) -> Iterable[str]:
        return self.paths[number::ROUNDS] if len(self.paths) > 1 else repeat(self.paths[0])


async def pages(table: Table, stores: Stores, here: Path, programs: Path) -> None:
    same = here / f"page.{stores.database}.json"
    with ExitStack() as stack:

        def start(
            command: list[str], environment: dict[str, str], *, own: bool = True
        ) -> serving.Server:
            database = stores.server if own else 0
            return stack.enter_context(serving.serving(command, environment, database))

        uncached = start(serving.OURS, stores.settings(ONRECORD_CACHE="false"))
        page, tag = await serving.body(uncached, PAGE)
        same.write_bytes(page)
        cached, fresh = (start(serving.OURS, stores.settings()) for _ in range(2))
        flat = start(datasette(here, programs), {}, own=False)
        taught = start(serving.TEXTBOOK, {"TEXTBOOK_URL": stores.textbook})
        bare = start([sys.executable, "-c", serving.BARE, str(same)], {}, own=False)
        deep = await _walk(uncached, PAGE, _ours)
        asked = {
            "uncached": Asked(uncached, [PAGE]),
            "cached": Asked(cached, [PAGE]),
            "unchanged": Asked(cached, [PAGE], f"If-None-Match: {tag}\r\n"),
            "datasette": Asked(flat, [SORTED]),
            "textbook": Asked(taught, ["/statements"]),
            "bare": Asked(bare, ["/"]),
            "new": Asked(fresh, deep),
            "new, datasette": Asked(flat, await _walk(flat, FLAT, _theirs)),
            "new, textbook": Asked(
                taught, [f"/statements?offset={20 * number}" for number in range(len(deep))]
            ),
        }
        rates: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
        for number in range(ROUNDS):
            for name, one in asked.items():
                paths = one.round(number)
                rates[name].append(await serving.rate(one.server, paths, headers=one.headers))
        table.about(
            f"The page has 20 statements with reports, speakers, sources: {len(page):,} bytes. "
            f"Never asked before are {len(deep)} pages that follow each other, by `next`, `_next` "
            "and `offset`, of a server with its cache on that has answered nothing else; Datasette "
            "is asked in the order of its primary key, which it follows many times faster than "
            "dates."
        )
        _compare(table, rates)
        with stores.driver() as driver:
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours += await serving.times(uncached, PAGE, 4)
                theirs += measured(lambda: newest(driver), 4)
    table.times("page, uncached, one client: the driver, its rows", ours, theirs, None)


def _compare(table: Table, rates: dict[str, list[tuple[float, float]]]) -> None:
    for place, measure in enumerate(("", ", by processor time")):
        of = {name: statistics.median(pair[place] for pair in some) for name, some in rates.items()}
        for what, one, other, goal in (
            ("page, uncached: Datasette's flat page", "uncached", "datasette", 10),
            ("page, uncached: the textbook service", "uncached", "textbook", 15),
            ("page never asked before: Datasette's", "new", "new, datasette", 10),
            ("page never asked before: the textbook service's", "new", "new, textbook", 15),
            ("the page again, from the cache: bare ASGI, the same bytes", "cached", "bare", 0.6),
            ("the page again, 304: bare ASGI, the same bytes", "unchanged", "bare", 0.6),
        ):
            table.compare(f"{what}{measure}", of[one], of[other], goal)


async def _walk(
    server: serving.Server, start: str, follow: Callable[[bytes], str | None]
) -> list[str]:
    """The addresses of the pages of a list, from the start."""
    found: list[str] = []
    path: str | None = start
    while path and len(found) < DEEP:
        found.append(path)
        path = follow((await serving.body(server, path))[0])
    return found


def _ours(page: bytes) -> str | None:
    address = urlsplit(orjson.loads(page).get("next") or "")
    return f"{address.path}?{address.query}" if address.query else None


def _theirs(page: bytes) -> str | None:
    following = orjson.loads(page).get("next")
    return f"{FLAT}&{urlencode({'_next': following})}" if following else None


def newest(driver: Driver) -> None:
    """Fetch the rows of the newest page."""
    sql = "SELECT statement FROM listing WHERE until IS NULL AND reported ORDER BY newest DESC, "
    _fetch(driver, f"{sql} statement DESC LIMIT 21")


def _fetch(driver: Driver, sql: str) -> None:
    """The statements whose keys a query finds, and their reports."""
    keys = ", ".join(str(key) for (key,) in driver.execute(sql).fetchall()) or "0"
    for name, table in (("key", "statement_version"), ("statement", "attribution_version")):
        where = f"{name} IN ({keys}) AND until IS NULL"
        driver.execute(f"SELECT document FROM {table} WHERE {where}").fetchall()


def _matching(words: str, *, sqlite: bool) -> str:
    """What finds the 20 newest statements with these words, by the index alone."""
    match = str(search.expression(search.parse(words), sqlite=sqlite).value)
    if sqlite:
        where = f"search_fts WHERE search_fts MATCH '{match}'"
        return f"SELECT rowid FROM {where} ORDER BY rowid DESC LIMIT 20"
    match = match.replace("'", "''")
    where = f"search_row WHERE tokens @@ '{match}'::tsquery"
    return f"SELECT statement FROM {where} ORDER BY statement DESC LIMIT 20"


async def searches(table: Table, stores: Stores, here: Path, programs: Path) -> None:
    beside: dict[str, list[float]] = {"Datasette's": [], "the driver, 20 that match": []}
    settings = stores.settings(ONRECORD_CACHE="false")
    with (
        serving.serving(serving.OURS, settings) as ours,
        serving.serving(datasette(here, programs), {}) as flat,
        stores.driver() as driver,
    ):
        for words in SEARCHES:
            asked, sql = quote(words), _matching(words, sqlite=stores.is_sqlite)
            mine: list[float] = []
            others: dict[str, list[float]] = {name: [] for name in beside}
            for _ in range(ROUNDS):
                mine += await serving.times(ours, f"{PAGE}?q={asked}", 3)
                others["Datasette's"] += await serving.times(flat, f"{FLAT}&_search={asked}", 3)
                theirs = measured(lambda sql=sql: _fetch(driver, sql), 3)  # type: ignore[misc]
                others["the driver, 20 that match"] += theirs
            for name, taken in others.items():
                beside[name].append(statistics.median(taken) / statistics.median(mine))
                table.times(f"search {words!r}, page of 20: {name}", mine, taken, None)
    for name, ratios in beside.items():
        goal = "≥ 5 ×" if name == "Datasette's" else ""
        table.row(
            f"search: {name}, median of these", f"{statistics.median(ratios):.2f} ×", "", "", goal
        )


async def filters(table: Table, stores: Stores) -> float:
    """How the filters stand to the first page without one; returns the median of their seconds."""
    plain: list[float] = []
    found: dict[str, list[float]] = {one: [] for one in (*FILTERS, *PAIRS)}
    with serving.serving(serving.OURS, stores.settings(ONRECORD_CACHE="false")) as port:
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
