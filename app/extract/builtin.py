"""The back end that is always there: rules over words, without a parse."""

from itertools import chain, islice

from app.extract import nouns, relayed, verbs
from app.extract.report import Report
from app.extract.sentences import Sentence

MOST_REPORTS = 30
"""Of one sentence: no prose has more, and what has is no article."""


def read(sentences: list[Sentence]) -> list[list[Report]]:
    """The reports of each sentence."""
    return [
        list(islice(chain.from_iterable(rule(one.items) for rule in _RULES), MOST_REPORTS))
        for one in sentences
    ]


_RULES = (verbs.read, nouns.read, relayed.read)
