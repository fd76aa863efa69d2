"""Checking anchors: against a slow, plain reading of the rules, over HTTP, and from the shell."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.cli import main
from app.db import Database
from app.models import REVISION, SNAPSHOT
from app.store import ledger, parse, verification
from app.store.verification import Status, Wording, check, places, wording
from tests.factories import attribution, fill, source, statement
from tests.questions import problem, served

Json = dict[str, Any]

# İ, և and the ligature change their length when they are folded, e + acute when it is composed.
TEXT = "İlham said: “ana banana”.\r\nև e\u0301 𐌰 ﬁn. Ana said: nothing."
SECRET = "Ana said: nothing"


def anchor(exact: str | None = None, **members: Any) -> Json:
    """A selector as a document has it: every member, null where it is not given."""
    members = {"role": "content", "exact": exact} | members
    names = ("role", "index", "exact", "prefix", "suffix", "start", "end")
    return {name: members.get(name) for name in names}


def at(start: int, end: int, text: str = TEXT, **members: Any) -> Json:
    return anchor(text[start:end], start=start, end=end, **members)


def judged(selector: Json, text: str | None = TEXT) -> tuple[str, list[int]]:
    (verdict,) = check([selector], text)
    return verdict.status.value, list(verdict.found)


# --- the rules ----------------------------------------------------------------------------------

ANA = TEXT.index("ana")
RULES: dict[str, tuple[Json, tuple[str, list[int]]]] = {
    "where it says": (at(ANA, ANA + 3), ("exact", [ANA])),
    "where it says, though not only there": (at(6, 10), ("exact", [6])),
    "where it says, in its surroundings": (
        at(6, 10, prefix="İlham ", suffix=": “"),
        ("exact", [6]),
    ),
    "elsewhere once": (anchor("İlham", start=1, end=6), ("moved", [0])),
    "elsewhere, in other surroundings than where it says": (
        at(6, 10, prefix="Ana "),
        ("moved", [TEXT.rindex("said")]),
    ),
    "elsewhere twice": (anchor("said", start=0, end=4), ("ambiguous", [6, TEXT.rindex("said")])),
    "elsewhere twice, told apart by the prefix": (
        anchor("said", start=0, end=4, prefix="İlham "),
        ("moved", [6]),
    ),
    "elsewhere twice, told apart by the suffix": (
        anchor("said", start=0, end=4, suffix=": n"),
        ("moved", [TEXT.rindex("said")]),
    ),
    "places overlap": (anchor("ana", prefix=None), ("ambiguous", [ANA, ANA + 5, ANA + 7])),
    "places that overlap, told apart": (anchor("ana", prefix="b"), ("exact", [ANA + 5])),
    "words only, once": (anchor("“ana"), ("exact", [ANA - 1])),
    "words only, twice": (anchor("said"), ("ambiguous", [6, TEXT.rindex("said")])),
    "words only, nowhere": (anchor("sold"), ("missing", [])),
    "words that end the text": (anchor("nothing.", suffix=""), ("exact", [len(TEXT) - 8])),
    "words that begin the text": (at(0, 5, prefix=""), ("exact", [0])),
    "more words before than there are": (at(0, 5, prefix="Mr "), ("missing", [])),
    "more words after than there are": (
        at(len(TEXT) - 8, len(TEXT), suffix=" "),
        ("missing", []),
    ),
    "where it says, but not in its surroundings": (at(6, 10, prefix="he "), ("missing", [])),
    "past the end of the text": (
        anchor("İlham", start=len(TEXT) - 2, end=len(TEXT) + 3),
        ("moved", [0]),
    ),
    "other letters of one kind": (anchor("ilham"), ("missing", [])),
    "composed": (anchor("é"), ("missing", [])),
    "as it stands": (anchor("e\u0301"), ("exact", [TEXT.index("e\u0301")])),
    "a ligature": (anchor("fin"), ("missing", [])),
    "another line end": (anchor("”.\nև"), ("missing", [])),
    "the same line end": (anchor("”.\r\nև"), ("exact", [TEXT.index("”")])),
    "after a letter of four bytes": (at(TEXT.index("ﬁ"), TEXT.index("ﬁ") + 2), ("exact", [34])),
    "offsets only": (anchor(start=6, end=10), ("unverifiable", [])),
    "offsets only, in their surroundings": (
        anchor(start=6, end=10, prefix="İlham ", suffix=":"),
        ("unverifiable", []),
    ),
    "offsets only, in other surroundings": (
        anchor(start=6, end=10, prefix="Ana "),
        ("missing", []),
    ),
    "offsets only, to the end": (anchor(start=0, end=len(TEXT)), ("unverifiable", [])),
    "offsets only, past the end": (anchor(start=0, end=len(TEXT) + 1), ("missing", [])),
}


@pytest.mark.parametrize(("selector", "expected"), RULES.values(), ids=RULES)
def test_a_selector_is_judged_by_the_rules(selector: Json, expected: tuple[str, list[int]]) -> None:
    assert judged(selector) == expected
    assert judged(selector, None) == ("unverifiable", [])


def test_whatever_is_not_exact_says_why() -> None:
    for selector, (status, _) in RULES.values():
        (verdict,) = check([selector], TEXT)
        assert bool(verdict.detail) == (status != "exact")


def test_missing_tells_words_that_stand_elsewhere_from_words_that_do_not() -> None:
    (elsewhere, nowhere) = check([anchor("said", prefix="she "), anchor("sold")], TEXT)
    assert elsewhere.detail != nowhere.detail


def naive(selector: Json, text: str) -> tuple[str, list[int]]:
    """The rules once more, place by place."""
    before, after = selector["prefix"] or "", selector["suffix"] or ""
    start, end, words = selector["start"], selector["end"], selector["exact"]

    def fits(begin: int, stop: int) -> bool:
        if stop > len(text) or text[:begin][len(text[:begin]) - len(before) :] != before:
            return False
        if len(before) > begin or text[stop : stop + len(after)] != after:
            return False
        return words is None or text[begin:stop] == words

    if words is None:
        return ("unverifiable" if fits(start, end) else "missing", [])
    if start is not None and fits(start, end):
        return ("exact", [start])
    found = [one for one in range(len(text)) if fits(one, one + len(words))]
    if len(found) == 1:
        return ("exact" if start is None else "moved", found)
    return ("ambiguous" if found else "missing", found)


@st.composite
def texts_and_selectors(draw: st.DrawFn) -> tuple[str, list[Json]]:
    text = draw(st.text("ab𐌰", max_size=40))
    near = st.text("ab𐌰", min_size=1, max_size=3)

    def selector(position: int, length: int, shift: int, given: set[str]) -> Json:
        words = text[position : position + length] or draw(near)
        start = max(position + shift, 0)
        members: Json = {}
        if "exact" in given:
            members["exact"] = words
        if "position" in given or "exact" not in given:
            members |= {"start": start, "end": start + len(words)}
        if "prefix" in given:
            members["prefix"] = text[max(position - 2, 0) : position] or draw(near)
        if "suffix" in given:
            members["suffix"] = text[position + length :][:2] or draw(near)
        return anchor(**members)

    return text, draw(
        st.lists(
            st.builds(
                selector,
                st.integers(0, 40),
                st.integers(1, 20),
                st.sampled_from([0, 0, 0, 1, -1, 5]),
                st.sets(st.sampled_from(["exact", "exact", "position", "prefix", "suffix"])),
            ),
            max_size=20,
        )
    )


@settings(max_examples=200, deadline=None)
@given(texts_and_selectors())
def test_the_rules_hold_for_any_text(case: tuple[str, list[Json]]) -> None:
    text, selectors = case
    found = [(one.status.value, list(one.found)) for one in check(selectors, text)]
    assert found == [naive(selector, text) for selector in selectors]


@pytest.mark.parametrize("most", [verification.MOST_TRIES, 20, 0])
@settings(max_examples=150, deadline=None)
@given(
    text=st.text("ab", max_size=200),
    pieces=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=30),
    strange=st.lists(st.text("ab", min_size=1, max_size=20), max_size=5),
    limit=st.integers(1, 5),
)
def test_many_words_are_found_as_one_is(
    most: int, text: str, pieces: list[tuple[int, int]], strange: list[str], limit: int
) -> None:
    """However they are searched: together, or, where that takes too many tries, one by one."""
    words = {text[start : start + length] for start, length in pieces} | {*strange}
    words.discard("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verification, "MOST_TRIES", most)
        found = places(text, words, limit=limit)
    assert found == {
        word: [at for at in range(len(text)) if text.startswith(word, at)][:limit] for word in words
    }


def test_words_of_every_length_are_found_at_every_place() -> None:
    repeating = "ab" * 60 + "a" * 60
    mixed = "".join("ab"[number * number % 11 % 2] for number in range(200))
    for text in (repeating, mixed):
        for length in range(1, 25):
            words = {text[start : start + length] for start in range(len(text) - length + 1)}
            # Enough strange ones that all are searched in one reading.
            strange = {f"{number:x<{length}}"[:length] for number in range(9)}
            found = places(text, words | strange)
            for word in words | strange:
                starts = [at for at in range(len(text)) if text.startswith(word, at)]
                assert found[word] == starts[: verification.COUNTED], (word, text)


def test_a_thousand_anchors_are_searched_in_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searched one by one in 10 MB they would take 20 seconds."""
    text = " ".join(f"w{number * number}" for number in range(30_000))
    starts = range(1_000, 31_000, 30)
    selectors = [
        anchor(text[one : one + 20], start=one + 1, end=one + 21, prefix=text[one - 5 : one])
        for one in starts
    ]
    searched: list[str] = []
    one_by_one: Callable[..., list[int]] = verification._one_by_one

    def watched(text: str, word: str, limit: int) -> list[int]:
        searched.append(word)
        return one_by_one(text, word, limit)

    monkeypatch.setattr(verification, "_one_by_one", watched)
    assert [verdict.found for verdict in check(selectors, text)] == [(one,) for one in starts]
    assert searched == []


def test_text_that_repeats_itself_is_not_counted_to_its_end() -> None:
    (verdict,) = check([anchor("aa")], "a" * 1_000_000)
    assert verdict.status is Status.ambiguous
    assert verdict.found == tuple(range(verification.COUNTED))


# --- quoted_text --------------------------------------------------------------------------------

TWO = [at(6, 10), at(ANA, ANA + 3)]
WORDINGS: dict[str, tuple[str | None, list[Json], str]] = {
    "the words": ("said", TWO[:1], "exact"),
    "joined by a space": ("said ana", TWO, "exact"),
    "joined by nothing": ("saidana", TWO, "exact"),
    "joined by an ellipsis": ("said … ana", TWO, "exact"),
    "joined by dots in brackets": ("said [...] ana", TWO, "exact"),
    "in another order": ("ana said", TWO, "differs"),
    "joined by other words": ("said “ana", TWO, "differs"),
    "with more": ("said:", TWO[:1], "differs"),
    "only a part": ("said", TWO, "differs"),
    "by offsets": ("said", [anchor(start=6, end=10)], "exact"),
    "by offsets, other words": ("sold", [anchor(start=6, end=10)], "differs"),
    "by offsets past the end": ("said", [anchor(start=6, end=999)], "unverifiable"),
    "no words": (None, TWO, "unverifiable"),
    "no anchors": ("said", [], "unverifiable"),
    "anchors of something else": ("said", [at(6, 10, role="cue")], "unverifiable"),
}


@pytest.mark.parametrize(("quoted", "selectors", "expected"), WORDINGS.values(), ids=WORDINGS)
def test_quoted_text_is_compared_with_the_anchored_words(
    quoted: str | None, selectors: list[Json], expected: str
) -> None:
    document = {"quoted_text": quoted, "selectors": selectors}
    assert wording(document, TEXT) == expected
    if any(one["exact"] is None for one in selectors):
        expected = Wording.unverifiable
    assert wording(document, None) == expected


# --- over HTTP ----------------------------------------------------------------------------------

SELECTORS: list[Json] = [
    {"role": "speaker", "index": 0, "exact": "İlham", "start": 0, "end": 5},
    {"role": "cue", "exact": "said", "start": 6, "end": 10, "suffix": ": “"},
    {"role": "content", "exact": "banana", "start": ANA, "end": ANA + 6},
]
RECORDS = [
    source("with", title="A title", published_at="2020", text=TEXT),
    source("without"),
    source("named", sha256="0" * 64),
    statement("x"),
    attribution("good", "x", "with", speakers=[{}], selectors=SELECTORS[:2], quoted_text="said"),
    attribution("moved", "x", "with", speakers=[{}], selectors=SELECTORS, quoted_text="banana"),
    attribution("none", "x", "with"),
    attribution("blind", "x", "without", selectors=SELECTORS[1:]),
    attribution("afar", "x", "named", selectors=SELECTORS[1:]),
]
for _one in RECORDS:
    if "speakers" in _one:
        _one["speakers"] = [{"attribution_text": "İlham"}]


def checked(database: Database, id: str, **asked: str) -> Json:
    with served(database) as client:
        answer = client.get(f"/v1/attributions/{id}/verification", params=asked)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


def test_an_answer_tells_how_each_selector_fares(database: Database) -> None:
    fill(database, RECORDS)
    found = checked(database, "moved")
    selectors = found.pop("selectors")
    assert found == {
        "attribution": {"id": "moved"},
        "source": {
            "id": "with",
            "title": "A title",
            "url": None,
            "publisher": None,
            "published_at": "2020",
        },
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "snapshot": "stored",
        "status": "moved",
        "quoted_text": "exact",
    }
    assert selectors[0] == {
        "position": 0,
        "role": "speaker",
        "index": 0,
        "exact": "İlham",
        "start": 0,
        "end": 5,
        "status": "exact",
        "count": 1,
        "found": [{"start": 0, "end": 5}],
        "detail": None,
    }
    assert [one["status"] for one in selectors] == ["exact", "exact", "moved"]
    assert selectors[2]["found"] == [{"start": ANA + 4, "end": ANA + 10}]


@pytest.mark.parametrize(
    ("id", "snapshot", "status"),
    [
        ("good", "stored", "exact"),
        ("none", "stored", "unverifiable"),
        ("blind", "absent", "unverifiable"),
        ("afar", "absent", "unverifiable"),
    ],
)
def test_an_answer_tells_the_worst(database: Database, id: str, snapshot: str, status: str) -> None:
    fill(database, RECORDS)
    found = checked(database, id)
    assert (found["snapshot"], found["status"]) == (snapshot, status)
    assert found["sha256"] == {"blind": None, "afar": "0" * 64}.get(id, found["sha256"])


def test_the_worst_is_told_in_its_order() -> None:
    order = ["exact", "unverifiable", "moved", "ambiguous", "missing"]
    assert list(Status) == order
    for place, one in enumerate(order):
        assert verification.worst([Status(other) for other in order[: place + 1]]) == one


def test_many_places_are_counted_and_ten_are_shown(database: Database) -> None:
    text = "da " * 12 + "net" * 200
    selectors = [{"role": "content", "exact": "da"}, {"role": "content", "exact": "net"}]
    fill(
        database,
        [
            source("s", text=text),
            statement("x"),
            attribution("r", "x", "s", selectors=selectors),
        ],
    )
    first, second = checked(database, "r")["selectors"]
    assert (first["status"], first["count"]) == ("ambiguous", 12)
    assert first["found"] == [{"start": 3 * one, "end": 3 * one + 2} for one in range(10)]
    assert (second["count"], len(second["found"])) == (verification.COUNTED, 10)


def test_no_answer_shows_private_text(database: Database) -> None:
    """Every selector is of no use, so that as much as ever may be is told of what stands there."""
    spoilt = [one | {"start": one["start"] + 1, "end": one["end"] + 1} for one in SELECTORS]
    ends = [{"role": "content", "start": 0, "end": len(TEXT)}]
    fill(database, [*RECORDS, attribution("r", "x", "with", selectors=[*spoilt[1:], *ends])])
    with served(database) as client:
        for id in ("good", "moved", "r"):
            for url in (f"/v1/attributions/{id}/verification", f"/v1/attributions/{id}"):
                assert SECRET not in client.get(url).text
            document = client.get(f"/v1/attributions/{id}/verification").json()
            own = {one["exact"] for one in document["selectors"]} - {None}
            shown = {text for text in _texts(document) if text in TEXT}
            assert shown <= own | {"said"}, "said is a status of dates, and a selector's own word"


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {text for one in value.values() for text in _texts(one)}
    if isinstance(value, list):
        return {text for one in value for text in _texts(one)}
    return {value} if isinstance(value, str) else set()


def test_the_past_is_checked_against_the_snapshot_of_then(database: Database) -> None:
    fill(database, RECORDS)
    with database.reader() as reader:
        then = ledger.head(reader).recorded_at
    fill(
        database,
        [
            source("with", text=TEXT[1:]),  # which begins with "lham"
            attribution("good", "x", "with", selectors=[{"role": "cue", "exact": "lham"}]),
        ],
    )
    now, before = checked(database, "good"), checked(database, "good", known_at=then)
    assert [one["exact"] for one in before["selectors"]] == ["İlham", "said"]
    assert [one["exact"] for one in now["selectors"]] == ["lham"]
    assert (before["status"], now["status"]) == ("exact", "exact")
    assert before["sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert now["sha256"] == hashlib.sha256(TEXT[1:].encode()).hexdigest()


def test_the_example_works(reading: TestClient) -> None:
    url = "/v1/attributions/fighting-rages:moscow-almost-5000-killed/verification"
    found = reading.get(url).json()
    assert (found["snapshot"], found["status"]) == ("absent", "unverifiable")
    assert found["quoted_text"] == "exact"
    assert {one["status"] for one in found["selectors"]} == {"unverifiable"}
    tag = reading.get(url).headers["etag"]
    assert reading.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_what_is_not_there_is_not_checked(reading: TestClient) -> None:
    problem(reading.get("/v1/attributions/nobody/verification"), 404)
    url = "/v1/attributions/fighting-rages:moscow-almost-5000-killed/verification"
    problem(reading.get(url, params={"known_at": "2020-01-01T00:00:00Z"}), 404)
    problem(reading.get(url, params={"source": "x"}), 422)


# --- from the shell -----------------------------------------------------------------------------

BARE = [
    source("s", title="A title", authors=["Z", "A"], published_at="2020", extent="excerpt"),
    source("other", derived_from=["s"]),
    statement("x"),
    attribution("r", "x", "s", selectors=SELECTORS[1:], status="rejected"),
    attribution("q", "x", "s", selectors=[{"role": "cue", "exact": "sold"}]),
    attribution("o", "x", "other", selectors=SELECTORS[1:]),
]


class Shell:
    """`onrecord source attach`, over a store."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def __call__(self, id: str, content: bytes, *options: str) -> Result:
        path = self.folder / "text.txt"
        path.write_bytes(content)
        url = self.database.url.render_as_string(hide_password=False)
        arguments = ["source", "attach", id, str(path), *options]
        return CliRunner().invoke(main, arguments, env={"ONRECORD_DATABASE_URL": url})

    def stored(self) -> dict[str, str]:
        with self.database.reader() as reader:
            return {row.sha256: row.text for row in reader.execute(select(SNAPSHOT))}

    def history(self, id: str) -> list[Json]:
        query = select(REVISION).where(REVISION.c.type == "source", REVISION.c.id == id)
        with self.database.reader() as reader:
            return [row._asdict() for row in reader.execute(query.order_by(REVISION.c.seq))]

    def holds(self) -> bool:
        with self.database.reader() as reader:
            return all(isinstance(one, int) for one in ledger.verify(reader))


@pytest.fixture
def shell(database: Database, tmp_path: Path) -> Shell:
    fill(database, BARE)
    return Shell(database, tmp_path)


def test_a_snapshot_is_attached_and_its_hash_recorded(shell: Shell) -> None:
    done = shell("s", TEXT.encode(), "--agent", "somebody")
    assert done.exit_code == 1, done.output  # of three anchors one is moved and one missing
    assert "1 exact, 0 unverifiable, 1 moved, 0 ambiguous, 1 missing" in done.output
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    assert shell.stored() == {sha256: TEXT}
    first, second = shell.history("s")
    members = {"sha256": sha256, **json.loads(first["body"])}
    assert json.loads(second["body"]) == members
    assert members["extent"] == "excerpt"
    assert (second["version"], second["change"]) == (2, "updated")
    assert (second["agent"], second["reason"]) == ("somebody", "snapshot attached")
    assert shell.holds()


def test_each_anchor_that_is_not_exact_is_told(shell: Shell) -> None:
    done = shell("s", TEXT.encode())
    told = done.output.splitlines()
    assert [line.split(",")[0] for line in told] == ["r", "q", told[-1].split(",")[0]]
    assert f"moved from {ANA} to {ANA + 4}" in told[0]
    objects = [json.loads(line) for line in shell("s", TEXT.encode(), "--json").output.splitlines()]
    assert [one["anchor"]["attribution"] for one in objects[:-1]] == ["r", "q"]
    assert objects[0]["anchor"]["found"] == [{"start": ANA + 4, "end": ANA + 10}]
    assert objects[-1] == {
        "source": "s",
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "result": "unchanged",
        "anchors": {"exact": 1, "unverifiable": 0, "moved": 1, "ambiguous": 0, "missing": 1},
    }


def test_all_is_well_where_every_anchor_holds(shell: Shell) -> None:
    assert shell("other", "……said: “……".encode()).exit_code == 1
    words = "123456said: “ana banana"
    fill(shell.database, [attribution("o", "x", "other", selectors=SELECTORS[1:2])])
    done = shell("other", words.encode(), "--replace")
    assert (done.exit_code, "1 exact, 0 unverifiable, 0 moved" in done.output) == (0, True)


def test_what_cannot_be_verified_is_no_failure(shell: Shell) -> None:
    selectors = [{"role": "content", "start": 0, "end": 1}]
    fill(shell.database, [attribution("o", "x", "other", selectors=selectors)])
    done = shell("other", b"abc")
    assert (done.exit_code, "1 unverifiable" in done.output) == (0, True)


def test_anchors_are_checked_however_many(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "PAGE", 2)
    selectors = [{"role": "content", "exact": "b"}]
    more = [attribution(f"o{one}", "x", "other", selectors=selectors) for one in range(5)]
    fill(shell.database, [attribution("o", "x", "other", selectors=selectors), *more])
    assert "6 exact" in shell("other", b"abc").output


def test_the_same_text_again_changes_nothing(shell: Shell) -> None:
    shell("s", TEXT.encode())
    again = shell("s", TEXT.encode(), "--replace", "--json")
    assert json.loads(again.output.splitlines()[-1])["result"] == "unchanged"
    assert len(shell.history("s")) == 2


def test_a_text_that_the_source_names_already_is_kept(shell: Shell) -> None:
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    fill(shell.database, [source("s", sha256=sha256)])
    shell("s", TEXT.encode())
    assert shell.stored() == {sha256: TEXT}
    assert len(shell.history("s")) == 2


def test_another_text_takes_its_place_only_when_asked(shell: Shell) -> None:
    shell("s", TEXT.encode())
    refused = shell("s", b"other words")
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert (len(shell.history("s")), len(shell.stored())) == (2, 1)

    shell("s", b"other words", "--replace")
    shell("s", b"more words", "--replace", "--reason", "the first was a draft")
    _, attached, replaced, again = shell.history("s")
    assert (replaced["change"], replaced["reason"]) == ("corrected", "another snapshot attached")
    assert again["reason"] == "the first was a draft"
    body = json.loads(attached["body"]) | {"sha256": hashlib.sha256(b"more words").hexdigest()}
    assert json.loads(again["body"]) == body
    assert len(shell.stored()) == 3  # of the past nothing is lost
    assert shell.holds()


@pytest.mark.parametrize(
    "content",
    ["\ufeffwords", "a\r\nb\rc\nd\u2028", "e\u0301é İ \ufffe", " ", "𐌰" * 3],
)
def test_a_text_is_kept_as_it_is(shell: Shell, content: str) -> None:
    """A byte order mark is its first character: hash and offsets are of the whole file."""
    shell("s", content.encode())
    assert shell.stored() == {hashlib.sha256(content.encode()).hexdigest(): content}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"caf\xe9", "not UTF-8 (at byte 4)"),
        ("text".encode("utf-16"), "not UTF-8 (at byte 1)"),
        (b"\xed\xa0\x80", "not UTF-8 (at byte 1)"),
        (b"ab\0c", "NUL at character 3"),
        (b"", "empty"),
        (b"a" * (parse.MAX_TEXT + 1), "longer than 10,000,000 characters"),
        (b"\xff" * (4 * parse.MAX_TEXT + 1), "longer than 10,000,000 characters"),
    ],
    ids=["latin-1", "utf-16", "surrogate", "nul", "empty", "long", "endless"],
)
def test_what_is_no_text_is_refused(shell: Shell, content: bytes, told: str) -> None:
    done = shell("s", content)
    assert (done.exit_code, told in done.output) == (1, True), done.output[:500]
    assert (shell.stored(), len(shell.history("s"))) == ({}, 1)


def test_what_is_no_source_is_refused(shell: Shell, tmp_path: Path) -> None:
    assert "There is no source nobody" in shell("nobody", b"words").output
    assert shell("x", b"words").exit_code == 1
    url = shell.database.url.render_as_string(hide_password=False)
    lost = ["source", "attach", "s", str(tmp_path / "lost.txt")]
    done = CliRunner().invoke(main, lost, env={"ONRECORD_DATABASE_URL": url})
    assert (done.exit_code, "cannot be read" in done.output) == (1, True)
    assert shell.stored() == {}
