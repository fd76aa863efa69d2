"""How sure a proposal is: of those like it that were judged on news never read before, the share
that was right.

The shares were counted over sets B to M of docs/extract.md, as each was first judged (1,222
proposals, 989 of them right). What was judged fewer than ten times shares one figure, unless it
was wrong more often than right.
"""

import re

from app.extract import lexicon
from app.extract.mentions import pronoun
from app.extract.proposal import Mention, Proposal

LEAST = 0.7
"""What is less sure is proposed only to who asks for it."""
SELDOM = 0.79
SELDOM_RIGHT = 0.3
SILENT = 0.5
"""That somebody spoke, without the words: nothing that a person could accept."""
_SAYING = lexicon.words("say tell add state note stress claim warn")
_STANDS_FOR = lexicon.words("he she it they his her its their")
_SHARES = {
    "according-to": 0.88,
    "in-words": 0.88,
    "verb-hearer-to": 0.7,
    "verb-target": 0.83,
    "verb-noun": 0.65,
    "clause-verb": 0.81,
    "clause-verb-inverted": 0.81,
    "passive-to": SELDOM_RIGHT,
    "spoke": SILENT,
    "announced-by": SILENT,
}
_CLAUSES = {
    ("verb-that", True): 0.89,
    ("verb-that", False): 0.84,
    ("verb-clause", True): 0.85,
    ("verb-clause", False): 0.71,
}
"""By a verb of plain saying, and by another."""
_SPOKEN_OF = frozenset(("refer to",))
"""Verbs whose noun is what was spoken of, and no demand or judgement."""
_WITHIN = ("verb-that", "verb-hearer", "verb-hearer-to", "verb-target", "clause-verb")
"""The rules that are trusted within the words of another."""


def weigh(text: str, found: list[Proposal]) -> None:
    """Set the confidence of each proposal."""
    relays = {one.parent for one in found if _whole_report(text, found, one)}
    for index, one in enumerate(found):
        one.confidence = _share(text, one, passed_on=one.parent in relays)
        if index in relays:
            one.confidence = min(one.confidence, RELAYED)
        if one.parent is not None and _told_twice(text, found[one.parent], one):
            one.confidence = min(one.confidence, TWICE)


RELAYED = 0.6
"""That an agency reports what another said, where that is proposed too."""
_PASSING_ON = frozenset(("report", "inform", "write", "quote", "cite", "according to"))


_AGENCIES = re.compile(
    r"\b(?:news|agency|TASS|Tass|Reuters|AFP|AP|ANI|DPA|Interfax|Sputnik|Xinhua|Anadolu|Bloomberg"
    r"|RIA Novosti)\b"
)


_SOME = lexicon.words("a the its his her their")
TWICE = 0.5


def _told_twice(text: str, outer: Proposal, one: Proposal) -> bool:
    """Whether one thing is told of twice: `said he believed that it would rain`, `began what it
    calls a “march”`."""
    whose = [mention.span.of(text).lower() for mention in one.speakers]
    own = len(whose) == 1 and whose[0] in _STANDS_FOR
    if not own or not outer.content or outer.quotation_type == "direct":
        return False
    start = one.speakers[0].span.start
    if one.rule in ("verb-as", "verb-called"):
        return text[:start].endswith("what ")
    return one.mode == "thought" and start == outer.content[0].start


def _whole_report(text: str, found: list[Proposal], one: Proposal) -> bool:
    """Whether a proposal is all that the one around it passes on: `Lemm said it rained, the agency
    reports`."""
    if one.parent is None or not one.speakers or not one.content:
        return False
    outer = found[one.parent]
    names = " ".join(mention.span.of(text) for mention in outer.speakers)
    words = names.lower().split()
    document = len(words) == 2 and words[0] in _SOME and words[1] in lexicon.DOCUMENTS
    quoted = one.quotation_type == "direct"  # whoever passes it on, it is a quotation of another
    if outer.lemma == "according to" and not (document or quoted) and not _AGENCIES.search(names):
        return False
    if outer.lemma not in _PASSING_ON or not outer.content or outer.quotation_type == "direct":
        return False
    start = outer.content[0].start
    begins = (one.content[0].start, one.speakers[0].span.start)
    if any(abs(place - start) < 6 for place in begins):  # a mark or an article may stand before
        return True
    said = sum(span.end - span.start for span in one.content)
    return 2 * said > sum(span.end - span.start for span in outer.content)


def _share(text: str, one: Proposal, *, passed_on: bool) -> float:
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
        return 0.95
    if one.rule in ("according-to", "in-words"):
        return _SHARES[one.rule]
    if any(_doubtful(text, mention) for mention in one.speakers):
        return 0.43
    if one.parent is not None and one.rule not in _WITHIN and not passed_on:
        return 0.52
    if one.rule == "verb-whether" and one.speech_act == "question":
        return SELDOM_RIGHT  # `asked whether`: as often who was asked
    if one.rule == "verb-noun" and one.lemma in _SPOKEN_OF:
        return SELDOM
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
