"""What a rule found in a sentence, and how a report is read on from its cue."""

from dataclasses import dataclass, field

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.phrases import phrase_after
from app.extract.tokens import Words

Range = tuple[int, int]
WH = lexicon.words("whether if why how what who where when which")
_INSIDE = lexicon.words("there all both almost nearly only")


def _far_that(items: Words, at: int) -> int:
    """Where `that` follows an occasion and who was there: `said at a briefing with the envoy, Oto
    Lemm, on Monday, that`; 0 if none does."""
    if at >= len(items) or items[at].lower not in _OCCASIONS:
        return 0
    for stop in range(at + 1, min(len(items), at + 35)):
        item = items[stop]
        if item.lower == "that" and item.tag == "S" and items[stop - 1].tag == ",":
            return stop
        if item.tag in ("V", "A", "S", "Q", ";", ":"):
            return 0
    return 0


_OCCASIONS = lexicon.words("in at on during after following")


@dataclass(slots=True)
class Report:
    """What a rule found in one sentence; ranges of its items, ends exclusive."""

    rule: str
    confidence: float
    cue: Range
    content: list[Range]
    speaker: Range | None = None
    addressee: Range | None = None
    lemma: str = ""
    act: str | None = None
    thought: bool = False
    polarity: str = "affirmed"
    factuality: str = "actual"
    previous: bool = False
    """The speaker is that of the report before it in the sentence."""
    notes: list[str] = field(default_factory=list)


def named(report: Report, rule: str, confidence: float) -> Report:
    report.rule, report.confidence = rule, confidence
    if report.factuality != "actual":
        report.confidence = round(confidence * 0.8, 2)
    return report


def quoted(items: Words, at: int) -> bool:
    return at < len(items) and items[at].quote is not None


def quote_end(items: Words, k: int) -> int:
    """The end of what begins with a quotation: the quotation, or the clause it is a part of."""
    inner = items[k].text
    after = k + 1
    if (
        inner[-1] in ".!?…,;"
        or after >= len(items)
        or (not items[after].text[0].isalnum() and not items[after].quote)
    ):
        if after < len(items) and items[after].tag == "," and quoted(items, after + 1):
            return quote_end(items, after + 1)
        return after
    if items[after].tag in ("C", "P", "S", "to") or len(inner.split()) < 6:
        stop = clause_end(items, k)
        later = (i for i in range(after, stop) if items[i].lower in ("as", "after", "while"))
        return next((i for i in later if _clause(items, i + 1, stop)), stop)
    return after


def _clause(items: Words, at: int, stop: int) -> bool:
    """Whether a subject and its verb follow: when it was said, and not what."""
    verb = phrase_after(items, at)
    return at < verb < stop and items[verb].tag in ("V", "A")


def over_adjuncts(items: Words, at: int) -> int:
    """Past adverbs and times, and past `in a statement on Friday` if content follows it."""
    start = at
    while at < len(items):
        item = items[at]
        then = items[at + 1].tag if at + 1 < len(items) else ""
        dated = item.tag == "M" and at > start and items[at - 1].tag == "T"
        if item.tag == "T" and then == "'s":
            break  # `described Saturday's agreement as`
        if item.lower in ("not", "never"):
            break  # `called for not changing it`
        if dated or item.tag == "T" or (item.tag == "R" and item.lower not in _INSIDE):
            at += 1
        elif item.lower in ("its", "his", "her", "their"):
            break  # `reaffirmed its February ruling`
        elif then == "T" and (item.tag in ("P", "D") or item.lower == "last"):
            at += 2
        elif (
            item.tag == "P"
            and then in ("D", "M")
            and at + 2 < len(items)
            and items[at + 2].tag == "T"
        ):
            at += 3  # `said earlier in the evening that`
        else:
            break
    if at < len(items) and items[at].tag == "A":
        return start  # `said November 8 would be remembered`
    here = at
    if (at < len(items) and items[at].tag == "P") or (
        at < len(items)
        and items[at].tag == "to"
        and at + 1 < len(items)
        and items[at + 1].tag in "DX"
    ):
        stop = at
        while (
            stop < len(items) and stop - at < 30 and items[stop].tag in ("P", "to", "T", "R", "G")
        ):
            onward = phrase_after(items, stop + 1)
            if onward <= stop + 1:
                if items[stop].tag in ("T", "R"):
                    stop += 1
                    continue
                if items[stop + 1 : stop + 2] and items[stop + 1].tag == "T":
                    stop += 2  # `in an interview with the paper on Monday that`
                    continue
                break
            stop = onward
            while stop < len(items) and items[stop].tag in ("T", "R"):
                stop += 1
        if stop > at and stop < len(items) and stop < at + 30:
            ahead = items[stop]
            if ahead.quote and items[at].lower in ("of", "about", "against", "for", "over"):
                return here  # `warned of a war “without end”`
            if (ahead.lower == "that" and ahead.tag == "S") or ahead.quote or ahead.text == ":":
                return stop
            if (
                ahead.tag == ","
                and stop + 1 < len(items)
                and (items[stop + 1].quote or items[stop + 1].lower == "that")
            ):
                return stop + (0 if items[stop + 1].quote else 1)
    that = _far_that(items, here)
    if that:
        return that
    if here < len(items) and items[here].tag == "," and here + 1 < len(items):
        # `said, in a statement, that` / `said, however, that`
        for stop in range(here + 2, min(len(items) - 1, here + 14)):
            if items[stop].tag == "," and items[stop + 1].lower == "that":
                return stop + 1
    return here if here >= start else start
