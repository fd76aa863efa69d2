"""Counting statements: over time, and by facet, with every filter of the lists.

What is counted are statements, once each, as `/v1/statements` lists them. A facet of reports or
figures looks only at those that fit the filters, so a value's count is what the same filters find
with that value added: as many as `count=exact` says. Topics take in their narrower ones, as the
filter does. Languages alone differ: `az` here is not `az-Cyrl`.

Dates are those that lists sort by, in UTC. The databases count days, as whole numbers, and Python
puts days together to weeks, months and years: there are few days, and so both databases and all
intervals agree.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import (
    CTE,
    Connection,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    distinct,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from app.models import IDENTITIES, attribution, source, statement, topic
from app.models.base import EARLIEST, LATEST, RecordType
from app.models.counts import (
    Bucket,
    Count,
    Facet,
    FacetCounts,
    Facets,
    FacetValue,
    Grouping,
    GroupSeries,
    Interval,
    Series,
    Timeline,
    Undated,
)
from app.models.figure import FIGURE, PARTY
from app.models.statement import DateBasis
from app.store import filters, moment, read
from app.store.filters import Keys, StatementFilter
from app.store.labels import labelled
from app.store.moment import At, AtParams, alive

MOST_GROUPS = 20
MAX_LIMIT = 100
USUAL = [Facet.speaker, Facet.topic, Facet.publisher, Facet.quotation_type]


class JsonOnly(AtParams):
    format: Literal["json"] | None = Field(  # type: ignore[assignment]  # fewer than elsewhere
        None, description="There is only `json`."
    )


class TimelineQuery(StatementFilter, JsonOnly):
    """What a timeline can be asked."""

    interval: Interval = Field(Interval.month, description="How long a bucket is.")
    group_by: Grouping | None = Field(
        None, description=f"Counts also by this; the {MOST_GROUPS} largest groups, and the others."
    )


class FacetQuery(StatementFilter, JsonOnly):
    """What facets can be asked."""

    facet: list[Facet] = Field(
        USUAL,
        max_length=len(Facet),
        description=f"What to count by; repeat for more. When absent: {', '.join(USUAL)}.",
    )
    limit: int = Field(
        20, ge=1, description=f"Values of each facet; more than {MAX_LIMIT} is {MAX_LIMIT}."
    )
