"""What a mention names: the name, the office as printed, and what kind of mention it is."""

import re

from app.extract import lexicon
from app.extract.offices import (
    ORGANIZATIONS,
    ministry_of,
    of_country,
    person,
    prosecutors,
    without_article,
)
from app.extract.proposal import Mention, Span
from app.extract.tokens import Item, inner_items

_PRONOUNS = lexicon.words("he she it they we i you him her them who which that his its their this")
_PARTICLES = lexicon.words("de da di du del der den van von bin ibn al el la le ben abu ter")
_MANY = lexicon.words("ministries governments parliaments armies militaries ministers presidents")
_OF_OFFICE = lexicon.words(
    "state defence defense foreign affairs the health interior finance justice"
)
_PERSON_TITLES = lexicon.words("mr mr. mrs mrs. ms ms. dr dr. prof. sir lord lady")


def classify(text: str, mention: Mention) -> None:
    """Set the name, role and status of a mention from its words."""
    words = inner_items(text, mention.span.start, mention.span.end)
    if not words:
        return
    if len(words) > 3 and words[-1].text == ")" and words[-3].text == "(":
        words = words[:-3]  # Harbour Rights Watch (HRW)
    lowers = [word.lower for word in words]
    if len(words) == 1 and lowers[0] in _PRONOUNS:
        mention.status = "unresolved"
        return
    if lowers[-1] in _MANY:
        mention.status = "collective"  # `the Norlandic and Sevrian Foreign Ministries`
        return
    marked = _MARKED.fullmatch(mention.span.of(text))
    if marked:
        start = mention.span.start
        mention.name = Span(start + marked.start(1), start + marked.end(1))
        mention.status = "named"
        return
    first = next((at for at, word in enumerate(words) if word.text == ","), 0)
    if (
        1 < first < 5
        and lowers[0] not in ("the", "a", "an")
        and len(words) > first + 2
        and person(words[:first])
    ):
        mention.name = Span(words[0].start, words[first - 1].end)  # `Ada Brandt, the chair of …`
        mention.role = Span(words[first + 1].start, words[-1].end)
        if words[first + 1].lower in ("a", "an", "the"):
            mention.role = Span(words[first + 2].start, words[-1].end)
        mention.status = "named"
        return
    if of_country(words, mention):
        return
    if "of" in lowers and lowers[lowers.index("of") - 1] in _MANY and "and" in lowers:
        mention.status = "collective"  # `the ministers of Norland, Sevria and Lund`
        return
    start, stop = _name(words)
    if len(words) == 1 and lowers[0] in _COMMON:
        start = stop
    if 1 < start < stop and lowers[start - 1] == "and" and not _headed(words[:start]):
        mention.status = "collective"  # `Norland and Sevria`
        return
    pair = 0 < start < stop and words[start - 1].text == "," and not _headed(words[:start])
    if pair and _name(words[: start - 1])[0] == 0:
        mention.status = "collective"  # `Norland, Sevria` of a headline
        return
    if start > 3 and lowers[start - 2 : start] == ["and", "the"] and words[0].text[0].isupper():
        mention.status = "collective"  # `Norland, Sevria and the US`
        return
    if start < stop and _whole(words, start):
        mention.name = Span(words[start].start, words[stop - 1].end)
        mention.status = "named"
        edge = start - 1 if start and words[start - 1].text == "," else start
        role = [word for word in words[:edge] if word.lower not in ("the", "a", "an", "'s")]
        if role and lowers[edge - 1] not in _PERSON_TITLES and words[edge - 1].text[0].isalnum():
            mention.role = Span(role[0].start, words[edge - 1].end)
        if (
            any(word in lexicon.DOCUMENTS for word in lowers[:start])
            and {"by", "of", "from"} & set(lowers[:start])
            and not _headed(words[:start])
        ):
            mention.name, mention.role, mention.status = None, None, "document"
        return
    _unnamed(words, lowers, mention)


_MARKED = re.compile(
    r"(?:[Tt]he )?[\"“«]([A-Z][\w.'’-]{1,25}(?: [A-Z][\w.'’-]{1,25}){0,3})[\"”»]"
    r"(?: (?:news )?(?:agency|newspaper|paper|website|channel|daily))?"
)
"""A paper whose name stands in marks: `the “Harbour Mail”`."""


_ARABIC = re.compile(r"(?:al|el|ad|an|ar|as|at|az|ash)-[A-Z]")


def _name(words: list[Item]) -> tuple[int, int]:
    """The capitalised words at the end of a mention, less an office before them."""
    stop = len(words)
    start = stop
    while start > 0:
        word = words[start - 1]
        if (
            word.text[0].isupper()
            or _ARABIC.match(word.text)
            or (word.lower in _PARTICLES and 0 < start < stop)
            or word.text == "&"
            or (
                word.lower in ("of", "for", "and")
                and start < stop
                and _organization(words[: start - 1])
            )
        ):
            start -= 1
        else:
            break
    while start < stop and (
        (words[start].lower in _PARTICLES and words[start].text[0].islower())
        or words[start].lower in ("and", "of", "for", "&")
    ):
        start += 1
    while stop - start > 2 and words[stop - 1].lower == "office" and words[start].lower == "the":
        start += 1
    if start < stop and prosecutors(words, stop):
        return start, stop
    whole = ministry_of(words)
    if start < stop and whole < stop:
        return whole, stop
    if start < stop and words[stop - 1].lower in ORGANIZATIONS:
        while start > 1 and start == stop - 1 and words[start - 1].lower in _OF_OFFICE:
            start -= 1 + words[start - 2].text[0].isupper()  # `Sevrian defense Ministry`
        owned = start > 1 and words[start - 1].text in ("'s", "’s")
        if owned and words[start - 2].text[0].isupper():
            start -= 2  # `Norland's Foreign Ministry`
        return start, stop  # `Norlandic Foreign Ministry`: no minister
    for index in range(start, stop - 2):
        if words[index].lower in ORGANIZATIONS and index and _headed(words[:start]):
            # `head of the Presidential Administration Oto Lemm`, `… the Court of Trade Oto Lemm`
            if words[index + 1].lower != "of":
                start = index + 1
            elif words[stop - 2].lower != "of":
                start = stop - 2
            else:
                while start > 1 and (words[start - 1].tag == "'s" or words[start - 1].text == "'s"):
                    start -= 2  # `the Prosecutor's Office of Sevria`
                while 0 < start < index and words[start - 1].text[0].isupper():
                    start -= 1
            break
    while stop - start > 2 and words[start].text.isupper() and len(words[start].text) < 6:
        start += 1  # `representative to the UN Ada Brandt`
    if stop - start > 2 and start > 1 and _headed(words[:start]):
        before = [word.lower for word in words[start - 2 : start]]
        if before[1] in ("to", "in") or (before[0] == "the" and before[1] not in lexicon.TITLES):
            return stop - 2, stop  # `ambassador to Norland Ada Brandt`
    joined = any(word.lower in ("of", "for") for word in words[start : stop - 2])
    if joined and words[0].lower not in ORGANIZATIONS and _headed(words[:start]):
        return stop - 2, stop  # `chief of the Armed Forces for Harbours Ada Brandt`
    office = -1
    for index in range(start, stop):
        if words[index].lower in lexicon.TITLES:
            office = index
    of = start > 1 and words[start - 1].lower in ("of", "for")
    if of and words[start - 2].lower in lexicon.TITLES:
        while start < stop and words[start].lower in _OF_OFFICE:
            start += 1
        if start < stop and words[start - 1].lower not in _OF_OFFICE:
            return stop, stop  # `the president of Azerbaijan`: an office, and no name
    if office >= 0:
        start = office + 1
        while start < stop and words[start].lower in _OF_OFFICE:
            start += 1
    return start, stop


def _headed(words: list[Item]) -> bool:
    return any(word.lower in lexicon.TITLES or word.lower in ("head", "aide") for word in words)


def _organization(words: list[Item]) -> bool:
    return bool(words) and words[-1].text[0].isupper() and words[-1].lower in ORGANIZATIONS


def _whole(words: list[Item], start: int) -> bool:
    """Whether what stands before a name belongs to it and does not make it a part of another."""
    if start == 0:
        return True
    before = words[start - 1]
    lower = before.lower
    alone = start > 2 and lower == "the" and len(words) - start == 1
    if alone and words[start - 2].lower == "of" and _headed(words[: start - 2]):
        return False  # `the representative of the EU`
    of_body = start > 2 and lower == "the" and words[start - 2].lower == "of"
    if of_body and words[-1].lower in ORGANIZATIONS and words[start - 3].lower.endswith("s"):
        return False  # `the co-chairs of the Lund Group`
    if lower == ")":
        return False  # `a gathering of the ruling Freedom and Order (FO) Party`
    if lower in (
        "'s",
        "of",
        "for",
        "in",
        "inside",
        "within",
        "at",
        "from",
        "by",
        "to",
        "with",
        "on",
        "between",
    ):
        return lower == "'s" and len(words) - start >= 2 and words[-1].lower not in lexicon.TITLES
    return True


def _unnamed(words: list[Item], lowers: list[str], mention: Mention) -> None:
    head = next(
        (
            index
            for index, lower in enumerate(lowers)
            if lower in ("of", "for", "in", "at", "from", "by", "who", "with", "close", "familiar")
        ),
        len(lowers),
    )
    last = lowers[head - 1] if head else ""
    if last in lexicon.ANONYMOUS or lowers[0] in ("someone", "some", "others", "many"):
        mention.status = "anonymous"
    elif last in lexicon.DOCUMENTS:
        mention.status = "document"
    elif last in lexicon.TITLES:
        mention.status = "role_only"
        mention.role = without_article(words, mention.span)
    elif last in lexicon.COLLECTIVE or (last.endswith("s") and not last.endswith("ss")):
        mention.status = "collective"
    elif lowers[0] in ("a", "an", "one"):
        mention.status = "anonymous"
    elif last in lexicon.PEOPLE:
        mention.status = "role_only"
        mention.role = without_article(words, mention.span)
    else:
        mention.status = "unresolved"


def pronoun(text: str, mention: Mention) -> str | None:
    """The pronoun that a mention is, in lower case; none if it is more."""
    word = mention.span.of(text).lower()
    return word if word in _PRONOUNS else None


def apposition(text: str, mention: Mention) -> Span | None:
    """The office after a name: `Hikmet Hajiyev, an aide to the president, said`."""
    if mention.name is None or mention.role is not None:
        return None
    end = mention.span.end
    if text[end : end + 2] != ", ":
        return None
    closing = next(
        (at for at in range(end + 2, min(len(text), end + 140)) if text[at] in ",.;\n"), -1
    )
    if closing < 0:
        return None
    words = inner_items(text, end + 2, closing)
    if not words or len(words) > 16 or any(word.text in '."“”!?;' for word in words):
        return None
    if words[0].lower in ("a", "an", "the"):
        words = words[1:]
    offices = lexicon.TITLES | lexicon.PEOPLE - {"one"}
    if not any(word.lower in offices for word in words):
        return None
    if any(word.lower in lexicon.VERBS and word.lower not in lexicon.TITLES for word in words[:2]):
        return None
    if any(word.lower in _VERBS for word in words):
        return None  # what follows is a clause of its own: `According to Lemm, the chair left.`
    told = next(
        (at for at, word in enumerate(words) if word.lower in ("who", "whose", "which")), len(words)
    )
    if any(
        (form := lexicon.VERBS.get(word.lower)) and form.kind in ("past", "third")
        for word in words[:told]
        if word.lower not in offices and word.lower not in lexicon.NOUNS
    ):
        return None  # a clause of its own
    return Span(words[0].start, words[told - 1].end) if told else None


_VERBS = (lexicon.FINITE | lexicon.AUXILIARIES) - {"'s", "'d"}
_COMMON = lexicon.COLLECTIVE | lexicon.ANONYMOUS | lexicon.TITLES | lexicon.DOCUMENTS
"""Words that name nobody, though they stand with a capital at the beginning of a sentence."""
