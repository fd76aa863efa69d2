"""`/v1/export`: everything or what a filter selects, as a file that any store takes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from app.api import export as api
from app.db import Database
from app.models import IDENTITIES, RECORDS, REVISION, VERSIONS
from app.models.base import RecordType, State
from app.models.statement import LISTING
from app.settings import Settings
from app.store import export, ledger, project, read
from app.store.keyset import KeySet
from tests import factories
from tests.application import application
from tests.cases import Cases
from tests.conftest import ENGINES, Templates
from tests.factories import (
    actor,
    attribution,
    clear,
    denies,
    eventful,
    fill,
    load,
    member_of,
    source,
    statement,
    topic,
)
from tests.questions import Asked, ids, opened, problem, refused, served
from tests.test_filters import RandomWorld

Json = dict[str, Any]
Named = tuple[str, str]
"""A record, by its type and id."""


# --- reading a file -----------------------------------------------------------------------------


def exported(client: TestClient, **asked: Any) -> list[Json]:
    answer = client.get("/v1/export", params=asked)
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.content.splitlines()]


def names(records: Iterable[Json]) -> list[Named]:
    return [(one["type"], one["id"]) for one in records]


def references(record: Json) -> set[Named]:
    """Every record that a line names."""
    body = {name: value for name, value in record.items() if name != "type"}
    shape = RECORDS[RecordType(record["type"])]
    return {
        (one.type.value, one.id) for one in shape.model_validate_json(json.dumps(body)).targets()
    }


def around(records: Iterable[Json], statements: Iterable[str]) -> set[Named]:
    """What a file with these statements must hold: them with all reports of them, every record
    that is named by one in it, and of statements among these all reports too."""
    by_name = {(one["type"], one["id"]): one for one in records}
    waiting = [("statement", id) for id in statements]
    found: set[Named] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += references(by_name[name])
        if name[0] == "attribution":
            waiting.append(("statement", by_name[name]["statement"]))
        if name[0] == "statement":
            waiting += [
                other
                for other, one in by_name.items()
                if other[0] == "attribution" and one["statement"] == name[1]
            ]
    return found


# --- everything ---------------------------------------------------------------------------------


def test_the_whole_record_comes_as_from_the_command_line(
    client: TestClient, bundled: Database
) -> None:
    answer = client.get("/v1/export")
    with bundled.reader() as reader:
        lines = list(export.lines(reader))
    assert answer.content == b"".join(lines)
    assert len(lines) == 73
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="onrecord.ndjson"'


def test_what_no_list_shows_is_in_the_whole_record(database: Database) -> None:
    lines = [
        source("s", text="private"),
        statement("x"),
        attribution("r", "x", "s", status="rejected"),
        actor("nobody"),
    ]
    fill(database, lines)
    with served(database) as client:
        assert client.get("/v1/statements").json()["items"] == []
        assert sorted(names(exported(client))) == sorted(names(lines))
        assert "private" not in client.get("/v1/export").text
        assert sorted(names(exported(client, status="rejected"))) == sorted(names(lines[:3]))


def test_an_empty_store_gives_an_empty_file(database: Database) -> None:
    with served(database) as client:
        assert exported(client) == []


def test_a_long_file_comes_in_portions(reading: TestClient) -> None:
    portions = list(api._portions([b"a" * 40_000, b"b" * 40_000, b"c"]))
    assert portions == [b"a" * 40_000 + b"b" * 40_000, b"c"]
    assert list(api._portions([])) == []
    with reading.stream("GET", "/v1/export") as answer:
        assert "content-length" not in answer.headers


# --- what a filter selects ----------------------------------------------------------------------

WORLD = [
    topic("wide"),
    topic("narrow", broader=["wide"]),
    topic("place", kind="place"),
    topic("unused"),
    actor("speaker", memberships=[{"organization": "office", "source": "register"}]),
    actor("office", memberships=member_of("state")),
    actor("state"),
    actor("agency"),
    actor("party"),
    actor("unused"),
    source("register", publisher="state"),
    source("story", publisher="agency"),
    source("copy", derived_from=["story"]),
    source("other"),
    source("unused"),
    statement("x", topics=["narrow"], relations=denies("y"), content_from="x-copy"),
    attribution("x-copy", "x", "copy", speakers=[{"actor": "speaker"}]),
    attribution("x-other", "x", "other", status="rejected"),
    statement("y", relations=denies("y")),
    attribution("y-other", "y", "other", figures=[factories.figure(parties=["party"])]),
    statement("outer"),
    attribution("outer-copy", "outer", "copy"),
    attribution("outer-other", "outer", "other", reported_at="2020"),
    statement("inner"),
    attribution(
        "inner-copy",
        "inner",
        "copy",
        parent="outer-copy",
        figures=[factories.figure(place="place")],
    ),
    statement("unused"),
    attribution("unused-other", "unused", "other"),
]


SELECTING: list[tuple[dict[str, str], list[str], list[str]]] = [
    ({"speaker": "speaker"}, ["x"], ["y"]),
    ({"topic": "wide"}, ["x"], ["y"]),
    ({"related_to": "y"}, ["x", "y"], []),
    ({"party": "party"}, ["y"], []),
    ({"source": "copy", "has_figures": "true"}, ["inner"], ["outer"]),
    ({"said_from": "2020", "said_to": "2020"}, ["outer"], []),
    ({"speaker": "unused"}, [], []),
]
"""What is asked, the statements that are found, and those that come along."""


def test_a_filter_selects_statements_with_all_that_they_refer_to(database: Database) -> None:
    fill(database, WORLD)
    with served(database) as client, Cases() as cases:
        for asked, selected, others in SELECTING:
            with cases.named(asked):
                assert ids(client.get("/v1/statements", params=asked)) == selected[::-1]
                found = exported(client, **asked)
                assert Counter(names(found)) == Counter(around(WORLD, selected))
                shown = [id for type, id in names(found) if type == "statement"]
                assert sorted(shown) == sorted([*selected, *others])
                assert all(factories.given(one) in WORLD for one in found)
                assert "unused" not in {id for _, id in names(found)}


def test_a_selected_statement_comes_with_the_reports_that_do_not_fit(database: Database) -> None:
    """Without them it would be dated otherwise, and what contradicts would be hidden."""
    lines = [
        source("early", published_at="2020-10-22"),
        source("late", published_at="2020-10-25"),
        statement("x"),
        attribution("r1", "x", "early", status="disputed"),
        attribution("r2", "x", "late"),
    ]
    fill(database, lines)
    with served(database) as client:
        asked = {"source": "late", "said_to": "2020-10-22"}
        assert names(exported(client, **asked)) == [
            ("statement", "x"),
            ("source", "early"),
            ("attribution", "r1"),
            ("source", "late"),
            ("attribution", "r2"),
        ]


def test_pages_are_joined_without_doubles_or_gaps(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 3 * 4 + 1
    lines = [
        source("s"),
        *[statement(f"x{one}", relations=denies(f"y{one}")) for one in range(count)],
        *[statement(f"y{one}", polarity="negated") for one in range(count)],
        *[attribution(f"r{one}", f"x{one}", "s", lang="en") for one in range(count)],
        *[attribution(f"q{one}", "x0", "s", parent=f"r{one}") for one in range(count)],
    ]
    fill(database, lines)
    monkeypatch.setattr(export, "SIZE", 4)
    with served(database) as client:
        for asked in ({"lang": "en"}, {"polarity": "affirmed"}, {}):
            assert Counter(names(exported(client, **asked))) == Counter(names(lines))


@pytest.fixture(scope="module", params=ENGINES)
def stores(request: pytest.FixtureRequest, templates: Templates) -> Iterator[list[Database]]:
    """Two empty stores."""
    with ExitStack() as stack:
        yield [stack.enter_context(opened(request, templates, request.param)) for _ in range(2)]


@pytest.mark.parametrize("seed", range(2))
def test_the_same_filter_finds_the_same_in_the_store_that_takes_the_file(
    stores: list[Database], seed: int
) -> None:
    here, there = stores
    world = RandomWorld(seed)
    clear(here)
    load(here, world.records)
    tried = 0
    with served(here) as client, served(there) as other:
        whole = exported(client)
        while tried < 5:
            asked = world.question()
            found = answers(client, asked)
            if not found["/v1/statements"]:
                continue
            tried += 1
            content = client.get("/v1/export", params=asked).content
            file = [json.loads(line) for line in content.splitlines()]
            assert set(names(file)) == around(whole, found["/v1/statements"])
            clear(there)
            assert load(there, content).errors == {}, asked
            # Of several values, one that fits nothing may name a record that is not in the file.
            known = {id for _, id in names(file)}
            asked = {
                name: [one for one in values if one in known or not _is_id(one)]
                for name, values in asked.items()
            }
            assert answers(other, asked) == found, asked
            assert latest(exported(other)) == latest(file)


def _is_id(value: str) -> bool:
    return value.rpartition("-")[0] in ("person", "body", "topic", "source", "statement")


def answers(client: TestClient, asked: Asked) -> dict[str, list[str]]:
    query = urlencode(asked, doseq=True)
    shown = {"/v1/statements": "id", "/v1/attributions": "id", "/v1/figures": "as_worded"}
    return {
        path: sorted(ids(client.get(f"{path}?limit=100&fields={member}&{query}")))
        for path, member in shown.items()
    }


def latest(records: Iterable[Json]) -> dict[Named, Json]:
    """What a file leaves in a store: of each record the last line."""
    return {(one["type"], one["id"]): one for one in records}


# --- what is gone -------------------------------------------------------------------------------


def _key(database: Database, type: RecordType, id: str) -> int:
    with database.reader() as reader:
        return read.key_of(reader, type, id)


def end(database: Database, type: str, id: str, state: State, into: str | None = None) -> None:
    """Leave of a record what its retraction, redaction or merger leaves."""
    of = RecordType(type)
    key = _key(database, of, id)
    heir = _key(database, of, into) if into else None
    identity, versions = IDENTITIES[of], VERSIONS[of]
    with database.writer() as writer:
        head = ledger.head(writer)
        (known,) = project.identities(writer, [(of, id)]).values()
        revision: Json = {
            "seq": head.seq + 1,
            "recorded_at": max(ledger.now(), head.recorded_at),
            "type": type,
            "id": id,
            "version": known.version + 1,
            "change": state.value,
            "reason": "a test",
            "agent": "tester",
            "body_hash": ledger.body_hash(b""),
            "previous_hash": head.hash,
        }
        revision["hash"] = ledger.revision_hash(revision)
        writer.execute(REVISION.insert(), [revision])
        changed = {"state": state, "seq": head.seq + 1, "version": known.version + 1}
        if heir:
            changed["merged_into"] = heir
        writer.execute(update(identity).where(identity.c.key == key).values(changed))
        present = versions.c.until.is_(None) & (versions.c.key == key)
        writer.execute(update(versions).where(present).values(until=head.seq + 1))
        if of is RecordType.statement:
            present = LISTING.c.until.is_(None) & (LISTING.c.statement == key)
            writer.execute(update(LISTING).where(present).values(until=head.seq + 1))
        if state is State.redacted:
            of_it = (REVISION.c.type == type) & (REVISION.c.id == id)
            writer.execute(update(REVISION).where(of_it).values(body=None))


EVERYWHERE = [
    topic("t1"),
    topic("t2", broader=["t1"]),
    *[actor(f"a{one}") for one in range(5)],
    actor("m", memberships=[{"organization": "a1", "source": "s1"}, {"organization": "a2"}]),
    source("s1", publisher="a1"),
    source("s2", derived_from=["s1"], publisher="a2"),
    statement("x1"),
    statement(
        "x2",
        topics=["t1", "t2"],
        about=["a1", "a2"],
        content_from="r2",
        relations=[*denies("x1"), {"type": "confirms", "statement": "x2", "source": "s1"}],
    ),
    attribution("r1", "x1", "s2"),
    attribution(
        "r2",
        "x2",
        "s2",
        parent="r1",
        speakers=[
            {"actor": "a1"},
            {"actor": "a1", "on_behalf_of": "a1", "attribution_text": "he"},
            {"actor": "a2"},
        ],
        via=[{"actor": "a1"}, {"actor": "a2", "kind": "agency"}],
        addressees=[{"actor": "a1"}, {"actor": "a2"}],
        selectors=[
            {"role": "speaker", "index": 2, "exact": "words"},
            {"role": "addressee", "index": 1, "exact": "words"},
        ],
        figures=[factories.figure(parties=["a1", "a2"], place="t1")],
    ),
    attribution("r3", "x2", "s1"),
]
LOST: dict[Named, dict[Named, Json | None]] = {
    ("topic", "t1"): {
        ("topic", "t2"): topic("t2"),
        ("statement", "x2"): {"topics": ["t2"]},
        ("attribution", "r2"): {"figures": [factories.figure(parties=["a1", "a2"])]},
    },
    ("actor", "a1"): {
        ("actor", "m"): {"memberships": [{"organization": "a2"}]},
        ("source", "s1"): source("s1"),
        ("statement", "x2"): {"about": ["a2"]},
        ("attribution", "r2"): {
            "speakers": [{"status": "unresolved"}, {"attribution_text": "he"}, {"actor": "a2"}],
            "via": [{"kind": "other"}, {"actor": "a2", "kind": "agency"}],
            "addressees": [{"actor": "a2"}],
            "selectors": [
                {"role": "speaker", "index": 2, "exact": "words"},
                {"role": "addressee", "exact": "words"},
            ],
            "figures": [factories.figure(parties=["a2"], place="t1")],
        },
    },
    ("source", "s1"): {
        ("actor", "m"): {"memberships": [{"organization": "a1"}, {"organization": "a2"}]},
        ("source", "s2"): source("s2", publisher="a2"),
        ("statement", "x2"): {
            "relations": [*denies("x1"), {"type": "confirms", "statement": "x2"}]
        },
        ("attribution", "r3"): None,
    },
    ("statement", "x1"): {
        ("statement", "x2"): {
            "relations": [{"type": "confirms", "statement": "x2", "source": "s1"}]
        },
        ("attribution", "r1"): None,
        ("attribution", "r2"): {"parent": None},
    },
    ("attribution", "r2"): {("statement", "x2"): {"content_from": None}},
    ("attribution", "r1"): {("attribution", "r2"): {"parent": None}},
}
"""What is lost with a record: of others what they are then, or the members that change, or all."""


def test_no_line_names_what_is_gone(database: Database) -> None:
    with Cases() as cases:
        for (gone, changed), state in product(LOST.items(), (State.retracted, State.redacted)):
            with cases.named(gone, state):
                _check_gone(database, gone, changed, state)


def _check_gone(
    database: Database, gone: Named, changed: dict[Named, Json | None], state: State
) -> None:
    clear(database)
    fill(database, EVERYWHERE)
    end(database, *gone, state)
    expected: dict[Named, Json] = {}
    for one in EVERYWHERE:
        name = (one["type"], one["id"])
        change = changed.get(name, {})
        if name != gone and change is not None:
            whole = change if "type" in change else one | change
            expected[name] = factories.given(whole)
    with served(database) as client:
        found = exported(client)
        assert latest(found) == expected
        assert len(found) == len(expected)
        selected = exported(client, polarity="affirmed")
        assert latest(selected).items() <= expected.items()
        clear(database)
        assert load(database, found).errors == {}
        assert sorted(names(exported(client))) == sorted(expected)
    clear(database)
    assert load(database, selected).errors == {}


def test_the_survivor_of_a_merger_is_named(database: Database) -> None:
    fill(database, EVERYWHERE)
    end(database, "actor", "a1", State.merged, "a3")
    end(database, "topic", "t1", State.merged, "t2")  # which was narrower than the one merged
    end(database, "source", "s1", State.merged, "s2")  # which derived from it
    text = json.dumps(EVERYWHERE)
    for old, new in (("a1", "a3"), ("t1", "t2"), ("s1", "s2")):
        text = text.replace(f'"{old}"', f'"{new}"')
    expected = latest(json.loads(text))
    expected["topic", "t2"].pop("broader")
    for one in expected.values():  # two ids that have become one stand once
        if "topics" in one:
            one["topics"] = list(dict.fromkeys(one["topics"]))
    expected["source", "s2"].pop("derived_from")
    expected["actor", "a3"] = actor("a3")
    with served(database) as client:
        found = exported(client)
    assert latest(found) == expected
    clear(database)
    assert load(database, found).errors == {}


def test_records_that_need_each_other_come_whole(database: Database) -> None:
    """A line cannot stand before and after another: one of the two comes twice."""
    lines = [topic("a"), topic("b", broader=["a"]), topic("c", broader=["b"])]
    report = [source("s"), statement("x"), attribution("r", "x", "s")]
    nested = [attribution("q", "x", "s", parent="r"), attribution("r", "x", "s", parent="q")]
    fill(database, [*lines, topic("a", broader=["c"]), *report, *nested])
    fill(database, [statement("y", topics=["b"])])
    with served(database) as client:
        before = sorted(client.get("/v1/topics").json()["items"], key=str)
        for asked in ({}, {"polarity": "affirmed"}):
            found = exported(client, **asked)
            assert {id: n for (_, id), n in Counter(names(found)).items() if n > 1}.keys() <= {
                *("a", "b", "c"),
                *("q", "r"),
            }
            assert len(found) == len(set(names(found))) + 2
            assert latest(found)["topic", "a"] == topic("a", broader=["c"])
            assert latest(found)["attribution", "r"] == nested[1]
    clear(database)
    assert load(database, found).errors == {}
    with served(database) as client:
        after = sorted(client.get("/v1/topics").json()["items"], key=str)
        assert [one["broader"] for one in after] == [one["broader"] for one in before]


# --- one moment ---------------------------------------------------------------------------------


def test_a_file_is_of_one_moment_and_holds_no_connection_between_lines(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly it is taken: whoever writes meanwhile finds the one connection free."""
    monkeypatch.setattr(export, "SIZE", 2)
    lines = [
        *[actor(f"a{one}") for one in range(5)],
        source("s"),
        *[statement(f"x{one}", topics=[]) for one in range(5)],
        *[attribution(f"r{one}", f"x{one}", "s", lang="en") for one in range(5)],
    ]
    fill(database, lines)
    narrow = Database(database.url.render_as_string(hide_password=False), pool=1, busy_timeout=0.5)
    for statements in (None, KeySet(range(1, 6))):
        expected = [*export.stream(narrow.reader, None, statements)]
        slow = export.stream(narrow.reader, None, statements)
        found = [next(slow)]
        for number, line in enumerate(slow):
            one = number % 5
            changes = [actor(f"a{one}", name=str(number)), statement(f"x{one}", said_at="2021")]
            changes += [attribution(f"r{one}", f"x{(one + 1) % 5}", "s", lang="hy")]
            fill(narrow, [*changes, statement(f"new{number}")])
            found.append(line)
        assert found == expected
        clear(narrow)
        fill(narrow, lines)
    narrow.close()


def test_the_past_comes_as_it_was_taken_then(client: TestClient, bundled: Database) -> None:
    asked = {"speaker": "vladimir-putin"}
    whole, some = client.get("/v1/export"), client.get("/v1/export", params=asked)
    with bundled.reader() as reader:
        then = {"known_at": ledger.head(reader).recorded_at}
    end(bundled, "statement", "moscow-almost-5000-killed", State.retracted)
    line = next(one for one in exported(client) if one["id"] == "vladimir-putin")
    fill(bundled, [line | {"name": "V. V. Putin"}, statement("new")])
    assert client.get("/v1/export").content != whole.content
    assert client.get("/v1/export", params=then).content == whole.content
    assert client.get("/v1/export", params=asked | then).content == some.content
    assert client.get("/v1/export", params=asked).content != some.content
    assert exported(client, known_at="2020-01-01T00:00:00Z") == []
    assert refused(client.get("/v1/export", params=then | {"q": "killed"})) == {"q": "not_then"}


def test_what_was_redacted_since_is_not_in_the_past_either(
    client: TestClient, bundled: Database
) -> None:
    with bundled.reader() as reader:
        then = ledger.head(reader).recorded_at
    gone = ("statement", "moscow-almost-5000-killed")
    before = exported(client, known_at=then)
    assert gone in names(before)
    end(bundled, *gone, State.redacted)
    found = exported(client, known_at=then)
    assert gone not in names(found)
    assert not any(gone in references(one) for one in found)
    assert len(found) >= len(before) - 2  # it, and the report of it


# --- the answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("speaker=nobody", {"speaker": "unknown_id"}),
        ("speakr=nobody", {"speakr": "extra_forbidden"}),
        ("limit=5", {"limit": "extra_forbidden"}),
        ("said_from=2021&said_to=2020", {"said_to": "empty_range"}),
        ("known_at=yesterday", {"known_at": "invalid_instant"}),
        ("said_from=2020&said_from=2021", {"said_from": "repeated"}),
    ],
)
def test_what_does_not_fit_is_told_before_the_file_begins(
    reading: TestClient, query: str, faults: dict[str, str]
) -> None:
    assert refused(reading.get(f"/v1/export?{query}")) == faults
    assert reading.head(f"/v1/export?{query}").status_code == 422


def test_a_store_that_fails_is_told_before_the_file_begins(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError

    monkeypatch.setattr(export._File, "_plain_lines", broken)
    assert client.get("/v1/export").status_code == 500


def test_a_file_that_breaks_off_does_not_end_well(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last portion is missing, and the server closes the connection without an end mark."""
    write, written = export._File._put, 0

    def breaking(self: Any, *arguments: Any) -> bytes:
        nonlocal written
        written += 1
        if written > 50:
            raise ValueError("broken")
        return write(self, *arguments)

    monkeypatch.setattr(api, "PORTION", 1)
    monkeypatch.setattr(export._File, "_put", breaking)
    with TestClient(client.app) as strict, pytest.raises(ValueError, match="broken"):
        strict.get("/v1/export")


def test_head_does_not_run_the_export(reading: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    write, written = export._File._put, []

    def watched(self: Any, *arguments: Any) -> bytes:
        written.append(arguments)
        return write(self, *arguments)

    monkeypatch.setattr(api, "PORTION", 1)
    monkeypatch.setattr(export._File, "_put", watched)
    answer = reading.head("/v1/export")
    assert (answer.status_code, answer.content) == (200, b"")
    assert len(written) == 1  # the first page is asked for, so that HEAD tells of errors too
    got = reading.get("/v1/export")  # nothing of the half answer was remembered
    assert got.content.count(b"\n") == len(written) - 1 == 73
    same = ("etag", "content-type", "content-disposition")
    assert [answer.headers[name] for name in same] == [got.headers[name] for name in same]


def test_what_is_known_is_not_made_again(
    bundled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"topic": "casualties"}
    app = application(Settings(_env_file=None, cache=False), bundled)
    with TestClient(app) as client:
        tags = {
            client.get("/v1/export", params=params, headers={"Accept": accept}).headers["etag"]
            for params in ({}, asked, {"topic": "turkish-role"})
            for accept in ("application/x-ndjson", "application/jsonl")
        }
        assert len(tags) == 6
        tag = client.get("/v1/export", params=asked).headers["etag"]
        with monkeypatch.context() as patch:
            patch.setattr(export, "stream", None)
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*", f'{tag[:-1]}-zstd"'):
                answer = client.get("/v1/export", params=asked, headers={"If-None-Match": known})
                assert (answer.status_code, answer.content) == (304, b""), known
                assert answer.headers["etag"] in (tag, known)
        fill(bundled, [actor("new")])
        answer = client.get("/v1/export", params=asked, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer.headers["etag"] != tag


def test_it_is_to_be_had_as_lines_only(reading: TestClient) -> None:
    for accept in ("*/*", "application/*", "application/x-ndjson", "text/html, */*;q=0.1"):
        answer = reading.get("/v1/export", headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/x-ndjson"
    problem(reading.get("/v1/export", headers={"Accept": "text/csv"}), 406)


def test_the_same_bytes_come_every_time(database: Database) -> None:
    fill(database, *eventful())
    with served(database) as client:
        before = [
            client.get("/v1/export", params=asked).content
            for asked in ({}, {"polarity": "negated"})
        ]
        with database.writer() as writer:
            for _ in project.rebuild(writer):
                pass
        with database.reader() as reader:
            assert b"".join(export.lines(reader)) == before[0]
    with served(database) as client:  # with a new cache
        after = [
            client.get("/v1/export", params=asked).content
            for asked in ({}, {"polarity": "negated"})
        ]
    assert after == before
    assert before[1]


# --- a set of keys ------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 300)))
def test_keys_are_a_set(keys: list[int]) -> None:
    found = KeySet(keys)
    assert list(found) == sorted(set(keys))
    assert [key for key in range(1, 400) if key in found] == sorted(set(keys))
