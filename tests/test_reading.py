"""Reading: every record as it was given, with the labels of the day, its reports and its past."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models.base import RecordType
from app.store import merge, withdraw
from app.store.edit import Expected, Why
from tests.conftest import ENGINES, Templates
from tests.factories import actor, attribution, clear, everything, fill, source, statement, topic
from tests.questions import (
    COLLECTIONS,
    Json,
    by,
    ids,
    interchange,
    items,
    opened,
    problem,
    said,
    served,
    walk,
)

BUNDLED = Path(__file__).parents[1] / "app" / "record" / "karabakh-2020.ndjson"
PRIVATE = "words of the snapshot that nobody may see"
TRICKY = (
    'He said {"$actor":"speaker"} and {"id":"x"} \\ \n\u2028\u0085 e\u0301 \u00e9 \U0001f5e3'
    " \u202eabc\u202c <b>&amp; %00 {0}"
)

NEST = [
    *said("outermost", {"speakers": by("ann"), "via": [{"actor": "wire", "kind": "agency"}]}),
    *said("middle", {"speakers": by("bob"), "parent": "outermost:0"}),
    *said("innermost", {"parent": "middle:0", "via": [{"attribution_text": "a friend"}]}),
]
SIDES = said(
    "many-sides",
    {"status": "reviewed"},
    {"status": "disputed", "source": "weekly"},
    {"status": "rejected"},
    {"factuality": "not_said"},
    {},
)
WORLD: list[Json] = [
    *everything(),
    actor("wire", kind="media", name="The Wire"),
    actor("ann", name="Ann"),
    actor("bob", name="Bob"),
    source("paper"),
    source("weekly", title="A weekly", url="https://example.org/w", publisher="wire"),
    source("private", title="Private", text=PRIVATE),
    topic("no-english", pref_labels={"hy": "Ղարաբաղ", "az": "Qarabağ"}),
    statement("tricky", content=TRICKY, occasion=TRICKY[:40]),
    attribution("tricky:0", "tricky", "private", quoted_text=TRICKY, note=TRICKY),
    *NEST,
    *SIDES,
    *said("all-rejected", {"status": "rejected"}),
    *said("never-said", {"factuality": "hypothetical"}),
    *said("unreported"),
    # Bare records: nothing but what is required.
    topic("bare"),
    actor("bare"),
    source("bare"),
    statement("bare"),
    attribution("bare", "bare", "bare"),
]
HISTORY = [
    [actor("changing", name="First", description="Old", memberships=[{"organization": "state"}])],
    [actor("changing", name="Second", description="Old")],
    [actor("changing", name="Second", description="Old")],  # the same again is no change
    [actor("changing", name="Second", description="New")],
]


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param, filled=True) as database:
        fill(database, WORLD, *HISTORY)
        with served(database) as client:
            yield client


# --- records --------------------------------------------------------------------------------------

BARE: dict[str, Json] = {
    "topics": {
        "id": "bare",
        "version": 1,
        "kind": "theme",
        "pref_labels": {"en": "bare"},
        "alt_labels": [],
        "broader": [],
        "identifiers": [],
        "latitude": None,
        "longitude": None,
        "start_date": None,
        "end_date": None,
    },
    "actors": {
        "id": "bare",
        "version": 1,
        "kind": "person",
        "name": "bare",
        "other_names": [],
        "identifiers": [],
        "description": None,
        "memberships": [],
    },
    "sources": {
        "id": "bare",
        "version": 1,
        "kind": "article",
        "title": None,
        "url": None,
        "archived_url": None,
        "publisher": None,
        "authors": [],
        "lang": None,
        "published_at": None,
        "retrieved_at": None,
        "derived_from": [],
        "sha256": None,
        "extent": None,
    },
    "attributions": {
        "id": "bare",
        "version": 1,
        "statement": {"id": "bare", "content": None, "polarity": "affirmed"},
        "source": {
            "id": "bare",
            "title": None,
            "url": None,
            "publisher": None,
            "published_at": None,
        },
        "reported_at": None,
        "sequence": None,
        "speakers": [],
        "joint": None,
        "cue": None,
        "quotation_type": None,
        "factuality": "actual",
        "quoted_text": None,
        "lang": None,
        "translated_from": None,
        "via": [],
        "parent": None,
        "addressees": [],
        "selectors": [],
        "status": "draft",
        "note": None,
        "figures": [],
    },
}
BARE["statements"] = {
    "id": "bare",
    "version": 1,
    "content": None,
    "lang": None,
    "content_from": None,
    "polarity": "affirmed",
    "speech_act": None,
    "mode": None,
    "said_at": None,
    "occasion": None,
    "channel": None,
    "topics": [],
    "about": [],
    "translations": [],
    "relations": [],
    "date_basis": None,
    "disputed": False,
    "attributions": [BARE["attributions"]],
}


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_times(member)
            for name, member in value.items()
            if name not in ("created_at", "updated_at")
        }
    return [_without_times(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_answer_shows_every_member(client: TestClient, collection: str) -> None:
    answer = client.get(f"/v1/{collection}/bare").json()
    assert answer["created_at"] == answer["updated_at"]
    assert _without_times(answer) == BARE[collection]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_record_looks_alike_alone_and_in_a_list(client: TestClient, collection: str) -> None:
    listed = [one for page in walk(client, f"/v1/{collection}?limit=100") for one in page["items"]]
    assert len(listed) > 5
    hidden = {"rejected", "not_said"}  # lists leave such reports out, a record shows them
    for one in listed:
        alone = client.get(f"/v1/{collection}/{one['id']}").json()
        if "attributions" in alone:
            alone["attributions"] = [
                report
                for report in alone["attributions"]
                if not {report["status"], report["factuality"]} & hidden
            ]
        assert alone == one


def _lines() -> list[Json]:
    lines = [*map(json.loads, BUNDLED.read_text("utf-8").splitlines()), *WORLD]
    assert len(lines) > 80
    return lines


def test_what_was_given_is_what_is_answered(client: TestClient) -> None:
    """Code point for code point, in the order of the lists; only the private text is missing."""
    for line in _lines():
        answer = client.get(f"/v1/{line['type']}s/{line['id']}").json()
        given = {name: value for name, value in line.items() if name != "text"}
        expected = interchange(given)
        found = interchange(answer)
        if "text" in line:
            assert len(found.pop("sha256")) == 64
        assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_the_statement_of_the_contract_is_answered_as_it_stands_there(client: TestClient) -> None:
    id = "putin-more-than-2000-casualties-on-each-side"
    (one,) = [
        one
        for one in items(client.get("/v1/statements?speaker=vladimir-putin&said_from=2020-10-22"))
        if one["id"] == id
    ]
    assert one["said_at"] == "2020-10-22"
    assert one["date_basis"] == "said"
    assert one["occasion"] == "Valdai Discussion Club"
    assert {"id": "casualties", "label": "Casualties"} in one["topics"]
    (report,) = one["attributions"]
    assert (report["quotation_type"], report["cue"]) == ("direct", "told")
    assert report["speakers"] == [
        {
            "actor": {"id": "vladimir-putin", "name": "Vladimir Putin"},
            "attribution_text": "Putin",
            "role": None,
            "on_behalf_of": None,
            "status": "named",
        }
    ]
    assert report["source"] == {
        "id": "fighting-rages-in-nagorno-karabakh",
        "title": "Fighting Rages in Nagorno-Karabakh on Eve of US Talks",
        "url": None,
        "publisher": None,
        "published_at": "2020-10-23~",
    }
    (figure,) = report["figures"]
    assert (figure["measure"], figure["qualifier"], figure["per"]) == (
        "casualties",
        "more_than",
        "each",
    )
    assert (figure["low"], figure["best"], figure["high"]) == (2000, None, None)
    assert report["selectors"][0]["end"] == report["selectors"][0]["start"] + 73


ACTOR = {"id": "state", "name": "state"}
TOPIC = {"id": "karabakh", "label": "Karabakh"}
TASS = {"id": "tass", "name": "tass"}
ORIGINAL = {
    "id": "original",
    "title": "A title",
    "url": "https://example.org/a?b=c#d",
    "publisher": TASS,
    "published_at": "2020-10-22T18:00+03:00",
}
CARRIED = dict.fromkeys(ORIGINAL) | {"id": "carried", "published_at": "2020-10-23"}


@pytest.mark.parametrize(
    ("path", "member", "expected"),
    [
        ("/v1/topics/losses", "broader", [{"id": "war", "label": "war"}, TOPIC]),
        ("/v1/actors/speaker", "memberships.organization", [ACTOR]),
        ("/v1/actors/speaker", "memberships.source", [CARRIED]),
        ("/v1/sources/original", "publisher", TASS),
        ("/v1/sources/carried", "derived_from", [ORIGINAL]),
        ("/v1/statements/said", "content_from", {"id": "report"}),
        ("/v1/statements/said", "topics", [{"id": "losses", "label": "losses"}, TOPIC]),
        ("/v1/statements/said", "about", [ACTOR]),
        (
            "/v1/statements/said",
            "relations.statement",
            [{"id": "unsaid", "content": None, "polarity": "negated"}],
        ),
        ("/v1/statements/said", "relations.source", [CARRIED]),
        ("/v1/statements/said", "attributions.source", [ORIGINAL]),
        (
            "/v1/attributions/report",
            "statement",
            {"id": "said", "content": "Almost 5,000 were killed.", "polarity": "affirmed"},
        ),
        ("/v1/attributions/report", "source", ORIGINAL),
        (
            "/v1/attributions/report",
            "speakers.actor",
            [{"id": "speaker", "name": "İlham Əliyev"}, None],
        ),
        ("/v1/attributions/report", "speakers.on_behalf_of", [ACTOR, None]),
        ("/v1/attributions/report", "via.actor", [TASS]),
        ("/v1/attributions/report", "addressees.actor", [TASS]),
        (
            "/v1/attributions/report",
            "figures.parties",
            [[ACTOR, {"id": "speaker", "name": "İlham Əliyev"}], []],
        ),
        ("/v1/attributions/report", "figures.place", [TOPIC, None]),
        ("/v1/attributions/inner", "parent", {"id": "report"}),
    ],
)
def test_a_reference_is_an_object_with_its_label(
    client: TestClient, path: str, member: str, expected: Any
) -> None:
    found = client.get(path).json()
    for name in member.split("."):
        found = [part[name] for part in found] if isinstance(found, list) else found[name]
    assert found == expected


def test_a_topic_is_labelled_in_english_where_it_can_be(database: Database) -> None:
    fill(
        database,
        [
            topic("first", pref_labels={"ru": "Земля", "en": "Land"}),
            topic("second", pref_labels={"hy": "Երկիր"}),
            statement("one", topics=["first", "second"]),
        ],
    )
    with served(database) as client:
        found = client.get("/v1/statements/one").json()["topics"]
        assert found == [{"id": "first", "label": "Land"}, {"id": "second", "label": "Երկիր"}]


def test_labels_are_those_of_the_day(database: Database) -> None:
    """A record that did not change shows the new name of one that did."""
    fill(
        database,
        [
            actor("ann", name="Ann"),
            source("paper", publisher="ann"),
            *said("one", {"speakers": by("ann")}, about=["ann"], content="Old words"),
        ],
    )
    with served(database) as client:
        assert '"Ann"' in client.get("/v1/statements/one").text
        before = client.get("/v1/attributions/one:0")
        fill(database, [actor("ann", name="Annika"), statement("one", content="New words")])
        for path in ("/v1/statements", "/v1/statements/one", "/v1/attributions", "/v1/sources"):
            text = client.get(path).text
            assert '"Annika"' in text
            assert '"Ann"' not in text
        after = client.get("/v1/attributions/one:0")
        assert after.json()["statement"]["content"] == "New words"
        assert after.json()["version"] == before.json()["version"]
        assert after.headers["etag"] != before.headers["etag"]


def test_an_id_may_be_written_in_any_way_that_a_url_allows(client: TestClient) -> None:
    plain = client.get("/v1/attributions/fighting-rages:hajiyev-comments")
    encoded = client.get("/v1/attributions/fighting%2Drages%3Ahajiyev-comments")
    assert plain.status_code == encoded.status_code == 200
    assert plain.json() == encoded.json()


@pytest.mark.parametrize("path", [f"/v1/{name}/nobody" for name in COLLECTIONS])
@pytest.mark.parametrize("below", ["", "/revisions"])
def test_there_is_no_such_record(client: TestClient, path: str, below: str) -> None:
    assert "nobody" in problem(client.get(f"{path}{below}"), 404)["detail"]


@pytest.mark.parametrize(
    "path", ["/v1/statements/nobody/attributions", "/v1/attributions/nobody/chain"]
)
def test_there_is_nothing_below_no_record(client: TestClient, path: str) -> None:
    problem(client.get(path), 404)


def test_a_record_is_found_under_its_own_type_only(client: TestClient) -> None:
    for collection in set(COLLECTIONS) - {"sources"}:
        problem(client.get(f"/v1/{collection}/fighting-rages-in-nagorno-karabakh"), 404)


# --- what lists leave out -------------------------------------------------------------------------


def test_a_statement_alone_shows_every_report_and_a_list_what_counts(client: TestClient) -> None:
    every = [f"many-sides:{number}" for number in range(5)]
    alone = client.get("/v1/statements/many-sides").json()
    assert [one["id"] for one in alone["attributions"]] == every
    assert ids(client.get("/v1/statements/many-sides/attributions")) == every
    listed = {one["id"]: one for one in items(client.get("/v1/statements?limit=100"))}
    assert [one["id"] for one in listed["many-sides"]["attributions"]] == [
        "many-sides:0",
        "many-sides:1",
        "many-sides:4",
    ]


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("/v1/statements", {"all-rejected": False, "never-said": False, "unreported": True}),
        ("/v1/statements?status=rejected", {"all-rejected": True, "unreported": False}),
        ("/v1/statements?factuality=hypothetical", {"never-said": True, "all-rejected": False}),
        ("/v1/attributions", {"all-rejected:0": False, "never-said:0": False}),
        ("/v1/attributions?status=rejected", {"all-rejected:0": True, "many-sides:2": True}),
        ("/v1/attributions?factuality=not_said", {"many-sides:3": True, "many-sides:0": False}),
    ],
)
def test_lists_leave_out_what_is_rejected_or_was_not_said_unless_it_is_asked_for(
    client: TestClient, path: str, listed: dict[str, bool]
) -> None:
    found = ids(client.get(path, params={**_query(path), "limit": "100"}))
    assert {id: id in found for id in listed} == listed


def _query(path: str) -> dict[str, str]:
    _, _, query = path.partition("?")
    return dict(pair.split("=", 1) for pair in query.split("&") if pair)


def test_the_reports_of_a_statement_come_in_pages(client: TestClient) -> None:
    pages = [*walk(client, "/v1/statements/many-sides/attributions?limit=2&count=exact")]
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {page["count"] for page in pages} == {5}


def test_the_private_text_of_a_source_is_in_no_answer(client: TestClient) -> None:
    sources = ["private", "private/revisions", "private?fields=id,sha256&expand=publisher"]
    paths = [f"sources/{one}" for one in sources]
    paths += ["sources?limit=100", "attributions?expand=source,statement&limit=100"]
    for path in paths:
        response = client.get(f"/v1/{path}")
        assert response.status_code == 200
        assert "private" in response.text
        assert PRIVATE not in response.text
    problem(client.get("/v1/sources/private?fields=text"), 422)


# --- nesting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("outermost:0", ["outermost:0"]),
        ("middle:0", ["outermost:0", "middle:0"]),
        ("innermost:0", ["outermost:0", "middle:0", "innermost:0"]),
    ],
)
def test_a_chain_leads_from_the_outermost_words_to_these(
    client: TestClient, id: str, expected: list[str]
) -> None:
    chain = items(client.get(f"/v1/attributions/{id}/chain"))
    assert [one["id"] for one in chain] == expected
    assert chain == [client.get(f"/v1/attributions/{one}").json() for one in expected]
    assert chain[0]["via"][0]["actor"] == {"id": "wire", "name": "The Wire"}


def test_a_chain_is_as_long_as_the_nesting(database: Database) -> None:
    """Nesting goes to any depth (model.md)."""
    depth = 150
    lines = [source("paper"), *said("s0", {})]
    for level in range(1, depth):
        lines += said(f"s{level}", {"parent": f"s{level - 1}:0"})
    fill(database, lines)
    with served(database) as client:
        found = ids(client.get(f"/v1/attributions/s{depth - 1}:0/chain"))
        assert found == [f"s{level}:0" for level in range(depth)]


# --- figures --------------------------------------------------------------------------------------


def test_a_figure_stands_with_its_claimants_and_where_it_was_said(client: TestClient) -> None:
    found = items(client.get("/v1/figures?source=original&status=reviewed"))
    assert [one["as_worded"] for one in found] == ["some", "2,000–5,000"]
    whole = found[1]
    report = client.get("/v1/attributions/report").json()
    assert whole["attribution"]["id"] == "report"
    assert whole == report["figures"][0] | {
        "attribution": whole["attribution"],
        "statement": report["statement"],
        "claimants": report["speakers"],
        "source": report["source"],
    }
    assert (whole["low"], whole["best"], whole["high"]) == (2000, None, 5000.5)
    assert found[0] == report["figures"][1] | {
        name: whole[name] for name in ("attribution", "statement", "claimants", "source")
    }


def test_a_figure_that_nobody_gave_has_no_claimants(client: TestClient) -> None:
    (one,) = [
        one
        for one in items(client.get("/v1/figures?limit=100"))
        if one["as_worded"] == "nearly 1,000"
    ]
    assert one["claimants"] == []
    assert one["high"] == 1000


# --- history --------------------------------------------------------------------------------------


def test_revisions_tell_newest_first_what_changed(client: TestClient) -> None:
    newest, second, first = items(client.get("/v1/actors/changing/revisions"))
    assert [one["version"] for one in (newest, second, first)] == [3, 2, 1]
    assert [one["change"] for one in (newest, second, first)] == ["updated", "updated", "created"]
    assert newest["changes"] == [{"pointer": "/description", "from": "Old", "to": "New"}]
    assert second["changes"] == [
        {"pointer": "/memberships", "from": [{"organization": "state"}], "to": None},
        {"pointer": "/name", "from": "First", "to": "Second"},
    ]
    assert first["changes"] == []
    assert newest["body"] == {
        "id": "changing",
        "kind": "person",
        "name": "Second",
        "description": "New",
    }
    assert newest["seq"] > second["seq"] > first["seq"]
    assert newest["recorded_at"] >= second["recorded_at"] >= first["recorded_at"]
    for one in (newest, second, first):
        assert (one["type"], one["id"], one["reason"]) == ("actor", "changing", None)
        assert one["agent"]
        assert len(one["hash"]) == 64
    now = client.get("/v1/actors/changing").json()
    assert now["version"] == 3
    assert now["created_at"] == first["recorded_at"]
    assert now["updated_at"] == newest["recorded_at"]


def test_revisions_come_in_pages(client: TestClient) -> None:
    pages = [*walk(client, "/v1/actors/changing/revisions?limit=1&count=exact")]
    assert [page["items"][0]["version"] for page in pages] == [3, 2, 1]
    assert {page["count"] for page in pages} == {3}
    back = [*walk(client, pages[1]["next"], "prev")]
    assert [page["items"][0]["version"] for page in back] == [1, 2, 3]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_record_has_its_first_revision(client: TestClient, collection: str) -> None:
    (first,) = items(client.get(f"/v1/{collection}/bare/revisions"))
    assert (first["change"], first["version"]) == ("created", 1)
    assert first["body"]["id"] == "bare"


# --- what is no longer there ----------------------------------------------------------------------

GONE = [*everything(), statement("heir"), actor("heir"), topic("heir"), source("heir")]
GONE += [attribution("heir", "heir", "heir"), actor("afterwards")]
LIVED = {
    "actors": "speaker",
    "topics": "losses",
    "sources": "carried",
    "statements": "said",
    "attributions": "inner",
}


def _end(database: Database, type: RecordType, id: str, state: str) -> None:
    why, expected = Why("tester", "for the test"), Expected(any=True)
    with database.writer() as writer:
        if state == "merged":
            merge.merge(writer, type, id, "heir", expected, why)
        elif state == "redacted":
            withdraw.redact(writer, type, id, expected, why)
        else:
            withdraw.retract(writer, type, id, expected, why)


def test_what_was_taken_out_says_so(database: Database) -> None:
    with served(database) as client:
        for state, (collection, id) in product(("retracted", "redacted", "merged"), LIVED.items()):
            clear(database)
            fill(database, GONE)
            _end(database, RecordType(collection[:-1]), id, state)
            path = f"/v1/{collection}/{id}"
            below = {"statements": "/attributions", "attributions": "/chain"}.get(collection)
            for suffix in ("", *filter(None, (below,))):
                response = client.get(path + suffix, follow_redirects=False)
                if state == "merged":
                    problem(response, 308)
                    assert response.headers["location"] == f"/v1/{collection}/heir{suffix}"
                    assert client.get(path + suffix).status_code == 200
                else:
                    assert state in problem(response, 410)["detail"]
            assert items(client.get(f"{path}/revisions"))  # history stays
            assert id not in ids(client.get(f"/v1/{collection}?limit=100"))
