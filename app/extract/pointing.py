"""Sentences that say whose the words of another are: `Lund was shelled. The mayor said this.`

All indices are positions in a sentence's items; ends are exclusive.
"""

from app.extract import lexicon
from app.extract.report import Range
from app.extract.speakers import speaks
from app.extract.subjects import subject
from app.extract.tokens import Words

_SAID = lexicon.words("said stated reported announced wrote told")
_MADE = lexicon.words("statement statements remark remarks comment comments announcement")
LEAST_WORDS = 5


def pointed(items: Words) -> tuple[Range, Range] | None:
    """Who says what the sentence before tells, and the words for it: `said this on Friday`, `made
    the statement in Lund`; None if nothing but the sentence itself is told."""
    for at in range(1, len(items) - 2):
        two = [item.lower for item in items[at + 1 : at + 3]]
        word = items[at].lower
        if word in _SAID and two[0] == "this":
            end = at + 2
        elif word == "made" and two[0] in ("the", "this", "these") and two[1] in _MADE:
            end = at + 3
        else:
            continue
        whose = subject(items, at)
        after = items[end].tag if end < len(items) else "."
        if end < len(items) and items[end].lower == "that":
            continue
        closed = after in ("P", "T", "to", ".", ",", "S")
        plain = whose.found and not (whose.passive or whose.negated or whose.modal)
        if closed and plain and speaks(items, whose.start, whose.end):
            return (whose.start, whose.end), (at, end)
    return None


def can_be_meant(items: Words) -> bool:
    """Whether a sentence in which nobody is reported may be what the next one points to."""
    words = sum(item.text[0].isalnum() for item in items)
    ends = items[-1].text == "."
    return ends and words >= LEAST_WORDS and not any(item.quote for item in items)
