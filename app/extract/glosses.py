"""What a reporter tells of a person, a place or a time behind it: who, where, how long after.

All indices are positions in a sentence's items; ends are exclusive.
"""

from app.extract import lexicon
from app.extract.phrases import finite, phrase_after
from app.extract.tokens import Words

SPANS = lexicon.words("day week month year hour night")


def ends_so(items: Words, at: int, stop: int) -> bool:
    """Whether no clause of the speaker's begins again behind these words: `, despite the truce, it
    was shelled`."""
    commas = [one for one in range(at, stop) if items[one].tag == ","]
    return not any(finite(items, one + 1, stop) for one in commas)


def _denies(word: str) -> bool:
    form = lexicon.VERBS.get(word)
    return form is not None and form.verbs[0].act == "denial"


_SETTLED = lexicon.words(
    "recognized recognised populated inhabited disputed breakaway located lies bordered borders"
    " links connects belongs controlled governed majority home ruled declared dominated"
    " unrecognised unrecognized mediates mediating"
    " call calls considers consider considered known locked live lives continue continues rage"
    " rages part"
)
"""What is told of a place so that the reader knows it."""


def relative(items: Words, mark: int, at: int, stop: int) -> bool:
    """`, which came as the leaders met`; `Lund, which belongs to Sevria but …`."""
    after = items[at + 1].lower if at + 1 < stop else ""
    if items[at].lower == "which" and after in ("came", "comes", "follows", "followed"):
        return True
    if items[at].lower == "where" and after in lexicon.EVENTS:
        return True  # `, where fighting has gone on for days`
    if any(_denies(item.lower) for item in items[at + 1 : min(stop, at + 6)]):
        return True  # `, which was denied by Sevria`
    if items[mark - 1].tag not in ("X", "W") or any(one.tag == "," for one in items[at:stop]):
        return False
    return any(item.lower in _SETTLED for item in items[at + 1 : min(stop, at + 9)])


def lapse(items: Words, at: int, stop: int) -> bool:
    """`, a day after the truce`, `, hours before the talks`."""
    for place in range(at, min(stop - 1, at + 4)):
        word = items[place].lower.rstrip("s")
        if word in SPANS or word == "minute":
            return items[place + 1].lower in ("after", "before") and ends_so(items, at, stop)
        if items[place].tag not in ("D", "M", "R", "W"):
            return False
    return False


def _highest(word: str) -> bool:
    return word.rpartition("-")[2] in _HIGHEST


_HIGHEST = lexicon.words(
    "worst deadliest bloodiest heaviest biggest largest fiercest latest highest most first"
)


def superlative(items: Words, at: int) -> bool:
    """`the worst fighting`, `one of the deadliest`, `its largest`."""
    return any(_highest(item.lower) for item in items[at : at + 4]) and items[at].tag in (
        "D",
        "'s",
    )


def gloss(items: Words, mark: int, at: int, stop: int) -> bool:
    """Who or what was named, told anew to the end: `Lund, a mountain enclave that …`."""
    if at + 1 >= stop or items[at].tag not in ("D", "X", "M"):
        return False
    if any(item.tag in (",", ";", "C") for item in items[at : min(stop, at + 3)]):
        return False
    end = phrase_after(items, at)
    if end <= at + 1 or any(one.tag in (",", ";", "Q") for one in items[at:stop]):
        return False
    follows = items[end] if end < stop else None
    if follows is not None and follows.tag in ("V", "A", "R"):
        return False  # a clause of its own: `the town fell, the army left`
    if any(item.lower == "and" for item in items[at:end]) or _listing(items, mark):
        return False  # one more of several
    first = items[at].lower
    if first == "the" and items[mark - 1].tag == "X" and not finite(items, at, stop):
        return True  # `Port Systems, the Lund-based unit of …`
    if first in ("a", "an", "one"):
        named = items[mark - 1].tag == "X"
        return named or (follows is not None and follows.lower in ("that", "which"))
    if first in ("its", "their", "his", "her") and end >= stop and end - at < 5:
        return items[end - 1].lower in _RELATED  # `Sevria, its longtime ally`
    owned = any(item.tag == "'s" for item in items[at : at + 3])
    if owned and any(item.lower in ("only", "sole", "main") for item in items[at:end]):
        return True  # `the Lund road, Norland's only link`
    return items[mark - 1].tag == "X" and (
        superlative(items, at) or (owned and any(one.tag == "W" for one in items[at:end]))
    )


def truce_told(items: Words, at: int, stop: int) -> bool:
    """Whether it is told anew to the end how a truce came and what it ended: `the truce (brokered
    by Norland) that brought a halt to the war`."""
    if items[at - 1].lower not in _TRUCES:
        return False
    if items[at].lower in _BROKERED and at + 1 < stop and items[at + 1].lower == "by":
        at = phrase_after(items, at + 2)
        at += at < stop and items[at].tag == ","
    if at + 2 >= stop or items[at].lower not in ("that", "which"):
        return False
    if items[at + 1].lower not in _ENDED:
        return False
    end = phrase_after(items, at + 2)
    return end >= stop or items[end].tag not in ("V", "A", "R")


_TRUCES = lexicon.words("truce ceasefire cease-fire agreement deal accord armistice war")
_BROKERED = lexicon.words("brokered mediated negotiated sponsored agreed signed")
_ENDED = lexicon.words("ended halted stopped brought put left killed claimed followed")


_RELATED = lexicon.words(
    "ally allies neighbour neighbor neighbours neighbors rival rivals foe enemy backer patron"
    " partner opponent counterpart"
)


def explains(items: Words, at: int, stop: int) -> bool:
    """Whether a thing without a verb of its own is told from there to the end: `the “line,” a strip
    that parts them`."""
    if items[at].lower not in ("a", "an", "one", "the"):
        return False
    end = phrase_after(items, at)
    if end <= at + 1 or any(one.tag in (",", "Q", "C") for one in items[end:stop]):
        return False
    return end >= stop or items[end].tag in ("S", "P", "E", "G")


def _listing(items: Words, mark: int) -> bool:
    """Whether another comma stands just before: `guns, mortars, a tank`."""
    for at in range(max(0, mark - 4), mark):
        if items[at].tag == ",":
            return items[at + 1].lower != "including"
    return False
