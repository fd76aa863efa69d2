"""Writing over HTTP: created, replaced, patched, taken out; by whom, which version, and once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.db import Database
from app.models.api_key import Scope
from app.models.fold import fold
from app.settings import Settings
from app.store import edit, keys, ledger, project
from tests.application import application
from tests.factories import dump

SOURCE = "fighting-rages-in-nagorno-karabakh"
PATCH = {"Content-Type": "application/merge-patch+json"}


def key_for(database: Database, *scopes: Scope, name: str = "desk") -> dict[str, str]:
    with database.writer() as writer:
        _, text = keys.create(writer, name, scopes)
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def desk(bundled: Database) -> Iterator[TestClient]:
    """The API over the bundled record, asked with a key that may do everything."""
    app = application(Settings(_env_file=None), bundled)
    headers = key_for(bundled, *Scope)
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


def history(client: TestClient, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"{path}/revisions").json()["items"]
    return items


def check_ledger(database: Database) -> None:
    """The chain holds, and the tables are what the ledger makes."""
    with database.reader() as reader:
        assert [one for one in ledger.verify(reader) if isinstance(one, ledger.Break)] == []
    before = dump(database)
    with database.writer() as writer:
        for _ in project.rebuild(writer):
            pass
    assert dump(database) == before


# --- created ------------------------------------------------------------------------------------


def test_a_statement_with_its_reports_is_created_at_once(desk: TestClient) -> None:
    sent = {
        "content": "Hopes are fading.",
        "topics": ["nagorno-karabakh"],
        "attributions": [
            {
                "id": "a-report",
                "source": {"id": SOURCE},
                "speakers": [{"actor": {"id": "vladimir-putin", "name": "whoever"}}],
                "figures": [{"measure": "killed", "as_worded": "nearly 1,000"}],
            }
        ],
    }
    made = desk.post("/v1/statements?reason=reading", json=sent)
    assert made.status_code == 201
    body = made.json()
    assert body["version"] == 1
    assert [one["id"] for one in body["attributions"]] == ["a-report"]
    assert body["attributions"][0]["statement"]["id"] == body["id"]
    assert made.headers["location"] == f"/v1/statements/{body['id']}"
    assert made.headers["etag"] == desk.get(made.headers["location"]).headers["etag"]
    (first,) = history(desk, made.headers["location"])
    assert (first["agent"], first["reason"], first["change"]) == ("desk", "reading", "created")
    # The ledger has ids, not the objects in which references were sent.
    assert first["body"] == {"content": sent["content"], "id": body["id"], "topics": sent["topics"]}
    found = desk.get("/v1/statements", params={"q": "fading", "speaker": "vladimir-putin"}).json()
    assert [one["id"] for one in found["items"]] == [body["id"]]


def test_nothing_is_written_when_any_part_is_refused(bundled: Database, desk: TestClient) -> None:
    before = dump(bundled)
    report = {"source": SOURCE, "speakers": [{"actor": "nobody-known"}]}
    wrong = desk.post("/v1/statements", json={"content": "a", "attributions": [report]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/attributions/0/speakers/0/actor"
    refused = [
        ({"content": "a", "attributions": [{"source": SOURCE, "statement": "other"}]}, 422),
        ({"content": "a", "attributions": [{"source": SOURCE}, {}]}, 422),
        ({"content": "a", "attributions": {}}, 422),
        ({"content": "a", "attributions": [3]}, 422),
        ({"content": "a", "unheard": 1}, 422),
        ({"id": 3}, 422),
        ({"id": "../x"}, 422),
        ({"type": "actor"}, 422),
        ([], 422),
        ({"id": "nearly-1000-reported-killed"}, 409),
        ({"said_at": "2020-02-30"}, 422),
    ]
    for body, status in refused:
        answer = desk.post("/v1/statements", json=body)
        assert (answer.status_code, body) == (status, body)
        assert answer.headers["content-type"] == "application/problem+json"
    assert dump(bundled) == before


def test_a_body_that_is_no_json_is_refused(desk: TestClient) -> None:
    def post(content: bytes, media_type: str = "application/json") -> int:
        headers = {"Content-Type": media_type}
        return desk.post("/v1/actors", content=content, headers=headers).status_code

    good = b'{"kind": "person", "name": "A"}'
    assert post(good, "application/json; charset=utf-8") == 201
    assert post(good, "text/plain") == 415
    assert post(good, "") == 415
    for broken in (
        b"",
        b"{",
        b'{"name": NaN}',
        b'{"a": 1, "a": 1}',
        b'{"name": "\\ud800"}',
        b"\xff",
    ):
        assert post(broken) == 400, broken
    assert post(b"[" * 100_000) == 400
    for opened, closed in ((b'{"a":', b"}"), (b"[", b"]")):  # what a JSON reader still takes
        deep = opened * 900 + b"1" + closed * 900
        assert post(deep) == 400
        assert post(b'{"kind": "person", "name": "A", "memberships": ' + deep + b"}") == 400
        patch = PATCH | {"If-Match": "*"}
        assert desk.patch("/v1/actors/france", content=deep, headers=patch).status_code == 400
    assert post(b'{"kind": "person", "name": "A\\u0000"}') == 422
    refused = desk.patch("/v1/actors/france", content=b"{}", headers={"Content-Type": "text/csv"})
    assert refused.status_code == 415
    assert refused.headers["accept-patch"] == "application/merge-patch+json"


def test_a_compressed_body_is_refused(desk: TestClient) -> None:
    coded = {"Content-Encoding": "gzip"}
    for path, media_type in (("actors", "application/json"), ("import", "application/x-ndjson")):
        headers = {"Content-Type": media_type} | coded
        refused = desk.post(f"/v1/{path}", content=b'{"type": "actor"}', headers=headers)
        assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "identity")


def test_a_path_tells_what_it_takes(desk: TestClient) -> None:
    told = desk.options("/v1/actors/france")
    assert told.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    assert told.headers["accept-patch"] == "application/merge-patch+json"
    assert "accept-patch" not in desk.options("/v1/actors").headers
    for method in ("GET", "HEAD", "PUT"):
        refused = desk.request(method, "/v1/actors/france/merge")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "DELETE, OPTIONS, POST"


def test_an_answer_that_cannot_be_given_undoes_the_change(desk: TestClient) -> None:
    sent = {"id": "x", "kind": "person", "name": "A"}
    refused = desk.post("/v1/actors", json=sent, headers={"Accept": "image/png"})
    assert refused.status_code == 406
    assert desk.get("/v1/actors/x").status_code == 404


# --- replaced and patched -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "collection", ["actors", "topics", "sources", "statements", "attributions"]
)
def test_what_was_read_can_be_sent_back_and_changes_nothing(
    bundled: Database, desk: TestClient, collection: str
) -> None:
    before = dump(bundled)
    for item in desk.get(f"/v1/{collection}?limit=100").json()["items"]:
        path = f"/v1/{collection}/{item['id']}"
        read = desk.get(path)
        sent = desk.put(path, json=read.json(), headers={"If-Match": read.headers["etag"]})
        assert sent.status_code == 200, sent.text
        assert sent.content == read.content
        assert sent.headers["etag"] == read.headers["etag"]
    assert dump(bundled) == before


def test_put_creates_and_replaces(bundled: Database, desk: TestClient) -> None:
    sent = {"kind": "person", "name": "A", "description": "Somebody"}
    made = desk.put("/v1/actors/a", json=sent)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/actors/a")
    assert made.headers["content-location"] == "/v1/actors/a"
    tag = {"If-Match": made.headers["etag"]}
    assert desk.put("/v1/actors/a", json={**sent, "id": "b"}, headers=tag).status_code == 422
    changed = desk.put(
        "/v1/actors/a?change=corrected&reason=misread",
        json={"kind": "person", "name": "B"},
        headers=tag,
    )
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["description"]) == ("B", None)
    newest, oldest = history(desk, "/v1/actors/a")
    assert (newest["change"], newest["reason"], newest["version"]) == ("corrected", "misread", 2)
    assert newest["changes"] == [
        {"pointer": "/description", "from": "Somebody", "to": None},
        {"pointer": "/name", "from": "A", "to": "B"},
    ]
    assert oldest["changes"] == []
    check_ledger(bundled)


def test_a_change_must_name_the_version_that_it_is_of(desk: TestClient) -> None:
    path = "/v1/actors/france"
    tag = desk.get(path).headers["etag"]

    def patch(**headers: str) -> int:
        return desk.patch(path, content=b"{}", headers=PATCH | headers).status_code

    assert patch() == 428
    assert patch(**{"If-Match": '"9-abc"'}) == 412
    assert patch(**{"If-Match": f"W/{tag}"}) == 412
    assert patch(**{"If-Match": '"abc"'}) == 412
    assert patch(**{"If-Match": "abc"}) == 422
    assert patch(**{"If-Match": '"1-other-form", "9-abc"'}) == 200
    assert patch(**{"If-Match": "*"}) == 200
    assert patch(**{"If-None-Match": "*"}) == 412
    assert desk.put(path, json={"kind": "state", "name": "F"}).status_code == 428
    assert desk.put("/v1/actors/new", json={}, headers={"If-Match": "*"}).status_code == 412
    assert desk.delete(f"{path}?reason=x").status_code == 428
    assert desk.patch("/v1/actors/no", content=b"{}", headers=PATCH).status_code == 404


MERGE_PATCHES = [
    # RFC 7396, appendix A
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), MERGE_PATCHES)
def test_merge_patches_are_those_of_the_rfc(target: Any, patch: Any, result: Any) -> None:
    assert edit.merged(target, patch) == result


def test_patch_changes_what_is_given(bundled: Database, desk: TestClient) -> None:
    path = "/v1/topics/nagorno-karabakh"
    read = desk.get(path)
    labels = read.json()["pref_labels"]
    patch = {"pref_labels": {"fr": "Haut-Karabagh", "ru": None}, "version": 77, "created_at": "x"}
    headers = PATCH | {"If-Match": read.headers["etag"]}
    changed = desk.patch(path, content=json.dumps(patch), headers=headers)
    assert changed.status_code == 200
    del labels["ru"]
    assert changed.json()["pref_labels"] == {**labels, "fr": "Haut-Karabagh"}
    (newest, _) = history(desk, path)
    assert [one["pointer"] for one in newest["changes"]] == ["/pref_labels/fr", "/pref_labels/ru"]
    stale = desk.patch(path, content=json.dumps(patch), headers=headers)
    assert stale.status_code == 412
    for wrong in ("[]", "3", '{"id": "other"}', '{"kind": null}', '{"kind": "x"}'):
        headers = PATCH | {"If-Match": "*"}
        assert desk.patch(path, content=wrong, headers=headers).status_code == 422, wrong
    check_ledger(bundled)


def test_reports_that_a_statement_carries_change_with_it(desk: TestClient) -> None:
    path = "/v1/statements/nearly-1000-reported-killed"
    read = desk.get(path).json()
    (report,) = read["attributions"]
    report["status"], report["note"] = "disputed", "Counted twice?"
    headers = {"If-Match": "*"}
    changed = desk.put(path, json=read, headers=headers).json()
    assert (changed["version"], changed["attributions"][0]["version"]) == (1, 2)
    assert changed["disputed"] is True
    asked = "/v1/statements?status=disputed"
    for form, shown in (
        ("json", '"disputed":true'),
        ("ndjson", '"disputed":true'),
        ("csv", ",true,"),
        ("jsonld", '"disputed":true'),
        ("atom", "[a report is disputed]"),
    ):
        assert shown in desk.get(f"{asked}&format={form}").text, form
    # What somebody else has changed meanwhile is not undone by what was read before.
    report["status"] = "reviewed"
    assert desk.put(path, json=read, headers=headers).status_code == 412
    # Reports that are left out stay, and one that is only named is left as it is.
    named = {**read, "attributions": [{"id": report["id"]}]}
    assert desk.put(path, json=named, headers=headers).status_code == 200
    assert len(desk.get(path).json()["attributions"]) == 1
    # One of another statement is not taken from it.
    stolen = {
        **read,
        "attributions": [{**report, "id": "fighting-rages:moscow-almost-5000-killed"}],
    }
    assert desk.put(path, json=stolen, headers=headers).status_code in (412, 422)


# --- once ---------------------------------------------------------------------------------------


def test_a_request_under_one_key_is_done_once(bundled: Database, desk: TestClient) -> None:
    sent = {"kind": "person", "name": "A"}

    def post(key: str, body: Any = sent, path: str = "/v1/actors") -> Any:
        return desk.post(path, json=body, headers={"Idempotency-Key": key})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post("one"), range(8)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert [one.headers.get("idempotency-replayed") for one in answers].count(None) == 1
    again = post('"one"')
    assert (again.content, again.headers["etag"]) == (
        answers[0].content,
        answers[0].headers["etag"],
    )
    # The answer is that of then, whatever became of the record.
    path, tag = again.headers["location"], {"If-Match": "*"}
    assert desk.patch(path, content=b'{"name": "B"}', headers=PATCH | tag).status_code == 200
    assert post("one").content == again.content
    assert post("one", {**sent, "name": "C"}).status_code == 422
    assert post("one", path="/v1/actors?reason=x").status_code == 422
    for wrong in ("", "ä", "x" * 256, "a\tb"):
        headers = {b"Idempotency-Key": wrong.encode()}
        answer = desk.post("/v1/actors", json=sent, headers=headers)
        assert answer.status_code == 422, wrong
    # A refused request leaves its key free.
    assert post("two", {}).status_code == 422
    assert post("two").status_code == 201
    # Keys of different people are different.
    other = key_for(bundled, Scope.write, name="other")
    mine = desk.post("/v1/actors", json=sent, headers={"Idempotency-Key": "one"} | other)
    assert mine.json()["id"] != again.json()["id"]
    assert desk.delete(f"{path}?reason=law&change=redacted", headers=tag).status_code == 204
    assert post("one").status_code == 410


# --- taken out ----------------------------------------------------------------------------------


def words_anywhere(database: Database, word: str) -> list[str]:
    """The tables in which a word stands, also inside of other text, or as it is searched."""
    texts = {name: repr(rows).casefold() for name, rows in dump(database).items()}
    return [name for name, text in texts.items() if word in text or fold(word) in text]


def test_a_retracted_record_is_gone_and_its_history_stays(
    bundled: Database, desk: TestClient
) -> None:
    made = desk.post(
        "/v1/statements",
        json={"content": "Quixotic.", "attributions": [{"id": "r", "source": SOURCE}]},
    )
    path, tag = made.headers["location"], {"If-Match": made.headers["etag"]}
    instant = made.json()["updated_at"]
    for none in ("", "?reason=", "?reason=%20%09%0A", "?reason=%00"):
        assert desk.delete(f"{path}{none}", headers=tag).status_code == 422, none
    assert desk.delete(f"{path}?reason=Entered+twice", headers=tag).status_code == 204
    gone = desk.get(path)
    assert (gone.status_code, "Entered twice" in gone.json()["detail"]) == (410, True)
    assert desk.get("/v1/statements?q=quixotic").json()["items"] == []
    assert [one["change"] for one in history(desk, path)] == ["retracted", "created"]
    then = desk.get(path, params={"known_at": instant})
    assert then.json()["content"] == "Quixotic."
    for again in (
        desk.delete(f"{path}?reason=x", headers={"If-Match": "*"}),
        desk.patch(path, content=b"{}", headers=PATCH | {"If-Match": "*"}),
        desk.put(path, json={}, headers={"If-Match": "*"}),
    ):
        assert again.status_code == 410
    assert desk.post("/v1/statements", json={"id": made.json()["id"]}).status_code == 409
    assert desk.delete("/v1/actors/no?reason=x", headers={"If-Match": "*"}).status_code == 404
    check_ledger(bundled)


def test_a_redaction_leaves_no_word_anywhere(bundled: Database, desk: TestClient) -> None:
    source = desk.post("/v1/sources", json={"kind": "other", "text": "He was quixotic, he said."})
    report = {
        "id": "r",
        "source": source.json()["id"],
        "reported_at": "2020-01-01",
        "quoted_text": "quixotic",
        "speakers": [{"attribution_text": "Quixotic He"}],
    }
    sent = {"content": "Quixotic.", "content_from": "r", "attributions": [report]}
    made = desk.post("/v1/statements", json=sent, headers={"Idempotency-Key": "k"})
    path, tag = made.headers["location"], {"If-Match": "*"}
    change = PATCH | tag
    assert desk.patch(path, content=b'{"content": "Quixotic!"}', headers=change).status_code == 200
    refused = desk.delete("/v1/attributions/r?reason=law&change=redacted", headers=tag)
    assert refused.status_code == 409  # its words would go on standing in the statement
    assert {"revision", "search_row", "snapshot"} <= set(words_anywhere(bundled, "quixotic"))
    assert desk.delete(f"{path}?reason=law&change=redacted", headers=tag).status_code == 204
    assert words_anywhere(bundled, "quixotic") == ["snapshot"]
    source_path = source.headers["location"]
    assert desk.delete(f"{source_path}?reason=law&change=redacted", headers=tag).status_code == 204
    assert words_anywhere(bundled, "quixotic") == []
    for gone in (path, "/v1/attributions/r", source_path):
        assert desk.get(gone).status_code == 410
        assert desk.get(gone, params={"known_at": made.json()["created_at"]}).status_code == 410
        assert {one["body"] for one in history(desk, gone) if one["body"]} == set()
    assert "quixotic" not in desk.get("/v1/export").text.casefold()
    if bundled.is_sqlite:
        bundled.scrub()
        for suffix in ("", "-wal"):
            content = Path(f"{bundled.url.database}{suffix}").read_bytes().lower()
            assert b"quixotic" not in content
            assert fold("quixotic").encode() not in content
    check_ledger(bundled)


def test_a_redacted_report_no_longer_dates_its_statement(
    bundled: Database, desk: TestClient
) -> None:
    first = {"id": "first", "source": SOURCE, "reported_at": "2001"}
    second = {"id": "second", "source": SOURCE, "reported_at": "2002"}
    sent = {"id": "s", "content": "x", "attributions": [first, second]}
    created = desk.post("/v1/statements", json=sent).json()["updated_at"]
    assert desk.get("/v1/statements?said_to=2001&fields=id").json()["items"] == [{"id": "s"}]
    path = "/v1/attributions/first?reason=law&change=redacted"
    assert desk.delete(path, headers={"If-Match": "*"}).status_code == 204
    assert desk.get("/v1/statements?said_to=2001").json()["items"] == []
    then = desk.get("/v1/statements", params={"said_to": "2001", "known_at": created})
    assert then.json()["items"] == []
    check_ledger(bundled)


def test_what_was_retracted_can_be_redacted(bundled: Database, desk: TestClient) -> None:
    desk.put("/v1/actors/a", json={"kind": "person", "name": "Quixotic"})
    tag = {"If-Match": "*"}
    assert desk.delete("/v1/actors/a?reason=x", headers=tag).status_code == 204
    assert desk.delete("/v1/actors/a?reason=law&change=redacted", headers=tag).status_code == 204
    assert words_anywhere(bundled, "quixotic") == []
    check_ledger(bundled)


def _merge(desk: TestClient, path: str, into: str) -> None:
    made = desk.post(f"{path}/merge", json={"into": into, "reason": "Entered twice"})
    assert made.status_code == 200, made.text


def _redact(desk: TestClient, path: str) -> int:
    done = desk.delete(f"{path}?reason=law&change=redacted", headers={"If-Match": "*"})
    return done.status_code


def _check_gone(database: Database, desk: TestClient, *paths: str) -> None:
    """Nothing says the word any more, and undoing a merger does not bring it back."""
    assert words_anywhere(database, "quixotic") == []
    for path in paths:
        assert desk.get(path, follow_redirects=False).status_code == 410, path
        assert {one["body"] for one in history(desk, path) if one["change"] != "merged"} == {None}
        assert desk.delete(f"{path}/merge").status_code == 410, path
    since = 0
    while changes := desk.get("/v1/changes", params={"since": since}).json()["items"]:
        assert "quixotic" not in json.dumps(changes).casefold()
        since = changes[-1]["seq"]
    assert "quixotic" not in desk.get("/v1/export").text.casefold()
    check_ledger(database)


def _said_twice(desk: TestClient) -> None:
    """Three statements with a report each, merged into the last one after the other."""
    for id in ("r1", "r2", "r3"):
        report = {"id": f"of-{id}", "source": SOURCE, "quoted_text": f"Quixotic {id}"}
        sent = {"id": id, "content": f"Quixotic {id}.", "content_from": f"of-{id}"}
        made = desk.post("/v1/statements", json=sent | {"attributions": [report]})
        assert made.status_code == 201
    _merge(desk, "/v1/statements/r1", "r2")
    _merge(desk, "/v1/statements/r2", "r3")


def test_a_redaction_takes_along_what_was_merged_into_the_statement(
    bundled: Database, desk: TestClient
) -> None:
    _said_twice(desk)
    _merge(desk, "/v1/attributions/of-r1", "of-r2")
    assert _redact(desk, "/v1/statements/r3") == 204
    both = ("statements/r1", "statements/r2", "statements/r3", "attributions/of-r1")
    _check_gone(bundled, desk, *(f"/v1/{one}" for one in both), "/v1/attributions/of-r3")


def test_a_redaction_finds_reports_that_were_gone_before_the_merger(
    bundled: Database, desk: TestClient
) -> None:
    for id in ("r1", "r2"):
        report = {"id": f"of-{id}", "source": SOURCE, "quoted_text": "Quixotic"}
        desk.post("/v1/statements", json={"id": id, "attributions": [report]})
    path = "/v1/attributions/of-r1?reason=x"
    assert desk.delete(path, headers={"If-Match": "*"}).status_code == 204
    _merge(desk, "/v1/statements/r1", "r2")
    assert _redact(desk, "/v1/statements/r2") == 204
    _check_gone(bundled, desk, "/v1/statements/r1", "/v1/attributions/of-r1")


def test_a_merged_statement_is_redacted_by_its_own_id(bundled: Database, desk: TestClient) -> None:
    _said_twice(desk)
    assert desk.patch(
        "/v1/statements/r3",
        content=b'{"content": "Sane.", "content_from": "of-r1"}',
        headers=PATCH | {"If-Match": "*"},
    ).is_success
    for path in ("/v1/statements/r1", "/v1/statements/r2"):  # of-r1 is a report of all three
        refused = desk.delete(f"{path}?reason=law&change=redacted", headers={"If-Match": "*"})
        assert (refused.status_code, "statement r3" in refused.json()["detail"]) == (409, True)
    standing = desk.get("/v1/statements/r3").json()
    assert len(standing["attributions"]) == 3
    assert _redact(desk, "/v1/statements/r3") == 204
    _check_gone(bundled, desk, "/v1/statements/r1", "/v1/statements/r2", "/v1/statements/r3")


def test_a_merged_statement_goes_and_the_survivor_stays(
    bundled: Database, desk: TestClient
) -> None:
    report = {"id": "of-r1", "source": SOURCE, "quoted_text": "Quixotic"}
    desk.post("/v1/statements", json={"id": "r1", "content": "Quixotic", "attributions": [report]})
    desk.post("/v1/statements", json={"id": "r2", "content": "Sane."})
    _merge(desk, "/v1/statements/r1", "r2")
    assert desk.delete("/v1/statements/r1?reason=x", headers={"If-Match": "*"}).status_code == 409
    assert _redact(desk, "/v1/statements/r1") == 204
    _check_gone(bundled, desk, "/v1/statements/r1", "/v1/attributions/of-r1")
    left = desk.get("/v1/statements/r2").json()
    assert (left["content"], left["attributions"]) == ("Sane.", [])


@pytest.mark.parametrize(
    ("collection", "body"),
    [
        ("actors", {"kind": "person", "name": "Quixotic"}),
        ("topics", {"kind": "theme", "pref_labels": {"en": "Quixotic"}}),
        ("sources", {"kind": "other", "title": "Quixotic", "text": "How quixotic."}),
    ],
)
def test_a_redaction_takes_along_what_was_merged_into_any_record(
    bundled: Database, desk: TestClient, collection: str, body: dict[str, Any]
) -> None:
    paths = {id: f"/v1/{collection}/{id}" for id in ("a", "b", "c", "d")}
    for path in paths.values():
        assert desk.put(path, json=body).status_code == 201
    _merge(desk, paths["a"], "b")
    _merge(desk, paths["b"], "c")
    _merge(desk, paths["d"], "c")
    assert _redact(desk, paths["b"]) == 204
    assert desk.get(paths["a"]).status_code == 410
    assert desk.get(paths["d"], follow_redirects=False).status_code == 308
    assert desk.delete(f"{paths['c']}?reason=x", headers={"If-Match": "*"}).status_code == 204
    assert _redact(desk, paths["c"]) == 204
    _check_gone(bundled, desk, *paths.values())


def test_a_missing_body_without_a_redaction_is_a_break(bundled: Database) -> None:
    with bundled.writer() as writer:
        writer.execute(text("UPDATE revision SET body = NULL WHERE seq = 5"))
    with bundled.reader() as reader:
        (found,) = [one for one in ledger.verify(reader) if isinstance(one, ledger.Break)]
    assert (found.seq, "without a redaction" in found.detail) == (5, True)


# --- merged -------------------------------------------------------------------------------------


READS = [
    "/v1/statements?order=recorded_at&limit=100",
    "/v1/attributions?limit=100&order=recorded_at",
    "/v1/facets?facet=speaker&facet=topic",
    "/v1/figures/comparison?measure=killed",
]


def texts(client: TestClient) -> list[str]:
    """What reads answer, without versions and times."""
    found = []
    for path in READS:
        body = client.get(path).json()
        found.append(json.dumps(_timeless(body), sort_keys=True))
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, list):
        parts = [_timeless(one) for one in value]
        return sorted(parts, key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(value, dict):
        left_out = {"version", "updated_at", "next"}
        return {name: _timeless(one) for name, one in value.items() if name not in left_out}
    return value


MERGERS = [
    ("actors", "vladimir-putin", {"kind": "person", "name": "Putin"}, "speaker"),
    ("topics", "casualties", {"kind": "theme", "pref_labels": {"en": "Losses"}}, "topic"),
    ("sources", SOURCE, {"kind": "article", "published_at": "2020-10-23~"}, "source"),
]


@pytest.mark.parametrize(("collection", "id", "body", "filter"), MERGERS)
def test_a_merged_record_lives_on_in_the_other_and_can_be_restored(
    bundled: Database, desk: TestClient, collection: str, id: str, body: Any, filter: str
) -> None:
    before = texts(desk)
    fits = desk.get(f"/v1/statements?{filter}={id}&count=exact").json()["count"]
    assert fits
    desk.put(f"/v1/{collection}/survivor", json=body)
    path = f"/v1/{collection}/{id}"
    old = desk.get(path)
    merged = desk.post(f"{path}/merge", json={"into": {"id": "survivor"}, "reason": "one"})
    assert merged.status_code == 200
    assert merged.json()["id"] == "survivor"
    assert merged.headers["content-location"] == f"/v1/{collection}/survivor"
    led = desk.get(path, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (308, f"/v1/{collection}/survivor")
    for one in (id, "survivor"):
        found = desk.get(f"/v1/statements?{filter}={one}&count=exact").json()
        assert found["count"] == fits, one
    shown = desk.get("/v1/attributions?limit=100&expand=statement,source").text
    assert f'{{"id":"{id}"' not in shown
    then = desk.get(path, params={"known_at": old.json()["updated_at"]}, follow_redirects=False)
    assert then.status_code == 200
    check_ledger(bundled)
    # What is written under the old id is about the survivor.
    if collection == "actors":
        report = {"source": SOURCE, "speakers": [{"actor": id}]}
        made = desk.post("/v1/statements", json={"id": "late", "attributions": [report]}).json()
        assert made["attributions"][0]["speakers"][0]["actor"]["id"] == "survivor"
        assert desk.delete("/v1/statements/late?reason=x", headers={"If-Match": "*"}).is_success
    restored = desk.delete(f"{path}/merge?reason=two")
    assert restored.status_code == 200
    assert desk.get(path).json()["version"] == 3
    assert [one["change"] for one in history(desk, path)] == ["corrected", "merged", "created"]
    assert desk.delete(f"/v1/{collection}/survivor?reason=x", headers={"If-Match": "*"}).is_success
    assert texts(desk) == before
    check_ledger(bundled)


def test_statements_that_are_one_bring_their_reports_together(
    bundled: Database, desk: TestClient
) -> None:
    one, other = "nearly-1000-reported-killed", "putin-more-than-2000-casualties-on-each-side"
    count = sum(len(desk.get(f"/v1/statements/{id}").json()["attributions"]) for id in (one, other))
    merged = desk.post(f"/v1/statements/{one}/merge", json={"into": other, "reason": "test"})
    assert len(merged.json()["attributions"]) == count
    check_ledger(bundled)
    assert desk.delete(f"/v1/statements/{one}/merge").status_code == 200
    assert len(desk.get(f"/v1/statements/{one}").json()["attributions"]) == 1
    check_ledger(bundled)


def test_mergers_that_make_no_sense_are_refused(desk: TestClient) -> None:
    def merge(id: str, **body: Any) -> int:
        return desk.post(f"/v1/actors/{id}/merge", json=body).status_code

    assert merge("france", into="france", reason="x") == 422
    assert merge("france", into="nobody", reason="x") == 422
    assert merge("nobody", into="france", reason="x") == 404
    assert merge("france", into="armenia") == 422
    assert merge("france", reason="x") == 422
    assert merge("france", into="armenia", reason=" \n") == 422
    assert merge("france", into="armenia", reason="a\0") == 422
    assert merge("france", into="armenia", reason="x", more=1) == 422
    assert desk.delete("/v1/actors/france/merge").status_code == 409
    assert desk.delete("/v1/actors/nobody/merge").status_code == 404
    assert merge("france", into="armenia", reason="x") == 200
    assert merge("armenia", into="france", reason="x") == 422
    assert merge("france", into="armenia", reason="x") == 409
    path = "/v1/actors/france"
    assert desk.patch(path, content=b"{}", headers=PATCH | {"If-Match": "*"}).status_code == 409


def test_a_merged_id_leads_to_the_last_survivor(bundled: Database, desk: TestClient) -> None:
    for id in ("a", "b", "c"):
        desk.put(f"/v1/actors/{id}", json={"kind": "person", "name": id})
    report = {"source": SOURCE, "speakers": [{"actor": "a"}]}
    desk.post("/v1/statements", json={"id": "s", "attributions": [report]})
    for id, into in (("a", "b"), ("b", "c")):
        body = {"into": into, "reason": "x"}
        assert desk.post(f"/v1/actors/{id}/merge", json=body).status_code == 200
    assert desk.get("/v1/actors/a", follow_redirects=False).headers["location"] == "/v1/actors/c"
    for id in ("a", "b", "c"):
        found = desk.get(f"/v1/statements?speaker={id}").json()["items"]
        assert [one["id"] for one in found] == ["s"], id
    assert desk.delete("/v1/actors/b/merge").status_code == 200
    assert desk.get("/v1/actors/a", follow_redirects=False).headers["location"] == "/v1/actors/b"
    found = desk.get("/v1/statements?speaker=b").json()["items"]
    assert [one["id"] for one in found] == ["s"]
    check_ledger(bundled)
