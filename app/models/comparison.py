"""Figures lined up: claims about the same thing, side by side, and how their bounds stand."""

from enum import StrEnum

from pydantic import Field

from app.models.attribution import Factuality, ReviewStatus
from app.models.base import (
    ActorReference,
    AttributionReference,
    Shape,
    SourceReference,
    StatementReference,
    TopicReference,
)
from app.models.figure import Amount, Claimant, FigureStatus, Measure, Per, Population, Qualifier
from app.models.statement import DateBasis, Polarity


class Bearing(StrEnum):
    """How the numbers of two claims stand to each other, the most telling first."""

    conflict = "conflict"
    """No number fits both."""
    differs = "differs"
    """Different numbers, in words (`about`, `almost`) too loose for one to rule the other out."""
    overlap = "overlap"
    """Different bounds, and a number that fits both."""
    agreement = "agreement"
    """The same bounds, or `about` a number and that number."""
    not_comparable = "not_comparable"
    """At least one gives no bounds: vague, undisclosed, denied, or not said at all."""


class PairKind(StrEnum):
    """What two claims are to each other, the most telling first."""

    conflict = "conflict"
    reports_differ = "reports_differ"
    """One statement, reported with different numbers."""
    differs = "differs"
    overlap = "overlap"
    successive = "successive"
    """Another number by the same claimant at a later date: an update."""
    agreement = "agreement"
    not_comparable = "not_comparable"


class Relation(StrEnum):
    """How all claims of a group stand: the most telling of its pairs, or that there is none."""

    conflict = "conflict"
    reports_differ = "reports_differ"
    differs = "differs"
    overlap = "overlap"
    successive = "successive"
    agreement = "agreement"
    not_comparable = "not_comparable"
    single = "single"


class Scope(Shape):
    """What is counted. A null member, or no party, was not said, which is a scope of its own."""

    measure: Measure
    population: Population | None
    parties: list[ActorReference]
    """Whose people or losses, in the order of their ids."""
    per: Per | None
    place: TopicReference | None
    unit: str | None
    period_start: str | None
    period_end: str | None
    cumulative: bool | None


class Claim(Shape):
    """A number that somebody is reported to have given."""

    claimants: list[Claimant]
    """The speakers; empty: the source attributes it to nobody."""
    according_to: list[Claimant]
    """The speakers in whose words these words stand, nearest first: B in "A said, B says"."""
    as_worded: str
    """The number as printed."""
    qualifier: Qualifier | None
    low: Amount | None
    best: Amount | None
    high: Amount | None
    status: FigureStatus
    polarity: Polarity
    """`negated`: the speakers reject what the statement says."""
    factuality: Factuality
    attribution_status: ReviewStatus
    """How far the attribution was reviewed; `disputed` shows here and in summaries."""
    date: str | None
    """What the statement is dated by: the day it was said, or of the earliest report (EDTF)."""
    date_basis: DateBasis | None
    attribution: AttributionReference
    figure: int
    """The figure's place among those of its attribution, counted from 0."""
    statement: StatementReference
    source: SourceReference
    publisher: ActorReference | None
    """The outlet; null where it is not known."""


class ByClaimant(Shape):
    """The claims of one claimant."""

    claimant: Claimant | None
    """As first mentioned; null: attributed to nobody."""
    claims: list[int]
    """Places in `claims`, counted from 0; what several say together stands with each."""


class ByOutlet(Shape):
    """The claims that one outlet reports."""

    publisher: ActorReference | None
    """Null: not known, and then each source counts as an outlet of its own."""
    sources: list[SourceReference]
    claims: list[int]


class Pair(Shape):
    """How two claims stand to each other."""

    claims: list[int] = Field(min_length=2, max_length=2)
    """Places in `claims`, counted from 0, the earlier first."""
    kind: PairKind
    bounds: Bearing
    """How the bounds alone stand, whoever gives them and when."""
    same_statement: bool
    same_claimant: bool
    summary: str


class Tally(Shape):
    """How many pairs there are of each kind."""

    conflict: int = 0
    reports_differ: int = 0
    differs: int = 0
    overlap: int = 0
    successive: int = 0
    agreement: int = 0
    not_comparable: int = 0


class Near(Shape):
    """Another group that may count the same thing: it has the same measure, population and parties,
    and otherwise differs only in what one of the two leaves unsaid."""

    group: str
    label: str
    unsaid_here: list[str]
    """Members of the scope that this group leaves unsaid and the other says."""
    unsaid_there: list[str]


class GroupRelation(Shape):
    kind: Relation
    summary: str


class ComparisonGroup(Shape):
    """The claims about one and the same thing."""

    id: str
    """Made of the scope: the same whenever the scope is."""
    label: str
    """The scope in words."""
    scope: Scope
    relation: GroupRelation
    """What the claims are to each other. Who is right is not said."""
    claims: list[Claim]
    """The newest of them, oldest first; undated ones last."""
    claims_total: int
    """How many claims there are: more than `claims` where there are very many."""
    by_claimant: list[ByClaimant]
    by_outlet: list[ByOutlet]
    pairs: list[Pair]
    """Each two of `claims`, the most telling first; cut off where there are very many."""
    tally: Tally
    """All pairs of `claims`, counted by kind."""
    near: list[Near]
    """Groups that may count the same thing, but are not lined up since it was not said."""


class Comparison(Shape):
    """A page of figures lined up."""

    items: list[ComparisonGroup]
    """The groups, by what they count."""
    next: str | None = None
    """URL of the next page; absent on the last."""
    prev: str | None = None
    """URL of the page before; absent on the first."""
    count: int | None = None
    """How many groups there are, with `count=exact`."""
    considered: int
    """How many figures were lined up."""
    truncated: bool
    """Whether more figures fit than were lined up; then narrow the filters."""
