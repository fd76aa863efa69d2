"""What the service tells of itself: headers, logs, metrics, health; and never what was sent."""

import asyncio
import base64
import hashlib
import io
import json
import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.api import logs
from app.api.answers import Answer, Answers
from app.db import Database
from app.models.api_key import Scope
from app.settings import LogFormat, Settings
from tests import server
from tests.application import application
from tests.test_limits import check_problem, only_sqlite, served
from tests.test_writing import key_for

PAGES = ["/", "/v1/statements", "/v1/statements/none", "/none", "/healthz", "/problems/gone"]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, as JSON."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    logs.configure(Settings(_env_file=None))
    out = io.StringIO()
    assert isinstance(root.handlers[0], logging.StreamHandler)
    root.handlers[0].setStream(out)
    yield out
    root.handlers = before
    root.setLevel(level)


# --- headers ------------------------------------------------------------------------------------


@only_sqlite
def test_every_answer_has_the_headers_that_protect(bundled: Database) -> None:
    client = served(bundled)
    answers = [client.get(path) for path in PAGES] + [client.options("/v1/statements")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; base-uri")
        assert "server" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


@only_sqlite
def test_the_documentation_runs_its_own_scripts_and_no_others(bundled: Database) -> None:
    client = served(bundled)
    for path in ("/docs", "/redoc"):
        page = client.get(path)
        policy = page.headers["content-security-policy"]
        (scripts,) = (one for one in policy.split("; ") if one.startswith("script-src"))
        assert "unsafe" not in scripts
        for script in re.findall("<script>(.*?)</script>", page.text, re.DOTALL):
            sum = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{sum}'" in scripts
        assert "https://" not in page.text  # nothing is loaded from elsewhere


@only_sqlite
def test_a_page_of_another_origin_may_read_and_write(bundled: Database) -> None:
    asked = {
        "Origin": "https://frontend.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match, content-type",
    }
    answer = served(bundled).options("/v1/actors/armenia", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "if-match", "content-type", "idempotency-key"} <= set(allowed)
    assert "frontend.example" not in str(answer.headers)


# --- logs ---------------------------------------------------------------------------------------


@only_sqlite
def test_a_request_is_one_line_with_its_trace(bundled: Database, written: io.StringIO) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    asked = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-Request-Id": "mine"}
    with served(bundled) as client:
        client.get("/v1/actors/vladimir-putin?fields=name", headers=asked)
    (line,) = map(json.loads, written.getvalue().splitlines())
    assert line.pop("duration_ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "info",
        "logger": "onrecord.requests",
        "message": "answered",
        "method": "GET",
        "route": "/v1/actors/{id}",
        "status": 200,
        "request_id": "mine",
        "trace_id": trace,
    }


@only_sqlite
def test_a_body_that_is_cut_off_is_nobodys_fault(bundled: Database, written: io.StringIO) -> None:
    key = key_for(bundled, Scope.write)["Authorization"]
    head = f"POST /v1/import HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
    head += "Content-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\n"
    app = application(Settings(_env_file=None), bundled)
    with server.thread(app) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + b"{")
        connection.shutdown(socket.SHUT_RDWR)
    (line,) = [json.loads(one) for one in written.getvalue().splitlines()]
    assert (line["level"], line["message"], line["route"]) == ("info", "abandoned", "/v1/import")


@only_sqlite
@pytest.mark.parametrize("format", list(LogFormat))
def test_no_log_repeats_what_was_sent(
    bundled: Database, written: io.StringIO, format: LogFormat
) -> None:
    handler = logging.getLogger().handlers[0]
    handler.setFormatter(logs.Json() if format is LogFormat.json else logs.Text())
    app = application(Settings(_env_file=None), bundled)

    @app.get("/broken")
    def broken(secret: str) -> None:
        with bundled.reader() as reader:
            reader.execute(text("SELECT nothing FROM nowhere WHERE x = :x"), {"x": secret})
        raise ValueError(secret)

    key = key_for(bundled, Scope.write) | {"Cookie": "session=hidden", "User-Agent": "hidden"}
    sent = {"kind": "person", "name": "hidden", "hidden": float(1)}
    with TestClient(app, raise_server_exceptions=False, headers=key) as client:
        client.get("/broken?secret=hidden")
        client.get("/v1/statements?q=hidden&hidden=1")
        client.get("/v1/actors/hidden")
        client.get("/hidden/hidden")
        client.post("/v1/actors", json=sent)
        client.post("/v1/actors", content=b'{"hidden": NaN')
        client.request("HIDDEN"[:3], "/v1/actors")
    logged = written.getvalue()
    assert len(logged.splitlines()) >= 7
    assert "hidden" not in logged
    assert key["Authorization"].removeprefix("Bearer ")[:8] not in logged


def test_an_answer_that_took_long_is_told_without_another_one(written: io.StringIO) -> None:
    async def answer() -> None:
        answers = Answers()
        answers.DELAY = 0.01
        answers.begin()
        await asyncio.sleep(0.05)  # meanwhile the log was told that there is nothing yet
        answers.end(Answer(0.0, "GET", "/v1/changes", 200, 0.05, "some-id", None, abandoned=False))
        await asyncio.sleep(0.05)

    asyncio.run(answer())
    (line,) = written.getvalue().splitlines()
    assert '"route":"/v1/changes"' in line


# --- metrics and health -------------------------------------------------------------------------


def _values(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


@only_sqlite
def test_metrics_count_answers_by_the_template_of_their_path(bundled: Database) -> None:
    client = served(bundled)
    series = 'onrecord_request_duration_seconds_count{method="GET",route="/v1/actors/{id}",status='
    names = [f'{series}"200"}}', f'{series}"404"}}', 'onrecord_cache_answers_total{result="hit"}']
    before = _values(client.get("/metrics").text)
    client.get("/v1/actors/armenia")
    client.get("/v1/actors/armenia")
    client.get("/v1/actors/nobody")
    client.request("MADE-UP", "/v1/actors")
    answer = client.get("/metrics")
    after = _values(answer.text)
    assert [after[name] - before.get(name, 0) for name in names] == [2, 1, 1]
    assert after["onrecord_ledger_head"] > 0
    assert after["onrecord_store_ready"] == 1
    assert after["onrecord_webhook_deliveries_waiting"] == 0
    assert "onrecord_replica_lag_revisions" not in after
    assert after["onrecord_requests_in_flight"] == 1
    assert answer.headers["content-type"].startswith("text/plain")
    assert "armenia" not in answer.text
    assert "MADE-UP" not in answer.text


def test_health_and_readiness_are_told_apart(client: TestClient) -> None:
    assert client.get("/readyz").json()["status"] == "ok"
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with served(away) as cut_off:
        assert cut_off.get("/healthz").status_code == 200
        check_problem(cut_off.get("/readyz"), 503, "nobody", "127.0.0.1")
        check_problem(cut_off.get("/v1/statements"), 503, "nobody", "127.0.0.1")
        assert _values(cut_off.get("/metrics").text)["onrecord_store_ready"] == 0


@only_sqlite
def test_what_is_well_known(bundled: Database) -> None:
    client = served(bundled, security_contact="mailto:security@example.org")
    told = client.get("/.well-known/security.txt")
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert told.text.startswith("Contact: mailto:security@example.org\nExpires: 20")
    check_problem(served(bundled).get("/.well-known/security.txt"), 404)
    catalog: Any = client.get("/.well-known/api-catalog")
    assert catalog.headers["content-type"].startswith("application/linkset+json")
    (links,) = catalog.json()["linkset"]
    for relation in ("service-desc", "service-doc", "status"):
        for link in links[relation]:
            assert client.get(link["href"]).status_code == 200


def test_every_test_that_the_page_on_security_names_exists() -> None:
    root = Path(__file__).parents[1]
    page = (root / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/\w+\.py)::(\w+)`", page)
    assert len(named) > 20
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"\ndef {name}(" not in (root / file).read_text(encoding="utf-8")
    ]
    assert missing == []
