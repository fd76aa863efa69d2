"""`/v1/attributions/{id}/verification`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store, example
from app.api.documented import shows
from app.api.route import Route
from app.store import verification
from app.store.moment import AtParams
from app.store.verification import VerificationAnswer

router = APIRouter(prefix="/v1", route_class=Route, dependencies=READING)


@router.get(
    "/attributions/{id}/verification",
    tags=["Attributions"],
    **shows("verify_attribution", "Check the anchors of one attribution", VerificationAnswer),
)
def verify(
    request: Request,
    store: Store,
    id: Annotated[str, example("fighting-rages:moscow-almost-5000-killed")],
    asked: Annotated[AtParams, Query()],
) -> Response:
    """Each selector against the source's stored snapshot, code point for code point.

    A selector fits where `exact` stands between `prefix` and `suffix`. `exact`: at its `start`,
    or, where it has none, in one place only. `moved`: in one other place. `ambiguous`: in several.
    `missing`: in none. `unverifiable`: no snapshot is stored, or the selector has no words.
    The text itself is private and never shown.
    """
    with store.reader() as reader:
        response = respond.record(request, verification.of_attribution(reader, id, asked))
    # A text may come without a revision, by which the cache would know that it came.
    response.headers["Cache-Control"] = "no-store"
    return response
