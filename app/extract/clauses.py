"""Where the words that a clause reports end: at the sentence's end, or at another report."""

from app.extract import lexicon
from app.extract.phrases import TURNS, phrase_after
from app.extract.tails import tail
from app.extract.tokens import END, Words


def clause_end(items: Words, start: int, *, shared_cues: bool = True) -> int:
    """Where the reported clause that begins at `start` ends: the sentence's end, or another report.

    It goes on over `and` and commas until words come that report in their own right, or that a
    reporter hangs on.
    """
    return tail(items, start, _clause_end(items, start, shared_cues=shared_cues))


def _clause_end(items: Words, start: int, *, shared_cues: bool) -> int:
    last = _last(items)
    first = start if start < len(items) and items[start].quote else start + 1
    at = _stop(items, first) if shared_cues else _comma_stop(items, first)
    if shared_cues and _told_of(items, start, at):
        at = _stop(items, at + 1)
    if shared_cues and _subject_goes_on(items, start, at):
        at = _stop(items, at + 1)
    closing = _closing(items, start)
    stop = min(at, closing, max(last, start))
    if [item.lower for item in items[max(start, stop - 2) : stop]] == ["as", "well"]:
        stop -= 2  # `, as well as stressed that`
    if stop < last and items[stop].tag == "C" and items[stop - 1].tag == "," and stop - 1 > start:
        stop -= 1
    elif stop < last and items[stop].tag == "C":
        for at in range(stop - 1, max(start, stop - 5), -1):
            if items[at].tag == "," and items[at + 1].lower in ("which", "who"):
                return at  # `…, which Norland and Sevria deny`
    return stop


def _subject_goes_on(items: Words, start: int, at: int) -> bool:
    """Whether no verb stands before `and`: `some groups and units have pledged`."""
    if at + 1 >= len(items) or items[at].tag != "C":
        return False
    return start < at == phrase_after(items, start) and items[at + 1].tag in ("W", "X", "D")


def _told_of(items: Words, start: int, at: int) -> bool:
    """Whether a second verb that reports is that of whoever is told of, and not the reporter's:
    `said that Ada Brandt voiced concern and urged Norland to leave`."""
    if at + 1 >= len(items) or items[at].tag != "C" or items[at - 1].tag == ",":
        return False
    second, verb = at + 1, phrase_after(items, start)
    while items[second].tag == "R" and second + 1 < len(items):
        second += 1
    form = lexicon.VERBS.get(items[verb].lower) if start < verb < at else None
    other = lexicon.VERBS.get(items[second].lower)
    if any(item.lower in ("voiced", "expressed") for item in items[start + 1 : at]):
        return other is not None and other.kind == "past" and items[second].tag == "V"
    return (
        form is not None
        and other is not None
        and items[verb].tag == items[second].tag == "V"
        and form.kind == other.kind
        and any(not {"m", "r"} & set(one.frames) for one in form.verbs)
    )


def _last(items: Words) -> int:
    last = len(items)
    while last and items[last - 1].text in END:
        last -= 1
    colon = last == len(items) > 3 and items[last - 2].text == ":"
    told = any(item.lower in lexicon.VERBS for item in items[max(0, last - 6) : last - 2])
    if colon and not (told and items[last - 1].quote):
        return last - 2  # `Lund has fallen: Live`
    if last == len(items) > 4 and items[last - 2].text in ("-", "–", "—"):
        source = items[last - 1]
        if source.lower in lexicon.DOCUMENTS or source.tag == "X":
            return last - 2  # `Norland regards the raid as a mistake - statement`
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
                or (
                    kind == "stop"
                    and item.tag == "C"
                    and _reports(items, at + 1, last)
                    and not _of_whom(items, at)
                )
                or (
                    item.tag in ("—", "–", "--")
                    and after in ("while", "but", "although")
                    and _reports(items, at + 2, last)
                )
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


def _of_whom(items: Words, at: int) -> bool:
    """Whether `and` joins what those do who are told of: `all who believe and claim that`."""
    return at > 1 and items[at - 1].tag == "V" and items[at - 2].lower in ("who", "which", "that")


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
        told = [item.lower for item in items[at + 1 : at + 4]]
        brief = len(first.text.split()) < 4
        return brief and bool({"said", "reported", "reports"} & set(told)) and last - at < 5
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
    if form and form.kind == "ing" and second.lower == "that" and first.lower != "meaning":
        return True  # `, considering that`
    if (
        form
        and form.kind in ("past", "third", "ing")
        and any("r" not in v.frames and "m" not in v.frames for v in form.verbs)
        and first.tag in ("V", "G")
    ):
        return True
    if first.tag == "C":
        again = second.lower == "renewed" and items[at + 2 : at + 3]
        if again and items[at + 2].lower in ("his", "her", "its", "their"):
            return True  # `, but renewed his call to fight on`
        return _reports(items, at + 1, last)
    if first.lower in _WRITES and second.tag == "X":
        return True  # `, writes the paper`
    if first.lower == "with":
        end = phrase_after(items, at + 1)
        form = lexicon.VERBS.get(items[end].lower) if end < last else None
        return form is not None and form.kind == "ing"
    if first.lower == "as" and any(item.tag == "A" for item in items[at + 1 : at + 3]):
        return True  # `, as it has before`, `, as has its ally`
    if first.lower in ("while", "although", "though", "as", "after", "when"):
        return _reports(items, at + 1, last)
    if _headline_verb(items, at, last):
        return True
    # `, the ministry said` closes the clause
    noun = end = phrase_after(items, at, names=False)
    if at < end < last and items[end].tag == "C":  # `, The Lund and Port Mail reported`
        noun = end = phrase_after(items, end + 1)
    while end < last and items[end].tag in ("R", "A"):
        end += 1
    told_of = any(item.lower in lexicon.BE for item in items[noun:end])  # `, talks are reported`
    if noun > at and end < last and not told_of:
        verb = lexicon.VERBS.get(items[end].lower)
        if items[end].lower == "quoted" and end + 1 >= last:
            return True  # `, the source quoted`
        if verb and verb.kind in ("past", "third") and any("t" in v.frames for v in verb.verbs):
            following = items[end + 1] if end + 1 < len(items) else None
            plain = any("t" in v.frames and "r" not in v.frames for v in verb.verbs)
            if first.tag == "X" and (plain or (verb.kind == "third" and end == at + 1)):
                return True  # `Norland says it won, Sevria says it lost`
            return following is None or following.tag in (
                *(",", ".", "P", "T", "R", "?", "!", ":", "Q"),
            )
    return False


def _headline_verb(items: Words, at: int, last: int) -> bool:
    """Whether a headline's second clause begins: `Norland says it won, Sevria seeks truce`."""
    if last < len(items) or items[at].tag != "X" or len(items) > 20:
        return False
    verb = phrase_after(items, at)
    return (
        at < verb < last
        and items[verb].tag in ("V", "W")
        and items[verb].lower in lexicon.FINITE
        and items[verb].lower.endswith("s")
    )


def _reports(items: Words, at: int, last: int) -> bool:
    """Whether a verb that attributes follows at once, with or without a subject before it."""
    at = over_turn(items, at)
    while at < last and (items[at].tag == "R" or items[at].lower in _HAVE):
        at += 1  # `but has not disclosed`
    if at >= last:
        return False
    if _asks(items, at, last):
        return True
    if items[at].lower == "called" and items[at].tag == "V" and items[at - 1].tag == "C":
        return True  # `and called the raid “a crime”`
    if _cue(items, at):
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
    return at < end < last and items[end].tag == "V" and _cue(items, end)


_WRITES = lexicon.words("writes reports says wrote reported informs")
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
    if item.quote:
        return item.text[0].islower() and at == to + 1  # `pledged to “repel the raid”`
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


def _asks(items: Words, at: int, last: int) -> bool:
    """Whether somebody is asked to do something: `and asked Norland to explain`."""
    form = lexicon.VERBS.get(items[at].lower)
    if form is None or form.kind not in ("past", "third") or items[at].tag != "V":
        return False
    if all("o" not in verb.frames for verb in form.verbs):
        return False
    hearer = phrase_after(items, at + 1)
    return at + 1 < hearer < last and items[hearer].tag == "to"


def _cue(items: Words, at: int) -> bool:
    """Whether a verb that attributes stands there, whole: `point out`, and not `a staff point`."""
    form = lexicon.VERBS.get(items[at].lower)
    after = items[at + 1].lower if at + 1 < len(items) else ""
    return (
        form is not None
        and form.kind in ("past", "third", "base")
        and any("r" not in one.frames and one.particle in (None, after) for one in form.verbs)
    )
