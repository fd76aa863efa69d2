"""Pages: every record once, in one order, whatever happens meanwhile; and cursors of our own."""

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.db import Database
from app.store import labels
from tests.conftest import ENGINES, Templates
from tests.factories import actor, attribution, figure, fill, source, statement, topic
from tests.questions import ORDERS, Json, by, ids, items, opened, refused, said, served, walk

LISTS = [(path, order) for path, orders in ORDERS.items() for order in orders]
NUMBER = 13
"""How many records the small world has of each kind."""

# Oldest first; what stands in one set is equally old, and may come in any order.
AGES = [
    {"until"},
    {"year"},
    {"month", "interval"},
    {"early"},
    {"day", "same-day"},
    {"zoned"},
    {"since"},
    {"late"},
    {"unknown", "unknown-too", "never"},
]
SAID = {
    "until": "../2021",
    "year": "2019",
    "month": "2020-09",
    "interval": "2020-09-01/2020-12",
    "early": "2020-10-01",
    "day": "2020-10-22",
    "same-day": "2020-10-22~",
    "zoned": "2020-10-23T01:00+03:00",
    "since": "2020-10-25/..",
    "late": "2021",
}
NAMES = [
    "Ágnes",
    "agnes",
    "Bo",
    "Çelik",
    "Ցոլակ",
    "Zoë",
    "zoe",
    "Иван",
    "ivan",
    "B",
    "b",
    "A b",
    "1",
]


def _world() -> list[Json]:
    """Statements, reports, figures and sources of the same ages, and as many actors and topics."""
    when = dict(sorted(SAID.items(), reverse=True)) | dict.fromkeys(sorted(AGES[-1]))
    lines = [actor(f"actor-{n}", name=name) for n, name in enumerate(NAMES)]
    lines += [topic(f"topic-{n}", pref_labels={"en": name}) for n, name in enumerate(NAMES)]
    lines += [source("bare")]
    for name, date in when.items():
        lines.append(source(name) | ({"published_at": date} if date else {}))
        dated = {"said_at": date} if date else {}
        report = {"source": "bare", "figures": [figure(as_worded=name)]}
        lines += said(name, report, **dated)
    return lines


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param) as database:
        fill(database, _world())
        database.count_rows()
        with served(database) as client:
            yield client


def _names(page: Json) -> list[str]:
    return [one["id"] if "id" in one else one["as_worded"] for one in page["items"]]


# --- walks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "order"), LISTS)
def test_a_walk_meets_each_record_once_there_and_back(
    client: TestClient, path: str, order: str
) -> None:
    whole = client.get(f"{path}?order={order}&limit=100&count=exact").json()
    every = _names(whole)
    assert len(every) == len(set(every)) == whole["count"] >= NUMBER
    assert not whole.keys() & {"next", "prev"}
    for limit in (1, 5, len(every)) if order == ORDERS[path][0] else (5, len(every)):
        there = [*walk(client, f"{path}?order={order}&limit={limit}")]
        assert [*itertools.chain(*map(_names, there))] == every
        assert [len(page["items"]) for page in there[:-1]] == [limit] * (len(there) - 1)
        assert len(there) == -(-len(every) // limit)
        assert "prev" not in there[0]
        if limit < len(every):
            back = [*walk(client, there[-1]["prev"], "prev")]
            assert [_names(page) for page in reversed(back)] == [
                _names(page) for page in there[:-1]
            ]
            assert "next" in back[-1]
            assert "prev" not in back[-1]


@pytest.mark.parametrize(
    ("path", "order"),
    [(path, order) for path, order in LISTS if order.lstrip("-") in ("said_at", "published_at")],
)
def test_dated_records_come_in_order_and_undated_ones_last(
    client: TestClient, path: str, order: str
) -> None:
    response = client.get(f"{path}?order={order}&limit=100")
    found = [name.removesuffix(":0") for name in ids(response) if name != "bare"]
    ages = AGES if order[0] != "-" else [*reversed(AGES[:-1]), AGES[-1]]
    groups = [{*(found.pop(0) for _ in range(len(age)))} for age in ages]
    assert groups == ages


@pytest.mark.parametrize("path", ["/v1/actors", "/v1/topics"])
def test_names_come_in_an_order_blind_to_case_and_diacritics(client: TestClient, path: str) -> None:
    found = [int(id.split("-")[1]) for id in ids(client.get(f"{path}?order=name&limit=100"))]
    assert sorted(found) == list(range(NUMBER))
    place = {NAMES[number]: at for at, number in enumerate(found)}
    assert place["1"] < place["B"] < place["Bo"] < place["Zoë"]
    for one, other in (("Ágnes", "agnes"), ("Zoë", "zoe"), ("B", "b")):
        assert abs(place[one] - place[other]) == 1


@pytest.mark.parametrize("path", ORDERS)
def test_the_order_of_recording_is_the_order_of_the_file(client: TestClient, path: str) -> None:
    first = ids(client.get(f"{path}?order=recorded_at&limit=100"))
    last = ids(client.get(f"{path}?order=-recorded_at&limit=100"))
    kind = "attribution" if path == "/v1/figures" else path[4:-1]
    written = [one for one in _world() if one["type"] == kind]
    if path == "/v1/figures":
        assert first == [one["figures"][0]["as_worded"] for one in written]
    else:
        assert first == [one["id"] for one in written]
    assert last == first[::-1]


def test_figures_of_one_report_come_in_the_order_in_which_it_has_them(database: Database) -> None:
    figures = [figure(as_worded=f"figure {number}") for number in range(5)]
    fill(database, [source("paper"), *said("one", {"figures": figures})])
    with served(database) as client:
        pages = walk(client, "/v1/figures?limit=2&order=said_at")
        assert [*itertools.chain(*map(_names, pages))] == [f"figure {n}" for n in range(5)]


@pytest.mark.parametrize(
    ("limit", "expected"), [("1", 1), ("100", 100), ("101", 100), ("1000", 100), (str(2**62), 100)]
)
def test_a_page_has_at_most_a_hundred_records(
    hundreds: TestClient, limit: str, expected: int
) -> None:
    assert len(items(hundreds.get(f"/v1/actors?limit={limit}"))) == expected


def test_a_page_has_twenty_records_unless_another_number_is_asked_for(
    hundreds: TestClient,
) -> None:
    assert len(items(hundreds.get("/v1/actors"))) == 20


@pytest.fixture(scope="module")
def hundreds(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, "sqlite") as database:
        fill(database, [actor(f"actor-{number}") for number in range(102)])
        with served(database) as client:
            yield client


def test_links_say_the_same_as_the_body(client: TestClient) -> None:
    first = client.get("/v1/statements?limit=5&topic=topic-0&topic=topic-1")
    assert "link" not in first.headers
    first = client.get("/v1/statements?limit=5&polarity=affirmed&polarity=negated")
    second = client.get(first.json()["next"])
    third = client.get(second.json()["next"])
    for response, rels in ((first, {"next"}), (second, {"next", "prev"}), (third, {"prev"})):
        body = response.json()
        assert body.keys() == {"items", *rels}
        assert {name: link["url"] for name, link in response.links.items()} == {
            rel: body[rel] for rel in rels
        }
        for rel in rels:
            url = urlsplit(body[rel])
            assert (url.scheme, url.netloc, url.path) == ("http", "testserver", "/v1/statements")
            asked = parse_qs(url.query)
            assert asked.pop("cursor")
            assert asked == {"limit": ["5"], "polarity": ["affirmed", "negated"]}


def test_a_count_is_given_where_it_is_asked_for(client: TestClient) -> None:
    assert "count" not in client.get("/v1/statements?limit=1").json()
    for query, expected in (("", NUMBER), ("&said_from=2021", 3), ("&said_from=3000", 1)):
        pages = [*walk(client, f"/v1/statements?count=exact&limit=2{query}")]
        assert {page["count"] for page in pages} == {expected}
        assert sum(len(page["items"]) for page in pages) == expected


def test_an_empty_page_has_no_neighbours(client: TestClient) -> None:
    body = client.get("/v1/statements?speaker=actor-0&count=exact").json()
    assert body == {"items": [], "count": 0}


# --- walks while somebody writes ------------------------------------------------------------------

RECORDS: dict[str, Callable[[str], list[Json]]] = {
    "/v1/actors": lambda id: [actor(id, name=id)],
    "/v1/topics": lambda id: [topic(id)],
    "/v1/sources": lambda id: [source(id, published_at="2020-10")],
    "/v1/statements": lambda id: [statement(id, said_at="2020-10")],
    "/v1/attributions": lambda id: said(id, {}, said_at="2020-10"),
    "/v1/figures": lambda id: said(
        id, {"figures": [figure(as_worded=f"{id}:0")]}, said_at="2020-10"
    ),
}
"""How a record of each list is written by somebody else."""


def _changed(path: str, id: str, round: int, *, moved: bool) -> list[Json]:
    """The same record with other content, and (`moved`) elsewhere in every order."""
    day = f"20{30 - round if round % 2 else round + 10}" if moved else "2020-10"
    name = f"{'!' if round % 2 else '~'}{id}{round}" if moved else id
    own = id.removesuffix(":0")
    match path:
        case "/v1/actors":
            return [actor(id, name=name, description=f"{round}")]
        case "/v1/topics":
            return [topic(id, pref_labels={"en": name, "ru": f"{round}"})]
        case "/v1/sources":
            return [source(id, published_at=day, title=f"{round}")]
        case "/v1/statements":
            return [statement(id, said_at=day, content=f"{round}")]
        case "/v1/attributions":
            changed = attribution(id, own, "paper", note=f"{round}")
        case _:
            figures = [figure(as_worded=id, unit=f"{round}")]
            changed = attribution(id, own, "paper", figures=figures)
    return [statement(own, said_at=day), changed]


@pytest.mark.parametrize("path", ORDERS)
def test_a_walk_meets_each_record_once_while_somebody_writes(database: Database, path: str) -> None:
    """Between any two pages records come in and others change, before the cursor and behind it:
    by turns in place, and to elsewhere in the order."""
    before = [f"{letter}{number}" for letter in "am" for number in range(6)]
    fill(database, [source("paper"), *itertools.chain(*map(RECORDS[path], before))])
    rounds = itertools.count()
    wrong = {}
    with served(database) as client:
        for order in ORDERS[path]:
            every = ids(client.get(f"{path}?limit=100&order={order}"))
            assert len(every) >= len(before)
            met: list[str] = []
            for number, page in enumerate(walk(client, f"{path}?limit=4&order={order}")):
                met += _names(page)
                if number < 5:  # then they are done: nobody can overtake who writes for ever
                    round = next(rounds)
                    _write(database, path, every, round, moved=bool(round % 3))
            if sorted(id for id in met if id in every) != sorted(every):
                wrong[order] = {id: met.count(id) for id in every if met.count(id) != 1}
    assert wrong == {}, "how often these were met"


def _write(database: Database, path: str, every: list[str], round: int, *, moved: bool) -> None:
    """Change a record of the first page, one of the second and one of the last; add two."""
    changing = [id for id in (every[1], every[6], every[-2]) if id != "paper"]
    lines = [_changed(path, id, round, moved=moved) for id in changing]
    lines += [RECORDS[path](f"{place}-new-{round}") for place in "0z"]
    fill(database, [*itertools.chain(*lines)])


# --- cursors --------------------------------------------------------------------------------------


def _cursor(client: TestClient, url: str) -> str:
    neighbour: str = client.get(url).json()["next"]
    return parse_qs(urlsplit(neighbour).query)["cursor"][0]


@pytest.mark.parametrize(
    "url",
    [
        "/v1/statements?limit=3&order=said_at",
        "/v1/statements?limit=3&order=recorded_at",
        "/v1/statements?limit=3&polarity=affirmed",
        "/v1/statements?limit=3&said_from=2000",
        "/v1/attributions?limit=3",
        "/v1/figures?limit=3",
        "/v1/sources?limit=3",
        "/v1/actors?limit=3",
        "/v1/topics?limit=3",
        "/v1/statements/day/attributions?limit=3",
        "/v1/statements/day/revisions?limit=3",
    ],
)
def test_a_cursor_of_another_question_is_refused(client: TestClient, url: str) -> None:
    cursor = _cursor(client, "/v1/statements?limit=3")
    assert refused(client.get(f"{url}&cursor={cursor}")) == {"cursor": "invalid_cursor"}


def test_a_cursor_of_the_reports_of_another_statement_is_refused(database: Database) -> None:
    fill(database, [source("paper"), *said("one", {}, {}), *said("two", {}, {})])
    with served(database) as client:
        cursor = _cursor(client, "/v1/statements/one/attributions?limit=1")
        response = client.get(f"/v1/statements/two/attributions?limit=1&cursor={cursor}")
        assert refused(response) == {"cursor": "invalid_cursor"}


def test_a_page_may_be_shown_otherwise_half_way(client: TestClient) -> None:
    """A cursor is bound to filters and order, not to how much of what is shown."""
    cursor = _cursor(client, "/v1/statements?limit=3")
    every = ids(client.get("/v1/statements?limit=100"))
    for more in ("limit=2", "limit=100", "fields=id", "expand=none", "count=exact"):
        found = ids(client.get(f"/v1/statements?cursor={cursor}&{more}"))
        assert found
        assert found == every[3 : 3 + len(found)]


def _decoded(cursor: str) -> list[Any]:
    found = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    assert isinstance(found, list)
    return found


def _encoded(parts: Any) -> str:
    raw = parts if isinstance(parts, bytes) else json.dumps(parts).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


FORGED: tuple[Any, ...] = (
    "x", "", "1", True, None, 1.5, 2**62, 2**63 - 1, 2**63, -(2**63) - 1, [], {}, "\x00", "\ud800",
    "a" * 700, "'; DROP TABLE statement; --",
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "orders"),
    [
        ("/v1/actors", ["recorded_at"]),
        ("/v1/topics", ["name"]),
        ("/v1/sources", ["published_at"]),
        ("/v1/statements", ["-said_at", "-recorded_at"]),
        ("/v1/attributions", ["said_at"]),
        ("/v1/figures", ["-said_at"]),
    ],
)
def test_a_forged_cursor_is_refused_or_followed(
    client: TestClient, path: str, orders: list[str]
) -> None:
    """Whoever takes a cursor to pieces and puts others in gets no 500."""
    for order in orders:
        parts = _decoded(_cursor(client, f"{path}?limit=3&order={order}"))
        forged = [
            [*parts[:at], value, *parts[at + 1 :]] for at in range(len(parts)) for value in FORGED
        ]
        forged += [parts[:-1], [*parts, 1], [*parts, *parts], parts[::-1], [], parts[:1]]
        for one in forged:
            response = client.get(f"{path}?limit=3&order={order}&cursor={_encoded(one)}")
            assert response.status_code in (200, 422), f"{order} {one}"
            if response.status_code == 422:
                assert refused(response).keys() == {"cursor"}


@settings(max_examples=60, deadline=None)
@given(
    cursor=st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60).map(_encoded),
        st.text("ABCabc019-_=+/", max_size=80),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=2)
            ),
            max_leaves=8,
        ).map(_encoded),
    )
)
def test_garbage_is_no_cursor(client: TestClient, cursor: str) -> None:
    value = quote(cursor.encode(errors="surrogatepass"))
    response = client.get(f"/v1/statements?cursor={value}")
    assert refused(response).keys() == {"cursor"}


# --- what a page costs ----------------------------------------------------------------------------


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    """The SQL that is executed meanwhile, by a store that remembers no labels."""
    seen: list[str] = []
    labels._KEPT.pop(database.engine, None)

    def see(_c: Any, _cursor: Any, text: str, _p: Any, _context: Any, _many: bool) -> None:
        seen.append(text)

    event.listen(database.engine, "before_cursor_execute", see)
    yield seen
    event.remove(database.engine, "before_cursor_execute", see)


def test_a_page_costs_as_many_queries_whatever_its_size(database: Database) -> None:
    lines: list[Json] = [topic("theme")]
    for number in range(21):
        own = f"own-{number}"
        report = {
            "source": own,
            "speakers": by(own, on_behalf_of=own),
            "via": [{"actor": own}],
            "figures": [figure(as_worded=own, parties=[own], place="theme")],
        }
        lines += [topic(own, broader=["theme"])]
        lines += [actor(own, memberships=[{"organization": own}]), source(own, publisher=own)]
        lines += said(own, report, report, topics=[own], about=[own])
    fill(database, lines)
    every = "speakers,sources,topics,about"
    with served(database) as client:
        client.get("/v1/actors")  # opens a connection
        for path in (*ORDERS, f"/v1/statements?expand={every}", "/v1/attributions?expand=source"):
            counts = []
            for limit in (1, 5, 20):
                with _statements(database) as seen:
                    url = f"{path}{'&' if '?' in path else '?'}limit={limit}"
                    assert len(items(client.get(url))) == limit
                counts.append(len(seen))
            assert counts[0] == counts[1] == counts[2], path
            assert 0 < counts[0] < 20, path


def test_a_record_costs_as_many_queries_however_often_it_was_reported(database: Database) -> None:
    lines = [actor("ann"), source("paper"), *said("one", {"speakers": by("ann")})]
    fill(database, [*lines, *said("many", *[{"speakers": by("ann")}] * 30)])
    with served(database) as client:
        client.get("/v1/actors")  # opens a connection
        counts = []
        for id in ("one", "many"):
            with _statements(database) as seen:
                assert client.get(f"/v1/statements/{id}").status_code == 200
            counts.append(len(seen))
        assert counts[0] == counts[1]


# --- fields and expand ----------------------------------------------------------------------------

SHAPES = {
    "/v1/actors": "ActorAnswer",
    "/v1/topics": "TopicAnswer",
    "/v1/sources": "SourceAnswer",
    "/v1/statements": "StatementAnswer",
    "/v1/attributions": "AttributionAnswer",
    "/v1/figures": "FigureAnswer",
}


@pytest.mark.parametrize("path", SHAPES)
def test_fields_picks_members(client: TestClient, path: str) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    whole = items(client.get(f"{path}?limit=3"))
    names = [name for name in schemas[SHAPES[path]]["properties"] if name in whole[0]]
    assert {*names} == {*whole[0]}
    assert len(names) > 7
    for name in names:
        found = items(client.get(f"{path}?limit=3&fields={name}"))
        assert found == [{name: one[name]} for one in whole]
    for asked in (f"fields={','.join(names)}", "&".join(f"fields={name}" for name in names)):
        assert items(client.get(f"{path}?limit=3&{asked}")) == whole
    two = names[:2]
    assert items(client.get(f"{path}?limit=3&fields={two[0]}, {two[1]}")) == [
        {name: one[name] for name in two} for one in whole
    ]


def test_fields_of_one_record(client: TestClient) -> None:
    assert client.get("/v1/statements/day?fields=said_at,id").json() == {
        "said_at": "2020-10-22",
        "id": "day",
    }


@pytest.mark.parametrize("path", [*SHAPES, "/v1/statements/day", "/v1/actors/actor-0"])
@pytest.mark.parametrize("parameter", ["fields", "expand"])
def test_an_unknown_member_is_refused(client: TestClient, path: str, parameter: str) -> None:
    for value in ("nonsense", "id.x", "id,nonsense", "Id", "*", "__class__"):
        assert refused(client.get(f"{path}?{parameter}={value}")).keys() == {parameter}, value


@pytest.mark.parametrize("parameter", ["fields", "expand"])
@pytest.mark.parametrize("value", ["", ",", "%20"])
def test_a_list_of_no_members_means_the_same_as_none_at_all(
    client: TestClient, parameter: str, value: str
) -> None:
    whole = client.get("/v1/statements?limit=3").json()["items"]
    response = client.get(f"/v1/statements?limit=3&{parameter}={value}")
    if response.status_code == 422:
        assert refused(response).keys() == {parameter}
    else:
        assert items(response) == whole


def test_none_stands_alone(client: TestClient) -> None:
    response = client.get("/v1/statements?expand=none,topics")
    assert refused(response).keys() == {"expand"}
