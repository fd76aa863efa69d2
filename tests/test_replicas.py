"""Reading from a real streaming replica, which is held back to see what is answered meanwhile."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from app import replicas
from app.db import Database
from app.errors import InvalidInput
from app.models.api_key import Scope
from app.settings import Settings
from app.store import keys, schema
from tests import postgres
from tests.application import application
from tests.postgres import FAST, Cluster


class Pair:
    """A primary and its replica, and a client of the API over both."""

    def __init__(self, primary: Cluster, replica: Cluster) -> None:
        self.replica = replica
        self.store = replicas.database(primary.url, f"{replica.url}, ", pool=4)
        with self.store.writer() as writer:
            _, key = keys.create(writer, "desk", list(Scope))
        self.headers = {"Authorization": f"Bearer {key}"}

    def tell(self, sql: str) -> Any:
        engine = create_engine(self.replica.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            found = connection.scalar(text(sql))
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with postgres.cluster(*FAST) as primary:
        database = Database(primary.url, pool=1)
        schema.migrate(database)
        database.close()
        with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
            replica = Cluster(primary.programs, Path(folder), *FAST, copied=primary)
            replica.start()
            try:
                made = Pair(primary, replica)
                yield made
                made.store.close()
            finally:
                replica.stop()


@pytest.fixture(params=["true", "false"])
def client(request: pytest.FixtureRequest, pair: Pair) -> Iterator[TestClient]:
    settings = Settings(_env_file=None, cache=request.param, rate_limit="")
    yield TestClient(application(settings, pair.store))
    pair.tell("SELECT pg_wal_replay_resume()")


def add(client: TestClient, pair: Pair, id: str) -> str:
    """Create an actor; returns the number that the answer gives."""
    body = {"id": id, "kind": "person", "name": id}
    answer = client.post("/v1/actors", json=body, headers=pair.headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Onrecord-Seq"]


def _told(client: TestClient, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def test_metrics_tell_how_far_a_replica_is_behind(client: TestClient, pair: Pair) -> None:
    pair.tell("SELECT pg_wal_replay_pause()")
    before = _told(client, "onrecord_replica_lag_revisions")
    for number in range(3):
        add(client, pair, f"behind-{number}-{time.monotonic_ns()}")
    assert _told(client, "onrecord_replica_lag_revisions") == before + 3
    assert _told(client, "onrecord_replicas_out_of_reach") == 0


def test_whoever_wrote_is_never_answered_from_before(client: TestClient, pair: Pair) -> None:
    pair.tell("SELECT pg_wal_replay_pause()")
    for number in range(3):
        id = f"after-{number}-{time.monotonic_ns()}"
        seq = add(client, pair, id)
        assert client.get(f"/v1/actors/{id}", headers={"Onrecord-Seq": seq}).status_code == 200


def test_others_are_answered_by_the_replica(pair: Pair) -> None:
    client = TestClient(application(Settings(_env_file=None, cache=False), pair.store))
    pair.tell("SELECT pg_wal_replay_pause()")
    seq = add(client, pair, "behind")
    assert client.get("/v1/actors/behind").status_code == 404  # it has not come there yet
    pair.tell("SELECT pg_wal_replay_resume()")
    for _ in range(500):
        if int(pair.tell("SELECT max(seq) FROM revision")) >= int(seq):
            break
        time.sleep(0.02)
    assert client.get("/v1/actors/behind").status_code == 200


def test_a_lagging_answer_is_not_kept_as_a_new_one(pair: Pair) -> None:
    client = TestClient(application(Settings(_env_file=None, rate_limit=""), pair.store))
    pair.tell("SELECT pg_wal_replay_pause()")
    add(client, pair, "kept")
    for _ in range(2):
        names = [one["id"] for one in client.get("/v1/actors?limit=100").json()["items"]]
        assert "kept" in names
    pair.tell("SELECT pg_wal_replay_resume()")


@pytest.mark.parametrize("sent", ["", "x", "-1", "9" * 40, "1.5"])
def test_a_number_that_is_none_is_no_condition(client: TestClient, sent: str) -> None:
    assert client.get("/v1/actors", headers={"Onrecord-Seq": sent}).status_code == 200


def test_without_its_replicas_it_reads_from_the_primary(pair: Pair) -> None:
    nowhere = "postgresql+psycopg://postgres@/postgres?host=/nowhere&port=5432"
    url = pair.store.url.render_as_string(hide_password=False)
    store = replicas.database(url, nowhere, pool=2)
    with store.reader() as reader:
        assert reader.scalar(text("SELECT pg_is_in_recovery()")) is False
    store.close()


def test_a_file_has_no_replicas() -> None:
    with pytest.raises(InvalidInput, match="ONRECORD_READ_DATABASE_URL"):
        replicas.database("sqlite:///one.db", "sqlite:///other.db")
