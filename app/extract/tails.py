"""What a reporter hangs on reported words: when it was, what else went on, what a place is.

`said it had won, as clashes raged`: that clashes raged is nobody's claim. Whose a tail is cannot
always be known; what is listed here is the reporter's more often than the speaker's, and the words
before it are whole without it. All indices are positions in a sentence's items; ends are exclusive.
"""

from app.extract import lexicon
from app.extract.glosses import (
    SPANS,
    ends_so,
    explains,
    gloss,
    lapse,
    relative,
    superlative,
    truce_told,
)
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
            or (item.lower == "after" and superlative(items, at + 1))
            or (item.lower == "but" and items[at - 1].quote and _judged(items, at + 1))
            or (item.text in "[(" and items[at + 1].lower in _CREDITS)
            or (item.lower in ("on", "in") and _day_of(items, at))
            or (item.lower in ("despite", "amid") and _others_words(items, at, stop))
            or truce_told(items, at, stop)
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
        {"t", "f"} & set(one.frames) and not {"r", "m"} & set(one.frames) for one in form.verbs
    )


def _judged(items: Words, at: int) -> bool:
    """`“…” but that was in vain`, `“…” but he failed to prove it`: the reporter's view of it."""
    told = [item.lower for item in items[at : at + 2]]
    who = told[0] in ("he", "she", "they", "it")
    return told[0] in _POINTING or (who and len(told) == 2 and told[1] in _WANTING)


_WANTING = lexicon.words("failed declined refused gave offered provided did")


def _others_words(items: Words, at: int, stop: int) -> bool:
    """Whether what another says follows: `it would stay open despite Norland's insistence on …`."""
    noun = next((i for i in range(at + 1, min(stop, at + 5)) if items[i].tag == "'s"), stop) + 1
    while noun < stop and items[noun].tag in ("E", "G"):
        noun += 1
    return noun < stop and (items[noun].lower in lexicon.NOUNS or items[noun].lower in _OBJECTING)


_OBJECTING = lexicon.words("insistence objections objection protests opposition")
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
        return ends_so(items, at, stop)
    if at + 1 >= stop:
        return False
    if first == "during":
        return True  # `, during a statement from the office, on Thursday, on the losses`
    if first == "after" and items[at + 1].lower == "which":
        return True
    if first in ("after", "before") and items[at + 1].tag == "G":
        return ends_so(items, at, stop)  # `, after launching an attack that killed 200`
    if first == "but" and items[at + 1].lower in ("how", "whether", "what", "why", "it"):
        return items[at + 1].lower != "it" or _unclear(items, at, stop)
    if first == "something":
        return True  # `, something that Norland opposes`
    if first == "but" and _now(items, at + 1, stop):
        return True
    if first == "but" and _looked_into(items, at + 1, stop):
        return True
    if first == "but" and items[at + 1].lower in _POINTING:
        return True  # `, but those hopes were dashed`
    if first in ("in", "on", "as", "at") and _occasion(items, at, stop):
        return True
    if items[at].tag == "G":
        return _comment(items, at, stop)
    if first in ("which", "who", "where"):
        return relative(items, mark, at, stop)
    return lapse(items, at, stop) or gloss(items, mark, at, stop)


def _now(items: Words, at: int, stop: int) -> bool:
    """`said he would sign, but is now being blamed`: what became of it."""
    two = [item.lower for item in items[at : min(at + 2, stop)]]
    return two in (["is", "now"], ["are", "now"], ["has", "since"], ["have", "since"])


def _looked_into(items: Words, at: int, stop: int) -> bool:
    """`, but the paper has spoken to survivors`: the reporter, who found otherwise."""
    verb = phrase_after(items, at)
    while at < verb < stop and items[verb].tag in ("A", "R"):
        verb += 1
    return at < verb < stop and items[verb].lower in _FINDING and items[at].tag != "I"


_FINDING = lexicon.words("spoken seen verified interviewed found obtained reviewed reached filmed")


def _clause(items: Words, at: int, stop: int) -> bool:
    """Whether a subject that is no pronoun and its verb follow: `as clashes raged`. A pronoun's
    clause is as often a reason that the speaker gives."""
    if at >= stop or items[at].tag == "I":
        return False
    if items[at].lower in ("a", "an", "part", "well", "long", "soon", "far", "if"):
        return False
    return phrase_after(items, at) > at and finite(items, at + 1, stop)


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


def _day_of(items: Words, at: int) -> bool:
    """`On the ninth day of the fighting`: whoever was accused, it was the reporter who counted."""
    told = [item.lower for item in items[at + 1 : at + 5]]
    ordinal = len(told) == 4 and (told[1] in _ORDINALS or told[1][-2:] in ("st", "nd", "rd", "th"))
    return ordinal and told[0] == "the" and told[2] in SPANS and told[3] == "of"


_MEANS = lexicon.words(
    "move bid sign step speech interview statement tweet post message briefing address reference"
    " upsurge escalation outbreak flare-up"
    " response reaction effort attempt comments remarks sentiment echo nod report call letter"
)


def _occasion(items: Words, at: int, stop: int) -> bool:
    """`, in a move that angered Sevria`, `, in an interview with the paper`, `, in the worst
    fighting since 1994`."""
    if not ends_so(items, at, stop):
        return False
    for item in items[at + 1 : min(at + 6, stop)]:
        if item.lower in _MEANS:
            return True
        if item.tag in ("V", "A", "P", "S", ","):
            break
    return phrase_after(items, at + 1) > at + 1 and superlative(items, at + 1)


_TOLLS = lexicon.words("toll total number tally count figure")
_CHANGING = lexicon.words("taking bringing raising pushing putting increasing")
_SCORNING = lexicon.words("disregarding ignoring defying dismissing rejecting rebuffing snubbing")
_WISHES = lexicon.words(
    "calls call appeals appeal demands demand warnings warning pleas pressure criticism efforts"
)
_STIRRING = lexicon.words(
    "fuelling fueling raising sparking stoking prompting dashing deepening drawing triggering"
    " heightening renewing provoking casting"
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
