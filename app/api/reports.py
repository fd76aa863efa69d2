"""`/v1/statements/{id}/attributions`, `/v1/attributions/{id}/chain` and `/v1/figures`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store, example
from app.api.documented import lists
from app.api.questions import Question
from app.models.attribution import AttributionAnswer
from app.models.figure import FigureAnswer
from app.store import read, shape
from app.store.moment import AtParams
from app.store.query import FigureQuery, ReportsQuery

router = APIRouter(prefix="/v1", route_class=Question, dependencies=READING)


@router.get(
    "/statements/{id}/attributions",
    tags=["Statements"],
    **lists(
        "list_statement_attributions",
        "Every report of one statement",
        AttributionAnswer,
        of_one=True,
    ),
)
def list_attributions(
    request: Request,
    store: Store,
    id: Annotated[str, example("putin-more-than-2000-casualties-on-each-side")],
    asked: Annotated[ReportsQuery, Query()],
) -> Response:
    """Every report of a statement, of any status, side by side."""
    with store.reader() as reader:
        page = read.attributions_of(reader, id, asked)
        return respond.listing(request, page, AttributionAnswer)


@router.get(
    "/attributions/{id}/chain",
    tags=["Attributions"],
    **lists("get_attribution_chain", "Who says that who said it", AttributionAnswer, of_one=True),
)
def get_chain(
    request: Request,
    store: Store,
    id: Annotated[str, example("fighting-rages:moscow-almost-5000-killed")],
    asked: Annotated[AtParams, Query()],
) -> Response:
    """The attributions that this one stands inside of, outermost first, and itself last."""
    with store.reader() as reader:
        return respond.listing(request, read.chain(reader, id, asked), AttributionAnswer)


@router.get("/figures", tags=["Figures"], **lists("list_figures", "List figures", FigureAnswer))
def list_figures(
    request: Request, store: Store, asked: Annotated[FigureQuery, Query()]
) -> Response:
    """Numbers in reported words, each with its wording, its bounds, its claimants and source."""
    with store.reader() as reader:
        page = shape.listed(reader, FigureAnswer, read.figures, asked)
        return respond.listing(request, page, FigureAnswer)
