"""Representations: pure functions of the documents that reading gives, so that none can drift.

Each takes the JSON texts of records as they are answered (with the shape that describes them) and
gives bytes. JSON and NDJSON parse nothing; the others parse each text once.
"""

from pydantic import BaseModel

from app.formats import atom, csv, jsonld
from app.models.format import Format

MEDIA_TYPES: dict[Format, tuple[str, ...]] = {
    Format.json: ("application/json",),
    Format.ndjson: ("application/x-ndjson", "application/ndjson", "application/jsonl"),
    Format.csv: ("text/csv; charset=utf-8; header=present",),
    Format.jsonld: ("application/ld+json",),
    Format.atom: ("application/atom+xml",),
}
"""Under which media types each is offered: the usual one first."""


def offered(shape: type[BaseModel] | None, *, page: bool) -> list[Format]:
    """The formats in which records of a shape can be had, alone or as a page of them."""
    found = [Format.json, Format.ndjson]
    if shape in csv.TABLES:
        found.append(Format.csv)
    if shape in jsonld.SHAPES:
        found.append(Format.jsonld)
    if page and shape in atom.ENTRIES:
        found.append(Format.atom)
    return found
