"""What a reporter hangs on reported words: when it was, what else went on, what a place is.

`said it had won, as clashes raged`: that clashes raged is nobody's claim. Whose a tail is cannot
always be known; what is listed here is the reporter's more often than the speaker's, and the words
before it are whole without it. All indices are positions in a sentence's items; ends are exclusive.
"""

from app.extract import lexicon
from app.extract.phrases import finite, phrase_after
from app.extract.tokens import Words

LEAST = 1
"""Items that must stand before a tail."""


def tail(items: Words, start: int, stop: int) -> int:
    """Where the reporter's tails begin, within the words from `start` to `stop`; else `stop`."""
    first = _first(items, start, stop)
    while first < stop:
        stop = first
        first = _first(items, start, stop)
    return stop


def _first(items: Words, start: int, stop: int) -> int:
    for at in range(start + LEAST, stop - 1):
        item = items[at]
        if item.tag in (",", "—", "–", "-", "--"):
            if _apart(items, at, stop):
                return at
        elif item.quote:
            if item.text[-1] == "," and (
                explains(items, at + 1, stop)
                or lapse(items, at + 1, stop)
                or (items[at + 1].lower in ("in", "at", "on") and _occasion(items, at + 1, stop))
            ):
                return at + 1
        elif (
            (item.lower in ("while", "whilst", "before", "when") and _tells(items, at + 1, stop))
            or (item.lower in ("after", "as", "when") and _reported(items, at + 1, stop))
            or (item.lower == "after" and _superlative(items, at + 1))
            or (item.lower == "but" and items[at - 1].quote and items[at + 1].lower in _POINTING)
            or (item.text in "[(" and items[at + 1].lower in _CREDITS)
            or (item.lower in ("on", "in") and _day_of(items, at))
        ):
            return at
    return stop


def _reported(items: Words, at: int, stop: int) -> bool:
    """Whether another's report follows: `they must wait, after Norland said it had won`."""
    verb = phrase_after(items, at)
    while verb < stop and items[verb].tag in ("A", "R"):
        verb += 1
    if not at < verb < stop - 1 or items[verb].tag != "V" or items[at].tag == "I":
        return False
    form = lexicon.VERBS.get(items[verb].lower)
    return form is not None and any(
        "t" in one.frames and "r" not in one.frames and "m" not in one.frames for one in form.verbs
    )


_POINTING = lexicon.words("those these this that")
_CREDITS = lexicon.words("file photo courtesy handout")


def _apart(items: Words, mark: int, stop: int) -> bool:
    """Whether a tail begins behind this comma or dash."""
    at = mark + 1
    while at < stop - 1 and items[at].lower in ("even", "just", "only"):
        at += 1
    first = items[at].lower
    if items[at].quote:
        return False
    if first == "as":
        return _clause(items, at + 1, stop)
    if first in ("despite", "amid", "amidst", "notwithstanding"):
        return _last(items, at, stop)
    if at + 1 >= stop:
        return False
    if first == "during":
        return True  # `, during a statement from the office, on Thursday, on the losses`
    if first == "after" and items[at + 1].lower == "which":
        return True
    if first in ("after", "before") and items[at + 1].tag == "G":
        return _last(items, at, stop)  # `, after launching an attack that killed 200`
    if first == "but" and items[at + 1].lower in ("how", "whether", "what", "why", "it"):
        return items[at + 1].lower != "it" or _unclear(items, at, stop)
    if first == "but" and items[at + 1].lower in _POINTING:
        return True  # `, but those hopes were dashed`
    if first in ("in", "on", "as", "at") and _occasion(items, at, stop):
        return True
    if items[at].tag == "G":
        return _comment(items, at, stop)
    if first in ("which", "who", "where"):
        return _relative(items, mark, at, stop)
    return lapse(items, at, stop) or _gloss(items, mark, at, stop)


def _clause(items: Words, at: int, stop: int) -> bool:
    """Whether a subject that is no pronoun and its verb follow: `as clashes raged`. A pronoun's
    clause is as often a reason that the speaker gives."""
    if at >= stop or items[at].tag == "I":
        return False
    if items[at].lower in ("a", "an", "part", "well", "long", "soon", "far", "if"):
        return False
    return phrase_after(items, at) > at and finite(items, at + 1, stop)


def _last(items: Words, at: int, stop: int) -> bool:
    """Whether no clause of the speaker's begins again behind these words: `, despite the truce, it
    was shelled`."""
    commas = [one for one in range(at, stop) if items[one].tag == ","]
    return not any(finite(items, one + 1, stop) for one in commas)


def _tells(items: Words, at: int, stop: int) -> bool:
    """Whether the speaker's next report follows: `while demanding`, `before calling for`."""
    while at < stop and items[at].tag == "R":
        at += 1
    if at >= stop or items[at].tag != "G":
        return False
    form = lexicon.VERBS.get(items[at].lower)
    return form is not None and any(
        "r" not in verb.frames and "m" not in verb.frames for verb in form.verbs
    )


def _unclear(items: Words, at: int, stop: int) -> bool:
    """`, but it was not clear who fired`: to the reporter."""
    return any(item.lower in ("clear", "unclear") for item in items[at : min(stop, at + 6)])


_ORDINALS = lexicon.words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth last final"
)
_SPANS = lexicon.words("day week month year hour night")


def _day_of(items: Words, at: int) -> bool:
    """`On the ninth day of the fighting`: whoever was accused, it was the reporter who counted."""
    told = [item.lower for item in items[at + 1 : at + 5]]
    ordinal = len(told) == 4 and (told[1] in _ORDINALS or told[1][-2:] in ("st", "nd", "rd", "th"))
    return ordinal and told[0] == "the" and told[2] in _SPANS and told[3] == "of"


_MEANS = lexicon.words(
    "move bid sign step speech interview statement tweet post message briefing address reference"
    " response reaction effort attempt comments remarks sentiment echo nod report call letter"
)


def _occasion(items: Words, at: int, stop: int) -> bool:
    """`, in a move that angered Sevria`, `, in an interview with the paper`, `, in the worst
    fighting since 1994`."""
    if not _last(items, at, stop):
        return False
    for item in items[at + 1 : min(at + 6, stop)]:
        if item.lower in _MEANS:
            return True
        if item.tag in ("V", "A", "P", "S", ","):
            break
    return phrase_after(items, at + 1) > at + 1 and _superlative(items, at + 1)


_TOLLS = lexicon.words("toll total number tally count figure")
_CHANGING = lexicon.words("taking bringing raising pushing putting increasing")
_SCORNING = lexicon.words("disregarding ignoring defying dismissing rejecting rebuffing snubbing")
_WISHES = lexicon.words(
    "calls call appeals appeal demands demand warnings warning pleas pressure criticism efforts"
)
_STIRRING = lexicon.words(
    "fuelling fueling raising sparking stoking prompting dashing deepening drawing triggering"
    " heightening renewing provoking"
)
_STIRRED = lexicon.words(
    "fear fears concern concerns hope hopes doubt doubts question questions speculation alarm"
    " condemnation criticism outrage anger worries protests tension tensions"
)
_NAMING = lexicon.words("referring alluding citing quoting echoing")


def _comment(items: Words, at: int, stop: int) -> bool:
    """`, taking the toll to 30`, `, ignoring calls for a truce`, `, raising fears of a war`."""
    word = items[at].lower
    near = {item.lower for item in items[at + 1 : min(stop, at + 9)]}
    making = word in ("making", "leaving") and items[at + 1].lower in ("this", "it", "that")
    return (
        making
        or word in _NAMING
        or (word in _CHANGING and bool(near & _TOLLS))
        or (word in _SCORNING and bool(near & _WISHES))
        or (word in _STIRRING and bool(near & _STIRRED))
        or (word == "marking" and bool(near & {"first", "latest", "worst", "day", "anniversary"}))
    )


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


def _relative(items: Words, mark: int, at: int, stop: int) -> bool:
    """`, which came as the leaders met`; `Lund, which belongs to Sevria but …`."""
    after = items[at + 1].lower if at + 1 < stop else ""
    if items[at].lower == "which" and after in ("came", "comes", "follows", "followed"):
        return True
    if any(_denies(item.lower) for item in items[at + 1 : min(stop, at + 6)]):
        return True  # `, which was denied by Sevria`
    if items[mark - 1].tag not in ("X", "W") or any(one.tag == "," for one in items[at:stop]):
        return False
    return any(item.lower in _SETTLED for item in items[at + 1 : min(stop, at + 9)])


def lapse(items: Words, at: int, stop: int) -> bool:
    """`, a day after the truce`, `, hours before the talks`."""
    for place in range(at, min(stop - 1, at + 4)):
        word = items[place].lower.rstrip("s")
        if word in _SPANS or word == "minute":
            return items[place + 1].lower in ("after", "before") and _last(items, at, stop)
        if items[place].tag not in ("D", "M", "R", "W"):
            return False
    return False


def _highest(word: str) -> bool:
    return word.rpartition("-")[2] in _HIGHEST


_HIGHEST = lexicon.words(
    "worst deadliest bloodiest heaviest biggest largest fiercest latest highest most first"
)


def _superlative(items: Words, at: int) -> bool:
    """`the worst fighting`, `one of the deadliest`, `its largest`."""
    return any(_highest(item.lower) for item in items[at : at + 4]) and items[at].tag in (
        "D",
        "'s",
    )


def _gloss(items: Words, mark: int, at: int, stop: int) -> bool:
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
    owned = any(item.tag == "'s" for item in items[at : at + 3])
    if owned and any(item.lower in ("only", "sole", "main") for item in items[at:end]):
        return True  # `the Lund road, Norland's only link`
    return items[mark - 1].tag == "X" and (
        _superlative(items, at) or (owned and any(one.tag == "W" for one in items[at:end]))
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
