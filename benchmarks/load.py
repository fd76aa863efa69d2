"""`python -m benchmarks.load`: how it holds under load over HTTP, on a store of 10,000 statements.

Nine reads to one write for `ONRECORD_SOAK_SECONDS` (60): no answer is an error, and memory does
not grow for as long as it runs. Then more clients than it works for at once: what it cannot do now
is refused with 503 and `Retry-After`, and ten seconds later it answers as before. Then 200 clients
that send a letter a second, and read as slowly: the others are answered. Exits with 1 if not.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import orjson

from app.db import Database
from app.models.api_key import Scope
from app.store import keys
from benchmarks import inside, serving, world
from benchmarks.pages import FILTERS
from benchmarks.serving import Client, Server

SECONDS = float(os.environ.get("ONRECORD_SOAK_SECONDS", "60"))
SIZE, CLIENTS, AT_ONCE, TOO_MANY, SLOW = 10_000, 8, 16, 64, 200
PATHS = ["/v1/statements", "/v1/statements?q=ceasefire", "/v1/figures", "/v1/actors/p0"]
PATHS += [f"/v1/statements?{one}" for one in FILTERS]
MOST_GROWTH = 30.0
"""MB that a minute may add in the second half: caches fill, and the allocator keeps a little."""


class Told:
    """What came of requests: how long they took, by their status."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {"read": [], "write": []}
        self.statuses: Counter[int] = Counter()
        self.without_retry = 0

    def p99(self, kind: str) -> float:
        return statistics.quantiles(self.times[kind], n=100)[98] if self.times[kind] else 0.0

    def __str__(self) -> str:
        spread = ", ".join(
            f"{kind} p50 {statistics.median(some) * 1000:.0f}, p99 {self.p99(kind) * 1000:.0f} ms"
            for kind, some in self.times.items()
            if some
        )
        return f"{dict(self.statuses)}: {spread}"


async def ask(server: Server, key: str, seconds: float, clients: int, writes: float) -> Told:
    """Several clients that ask and write, in turn, for some seconds."""
    told, stop = Told(), time.monotonic() + seconds

    async def one(number: int) -> None:
        chance, made = random.Random(number), 0
        async with Client(server.port) as client:
            while time.monotonic() < stop:
                started = time.perf_counter()
                kind = "write" if chance.random() < writes else "read"
                if kind == "write":
                    made += 1
                    id = f"load-{time.time_ns()}-{number}-{made}"
                    record = {"id": id, "kind": "person", "name": f"Somebody {made}"}
                    status, head, _ = await client.post("/v1/actors", orjson.dumps(record), key)
                else:
                    status, head, _ = await client.get(chance.choice(PATHS))
                told.statuses[status] += 1
                if status == 503:
                    told.without_retry += b"retry-after: " not in head
                    await asyncio.sleep(0.05)
                else:
                    told.times[kind].append(time.perf_counter() - started)

    await asyncio.gather(*(one(number) for number in range(clients)))
    return told


def memory(server: Server) -> float:
    """MB that are the process's own: not the file that SQLite reads as memory."""
    lines = Path(f"/proc/{server.process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


async def sample(server: Server, seconds: float) -> list[tuple[float, float]]:
    found, stop = [], time.monotonic() + seconds
    while time.monotonic() < stop:
        found.append((time.monotonic(), memory(server)))
        await asyncio.sleep(1)
    return found


async def mixed(server: Server, key: str) -> bool:
    told, samples = await asyncio.gather(
        ask(server, key, SECONDS, CLIENTS, 0.1), sample(server, SECONDS)
    )
    later = samples[len(samples) // 2 :]
    slope, _ = statistics.linear_regression([t for t, _ in later], [mb for _, mb in later])
    print(f"mixed, {CLIENTS} clients, {SECONDS:.0f} s: {told}")
    tenths = [samples[len(samples) * tenth // 10 - 1][1] for tenth in range(1, 11)]
    print(f"  memory {', '.join(f'{mb:.0f}' for mb in tenths)} MB after each tenth of the time,")
    print(f"  {slope * 60:+.1f} MB a minute in the second half")
    return set(told.statuses) <= {200, 201} and slope * 60 < MOST_GROWTH


async def too_many(server: Server, key: str) -> bool:
    told = await ask(server, key, 10, TOO_MANY, 0.1)
    print(f"{TOO_MANY} clients where {AT_ONCE} requests are worked on at once: {told}")
    await asyncio.sleep(10)
    after = await ask(server, key, 3, 4, 0.1)
    print(f"  ten seconds later: {after}")
    shed = set(told.statuses) <= {200, 201, 503} and told.statuses[503] > 0
    return shed and not told.without_retry and set(after.statuses) <= {200, 201}


async def slow_clients(server: Server, key: str) -> bool:
    before = await ask(server, key, 5, 4, 0.0)
    slow = [asyncio.create_task(_slowly(server, number)) for number in range(SLOW)]
    await asyncio.sleep(1)
    during = await ask(server, key, 5, 4, 0.0)
    for one in slow:
        one.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    print(f"alone: {before}\nbeside {SLOW} slow clients: {during}")
    return set(during.statuses) == {200} and during.p99("read") < 5 * before.p99("read") + 0.1


async def _slowly(server: Server, number: int) -> None:
    """Half of them send their request a letter a second; the others do not read the answer."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    request = b"GET /v1/statements?limit=100 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    if number % 2:
        writer.write(request)
        await asyncio.sleep(60)
    for letter in request:
        writer.write(bytes([letter]))
        await asyncio.sleep(1)


def main(_arguments: list[str]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        store, file = Path(folder) / "store.db", Path(folder) / "world.ndjson"
        with file.open("wb") as out:
            out.writelines(world.lines(SIZE))
        inside.fill(f"sqlite:///{store}", file)
        database = Database(f"sqlite:///{store}")
        with database.writer() as writer:
            _, key = keys.create(writer, "load", list(Scope))
        database.close()
        settings = {
            "ONRECORD_DATABASE_URL": f"sqlite:///{store}",
            "ONRECORD_CONCURRENCY": str(AT_ONCE),
        }
        with serving.serving(serving.OURS, settings) as server:
            parts = (mixed, too_many, slow_clients)
            outcomes = [asyncio.run(part(server, key)) for part in parts]
    for part, outcome in zip(parts, outcomes, strict=True):
        print(f"{part.__name__}: {'well' if outcome else 'NOT WELL'}")
    return all(outcomes)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
