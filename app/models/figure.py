"""Figures: numbers in reported words, with their wording and the bounds that it gives (UCDP)."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator
from sqlalchemy import BigInteger, CheckConstraint, Double
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.models.base import (
    CLUSTERED,
    ActorRef,
    ActorReference,
    AttributionReference,
    Many,
    Name,
    Shape,
    SourceReference,
    StatementReference,
    TopicRef,
    bounds,
    closed,
    key_of,
    part_of,
    table,
)
from app.models.edtf import EdtfDate


class Measure(StrEnum):
    killed = "killed"
    wounded = "wounded"
    casualties = "casualties"
    """Killed and wounded, or not said which."""
    captured = "captured"
    missing = "missing"
    displaced = "displaced"
    destroyed = "destroyed"
    deployed = "deployed"
    other = "other"


class Population(StrEnum):
    all = "all"
    civilian = "civilian"
    military = "military"
    police = "police"
    child = "child"
    prisoner = "prisoner"
    mercenary = "mercenary"
    other = "other"


class Per(StrEnum):
    total = "total"
    each = "each"
    """"On each side"."""


class Qualifier(StrEnum):
    exactly = "exactly"
    about = "about"
    almost = "almost"
    more_than = "more_than"
    at_least = "at_least"
    at_most = "at_most"
    between = "between"
    vague = "vague"


class FigureStatus(StrEnum):
    stated = "stated"
    undisclosed = "undisclosed"
    denied = "denied"


BOUNDS: dict[Qualifier, frozenset[str]] = {
    Qualifier.exactly: frozenset({"best"}),
    Qualifier.about: frozenset({"best"}),
    Qualifier.almost: frozenset({"high"}),
    Qualifier.more_than: frozenset({"low"}),
    Qualifier.at_least: frozenset({"low"}),
    Qualifier.at_most: frozenset({"high"}),
    Qualifier.between: frozenset({"low", "high"}),
    Qualifier.vague: frozenset(),
}
"""Which bounds a wording gives: nothing is averaged, rounded or guessed."""

# Each kind has the limits: on both together JSON Schema would not have them.
Amount = Annotated[int, Field(ge=-(10**15), le=10**15)] | Annotated[float, Field(ge=-1e15, le=1e15)]


class Figure(Shape):
    """A number in reported words."""

    measure: Measure
    population: Population | None = None
    """Who is counted; null: not said."""
    parties: list[ActorRef] = Many
    """Whose people or losses; empty: not said."""
    per: Per | None = None
    place: TopicRef | None = None
    unit: Name | None = None
    as_worded: Name
    """The number as printed, e.g. `almost 5,000`."""
    qualifier: Qualifier | None = None
    low: Amount | None = None
    best: Amount | None = None
    high: Amount | None = None
    period_start: EdtfDate | None = None
    period_end: EdtfDate | None = None
    cumulative: bool | None = None
    """Whether it counts everything since the start of the period."""
    status: FigureStatus = FigureStatus.stated
    """`undisclosed`: the source reports that the number is withheld."""

    @model_validator(mode="after")
    def bounds_fit_the_wording(self) -> Self:
        given = {name for name in ("low", "best", "high") if getattr(self, name) is not None}
        if self.qualifier is not None and given != BOUNDS[self.qualifier]:
            due = " and ".join(sorted(BOUNDS[self.qualifier])) or "no bound"
            found = ", ".join(sorted(given)) or "none"
            raise ValueError(f"qualifier {self.qualifier} gives {due}; found {found}")
        present = [value for value in (self.low, self.best, self.high) if value is not None]
        if present != sorted(present):
            raise ValueError("low, best and high must not fall; put them in order")
        start, end = bounds(self.period_start).lower, bounds(self.period_end).upper
        if start is not None and end is not None and start >= end:
            raise ValueError("period_end is before period_start; mend one of them")
        if self.status is FigureStatus.undisclosed and given:
            raise ValueError("an undisclosed figure has no bounds; take them out")
        return self


class FigureAnswer(Figure):
    """A figure with where it stands and whose claim it is."""

    attribution: "FigureAttribution"
    statement: StatementReference
    claimants: list["Claimant"]
    """The speakers of the attribution; empty: the source attributes it to nobody."""
    source: SourceReference


class FigureAttribution(AttributionReference):
    """The attribution that a figure belongs to, and whether it is one to rely on."""

    factuality: str
    """Other than `actual`: not said."""
    status: str
    """How far a person has looked at it: draft, reviewed, disputed, rejected."""


class Claimant(Shape):
    """Whoever is reported to have given a figure."""

    actor: ActorReference | None
    attribution_text: str | None
    role: str | None
    on_behalf_of: ActorReference | None
    status: str | None


def _rule(qualifier: Qualifier) -> str:
    bounds = [
        f"{name} IS {'NOT ' if name in BOUNDS[qualifier] else ''}NULL"
        for name in ("low", "best", "high")
    ]
    return f"qualifier <> '{qualifier}' OR ({' AND '.join(bounds)})"


class AttributionFigure(SQLModel, table=True):
    __tablename__ = "figure"
    __table_args__ = (
        *[CheckConstraint(_rule(one), name=f"{one}_gives_its_bounds") for one in Qualifier],
        CheckConstraint("low <= high AND low <= best AND best <= high", name="in_order"),
        CheckConstraint(
            "status <> 'undisclosed' OR coalesce(low, best, high) IS NULL",
            name="undisclosed_has_no_bounds",
        ),
        CheckConstraint("period_lower < period_upper", name="period_in_order"),
        CLUSTERED,
    )

    seq: int = part_of("attribution_version")
    position: int = Column(primary_key=True)
    measure: Measure = Column(sa_type=closed(Measure), index=True)
    population: Population | None = Column(default=None, sa_type=closed(Population), index=True)
    per: Per | None = Column(default=None, sa_type=closed(Per))
    place: int | None = key_of("topic", default=None, index=True)
    qualifier: Qualifier | None = Column(default=None, sa_type=closed(Qualifier))
    low: float | None = Column(default=None, sa_type=Double)
    best: float | None = Column(default=None, sa_type=Double)
    high: float | None = Column(default=None, sa_type=Double)
    period_lower: int | None = Column(default=None, sa_type=BigInteger)
    period_upper: int | None = Column(default=None, sa_type=BigInteger)
    cumulative: bool | None = None
    status: FigureStatus = Column(sa_type=closed(FigureStatus))


class FigureParty(SQLModel, table=True):
    __tablename__ = "figure_party"
    __table_args__ = CLUSTERED

    seq: int = part_of("attribution_version")
    figure: int = Column(primary_key=True)
    position: int = Column(primary_key=True)
    actor: int = key_of("actor", index=True)


FIGURE, PARTY = table(AttributionFigure), table(FigureParty)
