"""`/v1/export`: the record, or what a filter selects, as one file."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from app import __version__
from app.api.accept import preferred
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import ETAG, NOT_MODIFIED, problem
from app.api.respond import caching
from app.api.route import Route
from app.errors import NotAcceptable
from app.formats import MEDIA_TYPES
from app.models.format import Format
from app.store import export
from app.store.export import Asked, ExportQuery

OFFERED = MEDIA_TYPES[Format.ndjson]
DISPOSITION = 'attachment; filename="onrecord.ndjson"'
PORTION = 64 * 1024
"""Bytes that are sent at once: every portion costs a change of threads."""

router = APIRouter(prefix="/v1", route_class=Route, dependencies=READING)


class Lines(StreamingResponse):
    media_type = OFFERED[0]


@router.get(
    "/export",
    tags=["Import and export"],
    operation_id="export_records",
    summary="Everything, or what a filter selects, as a file",
    response_class=Lines,
    responses={
        200: {
            "description": "An interchange file: NDJSON, a record a line, each after those that it "
            "needs. It is sent as it is made; if it breaks off, the connection does too.",
            "headers": {
                "ETag": ETAG,
                "Content-Disposition": {
                    "description": "A name to save it under.",
                    "schema": {"type": "string", "maxLength": 100},
                },
            },
            "content": {
                OFFERED[0]: {
                    "schema": {"type": "string"},
                    "example": '{"type":"actor","id":"russia","kind":"state","name":"Russia"}\n',
                }
            },
        },
        304: NOT_MODIFIED,
        406: problem("It is to be had as NDJSON only."),
        422: problem("A parameter does not fit; `errors` names it."),
        503: problem("The store cannot answer now."),
    },
)
def export_records(
    request: Request, store: Store, asked: Annotated[ExportQuery, Query()]
) -> Response:
    """The whole record as an interchange file, which `onrecord import` takes into any store; or
    the statements that the filters select, with all reports of them and every record that the
    lines refer to.

    It is of one moment: what is written while it is sent is not in it. What was retracted or
    redacted is left out, and so are references to it, and private texts. Without filters it has
    everything else, also what lists leave out.
    """
    media_type = preferred(",".join(request.headers.getlist("accept")), OFFERED)
    if media_type is None:
        raise NotAcceptable(f"This path answers {OFFERED[0]}; ask for that, or for */*.")
    with store.reader() as reader:
        wanted = export.ask(reader, asked)
        tag = _tag(wanted, asked, media_type)
        if known := _known(request, tag):
            return Response(status_code=304, headers={**caching(request), "ETag": known})
        statements = export.selected(reader, wanted)
    portions = _portions(export.stream(store.reader, wanted.at, statements))
    first = next(portions, b"")  # what goes wrong up to here is still answered as an error
    headers = {**caching(request), "ETag": tag, "Content-Disposition": DISPOSITION}
    return Lines(chain([first], portions), headers=headers, media_type=media_type)


def _tag(wanted: Asked, asked: ExportQuery, media_type: str) -> str:
    """The file's entity tag, without making it: what its bytes depend on."""
    depends = (__version__, wanted.stamp, str(wanted.at), asked.model_dump_json(), media_type)
    digest = hashlib.sha256("\n".join(depends).encode()).hexdigest()
    return f'"{digest[:32]}"'


def _known(request: Request, tag: str) -> str | None:
    """The tag by which the client has this file, perhaps compressed (`"…-gzip"`)."""
    for one in request.headers.get("if-none-match", "").split(","):
        known = one.strip().removeprefix("W/")
        if known == "*" or known.partition("-")[0].strip('"') == tag.strip('"'):
            return tag if known == "*" else known
    return None


def _portions(lines: Iterable[bytes]) -> Iterator[bytes]:
    portion: list[bytes] = []
    size = 0
    for line in lines:
        portion.append(line)
        size += len(line)
        if size >= PORTION:
            yield b"".join(portion)
            portion, size = [], 0
    if portion:
        yield b"".join(portion)
