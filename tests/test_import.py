"""Importing a file: good lines are kept, bad ones told, and what was cut off is finished."""

import gzip
import hashlib
import io
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import select, text

from app.db import Database
from app.errors import Locked
from app.models import REVISION, SNAPSHOT
from app.models.base import RecordType
from app.store import bulk, parse, project
from app.store.write import Change
from tests import factories
from tests.cases import Cases
from tests.factories import (
    Line,
    Record,
    actor,
    attribution,
    awaited,
    clear,
    denies,
    dump,
    figure,
    fill,
    load,
    member_of,
    source,
    statement,
    topic,
)

FAR = 10**30
SECRET = "hunter2"


def person(members: str) -> bytes:
    """An actor's line with members that no dict can hold."""
    return b'{"type":"actor","id":"bad","kind":"person",' + members.encode() + b"}"


def nested(opening: bytes, closing: bytes, depth: int) -> bytes:
    return person('"name":"n","description":X').replace(
        b"X", opening * depth + b"1" + closing * depth
    )


def report(**members: Any) -> Record:
    return attribution("bad", "x", "s", **members)


def anchored(**members: Any) -> Record:
    return report(selectors=[{"role": "content"} | members])


def counted(**members: Any) -> Record:
    return report(figures=[figure(**members)])


HOPELESS: dict[str, tuple[Line, str]] = {
    # Not JSON at all
    "words": (b"once upon a time", "not JSON: "),
    "cut off": (person('"name":"n"')[:-1], "not JSON: "),
    "single quotes": (person("'name':'n'"), "not JSON: "),
    "comma at the end": (person('"name":"n",'), "not JSON: "),
    "two objects": (person('"name":"n"') * 2, "not JSON: "),
    "comment": (person('"name":"n"') + b" // so", "not JSON: "),
    "NaN": (person('"name":NaN'), "not JSON: "),
    "Infinity": (person('"name":-Infinity'), "not JSON: "),
    "beyond a double": (person('"name":1e999'), "not JSON: "),
    "control character": (person('"name":"a\x01b"'), "not JSON: "),
    "raw NUL": (person('"name":"a\0b"'), "not JSON: "),
    "lone surrogate, escaped": (person(r'"name":"\ud800"'), "not JSON: "),
    "lone surrogate, second half": (person(r'"name":"\udc00x"'), "not JSON: "),
    "lone surrogate, raw": (person('"name":"X"').replace(b"X", b"\xed\xa0\x80"), "not JSON: "),
    "Latin-1": (person('"name":"Ü"').replace("Ü".encode(), b"\xdc"), "not JSON: "),
    "overlong UTF-8": (person('"name":"X"').replace(b"X", b"\xc0\xaf"), "not JSON: "),
    "UTF-16": ("{}".encode("utf-16"), "save it as UTF-8"),
    "BOM": (b"\xef\xbb\xbf" + person('"name":"n"'), "without a byte order mark"),
    "gzip": (gzip.compress(b"{}", mtime=0).replace(b"\n", b""), "compressed; unpack it first"),
    "xz": (b"\xfd7zXZ\0\0", "compressed; unpack it first"),
    "zip": (b"PK\3\4x", "compressed; unpack it first"),
    "zstd": (b"\x28\xb5\x2f\xfdx", "compressed; unpack it first"),
    "bzip2": (b"BZh91AY&SYx", "compressed; unpack it first"),
    # Members that stand twice
    "twice": (person('"name":"a","name":"a"'), "stands twice"),
    "twice, spaced": (person('"name" : "a", "name"\t:"b"'), "stands twice"),
    "twice, escaped": (person(r'"name":"a","n\u0061me":"b"'), "stands twice"),
    "twice, deep": (
        person('"name":"a","other_names":[{"name":"b","lang":"en","lang":"az"}]'),
        "stands twice",
    ),
    "twice, by a quoted colon": (person(r'"name":"\":","name":"\":"'), "stands twice"),
    "type twice": (b'{"type":"actor","type":"actor"}', "stands twice"),
    # Not a record
    "list": (b"[]", "one JSON object"),
    "text": (b'"actor"', "one JSON object"),
    "number": (b"1", "one JSON object"),
    "null": (b"null", "one JSON object"),
    "no type": (b'{"id":"bad"}', "/type: must be one of topic, actor, source"),
    "no type either": (b"{}", "/type: must be one of"),
    "collection": ({"type": "actors", "id": "bad"}, "/type: must be one of"),
    "type of a part": ({"type": "figure", "id": "bad"}, "/type: must be one of"),
    "null type": ({"type": None}, "/type: must be one of"),
    "list as type": ({"type": ["actor"]}, "/type: must be one of"),
    # Too deep
    "100,000 lists": (nested(b"[", b"]", 100_000), "not JSON: "),
    "100,000 objects": (nested(b'{"a":', b"}", 100_000), "not JSON: "),
    "1,000 lists": (nested(b"[", b"]", 1_000), ""),
    "900 objects": (nested(b'{"a":', b"}", 900), ""),
    "300 lists": (nested(b"[", b"]", 300), ""),
}

UNFIT: dict[str, tuple[Record, str]] = {
    # Unknown members, and those that are missing
    "misspelt": (actor("bad", nane="x"), "/nane: is not a member"),
    "a server's": (actor("bad", version=1), "/version: is not a member"),
    "of a part": (actor("bad", memberships=[{"organisation": "a"}]), "/memberships/0/organisation"),
    "text of an actor": (actor("bad", text="x"), "/text: is not a member"),
    "pointer": (actor("bad", **{"a/b~c": 1}), "/a~1b~0c: "),
    "no id": ({"type": "actor", "kind": "person", "name": "n"}, "/id: is required"),
    "no name": ({"type": "actor", "id": "bad", "kind": "person"}, "/name: is required"),
    "null name": (actor("bad", name=None), "/name: is required"),
    "empty name": (actor("bad", name=""), "/name: is required"),
    "no kind": ({"type": "actor", "id": "bad", "name": "n"}, "/kind: is required"),
    "no statement": (
        {"type": "attribution", "id": "bad", "source": "s"},
        "/statement: is required",
    ),
    "no labels": (topic("bad", pref_labels={}), "/pref_labels: is required"),
    "empty labels": (topic("bad", pref_labels={"en": ""}), "/pref_labels: is required"),
    "a figure's words": (report(figures=[{"measure": "killed"}]), "/figures/0/as_worded: is req"),
    "nobody": (report(speakers=[{}]), "/speakers/0: an empty object names nobody"),
    # Ids
    "id of spaces": (actor("a b"), "/id: "),
    "id of letters beyond ASCII": (actor("Əliyev"), "/id: "),
    "id with a dot first": (actor(".bad"), "/id: "),
    "id with a slash": (actor("a/b"), "/id: "),
    "id with a line feed": (actor("bad\n"), "/id: "),
    "id with NUL": (actor("bad\0"), "/id: "),
    "long id": (actor("b" * 201), "/id: "),
    "number as id": (actor("bad") | {"id": 7}, "/id: "),
    "no id in a reference": (source("bad", publisher="a b"), "/publisher: "),
    # Wrong types: nothing is converted
    "number as text": (actor("bad", name=5), "/name: "),
    "list as text": (actor("bad", name=["n"]), "/name: "),
    "object as list": (actor("bad", memberships={"organization": "a"}), "/memberships: "),
    "text as list": (source("bad", authors="An Author"), "/authors: "),
    "null in a list": (source("bad", authors=[None]), "/authors/0: "),
    "text as number": (report(sequence="1"), "/sequence: "),
    "fraction": (report(sequence=1.5), "/sequence: "),
    "true as number": (report(sequence=True), "/sequence: "),
    "text as truth": (report(joint="true"), "/joint: "),
    "number as truth": (report(joint=1), "/joint: "),
    "text as figure": (counted(best="5"), "/figures/0/best: "),
    "true as figure": (counted(best=True), "/figures/0/best: "),
    "number as a source's text": (source("bad", text=5), "/text: "),
    "zero as a source's text": (source("bad", text=0), "/text: "),
    "false as a source's text": (source("bad", text=False), "/text: "),
    "list as a source's text": (source("bad", text=["x"]), "/text: "),
    "unknown kind": (actor("bad", kind="human"), "/kind: "),
    "unknown relation": (
        statement("bad", relations=[{"type": "likes", "statement": "x"}]),
        "/relations/0/type: ",
    ),
    # Too much
    "2^31": (report(sequence=2**31), "/sequence: "),
    "2^63": (report(sequence=2**63), "/sequence: "),
    "2^64": (report(sequence=2**64), "/sequence: "),
    "10^30": (report(sequence=FAR), "/sequence: "),
    "-1": (report(sequence=-1), "/sequence: "),
    "10^30 killed": (counted(best=FAR), "/figures/0/best: "),
    "long name": (actor("bad", name="n" * 501), "/name: "),
    "long title": (source("bad", title="n" * 2_001), "/title: "),
    "long words": (report(quoted_text="n" * 100_001), "/quoted_text: "),
    "many authors": (source("bad", authors=["n"] * 1_001), "/authors: "),
    # NUL
    "NUL in a name": (actor("bad", name="a\0b"), "/name: the NUL character"),
    "NUL in words": (report(quoted_text="\0"), "/quoted_text: the NUL character"),
    "NUL in a list": (source("bad", authors=["a", "\0"]), "/authors/1: the NUL character"),
    "NUL in a label": (
        topic("bad", pref_labels={"en": "\0"}),
        "/pref_labels/en: the NUL character",
    ),
    "NUL in a source's text": (source("bad", text="a\0b"), "/text: "),
    # Formats
    "language": (statement("bad", lang="Azerbaijani language"), "/lang: "),
    "language of a label": (topic("bad", pref_labels={"in English": "x"}), "/pref_labels/"),
    "script": (
        actor("bad", other_names=[{"name": "x", "script": "latn"}]),
        "/other_names/0/script: ",
    ),
    "scheme of a URL": (source("bad", url="javascript:alert(1)"), "/url: "),
    "space in a URL": (source("bad", url="https://example.org/a b"), "/url: "),
    "capitals in a hash": (source("bad", sha256="A" * 64), "/sha256: "),
    "short hash": (source("bad", sha256="a" * 63), "/sha256: "),
    "hash of another text": (
        source("bad", text="x", sha256="a" * 64),
        "/sha256: is not the SHA-256",
    ),
    # Dates
    "no such day": (statement("bad", said_at="2020-02-30"), "/said_at: "),
    "no such month": (statement("bad", said_at="2020-13"), "/said_at: "),
    "no such hour": (statement("bad", said_at="2020-10-22T25:00Z"), "/said_at: "),
    "a word": (statement("bad", said_at="yesterday"), "/said_at: "),
    "a number": (statement("bad", said_at=2020), "/said_at: "),
    "an end before its start": (statement("bad", said_at="2021/2020"), "/said_at: "),
    "an office that ends early": (
        actor("bad", memberships=[{"organization": "a", "start_date": "2021", "end_date": "2020"}]),
        "/memberships/0: end_date is before start_date",
    ),
    "a name that ends early": (
        actor("bad", other_names=[{"name": "a", "start_date": "2021", "end_date": "2020"}]),
        "/other_names/0: end_date is before start_date",
    ),
    "an event that ends early": (
        topic("bad", kind="event", start_date="2021", end_date="2020"),
        "end_date is before start_date",
    ),
    "days of a theme": (topic("bad", start_date="2020"), "for kind event"),
    # Places
    "half a place": (
        topic("bad", kind="place", latitude=1.0),
        "latitude and longitude go together",
    ),
    "a theme on the map": (topic("bad", latitude=1.0, longitude=1.0), "for kind place"),
    "beyond the pole": (topic("bad", kind="place", latitude=91.0, longitude=0.0), "/latitude: "),
    # Itself
    "broader than itself": (topic("bad", broader=["bad"]), "broader than itself"),
    "derived from itself": (source("bad", derived_from=["bad"]), "derive from itself"),
    "inside itself": (report(parent="bad"), "stand inside itself"),
    # Anchors
    "too few code points": (anchored(exact="𐌰𐌰", start=0, end=4), "exact has 2 code points"),
    "too many code points": (anchored(exact="abc", start=0, end=2), "exact has 3 code points"),
    "no end": (anchored(exact="abc", start=0), "start and end go together"),
    "no start": (anchored(exact="abc", end=3), "start and end go together"),
    "no length": (anchored(start=3, end=3), "end must be after start"),
    "backwards": (anchored(start=3, end=1), "end must be after start"),
    "before the text": (anchored(start=-1, end=1), "/selectors/0/start: "),
    "no anchor": (anchored(prefix="abc"), "needs exact words"),
    "no such speaker": (
        report(
            speakers=[{"actor": "a"}],
            selectors=[{"role": "speaker", "index": 1, "exact": "a"}],
        ),
        "index counts from 0",
    ),
    # Figures
    "falling bounds": (counted(low=2, best=1), "/figures/0: low, best and high must not fall"),
    "bounds that are withheld": (
        counted(status="undisclosed", best=1),
        "/figures/0: an undisclosed",
    ),
    "a period that ends early": (
        counted(period_start="2021", period_end="2020"),
        "/figures/0: period_end is before period_start",
    ),
    "exactly, without best": (counted(qualifier="exactly", low=1), "/figures/0: qualifier exactly"),
    "about a range": (counted(qualifier="about", low=1, high=2), "/figures/0: qualifier about"),
    "almost, as best": (counted(qualifier="almost", best=1), "/figures/0: qualifier almost"),
    "more than, as high": (
        counted(qualifier="more_than", high=1),
        "/figures/0: qualifier more_than",
    ),
    "at least, of nothing": (counted(qualifier="at_least"), "/figures/0: qualifier at_least"),
    "at most, as low": (counted(qualifier="at_most", low=1), "/figures/0: qualifier at_most"),
    "between, half": (counted(qualifier="between", low=1), "/figures/0: qualifier between"),
    "vague, with a number": (counted(qualifier="vague", best=1), "/figures/0: qualifier vague"),
    "no such qualifier": (counted(qualifier="nearly", high=1), "/figures/0/qualifier: "),
}

UNKNOWN: dict[str, Record] = {
    "/broader/0": topic("bad", broader=["nobody"]),
    "/memberships/0/organization": actor("bad", memberships=member_of("nobody")),
    "/memberships/0/source": actor("bad", memberships=[{"organization": "a", "source": "nobody"}]),
    "/publisher": source("bad", publisher="nobody"),
    "/derived_from/1": source("bad", derived_from=["s", "nobody"]),
    "/content_from": statement("bad", content_from="nobody"),
    "/topics/0": statement("bad", topics=["nobody"]),
    "/about/0": statement("bad", about=["nobody"]),
    "/relations/0/statement": statement("bad", relations=denies("nobody")),
    "/relations/0/source": statement(
        "bad", relations=[{"type": "denies", "statement": "x", "source": "nobody"}]
    ),
    "/statement": attribution("bad", "nobody", "s"),
    "/source": attribution("bad", "x", "nobody"),
    "/speakers/0/actor": report(speakers=[{"actor": "nobody"}]),
    "/speakers/0/on_behalf_of": report(speakers=[{"actor": "a", "on_behalf_of": "nobody"}]),
    "/via/0/actor": report(via=[{"actor": "nobody"}]),
    "/addressees/0/actor": report(addressees=[{"actor": "nobody"}]),
    "/parent": report(parent="nobody"),
    "/figures/1/parties/0": report(figures=[figure(), figure(parties=["nobody"])]),
    "/figures/0/place": counted(place="nobody"),
}

BAD: dict[str, tuple[Line, str]] = {
    **HOPELESS,
    **UNFIT,
    **{
        f"unknown {pointer}": (record, f"{pointer}: there is no ")
        for pointer, record in UNKNOWN.items()
    },
}
BASE: list[Record] = [actor("a"), source("s"), statement("x"), topic("t")]


@pytest.mark.parametrize("case", [*HOPELESS, *UNFIT])
def test_a_line_that_cannot_be_a_record_is_told_why(case: str) -> None:
    line, reason = BAD[case]
    found = parse.line(factories.raw(line))
    assert not isinstance(found, Change)
    assert reason in "; ".join(map(str, found))


def test_bad_lines_are_told_by_number_and_good_ones_kept(database: Database) -> None:
    lines: list[Line] = [*BASE]
    wrong: dict[int, str] = {}
    for number, (line, reason) in enumerate(BAD.values()):
        lines += [line, actor(f"good{number}")]
        wrong[len(lines) - 1] = reason
    trial = load(database, lines, dry_run=True)
    assert dump(database)["revision"] == []
    report = load(database, lines)

    assert trial == report
    assert set(report.errors) == set(wrong)
    unclear = {
        number: (reason, report.errors[number])
        for number, reason in wrong.items()
        if not report.errors[number].startswith(f"line {number}: ")
        or reason not in report.errors[number]
    }
    assert unclear == {}
    assert (report.created, report.failed) == (len(BASE) + len(BAD), len(BAD))
    assert awaited(database) == set()
    with database.reader() as reader:
        ids = list(reader.scalars(select(REVISION.c.id).order_by(REVISION.c.seq)))
    assert ids == [*"asxt", *[f"good{number}" for number in range(len(BAD))]]


@pytest.mark.parametrize(
    "line",
    [
        actor("a", name=5, kind=SECRET),
        statement("x", said_at=SECRET),
        statement("x", said_at=f"2020-{SECRET}"),
        source("s", url=SECRET, sha256=SECRET, publisher=f" {SECRET}"),
        source("s", text=SECRET, sha256="0" * 64),
        report(sequence=SECRET, speakers=[SECRET], quotation_type=SECRET),
        counted(qualifier="exactly", best=SECRET),
        anchored(exact=SECRET, start=0, end=1),
        f'{{"type":"actor","id":"a" {SECRET}'.encode(),
        {"type": SECRET},
    ],
)
def test_what_stands_in_a_line_is_not_repeated(line: Line) -> None:
    """A reason may name members and records, never what somebody wrote (api.md, Errors)."""
    found = parse.line(factories.raw(line))
    assert isinstance(found, tuple)
    assert SECRET not in "; ".join(map(str, found))


def test_every_fault_of_a_line_is_told() -> None:
    found = parse.line(factories.raw(actor("bad", name=5, kind="human", nane=1)))
    assert isinstance(found, tuple)
    assert {fault.pointer for fault in found} == {"/name", "/kind", "/nane"}


@pytest.mark.parametrize(
    "value",
    [
        ": so he said",  # begins with a colon, as what follows a cue often does
        ':"',
        '"a": 1',
        'a": {"b": "',
        "\\",
        '\\":',
        "{:}",
        "\u2028\u0085\x7f|",
        "\N{BYTE ORDER MARK}|",
        "a\r\nb\tc",
        "\N{COMBINING ACUTE ACCENT}e\N{COMBINING ACUTE ACCENT} é",
        "İıŞş Əə Խխ Щщ 𐌰 👩‍👩‍👧",
        "\ufffe\uffff\U0010ffff",
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_any_text_is_taken_code_point_for_code_point(value: str, escaped: bool) -> None:
    record = statement("x", content=value, translations=[{"lang": "en", "content": value}])
    found = parse.line(json.dumps(record, ensure_ascii=escaped).encode())
    assert isinstance(found, Change), found
    members = json.loads(found.body)
    assert [members["content"], members["translations"][0]["content"]] == [value, value]


@pytest.mark.parametrize("value", [0, -1, 2**31 - 1, 0.5, 1e15, 2**53 + 1.0])
def test_numbers_are_kept(value: float) -> None:
    found = parse.line(factories.raw(counted(measure="other", best=value)))
    if abs(value) > 1e15:
        assert not isinstance(found, Change)
    else:
        assert isinstance(found, Change)
        assert json.loads(found.body)["figures"][0]["best"] == value


def test_long_names_fit_on_both_databases(database: Database) -> None:
    """Spelled out for sorting, one character may become eighteen letters."""
    names = ["庄" * 500, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 500, "щ" * 500]
    fill(database, [actor(f"a{number}", name=name) for number, name in enumerate(names)])
    fill(database, [topic("t", pref_labels={"en": names[1]}, alt_labels=[{"label": names[0]}])])
    fill(database, [actor("b", other_names=[{"name": names[0]}])])


def test_many_long_words_fit_on_both_databases(database: Database) -> None:
    """What PostgreSQL indexes of one text may have a megabyte."""
    words = [f"{number:05}".translate(LETTERS) + "o" * 58 for number in range(20_000)]
    parts = [" ".join(words[start : start + 1_500]) for start in range(0, len(words), 1_500)]
    translations = [{"lang": "en", "content": part} for part in parts]
    fill(database, [statement("x", translations=translations)])


LETTERS = str.maketrans("0123456789", "abcdefghkl")


# --- files -------------------------------------------------------------------------------------

GOOD = [factories.raw(actor(name)) for name in "abc"]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"\n".join(GOOD) + b"\n", 3),
        (b"\n".join(GOOD), 3),
        (b"\r\n".join(GOOD) + b"\r\n", 3),
        (b"\xef\xbb\xbf" + b"\n".join(GOOD), 3),
        (b"\xef\xbb\xbf\r\n" + b"\r\n\r\n \t\n".join(GOOD), 8),
        (b"\n\n" + b"\n".join(GOOD) + b"\n\n", 6),
    ],
    ids=["LF", "no last LF", "CRLF", "BOM", "BOM and blank lines", "blank lines around"],
)
def test_line_ends_and_blank_lines_do_not_matter(
    database: Database, content: bytes, lines: int
) -> None:
    report = load(database, content)
    assert (report.created, report.errors, report.lines) == (3, {}, lines)


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n\t\n", b"\xef\xbb\xbf"])
def test_a_file_without_records_changes_nothing(database: Database, content: bytes) -> None:
    for dry_run in (True, False):
        report = load(database, content, dry_run=dry_run)
        assert (report.created, report.failed, report.errors) == (0, 0, {})


def test_blank_lines_count_in_the_numbers(database: Database) -> None:
    content = b"\n".join([b"", GOOD[0], b"", b"\r", b"nonsense", GOOD[1], b"nonsense"])
    assert set(load(database, content).errors) == {5, 7}


def test_a_line_longer_than_the_limit_is_skipped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_LINE", 100)
    long = [
        actor("x", name="x" * size)
        for size in (20, 200, 100 - len(factories.raw(actor("x", name=""))))
    ]
    assert len(factories.raw(long[2])) == 100
    report = load(database, [GOOD[0], *long, GOOD[1]])
    assert (report.created, report.updated) == (3, 0)
    assert report.errors.keys() == {3, 4}
    assert "longer than 100 bytes" in report.errors[3]


def test_a_line_as_long_as_the_limit_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_LINE", 100)
    empty = len(factories.raw(actor("x", name=""))) + 1
    exact, longer = (actor("x", name="x" * (size - empty)) for size in (100, 101))
    report = load(database, [exact, longer, GOOD[1]])
    assert (report.created, set(report.errors)) == (2, {2})


def test_a_gzipped_file_is_told_from_a_broken_one(database: Database) -> None:
    report = load(database, gzip.compress(b"\n".join(GOOD), mtime=0))
    assert "compressed; unpack it first" in report.errors[1]
    assert report.created == 0


def test_a_batch_may_name_more_records_than_a_query_takes_parameters(database: Database) -> None:
    """PostgreSQL takes 65,535, SQLite as pysqlite3 brings it 250,000."""
    fill(database, [actor("a")])
    count = 251_000 if database.is_sqlite else 66_000
    names = [(RecordType.actor, f"b{number}") for number in range(count)]
    with database.reader() as reader:
        found = project.identities(reader, [*names, (RecordType.actor, "a")])
    assert found.keys() == {(RecordType.actor, "a")}


# --- references --------------------------------------------------------------------------------


def ring(size: int) -> list[Record]:
    """Statements each of which denies the next, the last one the first."""
    return [statement(f"x{one}", relations=denies(f"x{(one + 1) % size}")) for one in range(size)]


AHEAD: dict[str, list[Record]] = {
    "relation to the next line": [statement("x", relations=denies("y")), statement("y")],
    "relation to a far line": [
        statement("x", relations=denies("y")),
        *[actor(f"a{one}") for one in range(9)],
        statement("y"),
    ],
    "source of a relation": [
        statement("y"),
        statement("x", relations=[{"type": "denies", "statement": "y", "source": "s"}]),
        topic("t"),
        source("s"),
    ],
    "content_from": [
        source("s"),
        statement("x", content_from="r"),
        attribution("r", "x", "s"),
    ],
    "content_from another statement's report": [
        source("s"),
        statement("x", content_from="r"),
        statement("y", content_from="q"),
        statement("z", content_from="r"),
        attribution("q", "x", "s"),
        attribution("r", "y", "s"),
    ],
    "office in what comes later": [
        actor("a", memberships=[{"organization": "b", "source": "s"}]),
        actor("c", memberships=member_of("a", "b")),
        actor("b", memberships=member_of("a")),
        source("s", publisher="a"),
    ],
    "a ring": ring(5),
    "itself": [actor("a", memberships=member_of("a"))],
    "a chain": [
        *[statement(f"x{one}", relations=denies(f"x{one + 1}")) for one in range(6)],
        statement("x6"),
    ],
}


def test_what_may_stand_anywhere_is_found(database: Database) -> None:
    with Cases() as cases:
        for (name, lines), size in itertools.product(AHEAD.items(), (1, 2, 1000)):
            with cases.named(name, size):
                clear(database)
                trial = load(database, lines, batch=size, dry_run=True)
                report = load(database, lines, batch=size)
                assert report.errors == {}
                assert trial == report
                assert awaited(database) == set()


BEHIND: dict[str, tuple[list[Record], set[int]]] = {
    "broader": ([topic("t", broader=["u"]), topic("u")], {1}),
    "publisher": ([source("s", publisher="a"), actor("a")], {1}),
    "derived_from": ([source("s", derived_from=["r"]), source("r")], {1}),
    "topics": ([statement("x", topics=["t"]), topic("t")], {1}),
    "statement": ([source("s"), attribution("r", "x", "s"), statement("x")], {2}),
    "parent": (
        [*BASE, attribution("r", "x", "s", parent="q"), attribution("q", "x", "s")],
        {5},
    ),
    "to a broken line": ([statement("x", relations=denies("y")), statement("y", lang="?")], {1, 2}),
    "to a line that refers to nothing": (
        [statement("x", relations=denies("y")), statement("y", topics=["t"])],
        {1, 2},
    ),
    "to a line that refers ahead to nothing": (
        [
            statement("x", relations=denies("y")),
            statement("y", relations=denies("z")),
            actor("a"),
            statement("z", relations=denies("nobody")),
        ],
        {1, 2, 4},
    ),
    "ring with a broken link": ([*ring(4), statement("x4", relations=denies("x2", "z"))], {5}),
    "ring that names nothing": (
        [*ring(3)[:2], statement("x2", relations=denies("x0", "nobody")), actor("a")],
        {1, 2, 3},
    ),
    "report of a line that waits in vain": (
        [
            source("s"),
            statement("x", content_from="r", relations=denies("nobody")),
            attribution("r", "x", "s"),
            attribution("q", "x", "s", parent="r"),
            statement("y", content_from="r"),
        ],
        {2, 3, 4, 5},
    ),
    "statement whose report is broken": (
        [source("s"), statement("x", content_from="r"), attribution("r", "x", "s", via=[{}])],
        {2, 3},
    ),
    "publisher that waits in vain": (
        [
            actor("a", memberships=member_of("nobody")),
            source("s", publisher="a"),
            actor("b", memberships=[{"organization": "b", "source": "s"}]),
        ],
        {1, 2, 3},
    ),
    "second try of a broken line": (
        [statement("x", relations=denies("y")), statement("y", lang="?"), statement("y")],
        {2},
    ),
}


def test_a_line_that_refers_to_what_does_not_come_is_refused(database: Database) -> None:
    with Cases() as cases:
        for (name, (lines, refused)), size in itertools.product(BEHIND.items(), (1, 1000)):
            with cases.named(name, size):
                clear(database)
                trial = load(database, lines, batch=size, dry_run=True)
                report = load(database, lines, batch=size)
                assert set(report.errors) == refused
                assert awaited(database) == set()
                assert trial == report


def test_what_the_store_has_need_not_stand_in_the_file(database: Database) -> None:
    fill(database, BASE, [attribution("r", "x", "s")])
    fill(database, [topic("u", broader=["t"]), statement("x", content_from="r", topics=["u"])])


ELSEWHERE = [
    *[source("s"), source("other"), statement("x")],
    attribution("r", "x", "s"),
    statement("y"),
    attribution("q", "y", "other", parent="r"),
]


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("known", [0, 4])
def test_what_is_nested_stands_in_the_same_source(
    database: Database, size: int, known: int
) -> None:
    fill(database, ELSEWHERE[:known])
    trial = load(database, ELSEWHERE, batch=size, dry_run=True)
    report = load(database, ELSEWHERE, batch=size)
    assert "/parent: the parent stands in another source" in report.errors[6]
    assert report.failed == 1
    assert trial == report


def test_a_report_with_others_inside_keeps_its_source(database: Database) -> None:
    fill(database, ELSEWHERE[:5], [attribution("q", "y", "s", parent="r")])
    assert load(database, [attribution("r", "x", "other")]).failed == 1


def test_references_may_come_as_they_are_answered(database: Database) -> None:
    shown = source("s", publisher={"id": "a", "name": "Somebody"})
    fill(database, [actor("a"), shown])
    assert load(database, [source("s", publisher="a")]).unchanged == 1


# --- the same record more than once ------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 1000])
def test_two_bodies_under_one_id_are_told(database: Database, size: int) -> None:
    fill(database, [actor("old")])
    lines = [
        actor("old", name="b"),
        actor("a"),
        actor("a"),
        actor("a", name="b"),
        topic("a"),
        actor("a"),
    ]
    trial = load(database, lines, batch=size, dry_run=True)
    report = load(database, lines, batch=size)
    assert report.warnings.keys() == {4, 6}  # the first is an update, and meant as one
    assert "actor a stands earlier in this file" in report.warnings[4]
    assert "version 2" in report.warnings[4]
    assert "version 3" in report.warnings[6]
    assert (report.created, report.updated, report.unchanged) == (2, 3, 1)
    assert trial == report


def test_warnings_do_not_hang_on_the_size_of_batches(database: Database) -> None:
    warned = []
    for size in (1, 1000):
        clear(database)
        fill(database, [actor("a")])
        report = load(database, [actor("a"), actor("a", name="b")], batch=size)
        warned.append(report.warnings)
    assert warned[0] == warned[1]


# --- dry runs ----------------------------------------------------------------------------------


@factories.random
@given(files=factories.FILES, size=factories.SIZES)
def test_a_dry_run_tells_what_any_import_would(
    database: Database, files: list[list[Record]], size: int
) -> None:
    clear(database)
    for lines in files:
        before = dump(database)
        trial = load(database, lines, batch=size, dry_run=True)
        assert dump(database) == before
        assert trial == load(database, lines, batch=size)
        assert awaited(database) == set()


def test_a_dry_run_over_what_is_there_says_so(database: Database) -> None:
    fill(database, factories.everything())
    before = dump(database)
    lines = [*factories.everything(), actor("state", kind="government"), actor("new")]
    trial = load(database, lines, dry_run=True)
    assert (trial.created, trial.updated, trial.unchanged) == (1, 1, len(lines) - 2)
    assert dump(database) == before


# --- cut off, and sent again -------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, 5))
def test_what_was_cut_off_is_finished_by_sending_it_again(database: Database, cut: int) -> None:
    lines = [
        actor("a", memberships=member_of("b")),
        statement("x", relations=denies("y")),
        actor("b"),
        source("s"),
        statement("y", content_from="r"),
        attribution("r", "y", "s"),
    ]
    steps = bulk.import_file(database, io.BytesIO(factories.ndjson(lines)), agent="x", batch=1)
    for _step in range(cut):
        next(steps)
    steps.close()  # type: ignore[attr-defined]  # a generator, as every caller knows
    with database.reader() as reader:
        assert len(list(reader.scalars(select(REVISION.c.seq)))) == cut

    report = load(database, lines)
    assert (report.unchanged, report.created) == (cut, len(lines) - cut)
    assert awaited(database) == set()


def test_a_batch_that_finds_the_store_locked_leaves_nothing_half_done(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    impatient = Database(url, pool=2, busy_timeout=0.1)
    lines = [actor(name) for name in "abcd"]
    file = io.BytesIO(factories.ndjson(lines))
    steps = bulk.import_file(impatient, file, agent="x", batch=2)
    assert next(steps).created == 2
    with database.writer() as writer:
        writer.execute(text("SELECT 1"))
        with pytest.raises(Locked):
            next(steps)
    impatient.close()
    with database.reader() as reader:
        assert len(list(reader.scalars(select(REVISION.c.seq)))) == 2
    assert load(database, lines) == factories.Report(lines=4, created=2, unchanged=2)


def test_other_writers_get_their_turn_between_batches(database: Database) -> None:
    file = io.BytesIO(factories.ndjson([actor(name) for name in "abcd"]))
    for _progress in bulk.import_file(database, file, agent="x", batch=2):
        load(database, [actor("other")])
    with database.reader() as reader:
        ids = list(reader.scalars(select(REVISION.c.id).order_by(REVISION.c.seq)))
    assert ids == ["a", "b", "other", "c", "d"]


def test_progress_counts_lines_and_bytes(database: Database) -> None:
    content = b"\n".join([*GOOD, b"nonsense", b"", b""])
    seen = list(bulk.import_file(database, io.BytesIO(content), agent="x", batch=2))
    assert [one.created for one in seen] == [2, 3]
    assert (seen[-1].lines, seen[-1].bytes, seen[-1].failed) == (5, len(content), 1)


# --- private texts -----------------------------------------------------------------------------


def texts(database: Database) -> dict[str, str]:
    with database.reader() as reader:
        return {row.sha256: row.text for row in reader.execute(select(SNAPSHOT))}


def test_a_source_s_text_is_kept_beside_the_ledger(database: Database) -> None:
    words = "“Sözlər” — слова 𐌰\r\n"
    sha256 = hashlib.sha256(words.encode()).hexdigest()
    fill(database, [source("s", text=words), source("same", text=words)])
    assert texts(database) == {sha256: words}
    assert [row for row in dump(database)["revision"] if "Sözlər" in str(row)] == []
    assert load(database, [source("s", sha256=sha256)]).unchanged == 1


def test_a_text_may_come_after_its_hash(database: Database) -> None:
    sha256 = hashlib.sha256(b"words").hexdigest()
    fill(database, [source("s", sha256=sha256)])
    assert texts(database) == {}
    assert load(database, [source("s", text="words", sha256=sha256)], dry_run=True).unchanged == 1
    assert texts(database) == {}
    assert load(database, [source("s", text="words", sha256=sha256)]).unchanged == 1
    assert texts(database) == {sha256: "words"}


def test_another_text_is_another_version_and_both_are_kept(database: Database) -> None:
    fill(database, [source("s", text="words")])
    assert load(database, [source("s", text="others")]).updated == 1
    assert set(texts(database).values()) == {"words", "others"}


def test_the_text_of_a_refused_line_is_not_kept(database: Database) -> None:
    assert load(database, [source("s", text="words", publisher="nobody")]).failed == 1
    assert texts(database) == {}
