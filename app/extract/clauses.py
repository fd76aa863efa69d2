"""Where the words that a clause reports end: at the sentence's end, or at another report."""

from app.extract import lexicon
from app.extract.phrases import TURNS, phrase_after
from app.extract.tokens import END, Item, Words


def clause_end(items: Words, start: int, *, shared_cues: bool = True) -> int:
    """Where the reported clause that begins at `start` ends: the sentence's end, or another report.

    It goes on over `and` and commas until words come that report in their own right.
    """
    last = _last(items)
    first = start if start < len(items) and items[start].quote else start + 1
    at = _stop(items, first) if shared_cues else _comma_stop(items, first)
    closing = _closing(items, start)
    stop = min(at, closing, max(last, start))
    if stop < last and items[stop].tag == "C" and items[stop - 1].tag == "," and stop - 1 > start:
        stop -= 1
    elif stop < last and items[stop].tag == "C":
        for at in range(stop - 1, max(start, stop - 5), -1):
            if items[at].tag == "," and items[at + 1].lower in ("which", "who"):
                return at  # `…, which Norland and Sevria deny`
    return stop


def _last(items: Words) -> int:
    last = len(items)
    while last and items[last - 1].text in END:
        last -= 1
    if last == len(items) > 3 and items[last - 2].text == ":":
        return last - 2  # `Lund has fallen: Live`
    return last


def _stop(items: Words, start: int) -> int:
    return _next(items, start, "stop")


def _comma_stop(items: Words, start: int) -> int:
    return _next(items, start, "comma")


def _next(items: Words, start: int, kind: str) -> int:
    """The first place from `start` on where a report ends; found for all places at once."""
    if (kind, 0) not in items.known:
        last = following = _last(items)
        for at in range(len(items) - 1, -1, -1):
            item = items[at]
            after = items[at + 1].lower if at + 1 < len(items) else ""
            if at < last and (
                item.tag == ";"
                or (item.tag == "," and _breaks(items, at, last))
                or (kind == "stop" and item.tag == "C" and _reports(items, at + 1, last))
                or (
                    item.lower == "as"
                    and after not in ("a", "an")
                    and _reports(items, at + 1, last)
                )
                or (item.lower == "when" and after in _OCCASION)
            ):
                following = at
            elif at < last and item.quote and item.text[-1] == "," and _breaks(items, at, last):
                following = at + 1
            items.known[kind, at] = following
    return items.known.get((kind, start), len(items))


def _closing(items: Words, start: int) -> int:
    """Where the bracket closes that `start` stands in; the sentence's end, if in none."""
    if ("bracket", 0) not in items.known:
        opened: list[int] = []
        inside: dict[int, int] = {}
        for at, item in enumerate(items):
            if item.text == ")" and opened:
                inside[opened.pop()] = at
            items.known["bracket", at] = opened[-1] if opened else -1
            if item.text == "(":
                opened.append(at)
        for at in range(len(items)):
            items.known["bracket", at] = inside.get(items.known["bracket", at], len(items))
    return items.known.get(("bracket", start), len(items))


def _breaks(items: Words, comma: int, last: int) -> bool:
    """Whether the words after a comma are a report of their own, or the reporter's again."""
    at = comma + 1
    if at >= last:
        return True
    first = items[at]
    second = items[at + 1] if at + 1 < len(items) else items[-1]
    if first.tag == "Q":
        return False
    if first.lower in ("though", "however") and at + 1 >= last:
        return True
    if first.lower == "a" and second.lower in _CHARGES and at + 2 < last:
        return True  # `, a claim that Sevria denies`
    if first.lower == "in" and second.lower == "what":
        return True  # `, in what would be a victory`
    if first.lower == "without" and second.tag == "G":
        return True  # `, without going into details`
    if first.lower == "despite" and any(
        lexicon.NOUNS.get(item.lower, ("", ""))[1] == "denial" for item in items[at : at + 5]
    ):
        return True  # `, despite its repeated denials`
    if first.lower in ("according", "adding", "citing", "saying", "noting", "reports", "whereas"):
        return True
    if first.lower in ("expressing", "voicing"):
        return True
    form = lexicon.VERBS.get(first.lower)
    if (
        form
        and form.kind in ("past", "third", "ing")
        and any("r" not in v.frames and "m" not in v.frames for v in form.verbs)
        and first.tag in ("V", "G")
    ):
        return True
    if first.tag == "C":
        return _reports(items, at + 1, last)
    if first.lower == "with":
        end = phrase_after(items, at + 1)
        form = lexicon.VERBS.get(items[end].lower) if end < last else None
        return form is not None and form.kind == "ing"
    if first.lower == "as" and any(item.tag == "A" for item in items[at + 1 : at + 3]):
        return True  # `, as it has before`, `, as has its ally`
    if first.lower in ("while", "although", "though", "as", "after", "when"):
        return _reports(items, at + 1, last)
    # `, the ministry said` closes the clause
    end = phrase_after(items, at, names=False)
    while end < last and items[end].tag in ("R", "A"):
        end += 1
    if end > at and end < last:
        verb = lexicon.VERBS.get(items[end].lower)
        if verb and verb.kind in ("past", "third") and any("t" in v.frames for v in verb.verbs):
            following = items[end + 1] if end + 1 < len(items) else None
            if first.tag == "X" and any(
                "t" in v.frames and "r" not in v.frames for v in verb.verbs
            ):
                return True  # `Norland says it won, Sevria says it lost`
            return following is None or following.tag in (
                *(",", ".", "P", "T", "R", "?", "!", ":", "Q"),
            )
    return False


def _reports(items: Words, at: int, last: int) -> bool:
    """Whether a verb that attributes follows at once, with or without a subject before it."""
    at = over_turn(items, at)
    while at < last and (items[at].tag == "R" or items[at].lower in _HAVE):
        at += 1  # `but has not disclosed`
    if at >= last:
        return False
    if _cue(items[at]):
        word = items[at].lower
        noun = word in lexicon.NOUNS and word.endswith("s") and items[at - 1].tag == "C"
        listed = noun and items[at - 2].tag == "W" and items[at - 2].lower.endswith("s")
        return items[at].tag in ("V", "E") and not listed  # `discussions and calls to fight`
    told = items[at].lower == "reported" and at + 1 < last
    if told and any(item.lower in lexicon.EVENTS for item in items[at + 1 : at + 4]):
        return True  # `and reported losses`
    withheld = items[at - 1].lower in ("not", "never") or items[at - 1].lower.endswith("n't")
    if withheld and items[at].lower in lexicon.WITHHELD:
        return True
    if items[at].lower in lexicon.VERBS and at + 1 < last and items[at + 1].lower == "that":
        return True
    end = phrase_after(items, at)
    if end == at:
        return False
    if at < end < last and items[end].tag == ",":  # `and its leader, Pia Holm, demanded`
        closing = next((i for i in range(end + 1, min(last, end + 8)) if items[i].tag == ","), end)
        end = closing + 1 if closing > end else end
    while end < last and items[end].tag in ("R", "A"):
        end += 1
    return at < end < last and items[end].tag == "V" and _cue(items[end])


_CHARGES = lexicon.words("claim charge accusation allegation assertion")
_OCCASION = lexicon.words("commenting asked speaking answering responding replying")
_HAVE = lexicon.words("has have had hasn't haven't hadn't did didn't")


def over_turn(items: Words, at: int) -> int:
    """Past `in turn` and the like."""
    two = items[at : at + 2]
    if len(two) == 2 and two[0].lower == "in" and two[1].lower in TURNS:
        return at + 2
    return at


def infinitive(items: Words, to: int) -> bool:
    """Whether a verb follows `to`, and not the thing agreed to: `agreed to a truce`, `to talks`."""
    at = to + 1
    while at < len(items) and items[at].tag == "R":
        at += 1
    if at >= len(items):
        return False
    item = items[at]
    plural = item.lower.endswith("s") and not item.lower.endswith("ss")
    alone = at + 1 >= len(items) or not items[at + 1].text[0].isalnum()
    plural |= item.lower.endswith(("al", "ic", "ive", "ous", "ful", "able", "ary", "an"))
    return item.tag in ("V", "A") or (
        item.tag == "W" and not plural and not (alone and item.lower in _AGREED)
    )


_AGREED = lexicon.words("ceasefire cease-fire truce peace mediation dialogue withdrawal")


def refused(items: Words, at: int) -> bool:
    """Whether the claims at this place are what a verb before them refuses: `dismissed as lies
    claims that it had fled`."""
    for before in range(at - 1, max(-1, at - 12), -1):
        item = items[before]
        if item.tag in (",", ";", ":", "C", "S", "Q"):
            return False
        form = lexicon.VERBS.get(item.lower)
        if form and item.tag in ("V", "G", "E") and form.verbs[0].act == "denial":
            return True
    return False


def charge_end(items: Words, start: int) -> int:
    """Where the words of a charge end: as of a clause, and before what the reporter tells of it.

    `accused Norland of shelling, which has killed 20`: that it did is nobody's charge.
    """
    stop = clause_end(items, start)
    for at in range(start + 1, stop - 1):
        if items[at].lower in ("while", "whilst", "whereas"):
            return at
        told = [item.lower for item in items[at + 1 : at + 4]]
        if items[at].tag == "," and told[0] in ("a", "an") and told[-1] in ("that", "which"):
            return at  # `of breaking the truce, a sign that it is over`
        if items[at].tag == "," and items[at + 1].lower in ("which", "who", "where", "whose"):
            return at
    return before_as(items, start, stop)


def before_as(items: Words, start: int, stop: int) -> int:
    """Where words end that a reporter goes on from: `said it had won as fighting entered its third
    day`. What was said without `that`, or charged, seldom has such a clause of its own."""
    for at in range(start + 3, stop - 2):
        if items[at].lower == "as" and items[at - 1].lower not in ("such", "well", "as", "just"):
            verb = max(phrase_after(items, at + 1), at + 1 + (items[at + 1].tag == "G"))
            while verb < stop and items[verb].tag == "R":
                verb += 1
            tells = at + 1 < verb < stop - 1 and (
                items[verb].tag in ("V", "A")
                or (items[verb].tag == "E" and items[verb + 1].tag in ("D", "X", "I"))
            )
            tells &= items[at + 1].lower not in ("a", "an")
            if tells and not any(item.lower == "as" for item in items[max(start, at - 4) : at]):
                return at
    return stop


def _cue(item: Item) -> bool:
    form = lexicon.VERBS.get(item.lower)
    return (
        bool(form)
        and form is not None
        and form.kind in ("past", "third", "base")
        and any("r" not in verb.frames for verb in form.verbs)
    )
