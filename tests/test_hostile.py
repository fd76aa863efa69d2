"""Nothing that can be sent makes the service fail, and no refusal repeats what was sent."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api import accept
from app.api.conditions import _versions
from app.db import Database
from app.errors import Problem
from app.models.api_key import Scope
from app.models.base import ID_PATTERN
from app.models.edtf import parse as parse_date
from app.settings import Settings
from app.store import cursor, search
from app.store.parse import line as parse_line
from tests import hostile
from tests.application import application
from tests.test_writing import key_for

SECRET = "unrepeatable"
NAMES = {"q", "fields", "expand", "order", "format", "facet"}
"""Parameters in which names of ours stand, some of them in the corpus, which may be repeated."""
MEMBERS = {"type", "title", "status", "detail", "errors", "request_id"}


@pytest.fixture
def target(bundled: Database) -> Iterator[TestClient]:
    app = application(Settings(_env_file=None, rate_limit=""), bundled)
    headers = key_for(bundled, *Scope)
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


def check(answer: Any, what: object, sent: str = SECRET) -> None:
    """An answer is no fault of ours, and a refusal is a problem that does not repeat what came."""
    told = f"{what!r:.300}: {answer.status_code} {answer.text[:500]}"
    assert answer.status_code < 500, told
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", told
        if answer.request.method == "HEAD":
            assert not answer.content, told
            return
        problem = answer.json()
        assert problem["status"] == answer.status_code, told
        assert set(problem) <= MEMBERS, told
        assert {"type", "title", "status", "detail", "request_id"} <= set(problem), told
        named = re.fullmatch(ID_PATTERN, sent) and sent != SECRET  # an id may be repeated
        assert named or not (len(sent) > 5 and sent in answer.text), told


def _texts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each query parameter of a read, with its path filled in."""
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                yield (
                    path.replace("{id}", "vladimir-putin").replace("{seq}", "1"),
                    parameter["name"],
                )


def test_no_text_in_any_parameter_is_a_fault(target: TestClient) -> None:
    """Each text goes to every third name of a parameter, on whichever paths have it in turn."""
    document = target.app.openapi()  # type: ignore[attr-defined]
    paths: dict[str, list[str]] = {}
    for path, name in _texts(document):
        paths.setdefault(name, []).append(path)
    for number, word in enumerate(hostile.WORDS):
        for name, having in list(paths.items())[number % 3 :: 3]:
            if name == "wait":
                continue
            path = having[number % len(having)]
            url = f"{path}?{name}={quote(word)}"
            check(target.get(url), url, SECRET if name in NAMES else word)


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_no_query_path_or_header_is_a_fault(target: TestClient) -> None:
    for query in hostile.QUERIES:
        for path in ("/v1/statements", "/v1/figures/comparison", "/v1/export", "/v1/facets"):
            check(target.get(f"{path}?{query}"), (path, query))
    for path in hostile.PATHS:
        for url in (f"/v1/actors/{path}", f"/v1/{path}", f"/{path}", f"/static/{path}"):
            check(target.get(url), url)
        check(target.get(f"/v1/ledger/entries/{path}/proof"), path)
    for name, value in hostile.HEADERS:
        header = {name.encode(): value.encode("latin-1")}
        for method, url in (("GET", "/v1/actors"), ("POST", "/v1/actors"), ("HEAD", "/v1/export")):
            check(target.request(method, url, headers=header), (method, name, value))


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_no_method_is_a_fault(target: TestClient) -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "get", "QUERY", "A" * 100):
        for url in ("/v1/actors", "/v1/actors/vladimir-putin", "/healthz", "/none", "*"):
            check(target.request(method, url), (method, url))


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_no_body_is_a_fault(target: TestClient) -> None:
    tag = target.get("/v1/actors/vladimir-putin").headers["etag"]
    roads = [
        ("POST", "/v1/actors", "application/json"),
        ("POST", "/v1/statements", "application/json"),
        ("PUT", "/v1/actors/vladimir-putin", "application/json"),
        ("PATCH", "/v1/actors/vladimir-putin", "application/merge-patch+json"),
        ("POST", "/v1/actors/vladimir-putin/merge", "application/json"),
        ("POST", "/v1/import?dry_run=true", "application/x-ndjson"),
        ("POST", "/v1/webhooks", "application/json"),
    ]
    for method, url, media_type in roads:
        for body in hostile.BODIES:
            headers = {"Content-Type": media_type, "If-Match": tag}
            check(target.request(method, url, content=body, headers=headers), (url, body[:60]))
        for media_type in ("text/plain", "application/xml", "multipart/form-data", ""):
            answer = target.request(
                method, url, content=b"{}", headers={"Content-Type": media_type, "If-Match": tag}
            )
            check(answer, (url, media_type))
            assert answer.status_code == 415


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_thirty_megabytes_are_no_fault(target: TestClient) -> None:
    body = json.dumps({"kind": "person", "name": SECRET * 2_500_000}).encode()
    assert len(body) > 30_000_000
    answer = target.post("/v1/actors", content=body, headers={"Content-Type": "application/json"})
    check(answer, "30 MB")
    assert answer.status_code in (413, 422)


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_no_refused_body_is_repeated(target: TestClient) -> None:
    """Whatever member is wrong, its value is not in the answer."""
    for member in (
        "kind",
        "name",
        "other_names",
        "identifiers",
        "memberships",
        "description",
        "id",
    ):
        for value in (SECRET + " \x01", [SECRET], {SECRET: SECRET}, [{"name": SECRET * 9}], 1.5):
            sent = {"kind": "person", "name": "a", member: value}
            answer = target.post("/v1/actors", json=sent)
            if answer.status_code >= 400:
                told = [one for one in answer.json().get("errors", ()) if SECRET in one["detail"]]
                assert not told, answer.text


# --- parsers: every text is understood or refused, none is a fault -------------------------------


def refused_or_not(parse: Any, *given: Any) -> None:
    with suppress(Problem, ValueError):
        parse(*given)


# The same examples each time, however long one takes on a busy machine.
calm = settings(derandomize=True, deadline=None, max_examples=150)
HARD = (
    st.text()
    | st.text(alphabet='0123456789-/.~?%XTZ:+YW"*,;= aəЯ\u0660[]{}()')
    | st.sampled_from(hostile.WORDS)
)


@calm
@given(HARD)
def test_every_cursor(text: str) -> None:
    refused_or_not(cursor.decode, text)


@calm
@given(HARD)
def test_every_date(text: str) -> None:
    refused_or_not(parse_date, text)


@calm
@given(HARD)
def test_every_accept(text: str) -> None:
    accept.preferred(text, ["application/json", "text/csv;header=present"])


@calm
@given(HARD)
def test_every_if_match(text: str) -> None:
    refused_or_not(_versions, text)


@calm
@given(HARD)
def test_every_search(text: str) -> None:
    refused_or_not(search.parse, text)


@calm
@given(st.binary() | HARD.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_every_line_of_an_import(line: bytes) -> None:
    refused_or_not(parse_line, line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMED = st.dictionaries(
    st.sampled_from(
        ["type", "id", "kind", "name", "selectors", "speakers", "figures", "said_at", "statement"]
    ),
    JSON | st.sampled_from(["actor", "statement", "attribution", "person", "a"]),
)


@calm
@given(NAMED)
def test_every_record_of_an_import(record: dict[str, Any]) -> None:
    refused_or_not(parse_line, json.dumps(record).encode())


def test_options_of_no_path_is_a_problem_with_a_body(target: TestClient) -> None:
    """What announces a body has one, or the connection ends."""
    answer = target.options("/none")
    assert answer.status_code == 404
    assert len(answer.content) == int(answer.headers["content-length"])
    check(answer, "OPTIONS")
