"""Whose report it is, where the verb's own subject does not say: shared, led, or cited."""

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.phrases import FAR, phrase_after, phrase_before
from app.extract.report import Range, Report
from app.extract.speakers import speaks
from app.extract.subjects import Subject, main_subject, previous_subject, subject
from app.extract.tokens import Words


def take_speaker(items: Words, report: Report, whose: Subject, at: int) -> None:
    if whose.found:
        report.speaker = (whose.start, whose.end)
    elif whose.infinitive and whose.governor is not None:
        outer = subject(items, whose.governor)
        start, end = (
            (outer.start, outer.end) if outer.found else previous_subject(items, whose.governor)
        )
        if items[whose.governor].lower in lexicon.TITLES | lexicon.COLLECTIVE:
            # `which led Norland's president to vow`: it is he who vows
            end = whose.governor + 1
            start = phrase_before(items, end)
        if end > start:
            report.speaker = (start, end)
    else:
        start, end = previous_subject(items, at) if at else _main_behind(items)
        if whose.shared and items[at].tag != "G":
            start, end = _coordinate(items, at) or (start, end)
        elif items[at].tag == "G":
            first = main_subject(items, at)
            if speaks(items, *first):
                start, end = first
        if end > start:
            report.speaker = (start, end)
        report.previous = end <= start or items[at].tag == "G"


def _main_behind(items: Words) -> Range:
    """Whose main clause follows its first words: `Stressing that it rained, Lemm said …`."""
    if items[0].tag != "G":
        return 0, 0
    for comma in range(1, min(len(items) - 2, FAR)):
        stop = phrase_after(items, comma + 1) if items[comma].tag == "," else 0
        told = lexicon.VERBS.get(items[stop].lower) if comma + 1 < stop < len(items) else None
        if told and items[stop].tag == "V" and speaks(items, comma + 1, stop):
            return comma + 1, stop
    return 0, 0


def _coordinate(items: Words, verb: int) -> Range | None:
    """Whose verb it is after `and`: `Norland denied it was there and accused Sevria of it`."""
    for at in range(verb - 1, max(-1, verb - FAR), -1):
        form = lexicon.VERBS.get(items[at].lower)
        told = form and all("r" not in one.frames for one in form.verbs)
        if items[at].tag == "V" and form and told and _one_time(items, at, verb):
            whose = subject(items, at)
            aside = whose.start > 0 and items[whose.start - 1].lower in ("what", "which", "that")
            if aside and items[whose.start].tag == "I":
                continue  # `began what it calls a march and demanded …`
            if whose.found and not whose.infinitive and clause_end(items, at) < verb:
                return whose.start, whose.end
    return None


def _one_time(items: Words, at: int, verb: int) -> bool:
    """Whether two verbs can be joined: `said that it deplores the raids and called for talks` is
    not what it deplores and calls for."""
    kinds = {form.kind for form in (lexicon.VERBS.get(items[i].lower) for i in (at, verb)) if form}
    return not ("third" in kinds and "past" in kinds)


def cited(items: Words, report: Report) -> Range | None:
    """Whom an agency `reports citing`: they said it, and not the agency."""
    end = report.cue[1]
    while end < len(items) and (items[end].tag in ("T", "M") or items[end].lower == "on"):
        end += 1
    if report.lemma not in ("report", "write", "say") or end + 2 >= len(items):
        return None
    if [item.lower for item in items[end : end + 2]] == ["referring", "to"]:
        end += 1
    elif items[end].lower not in ("citing", "quoting"):
        return None
    stop = phrase_after(items, end + 1)
    return (end + 1, stop) if speaks(items, end + 1, stop) else None
