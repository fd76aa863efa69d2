"""`POST /v1/import`: an interchange file of any size, by the road that the command line takes."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, BinaryIO

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.api.auth import Writes
from app.api.conditions import Created
from app.api.deps import ONCE, Store
from app.api.documented import problem
from app.api.turns import Change, turn
from app.errors import Locked, Problem, Unavailable, UnsupportedMedia
from app.formats import MEDIA_TYPES
from app.models.format import Format
from app.store import bulk
from app.store.bulk import LineReport, Progress

TAKEN = MEDIA_TYPES[Format.ndjson]
IN_MEMORY = 1_000_000
"""Bytes of a file above which it is put aside on disk."""

router = APIRouter(
    prefix="/v1", tags=["Import and export"], route_class=Change, dependencies=[ONCE]
)


class ImportQuery(Created):
    """How to import a file."""

    dry_run: bool = Field(False, description="Only check; write nothing.")


async def spooled(request: Request, _key: Writes) -> AsyncIterator[BinaryIO]:
    """The body, put aside whole: a file may have to be read twice (docs/adr/0002)."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent not in TAKEN:
        raise UnsupportedMedia(f"Send the file as Content-Type: {TAKEN[0]}.")
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        try:
            async for part in request.stream():
                file.write(part)
        except OSError as error:
            detail = "There is no room to put the file aside; send smaller ones."
            raise Unavailable(detail) from error
        file.seek(0)
        yield file  # type: ignore[misc]  # it has all that is asked of it


_EXAMPLE = '{"type":"actor","id":"osce","kind":"international_organization","name":"OSCE"}\n'
_ANSWER = (
    '{"lines":1,"bytes":79,"created":1,"updated":0,"unchanged":0,"failed":0}\n{"done":true,"lines"'
    ':1,"bytes":79,"created":1,"updated":0,"unchanged":0,"failed":0}\n'
)


@router.post(
    "/import",
    operation_id="import_records",
    summary="Import an interchange file",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "NDJSON, sent as the work goes on: totals after each batch, each bad "
            "line with its number and `errors`, each line that may surprise with `warnings`, and "
            "at the end the totals with `done`. Where that is missing, or there is a `problem`, "
            "it was cut off: what was good so far is kept, and sending the file again does the "
            "rest.",
            "content": {TAKEN[0]: {"schema": {"type": "string"}, "example": _ANSWER}},
        },
        401: problem("A valid key is needed."),
        403: problem("The key may not do this."),
        415: problem("The body is of another media type."),
        422: problem("A parameter does not fit; `errors` names it."),
        503: problem("The store cannot be written now."),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {TAKEN[0]: {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
)
def import_records(
    store: Store,
    key: Writes,
    file: Annotated[BinaryIO, Depends(spooled)],
    asked: Annotated[ImportQuery, Query()],
) -> Response:
    """Takes NDJSON of any size, a record a line, as an export gives it. Good lines are kept
    whatever the others hold; a bad one is told with its number and all that is wrong with it.
    Sending a file again changes nothing, and finishes what was cut off."""
    steps = bulk.import_file(
        store, file, agent=key.name, reason=asked.reason, dry_run=asked.dry_run
    )
    lines = _told(steps)
    first = next(lines)  # what goes wrong up to here is still answered as an error
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(_in_turn(store, first, lines), 200, headers, TAKEN[0])


async def _in_turn(store: Store, first: bytes, lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of an answer, each batch made when it is this import's turn to write."""
    line: bytes | None = first
    while line is not None:
        yield line
        try:
            async with turn(store):
                line = await run_sync(next, lines, None)
        except Locked as problem:
            yield _line({"problem": problem.as_dict()})
            return


def _told(steps: Iterator[Progress]) -> Iterator[bytes]:
    """The progress of an import, line by line."""
    total, begun = Progress(), False
    try:
        for total in steps:
            yield b"".join(_step(total))
            begun = True
    except Problem as problem:
        if not begun:
            raise
        yield _line({"problem": problem.as_dict()})
        return
    yield _line({"done": True, **_totals(total)})


def _step(progress: Progress) -> Iterator[bytes]:
    for kind, reports in (("errors", progress.errors), ("warnings", progress.warnings)):
        yield from (_line(_report(kind, one)) for one in reports)
    yield _line(_totals(progress))


def _report(kind: str, report: LineReport) -> dict[str, object]:
    return {"line": report.line, kind: [fault.as_dict() for fault in report.faults]}


def _totals(progress: Progress) -> dict[str, object]:
    names = ("lines", "bytes", "created", "updated", "unchanged", "failed")
    return {name: getattr(progress, name) for name in names}


def _line(found: dict[str, object]) -> bytes:
    return orjson.dumps(found) + b"\n"
