"""Texts in another language: their quotations, and the known names beside them; no more."""

import re
from bisect import bisect_left

from app.extract.proposal import Mention, Proposal, Span
from app.extract.tokens import Item, Quote, items, paragraphs, quotes
from app.extract.who import Names
from app.models.fold import fold

FEWEST_WORDS = 4
LONGEST_NAME = 4
_END = re.compile(r"[.!?։။。…]")


def extract(text: str, names: Names) -> list[Proposal]:
    """One proposal for each quotation of a sentence's length, with the one known name beside it."""
    found: list[Proposal] = []
    spans = paragraphs(text)
    for span, quoted in zip(spans, quotes(text, spans), strict=True):
        known: list[Span] | None = None
        actors: dict[Span, str] = {}
        for quote in quoted:
            words = text[quote.start : quote.end].split()
            length = sum(map(len, words))
            if len(words) < FEWEST_WORDS and not (len(words) == 1 and length > 12):
                continue
            if known is None:
                known = _names(items(text, span, quoted), names, text, actors)
            one = Proposal([Span(quote.start, quote.end)], "direct", "quotation-only", 0.3)
            beside = _beside(text, quote, known)
            if len({actors[name] for name in beside}) == 1:
                one.speakers = [Mention(beside[0], beside[0], None, "named", actors[beside[0]])]
            found.append(one)
    return found


def _names(words: list[Item], names: Names, text: str, actors: dict[Span, str]) -> list[Span]:
    """Where known names stand outside the quotations of a paragraph, longest first."""
    found: list[Span] = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            some = words[at : at + length]
            if any(word.quote or not word.text[0].isalnum() for word in some):
                continue
            if not any(word.text[0].isupper() or not word.text[0].isascii() for word in some):
                continue
            span = Span(some[0].start, some[-1].end)
            ids = set(names.called(fold(span.of(text))))
            if len(ids) == 1:
                found.append(span)
                actors[span] = ids.pop()
                at += length - 1
                break
        at += 1
    return found


def _beside(text: str, quote: Quote, known: list[Span]) -> list[Span]:
    """The names in the sentence that a quotation stands in, after it or before."""
    after = _END.search(text, quote.outer_end, quote.outer_end + 200)
    end = after.start() if after else quote.outer_end + 200
    start = max(
        [
            0,
            *(
                m.end()
                for m in _END.finditer(text, max(0, quote.outer_start - 200), quote.outer_start)
            ),
        ],
    )
    first = bisect_left(known, start, key=lambda name: name.start)
    last = bisect_left(known, end + 1, key=lambda name: name.start)
    return [
        name
        for name in known[first:last]
        if name.start >= quote.outer_end or name.start < quote.outer_start
    ]
