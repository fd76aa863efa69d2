"""`/v1/timeline` and `/v1/facets`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import JSON, answers
from app.api.route import Route
from app.models.counts import Facets, Timeline
from app.store.facets import FacetQuery, facets
from app.store.timeline import TimelineQuery, timeline

router = APIRouter(prefix="/v1", tags=["Counts"], route_class=Route, dependencies=READING)

TIMELINE = {
    "count": 22,
    "buckets": [{"date": "2020-10", "count": 22, "said": 1, "reported": 21, "start": "2020-10-01"}],
    "imprecise": [],
    "undated": {"count": 0, "open": 0, "unknown": 0},
    "interval": "month",
    "group_by": None,
    "groups": [],
    "others": None,
    "missing": None,
}
"""What the bundled record answers."""
FACETS = {
    "count": 22,
    "facets": [
        {
            "facet": "party",
            "values": [
                {"value": "azerbaijan", "label": "Azerbaijan", "count": 3},
                {
                    "value": "ethnic-armenian-forces",
                    "label": "Ethnic Armenian forces",
                    "count": 1,
                },
                {
                    "value": "nagorno-karabakh-authorities",
                    "label": "Authorities in Nagorno-Karabakh",
                    "count": 1,
                },
            ],
            "more": False,
            "missing": 18,
        }
    ],
}
"""What the bundled record answers to `facet=party`."""


@router.get("/timeline", **answers("get_timeline", "Statements over time", Timeline, TIMELINE))
def get_timeline(
    request: Request, store: Store, asked: Annotated[TimelineQuery, Query()]
) -> Response:
    """How many statements there are in each day, week, month or year, in UTC.

    Each statement that fits the filters counts once, at the day it was said or, where that is not
    known, of its earliest report. A date that is longer than a bucket (`2020` in a timeline of
    months) is not guessed into one: it counts under `imprecise`; one that is open or unknown
    counts under `undated`. One that is only about, or uncertain (`2020-10-23~`, `2020-10?`), counts
    where it stands: how far it may be off is not said. Buckets without statements are left out.
    With `group_by`, the 20 largest groups, the `others` together, and what is `missing` from any
    group; a statement of two speakers counts with both.
    """
    with store.reader() as reader:
        return _json(request, timeline(reader, asked))


@router.get(
    "/facets", **answers("get_facets", "Statements by what they have in common", Facets, FACETS)
)
def get_facets(request: Request, store: Store, asked: Annotated[FacetQuery, Query()]) -> Response:
    """How many statements have which speaker, topic, publisher, …, the commonest first.

    A value's count is what the same filters find with that value added. A statement with several
    values counts for each, one with none under `missing`. Topics take in their narrower ones;
    a language only itself.
    """
    with store.reader() as reader:
        return _json(request, facets(reader, asked))


def _json(request: Request, answer: BaseModel) -> Response:
    return respond.document(
        request, {"json": (JSON, lambda _urls: answer.model_dump_json().encode())}
    )
