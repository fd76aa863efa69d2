"""What OpenAPI says of the representations of an answer."""

from typing import Any

from pydantic import BaseModel

from app.formats import MEDIA_TYPES, csv, offered
from app.models.format import Format

_FEED = """<?xml version='1.0' encoding='utf-8'?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>http://localhost:8000/v1/statements?format=atom</id>\
<title>Onrecord: statements</title><updated>2026-11-23T08:15:30.123456Z</updated>\
<author><name>Onrecord</name></author></feed>"""
_SCHEMAS: dict[Format, dict[str, Any]] = {
    Format.ndjson: {"description": "A record a line, each as in JSON; pages in `Link`."},
    Format.csv: {
        "description": "A table with a header row (RFC 4180), in UTF-8 with a byte order mark; "
        "pages in `Link`. A text that a spreadsheet would run begins with an apostrophe."
    },
    Format.atom: {"description": "A feed (RFC 4287), its pages linked by RFC 5005."},
}
_IRI = {"type": "string", "format": "uri", "maxLength": 10_000}
_JSONLD = {
    "type": "object",
    "description": "The members of JSON with `@context`, IRIs, types and terms of schema.org, "
    "Web Annotation, SKOS and PROV; `/context.jsonld` says what each member means.",
    "required": ["@context", "@type"],
    "properties": {
        "@context": _IRI,
        "@id": _IRI,
        "@type": {
            "anyOf": [
                {"type": "string", "maxLength": 100},
                {"type": "array", "maxItems": 10, "items": {"type": "string", "maxLength": 100}},
            ]
        },
    },
}


def content(answer: type[BaseModel], *, page: bool) -> dict[str, Any]:
    """The media types of a 200, JSON first, whose schema FastAPI adds.

    Names that only a client's `Accept` brings about are left out.
    """
    return {
        MEDIA_TYPES[format][0].partition(";")[0]: _described(answer, format, page=page)
        for format in offered(answer, page=page)
    }


def _described(answer: type[BaseModel], format: Format, *, page: bool) -> dict[str, Any]:
    if format is Format.json:
        return {}
    if format is Format.jsonld:
        type = "Page" if page else answer.__name__.removesuffix("Answer")
        node = {"@context": "http://localhost:8000/context.jsonld", "@type": type}
        return {"schema": _JSONLD, "example": node}
    schema = {"type": "string", "format": format, "maxLength": 100_000_000, **_SCHEMAS[format]}
    if format is Format.ndjson:
        example = '{"id":"vladimir-putin","version":1,"kind":"person","name":"Vladimir Putin"}\n'
        return {"schema": schema, "example": example}
    if format is Format.csv:
        names = ",".join(column.name for column in csv.TABLES[answer])
        return {"schema": schema, "example": f"{csv.BYTE_ORDER_MARK}{names}\r\n"}
    return {"schema": schema, "example": _FEED}
