"""SVG: figures lined up, low, best and high of each claim, by claimant and in the order of time.

A panel for each group, a row for each claim. What a wording gives is told by shape, never by
colour, so that a photocopy says the same: a dot is the number itself, a diamond between dashes
about the number, a bar across a bound that is included, a ring a bound that is not, and an arrow
that no bound is given on that side. What is withheld or vague stands there in words.

The drawing is made by drawsvg (MIT; Casey Duckering; 2.4.2 of August 2026; a wheel of 44 kB that
needs nothing else), which writes the elements and escapes their text. Looked at and left: svg.py
1.10 escapes nothing; pygal is LGPL and draws kinds of chart that have no open end; leather likewise
has no intervals; svgwrite had its last release in 2022; matplotlib is 30 MB with numpy and draws
text as outlines, which no screen reader reads. All text is drawn as text, in the reader's own
font, and laid out by widths that the widest common font (DejaVu Sans) does not exceed.

The same groups give the same bytes: there are no dates, random names or references in them. Only
text nodes hold what users wrote; every attribute is ours.
"""

import hashlib
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

import drawsvg as draw  # type: ignore[import-untyped]  # it ships no type hints

from app.models.attribution import Factuality, ReviewStatus
from app.models.comparison import Claim, ComparisonGroup
from app.models.figure import FigureStatus, Measure, Qualifier
from app.models.statement import DateBasis, Polarity

WIDTH = 600
_MARGIN = 14
_TEXT_END, _PLOT, _PLOT_END = 262, 276, 586
_INSET = 16
"""Room at both sides of a plot for arrows."""
_SIZE, _SMALL, _HEAD = 12, 11, 13
_LINE, _SMALL_LINE = 15, 14
_INK, _FAINT, _PAPER = "#000", "#bbb", "#fff"
_MOST_LINES = 4


def svg(groups: Sequence[ComparisonGroup], *, more: bool = False, truncated: bool = False) -> bytes:
    """The groups as one drawing, `WIDTH` wide in its own units and as high as it must be.

    `more` and `truncated` have it say that there are further groups, or figures.
    """
    sheet = _Sheet()
    for group in groups:
        _panel(sheet, group)
    if not groups:
        sheet.text("No figures fit what was asked for.", _MARGIN, _SIZE, _LINE)
    sheet.y += 8 if more or truncated else 0
    if more:
        sheet.text("There are more groups on the next page.", _MARGIN, _SMALL, _SMALL_LINE)
    if truncated:
        told = "More figures fit than were lined up: these are the newest."
        sheet.text(told, _MARGIN, _SMALL, _SMALL_LINE)
    _key(sheet)
    return sheet.drawing(groups).encode()


# --- the sheet ----------------------------------------------------------------------------------


class _Sign(Enum):
    """The shapes that are used, each with what it means."""

    dot = "the number itself"
    diamond = "about the number: how near is not said"
    bar = "a bound, itself included"
    ring = "a bound, itself excluded"
    loose = "almost: below the number, how near is not said"
    arrow = "no bound on this side"
    cross = "denied: who is named rejects the number"


@dataclass
class _Sheet:
    """What is drawn so far, down to `y`."""

    parts: list[draw.DrawingElement] = field(default_factory=list)
    y: float = _MARGIN
    signs: set[_Sign] = field(default_factory=set)

    def add(self, part: draw.DrawingElement) -> None:
        self.parts.append(part)

    def text(
        self,
        text: str,
        x: float,
        size: int,
        line: int,
        *,
        end: float = _PLOT_END,
        bold: bool = False,
        lines: int = _MOST_LINES,
    ) -> None:
        """Text from `x` to `end`, on as many lines as it needs, at most `lines`."""
        for part in wrapped(text, end - x, size, lines, bold=bold):
            self.y += line
            self.add(_text(part, x, self.y - 4, size, bold=bold))

    def drawing(self, groups: Sequence[ComparisonGroup]) -> str:
        told = [f"{group.label}: {group.relation.summary}" for group in groups]
        ids = " ".join(group.id for group in groups)
        name = f"figures-{hashlib.sha256(ids.encode()).hexdigest()[:12]}"
        height = round(self.y + _MARGIN)
        sheet = draw.Drawing(
            WIDTH,
            height,
            role="img",
            font_family="sans-serif",
            **{"aria-labelledby": f"{name}-title {name}-desc"},
        )
        sheet.append(draw.Title("Figures compared", id=f"{name}-title"))
        sheet.append(_Description(clean(" ".join(told)) or "Nothing to show.", id=f"{name}-desc"))
        sheet.append(draw.Rectangle(0, 0, WIDTH, height, fill=_PAPER))
        sheet.extend(self.parts)
        return str(sheet.as_svg())


class _Description(draw.Title):  # type: ignore[misc]  # as above
    TAG_NAME = "desc"


def _text(
    text: str,
    x: float,
    y: float,
    size: int,
    *,
    bold: bool = False,
    italic: bool = False,
    anchor: str = "start",
) -> draw.DrawingElement:
    style = {"font_weight": "bold"} if bold else {}
    style |= {"font_style": "italic"} if italic else {}
    style |= {"text_anchor": anchor} if anchor != "start" else {}
    return draw.Text(clean(text), size, x=_at(x), y=_at(y), fill=_INK, **style)


def _line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    stroke: str = _INK,
    stroke_width: float = 1.5,
    stroke_dasharray: str | None = None,
) -> draw.DrawingElement:
    path = draw.Path(stroke=stroke, stroke_width=stroke_width, stroke_dasharray=stroke_dasharray)
    return path.M(_at(x1), _at(y1)).L(_at(x2), _at(y2))


def _shape(corners: Sequence[tuple[float, float]], **style: str | float) -> draw.DrawingElement:
    path = draw.Path(**style)
    for number, (x, y) in enumerate(corners):
        (path.L if number else path.M)(_at(x), _at(y))
    return path.Z()


def _at(value: float) -> float:
    """A coordinate: a tenth of a unit is finer than any screen, and prints alike everywhere."""
    return round(value, 1) + 0.0  # never -0.0


# --- panels -------------------------------------------------------------------------------------


def _panel(sheet: _Sheet, group: ComparisonGroup) -> None:
    if len(sheet.parts):
        sheet.y += 18
        sheet.add(_line(_MARGIN, sheet.y - 8, _PLOT_END, sheet.y - 8, stroke_width=1))
    sheet.text(group.label, _MARGIN, _HEAD, 17, bold=True)
    sheet.text(group.relation.summary, _MARGIN, _SMALL, _SMALL_LINE)
    axis = _Axis.of(group.claims, counts=group.scope.measure is not Measure.other)
    top = sheet.y + 6
    rows = _Sheet(y=top, signs=sheet.signs)
    before = None
    reports = Counter(claim.statement.id for claim in group.claims)
    for who, claim in _by_claimant(group):
        rows.y += 4
        if who != before:
            rows.y += 4 if before else 0
            rows.text(who, _MARGIN, _SIZE, _LINE, end=_TEXT_END, bold=True, lines=3)
        before = who
        _row(rows, claim, axis, reports[claim.statement.id])
    if group.claims_total > len(group.claims):
        left = group.claims_total - len(group.claims)
        rows.text(f"and {left} older claims", _MARGIN, _SMALL, _SMALL_LINE)
    if axis is not None:
        _draw_axis(sheet, axis, top, rows.y + 4)
    sheet.parts += rows.parts
    sheet.y = rows.y + (24 if axis is not None else 0)
    if axis is not None and axis.start > 0:
        sheet.text("The axis does not begin at 0.", _PLOT, _SMALL, _SMALL_LINE)


def _by_claimant(group: ComparisonGroup) -> Iterator[tuple[str, Claim]]:
    """The claims with whom to name for them: each claimant's together, in the order of time."""
    places: dict[int, list[int]] = {}
    for number, one in enumerate(group.by_claimant):
        for place in one.claims:
            places.setdefault(place, []).append(number)
    order = sorted(places, key=lambda place: (places[place], place))
    for place in order:
        claim = group.claims[place]
        names = [_claimant(group, number) for number in places[place]]
        yield " and ".join(names), claim


def _claimant(group: ComparisonGroup, number: int) -> str:
    one = group.by_claimant[number].claimant
    if one is None:
        return "Attributed to nobody"
    if one.actor:
        return one.actor.name or one.actor.id
    if one.attribution_text or one.role:
        return one.attribution_text or one.role or ""
    source = group.claims[group.by_claimant[number].claims[0]].source
    return f"“{source.title or source.id}”" if one.status == "document" else "Somebody unnamed"


def _row(sheet: _Sheet, claim: Claim, axis: "_Axis | None", reports: int) -> None:
    top, told = sheet.y, " · ".join(_circumstances(claim, reports))
    sheet.text(f"“{claim.as_worded}”", _MARGIN + 10, _SIZE, _LINE, end=_TEXT_END)
    sheet.text(told, _MARGIN + 10, _SMALL, _SMALL_LINE, end=_TEXT_END, lines=4)
    middle = (top + sheet.y) / 2
    drawn = list(_shapes(claim, axis, middle)) if axis else []
    if not drawn:
        why = "not disclosed" if claim.status is FigureStatus.undisclosed else "no bounds given"
        # Over the lines of the axis, which would run through the words.
        room = width(why, _SIZE) + 4
        sheet.add(draw.Rectangle(_PLOT + _INSET - 4, _at(middle - 8), _at(room), 16, fill=_PAPER))
        sheet.add(_text(why, _PLOT + _INSET, middle + 4, _SIZE, italic=True))
        return
    row = draw.Group()
    row.append_title(clean(f"“{claim.as_worded}” · {told}"))
    for sign, part in drawn:
        row.append(part)
        sheet.signs.add(sign)
    sheet.add(row)


def _circumstances(claim: Claim, reports: int) -> Iterator[str]:
    if claim.date is not None:
        yield f"{'said' if claim.date_basis is DateBasis.said else 'reported'} {claim.date}"
    else:
        yield "undated"
    if claim.according_to:
        names = [
            (one.actor and one.actor.name) or one.attribution_text or "somebody unnamed"
            for one in claim.according_to
        ]
        yield f"according to {', '.join(names)}"
    if reports > 1:
        yield f"one of {reports} reports of one statement"
    if claim.status is FigureStatus.denied:
        yield "denied"
    if claim.polarity is Polarity.negated:
        yield "rejected by who speaks"
    if claim.factuality is not Factuality.actual:
        yield claim.factuality.replace("_", " ")
    if claim.attribution_status in (ReviewStatus.disputed, ReviewStatus.rejected):
        yield f"attribution {claim.attribution_status}"
    outlet = claim.publisher and claim.publisher.name
    yield outlet or claim.source.title or claim.source.id


# --- the axis -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    """A straight scale of numbers; from 0, unless that would leave no differences to be seen."""

    start: float
    end: float
    counts: bool = True
    """Whether there is nothing below 0 that could be meant."""

    @classmethod
    def of(cls, claims: Iterable[Claim], *, counts: bool = True) -> "_Axis | None":
        """The scale on which all bounds of these claims can be drawn; None if there are none."""
        values = [v for one in claims for v in (one.low, one.best, one.high) if v is not None]
        if not values:
            return None
        low, high = min(values), max(values)
        margin = (high - low) * 0.25
        if low == high:
            return cls(min(0, low * 1.25), max(0, high * 1.25) or 1.0, counts)
        if low > 0 and high - low < high / 4:
            return cls(max(0, low - margin), high + margin, counts)
        return cls(min(0, low - margin) if low < 0 else 0, max(0, high + margin * 0.4), counts)

    @property
    def left(self) -> float:
        """Where what has no lower bound ends."""
        return max(_PLOT, self.x(0)) if self.counts and self.start >= 0 else _PLOT

    def x(self, value: float) -> float:
        share = (value - self.start) / (self.end - self.start)
        return _PLOT + _INSET + share * (_PLOT_END - _PLOT - 2 * _INSET)

    def ticks(self) -> list[tuple[float, str]]:
        """As many round numbers as have room for their names, at most six."""
        for most in (6, 5, 4, 3, 2, 1):
            found = list(self._round(most))
            halves = [width(text, _SMALL) / 2 for _, text in found]
            spans = [
                (self.x(v) - h, self.x(v) + h) for (v, _), h in zip(found, halves, strict=True)
            ]
            if all(end + 8 < start for (_, end), (start, _) in pairwise(spans)):
                break
        return found

    def _round(self, most: int) -> Iterator[tuple[float, str]]:
        rough = (self.end - self.start) / most
        power = 10 ** math.floor(math.log10(rough))
        step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * (1 - 1e-9))
        decimals = max(0, -math.floor(math.log10(step)))
        first, last = math.ceil(self.start / step - 1e-9), math.floor(self.end / step + 1e-9)
        for number in range(first, last + 1):
            yield number * step, f"{number * step:,.{decimals}f}"


def _draw_axis(sheet: _Sheet, axis: _Axis, top: float, bottom: float) -> None:
    sheet.add(_line(_PLOT, bottom, _PLOT_END, bottom, stroke_width=1))
    for value, text in axis.ticks():
        x, half = axis.x(value), width(text, _SMALL) / 2
        sheet.add(_line(x, top, x, bottom, stroke=_FAINT, stroke_width=1))
        sheet.add(_line(x, bottom, x, bottom + 4, stroke_width=1))
        x = min(max(x, _PLOT + half - 8), WIDTH - 4 - half)
        sheet.add(_text(text, x, bottom + 16, _SMALL, anchor="middle"))


# --- claims -------------------------------------------------------------------------------------

_Drawn = Iterator[tuple[_Sign, draw.DrawingElement]]


def _shapes(claim: Claim, axis: _Axis, y: float) -> _Drawn:
    """What one claim gives, and the signs that it takes; nothing where it gives no bounds."""
    low, best, high = [v if v is None else axis.x(v) for v in (claim.low, claim.best, claim.high)]
    if claim.qualifier is Qualifier.about and best is not None:
        yield from _diamond(best, y)
    elif claim.qualifier is Qualifier.almost and high is not None:
        yield from _arrow(high, axis.left, y, dashes="5 4")
        yield from _ring(high, y, _Sign.loose)
    elif claim.qualifier is Qualifier.more_than and low is not None:
        yield from _arrow(low, _PLOT_END, y)
        yield from _ring(low, y)
    else:
        yield from _stretch(low, best, high, y, axis.left)
    known = [one for one in (best, low, high) if one is not None]
    if known and (claim.status is FigureStatus.denied or claim.polarity is Polarity.negated):
        yield from _cross(known[0], y)


def _stretch(
    low: float | None, best: float | None, high: float | None, y: float, left: float
) -> _Drawn:
    if low is not None and high is not None:
        yield _Sign.bar, _line(low, y, high, y)
    elif low is not None:
        yield from _arrow(low, _PLOT_END, y)
    elif high is not None:
        yield from _arrow(high, left, y)
    for bound in (low, high):
        if bound is not None:
            yield from _bar(bound, y)
    if best is not None:
        yield from _dot(best, y)


def _dot(x: float, y: float) -> _Drawn:
    yield _Sign.dot, draw.Circle(_at(x), _at(y), 4.5, fill=_INK)


def _bar(x: float, y: float) -> _Drawn:
    yield _Sign.bar, _line(x, y - 6, x, y + 6, stroke_width=2.5)


def _ring(x: float, y: float, sign: _Sign = _Sign.ring) -> _Drawn:
    yield sign, draw.Circle(_at(x), _at(y), 4.5, fill=_PAPER, stroke=_INK, stroke_width=1.5)


def _diamond(x: float, y: float) -> _Drawn:
    yield _Sign.diamond, _line(x - 16, y, x + 16, y, stroke_dasharray="3 3")
    corners = (x - 6, y), (x, y - 6), (x + 6, y), (x, y + 6)
    yield _Sign.diamond, _shape(corners, fill=_PAPER, stroke=_INK, stroke_width=1.5)


_ARROW = 14


def _arrow(x: float, tip: float, y: float, *, dashes: str | None = None) -> _Drawn:
    way = 1 if tip > x else -1
    if abs(tip - x) < _ARROW:  # no room for its head
        yield _Sign.arrow, _line(x, y, tip, y)
        return
    yield _Sign.arrow, _line(x, y, tip - way * 2, y, stroke_dasharray=dashes)
    corners = (tip, y), (tip - way * 9, y - 4.5), (tip - way * 9, y + 4.5)
    yield _Sign.arrow, _shape(corners, fill=_INK)


def _cross(x: float, y: float) -> _Drawn:
    for way in (-1, 1):
        yield _Sign.cross, _line(x - 8, y - 8 * way, x + 8, y + 8 * way, stroke_width=2)


def _key(sheet: _Sheet) -> None:
    """What the signs that were used mean."""
    if not sheet.signs:
        return
    sheet.y += 14
    sheet.add(_line(_MARGIN, sheet.y, _PLOT_END, sheet.y, stroke_width=1))
    sheet.y += 4
    x = _MARGIN + 24
    for sign in _Sign:
        if sign not in sheet.signs:
            continue
        y = sheet.y + 7
        for _, part in _sample(sign, x, y):
            sheet.add(part)
        sheet.text(sign.value, x + 28, _SMALL, _SMALL_LINE)
        sheet.y += 4


def _sample(sign: _Sign, x: float, y: float) -> _Drawn:
    match sign:
        case _Sign.dot:
            yield from _dot(x, y)
        case _Sign.diamond:
            yield from _diamond(x, y)
        case _Sign.bar:
            yield from _bar(x, y)
        case _Sign.ring:
            yield from _ring(x, y)
        case _Sign.loose:
            yield from _arrow(x + 14, x - 18, y, dashes="5 4")
            yield from _ring(x + 14, y)
        case _Sign.arrow:
            yield from _arrow(x - 16, x + 16, y)
        case _Sign.cross:
            yield from _dot(x, y)
            yield from _cross(x, y)


# --- text ---------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Text as XML can hold it (XML 1.0, 2.2), on one line."""
    kept = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) in _NOT_XML else letter
        for letter in " ".join(text.split())
    )
    return kept.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


_NOT_XML = ("Cc", "Cs")

_NARROW = frozenset("ijltfrI.,:;'|!()[] /·“”’-")
_WIDE = frozenset("mwMWOQG@%—ШЩЖЮФЫшщжюфыՖՄՓՏՊՋֆփմտ")


def width(text: str, size: int, *, bold: bool = False) -> float:
    """How wide a text is at most, in units, set in the widest of the common sans-serif fonts."""
    return sum(map(_em, text)) * size * (1.1 if bold else 1)


def _em(letter: str) -> float:
    if letter in _NARROW:
        return 0.45
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _WIDE:
        return 1.0
    if letter.isdigit():
        return 0.64
    return 0.78 if letter.isupper() or ord(letter) > 0x24F else 0.64


def wrapped(text: str, room: float, size: int, lines: int, *, bold: bool = False) -> list[str]:
    """A text on at most so many lines; a word that has no room is broken, what is left is cut."""
    found = [""]
    words = clean(text).split(" ")
    while words and len(found) <= lines:
        word = words.pop(0)
        longer = f"{found[-1]} {word}" if found[-1] else word
        if width(longer, size, bold=bold) <= room:
            found[-1] = longer
        elif found[-1]:
            found.append("")
            words.insert(0, word)
        else:
            fits = max(
                (end for end in range(1, len(word)) if width(word[:end], size, bold=bold) <= room),
                default=1,
            )
            found[-1] = word[:fits]
            found.append("")
            words.insert(0, word[fits:])
    if len(found) > lines:
        last = found[lines - 1]
        while last and width(f"{last}…", size, bold=bold) > room:
            last = last[:-1]
        found = [*found[: lines - 1], f"{last}…"]
    return [line for line in found if line]
