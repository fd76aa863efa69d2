"""Where phrases and clauses begin and end, without a grammar: by parts of speech and marks.

All indices are positions in a sentence's items; ends are exclusive.
"""

from app.extract import lexicon
from app.extract.tokens import Item, Words, remembered

FAR = 60
"""Items that a phrase is looked for in: what keeps the work linear."""

_NOUNS = frozenset(["W", "X", "M"])
_JOINING = lexicon.words("of in for at from with on to against near under between about")
TURNS = lexicon.words("turn return response reply addition")
SAYING = lexicon.words("said says adding saying added noting according")


def finite(items: Words, start: int, end: int) -> bool:
    """Whether a verb stands there, within reach."""
    return any(item.tag in ("V", "A", "E") for item in items[start : min(end, start + FAR)])


@remembered
def phrase_before(items: Words, end: int) -> int:
    """Where the noun phrase begins that ends before `end`; `end` itself if there is none."""
    at = end - 1
    if at < 0:
        return end
    last = items[at]
    if last.tag == "I":
        some = at > 1 and items[at - 1].lower == "of" and items[at - 2].tag in ("D", "W", "M")
        return at - 2 if some else at
    if last.tag == ")":
        opened = next((i for i in range(at, max(-1, at - FAR), -1) if items[i].text == "("), None)
        return phrase_before(items, opened) if opened else end
    if last.tag not in ("W", "X", "M", "E", "G", "D", "Q"):
        return end
    if last.tag == "Q" and not _nickname(last):
        return end
    if last.tag == "D" and last.lower not in ("both", "many", "some", "others", "all", "several"):
        return end
    listed = False
    while at > 0 and end - at < FAR:
        before = items[at - 1]
        two = items[at - 2] if at > 1 else None
        tag = before.tag
        office = tag == "to" and two is not None and two.lower in lexicon.TITLES
        if tag == "M" and two is not None and two.tag == "T":
            break  # `on November 14 the minister`
        if items[at].tag == "D" and tag not in ("D", "P", "C", "M", ",", "R") and not office:
            break
        if (
            tag in _NOUNS
            or tag == "D"
            or tag == "'s"
            or (
                tag == "R"
                and (
                    before.lower in ("almost", "nearly", "very", "all", "both", "so", "more")
                    or (two is not None and two.tag == "D" and items[at].tag in ("E", "W", "X"))
                )
            )
        ):
            at -= 1
        elif (
            tag == "E"
            and items[at].tag in ("W", "X", "G")
            and (
                two is None
                or two.tag in ("D", "'s", "P", "W", ",", "X", "M")
                or (two.lower.endswith("ly") and not _has_done(items, at - 2))
            )
        ):
            if (
                two is not None
                and two.tag in ("W", "X")
                and at - 1 > 0
                and not _whole(items, at - 1)
                and (before.lower, items[at].lower) != ("armed", "forces")
            ):
                break
            at -= 1
        elif tag in ("E", "V") and items[at].tag == "P" and two is not None and two.tag in _NOUNS:
            if tag == "V" and before.lower not in lexicon.VERBS:
                break
            at -= 1
        elif tag == "G" and two is not None and two.tag in ("D", "'s", "W", "X"):
            at -= 1 if two.tag in ("D", "'s") else 2
        elif (
            tag == "P"
            and two is not None
            and two.tag in ("E", "V")
            and at > 2
            and (
                items[at - 3].tag in _NOUNS
                and not (two.tag == "V" and lexicon.VERBS.get(two.lower) is None)
                and two.lower not in SAYING
            )
        ):
            at -= 3
        elif (
            tag == "P"
            and before.lower in _JOINING
            and two is not None
            and (two.tag in _NOUNS or two.tag in ("Q", ")"))
        ):
            if _named_person(items, at, end) and not _office(two.lower):
                break
            at -= 1
        elif tag == "to" and two is not None and two.tag in _NOUNS and items[at].tag in ("D", "X"):
            at -= 1
        elif tag == "P" and two is not None and two.lower == "from" and at > 2:
            if items[at - 3].tag not in _NOUNS:
                break
            at -= 2  # `witnesses from inside the city`
        elif (
            tag == "C"
            and before.lower in ("and", "or")
            and two is not None
            and (two.tag in _NOUNS or two.tag in (",", ")"))
        ):
            if _verb_before(items, at - 1) and not _two_offices(items, at - 1):
                break
            listed = True
            at -= 1
        elif tag == "P" and at > 3 and [one.lower for one in items[at - 3 : at]] == _AS_WELL:
            if items[at - 4].tag not in _NOUNS:
                break
            at -= 3
        elif tag == ")" and items[at].tag == "C":
            opened = next(
                (i for i in range(at - 1, max(0, at - 6), -1) if items[i].text == "("), at
            )
            if opened == at or items[opened - 1].tag not in _NOUNS:
                break
            at = opened
        elif tag == "," and items[0].lower == "according":
            break  # `According to the army, Norland and Sevria agreed`
        elif tag == "," and _opening(items, at - 1):
            break  # `After days of fighting, Norland and Sevria agreed`
        elif (tag == "," and two is not None and listed and two.tag in ("W", "X")) or (
            tag == "Q" and _nickname(before) and items[at].tag in _NOUNS
        ):
            at -= 1
        else:
            break
    while at < end - 1 and items[at].tag in ("P", "C", ","):
        at += 1
    return at


def _two_offices(items: Words, both: int) -> bool:
    """Whether `and` joins what one person is: `former mayor and State Minister Oto Lemm`."""
    after = [item.lower in lexicon.TITLES for item in items[both + 1 : both + 3]]
    return items[both - 1].lower in lexicon.TITLES and any(after)


def _has_done(items: Words, adverb: int) -> bool:
    """Whether a verb stands behind this adverb: `have repeatedly issued statements`."""
    return adverb > 0 and items[adverb - 1].tag == "A"


_AS_WELL = ["as", "well", "as"]


def _opening(items: Words, comma: int) -> bool:
    """Whether what stands before a comma is a setting, and no first member of a list."""
    first = comma
    while first and comma - first < FAR and items[first - 1].tag != ",":
        first -= 1
    return (items[first].tag == "P" and not first) or (first > 0 and items[first].lower == "due")


def _named_person(items: Words, start: int, end: int) -> bool:
    """Whether `Prime Minister Nikol Pashinyan` or the like stands there whole."""
    return any(
        items[i].lower in lexicon.TITLES
        and items[i + 1].tag == "X"
        and items[i + 1].lower not in lexicon.TITLES | lexicon.COLLECTIVE
        for i in range(start, end - 1)
    )


def _office(word: str) -> bool:
    return word in lexicon.TITLES or word in lexicon.COLLECTIVE or word in lexicon.DOCUMENTS


def _nickname(item: Item) -> bool:
    """Whether a quotation is a word held at a distance, and part of a phrase."""
    return len(item.text.split()) <= 4 and item.text[-1] not in ",.!?…"


def _whole(items: Words, at: int) -> bool:
    """Whether `armed` before `at` may be part of a name phrase that begins the clause."""
    return any(items[i].tag in ("D", "'s") for i in range(max(0, at - 3), at))


_TIMES = lexicon.words("while as after before since when")


def _verb_before(items: Words, end: int) -> bool:
    for index in range(end - 1, max(-1, end - FAR), -1):
        tag = items[index].tag
        if tag in ("V", "A"):
            return True
        if tag == "E" and index and items[index - 1].tag in _NOUNS and items[index + 1].tag != "P":
            return True
        if tag in (";", ":", "S", "—", "–") or items[index].lower in _TIMES:
            return False
    return False


def phrase_after(items: Words, start: int, *, names: bool = False) -> int:
    """Where the noun phrase ends that begins at `start`; `start` itself if there is none.

    With `names`, capitalised words and titles only go on after a preposition or `and`.
    """
    return _named_after(items, start) if names else _after(items, start)


@remembered
def _after(items: Words, start: int) -> int:
    return _phrase_after(items, start, names=False)


@remembered
def _named_after(items: Words, start: int) -> int:
    return _phrase_after(items, start, names=True)


def _phrase_after(items: Words, start: int, *, names: bool) -> int:
    at = start
    last = min(len(items), start + FAR)
    if at < last and items[at].tag == "I":
        return at + 1
    seen = False
    while at < last:
        item = items[at]
        tag = item.tag
        after = items[at + 1] if at + 1 < last else None
        if tag == "D" and not seen and after is not None and after.lower == "of":
            seen = True  # `one of the protesters`
            at += 1
            continue
        if tag == "D" and seen and items[at - 1].tag not in ("P", "C", "D", "to", "'s", "R"):
            break
        if tag in _NOUNS:
            seen = True
            at += 1
        elif (
            tag in ("D", "'s")
            or (tag == "R" and not seen)
            or (
                tag in ("E", "G")
                and after is not None
                and after.tag in _NOUNS
                and not (
                    seen
                    and tag == "E"
                    and items[at - 1].tag in _NOUNS
                    and not items[at - 1].text[0].isupper()
                )
            )
        ):
            at += 1
        elif (
            tag == "P"
            and seen
            and item.lower in _JOINING
            and after is not None
            and (
                after.tag in ("W", "X", "D", "M")
                or after.tag in ("E", "G")
                or (after.tag == "Q" and len(after.text) < 60)
            )
        ):
            if (
                item.lower in ("on", "in", "at", "about", "to", "from", "against")
                and names
                and not _titled(items, start, at)
            ):
                break
            at += 1
        elif tag == "to" and seen and after is not None and after.tag in ("D", "X"):
            at += 1
        elif (
            tag == "C"
            and seen
            and item.lower in ("and", "or")
            and after is not None
            and (after.tag in ("X", "D", "W", "M"))
        ):
            stop = phrase_after(items, at + 1, names=names)
            pair = any(one.lower == "between" for one in items[max(start, at - 6) : at])
            if (
                stop < len(items)
                and items[stop].tag in ("V", "A", "R")
                and items[stop].lower not in lexicon.ADVERBS
                and not pair
            ):
                break
            at += 1
        elif tag == "Q" and _nickname(item):
            seen = True
            at += 1
        elif tag == "(":
            closed = next((i for i in range(at, last) if items[i].text == ")"), None)
            if closed is None or closed - at > 8:
                break
            at = closed + 1
        else:
            break
    while at > start and items[at - 1].tag in ("D", "P", "C", "R", "to"):
        at -= 1
    return at if seen else start


def _titled(items: Words, start: int, end: int) -> bool:
    """Whether an office has just been named, whose place may follow: `ambassador to`."""
    last = items[end - 1].lower
    return last in lexicon.TITLES or last in lexicon.COLLECTIVE or end - start <= 1
