"""What a list can be asked in whole: filters, order, page, and what of each record to show."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy import Table

from app.errors import Fault, InvalidInput
from app.models import attribution, source, statement
from app.models.figure import FIGURE
from app.store.filters import ActorFilter, SourceFilter, StatementFilter, TopicFilter
from app.store.moment import AtParams
from app.store.page import Order, PageParams

MAX_DEPTH = 100
"""How deep a nesting of attributions is followed."""


def _listed(value: object) -> object:
    """The parts of a list that is written with commas, repeated, or both."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        parts = [part.strip() for one in value for part in str(one).split(",")]
        return [part for part in parts if part] or None
    return value


Members = Annotated[list[str] | None, BeforeValidator(_listed)]


def expands(expand: list[str] | None, member: str) -> bool:
    """Whether `expand` inlines a member that is inlined by default."""
    return expand is None or any(part in _INLINING[member] for part in expand)


_INLINING = {"attributions": {"attributions", "speakers", "sources"}}


class Shown(AtParams):
    """What of a record to show, and as of when."""

    fields: Members = Field(
        None, description="Members to show, separated by commas; all when absent."
    )
    expand: Members = Field(
        None,
        description="References to inline in full, separated by commas; `none` for ids only.",
    )


NameOrder = Literal["name", "recorded_at", "-recorded_at"]
SourceOrder = Literal["published_at", "-published_at", "recorded_at", "-recorded_at"]
SaidOrder = Literal["said_at", "-said_at", "recorded_at", "-recorded_at"]
RankedOrder = Literal["relevance", "said_at", "-said_at", "recorded_at", "-recorded_at"]
_ORDER: Any = Field(
    "-said_at", description="`-` for newest first; undated ones come last either way."
)


class ActorQuery(ActorFilter, Shown, PageParams):
    order: NameOrder = Field("name", description="`-` for newest first.")


class TopicQuery(TopicFilter, Shown, PageParams):
    order: NameOrder = Field("name", description="`-` for newest first.")


class SourceQuery(SourceFilter, Shown, PageParams):
    order: SourceOrder = Field("-published_at", description="`-` for newest first.")


class StatementQuery(StatementFilter, Shown, PageParams):
    order: RankedOrder | None = Field(
        None,
        description="`relevance` (with `q`, and then the default; with snippets), `-said_at` "
        "(otherwise the default), …; undated ones come last either way.",
    )

    @property
    def ordered(self) -> str:
        """The order that is meant; raises `InvalidInput` for relevance to nothing."""
        if self.order == "relevance" and not self.q:
            detail = "relevance needs q, to which something can be relevant"
            raise InvalidInput.of(Fault(detail, "needs_q", parameter="order"))
        return self.order or ("relevance" if self.q else "-said_at")


class AttributionQuery(StatementFilter, Shown, PageParams):
    order: SaidOrder = _ORDER


class FigureQuery(StatementFilter, Shown, PageParams):
    order: SaidOrder = _ORDER


def _recorded(versions: Table) -> dict[str, Order]:
    return {
        "recorded_at": Order("recorded_at", (versions.c.seq,)),
        "-recorded_at": Order("-recorded_at", (versions.c.seq,), descending=True),
    }


def named_orders(versions: Table) -> dict[str, Order]:
    """The orders of a collection whose records have names."""
    return {
        "name": Order("name", (versions.c.name_key, versions.c.key)),
        **_recorded(versions),
    }


_SOURCES, _STATEMENTS, _REPORTS = source.VERSION, statement.VERSION, attribution.VERSION
_LISTING = statement.LISTING

SOURCE_ORDERS = {
    "published_at": Order("published_at", (_SOURCES.c.oldest, _SOURCES.c.key)),
    "-published_at": Order("-published_at", (_SOURCES.c.newest, _SOURCES.c.key), descending=True),
    **_recorded(_SOURCES),
}
STATEMENT_ORDERS = {
    "said_at": Order("said_at", (_LISTING.c.oldest, _LISTING.c.statement)),
    "-said_at": Order("-said_at", (_LISTING.c.newest, _LISTING.c.statement), descending=True),
    **_recorded(_STATEMENTS),
}
ATTRIBUTION_ORDERS = {
    "said_at": Order("said_at", (_LISTING.c.oldest, _REPORTS.c.key)),
    "-said_at": Order("-said_at", (_LISTING.c.newest, _REPORTS.c.key), descending=True),
    **_recorded(_REPORTS),
}
FIGURE_ORDERS = {
    name: Order(order.name, (*order.columns, FIGURE.c.position), order.descending)
    for name, order in ATTRIBUTION_ORDERS.items()
}


class ReportsQuery(AtParams, PageParams):
    """What the reports of one statement can be asked for."""
