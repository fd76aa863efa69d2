"""`/v1/changes`: the ledger as a feed, to be read page by page, waited for, or streamed."""

from collections.abc import AsyncIterator
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.api import respond
from app.api.accept import preferred
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import lists
from app.api.route import Route
from app.db import Database
from app.errors import Fault, InvalidInput
from app.formats import MEDIA_TYPES
from app.models.revision import RevisionAnswer
from app.store import feed
from app.store.feed import FeedQuery
from app.store.page import MAX_LIMIT
from app.store.read import Listed
from app.store.watch import Watch

EVENTS = "text/event-stream"
HEARTBEAT = 15.0
"""Seconds after which a silent stream sends a comment, so that nobody between closes it."""
router = APIRouter(prefix="/v1", tags=["Changes"], route_class=Route, dependencies=READING)


def _documented() -> dict[str, object]:
    route = lists("list_changes", "Follow every change", RevisionAnswer)
    del route["responses"][404], route["responses"][304]
    forms = route["responses"][200]["content"]
    example = "id: 1\nevent: created\ndata: {}\n\n"
    forms[EVENTS] = {"schema": {"type": "string"}, "example": example}
    return route


@router.get("/changes", **_documented())  # type: ignore[arg-type]  # keyword arguments of a route
async def list_changes(
    request: Request,
    store: Store,
    asked: Annotated[FeedQuery, Query()],
    last_event_id: Annotated[
        str | None,
        Header(max_length=20, description="Where a stream was cut off: as `since`, before it."),
    ] = None,
) -> Response:
    """Every accepted change after `since`, oldest first, retractions and mergers included: none is
    left out, none comes twice. `next` is there while there are more; then go on from the last
    `seq`, and with `wait` be answered as soon as there is one. With `Accept: text/event-stream`
    they come as they are made, each with its `seq` as id."""
    if last_event_id is not None:
        asked = asked.model_copy(update={"since": _number(last_event_id)})
    watch: Watch = request.app.state.watch
    accept = ",".join(request.headers.getlist("accept"))
    if asked.format is None and preferred(accept, [*_FORMS, EVENTS]) == EVENTS:
        await run_sync(_page, store, asked)  # what does not fit is still answered as an error
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(store, watch, asked.since), 200, headers, EVENTS)
    if asked.wait:
        await watch.beyond(asked.since, asked.wait)
    page = await run_sync(_page, store, asked)
    response = respond.listing(request, page, RevisionAnswer, place="since")
    response.headers["Cache-Control"] = "no-store"
    return response


_FORMS = tuple(name for names in MEDIA_TYPES.values() for name in names)


def _number(last_event_id: str) -> int:
    if not (last_event_id.isascii() and last_event_id.isdigit()):
        detail = "must be the id of an event as it was sent: a number"
        raise InvalidInput.of(Fault(detail, "invalid_id", parameter="Last-Event-ID"))
    return int(last_event_id)


def _page(store: Database, asked: FeedQuery) -> Listed:
    with store.reader() as reader:
        return feed.changes(reader, asked)


async def _events(store: Database, watch: Watch, after: int) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    while True:
        while events := await run_sync(_some, store, after):
            for seq, event in events:
                yield event
                after = seq
            if len(events) < MAX_LIMIT:
                break
        if not await watch.beyond(after, HEARTBEAT):
            yield ": still here\n\n"


def _some(store: Database, after: int) -> list[tuple[int, str]]:
    with store.reader() as reader:
        return list(feed.events(reader, after))
