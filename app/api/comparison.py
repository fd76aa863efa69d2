"""`/v1/figures/comparison`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api import respond
from app.api.deps import Store
from app.api.documented import JSON, answers
from app.formats import chart
from app.models.comparison import Comparison
from app.store import comparison
from app.store.comparison import ComparisonQuery

SVG = "image/svg+xml"
router = APIRouter(prefix="/v1")

_FORMS = {
    SVG: {
        "schema": {
            "type": "string",
            "format": "svg",
            "maxLength": 100_000_000,
            "description": "A drawing 600 wide, in black and white: a panel for each group, and in "
            "it a row for each claim. A dot is the number itself, a diamond about the number, a "
            "bar a bound, a ring a bound that is excluded, an arrow that there is no bound.",
        },
        "example": '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="100"/>',
    }
}


@router.get(
    "/figures/comparison",
    tags=["Figures"],
    **answers("compare_figures", "Line up figures about the same thing", Comparison, _FORMS),
)
def compare_figures(
    request: Request, store: Store, asked: Annotated[ComparisonQuery, Query()]
) -> Response:
    """Claims about the same thing, by claimant and by outlet, and how their bounds stand.

    The same thing: every member of the scope is the same, and what was not said is a scope of its
    own. A total is never lined up with a number for each side, nor civilians with all people;
    `near` names groups that may count the same but for what was left unsaid.

    Each two claims of a group are set against each other by their bounds. `conflict`: no number
    fits both. `overlap`: one does. `agreement`: the same bounds. `differs`: different numbers, in
    words like `about` and `almost`, which do not say how near is near. `successive`: a later number
    by the same claimant. `reports_differ`: one statement, reported with different numbers.
    `not_comparable`: vague, undisclosed or denied. Nothing is averaged, and who is right is not
    said. At most 5,000 figures, the newest, are lined up; `truncated` says when more fit.
    """
    with store.reader() as reader:
        found = comparison.compare(reader, asked)

    def as_json(urls: dict[str, str]) -> bytes:
        page = Comparison(
            items=found.items,
            next=urls.get("next"),
            prev=urls.get("prev"),
            count=found.count,
            considered=found.considered,
            truncated=found.truncated,
        )
        absent = {name for name in ("next", "prev", "count") if getattr(page, name) is None}
        return page.model_dump_json(exclude=absent).encode()

    def as_svg(_urls: dict[str, str]) -> bytes:
        return chart.svg(found.items, more=bool(found.next), truncated=found.truncated)

    forms = {"json": (JSON, as_json), "svg": (SVG, as_svg)}
    return respond.document(request, forms, next=found.next, prev=found.prev)
