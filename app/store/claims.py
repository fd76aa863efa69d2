"""How claims about the same thing stand to each other, and that in plain English.

A wording is read as the numbers for which it holds:

- `exactly` n: n alone. `between`: from low to high, both included. `at_least`, `at_most`: from or
  up to the bound, included. `more_than` n: above n, without n. Without a qualifier: n alone where
  only `best` is given, otherwise what lies between the bounds that are given.
- `about` n: near n, on either side. How near is not said and not ours to say, so it rules out
  nothing; it certainly holds for n and what is next to it.
- `almost` n: below n and near it. It rules out n and all above; how far below is again not said.

So two claims are in *agreement* if they give the same bounds, or one gives `about` the number that
the other gives; in *conflict* if no number fits both: 37 and 63, `more than 2,000` and exactly
2,000, `almost 5,000` and `at least 5,000`; they *overlap* if some number certainly fits both: 3,000
and `more than 2,000`, `almost 5,000` and `more than 2,000`. What is left *differs*: `about 500` and
480, `almost 5,000` and `nearly 1,000`, `almost 5,000` and 4,900 name different numbers, but
whether a speaker would have said the one of the other hangs on how near is near. A tolerance of
ten per cent would settle that, and would be our claim and not theirs.

A claim that is denied, or that its speakers reject, gives no bounds of its own: that 100 is denied
does not say how many there were. It conflicts with a claim of just what it denies and is otherwise
not comparable, like what is vague, undisclosed, or was not said. Nothing is averaged, and who is
right is not said.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, islice
from typing import Any

from app.models.attribution import Factuality, ReviewStatus, SpeakerStatus
from app.models.comparison import (
    Bearing,
    Claim,
    GroupRelation,
    Pair,
    PairKind,
    Relation,
    Scope,
    Tally,
)
from app.models.edtf import Period
from app.models.figure import Claimant, FigureStatus, Per, Population, Qualifier
from app.models.statement import Polarity

MOST_PAIRS = 100
"""Pairs of a group that are spelled out; all are counted."""

Number = int | float
_INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Extent:
    """The numbers for which a wording may hold; an end that is not `open` is one of them.

    `near` is the number that a loose wording is near to. It holds there, from both sides (`about`)
    or from below (`almost`), and how far it reaches from there is not said.
    """

    low: Number = -_INFINITE
    high: Number = _INFINITE
    low_open: bool = False
    high_open: bool = False
    near: Number | None = None

    def meets(self, other: "Extent") -> bool:
        """Whether any number may be in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return low < high
        ends = [
            (one.low == low and one.low_open) or (one.high == high and one.high_open)
            for one in (self, other)
        ]
        return not any(ends)

    def certainly_meets(self, other: "Extent") -> bool:
        """Whether a number is in both, however near the loose wordings mean."""
        if self.near is None:
            return other.certainly_meets(self) if other.near is not None else self.meets(other)
        if other.near is not None:
            return self.near == other.near
        if self.high_open:  # from below
            return other.low < self.near <= other.high
        return other.low <= self.near <= other.high


def extent(claim: Claim) -> Extent | None:
    """The numbers for which a claim's wording may hold; None where it gives no bounds."""
    low, best, high = claim.low, claim.best, claim.high
    match claim.qualifier:
        case Qualifier.about if best is not None:
            return Extent(near=best)
        case Qualifier.almost if high is not None:
            return Extent(high=high, high_open=True, near=high)
        case Qualifier.more_than if low is not None:
            return Extent(low=low, low_open=True)
    if low is None and high is None:
        return None if best is None else Extent(best, best)
    return Extent(-_INFINITE if low is None else low, _INFINITE if high is None else high)


@dataclass(frozen=True)
class Made:
    """A claim with what it takes to set it against others."""

    claim: Claim
    when: Period | None
    """What the statement is dated by."""

    @cached_property
    def extent(self) -> Extent | None:
        return extent(self.claim)

    @cached_property
    def rejected(self) -> bool:
        """Whether the speakers reject the number."""
        return self.claim.status is FigureStatus.denied or self.claim.polarity is Polarity.negated

    @cached_property
    def who(self) -> frozenset[str] | None:
        """Who makes it, as far as that can be told apart; None where it cannot."""
        who = {identity(one, self.claim) for one in self.claim.claimants}
        return None if None in who or not who else frozenset(one for one in who if one)

    @cached_property
    def by(self) -> str:
        """Who makes it, in words: as printed, and who is meant."""
        claim = self.claim
        text = _joined([_name(one, claim) for one in claim.claimants])
        text = text or f"{_document(claim)}, which attributes it to nobody,"
        if claim.according_to:
            text += f", according to {_joined([_name(one, claim) for one in claim.according_to])},"
        return text

    @cached_property
    def told(self) -> str:
        """What is done with the number, in words: the wording stands as printed."""
        claim = self.claim
        text = f"gives “{claim.as_worded}”"
        if claim.status is FigureStatus.undisclosed:
            text = f"reports “{claim.as_worded}” as undisclosed"
        elif self.rejected:
            text = f"denies “{claim.as_worded}”"
        notes = []
        if claim.factuality is not Factuality.actual:
            notes.append(claim.factuality.replace("_", " "))
        if claim.attribution_status in (ReviewStatus.disputed, ReviewStatus.rejected):
            notes.append(f"attribution {claim.attribution_status}")
        return f"{text} ({', '.join(notes)})" if notes else text


def identity(one: Claimant, claim: Claim) -> str | None:
    """What tells one claimant from another; None for somebody who cannot be recognized."""
    if one.actor:
        return one.actor.id
    # A document that speaks for itself, its publisher unknown, is itself wherever it speaks.
    return f"\0{claim.source.id}" if one.status == SpeakerStatus.document else None


# --- two claims ---------------------------------------------------------------------------------


def bearing(one: Made, other: Made) -> Bearing:
    """How the bounds of two claims stand to each other."""
    if _unusable(one) or _unusable(other):
        return Bearing.not_comparable
    here, there = one.extent, other.extent
    if here is None or there is None:
        return Bearing.not_comparable
    if one.rejected or other.rejected:
        if here != there:
            return Bearing.not_comparable
        return Bearing.agreement if one.rejected and other.rejected else Bearing.conflict
    if here == there or _about_the_same(here, there):
        return Bearing.agreement
    if not here.meets(there):
        return Bearing.conflict
    return Bearing.overlap if here.certainly_meets(there) else Bearing.differs


def _unusable(one: Made) -> bool:
    claim = one.claim
    denied_twice = claim.status is FigureStatus.denied and claim.polarity is Polarity.negated
    return (
        claim.status is FigureStatus.undisclosed
        or claim.factuality is not Factuality.actual
        or denied_twice
    )


def _about_the_same(here: Extent, there: Extent) -> bool:
    """Whether one is about the number that the other is."""
    for loose, exact in ((here, there), (there, here)):
        if loose.near is not None and not loose.high_open and exact.near is None:
            return exact.low == exact.high == loose.near
    return False


def _same_claimant(one: Made, other: Made) -> bool:
    """Whether all who make one claim are among those who make the other."""
    if one.who is None or other.who is None:
        return False
    return one.who <= other.who or other.who <= one.who


def _one_later(one: Made, other: Made) -> bool:
    """Whether one date ends before the other begins."""
    if one.when is None or other.when is None:
        return False
    (first, last), (start, end) = one.when, other.when
    return (last is not None and start is not None and last <= start) or (
        end is not None and first is not None and end <= first
    )


def _kind(one: Made, other: Made, bounds: Bearing) -> PairKind:
    """What two claims are to each other: a number that changes in time, or from report to report,
    is told from one that two claimants give differently."""
    if bounds in (Bearing.agreement, Bearing.not_comparable):
        return PairKind(bounds)
    if _same_statement(one, other) and one.claim.attribution != other.claim.attribution:
        return PairKind.reports_differ
    if _same_claimant(one, other) and _one_later(one, other):
        return PairKind.successive
    return PairKind(bounds)


def _same_statement(one: Made, other: Made) -> bool:
    return one.claim.statement.id == other.claim.statement.id


_BETWEEN = {
    PairKind.conflict: "no number fits both",
    PairKind.differs: "the numbers differ, in words too loose for one to rule out the other",
    PairKind.overlap: "the bounds differ, and a number can fit both",
    PairKind.agreement: "the two agree",
    PairKind.not_comparable: "the two cannot be compared",
}


def _told(one: Made, other: Made, kind: PairKind) -> str:
    if kind is PairKind.reports_differ:
        places = [f"{each.by} {each.told} in {_document(each.claim)}" for each in (one, other)]
        return f"One statement is reported with different numbers: {places[0]}, {places[1]}."
    if kind is PairKind.successive:
        steps = [f"{each.told} ({each.claim.date})" for each in (one, other)]
        return f"{_begin(one.by)} {steps[0]} and later {steps[1]}."
    between = _BETWEEN[kind]
    if kind is PairKind.conflict and one.rejected != other.rejected:
        between = "one denies the number that the other gives"
    who = "" if one.by == other.by else f"{other.by} "
    return f"{_begin(one.by)} {one.told} and {who}{other.told}: {between}."


# --- all claims of a group ----------------------------------------------------------------------


def pairs(made: Sequence[Made]) -> tuple[list[Pair], Tally]:
    """Every two claims, the most telling first, the first `MOST_PAIRS` spelled out; all counted."""
    rows = _ranks(made)
    counts = Counter(chain.from_iterable(rows))
    spelled = []
    for rank, first, second in islice(_in_order(rows, sorted(counts)), MOST_PAIRS):
        one, other = made[first], made[second]
        pair = Pair(
            claims=[first, second],
            kind=_KINDS[rank],
            bounds=bearing(one, other),
            same_statement=_same_statement(one, other),
            same_claimant=_same_claimant(one, other),
            summary=_told(one, other, _KINDS[rank]),
        )
        spelled.append(pair)
    return spelled, Tally(**{kind: counts[rank] for rank, kind in enumerate(_KINDS)})


_KINDS = list(PairKind)
_RANK = {str(kind): rank for rank, kind in enumerate(_KINDS)}
_CONFLICT, _OVERLAP = _RANK[PairKind.conflict], _RANK[PairKind.overlap]
_AGREEMENT = _RANK[PairKind.agreement]


def _ranks(made: Sequence[Made]) -> list[list[int]]:
    """What every two claims are to each other, as places in `PairKind`: for each claim a list of
    those that come after it.

    A hundred claims have 4,950 pairs and far fewer different bounds. So the bounds are compared
    once, and statements and claimants only where two claims share one.
    """
    alike: dict[Any, int] = {}
    places = [
        alike.setdefault((one.extent, one.rejected, _unusable(one)), len(alike)) for one in made
    ]
    examples = [made[places.index(number)] for number in range(len(alike))]
    spans = [_span(one) for one in examples]
    bounds = [_against(number, examples, spans) for number in range(len(alike))]
    rows = [
        [bounds[here][there] for there in places[first + 1 :]] for first, here in enumerate(places)
    ]
    sharing = defaultdict(list)
    for place, one in enumerate(made):
        for what in (one.claim.statement.id, *(one.who or ())):
            sharing[what].append(place)
    for some in sharing.values():
        for first, second in combinations(some, 2):
            plain = Bearing(_KINDS[bounds[places[first]][places[second]]])
            rows[first][second - first - 1] = _RANK[_kind(made[first], made[second], plain)]
    return rows


def _span(one: Made) -> tuple[Number, Number] | None:
    """The ends of bounds that say plainly which numbers fit; None of any others."""
    span = one.extent
    if span is None or span.near is not None or one.rejected or _unusable(one):
        return None
    return None if span.low_open or span.high_open else (span.low, span.high)


def _against(
    number: int, examples: list[Made], spans: list[tuple[Number, Number] | None]
) -> list[int]:
    """How the bounds of one example stand to those of each; as `bearing`, of plain ones sooner."""
    one, span = examples[number], spans[number]
    if span is None:
        return [_RANK[bearing(one, other)] for other in examples]
    low, high = span
    found = [
        _RANK[bearing(one, examples[place])]
        if other is None
        else (_CONFLICT if other[0] > high or low > other[1] else _OVERLAP)
        for place, other in enumerate(spans)
    ]
    found[number] = _AGREEMENT
    return found


def _in_order(rows: list[list[int]], ranks: list[int]) -> Iterator[tuple[int, int, int]]:
    """Every pair with its rank, by these ranks and then by the places of the two."""
    for rank in ranks:
        for first, row in enumerate(rows):
            if rank in row:
                for after, found in enumerate(row):
                    if found == rank:
                        yield rank, first, first + 1 + after


def relation(made: Sequence[Made], spelled: Sequence[Pair], tally: Tally) -> GroupRelation:
    """How all claims of a group stand to each other."""
    if not spelled:
        return GroupRelation(kind=Relation.single, summary=_alone(made[0]))
    kind = Relation(spelled[0].kind)
    if len(spelled) == 1:
        return GroupRelation(kind=kind, summary=spelled[0].summary)
    counts = [(PairKind(name), count) for name, count in tally if count]
    parts = [f"{count} {_COUNTED[kind][count > 1]}" for kind, count in counts]
    total = sum(count for _, count in counts)
    summary = f"Of the {total} pairs of {len(made)} claims {_joined(parts)}."
    return GroupRelation(kind=kind, summary=summary)


_COUNTED = {
    PairKind.conflict: ("is in conflict", "are in conflict"),
    PairKind.reports_differ: (
        "is of one statement that is reported with different numbers",
        "are of one statement that is reported with different numbers",
    ),
    PairKind.differs: ("differs", "differ"),
    PairKind.overlap: ("overlaps", "overlap"),
    PairKind.successive: ("is an update by the same claimant", "are updates by the same claimant"),
    PairKind.agreement: ("agrees", "agree"),
    PairKind.not_comparable: ("cannot be compared", "cannot be compared"),
}


def _alone(one: Made) -> str:
    plain = not one.rejected and one.claim.status is not FigureStatus.undisclosed
    return f"One claim: {one.by} {one.told}." if plain else f"{_begin(one.by)} {one.told}."


# --- words --------------------------------------------------------------------------------------


def _name(one: Claimant, claim: Claim) -> str:
    """A claimant as printed, and who is meant where that is not the same: `Moscow (Russia)`."""
    printed, meant = one.attribution_text, one.actor and (one.actor.name or one.actor.id)
    printed = printed and _amid(printed)
    text = printed or meant or one.role
    if printed and meant and printed != meant:
        text = f"{printed} ({meant})"
    if not text:
        text = _document(claim) if one.status == SpeakerStatus.document else "somebody unnamed"
    behalf = one.on_behalf_of
    return f"{text} for {behalf.name or behalf.id}" if behalf else text


def _document(claim: Claim) -> str:
    source = claim.source
    return f"the source “{source.title}”" if source.title else f"the source {source.id}"


def _joined(parts: Sequence[str]) -> str:
    *most, last = parts or [""]
    return f"{', '.join(most)} and {last}" if most else last


_ARTICLE = re.compile(r"(?:The|An?) (?=[a-z])")


def _amid(printed: str) -> str:
    """A name as printed at the beginning of a sentence, inside of one: `the enclave`. An article
    that belongs to a name has a capital after it: `The Hague`."""
    found = _ARTICLE.match(printed)
    return printed[0].lower() + printed[1:] if found else printed


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def scope_label(scope: Scope) -> str:
    """What is counted, in words; what is not said is left out."""
    parts = [str(scope.measure)]
    if scope.unit:
        parts[0] += f" ({scope.unit})"
    if scope.population:
        parts.append(_POPULATIONS[scope.population])
    if scope.parties:
        parts.append(_joined([party.name or party.id for party in scope.parties]))
    if scope.per:
        parts.append("in total" if scope.per is Per.total else "on each side")
    if scope.place:
        parts.append(f"in {scope.place.label or scope.place.id}")
    if scope.period_start:
        parts.append(f"from {scope.period_start}")
    if scope.period_end:
        parts.append(f"until {scope.period_end}")
    if scope.cumulative is not None:
        parts.append("cumulative" if scope.cumulative else "not cumulative")
    return _begin(", ".join(parts))


_POPULATIONS = {
    Population.all: "all people",
    Population.civilian: "civilians",
    Population.military: "military",
    Population.police: "police",
    Population.child: "children",
    Population.prisoner: "prisoners",
    Population.mercenary: "mercenaries",
    Population.other: "others",
}
