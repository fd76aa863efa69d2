"""The OpenAPI document: whole, consistent, and what the service really answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.main import create_app
from app.settings import Settings
from tests.conftest import ENGINES, Templates
from tests.factories import everything, fill
from tests.questions import Json, opened, problem, served

COMMITTED = Path(__file__).parents[1] / "openapi" / "openapi.json"
DOCUMENT = create_app(Settings(_env_file=None), Database("sqlite://")).openapi()
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
READS = [(path, operation) for path, method, operation in OPERATIONS if method == "get"]
NAMED = [pytest.param(*one, id=one[2]["operationId"]) for one in OPERATIONS]
NAMED_READS = [pytest.param(*one, id=one[1]["operationId"]) for one in READS]


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param, filled=True) as database:
        fill(database, everything())
        with served(database) as client:
            yield client


# --- the document ---------------------------------------------------------------------------------


def test_it_is_the_one_that_is_served_and_committed(client: TestClient) -> None:
    assert client.get("/openapi.json").json() == DOCUMENT
    assert json.loads(COMMITTED.read_text("utf-8")) == DOCUMENT, "run `onrecord openapi`"


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["version"]
    assert DOCUMENT["info"]["license"]["identifier"] == "MIT"
    assert DOCUMENT["servers"]


def test_what_it_refers_to_is_there_and_what_is_there_is_referred_to() -> None:
    referred = {*_references(DOCUMENT)}
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in DOCUMENT["components"].items()
        for name in named
        if kind != "securitySchemes"
    }
    assert referred == components


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def test_operations_have_ids_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names)) > 15
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


@pytest.mark.parametrize(("path", "method", "operation"), NAMED)
def test_an_operation_is_described(path: str, method: str, operation: Json) -> None:
    assert operation["summary"]
    assert len(operation.get("description", "")) > 20
    assert {*operation["tags"]} <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert len(operation["tags"]) == 1
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), (method, path, parameter["name"])
    in_path = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
    assert in_path == set(re.findall(r"\{(\w+)\}", path))


@pytest.mark.parametrize(("path", "method", "operation"), NAMED)
def test_an_error_is_documented_as_a_problem(path: str, method: str, operation: Json) -> None:
    del path, method
    responses = operation["responses"]
    errors = {status: one for status, one in responses.items() if status[0] in "45"}
    assert errors
    for status, response in errors.items():
        assert response["description"], status
        assert response["content"].keys() == {"application/problem+json"}, status
        schema = response["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}, status
    assert responses["304" if "304" in responses else "200"]["description"]


@pytest.mark.parametrize(("path", "operation"), NAMED_READS)
def test_every_status_that_a_read_may_have_is_documented(path: str, operation: Json) -> None:
    expected = {"200", "422"}
    if "{id}" in path:
        expected |= {"404"}
        if not path.endswith("/revisions"):  # history stays
            expected |= {"308", "410"}
    assert operation["responses"].keys() >= expected


def test_a_merged_record_says_where_it_went() -> None:
    for path, operation in READS:
        if "308" in operation["responses"]:
            assert "Location" in operation["responses"]["308"].get("headers", {}), path


# --- what is answered -----------------------------------------------------------------------------

ANNOTATIONS = {"title", "description", "default", "example", "examples", "format", "deprecated"}
KEYWORDS = {
    "$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "properties", "required",
    "additionalProperties", "patternProperties", "propertyNames", "items", "pattern", "minLength",
    "maxLength", "minItems", "maxItems", "minimum", "maximum",
}  # fmt: skip
"""What `conforms` reads. A keyword beyond these and the annotations is a slip, or new here."""


def _schemas(value: Any, *, here: bool = False) -> Iterator[Json]:
    """Every schema of the document, and every one inside another."""
    if isinstance(value, list):
        for part in value:
            yield from _schemas(part, here=here)
    elif isinstance(value, dict):
        if here:
            yield value
        for name, part in value.items():
            if name in ("example", "examples", "default", "enum", "const"):
                continue
            if name in ("properties", "patternProperties", "schemas"):
                yield from _schemas([*part.values()], here=True)
            else:
                inner = ("schema", "items", "additionalProperties", "propertyNames")
                yield from _schemas(part, here=name in inner or (here and name.endswith("Of")))


def test_schemas_say_what_json_schema_has_words_for() -> None:
    schemas = [*_schemas(DOCUMENT)]
    assert len(schemas) > 300
    used = {name for schema in schemas for name in schema if not name.startswith("x-")}
    assert used <= KEYWORDS | ANNOTATIONS


def conforms(value: Any, schema: Json, at: str = "") -> None:
    """Assert that a value fits a schema of the document (of JSON Schema, what is used there)."""
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    for keyword, rule in schema.items():
        told = f"{at}: {keyword} {str(rule)[:100]}, found {str(value)[:100]!r}"
        match keyword:
            case "$ref":
                conforms(value, _at(rule), at)
            case "type":
                names = [rule] if isinstance(rule, str) else rule
                numbers = {"integer", "number"} & {*names}
                assert any(isinstance(value, kinds[name]) for name in names), told
                assert not (isinstance(value, bool) and numbers and "boolean" not in names), told
            case "enum":
                assert value in rule, told
            case "const":
                assert value == rule, told
            case "anyOf" | "oneOf":
                fitting = [one for one in rule if _fits(value, one)]
                assert fitting if keyword == "anyOf" else len(fitting) == 1, told
            case "allOf":
                for one in rule:
                    conforms(value, one, at)
            case "properties":
                for name in rule.keys() & (value.keys() if isinstance(value, dict) else ()):
                    conforms(value[name], rule[name], f"{at}/{name}")
            case "required":
                assert not isinstance(value, dict) or value.keys() >= {*rule}, told
            case "additionalProperties" if isinstance(value, dict):
                patterns = [*schema.get("patternProperties", {}), "$^"]
                named = {one for one in value if re.search("|".join(patterns), one)}
                for name in value.keys() - schema.get("properties", {}).keys() - named:
                    assert rule, f"{at}/{name} is not documented"
                    if isinstance(rule, dict):
                        conforms(value[name], rule, f"{at}/{name}")
            case "propertyNames" if isinstance(value, dict):
                for name in value:
                    conforms(name, rule, f"{at}/{name}")
            case "items" if isinstance(value, list):
                for place, part in enumerate(value):
                    conforms(part, rule, f"{at}/{place}")
            case "pattern":
                assert not isinstance(value, str) or re.search(rule, value), told
            case "minLength" | "minItems" | "minProperties":
                assert isinstance(value, int | float | None) or len(value) >= rule, told
            case "maxLength" | "maxItems" | "maxProperties":
                assert isinstance(value, int | float | None) or len(value) <= rule, told
            case "minimum":
                assert not isinstance(value, int | float) or value >= rule, told
            case "maximum":
                assert not isinstance(value, int | float) or value <= rule, told
            case "patternProperties" if isinstance(value, dict):
                for name, part in value.items():
                    for pattern in rule:
                        if re.search(pattern, name):
                            conforms(part, rule[pattern], f"{at}/{name}")


def _at(reference: str) -> Json:
    found: Json = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _fits(value: Any, schema: Json) -> bool:
    try:
        conforms(value, schema)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "schema", "fits"),
    [
        ({"id": "a", "name": None}, {"$ref": "#/components/schemas/ActorReference"}, True),
        ({"id": "a"}, {"$ref": "#/components/schemas/ActorReference"}, False),
        ({"id": "-", "name": "x"}, {"$ref": "#/components/schemas/ActorReference"}, False),
        ({"id": "a", "name": 1}, {"$ref": "#/components/schemas/ActorReference"}, False),
        ({"id": "a", "name": "x", "y": 1}, {"$ref": "#/components/schemas/ActorReference"}, False),
        (True, {"type": "integer"}, False),
        ([1, "a"], {"type": "array", "items": {"type": "integer"}}, False),
        (None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ("x", {"enum": ["y"]}, False),
        ({"en": 1}, {"patternProperties": {"^[a-z]": {"type": "string"}}}, False),
        ({"1": 1}, {"patternProperties": {"^[a-z]": {}}, "additionalProperties": False}, False),
    ],
)
def test_the_schemas_tell_right_from_wrong(value: Any, schema: Json, fits: bool) -> None:
    assert _fits(value, schema) == fits


def _examples(operation: Json, place: str) -> dict[str, list[str]]:
    """The examples of each parameter that has any."""
    found = {}
    for one in operation.get("parameters", []):
        if one["in"] == place:
            given = [example["value"] for example in one.get("examples", {}).values()]
            given += [holder["example"] for holder in (one, one["schema"]) if "example" in holder]
            if given:
                found[one["name"]] = [str(value) for value in given]
    return found


def _urls(path: str, operation: Json) -> list[str]:
    """The URLs that the examples of an operation give; whatever is required must have one."""
    in_path, in_query = (_examples(operation, place) for place in ("path", "query"))
    required = [
        one["name"]
        for one in operation.get("parameters", [])
        if one["required"] and one["in"] == "query"
    ]
    urls = [path]
    for name in re.findall(r"\{(\w+)\}", path):
        urls = [url.replace(f"{{{name}}}", value) for url in urls for value in in_path[name]]
    query = "&".join(f"{name}={in_query[name][0]}" for name in required)
    return [f"{url}?{query}" if query else url for url in urls]


@pytest.mark.parametrize(("path", "operation"), NAMED_READS)
def test_examples_work_when_they_are_tried(client: TestClient, path: str, operation: Json) -> None:
    """Against the bundled record, as Swagger UI would send them."""
    urls = _urls(path, operation)
    assert urls
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, response.text[:500]
        assert len(response.content) > 20
        if response.headers["content-type"] == "application/json":
            body = response.json()
            assert body
            assert body.get("items", True), f"{url} finds nothing"


MORE = {
    "/v1/statements": [
        "limit=5&count=exact", "said_from=2020-10-22", "limit=3&order=said_at",
    ],
    "/v1/attributions": ["limit=100", "factuality=not_said&factuality=actual"],
    "/v1/figures": ["limit=100", "status=reviewed&count=exact"],
    "/v1/actors": ["limit=100"],
    "/v1/topics": ["limit=100"],
    "/v1/sources": ["limit=100"],
}  # fmt: skip
WHOLE = {"statements": "said", "attributions": "report", "actors": "speaker"}
WHOLE |= {"topics": "losses", "sources": "original"}


@pytest.mark.parametrize(("path", "operation"), NAMED_READS)
def test_what_is_answered_is_what_is_documented(
    client: TestClient, path: str, operation: Json
) -> None:
    content = operation["responses"]["200"]["content"]
    if "application/json" not in content:
        return  # other formats have tests of their own
    urls = [*_urls(path, operation), *(f"{path}?{query}" for query in MORE.get(path, ()))]
    if "{id}" in path:
        urls.append(path.replace("{id}", WHOLE.get(path.split("/")[2], "said")))
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, response.text[:500]
        assert response.headers["content-type"] == "application/json"
        assert response.json().get("items", True), f"{url} finds nothing"
        conforms(response.json(), content["application/json"]["schema"], url)
        for header in operation["responses"]["200"].get("headers", {}):
            assert header in response.headers or header == "Link"


EXPANDED = {
    "/v1/actors": ["organizations", "sources"],
    "/v1/topics": ["broader"],
    "/v1/sources": ["publisher", "derived_from"],
    "/v1/statements": [
        "none", "attributions", "speakers", "sources", "topics", "about", "relations",
        "content_from",
    ],
    "/v1/attributions": ["none", "statement", "source", "speakers", "via", "parent"],
    "/v1/figures": ["attribution", "statement", "claimants", "source", "place", "parties"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "member"), [(path, name) for path, names in EXPANDED.items() for name in names]
)
def test_what_is_expanded_is_documented_too(client: TestClient, path: str, member: str) -> None:
    plain = client.get(f"{path}?limit=100").json()["items"]
    response = client.get(f"{path}?limit=100&expand={member}")
    assert response.status_code == 200, response.text[:500]
    if member not in ("none", "attributions"):
        assert len(response.content) > 100
        assert response.json()["items"] != plain
    content = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]
    conforms(response.json(), content["application/json"]["schema"], f"{path}?expand={member}")


@pytest.mark.parametrize(
    "url",
    ["/nowhere", "/v1/actors/nobody", "/v1/actors?limit=0&x=1&kind=y", "/v1/statements?speaker=x"],
)
def test_problems_are_as_documented(client: TestClient, url: str) -> None:
    conforms(problem(client.get(url)), {"$ref": "#/components/schemas/Problem"}, url)


def test_a_parameter_takes_what_its_schema_takes(client: TestClient) -> None:
    """Every value of every closed set."""
    tried = set()
    for path, operation in READS:
        for one in operation.get("parameters", []):
            for value in _closed(one["schema"]):
                asked = (one["name"], value)
                if asked in tried or one["name"] == "format":  # not every path has every format
                    continue
                tried.add(asked)
                (url, *_) = _urls(path, operation)
                response = client.get(url, params={**_query(url), one["name"]: value})
                if response.status_code == 422:  # it may need another parameter, and say so
                    codes = {fault["code"] for fault in problem(response)["errors"]}
                    assert not codes & {"enum", "literal_error"}, asked
                else:
                    assert response.status_code == 200, asked
    assert len(tried) > 60


def _query(url: str) -> dict[str, str]:
    _, _, query = url.partition("?")
    return dict(pair.split("=", 1) for pair in query.split("&") if pair)


def _closed(schema: Json) -> list[str]:
    """The values of a closed set, or of lists of such values."""
    if "$ref" in schema:
        return _closed(_at(schema["$ref"]))
    inner = [*schema.get("anyOf", []), *filter(None, [schema.get("items")])]
    return [*schema.get("enum", []), *(value for one in inner for value in _closed(one))]


# --- pages that show it ---------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_documentation_needs_nothing_from_elsewhere(client: TestClient, page: str) -> None:
    response = client.get(page)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    addresses = re.findall(
        r"""(?:src|href|url|spec-url)\s*[=:]\s*["']([^"']+)["']""", response.text
    )
    assert "/openapi.json" in addresses
    for address in addresses:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200, address
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org)[a-z]", response.text)
