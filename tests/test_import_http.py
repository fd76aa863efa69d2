"""Importing over HTTP: the same road as the command line, told line by line."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models.api_key import Scope
from app.store import bulk
from tests.factories import Line, actor, everything, ndjson, statement
from tests.serving import served
from tests.test_writing import desk as desk
from tests.test_writing import key_for

NDJSON = {"Content-Type": "application/x-ndjson"}


def send(client: Any, content: bytes, query: str = "", **headers: str) -> list[dict[str, Any]]:
    answer = client.post(f"/v1/import{query}", content=content, headers=NDJSON | headers)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_file_is_imported_once_however_often_it_is_sent(desk: TestClient) -> None:
    content = ndjson(everything())
    count = len(everything())
    last = send(desk, content, "?reason=first")[-1]
    assert last["done"] is True
    assert (last["lines"], last["created"], last["failed"]) == (count, count, 0)
    assert last["bytes"] == len(content)
    revision = desk.get("/v1/actors/speaker/revisions").json()["items"][0]
    assert (revision["agent"], revision["reason"]) == ("desk", "first")
    last = send(desk, content)[-1]
    assert (last["unchanged"], last["created"]) == (count, 0)


def test_bad_lines_are_told_and_good_ones_kept(desk: TestClient) -> None:
    lines: list[Line] = [
        actor("a"),
        b'{"a":' * 900 + b"1" + b"}" * 900,
        statement("s", said_at="2020-02-30"),
        {"type": "x"},
        actor("b"),
    ]
    told = send(desk, ndjson(lines))
    assert [one["line"] for one in told if "errors" in one] == [2, 3, 4]
    assert [one["errors"][0]["pointer"] for one in told if one.get("line") in (3, 4)] == [
        "/said_at",
        "/type",
    ]
    assert (told[-1]["created"], told[-1]["failed"]) == (2, 3)
    assert desk.get("/v1/actors/b").status_code == 200


def test_a_dry_run_writes_nothing(desk: TestClient) -> None:
    assert send(desk, ndjson([actor("a")]), "?dry_run=true")[-1]["created"] == 1
    assert desk.get("/v1/actors/a").status_code == 404
    assert send(desk, b"")[-1] == {
        **dict.fromkeys(("lines", "bytes", "created", "updated", "unchanged", "failed"), 0),
        "done": True,
    }


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {"Content-Type": "application/json"}, 415),
        ("?dry_run=perhaps", NDJSON, 422),
        ("?dryrun=true", NDJSON, 422),
        ("", NDJSON | {"Authorization": "Bearer x"}, 401),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_read(
    desk: TestClient, query: str, headers: dict[str, str], status: int
) -> None:
    answer = desk.post(f"/v1/import{query}", content=ndjson([actor("a")]), headers=headers)
    assert answer.status_code == status
    assert desk.get("/v1/actors/a").status_code == 404


def test_what_was_cut_off_is_finished_by_sending_it_again(database: Database) -> None:
    """The connection is cut in the middle of the file, then in the middle of the answer."""
    url = database.url.render_as_string(hide_password=False)
    key = key_for(database, *Scope)
    content = ndjson([actor(f"a-{number}") for number in range(2_400)])

    def half() -> Any:
        yield content[: len(content) // 2]
        raise ConnectionError

    with (
        served(url, ONRECORD_BUNDLED_RECORD="false") as (address, _),
        httpx2.Client(base_url=address, headers=key, timeout=60) as client,
    ):
        with pytest.raises((ConnectionError, httpx2.TransportError)):
            client.post("/v1/import", content=half(), headers=NDJSON)
        assert client.get("/v1/actors?count=exact&limit=1").json()["count"] == 0
        with client.stream("POST", "/v1/import", content=content, headers=NDJSON) as answer:
            next(answer.iter_lines())
        kept = client.get("/v1/actors?count=exact&limit=1").json()["count"]
        assert kept >= 1_000
        last = send(client, content)[-1]
        assert last["created"] + last["unchanged"] == 2_400
        assert last["unchanged"] >= 1_000
        assert client.get("/v1/actors?count=exact&limit=1").json()["count"] == 2_400


def test_an_import_may_go_on_in_another_thread(bundled: Database) -> None:
    """As it does over HTTP, where each step takes the thread that is free."""
    line = b'{"type":"topic","id":"peace","kind":"theme","pref_labels":{"en":"Peace"}}\n'
    steps = bulk.import_file(bundled, io.BytesIO(line), agent="test", dry_run=True)
    while True:
        with ThreadPoolExecutor(1) as another:
            step = another.submit(next, steps, None).result()
        if step is None:
            break
        assert not step.errors
