"""Words that somebody else passes on: quoted X as saying, X was quoted as saying, as noted by X."""

from collections.abc import Iterator

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.phrases import finite, phrase_after
from app.extract.report import Range, Report, quote_end
from app.extract.speakers import speaks
from app.extract.subjects import subject
from app.extract.tokens import END, Words

_QUOTING = lexicon.words("quote quotes quoted quoting cite cites cited citing")
_SAYING = lexicon.words("saying telling stating claiming")
_NOTED = lexicon.words("noted stated reported mentioned stressed emphasized emphasised said")
FAR = 25
"""Items between a verb of quoting and its `as saying`."""


def read(items: Words) -> Iterator[Report]:
    """The reports of a sentence whose speaker is quoted by another, in order.

    The speaker is who is quoted. Who quotes them is the source's own affair.
    """
    for at, item in enumerate(items):
        if item.quote:
            continue
        found: Report | None = None
        if item.lower in _SAYING and at > 1 and items[at - 1].lower == "as":
            found = _as_saying(items, at)
        elif item.lower in lexicon.SURE and at + 1 < len(items) and items[at + 1].lower == "that":
            found = _sure(items, at)
        elif not at and item.lower == "as" and len(items) > 3:
            found = _as_noted(items)
        if found:
            yield found


def _as_saying(items: Words, at: int) -> Report | None:
    """`The agency quoted Lemm as saying that …` and `“…,” Lemm was quoted as saying`."""
    quoting = next(
        (i for i in range(at - 2, max(-1, at - FAR), -1) if items[i].lower in _QUOTING), None
    )
    if quoting is None:
        return None
    whose = subject(items, quoting)
    if whose.passive:
        who: Range = (whose.start, whose.end)
        left = whose.start
    else:
        who = (quoting + 1, phrase_after(items, quoting + 1))
        left = whose.start if whose.found else quoting
    if who[1] <= who[0]:
        return None
    content = _before(items, left) or _after(items, at + 1)
    if content is None:
        return None
    cue = (at, at + 1)
    return Report("as-saying", 0.85, cue, [content], who, lemma="say", act="assertion")


def _before(items: Words, left: int) -> Range | None:
    """What stands before the clause: `“…,” the ministry quoted him as saying`."""
    if left < 1:
        return None
    end = left if items[left - 1].quote else left - 1
    if (end and items[end - 1].quote) or (items[left - 1].tag == "," and finite(items, 0, end)):
        return 0, end
    return None


def _after(items: Words, k: int) -> Range | None:
    """What stands behind it: `as saying (that) …`, `as saying: “…”`."""
    while k < len(items) and (items[k].lower == "that" or items[k].tag in (",", ":", "T")):
        k += 1
    if k >= len(items) or items[k].text in END:
        return None
    if items[k].quote:
        return k, quote_end(items, k)
    stop = clause_end(items, k)
    return (k, stop) if finite(items, k + 1, stop) else None


def _sure(items: Words, at: int) -> Report | None:
    """`The minister is confident that the truce will hold`."""
    whose = subject(items, at)
    if not whose.passive or not whose.found or whose.infinitive or whose.modal:
        return None
    if not speaks(items, whose.start, whose.end) or items[whose.start].lower == "it":
        return None
    content = (at + 2, clause_end(items, at + 2))
    if content[1] <= content[0]:
        return None
    who = (whose.start, whose.end)
    report = Report("sure-that", 0.7, (at, at + 1), [content], who, lemma=items[at].lower)
    report.act, report.thought = "opinion", True
    report.factuality = "not_said" if whose.negated else "actual"
    return report


def _as_noted(items: Words) -> Report | None:
    """`As noted in the ministry, the talks went on`."""
    if items[1].lower not in _NOTED or items[2].lower not in ("in", "by", "at"):
        return None
    stop = phrase_after(items, 3)
    if stop <= 3 or stop + 1 >= len(items) or items[stop].tag != ",":
        return None
    content = (stop + 1, clause_end(items, stop + 1, shared_cues=False))
    return Report("as-noted", 0.8, (0, 3), [content], (3, stop), lemma="note", act="assertion")
