"""Representations: which one is answered, and that each says what JSON says."""

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.api.accept import preferred
from app.db import Database
from app.formats import MEDIA_TYPES, atom
from app.formats import csv as table
from app.models.format import Format
from app.models.source import SourceAnswer
from tests.cases import Cases
from tests.factories import (
    actor,
    attribution,
    everything,
    figure,
    fill,
    load,
    member_of,
    source,
    statement,
)

Json = dict[str, Any]

CSV = "text/csv; charset=utf-8; header=present"
FEED = "{http://www.w3.org/2005/Atom}"
OFFERS = [name for names in MEDIA_TYPES.values() for name in names]
USUAL = {format: names[0] for format, names in MEDIA_TYPES.items()}
PUTIN = "putin-more-than-2000-casualties-on-each-side"


# --- which one ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("text/*", CSV),
        ("text/csv", CSV),
        ("text/csv;header=present", CSV),
        ('text/csv; charset="UTF-8"', CSV),
        ("text/csv;header=absent", None),
        ("text/csv;charset=iso-8859-1", None),
        ("application/jsonl", "application/jsonl"),
        ("application/atom+xml;type=feed", "application/atom+xml"),
        ('application/ld+json; profile="a, b; c"', "application/ld+json"),
        ("text/html", None),
        ("json", None),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        # how much it is wanted
        ("application/json;q=0.1, text/csv;q=0.2", CSV),
        ("text/csv;q=0.2, application/json;q=0.1", CSV),
        ("application/json ; Q=0.5 , text/csv", CSV),
        ("application/json;q=0, */*", "application/x-ndjson"),
        ("application/json;q=0.000", None),
        ("*/*;q=0", None),
        # the most specific range tells
        ("application/*, application/json;q=0.1, text/csv;q=0.5", "application/x-ndjson"),
        ("text/csv;q=0.1, text/csv;header=present, application/json;q=0.5", CSV),
        ("text/csv, text/csv;header=present;q=0.1, application/json;q=0.5", "application/json"),
        # wanted alike: the one that is named, then the one named first
        ("*/*, text/csv", CSV),
        ("application/*, application/ld+json", "application/ld+json"),
        ("text/csv, application/json", CSV),
        ("application/json, text/csv", "application/json"),
        # malformed members count for nothing
        ("text/csv;q=high, application/json;q=0.1", "application/json"),
        ("text/csv;q=-1, application/json;q=0.1", "application/json"),
        ("text/csv;=, ;, application/json;q=0.1", "application/json"),
        ('text/csv;a="b, application/json', None),
    ],
)
def test_what_a_client_prefers(accept: str | None, expected: str | None) -> None:
    assert preferred(accept, OFFERS) == expected


@given(st.text(alphabet='ab*/;,=q01. "\\', max_size=30))
def test_any_accept_header_is_read(accept: str) -> None:
    assert preferred(accept, OFFERS) in {*OFFERS, None}


@pytest.mark.parametrize("part", ['\\"', '"a', ";", " ", "a/b;", 'a/b;c="', "x,", "*/*,"])
def test_no_accept_header_takes_long(part: str) -> None:
    start = time.process_time()
    preferred('a/b;c="' + part * (60_000 // len(part)), OFFERS)
    preferred(part * (60_000 // len(part)), OFFERS)
    assert time.process_time() - start < 5, "more than linear"


def _reads(client: TestClient) -> Iterator[tuple[str, list[str]]]:
    """A URL of every read of the contract that takes `format`, and the media types it documents."""
    for path, item in client.get("/openapi.json").json()["paths"].items():
        parameters = item.get("get", {}).get("parameters", [])
        if "format" not in {one["name"] for one in parameters}:
            continue
        if any("examples" not in one for one in parameters if one["in"] == "path"):
            continue  # of what is not in the bundled record
        for one in parameters:
            if one["in"] == "path":
                (example,) = one["examples"].values()
                path = path.replace(f"{{{one['name']}}}", str(example["value"]))
        documented = item["get"]["responses"]["200"]["content"]
        # A stream of events has no end; tests/test_changes.py reads it.
        yield path, [one for one in documented if one != "text/event-stream"]


def test_every_read_answers_what_it_documents_and_nothing_else(reading: TestClient) -> None:
    paths = dict(_reads(reading))
    assert {"/v1/statements", f"/v1/statements/{PUTIN}", "/v1/figures"} <= set(paths)
    assert paths["/v1/statements"] == [one.partition(";")[0] for one in USUAL.values()]
    for path, documented in paths.items():
        tags = set()
        for media_type in documented:
            got = reading.get(path, headers={"Accept": media_type})
            assert got.status_code == 200, got.text
            assert got.headers["Content-Type"].partition(";")[0] == media_type
            assert "Accept" in got.headers["Vary"]
            tags.add(got.headers.get("ETag"))
        assert len(tags) == len(documented), path
        for format, media_type in USUAL.items():
            plain = media_type.partition(";")[0]
            got = reading.get(path, params={"format": format})
            if plain in documented:
                assert got.status_code == 200, got.text
                assert got.headers["Content-Type"] == media_type
            else:
                assert got.status_code in (406, 422), path  # 422: no value of its `format`
                assert reading.get(path, headers={"Accept": plain}).status_code == 406


def test_head_says_what_get_would(reading: TestClient) -> None:
    for format in USUAL:
        asked = {"format": str(format), "limit": "2"}
        got, head = (
            reading.get("/v1/statements", params=asked),
            reading.head("/v1/statements", params=asked),
        )
        assert head.status_code == 200
        assert head.content == b""
        for name in ("Content-Type", "ETag", "Link", "Vary"):
            assert head.headers[name] == got.headers[name]


def test_what_you_have_is_still_right_only_in_the_same_form(reading: TestClient) -> None:
    tag = reading.get("/v1/statements", headers={"Accept": "text/csv"}).headers["ETag"]
    same = {"Accept": "text/csv", "If-None-Match": tag}
    assert reading.get("/v1/statements", headers=same).status_code == 304
    other = {"Accept": "application/json", "If-None-Match": tag}
    assert reading.get("/v1/statements", headers=other).status_code == 200


def test_the_tag_of_a_record_begins_with_its_version(reading: TestClient) -> None:
    for format in ("json", "ndjson", "csv", "jsonld"):
        plain = {"Accept-Encoding": "identity"}
        got = reading.get("/v1/actors/vladimir-putin", params={"format": format}, headers=plain)
        assert re.fullmatch(r'"1-[0-9a-f]{32}"', got.headers["ETag"])


def test_another_name_of_ndjson_is_answered_and_tagged_as_such(reading: TestClient) -> None:
    names = ("application/x-ndjson", "application/ndjson", "application/jsonl")
    answers = [reading.get("/v1/actors", headers={"Accept": name}) for name in names]
    assert [got.headers["Content-Type"] for got in answers] == list(names)
    assert len({got.content for got in answers}) == 1
    assert len({got.headers["ETag"] for got in answers}) == 3


def test_the_parameter_wins_over_the_header(reading: TestClient) -> None:
    got = reading.get("/v1/actors", params={"format": "csv"}, headers={"Accept": "text/html"})
    assert got.headers["Content-Type"] == CSV


def test_several_accept_headers_are_one(reading: TestClient) -> None:
    headers = [("Accept", "text/html"), ("Accept", "text/csv")]
    assert reading.get("/v1/actors", headers=headers).headers["Content-Type"] == CSV


def test_what_is_not_there_is_refused_with_what_there_is(reading: TestClient) -> None:
    for headers, where in (({"Accept": "text/html"}, "Accept"), ({}, "format")):
        asked = {} if where == "Accept" else {"format": "atom"}
        got = reading.get("/v1/actors/vladimir-putin", headers=headers, params=asked)
        assert got.status_code == 406
        assert got.headers["Content-Type"] == "application/problem+json"
        problem = got.json()
        assert "application/x-ndjson, text/csv, application/ld+json;" in problem["detail"]
        assert "atom" not in problem["detail"]
        assert [one["parameter"] for one in problem["errors"]] == [where]


@pytest.mark.parametrize("path", ["/v1/statements", "/v1/actors/vladimir-putin"])
@pytest.mark.parametrize("format", ["xml", "", "JSON", "json,csv"])
def test_an_unknown_format_is_named(reading: TestClient, path: str, format: str) -> None:
    got = reading.get(path, params={"format": format})
    assert got.status_code == 422
    assert [one["parameter"] for one in got.json()["errors"]] == ["format"]


@pytest.mark.parametrize("format", USUAL)
def test_a_walk_stays_in_its_form(reading: TestClient, format: str) -> None:
    url, pages = f"/v1/statements?limit=9&format={format}", 0
    while url:
        got = reading.get(url)
        assert got.headers["Content-Type"] == USUAL[Format(format)]
        pages += 1
        assert (pages > 1) == ("prev" in got.links)
        url = got.links.get("next", {}).get("url", "")
        assert not url or parse_qs(urlsplit(url).query)["format"] == [format]
    assert pages == 3


def test_a_cursor_goes_on_in_another_form(reading: TestClient) -> None:
    after = reading.get("/v1/statements?limit=2").links["next"]["url"]
    rest = reading.get(after).json()["items"]
    lines = reading.get(f"{after}&format=ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == rest


# --- NDJSON and CSV -----------------------------------------------------------------------------


def _table(text: str) -> list[Json]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_ndjson_is_a_record_a_line(reading: TestClient) -> None:
    for path in ("/v1/statements?limit=5", "/v1/figures", "/v1/topics"):
        got = reading.get(path, headers={"Accept": "application/x-ndjson"})
        assert got.text.endswith("}\n")
        lines = [json.loads(line) for line in got.text[:-1].split("\n")]
        assert lines == reading.get(path).json()["items"]
    one = reading.get("/v1/actors/vladimir-putin?format=ndjson").text
    assert one == reading.get("/v1/actors/vladimir-putin").text + "\n"
    assert reading.get("/v1/figures?format=ndjson&speaker=hikmet-hajiyev").content == b""


def test_a_statement_has_a_row_for_each_report(client: TestClient, bundled: Database) -> None:
    fill(
        bundled,
        [
            source("paper", title="Paper; a “daily”", url="https://example.org/1"),
            statement("twice", content="Yes,\nand no", lang="en", topics=["casualties"]),
            attribution(
                "twice:1",
                "twice",
                "paper",
                speakers=[
                    {"actor": "vladimir-putin", "attribution_text": "he", "role": "President"},
                    {"attribution_text": "a man", "status": "unresolved"},
                ],
                figures=[
                    figure(as_worded="some 50", qualifier="about", best=50, parties=["armenia"]),
                    figure(as_worded="its losses", status="undisclosed", per="each"),
                ],
            ),
            attribution("twice:2", "twice", "paper", cue="told"),
            statement("never", content="-1"),
        ],
    )
    first, second = _table(client.get("/v1/statements/twice?format=csv").text)
    assert (
        first.items()
        >= {
            "statement_id": "twice",
            "content": "Yes,\nand no",
            "polarity": "affirmed",
            "topics": "Casualties",
            "attribution_id": "twice:1",
            "speakers": "he | a man",
            "speaker_names": "Vladimir Putin | ",
            "roles": "President | ",
            "speaker_status": " | unresolved",
            "factuality": "actual",
            "review_status": "draft",
            "figures": "killed, Armenia: some 50 (best 50)"
            " | killed, per each: its losses (undisclosed)",
            "source_title": "Paper; a “daily”",
            "source_url": "https://example.org/1",
            "publisher": "",
        }.items()
    )
    assert second["attribution_id"] == "twice:2"
    assert second["speakers"] == second["roles"] == ""
    assert {name for name in first if first[name] == second[name]} >= {"content", "source_id"}
    (only,) = _table(client.get("/v1/statements/never?format=csv").text)
    assert only["statement_id"] == "never"
    assert only["content"] == "'-1"
    assert only["attribution_id"] == only["factuality"] == ""


def test_every_table_has_every_record(client: TestClient, bundled: Database) -> None:
    fill(bundled, everything())
    load(
        bundled, [actor("speaker", name="Əliyev", memberships=member_of("state"))], reason="mended"
    )
    for path, of in (
        ("/v1/statements", "statement_id"),
        ("/v1/attributions", "attribution_id"),
        ("/v1/actors", "id"),
        ("/v1/topics", "id"),
        ("/v1/sources", "id"),
        ("/v1/actors/speaker/revisions", "id"),
    ):
        items = client.get(path, params={"limit": 100}).json()["items"]
        rows = _table(client.get(path, params={"limit": 100, "format": "csv"}).text)
        assert list(dict.fromkeys(row[of] for row in rows)) == [
            *dict.fromkeys(item["id"] for item in items)
        ]
        some = {name for row in rows for name, value in row.items() if value}
        never = set(rows[0]) - some
        assert not never, f"columns of {path} that are always empty"


def test_figures_keep_wording_bounds_and_claimants(reading: TestClient) -> None:
    rows = _table(reading.get("/v1/figures?format=csv").text)
    (row,) = [row for row in rows if row["statement_id"] == PUTIN]
    assert (
        row.items()
        >= {
            "measure": "casualties",
            "parties": "Azerbaijan | Ethnic Armenian forces",
            "per": "each",
            "as_worded": "more than 2,000 on each side",
            "qualifier": "more_than",
            "low": "2000",
            "best": "",
            "high": "",
            "figure_status": "stated",
            "claimants": "Putin",
            "claimant_names": "Vladimir Putin",
            "polarity": "affirmed",
            "factuality": "actual",
            "review_status": "reviewed",
        }.items()
    )


def test_fields_choose_columns(reading: TestClient) -> None:
    got = reading.get("/v1/statements?format=csv&fields=id,content&limit=1").text
    assert got.split("\r\n")[0] == "\ufeffstatement_id,content"
    got = reading.get("/v1/statements?format=csv&fields=attributions&limit=1").text
    assert got.startswith("\ufeffattribution_id,speakers,")
    assert reading.get("/v1/actors?format=csv&fields=name&kind=unknown").text.startswith(
        "\ufeffid,"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+374", "'+374"),
        ("-5", "'-5"),
        ("@cmd", "'@cmd"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        (" =1", " =1"),
        ("", ""),
        (-5, "-5"),
        (-73.5, "-73.5"),
        (True, "true"),
        (None, ""),
    ],
)
def test_no_text_is_a_formula(text: Any, shown: str) -> None:
    assert table.cell(text) == shown


TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("\"',;\r\n\t=+-@ |'"), st.characters(codec="utf-8"))
)
SOURCE: Json = {
    "id": "s",
    "version": 1,
    "kind": "article",
    "title": "A title",
    "url": None,
    "archived_url": None,
    "publisher": None,
    "authors": [],
    "lang": None,
    "published_at": "2020-10",
    "retrieved_at": None,
    "derived_from": [],
    "sha256": None,
    "extent": None,
    "created_at": "2026-11-23T08:15:30.123456Z",
    "updated_at": "2026-11-23T08:15:30.123456Z",
}


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_a_table_is_read_back_as_it_was_written(texts: list[tuple[str, str]]) -> None:
    items = [{**SOURCE, "title": title, "authors": [author]} for title, author in texts]
    found = table.table(SourceAnswer, [json.dumps(item) for item in items])
    rows = _table(found.decode())
    assert [(row["title"], row["authors"]) for row in rows] == [
        (table.cell(title), table.cell(author)) for title, author in texts
    ]
    assert [
        tuple(map(_without_guard, row)) for row in [(r["title"], r["authors"]) for r in rows]
    ] == texts
    assert all(row["created_at"] == SOURCE["created_at"] for row in rows)


def _without_guard(cell: str) -> str:
    """The text that a cell holds: less one apostrophe where one stands guard."""
    return cell[1:] if re.match("'+[=+\\-@＝＋－＠\t\r\n]", cell) else cell


def test_rows_end_as_rfc_4180_says() -> None:
    found = table.table(SourceAnswer, [json.dumps({**SOURCE, "title": 'a "b",\nc'})]).decode()
    head, row, end = found.split("\r\n")
    assert head.startswith("\ufeffid,kind,title,")
    assert row.startswith('s,article,"a ""b"",\nc",')
    assert end == ""


# --- Atom ---------------------------------------------------------------------------------------


def _feed(text: bytes | str) -> ElementTree.Element:
    """A feed that has what RFC 4287 (4.1) asks of it."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{FEED}feed"
    for element in (root, *root.iter(f"{FEED}entry")):
        for tag in ("id", "title", "updated"):
            (found,) = element.findall(FEED + tag)
            assert found.text
            if tag == "updated":
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", found.text)
        relations = [(link.get("rel"), link.get("href")) for link in element.findall(f"{FEED}link")]
        assert len(set(relations)) == len(relations)
    assert root.findtext(f"{FEED}author/{FEED}name")
    entries = root.findall(f"{FEED}entry")
    assert len({entry.findtext(f"{FEED}id") for entry in entries}) == len(entries)
    times = [entry.findtext(f"{FEED}updated") for entry in entries]
    assert not times or root.findtext(f"{FEED}updated") == max(filter(None, times))
    return root


def _links(root: ElementTree.Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in root.findall(f"{FEED}link")}


def _entries(root: ElementTree.Element) -> list[ElementTree.Element]:
    return root.findall(f"{FEED}entry")


def test_every_list_of_records_is_a_feed(client: TestClient, bundled: Database) -> None:
    fill(bundled, everything())
    feeds = 0
    for path, media_types in _reads(client):
        if "application/atom+xml" in media_types:
            items = client.get(path).json()["items"]
            root = _feed(client.get(path, headers={"Accept": "application/atom+xml"}).content)
            assert len(_entries(root)) == len(items)
            feeds += 1
    assert feeds >= 12


def test_an_entry_says_who_said_what_where(reading: TestClient) -> None:
    (entry,) = _entries(_feed(reading.get(f"/v1/statements/{PUTIN}/attributions?format=atom").text))
    words = "There are a lot of casualties on both sides, more than 2,000 on each side"
    assert entry.findtext(f"{FEED}title") == f"Vladimir Putin: {words}"
    content = entry.find(f"{FEED}content")
    assert content is not None
    assert content.get("type") == "text"
    assert content.text
    for line in (
        words,
        "Source: Fighting Rages in Nagorno-Karabakh on Eve of US Talks, 2020-10-23~",
        "Speakers: Putin (Vladimir Putin)",
        "Cue: told",
        f"Words: “{words}”",
        "Quotation: direct",
    ):
        assert line in content.text.split("\n")
    url = f"http://testserver/v1/attributions/fighting-rages:{PUTIN}"
    assert _links(entry) == {"alternate": url}


def test_an_entry_keeps_its_id_under_another_host(client: TestClient, bundled: Database) -> None:
    def ids(host: str) -> set[str | None]:
        got = client.get("/v1/statements?format=atom&limit=100", headers={"Host": host})
        assert f"http://{host}/v1/statements/" in got.text
        return {entry.findtext(f"{FEED}id") for entry in _entries(_feed(got.text))}

    before = ids("one.example")
    assert len(before) > 20
    assert all(id and id.startswith("urn:uuid:") for id in before)
    assert ids("two.example") == before
    fill(bundled, [statement(PUTIN, content="Something else")])
    assert ids("one.example") == before


def test_an_entry_is_updated_when_a_report_of_it_is(client: TestClient, bundled: Database) -> None:
    def updated() -> str:
        got = client.get("/v1/statements?format=atom&source=paper")
        (entry,) = _entries(_feed(got.text))
        return entry.findtext(f"{FEED}updated") or ""

    fill(bundled, [source("paper"), statement("it"), attribution("r", "it", "paper")])
    first = updated()
    assert first == client.get("/v1/statements/it").json()["updated_at"]
    fill(bundled, [attribution("r", "it", "paper", cue="said")])
    assert updated() > first


def test_pages_of_a_feed_are_linked(reading: TestClient) -> None:
    url, seen = "/v1/statements?limit=9&topic=nagorno-karabakh-war-2020", []
    root = _feed(reading.get(url, headers={"Accept": "application/atom+xml"}).text)
    links = _links(root)
    assert set(links) == {"self", "first", "next"}
    while True:
        assert _links(root)["first"] == links["first"] == root.findtext(f"{FEED}id")
        seen += [entry.findtext(f"{FEED}id") for entry in _entries(root)]
        if "next" not in _links(root):
            break
        here = reading.get(_links(root)["next"])
        root = _feed(here.text)
        assert _links(root)["self"] == str(here.url)
        assert "previous" in _links(root)
    assert len(seen) == len(set(seen)) > 9


def test_a_feed_without_entries_is_one(reading: TestClient) -> None:
    root = _feed(reading.get("/v1/statements?format=atom&speaker=valdai-discussion-club").text)
    assert _entries(root) == []
    title = root.findtext(f"{FEED}title")
    assert title == "Onrecord: statements (speaker=valdai-discussion-club)"


def test_a_feed_shows_whole_records(reading: TestClient) -> None:
    got = reading.get("/v1/statements?fields=id", headers={"Accept": "application/atom+xml"})
    assert got.status_code == 422
    assert [one["parameter"] for one in got.json()["errors"]] == ["fields"]
    assert len(_entries(_feed(reading.get("/v1/statements?expand=none&format=atom").text))) == 20


NOT_XML = "\x00\x08\x0b\x1f\ufffe\uffff"


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from(NOT_XML + "<&>]\"'\r\n"), st.characters(codec="utf-8"))
    )
)
def test_a_feed_is_always_well_formed(text: str) -> None:
    item = {**SOURCE, "title": text, "authors": [text], "url": f"https://example.org/{text}"}
    urls = {"self": f"http://x/v1/sources?a={text}", "first": "http://x/v1/sources"}
    (entry,) = _entries(_feed(atom.feed(SourceAnswer, [json.dumps(item)], "http://x", urls)))
    clean = "".join(letter for letter in text if letter not in NOT_XML)
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", clean)
    content = entry.findtext(f"{FEED}content") or ""
    # Line ends are one line feed to a reader of XML (XML 1.0, 2.11).
    author = re.sub("\r\n|\r", "\n", clean)
    assert ("Authors: " in content) == bool(text)
    assert f"Authors: {author}" in content or not text


# --- whatever shows the words shows what they are worth -----------------------------------------

CAVEATS: dict[str, tuple[Json, Json]] = {
    "negated": ({"polarity": "negated"}, {}),
    "not_said": ({}, {"factuality": "not_said"}),
    "hypothetical": ({}, {"factuality": "hypothetical"}),
    "disputed": ({}, {"status": "disputed"}),
    "rejected": ({}, {"status": "rejected"}),
}


def test_caveats_are_shown_wherever_the_words_are(client: TestClient, bundled: Database) -> None:
    with Cases() as cases:
        for caveat in CAVEATS:
            with cases.named(caveat):
                _check_shown(client, bundled, caveat)


def _check_shown(client: TestClient, bundled: Database, caveat: str) -> None:
    said, report = CAVEATS[caveat]
    by = [{"actor": "vladimir-putin", "attribution_text": "Putin"}]
    words = {"speakers": by, "quotation_type": "direct", "quoted_text": "Soldiers were sent"}
    lines = [
        source("paper"),
        statement("it", content="Soldiers were sent", **said),
        attribution(
            "it:1", "it", "paper", **words, **report, figures=[figure(as_worded="soldiers")]
        ),
    ]
    fill(bundled, lines)
    reads = ["/v1/statements/it", "/v1/statements/it/attributions", "/v1/attributions/it:1"]
    reads += ["/v1/attributions/it:1/chain"]
    asked = "source=paper&factuality=actual&factuality=not_said&factuality=hypothetical"
    asked += "&status=draft&status=disputed&status=rejected"
    reads += [f"/v1/{name}?{asked}" for name in ("statements", "attributions", "figures")]
    seen = 0
    for read in reads:
        for accept in USUAL.values():
            got = client.get(read, headers={"Accept": accept})
            if got.status_code == 406:
                continue
            assert got.status_code == 200, got.text
            assert "Soldiers were sent" in got.text
            assert caveat in got.text, f"{read} as {accept} hides that it is {caveat}"
            seen += 1
    assert seen == 7 * 4 + 4


def test_a_title_says_it_before_the_words(client: TestClient, bundled: Database) -> None:
    with Cases() as cases:
        for caveat in CAVEATS:
            with cases.named(caveat):
                _check_title(client, bundled, caveat)


def _check_title(client: TestClient, bundled: Database, caveat: str) -> None:
    said, report = CAVEATS[caveat]
    by = [{"attribution_text": "A name that goes on " * 20}] * 9
    lines = [
        source("paper"),
        statement("it", content="Soldiers were sent", **said),
        attribution("it:1", "it", "paper", speakers=by, **report),
    ]
    fill(bundled, lines)
    got = client.get("/v1/statements/it/attributions?format=atom")
    (entry,) = _entries(_feed(got.text))
    title, content = entry.findtext(f"{FEED}title"), entry.findtext(f"{FEED}content")
    assert title
    assert re.fullmatch(rf"A name .*… \[{caveat}\]: Soldiers were sent", title)
    assert content
    assert caveat in content.partition("Soldiers were sent")[0].lower()
