"""Facets: how many statements have which value."""

from typing import Literal

from pydantic import Field
from sqlalchemy import (
    Connection,
    func,
    select,
)

from app.models.counts import (
    Facet,
    FacetCounts,
    Facets,
    FacetValue,
)
from app.store import moment
from app.store.counts import commonest, labels_of, pairs_of, statements
from app.store.filters import StatementFilter
from app.store.moment import AtParams
from app.store.page import Whole
from app.store.resolve import resolve

MAX_LIMIT = 100
USUAL = [Facet.speaker, Facet.topic, Facet.publisher, Facet.quotation_type]


class FacetQuery(StatementFilter, AtParams):
    """What facets can be asked."""

    facet: list[Facet] = Field(
        USUAL,
        max_length=100,
        description=f"What to count by; repeat for more. When absent: {', '.join(USUAL)}.",
    )
    limit: Whole = Field(
        20,
        ge=1,
        description=f"Values of each facet; more than {MAX_LIMIT} is {MAX_LIMIT}.",
    )
    format: Literal["json"] | None = Field(  # type: ignore[assignment]  # fewer than of a list
        None, description="There is only `json`."
    )


def facets(connection: Connection, asked: FacetQuery) -> Facets:
    """The statements that fit, counted by each facet: one query for each, and one for all."""
    at = moment.resolve(connection, asked.known_at)
    keys = resolve(connection, asked)
    everything = statements(asked, keys, at).subquery()
    total = connection.scalar(select(func.count()).select_from(everything)) or 0
    limit = min(asked.limit, MAX_LIMIT)
    counted = {
        facet: commonest(connection, facet, pairs_of(facet, asked, keys, at), limit + 1)
        for facet in dict.fromkeys(asked.facet)
    }
    labels = labels_of(connection, counted, at)
    return Facets(
        count=total,
        facets=[
            FacetCounts(
                facet=facet,
                values=[
                    FacetValue(
                        value=one.id, label=labels.get((facet, one.id)), count=one.statements
                    )
                    for one in values[:limit]
                ],
                more=len(values) > limit,
                missing=total - (values[0].having if values else 0),
            )
            for facet, values in counted.items()
        ],
    )
