"""Who may do what: every operation of the contract, asked with every kind of key."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models.api_key import Scope
from app.models.base import RecordType
from app.settings import Settings
from app.store import keys
from tests.application import application
from tests.test_writing import key_for

pytestmark = pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)


class Row(NamedTuple):
    """The scope that an operation takes, and the answer to its example with one who has it.

    Each example is sent with an `If-Match` that fits nothing, so that it can be sent again.
    """

    scope: Scope
    status: int = 200
    body: dict[str, Any] | None = None
    """Sent instead of the example."""


_READS = """
get_checkpoint get_consistency_proof get_inclusion_proof get_ledger_key
compare_figures export_records get_attribution_chain get_facets get_timeline list_changes
list_figures list_statement_attributions suggest_names verify_attribution
get_reconciliation preview_entity propose_properties reconcile suggest_entities suggest_properties
suggest_types
"""

TABLE = {
    **dict.fromkeys(_READS.split(), Row(Scope.read)),
    **{f"get_{one}": Row(Scope.read) for one in RecordType},
    **{f"list_{one}s": Row(Scope.read) for one in RecordType},
    **{f"list_{one}_revisions": Row(Scope.read) for one in RecordType},
    **{f"create_{one}": Row(Scope.write, 201) for one in RecordType},
    **{f"replace_{one}": Row(Scope.write, 412) for one in RecordType},
    **{f"patch_{one}": Row(Scope.write, 412) for one in RecordType},
    **{f"delete_{one}": Row(Scope.write, 404) for one in RecordType},
    **{f"merge_{one}": Row(Scope.write, 404) for one in RecordType},
    **{f"unmerge_{one}": Row(Scope.write, 404) for one in RecordType},
    "import_records": Row(Scope.write),
    "propose_candidates": Row(Scope.write, 409),  # the example is not the text of that source
    "list_candidates": Row(Scope.write),
    "get_candidate": Row(Scope.write, 404),
    "mend_candidate": Row(Scope.write, 404),
    "accept_candidate": Row(Scope.write, 404),
    "reject_candidate": Row(Scope.write, 404),
    "list_webhooks": Row(Scope.admin),
    "create_webhook": Row(Scope.admin, 422, {"url": "https://127.0.0.1/"}),  # asks no name server
    "get_webhook": Row(Scope.admin, 404),
    "delete_webhook": Row(Scope.admin, 404),
    "list_deliveries": Row(Scope.admin, 404),
    "retry_delivery": Row(Scope.admin, 404),
}
"""Every operation. A new one gets a row here, whoever may do it."""


class Operation(NamedTuple):
    """An operation, with its own example as the request."""

    name: str
    method: str
    url: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: bytes | None

    def send(self, client: TestClient, headers: dict[str, str], method: str | None = None) -> Any:
        return client.request(
            method or self.method,
            self.url,
            params=self.query,
            headers=self.headers | headers,
            content=self.body,
        )


@cache
def operations() -> list[Operation]:
    """All operations of the OpenAPI document, which takes a second to make."""
    app = application(Settings(_env_file=None), Database("sqlite://"))
    return list(_read(app.openapi()["paths"]))


def _read(paths: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in paths.items():
        for method, told in methods.items():
            url, query = path, {}
            for one in told.get("parameters", ()):
                if one["in"] == "path":
                    url = url.replace(f"{{{one['name']}}}", str(_example(one)))
                elif one["in"] == "query" and one.get("required"):
                    query[one["name"]] = _example(one)
            headers, body = {"If-Match": '"999999-x"'} if method != "get" else {}, None
            for media_type, form in told.get("requestBody", {}).get("content", {}).items():
                headers["Content-Type"] = media_type
                row = TABLE.get(told["operationId"])
                example = row.body if row and row.body else form["example"]
                if media_type == "application/x-www-form-urlencoded":
                    example = urlencode(example)
                body = (example if isinstance(example, str) else json.dumps(example)).encode()
            yield Operation(told["operationId"], method.upper(), url, query, headers, body)


def _example(parameter: dict[str, Any]) -> Any:
    """The first example of a parameter, wherever it stands."""
    if "example" in parameter:
        return parameter["example"]
    if examples := parameter.get("examples"):
        return next(iter(examples.values()))["value"]
    schema = parameter["schema"]
    if "example" in schema or "examples" in schema:
        return schema["example"] if "example" in schema else schema["examples"][0]
    return 1 if schema["type"] == "integer" else NOBODYS


NOBODYS = "00000000-0000-0000-0000-000000000000"
"""An id for what the server names, of which there is none yet."""
UNKNOWN = "Bearer onr_00000000_00000000000000000000000000000000_2KAQCa"
"""A key of the right form, checksum included, that nobody was given."""


@pytest.fixture
def callers(bundled: Database) -> dict[str, dict[str, str]]:
    """Headers of everybody who may come, by what they have."""
    found = {str(scope): key_for(bundled, scope, name=scope) for scope in Scope}
    revoked = key_for(bundled, *Scope, name="revoked")
    with bundled.writer() as writer:
        keys.revoke(writer, "revoked")
    return {"nobody": {}, "bad": {"Authorization": UNKNOWN}, "revoked": revoked, **found}


def served(database: Database, **settings: Any) -> TestClient:
    app = application(Settings(_env_file=None, **settings), database)
    return TestClient(app, raise_server_exceptions=False)


def expected(row: Row, who: str, *, open_reading: bool) -> int:
    """The status that somebody is answered with."""
    scopes = list(Scope)
    if who == "nobody" and open_reading and row.scope is Scope.read:
        return row.status
    if who not in scopes:
        return 401
    return row.status if scopes.index(Scope(who)) >= scopes.index(row.scope) else 403


@pytest.mark.parametrize("open_reading", [True, False])
def test_every_operation_is_open_to_those_whom_the_table_names(
    bundled: Database, callers: dict[str, dict[str, str]], open_reading: bool
) -> None:
    with served(bundled, open_reading=open_reading) as client:
        found = {one.name for one in operations()}
        assert found == TABLE.keys(), "give each operation a row in TABLE"
        wrong = []
        for one in operations():
            for who, headers in callers.items():
                due = expected(TABLE[one.name], who, open_reading=open_reading)
                answer = one.send(client, headers)
                if answer.status_code != due:
                    wrong.append((one.name, who, answer.status_code, due, answer.text[:200]))
                challenge = answer.headers.get("www-authenticate", "")
                if due == 401:
                    assert challenge.startswith('Bearer realm="onrecord"'), one
                    assert ("invalid_token" in challenge) == (who != "nobody")
                elif due == 403:
                    assert 'error="insufficient_scope"' in challenge, one
                if one.method == "GET" and who == "nobody":
                    assert one.send(client, headers, "HEAD").status_code == answer.status_code
        assert wrong == []


def test_a_redaction_takes_the_scope_admin(
    bundled: Database, callers: dict[str, dict[str, str]]
) -> None:
    path, tag = "/v1/actors/france?reason=law&change=redacted", {"If-Match": "*"}
    with served(bundled) as client:
        refused = client.delete(path, headers=callers["write"] | tag)
        assert (refused.status_code, client.get("/v1/actors/france").status_code) == (403, 200)
        assert 'scope="admin"' in refused.headers["www-authenticate"]
        assert client.delete(path, headers=callers["admin"] | tag).status_code == 204


def test_what_one_was_answered_with_a_key_is_never_answered_without(
    bundled: Database, callers: dict[str, dict[str, str]]
) -> None:
    with served(bundled, open_reading=False) as client:
        for one in operations():
            if one.method != "GET":
                continue
            reader = callers[max(Scope.read, TABLE[one.name].scope, key=list(Scope).index)]
            answer = one.send(client, reader)
            kept = answer.headers["cache-control"]
            assert kept == "no-store" or kept.startswith("private"), one
            assert kept == "no-store" or "authorization" in answer.headers["vary"].lower(), one
            tag = {"If-None-Match": answer.headers.get("etag", "*")}
            for headers in ({}, tag):
                refused = one.send(client, headers)
                assert refused.status_code == 401, one
                assert refused.headers["cache-control"] == "no-store"
            if "etag" in answer.headers:
                assert one.send(client, reader | tag).status_code == 304, one


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Basic b25yOm9ucg==", "Bearer onr_x y"])
def test_what_is_no_key_is_told_from_none(bundled: Database, sent: str) -> None:
    with served(bundled) as client:
        for path in ("/v1/statements", "/v1/actors/france"):
            assert client.get(path).status_code == 200
            assert client.get(path, headers={"Authorization": sent}).status_code == 401


OPEN = ["/", "/healthz", "/readyz", "/docs", "/openapi.json", "/problems/unauthorized"]


@pytest.mark.parametrize("path", OPEN)
def test_what_is_about_the_service_stays_open(bundled: Database, path: str) -> None:
    with served(bundled, open_reading=False) as client:
        assert client.get(path).status_code == 200
