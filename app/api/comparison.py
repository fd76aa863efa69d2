"""`/v1/figures/comparison`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import JSON, answers
from app.api.route import Route
from app.models.comparison import Comparison
from app.store import comparison
from app.store.comparison import ComparisonQuery

SVG = "image/svg+xml"
router = APIRouter(prefix="/v1", route_class=Route, dependencies=READING)

_CLAIMANT = {
    "actor": {"id": "azerbaijan", "name": "Azerbaijan"},
    "attribution_text": "Azerbaijan",
    "role": None,
    "on_behalf_of": None,
    "status": "named",
}
_SOURCE = {
    "id": "fighting-rages-in-nagorno-karabakh",
    "title": "Fighting Rages in Nagorno-Karabakh on Eve of US Talks",
    "url": None,
    "publisher": None,
    "published_at": "2020-10-23~",
}
EXAMPLE = {
    "items": [
        {
            "id": "988d2285a9eaee2b",
            "label": "Wounded, civilians, Azerbaijan, in total",
            "scope": {
                "measure": "wounded",
                "population": "civilian",
                "parties": [{"id": "azerbaijan", "name": "Azerbaijan"}],
                "per": "total",
                "place": None,
                "unit": None,
                "period_start": None,
                "period_end": None,
                "cumulative": None,
            },
            "relation": {"kind": "single", "summary": "One claim: Azerbaijan gives “292”."},
            "claims": [
                {
                    "claimants": [_CLAIMANT],
                    "according_to": [],
                    "as_worded": "292",
                    "qualifier": "exactly",
                    "low": None,
                    "best": 292,
                    "high": None,
                    "status": "stated",
                    "polarity": "affirmed",
                    "factuality": "actual",
                    "attribution_status": "reviewed",
                    "date": "2020-10-23~",
                    "date_basis": "reported",
                    "attribution": {
                        "id": "fighting-rages:azerbaijan-63-civilians-killed-292-wounded"
                    },
                    "figure": 1,
                    "statement": {
                        "id": "azerbaijan-63-civilians-killed-292-wounded",
                        "content": "63 civilians have been killed and 292 have been wounded",
                        "polarity": "affirmed",
                    },
                    "source": _SOURCE,
                    "publisher": None,
                }
            ],
            "claims_total": 1,
            "by_claimant": [{"claimant": _CLAIMANT, "claims": [0]}],
            "by_outlet": [{"publisher": None, "sources": [_SOURCE], "claims": [0]}],
            "pairs": [],
            "tally": {
                "conflict": 0,
                "reports_differ": 0,
                "differs": 0,
                "overlap": 0,
                "successive": 0,
                "agreement": 0,
                "not_comparable": 0,
            },
            "near": [],
        }
    ],
    "considered": 1,
    "truncated": False,
}
"""What the bundled record answers to `measure=wounded`."""

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
    **answers(
        "compare_figures", "Line up figures about the same thing", Comparison, EXAMPLE, _FORMS
    ),
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
        from app.formats import chart  # a library that draws is loaded by those who ask for it

        return chart.svg(found.items, more=bool(found.next), truncated=found.truncated)

    forms = {"json": (JSON, as_json), "svg": (SVG, as_svg)}
    return respond.document(request, forms, next=found.next, prev=found.prev)
