"""What is voiced or expressed: `voiced support for Sevria`, `expressed its readiness to talk`."""

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.endings import before_as
from app.extract.phrases import phrase_after
from app.extract.report import Report, named, quote_end, quoted
from app.extract.speakers import speaks
from app.extract.tokens import Words
from app.extract.wording import thing_end

VOICING = frozenset(("voice", "express"))
_WHAT = lexicon.words(
    "support readiness willingness determination solidarity confidence regret regrets outrage"
    " gratitude dissatisfaction discontent opposition interest alarm doubt doubts commitment"
    " concern concerns desire wish"
)


def voiced(items: Words, report: Report, k: int) -> Report | None:
    """None where the noun reports by itself (`expressed hope that …`) or nothing is said of what
    it is about (`expressed condolences`)."""
    if report.speaker is None or not speaks(items, *report.speaker):
        return None
    own = k + 1
    whose = k < len(items) and items[k].lower in ("his", "her", "its", "their")
    if whose and quoted(items, own) and len(items[own].text.split()) > 2:
        report.content = [(own, quote_end(items, own))]
        return named(report, "verb-noun", 0.7)  # `expressed its “alarm at the raids”`
    noun = next((at for at in range(k, min(len(items) - 1, k + 4)) if _named(items, at)), None)
    if noun is None or any(item.tag in ("P", "V", ",") for item in items[k:noun]):
        return None
    joins = lexicon.NOUNS.get(items[noun].lower, ("", ""))[0].split(",")
    if items[noun + 1].lower in joins or items[noun + 1].tag not in ("P", "to", "S"):
        return None
    stop = clause_end(items, k)
    if phrase_after(items, noun + 1) >= stop and items[noun + 1].tag != "to":
        return None
    stop = before_as(items, k, thing_end(items, k, stop))
    if items[report.cue[0] - 1].tag in ("A", "S") and report.speaker[1] < report.cue[0] - 1:
        stop = next((at for at in range(noun, stop) if items[at].tag == ","), stop)
    later = _over_day(items, noun + 1)
    report.content = [(k, noun + 1), (later, stop)] if later > noun + 1 else [(k, stop)]
    return named(report, "verb-noun", 0.7)


def _over_day(items: Words, at: int) -> int:
    """Past `on Monday`, in `expressed readiness on Monday to meet`."""
    end = at + 1 if items[at].lower == "on" else at
    while end < len(items) - 1 and items[end].tag in ("T", "M"):
        end += 1
    return end if items[end - 1].tag in ("T", "M") and items[end].tag in ("to", "P", "S") else at


def _named(items: Words, at: int) -> bool:
    return items[at].lower in _WHAT
