"""Who is meant by a mention: by name, by office on the day, by surname, by pronoun; or nobody.

It abstains wherever two could be meant: a wrong name on a statement is worse than none.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from app.extract import lexicon
from app.extract.mentions import apposition, classify, pronoun
from app.extract.proposal import Mention, Proposal
from app.models.fold import fold

NEAR = 700
"""Characters before a pronoun in which whoever it means must have spoken."""

_GENDER = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f"}
PERSONAL = frozenset(_GENDER)
_FEMALE = lexicon.words("mrs mrs. ms ms. lady queen princess woman girl mother wife widow")
_MALE = lexicon.words("mr mr. sir lord king prince man boy father husband sheikh imam")
_PEOPLE = (
    "man|woman|boy|girl|mother|father|wife|husband|widow|resident|villager|farmer|soldier|officer"
    "|official|diplomat|minister|president|premier|ombudsman|ambassador|spokes(?:man|woman|person)"
    "|commander|general|colonel|witness|survivor|neighbou?r|teacher|doctor|pensioner|worker|driver"
    "|shopkeeper|volunteer|refugee|lawmaker|deputy|mayor|governor|analyst|expert|person|patient"
)
_SOMEBODY = re.compile(
    rf"\b(?:a|an|one|another|the|his|her|their|first|second)\s(?:[\w'’-]++\s){{0,3}}?(?:{_PEOPLE})\b"
    r"|\b(?:someone|somebody|who)\b",
    re.IGNORECASE,
)
"""Somebody who is told of without a name."""
_CAPITALS = re.compile(r"[A-Z][\w'’-]++(?:\s[A-Z][\w'’-]++)++")
_QUOTED = re.compile(r"[“\"][^“”\"]*+[”\"]")


class Names(Protocol):
    """The actors of a record, asked by what they are called and by what office they hold."""

    def called(self, folded: str, /) -> Sequence[str]:
        """The ids of actors with a name that folds to this (`app.models.fold.fold`)."""

    def holding(self, role: str, /) -> Sequence[str]:
        """The ids of those who held this office, as printed, on the day of the article."""

    def is_person(self, actor: str, /) -> bool:
        """Whether it is a person, whom a personal pronoun can mean."""


class Nobody:
    """Names of an empty record."""

    def called(self, _: str, /) -> Sequence[str]:
        return ()

    def holding(self, _: str, /) -> Sequence[str]:
        return ()

    def is_person(self, _: str, /) -> bool:
        return False


def resolve(text: str, found: list[Proposal], names: Names) -> None:
    """Classify every mention of the proposals, and link those whose reading is the only one."""
    for one in found:
        for mention in (*one.speakers, *one.addressees):
            classify(text, mention)
            if mention.role is None:
                mention.role = apposition(text, mention)
        for figure in one.figures:
            if figure.party is not None:
                figure.parties = list(names.called(fold(figure.party.of(text))))[:1]
    full = _full_names(text, found)
    last: list[Mention] = []
    genders: dict[str, str] = {}
    for one in found:
        for mention in (*one.speakers, *one.addressees):
            _link(text, mention, full, names)
            word = pronoun(text, mention)
            if word in PERSONAL:
                mention.actor = _by_pronoun(text, mention, last, genders, _GENDER[word])
                if mention.actor:
                    mention.status = "named"
        last += (
            mention
            for mention in one.speakers
            if mention.name is not None or mention.status in ("role_only", "anonymous")
        )


def _words(text: str, mention: Mention) -> list[str]:
    return fold(mention.core.of(text)).split()


def _full_names(text: str, found: list[Proposal]) -> dict[str, set[str]]:
    """For the last word of each name of two or more words: the full names that end with it."""
    full: dict[str, set[str]] = {}
    for one in found:
        for mention in (*one.speakers, *one.addressees):
            if mention.name is not None:
                words = _words(text, mention)
                if len(words) > 1:
                    full.setdefault(words[-1], set()).add(" ".join(words))
    return full


def _link(
    text: str,
    mention: Mention,
    full: dict[str, set[str]],
    names: Names,
) -> None:
    if pronoun(text, mention) is not None:
        return
    if mention.name is None:
        if mention.status in ("role_only", "unresolved", "collective"):
            exact = names.called(fold(mention.span.of(text)))
            bare = names.called(_without_article(text, mention))
            ids = set(exact) | set(bare)
            if not ids and mention.role is not None:
                ids = set(names.holding(mention.role.of(text)))
            mention.actor = _only(ids)
            if mention.actor and mention.status == "unresolved":
                mention.status = "named"
        return
    folded = " ".join(_words(text, mention))
    ids = set(names.called(folded))
    if " " not in folded:
        whole = full.get(folded, set())
        if len(whole) > 1:
            return
        if whole:
            ids = set(names.called(next(iter(whole))))
        elif any(names.is_person(one) for one in ids):
            ids = set()  # a surname alone, never spelled out: there may be others of that name
    mention.actor = _only(ids)


def _only(ids: set[str]) -> str | None:
    return next(iter(ids)) if len(ids) == 1 else None


def _without_article(text: str, mention: Mention) -> str:
    words = mention.span.of(text)
    for article in ("the ", "a ", "an "):
        if words.lower().startswith(article):
            words = words[len(article) :]
    return fold(words)


def _by_pronoun(
    text: str, mention: Mention, last: list[Mention], genders: dict[str, str], gender: str
) -> str | None:
    """Whom he or she means: the person who spoke last, unless anybody has come in between.

    Nobody where that is somebody else's sex, by title or by an earlier pronoun.
    """
    before = [
        one for one in last[-6:] if mention.span.start - NEAR < one.span.start < mention.span.start
    ]
    if not before:
        return None
    other = max(before, key=lambda one: one.span.start)
    if other.status == "role_only":
        named = [one for one in before if _same_office(text, one, other)]
        other = named[-1] if named else other
    if other.status != "named" or other.actor is None:
        return None
    paragraph = text.rfind("\n", max(0, mention.span.start - NEAR), mention.span.start)
    here = {one.actor for one in before if one.status == "named" and one.span.start > paragraph}
    if len(here) > 1 or _anybody(text, other, mention):
        return None
    known = genders.get(other.actor) or _sex(text, other)
    if known not in (None, gender):
        return None
    genders[other.actor] = gender
    return other.actor


def _same_office(text: str, one: Mention, office: Mention) -> bool:
    """Whether a person named before has the office that is named alone since."""
    if one.name is None or one.role is None or office.role is None:
        return False
    return set(fold(office.role.of(text)).split()) <= set(fold(one.role.of(text)).split())


def _anybody(text: str, other: Mention, mention: Mention) -> bool:
    """Whether the reporter's words between a name and a pronoun bring in another person."""
    start = other.span.end
    if other.role is not None and other.role.start >= start:
        start = other.role.end
    between = _QUOTED.sub(" ", text[start : mention.span.start])
    own = set(fold(other.span.of(text)).split())
    offices = set(fold(other.role.of(text)).split()) if other.role else set()
    return any(
        not set(fold(match[0]).split()) - {"the"} <= own | offices
        for pattern in (_SOMEBODY, _CAPITALS)
        for match in pattern.finditer(between)
    )


def _sex(text: str, mention: Mention) -> str | None:
    """By a title, or by an office in its female or male form."""
    spans = [span for span in (mention.span, mention.role) if span is not None]
    words = {word for span in spans for word in span.of(text).lower().split()}
    if words & _FEMALE or any(word.endswith("woman") for word in words):
        return "f"
    if words & _MALE or any(word.endswith(("spokesman", "chairman")) for word in words):
        return "m"
    return None
