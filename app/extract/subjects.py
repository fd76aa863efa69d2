"""Whose verb it is: the noun phrase that a verb belongs to, over what may stand between.

All indices are positions in a sentence's items; ends are exclusive.
"""

from dataclasses import dataclass

from app.extract import lexicon
from app.extract.phrases import FAR, SAYING, TURNS, phrase_after, phrase_before
from app.extract.tokens import END, Words


@dataclass(slots=True)
class Subject:
    """What stands before a verb: whose it is and how it is asserted."""

    start: int
    end: int
    negated: bool = False
    modal: str | None = None
    passive: bool = False
    infinitive: bool = False
    auxiliary: bool = False
    shared: bool = False
    """The verb has no subject of its own: that of the verb before it."""
    relative: bool = False
    """The verb is that of a relative clause: `who said`."""
    governor: int | None = None
    """For an infinitive: where the verb stands that it depends on."""

    @property
    def found(self) -> bool:
        return self.end > self.start


def subject(items: Words, verb: int) -> Subject:
    """Whose verb it is: the noun phrase before it, over auxiliaries, adverbs and insertions."""
    place = items.known.get(("subject", verb))
    if place is None:
        place = items.known["subject", verb] = len(items.subjects)
        items.subjects.append(_subject(items, verb))
    found: Subject = items.subjects[place]
    return found


def _subject(items: Words, verb: int) -> Subject:
    found = Subject(0, 0)
    at = verb - 1
    low = max(-1, verb - FAR)
    close = True
    while at > low:
        item = items[at]
        if item.tag == "A":
            if item.lower in lexicon.MODALS:
                found.modal = item.lower
            if item.lower.endswith("n't") or item.lower == "cannot":
                found.negated = True
            found.auxiliary = True
            if close and item.lower in lexicon.BE:
                found.passive = True
            close = False
        elif item.tag == "to":
            found.infinitive = True
            close = False
            if at and items[at - 1].tag in ("V", "E", "G", "W"):
                found.governor = at - 1
            elif at > 1 and items[at - 2].lower in ("went", "goes") and items[at - 1].lower == "on":
                found.governor = at - 2  # `went on to say`
            return found
        elif at > 1 and items[at - 1].lower == "in" and item.lower in TURNS:
            at -= 1  # `and in turn accused`
        elif item.tag == "R" or item.lower in lexicon.NEGATIONS:
            found.negated |= item.lower in ("not", "never", "n't", "nor")
        elif item.tag == "M" and at and items[at - 1].tag == "T":
            pass  # `the ministry on March 3 said`
        elif item.tag == "T":
            if items[at - 1].lower in ("last", "next", "late", "early"):
                at -= 1  # `the ministry last night reported`
            if (
                items[at - 1].tag in ("P", "D")
                and at > 1
                and items[at - 1].lower in ("on", "in", "this")
            ):
                at -= 1
        else:
            break
        at -= 1
    if at < 0 or at <= low:
        return found
    item = items[at]
    if item.tag == "," and items[verb].tag == "G":
        found.shared = True
        return found
    if item.tag in (",", "-", "–", "—", "--") and at > 1:
        found.start, found.end = _over_insertion(items, at)
        if not found.found and item.tag == ",":
            found.shared = True
        return found
    if item.lower in ("who", "which", "that") and item.tag in ("S", "D"):
        end = at - 1 if at and items[at - 1].tag == "," else at
        found.relative = True
        found.start, found.end = phrase_before(items, end), end
        if found.start >= end:
            found.start = found.end = 0
        return found
    if item.tag == "C":
        found.shared = True
        return found
    at -= item.lower in _STAYING and items[at - 1].tag in ("W", "X")
    start = phrase_before(items, at + 1)
    if items[verb].tag == "G" and start > 1:
        start, at = _with(items, start, at)
    start, at = _before_who(items, start) or (start, at)
    if start <= at:
        found.start, found.end = _both(items, start), at + 1
    return found


_STAYING = lexicon.words("working living staying serving sheltering")
"""What those are doing who speak: `sources working there said`."""


def _before_who(items: Words, start: int) -> tuple[int, int] | None:
    """Who is told of, where the words before a verb end a relative clause: `a rebel who fought in
    the war said`."""
    before = items[start - 1] if start > 2 else None
    if before is None or before.tag not in ("P", "V", "E") or before.lower in lexicon.VERBS:
        return None
    for who in range(start - 2, max(0, start - 12), -1):
        if items[who].lower == "who":
            head = phrase_before(items, who)
            return (head, who - 1) if head < who and items[head].tag != "I" else None
        if items[who].tag in (",", ";", ":", "S", "Q", "C", "A") or items[who].lower in SAYING:
            break
    return None


def _both(items: Words, start: int) -> int:
    """Where a headline's subject begins that has a comma for `and`: `Norland, Sevria confirm`."""
    if start < 2 or items[start - 1].tag != "," or items[-1].text in END:
        return start
    first = start - 1
    while first and items[first - 1].tag == "X":
        first -= 1
    return first if first < start - 1 and (not first or items[first - 1].text == ":") else start


def _with(items: Words, start: int, at: int) -> tuple[int, int]:
    """Who does it, in `with one resident, hunkered down in a shelter, exclaiming`."""
    for index in range(start - 1, max(-1, start - 20), -1):
        if items[index].tag in (",", ";", "V", "A"):
            break
        if items[index].lower == "with":
            stop = phrase_after(items, index + 1)
            if index + 1 < stop < start and items[stop].tag in ("E", "P"):
                return index + 1, stop - 1
            break
    return start, at


def _over_insertion(items: Words, comma: int) -> tuple[int, int]:
    """The phrase before `, spokesman for the ministry,` that ends at the second comma."""
    mark = items[comma].text
    opening = _examples(items, comma) or _participle(items, comma) or _members(items, comma)
    if opening:
        return phrase_before(items, opening), opening
    for index in range(comma - 1, max(0, comma - 40), -1):
        if items[index].text == mark:
            opened = items[0].lower in lexicon.OPENING and mark == ","
            if opened and all(item.tag != "," for item in items[:index]):
                return index + 1, comma  # `While Norland left, the mayor of Lund, said`
            start = phrase_before(items, index)
            before = start  # `the deputy of the assembly of the town, Ada Brandt, said`
            while 1 < before < index and items[before - 1].lower == "of":
                before = phrase_before(items, before - 1)
                if items[before].lower != "one" and _office_then_name(items, before, index, comma):
                    return before, comma
            if start < index and _office_then_name(items, start, index, comma):
                named = _named_before(items, start)
                return named or (start, comma)  # `the foreign minister, Ada Brandt, said`
            titled = start < index and (
                items[start].lower in lexicon.TITLES
                or items[start].tag == "D"
                or items[start - 1].tag == "C"
            )
            if (
                titled
                and start > 1
                and items[start - 1].tag in (",", "C")
                and not (start == 2 and items[0].tag == "R")
                and any(item.text == mark for item in items[max(0, start - 25) : start])
            ):
                continue
            if start < index and items[start].tag != "I":
                verbs = any(items[i].tag == "V" for i in range(index + 1, comma))
                verbs &= items[index + 2].lower != "by"  # `the statement, cited by Lemm, said`
                relative = items[index + 1].lower in ("who", "which", "whose", "speaking", "citing")
                if (
                    not verbs
                    or relative
                    or items[index + 1].tag in ("D", "W", "X", "E", "G", "M", "R")
                ):
                    return start, index
            if (
                start == index - 1
                and items[start].tag == "I"
                and items[start].lower in ("he", "she", "they")
            ):
                return start, index
            return 0, 0
    return 0, 0


_TELLING_WHO = ("D", "W", "X", "E", "G", "M", "R")
"""What begins an insertion that says who was named before it."""


def _named_before(items: Words, start: int) -> tuple[int, int] | None:
    """Who is told of before another's office: `Oto Lemm, aide to the mayor, Ada Brandt, said`."""
    if start < 3 or items[start - 1].tag != "," or items[start].tag == "D":
        return None
    first = phrase_before(items, start - 1)
    name = items[first : start - 1]
    return (first, start - 1) if len(name) > 1 and all(item.tag == "X" for item in name) else None


def _examples(items: Words, comma: int) -> int:
    """Where a phrase ends of which some are named: `some states, such as Norland and Sevria, said`;
    0 if none are."""
    told = False
    for at in range(comma - 2, max(0, comma - 30), -1):
        if items[at].lower in ("which", "who") and items[at - 1].tag == ",":
            told = False  # `including Lund, which is led by Norland, said`
            continue
        if items[at].tag in ("S", ";"):
            break
        told |= items[at].tag in ("V", "A")
        if told:
            continue
        two = [item.lower for item in items[at : at + 2]]
        if items[at - 1].tag == "," and (two == ["such", "as"] or two[0] == "including"):
            return at - 1
    return 0


def _members(items: Words, comma: int) -> int:
    """Where a phrase ends whose members are all named: `the envoys of Lund, Ada Brandt of Norland,
    and Oto Lemm of Sevria, said`; 0 if none are."""
    at = comma - 1
    while at > 0 and (items[at].tag in ("X", ",", "C", "D") or items[at].lower in ("of", "from")):
        at -= 1
    first = next((i for i in range(at + 1, comma) if items[i].tag == ","), comma)
    if first + 1 >= comma:
        return 0
    named = items[first + 1 : comma]
    several = any(item.lower == "and" for item in named) and named[0].tag == "X"
    plural = items[at].tag == "W" and items[at].lower.endswith("s")
    of_whom = sum(item.lower in ("of", "from") for item in named) > 1
    return first if plural and several and of_whom else 0


def _participle(items: Words, comma: int) -> int:
    """Where a sentence's first phrase ends if all from there to `comma` hangs on a participle:
    `The council, welcoming the truce, the talks and the envoys, said`; 0 if it does not."""
    first = next((at for at in range(1, min(comma, 20)) if items[at].tag == ","), 0)
    if not first or items[first + 1].tag not in ("G", "E") or phrase_before(items, first) > 1:
        return 0
    for item in items[first + 1 : comma]:
        form = lexicon.VERBS.get(item.lower)
        if item.tag in ("A", "Q") or (item.tag == "V" and not (form and form.kind == "base")):
            return 0
    return first


def _office_then_name(items: Words, start: int, index: int, comma: int) -> bool:
    """Whether a name stands between these commas, of whoever was told by office before them."""
    name = items[index + 1 : comma]
    if not name or not all(item.tag == "X" for item in name):
        return False
    if any(item.lower in lexicon.TITLES for item in items[start:index]):
        return True
    some = items[start].lower in ("a", "an")
    return (
        (some or len(name) > 1)
        and len(name) < 5
        and any(
            item.lower in lexicon.PEOPLE and item.text[0].islower() for item in items[start:index]
        )
    )


def previous_subject(items: Words, verb: int) -> tuple[int, int]:
    """The subject of the nearest verb to the left that has one of its own."""
    for index in range(verb - 1, max(-1, verb - FAR), -1):
        if items[index].tag in ("V", "A") or (items[index].tag == "E" and index > 0):
            found = subject(items, index)
            if (
                found.found
                and not found.infinitive
                and items[found.end - 1].lower not in ("which", "that")
            ):
                return found.start, found.end
    return 0, 0


def main_subject(items: Words, end: int) -> tuple[int, int]:
    """The subject of a sentence's first verb that has one of its own."""
    for index in range(1, min(end, FAR)):
        told = items[index].tag == "E" and items[index - 1].tag in ("X", "I", "R")
        if items[index].tag in ("V", "A") or told:  # `Ada Brandt focused on …, saying`
            found = subject(items, index)
            if found.found and not found.infinitive:
                passive = any(item.lower in lexicon.BE for item in items[index : index + 1])
                passive &= index + 1 < len(items) and items[index + 1].tag in ("E", "V")
                return (0, 0) if passive else (found.start, found.end)
    return 0, 0


def first_subject(items: Words, end: int) -> tuple[int, int]:
    """The subject of a sentence's first verb, where it is a name or a pronoun."""
    for index in range(1, min(end, FAR)):
        if items[index].tag in ("V", "A", "E"):
            found = subject(items, index)
            if (
                found.found
                and not found.infinitive
                and (items[found.end - 1].tag in ("X", "I") or items[found.start].tag == "X")
            ):
                return found.start, found.end
    return 0, 0
