"""What is too much is refused at once, in a way that says how to go on."""

import asyncio
import gzip
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.types import Message, Receive, Scope, Send

from app.api import rate
from app.api.load import Load
from app.api.rate import InMemory
from app.db import ASKER, Asker, Database
from app.errors import TooSlow
from app.models.api_key import Scope as KeyScope
from app.settings import Settings
from tests.application import application
from tests.test_writing import key_for

only_sqlite = pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
PAGE = "/v1/statements?limit=1"
JSON = {"Content-Type": "application/json"}


def served(database: Database, **settings: Any) -> TestClient:
    return TestClient(
        application(Settings(_env_file=None, **settings), database), raise_server_exceptions=False
    )


def check_problem(answer: Any, status: int, *never: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"  # or no browser can tell
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert not [one for one in never if one in answer.text]
    return problem


# --- bodies -------------------------------------------------------------------------------------


@only_sqlite
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused(bundled: Database, *, announced: bool) -> None:
    client = served(bundled, max_body=2_000)
    body = b'{"name":"' + b"secret" * 1_000 + b'"}'
    pieces = iter([body[:1_500], body[1_500:]])
    sent = body if announced else pieces
    answer = client.post(
        "/v1/actors", content=sent, headers=key_for(bundled, KeyScope.write) | JSON
    )
    check_problem(answer, 413, "secret")


@only_sqlite
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x"])
def test_a_compressed_body_is_refused(bundled: Database, coding: str) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    headers = key_for(bundled, KeyScope.write) | JSON | {"Content-Encoding": coding}
    answer = served(bundled).post("/v1/actors", content=bomb, headers=headers)
    check_problem(answer, 415)
    assert answer.headers["accept-encoding"] == "identity"


@only_sqlite
def test_a_body_that_stops_coming_is_refused(bundled: Database) -> None:
    app = application(Settings(_env_file=None, body_timeout=0.05), bundled)
    headers = [
        (k.lower().encode(), v.encode()) for k, v in key_for(bundled, KeyScope.write).items()
    ]
    scope = {
        **{"type": "http", "method": "POST", "path": "/v1/actors", "raw_path": b"/v1/actors"},
        **{"query_string": b"", "scheme": "http", "client": ("::1", 1), "http_version": "1.1"},
        **{"headers": [*headers, (b"content-type", b"application/json")], "server": ("x", 80)},
    }
    sent: list[Message] = []

    async def run() -> None:
        first = True

        async def receive() -> Message:
            nonlocal first
            if not first:
                await asyncio.sleep(60)
            first = False
            return {"type": "http.request", "body": b"{", "more_body": True}

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)

    asyncio.run(run())
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


# --- heads --------------------------------------------------------------------------------------


@only_sqlite
def test_long_addresses_and_heads_are_refused(bundled: Database) -> None:
    client = served(bundled)
    check_problem(client.get(f"/v1/statements?q={'secret' * 2_000}"), 414, "secret")
    check_problem(client.get(PAGE, headers={"X-Long": "secret" * 8_000}), 431, "secret")
    many = {f"X-{number}": "1" for number in range(120)}
    check_problem(client.get(PAGE, headers=many), 431)


@only_sqlite
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("onrecord.example", 200),
        ("Onrecord.Example:8000", 200),
        ("api.records.example", 200),
        ("records.example", 421),
        ("evil.example", 421),
        ("onrecord.example.evil.example", 421),
        ("evil.example/onrecord.example", 421),
        ("", 421),
    ],
)
def test_only_the_hosts_that_are_named_are_served(
    bundled: Database, host: str, status: int
) -> None:
    client = served(bundled, hosts="onrecord.example, *.records.example")
    answer = client.get(PAGE, headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        check_problem(answer, 421, "evil.example")


# --- rates --------------------------------------------------------------------------------------


@only_sqlite
def test_a_rate_is_told_and_held(bundled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    client = served(bundled, rate_limit="3/minute")
    for left in (2, 1, 0):
        answer = client.get(PAGE)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"address";q=3;w=60'
        assert answer.headers["ratelimit"].startswith(f'"address";r={left};t=')
    refused = client.get(PAGE)
    check_problem(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert client.get("/healthz").status_code == 200

    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert client.get(PAGE).status_code == 200


@only_sqlite
def test_a_key_has_a_rate_of_its_own_wherever_it_is_used(bundled: Database) -> None:
    key = key_for(bundled, KeyScope.read)
    app = application(Settings(_env_file=None, rate_limit="2/minute"), bundled)
    answers = [
        TestClient(app, client=(f"203.0.113.{place}", 1)).get(PAGE, headers=key)
        for place in range(3)
    ]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert '"key";r=1;t=' in answers[0].headers["ratelimit"]
    assert answers[0].headers["ratelimit-policy"] == '"address";q=2;w=60, "key";q=2;w=60'
    # Made-up keys do not get round the limit of the address.
    client = TestClient(app, client=("203.0.113.9", 1))
    made_up = [
        client.get(PAGE, headers={"Authorization": f"Bearer {number}"}).status_code
        for number in range(3)
    ]
    assert made_up == [401, 401, 429]


def test_an_ipv6_network_counts_as_one() -> None:
    assert rate._place("2001:db8:1:2::1") == rate._place("2001:db8:1:2:ffff::9")
    assert rate._place("2001:db8:1:3::1") != rate._place("2001:db8:1:2::1")
    assert rate._place("192.0.2.1") != rate._place("192.0.2.2")


def test_a_crowd_of_addresses_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InMemory, "MOST", 10)
    counter = InMemory(60)

    async def crowd() -> None:
        for number in range(100):
            await counter.hit(str(number))

    asyncio.run(crowd())
    assert len(counter.counts) == 10


# --- load ---------------------------------------------------------------------------------------


def test_more_than_can_be_worked_on_is_told_so() -> None:
    """Readers are not kept out by slow writers, who have half the places."""

    async def run() -> list[int]:
        leave = asyncio.Event()

        async def work(_scope: Scope, _receive: Receive, send: Send) -> None:
            await leave.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        load = Load(work, most=4)

        async def ask(method: str, path: str = "/v1/statements") -> int:
            sent: list[Message] = []

            async def send(message: Message) -> None:
                sent.append(message)

            async def receive() -> Message:
                await asyncio.sleep(60)
                return {"type": "http.disconnect"}

            scope = {"type": "http", "method": method, "path": path, "headers": [], "state": {}}
            await load(scope, receive, send)
            return int(sent[0]["status"])

        methods = ["POST", "POST", "POST", "GET", "GET", "GET"]
        asked = [asyncio.ensure_future(ask(method)) for method in methods]
        asked.append(asyncio.ensure_future(ask("GET", "/healthz")))
        await asyncio.sleep(0.01)
        leave.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(run()) == [200, 200, 503, 200, 200, 503, 200]


ENDLESS = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) "
    "SELECT count(*) FROM n"
)


@pytest.fixture
def hasty(bundled: Database) -> Iterator[Database]:
    url = bundled.url.render_as_string(hide_password=False)
    database = Database(url, pool=1, query_timeout=0.2)
    yield database
    database.close()


def test_a_query_that_takes_too_long_is_given_up(hasty: Database) -> None:
    for _ in range(2):
        with pytest.raises(TooSlow), hasty.reader() as reader:
            reader.execute(ENDLESS)
    with hasty.reader() as reader:  # the connection is as good as before
        assert reader.scalar(text("SELECT 1")) == 1


def test_a_writer_takes_as_long_as_it_needs(hasty: Database) -> None:
    some = text(str(ENDLESS).replace("1000000000", "1500000"))
    with hasty.writer() as writer:
        if not hasty.is_sqlite:
            writer.execute(text("SELECT pg_sleep(0.4)"))
        writer.execute(some)


def test_a_query_is_given_up_when_nobody_waits_for_it(bundled: Database) -> None:
    asker = Asker()
    token = ASKER.set(asker)
    try:
        threading.Timer(0.2, asker.leave).start()
        with pytest.raises(TooSlow), bundled.reader() as reader:
            reader.execute(ENDLESS)
    finally:
        ASKER.reset(token)
    with bundled.reader() as reader:
        assert reader.scalar(text("SELECT 1")) == 1
