"""From pasted text to a published statement: proposed, mended, accepted, rejected over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models.api_key import Scope
from app.settings import Settings
from app.store import ledger, project
from tests.application import application
from tests.factories import dump
from tests.test_writing import history, key_for

ARTICLE = """Secret beginnings stand here. Vladimir Putin said Moscow believed that almost 300 \
people had been killed in the strait. "We will talk again in the morning," Putin said.

The Armenian prime minister denied that the port was closed. \
And here is a line between. Secret ends stand here.
"""


@pytest.fixture
def desk(bundled: Database) -> Iterator[TestClient]:
    """The API over the bundled record, asked with a key that may write."""
    app = application(Settings(_env_file=None), bundled)
    headers = key_for(bundled, Scope.write)
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


def proposed(desk: TestClient, id: str = "strait") -> list[dict[str, Any]]:
    members = {"id": id, "kind": "article", "lang": "en", "published_at": "2020-10-23"}
    assert desk.post("/v1/sources", json=members).status_code == 201
    made = desk.post(f"/v1/sources/{id}/candidates", json={"text": ARTICLE})
    assert made.status_code == 201
    items: list[dict[str, Any]] = made.json()["items"]
    return items


def test_from_pasted_text_to_a_published_statement_in_three_calls(
    bundled: Database, desk: TestClient
) -> None:
    said, believed, quoted, denied = proposed(desk)
    assert [one["status"] for one in (said, believed, quoted, denied)] == ["open"] * 4
    assert said["attribution"]["speakers"][0]["actor"] == "vladimir-putin"
    assert denied["attribution"]["speakers"][0]["actor"] == "nikol-pashinyan"
    assert denied["statement"]["polarity"] == "negated"
    assert believed["parent"] == said["id"]
    assert believed["attribution"]["figures"][0]["high"] == 300

    done = desk.post(f"/v1/candidates/{said['id']}/accept", json={})
    assert done.status_code == 200
    accepted = done.json()["accepted"]
    statement = desk.get(f"/v1/statements/{accepted['statement']}").json()
    (report,) = statement["attributions"]
    assert statement["content_from"]["id"] == report["id"] == accepted["attribution"]
    assert (report["status"], report["cue"]) == ("reviewed", "said")
    (first,) = history(desk, f"/v1/statements/{accepted['statement']}")
    assert (first["agent"], first["change"]) == ("desk", "created")
    assert first["reason"] == "read from the source's text by the rule verb-clause"
    verified = desk.get(f"/v1/attributions/{report['id']}/verification").json()
    assert (verified["status"], verified["quoted_text"]) == ("exact", "exact")

    inner = desk.post(f"/v1/candidates/{believed['id']}/accept", json={}).json()["accepted"]
    nested = desk.get(f"/v1/attributions/{inner['attribution']}").json()
    assert nested["parent"]["id"] == report["id"]
    with bundled.reader() as reader:
        assert not [one for one in ledger.verify(reader) if isinstance(one, ledger.Break)]
    before = dump(bundled)
    with bundled.writer() as writer:
        for _ in project.rebuild(writer):
            pass
    assert dump(bundled) == before


def test_it_is_mended_and_accepted_in_one_call_or_mended_first(desk: TestClient) -> None:
    said, _, quoted, _ = proposed(desk)
    mended = desk.patch(
        f"/v1/candidates/{quoted['id']}",
        json={"statement": {"speech_act": "announcement"}, "attribution": {"cue": None}},
    )
    assert (mended.status_code, mended.json()["version"]) == (200, 2)
    assert "cue" not in mended.json()["attribution"]
    assert [one["change"] for one in mended.json()["history"]] == ["proposed", "mended"]
    changes = {"statement": {"content": "It was many.", "said_at": "2020-10-22"}}
    done = desk.post(f"/v1/candidates/{said['id']}/accept?reason=checked", json=changes).json()
    statement = desk.get(f"/v1/statements/{done['accepted']['statement']}").json()
    assert (statement["content"], statement["content_from"]) == ("It was many.", None)
    assert done["history"][-1]["change"] == "accepted"
    assert (done["statement"], done["attribution"]) == ({}, {})  # the words are in the ledger


def test_mended_words_are_anchored_anew_or_not_at_all(desk: TestClient) -> None:
    said, _, quoted, denied = proposed(desk)

    def anchored(one: dict[str, Any]) -> list[str]:
        return [
            anchor["exact"]
            for anchor in one["attribution"]["selectors"]
            if anchor["role"] == "content"
        ]

    path = f"/v1/candidates/{quoted['id']}"
    wrong = desk.patch(path, json={"statement": {"content": "We will never talk again"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/statement/content")
    assert "not in the source's text" in wrong.json()["errors"][0]["detail"]
    wrong = desk.patch(path, json={"attribution": {"quoted_text": "We will never talk again"}})
    assert wrong.json()["errors"][0]["pointer"] == "/attribution/quoted_text"
    mended = desk.patch(path, json={"statement": {"content": "We will talk … in the morning"}})
    assert anchored(mended.json()) == ["We will talk", "in the morning"]
    done = desk.post(f"{path}/accept", json={}).json()["accepted"]
    statement = desk.get(f"/v1/statements/{done['statement']}").json()
    assert statement["content_from"]["id"] == done["attribution"]
    verified = desk.get(f"/v1/attributions/{done['attribution']}/verification").json()
    assert (verified["status"], verified["quoted_text"]) == ("exact", "exact")

    path = f"/v1/candidates/{denied['id']}"
    mended = desk.patch(path, json={"statement": {"content": "the port has been shut"}})
    assert (mended.status_code, anchored(mended.json())) == (200, [])
    assert "quoted_text" not in mended.json()["attribution"]
    assert [one["role"] for one in mended.json()["attribution"]["selectors"]] == ["speaker", "cue"]
    own = {"statement": {"content": "Many died"}, "attribution": {"quoted_text": "almost 300"}}
    mended = desk.patch(f"/v1/candidates/{said['id']}", json=own)
    assert anchored(mended.json()) == ["almost 300"]


def test_the_example_of_accepting_changes_nothing(desk: TestClient) -> None:
    described = desk.get("/openapi.json").json()["paths"]["/v1/candidates/{id}/accept"]["post"]
    assert described["requestBody"]["content"]["application/json"]["example"] == {}


def test_what_does_not_fit_is_told_by_where_it_stands(desk: TestClient) -> None:
    said, _, quoted, _ = proposed(desk)
    path = f"/v1/candidates/{said['id']}"
    wrong = desk.patch(path, json={"statement": {"said_at": "2020-02-30"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/statement/said_at")
    unknown = {"attribution": {"speakers": [{"actor": "nobody-known"}]}}
    wrong = desk.post(f"{path}/accept", json=unknown)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/attribution/speakers/0/actor"
    wrong = desk.post(f"{path}/accept", json={"into": "no-such-statement"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (
        422,
        "/attribution/statement",
    )
    refused: list[Any] = [{"statement": 3}, {"unheard": 1}, []]
    for body in refused:
        assert desk.post(f"{path}/accept", json=body).status_code == 422
    assert desk.post(f"{path}/accept", content=b"{").status_code in (400, 415)
    assert desk.get(path).json()["version"] == 1
    stale = desk.post(f"{path}/reject", json={}, headers={"If-Match": '"7-x"'})
    assert stale.status_code == 412
    assert desk.post(f"{path}/reject", json={}).status_code == 200
    assert desk.post(f"{path}/accept", json={}).status_code == 409
    assert desk.get("/v1/candidates/0198aaaa-0000-7000-8000-000000000000").status_code == 404
    assert desk.get("/v1/candidates/x").status_code == 422
    assert desk.get(f"/v1/candidates/{quoted['id']}").status_code == 200


def test_each_call_is_done_once_under_its_key(desk: TestClient) -> None:
    said, _, quoted, _ = proposed(desk)
    calls: list[tuple[str, dict[str, str]]] = [
        (f"/v1/candidates/{said['id']}/accept", {}),
        (f"/v1/candidates/{quoted['id']}/reject", {"reason": "No statement"}),
    ]
    for path, body in calls:
        headers = {"Idempotency-Key": path[-40:]}
        first = desk.post(path, json=body, headers=headers)
        again = desk.post(path, json=body, headers=headers)
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"


def test_a_text_that_is_read_again_proposes_nothing_twice(desk: TestClient) -> None:
    items = proposed(desk)
    desk.post(f"/v1/candidates/{items[0]['id']}/accept", json={})
    desk.post(f"/v1/candidates/{items[1]['id']}/reject", json={})
    again = desk.post("/v1/sources/strait/candidates", json={}).json()["items"]
    assert [one["id"] for one in again] == [one["id"] for one in items]
    assert [one["status"] for one in again] == ["accepted", "rejected", "open", "open"]
    listed = desk.get("/v1/sources/strait/candidates", params={"status": "open"}).json()["items"]
    assert [one["id"] for one in listed] == [one["id"] for one in items[2:]]


def test_what_another_outlet_reported_already_is_named(desk: TestClient) -> None:
    first = proposed(desk)[0]
    statement = desk.post(f"/v1/candidates/{first['id']}/accept", json={}).json()["accepted"]
    said = proposed(desk, "another-outlet")[0]
    assert said["known"] == {"statement": statement["statement"], "attribution": None}
    done = desk.post(
        f"/v1/candidates/{said['id']}/accept", json={"into": said["known"]["statement"]}
    )
    assert done.json()["accepted"]["statement"] == statement["statement"]
    reports = desk.get(f"/v1/statements/{statement['statement']}").json()["attributions"]
    assert {one["source"]["id"] for one in reports} == {"strait", "another-outlet"}


def test_drafts_are_shown_to_nobody_else_and_the_text_to_nobody(
    bundled: Database, desk: TestClient
) -> None:
    item = proposed(desk)[0]
    answer = desk.get("/v1/sources/strait/candidates")
    assert answer.headers["cache-control"] == "no-store"
    assert "Secret beginnings" not in answer.text
    assert "Secret ends" not in answer.text
    anyone = TestClient(application(Settings(_env_file=None), bundled))
    assert anyone.get("/v1/sources/strait/candidates").status_code == 401
    assert anyone.get(f"/v1/candidates/{item['id']}").status_code == 401
    assert "strait" not in anyone.get("/v1/statements").text
    reader = key_for(bundled, Scope.read, name="reader")
    assert anyone.get(f"/v1/candidates/{item['id']}", headers=reader).status_code == 403
    assert anyone.post("/v1/sources/strait/candidates", json={}).status_code == 401


def test_a_source_without_a_text_and_a_text_that_is_none(desk: TestClient) -> None:
    path = "/v1/sources/fighting-rages-in-nagorno-karabakh/candidates"
    assert desk.post(path, json={}).status_code == 409
    assert desk.post("/v1/sources/none/candidates", json={}).status_code == 404
    assert desk.post(path, json={"text": "\x01" * 100}).status_code == 422
    assert desk.post(path, json={"text": 3}).status_code == 422
    made = proposed(desk)
    assert made
    other = desk.post("/v1/sources/strait/candidates", json={"text": "Another text."})
    assert other.status_code == 409


def test_another_language_says_that_little_is_known(desk: TestClient) -> None:
    desk.post("/v1/sources", json={"id": "ru", "kind": "article", "lang": "ru"})
    text = "Владимир Путин сказал: «Переговоры идут очень трудно»."
    made = desk.post("/v1/sources/ru/candidates", json={"text": text}).json()
    assert made["english"] is False
    assert made["items"][0]["attribution"]["speakers"][0]["actor"] == "vladimir-putin"


def test_a_redaction_leaves_no_draft_with_its_words(bundled: Database, desk: TestClient) -> None:
    said, believed, quoted, denied = proposed(desk)
    accepted = desk.post(f"/v1/candidates/{said['id']}/accept", json={}).json()["accepted"]
    again, *_ = proposed(desk, "another-outlet")
    admin = key_for(bundled, Scope.admin, name="admin") | {"If-Match": "*"}
    ends = "?change=redacted&reason=privacy"
    path = f"/v1/statements/{accepted['statement']}{ends}"
    assert desk.delete(path, headers=admin).status_code == 204
    assert desk.get(f"/v1/candidates/{again['id']}").status_code == 404  # the same words
    assert desk.get(f"/v1/candidates/{said['id']}").json()["statement"] == {}
    assert desk.delete(f"/v1/sources/strait{ends}", headers=admin).status_code == 204
    for one in (said, believed, quoted, denied):
        assert desk.get(f"/v1/candidates/{one['id']}").status_code == 404
    assert desk.get("/v1/sources/strait/candidates").status_code == 410


def test_unsure_ones_are_proposed_when_asked_for_beside_those_that_are_there(
    desk: TestClient,
) -> None:
    desk.post("/v1/sources", json={"id": "port", "kind": "article", "lang": "en"})
    text = "Ada Brandt reportedly left Lund. Oto Lemm said that the port was closed."
    path = "/v1/sources/port/candidates"
    (sure,) = desk.post(path, json={"text": text}).json()["items"]
    unsure, same = desk.post(path, json={"least_confidence": 0}).json()["items"]
    assert same["id"] == sure["id"]
    assert (unsure["rule"], unsure["confidence"]) == ("adverb", 0.05)
    refused = desk.post(path, json={"least_confidence": 2})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422,
        "/least_confidence",
    )
