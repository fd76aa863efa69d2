"""Filters: one by one over a small world, and in random combinations against an oracle."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from app.store import ledger
from tests.conftest import ENGINES, Templates
from tests.factories import actor, attribution, fill, source, statement, topic
from tests.questions import (
    DATES,
    ORDERS,
    Asked,
    Json,
    Oracle,
    by,
    ids,
    items,
    office,
    opened,
    refused,
    said,
    served,
)

LISTS = ("/v1/statements", "/v1/attributions", "/v1/figures")
"""The lists that take the filters of statements."""

SPEAKERS = [
    actor("ann"),
    actor("bob"),
    *said("speaker-ann", {"speakers": by("ann")}),
    *said("speaker-bob", {"speakers": by("bob")}),
    *said("speaker-both", {"speakers": by("bob", "ann")}),
    *said("speaker-unread", {"speakers": [{"attribution_text": "Ann", "status": "unresolved"}]}),
    *said("speaker-nobody", {}),
    *said("speaker-for-bob", {"speakers": by("ann", on_behalf_of="bob")}),
]

# The ministry is a part of the government only from 2020 to October 2020, the government is one
# of the state at all times.
OFFICES = [
    actor("state", kind="state"),
    actor("government", kind="government", memberships=[office("state")]),
    actor("ministry", kind="organization", memberships=[office("government", "2020", "2020-10")]),
    actor("bureau", kind="organization", memberships=[office("state", "2020-06")]),
    actor("one-ring", kind="group", memberships=[office("other-ring")]),
    actor("other-ring", kind="group", memberships=[office("one-ring")]),
    actor("premier", memberships=[office("government", "2019", "2020-09~")]),
    actor("minister", memberships=[office("ministry", "2020-10", "2021")]),
    actor("clerk", memberships=[office("ministry")]),
    actor("veteran", memberships=[office("state", until="2019")]),
    actor("twice", memberships=[office("state", until="2018"), office("state", "2021")]),
    actor("leaver", memberships=[office("bureau", "2019", "2020-03")]),
    actor("aide", memberships=[office("premier")]),
    actor("lawyer"),
    source("undated"),
    source("in-october", published_at="2020-10-22"),
    *said("office-state", {"speakers": by("state")}, said_at="2020-10-22"),
    *said("office-government", {"speakers": by("government")}, said_at="1950"),
    *said("office-ministry", {"speakers": by("ministry")}, said_at="2020-05-01"),
    *said("office-ministry-after", {"speakers": by("ministry")}, said_at="2020-11-01"),
    *said("office-premier", {"speakers": by("premier")}, said_at="2020-09-30"),
    *said("office-premier-after", {"speakers": by("premier")}, said_at="2020-10-01"),
    *said("office-premier-perhaps", {"speakers": by("premier")}, said_at="2020-09/2020-12"),
    *said("office-minister", {"speakers": by("minister")}, said_at="2020-10-31"),
    *said("office-minister-after", {"speakers": by("minister")}, said_at="2020-11-01"),
    *said("office-clerk", {"speakers": by("clerk")}, said_at="2020-01-01"),
    *said("office-clerk-before", {"speakers": by("clerk")}, said_at="2019-12-31"),
    *said("office-veteran", {"speakers": by("lawyer", "veteran")}, said_at="2019-12-31"),
    *said("office-veteran-after", {"speakers": by("veteran")}, said_at="2020"),
    *said("office-veteran-some-day", {"speakers": by("veteran"), "source": "undated"}),
    *said("office-between", {"speakers": by("twice")}, said_at="2019"),
    *said("office-again", {"speakers": by("twice")}, said_at="2021-01-01"),
    *said("office-never-at-once", {"speakers": by("leaver")}, said_at="2020"),
    *said("office-of-a-person", {"speakers": by("aide")}, said_at="2020"),
    *said("office-reported", {"speakers": by("minister"), "source": "in-october"}),
    *said("office-behalf", {"speakers": by("lawyer", on_behalf_of="ministry")}, said_at="2020"),
    *said(
        "office-behalf-late", {"speakers": by("lawyer", on_behalf_of="ministry")}, said_at="2021"
    ),
    *said(
        "office-behalf-person", {"speakers": by("lawyer", on_behalf_of="premier")}, said_at="2020"
    ),
    *said("office-ring", {"speakers": by("one-ring")}, said_at="2020"),
]

CARRIERS = [
    actor("spokeswoman"),
    actor("wire", kind="media"),
    actor("daily", kind="media"),
    actor("circular", kind="media"),
    source("wire-story", publisher="wire"),
    source("daily-story", publisher="daily", derived_from=["wire-story"]),
    source("blog", derived_from=["undated", "daily-story"]),
    source("ring-a", publisher="circular"),
    source("ring-b", derived_from=["ring-a"]),
    source("ring-a", publisher="circular", derived_from=["ring-b"]),
    *said("via-named", {"via": [{"actor": "spokeswoman", "kind": "spokesperson"}]}),
    *said("via-second", {"via": [{"attribution_text": "a friend"}, {"actor": "spokeswoman"}]}),
    *said("via-speaker", {"speakers": by("spokeswoman")}),
    *said("via-middle", {"parent": "via-speaker:0", "speakers": by("ann")}),
    *said("via-inner", {"parent": "via-middle:0", "speakers": by("bob")}),
    *said("via-wire", {"source": "wire-story"}),
    *said("via-daily", {"source": "daily-story"}),
    *said("via-blog", {"source": "blog"}),
    *said("via-ring", {"source": "ring-b"}),
]

TOPICS = [
    topic("land"),
    topic("region", broader=["land"]),
    topic("town", broader=["region"]),
    topic("cycle-a"),
    topic("cycle-b", broader=["cycle-a"]),
    topic("cycle-a", broader=["cycle-b"]),
    *said("topic-land", {}, topics=["land"], about=["ann"]),
    *said("topic-town", {}, topics=["cycle-b", "town"], about=["bob", "ann"]),
    *said("topic-none", {}),
]

DATED = [
    *said("dated-day", {}, said_at="2020-10-22"),
    *said("dated-minute", {}, said_at="2020-10-23T01:30+04:00"),
    *said("dated-month", {}, said_at="2020-10~"),
    *said("dated-span", {}, said_at="2020-10-09/2020-10-10"),
    *said("dated-since", {}, said_at="2020-09-27/.."),
    *said("dated-until", {}, said_at="../2020-10-05"),
    *said("dated-reported", {"reported_at": "2020-10-15"}),
    *said("dated-published", {"source": "in-october"}),
    *said("dated-twice", {"reported_at": "2020-12-02"}, {"reported_at": "2020-12-01"}),
    *said(
        "dated-rejected",
        {"reported_at": "2020-12-09"},
        {"reported_at": "2019", "status": "rejected"},
    ),
    *said("dated-never", {"source": "undated"}),
    *said("dated-alone"),
]

KINDS = [
    *said(
        "kind-denial",
        {
            "quotation_type": "direct",
            "lang": "en",
            "status": "reviewed",
            "speakers": by("ann", status="named"),
        },
        speech_act="denial",
        polarity="negated",
    ),
    *said(
        "kind-threat",
        {
            "quotation_type": "indirect",
            "lang": "az-Cyrl",
            "status": "disputed",
            "speakers": [{"status": "anonymous"}, {"status": "collective"}],
        },
        speech_act="threat",
    ),
    *said("kind-bare", {}),
    *said("kind-voice", {"quotation_type": "reported", "speakers": [{"status": "document"}]}),
    *said("kind-aze", {"lang": "aze", "speakers": by("ann")}),
    *said("kind-rejected", {"status": "rejected", "speakers": by("ann")}),
    *said("kind-expected", {"factuality": "expected", "lang": "az", "speakers": by("ann")}),
    *said("kind-neither", {"factuality": "expected", "status": "rejected", "speakers": by("ann")}),
    *said("kind-unreported"),
    *said("kind-half", {"speakers": by("ann")}, {"status": "rejected", "speakers": by("bob")}),
]


LANGUAGES = [
    *said("lang-upper", {"lang": "LV-LV"}),
    *said("lang-lower", {"lang": "lv-lv"}),
    *said("lang-usual", {"lang": "lv-LV"}),
    *said("lang-other", {"lang": "lvx"}),
]


def _figure(measure: str, population: str | None, *parties: str, worded: str) -> Json:
    more = {"population": population} if population else {}
    return {"measure": measure, "parties": list(parties), "as_worded": worded, **more}


FIGURES = [
    actor("north"),
    actor("south"),
    *said(
        "figure-two",
        {
            "figures": [
                _figure("killed", "civilian", "north", worded="figure 1"),
                _figure("wounded", "military", "south", worded="figure 2"),
            ]
        },
    ),
    *said(
        "figure-one",
        {"figures": [_figure("killed", "military", "north", "south", worded="figure 3")]},
    ),
    *said("figure-vague", {"figures": [_figure("killed", None, worded="figure 4")]}),
    *said("figure-none", {}),
    *said(
        "figure-hidden", {"status": "rejected", "figures": [_figure("killed", None, worded="no")]}
    ),
]

RELATIONS = [
    *said("relation-first", {}),
    *said("relation-second", {}),
    *said(
        "relation-two",
        {},
        relations=[
            {"type": "denies", "statement": "relation-first"},
            {"type": "confirms", "statement": "relation-second"},
        ],
    ),
    *said("relation-one", {}, relations=[{"type": "denies", "statement": "relation-second"}]),
]

# Every filter of `split-…` is met, but by different reports.
SPLIT = [
    source("good-paper", publisher="daily", published_at="2021"),
    *said(
        "split-speaker",
        {"speakers": by("ann"), "quotation_type": "direct"},
        {"speakers": by("bob"), "quotation_type": "free_indirect", "lang": "hy"},
        {"source": "good-paper", "figures": [_figure("missing", None, worded="split 1")]},
    ),
    *said(
        "joined-speaker",
        {
            "speakers": by("ann"),
            "quotation_type": "free_indirect",
            "lang": "hy",
            "source": "good-paper",
            "figures": [_figure("missing", None, worded="split 2")],
        },
    ),
]

WORLD: list[Json] = [
    source("paper"),
    *SPEAKERS,
    *OFFICES,
    *CARRIERS,
    *TOPICS,
    *DATED,
    *KINDS,
    *LANGUAGES,
    *FIGURES,
    *RELATIONS,
    *SPLIT,
]


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param) as database:
        fill(database, WORLD)
        database.count_rows()
        with served(database) as client:
            yield client


def _found(client: TestClient, path: str, query: str, part: str) -> set[str]:
    """The ids of one part of the world that a question finds, without the part's name."""
    response = client.get(f"{path}?limit=100&{query}")
    assert "next" not in response.json()
    return {id.removeprefix(part) for id in ids(response) if id.startswith(part)}


@pytest.mark.parametrize(
    ("part", "query", "expected"),
    [
        ("speaker-", "speaker=ann", "ann both for-bob"),
        ("speaker-", "speaker=bob", "bob both"),
        ("speaker-", "speaker=bob&speaker=ann", "ann bob both for-bob"),
        ("speaker-", "speaker=lawyer", ""),
        ("speaker-", "on_behalf_of=bob", "for-bob"),
        ("speaker-", "on_behalf_of=ann", ""),
        ("speaker-", "speaker=ann&on_behalf_of=bob", "for-bob"),
        (
            "office-",
            "member_of=state",
            "state government ministry premier premier-perhaps minister clerk veteran"
            " veteran-some-day again reported behalf",
        ),
        (
            "office-",
            "member_of=government",
            "government ministry premier premier-perhaps minister clerk reported behalf",
        ),
        (
            "office-",
            "member_of=ministry",
            "ministry ministry-after minister minister-after clerk clerk-before reported"
            " behalf behalf-late",
        ),
        (
            "office-",
            "member_of=premier",
            "premier premier-after premier-perhaps of-a-person behalf-person",
        ),
        ("office-", "member_of=bureau", "never-at-once"),
        ("office-", "member_of=one-ring", "ring"),
        ("office-", "member_of=other-ring", "ring"),
        ("office-", "member_of=lawyer", "veteran behalf behalf-late behalf-person"),
        (
            "office-",
            "member_of=other-ring&member_of=premier",
            "ring premier premier-after premier-perhaps of-a-person behalf-person",
        ),
        ("office-", "member_of=state&speaker=lawyer", "veteran behalf"),
        ("via-", "via=spokeswoman", "named second middle inner"),
        ("via-", "via=ann", "inner"),
        ("via-", "via=wire", "wire daily blog"),
        ("via-", "via=daily", "daily blog"),
        ("via-", "via=circular", "ring"),
        ("via-", "via=wire&via=spokeswoman", "named second middle inner wire daily blog"),
        ("via-", "publisher=wire", "wire"),
        ("via-", "publisher=wire&publisher=daily", "wire daily"),
        ("via-", "via=wire&publisher=daily", "daily"),
        ("via-", "source=blog", "blog"),
        ("via-", "source=blog&source=wire-story", "blog wire"),
        ("topic-", "topic=land", "land town"),
        ("topic-", "topic=region", "town"),
        ("topic-", "topic=town", "town"),
        ("topic-", "topic=cycle-a", "town"),
        ("topic-", "topic=cycle-b", "town"),
        ("topic-", "topic=town&topic=land", "land town"),
        ("topic-", "about=ann", "land town"),
        ("topic-", "about=bob", "town"),
        ("topic-", "about=lawyer", ""),
        ("topic-", "topic=land&about=bob", "town"),
        ("kind-", "speech_act=denial", "denial"),
        ("kind-", "speech_act=denial&speech_act=threat", "denial threat"),
        ("kind-", "polarity=negated", "denial"),
        ("kind-", "polarity=affirmed", "threat bare voice aze half unreported"),
        ("kind-", "quotation_type=direct&quotation_type=reported", "denial voice"),
        ("kind-", "speaker_status=named", "denial"),
        ("kind-", "speaker_status=collective", "threat"),
        ("kind-", "speaker_status=unattributed", "bare"),
        ("kind-", "speaker_status=unattributed&speaker_status=document", "bare voice"),
        ("kind-", "factuality=expected", "expected"),
        ("kind-", "factuality=expected&status=rejected", "neither"),
        (
            "kind-",
            "factuality=expected&factuality=actual",
            "denial threat bare voice aze half expected",
        ),
        ("kind-", "factuality=not_said", ""),
        ("kind-", "status=reviewed", "denial"),
        ("kind-", "status=draft", "bare voice aze half"),
        ("kind-", "status=rejected", "rejected half"),
        ("kind-", "status=disputed&status=rejected", "threat rejected half"),
        ("kind-", "speaker=bob", ""),
        ("kind-", "speaker=bob&status=rejected", "half"),
        ("kind-", "lang=az", "threat"),
        ("kind-", "lang=az-Cyrl", "threat"),
        ("kind-", "lang=az-Latn", ""),
        ("kind-", "lang=en&lang=aze", "denial aze"),
        ("kind-", "", "denial threat bare voice aze half unreported"),
        ("figure-", "has_figures=true", "two one vague"),
        ("figure-", "has_figures=false", "none"),
        ("figure-", "measure=killed", "two one vague"),
        ("figure-", "measure=wounded", "two"),
        ("figure-", "population=civilian&population=military", "two one"),
        ("figure-", "party=south", "two one"),
        ("figure-", "measure=killed&party=south", "one"),
        ("figure-", "measure=killed&population=military", "one"),
        ("figure-", "measure=wounded&population=military&party=south", "two"),
        ("figure-", "measure=wounded&population=civilian", ""),
        ("figure-", "measure=killed&has_figures=false", ""),
        ("figure-", "measure=killed&status=rejected", "hidden"),
        ("relation-", "relation=denies", "two one"),
        ("relation-", "relation=confirms", "two"),
        ("relation-", "related_to=relation-second", "two one"),
        ("relation-", "relation=denies&related_to=relation-second", "one"),
        ("relation-", "relation=denies&related_to=relation-first", "two"),
        ("relation-", "relation=repeats&relation=confirms&related_to=relation-first", ""),
        ("relation-", "related_to=relation-two", ""),
    ],
)
def test_a_filter_finds_what_it_names(
    client: TestClient, part: str, query: str, expected: str
) -> None:
    assert _found(client, "/v1/statements", query, part) == {*expected.split()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("speaker=ann", "split-speaker joined-speaker"),
        ("quotation_type=free_indirect", "split-speaker joined-speaker"),
        ("speaker=ann&quotation_type=free_indirect", "joined-speaker"),
        ("speaker=ann&lang=hy", "joined-speaker"),
        ("speaker=ann&measure=missing", "joined-speaker"),
        ("speaker=ann&source=good-paper", "joined-speaker"),
        ("speaker=ann&publisher=daily", "joined-speaker"),
        ("speaker=ann&published_from=2021", "joined-speaker"),
        ("lang=hy&via=daily", "joined-speaker"),
        ("speaker=bob&speaker=ann&quotation_type=free_indirect", "split-speaker joined-speaker"),
    ],
)
def test_filters_on_reports_hold_in_one_report(
    client: TestClient, query: str, expected: str
) -> None:
    found = {*ids(client.get(f"/v1/statements?limit=100&{query}"))}
    assert found & {"split-speaker", "joined-speaker"} == {*expected.split()}


def test_a_statement_is_listed_with_all_its_reports(client: TestClient) -> None:
    """A filter on reports picks statements; their reports still stand side by side."""
    (one,) = [
        one
        for one in items(client.get("/v1/statements?speaker=bob&lang=hy"))
        if one["id"] == "split-speaker"
    ]
    assert [report["id"] for report in one["attributions"]] == [
        "split-speaker:0",
        "split-speaker:1",
        "split-speaker:2",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("measure=killed", "1 3 4"),
        ("measure=wounded&measure=killed", "1 2 3 4"),
        ("party=south", "2 3"),
        ("party=south&party=north", "1 2 3"),
        ("measure=killed&party=south", "3"),
        ("population=military", "2 3"),
        ("population=civilian&measure=wounded", ""),
        ("has_figures=true", "1 2 3 4"),
        ("has_figures=false", ""),
        ("status=rejected", ""),
    ],
)
def test_a_list_of_figures_shows_those_that_fit(
    client: TestClient, query: str, expected: str
) -> None:
    assert _found(client, "/v1/figures", query, "figure ") == {*expected.split()}


FROM_OCTOBER = "day minute month span since until reported published twice rejected"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("said_from=2020-10", FROM_OCTOBER),
        ("said_from=2020-10-05", FROM_OCTOBER),
        ("said_from=2020-10-06", FROM_OCTOBER.replace("until ", "")),
        ("said_to=2020-10-05", "month since until"),
        ("said_to=2020-09-26", "until"),
        ("said_to=1066", "until"),
        ("said_from=2020-10-10&said_to=2020-10-10", "month span since"),
        ("said_from=2020-10-22&said_to=2020-10-22", "day minute month since published"),
        ("said_from=2020-10-23&said_to=2020-10-23", "month since"),
        (
            "said_from=2020-10-22T21:30Z&said_to=2020-10-22T21:30Z",
            "day minute month since published",
        ),
        ("said_from=2020-10-22T21:31Z&said_to=2020-10-22T22:00Z", "day month since published"),
        ("said_from=2020-10-15&said_to=2020-10-15", "month since reported"),
        ("said_from=2020-12-01&said_to=2020-12-01", "since twice"),
        ("said_from=2020-12-02&said_to=2020-12-02", "since"),
        ("said_from=2020-12-09", "since rejected"),
        ("said_from=2019&said_to=2019", "until"),
        ("said_from=2999", "since"),
        ("said_from=2020-09-27/..&said_to=../2020-10-05", "month since until"),
        ("said_from=../2020-10-05", FROM_OCTOBER),
        (
            "said_from=2020-10&said_to=2020-10",
            "day minute month span since until reported published",
        ),
    ],
)
def test_a_range_of_days_finds_what_overlaps_it(
    client: TestClient, query: str, expected: str
) -> None:
    query = query.replace("+", "%2B")
    assert _found(client, "/v1/statements", query, "dated-") == {*expected.split()}


@pytest.mark.parametrize(
    ("id", "basis"),
    [
        ("dated-day", "said"),
        ("dated-until", "said"),
        ("dated-reported", "reported"),
        ("dated-published", "reported"),
        ("dated-twice", "reported"),
        ("dated-never", None),
        ("dated-alone", None),
    ],
)
def test_a_statement_says_what_it_is_dated_by(
    client: TestClient, id: str, basis: str | None
) -> None:
    listed = {
        one["id"]: one for one in items(client.get("/v1/statements?limit=100&said_from=1000"))
    }
    single = client.get(f"/v1/statements/{id}").json()
    assert single["date_basis"] == basis
    assert (id in listed) == (basis is not None)
    if basis:
        assert listed[id]["date_basis"] == basis


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("published_from=2020-10-22&published_to=2020-10-22", "office-reported dated-published"),
        ("published_to=2020", "office-reported dated-published"),
        ("published_to=2020-10-21", ""),
        ("published_from=2020-10-23&published_to=2020-12", ""),
        ("published_from=2021", "split-speaker joined-speaker"),
        (
            "published_from=2020-10-22/..",
            "office-reported dated-published split-speaker joined-speaker",
        ),
    ],
)
def test_statements_are_found_by_when_they_were_published(
    client: TestClient, query: str, expected: str
) -> None:
    assert {*ids(client.get(f"/v1/statements?limit=100&{query}"))} == {*expected.split()}


@pytest.mark.parametrize("asked", ["lv", "LV", "lv-LV", "LV-lv"])
def test_language_tags_are_blind_to_case(client: TestClient, asked: str) -> None:
    """BCP 47, section 2.1.1; and no database may be of another opinion than the other."""
    found = _found(client, "/v1/statements", f"lang={asked}", "lang-")
    assert found == {"upper", "lower", "usual"}


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/v1/topics", "topic=land", "land region town"),
        ("/v1/topics", "topic=cycle-a", "cycle-a cycle-b"),
        ("/v1/topics", "topic=town&topic=cycle-b", "town cycle-a cycle-b"),
        ("/v1/topics", "kind=place", ""),
        ("/v1/topics", "kind=theme&topic=town", "town"),
        ("/v1/sources", "publisher=wire", "wire-story"),
        ("/v1/sources", "published_from=2020-10-22&published_to=2020", "in-october"),
        ("/v1/sources", "published_from=2020", "in-october good-paper"),
        ("/v1/sources", "kind=speech", ""),
        ("/v1/actors", "kind=state&kind=government", "state government"),
        ("/v1/actors", "member_of=ministry", "minister clerk"),
        ("/v1/actors", "member_of=one-ring", "other-ring"),
        ("/v1/actors", "member_of=bureau&kind=person", "leaver"),
        ("/v1/actors", "member_of=lawyer", ""),
    ],
)
def test_the_other_lists_have_filters_too(
    client: TestClient, path: str, query: str, expected: str
) -> None:
    assert {*ids(client.get(f"{path}?limit=100&{query}"))} == {*expected.split()}


# --- what is refused ------------------------------------------------------------------------------

OF_REPORTS = [
    "speaker", "member_of", "on_behalf_of", "via", "about", "topic", "source", "publisher",
    "party", "related_to",
]  # fmt: skip
NAMING = {
    "/v1/actors": ["member_of"],
    "/v1/topics": ["topic"],
    "/v1/sources": ["publisher"],
    "/v1/statements": OF_REPORTS,
    "/v1/attributions": OF_REPORTS,
    "/v1/figures": OF_REPORTS,
}
"""The parameters of each list that take ids."""
SINGLE = {
    "limit": "5",
    "cursor": "x",
    "count": "exact",
    "order": "recorded_at",
    "said_from": "2020",
    "said_to": "2020",
    "published_from": "2020",
    "published_to": "2020",
    "has_figures": "true",
}


@pytest.mark.parametrize(
    ("path", "parameter"), [(path, one) for path, names in NAMING.items() for one in names]
)
def test_an_unknown_id_is_refused(client: TestClient, path: str, parameter: str) -> None:
    known = {"topic": "land", "source": "paper", "related_to": "dated-day"}.get(parameter, "ann")
    response = client.get(f"{path}?{parameter}={known}&{parameter}=no-such-one")
    assert refused(response) == {parameter: "unknown_id"}
    assert "no-such-one" in response.json()["errors"][0]["detail"]


def test_statements_reports_and_figures_take_the_same_filters(client: TestClient) -> None:
    """So what is refused of one is refused of all, and need not be asked of each."""
    paths = client.get("/openapi.json").json()["paths"]
    statements, *others = (
        {
            one["name"]: {name: member for name, member in one.items() if name != "examples"}
            for one in paths[path]["get"]["parameters"]
            if one["name"] != "order"
        }
        for path in LISTS
    )
    assert statements.keys() >= {*NAMING["/v1/statements"], *SINGLE} - {"order"}
    for other in others:
        assert other == statements


def test_every_unknown_id_is_told(client: TestClient) -> None:
    response = client.get("/v1/statements?speaker=nix&topic=nought&topic=land&source=nil")
    assert refused(response) == dict.fromkeys(("speaker", "topic", "source"), "unknown_id")


@pytest.mark.parametrize("path", [*NAMING, "/v1/statements/dated-day/attributions"])
@pytest.mark.parametrize(
    "name", ["speakr", "Speaker", "speaker[]", "quotation-type", "", "\u0430bout"]
)
def test_an_unknown_parameter_is_refused(client: TestClient, path: str, name: str) -> None:
    response = client.get(f"{path}?{urlencode({name: 'ann'})}")
    assert refused(response).keys() == {name}


def test_a_misspelt_parameter_is_recognized(client: TestClient) -> None:
    response = client.get("/v1/statements?speakr=ann")
    assert "speaker" in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize(("parameter", "value"), SINGLE.items())
def test_a_single_parameter_that_stands_twice_is_refused(
    client: TestClient, parameter: str, value: str
) -> None:
    response = client.get(f"/v1/statements?{parameter}={value}&{parameter}={value}")
    assert refused(response).keys() == {parameter}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("speaker", "two words"),
        ("speaker", ""),
        ("source", "-starts-with-a-hyphen"),
        ("topic", "a" * 201),
        ("said_from", "yesterday"),
        ("said_from", ""),
        ("said_to", "2020-13"),
        ("said_to", "2020-02-30"),
        ("published_from", "2020-10-22 18:00"),
        ("published_to", "22.10.2020"),
        ("speech_act", "lie"),
        ("speech_act", "Denial"),
        ("quotation_type", "direct,indirect"),
        ("speaker_status", "nobody"),
        ("factuality", "true"),
        ("polarity", "-1"),
        ("lang", "english language"),
        ("lang", "e"),
        ("status", "deleted"),
        ("has_figures", "maybe"),
        ("has_figures", ""),
        ("measure", "dead"),
        ("population", "cats"),
        ("relation", "likes"),
        ("order", "relevant"),
        ("order", "said_at,recorded_at"),
        ("count", "about"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "many"),
        ("limit", "1.5"),
        ("limit", "1_0"),
        ("limit", "\u0661\u0660"),
        ("limit", ""),
    ],
)
def test_a_malformed_value_is_refused_and_not_repeated(
    client: TestClient, parameter: str, value: str
) -> None:
    response = client.get(f"/v1/statements?{urlencode({parameter: value})}")
    assert refused(response).keys() == {parameter}
    if len(value) > 5:
        assert value not in response.text


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("said_from=2020-10-22&said_to=2020-10-21", "said_to"),
        ("said_from=2021&said_to=2020", "said_to"),
        ("said_from=2020-10/..&said_to=../2020-09", "said_to"),
        ("published_from=2020-11&published_to=2020-10-31", "published_to"),
    ],
)
def test_a_range_that_ends_before_it_begins_is_refused(
    client: TestClient, query: str, parameter: str
) -> None:
    assert refused(client.get(f"/v1/statements?{query}")).keys() == {parameter}


def test_several_faults_are_told_at_once(client: TestClient) -> None:
    response = client.get("/v1/statements?speakr=ann&limit=0&said_from=never&lang=1")
    assert refused(response).keys() == {"speakr", "limit", "said_from", "lang"}


def test_a_filter_takes_up_to_a_hundred_values(client: TestClient) -> None:
    query = "&".join(["speaker=ann"] * 100)
    assert ids(client.get(f"/v1/statements?{query}"))
    assert refused(client.get(f"/v1/statements?{query}&speaker=bob")).keys() == {"speaker"}


# --- any combination ------------------------------------------------------------------------------

SEEDS = range(2)
QUESTIONS = 50


def _some(chance: random.Random, values: list[Any], most: int = 2) -> list[Any]:
    return chance.sample(values, chance.randint(0, min(most, len(values))))


def _maybe(chance: random.Random, values: Any, share: float = 0.6) -> Any:
    return chance.choice(list(values)) if chance.random() < share else None


def _given(record: Json) -> Json:
    return {name: value for name, value in record.items() if value not in (None, [])}


ACTS = ["assertion", "denial", "threat"]
STATUSES = ["named", "anonymous", "document"]
MEASURES, POPULATIONS = ["killed", "wounded"], ["civilian", "military"]
RELATION_TYPES = ["denies", "confirms"]
LANGS = ["en", "az", "az-Cyrl", "hy"]
POINTS = [date for date in DATES if "/" not in date and date != "2020-24"]


class RandomWorld:
    """A small world in which everything that the filters ask for happens."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = [f"person-{n}" for n in range(5)]
        self.bodies = [f"body-{n}" for n in range(5)]
        self.actors = [*self.people, *self.bodies]
        self.topics = [f"topic-{n}" for n in range(7)]
        self.sources = [f"source-{n}" for n in range(6)]
        self.statements = [f"statement-{n}" for n in range(30)]
        self.reports: dict[str, Json] = {}
        self.records = [*self._actors(), *self._topics(), *self._sources()]
        self.records += [self._statement(id) for id in self.statements]
        self.records += [self._report(f"report-{n}") for n in range(55)]
        # What was there changes: a question must only see how it stands now.
        again = self.chance.sample(list(self.reports), 12)
        self.records += [self._report(id, self.reports[id]) for id in again]
        self.records += [self._statement(id) for id in self.chance.sample(self.statements, 6)]
        self.records += self._actors()[:4]

    def _actors(self) -> list[Json]:
        return [
            actor(
                id, kind="person" if id in self.people else "group", memberships=self._offices(id)
            )
            for id in self.actors
        ]

    def _offices(self, id: str) -> list[Json]:
        found = []
        for body in _some(self.chance, [one for one in self.bodies if one != id]):
            start, end = _maybe(self.chance, POINTS, 0.4), _maybe(self.chance, POINTS, 0.4)
            if start and end and DATES[start][0] > DATES[end][1]:
                start, end = end, start
            found.append(office(body, start, end))
        return found

    def _topics(self) -> list[Json]:
        """Broader topics stand before; the first is sent again to close a circle."""
        lines = [
            topic(id, broader=_some(self.chance, self.topics[:at]))
            for at, id in enumerate(self.topics)
        ]
        return [*lines, topic(self.topics[0], broader=[self.topics[-1]])]

    def _sources(self) -> list[Json]:
        return [
            source(
                id,
                **_given(
                    {
                        "publisher": _maybe(self.chance, self.bodies),
                        "published_at": _maybe(self.chance, DATES),
                        "lang": _maybe(self.chance, LANGS),
                        "derived_from": _some(self.chance, self.sources[:at]),
                    }
                ),
            )
            for at, id in enumerate(self.sources)
        ]

    def _statement(self, id: str) -> Json:
        others = [one for one in self.statements if one != id]
        relations = [
            {"type": self.chance.choice(RELATION_TYPES), "statement": one}
            for one in _some(self.chance, others[:4])
        ]
        members = {
            "said_at": _maybe(self.chance, DATES),
            "speech_act": _maybe(self.chance, ACTS),
            "polarity": _maybe(self.chance, ["affirmed", "negated"]),
            "topics": _some(self.chance, self.topics),
            "about": _some(self.chance, self.actors),
            "relations": relations,
        }
        return statement(id, **_given(members))

    def _report(self, id: str, before: Json | None = None) -> Json:
        """A report; one that changes stays in its source and under its parent."""
        source = before["source"] if before else self.chance.choice(self.sources)
        outer = [one for one in self.reports if self.reports[one]["source"] == source]
        members = {
            "parent": before.get("parent")
            if before
            else _maybe(self.chance, outer, 0.4)
            if outer
            else None,
            "reported_at": _maybe(self.chance, DATES, 0.3),
            "speakers": [self._speaker() for _ in range(self.chance.choice((0, 1, 1, 2)))],
            "via": [{"actor": one} for one in _some(self.chance, self.actors, 1)],
            "quotation_type": _maybe(self.chance, ["direct", "indirect"]),
            "factuality": _maybe(self.chance, ["not_said", "expected"], 0.15),
            "status": _maybe(self.chance, ["reviewed", "disputed", "rejected"]),
            "lang": _maybe(self.chance, LANGS),
            "figures": [
                self._figure(f"{id} {number}{'*' if before else ''}")
                for number in range(self.chance.choice((0, 0, 1, 2)))
            ],
        }
        one = attribution(id, self.chance.choice(self.statements), source, **_given(members))
        self.reports[id] = one
        return one

    def _speaker(self) -> Json:
        members = {
            "actor": _maybe(self.chance, self.actors, 0.8),
            "on_behalf_of": _maybe(self.chance, self.actors, 0.3),
            "status": self.chance.choice(STATUSES),
        }
        return _given(members)

    def _figure(self, worded: str) -> Json:
        members = {
            "measure": self.chance.choice(MEASURES),
            "population": _maybe(self.chance, POPULATIONS),
            "parties": _some(self.chance, self.actors),
            "as_worded": worded,
        }
        return _given(members)

    def question(self) -> Asked:
        """Up to four filters, each with one or two values."""
        values: dict[str, list[str]] = {
            **dict.fromkeys(("speaker", "on_behalf_of", "via", "about", "party"), self.actors),
            "member_of": [*self.bodies, self.people[0]],
            "topic": self.topics,
            "source": self.sources,
            "publisher": self.bodies,
            "speech_act": ACTS,
            "polarity": ["affirmed", "negated"],
            "quotation_type": ["direct", "indirect"],
            "speaker_status": [*STATUSES, "unattributed"],
            "factuality": ["actual", "not_said", "expected"],
            "status": ["draft", "reviewed", "disputed", "rejected"],
            "lang": LANGS,
            "measure": MEASURES,
            "population": POPULATIONS,
            "relation": RELATION_TYPES,
            "related_to": self.statements[:5],
            "has_figures": ["true", "false"],
            **dict.fromkeys(("said_from", "said_to", "published_from", "published_to"), POINTS),
        }
        names = self.chance.sample(list(values), self.chance.randint(1, 4))
        single = {"has_figures", "said_from", "said_to", "published_from", "published_to"}
        asked = {
            name: self.chance.sample(
                values[name], 1 if name in single else self.chance.choice((1, 2))
            )
            for name in names
        }
        for kind in ("said", "published"):
            start, end = asked.get(f"{kind}_from"), asked.get(f"{kind}_to")
            if start and end and DATES[start[0]][0] > DATES[end[0]][1]:
                asked[f"{kind}_from"], asked[f"{kind}_to"] = end, start
        return asked


@pytest.fixture(scope="module", params=ENGINES)
def worlds(
    request: pytest.FixtureRequest, templates: Templates
) -> Iterator[dict[int, tuple[RandomWorld, TestClient]]]:
    """Random worlds, each in a store of its own, by their seed."""
    with ExitStack() as stack:
        found = {}
        for seed in SEEDS:
            database = stack.enter_context(opened(request, templates, request.param))
            world = RandomWorld(seed)
            fill(database, world.records)
            found[seed] = world, stack.enter_context(served(database))
        yield found


@pytest.mark.parametrize("seed", SEEDS)
def test_any_combination_finds_what_a_plain_reading_of_the_record_finds(
    worlds: dict[int, tuple[RandomWorld, TestClient]], seed: int
) -> None:
    world, client = worlds[seed]
    oracle = Oracle(world.records)
    lists = (
        ("/v1/statements?fields=id", oracle.statements),
        ("/v1/attributions?fields=id", oracle.attributions),
        ("/v1/figures?fields=as_worded", oracle.figures),
    )
    full = 0
    for _ in range(QUESTIONS):
        asked = world.question()
        query = urlencode(asked, doseq=True)
        for path, answer in lists:
            found, expected = ids(client.get(f"{path}&limit=100&{query}")), answer(asked)
            assert sorted(found) == sorted(expected), f"seed {seed}: {path}&{query}"
            full += bool(expected)
    assert full > QUESTIONS, "hardly any question finds anything; ask others"


@pytest.mark.parametrize("seed", SEEDS)
def test_sources_and_topics_too(
    worlds: dict[int, tuple[RandomWorld, TestClient]], seed: int
) -> None:
    world, client = worlds[seed]
    oracle, chance = Oracle(world.records), random.Random(seed)
    for _ in range(20):
        sources: Asked = {"publisher": _some(chance, world.bodies), "lang": _some(chance, LANGS)}
        sources["published_from"] = _some(chance, POINTS, 1)
        topics: Asked = {"topic": chance.sample(world.topics, 2)}
        for path, asked, answer in (
            ("/v1/sources", {k: v for k, v in sources.items() if v}, oracle.sources),
            ("/v1/topics", topics, oracle.topics),
        ):
            query = urlencode(asked, doseq=True)
            found = ids(client.get(f"{path}?limit=100&fields=id&{query}"))
            assert sorted(found) == sorted(answer(asked)), f"seed {seed}: {path}?{query}"


# --- one record, two databases --------------------------------------------------------------------


def test_both_databases_answer_byte_for_byte_alike(
    request: pytest.FixtureRequest, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "now", lambda: "2026-11-23T08:15:30.123456Z")
    names = ["Şuşa", "Շուշի", "Шуша", "shusha", "Shusha", "Şuşa", "_", "a b", "ab", "À", "zz", "Ż"]
    named = [actor(f"name-{number}", name=name) for number, name in enumerate(names)]
    world = RandomWorld(seed=99)
    with ExitStack() as stack:
        answers = []
        for engine in ENGINES:
            database = stack.enter_context(opened(request, templates, engine))
            fill(database, [*world.records, *named])
            with served(database) as client:
                answers.append(dict(_answers(client)))
    assert answers[0].keys() == answers[1].keys()
    for url, answer in answers[0].items():
        assert answer == answers[1][url], url


def _answers(client: TestClient) -> Iterator[tuple[str, tuple[int, bytes, str]]]:
    """The answer of every list in every order, two pages of it, and of what hangs on a record."""
    urls = [
        f"{path}?order={order}&limit={limit}&count=exact"
        for path, orders in ORDERS.items()
        for order in orders
        for limit in (7, 100)
    ]
    urls += ["/v1/statements/statement-1", "/v1/attributions/report-54/chain"]
    urls += ["/v1/statements/statement-1/attributions", "/v1/topics/topic-0/revisions"]
    urls += ["/v1/statements?expand=speakers,sources,topics,about,relations", "/v1/nowhere"]
    while urls:
        url = urls.pop()
        response = client.get(url, headers={"X-Request-Id": "same"})
        headers = response.headers.get("etag", "") + response.headers.get("link", "")
        yield url, (response.status_code, response.content, headers)
        if "cursor=" not in url and "next" in response.json():
            urls.append(response.json()["next"])
