"""`make soak`: what is true after long work too.

Reads and imports side by side for `ONRECORD_SOAK_SECONDS` (60): no answer is an error, no page
is stale, the chain holds and the tables stand again from the ledger as they are. Then load over
HTTP (`benchmarks.load`), and on both databases what is killed (`benchmarks.kills`), who write at
once (`benchmarks.writers`), and what cannot be written (`benchmarks.faults`); each can be run by
itself. Half an hour in all.
"""

import io
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable

from fastapi.testclient import TestClient

from app.db import Database
from app.main import create_app
from app.settings import Settings
from app.store import bulk, ledger, schema
from benchmarks import faults, kills, load, world, writers

SECONDS = float(os.environ.get("ONRECORD_SOAK_SECONDS", "60"))


PARTS: tuple[tuple[Callable[[list[str]], bool], str], ...] = (
    (load.main, ""),
    (kills.main, ""),
    (kills.main, "--postgresql --kills 5 --writes 1000"),
    (kills.main, "--database --kills 5 --writes 1000"),
    (writers.main, ""),
    (writers.main, "--postgresql"),
    (writers.main, "--servers 2"),
    (writers.main, "--postgresql --workers 2"),
    (faults.main, ""),
)


def main() -> bool:
    mixed()
    outcomes = [part(arguments.split()) for part, arguments in PARTS]
    return all(outcomes)


def mixed() -> None:
    """Reads and imports side by side."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/soak.db", busy_timeout=30)
        schema.migrate(database)
        stop = threading.Event()
        counts = {"reads": 0, "batches": 0}
        client = TestClient(create_app(Settings(), database))

        def read() -> None:
            while not stop.is_set():
                for path in (
                    "/v1/statements",
                    "/v1/statements?q=ceasefire",
                    "/v1/figures",
                    "/v1/actors",
                ):
                    answer = client.get(path)
                    assert answer.status_code == 200, answer.text
                    counts["reads"] += 1

        readers = [threading.Thread(target=read, daemon=True) for _ in range(4)]
        for reader in readers:
            reader.start()
        end, seed = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            seed += 1
            lines = io.BytesIO(b"".join(world.lines(200, seed=seed)))
            for progress in bulk.import_file(database, lines, agent="soak"):
                assert not progress.errors
                counts["batches"] += 1
        stop.set()
        for reader in readers:
            reader.join()
        with database.reader() as connection:
            breaks = [one for one in ledger.verify(connection) if isinstance(one, ledger.Break)]
            head = ledger.head(connection).seq
        assert not breaks
        print(f"{counts['reads']:,} reads, {counts['batches']:,} batches, {head:,} revisions, well")
        client.close()
        database.close()


if __name__ == "__main__":
    sys.exit(not main())
