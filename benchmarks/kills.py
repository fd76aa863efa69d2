"""`python -m benchmarks.kills`: is anything lost that was acknowledged, whatever is killed?

Four writers and a reader of the change feed go on while the server is killed with SIGKILL, 25
times, at a random moment; with `--postgresql` the store is PostgreSQL, with `--database` that is
killed instead. Each request is sent until it is answered. Afterwards every acknowledged record
must stand as it was left, every idempotency key must give the same answer, nothing may be there
twice, and the ledger, the file and the tables must be sound. Exits with 1 if they are not.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from app.db import Database
from app.store import schema
from benchmarks.crew import SETTINGS, Crew, enter, prepare, report, sound
from tests.postgres import Cluster, cluster
from tests.serving import free_port, served

LIMIT = 1_200.0
"""Seconds after which all of it is given up."""


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--writes", type=int, default=5_000, help="to be acknowledged at least")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--database", action="store_true", help="kill PostgreSQL, not the server")
    asked = parser.parse_args(arguments)
    with store(asked.postgresql or asked.database) as (url, postgres):
        victim = postgres if asked.database else None
        return run(url, asked.kills, asked.writes, asked.writers, victim)


@contextmanager
def store(postgresql: bool) -> Iterator[tuple[str, Cluster | None]]:
    """An empty store: a SQLite file, or a PostgreSQL that keeps what it has acknowledged."""
    if postgresql:
        with cluster("--fsync=off") as one:  # what is killed is a process, not the machine
            yield one.url, one
    else:
        with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
            yield f"sqlite:///{folder}/kills.db", None


def run(url: str, kills: int, writes: int, writers: int, victim: Cluster | None) -> bool:
    """Kill so often, evenly among so many writes; whether all is well."""
    database = Database(url)
    schema.migrate(database)
    key = enter(database)
    port, chance, started = free_port(), random.Random(1), time.monotonic()
    crew = Crew(port, key, writers)
    done = 0
    with ExitStack() as stack:

        def serve() -> Any:
            return stack.enter_context(served(url, port=port, **SETTINGS))[1]

        process = serve()
        prepare(port, key)
        crew.start()
        while done < kills and not crew.faults and time.monotonic() - started < LIMIT:
            if crew.acknowledged < writes * (done + 1) // (kills + 1):
                time.sleep(0.01)
                continue
            time.sleep(chance.random() * 0.1)
            if victim:
                victim.kill()
                victim.start_again()
            else:
                process.kill()
                process.wait()
                process = serve()
            done += 1
        while crew.acknowledged < writes and not crew.faults:
            if time.monotonic() - started > LIMIT:
                crew.faults.append(f"not done in {LIMIT} s")
            time.sleep(0.05)
        crew.finish()
        taken = time.monotonic() - started
        if done < kills:
            crew.faults.append(f"killed {done} times only")
        crew.check()
    crew.faults += sound(database, os.environ | {"ONRECORD_DATABASE_URL": url})
    database.close()
    figures = {"kills": done, "writers": writers, **crew.counts, "seconds": round(taken)}
    what = "PostgreSQL" if victim else f"a server on {database.url.get_backend_name()}"
    return report(f"kill -9 of {what}", figures, crew.faults)


if __name__ == "__main__":
    sys.exit(not main())
