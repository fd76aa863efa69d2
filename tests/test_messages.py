"""What is said of wrong input: to be understood without knowing Python, and all of it at once."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models import advice, sense
from app.models.api_key import Scope
from app.settings import Settings
from app.store import bulk, parse
from tests.application import application
from tests.conftest import Templates
from tests.questions import Json, opened, problem
from tests.test_problems import KNOWN
from tests.test_writing import PATCH, SOURCE, check_ledger, desk, key_for

__all__ = ["desk"]  # a fixture

DOCUMENT = application(Settings(_env_file=None), Database("sqlite://")).openapi()
JARGON = re.compile(
    r"[<>\\^]|\binput\b|should|pattern|\bstring\b|\binteger\b|dictionary|boolean|\bitems?\b|instance"
    r"|validation|\bNone\b|\bparse\b"
)
"""What pydantic says, and nobody else."""


@pytest.fixture(scope="module")
def either(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    """A service with a key for everything, for what is refused before a database is asked."""
    with opened(request, templates, "sqlite", filled=True) as database:
        app = application(Settings(_env_file=None, rate_limit=""), database)
        headers = key_for(database, *Scope)
        with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
            yield client


def _told(answer: Any) -> list[str]:
    """The details of what is wrong; none where nothing is."""
    if answer.status_code in (400, 422):
        document = problem(answer)
        return [one["detail"] for one in document.get("errors", [])] or [document["detail"]]
    assert answer.status_code < 500, answer.text
    return []


# --- no jargon ------------------------------------------------------------------------------------

WRONG = (" ", "x!", "-1", "9" * 20, "é", "2020-13", "\0", "a" * 1_001)


def _parameters() -> Iterator[tuple[str, str, Json]]:
    seen: list[Json] = []
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            for one in operation.get("parameters", ()):
                if one["in"] != "header" and one not in seen:
                    seen.append(one)
                    yield path, method, one


def _url(path: str, name: str, place: str, value: str) -> str:
    ids = {"id": KNOWN.get(path.split("/")[2], "1")} | ({name: value} if place == "path" else {})
    url = re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "1"), path)
    return f"{url}?{name}={value}" if place == "query" else url


def test_what_is_said_of_parameters_has_no_jargon(either: TestClient) -> None:
    told: dict[str, str] = {}
    for path, method, one in _parameters():
        for value in WRONG:
            url = _url(path, one["name"], one["in"], quote(value, safe=""))
            told |= dict.fromkeys(_told(either.request(method, url)), url)
    assert len(told) > 80
    assert [(one, url) for one, url in told.items() if JARGON.search(one)] == []


VALUES: tuple[Any, ...] = (None, " ", 3, 1.5, [], [3], {"a": 1}, "a\0b", "x" * 3_000)


def _resolved(schema: Json) -> Iterator[Json]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].split("/")[-1]]
    yield schema
    for one in schema.get("anyOf", ()):
        yield from _resolved(one)


def _filled(schema: Json, value: Any, depth: int) -> Any:
    """What fits a schema, but that all members at a depth have this value."""
    for one in _resolved(schema) if depth >= 0 else ():
        if one.get("type") == "array":
            return [_filled(one["items"], value, depth)]
        if members := one.get("properties"):
            sent = {name: member for name, member in members.items() if not member.get("readOnly")}
            return {name: _filled(member, value, depth - 1) for name, member in sent.items()}
    return value


def test_what_is_said_of_bodies_has_no_jargon(either: TestClient) -> None:
    told: dict[str, str] = {}
    for path, operations in DOCUMENT["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        for depth in range(4) if "application/json" in content else ():
            for value in VALUES:
                body = _filled(content["application/json"]["schema"], value, depth)
                url = path.replace("{id}", KNOWN.get(path.split("/")[2], "0" * 36))
                found = _told(either.post(url, json=body, headers={"If-Match": "*"}))
                told |= dict.fromkeys(found, f"{path} {depth} {str(value)[:9]}")
    assert len(told) > 40
    assert [(one, where) for one, where in told.items() if JARGON.search(one)] == []


def test_every_pattern_is_told_in_words() -> None:
    patterns = set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(DOCUMENT["paths"])))
    sent = {name: one for name, one in DOCUMENT["components"]["schemas"].items() if "Sent" in name}
    patterns |= set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(sent)))
    told = {json.loads(f'"{one}"') for one in patterns}
    assert {one for one in told - advice.FORMS.keys() if not one.startswith('^"')} == set()


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("/v1/statements?limit=0", "must be at least 1"),
        ("/v1/statements?limit=ten", "must be a whole number, in digits"),
        ("/v1/statements?speech_act=x", "must be one of assertion, denial"),
        ("/v1/statements?count=all", "must be exact"),
        ("/v1/statements?speaker=%FF", "is not UTF-8"),
        ("/v1/statements?q=%FF", "is not UTF-8"),
        ("/v1/suggest?q=%C3%28", "is not UTF-8"),
        ("/v1/statements/%FF", "must be UTF-8"),
        ("/v1/statements/a%20b", "must be an id: letters, digits"),
        ("/v1/statements?said_from=2020-10-22t18:00z", "T and Z are capitals"),
    ],
)
def test_a_message_says_how_to_mend_it(either: TestClient, url: str, detail: str) -> None:
    (told,) = _told(either.get(url))
    assert detail in told


def test_the_replacement_character_may_be_looked_for(either: TestClient) -> None:
    assert either.get("/v1/statements?q=Putin%EF%BF%BD").status_code == 200


def test_a_page_may_be_asked_to_be_larger_than_any_number(either: TestClient) -> None:
    for path in ("statements", "facets", "suggest?q=a", "changes"):
        sign = "&" if "?" in path else "?"
        assert either.get(f"/v1/{path}{sign}limit={'9' * 40}").status_code == 200, path


# --- all at once ----------------------------------------------------------------------------------


def _faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {one["pointer"]: one["detail"] for one in answer.json()["errors"]}


def test_every_fault_of_shape_is_told_at_once(desk: TestClient) -> None:
    report = {
        "id": 4,
        "type": "actor",
        "statement": "another",
        "source": SOURCE,
        "figures": [{"measure": "killed", "as_worded": " ", "best": "many", "low": -1}],
    }
    answer = desk.post(
        "/v1/statements",
        json={"id": 3, "type": "topic", "content": 5, "about": "x", "attributions": [report, 7]},
    )
    assert _faults(answer).keys() == {
        "/id", "/type", "/content", "/about",
        "/attributions/0/id", "/attributions/0/type", "/attributions/0/statement",
        "/attributions/0/figures/0/as_worded", "/attributions/0/figures/0/best",
        "/attributions/0/figures/0/low", "/attributions/1",
    }  # fmt: skip
    assert "looked at once this is mended" in answer.json()["detail"]
    wrong = desk.put("/v1/actors/x", json={"id": "y", "kind": "king", "name": 3})
    assert _faults(wrong).keys() == {"/id", "/kind", "/name"}
    wrong = desk.post("/v1/statements", json={"content": 5, "attributions": {}})
    assert _faults(wrong).keys() == {"/content", "/attributions"}


def test_what_only_follows_from_another_fault_is_not_told(desk: TestClient) -> None:
    report: Json = {"id": "r", "source": SOURCE}
    unknown = desk.post("/v1/statements", json={"topics": ["nowhere"], "attributions": [report]})
    assert _faults(unknown) == {
        "/topics/0": "there is no topic nowhere; add it first, or mend the id"
    }
    report |= {"speakers": [{"actor": "nobody"}]}
    inner = {"source": SOURCE, "parent": "r"}
    sent = {"content": "a", "content_from": "r", "attributions": [report, inner]}
    unknown = desk.post("/v1/statements", json=sent)
    assert _faults(unknown).keys() == {"/attributions/0/speakers/0/actor"}


def test_a_number_may_be_whole_or_not(desk: TestClient) -> None:
    figure: Json = {"measure": "killed", "as_worded": "many", "best": "many"}
    sent = {"statement": "hajiyev-comments", "source": SOURCE, "figures": [figure]}
    told = _faults(desk.post("/v1/attributions", json=sent))
    assert told == {"/figures/0/best": "must be a number, without quotation marks"}
    figure["best"] = 10**16
    told = _faults(desk.post("/v1/attributions", json=sent))
    assert told == {"/figures/0/best": "must be at most 1,000,000,000,000,000"}


def test_a_misspelt_member_is_told_with_the_one_that_may_be_meant(desk: TestClient) -> None:
    figure = {"measure": "killed", "as_worded": "x", "as_wordet": "y"}
    report = {"source": SOURCE, "speekers": ["x"], "figures": [figure], "speakers": [{"aktor": 1}]}
    sent = {"contents": "a", "zzz": 1, "type": "statement", "attributions": [report]}
    said = "is not a member of this record; "
    assert _faults(desk.post("/v1/statements", json=sent)) == {
        "/contents": f"{said}did you mean content?",
        "/zzz": f"{said}take it out, or mend its name",
        "/attributions/0/speekers": f"{said}did you mean speakers?",
        "/attributions/0/speakers/0/aktor": f"{said}did you mean actor?",
        "/attributions/0/figures/0/as_wordet": f"{said}did you mean as_worded?",
    }


def test_a_merger_wants_a_reason(desk: TestClient) -> None:
    path, headers = "/v1/actors/france/merge", {"If-Match": "*"}
    assert _faults(desk.post(path, json={}, headers=headers)) == {
        "/into": "is required",
        "/reason": "is required",
    }
    answer = desk.post(f"{path}?reason=twice", json={"into": "germany"}, headers=headers)
    assert "/reason" not in _faults(answer)


# --- text that says nothing, fewer than none ------------------------------------------------------

BLANKS = (" ", " \t\n", "\u00a0", "\u200b\u200e", "\u3000\u2003", "\ufeff", "\u1680\u180e")


@pytest.mark.parametrize("blank", BLANKS)
def test_text_that_says_nothing_is_refused(desk: TestClient, blank: str) -> None:
    for path, body, pointer in (
        ("actors", {"kind": "person", "name": blank}, "/name"),
        ("actors", {"kind": "person", "name": "A", "other_names": [{"name": blank}]},
         "/other_names/0/name"),
        ("topics", {"kind": "theme", "pref_labels": {"en": blank}}, "/pref_labels/en"),
        ("sources", {"kind": "article", "title": blank, "authors": ["A", blank]}, "/authors/1"),
        ("statements", {"content": blank}, "/content"),
        ("statements", {"attributions": [{"source": SOURCE, "quoted_text": blank}]},
         "/attributions/0/quoted_text"),
    ):  # fmt: skip
        assert _faults(desk.post(f"/v1/{path}", json=body))[pointer] == sense.BLANK, path
    patch = json.dumps({"name": blank})
    refused = desk.patch("/v1/actors/france", content=patch, headers=PATCH | {"If-Match": "*"})
    assert _faults(refused) == {"/name": sense.BLANK}


def test_text_between_white_space_is_kept_as_it_is(desk: TestClient) -> None:
    name = ' \u200e"A" \\" '
    made = desk.post("/v1/actors", json={"kind": "person", "name": name})
    assert made.json()["name"] == name
    selector = {"role": "content", "exact": "\u2014", "prefix": " ", "suffix": "\n"}
    sent = {"statement": "hajiyev-comments", "source": SOURCE, "selectors": [selector]}
    assert desk.post("/v1/attributions", json=sent).status_code == 201


@pytest.mark.parametrize(
    "figure",
    [
        {"best": -1},
        {"low": -0.5},
        {"high": -1},
        {"low": -(10**15), "high": 5, "qualifier": "between"},
    ],
)
def test_fewer_than_nobody_is_refused(desk: TestClient, figure: Json) -> None:
    def send(measure: str, **bounds: Any) -> Any:
        figures = [{"measure": measure, "as_worded": "minus one", **bounds}]
        sent = {"statement": "hajiyev-comments", "source": SOURCE, "figures": figures}
        return desk.post("/v1/attributions", json=sent)

    assert sense.NEGATIVE in _faults(send("killed", **figure)).values()
    assert sense.NEGATIVE in _faults(send("destroyed", **figure)).values()
    assert send("other", **figure).status_code == 201  # degrees, or a change in percent
    assert send("killed", best=0).status_code == 201
    order = _faults(send("killed", low=5, high=3))
    assert order == {"/figures/0": "low, best and high must not fall; put them in order"}


def test_an_import_refuses_them_too(bundled: Database, tmp_path: Any) -> None:
    lines = [
        {"type": "actor", "id": "a", "kind": "person", "name": "  "},
        {"type": "actor", "id": "b", "kind": "person", "name": "B"},
        {"type": "attribution", "id": "c", "statement": "hajiyev-comments", "source": SOURCE,
         "figures": [{"measure": "killed", "as_worded": "x", "best": -2}]},
    ]  # fmt: skip
    file = tmp_path / "file.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)))
    with file.open("rb") as opened_file:
        (progress,) = bulk.import_file(bundled, opened_file, agent="desk")
    assert (progress.created, progress.failed) == (1, 2)
    told = [(one.line, one.faults[0].pointer, one.faults[0].detail) for one in progress.errors]
    assert told == [(1, "/name", sense.BLANK), (3, "/figures/0/best", sense.NEGATIVE)]


def test_what_was_taken_before_can_still_be_read_and_mended(
    bundled: Database, desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may hold what is refused today."""
    with monkeypatch.context() as before:
        before.setattr(sense, "faults", lambda *_: ())
        made = desk.post("/v1/actors", json={"id": "x", "kind": "person", "name": " "})
        assert made.status_code == 201
    assert desk.get("/v1/actors/x").json()["name"] == " "
    tag = {"If-Match": made.headers["etag"]}
    mended = desk.patch("/v1/actors/x", content='{"name": "X"}', headers=PATCH | tag)
    assert mended.status_code == 200
    check_ledger(bundled)  # and the tables can be made again


def test_parameters_are_those_of_the_operation(reading: TestClient) -> None:
    told = reading.get("/v1/actors?reason=x").json()["errors"][0]["detail"]
    assert "did you mean" not in told  # DELETE takes a reason
    assert "limit" in told
    assert "reason" not in told.partition("it takes")[2]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ('["я", "\\ud800"]', "half of a character"),
        ("[1e999]", "a number that is too large at character"),
        ("", "there is nothing"),
    ],
)
def test_what_is_no_json_is_told_in_plain_words(raw: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse.value(raw.encode())
    with pytest.raises(ValueError, match="not UTF-8 from character 4 on"):
        parse.value('["я'.encode() + b'\xff"]')
