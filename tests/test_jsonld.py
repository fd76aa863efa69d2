"""JSON-LD: nothing of JSON is lost in it, and what it says to others is so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from pyld import jsonld as processor  # type: ignore[import-untyped]  # it ships no type hints

from app.db import Database
from app.formats import jsonld
from app.models.base import RecordType, Shape
from app.models.statement import SpeechAct
from tests.cases import Cases
from tests.factories import (
    actor,
    attribution,
    everything,
    fill,
    load,
    source,
    statement,
    topic,
)

Json = dict[str, Any]

BASE = "http://testserver"
CONTEXT = f"{BASE}/context.jsonld"
FILE = Path(jsonld.__file__).with_name("context.jsonld")
OA, PROV = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/prov#"
SCHEMA, SKOS = "http://schema.org/", "http://www.w3.org/2004/02/skos/core#"
OWN = "urn:onrecord:"


@pytest.fixture(scope="module")
def terms() -> Json:
    """What the context says of each term."""
    found: Json = json.loads(FILE.read_bytes())["@context"]
    return found


def _options() -> Json:
    def loader(url: str, _options: Json) -> Json:
        assert url == CONTEXT, "nothing but our own context is needed"
        document = json.loads(jsonld.CONTEXT)
        kind = "application/ld+json"
        return {"contentType": kind, "contextUrl": None, "documentUrl": url, "document": document}

    return {"documentLoader": loader, "compactToRelative": False}


def _asked(client: TestClient, path: str) -> Json:
    got = client.get(path, headers={"Accept": "application/ld+json"})
    assert got.status_code == 200, got.text
    assert got.headers["Content-Type"] == "application/ld+json"
    document: Json = got.json()
    assert document["@context"] == CONTEXT
    return document


def _expanded(document: Json) -> Json:
    """The one node of a document, by IRIs."""
    (node,) = processor.expand(document, _options())
    assert isinstance(node, dict)
    return node


def _values(node: Json, iri: str) -> list[Any]:
    """What a node says under an IRI: values, or IRIs of other nodes."""
    return [one.get("@value", one.get("@id")) for one in node.get(iri, [])]


def _said(value: Any, leave_out: frozenset[str] = frozenset()) -> Any:
    """A document without null members, which RDF cannot say, and with tags of languages folded.

    A processor may write language tags in lower case (JSON-LD 1.1, 5.2.2): they mean the same.
    """
    if isinstance(value, list):
        return [_said(part, leave_out) for part in value]
    if not isinstance(value, dict):
        return value
    members = {
        name: member if name in jsonld.OPAQUE else _said(member, leave_out)
        for name, member in value.items()
        if member is not None and name not in leave_out and not name.startswith("@")
    }
    for name in {"pref_labels", "altLabel"} & members.keys():
        members[name] = {lang.lower(): label for lang, label in members[name].items()}
    return members


# --- nothing is lost ----------------------------------------------------------------------------

READS = [
    "/v1/statements?limit=100&status=draft&status=reviewed",
    "/v1/statements?expand=speakers,sources,topics,about,relations,content_from",
    "/v1/statements?expand=none",
    "/v1/statements?count=exact&limit=1&q=killed",
    "/v1/statements?fields=content,topics,attributions",
    "/v1/statements/said",
    "/v1/statements/said/attributions",
    "/v1/attributions?limit=100",
    "/v1/attributions/report?expand=statement,source,speakers,via",
    "/v1/attributions/inner",
    "/v1/attributions/inner/chain",
    "/v1/figures",
    "/v1/figures?expand=attribution,statement,claimants,source,place,parties",
    "/v1/actors?limit=100",
    "/v1/actors/speaker?expand=organizations,sources",
    "/v1/actors/speaker/revisions",
    "/v1/topics?limit=100",
    "/v1/topics/losses?expand=broader",
    "/v1/sources",
    "/v1/sources/carried?expand=derived_from",
]


def test_expanding_and_compacting_gives_back_every_member(
    client: TestClient, bundled: Database
) -> None:
    fill(bundled, everything())
    tags = {"az-Cyrl": "Гарабағ", "az-Latn": "Qarabağ"}
    fill(bundled, [topic("tagged", pref_labels=tags), statement("unsaid", polarity="negated")])
    load(bundled, [actor("speaker", name="Ilham Aliyev")], reason="He is called so now.")
    for read in READS:
        plain = client.get(read).json()
        document = _asked(client, read)
        back = processor.compact(processor.expand(document, _options()), CONTEXT, _options())
        assert _said(back) == _said(document), f"a term is lost from {read}"
        assert _said(back, jsonld.ADDED) == _said(plain), f"a member is lost from {read}"


def test_what_a_list_is_stays_a_list(terms: Json) -> None:
    """Without a container, a list of one part would be compacted to that part."""
    for shape in jsonld.SHAPES:
        for name, is_list in _fields(shape):
            term = terms.get(name)
            kept = isinstance(term, dict) and ("@container" in term or term["@type"] == "@json")
            assert kept or not is_list, f"{name} is a list and has no container in the context"


def test_added_members_shadow_none_of_json() -> None:
    members = {name for shape in jsonld.SHAPES for name, _ in _fields(shape)}
    assert not members & jsonld.ADDED
    assert {"content", "attribution_text", "pref_labels", "changes"} <= members


def _fields(shape: type[BaseModel]) -> Iterator[tuple[str, bool]]:
    """The members of a shape and of the shapes inside it, and whether each is a list."""
    for name, field in shape.model_fields.items():
        kinds = list(_kinds(field.annotation))
        yield field.alias or name, list in kinds
        for kind in kinds if name not in jsonld.OPAQUE else ():
            if isinstance(kind, type) and issubclass(kind, Shape) and kind is not shape:
                yield from _fields(kind)


def _kinds(annotation: Any) -> Iterator[Any]:
    yield get_origin(annotation) or annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


def test_no_two_terms_mean_the_same(terms: Json) -> None:
    """Else compaction could give a member back under the other's name."""
    meanings = [
        (one, None) if isinstance(one, str) else (one.get("@id", name), one.get("@type"))
        for name, one in terms.items()
        if not name.startswith("@")
    ]
    assert len(set(meanings)) == len(meanings)


def test_every_reference_leads_to_its_record(client: TestClient, bundled: Database) -> None:
    fill(bundled, everything())
    seen: set[str] = set()
    for read in ("/v1/statements/said", "/v1/attributions/inner", "/v1/actors/speaker"):
        for node in _nodes(_asked(client, read)):
            if "@id" in node and "#" not in node["@id"]:
                got = client.get(node["@id"].removeprefix(BASE)).json()
                assert got["id"] == node["id"]
                seen.add(node["@id"].split("/")[-2])
    assert seen == {"actors", "topics", "sources", "statements", "attributions"}


def _nodes(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if "id" in value:
            assert "@id" in value, f"{value['id']} has no IRI"
            yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from _nodes(part)


def test_a_page_is_a_collection(reading: TestClient) -> None:
    page = _asked(reading, "/v1/statements?limit=2&count=exact")
    assert page["@id"] == f"{BASE}/v1/statements?limit=2&count=exact"
    node = _expanded(page)
    activity = "https://www.w3.org/ns/activitystreams#"
    assert node["@type"] == [f"{activity}OrderedCollectionPage"]
    assert len(node[f"{activity}items"][0]["@list"]) == 2
    assert _values(node, f"{activity}next") == [page["next"]]
    assert _values(node, f"{activity}totalItems") == [page["count"]]


def test_the_context_is_served_as_it_is_kept(reading: TestClient) -> None:
    got = reading.get("/context.jsonld")
    assert got.headers["Content-Type"] == "application/ld+json"
    assert got.content == FILE.read_bytes()
    tag = {"If-None-Match": got.headers["ETag"]}
    assert reading.get("/context.jsonld", headers=tag).status_code == 304
    elsewhere = reading.get("/context.jsonld", headers={"Origin": "https://elsewhere.example"})
    assert elsewhere.headers["Access-Control-Allow-Origin"] == "*"


# --- what it says to others ---------------------------------------------------------------------


WORDS = "Soldiers were sent"
REPORT: Json = {
    "speakers": [{"actor": "vladimir-putin", "attribution_text": "Putin", "status": "named"}],
    "quotation_type": "direct",
    "quoted_text": WORDS,
    "lang": "en",
}


def _told(
    client: TestClient, bundled: Database, said: Json | None = None, *reports: Json
) -> tuple[Json, list[Json]]:
    """A statement with its reports, and these as nodes."""
    lines = [
        source("paper", url="https://example.org/1"),
        source("other"),
        statement("around"),
        attribution("outer", "around", "paper"),
        statement("it", **{"content": WORDS, **(said or {})}),
        *(
            attribution(f"it:{n}", "it", **REPORT | {"source": "paper"} | r)
            for n, r in enumerate(reports)
        ),
    ]
    fill(bundled, lines)
    node = _expanded(_asked(client, "/v1/statements/it"))
    return node, node[f"{OWN}attributions"]


def _types(node: Json) -> set[str]:
    return {one.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2] for one in node["@type"]}


def test_direct_words_are_a_quotation(client: TestClient, bundled: Database) -> None:
    _, (report,) = _told(client, bundled, {}, {})
    assert report["@type"] == [f"{OWN}Attribution", f"{OA}Annotation", f"{SCHEMA}Quotation"]
    assert _values(report, f"{SCHEMA}text") == [WORDS]
    assert _values(report, f"{SCHEMA}inLanguage") == ["en"]
    assert _values(report, f"{SCHEMA}spokenByCharacter") == [f"{BASE}/v1/actors/vladimir-putin"]
    assert _values(report, f"{SCHEMA}isPartOf") == [f"{BASE}/v1/sources/paper"]


def test_what_was_asserted_is_a_claim(client: TestClient, bundled: Database) -> None:
    told, _ = _told(client, bundled, {}, {"quotation_type": "indirect"}, {"source": "other"})
    assert told["@type"] == [f"{OWN}Statement", f"{SCHEMA}Claim"]
    assert _values(told, f"{SCHEMA}text") == [WORDS]
    assert _values(told, f"{SCHEMA}author") == [f"{BASE}/v1/actors/vladimir-putin"]
    appearances = [f"{BASE}/v1/sources/{id}" for id in ("paper", "other")]
    assert _values(told, f"{SCHEMA}appearance") == appearances


def test_reports_that_disagree_give_a_claim_no_author(
    client: TestClient, bundled: Database
) -> None:
    told, reports = _told(client, bundled, {}, {}, {"speakers": [{"actor": "armenia"}]})
    assert "Claim" in _types(told)
    assert f"{SCHEMA}author" not in told
    speakers = [_values(report, f"{SCHEMA}spokenByCharacter") for report in reports]
    assert speakers == [[f"{BASE}/v1/actors/{id}"] for id in ("vladimir-putin", "armenia")]


UNSAID: list[tuple[Json, Json]] = [
    ({"polarity": "negated"}, {}),
    ({}, {"factuality": "not_said"}),
    ({}, {"factuality": "hypothetical"}),
    ({}, {"factuality": "expected"}),
    ({}, {"factuality": "other"}),
    ({}, {"status": "disputed"}),
    ({}, {"status": "rejected"}),
    ({}, {"parent": "outer"}),
    ({"content": None}, {"quoted_text": None}),
]
"""Members of a statement, and of its report, with which nobody has said these words."""


def test_nobody_is_made_to_say_what_they_did_not(client: TestClient, bundled: Database) -> None:
    with Cases() as cases:
        for said, report in UNSAID:
            with cases.named(said, report):
                told, (node,) = _told(client, bundled, said, report)
                assert _types(told) == {"Statement"}
                assert _types(node) == {"Attribution", "Annotation"}
                alone = _expanded(_asked(client, "/v1/attributions/it:0"))
                assert _types(alone) == _types(node)
                for one in (told, node, alone, *alone[f"{OWN}statement"]):
                    for term in ("text", "author", "spokenByCharacter", "appearance", "isPartOf"):
                        assert f"{SCHEMA}{term}" not in one


def test_one_bad_report_does_not_take_the_others_words(
    client: TestClient, bundled: Database
) -> None:
    bad = {"status": "disputed", "speakers": [{"actor": "armenia"}], "source": "other"}
    told, (good, disputed) = _told(client, bundled, {}, {}, bad)
    assert "Quotation" in _types(good)
    assert "Quotation" not in _types(disputed)
    assert _values(told, f"{SCHEMA}author") == [f"{BASE}/v1/actors/vladimir-putin"]
    assert _values(told, f"{SCHEMA}appearance") == [f"{BASE}/v1/sources/paper"]


def test_only_what_asserts_is_a_claim(client: TestClient, bundled: Database) -> None:
    asserts = {"assertion", "denial", "accusation", "opinion", "announcement", "agreement"}
    asserts |= {"admission", "other"}
    with Cases() as cases:
        for act in SpeechAct:
            with cases.named(act):
                told, (report,) = _told(client, bundled, {"speech_act": act}, {})
                assert ("Claim" in _types(told)) == (act in asserts)
                assert "Quotation" in _types(report)


def test_words_that_were_recast_are_no_quotation(client: TestClient, bundled: Database) -> None:
    with Cases() as cases:
        for type in ("indirect", "free_indirect", "reported", "unknown", None):
            with cases.named(type):
                told, (report,) = _told(client, bundled, {}, {"quotation_type": type})
                assert "Claim" in _types(told)
                assert "Quotation" not in _types(report)


def test_selectors_are_those_of_web_annotation(client: TestClient, bundled: Database) -> None:
    selectors = [
        {"role": "speaker", "exact": "Putin", "start": 3, "end": 8},
        {"role": "content", "exact": "Soldiers", "prefix": "that ", "suffix": " were"},
        {"role": "content", "start": 20, "end": 24},
    ]
    _, (report,) = _told(client, bundled, {}, {"selectors": selectors})
    iri = f"{BASE}/v1/attributions/it:0"
    (listed,) = report[f"{OWN}selectors"]
    speaker, quote, position = listed["@list"]
    assert [one["@id"] for one in listed["@list"]] == [f"{iri}#selector-{n}" for n in range(3)]
    assert speaker["@type"] == [f"{OA}TextQuoteSelector", f"{OA}TextPositionSelector"]
    assert quote["@type"] == [f"{OA}TextQuoteSelector"]
    assert [_values(quote, f"{OA}{n}") for n in ("exact", "prefix", "suffix")] == [
        ["Soldiers"],
        ["that "],
        [" were"],
    ]
    assert position["@type"] == [f"{OA}TextPositionSelector"]
    assert [_values(position, f"{OA}{name}") for name in ("start", "end")] == [[20], [24]]
    assert _values(report, f"{OA}hasBody") == [f"{BASE}/v1/statements/it"]
    targets = report[f"{OA}hasTarget"]
    assert [one["@type"] for one in targets] == [[f"{OA}SpecificResource"]] * 2
    assert [_values(one, f"{OA}hasSource") for one in targets] == [[f"{BASE}/v1/sources/paper"]] * 2
    assert [_values(one, f"{OA}hasSelector") for one in targets] == [
        [f"{iri}#selector-1"],
        [f"{iri}#selector-2"],
    ]


def test_a_report_without_anchors_has_its_source_as_target(
    client: TestClient, bundled: Database
) -> None:
    _, (report,) = _told(client, bundled, {}, {})
    assert _values(report, f"{OA}hasTarget") == [f"{BASE}/v1/sources/paper"]


def test_topics_are_concepts_with_labels_in_their_languages(reading: TestClient) -> None:
    node = _expanded(_asked(reading, "/v1/topics/nagorno-karabakh"))
    assert _types(node) == {"Topic", "Concept", "Place"}
    preferred = {(one["@language"], one["@value"]) for one in node[f"{SKOS}prefLabel"]}
    assert preferred >= {("hy", "Լեռնային Ղարաբաղ"), ("az", "Dağlıq Qarabağ")}
    others = {(one["@language"], one["@value"]) for one in node[f"{SKOS}altLabel"]}
    assert others >= {("hy", "Արցախ"), ("az", "Qarabağ"), ("ru", "Арцах")}


def test_broader_topics_and_labels_without_a_language(
    client: TestClient, bundled: Database
) -> None:
    fill(bundled, everything())
    node = _expanded(_asked(client, "/v1/topics/losses"))
    assert _values(node, f"{SKOS}broader") == [
        f"{BASE}/v1/topics/{id}" for id in ("war", "karabakh")
    ]
    labels = _expanded(_asked(client, "/v1/topics/karabakh"))[f"{SKOS}altLabel"]
    assert {"@value": "НКР"} in labels
    assert {"@value": "Artsakh", "@language": "en"} in labels


def test_wikidata_says_who_is_meant(reading: TestClient) -> None:
    node = _expanded(_asked(reading, "/v1/actors/vladimir-putin"))
    assert _types(node) == {"Actor", "Agent", "Person"}
    assert _values(node, f"{SCHEMA}sameAs") == ["http://www.wikidata.org/entity/Q7747"]


def test_revisions_are_told_in_prov(client: TestClient, bundled: Database) -> None:
    fill(bundled, [statement("it")])
    load(bundled, [statement("it", content=WORDS)], agent="ann", reason="heard again")
    page = _asked(client, "/v1/statements/it/revisions")
    activity = "https://www.w3.org/ns/activitystreams#"
    second, first = _expanded(page)[f"{activity}items"][0]["@list"]
    record = f"{BASE}/v1/statements/it"
    assert first["@id"] == f"{record}/revisions#1"
    assert f"{PROV}wasRevisionOf" not in first
    assert second["@type"] == [f"{OWN}Revision", f"{PROV}Entity"]
    assert _values(second, f"{PROV}wasRevisionOf") == [first["@id"]]
    assert _values(second, f"{PROV}specializationOf") == [record]
    (agent,) = second[f"{PROV}wasAttributedTo"]
    assert agent["@type"] == [f"{PROV}Agent"]
    assert _values(agent, f"{SCHEMA}name") == ["ann"]
    (generated,) = second[f"{PROV}generatedAtTime"]
    assert generated == {
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        "@value": page["items"][0]["recorded_at"],
    }
    now = _expanded(_asked(client, "/v1/statements/it"))
    assert _values(now, f"{PROV}wasRevisionOf") == [first["@id"]]


def test_every_type_of_record_has_a_type(reading: TestClient) -> None:
    for type in RecordType:
        items = _asked(reading, f"/v1/{type}s?limit=1")["items"]
        assert items[0]["@type"][0] == type.capitalize()
