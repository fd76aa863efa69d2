"""Words that stand before the verb that reports them: “…”, said Putin; the army left, he said."""

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.glosses import explains
from app.extract.lexicon import Verb
from app.extract.phrases import finite, phrase_after
from app.extract.report import Report, named, over_adjuncts, quote_end
from app.extract.speakers import speaks
from app.extract.subjects import Subject
from app.extract.tokens import END, Item, Words

_CHARGES = lexicon.words("charge claim accusation allegation assertion figure view")


_JOINING = lexicon.words("however meanwhile moreover furthermore also additionally")


def as_said(items: Words, report: Report, whose: Subject, k: int) -> Report | None:
    """`As Heald told the paper, ozone has dropped.`"""
    if whose.start > 2:
        return None
    for index in range(k, min(len(items) - 1, k + 20)):
        if items[index].tag == ",":
            report.content = [(index + 1, clause_end(items, index + 1))]
            return named(report, "as-said", 0.8)
    return None


def behind(items: Words, report: Report, verb: Verb, whose: Subject, k: int) -> Report | None:
    """`X, the minister said.` / `“X,” said the minister.` / `X, he said, Y.`"""
    at = report.cue[0]
    if items[at].tag == "G":
        return None
    following = items[k] if k < len(items) else None
    inverted = False
    left = whose.start if whose.found else at
    if left and items[left - 1].lower == "as" and items[left - 1].tag == "P":
        if whose.found and items[whose.start].tag == "I":
            return None  # `…, as they say in Lund`
        left -= 1
    if not whose.found and not whose.infinitive:
        # `“…”, said Putin` / `…, said a spokesman for …`
        if at == 0 or not (items[at - 1].quote or items[at - 1].tag in (",", "-", "–", "—")):
            return None
        stop = phrase_after(items, report.cue[1], names=True)
        if stop <= report.cue[1]:
            return None
        beside = items[at - 1].quote or (at > 1 and items[at - 2].quote)
        if not beside and not speaks(items, report.cue[1], stop):
            return None  # `…, reiterated the need for talks`
        stop = _over_offices(items, report.cue[1], _occasion(items, report.cue[1], stop))
        report.speaker = (report.cue[1], stop)
        report.previous = False
        inverted, left = True, at
        k = _over_tail(items, stop)
        following = items[k] if k < len(items) else None
    if left == 0:
        return None
    if report.act == "denial" and left > 1 and items[left - 1].lower in ("which", "something"):
        left -= 1  # `Norland said it had won, which Sevria denied`
    refused = report.act == "denial" and items[left - 1].tag == ","
    if items[left].lower in ("a", "an") and items[left + 1].lower in _CHARGES and at == left + 2:
        stop = phrase_after(items, at + 2)
        if items[at + 1 : at + 2] and items[at + 1].lower == "by" and stop > at + 2:
            report.speaker, whose.auxiliary = (at + 2, stop), True  # `…, a claim denied by Norland`
    elif report.speaker and items[left].lower == "a" and items[left + 1].lower in _CHARGES:
        report.speaker = (left + 2, report.speaker[1])  # `…, a charge Norland denies`
    before = items[left - 1]
    if before.quote:
        start = left - 1
    elif before.tag in (",", "-", "–", "—", "--") and left > 1:
        start = left - 2
    else:
        return None
    if items[start].quote is None and not {"t", "a"} & set(verb.frames):
        return None
    if items[start].quote is None and _supposed(items, report, whose, k):
        return None
    if items[start].quote is None and inverted and report.lemma == "worry":
        return None  # `the raids, which went on, worried the mayor`
    if items[-1].text == ":" and items[start].quote is None:
        return None  # `At a briefing in Lund, the minister said:`
    begin = _begin(items, start)
    occasion = items[begin].tag == "P" and items[begin].lower not in ("as", "between", "about")
    if items[start].quote is None and occasion and following and not _closing(following):
        tells = following.tag in ("D", "I", "X", "W", "S", "M") and following.lower != "as"
        heard = phrase_after(items, k)
        if "a" in verb.frames and heard > k and finite(items, begin, start + 1):
            tells &= heard < len(items) and not _closing(items[heard])
        if tells and not inverted:
            return None  # `In a statement, Norland warned it could strike`
    quoted = items[start].quote is not None
    unfinished = quoted and before.quote and items[start].text[-1] not in ",.!?…-–—;"
    if unfinished and not inverted and len(items[start].text) < 40:
        return None  # `the “deal” he said was …`
    goes_on = following is not None and following.tag == "," and finite(items, k + 1, len(items))
    headline = inverted and begin == 0 and items[-1].text not in END and items[at].tag == "V"
    if (
        not quoted
        and not (headline and len(items) - at < 8)
        and not finite(items, begin, start + 1)
        and (inverted or not goes_on)
    ):
        return None
    direct = quoted and all(
        item.quote or not item.text[0].isalnum() for item in items[begin : start + 1]
    )
    if not direct and quoted and not {"t", "a"} & set(verb.frames):
        begin = start
    if quoted and not direct and start > begin and items[start - 1].text == ":":
        begin, direct = start, before.quote is not None or items[left - 1].tag == ","
    if items[start].lower in ("this", "it", "that") and start and items[start - 1].tag == "V":
        return None  # `The ministry reported this, the agency writes`
    if items[begin].tag == "C" and not direct and begin == 0:
        begin += 1
    if begin + 2 <= start and items[begin].lower in _JOINING and items[begin + 1].tag == ",":
        begin += 2  # `However, “…,” he said`
    if refused:
        begin = _claimed(items, begin, start)
    report.content = [(begin, start + 1)]
    mark = next((at for at in range(start, begin, -1) if items[at].quote), begin)
    if mark > begin and items[mark].text[-1] == "," and explains(items, mark + 1, start + 1):
        report.content = [(begin, mark + 1)]
    if not inverted and following is not None and not _closing(following):
        # words follow the verb: an addressee or an occasion is fine, an object is not
        if (
            following.tag in ("P", "to", "G", "T", "R", "S")
            or "a" in verb.frames
            or "o" in verb.frames
        ):
            if "a" in verb.frames or "o" in verb.frames:
                stop = phrase_after(items, k)
                if stop > k:
                    report.addressee = (k, stop)
                    k = stop
            k = _over_tail(items, k)
            following = items[k] if k < len(items) else None
        elif not quoted:
            return None
    if (
        following is not None
        and following.tag in (",", "-", "–", "—", ":", ";")
        and k + 1 < len(items)
    ):
        if items[k + 1].quote:
            report.content.append((k + 1, quote_end(items, k + 1)))
        elif not quoted and following.tag == "," and items[k + 1].tag != "G" and not inverted:
            stop = clause_end(items, k + 1)
            if (
                stop > k + 1
                and items[k + 1].tag not in ("C",)
                and items[k + 1].lower not in ("who", "which")
                and _resumes(items, k + 1, stop)
            ):
                report.content.append((k + 1, stop))
    if items[start].lower in _JOINING and len(report.content) > 1 and begin == start:
        del report.content[0]  # `Moreover, she said, it rained`
    if not quoted and not any(finite(items, *part) for part in report.content) and goes_on:
        return None  # `In addition, the parties agreed, through envoys, to begin`
    rule = "quote-verb" if direct else "clause-verb"
    return named(report, rule + ("-inverted" if inverted else ""), 0.95 if direct else 0.85)


def _supposed(items: Words, report: Report, whose: Subject, k: int) -> bool:
    """Whether a thought is put into a reporter's sentence: `giving it a place, it hopes, to …`."""
    aside = k < len(items) and items[k].tag == ","
    return report.thought and aside and whose.found and items[whose.start].tag == "I"


def _claimed(items: Words, begin: int, stop: int) -> int:
    """Where what is denied begins, in `Norland said it had won, a claim that Sevria denied`."""
    verb = phrase_after(items, begin)
    while begin < verb < stop and items[verb].tag in ("A", "R"):
        verb += 1
    form = lexicon.VERBS.get(items[verb].lower) if begin < verb < stop else None
    if (
        form is None
        or items[verb].tag != "V"
        or all(not {"t", "a"} & set(one.frames) for one in form.verbs)
    ):
        return begin
    told = over_adjuncts(items, verb + 1)
    heard = phrase_after(items, told)
    if told < heard < stop and items[heard].lower == "that":
        told = heard  # `has told reporters that it had won, which …`
    return told + (items[told].lower == "that") if told < stop else begin


def _resumes(items: Words, at: int, stop: int) -> bool:
    """Whether the words that are told go on after `, she said,`: with a subject and its verb, which
    is no report in its turn (`, the agency writes`)."""
    if items[at].tag in ("V", "A"):
        return items[at].lower not in ("asked", "commenting")
    verb = phrase_after(items, at)
    if items[at].tag == "R" and verb == at:
        return False  # `…, formerly known as Lund`
    while verb < stop and items[verb].tag == "R":
        verb += 1
    if not at < verb < stop:
        return False
    acted = verb + 1 < stop and items[verb + 1].tag in ("D", "X", "I", "M")
    if items[verb].tag not in ("V", "A") and not (acted and items[verb].tag == "E"):
        return False
    if items[verb].lower in ("reports", "reported", "writes", "informs"):
        return False  # `…, the agency reports citing him`
    return verb + 1 < stop or items[verb].lower not in lexicon.VERBS


def _occasion(items: Words, start: int, stop: int) -> int:
    """Where a name ends and the occasion begins: `explained Lemm in his remarks`."""
    for at in range(start + 1, stop - 1):
        named = items[at - 1].tag == "X" and items[at].lower in (
            "in",
            "at",
            "on",
            "during",
            "after",
        )
        if named and items[at + 1].tag == "D":
            return at
    return stop


def _over_offices(items: Words, start: int, stop: int) -> int:
    """Past a second office, to the name: `said an aide to the president, head of the ministry's
    department Oto Lemm`."""
    office = any(
        item.lower in lexicon.TITLES or item.lower in _AIDES
        for item in items[start : min(stop, start + 4)]
    )
    named = (
        stop - start > 1 and items[stop - 2].lower in lexicon.TITLES and items[stop - 1].tag == "X"
    )
    if not office or named or stop + 1 >= len(items) or items[stop].tag != ",":
        return stop
    end = stop + 1
    while end < len(items) and items[end].tag == "X":
        end += 1
    if 2 < end - stop < 5 and (end == len(items) or not items[end].text[0].isalnum()):
        return end  # `said the aide to the president, Oto Lemm.`
    second = items[stop + 1].lower
    if second not in lexicon.TITLES and second not in _AIDES:
        return stop
    end = phrase_after(items, stop + 1, names=True)
    if end - stop > 3 and all(item.tag == "X" for item in items[end - 2 : end]):
        return end
    return stop


_AIDES = lexicon.words("assistant aide adviser advisor head member")


def _closing(item: Item) -> bool:
    return (
        item.text in END or item.tag in (",", ";", ":", "-", "–", "—", ")", "C") or bool(item.quote)
    )


def _begin(items: Words, start: int) -> int:
    """Where the words reported before their verb begin: the sentence, or what a report left."""
    for index in range(start, -1, -1):
        if items[index].tag == ";" and any(
            item.tag == "V" and item.lower in lexicon.VERBS for item in items[:index]
        ):
            return index + 1
    return 0


def _over_tail(items: Words, k: int) -> int:
    """Past what may follow a speaker or a verb before the next mark."""
    while (
        k < len(items)
        and not items[k].quote
        and items[k].tag not in (",", ";", ":", ".", "–", "—", "!", "?")
    ):
        if items[k].tag == "V":
            break
        k += 1
    if k < len(items) and items[k].tag == "," and k + 1 < len(items) and not items[k + 1].quote:
        # an apposition, after which the quotation may go on
        for stop in range(k + 1, min(len(items), k + 25)):
            if items[stop].tag == "," and stop + 1 < len(items) and items[stop + 1].quote:
                return stop
    return k
