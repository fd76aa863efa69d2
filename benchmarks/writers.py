"""`python -m benchmarks.writers`: do many who write at once get in each other's way?

Sixteen threads send the same 1,000 requests, each under its idempotency key: 1,000 records must
come of it. Then 32 clients change one record, each time the version that they have just read:
versions and acknowledged changes must be as many, and no change may be lost. All the while a
reader follows the change feed, and whoever was told of a change must find it, whichever server is
asked. `--servers 2` has two of them over one store, `--workers 2` one with two processes. Exits
with 1 if anything is wrong.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from app.db import Database
from app.store import schema
from benchmarks.crew import (
    JSON,
    PATCH,
    SETTINGS,
    Answer,
    Client,
    Follower,
    enter,
    insist,
    report,
    sound,
)
from benchmarks.kills import store
from tests.serving import served

ONE = "/v1/actors/one"


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser("python -m benchmarks.writers")
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--keys", type=int, default=1_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=20, help="changes that each client tries")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes of each server")
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args(arguments)
    with store(asked.postgresql) as (url, _), ExitStack() as stack:
        database = Database(url)
        schema.migrate(database)
        key = enter(database)
        ports = []
        for _ in range(asked.servers):
            address, _process = stack.enter_context(served(url, workers=asked.workers, **SETTINGS))
            ports.append(int(address.rpartition(":")[2]))
        follower = Follower(ports[-1], key)
        follower.start()
        backend = database.url.get_backend_name()
        where = f"{asked.servers} x {asked.workers} processes on {backend}"
        well = once(ports, key, asked.threads, asked.keys, where)
        well &= one(ports, key, asked.clients, asked.rounds, where)
        faults = follower.finish()
        stack.close()
        faults += sound(database, os.environ | {"ONRECORD_DATABASE_URL": url})
        database.close()
        figures = {"changes in the feed": len(follower.seen)}
        return report(f"the store afterwards, {where}", figures, faults) and well


def together(count: int, work: Callable[[int], None]) -> tuple[list[str], float]:
    """Do it in so many threads; what went wrong, and the seconds that it took."""
    faults: list[str] = []

    def safely(number: int) -> None:
        try:
            work(number)
        except Exception as error:  # told at the end
            faults.append(f"{number}: {error!r}")

    threads = [threading.Thread(target=safely, args=(number,)) for number in range(count)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults, time.monotonic() - started


def once(ports: Sequence[int], key: str, threads: int, keys: int, where: str) -> bool:
    """Every thread sends every request."""
    answers: dict[int, set[tuple[int, bytes]]] = {number: set() for number in range(keys)}
    counts: Counter[str] = Counter(first=0, replayed=0, refused=0)
    lock = threading.Lock()

    def work(number: int) -> None:
        client = Client(ports[number % len(ports)], key)
        order = list(range(keys))
        random.Random(number // 2).shuffle(order)  # in pairs that race for the same key
        for which in order:
            body = json.dumps({"kind": "person", "name": f"Key {which}"}).encode()
            headers = {**JSON, "Idempotency-Key": f"key-{which}"}
            answer, _, refused = insist(client, "POST", "/v1/actors", body, headers)
            with lock:
                answers[which].add((answer.status, answer.body))
                replayed = answer.headers.get("idempotency-replayed") == "true"
                counts["replayed" if replayed else "first"] += 1
                counts["refused"] += refused

    faults, taken = together(threads, work)
    records = Client(ports[0], key).ask("GET", "/v1/actors?count=exact&limit=1").members["count"]
    if records != keys or counts["first"] != keys:
        faults.append(f"{records} records and {counts['first']} creations of {keys} keys")
    faults += [f"key {k} has {len(v)} answers" for k, v in answers.items() if len(v) != 1]
    faults += [f"{status}" for one in answers.values() for status, _ in one if status != 201]
    figures = {
        "threads": threads,
        "keys": keys,
        "records": records,
        **counts,
        "requests a second": round(threads * keys / taken),
    }
    return report(f"once each, {where}", figures, faults)


def one(ports: Sequence[int], key: str, clients: int, rounds: int, where: str) -> bool:
    """Every client adds names to one record, to what it has just read."""
    body = json.dumps({"kind": "group", "name": "One"}).encode()
    assert Client(ports[0], key).ask("PUT", ONE, body, JSON).status == 201
    statuses: Counter[int] = Counter()
    added: list[str] = []
    lock = threading.Lock()

    def work(number: int) -> None:
        mine = Client(ports[number % len(ports)], key)
        # Without a key answers come from the cache, here that of the other server.
        other = Client(ports[(number + 1) % len(ports)])
        for turn in range(rounds):
            name = f"{number} {turn}"
            read = insist(other, "GET", ONE).answer
            answer = _add(mine, read, name)
            with lock:
                statuses[answer.status] += 1
            if answer.status == 200:
                with lock:
                    added.append(name)
                found = insist(other, "GET", ONE).answer.members
                if found["version"] < answer.members["version"] or name not in _names(found):
                    raise RuntimeError("what was just written is not read")
            elif answer.status != 412:
                raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")

    faults, taken = together(clients, work)
    last = Client(ports[0], key).ask("GET", ONE).members
    if last["version"] != 1 + statuses[200]:
        faults.append(f"{last['version']} versions of {statuses[200]} changes")
    if sorted(_names(last)) != sorted(added):
        faults.append("a change is lost")
    history = _history(Client(ports[0], key))
    if history != list(range(last["version"], 0, -1)):
        faults.append("the history has other versions")
    figures = {
        "clients": clients,
        "versions": last["version"],
        "of 200": statuses[200],
        "of 412": statuses[412],
        "seconds": round(taken),
    }
    return report(f"one record, {where}", figures, faults)


def _add(client: Client, read: Answer, name: str) -> Answer:
    names = [*read.members["other_names"], {"name": name}]
    headers = {**PATCH, "If-Match": read.headers["etag"]}
    body = json.dumps({"other_names": names}).encode()
    return insist(client, "PATCH", ONE, body, headers).answer


def _names(members: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["name"] for one in members["other_names"]]


def _history(client: Client) -> list[int]:
    versions: list[int] = []
    path: str | None = f"{ONE}/revisions?limit=100"
    while path:
        page = client.ask("GET", path).members
        versions += [one["version"] for one in page["items"]]
        path = page["next"].partition("//")[2].partition("/")[2] if "next" in page else None
        path = path and f"/{path}"
    return versions


if __name__ == "__main__":
    sys.exit(not main())
