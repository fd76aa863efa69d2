"""Figures lined up: which claims stand together, and what is said of how they stand."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations, pairwise, product
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.db import Database
from app.models.attribution import Factuality, ReviewStatus
from app.models.base import AttributionReference, SourceReference, StatementReference
from app.models.comparison import Bearing, Claim, ComparisonGroup, Scope
from app.models.figure import BOUNDS, FigureStatus, Qualifier
from app.models.statement import Polarity
from app.store import comparison
from app.store.claims import Made, bearing
from tests.conftest import ENGINES, Templates
from tests.factories import actor, attribution, fill, source, statement, topic
from tests.questions import Json, by, items, opened, refused, said, served, walk
from tests.test_filters import WORLD

PATH = "/v1/figures/comparison"


def fig(worded: str, qualifier: str | None = None, *amounts: float, **members: Any) -> Json:
    """A figure: its wording, its qualifier, and the bounds that this gives, in their order."""
    names = [
        one for one in ("low", "best", "high") if qualifier and one in BOUNDS[Qualifier(qualifier)]
    ]
    bounds: Json = dict(zip(names, amounts, strict=True))
    own: Json = {"measure": "killed", "as_worded": worded, **bounds, **members}
    return {**own, "qualifier": qualifier} if qualifier else own


def exactly(number: float, **members: Any) -> Json:
    return fig(f"{number:,}", "exactly", number, **members)


def wordings(group: Json) -> list[str]:
    return [claim["as_worded"] for claim in group["claims"]]


@contextmanager
def asked(database: Database, *lines: Json) -> Iterator[TestClient]:
    """The API over a few records, with `paper`, `ann` and `bob` among them."""
    fill(database, [source("paper"), actor("ann"), actor("bob"), *lines])
    with served(database) as client:
        yield client


# --- the bundled record -------------------------------------------------------------------------


def test_the_article_s_numbers_stand_apart(reading: TestClient) -> None:
    """Totals, civilians, numbers for each side, military losses: no two of them count the same."""
    groups = items(reading.get(PATH))
    assert {group["label"]: wordings(group) for group in groups} == {
        "Killed, in total": ["almost 5,000"],
        "Killed, in total, from 2020-09-27, cumulative": ["nearly 1,000"],
        "Killed, civilians, Azerbaijan, in total": ["63 civilians"],
        "Killed, civilians, Authorities in Nagorno-Karabakh, in total": ["37 civilians"],
        "Wounded, civilians, Azerbaijan, in total": ["292"],
        "Casualties, Azerbaijan and Ethnic Armenian forces, on each side": [
            "more than 2,000 on each side"
        ],
        "Casualties, military, Azerbaijan": ["its military losses"],
    }
    assert all(group["relation"]["kind"] == "single" for group in groups)
    assert all(group["pairs"] == [] for group in groups)


def test_almost_5000_and_nearly_1000_name_each_other(reading: TestClient) -> None:
    """The article sets them against each other, but says of one only since when it counts."""
    groups = {group["label"]: group for group in items(reading.get(PATH))}
    unsaid, since = (
        groups["Killed, in total"],
        groups["Killed, in total, from 2020-09-27, cumulative"],
    )
    assert unsaid["near"] == [
        {
            "group": since["id"],
            "label": since["label"],
            "unsaid_here": ["period_start", "cumulative"],
            "unsaid_there": [],
        }
    ]
    assert [near["group"] for near in since["near"]] == [unsaid["id"]]
    assert since["near"][0]["unsaid_there"] == ["period_start", "cumulative"]
    others = [group for group in groups.values() if group not in (unsaid, since)]
    assert all(group["near"] == [] for group in others)


def test_what_is_withheld_is_shown_as_withheld(reading: TestClient) -> None:
    (group,) = items(reading.get(f"{PATH}?population=military"))
    (claim,) = group["claims"]
    assert (claim["status"], claim["qualifier"]) == ("undisclosed", None)
    assert [claim[bound] for bound in ("low", "best", "high")] == [None, None, None]
    assert group["relation"]["summary"] == (
        "The source “Fighting Rages in Nagorno-Karabakh on Eve of US Talks” reports "
        "“its military losses” as undisclosed."
    )


def test_a_claim_says_in_whose_words_it_stands(reading: TestClient) -> None:
    """Putin said that Moscow believed: the number is Moscow's, and Putin is named."""
    (group,) = [
        one
        for one in items(reading.get(f"{PATH}?measure=killed"))
        if "5,000" in one["claims"][0]["as_worded"]
    ]
    (claim,) = group["claims"]
    assert [one["actor"]["name"] for one in claim["claimants"]] == ["Russia"]
    assert [one["actor"]["name"] for one in claim["according_to"]] == ["Vladimir Putin"]
    assert (claim["date"], claim["date_basis"]) == ("2020-10-23~", "reported")
    assert group["relation"]["summary"] == (
        "One claim: Moscow (Russia), according to Vladimir Putin, gives “almost 5,000”."
    )


def test_who_is_attributed_nothing_is_nobody(reading: TestClient) -> None:
    (group,) = [one for one in items(reading.get(PATH)) if wordings(one) == ["nearly 1,000"]]
    assert group["claims"][0]["claimants"] == []
    assert group["by_claimant"] == [{"claimant": None, "claims": [0]}]
    (outlet,) = group["by_outlet"]
    assert outlet["publisher"] is None
    assert [one["id"] for one in outlet["sources"]] == ["fighting-rages-in-nagorno-karabakh"]


def test_every_answer_is_what_openapi_says(reading: TestClient) -> None:
    schema = reading.get("/openapi.json").json()["paths"][PATH]["get"]
    content = schema["responses"]["200"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Comparison"}
    asked = reading.get(f"{PATH}?measure=wounded").json()
    assert content["application/json"]["example"] == asked
    for group in items(reading.get(PATH)):
        shown = ComparisonGroup.model_validate(group, strict=False)
        assert shown.model_dump(mode="json") == group


# --- how the bounds of two claims stand ---------------------------------------------------------


PAPER = SourceReference(id="p", title=None, url=None, publisher=None, published_at=None)
SAID = StatementReference(id="s", content=None, polarity=Polarity.affirmed)


def made(figure: Json, **members: Any) -> Made:
    """A claim of a figure, as far as its bounds matter."""
    claim = Claim(
        claimants=[],
        according_to=[],
        as_worded=figure["as_worded"],
        qualifier=Qualifier(figure["qualifier"]) if "qualifier" in figure else None,
        low=figure.get("low"),
        best=figure.get("best"),
        high=figure.get("high"),
        status=FigureStatus(figure.get("status", "stated")),
        polarity=Polarity.affirmed,
        factuality=Factuality.actual,
        attribution_status=ReviewStatus.draft,
        date=None,
        date_basis=None,
        attribution=AttributionReference.model_validate({"id": "a"}, strict=False),
        figure=0,
        statement=SAID,
        source=PAPER,
        publisher=None,
    )
    return Made(claim.model_copy(update=members), None)


ABOUT_500 = fig("about 500", "about", 500)
ALMOST_5000 = fig("almost 5,000", "almost", 5000)
MORE_THAN_2000 = fig("more than 2,000", "more_than", 2000)
AT_LEAST_2000 = fig("at least 2,000", "at_least", 2000)
AT_MOST_2000 = fig("at most 2,000", "at_most", 2000)
UP_TO_3000 = fig("2,000 to 3,000", "between", 2000, 3000)
TRIPLE = fig("UCDP", low=100, best=150, high=300)
VAGUE = fig("thousands", "vague")

CASES: list[tuple[Json, Json, str]] = [
    (exactly(63), exactly(63), "agreement"),
    (exactly(63), exactly(63.0), "agreement"),
    (exactly(63), exactly(37), "conflict"),
    (exactly(63), fig("a number", best=63), "agreement"),
    (exactly(500), ABOUT_500, "agreement"),
    (exactly(480), ABOUT_500, "differs"),
    (exactly(90_000), ABOUT_500, "differs"),
    (ABOUT_500, fig("some 500", "about", 500), "agreement"),
    (ABOUT_500, fig("some 600", "about", 600), "differs"),
    (ABOUT_500, fig("over 400", "more_than", 400), "overlap"),
    (ABOUT_500, fig("over 500", "more_than", 500), "overlap"),
    (ABOUT_500, fig("over 501", "more_than", 501), "differs"),
    (ABOUT_500, fig("almost 500", "almost", 500), "overlap"),
    (ABOUT_500, fig("almost 400", "almost", 400), "differs"),
    (ABOUT_500, fig("500 to 600", "between", 500, 600), "overlap"),
    (ABOUT_500, fig("510 to 600", "between", 510, 600), "differs"),
    (ALMOST_5000, fig("nearly 5,000", "almost", 5000), "agreement"),
    (ALMOST_5000, fig("nearly 1,000", "almost", 1000), "differs"),
    (ALMOST_5000, exactly(4900), "differs"),
    (ALMOST_5000, exactly(900), "differs"),
    (ALMOST_5000, exactly(5000), "conflict"),
    (ALMOST_5000, exactly(5001), "conflict"),
    (ALMOST_5000, fig("at least 5,000", "at_least", 5000), "conflict"),
    (ALMOST_5000, fig("at least 4,000", "at_least", 4000), "overlap"),
    (ALMOST_5000, fig("at most 5,000", "at_most", 5000), "overlap"),
    (ALMOST_5000, fig("at most 4,999", "at_most", 4999), "differs"),
    (ALMOST_5000, MORE_THAN_2000, "overlap"),
    (ALMOST_5000, UP_TO_3000, "differs"),
    (MORE_THAN_2000, fig("over 2,000", "more_than", 2000), "agreement"),
    (MORE_THAN_2000, exactly(2000), "conflict"),
    (MORE_THAN_2000, exactly(2001), "overlap"),
    (MORE_THAN_2000, exactly(1000), "conflict"),
    (MORE_THAN_2000, AT_LEAST_2000, "overlap"),
    (MORE_THAN_2000, AT_MOST_2000, "conflict"),
    (MORE_THAN_2000, fig("almost 2,000", "almost", 2000), "conflict"),
    (MORE_THAN_2000, UP_TO_3000, "overlap"),
    (AT_LEAST_2000, AT_MOST_2000, "overlap"),
    (AT_LEAST_2000, exactly(2000), "overlap"),
    (AT_LEAST_2000, exactly(1999), "conflict"),
    (UP_TO_3000, exactly(3000), "overlap"),
    (UP_TO_3000, exactly(3001), "conflict"),
    (fig("5", "between", 5, 5), exactly(5), "agreement"),
    (TRIPLE, exactly(250), "overlap"),
    (TRIPLE, exactly(150), "overlap"),
    (TRIPLE, exactly(301), "conflict"),
    (fig("up to 10", high=10), AT_LEAST_2000, "conflict"),
    (fig("none", "exactly", 0), fig("not one", "at_most", 0), "overlap"),
    (exactly(-3), fig("less than nothing", "almost", 0), "differs"),
    (VAGUE, VAGUE, "not_comparable"),
    (VAGUE, exactly(3000), "not_comparable"),
    (fig("a number"), exactly(3000), "not_comparable"),
    (fig("its losses", status="undisclosed"), exactly(3000), "not_comparable"),
    (exactly(100, status="denied"), exactly(100), "conflict"),
    (exactly(100, status="denied"), exactly(120), "not_comparable"),
    (exactly(100, status="denied"), exactly(100, status="denied"), "agreement"),
    (exactly(100, status="denied"), exactly(120, status="denied"), "not_comparable"),
]


@pytest.mark.parametrize(("one", "other", "expected"), CASES)
def test_bounds_stand_as_their_wordings_do(one: Json, other: Json, expected: str) -> None:
    assert bearing(made(one), made(other)) == expected
    assert bearing(made(other), made(one)) == expected


def test_a_statement_that_is_rejected_denies_its_number() -> None:
    negated = made(exactly(100), polarity=Polarity.negated)
    assert bearing(negated, made(exactly(100))) is Bearing.conflict
    assert bearing(negated, made(exactly(90))) is Bearing.not_comparable
    twice = made(exactly(100, status="denied"), polarity=Polarity.negated)
    assert bearing(twice, made(exactly(100))) is Bearing.not_comparable


def test_what_was_not_said_is_not_compared() -> None:
    unsaid = made(exactly(100), factuality=Factuality.not_said)
    assert bearing(unsaid, made(exactly(100))) is Bearing.not_comparable


WORDED = [one for one in Qualifier if one is not Qualifier.vague]
FIGURES = st.builds(
    lambda qualifier, ends: fig("so many", qualifier, *sorted(ends)[: len(BOUNDS[qualifier])]),
    st.sampled_from(WORDED),
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
GRID = [quarter / 4 for quarter in range(-8, 36)]
"""Around the numbers of `FIGURES`: what holds together anywhere holds together here."""


def _holds(figure: Json, number: float, near: float) -> bool:
    """Whether a wording holds for a number, if `near` is how far `about` and `almost` reach."""
    low, best, high = (figure.get(name, 0) for name in ("low", "best", "high"))
    holds: dict[str, bool] = {
        "exactly": number == best,
        "about": abs(number - best) <= near,
        "almost": high - near <= number < high,
        "more_than": number > low,
        "at_least": number >= low,
        "at_most": number <= high,
        "between": low <= number <= high,
    }
    return holds[figure["qualifier"]]


@settings(deadline=None)  # other tests run beside it
@given(FIGURES, FIGURES)
def test_bounds_stand_as_the_numbers_do_for_which_they_hold(one: Json, other: Json) -> None:
    """However near is near (a quarter, or more than any number here), tried number by number."""
    tight, wide = (
        any(_holds(one, number, near) and _holds(other, number, near) for number in GRID)
        for near in (0.25, 100)
    )
    found = bearing(made(one), made(other))
    assert found == bearing(made(other), made(one))
    if found is Bearing.agreement:
        assert tight
        exact = {"exactly", "between", "about"}
        assert (
            one["qualifier"] == other["qualifier"]
            or {one["qualifier"], other["qualifier"]} <= exact
        )
    else:
        expected = {(True, True): "overlap", (False, True): "differs", (False, False): "conflict"}
        assert found == expected[tight, wide]


# --- what two claims are to each other ----------------------------------------------------------


def only_pair(client: TestClient, query: str = "") -> Json:
    (group,) = items(client.get(f"{PATH}{query}"))
    (pair,) = group["pairs"]
    assert group["relation"] == {"kind": pair["kind"], "summary": pair["summary"]}
    assert group["tally"] == {**dict.fromkeys(group["tally"], 0), pair["kind"]: 1}
    assert isinstance(pair, dict)
    return pair


def test_two_claimants_in_conflict(database: Database) -> None:
    with asked(
        database,
        *said("one", {"speakers": by("ann"), "figures": [exactly(63)]}, said_at="2020-10-22"),
        *said("two", {"speakers": by("bob"), "figures": [exactly(37)]}, said_at="2020-10-23"),
    ) as client:
        assert only_pair(client) == {
            "claims": [0, 1],
            "kind": "conflict",
            "bounds": "conflict",
            "same_statement": False,
            "same_claimant": False,
            "summary": "Ann gives “63” and bob gives “37”: no number fits both.",
        }


def test_a_later_number_of_the_same_claimant_is_an_update(database: Database) -> None:
    with asked(
        database,
        *said("late", {"speakers": by("ann"), "figures": [exactly(710)]}, said_at="2020-10-18"),
        *said("early", {"speakers": by("ann"), "figures": [exactly(84)]}, said_at="2020-09-28"),
    ) as client:
        pair = only_pair(client)
        assert (pair["kind"], pair["bounds"]) == ("successive", "conflict")
        assert pair["same_claimant"]
        assert pair["summary"] == "Ann gives “84” (2020-09-28) and later gives “710” (2020-10-18)."


UPDATES = [
    ("2020-10-18", "2020-10-19", "ann", "ann", "successive"),
    ("2020-10-18", "2020-10-18", "ann", "ann", "conflict"),
    ("2020-10", "2020-10-19", "ann", "ann", "conflict"),
    ("2020-09-27/..", "2020-10-19", "ann", "ann", "conflict"),
    (None, "2020-10-19", "ann", "ann", "conflict"),
    ("2020-10-18", "2020-10-19", "ann", "ann bob", "successive"),
    ("2020-10-18", "2020-10-19", "ann bob", "bob", "successive"),
    ("2020-10-18", "2020-10-19", "ann bob", "bob eve", "conflict"),
    ("2020-10-18", "2020-10-19", "ann", "bob", "conflict"),
    ("2020-10-18", "2020-10-19", "", "", "conflict"),
]


def test_an_update_is_of_the_same_claimant_on_another_day(database: Database) -> None:
    lines = [actor("eve")]
    for case, (first, second, *speakers, _) in enumerate(UPDATES):
        for number, (date, names) in enumerate(zip((first, second), speakers, strict=True)):
            figures = [exactly(number, unit=f"case {case}")]
            report = {"speakers": by(*names.split()), "figures": figures}
            lines += said(f"{case}-{number}", report, **({"said_at": date} if date else {}))
    with asked(database, *lines) as client:
        found = {
            group["scope"]["unit"]: group["relation"]["kind"]
            for group in items(client.get(f"{PATH}?limit=100"))
        }
        assert found == {f"case {case}": one[-1] for case, one in enumerate(UPDATES)}


def test_the_same_number_again_is_agreement(database: Database) -> None:
    with asked(
        database,
        *said("one", {"speakers": by("ann"), "figures": [exactly(84)]}, said_at="2020-09-28"),
        *said("two", {"speakers": by("ann"), "figures": [exactly(84)]}, said_at="2020-10-18"),
    ) as client:
        assert only_pair(client)["kind"] == "agreement"


def test_one_statement_with_different_numbers(database: Database) -> None:
    with asked(
        database,
        actor("wire", kind="media", name="The Wire"),
        source("wire-story", title="A story", publisher="wire"),
        *said(
            "once",
            {"speakers": by("ann"), "figures": [exactly(63)]},
            {"speakers": by("ann"), "figures": [exactly(36)], "source": "wire-story"},
            said_at="2020-10-22",
        ),
    ) as client:
        pair = only_pair(client)
        assert (pair["kind"], pair["bounds"]) == ("reports_differ", "conflict")
        assert pair["same_statement"]
        assert pair["summary"] == (
            "One statement is reported with different numbers: ann gives “63” in the source paper, "
            "ann gives “36” in the source “A story”."
        )
        (group,) = items(client.get(PATH))
        assert [outlet["publisher"] for outlet in group["by_outlet"]] == [
            None,
            {"id": "wire", "name": "The Wire"},
        ]


def test_two_numbers_of_one_report_are_its_own(database: Database) -> None:
    with asked(
        database, *said("once", {"speakers": by("ann"), "figures": [exactly(63), exactly(64)]})
    ) as client:
        pair = only_pair(client)
        assert (pair["kind"], pair["same_statement"]) == ("conflict", True)
        assert [claim["figure"] for claim in items(client.get(PATH))[0]["claims"]] == [0, 1]


def test_a_denial_is_shown_and_conflicts_with_what_it_denies(database: Database) -> None:
    with asked(
        database,
        *said("claim", {"speakers": by("ann"), "figures": [exactly(100)]}, said_at="2020-10-01"),
        *said(
            "denial",
            {"speakers": by("bob"), "figures": [exactly(100)], "status": "disputed"},
            said_at="2020-10-02",
            polarity="negated",
        ),
    ) as client:
        (group,) = items(client.get(PATH))
        denial = group["claims"][1]
        assert (denial["polarity"], denial["attribution_status"]) == ("negated", "disputed")
        assert only_pair(client)["summary"] == (
            "Ann gives “100” and bob denies “100” (attribution disputed): "
            "one denies the number that the other gives."
        )


def test_many_claims_are_told_in_one_sentence(database: Database) -> None:
    with asked(
        database,
        *said("a", {"speakers": by("ann"), "figures": [exactly(10)]}, said_at="2020-10-01"),
        *said("b", {"speakers": by("ann"), "figures": [exactly(20)]}, said_at="2020-10-02"),
        *said("c", {"speakers": by("bob"), "figures": [exactly(20)]}, said_at="2020-10-03"),
        *said("d", {"figures": [fig("dozens", "vague")]}, said_at="2020-10-04"),
    ) as client:
        (group,) = items(client.get(PATH))
        assert group["relation"] == {
            "kind": "conflict",
            "summary": "Of the 6 pairs of 4 claims 1 is in conflict, 1 is an update by the same "
            "claimant, 1 agrees and 3 cannot be compared.",
        }
        assert [(pair["kind"], pair["claims"]) for pair in group["pairs"]] == [
            ("conflict", [0, 2]),
            ("successive", [0, 1]),
            ("agreement", [1, 2]),
            ("not_comparable", [0, 3]),
            ("not_comparable", [1, 3]),
            ("not_comparable", [2, 3]),
        ]
        assert group["tally"] == {
            "conflict": 1,
            "reports_differ": 0,
            "differs": 0,
            "overlap": 0,
            "successive": 1,
            "agreement": 1,
            "not_comparable": 3,
        }


# --- which claims stand together ----------------------------------------------------------------

SCOPED: Json = {
    "population": "civilian",
    "parties": ["ann", "bob"],
    "per": "total",
    "place": "town",
    "unit": "people",
    "period_start": "2020-09-27",
    "period_end": "2020-11-10",
    "cumulative": True,
}
OTHERWISE: Json = {
    "population": "military",
    "parties": ["ann"],
    "per": "each",
    "place": "village",
    "unit": "households",
    "period_start": "2020-09-27~",
    "period_end": "2020-11-09",
    "cumulative": False,
}
WHO = {"population", "parties"}


def test_a_scope_that_differs_in_anything_is_another(database: Database) -> None:
    """Whether a member is another or was not said at all."""
    scopes = {"whole": {**SCOPED, "measure": "killed"}, "measure": {**SCOPED, "measure": "wounded"}}
    for name in SCOPED:
        scopes[f"{name}-other"] = {**SCOPED, name: OTHERWISE[name]}
        scopes[f"{name}-unsaid"] = {key: one for key, one in SCOPED.items() if key != name}
    lines = [topic("town"), topic("village")]
    for name, scope in scopes.items():
        for number in (1, 2):
            lines += said(f"{name}-{number}", {"figures": [exactly(number, **scope)]})
    with asked(database, *lines) as client:
        groups = items(client.get(f"{PATH}?limit=100"))
        found = {frozenset(one["statement"]["id"] for one in group["claims"]) for group in groups}
        assert found == {frozenset([f"{name}-1", f"{name}-2"]) for name in scopes}
        by_name = {group["claims"][0]["statement"]["id"][:-2]: group for group in groups}
        unsaid = {name for name in SCOPED if name not in WHO}
        ids = {by_name[f"{name}-unsaid"]["id"]: name for name in unsaid}
        near = by_name["whole"]["near"]
        assert {ids[one["group"]]: one["unsaid_there"] for one in near} == {
            one: [one] for one in unsaid
        }
        assert all(one["unsaid_here"] == [] for one in near)
        assert by_name["measure"]["near"] == []
        assert by_name["population-unsaid"]["near"] == []


def test_parties_are_a_set(database: Database) -> None:
    with asked(
        database,
        *said("one", {"figures": [exactly(1, parties=["ann", "bob"])]}),
        *said("two", {"figures": [exactly(2, parties=["bob", "ann", "bob"])]}),
        *said("three", {"figures": [exactly(3, parties=["bob"])]}),
    ) as client:
        groups = items(client.get(PATH))
        assert sorted(wordings(group) for group in groups) == [["1", "2"], ["3"]]
        assert [one["id"] for one in groups[0]["scope"]["parties"]] == ["ann", "bob"]


def test_a_scope_keeps_its_id(database: Database) -> None:
    with asked(database, *said("one", {"figures": [exactly(1, per="total")]})) as client:
        (before,) = items(client.get(PATH))
        fill(database, said("two", {"figures": [exactly(2, per="total"), exactly(3)]}))
        after = items(client.get(PATH))
        assert before["id"] in [group["id"] for group in after]
        assert len({group["id"] for group in after}) == 2


def test_claims_stand_in_the_order_of_time(database: Database) -> None:
    with asked(
        database,
        source("dated", published_at="2020-10-20"),
        *said("undated", {"figures": [exactly(1)]}),
        *said("reported", {"figures": [exactly(2)], "source": "dated"}),
        *said("late", {"figures": [exactly(3)]}, said_at="2021"),
        *said("early", {"figures": [exactly(4)]}, said_at="2020-10-20T12:00Z"),
        *said("open", {"figures": [exactly(5)]}, said_at="../2021-05"),
    ) as client:
        (group,) = items(client.get(PATH))
        assert [
            (one["statement"]["id"], one["date"], one["date_basis"]) for one in group["claims"]
        ] == [
            ("open", "../2021-05", "said"),
            ("reported", "2020-10-20", "reported"),
            ("early", "2020-10-20T12:00Z", "said"),
            ("late", "2021", "said"),
            ("undated", None, None),
        ]


def test_a_claim_is_dated_as_its_statement_is_listed(database: Database) -> None:
    """By the earliest report of it, also where that is another one."""
    with asked(
        database,
        source("dated", published_at="2020-10-25"),
        *said(
            "once",
            {"figures": [exactly(1)], "source": "dated"},
            {"reported_at": "2020-10-22~"},
            {"reported_at": "2020-10-01", "status": "rejected"},
        ),
    ) as client:
        (claim,) = items(client.get(PATH))[0]["claims"]
        assert (claim["date"], claim["date_basis"]) == ("2020-10-22~", "reported")


def test_claims_by_claimant_and_by_outlet(database: Database) -> None:
    unnamed = [{"attribution_text": "an aide", "status": "anonymous"}]
    with asked(
        database,
        actor("wire", kind="media"),
        source("a", publisher="wire"),
        source("b", publisher="wire"),
        source("c"),
        *said("s0", {"speakers": by("ann", "bob"), "source": "a", "figures": [exactly(1)]}),
        *said("s1", {"speakers": by("bob"), "source": "b", "figures": [exactly(2)]}),
        *said("s2", {"source": "c", "figures": [exactly(3)]}),
        *said("s3", {"speakers": unnamed, "source": "c", "figures": [exactly(4)]}),
        *said("s4", {"speakers": unnamed, "figures": [exactly(5)]}),
        *said("s5", {"speakers": [{"status": "document"}], "source": "c", "figures": [exactly(6)]}),
        *said("s6", {"speakers": [{"status": "document"}], "source": "c", "figures": [exactly(7)]}),
        *said("s7", {"speakers": [{"status": "document"}], "figures": [exactly(8)]}),
    ) as client:
        (group,) = items(client.get(PATH))
        found = [
            (one["claimant"] and (one["claimant"]["actor"] or {}).get("id"), one["claims"])
            for one in group["by_claimant"]
        ]
        # Two aides may be two; a document that speaks for itself is one.
        assert found == [
            ("ann", [0]),
            ("bob", [0, 1]),
            (None, [2]),
            (None, [3]),
            (None, [4]),
            (None, [5, 6]),
            (None, [7]),
        ]
        assert [claimant["claimant"] is None for claimant in group["by_claimant"]].index(True) == 2
        outlets = [
            (
                one["publisher"] and one["publisher"]["id"],
                [s["id"] for s in one["sources"]],
                one["claims"],
            )
            for one in group["by_outlet"]
        ]
        assert outlets == [
            ("wire", ["a", "b"], [0, 1]),
            (None, ["c"], [2, 3, 5, 6]),
            (None, ["paper"], [4, 7]),
        ]


def test_the_words_around_are_named_nearest_first(database: Database) -> None:
    with asked(
        database,
        actor("eve"),
        statement("outer"),
        attribution("outermost", "outer", "paper", speakers=by("eve")),
        attribution("middle", "outer", "paper", speakers=by("bob"), parent="outermost"),
        *said("inner", {"speakers": by("ann"), "parent": "middle", "figures": [exactly(1)]}),
        *said("plain", {"speakers": by("ann"), "figures": [exactly(1)]}),
    ) as client:
        (group,) = items(client.get(PATH))
        around = {
            one["statement"]["id"]: [outer["actor"]["id"] for outer in one["according_to"]]
            for one in group["claims"]
        }
        assert around == {"inner": ["bob", "eve"], "plain": []}


# --- filters, pages, time -----------------------------------------------------------------------


@pytest.fixture(scope="module", params=ENGINES)
def world(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param) as database:
        fill(database, WORLD)
        with served(database) as client:
            yield client


@pytest.mark.parametrize(
    "query",
    [
        "",
        "measure=killed",
        "measure=killed&population=military",
        "party=south",
        "party=south&party=north",
        "speaker=ann",
        "publisher=daily",
        "has_figures=true",
        "status=rejected",
        "said_from=2020",
        "polarity=negated",
        "lang=hy",
    ],
)
def test_what_is_lined_up_is_what_the_list_of_figures_shows(world: TestClient, query: str) -> None:
    listed = [one["as_worded"] for one in items(world.get(f"/v1/figures?limit=100&{query}"))]
    response = world.get(f"{PATH}?limit=100&{query}")
    lined = [worded for group in items(response) for worded in wordings(group)]
    assert sorted(lined) == sorted(listed)
    assert response.json()["considered"] == len(listed)
    assert not response.json()["truncated"]


def test_some_filters_leave_figures_and_some_none(world: TestClient) -> None:
    """Or the test before would compare nothing with nothing."""
    considered = {
        query: world.get(f"{PATH}?{query}").json()["considered"]
        for query in ("", "measure=killed", "speaker=ann", "status=rejected", "polarity=negated")
    }
    assert considered[""] > considered["measure=killed"] > considered["speaker=ann"] > 0
    assert considered["status=rejected"] > 0
    assert considered["polarity=negated"] == 0


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("speaker=no-such-one", "speaker"),
        ("mesure=killed", "mesure"),
        ("measure=buried", "measure"),
        ("order=said_at", "order"),
        ("expand=none", "expand"),
        ("limit=0", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=x", "cursor"),
        ("format=csv", "format"),
        ("said_from=soon", "said_from"),
    ],
)
def test_what_does_not_fit_is_refused(world: TestClient, query: str, named: str) -> None:
    assert refused(world.get(f"{PATH}?{query}")).keys() == {named}


def test_pages_show_each_group_once(reading: TestClient) -> None:
    whole = reading.get(f"{PATH}?count=exact").json()
    assert whole["count"] == len(whole["items"]) == 7
    for limit in (1, 2, 3, 7):
        pages = list(walk(reading, f"{PATH}?limit={limit}"))
        assert [group for page in pages for group in page["items"]] == whole["items"]
        assert [len(page["items"]) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        if len(pages) > 1:
            back = list(walk(reading, pages[-2]["next"], "prev"))
            assert [page["items"] for page in back] == [page["items"] for page in reversed(pages)]
    for page, after in pairwise(walk(reading, f"{PATH}?limit=2")):
        assert page["next"] != after.get("next")


def test_a_cursor_is_bound_to_its_filters(reading: TestClient) -> None:
    following = reading.get(f"{PATH}?limit=1&measure=killed").json()["next"]
    assert reading.get(following).status_code == 200
    other = following.replace("measure=killed", "measure=wounded")
    assert refused(reading.get(other)) == {"cursor": "invalid_cursor"}


def test_pages_hold_while_groups_come_and_go(bundled: Database) -> None:
    with served(bundled) as client:
        first = client.get(f"{PATH}?limit=2").json()
        rest = [group["id"] for group in items(client.get(f"{PATH}?limit=100"))[2:]]
        gone = first["items"][-1]["claims"][0]["attribution"]["id"]
        record = client.get(f"/v1/attributions/{gone}").json()
        source_id = record["source"]["id"]
        fill(
            bundled,
            [attribution(gone, record["statement"]["id"], source_id, status="rejected")],
        )
        following = client.get(first["next"]).json()
        assert [group["id"] for group in following["items"]] == rest[:2]
        assert len(items(client.get(PATH))) == len(rest) + 1


def test_long_scopes_still_have_pages(database: Database) -> None:
    """A cursor holds where a group stands, and no more than a URL can carry."""
    parties = [f"party-{'x' * 180}-{number}" for number in range(20)]
    units = ["\x01" * 399 + "x", "Ӕ" * 400, "\\" * 400, "Ӕ" * 399]
    lines = [actor(one) for one in parties]
    for number, unit in enumerate(units):
        figures = [exactly(number, unit=unit, parties=parties), exactly(number, unit=unit)]
        lines += said(f"said-{number}", {"figures": figures})
    with asked(database, *lines) as client:
        pages = list(walk(client, f"{PATH}?limit=1"))
        assert len({page["items"][0]["id"] for page in pages}) == len(pages) == 8


def test_more_than_can_be_lined_up_is_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        line
        for day in range(1, 8)
        for line in said(f"day-{day}", {"figures": [exactly(day)]}, said_at=f"2020-10-{day:02}")
    ]
    with asked(database, *lines) as client:
        monkeypatch.setattr(comparison, "MOST_CLAIMS", 4)
        answer = client.get(PATH).json()
        (group,) = answer["items"]
        assert (answer["considered"], answer["truncated"]) == (7, False)
        assert (wordings(group), group["claims_total"]) == (["4", "5", "6", "7"], 7)
        assert sum(group["tally"].values()) == 6
        fill(database, [actor("eve")])  # what was answered before is kept until a write
        monkeypatch.setattr(comparison, "MOST_FIGURES", 3)
        answer = client.get(PATH).json()
        assert (answer["considered"], answer["truncated"]) == (3, True)
        assert wordings(answer["items"][0]) == ["5", "6", "7"]
        fill(database, [actor("eva")])
        monkeypatch.setattr(comparison, "MOST_FIGURES", 7)
        assert client.get(PATH).json()["truncated"] is False


def test_many_pairs_are_counted_and_the_most_telling_spelled_out(database: Database) -> None:
    lines = [
        line
        for number in range(20)
        for line in said(
            f"s-{number:02}", {"speakers": by("ann"), "figures": [exactly(number // 19)]}
        )
    ]
    with asked(database, *lines) as client:
        (group,) = items(client.get(PATH))
        assert (group["tally"]["agreement"], group["tally"]["conflict"]) == (171, 19)
        assert [pair["kind"] for pair in group["pairs"]] == ["conflict"] * 19 + ["agreement"] * 81


def test_it_costs_as_many_queries_whatever_there_is(database: Database) -> None:
    seen: list[str] = []

    def see(_c: Any, _cursor: Any, text: str, _p: Any, _context: Any, _many: bool) -> None:
        if (
            "FROM revision" not in text
        ):  # labels are remembered: what changed since is asked besides
            seen.append(text)

    def lines(numbers: range) -> list[Json]:
        found: list[Json] = [topic(f"t-{number}") for number in numbers]
        found += [actor(f"p-{number}") for number in numbers]
        found += [source(f"s-{number}", publisher=f"p-{number}") for number in numbers]
        for number in numbers:
            own = {"source": f"s-{number}", "speakers": by(f"p-{number}")}
            figures = [exactly(one, place=f"t-{number}", parties=[f"p-{number}"]) for one in (1, 2)]
            found += said(f"out-{number}", {**own, "reported_at": "2020"})
            inner = {**own, "figures": figures, "parent": f"out-{number}:0", "reported_at": "2020"}
            found += said(f"in-{number}", inner)
        return found

    counts = []
    with asked(database) as client:
        for numbers in (range(2), range(2, 30)):
            fill(database, lines(numbers))
            event.listen(database.engine, "before_cursor_execute", see)
            assert client.get(f"{PATH}?limit=100").status_code == 200
            event.remove(database.engine, "before_cursor_execute", see)
            counts.append(len(seen))
            seen.clear()
    assert counts[0] == counts[1] <= 16


def test_as_it_was_known(bundled: Database) -> None:
    with served(bundled) as client:
        before = client.get(PATH).json()
        last = client.get("/v1/attributions?order=-recorded_at&limit=1").json()["items"][0][
            "updated_at"
        ]
        fill(
            bundled,
            [
                actor("azerbaijan", kind="state", name="Another name"),
                attribution(
                    "fighting-rages:enclave-37-civilians-killed",
                    "enclave-37-civilians-killed",
                    "fighting-rages-in-nagorno-karabakh",
                ),
            ],
        )
        now = client.get(PATH).json()
        assert "Another name" in now["items"][2]["label"]
        assert len(now["items"]) == 6
        assert client.get(PATH, params={"known_at": last}).json() == before
        assert items(client.get(f"{PATH}?known_at=2000-01-01T00:00:00Z")) == []


# --- what is answered ---------------------------------------------------------------------------


def test_both_databases_answer_alike(request: pytest.FixtureRequest, templates: Templates) -> None:
    answers = []
    for engine in ENGINES:
        with opened(request, templates, engine) as database:
            fill(database, WORLD)
            with served(database) as client:
                answers.append(client.get(f"{PATH}?limit=100").content)
    assert answers[0] == answers[1]
    assert len(answers[0]) > 5_000


def test_an_answer_has_a_tag(reading: TestClient) -> None:
    first = reading.get(PATH)
    again = reading.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert reading.head(PATH).headers["etag"] == first.headers["etag"]
    assert reading.get(f"{PATH}?limit=1").headers["etag"] != first.headers["etag"]
    assert 'rel="next"' in reading.get(f"{PATH}?limit=1").headers["link"]


def test_a_page_tells_nothing_of_who_is_right(reading: TestClient) -> None:
    """No sum, mean or verdict: the only numbers are those that were given."""
    (group,) = [one for one in items(reading.get(PATH)) if wordings(one) == ["almost 5,000"]]
    numbers = {claim[name] for claim in group["claims"] for name in ("low", "best", "high")}
    assert numbers == {None, 5000}
    assert group.keys() == ComparisonGroup.model_fields.keys()
    assert group["scope"].keys() == Scope.model_fields.keys()


def test_every_pair_is_there_once(database: Database) -> None:
    lines = [
        line
        for number, qualifier in product(range(2), ("about", "almost", "more_than", "exactly"))
        for line in said(f"{qualifier}-{number}", {"figures": [fig("so many", qualifier, number)]})
    ]
    with asked(database, *lines) as client:
        (group,) = items(client.get(PATH))
        pairs = sorted(tuple(pair["claims"]) for pair in group["pairs"])
        assert pairs == list(combinations(range(8), 2))
        assert sum(group["tally"].values()) == len(pairs)


def test_names_printed_at_the_beginning_of_a_sentence_read_well(database: Database) -> None:
    def spoken(name: str, number: int, unit: str) -> list[Json]:
        speakers = [{"attribution_text": name, "actor": "ann"}]
        report = {"speakers": speakers, "figures": [exactly(number, unit=unit)]}
        return said(f"{unit}-{number}", report)

    lines = [
        *spoken("The enclave", 37, "alone"),
        *spoken("The enclave", 37, "two"),
        *spoken("An official", 63, "two"),
        *spoken("The Hague", 5, "name"),
    ]
    with asked(database, *lines) as client:
        told = {
            group["scope"]["unit"]: group["relation"]["summary"]
            for group in items(client.get(PATH))
        }
    assert told == {
        "alone": "One claim: the enclave (ann) gives “37”.",
        "two": "The enclave (ann) gives “37” and an official (ann) gives “63”: "
        "no number fits both.",
        "name": "One claim: The Hague (ann) gives “5”.",
    }
