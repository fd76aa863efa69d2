"""The Reconciliation Service API 0.2, as OpenRefine asks it.

The shapes below say what the JSON schemas of the specification say; those have no licence that
would let them be copied here.
"""

import io
from typing import Annotated, Any, Literal

import orjson
import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.db import Database
from app.store import bulk

HERE = "/v1/reconcile"
Json = dict[str, Any]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Type(Strict):
    id: str
    name: str
    broader: list["Type"] = []


class Feature(Strict):
    id: str
    value: bool | int | float


class Candidate(Strict):
    id: str
    name: str
    description: str
    score: float
    match: bool
    features: list[Feature]
    type: list[Type]


class Result(Strict):
    result: list[Candidate]


Results = TypeAdapter(dict[str, Result])
Template = Annotated[str, Field(pattern=r".*\{\{id\}\}.*")]
Uri = Annotated[str, Field(pattern="^http://testserver/")]


class View(Strict):
    url: Template


class Preview(View):
    width: int
    height: int


class Service(Strict):
    service_url: Uri
    service_path: str


class Suggest(Strict):
    entity: Service
    type: Service
    property: Service


class Extend(Strict):
    propose_properties: Service
    property_settings: list[Json]


class Manifest(Strict):
    versions: list[Literal["0.2"]]
    name: str
    identifierSpace: Uri
    schemaSpace: Uri
    documentation: Uri
    serviceVersion: str
    defaultTypes: list[Type]
    view: View
    preview: Preview
    suggest: Suggest
    extend: Extend
    batchSize: int


class Described(Strict):
    id: str
    name: str
    description: str | None = None
    notable: list[Type] | None = None


class Text(Strict):
    str: str


class Number(Strict):
    float: float


class Meta(Strict):
    id: str
    name: str
    type: Type | None = None


class Extended(Strict):
    meta: list[Meta]
    rows: dict[str, dict[str, list[Text | Number | Described]]]


def ask(client: TestClient, **queries: Json) -> dict[str, list[Candidate]]:
    """A batch, sent as OpenRefine does, whose answer has the right shape."""
    answer = client.post(HERE, data={"queries": orjson.dumps(queries).decode()})
    assert answer.status_code == 200, answer.text
    found = Results.validate_json(answer.content)
    assert found.keys() == queries.keys()
    for one in found.values():
        scores = [candidate.score for candidate in one.result]
        assert scores == sorted(scores, reverse=True)
        assert sum(candidate.match for candidate in one.result) <= 1
    return {name: one.result for name, one in found.items()}


def matched(found: list[Candidate]) -> list[str]:
    return [one.id for one in found if one.match]


def load(database: Database, *records: Json) -> None:
    lines = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in records)
    for progress in bulk.import_file(database, io.BytesIO(lines), agent="test"):
        assert not progress.errors, progress.errors


def person(id: str, name: str, **members: Any) -> Json:
    return {"type": "actor", "id": id, "kind": "person", "name": name, **members}


def test_the_manifest_leads_to_services_that_answer(reading: TestClient) -> None:
    answer = reading.get(HERE)
    manifest = Manifest.model_validate_json(answer.content)
    for service, query in (
        (manifest.suggest.entity, "?prefix=put"),
        (manifest.suggest.type, "?prefix=per"),
        (manifest.suggest.property, "?prefix=ro"),
        (manifest.extend.propose_properties, "?type=person"),
    ):
        found = reading.get(service.service_url + service.service_path + query)
        assert found.status_code == 200
        (items,) = [one for one in found.json().values() if isinstance(one, list)]
        assert TypeAdapter(list[Described | Type]).validate_python(items)
    page = reading.get(manifest.preview.url.replace("{{id}}", "actor%3Avladimir-putin"))
    assert page.headers["content-type"].startswith("text/html")
    assert "Vladimir Putin" in page.text
    assert "<script" not in page.text
    assert "x-frame-options" not in page.headers
    assert "script-src" not in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "name", ["Nikol Pashinyan", "Никол Пашинян", "Նիկոլ Փաշինյան", "NIKOL PASHINYAN"]
)
def test_a_name_in_any_script_is_matched(reading: TestClient, name: str) -> None:
    found = ask(reading, q0={"query": name, "type": "person"})["q0"]
    assert matched(found) == ["actor:nikol-pashinyan"]
    assert {one.id: one.value for one in found[0].features}["name"] == 1.0
    assert found[0].score == 100.0


def test_the_same_by_get_and_by_post(reading: TestClient) -> None:
    queries = orjson.dumps({"a": {"query": "Putin"}}).decode()
    got = reading.get(HERE, params={"queries": queries})
    assert got.json() == reading.post(HERE, data={"queries": queries}).json()
    assert got.headers["etag"]


def test_namesakes_are_never_matched(client: TestClient, bundled: Database) -> None:
    wikidata = [{"scheme": "wikidata", "identifier": "Q1"}]
    load(
        bundled,
        {"type": "actor", "id": "osce", "kind": "international_organization", "name": "OSCE"},
        person("anna-1", "Anna Hakobyan", identifiers=wikidata),
        person("anna-2", "Анна Акопян", memberships=[{"organization": "osce", "role": "Envoy"}]),
        person("anna-3", "Someone Else", other_names=[{"name": "Anna Hakobyan"}]),
        person("levon", "Levon Hakobyan"),
        {"type": "topic", "id": "levon", "kind": "event", "pref_labels": {"en": "Levon Hakobyan"}},
    )
    found = ask(
        client,
        plain={"query": "Anna Hakobyan"},
        near={"query": "Anna Hakobian Petrosyan"},
        by_id={"query": "Anna Hakobyan", "properties": [{"pid": "identifier:wikidata", "v": "Q1"}]},
        wrong={"query": "Anna Hakobyan", "properties": [{"pid": "identifier:wikidata", "v": "Q2"}]},
        no_name={"properties": [{"pid": "identifier:wikidata", "v": ["Q1"]}]},
        address={"query": "actor:anna-2"},
        topic_or_actor={"query": "Levon Hakobyan"},
        actor={"query": "Levon Hakobyan", "type": ["actor"]},
        not_so={"query": "Levon Hakobyan", "type": "person", "properties": [
            {"pid": "member_of", "v": {"id": "actor:osce", "name": "OSCE"}}]},
        nobody={"query": "Xyzzy"},
        signs={"query": "?!"},
    )  # fmt: skip
    assert {one.id for one in found["plain"]} >= {"actor:anna-1", "actor:anna-2", "actor:anna-3"}
    namesakes = [feature for feature in found["plain"][0].features if feature.id == "namesakes"]
    assert namesakes[0].value == 2
    for name in ("plain", "near", "wrong", "topic_or_actor", "not_so", "nobody", "signs"):
        assert matched(found[name]) == [], name
    assert matched(found["by_id"]) == matched(found["no_name"]) == ["actor:anna-1"]
    assert found["by_id"][0].id == "actor:anna-1"
    assert matched(found["address"]) == ["actor:anna-2"]
    assert matched(found["actor"]) == ["actor:levon"]
    assert not found["nobody"]
    role = ask(client, q={"query": "Anna Hakobyan", "properties": [{"pid": "role", "v": "envoy"}]})
    assert role["q"][0].id == "actor:anna-2"


def test_a_misspelled_name_is_told_but_not_matched(reading: TestClient) -> None:
    (first, *_) = ask(reading, q0={"query": "Nikol Pashinjan X", "limit": 1})["q0"]
    assert (first.id, first.match) == ("actor:nikol-pashinyan", False)
    assert 60 <= first.score < 100


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("Putin", "actor:vladimir-putin"),
        ("Путин", "actor:vladimir-putin"),
        ("Erdogan", "actor:recep-tayyip-erdogan"),
        ("Эрдоган", "actor:recep-tayyip-erdogan"),
        ("Tayyip Erdoğan", "actor:recep-tayyip-erdogan"),
        ("Hajiyev", "actor:hikmet-hajiyev"),
        ("Hacıyev", "actor:hikmet-hajiyev"),
        ("Nikol", "actor:nikol-pashinyan"),
    ],
)
def test_whole_words_of_a_name_are_a_candidate_but_no_match(
    reading: TestClient, asked: str, id: str
) -> None:
    found = ask(reading, q={"query": asked, "type": "person"})["q"]
    assert (found[0].id, found[0].match) == (id, False)
    assert 60 <= found[0].score < 95


def test_a_surname_finds_all_who_bear_it(client: TestClient, bundled: Database) -> None:
    longer = [person(f"longer-{n}", f"Anna Zorvanidze{n:03}") for n in range(220)]
    namesakes = [person("ivo", "Ivo Zorvan"), person("zorvan", "Zorvan Ard"), person("ann", "Ann")]
    load(bundled, *longer, *namesakes)
    found = ask(client, q={"query": "Zorvan"})["q"]
    assert [one.id for one in found[:2]] == ["actor:ivo", "actor:zorvan"]  # a last word first
    assert matched(found) == []
    assert matched(ask(client, q={"query": "Ann"})["q"]) == ["actor:ann"]  # which is all of it


def test_what_was_matched_can_be_extended(client: TestClient, bundled: Database) -> None:
    load(
        bundled,
        {"type": "topic", "id": "shushi", "kind": "place", "pref_labels": {"en": "Shushi",
         "az": "Şuşa"}, "latitude": 39.76, "longitude": 46.75},
    )  # fmt: skip
    wanted = ("name", "other_name", "kind", "member_of", "role", "latitude", "identifier:wikidata")
    query = {
        "ids": ["actor:nikol-pashinyan", "topic:shushi", "actor:nobody", "nonsense"],
        "properties": [{"id": pid, "settings": {}} for pid in wanted],
    }
    sent = {"extend": orjson.dumps(query).decode()}
    answer = client.post(HERE, data=sent)
    found = Extended.model_validate_json(answer.content)
    assert [one.id for one in found.meta] == list(wanted)
    assert list(found.rows) == query["ids"]
    rows = answer.json()["rows"]
    assert rows["actor:nikol-pashinyan"]["name"] == [{"str": "Nikol Pashinyan"}]
    member = rows["actor:nikol-pashinyan"]["member_of"]
    assert {"id": "actor:armenia", "name": "Armenia"} in member
    assert rows["topic:shushi"]["latitude"] == [{"float": 39.76}]
    assert {"str": "Şuşa"} in rows["topic:shushi"]["other_name"]
    assert set(map(str, rows["actor:nobody"].values())) == {"[]"}
    assert client.get(HERE, params=sent).json() == answer.json()


def test_suggestions(reading: TestClient) -> None:
    found = reading.get(f"{HERE}/suggest/entity", params={"prefix": "Паши"}).json()["result"]
    assert found[0]["id"] == "actor:nikol-pashinyan"
    assert TypeAdapter(list[Described]).validate_python([{**found[0], "notable": []}])
    assert found[0]["notable"] == [{"id": "person", "name": "Person"}]
    whole = reading.get(f"{HERE}/suggest/entity?prefix=a").json()["result"]
    rest = reading.get(f"{HERE}/suggest/entity?prefix=a&cursor=2").json()["result"]
    assert len(whole) > 2
    assert rest == whole[2:]
    by_id = reading.get(f"{HERE}/suggest/entity?prefix=actor:russia").json()["result"]
    assert by_id[0]["id"] == "actor:russia"
    assert reading.get(f"{HERE}/suggest/entity?prefix=").json() == {"result": []}
    types = reading.get(f"{HERE}/suggest/type?prefix=Pla").json()["result"]
    assert sorted(one["id"] for one in types) == ["place", "platform"]
    of_own = reading.get(f"{HERE}/suggest/property?prefix=identifier:viaf").json()["result"]
    assert [one["id"] for one in of_own] == ["identifier:viaf"]
    proposed = reading.get(f"{HERE}/properties?type=place&limit=3").json()
    assert (proposed["type"], proposed["limit"], len(proposed["properties"])) == ("place", 3, 3)


@pytest.mark.parametrize(
    ("sent", "status", "named"),
    [
        ({"other": "x"}, 422, "queries"),
        ({"queries": ""}, 422, "queries"),
        ({"queries": "{"}, 422, "queries"),
        ({"queries": "[]"}, 422, "queries"),
        ({"queries": '{"a":{}}'}, 422, "queries"),
        ({"queries": '{"a":{"query":""}}'}, 422, "queries"),
        ({"queries": '{"a":{"query":"x","limit":0}}'}, 422, "queries"),
        ({"queries": '{"a":{"query":"x","propertees":[]}}'}, 422, "queries"),
        ({"queries": '{"a":{"query":"x","type":"person","type_strict":"any"}}'}, 200, None),
        ({"queries": '{"a":{"query":"x","properties":[{"p":"kind"}]}}'}, 422, "queries"),
        ({"queries": '{"a":{"query":"\\u0000 \\u001f"}}'}, 200, None),
        ({"queries": '{"a":{"query":"x\\ud800"}}'}, 422, "queries"),
        ({"queries": '{"a":{"query":"actor:\\u0000"}}'}, 200, None),
        (
            {"queries": orjson.dumps({str(n): {"query": "x"} for n in range(101)}).decode()},
            413,
            None,
        ),
        ({"extend": '{"ids":["a"]}'}, 422, "extend"),
        ({"extend": '{"ids":["a"],"properties":[{"id":"secret"}]}'}, 422, "extend"),
        ({"extend": orjson.dumps({"ids": ["a"] * 1001, "properties": []}).decode()}, 413, None),
    ],
)
def test_what_does_not_fit_is_told(
    reading: TestClient, sent: dict[str, Any], status: int, named: str | None
) -> None:
    answer = reading.post(HERE, data=sent)
    assert answer.status_code == status, answer.text
    if named:
        assert {one["parameter"] for one in answer.json()["errors"]} == {named}


def test_other_bodies_and_pages_that_are_not(reading: TestClient) -> None:
    assert reading.post(HERE, json={}).status_code == 415
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert reading.post(HERE, content=b"queries=%ff", headers=form).status_code == 422
    assert reading.post(HERE, content=b"\xff", headers=form).status_code == 422
    for id in ("actor:nobody", "source:x", "nonsense", "actor:", "actor:\0"):
        assert reading.get(f"{HERE}/preview", params={"id": id}).status_code == 404


def test_markup_in_a_name_stays_text(client: TestClient, bundled: Database) -> None:
    load(bundled, person("x", "<script>alert(1)</script>", description='"><img src=x>'))
    page = client.get(f"{HERE}/preview?id=actor:x").text
    assert "<script" not in page
    assert "<img" not in page


def test_everything_may_be_asked_from_other_origins(reading: TestClient) -> None:
    origin = {"Origin": "https://refine.example"}
    for path in ("", "/preview?id=actor:russia", "/suggest/type?prefix=p", "/preview?id=x"):
        answer = reading.get(HERE + path, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*"
    asked = {**origin, "Access-Control-Request-Method": "POST"}
    assert "POST" in reading.options(HERE, headers=asked).headers["access-control-allow-methods"]
