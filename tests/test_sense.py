"""What is refused on its way in though its parts are well formed: misspelt empty members, and
records that contradict themselves."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models import RECORDS, sense
from app.models.api_key import Scope
from app.models.base import RecordType
from app.models.revision import ChangeKind
from app.settings import Settings
from app.store import ledger, parse, project, write
from tests.application import application
from tests.factories import actor, attribution, dump, figure, source, statement, topic
from tests.test_writing import PATCH, SOURCE, key_for

ANY = {"If-Match": "*"}


@pytest.fixture
def desk(bundled: Database) -> Iterator[TestClient]:
    app = application(Settings(_env_file=None), bundled)
    headers = key_for(bundled, *Scope)
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


def _faults(members: dict[str, Any]) -> dict[str, str]:
    """What is wrong with a line of a file, by pointer."""
    found = parse.line(json.dumps({"id": "x", **members}).encode())
    assert isinstance(found, tuple), "nothing is wrong with it"
    return {str(one.pointer): one.detail for one in found}


def _body(members: dict[str, Any]) -> dict[str, Any]:
    found = parse.line(json.dumps({"id": "x", **members}).encode())
    assert isinstance(found, write.Change), found
    body: dict[str, Any] = orjson.loads(found.body)
    return body


PERSON = {"type": "actor", "kind": "person", "name": "y"}
PLACE = {"type": "topic", "kind": "place", "pref_labels": {"en": "y"}}
REPORT = {"type": "attribution", "statement": "s", "source": "s"}
LIST, TEXT = "must be a list", "must be text"


@pytest.mark.parametrize(
    ("members", "pointer", "words"),
    [
        (PERSON | {"idnetifiers": []}, "/idnetifiers", "did you mean identifiers?"),
        (PERSON | {"descripton": None}, "/descripton", "did you mean description?"),
        (PERSON | {"descripton": ""}, "/descripton", "did you mean description?"),
        (PERSON | {"foo": {}}, "/foo", "is not a member"),
        (PERSON | {"foo": {"bar": [None]}}, "/foo", "is not a member"),
        (PERSON | {"": None}, "/", "is not a member"),
        (PERSON | {"identifiers": {}}, "/identifiers", LIST),
        (PERSON | {"identifiers": {"a": None}}, "/identifiers", LIST),
        (PERSON | {"identifiers": ""}, "/identifiers", LIST),
        (PERSON | {"description": []}, "/description", TEXT),
        (PERSON | {"name": {}}, "/name", TEXT),
        (
            PERSON | {"memberships": [{"organization": "a", "roel": ""}]},
            "/memberships/0/roel",
            "did you mean role?",
        ),
        (PLACE | {"latitude": ""}, "/latitude", "must be a number"),
        (PLACE | {"pref_labels": {"en": "y", "hy": []}}, "/pref_labels/hy", TEXT),
        (PLACE | {"pref_labels": [], "alt_labels": []}, "/pref_labels", "must be an object"),
        (REPORT | {"joint": []}, "/joint", "must be true or false"),
        (
            REPORT | {"figures": [{"measure": "killed", "as_worded": "x", "lwo": None}]},
            "/figures/0/lwo",
            "did you mean low?",
        ),
        ({"type": "statement", "content_from": {}}, "/content_from", "must be an id"),
        ({"type": "source", "kind": "article", "text": []}, "/text", TEXT),
    ],
)
def test_an_empty_member_is_one_of_the_record_and_of_its_type(
    members: dict[str, Any], pointer: str, words: str
) -> None:
    found = _faults(members)
    assert list(found) == [pointer]
    assert words in found[pointer]


def test_what_may_be_empty_is_left_out_of_the_body() -> None:
    nothing: dict[str, Any] = {"description": None, "identifiers": [], "other_names": None}
    office = {"organization": "a", "role": "", "source": None, "basis": ""}
    kept = {"id": "x", "kind": "person", "name": "y", "memberships": [{"organization": "a"}]}
    assert _body(PERSON | nothing | {"memberships": [office]}) == kept
    labels = {"pref_labels": {"en": "y", "hy": "", "az": None}, "latitude": None}
    assert _body(PLACE | labels)["pref_labels"] == {"en": "y"}
    sent = {"type": "statement", "topics": [{"id": "a", "label": None}], "polarity": ""}
    assert _body(sent | {"content_from": ""}) == {"id": "x", "topics": ["a"]}


def test_a_patch_takes_out_only_what_a_record_has(desk: TestClient) -> None:
    def patch(path: str, **members: Any) -> Any:
        return desk.patch(path, content=json.dumps(members), headers=PATCH | ANY)

    france = "/v1/actors/france"
    refused = patch(france, descripton=None)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/descripton")
    assert patch(france, idnetifiers=[]).status_code == 422
    assert patch(france, description=None, version=None).status_code == 200
    assert patch(f"/v1/sources/{SOURCE}", text=None).status_code == 200
    assert patch("/v1/statements/hajiyev-comments", attributions=None).status_code == 200
    assert patch("/v1/topics/casualties", pref_labels={"fr": None}).status_code == 200
    assert desk.post("/v1/actors", json={"kind": "person", "name": "y", "foo": {}}).is_error


WORDED = {"measure": "killed", "as_worded": "x", "qualifier": "exactly"}
WIKIDATA = {"scheme": "wikidata", "identifier": "Q1"}
SAID = {"type": "statement"}


@pytest.mark.parametrize(
    ("members", "pointer", "words"),
    [
        (SAID | {"topics": ["a", "b", {"id": "a", "label": "A"}]}, "/topics/2", sense.TWICE),
        (SAID | {"about": ["a", "a"]}, "/about/1", sense.TWICE),
        (PLACE | {"broader": ["a", "a"]}, "/broader/1", sense.TWICE),
        (PLACE | {"identifiers": [WIKIDATA, WIKIDATA]}, "/identifiers/1", sense.TWICE),
        (PERSON | {"identifiers": [WIKIDATA, WIKIDATA]}, "/identifiers/1", sense.TWICE),
        (
            {"type": "source", "kind": "article", "derived_from": ["a", "a"]},
            "/derived_from/1",
            sense.TWICE,
        ),
        (REPORT | {"figures": [WORDED | {"best": 1.5}]}, "/figures/0/best", sense.HALVED),
    ],
)
def test_what_contradicts_itself_is_refused(
    members: dict[str, Any], pointer: str, words: str
) -> None:
    assert _faults(members) == {pointer: words}


def test_what_only_looks_alike_is_taken() -> None:
    other = WIKIDATA | {"identifier": "Q2"}
    assert _body(PERSON | {"identifiers": [WIKIDATA, other, WIKIDATA | {"scheme": "viaf"}]})
    relations = [{"type": kind, "statement": "a"} for kind in ("denies", "responds_to")]
    assert _body(SAID | {"relations": relations, "topics": ["x"]})
    whole, thousand = {"best": 2.0}, {"best": 1.5, "unit": "thousand"}
    destroyed = {"measure": "destroyed", "best": 0.5}
    assert _body(REPORT | {"figures": [WORDED | one for one in (whole, thousand, destroyed)]})


@pytest.mark.parametrize("blank", ["\u200b", "\u200b \u200e", "\ufeff"])
def test_a_reason_says_something(desk: TestClient, blank: str) -> None:
    gone = desk.delete("/v1/actors/france", params={"reason": blank}, headers=ANY)
    assert (gone.status_code, gone.json()["errors"][0]["parameter"]) == (422, "reason")
    merged = desk.post("/v1/actors/france/merge", json={"into": "armenia", "reason": blank})
    assert (merged.status_code, merged.json()["errors"][0]["pointer"]) == (422, "/reason")


def test_a_record_that_names_what_was_merged_into_it_names_nobody(desk: TestClient) -> None:
    for id in ("old", "new"):
        desk.put(f"/v1/topics/{id}", json={"kind": "theme", "pref_labels": {"en": id}})
        desk.put(f"/v1/statements/{id}", json={"content": id})
    for path in ("topics", "statements"):
        merged = desk.post(f"/v1/{path}/old/merge", json={"into": "new", "reason": "one"})
        assert merged.is_success
    sent: dict[str, Any] = {"kind": "theme", "pref_labels": {"en": "new"}, "broader": ["old"]}
    made = desk.put("/v1/topics/new", json=sent, headers=ANY)
    assert (made.status_code, made.json()["broader"]) == (200, [])
    sent = {"content": "new", "relations": [{"type": "denies", "statement": "old"}]}
    made = desk.put("/v1/statements/new", json=sent, headers=ANY)
    assert (made.status_code, made.json()["relations"]) == (200, [])


def test_what_an_earlier_store_took_is_read_and_rebuilt(database: Database) -> None:
    twice = [WIKIDATA, WIKIDATA]
    denied = [{"type": "denies", "statement": "s"}]
    half = {**figure(), "best": 1.5, "qualifier": "exactly", "measure": "killed"}
    lines = [
        topic("t"),
        actor("a", identifiers=twice),
        source("o"),
        statement("s", topics=["t", "t"], relations=denied),
        attribution("r", "s", "o", figures=[half]),
    ]
    entries = []
    for line in lines:
        members = dict(line)
        type = RecordType(members.pop("type"))
        body = ledger.canonical(ledger.given(members))
        record = RECORDS[type].model_validate_json(body)
        entries.append(write.Entry((type, members["id"]), 1, ChangeKind.created, body, record))
    with database.writer() as writer:
        write.append(writer, entries, agent="earlier", reason=None)
    before = dump(database)
    with database.writer() as writer:
        for _ in project.rebuild(writer):
            pass
    assert dump(database) == before
    app = application(Settings(_env_file=None), database)
    with TestClient(app) as client:
        assert len(client.get("/v1/statements/s").json()["topics"]) == 2
        assert len(client.get("/v1/actors/a").json()["identifiers"]) == 2
