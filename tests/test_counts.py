"""Timeline and facets: counted by SQL, and again by looking at every record."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.db import Database
from app.models.base import RecordType
from app.models.counts import Facet, Facets, Grouping, Timeline
from app.store import withdraw
from app.store.edit import Expected, Why
from tests.conftest import ENGINES, Templates
from tests.factories import actor, fill, source, topic
from tests.questions import DATES, Asked, Json, Oracle, by, opened, refused, said, served
from tests.test_filters import WORLD as FILTERS

INTERVALS = {"day": 10, "month": 7, "year": 4}
"""How much of a date tells the bucket; weeks are no part of how a date is written."""


# --- a small world, drawn by lot ----------------------------------------------------------------

ACTORS = [f"actor-{number}" for number in range(6)]
TOPICS = ["world", "region", "town", "theme", "loop", "pool"]
SOURCES = ["paper", "wire", "blog", "none"]


def _some(lot: random.Random, values: list[str], most: int) -> list[str]:
    return lot.sample(values, lot.randint(0, min(most, len(values))))


def _maybe(lot: random.Random, **members: list[Any]) -> Json:
    return {name: lot.choice(values) for name, values in members.items() if lot.random() < 0.7}


def _report(lot: random.Random) -> Json:
    statuses = ["named", "role_only", "collective", "anonymous", "document", "unresolved"]
    speakers = [
        _maybe(lot, actor=ACTORS, status=statuses, on_behalf_of=ACTORS[:2]) or {"status": "named"}
        for _ in range(lot.choice([0, 1, 1, 1, 2, 3]))
    ]
    figures = [
        {
            "measure": lot.choice(["killed", "wounded", "missing"]),
            "as_worded": "some",
            "parties": _some(lot, ACTORS[:3], 2),
            **_maybe(lot, population=["civilian", "military"]),
        }
        for _ in range(lot.choice([0, 0, 0, 1, 2]))
    ]
    return {
        "source": lot.choice(SOURCES),
        "speakers": speakers,
        "figures": figures,
        "factuality": lot.choice(["actual", "actual", "actual", "expected"]),
        "status": lot.choice(["draft", "reviewed", "disputed", "rejected"]),
        **_maybe(
            lot,
            quotation_type=["direct", "indirect", "mixed"],
            lang=["en", "hy", "az-Cyrl", "az"],
            reported_at=[*DATES],
        ),
    }


def _world(seed: int, statements: int) -> list[Json]:
    lot = random.Random(seed)
    lines = [actor(one) for one in ACTORS]
    lines += [actor("agency", kind="media"), actor("daily", kind="media")]
    lines += [topic("world"), topic("region", broader=["world"]), topic("town", broader=["region"])]
    lines += [topic("theme"), topic("loop"), topic("pool", broader=["loop", "world"])]
    lines += [topic("loop", broader=["pool"])]
    lines += [
        source("paper", publisher="daily", published_at="2020-10-22"),
        source("wire", publisher="agency", published_at="2020-10"),
        source("blog"),
        source("none", published_at="2020-09-27/.."),
    ]
    for number in range(statements):
        reports = [_report(lot) for _ in range(lot.choice([0, 1, 1, 1, 2, 3]))]
        members = _maybe(
            lot,
            said_at=[*DATES],
            speech_act=["assertion", "denial", "threat"],
            polarity=["affirmed", "negated"],
        )
        earlier = [
            f"said-{one}" for one in lot.sample(range(number), min(number, lot.randint(0, 2)))
        ]
        types = ["denies", "confirms", "repeats"]
        lines += said(
            f"said-{number}",
            *reports,
            topics=_some(lot, TOPICS, 3),
            about=_some(lot, ACTORS, 2),
            relations=[{"type": lot.choice(types), "statement": one} for one in earlier],
            **members,
        )
    return lines


WORLD = _world(20201022, 150)
ORACLE = Oracle(WORLD)


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param) as database:
        fill(database, WORLD)
        database.count_rows()
        with served(database) as client:
            yield client


QUESTIONS: list[Asked] = [
    {},
    {"speaker": ["actor-0"]},
    {"speaker": ["actor-1", "actor-2"], "quotation_type": ["direct"]},
    {"topic": ["world"]},
    {"topic": ["loop"], "polarity": ["negated"]},
    {"publisher": ["daily"], "status": ["reviewed", "rejected"]},
    {"factuality": ["expected", "actual"]},
    {"measure": ["killed"]},
    {"measure": ["killed"], "population": ["civilian"], "party": ["actor-0", "actor-1"]},
    {"speaker_status": ["unattributed", "named"], "lang": ["az"]},
    {"said_from": ["2020-10"], "said_to": ["2020-10"]},
    {"related_to": ["said-3", "said-7", "said-11"]},
    {"relation": ["denies"], "about": ["actor-3"]},
    {"has_figures": ["false"], "speech_act": ["denial"]},
    {"speaker": ["actor-1"], "topic": ["world"], "measure": ["missing", "wounded"]},
]
IDS = [urlencode(one, doseq=True) or "everything" for one in QUESTIONS]


def _get(client: TestClient, path: str, asked: Asked, **more: Any) -> Json:
    response = client.get(f"/v1/{path}?{urlencode({**asked, **more}, doseq=True)}")
    assert response.status_code == 200, response.text[:500]
    answer: Json = response.json()
    return answer


# --- facets -------------------------------------------------------------------------------------


def _values(asked: Asked) -> dict[str, dict[str, set[str]]]:
    """The statements that have each value of each facet, found one by one."""
    found: dict[str, dict[str, set[str]]] = {facet: defaultdict(set) for facet in Facet}

    def note(facet: str, value: Any, statement: str) -> None:
        if value is not None:
            found[facet][value].add(statement)

    statements = ORACLE.statements(asked)
    for id in statements:
        one = ORACLE.records["statement"][id]
        note("speech_act", one.get("speech_act"), id)
        note("polarity", one.get("polarity", "affirmed"), id)
        for actor_id in one["about"]:
            note("about", actor_id, id)
        for topic_id in TOPICS:
            if ORACLE.narrower([topic_id]) & {*one["topics"]}:
                note("topic", topic_id, id)
        for relation in one["relations"]:
            if relation["statement"] in asked.get("related_to", [relation["statement"]]):
                note("relation", relation["type"], id)
    for report_id in ORACLE.attributions(asked):
        report = ORACLE.records["attribution"][report_id]
        id = report["statement"]
        assert id in statements
        for name in ("source", "quotation_type", "factuality", "lang", "status"):
            note(name, report.get(name), id)
        note("publisher", ORACLE.records["source"][report["source"]].get("publisher"), id)
        for speaker in report["speakers"]:
            note("speaker", speaker.get("actor"), id)
            note("on_behalf_of", speaker.get("on_behalf_of"), id)
            note("speaker_status", speaker.get("status"), id)
        if not report["speakers"]:
            note("speaker_status", "unattributed", id)
        for figure in report["figures"]:
            if all(
                figure.get(name) in asked.get(name, [figure.get(name)])
                for name in ("measure", "population")
            ) and ("party" not in asked or {*asked["party"]} & {*figure["parties"]}):
                note("measure", figure["measure"], id)
                note("population", figure.get("population"), id)
                for party in figure["parties"]:
                    note("party", party, id)
    return found


@pytest.mark.parametrize("asked", QUESTIONS, ids=IDS)
def test_facets_count_what_the_oracle_counts(client: TestClient, asked: Asked) -> None:
    answer = _get(client, "facets", asked, facet=[*Facet], limit=100)
    statements = ORACLE.statements(asked)
    assert answer["count"] == len(statements)
    assert [one["facet"] for one in answer["facets"]] == [*Facet]
    expected = _values(asked)
    for one in answer["facets"]:
        values = expected[one["facet"]]
        counts = {value["value"]: value["count"] for value in one["values"]}
        assert counts == {value: len(having) for value, having in values.items()}, one["facet"]
        assert one["missing"] == len(statements - set().union(*values.values())), one["facet"]
        assert not one["more"]


@pytest.mark.parametrize("asked", QUESTIONS[:9], ids=IDS[:9])
def test_a_count_is_what_the_filter_finds(client: TestClient, asked: Asked) -> None:
    """Whoever adds a value to what was asked gets as many statements as the facet says."""
    answer = _get(client, "facets", asked, facet=[*Facet], limit=100)
    tried = 0
    for one in answer["facets"]:
        facet = one["facet"]
        if facet in asked or facet == "lang":  # repeating means or; `az` takes in `az-Cyrl`
            continue
        for value in one["values"][: 1 if asked else 2]:
            found = _get(
                client, "statements", {**asked, facet: [value["value"]]}, count="exact", limit=1
            )
            # A filter on reports asks of those that are listed; without one, all statements are.
            assert found["count"] == value["count"], (facet, value)
            tried += 1
    assert tried > 10


def test_the_oracle_has_much_to_count() -> None:
    found = _values({"factuality": ["actual", "expected"]})
    assert len(ORACLE.statements({})) > 100
    assert all(len(values) >= 2 for values in found.values())
    assert all(0 < len(ORACLE.statements(asked)) < 150 for asked in QUESTIONS[1:])


def test_values_come_commonest_first_and_by_id_among_equals(client: TestClient) -> None:
    for one in _get(client, "facets", {}, facet=[*Facet], limit=100)["facets"]:
        ranked = [(-value["count"], value["value"]) for value in one["values"]]
        assert ranked == sorted(ranked), one["facet"]


def test_a_facet_is_cut_off_where_it_is_asked_to_be(client: TestClient) -> None:
    (whole,) = _get(client, "facets", {}, facet="speaker", limit=1000)["facets"]
    assert len(whole["values"]) == 6
    for limit in range(1, 8):
        (cut,) = _get(client, "facets", {}, facet="speaker", limit=limit)["facets"]
        assert cut["values"] == whole["values"][:limit]
        assert cut["more"] == (limit < 6)
        assert cut["missing"] == whole["missing"]


def test_records_are_named_and_other_values_are_not(client: TestClient) -> None:
    facets = {
        one["facet"]: one["values"][0]
        for one in _get(client, "facets", {}, facet=[*Facet])["facets"]
    }
    assert facets["speaker"]["label"] == facets["speaker"]["value"]
    assert facets["topic"]["label"] == facets["topic"]["value"]
    assert facets["source"]["label"] is None  # it has no title
    assert facets["quotation_type"]["label"] is None


def test_a_facet_that_is_named_twice_is_counted_once(client: TestClient) -> None:
    answer = _get(client, "facets", {}, facet=["lang", "status", "lang"])
    assert [one["facet"] for one in answer["facets"]] == ["lang", "status"]


def test_without_a_name_the_usual_facets_are_counted(client: TestClient) -> None:
    answer = _get(client, "facets", {})
    assert [one["facet"] for one in answer["facets"]] == [
        "speaker",
        "topic",
        "publisher",
        "quotation_type",
    ]


def test_languages_are_blind_to_case(database: Database) -> None:
    langs = ["AZ-cyrl", "az-Cyrl", "en-gb", "en-a-BB-cccc"]
    reports = [said(f"said-{number}", {"lang": lang}) for number, lang in enumerate(langs)]
    fill(database, [source("paper"), *[line for lines in reports for line in lines]])
    with served(database) as client:
        (one,) = _get(client, "facets", {}, facet="lang")["facets"]
        counts = {value["value"]: value["count"] for value in one["values"]}
        assert counts == {"az-Cyrl": 2, "en-GB": 1, "en-a-bb-cccc": 1}


def test_a_retracted_statement_is_counted_nowhere(database: Database) -> None:
    """Its reports stay as they are."""
    speaker = {"speakers": [{"actor": "actor-0", "status": "named"}], "quotation_type": "direct"}
    lines = [*said("said-0", speaker), *said("said-1", speaker, {"reported_at": "2020"})]
    fill(database, [actor("actor-0"), source("paper", publisher="actor-0"), *lines])
    with database.writer() as writer:
        expected, why = Expected(any=True), Why("tester")
        withdraw.retract(writer, RecordType.statement, "said-1", expected, why)
    with served(database) as client:
        facets = _get(client, "facets", {}, facet=list(Facet))
        assert facets["count"] == 1
        for one in facets["facets"]:
            assert [value["count"] for value in one["values"]] in ([], [1]), one
            assert one["missing"] in (0, 1)
        assert _get(client, "timeline", {}, group_by="speaker")["groups"][0]["count"] == 1


# --- timeline -----------------------------------------------------------------------------------


def _week(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    monday, sunday = (date.fromisocalendar(year, week, one) for one in (1, 7))
    return f"{monday}/{sunday}"


def _bucket(day: str, interval: str) -> str:
    return _week(day) if interval == "week" else day[: INTERVALS[interval]]


def _coarse(first: str, last: str) -> str:
    for length in (7, 4):
        if first[:length] == last[:length]:
            return first[:length]
    return f"{first[:4]}/{last[:4]}"


def _series(ids: set[str], interval: str) -> Json:
    """A series, from the days of the statements one by one."""
    buckets: dict[str, Counter[str]] = defaultdict(Counter)
    imprecise: dict[str, Counter[str]] = defaultdict(Counter)
    undated: Counter[str] = Counter()
    for id in ids:
        stretch, basis = ORACLE.day(ORACLE.records["statement"][id])
        if stretch is None or basis is None:
            undated["unknown"] += 1
        elif stretch[0] == "" or stretch[1] == "9":
            undated["open"] += 1
        else:
            first, last = (one[:10] for one in stretch)
            bucket = _bucket(first, interval)
            if bucket == _bucket(last, interval):
                buckets[bucket][basis] += 1
            else:
                imprecise[_coarse(first, last)][basis] += 1

    def counts(found: dict[str, Counter[str]]) -> list[Json]:
        return [
            {
                "date": name,
                "count": one.total(),
                "said": one["said"],
                "reported": one["reported"],
            }
            for name, one in sorted(found.items())
        ]

    return {
        "count": len(ids),
        "buckets": [{**one, "start": _first(one["date"])} for one in counts(buckets)],
        "imprecise": counts(imprecise),
        "undated": {
            "count": undated.total(),
            "open": undated["open"],
            "unknown": undated["unknown"],
        },
    }


def _first(name: str) -> str:
    """The first day of a bucket."""
    return name[:10] if len(name) >= 10 else f"{name}-01-01"[:10]


@pytest.mark.parametrize("asked", QUESTIONS, ids=IDS)
def test_a_timeline_counts_what_the_oracle_counts(client: TestClient, asked: Asked) -> None:
    statements = ORACLE.statements(asked)
    for interval in (*INTERVALS, "week"):
        answer = _get(client, "timeline", asked, interval=interval)
        assert answer == {
            **_series(statements, interval),
            "interval": interval,
            "group_by": None,
            "groups": [],
            "others": None,
            "missing": None,
        }


@pytest.mark.parametrize("group_by", [*Grouping])
@pytest.mark.parametrize("asked", QUESTIONS[:6], ids=IDS[:6])
def test_a_grouped_timeline_counts_what_the_oracle_counts(
    client: TestClient, asked: Asked, group_by: str
) -> None:
    answer = _get(client, "timeline", asked, interval="month", group_by=group_by)
    values = _values(asked)[group_by]
    assert len(values) <= 20
    ranked = sorted(values, key=lambda value: (-len(values[value]), value))
    assert [one.pop("value") for one in answer["groups"]] == ranked
    for value, one in zip(ranked, answer["groups"], strict=True):
        label = one.pop("label")
        assert label == (None if group_by == "quotation_type" else value)
        assert one == _series(values[value], "month"), value
    assert answer["others"] == _series(set(), "month")
    without = ORACLE.statements(asked) - set().union(*values.values())
    assert answer["missing"] == _series(without, "month")


def test_the_oracle_has_every_kind_of_date() -> None:
    series = _series(ORACLE.statements({}), "day")
    assert len(series["buckets"]) > 1
    assert len(series["imprecise"]) > 3
    assert series["undated"]["open"] > 3
    assert series["undated"]["unknown"] > 3
    assert any(one["said"] and one["reported"] for one in series["buckets"])


def test_small_groups_are_counted_together(database: Database) -> None:
    """Once each, also those that several small groups share."""
    names = [f"actor-{number:02}" for number in range(24)]
    lines = [source("paper"), *[actor(name) for name in names]]
    lines += said("all", {"speakers": by(*names)}, said_at="2020-10-22")
    lines += said("few", {"speakers": by(*names[21:])}, {"speakers": by(names[0])}, said_at="2021")
    lines += said("small", {"speakers": by(names[20])}, said_at="2020-10-23")
    lines += said("none", {}, said_at="2020-10-24")
    for number in range(20):
        lines += said(f"own-{number}", {"speakers": by(names[number])}, said_at="2019-01-01")
    fill(database, lines)
    with served(database) as client:
        answer = _get(client, "timeline", {}, interval="year", group_by="speaker")
    assert [one["value"] for one in answer["groups"]] == [*names[:1], *names[1:20]]
    assert [one["count"] for one in answer["groups"]] == [3] + [2] * 19
    others = {one["date"]: one["count"] for one in answer["others"]["buckets"]}
    assert others == {"2020": 2, "2021": 1}
    assert answer["others"]["count"] == 3
    assert [one["date"] for one in answer["missing"]["buckets"]] == ["2020"]
    assert answer["missing"]["count"] == 1


BUCKETS = [
    ("2020-12-31", "week", "2020-12-28/2021-01-03", None),
    ("2021-01-01", "week", "2020-12-28/2021-01-03", None),
    ("2021-01-04", "week", "2021-01-04/2021-01-10", None),
    ("2020-10-25", "week", "2020-10-19/2020-10-25", None),
    ("2020-10-26T00:00Z", "week", "2020-10-26/2020-11-01", None),
    ("2020-10-26T01:00+04:00", "week", "2020-10-19/2020-10-25", None),
    ("2020-10-20/2020-10-21", "week", "2020-10-19/2020-10-25", None),
    ("2020-10-25/2020-10-26", "week", None, "2020-10"),
    ("2020-10", "week", None, "2020-10"),
    ("1969-12-31T23:59:59Z", "day", "1969-12-31", None),
    ("1970-01-01", "day", "1970-01-01", None),
    ("1968-02-29", "month", "1968-02", None),
    ("2020-10-22T18:00", "day", None, "2020-10"),
    ("2020-10-22T18:00", "month", "2020-10", None),
    ("2020-10-31/2020-11-01", "month", None, "2020"),
    ("2020-12-31/2021-01-01", "month", None, "2020/2021"),
    ("2020", "month", None, "2020"),
    ("2020~", "year", "2020", None),
    ("2020-XX-XX", "year", "2020", None),
    ("2020-24", "year", None, "2020/2021"),
    ("202X", "year", None, "2020/2029"),
    ("19XX", "day", None, "1900/1999"),
    ("0001", "year", "0001", None),
    ("0001-01-01", "week", "0001-01-01/0001-01-07", None),
    ("9999-12-31", "week", "9999-12-27/9999-12-31", None),
    ("9999-12-31", "year", "9999", None),
]
"""A date, an interval, and the bucket that holds all of it, or else what it is listed under."""
EDGES = [
    ("0001-01-01T00:00+14:00", "day", "0001-01-01", None),
    ("9999-12-31T23:00-12:00", "month", "9999-12", None),
]
"""Dates that a zone pushes out of the years 1 to 9999."""


def test_a_date_is_in_the_bucket_that_holds_all_of_it(database: Database) -> None:
    cases = [*BUCKETS, *EDGES]
    lines = [topic(f"case-{number}") for number in range(len(cases))]
    for number, (said_at, *_) in enumerate(cases):
        lines += said(f"said-{number}", said_at=said_at, topics=[f"case-{number}"])
    fill(database, lines)
    with served(database) as client:
        for number, (said_at, interval, bucket, imprecise) in enumerate(cases):
            case = {"topic": [f"case-{number}"]}
            answer = _get(client, "timeline", case, interval=interval)
            assert [one["date"] for one in answer["buckets"]] == ([bucket] if bucket else []), (
                said_at
            )
            found = [one["date"] for one in answer["imprecise"]]
            assert found == ([imprecise] if imprecise else []), said_at
            assert answer["undated"] == {"count": 0, "open": 0, "unknown": 0}
            if number < len(BUCKETS):
                # What it is called asks for the same stretch of time.
                name = bucket or imprecise
                found = _get(client, "statements", case, said_from=name, said_to=name)["items"]
                assert len(found) == 1, said_at


def test_a_bucket_asks_for_its_statements(client: TestClient) -> None:
    """With the imprecise and open ones, which may belong to it, and with none but them."""
    for interval in ("day", "week", "month", "year"):
        answer = _get(client, "timeline", {}, interval=interval)
        most = sum(one["count"] for one in answer["imprecise"]) + answer["undated"]["open"]
        assert len(answer["buckets"]) > 1
        for one in answer["buckets"]:
            asked = {"said_from": one["date"], "said_to": one["date"], "count": "exact"}
            found = _get(client, "statements", {}, **asked, limit=1)["count"]
            assert one["count"] <= found <= one["count"] + most


def test_nothing_is_lost(client: TestClient) -> None:
    for asked in QUESTIONS:
        everything = _get(client, "statements", asked, count="exact", limit=1)["count"]
        for interval in ("day", "week", "month", "year"):
            answer = _get(client, "timeline", asked, interval=interval)
            dated = [*answer["buckets"], *answer["imprecise"]]
            assert answer["count"] == everything
            assert sum(one["count"] for one in dated) + answer["undated"]["count"] == everything


# --- both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["timeline", "facets"])
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("speaker=no-such-one", "speaker"),
        ("speeker=actor-0", "speeker"),
        ("order=said_at", "order"),
        ("cursor=x", "cursor"),
        ("said_from=soon", "said_from"),
        ("said_from=2021&said_to=2020", "said_to"),
        ("format=csv", "format"),
        ("known_at=then", "known_at"),
        ("q=(", "q"),
        ("lang=en&lang=-", "lang"),
    ],
)
def test_what_does_not_fit_is_refused(
    client: TestClient, path: str, query: str, named: str
) -> None:
    (parameter,) = refused(client.get(f"/v1/{path}?{query}"))
    assert parameter.partition("/")[0] == named


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("timeline?interval=hour", "interval"),
        ("timeline?interval=day&interval=week", "interval"),
        ("timeline?group_by=lang", "group_by"),
        ("timeline?limit=5", "limit"),
        ("timeline?facet=speaker", "facet"),
        ("facets?facet=speakers", "facet"),
        ("facets?limit=0", "limit"),
        ("facets?interval=day", "interval"),
    ],
)
def test_each_takes_its_own_parameters(client: TestClient, query: str, named: str) -> None:
    assert refused(client.get(f"/v1/{query}")).keys() == {named}


def test_a_search_is_counted_too(bundled: Database) -> None:
    with served(bundled) as client:
        found = _get(client, "statements", {"q": ["Putin"]}, count="exact")["count"]
        assert 0 < found < 22
        assert _get(client, "timeline", {"q": ["Putin"]})["count"] == found
        assert _get(client, "facets", {"q": ["Putin"]})["count"] == found


def test_the_bundled_record_in_a_month(bundled: Database) -> None:
    with served(bundled) as client:
        answer = _get(client, "timeline", {}, interval="day")
        assert [(one["date"], one["said"], one["reported"]) for one in answer["buckets"]] == [
            ("2020-10-22", 1, 0),
            ("2020-10-23", 0, 21),
        ]
        (facet,) = _get(client, "facets", {}, facet="measure")["facets"]
        assert {one["value"]: one["count"] for one in facet["values"]} == {
            "killed": 4,
            "casualties": 2,
            "wounded": 1,
        }


def test_as_it_was_known(bundled: Database) -> None:
    with served(bundled) as client:
        asked = {"facet": ["speaker", "topic", "publisher"], "group_by": "speaker"}
        paths = (("facets", "facet"), ("timeline", "group_by"))
        before = [_get(client, path, {}, **{name: asked[name]}) for path, name in paths]
        newest = _get(client, "attributions", {}, order="-recorded_at", limit=1)["items"][0]
        fill(
            bundled,
            [
                actor("vladimir-putin", name="Another name"),
                topic("casualties", broader=["diplomacy"]),
                source(
                    "fighting-rages-in-nagorno-karabakh", publisher="russia", published_at="2019"
                ),
                *said("new", {"speakers": by("vladimir-putin"), "source": newest["source"]["id"]}),
            ],
        )
        then = [
            _get(client, path, {}, **{name: asked[name]}, known_at=newest["updated_at"])
            for path, name in paths
        ]
        now = [_get(client, path, {}, **{name: asked[name]}) for path, name in paths]
        assert then == before
        assert all(one["count"] == 23 for one in now)
        assert now[0]["facets"][0]["values"][0]["label"] == "Another name"
        assert now[0]["facets"][1] != before[0]["facets"][1]
        assert now[0]["facets"][2]["missing"] == 0


def test_answers_are_what_openapi_says(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, shape in (("timeline", Timeline), ("facets", Facets)):
        content = paths[f"/v1/{path}"]["get"]["responses"]["200"]["content"]
        assert content.keys() == {"application/json"}
        answer = _get(client, path, {}, **({"group_by": "topic"} if path == "timeline" else {}))
        assert shape.model_validate(answer, strict=False).model_dump(mode="json") == answer


def test_examples_are_what_the_bundled_record_answers(bundled: Database) -> None:
    with served(bundled) as client:
        paths = client.get("/openapi.json").json()["paths"]
        for path, more in (("timeline", {}), ("facets", {"facet": "party"})):
            content = paths[f"/v1/{path}"]["get"]["responses"]["200"]["content"]
            assert content["application/json"]["example"] == _get(client, path, {}, **more)


def test_answers_have_tags_and_one_form(client: TestClient) -> None:
    for path in ("/v1/timeline", "/v1/facets"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert client.head(path).headers["etag"] == first.headers["etag"]
        assert client.get(f"{path}?format=json").content == first.content
        assert client.get(path, headers={"Accept": "text/csv"}).status_code == 406


def test_both_databases_answer_alike(request: pytest.FixtureRequest, templates: Templates) -> None:
    answers: list[list[bytes]] = []
    facets = "&".join(f"facet={one}" for one in Facet)
    urls = [f"/v1/facets?limit=100&{facets}", f"/v1/facets?limit=2&{facets}"]
    urls += [f"/v1/timeline?interval=day&group_by={one}" for one in Grouping]
    for engine in ENGINES:
        with opened(request, templates, engine) as database:
            fill(database, FILTERS)
            with served(database) as client:
                answers.append([client.get(url).content for url in urls])
    assert answers[0] == answers[1]
    assert all(len(one) > 500 for one in answers[0])


def test_it_costs_as_many_queries_whatever_there_is(database: Database) -> None:
    seen: list[str] = []

    def see(_c: Any, _cursor: Any, text: str, _p: Any, _context: Any, _many: bool) -> None:
        # Who delivers changes looks now and then, in a transaction of its own, for any.
        if "webhook" not in text and not text.startswith("BEGIN"):
            seen.append(text)

    facets = "&".join(f"facet={one}" for one in Facet)
    counts = []
    with served(database) as client:
        for seed, number in ((1, 20), (2, 60)):
            fill(database, _world(seed, number))
            for url in (f"/v1/facets?{facets}", "/v1/timeline?group_by=topic", "/v1/timeline"):
                client.get(f"{url}{'&' if '?' in url else '?'}format=json")  # remembers labels
                event.listen(database.engine, "before_cursor_execute", see)
                assert client.get(url).status_code == 200
                event.remove(database.engine, "before_cursor_execute", see)
                counts.append(len(seen))
                seen.clear()
    assert counts[:3] == counts[3:]
    assert 0 < counts[0] <= len(Facet) + 8
    assert counts[1] <= 10
