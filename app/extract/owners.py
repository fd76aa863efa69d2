"""Whose a noun is that reports: `Baku's claim`, `voiced its concern`, `made a claim`."""

from app.extract import lexicon
from app.extract.phrases import FAR, phrase_before
from app.extract.report import Range
from app.extract.speakers import speaks
from app.extract.subjects import previous_subject, subject
from app.extract.tokens import Words


def owner_of(items: Words, at: int) -> Range | None:
    """Whose claim it is: `Baku's repeated claim`, `made a claim`."""
    k = at - 1
    while (
        k >= 0
        and items[k].tag in ("W", "E", "R", "M")
        and at - k < 5
        and items[k].lower not in _MAKING
    ):
        k -= 1
    if k > 0 and items[k].tag == "'s":
        start = phrase_before(items, k)
        return (start, k) if start < k else None
    if k >= 0 and items[k].lower in ("his", "her", "its", "their"):
        return _renewing(items, k) or (k, k + 1)
    verb = k
    while (
        verb >= 0
        and items[verb].tag in ("D", "W", "E", "R")
        and at - verb < 6
        and items[verb].lower not in _MAKING
    ):
        verb -= 1
    if verb > 0 and items[verb].lower in _MAKING:
        if items[verb].lower == "rejected":
            return None
        if items[verb].tag == "G":
            start, end = previous_subject(items, verb)
            return _last_speaker(items, verb) or ((start, end) if start < end else None)
        whose = subject(items, verb)
        if whose.shared:
            start, end = previous_subject(items, verb)
            return (start, end) if speaks(items, start, end) else None
        return (whose.start, whose.end) if speaks(items, whose.start, whose.end) else None
    return None


def _renewing(items: Words, own: int) -> Range | None:
    """Whose `its` is, in `Norland reiterated its call`."""
    form = lexicon.VERBS.get(items[own - 1].lower) if own else None
    if form is None and (not own or items[own - 1].lower not in _MAKING):
        return None
    whose = subject(items, own - 1)
    if whose.shared:
        return _last_speaker(items, own - 1)
    return (whose.start, whose.end) if speaks(items, whose.start, whose.end) else None


def _last_speaker(items: Words, at: int) -> Range | None:
    """Whose the last verb is that reports, in `Norland called for a truce, voicing concern`."""
    for verb in range(at - 1, max(-1, at - FAR), -1):
        if items[verb].tag == "V" and items[verb].lower in lexicon.VERBS:
            whose = subject(items, verb)
            if whose.found and speaks(items, whose.start, whose.end):
                return whose.start, whose.end
    return None


_MAKING = lexicon.words(
    "made make makes issued repeated voiced voices voicing express expressed expresses expressing"
    " gave rejected traded trade trades exchange exchanged renewed raised"
)
