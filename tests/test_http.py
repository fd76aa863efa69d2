"""What HTTP asks of any service: tags, HEAD, OPTIONS, Allow, Accept, CORS and request ids."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.db import Database
from tests.conftest import ENGINES, Templates
from tests.factories import actor, fill, source, statement
from tests.questions import by, items, opened, problem, said, served

STATEMENT = "/v1/statements/putin-more-than-2000-casualties-on-each-side"
CHAIN = "/v1/attributions/fighting-rages:moscow-almost-5000-killed/chain"
READS = (
    "/v1/actors",
    "/v1/topics?limit=2",
    "/v1/sources",
    "/v1/statements?speaker=vladimir-putin",
    "/v1/attributions?fields=id",
    "/v1/figures?limit=1",
    STATEMENT,
    f"{STATEMENT}?expand=topics",
    f"{STATEMENT}/attributions",
    f"{STATEMENT}/revisions",
    CHAIN,
)
"""Reads of every kind."""
PAGES = ("/", "/docs", "/redoc", "/openapi.json", "/healthz", "/readyz", "/problems/not-found")
"""What else is served, besides the contract."""


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with (
        opened(request, templates, request.param, filled=True) as database,
        served(database) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def either(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    """The API over one of the databases, for what has nothing to do with them."""
    with (
        opened(request, templates, "sqlite", filled=True) as database,
        served(database) as client,
    ):
        yield client


# --- tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READS)
def test_a_read_has_a_strong_tag_that_stays(client: TestClient, path: str) -> None:
    first, second = client.get(path), client.get(path)
    assert first.status_code == 200
    assert re.fullmatch(r'"[!#-~]+"', first.headers["etag"])
    assert first.headers["etag"] == second.headers["etag"]
    assert first.content == second.content
    assert "accept" in first.headers["vary"].lower()
    assert "max-age" in first.headers["cache-control"]
    if re.fullmatch(r"/v1/\w+/[^/?]+", path):
        assert first.headers["etag"].startswith('"1-')


def test_other_representations_have_other_tags(client: TestClient) -> None:
    paths = [
        STATEMENT,
        f"{STATEMENT}?fields=id",
        f"{STATEMENT}?expand=none",
        f"{STATEMENT}/revisions",
    ]
    tags = {client.get(path).headers["etag"] for path in paths}
    tags |= {client.get(STATEMENT, headers={"Accept-Encoding": "gzip"}).headers["etag"]}
    assert len(tags) == 5


def test_a_tag_changes_with_what_is_shown_and_with_nothing_else(database: Database) -> None:
    lines = [actor("ann", name="Ann"), actor("bob"), source("paper")]
    fill(database, [*lines, *said("one", {"speakers": by("ann")})])
    watched = ("/v1/statements/one", "/v1/statements", "/v1/actors/ann", "/v1/attributions/one:0")

    def tags(client: TestClient) -> list[str]:
        return [client.get(path).headers["etag"] for path in watched]

    with served(database) as client:
        before = tags(client)
        fill(database, [statement("hidden"), actor("bob", name="Robert")])
        other = tags(client)
        assert [one == two for one, two in zip(before, other, strict=True)] == [
            True,
            False,  # the list has one more
            True,
            True,
        ]
        fill(database, [actor("ann", name="Annika")])
        assert all(one != two for one, two in zip(other, tags(client), strict=True))
        assert client.get("/v1/actors/ann").headers["etag"].startswith('"2-')


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ("*", 304),
        ('"other", {tag}', 304),
        ('"other","a,b" , W/{tag} ,"third"', 304),
        ('"other"', 200),
        ('W/"other", ""', 200),
        ("", 200),
        ("garbage", 200),
        ('"', 200),
    ],
)
def test_what_a_client_has_is_not_sent_again(
    client: TestClient, path: str, condition: str, status: int
) -> None:
    whole = client.get(path)
    condition = condition.format(tag=whole.headers["etag"])
    response = client.get(path, headers={"If-None-Match": condition})
    assert response.status_code == status
    kept = ("etag", "cache-control", "vary", "link")
    for name in kept:
        assert response.headers.get(name) == whole.headers.get(name)
    if status == 304:
        assert response.content == b""
        assert "content-type" not in response.headers
        assert response.headers.get("content-length", "0") == "0"
    else:
        assert response.content == whole.content


def test_what_is_not_there_has_no_tag(client: TestClient) -> None:
    response = client.get("/v1/actors/nobody", headers={"If-None-Match": "*"})
    problem(response, 404)
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def test_a_change_is_seen_at_once(database: Database) -> None:
    """However answers are kept, none outlives a write: of this process or of another."""
    fill(database, [actor("ann", name="Name 0")])
    other = Database(database.url.render_as_string(hide_password=False), pool=2)
    with served(database) as client:
        for number in range(1, 7):
            tag = client.get("/v1/actors/ann").headers["etag"]
            fill(database if number % 2 else other, [actor("ann", name=f"Name {number}")])
            response = client.get("/v1/actors/ann", headers={"If-None-Match": tag})
            assert response.json()["name"] == f"Name {number}"
            assert items(client.get("/v1/actors"))[0]["name"] == f"Name {number}"
    other.close()


# An answer that is kept must not be given to whoever asked for another one.
Headers = list[tuple[str, str]]
JSON, CSV = ("Accept", "application/json;q=0.5"), ("Accept", "text/csv")
NO_CODING, GZIP = ("Accept-Encoding", "identity"), ("Accept-Encoding", "gzip")


@pytest.mark.parametrize(
    ("limit", "first", "second", "header", "expected"),
    [
        (91, [CSV, JSON], [JSON], "content-type", "application/json"),
        (92, [JSON], [CSV, JSON], "content-type", "text/csv"),
        (93, [GZIP, NO_CODING], [NO_CODING], "content-encoding", None),
        (94, [NO_CODING], [GZIP], "content-encoding", "gzip"),
        (95, [GZIP], [NO_CODING], "content-encoding", None),
        (96, [JSON], [("Accept", "text/csv")], "content-type", "text/csv"),
    ],
)
def test_a_header_in_several_lines_is_heeded_in_all_of_them(
    either: TestClient,
    limit: int,
    first: Headers,
    second: Headers,
    header: str,
    expected: str | None,
) -> None:
    """RFC 9110, 5.3: they are one list."""
    either.get(f"/v1/topics?limit={limit}", headers=first)
    response = either.get(f"/v1/topics?limit={limit}", headers=second)
    found = response.headers.get(header)
    assert (found and found.partition(";")[0]) == expected


def test_links_lead_back_the_way_that_one_came(either: TestClient) -> None:
    for base in ("http://one.example", "https://one.example", "http://two.example:8080"):
        response = either.get(f"{base}/v1/actors?limit=3")
        assert response.json()["next"].startswith(f"{base}/v1/actors?")
        assert response.links["next"]["url"] == response.json()["next"]


# --- methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*READS, *PAGES, "/static/favicon.svg", "/v1/actors/nobody", "/x"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_is_get_without_the_body(either: TestClient, path: str, coding: str) -> None:
    headers = {"X-Request-Id": "same", "Accept-Encoding": coding}
    got, head = either.get(path, headers=headers), either.head(path, headers=headers)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)
    assert "content-length" in got.headers


def test_head_may_be_conditional(either: TestClient) -> None:
    tag = either.head(STATEMENT).headers["etag"]
    assert either.head(STATEMENT, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", [*READS, *PAGES, "/static/favicon.svg"])
def test_options_tells_the_methods(either: TestClient, path: str) -> None:
    response = either.options(path)
    assert response.status_code == 204
    assert response.content == b""
    assert {"GET", "HEAD", "OPTIONS"} <= _allowed(response)


@pytest.mark.parametrize("method", ["TRACE", "BREW"])
@pytest.mark.parametrize("path", [*READS, *PAGES, "/static/favicon.svg"])
def test_another_method_is_refused_with_those_that_are_taken(
    either: TestClient, path: str, method: str
) -> None:
    response = either.request(method, path)
    problem(response, 405)
    assert _allowed(response) == _allowed(either.options(path))


def test_allow_lists_what_the_contract_has(either: TestClient) -> None:
    for path, item in either.get("/openapi.json").json()["paths"].items():
        methods = {method.upper() for method in item} | {"OPTIONS"}
        methods |= {"HEAD"} if "get" in item else set()
        response = either.request("TRACE", re.sub(r"\{\w+\}", "some-id", path))
        assert _allowed(response) == methods, path


def _allowed(response: Response) -> set[str]:
    return {*response.headers["allow"].split(", ")}


# --- representations ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/*",
        "Application/JSON; charset=utf-8",
        "text/html, */*;q=0.1",
        "text/html;q=0.9,application/json;q=0.1",
        "",
    ],
)
def test_json_is_what_most_clients_get(either: TestClient, path: str, accept: str) -> None:
    response = either.get(path, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/*",
        "text/html, */*;q=0",
        "application/json;q=0",
        "*/*;q=0.000",
        "text/html;a=b",
    ],
)
def test_what_there_is_not_is_not_acceptable(either: TestClient, path: str, accept: str) -> None:
    response = either.get(path, headers={"Accept": accept})
    assert "application/json" in problem(response, 406)["detail"]


@pytest.mark.parametrize("path", ["/v1/actors/nobody", "/v1/nothing", "/v1/actors?limit=0"])
def test_an_error_is_a_problem_whatever_is_accepted(either: TestClient, path: str) -> None:
    problem(either.get(path, headers={"Accept": "text/html"}))


# --- other origins --------------------------------------------------------------------------------

ORIGIN = {"Origin": "https://example.org"}


@pytest.mark.parametrize(
    "path", [*READS[:2], "/v1/actors/nobody", "/v1/actors?limit=0", "/nowhere"]
)
def test_any_page_may_read(either: TestClient, path: str) -> None:
    tag = either.get(path).headers.get("etag", '"none"')
    for condition in ({}, {"If-None-Match": tag}):
        response = either.get(path, headers={**ORIGIN, **condition})
        assert response.headers["access-control-allow-origin"] == "*"
        exposed = {
            one.strip().lower()
            for one in response.headers["access-control-expose-headers"].split(",")
        }
        assert exposed >= {"etag", "link", "location", "retry-after", "x-request-id"}
        assert "access-control-allow-credentials" not in response.headers


def test_a_page_may_ask_whether_it_may_read(either: TestClient) -> None:
    asked = {
        **ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "If-None-Match, X-Request-Id",
    }
    response = either.options("/v1/statements", headers=asked)
    assert response.is_success
    assert response.headers["access-control-allow-origin"] == "*"
    assert "GET" in response.headers["access-control-allow-methods"]
    assert "if-none-match" in response.headers["access-control-allow-headers"].lower()


def test_a_page_that_asks_for_another_method_is_refused_by_a_problem(either: TestClient) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": "BREW"}
    response = either.options("/v1/statements", headers=asked)
    if not response.is_success:  # to answer without allowing it would do as well
        problem(response)
    assert "BREW" not in response.headers.get("access-control-allow-methods", "")


# --- request ids ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/actors", "/v1/actors/nobody", "/nowhere", "/healthz"])
@pytest.mark.parametrize("id", ["a", "7f3c-9.B_c", "x" * 100])
def test_a_harmless_request_id_comes_back(either: TestClient, path: str, id: str) -> None:
    response = either.get(path, headers={"X-Request-Id": id})
    assert response.headers["x-request-id"] == id
    if response.status_code == 404:
        assert problem(response)["request_id"] == id


@pytest.mark.parametrize(
    "id", ["", "two words", "x" * 101, "a\tb", "<script>", "a,b", '"', "\u00e9", "a\u0661"]
)
def test_another_request_id_is_replaced(either: TestClient, id: str) -> None:
    headers = {b"X-Request-Id": id.encode("utf-8")}
    answers = [either.get("/v1/actors/nobody", headers=headers) for _ in range(2)]
    given = [answer.headers["x-request-id"] for answer in answers]
    assert given[0] != given[1]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,100}", one) for one in given)
    assert [problem(answer)["request_id"] for answer in answers] == given


def test_no_answer_may_be_guessed_to_be_of_another_type(either: TestClient) -> None:
    for path in (*READS, *PAGES, "/nowhere"):
        assert either.get(path).headers["x-content-type-options"] == "nosniff"
