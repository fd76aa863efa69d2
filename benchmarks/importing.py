"""`python -m benchmarks.importing FILE`: a large interchange file by `POST /v1/import`.

Prints how many statements a second, and the most memory that the server had; then what is kept
when the connection is cut while the file is on its way, and while it is being imported, and what
sending it again does. Exits with 1 if a record is missing or doubled at the end.
"""

import argparse
import http.client
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from app.db import Database
from app.store import schema
from benchmarks.crew import SETTINGS, Client, enter, report, sound
from benchmarks.kills import store
from tests.serving import served

COLLECTIONS = ("topics", "actors", "sources", "statements", "attributions")
PATIENCE = 3_600.0


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser("python -m benchmarks.importing")
    parser.add_argument("file", type=Path)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--no-cut", action="store_true", help="only the rate and the memory")
    asked = parser.parse_args(arguments)
    well = _whole(asked.file, asked.postgresql)
    return well if asked.no_cut else _cut(asked.file, asked.postgresql) and well


class _Served:
    """A server over an empty store, for as long as it takes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        schema.migrate(self.database)
        self.key = enter(self.database)

    def run(self) -> Any:
        return served(self.url, **SETTINGS)

    def check(self) -> list[str]:
        environment = os.environ | {"ONRECORD_DATABASE_URL": self.url}
        faults = list(sound(self.database, environment, rebuilt=False))
        self.database.close()
        return faults


def _send(
    port: int, key: str, file: Path, *, lines: int | None = None, part: float = 1.0
) -> dict[str, Any] | None:
    """Send the file, or only the first part of it; the last line of the answer, or the first
    after so many lines were imported. None where nothing was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    size = file.stat().st_size
    connection.putrequest("POST", "/v1/import")
    for name, value in (headers | {"Content-Length": str(size)}).items():
        connection.putheader(name, value)
    connection.endheaders()
    left = int(size * part)
    with file.open("rb") as content:
        while left and (block := content.read(min(left, 1 << 20))):
            connection.send(block)
            left -= len(block)
    if part < 1:
        assert connection.sock
        connection.sock.shutdown(socket.SHUT_RDWR)
        connection.close()
        return None
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    told: dict[str, Any] = {}
    while raw := answer.readline():
        told = json.loads(raw)
        if lines and told.get("lines", 0) >= lines:
            break
    connection.close()
    return told


def _whole(file: Path, postgresql: bool) -> bool:
    faults: list[str] = []
    with store(postgresql) as (url, _):
        one = _Served(url)
        with one.run() as (address, process):
            port = int(address.rpartition(":")[2])
            memory = _Memory(process.pid)
            before = memory.look()
            memory.start()
            started = time.monotonic()
            told = _send(port, one.key, file) or {}
            taken = time.monotonic() - started
            memory.ending.set()
            counts = _counts(port)
        if not told.get("done") or told["failed"]:
            faults.append(f"not all of it was taken: {told}")
        if sum(counts.values()) != told.get("created"):
            faults.append(f"{counts}, told {told}")
        faults += one.check()
        figures = {
            **counts,
            "bytes": file.stat().st_size,
            "seconds": round(taken),
            "lines a second": round(told.get("lines", 0) / taken),
            "statements a second": round(counts["statements"] / taken),
            "MB of memory at the most": memory.most,
            "MB before": before,
        }
        what = f"import over HTTP, {one.database.url.get_backend_name()}"
    return report(what, figures, faults)


def _cut(file: Path, postgresql: bool) -> bool:
    faults: list[str] = []
    with file.open("rb") as content:
        total = sum(1 for line in content if line.strip())
    with store(postgresql) as (url, _):
        one = _Served(url)
        with one.run() as (address, _process):
            port = int(address.rpartition(":")[2])
            _send(port, one.key, file, part=0.5)
            time.sleep(1)
            on_its_way = sum(_counts(port).values())
            _send(port, one.key, file, lines=total // 2)
            kept = _settled(port)
            told = _send(port, one.key, file) or {}
            end = sum(_counts(port).values())
        if not told.get("done") or told["failed"]:
            faults.append(f"sending it again does not finish it: {told}")
        if told.get("unchanged") != kept or end != total:
            faults.append(f"{kept} kept, then {told}; {end} of {total} records")
        faults += one.check()
        figures = {
            "records of a file": total,
            "kept of one cut on its way": on_its_way,
            "kept of one cut in the middle of its import": kept,
            "created by sending it again": told.get("created", 0),
            "unchanged": told.get("unchanged", 0),
        }
        what = f"import that is cut, {one.database.url.get_backend_name()}"
    return report(what, figures, faults)


def _counts(port: int) -> dict[str, int]:
    client = Client(port)
    asked = {name: f"/v1/{name}?count=exact&limit=1" for name in COLLECTIONS}
    return {name: client.ask("GET", path).members["count"] for name, path in asked.items()}


def _settled(port: int) -> int:
    """The number of records, once the batch that was under way is done."""
    count = -1
    while (now := sum(_counts(port).values())) != count:
        count = now
        time.sleep(2)
    return count


class _Memory(threading.Thread):
    """The most memory of its own that a process has, in MB (Linux): without the pages of the
    database that it maps, which the system takes back when it needs them."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{pid}/status")
        self.most = 0
        self.ending = threading.Event()

    def look(self) -> int:
        lines = self.status.read_text().splitlines()
        (size,) = (int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
        self.most = max(self.most, size // 1024)
        return size // 1024

    def run(self) -> None:
        while not self.ending.wait(0.2):
            self.look()


if __name__ == "__main__":
    sys.exit(not main())
