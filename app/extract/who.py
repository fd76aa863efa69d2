"""Who is meant by a mention: by name, by office on the day, by surname, by pronoun; or nobody.

It abstains wherever two could be meant: a wrong name on a statement is worse than none.
"""

from collections.abc import Sequence
from typing import Protocol

from app.extract.mentions import apposition, classify, pronoun
from app.extract.proposal import Mention, Proposal
from app.models.fold import fold

NEAR = 700
"""Characters before a pronoun in which whoever it means must have spoken."""

PERSONAL = frozenset(("he", "she", "him", "her", "his"))


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
    last: list[tuple[int, Mention]] = []
    for one in found:
        for mention in one.speakers:
            _link(text, mention, full, names, last)
        for mention in one.addressees:
            _link(text, mention, full, names, last)
        for mention in one.speakers:
            if mention.name is not None:
                last.append((mention.span.start, mention))


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
    last: list[tuple[int, Mention]],
) -> None:
    word = pronoun(text, mention)
    if word is not None:
        if word in PERSONAL:
            _by_pronoun(text, mention, last)
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


def _by_pronoun(text: str, mention: Mention, last: list[tuple[int, Mention]]) -> None:
    """He or she is the one person who spoke in the words just before, if only one did."""
    near: list[Mention] = []
    for start, other in reversed(last):
        if start < mention.span.start - NEAR:
            break
        if start < mention.span.start and other.status == "named" and other.actor is not None:
            near.append(other)
    if not near:
        return
    paragraph = text.rfind("\n", max(0, mention.span.start - NEAR), mention.span.start)
    here = [other for other in near if other.span.start > paragraph] or near[:2]
    actors = {other.actor for other in here}
    if len(actors) == 1:
        mention.actor = actors.pop()
