"""What holds while many write at once, and while the store cannot be written.

The long form of these, with servers and databases that are killed, is in `benchmarks`: kills,
writers, faults.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, text

from app.db import LEDGER_LOCK, Database
from app.models.api_key import Scope
from app.settings import Settings
from tests.application import application
from tests.factories import actor, ndjson
from tests.test_changes import follow
from tests.test_import_http import NDJSON
from tests.test_writing import PATCH, check_ledger, key_for
from tests.test_writing import desk as desk

BODY = {"kind": "person", "name": "Somebody"}


@pytest.fixture
def servers(bundled: Database) -> Iterator[list[TestClient]]:
    """Two applications over one store that know nothing of each other, as two processes would."""
    url = bundled.url.render_as_string(hide_password=False)
    headers = key_for(bundled, *Scope)
    stores = [Database(url, pool=12, busy_timeout=30) for _ in range(2)]
    settings = Settings(_env_file=None, threads=12)
    apps = [application(settings, store) for store in stores]
    with (
        TestClient(apps[0], headers=headers, raise_server_exceptions=False) as one,
        TestClient(apps[1], headers=headers, raise_server_exceptions=False) as other,
    ):
        yield [one, other]


def test_a_key_makes_one_record_whichever_server_is_asked(
    bundled: Database, servers: list[TestClient]
) -> None:
    start = follow(servers[0])[-1]["seq"]

    def post(number: int) -> list[tuple[int, int, bytes, str | None]]:
        order = list(range(10))
        random.Random(number // 2).shuffle(order)
        found = []
        for which in order:
            headers = {"Idempotency-Key": f"key-{which}"}
            sent = {**BODY, "name": f"Somebody {which}"}
            answer = servers[number % 2].post("/v1/actors", json=sent, headers=headers)
            replayed = answer.headers.get("idempotency-replayed")
            found.append((which, answer.status_code, answer.content, replayed))
        return found

    with ThreadPoolExecutor(8) as pool:
        answers = [one for found in pool.map(post, range(8)) for one in found]
    assert {status for _, status, _, _ in answers} == {201}
    assert len({(which, body) for which, _, body, _ in answers}) == 10
    assert Counter(replayed for *_, replayed in answers) == {None: 10, "true": 70}
    for server in servers:
        seqs = [one["seq"] for one in follow(server, since=start, limit=3)]
        assert seqs == list(range(start + 1, start + 11))
    check_ledger(bundled)


def test_of_those_who_change_one_record_each_is_done_or_refused(
    bundled: Database, servers: list[TestClient]
) -> None:
    path = "/v1/actors/france"
    names = [one["name"] for one in servers[0].get(path).json()["other_names"]]

    def add(number: int) -> tuple[int, str]:
        mine, other = servers[number % 2], servers[(number + 1) % 2]
        read = other.get(path)
        name = f"Name {number}"
        sent = {"other_names": [*read.json()["other_names"], {"name": name}]}
        headers = PATCH | {"If-Match": read.headers["etag"]}
        answer = mine.request("PATCH", path, json=sent, headers=headers)
        if answer.status_code == 200:  # whoever was told so finds it, also at the other server
            found = other.get(path).json()
            assert found["version"] >= answer.json()["version"]
            assert name in [one["name"] for one in found["other_names"]]
        return answer.status_code, name

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(add, range(32)))
    done = [name for status, name in answers if status == 200]
    assert {status for status, _ in answers} <= {200, 412}
    last = servers[0].get(path).json()
    assert last["version"] == 1 + len(done)
    assert sorted(one["name"] for one in last["other_names"]) == sorted(names + done)
    check_ledger(bundled)


# --- a store that cannot be written -------------------------------------------------------------


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody else keeps the store from being written."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(sqlite_begin="IMMEDIATE").begin()
            yield
        return
    engine = create_engine(database.url)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})
        yield
    engine.dispose()


@pytest.fixture
def hasty(bundled: Database) -> Iterator[tuple[TestClient, Database]]:
    """An application of which a writer waits for others for a second only, with four threads."""
    url = bundled.url.render_as_string(hide_password=False)
    headers = key_for(bundled, *Scope)
    store = Database(url, pool=4, busy_timeout=1)
    app = application(Settings(_env_file=None, threads=4, cache=False), store)
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client, store


def refused(answer: Any) -> bool:
    """Whether it says to come again, as it should."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return int(answer.headers["retry-after"]) > 0


def test_while_the_store_is_locked_nobody_is_kept_from_reading(
    bundled: Database, hasty: tuple[TestClient, Database]
) -> None:
    client, _ = hasty
    with locked(bundled), ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(client.post, "/v1/actors", json=BODY) for _ in range(8)]
        # One that needs a thread, also on SQLite.
        assert client.get("/v1/export").status_code == 200
        assert not any(one.done() for one in writers)
        assert all(refused(one.result()) for one in writers)
    assert client.post("/v1/actors", json=BODY).status_code == 201
    check_ledger(bundled)


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_writes_until_there_is_room(
    bundled: Database, hasty: tuple[TestClient, Database]
) -> None:
    client, store = hasty
    most = [10_000_000]

    @event.listens_for(store.engine, "checkout")
    def bound(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {most[0]}")

    kept = client.post("/v1/actors", json=BODY, headers={"Idempotency-Key": "kept"})
    most[0] = 1  # as small as it can be: the file as it is
    headers = {"Idempotency-Key": "big"}
    big = {**BODY, "description": "word " * 15_000}
    assert refused(client.post("/v1/actors", json=big, headers=headers))
    lines = ndjson([actor("a"), actor("b", description="word " * 15_000)])
    told = client.post("/v1/import", content=lines, headers=NDJSON)
    assert refused(told)
    assert client.get("/v1/actors?q=somebody").status_code == 200
    most[0] = 10_000_000
    assert client.post("/v1/actors", json=big, headers=headers).status_code == 201
    assert client.post("/v1/import", content=lines, headers=NDJSON).status_code == 200
    assert client.get("/v1/actors/b").status_code == 200
    again = client.post("/v1/actors", json=BODY, headers={"Idempotency-Key": "kept"})
    assert again.content == kept.content
    check_ledger(bundled)


@pytest.mark.parametrize("bundled", ["postgresql"], indirect=True)
def test_connections_that_were_cut_cost_no_answer(
    bundled: Database, hasty: tuple[TestClient, Database], postgres_url: str
) -> None:
    client, _ = hasty
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    asked: list[Callable[[], Any]] = [
        lambda: client.get("/v1/actors/france"),
        lambda: client.post("/v1/actors", json=BODY),
        lambda: client.get("/v1/changes"),
    ]
    for ask in asked * 2:
        with admin.connect() as connection:
            connection.execute(text(cut), {"name": bundled.url.database})
        assert ask().is_success
    admin.dispose()
    check_ledger(bundled)
