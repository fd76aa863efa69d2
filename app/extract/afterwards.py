"""Whose a quotation is that stands alone, told by the proposals around it."""

from itertools import pairwise

from app.extract import lexicon
from app.extract.proposal import Mention, Proposal
from app.extract.tokens import inner_items
from app.models.fold import fold

ENOUGH = 4
"""Words that a headline's quotation must share with what is attributed later."""
SHARE = 0.7
NEAR = 900
"""Characters within which the report after a quotation must begin."""


def credit(text: str, found: list[Proposal]) -> None:
    """Give quotations that stand alone to whom the text attributes them elsewhere."""
    _headline(text, found)
    _between(text, found)


def _alone(one: Proposal) -> bool:
    return one.rule == "quote-alone" and not one.speakers


def _headline(text: str, found: list[Proposal]) -> None:
    """A headline's quotation is whose words it shortens."""
    if not found or not _alone(found[0]):
        return
    first = found[0]
    if text[: first.content[0].start].strip().count("\n"):
        return
    told = _telling(text, first)
    for one in found[1:]:
        shared = told & _telling(text, one)
        if one.speakers and len(shared) >= ENOUGH and len(shared) >= SHARE * len(told):
            first.speakers = [Mention(mention.span) for mention in one.speakers]
            return


def _between(text: str, found: list[Proposal]) -> None:
    """A quotation between two reports of one speaker, with nobody else's in between, is theirs."""
    outer = [one for one in found if one.parent is None and one.content]
    for before, one in pairwise(outer):
        if not _alone(one) or not before.speakers:
            continue
        place = one.content[0].start
        after = next((other for other in outer if other.content[0].start > place), None)
        if after is None or after.content[0].start > one.content[-1].end + NEAR:
            continue
        if _head(text, before) == _head(text, after):
            one.speakers = [Mention(mention.span) for mention in before.speakers]


def _head(text: str, one: Proposal) -> list[str]:
    """The last word of each of its speakers: a surname, a ministry."""
    return [fold(mention.span.of(text)).split()[-1] for mention in one.speakers]


def _telling(text: str, one: Proposal) -> set[str]:
    """The words of a proposal that tell something, in lower case."""
    return {
        item.lower
        for span in one.content
        for item in inner_items(text, span.start, span.end)
        if len(item.text) > 3 and item.lower not in _COMMON
    }


_COMMON = lexicon.PREPOSITIONS | lexicon.SUBORDINATORS | lexicon.AUXILIARIES | lexicon.DETERMINERS
