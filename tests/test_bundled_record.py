"""The bundled record holds together, checked without the article, which is not in the repository.

What can be known without it: lines, ids and references obey the interchange format; every
anchor is as long as its offsets say; all anchors together, each a piece of the article with a
little of what stands around it, never disagree about a character that two of them cover; and
the words, cues and names of an attribution are those that it anchors.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

RECORD = Path(__file__).parents[1] / "app" / "record" / "karabakh-2020.ndjson"
ARTICLE_SHA256 = "f0ad1b9d23c6a3d76fe8c25ef70f61c6c528635a46f022cae44d838dbfa73aff"
ARTICLE_LENGTH = 2_724
"""Code points of the article."""
MOST_COVERED = 0.75
"""The share of the article that all anchors together may show."""
LONGEST_CONTEXT = 32

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
ORDER = ["topic", "actor", "source", "statement", "attribution"]
SERVED = {"version", "created_at", "updated_at"}
BOUNDS = {
    "exactly": {"best"},
    "about": {"best"},
    "almost": {"high"},
    "more_than": {"low"},
    "at_least": {"low"},
    "at_most": {"high"},
    "between": {"low", "high"},
    "vague": set(),
    None: set(),
}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def records() -> list[Json]:
    """Every line, in the order of the file."""
    text = RECORD.read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return [json.loads(line, object_pairs_hook=_once) for line in text[:-1].split("\n")]


@pytest.fixture(scope="module")
def attributions(records: list[Json]) -> list[Json]:
    return [record for record in records if record["type"] == "attribution"]


@pytest.fixture(scope="module")
def statements(records: list[Json]) -> dict[str, Json]:
    return {record["id"]: record for record in records if record["type"] == "statement"}


def _once(pairs: list[tuple[str, Any]]) -> Json:
    """An object in which no member stands twice."""
    found = dict(pairs)
    assert len(found) == len(pairs), f"a member stands twice in {pairs}"
    return found


def _anchors(attribution: Json, role: str, index: int | None = None) -> list[str]:
    """The exact words that an attribution anchors for a role, in reading order."""
    return [
        selector["exact"]
        for selector in attribution.get("selectors", [])
        if selector["role"] == role and selector.get("index") == index
    ]


def _window(selector: Json) -> tuple[int, str]:
    """An anchor with what stands around it, and where that begins."""
    prefix, suffix = selector.get("prefix", ""), selector.get("suffix", "")
    return selector["start"] - len(prefix), prefix + selector["exact"] + suffix


def _windows(attributions: list[Json]) -> Iterator[tuple[str, int, str]]:
    for attribution in attributions:
        for selector in attribution.get("selectors", []):
            yield (attribution["id"], *_window(selector))


def _empty(value: Any) -> bool:
    """Whether a null or empty value stands anywhere in it: an export gives neither."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return not value or any(map(_empty, inner))
    return value in (None, "")


def _references(record: Json) -> Iterator[tuple[str, str, bool]]:
    """Type and id of every record that this one names, and whether it may stand later."""
    for topic in [*record.get("topics", []), *record.get("broader", [])]:
        yield "topic", topic, False
    for actor in record.get("about", []):
        yield "actor", actor, False
    for name in ("statement", "source", "parent", "publisher", "content_from"):
        if name in record:
            kind = {
                "parent": "attribution",
                "publisher": "actor",
                "content_from": "attribution",
            }.get(name, name)
            yield kind, record[name], name == "content_from"
    for relation in record.get("relations", []):
        yield "statement", relation["statement"], True
        if "source" in relation:
            yield "source", relation["source"], True
    for membership in record.get("memberships", []):
        yield "actor", membership["organization"], True
        if "source" in membership:
            yield "source", membership["source"], True
    for name in ("speakers", "via", "addressees"):
        for mention in record.get(name, []):
            for member in ("actor", "on_behalf_of"):
                if member in mention:
                    yield "actor", mention[member], False
    for figure in record.get("figures", []):
        for party in figure.get("parties", []):
            yield "actor", party, False
        if "place" in figure:
            yield "topic", figure["place"], False


# --- the format ---------------------------------------------------------------------------------


def test_every_line_is_a_record_as_it_is_exported(records: list[Json]) -> None:
    for record in records:
        assert list(record)[:2] == ["type", "id"]
        assert record["type"] in ORDER
        assert ID.fullmatch(record["id"]), record["id"]
        assert not SERVED & set(record), record["id"]
        assert not _empty(record), f"{record['id']} has a null or empty member"


def test_text_is_composed(records: list[Json]) -> None:
    for record in records:
        text = json.dumps(record, ensure_ascii=False)
        assert unicodedata.is_normalized("NFC", text), record["id"]


def test_ids_are_unique_within_their_type(records: list[Json]) -> None:
    count = Counter((record["type"], record["id"]) for record in records)
    assert [key for key, times in count.items() if times > 1] == []


def test_references_resolve_in_the_order_of_the_file(records: list[Json]) -> None:
    everything = {(record["type"], record["id"]) for record in records}
    earlier: set[tuple[str, str]] = set()
    for record in records:
        for kind, id, may_be_later in _references(record):
            known = everything if may_be_later else earlier
            assert (kind, id) in known, f"{record['id']} names {kind} {id}"
        earlier.add((record["type"], record["id"]))


def test_a_statement_is_followed_by_its_attributions(records: list[Json]) -> None:
    ranks = [ORDER.index(record["type"]) for record in records]
    head = [rank for rank in ranks if rank < 3]
    assert ranks[: len(head)] == head == sorted(head)
    statement, unreported = None, set()
    for record in records[len(head) :]:
        if record["type"] == "statement":
            statement = record["id"]
            unreported.add(statement)
        else:
            assert record["statement"] == statement, record["id"]
            unreported.discard(statement)
    assert unreported == set()


def test_what_nobody_uses_is_left_out(records: list[Json]) -> None:
    used = {(kind, id) for record in records for kind, id, _ in _references(record)}
    for record in records:
        if record["type"] in ("topic", "actor", "source", "statement"):
            assert (record["type"], record["id"]) in used, record["id"]


# --- the article stays out ----------------------------------------------------------------------


def test_the_source_is_named_but_not_copied(records: list[Json]) -> None:
    (source,) = [record for record in records if record["type"] == "source"]
    assert source["sha256"] == ARTICLE_SHA256
    assert (source["published_at"], source["extent"]) == ("2020-10-23~", "full")
    assert not {"text", "url", "publisher", "authors"} & set(source)
    assert not any("text" in record for record in records)


def test_anchors_show_well_below_the_whole(attributions: list[Json]) -> None:
    covered = {
        offset
        for _, start, window in _windows(attributions)
        for offset in range(start, start + len(window))
    }
    share = len(covered) / ARTICLE_LENGTH
    assert 0.25 < share < MOST_COVERED
    assert min(covered) >= 0
    assert max(covered) < ARTICLE_LENGTH


# --- anchors ------------------------------------------------------------------------------------


def test_anchors_are_as_long_as_their_offsets_say(attributions: list[Json]) -> None:
    for attribution in attributions:
        for selector in attribution.get("selectors", []):
            start, end = selector["start"], selector["end"]
            assert 0 <= start < end <= ARTICLE_LENGTH
            assert len(selector["exact"]) == end - start, (
                attribution["id"],
                selector,
            )
            for side in ("prefix", "suffix"):
                assert 0 < len(selector[side]) <= LONGEST_CONTEXT, attribution["id"]


def test_anchors_never_disagree_about_a_character(attributions: list[Json]) -> None:
    article: dict[int, str] = {}
    again = 0
    for id, start, window in _windows(attributions):
        for offset, character in enumerate(window, start):
            again += offset in article
            assert article.setdefault(offset, character) == character, (id, offset)
    assert again > len(article), "too little overlap to say that the offsets agree"


def test_the_same_words_in_the_same_context_stand_in_one_place(
    attributions: list[Json],
) -> None:
    places: dict[str, int] = {}
    for id, start, window in _windows(attributions):
        assert places.setdefault(window, start) == start, (id, window)


def test_anchors_stand_in_reading_order(attributions: list[Json]) -> None:
    for attribution in attributions:
        starts = [selector["start"] for selector in attribution.get("selectors", [])]
        assert starts == sorted(starts), attribution["id"]
        contents = [
            (selector["start"], selector["end"])
            for selector in attribution.get("selectors", [])
            if selector["role"] == "content"
        ]
        for (_, end), (start, _) in pairwise(contents):
            assert end <= start, f"contents of {attribution['id']} overlap"


def test_attributions_are_numbered_as_they_stand(attributions: list[Json]) -> None:
    numbers = [attribution["sequence"] for attribution in attributions]
    assert numbers == list(range(1, len(numbers) + 1))
    starts = [attribution["selectors"][0]["start"] for attribution in attributions]
    assert starts == sorted(starts)


# --- words --------------------------------------------------------------------------------------


def test_quoted_words_are_those_anchored(attributions: list[Json]) -> None:
    for attribution in attributions:
        anchored = " ".join(_anchors(attribution, "content"))
        assert attribution.get("quoted_text", "") == anchored, attribution["id"]
        assert ("lang" in attribution) == bool(anchored), attribution["id"]


def test_cue_and_mentions_are_those_anchored(attributions: list[Json]) -> None:
    for attribution in attributions:
        id = attribution["id"]
        cue = attribution.get("cue")
        assert _anchors(attribution, "cue") == ([cue] if cue else []), id
        for index, speaker in enumerate(attribution.get("speakers", [])):
            text = speaker.get("attribution_text")
            assert _anchors(attribution, "speaker", index) == ([text] if text else [])
            assert (text is None) == (speaker["status"] == "document"), id
        assert _anchors(attribution, "addressee") == [
            addressee["attribution_text"] for addressee in attribution.get("addressees", [])
        ]
        for selector in attribution["selectors"]:
            assert ("index" in selector) == (selector["role"] == "speaker"), id
            if "index" in selector:
                assert selector["index"] < len(attribution["speakers"]), id


def test_a_printed_role_stands_before_the_name(attributions: list[Json]) -> None:
    roles = []
    for attribution in attributions:
        for index, speaker in enumerate(attribution.get("speakers", [])):
            if "role" in speaker:
                (prefix,) = [
                    selector["prefix"]
                    for selector in attribution["selectors"]
                    if selector.get("index") == index
                ]
                assert prefix.endswith(f"{speaker['role']} "[-len(prefix) :])
                roles.append(speaker["role"])
    assert roles == ["Russian President", "Armenian Prime Minister"]


def test_content_is_the_wording_that_it_names(
    attributions: list[Json], statements: dict[str, Json]
) -> None:
    by_id = {attribution["id"]: attribution for attribution in attributions}
    for id, statement in statements.items():
        assert ("content" in statement) == ("content_from" in statement), id
        if "content" in statement:
            wording = by_id[statement["content_from"]]
            assert wording["statement"] == id
            assert statement["content"] == wording["quoted_text"]
            assert statement["lang"] == wording["lang"]


def test_only_speech_without_words_has_no_words(attributions: list[Json]) -> None:
    without = set()
    for attribution in attributions:
        silent = "quoted_text" not in attribution
        assert silent == (attribution["quotation_type"] == "reported")
        if silent:
            without.add(attribution["statement"])
    assert "hajiyev-comments" in without


def test_the_inner_stands_within_the_words_of_the_outer(
    attributions: list[Json],
) -> None:
    by_id = {attribution["id"]: attribution for attribution in attributions}
    nested = [attribution for attribution in attributions if "parent" in attribution]
    for inner in nested:
        outer = by_id[inner["parent"]]
        assert outer["source"] == inner["source"]
        assert "figures" not in outer, "a figure belongs to the innermost attribution"
        spans = [
            range(selector["start"], selector["end"] + 1)
            for selector in outer["selectors"]
            if selector["role"] == "content"
        ]
        for selector in inner["selectors"]:
            assert any(selector["start"] in span and selector["end"] in span for span in spans), (
                inner["id"],
                selector["exact"],
            )
    assert {inner["statement"] for inner in nested} == {
        "moscow-almost-5000-killed",
        "warring-parties-announced-deaths",
        "demands-for-a-turkish-role",
    }


def test_several_speakers_are_said_to_be_joint_or_not(
    attributions: list[Json],
) -> None:
    several = 0
    for attribution in attributions:
        together = len(attribution.get("speakers", [])) > 1
        assert ("joint" in attribution) == together, attribution["id"]
        several += together
    assert several == 2


def test_words_that_nobody_is_given_have_no_speaker(
    attributions: list[Json],
) -> None:
    nobody = {
        attribution["statement"] for attribution in attributions if "speakers" not in attribution
    }
    assert nobody == {
        "nearly-1000-reported-killed",
        "diplomatic-solution-at-that-point",
        "demands-for-a-turkish-role",
    }


def test_everything_was_looked_at(attributions: list[Json]) -> None:
    assert {attribution["status"] for attribution in attributions} == {"reviewed"}


# --- figures and dates --------------------------------------------------------------------------


def _figures(attributions: list[Json]) -> Iterator[tuple[Json, Json]]:
    for attribution in attributions:
        for figure in attribution.get("figures", []):
            yield attribution, figure


def test_a_figure_has_the_bounds_that_its_wording_gives(
    attributions: list[Json],
) -> None:
    for attribution, figure in _figures(attributions):
        given = {"low", "best", "high"} & set(figure)
        assert given == BOUNDS[figure.get("qualifier")], attribution["id"]
        undisclosed = figure.get("status") == "undisclosed"
        assert undisclosed == ("qualifier" not in figure), attribution["id"]
        assert figure["as_worded"] in attribution["quoted_text"]
        numbers = {
            int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", figure["as_worded"])
        }
        assert numbers == {figure[bound] for bound in given}, attribution["id"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "moscow-almost-5000-killed",
            {"measure": "killed", "as_worded": "almost 5,000", "high": 5_000},
        ),
        (
            "enclave-37-civilians-killed",
            {"measure": "killed", "population": "civilian", "best": 37},
        ),
        (
            "azerbaijan-63-civilians-killed-292-wounded",
            {"measure": "killed", "population": "civilian", "best": 63},
        ),
        (
            "azerbaijan-63-civilians-killed-292-wounded",
            {"measure": "wounded", "best": 292},
        ),
        (
            "nearly-1000-reported-killed",
            {"measure": "killed", "as_worded": "nearly 1,000", "high": 1_000},
        ),
        (
            "putin-more-than-2000-casualties-on-each-side",
            {"measure": "casualties", "per": "each", "low": 2_000},
        ),
        (
            "azerbaijan-military-losses-undisclosed",
            {"population": "military", "status": "undisclosed"},
        ),
    ],
)
def test_every_number_of_the_article_is_there(
    attributions: list[Json], statement: str, expected: Json
) -> None:
    found = [
        figure
        for attribution, figure in _figures(attributions)
        if attribution["statement"] == statement and expected.items() <= figure.items()
    ]
    assert len(found) == 1


def test_there_are_no_other_figures(attributions: list[Json]) -> None:
    assert len(list(_figures(attributions))) == 7


def test_what_is_dated_from_elsewhere_says_so(
    attributions: list[Json], statements: dict[str, Json]
) -> None:
    dated = set()
    for attribution in attributions:
        periods = [
            figure
            for figure in attribution.get("figures", [])
            if "period_start" in figure or "cumulative" in figure
        ]
        for figure in periods:
            assert (figure["period_start"], figure["cumulative"]) == (
                "2020-09-27",
                True,
            )
        said = statements[attribution["statement"]].get("said_at")
        noted = "dated editorially" in attribution.get("note", "")
        assert noted == bool(said or periods), attribution["id"]
        if said:
            dated.add((attribution["statement"], said))
    assert dated == {("putin-more-than-2000-casualties-on-each-side", "2020-10-22")}


# --- names --------------------------------------------------------------------------------------


def test_offices_are_as_printed(records: list[Json]) -> None:
    offices = {
        record["id"]: [
            (office["organization"], office["role"], office["basis"])
            for office in record["memberships"]
            if not {"start_date", "end_date"} & set(office) and "source" in office
        ]
        for record in records
        if "memberships" in record
    }
    assert offices == {
        "vladimir-putin": [("russia", "Russian President", "printed")],
        "recep-tayyip-erdogan": [("turkey", "Turkish President", "printed")],
        "nikol-pashinyan": [("armenia", "Armenian Prime Minister", "printed")],
    }


@pytest.mark.parametrize(
    ("topic", "armenian_side", "azerbaijani_side"),
    [
        (
            "nagorno-karabakh",
            {"Artsakh", "Արցախ", "Artsax", "Арцах"},
            {"Karabakh", "Ղարաբաղ", "Qarabağ", "Карабах"},
        ),
        (
            "aghdara-martakert",
            {"Martakert", "Մարտակերտ", "Мартакерт"},
            {"Aghdara", "Ağdərə", "Агдере"},
        ),
        (
            "khojavend-martuni",
            {"Martuni", "Մարտունի", "Мартуни"},
            {"Khojavend", "Խոջավենդ", "Xocavənd", "Ходжавенд"},
        ),
        (
            "nagorno-karabakh-war-2020",
            {
                "Second Artsakh War",
                "Արցախյան երկրորդ պատերազմ",
                "İkinci Artsax müharibəsi",
                "Вторая арцахская война",
            },
            {
                "Patriotic War",
                "Հայրենական պատերազմ",
                "Vətən müharibəsi",
                "Отечественная война",
            },
        ),
    ],
)
def test_what_is_disputed_has_both_sides_names_in_every_language(
    records: list[Json],
    topic: str,
    armenian_side: set[str],
    azerbaijani_side: set[str],
) -> None:
    (record,) = [r for r in records if (r["type"], r["id"]) == ("topic", topic)]
    labels = [(lang, label) for lang, label in record["pref_labels"].items()]
    labels += [(other["lang"], other["label"]) for other in record["alt_labels"]]
    assert len(set(labels)) == len(labels), "a label stands twice"
    for side in (armenian_side, azerbaijani_side):
        assert {lang for lang, label in labels if label in side} == {
            "hy",
            "az",
            "ru",
            "en",
        }


def test_topics_and_speakers_have_names_in_four_languages(records: list[Json]) -> None:
    for record in records:
        if record["type"] == "topic":
            langs = set(record["pref_labels"])
        elif record["type"] == "actor" and not record["id"].startswith("protesters"):
            langs = {"en", *(other["lang"] for other in record["other_names"])}
        else:
            continue
        assert {"hy", "az", "ru", "en"} <= langs, record["id"]
