"""The change feed: every change once and in order, whoever writes; waited for and streamed."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from app.db import Database
from app.models.api_key import Scope
from tests.factories import actor, fill
from tests.serving import served
from tests.test_writing import SOURCE, key_for
from tests.test_writing import desk as desk


def follow(client: httpx2.Client, since: int = 0, **params: Any) -> list[dict[str, Any]]:
    """All pages of the feed after a number."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.get("/v1/changes", params={"since": since, **params}).json()
        found += page["items"]
        if "next" not in page:
            return found
        since = found[-1]["seq"]
        assert f"since={since}" in page["next"]


def test_the_feed_is_the_whole_ledger_in_its_order(desk: TestClient) -> None:
    desk.put("/v1/actors/a", json={"kind": "person", "name": "A"})
    tag = {"If-Match": "*"}
    desk.put("/v1/actors/a", json={"kind": "person", "name": "B"}, headers=tag)
    desk.post("/v1/actors/a/merge", json={"into": "france", "reason": "x"})
    desk.delete("/v1/actors/a/merge")
    desk.delete("/v1/actors/a?reason=x", headers=tag)
    desk.delete("/v1/actors/a?reason=y&change=redacted", headers=tag)
    found = follow(desk, limit=7)
    assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
    kinds = ["created", "updated", "merged", "corrected", "retracted", "redacted"]
    assert [one["change"] for one in found[-6:]] == kinds
    assert {one["body"] is None for one in found[-6:] if one["change"] != "merged"} == {True}
    assert follow(desk, since=len(found)) == []
    assert follow(desk, since=len(found) - 1) == found[-1:]
    rows = desk.get("/v1/changes?limit=100&format=ndjson").text.splitlines()
    assert [json.loads(one) for one in rows] == found[:100]


NOWHERE = ["since=-1", "since=x", "since=9999", "wait=x", "wait=61", "since=99999999999999999999"]


def test_what_is_no_place_in_the_feed_is_refused(reading: TestClient) -> None:
    for query in NOWHERE:
        answer = reading.get(f"/v1/changes?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_nothing_is_left_out_while_many_write(desk: TestClient) -> None:
    start = follow(desk)[-1]["seq"]

    def write(number: int) -> None:
        for one in range(8):
            report = {"source": SOURCE}
            body = {"id": f"s-{number}-{one}", "attributions": [report]}
            assert desk.post("/v1/statements", json=body).status_code == 201

    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        seen: list[int] = []
        while len(seen) < 4 * 8 * 2:
            seen += [one["seq"] for one in follow(desk, since=seen[-1] if seen else start, limit=3)]
            assert not any(one.done() and one.exception() for one in writers)
    assert seen == list(range(start + 1, start + 1 + len(seen)))


def test_followers_of_a_server_are_told_of_every_change(bundled: Database) -> None:
    url = bundled.url.render_as_string(hide_password=False)
    key = key_for(bundled, *Scope)
    with served(url) as (address, _), httpx2.Client(base_url=address, headers=key) as client:
        _check_stream(client)
        _check_waiting(client, bundled)


def _check_waiting(client: httpx2.Client, bundled: Database) -> None:
    """Who waits is told at once of a change by another."""
    seq = follow(client)[-1]["seq"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, f"/v1/changes?since={seq}&wait=30", timeout=60)
        time.sleep(0.3)
        assert not waiting.done()
        # Written by this process, not by the server.
        fill(bundled, [actor("somebody-new")])
        items = waiting.result().json()["items"]
        assert [one["id"] for one in items] == ["somebody-new"]
    assert client.get(f"/v1/changes?since={seq + 1}&wait=0.2").json() == {"items": []}


def _check_stream(client: httpx2.Client) -> None:
    """A stream goes on where it was cut off."""
    accept = {"Accept": "text/event-stream"}

    def events(client: httpx2.Client, count: int, headers: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        with client.stream("GET", "/v1/changes", headers=accept | headers, timeout=30) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            event: dict[str, Any] = {}
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name in ("id", "event", "data"):
                    event[name] = value
                elif not line and event:
                    assert json.loads(event["data"])["seq"] == int(event["id"])
                    found.append(event)
                    event = {}
                    if len(found) == count:
                        break
        return found

    first = events(client, 5, {})
    assert [one["id"] for one in first] == ["1", "2", "3", "4", "5"]
    rest = events(client, 68, {"Last-Event-ID": "5"})
    assert [int(one["id"]) for one in rest] == list(range(6, 74))
    with ThreadPoolExecutor(1) as pool:
        streaming = pool.submit(events, client, 1, {"Last-Event-ID": rest[-1]["id"]})
        time.sleep(0.3)
        client.put("/v1/actors/a", json={"kind": "person", "name": "A"})
        (event,) = streaming.result()
        assert (event["id"], event["event"]) == ("74", "created")
    wrong = client.get("/v1/changes", headers=accept | {"Last-Event-ID": "x"})
    assert wrong.status_code == 422
    assert client.get("/v1/changes?since=999", headers=accept).status_code == 422
