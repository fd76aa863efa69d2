"""CSV (RFC 4180): flat tables for those who work in a spreadsheet.

A statement has a row for each report of it, since it is the report that has speakers, words and a
source; one without reports has a row of its own. Lists are joined with ` | `, and lists of the
same things (speakers, their names, their roles) keep their places, so that they line up. A table
is for reading and counting; what must come back code point for code point is JSON's.

The text begins with a byte order mark. Without one, Excel takes the file for the code page of
the machine, and Armenian and Azerbaijani become rubbish; LibreOffice, Google Sheets, pandas and R
take it as what it is, and Python's own `csv` reads it with the encoding `utf-8-sig`.

A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV
Injection"): `=`, `+`, `-`, `@`, their full-width forms, tab, CR and LF at its start. Numbers do
not: they come from JSON numbers, not from anybody's text, a number alone is no formula, and `'-1`
would be a text that no longer adds up. Apostrophes that already stand before such a sign get one
more, so that taking one away always gives the text as it was.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel

from app.formats import words
from app.formats.words import Document
from app.models.actor import ActorAnswer
from app.models.attribution import AttributionAnswer
from app.models.figure import FigureAnswer
from app.models.revision import RevisionAnswer
from app.models.source import SourceAnswer
from app.models.statement import StatementAnswer
from app.models.topic import TopicAnswer

Cell = str | int | float | bool | None
BYTE_ORDER_MARK = "\ufeff"
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


class Column(NamedTuple):
    """One column: its name, the member that it is made of, and how."""

    name: str
    member: str
    value: Callable[[Document], Cell]
    of_report: bool = False
    """Whether the member is one of a report rather than of the record."""


def table(shape: type[BaseModel], texts: Iterable[str]) -> bytes:
    """Records of one shape, as the JSON texts in which they are answered, as a CSV file.

    A column whose member was left out of every record (`fields`) is left out.
    """
    items = [orjson.loads(text) for text in texts]
    columns = _shown(TABLES[shape], items, reports=shape is StatementAnswer)
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for item in items:
        for report in item.get("attributions") or [{}] if shape is StatementAnswer else [item]:
            found = [column.value(report if column.of_report else item) for column in columns]
            writer.writerow(list(map(cell, found)))
    return file.getvalue().encode()


def cell(value: Cell) -> str:
    """A value as a cell that no spreadsheet runs: null is empty, booleans are `true`, `false`."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return "" if value is None else str(value).lower()


def _shown(columns: list[Column], items: list[Document], *, reports: bool) -> list[Column]:
    present = {member for item in items for member in item}
    if not items:
        return columns

    def made_of(column: Column) -> str:
        return "attributions" if reports and column.of_report else column.member

    return [column for column in columns if made_of(column) in present]


# --- values -------------------------------------------------------------------------------------


def _as_is(member: str) -> Callable[[Document], Cell]:
    return lambda item: item.get(member)


def _of(member: str, value: Callable[[Any], Cell]) -> Callable[[Document], Cell]:
    """A value made of one member, none where it is not there."""
    return lambda item: None if item.get(member) is None else value(item[member])


def _each(member: str, value: Callable[[Any], Any]) -> Callable[[Document], Cell]:
    """A list joined from the parts of one member, those in their places that have no value."""
    return lambda item: words.listed(
        None if (found := value(part)) is None else str(found) for part in item.get(member) or ()
    )


def _plain(*members: str) -> list[Column]:
    """Columns that are members as they stand."""
    return [Column(member, member, _as_is(member)) for member in members]


def _other_name(one: Document) -> str:
    return f"{one['name']} [{one['lang']}]" if one.get("lang") else str(one["name"])


def _alt_label(one: Document) -> str:
    return f"{one['label']} [{one['lang']}]" if one.get("lang") else str(one["label"])


def _membership(one: Document) -> str:
    parts = [one.get("role"), words.name(one.get("organization")), words.period(one)]
    return ", ".join(part for part in parts if part)


def _relation(one: Document) -> str:
    return f"{one['type']} {one['statement']['id']}"


def _translation(one: Document) -> str:
    return f"{one['content']} [{one['lang']}]"


def _identifier(one: Document) -> str:
    return f"{one['scheme']}:{one['identifier']}"


def _labels(labels: dict[str, str]) -> str:
    return words.listed(f"{label} [{lang}]" for lang, label in labels.items())


def _change(one: Document) -> str:
    before, after = (orjson.dumps(one[side]).decode() for side in ("from", "to"))
    return f"{one['pointer']}: {before} → {after}"


def _id(reference: Document) -> Cell:
    return str(reference["id"])


def _source(member: str) -> Callable[[Document], Cell]:
    return _of("source", lambda source: source.get(member))


# --- tables -------------------------------------------------------------------------------------

_TIMES = _plain("version", "created_at", "updated_at")
_SOURCE = [
    Column("source_id", "source", _of("source", _id)),
    Column("source_title", "source", _source("title")),
    Column("source_url", "source", _source("url")),
    Column("publisher", "source", _of("source", lambda it: words.name(it.get("publisher")))),
    Column("published_at", "source", _source("published_at")),
]
_SAID = [
    Column("statement_id", "statement", _of("statement", _id)),
    Column("content", "statement", _of("statement", lambda it: it.get("content"))),
    Column("polarity", "statement", _of("statement", lambda it: it.get("polarity"))),
]
_REPORT = [
    column._replace(of_report=True)
    for column in [
        Column("attribution_id", "id", _as_is("id")),
        Column("speakers", "speakers", _each("speakers", lambda it: it.get("attribution_text"))),
        Column("speaker_names", "speakers", _each("speakers", lambda it: words.name(it["actor"]))),
        Column("roles", "speakers", _each("speakers", lambda it: it.get("role"))),
        Column("speaker_status", "speakers", _each("speakers", lambda it: it.get("status"))),
        Column(
            "on_behalf_of", "speakers", _each("speakers", lambda it: words.name(it["on_behalf_of"]))
        ),
        *_plain("joint", "cue", "quotation_type", "factuality"),
        Column("review_status", "status", _as_is("status")),
        *_plain("quoted_text"),
        Column("quoted_lang", "lang", _as_is("lang")),
        *_plain("translated_from"),
        Column("figures", "figures", _each("figures", words.figure)),
        Column("via", "via", _each("via", words.via)),
        Column("addressees", "addressees", _each("addressees", words.mention)),
        Column("inside_of", "parent", _of("parent", _id)),
        *_plain("reported_at", "sequence"),
        *_SOURCE,
        *_plain("note"),
    ]
]

TABLES: dict[type[BaseModel], list[Column]] = {
    StatementAnswer: [
        Column("statement_id", "id", _as_is("id")),
        *_plain("said_at", "date_basis", "content", "polarity", "disputed", "lang"),
        *_plain("speech_act", "mode"),
        Column("topics", "topics", _each("topics", words.label)),
        Column("about", "about", _each("about", words.name)),
        *_plain("occasion", "channel"),
        *_REPORT,
        Column("translations", "translations", _each("translations", _translation)),
        Column("relations", "relations", _each("relations", _relation)),
        *_TIMES,
    ],
    AttributionAnswer: [*_SAID, *_REPORT, *_TIMES],
    FigureAnswer: [
        *_plain("measure", "population"),
        Column("parties", "parties", _each("parties", words.name)),
        *_plain("per"),
        Column("place", "place", _of("place", words.label)),
        *_plain("unit", "as_worded", "qualifier", "low", "best", "high"),
        *_plain("period_start", "period_end", "cumulative"),
        Column("figure_status", "status", _as_is("status")),
        Column("claimants", "claimants", _each("claimants", lambda it: it.get("attribution_text"))),
        Column(
            "claimant_names", "claimants", _each("claimants", lambda it: words.name(it["actor"]))
        ),
        Column("claimant_roles", "claimants", _each("claimants", lambda it: it.get("role"))),
        *_SAID,
        Column("attribution_id", "attribution", _of("attribution", _id)),
        Column("factuality", "attribution", _of("attribution", lambda it: it.get("factuality"))),
        Column("review_status", "attribution", _of("attribution", lambda it: it.get("status"))),
        *_SOURCE,
    ],
    ActorAnswer: [
        *_plain("id", "kind", "name"),
        Column("other_names", "other_names", _each("other_names", _other_name)),
        Column("identifiers", "identifiers", _each("identifiers", _identifier)),
        *_plain("description"),
        Column("memberships", "memberships", _each("memberships", _membership)),
        *_TIMES,
    ],
    TopicAnswer: [
        *_plain("id", "kind"),
        Column("label", "pref_labels", words.label),
        Column("labels", "pref_labels", _of("pref_labels", _labels)),
        Column("alt_labels", "alt_labels", _each("alt_labels", _alt_label)),
        Column("broader", "broader", _each("broader", words.label)),
        Column("identifiers", "identifiers", _each("identifiers", _identifier)),
        *_plain("latitude", "longitude", "start_date", "end_date"),
        *_TIMES,
    ],
    SourceAnswer: [
        *_plain("id", "kind", "title", "url", "archived_url"),
        Column("publisher", "publisher", _of("publisher", words.name)),
        Column("authors", "authors", _each("authors", str)),
        *_plain("lang", "published_at", "retrieved_at"),
        Column("derived_from", "derived_from", _each("derived_from", words.source)),
        *_plain("extent", "sha256"),
        *_TIMES,
    ],
    RevisionAnswer: [
        *_plain("seq", "recorded_at", "type", "id", "version", "change", "reason", "agent"),
        Column("changes", "changes", _each("changes", _change)),
        *_plain("previous_hash", "hash"),
    ],
}
"""The columns of each table, by the shape of its records."""
