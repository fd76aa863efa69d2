"""Webhooks: signed, sent again until they arrive, given up visibly, and never sent inwards."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

from app import sender
from app.db import Database
from app.models.api_key import Scope
from app.sender import Refused, Sender, is_public, signature
from app.settings import Settings
from app.store.watch import Watch
from tests.application import application
from tests.factories import actor, fill, statement, topic
from tests.test_writing import key_for


class Receiver:
    """An address that keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[int], int] = lambda _count: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the library's name
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.messages.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.answer(len(receiver.messages)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/onrecord?a=b"

    def changes(self) -> list[dict[str, Any]]:
        return [json.loads(body)["data"] for _, body in self.messages]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.05,))
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


@pytest.fixture
def admin(database: Database) -> Iterator[TestClient]:
    """The API, without its own sender, so that tests say when something is sent."""
    app = application(Settings(_env_file=None, private_webhooks=True), database)
    headers = key_for(database, Scope.admin)
    client = TestClient(app, headers=headers, raise_server_exceptions=False)
    yield client
    client.close()


@contextmanager
def sending(database: Database, *, count: int = 1, **options: Any) -> Iterator[None]:
    """So many senders at work, as in so many processes."""

    async def work() -> None:
        made = {"private": True} | options
        async with anyio.create_task_group() as tasks:
            for _ in range(count):
                tasks.start_soon(Sender(database, Watch(database), **made).run)
            while not over.is_set():
                await anyio.sleep(0.02)
            tasks.cancel_scope.cancel()

    over = threading.Event()
    thread = threading.Thread(target=lambda: anyio.run(work))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def send(database: Database, until: Callable[[], bool], **options: Any) -> None:
    """Let a sender work until something holds."""
    with sending(database, **options):
        for _ in range(1_000):
            if until():
                return
            time.sleep(0.02)
    raise AssertionError("it did not come about")


def make(client: TestClient, url: str, **members: Any) -> dict[str, Any]:
    made = client.post("/v1/webhooks", json={"url": url, **members})
    assert made.status_code == 201, made.text
    body: dict[str, Any] = made.json()
    return body


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the libraries of Standard Webhooks."""
    secret, id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signature(secret, id, 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_changes_arrive_signed_and_in_order(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    fill(database, [topic("before")])
    hook = make(admin, receiver.url)
    fill(database, [actor("a"), topic("t"), statement("s")])
    path = f"/v1/webhooks/{hook['id']}"
    send(database, lambda: admin.get(path).json()["waiting"] == 0 and len(receiver.messages) == 3)
    feed = admin.get("/v1/changes?since=1").json()["items"]
    assert receiver.changes() == feed
    for (headers, body), change in zip(receiver.messages, feed, strict=True):
        message = json.loads(body)
        assert message["type"] == f"{change['type']}.created"
        assert message["timestamp"] == change["recorded_at"]
        assert headers["webhook-id"] == f"msg_{hook['id']}_{change['seq']}"
        stamp = int(headers["webhook-timestamp"])
        assert abs(stamp - time.time()) < 60
        expected = signature(hook["secret"], headers["webhook-id"], stamp, body)
        assert headers["webhook-signature"] == expected
    shown = admin.get(f"/v1/webhooks/{hook['id']}").json()
    assert (shown["waiting"], shown["dead"], shown["secret"]) == (0, 0, None)
    assert shown["delivered_at"]


def test_only_what_was_asked_for_is_sent(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    make(admin, receiver.url, types=["topic"], changes=["updated"])
    fill(database, [actor("a"), topic("t")], [topic("t", kind="place"), actor("a", name="B")])
    send(database, lambda: len(receiver.messages) == 1)
    (change,) = receiver.changes()
    assert (change["type"], change["change"]) == ("topic", "updated")


def test_what_fails_is_sent_again_under_the_same_id_and_lets_others_pass(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    hook = make(admin, receiver.url)
    receiver.answer = lambda count: 500 if count <= 2 else 200
    fill(database, [actor("a"), actor("b"), actor("c")])
    path = f"/v1/webhooks/{hook['id']}"
    send(database, lambda: len(receiver.messages) == 5, retries=(0.05, 0.05))
    ids = [headers["webhook-id"].rpartition("_")[2] for headers, _ in receiver.messages]
    assert ids[:3] == ["1", "2", "3"]
    assert sorted(ids[3:]) == ["1", "2"]
    send(database, lambda: admin.get(path).json()["waiting"] == 0)


def test_what_never_arrives_is_given_up_seen_and_sent_again_on_request(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    hook = make(admin, receiver.url)
    path = f"/v1/webhooks/{hook['id']}"
    receiver.answer = lambda _count: 503
    fill(database, [actor("a")])
    send(database, lambda: admin.get(path).json()["dead"] == 1, retries=(0.01, 0.01))
    assert len(receiver.messages) == 3
    (dead,) = admin.get(f"{path}/deliveries?status=dead").json()["items"]
    assert (dead["seq"], dead["attempts"], dead["next_at"]) == (1, 3, None)
    assert dead["problem"] == "it answered 503"
    assert admin.get(f"{path}/deliveries?status=waiting").json()["items"] == []
    receiver.answer = lambda _count: 200
    assert admin.post(f"{path}/deliveries/1/retry").status_code == 200
    assert "\nonrecord_webhook_deliveries_waiting 1.0\n" in admin.get("/metrics").text
    send(database, lambda: admin.get(path).json()["delivered_at"] is not None)
    assert admin.get(f"{path}/deliveries").json()["items"] == []
    assert admin.post(f"{path}/deliveries/1/retry").status_code == 404


def test_an_address_that_is_gone_is_left_alone(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    hook = make(admin, receiver.url)
    receiver.answer = lambda _count: 410
    fill(database, [actor("a"), actor("b")])
    path = f"/v1/webhooks/{hook['id']}"
    send(database, lambda: admin.get(path).json()["disabled_at"] is not None)
    assert len(receiver.messages) == 1
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.get("/v1/webhooks").json() == {"items": []}


def test_two_processes_do_not_send_the_same(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    make(admin, receiver.url)
    fill(database, [actor(f"a{number}") for number in range(20)])

    send(database, lambda: len(receiver.messages) >= 20, count=3)
    assert [one["seq"] for one in receiver.changes()] == list(range(1, 21))


def test_a_redirect_is_not_followed(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    hook = make(admin, receiver.url)
    receiver.answer = lambda _count: 302
    fill(database, [actor("a")])
    path = f"/v1/webhooks/{hook['id']}"
    send(database, lambda: admin.get(path).json()["dead"] == 1, retries=())
    assert len(receiver.messages) == 1


INWARD = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://0/",
    "https://10.0.0.1/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "http://8.8.8.8/",
    "https://nowhere.invalid/",
    "https://a]b/",
    "https://[a/",
    "https://a\u2100b/",  # becomes a/c under NFKC
    "https://a:99999/",
]


@pytest.mark.parametrize("url", INWARD)
def test_nothing_is_sent_inwards(url: str) -> None:
    with pytest.raises(Refused):
        asyncio.run(sender.addresses(url, private=False))


def test_public_addresses_are_public() -> None:
    assert all(map(is_public, ("8.8.8.8", "2001:4860:4860::8888")))
    assert not any(map(is_public, ("100.64.0.1", "224.0.0.1", "ff02::1", "fc00::1", "0.0.0.0")))


def test_a_name_that_came_to_lead_inwards_is_not_sent_to(
    database: Database, admin: TestClient, receiver: Receiver
) -> None:
    """It was allowed when the webhook was made, and is looked at again for each message."""
    hook = make(admin, receiver.url)
    fill(database, [actor("a")])
    path = f"/v1/webhooks/{hook['id']}/deliveries?status=dead"

    send(database, lambda: bool(admin.get(path).json()["items"]), private=False, retries=())
    (dead,) = admin.get(path).json()["items"]
    assert "nothing was sent" in dead["problem"]
    assert receiver.messages == []


def test_webhooks_that_make_no_sense_are_refused(database: Database) -> None:
    app = application(Settings(_env_file=None), database)
    with TestClient(app, headers=key_for(database, Scope.admin)) as client:
        wrong: list[Any] = [
            {},
            {"url": "ftp://example.org"},
            {"url": "https://user:secret@example.org/"},
            {"url": "https://127.0.0.1/"},
            {"url": "https://8.8.8.8/", "types": ["figure"]},
            {"url": "https://8.8.8.8/", "unheard": 1},
            [],
        ]
        for body in wrong:
            answer = client.post("/v1/webhooks", json=body)
            assert answer.status_code == 422, body
        made = client.post("/v1/webhooks", json={"url": "https://8.8.8.8/"})
        assert made.status_code == 201
        writer = key_for(database, Scope.write, name="writer")
        assert client.get("/v1/webhooks", headers=writer).status_code == 403


def test_one_request_makes_one_webhook(admin: TestClient, receiver: Receiver) -> None:
    def post(url: str) -> Any:
        headers = {"Idempotency-Key": "k"}
        return admin.post("/v1/webhooks", json={"url": url}, headers=headers)

    assert post(receiver.url).json() == post(receiver.url).json()
    assert post(receiver.url + "c").status_code == 422
    assert len(admin.get("/v1/webhooks").json()["items"]) == 1
