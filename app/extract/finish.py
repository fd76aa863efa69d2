"""What is settled once all proposals of a text are known."""

import re

from app.extract import lexicon
from app.extract.figures import undisclosed
from app.extract.proposal import Proposal, Span
from app.extract.tokens import inner_items

_COMMON = lexicon.words("the of and to in a is that for was on with said it as by he at from has")
_WORD = re.compile(r"[^\W\d_]+")
_WITHHELD = frozenset(("disclose", "reveal", "release", "publish", "announce", "give"))


_NEGATED = re.compile(r"\b(?:has|have|had|did|does|do|is|was|were)(?:\s+\w+){0,2}n?[o'’]t\b")


def english(text: str, lang: str | None) -> bool:
    """Whether a text is English: by its tag, else by the share of English's commonest words."""
    if lang:
        return lang.lower().split("-")[0] == "en"
    words = _WORD.findall(text[:6000].lower())
    return (
        not words
        or (len(words) < 8 and text.isascii())
        or (sum(word in _COMMON for word in words) >= len(words) * 0.12)
    )


def silences(text: str, found: list[Proposal]) -> None:
    """Make of `Baku has not disclosed its losses` a figure that is withheld.

    These words are the document's own: whoever has the losses said nothing.
    """
    for one in found:
        if one.factuality != "not_said" or one.lemma not in _WITHHELD or not one.content:
            continue
        span = one.content[0]
        figure = undisclosed(inner_items(text, span.start, span.end), text)
        if figure is None:
            continue
        if one.speakers:
            whose = one.speakers[0].span
            figure.party = whose
            cue = one.cue or span
            negated = _NEGATED.search(text, max(whose.end, cue.start - 30), cue.end)
            apart = negated is not None and negated.start() - whose.end > 2
            one.content = [Span(whose.start, span.end)]
            if negated and apart:  # `Norland said …, but has not disclosed its losses`
                one.content = [whose, Span(negated.start(), span.end)]
        one.figures = [figure]
        one.speakers, one.own_voice = [], True
        one.factuality, one.polarity = "actual", "affirmed"
        one.quotation_type, one.rule, one.cue = "direct", "undisclosed", None
        one.speech_act, one.mode = "assertion", "writing"


def innermost(found: list[Proposal]) -> None:
    """Leave a figure to the innermost proposal whose words it stands in."""
    held: dict[int, set[tuple[int, int]]] = {}
    for index, one in enumerate(found):
        parent = one.parent
        while parent is not None:
            for figure in one.figures:
                held.setdefault(parent, set()).add((figure.span.start, figure.span.end))
            parent = found[parent].parent if found[parent].parent != parent else None
        held.setdefault(index, set())
    for index, one in enumerate(found):
        inner = held[index]
        one.figures = [
            figure
            for figure in one.figures
            if not any(a < figure.span.end and figure.span.start < b for a, b in inner)
        ]
