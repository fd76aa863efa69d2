"""Verbs with a hearer or a target, and passive ones: told X that, accused X of, was reported."""

from app.extract import lexicon
from app.extract.clauses import clause_end, infinitive
from app.extract.endings import before_after, before_as, charge_end, phrase_end
from app.extract.lexicon import Verb
from app.extract.phrases import finite, phrase_after, phrase_before
from app.extract.readings import opens
from app.extract.report import WH, Report, named, over_adjuncts, quote_end, quoted
from app.extract.speakers import speaks
from app.extract.subjects import Subject
from app.extract.tokens import Words


def with_object(items: Words, report: Report, verb: Verb, k: int) -> Report | None:
    """`told reporters that`, `urged Ankara to`, `accused Baku of`, `described it as`."""
    frames = verb.frames
    if "s" in frames and items[k].lower == "as":  # which the church describes as a retreat
        return _so_called(items, report, k)
    stop = k + 2 if _each_other(items, k) else phrase_after(items, k)
    if stop <= k:
        return None
    target = (k, stop)
    joined = ("of",) if verb.lemma in ("accuse", "charge") else ("for", "over")
    if "f" in frames:
        index = _charged(items, k, stop, joined)
        if any(
            items[at].lower in joined and _points(items, at + 1)
            for at in range(k, min(stop + 1, len(items)))
        ):
            return None  # `blaming Norland for it`
        if index is not None:
            report.content = [(k, index), (index + 1, charge_end(items, index + 1))]
            return named(report, "verb-target", 0.85)
        for index in range(stop, min(len(items), k + 25)):
            if items[index].lower in ("as", "after", "while", "when") or items[index].tag == "V":
                break
            if items[index].tag == "," and index + 1 < len(items) and items[index + 1].tag == "G":
                break  # `blamed the blast on Norland, accusing it of …`
            if items[index].lower in joined and items[index].tag == "P":
                report.content = [
                    (k, _hearer_end(items, k, index)),
                    (index + 1, charge_end(items, index + 1)),
                ]
                return named(report, "verb-target", 0.85)
        inner = next(
            (
                i
                for i in range(k + 1, stop)
                if items[i].lower in joined and (items[i + 1].tag == "G" or i + 1 == stop - 1)
            ),
            None,
        )
        if inner is None:
            inner = next((i for i in range(k + 1, stop) if items[i].lower in joined), None)
        if inner is not None:
            report.content = [(k, inner), (inner + 1, charge_end(items, inner + 1))]
            return named(report, "verb-target", 0.85)
    if "s" in frames:
        for index in range(stop, min(len(items), k + 20)):
            if items[index].lower == "as":
                report.content = [(k, clause_end(items, index + 1))]
                return named(report, "verb-as", 0.75)
    if stop < len(items) and items[stop].tag == "E":
        stop += 1  # `the countries involved`
    if "o" in frames:
        stop = _hearers(items, stop)
        target = (k, stop)
    if stop >= len(items):
        return None
    owed = verb.lemma == "remind" and any(item.lower == "of" for item in items[k:stop])
    begin = _over_day(items, stop)
    purpose = owed or items[stop - 1].lower == "order"  # `appealed to the court in order to …`
    if (
        "o" in frames
        and not purpose
        and (
            items[begin].tag == "to"
            or _to_quoted(items, begin)
            or (
                items[begin].lower == "not"
                and items[begin + 1 : begin + 2]
                and items[begin + 1].tag == "to"
            )
        )
    ):
        end = before_as(items, begin, phrase_end(items, begin, clause_end(items, begin)))
        end = before_after(items, begin, end)
        report.content = [(k, stop), (begin, end)] if begin > stop else [(k, end)]
        report.addressee = target
        report.act = "demand" if verb.act in ("question", "assertion") else verb.act
        return named(report, "verb-hearer-to", 0.8)
    if "a" not in frames:
        return None
    if verb.lemma == "promise" and not speaks(items, k, stop):
        return None  # `promised aid “in war and in peace”`
    averted = _averted(items, k, stop) if verb.act == "concern" else None
    if averted is not None:
        report.content = [(averted + 1, charge_end(items, averted + 1))]
        report.addressee = (k, averted)
        return named(report, "verb-hearer", 0.8)
    target = (k, _hearer_end(items, k, stop))
    at = over_adjuncts(items, stop)
    if at < len(items) and items[at].tag in (",", ":") and quoted(items, at + 1):
        at += 1
    if at >= len(items):
        return None
    told = verb.lemma in ("tell", "assure", "reassure", "inform", "promise", "warn")
    clause = (
        told
        and items[at].tag in ("D", "X", "I", "W", "M", "E")
        and finite(items, at + 1, len(items))
    )
    if items[at].quote:
        report.content = [(at, quote_end(items, at))]
    elif items[at].lower == "that" and items[at].tag in "SD":
        report.content = [(at + 1, clause_end(items, at + 1))]
    elif (items[at].lower in WH and "w" in frames) or clause:
        report.content = [(at, clause_end(items, at))]
    else:
        return None
    report.addressee = target
    return named(report, "verb-hearer", 0.9)


def _hearers(items: Words, stop: int) -> int:
    """Where a list of hearers ends: `urged Norland, the council and Sevria to leave`."""
    end = stop
    while end + 1 < len(items) and items[end].tag == "," and items[end + 1].tag in ("D", "X", "C"):
        end = max(phrase_after(items, end + 1 + (items[end + 1].tag == "C")), end + 1)
    listed = any(item.lower == "and" for item in items[stop:end])
    done = end < len(items) and (items[end].tag == "to" or _to_quoted(items, end))
    return end if listed and done else stop


def _to_quoted(items: Words, at: int) -> bool:
    """Whether a quotation says what to do: `urged Norland “to do all it can”`."""
    return items[at].quote is not None and items[at].lower.startswith("to ")


def _over_day(items: Words, stop: int) -> int:
    """Past the day: `called on Norland Saturday to leave`."""
    at = stop + (items[stop].lower == "on")
    while at < len(items) - 1 and items[at].tag in ("T", "M"):
        at += 1
    return at if items[at - 1].tag in ("T", "M") and items[at].tag == "to" else stop


def _averted(items: Words, k: int, stop: int) -> int | None:
    """Where it stands what somebody is warned against: `warned Norland against firing`, `warns
    Norland, Sevria against raids`."""
    while stop + 1 < len(items) and items[stop].tag == "," and items[stop + 1].tag == "X":
        stop = phrase_after(items, stop + 1)
    for at in range(k + 1, min(stop + 1, len(items) - 1)):
        if items[at].lower == "against":
            end = clause_end(items, at + 1)
            named = items[at + 1].tag in ("D", "W", "X", "E") and not finite(items, at + 1, end)
            return at if items[at + 1].tag == "G" or named else None
    return None


def _points(items: Words, at: int) -> bool:
    """Whether a word that only points stands there, and nothing behind it."""
    if at >= len(items) or items[at].lower not in ("it", "this", "that", "them"):
        return False
    return at + 1 >= len(items) or not items[at + 1].text[0].isalnum()


def _so_called(items: Words, report: Report, k: int) -> Report | None:
    """`What it calls`, or names before, in `raids that Norland describes as an invasion`."""
    stop = clause_end(items, k + 1)
    at = report.speaker[0] - 1 if report.speaker else -1
    joined = items[at].lower if at > 0 else ""
    if joined == "what":
        report.content = [(k + 1, stop)]
        return named(report, "verb-as", 0.6)
    if joined in ("that", "which"):
        end = at - 1 if items[at - 1].tag == "," else at
        start = phrase_before(items, end)
        if start < end:
            report.content = [(start, end), (k, stop)]
            return named(report, "verb-as", 0.6)
    return None


def _charged(items: Words, k: int, stop: int, joined: tuple[str, ...]) -> int | None:
    """Where the charge begins, in `accused Norland of continued shelling of the port`: at the first
    `of` behind a name, or before an `-ing`."""
    for index in range(k + 1, stop - 1):
        if items[index].lower in joined:
            before, after = items[index - 1], items[index + 1]
            name = before.tag in ("X", "I") and before.lower not in lexicon.TITLES
            place = (
                after.tag == "D" and items[index + 2 : index + 3] and items[index + 2].tag == "X"
            )
            charge = after.tag in ("E", "W", "R", "Q") or (after.tag == "D" and not place)
            if after.tag == "G" or (name and charge):
                return index
    return None


def _hearer_end(items: Words, k: int, stop: int) -> int:
    """Where a hearer ends and the occasion begins: `reporters at 9 p.m.`, `them on Monday`."""
    for index in range(k + 1, stop):
        if items[index].lower in ("at", "on", "in", "during", "after") and any(
            item.tag in ("T", "M") for item in items[index + 1 : index + 3]
        ):
            return index
    return stop


def _each_other(items: Words, k: int) -> bool:
    two = [item.lower for item in items[k : k + 2]]
    if two == ["the", "other"] and k + 2 < len(items):
        return items[k + 2].lower in ("of", "for")
    return two in (["each", "other"], ["one", "another"])


def passive(items: Words, report: Report, verb: Verb, whose: Subject, end: int) -> Report | None:
    """`it was reported that`, `X is said to be`, `X was accused of`, `X was told that`."""
    report.speaker = None
    k = over_adjuncts(items, end)
    if items[report.cue[0]].lower in lexicon.SURE and k < len(items) and items[k].lower == "that":
        return None  # `Lemm is worried that it will rain`: read as what he is sure of
    if k < len(items) and items[k].lower == "by":
        stop = phrase_after(items, k + 1, names=True)
        if "f" in verb.frames:  # `accused by the Ministry of Justice of misleading …`
            charge = (
                i
                for i in range(k + 2, stop)
                if items[i].lower == "of"
                and items[i + 1 : i + 2]
                and items[i + 1].tag in ("G", "Q")
            )
            stop = next(charge, stop)
        if stop > k + 1:
            report.speaker = (k + 1, stop)
            k = stop
    if k >= len(items):
        return None
    item = items[k]
    subject_text = items[whose.start].lower if whose.found else ""
    frames = verb.frames
    if item.lower == "that" and set("tT") & set(frames) and opens(items, k):
        if whose.modal and {"m", "r"} & set(frames):
            return None  # `it can be seen that`
        if report.thought and report.speaker is None and verb.lemma in _SUPPOSED:
            return None  # `it is feared that`: by the reporter too
        report.content = [(k + 1, clause_end(items, k + 1))]
        if "a" in frames and whose.found and subject_text != "it":
            report.addressee = (whose.start, whose.end)
        return named(report, "passive-that", 0.85)
    if not whose.found or subject_text == "it":
        return None
    first = whose.start
    if first > 1 and items[first - 1].lower == "of":  # `one of those soldiers is accused of …`
        first -= 2 if items[first - 2].tag in ("D", "M", "W") else 0
    head = (first, whose.end)
    base = item.tag == "to" and infinitive(items, k)
    if (
        item.tag == "to"
        and base
        and set("tTmo") & set(frames)
        and verb.lemma not in ("expect", "want", "see", "know", "find", "show", "hear", "suppose")
    ):
        report.content = [head, (k, clause_end(items, k))]
        return named(report, "passive-to", 0.7)
    if "f" in frames and item.lower in ("of", "for", "over"):
        end = charge_end(items, k + 1)
        if whose.relative and whose.start <= 1:  # `those who are accused of it were sentenced`
            end = next((i for i in range(k + 2, end) if items[i].tag in ("V", "A")), end)
        report.content = [head, (k + 1, end)]
        return named(report, "passive-target", 0.8)
    if "s" in frames and item.lower == "as":
        report.content = [head, (k, clause_end(items, k))]
        return named(report, "passive-as", 0.65)
    return None


_SUPPOSED = lexicon.words("fear hope expect")


def called(items: Words, report: Report, k: int) -> Report | None:
    """`called the vote "a fantasy"`: what is called so, and what it is called."""
    for at in range(k + 1, min(len(items), k + 12)):
        if items[k].tag == "P":
            break
        if items[at].quote:
            stop = at + 1
            if stop < len(items) and items[stop].lower == "of":
                stop = max(stop, phrase_after(items, stop + 1))
            report.content = [(k, stop)]
            return named(report, "verb-called", 0.75)
        if not items[at].text[0].isalnum() and items[at].tag != "'s":
            break
    return None
