"""Reports by a verb: said that, told X that, denied, accused X of, it was reported that, said X."""

from collections.abc import Iterator

from app.extract import lexicon
from app.extract.behind import as_said, behind
from app.extract.clauses import clause_end, infinitive
from app.extract.endings import before_after, before_as, phrase_end
from app.extract.lexicon import Verb
from app.extract.objects import called, passive, with_object
from app.extract.phrases import phrase_after
from app.extract.readings import (
    CHARGES,
    GOING_ON,
    SHOWN,
    begins_clause,
    between,
    clause_follows,
    document,
    findings,
    its_own,
    led,
    not_a_verb,
    opens,
    read_so,
    refused_claim,
    reporters_own,
    says_so,
    what_for,
)
from app.extract.report import WH, Report, named, over_adjuncts, quote_end, quoted
from app.extract.speakers import speaks
from app.extract.subjects import Subject, subject
from app.extract.tokens import END, Words
from app.extract.voiced import VOICING, voiced
from app.extract.whose import cited, take_speaker
from app.extract.wording import (
    before_main,
    denied,
    main_to_come,
    only_named,
    only_spoken,
    over_occasion,
    over_setting,
    relative_end,
    renewed,
    thing_end,
    whole_clause,
)


def read(items: Words) -> Iterator[Report]:
    """The reports of a sentence that its verbs make, in order."""
    for at, item in enumerate(items):
        form = lexicon.VERBS.get(item.lower)
        if form is None or item.quote:
            continue
        if item.tag not in ("V", "E", "G") or not_a_verb(items, at, form.kind):
            continue
        after = items[at + 1].lower if at + 1 < len(items) else ""
        if item.tag != "G" and after in ("again", "also") and at + 2 < len(items):
            after = items[at + 2].lower  # `called again for`
        verbs = [v for v in form.verbs if v.particle is None or v.particle == after]
        if not verbs:
            continue
        whose = subject(items, at)
        for verb in verbs[:1] if verbs[0].particle else verbs:
            found = _read(items, at, form.kind, verb, whose)
            if found:
                found.content = before_main(items, found)
                found.speaker = cited(items, found) or found.speaker
                yield found
                break


def _read(items: Words, at: int, kind: str, verb: Verb, whose: Subject) -> Report | None:
    frames = verb.frames
    if whose.found and at and items[at - 1].tag == "," and kind in ("past", "third"):
        stop = phrase_after(items, at + 1)
        if not speaks(items, whose.start, whose.end) and speaks(items, at + 1, stop):
            whose = Subject(0, 0, shared=True)  # `it was calm, with no raids, said the mayor`
    end = at + 1
    if verb.particle:
        end += 1 if items[at + 1].lower == verb.particle else 2
    report = Report("", 0.0, (at, end), [], lemma=verb.lemma, act=verb.act, thought="m" in frames)
    _assertion(items, report, whose, kind)
    by = end < len(items) and items[end].lower == "by"
    if kind in ("past", "participle") and (
        whose.passive or (by and "s" in frames and whose.found and not whose.auxiliary)
    ):
        return passive(items, report, verb, whose, end)
    joined = at > 2 and items[at - 2].tag == "V" and items[at - 1].tag == "C"
    if whose.shared and joined and items[at - 3].lower in ("who", "which", "that"):
        return None  # `all who believe and claim that …`
    if kind == "base" and not (whose.found or whose.infinitive or whose.shared):
        return None
    # `before stressing that` is told; `by stressing`, `the stressing`, `evaded saying` are not
    if (
        kind == "ing"
        and at
        and items[at - 1].tag in ("P", "D", "'s", "S", "V", "E")
        and items[at - 1].lower not in GOING_ON
        and not (items[at - 1].lower in ("before", "after", "while") and says_so(items, end))
    ):
        return None
    if verb.lemma == "charge" and end < len(items) and items[end].lower == "with":
        return None  # `the envoys charged with mediating`
    if kind == "ing" and verb.lemma == "understand":
        return None  # `the mutual understanding that`
    if kind == "participle" and not whose.auxiliary:
        return None
    if whose.governor and what_for(items, whose.governor):
        return None
    if whose.infinitive and whose.governor is None and not led(items, at):
        return None  # `met the envoys to ask them …`: what for
    aim = kind == "ing" and whose.start > 2 and items[whose.start - 1].tag in ("P", "to")
    if aim and items[whose.start - 1].lower not in ("with", "by"):
        first = phrase_after(items, 0)  # `they marched to the gate demanding …`
        if items[first].tag in ("V", "E", "R") and speaks(items, 0, first):
            whose = Subject(0, first)
    if kind == "ing" and whose.found and not speaks(items, whose.start, whose.end):
        whose = Subject(0, 0, shared=True)  # `banned the convoys alleging …`: not the convoys
    if kind == "ing" and whose.found and whose.start and items[whose.start - 1].tag in ("V", "E"):
        whose = Subject(0, 0, shared=True)  # `blocked the road alleging …`: not the road
    found = _active(items, report, verb, whose, end, kind)
    loose = kind == "ing" and at and items[at - 1].tag not in (",", "C")
    if (
        found
        and loose
        and (
            found.rule in ("verb-as", "verb-to")
            or (found.rule == "verb-clause" and "n" not in frames)
        )
    ):
        return None  # `witnesses testifying at the hearing were …`
    known = verb.lemma in ("say", "tell") or (found and found.rule.startswith("quote"))
    if found and found.speaker and not known:
        return found if speaks(items, *found.speaker) else None
    return found


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
        elif governor in GOING_ON or governor in ("went", "used"):
            report.factuality = "actual"
        else:
            report.factuality = "hypothetical"
    if (
        kind == "base"
        and report.factuality == "actual"
        and not (whose.found or whose.shared or whose.infinitive)
    ):
        report.factuality = "other"


_NOBODY = lexicon.words("neither nobody none no")


def _active(
    items: Words, report: Report, verb: Verb, whose: Subject, end: int, kind: str
) -> Report | None:
    at = report.cue[0]
    take_speaker(items, report, whose, at)
    frames = verb.frames
    weak = "r" in frames
    k = over_adjuncts(items, end)
    if verb.lemma in VOICING:
        return voiced(items, report, k)
    if verb.lemma == "read" and not document(items, report) and not read_so(items, at):
        return None
    if "q" in frames and between(items, report, whose, k):
        found = behind(items, report, verb, whose, k)
        if found:
            return found
    if k < len(items) and items[k].text in (",", ":", "—", "–", "-") and quoted(items, k + 1):
        k += 1
    if k >= len(items):
        return behind(items, report, verb, whose, k)
    k = over_occasion(items, k, whose)
    if [one.lower for one in items[k : k + 2]] == ["the", "following"] and quoted(items, k + 3):
        k += 2  # `said the following: “…”`
    item = items[k]
    # --- a quotation at once
    if item.text == ":" and quoted(items, k + 1) and "q" in frames:
        k += 1
        item = items[k]
    hearer = verb.lemma == "tell" and k + 1 < len(items) and items[k + 1].lower == "that"
    if item.quote and "q" in frames + "t" and not hearer:
        stop = quote_end(items, k)
        if verb.lemma == "cite" and stop > k + 1:
            return None  # `cited “scores of films” posted that day`: evidence, and no words
        report.content = [(k, stop)]
        return named(report, "verb-quote", 0.93 if not weak else 0.85)
    if item.text == ":" and ("q" in frames or "t" in frames) and k + 1 < len(items):
        report.content = [(k + 1, clause_end(items, k + 1))]
        return named(report, "verb-colon", 0.8)
    loose = kind == "ing" and not whose.found and at and items[at - 1].tag not in (",", "C")
    if loose and report.speaker is None:
        return None
    # --- that, whether
    told = items[at].tag == "G" and verb.lemma in ("indicate", "suggest", "imply")
    if told or (verb.lemma in ("show", "demonstrate") and not findings(items, report)):
        return None  # things show something; they do not say it
    if item.lower == "that" and set("tTa") & set(frames) and opens(items, k):
        if only_spoken(items, report, k):
            return None
        report.content = [(k + 1, reporters_own(items, report, k + 1))]
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
        inner = refused_claim(items, k)
        if inner:
            report.content = [inner]
            return named(report, "verb-refused", 0.85)
    # --- to
    if item.tag == "to" and "i" in frames and infinitive(items, k):
        report.content = [(k, phrase_end(items, k, reporters_own(items, report, k)))]
        if weak and verb.lemma in ("plan", "want", "aim", "prefer", "offer", "begin", "expect"):
            return None
        if report.speaker is not None and not speaks(items, *report.speaker):
            return None  # `the conflict threatens to spread`
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
        return called(items, report, k)
    # --- a hearer or a target
    if set("aofs") & set(frames):
        found = with_object(items, report, verb, k)
        if found:
            return found
    if any(one.lower in ("news", "details") for one in items[k : k + 3]):
        return None  # `announced details of the talks`
    after = items[k + 1].tag if k + 1 < len(items) else "."
    if verb.act == "denial" and item.lower in ("this", "it", "that") and after == "C":
        return None  # `denied this and said …`
    if renewed(items, k):
        return None  # `reiterated his call for talks`: read from the noun
    if item.lower in ("this", "it", "them") and after in ("P", "T", "to", ",", "."):
        return None  # `announced this in Lund`
    if any(one.lower in ("life", "lives") for one in items[k : k + 4]) and verb.lemma == "claim":
        return None  # `claimed hundreds of lives`
    if only_spoken(items, report, k):
        return None
    begin = k
    if "t" in frames and not weak and item.tag == "P":
        k = over_setting(items, k)  # `says at this rate, there will be …`
    if "t" in frames and begins_clause(items, k):
        stop = clause_end(items, k)
        has_verb = whole_clause(items, k, stop)
        if "n" in frames and main_to_come(whose):  # `those who demand a vote have left`
            has_verb, stop = False, relative_end(items, k, stop)
        wordy = not weak and not report.thought and stop - k > 2
        wordy &= verb.lemma not in SHOWN or report.factuality == "not_said"
        wordy &= "n" in frames or verb.lemma in ("say", "claim") or items[-1].text not in END
        shown = has_verb and findings(items, report)
        if verb.lemma in SHOWN and report.factuality != "not_said":
            has_verb = clause_follows(items, k, stop)
        if report.speaker is None and not whose.modal:
            return None
        if not has_verb:
            stop = thing_end(items, k, stop)
            if verb.act == "denial":
                stop = denied(items, k, stop)
        if (has_verb or wordy) and (not weak or shown or clause_follows(items, k, stop)):
            report.content = [(begin, before_as(items, k, stop))]
            return named(report, "verb-clause", 0.88 if not weak else 0.6)
    if verb.lemma in SHOWN and report.factuality != "not_said":
        return None  # `revealed photos`, `declared martial law`: nothing that is said
    claimed = item.lower == "that" and k + 1 < len(items) and items[k + 1].lower in CHARGES
    if claimed and verb.act == "denial":
        report.content = [(k, k + 2)]
        return named(report, "verb-noun", 0.7)  # `has rejected that claim`
    if verb.lemma == "dispute" and (item.tag == "W" or whose.relative):
        return None  # `the disputed region`
    if "n" in frames and item.tag in ("D", "W", "X", "M", "E", "G", "Q"):
        stop = clause_end(items, k)
        if main_to_come(whose):
            stop = relative_end(items, k, stop)
        if only_named(items, report, verb, k, stop):
            return None
        if verb.lemma == "urge" and any(one.tag == "to" for one in items[k:stop]):
            return None  # `urged Norland, which is at war, to leave`
        if weak and verb.lemma not in ("reject", "dismiss"):
            return None
        stop = thing_end(items, k, stop)
        later = (i for i in range(k + 1, stop) if items[i].lower in ("after", "while", "when"))
        end = next((i for i in range(stop, len(items)) if items[i].tag == ","), len(items))
        cut = next((i for i in later if items[i + 1 : i + 2] and its_own(items, i + 1, end)), stop)
        report.content = [(k, before_as(items, k, cut))]
        return named(report, "verb-noun", 0.7)
    if "n" in frames and not weak and item.lower == "what" and report.speaker:
        stop = clause_end(items, k)
        if any(one.quote for one in items[k:stop]):
            report.content = [(k, thing_end(items, k, stop))]
            return named(report, "verb-noun", 0.7)  # `condemned what he called a “raid”`
    stop = phrase_after(items, k)
    if verb.lemma == "report" and any(one.lower in lexicon.EVENTS for one in items[k:stop]):
        end = clause_end(items, stop - 1)
        comma = next((i for i in range(stop, end) if items[i].tag == ","), end)
        report.content = [(k, thing_end(items, k, before_as(items, k, comma)))]
        return named(report, "verb-events", 0.7)
    if verb.lemma == "report" and item.tag == "M":
        report.content = [(k, clause_end(items, k))]
        return named(report, "verb-figure", 0.7)
    about = item.tag == "P" and item.lower in ("of", "about", "for", "over", "against")
    about |= verb.lemma == "insist" and item.lower == "on"
    if "p" in frames and about and k + 1 < len(items):
        end = before_after(items, k + 1, clause_end(items, k + 1))
        report.content = [(k + 1, end)]
        return named(report, "verb-of", 0.7)
    return None
