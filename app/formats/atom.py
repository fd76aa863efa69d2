"""Atom feeds (RFC 4287, paged by RFC 5005) of any list whose records have an id and a time.

An entry's id is a UUID of its own, made (version 5) of the record's type, id and the instant of
its creation. A URL would change with the host and a `tag:` URI needs a domain that we do not
have; either way every entry would be unread again after a move. The instant, which no version,
merge or rebuild changes, keeps apart the records of two stores that chose the same id. A
revision's is made of its hash.

Text is plain and says, before the words and in the title, whatever must not be overlooked: that
they were negated, not said, are disputed or rejected. Nobody but this service is named as author:
an entry is our report of a report, and a reader who shows only author and title must not have
somebody say what they did not. Characters that XML 1.0 cannot carry are taken out.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import orjson
from pydantic import BaseModel

from app.formats import words
from app.formats.words import Document
from app.models.actor import ActorAnswer
from app.models.attribution import AttributionAnswer
from app.models.base import RecordType
from app.models.revision import RevisionAnswer
from app.models.source import SourceAnswer
from app.models.statement import StatementAnswer
from app.models.topic import TopicAnswer

NAMESPACE = "http://www.w3.org/2005/Atom"
_IDS = uuid.UUID("d7b4a1c2-55b0-5a4e-9d0c-6c3f8a1e2b90")
"""Under which the ids of entries are made; never to be changed."""
_UNKNOWN = "1970-01-01T00:00:00Z"
"""When a feed without entries was updated: not known, and not of interest, but required."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST_NAME, LONGEST_TITLE = 60, 200
"""Characters of one report's speakers, and of the words, in a title."""


class Entry(NamedTuple):
    """What is told of one record."""

    title: str
    lines: list[str]
    topics: Sequence[Document] = ()
    sources: Sequence[Document] = ()


def feed(shape: type[BaseModel], texts: Sequence[str], base: str, urls: Mapping[str, str]) -> bytes:
    """A feed of records of one shape, as the JSON texts in which they are answered.

    `base` is the URL under which `/v1` lies, `urls` has that of this page as `self`, that of the
    question whatever its page as `first`, and those of the neighbours as `next` and `prev`.
    """
    items = [orjson.loads(text) for text in texts]
    root = ElementTree.Element("feed", xmlns=NAMESPACE)
    _text(root, "id", urls["first"])
    _text(root, "title", _title(urls["first"]))
    _text(root, "updated", max(map(_updated, items), default=_UNKNOWN))
    _text(ElementTree.SubElement(root, "author"), "name", "Onrecord")
    for relation, url in urls.items():
        # RFC 5005 has no short form: https://www.rfc-editor.org/rfc/rfc5005#section-3
        named = "previous" if relation == "prev" else relation
        _link(root, rel=named, href=url, type="application/atom+xml")
    for item in items:
        _entry(ElementTree.SubElement(root, "entry"), shape, item, base)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(entry: ElementTree.Element, shape: type[BaseModel], item: Document, base: str) -> None:
    found = ENTRIES[shape](item)
    if shape is RevisionAnswer:
        record = f"{base}/v1/{item['type']}s/{item['id']}"
        name, url = item["hash"], f"{record}/revisions"
    else:
        type = _TYPES[shape]
        name, url = f"{type} {item['id']} {item['created_at']}", f"{base}/v1/{type}s/{item['id']}"
        _text(entry, "published", item["created_at"])
    _text(entry, "id", uuid.uuid5(_IDS, name).urn)
    _text(entry, "title", _clean(found.title).strip() or item["id"])
    _text(entry, "updated", _updated(item))
    _link(entry, rel="alternate", href=url, type="application/json")
    for link in dict.fromkeys(one["url"] for one in found.sources if one.get("url")):
        _link(entry, rel="via", href=link)
    for topic in found.topics:
        label = words.label(topic)
        _element(entry, "category", term=topic["id"], **({"label": label} if label else {}))
    _text(entry, "content", "\n".join(found.lines), type="text")


_TYPES: dict[type[BaseModel], RecordType] = {
    ActorAnswer: RecordType.actor,
    AttributionAnswer: RecordType.attribution,
    SourceAnswer: RecordType.source,
    StatementAnswer: RecordType.statement,
    TopicAnswer: RecordType.topic,
}


def _updated(item: Document) -> str:
    """When an entry last changed: a new version of a record, or of a report that it shows."""
    reports = item.get("attributions") or ()
    times = [one["updated_at"] for one in (item, *reports) if "updated_at" in one]
    return str(item["recorded_at"] if "recorded_at" in item else max(times))


def _title(url: str) -> str:
    path, query = urlsplit(url)[2:4]
    asked = [f"{name}={value}" for name, value in parse_qsl(query) if name not in _PAGING]
    return f"Onrecord: {path.removeprefix('/v1/')}" + (f" ({', '.join(asked)})" if asked else "")


_PAGING = ("count", "format", "limit")


def _short(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _element(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    clean = {name: _clean(value) for name, value in attributes.items()}
    return ElementTree.SubElement(parent, tag, clean)


def _text(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> None:
    _element(parent, tag, **attributes).text = _clean(text)


def _link(parent: ElementTree.Element, **attributes: str) -> None:
    _element(parent, "link", **attributes)


# --- entries ------------------------------------------------------------------------------------


def _head(said: Document, reports: Sequence[Document], content: str | None) -> str:
    """Who said what, as a title: what must not be overlooked stands before the words."""
    whose = dict.fromkeys(
        " ".join([_short(who, LONGEST_NAME), *(f"[{mark}]" for mark in words.caveats(None, one))])
        for one in reports
        if (who := words.names(one))
    )
    nobody = "[reports not shown]" if reports else "[no report]"
    shown = " / ".join([*list(whose)[:3], *["…"] * (len(whose) > 3)]) or nobody
    marks = "".join(f" [{mark}]" for mark in words.caveats(said, None))
    return f"{shown}{marks}: {_short(content or _UNREPORTED, LONGEST_TITLE)}"


_UNREPORTED = "[words not reported]"


def _statement(item: Document) -> Entry:
    reports = item["attributions"]
    sources = [report["source"] for report in reports if report.get("source")]
    lines = [
        *_cautions(item, reports),
        item["content"] or _UNREPORTED,
        *_line("Said", item["said_at"] or "date not known"),
        *_line("Occasion", item["occasion"]),
        *_line("Speech act", item["speech_act"]),
    ]
    for report in reports:
        lines += ["", *_report(report)]
    return Entry(_head(item, reports, item["content"]), lines, item["topics"], sources)


def _attribution(item: Document) -> Entry:
    said = item["statement"]
    content = said.get("content") or item["quoted_text"]
    lines = [*_cautions(said, [item]), content or _UNREPORTED, "", *_report(item)]
    return Entry(_head(said, [item], content), lines, sources=[item["source"]])


def _cautions(said: Document, reports: Sequence[Document]) -> Iterator[str]:
    if said.get("polarity") == "negated":
        yield "Negated: the speakers reject what these words say."
    if said.get("disputed"):
        yield "Disputed: a report of it is."
    for place, report in enumerate(reports, 1):
        if marks := list(words.caveats(None, report)):
            which = f"Report {place} of {len(reports)}" if len(reports) > 1 else "Report"
            yield f"{which}: {', '.join(marks)}."


def _report(report: Document) -> list[str]:
    if "source" not in report:  # only its id was asked for
        return [f"Report: {report['id']}"]
    quoted = report["quoted_text"]
    factuality, status = report["factuality"], report["status"]
    return [
        *_line("Source", words.source(report["source"])),
        *_line("Speakers", words.speakers(report)),
        *_line("Cue", report["cue"]),
        *_line("Words", quoted and f"“{quoted}”"),
        *_line("Quotation", report["quotation_type"]),
        *_line("Factuality", None if factuality == "actual" else factuality),
        *_line("Review", status),
        *_line("Via", words.listed(map(words.via, report["via"]))),
        *_line("Inside the words of", report["parent"] and report["parent"]["id"]),
        *[f"Figure: {words.figure(figure)}" for figure in report["figures"]],
        *_line("Note", report["note"]),
    ]


def _line(name: str, value: str | None) -> Iterator[str]:
    if value:
        yield f"{name}: {value}"


def _actor(item: Document) -> Entry:
    names = words.listed(other["name"] for other in item["other_names"])
    lines = [*_line("Kind", item["kind"]), *_line("Names", names)]
    title = _short(item["name"], LONGEST_TITLE)
    return Entry(title, [*lines, *_line("Description", item["description"])])


def _topic(item: Document) -> Entry:
    labels = item["pref_labels"].items()
    names = words.listed(f"{label} [{lang}]" for lang, label in labels)
    title = _short(words.label(item) or item["id"], LONGEST_TITLE)
    return Entry(title, [*_line("Kind", item["kind"]), *_line("Labels", names)])


def _source(item: Document) -> Entry:
    lines = [
        *_line("Kind", item["kind"]),
        *_line("Publisher", words.name(item["publisher"])),
        *_line("Authors", words.listed(item["authors"])),
        *_line("Published", item["published_at"]),
    ]
    return Entry(_short(item["title"] or item["id"], LONGEST_TITLE), lines, sources=[item])


def _revision(item: Document) -> Entry:
    lines = [*_line("Agent", item["agent"]), *_line("Reason", item["reason"])]
    lines += [f"Changed: {change['pointer']}" for change in item["changes"]]
    return Entry(f"{item['type']} {item['id']} {item['change']}, version {item['version']}", lines)


ENTRIES: dict[type[BaseModel], Callable[[Document], Entry]] = {
    ActorAnswer: _actor,
    AttributionAnswer: _attribution,
    RevisionAnswer: _revision,
    SourceAnswer: _source,
    StatementAnswer: _statement,
    TopicAnswer: _topic,
}
"""What is told of a record, by its shape; a figure has no id and no time of its own."""
