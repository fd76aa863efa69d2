"""Which reading a verb has where it stands: whether it reports at all, and how far its words go."""

from app.extract import lexicon
from app.extract.clauses import clause_end, refused
from app.extract.phrases import finite, phrase_after, phrase_before
from app.extract.report import Range, Report
from app.extract.subjects import Subject
from app.extract.tokens import Words


def not_a_verb(items: Words, at: int, kind: str) -> bool:
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
    one = before.tag in ("X", "W") and not before.lower.endswith("s")
    if kind == "base" and one and at > 1 and items[at - 2].lower in ("a", "an"):
        return True  # `on a Lundbook post`
    return before.tag == "M" and kind in ("base", "third")


def what_for(items: Words, noun: int) -> bool:
    """Whether `to` says what a thing is for, and nobody's report: `use the text to deny it`."""
    word = items[noun]
    return (
        word.tag == "W"
        and word.lower not in lexicon.VERBS
        and word.lower not in lexicon.TITLES
        and word.lower not in lexicon.COLLECTIVE
    )


GOING_ON = lexicon.words("continued continue continues began begun started kept keeps stopped")


def says_so(items: Words, k: int) -> bool:
    """Whether words that are told follow at once."""
    return k < len(items) and (items[k].lower == "that" or items[k].quote is not None)


def led(items: Words, at: int) -> bool:
    """Whether a named one is led to speak: `which led Norland's president to vow`."""
    before = items[max(0, at - 12) : at]
    return any(item.lower in _LEADING for item in before)


_LEADING = lexicon.words("led leads leading forced forcing prompted prompting caused causing")


def its_own(items: Words, at: int, stop: int) -> bool:
    """Whether a clause or an `-ing` follows `after` or the like: when it was said, not what."""
    return items[at].tag == "G" or finite(items, at, stop)


SHOWN = lexicon.words("reveal disclose declare proclaim cite")
"""Verbs whose object is a thing shown or done, unless it is a clause."""


def reporters_own(items: Words, report: Report, k: int) -> int:
    """Where a clause with `that` ends: also where the reporter's own main clause begins.

    `Despite Norland denying that it fired, the port burned`; `denies that it fired, but has fled`.
    """
    stop = clause_end(items, k)
    long = items[k].quote is not None and len(items[k].text.split()) > 5 and k + 1 < stop
    if long and items[k + 1].lower in ("after", "before", "while", "when", "as", "following"):
        return k + 1  # the quotation is what was said, and this is when
    if long and items[k].text[-1] in ",.!?…" and not items[k + 1].quote:
        return k + 1
    if long and items[k + 1].tag == "C" and k + 2 < stop and items[k + 2].tag == "V":
        return k + 1  # `that “we won all the day” and called it a feast`
    commas = [at for at in range(k + 1, stop - 1) if items[at].tag == ","]
    if report.act == "denial":
        return next((one for one in commas if items[one + 1].lower == "but"), stop)
    return stop


def refused_claim(items: Words, k: int) -> Range | None:
    """The clause in `rejects claims (that) it was there`: what is refused, and no claim of its own.

    None where it is somebody's claim: that is a report within the refusal.
    """
    at = k
    while at < min(len(items), k + 4) and items[at].tag in ("D", "W", "E", "G", "R"):
        if items[at].lower in CHARGES:
            break
        at += 1
    if at + 2 >= len(items) or items[at].lower not in CHARGES:
        return None
    start = at + 1
    if items[start].lower == "that" and items[start].tag in "SD":
        start += 1
    elif items[start].tag not in ("D", "X", "I", "W", "M") or not clause_follows(
        items, start, len(items)
    ):
        return None
    return start, clause_end(items, start)


CHARGES = lexicon.words(
    "claim claims accusation accusations allegation allegations assertion assertions report reports"
    " suggestion suggestions charge charges idea notion"
)


def read_so(items: Words, at: int) -> bool:
    """`“…,” reads the statement`."""
    stop = phrase_after(items, at + 1)
    return (
        at > 0
        and items[at - 1].quote is not None
        and any(item.lower in lexicon.DOCUMENTS for item in items[at + 1 : stop])
    )


def begins_clause(items: Words, k: int) -> bool:
    """Whether a clause without `that` may begin here: with a noun phrase, or with a number."""
    item = items[k]
    if item.tag in ("D", "W", "X", "M", "I", "G", "E", "Q"):
        return True
    if item.tag == "T" and k + 1 < len(items) and items[k + 1].tag in ("M", "A"):
        return True  # `November 8 would be remembered`
    if item.lower in ("there", "no", "having", "being"):
        return True
    if item.lower == "in" and k + 1 < len(items) and items[k + 1].lower in ("all", "total"):
        return True
    if k + 1 < len(items) and items[k + 1].lower in ("the", "a", "an", "its", "his", "their"):
        return False  # `said at the 4th forum`
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


_FOUND = lexicon.DOCUMENTS | lexicon.words(
    "results findings scientists researchers investigators polls studies surveys reports estimates"
    " analysts doctors"
)


def findings(items: Words, report: Report) -> bool:
    """Whether a study or those who made one are the subject: what they show is a clause."""
    if report.speaker is None:
        return False
    start, end = report.speaker
    return any(item.lower in _FOUND for item in items[start:end])


def document(items: Words, report: Report) -> bool:
    """Whether a document, and not a person, reads so."""
    return report.speaker is not None and any(
        item.lower in lexicon.DOCUMENTS for item in items[report.speaker[0] : report.speaker[1]]
    )


def between(items: Words, report: Report, whose: Subject, k: int) -> bool:
    """Whether the verb stands between two parts of one quotation: “…”, she said, “…”."""
    left = whose.start if whose.found else report.cue[0]
    if k >= len(items) or left == 0:
        return False
    before = items[left - 1]
    return before.quote is not None or (
        before.tag == "," and left > 1 and items[left - 2].quote is not None
    )


def opens(items: Words, that: int) -> bool:
    """Whether `that` opens a clause and does not point: `denied that claim`."""
    after = items[that + 1] if that + 1 < len(items) else None
    if after is None or after.text == ".":
        return False
    if after.tag == "T" or after.lower in ("evening", "morning", "day", "time"):
        return that + 2 < len(items) and items[that + 2].tag in ("V", "A")
    if after.text == ",":  # `stated that, “…”`
        if that + 3 < len(items) and items[that + 3].text == "," and items[that + 2].tag in "RW":
            return True  # `adding that, consequently, …`
        return that + 2 < len(items) and items[that + 2].quote is not None
    told = items[that - 1].tag in ("V", "G", "R", "T")
    return told or after.tag not in ("V", "A")  # not `a note that warned`


def clause_follows(items: Words, k: int, stop: int) -> bool:
    """Whether a subject and then its verb follow at once: what a weak verb needs."""
    end = phrase_after(items, k)
    while end < stop and items[end].tag == "R":
        end += 1
    return k < end < stop and items[end].tag in ("V", "A")
