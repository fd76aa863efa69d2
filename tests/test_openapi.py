"""The OpenAPI document keeps its word: examples that are right, and nothing that breaks clients."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.api.contract import ERRORS, HEADERS
from tests.compatibility import breaks
from tests.questions import COLLECTIONS
from tests.test_writing import desk

__all__ = ["desk"]  # a fixture

FOLDER = Path(__file__).parents[1] / "openapi"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    found: Document = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
    return found


def _operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _check(document: Document, schema: Any, value: Any) -> None:
    """Raise unless the value fits a schema of the document."""
    whole = {**schema, "components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=False).validate(value)


# --- compatible ---------------------------------------------------------------------------------


def test_nothing_breaks_clients_of_the_last_release(document: Document) -> None:
    """Before the first release: `make release-contract` says that the document is the new one."""
    released = json.loads((FOLDER / "released.json").read_text(encoding="utf-8"))
    assert breaks(released, document) == []


def _at(document: Document, *path: Any) -> Any:
    for step in path:
        document = document[step]
    return document


LIST = ("paths", "/v1/statements", "get")
SCHEMAS = ("components", "schemas")
BREAKING: dict[str, Callable[[Document], Any]] = {
    "GET /v1/facets: is gone": lambda d: d["paths"].pop("/v1/facets"),
    "parameter speaker is gone": lambda d: _drop(_at(d, *LIST, "parameters"), "speaker"),
    "parameter q is now required": lambda d: _find(d, "q").update(required=True),
    "parameter limit: maximum": lambda d: _find(d, "limit")["schema"].update(maximum=10),
    "parameter limit: was integer, is string": lambda d: _find(d, "limit").update(
        schema={"type": "string"}
    ),
    "is no longer to be had as text/csv": lambda d: _at(
        d, *LIST, "responses", "200", "content"
    ).pop("text/csv"),
    "has no header ETag any more": lambda d: _at(d, *LIST, "responses", "200", "headers").pop(
        "ETag"
    ),
    "StatementAnswer.content: is gone": lambda d: _at(
        d, *SCHEMAS, "StatementAnswer", "properties"
    ).pop("content"),
    "ActorAnswer.name: may now be missing": lambda d: _at(
        d, *SCHEMAS, "ActorAnswer", "required"
    ).remove("name"),
    "ActorSent.description: is now required": lambda d: _at(
        d, *SCHEMAS, "ActorSent", "required"
    ).append("description"),
    "no longer takes person": lambda d: _at(d, *SCHEMAS, "ActorKind", "enum").remove("person"),
    "now needs a key": lambda d: _at(d, *LIST).update(security=[{"key": []}]),
    "takes no more application/merge-patch+json": lambda d: _at(
        d, "paths", "/v1/actors/{id}", "patch", "requestBody", "content"
    ).clear(),
}


def _find(document: Document, name: str) -> Any:
    return next(one for one in _at(document, *LIST, "parameters") if one["name"] == name)


def _drop(parameters: list[Any], name: str) -> None:
    parameters[:] = [one for one in parameters if one["name"] != name]


@pytest.mark.parametrize("told", BREAKING)
def test_what_would_break_clients_is_found(document: Document, told: str) -> None:
    changed = copy.deepcopy(document)
    BREAKING[told](changed)
    assert [one for one in breaks(document, changed) if told in one]


def test_what_only_adds_breaks_nobody(document: Document) -> None:
    changed = copy.deepcopy(document)
    changed["paths"]["/v1/new"] = {"get": {"responses": {"200": {}}}}
    _at(changed, *SCHEMAS, "ActorAnswer", "properties")["new"] = {"type": "string"}
    _at(changed, *SCHEMAS, "ActorKind", "enum").append("new")
    _find(changed, "limit")["schema"]["minimum"] = 0
    _at(changed, *LIST, "parameters").append(
        {"name": "new", "in": "query", "schema": {"type": "string"}}
    )
    assert breaks(document, changed) == []


# --- complete -----------------------------------------------------------------------------------


def test_every_operation_says_what_may_come(document: Document) -> None:
    names = []
    for path, method, operation in _operations(document):
        where = f"{method} {path}"
        names.append(operation["operationId"])
        assert operation["summary"], where
        assert operation["description"], where
        assert set(ERRORS) - {"408"} <= set(operation["responses"]), where
        for status, response in operation["responses"].items():
            if "$ref" in response:
                response = document["components"]["responses"][response["$ref"].split("/")[-1]]
            assert {"RateLimit", "X-Request-Id"} <= set(response["headers"]), (where, status)
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (where, status)
    assert len(set(names)) == len(names)
    assert set(document["components"]["headers"]) == set(HEADERS)


def test_the_summary_is_not_said_twice(document: Document) -> None:
    info = document["info"]
    assert info["summary"] not in info["description"]


# --- examples -----------------------------------------------------------------------------------


def _examples(document: Document) -> Iterator[tuple[str, Any, Any]]:
    for path, method, operation in _operations(document):
        contents = [("body", operation.get("requestBody", {}).get("content", {}))]
        contents += [(s, r.get("content", {})) for s, r in operation["responses"].items()]
        for where, forms in contents:
            for media_type, form in forms.items():
                if "example" in form:
                    yield f"{method} {path} {where} {media_type}", form["schema"], form["example"]
        for parameter in operation.get("parameters", ()):
            given = [one["value"] for one in parameter.get("examples", {}).values()]
            given += [p["example"] for p in (parameter, parameter["schema"]) if "example" in p]
            for one in given:
                yield f"{method} {path} {parameter['name']}", parameter["schema"], one


def test_every_example_fits_its_schema(document: Document) -> None:
    count = 0
    for where, schema, example in _examples(document):
        try:
            _check(document, schema, example)
        except jsonschema_rs.ValidationError as error:
            raise AssertionError(f"{where}: {error.message[:300]}") from None
        count += 1
    assert count > 100


def test_every_reading_example_works_and_the_answer_fits(
    document: Document, reading: TestClient
) -> None:
    """As Swagger UI sends it when it is pressed over the bundled record."""
    for path, method, operation in _operations(document):
        if method != "get" or {} not in operation["security"]:
            continue
        query: list[tuple[str, Any]] = []
        url = path
        for one in operation.get("parameters", ()):
            given = [example["value"] for example in one.get("examples", {}).values()]
            given += [p["example"] for p in (one, one["schema"]) if "example" in p]
            if one["in"] == "path":
                url = url.replace(f"{{{one['name']}}}", str(given[0] if given else 1))
            elif one.get("required"):
                values = given[0] if isinstance(given[0], list) else given[:1]
                query += [(one["name"], value) for value in values]
        answer = reading.get(f"{url}?{urlencode(query)}" if query else url)
        assert answer.status_code == 200, (path, answer.text[:300])
        content = operation["responses"]["200"].get("content", {})
        if answer.headers["content-type"] == "application/json":
            _check(document, content["application/json"]["schema"], answer.json())


# --- writing examples ---------------------------------------------------------------------------

SERVER_NAMES = {"Candidates", "Webhooks"}
"""Tags of what the server names: there is no example of such an id."""


def _pressed(client: TestClient, path: str, method: str, operation: dict[str, Any]) -> Response:
    """The answer to an operation as Swagger UI sends it: with the first example of everything."""
    query: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for one in operation.get("parameters", ()):
        schema = one["schema"]
        given = [example["value"] for example in one.get("examples", {}).values()]
        given += [p["example"] for p in (one, schema) if "example" in p]
        given += schema.get("examples", [])
        if given and one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", given[0])
        elif given:
            (query if one["in"] == "query" else headers)[one["name"]] = given[0]
    content: Any = None
    for media_type, form in operation.get("requestBody", {}).get("content", {}).items():
        headers["Content-Type"], content = media_type, form["example"]
        if media_type == "application/x-www-form-urlencoded":
            content = urlencode(content)
        content = content if isinstance(content, str) else json.dumps(content)
    return client.request(method, path, params=query, headers=headers, content=content)


def _told(operation: dict[str, Any]) -> str:
    return " ".join(
        example["summary"]
        for one in operation.get("parameters", ())
        for example in one.get("examples", {}).values()
    )


def test_every_writing_example_does_what_it_says_when_pressed_first(
    document: Document, desk: TestClient
) -> None:
    """It works over the bundled record, or says in which order to press."""
    refused: dict[str, int] = {}
    for method in ("delete", "patch", "post", "put"):  # nothing is made before it is asked for
        for path, operations in document["paths"].items():
            operation = operations.get(method)
            if operation is None or (SERVER_NAMES & set(operation["tags"]) and "{id}" in path):
                continue
            if operation["operationId"] == "create_webhook":  # asks a name server
                continue
            status = _pressed(desk, path, method, operation).status_code
            assert status < 300 or str(status) in _told(operation), (method, path, status)
            refused |= {operation["operationId"]: status} if status >= 300 else {}
    assert set(refused.values()) == {404}
    assert len(refused) == 15


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_writing_examples_work_one_after_the_other(
    document: Document, desk: TestClient, collection: str
) -> None:
    paths = document["paths"]
    base, one, merge = (f"/v1/{collection}{rest}" for rest in ("", "/{id}", "/{id}/merge"))
    statuses = []
    for path, method in (
        (base, "post"), (one, "put"), (one, "put"), (merge, "delete"), (merge, "post"),
        (merge, "delete"), (one, "patch"), (one, "delete"),
    ):  # fmt: skip
        answer = _pressed(desk, path, method, paths[path][method])
        statuses.append(answer.status_code)
    assert statuses == [201, 201, 428, 409, 200, 200, 200, 204]


def test_the_example_of_candidates_works_on_a_new_source(
    document: Document, desk: TestClient
) -> None:
    path = "/v1/sources/{id}/candidates"
    operation = document["paths"][path]["post"]
    answer = _pressed(desk, path, "post", operation)
    assert answer.status_code == 409
    assert "409" in _told(operation)
    made = _pressed(desk, "/v1/sources", "post", document["paths"]["/v1/sources"]["post"])
    source = f"/v1/sources/{made.json()['id']}/candidates"
    assert _pressed(desk, source, "post", operation).status_code == 201
