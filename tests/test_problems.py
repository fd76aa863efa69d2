"""Errors: all of one shape, all of use, none with what came in; and no input breaks anything."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.db import Database
from app.settings import Settings
from tests.application import application
from tests.conftest import ENGINES, Templates
from tests.questions import Json, opened, problem, refused, served

MARK = "qx7marker"
"""Stands in whatever is sent; no answer may repeat it."""
SECRETS = (
    f"{MARK} {MARK}", f"<{MARK}>", f"{MARK}\n{MARK}", f"2020-{MARK}!", f"{MARK}\u0661", f"'{MARK}",
)  # fmt: skip
KNOWN = {
    "actors": "vladimir-putin",
    "topics": "casualties",
    "sources": "fighting-rages-in-nagorno-karabakh",
    "statements": "hajiyev-comments",
    "attributions": "fighting-rages:hajiyev-comments",
}


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with (
        opened(request, templates, request.param, filled=True) as database,
        served(database) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def either(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    """The API over one of the databases, for what is refused before a database is asked."""
    with (
        opened(request, templates, "sqlite", filled=True) as database,
        served(database) as client,
    ):
        yield client


def _operations() -> list[tuple[str, list[Json]]]:
    """Every path that takes GET and needs no key, with its parameters."""
    paths = application(Settings(_env_file=None), Database("sqlite://")).openapi()["paths"]
    return [
        (path, item["get"].get("parameters", []))
        for path, item in paths.items()
        if "get" in item and {} in item["get"]["security"]  # without a key
    ]


OPERATIONS = _operations()


def _parameters() -> Iterator[tuple[str, str, str, int]]:
    """Every parameter of every path, and how often one of the same schema has come before."""
    seen: list[Json] = []
    for path, parameters in OPERATIONS:
        for one in parameters:
            if one["in"] == "header":
                continue
            yield path, one["name"], one["in"], seen.count(one)
            seen.append(one)


PARAMETERS: dict[str, list[tuple[str, str, int]]] = {}
"""Of each path its parameters: name, place, and how often one of the same schema came before."""
for _path, _name, _place, _before in _parameters():
    PARAMETERS.setdefault(_path, []).append((_name, _place, _before))


def _share(values: Sequence[str], before: int) -> Sequence[str]:
    """All values where a parameter is met first; two, in turn, where it is met again."""
    return values[before % 8 :: 8] if before else values


REQUIRED = {
    path: [one["name"] for one in parameters if one["in"] == "query" and one["required"]]
    for path, parameters in OPERATIONS
}


def _url(path: str, name: str = "", place: str = "", value: str = "") -> str:
    """A path with ids that the bundled record has, and with the value at its place."""
    ids = {"id": KNOWN.get(path.split("/")[2], "1")}
    if place == "path":
        ids[name] = value
    url = re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "1"), path)
    query = [f"{name}={value}"] if place == "query" else []
    query += [f"{one}=a" for one in REQUIRED.get(path, ()) if one != name]
    return f"{url}?{'&'.join(query)}" if query else url


# --- the document ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "url", "status", "type"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1", 404, "not-found"),
        ("GET", "/v1/", 404, "not-found"),
        ("GET", "/v1/actors/", 404, "not-found"),
        ("GET", "/v1/actor", 404, "not-found"),
        ("GET", "/v2/actors", 404, "not-found"),
        ("GET", "/v1/actors/a/b", 404, "not-found"),
        ("GET", "/v1/actors/nobody", 404, "not-found"),
        ("GET", "/static/nothing.js", 404, "not-found"),
        ("GET", "/static/../app/main.py", 404, "not-found"),
        ("GET", "/problems/nothing", 404, "not-found"),
        ("TRACE", "/v1/actors", 405, "method-not-allowed"),
        ("TRACE", "/docs", 405, "method-not-allowed"),
        ("GET", "/v1/actors?limit=0", 422, "invalid-input"),
        ("GET", "/v1/attributions/fighting-rages:hajiyev-comments/chain?a=b", 422, "invalid-input"),
    ],
)  # fmt: skip
def test_an_error_is_a_problem(
    client: TestClient, method: str, url: str, status: int, type: str
) -> None:
    document = problem(client.request(method, url), status)
    assert document["type"] == f"/problems/{type}"


def test_the_type_of_a_problem_leads_to_a_page_about_it(client: TestClient) -> None:
    answers = [
        client.get("/nowhere"),
        client.get("/v1/actors?limit=0"),
        client.request("TRACE", "/v1/actors"),
        client.get("/v1/actors", headers={"Accept": "image/png"}),
    ]
    types = set()
    for answer in answers:
        document = problem(answer)
        page = client.get(document["type"])
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert document["title"] in page.text
        assert str(document["status"]) in page.text
        types.add(document["type"])
    assert len(types) == len(answers)


def test_what_is_not_there_now_may_be_tried_again(database: Database) -> None:
    """A store without its tables: 503, no trace, and when to come back."""
    with database.writer() as writer:
        writer.execute(text("ALTER TABLE listing RENAME TO elsewhere"))
    with served(database) as client:
        response = client.get("/v1/statements")
        document = problem(response, 503)
        assert document["type"] == "/problems/not-migrated"
        assert int(response.headers["retry-after"]) > 0
        assert "listing" not in response.text
        assert "SELECT" not in response.text


class Broken(Database):
    """A store with a fault of its own."""

    def reader(self) -> Any:
        raise RuntimeError(MARK)

    at_once = reader


def test_our_own_fault_says_nothing_of_the_inside() -> None:
    app = application(Settings(_env_file=None), Broken("sqlite://"))
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/v1/actors", headers={"Origin": "https://example.org"})
        assert response.status_code == 500
        assert response.headers["content-type"] == "application/problem+json"
        assert MARK not in response.text
        assert "Traceback" not in response.text
        document = response.json()
        assert document["type"] == "/problems/internal"
        assert document["request_id"] == response.headers["x-request-id"]
        assert response.headers["access-control-allow-origin"] == "*"
        assert client.get(document["type"]).status_code == 200


def test_a_fault_names_its_parameter_and_says_how_to_mend_it(client: TestClient) -> None:
    document = problem(client.get("/v1/statements?said_from=22/10/2020&limt=5"), 422)
    faults = {fault["parameter"]: fault for fault in document["errors"]}
    assert faults.keys() == {"said_from", "limt"}
    assert "limit" in faults["limt"]["detail"]
    assert len(faults["said_from"]["detail"]) > 20
    for fault in faults.values():
        assert "pointer" not in fault
        assert re.fullmatch(r"[a-z_]+", fault["code"])


# --- nothing is repeated --------------------------------------------------------------------------


@pytest.mark.parametrize("path", PARAMETERS)
def test_a_value_is_not_repeated(either: TestClient, path: str) -> None:
    """Not even in part; ids are names, which may be, but these are none."""
    repeated = []
    for name, place, before in PARAMETERS[path]:
        if name in ("fields", "expand"):  # these take names
            continue
        for value in _share(SECRETS, before):
            url = _url(path, name, place, quote(value, safe=""))
            response = either.get(url)
            if response.status_code == 200:  # what is searched for may be any text
                if name not in ("q", "prefix") and path != "/v1/reconcile/properties":
                    repeated.append(f"taken: {url}")
                continue
            problem(response)
            if MARK in response.text or MARK in str(response.headers):
                repeated.append(url)
    assert repeated == []


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        (f"/{MARK}", {}),
        (f"/v1/{MARK}", {}),
        (f"/problems/{MARK}", {}),
        (f"/static/{MARK}", {}),
        ("/v1/actors", {"Accept": f"text/{MARK}"}),
        ("/v1/actors/nobody", {"If-None-Match": f'"{MARK}"'}),
        ("/v1/actors/nobody", {"X-Request-Id": f"{MARK} {MARK}"}),
        ("/v1/actors/nobody", {"Authorization": f"Bearer {MARK}"}),
        ("/v1/actors/nobody", {"Cookie": f"a={MARK}"}),
        ("/v1/actors/nobody", {"User-Agent": MARK}),
    ],
)
def test_paths_and_headers_are_not_repeated(
    client: TestClient, url: str, headers: dict[str, str]
) -> None:
    response = client.get(url, headers=headers)
    problem(response)
    assert MARK not in response.text
    assert MARK not in str(response.headers)


@pytest.mark.parametrize(
    "url",
    [
        "/v1/statements?speaker={name}",
        "/v1/actors?{name}=1",
        "/v1/actors?fields={name}",
        "/v1/actors?expand={name}",
        "/v1/actors/{name}",
        "/v1/statements/{name}/attributions",
        "/v1/attributions/{name}/chain",
        "/v1/topics/{name}/revisions",
    ],
)
def test_a_name_is_repeated_up_to_a_hundred_characters(client: TestClient, url: str) -> None:
    response = client.get(url.format(name="n" * 200))
    problem(response)
    assert "n" * 90 in response.text
    assert "n" * 101 not in response.text


def test_a_name_that_cannot_be_printed_is_made_harmless(client: TestClient) -> None:
    response = client.get("/v1/actors?a%00%1b%5b31m%e2%80%ae=1")
    (name,) = refused(response)
    assert name.isprintable()
    assert name.startswith("a")


# --- nothing breaks -------------------------------------------------------------------------------

HOSTILE = {
    "empty": "",
    "NUL": "a%00b",
    "lone surrogate": "%ED%A0%80",
    "broken UTF-8": "%C3%28%FF",
    "broken escape": "%zz%",
    "2^63": "9223372036854775808",
    "-2^63-1": "-9223372036854775809",
    "negative": "-1",
    "long": "a" * 20_000,
    "long number": "9" * 20_000,
    "digits of another script": "%D9%A1%D9%A2",
    "SQL": "1%27%20OR%20%271%27=%271%27;%20--",
    "LIKE": "%25_%5C",
    "search operators": "%22a%20NEAR(b%2Cc)%20AND%20*%20%5E%20-%20:%20(",
    "CRLF": "a%0D%0ASet-Cookie:%20a=b",
    "dots": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "JSON": "%7B%22a%22:%5B1e400,NaN%5D%7D",
    "date": "9999-12-31T23:59:59Z/..",
}
STATUSES = {200, 404, 405, 406, 410, 414, 421, 422, 431}


@pytest.mark.parametrize("path", PARAMETERS)
def test_no_value_breaks_anything(client: TestClient, path: str) -> None:
    broken = []
    for name, place, before in PARAMETERS[path]:
        for kind in _share([*HOSTILE], before):
            wrong = _breaks(client, _url(path, name, place, HOSTILE[kind]), name, place)
            if wrong:
                broken.append(f"{name}, {kind}: {wrong}")
    assert broken == []


def _breaks(client: TestClient, url: str, name: str, place: str) -> str | None:
    """What is wrong with how a hostile value of this parameter is answered."""
    response = client.get(url)
    if response.status_code not in STATUSES or "set-cookie" in response.headers:
        return f"{response.status_code} {response.text[:200]}"
    if response.status_code != 200:
        document = problem(response)
        if len(response.content) >= 8_000:
            return "a long problem"
        if place == "query" and response.status_code == 422:
            names = {fault.get("parameter") for fault in document["errors"]}
            return None if name in names else f"named are {names}"
    return None


STRANGE = [
    "%00=1",
    "=1",
    "=",
    "&&&",
    "?",
    "a" * 20_000,
    "&".join(f"p{number}=1" for number in range(2_000)),
    "__proto__=1&constructor=1",
    "%ED%A0%80=%ED%A0%80",
    "%0D%0A=1",
    "limit[]=1",
    ";".join(["a=1"] * 50),
]
"""Queries with parameters that nobody has."""


@pytest.mark.parametrize(
    "path", ["/v1/statements", "/v1/actors/{id}", "/v1/attributions/{id}/chain", "/v1/suggest"]
)
def test_no_name_breaks_anything(client: TestClient, path: str) -> None:
    for query in STRANGE:
        response = client.get(f"{_url(path, name='limit', place='query', value='1')}&{query}")
        assert response.status_code in STATUSES, query[:50]
        if response.status_code != 200:
            problem(response)


HEADERS: list[dict[str, str | bytes]] = [
    {"Accept": "a" * 20_000},
    {"Accept": ",;,;q=;q=a,*/"},
    {"Accept": "application/json;q=NaN"},
    {"Accept": "\u0661/*".encode()},
    {"Accept-Encoding": "br;q=9,gzip;q=-1,,;"},
    {"Accept-Language": "*" * 5_000},
    {"If-None-Match": '"' * 20_000},
    {"If-None-Match": ",W/,W/W/"},
    {"If-Modified-Since": "yesterday"},
    {"If-Match": "7"},
    {"Range": "bytes=0-1,5-,-9999999999999999999"},
    {"Content-Type": "application/json", "Content-Length": "0"},
    {"Origin": "\x00"},
    {"X-Request-Id": "\x7f"},
    {"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "evil"},
    {"Host": "["},
    {"Host": "a:b:c"},
    {"Host": "a b<>\"'"},
    {"Host": ""},
    {"Host": "localhost:99999999999"},
    {"Host": "\u00e9"},
]


@pytest.mark.parametrize("url", ["/v1/statements?limit=1", "/v1/actors/nobody", "/docs"])
def test_no_header_breaks_anything(client: TestClient, url: str) -> None:
    for headers in HEADERS:
        raw = {
            name: value if isinstance(value, bytes) else value.encode("utf-8")
            for name, value in headers.items()
        }
        response = client.get(url, headers=raw)  # type: ignore[arg-type]  # bytes will do
        assert response.status_code in STATUSES, str(headers)[:100]
        if response.status_code != 200:
            problem(response)


@pytest.mark.parametrize("url", ["/v1/actors?limit=1", "/v1/actors/nobody"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_where_none_is_due_breaks_nothing(
    client: TestClient, url: str, encoding: str
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    response = client.request("GET", url, content=b"\xff{" * 100_000, headers=headers)
    assert response.status_code in STATUSES


RAW = [
    (b"/v1/actors", b"fields=id,\xa0&limit=1"),
    (b"/v1/actors", b"kind=\xff&limit=1"),
    (b"/v1/actors", b"\xff\xfe"),
    (b"/v1/actors", b"limit=1&count=exact&order=name\xc2"),
    (b"/v1/actors", b"q=\xff&limit=1"),
    (b"/v1/statements", b"q=\xd0&limit=1"),
    (b"/v1/actors/\xff", b""),
    (b"/\xed\xa0\x80", b""),
]


@pytest.mark.parametrize(("path", "query"), RAW)
def test_bytes_that_are_no_text_break_nothing(
    client: TestClient, path: bytes, query: bytes
) -> None:
    """A server hands on what stands in the request line, escaped or not."""
    app = client.app
    assert isinstance(app, FastAPI)
    status = anyio.run(_status, app, path, query)
    assert status in STATUSES


async def _status(app: FastAPI, path: bytes, query: bytes) -> int:
    found: list[int] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path.decode("utf-8", "replace"),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"testserver")],
        "client": ("testclient", 1),
        "server": ("testserver", 80),
        "state": {},
    }

    async def receive() -> Json:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    try:
        await app(scope, receive, send)
    except Exception:  # the server would log it; the answer is what counts
        assert found == [500]
    return found[0]
