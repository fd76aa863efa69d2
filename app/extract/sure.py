"""How sure a proposal is: of those like it that were judged on news never read before, the share
that was right.

The shares were counted over sets B to J of docs/extract.md, as each was first judged (873
proposals, 713 of them right). What was judged fewer than ten times shares one figure, unless it
was wrong more often than right.
"""

from app.extract import lexicon
from app.extract.mentions import pronoun
from app.extract.proposal import Mention, Proposal

LEAST = 0.7
"""What is less sure is proposed only to who asks for it."""
SELDOM = 0.8
SELDOM_RIGHT = 0.3
_SAYING = lexicon.words("say tell add state note stress claim warn")
_STANDS_FOR = lexicon.words("he she it they we i his her its their")
_SHARES = {
    "according-to": 0.88,
    "in-words": 0.88,
    "verb-hearer-to": 0.79,
    "verb-target": 0.87,
    "verb-noun": 0.83,
    "clause-verb": 0.78,
    "clause-verb-inverted": 0.78,
    "passive-to": SELDOM_RIGHT,
}
_CLAUSES = {
    ("verb-that", True): 0.92,
    ("verb-that", False): 0.84,
    ("verb-clause", True): 0.88,
    ("verb-clause", False): 0.74,
}
"""By a verb of plain saying, and by another."""
_WITHIN = ("verb-that", "verb-hearer", "verb-hearer-to", "verb-target", "clause-verb")
"""The rules that are trusted within the words of another."""


def weigh(text: str, found: list[Proposal]) -> None:
    """Set the confidence of each proposal."""
    for one in found:
        one.confidence = _share(text, one)


def _share(text: str, one: Proposal) -> float:
    if one.own_voice:
        return SELDOM
    if one.factuality != "actual":
        return 0.05  # `may say`, `refused to say`: seldom what they seem
    if not one.speakers:
        if one.rule == "quote-alone" and not _closed(text, one):
            return SELDOM_RIGHT
        known = one.rule in ("quote-alone", "noun-for", "participle-figure")
        if known or one.rule in ("passive-that", "passive-target", "passive-as"):
            return SELDOM
        return 0.05  # `reportedly`, `amid claims that`: nobody's words
    if one.quotation_type == "direct":
        return 0.94
    if one.rule in ("according-to", "in-words"):
        return _SHARES[one.rule]
    if any(_doubtful(text, mention) for mention in one.speakers):
        return 0.43
    if one.parent is not None and one.rule not in _WITHIN:
        return 0.52
    if one.rule == "verb-whether" and one.speech_act == "question":
        return SELDOM_RIGHT  # `asked whether`: as often who was asked
    plain = one.lemma in _SAYING
    return _CLAUSES.get((one.rule, plain), _SHARES.get(one.rule, SELDOM))


def _closed(text: str, one: Proposal) -> bool:
    """Whether the quotation has its closing mark: else it is a part of a longer one."""
    end = one.content[-1].end
    return any(mark in "”\"’'»" for mark in text[end : end + 2].strip())


def _doubtful(text: str, mention: Mention) -> bool:
    """Whether a mention is nobody that is known to speak, and no pronoun for somebody."""
    word = pronoun(text, mention)
    return mention.status == "unresolved" and word not in _STANDS_FOR


def enough(found: list[Proposal], least: float) -> list[Proposal]:
    """Those at least as sure as this; what stood inside another's words stands inside the next."""
    kept = [one.confidence >= least for one in found]
    place = {index: at for at, index in enumerate(i for i, keep in enumerate(kept) if keep)}
    for index, one in enumerate(found):
        while one.parent is not None and not kept[one.parent]:
            one.parent = found[one.parent].parent
        if kept[index] and one.parent is not None:
            one.parent = place[one.parent]
    return [one for one, keep in zip(found, kept, strict=True) if keep]
