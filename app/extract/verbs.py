"""Reports by a verb: said that, told X that, denied, accused X of, it was reported that, said X."""

from collections.abc import Iterator

from app.extract import lexicon
from app.extract.behind import as_said, behind
from app.extract.clauses import clause_end, refused
from app.extract.lexicon import Verb
from app.extract.objects import passive, with_object
from app.extract.phrases import (
    FAR,
    Subject,
    finite,
    phrase_after,
    phrase_before,
    previous_subject,
    subject,
)
from app.extract.report import WH, Range, Report, named, over_adjuncts, quote_end, quoted
from app.extract.tokens import Words


def read(items: Words) -> Iterator[Report]:
    """The reports of a sentence that its verbs make, in order."""
    for at, item in enumerate(items):
        form = lexicon.VERBS.get(item.lower)
        if form is None or item.quote:
            continue
        if item.tag not in ("V", "E", "G") or _not_a_verb(items, at, form.kind):
            continue
        after = items[at + 1].lower if at + 1 < len(items) else ""
        verbs = [v for v in form.verbs if v.particle is None or v.particle == after]
        if not verbs:
            continue
        whose = subject(items, at)
        for verb in verbs[:1] if verbs[0].particle else verbs:
            found = _read(items, at, form.kind, verb, whose)
            if found:
                yield found
                break


def _not_a_verb(items: Words, at: int, kind: str) -> bool:
    before = items[at - 1] if at else None
    if before is None:
        return kind != "ing"
    if before.tag in ("D", "'s", "P") and kind != "ing":
        return True
    if kind in ("base", "third") and items[at].lower in lexicon.NOUNS:
        start = phrase_before(items, at)  # rejected Sevrian claims that …
        if 0 < start < at and items[start - 1].tag in ("V", "E", "P"):
            return True
        if refused(items, at):
            return True
    return before.tag == "M" and kind in ("base", "third")


def _read(items: Words, at: int, kind: str, verb: Verb, whose: Subject) -> Report | None:
    frames = verb.frames
    end = at + (2 if verb.particle else 1)
    report = Report("", 0.0, (at, end), [], lemma=verb.lemma, act=verb.act, thought="m" in frames)
    _assertion(items, report, whose, kind)
    if kind in ("past", "participle") and whose.passive:
        return passive(items, report, verb, whose, end)
    if kind == "base" and not (whose.found or whose.infinitive or whose.shared):
        return None
    if kind == "ing" and items[at - 1].tag in ("P", "D", "'s", "S") and at:
        return None
    if kind == "participle" and not whose.auxiliary:
        return None
    if whose.governor and _what_for(items, whose.governor):
        return None
    return _active(items, report, verb, whose, end, kind)


def _what_for(items: Words, noun: int) -> bool:
    """Whether `to` says what a thing is for, and nobody's report: `use the text to deny it`."""
    return (
        items[noun].tag == "W"
        and items[noun - 1].tag in ("D", "'s")
        and items[noun].lower not in lexicon.TITLES
    )


def _assertion(items: Words, report: Report, whose: Subject, kind: str) -> None:
    """What the words before the verb make of it: negated, only possible, refused."""
    if report.act == "denial":
        report.polarity = "negated"
    if whose.negated or (whose.found and items[whose.start].lower in _NOBODY):
        report.factuality = "not_said"
    elif whose.modal:
        report.factuality = (
            "expected" if whose.modal in ("will", "'ll", "shall") else "hypothetical"
        )
    elif whose.infinitive:
        governor = items[whose.governor].lower if whose.governor is not None else ""
        if governor in ("refused", "declined", "failed", "refuses", "declines", "refusing"):
            report.factuality = "not_said"
        elif governor in ("went", "continued", "used"):
            report.factuality = "actual"
        else:
            report.factuality = "hypothetical"
    if kind == "base" and report.factuality == "actual" and not (whose.found or whose.shared):
        report.factuality = "other"


_NOBODY = lexicon.words("neither nobody none no")


def _speaker(items: Words, report: Report, whose: Subject, at: int) -> None:
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
        start, end = previous_subject(items, at)
        if whose.shared and items[at].tag != "G":
            start, end = _coordinate(items, at) or (start, end)
        if end > start:
            report.speaker = (start, end)
        report.previous = end <= start or items[at].tag == "G"


def _coordinate(items: Words, verb: int) -> Range | None:
    """Whose verb it is after `and`: `Norland denied it was there and accused Sevria of it`."""
    for at in range(verb - 1, max(-1, verb - FAR), -1):
        form = lexicon.VERBS.get(items[at].lower)
        if items[at].tag == "V" and form and all("r" not in one.frames for one in form.verbs):
            whose = subject(items, at)
            if whose.found and not whose.infinitive and clause_end(items, at) < verb:
                return whose.start, whose.end
    return None


def _active(
    items: Words, report: Report, verb: Verb, whose: Subject, end: int, kind: str
) -> Report | None:
    at = report.cue[0]
    _speaker(items, report, whose, at)
    frames = verb.frames
    weak = "r" in frames
    k = over_adjuncts(items, end)
    if verb.lemma == "read" and not _document(items, report) and not _read_so(items, at):
        return None
    if "q" in frames and _between(items, report, whose, k):
        found = behind(items, report, verb, whose, k)
        if found:
            return found
    if k < len(items) and items[k].text in (",", ":", "—", "–", "-") and quoted(items, k + 1):
        k += 1
    if k >= len(items):
        return behind(items, report, verb, whose, k)
    item = items[k]
    # --- a quotation at once
    hearer = verb.lemma == "tell" and k + 1 < len(items) and items[k + 1].lower == "that"
    if item.quote and "q" in frames + "t" and not hearer:
        stop = quote_end(items, k)
        report.content = [(k, stop)]
        return named(report, "verb-quote", 0.93 if not weak else 0.85)
    if item.text == ":" and ("q" in frames or "t" in frames) and k + 1 < len(items):
        report.content = [(k + 1, clause_end(items, k + 1))]
        return named(report, "verb-colon", 0.8)
    loose = kind == "ing" and not whose.found and at and items[at - 1].tag not in (",", "C")
    if loose and report.speaker is None:
        return None
    # --- that, whether
    if item.lower == "that" and set("tTa") & set(frames) and _opens(items, k):
        report.content = [(k + 1, clause_end(items, k + 1))]
        return named(report, "verb-that", 0.92 if not weak else 0.8)
    if (
        item.lower in WH
        and "w" in frames
        and (item.lower != "if" or verb.lemma in ("ask", "wonder", "know"))
    ):
        report.content = [(k, clause_end(items, k))]
        report.act = (
            "question" if verb.lemma in ("ask", "wonder", "inquire", "enquire") else report.act
        )
        return named(report, "verb-whether", 0.75)
    # --- claims that are refused
    if verb.act == "denial":
        inner = _refused(items, k)
        if inner:
            report.content = [inner]
            return named(report, "verb-refused", 0.85)
    # --- to
    if item.tag == "to" and "i" in frames:
        report.content = [(k, clause_end(items, k))]
        if weak and verb.lemma in ("plan", "want", "aim", "prefer", "offer", "begin", "expect"):
            return None
        return named(report, "verb-to", 0.7)
    if whose.found and whose.start and items[whose.start - 1].lower == "as":
        found = as_said(items, report, whose, k)
        if found:
            return found
    # --- the words stand before: “…”, he said; the army withdrew, he said
    if "q" in frames or ("t" in frames and not weak):
        found = behind(items, report, verb, whose, k)
        if found:
            return found
    if verb.lemma == "call":
        return _called(items, report, k)
    # --- a hearer or a target
    if set("aofs") & set(frames):
        found = with_object(items, report, verb, k)
        if found:
            return found
    if "t" in frames and _begins_clause(items, k):
        stop = clause_end(items, k)
        has_verb = finite(items, k + 1, stop)
        wordy = not weak and not report.thought and stop - k > 2
        shown = has_verb and _findings(items, report)
        if report.speaker is None and not whose.modal:
            return None
        if (has_verb or wordy) and (not weak or shown or _clause_follows(items, k, stop)):
            report.content = [(k, stop)]
            return named(report, "verb-clause", 0.88 if not weak else 0.6)
    if "n" in frames and item.tag in ("D", "W", "X", "M", "E", "G", "Q"):
        stop = clause_end(items, k)
        if weak and verb.lemma not in ("reject", "dismiss"):
            return None
        report.content = [(k, stop)]
        return named(report, "verb-noun", 0.7)
    stop = phrase_after(items, k)
    if verb.lemma == "report" and any(one.lower in _EVENTS for one in items[k:stop]):
        report.content = [(k, stop)]
        return named(report, "verb-events", 0.7)
    if verb.lemma == "report" and item.tag == "M":
        report.content = [(k, clause_end(items, k))]
        return named(report, "verb-figure", 0.7)
    about = item.tag == "P" and item.lower in ("of", "about", "for", "over", "against")
    about |= verb.lemma == "insist" and item.lower == "on"
    if "p" in frames and about and k + 1 < len(items):
        report.content = [(k + 1, clause_end(items, k + 1))]
        return named(report, "verb-of", 0.7)
    return None


def _refused(items: Words, k: int) -> Range | None:
    """The clause in `rejects claims (that) it was there`: what is refused, and no claim of its own.

    None where it is somebody's claim: that is a report within the refusal.
    """
    at = k
    while at < min(len(items), k + 4) and items[at].tag in ("D", "W", "E", "G", "R"):
        if items[at].lower in _CHARGES:
            break
        at += 1
    if at + 2 >= len(items) or items[at].lower not in _CHARGES:
        return None
    start = at + 1
    if items[start].lower == "that" and items[start].tag in "SD":
        start += 1
    elif items[start].tag not in ("D", "X", "I", "W", "M") or not _clause_follows(
        items, start, len(items)
    ):
        return None
    return start, clause_end(items, start)


_CHARGES = lexicon.words(
    "claim claims accusation accusations allegation allegations assertion assertions report reports"
    " suggestion suggestions charge charges idea notion"
)


def _read_so(items: Words, at: int) -> bool:
    """`“…,” reads the statement`."""
    stop = phrase_after(items, at + 1)
    return (
        at > 0
        and items[at - 1].quote is not None
        and any(item.lower in lexicon.DOCUMENTS for item in items[at + 1 : stop])
    )


def _begins_clause(items: Words, k: int) -> bool:
    """Whether a clause without `that` may begin here: with a noun phrase, or with a number."""
    item = items[k]
    if item.tag in ("D", "W", "X", "M", "I", "G", "E", "Q") or item.lower in ("there", "no"):
        return True
    if item.lower == "in" and k + 1 < len(items) and items[k + 1].lower in ("all", "total"):
        return True
    return item.lower in _BEFORE_NUMBERS and any(
        one.tag == "M" or one.lower in _NUMBERS for one in items[k + 1 : k + 4]
    )


_BEFORE_NUMBERS = lexicon.words(
    "almost nearly about over around at up between under close some only roughly approximately"
)
_NUMBERS = lexicon.words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    " hundred thousand dozen dozens scores hundreds thousands million millions half"
)


def _called(items: Words, report: Report, k: int) -> Report | None:
    """`called the vote "a fantasy"`: what is called so, and what it is called."""
    for at in range(k + 1, min(len(items), k + 12)):
        if items[at].quote:
            report.content = [(k, at + 1)]
            return named(report, "verb-called", 0.75)
        if not items[at].text[0].isalnum() and items[at].tag != "'s":
            break
    return None


_EVENTS = lexicon.words(
    "clashes fighting shelling casualties losses attacks explosions violations deaths gunfire"
)
_FOUND = lexicon.DOCUMENTS | lexicon.words(
    "results findings scientists researchers investigators polls studies surveys reports estimates"
    " analysts doctors"
)


def _findings(items: Words, report: Report) -> bool:
    """Whether a study or those who made one are the subject: what they show is a clause."""
    if report.speaker is None:
        return False
    start, end = report.speaker
    return any(item.lower in _FOUND for item in items[start:end])


def _document(items: Words, report: Report) -> bool:
    """Whether a document, and not a person, reads so."""
    return report.speaker is not None and any(
        item.lower in lexicon.DOCUMENTS for item in items[report.speaker[0] : report.speaker[1]]
    )


def _between(items: Words, report: Report, whose: Subject, k: int) -> bool:
    """Whether the verb stands between two parts of one quotation: “…”, she said, “…”."""
    left = whose.start if whose.found else report.cue[0]
    if k >= len(items) or left == 0:
        return False
    before = items[left - 1]
    return before.quote is not None or (
        before.tag == "," and left > 1 and items[left - 2].quote is not None
    )


def _opens(items: Words, that: int) -> bool:
    """Whether `that` opens a clause and does not point: `denied that claim`."""
    after = items[that + 1] if that + 1 < len(items) else None
    return after is not None and after.text not in (".", ",")


def _clause_follows(items: Words, k: int, stop: int) -> bool:
    """Whether a subject and then its verb follow at once: what a weak verb needs."""
    end = phrase_after(items, k)
    while end < stop and items[end].tag == "R":
        end += 1
    return k < end < stop and items[end].tag in ("V", "A")
