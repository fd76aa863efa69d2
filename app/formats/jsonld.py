"""JSON-LD 1.1: the members of the JSON answer, with IRIs, types and the terms that others know.

Every member stays under its own name, which the context (served at `/context.jsonld`, kept in
`context.jsonld` beside this file) gives a standard meaning where there is an exact one and one of
our own (`urn:onrecord:…`) where there is not. So nothing is lost, and expanding and compacting
gives back what JSON answers, null members excepted, which RDF cannot say. A record's IRI is its
URL. What is added for readers of standards stands under the names in `ADDED`:

- schema.org: a statement is a `Claim` with `text`, `author` and `appearance`, and the report of
  direct or mixed words a `Quotation` with `text`, `spokenByCharacter` and `isPartOf`, only where
  the record has it that the words were plainly said. Not so where the statement is negated, or
  the report says that they were not said, is disputed or rejected, or stands inside another's
  words: a reader who knows schema.org only must never be told that somebody said what they did
  not. Nor is a demand, a question or a threat a claim. All of it is there in our own terms.
- Web Annotation: a report annotates its source with the statement; each selector is a
  `TextQuoteSelector`, a `TextPositionSelector` or both, and those of the words are the target.
- SKOS: a topic is a `Concept`, whose `altLabel` carry their languages.
- PROV: a revision is an `Entity` that `wasRevisionOf` the one before, `wasAttributedTo` whoever
  answers for it, and was generated at `recorded_at`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from app.formats.words import Document
from app.models.actor import ActorAnswer
from app.models.attribution import AttributionAnswer
from app.models.base import RecordType
from app.models.figure import FigureAnswer
from app.models.revision import RevisionAnswer
from app.models.source import SourceAnswer
from app.models.statement import SpeechAct, StatementAnswer
from app.models.topic import TopicAnswer

CONTEXT = Path(__file__).with_name("context.jsonld").read_bytes()
CONTEXT_PATH = "/context.jsonld"

ADDED = frozenset(
    {
        *("appearance", "author", "isPartOf", "sameAs", "spokenByCharacter", "text"),
        *("hasBody", "hasTarget"),
        *("altLabel",),
        *("specializationOf", "wasAttributedTo", "wasRevisionOf"),
    }
)
"""Members besides those of JSON, whose names begin with no `@`."""

SHAPES: dict[type[BaseModel], RecordType | None] = {
    ActorAnswer: RecordType.actor,
    AttributionAnswer: RecordType.attribution,
    FigureAnswer: None,
    RevisionAnswer: None,
    SourceAnswer: RecordType.source,
    StatementAnswer: RecordType.statement,
    TopicAnswer: RecordType.topic,
}
"""What can be answered, and which type of record it is, if it is one."""

_ACTOR, _SOURCE, _TOPIC = RecordType.actor, RecordType.source, RecordType.topic
_STATEMENT, _ATTRIBUTION = RecordType.statement, RecordType.attribution
REFERENCES = {
    "about": _ACTOR,
    "actor": _ACTOR,
    "attribution": _ATTRIBUTION,
    "attributions": _ATTRIBUTION,
    "broader": _TOPIC,
    "content_from": _ATTRIBUTION,
    "derived_from": _SOURCE,
    "on_behalf_of": _ACTOR,
    "organization": _ACTOR,
    "parent": _ATTRIBUTION,
    "parties": _ACTOR,
    "place": _TOPIC,
    "publisher": _ACTOR,
    "source": _SOURCE,
    "statement": _STATEMENT,
    "topics": _TOPIC,
}
"""The members that name records or hold them, and the type of these."""

OPAQUE = frozenset({"body", "changes", "pref_labels", "search"})
"""Members that hold no records: JSON as it is, or labels by language."""


def record(shape: type[BaseModel], text: str, base: str) -> bytes:
    """One record as a document; `base` is the URL under which `/v1` lies, without a slash."""
    return orjson.dumps({"@context": base + CONTEXT_PATH, **_item(shape, text, base)})


def page(
    shape: type[BaseModel],
    texts: Sequence[str],
    base: str,
    *,
    url: str,
    urls: Mapping[str, str],
    count: int | None,
) -> bytes:
    """A page as a document: `url` is its own, `urls` are those of its neighbours."""
    found: Document = {"@context": base + CONTEXT_PATH, "@id": url, "@type": "Page"}
    found |= {"items": [_item(shape, text, base) for text in texts], **urls}
    return orjson.dumps(found if count is None else {**found, "count": count})


def _item(shape: type[BaseModel], text: str, base: str) -> Document:
    item = orjson.loads(text)
    if shape is RevisionAnswer:
        return _revision(item, base)
    type = SHAPES[shape]
    return _with("Figure", _members(item, base)) if type is None else _node(item, type, base)


def _with(types: str | list[str], members: Document, iri: str | None = None) -> Document:
    if isinstance(types, list) and len(types) == 1:
        (types,) = types
    return {**({"@id": iri} if iri else {}), "@type": types, **members}


def _iri(type: RecordType, id: str, base: str) -> str:
    return f"{base}/v1/{type}s/{id}"


# --- records ------------------------------------------------------------------------------------


def _node(item: Document, type: RecordType, base: str) -> Document:
    """A record, whole or in part, or a reference to one."""
    iri = _iri(type, item["id"], base) if "id" in item else None
    types, added = _DESCRIBED[type](item, base)
    members = _members(item, base)
    if iri:
        if type is _ATTRIBUTION:
            members = _anchored(item, members, iri, base)
        if item.get("version", 1) > 1:
            added["wasRevisionOf"] = f"{iri}/revisions#{item['version'] - 1}"
    return _with(types, members | added, iri)


def _members(item: Document, base: str) -> Document:
    return {name: _value(name, value, base) for name, value in item.items()}


def _value(name: str, value: Any, base: str) -> Any:
    if isinstance(value, list):
        return value if name in OPAQUE else [_value(name, part, base) for part in value]
    if not isinstance(value, dict) or name in OPAQUE:
        return value
    if name in REFERENCES:
        return _node(value, REFERENCES[name], base)
    return _members(value, base)


def _actor(item: Document, _base: str) -> tuple[list[str], Document]:
    kind = item.get("kind")
    return ["Actor", "Agent", *_ACTORS.get(kind or "", [])], _same(item)


_ACTORS = {
    "person": ["Person"],
    "organization": ["Organization"],
    "government": ["GovernmentOrganization"],
    "armed_force": ["Organization"],
    "international_organization": ["Organization"],
    "media": ["NewsMediaOrganization"],
    "platform": ["Organization"],
}


def _topic(item: Document, _base: str) -> tuple[list[str], Document]:
    kind = {"place": ["Place"], "event": ["Event"]}.get(item.get("kind") or "", [])
    labels: dict[str, list[str]] = {}
    for other in item.get("alt_labels") or ():
        labels.setdefault(other["lang"] or "@none", []).append(other["label"])
    return ["Topic", "Concept", *kind], _same(item) | ({"altLabel": labels} if labels else {})


def _source(item: Document, _base: str) -> tuple[list[str], Document]:
    if "kind" not in item:
        return ["Source"], {}
    return ["Source", _SOURCES.get(item["kind"], "CreativeWork")], {}


_SOURCES = {"article": "Article", "report": "Report", "social_post": "SocialMediaPosting"}


def _same(item: Document) -> Document:
    """The item in Wikidata that stands for the same thing."""
    found = [
        f"http://www.wikidata.org/entity/{one['identifier']}"
        for one in item.get("identifiers") or ()
        if one["scheme"] == "wikidata" and re.fullmatch(r"[QP][1-9][0-9]*", one["identifier"])
    ]
    return {"sameAs": found} if found else {}


# --- what was said ------------------------------------------------------------------------------


NO_CLAIM = frozenset(
    {
        *(SpeechAct.demand, SpeechAct.commitment, SpeechAct.threat, SpeechAct.question),
        *(SpeechAct.welcome, SpeechAct.condemnation, SpeechAct.concern),
    }
)
"""Speech acts that assert nothing; a schema.org `Claim` is "factually oriented"."""


def _statement(item: Document, base: str) -> tuple[list[str], Document]:
    reports = [report for report in item.get("attributions") or () if _is_plain(report)]
    claimed = item.get("polarity") == "affirmed" and item.get("content") is not None
    if not claimed or not reports or item.get("speech_act") in NO_CLAIM:
        return ["Statement"], {}
    added: Document = {"text": item["content"]}
    added["appearance"] = list(dict.fromkeys(_sources(reports, base)))
    authors = [_speakers(report, base) for report in reports]
    if authors[0] and all(set(some) == set(authors[0]) for some in authors):
        added["author"] = authors[0]  # else the reports disagree about whose claim it is
    return ["Statement", "Claim"], added


def _attribution(item: Document, base: str) -> tuple[list[str], Document]:
    if "source" not in item:  # a reference: what it annotates is not told
        return ["Attribution"], {}
    said = item.get("statement") or {}
    direct = item.get("quotation_type") in ("direct", "mixed")
    affirmed = said.get("polarity") == "affirmed"
    if not direct or not affirmed or not _is_plain(item) or item.get("quoted_text") is None:
        return ["Attribution", "Annotation"], {}
    added: Document = {"text": item["quoted_text"]}
    if speakers := _speakers(item, base):
        added["spokenByCharacter"] = speakers
    if sources := list(_sources([item], base)):
        (added["isPartOf"],) = sources
    return ["Attribution", "Annotation", "Quotation"], added


def _is_plain(report: Document) -> bool:
    """Whether a report says in its own voice that the words were said, and nobody objects."""
    if report.get("factuality") != "actual" or "parent" not in report:
        return False
    return report["parent"] is None and report.get("status") in ("draft", "reviewed")


def _speakers(report: Document, base: str) -> list[str]:
    actors = [one["actor"] for one in report.get("speakers") or () if one.get("actor")]
    return [_iri(_ACTOR, actor["id"], base) for actor in actors]


def _sources(reports: list[Document], base: str) -> Iterator[str]:
    for report in reports:
        if report.get("source"):
            yield _iri(_SOURCE, report["source"]["id"], base)


def _anchored(item: Document, members: Document, iri: str, base: str) -> Document:
    """A report with its body and target, and with IRIs for its selectors and figures."""
    if item.get("statement"):
        members["hasBody"] = _iri(_STATEMENT, item["statement"]["id"], base)
    targets: list[Any] = list(_sources([item], base))
    if "selectors" in item:
        names = [f"{iri}#selector-{place}" for place in range(len(item["selectors"]))]
        pairs = list(zip(names, item["selectors"], strict=True))
        members["selectors"] = [_with(_selector(one), one, name) for name, one in pairs]
        words = [name for name, one in pairs if one["role"] == "content"]
        if words and targets:
            (source,) = targets
            target = {"@type": "SpecificResource", "hasSource": source}
            targets = [{**target, "hasSelector": name} for name in words]
    if targets:
        members["hasTarget"] = targets
    for place, figure in enumerate(members.get("figures") or ()):
        members["figures"][place] = _with("Figure", figure, f"{iri}#figure-{place}")
    return members


def _selector(one: Document) -> list[str]:
    quote = ["TextQuoteSelector"] if one["exact"] is not None else []
    return quote + (["TextPositionSelector"] if one["start"] is not None else [])


# --- history ------------------------------------------------------------------------------------


def _revision(item: Document, base: str) -> Document:
    record = _iri(RecordType(item["type"]), item["id"], base)
    added: Document = {
        "specializationOf": record,
        "wasAttributedTo": {"@type": "Agent", "name": item["agent"]},
    }
    if item["version"] > 1:
        added["wasRevisionOf"] = f"{record}/revisions#{item['version'] - 1}"
    iri = f"{record}/revisions#{item['version']}"
    return _with(["Revision", "Entity"], item | added, iri)


_DESCRIBED = {
    _ACTOR: _actor,
    _TOPIC: _topic,
    _SOURCE: _source,
    _STATEMENT: _statement,
    _ATTRIBUTION: _attribution,
}
"""The types of a record and what is added to it."""
