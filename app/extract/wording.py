"""What stands where the words of a report should: a clause, a thing, or nothing that is said."""

from app.extract import lexicon
from app.extract.endings import phrase_end
from app.extract.lexicon import Verb
from app.extract.phrases import finite, phrase_after
from app.extract.readings import clause_follows
from app.extract.report import Range, Report
from app.extract.subjects import Subject
from app.extract.tokens import Words


def whole_clause(items: Words, k: int, stop: int) -> bool:
    """Whether a subject begins at `k` and gets its verb before `stop`: that of a relative clause
    (`the enclave that is disputed`), or one after `and` (`the land and are armed`), is none."""
    if items[k].tag in ("I", "Q"):
        said = k + 1 < stop and items[k + 1].quote is not None  # `it “had won”`
        return said or finite(items, k + 1, stop)
    within = 0
    at = max(phrase_after(items, k), k + 1)
    while at < stop:
        item = items[at]
        if item.lower in ("when", "while", "whereas") and not within:
            return False
        if item.lower in ("who", "which", "that", "where", "what", "whose") and item.tag == "S":
            within += 1
        elif item.tag == "," and at + 1 < stop and items[at + 1].tag == "C":
            return False  # `its order, yet Norland has refused`
        elif item.tag == "C" and not within and at + 1 < stop and items[at + 1].tag in "VA":
            return False
        elif item.tag in ("V", "A", "E"):
            by = item.tag == "E" and at + 1 < stop and items[at + 1].lower == "by"
            if not within and not by:
                return True
            while at + 1 < stop and items[at + 1].tag in ("V", "A", "E", "R"):
                at += 1
            within = max(0, within - 1)
        at += 1
    return False


def thing_end(items: Words, k: int, stop: int) -> int:
    """Where a thing ends that somebody claims, denies or calls for, and the reporter goes on."""
    stop = phrase_end(items, k, stop)
    for at in range(k + 1, stop - 1):
        item, after = items[at], items[at + 1]
        if item.lower in ("when", "while") and after.tag in ("I", "D", "X"):
            return at  # `stressed his aim when he met the envoy`
        told = items[at + 2].lower in lexicon.VERBS if at + 2 < stop else False
        if item.tag == "S" and after.tag == "I" and told:
            return at  # `the safety of residents who it says are trapped`
        if item.tag == "S":
            break  # `the towns that it took during the raid`
        if item.tag == "," and after.tag == "G" and not finite(items, k, at):
            return at  # `calling for a vote, waving flags`
        if item.lower == "after" and (after.tag == "G" or after.lower in lexicon.EVENTS):
            return at
        registered = item.lower == "during" and items[at - 1].tag == "E"
        if item.lower in ("following", "amid", "despite", "during") and not registered:
            return at
        if item.tag == "C" and (after.lower in _FINITE or (after.tag == "V" and _plain(items, at))):
            return at  # `claims the land and is armed`
    return stop


_FINITE = lexicon.words("is are was were has have had does do did will would")


def _plain(items: Words, at: int) -> bool:
    """Whether a verb after `and` has none before it that it may be joined with."""
    return not any(item.tag in ("V", "A", "E", "G", "S", "to") for item in items[at - 4 : at])


def main_to_come(whose: Subject) -> bool:
    """Whether the verb is in a relative clause of the sentence's subject: the main verb follows."""
    return whose.found and whose.relative and whose.start <= 1


def relative_end(items: Words, k: int, stop: int) -> int:
    """Where what is claimed by who is told of ends: `those who demand a vote have left`."""
    return next((at for at in range(k + 1, stop) if items[at].tag in ("V", "A")), stop)


def over_occasion(items: Words, k: int, whose: Subject) -> int:
    """Past an occasion between commas: `urged, on Monday, both sides to`, `stressed, in a call,
    the need for`."""
    if items[k].tag != "," or not whose.found or k + 1 >= len(items):
        return k
    apart = whose.start > 0 and items[whose.start - 1].tag == ","
    if whose.start and (items[whose.start - 1].quote or (apart and items[0].tag != "P")):
        return k
    if items[k + 1].tag not in ("P", "T"):
        return k
    for at in range(k + 2, min(len(items) - 1, k + 14)):
        form = lexicon.VERBS.get(items[at].lower)  # `a phone call` may look like a verb
        verb = items[at].tag == "V" and not (form and form.kind == "base")
        if verb or items[at].tag in ("A", "S", "Q", ";"):
            break
        if items[at].tag == ",":
            return at + 1 if items[at + 1].tag in ("D", "X", "W", "M", "to") else k
    return k


def over_setting(items: Words, k: int) -> int:
    """Past the setting of a clause that follows a comma: `at this rate, there will be …`."""
    if items[k].lower in ("about", "of", "against"):
        return k
    for at in range(k + 1, min(len(items) - 2, k + 12)):
        if items[at].tag in ("V", "A", "S", "Q", ";"):
            break
        if items[at].tag == ",":
            there = items[at + 1].lower == "there" and items[at + 2].tag == "A"
            return at + 1 if there or clause_follows(items, at + 1, len(items)) else k
    return k


def before_main(items: Words, report: Report) -> list[Range]:
    """The words of a report that stands in a sentence's first, dependent clause: they end where the
    main clause begins. `While Norland accused Sevria of firing, the port burned`."""
    at = report.cue[0]
    participle = items[at].tag == "G" and items[0].lower in ("following", "amid", "after", "with")
    if items[0].lower not in lexicon.OPENING and not participle:
        return report.content
    if any(item.tag == "," for item in items[:at]):
        return report.content
    for comma in range(at + 1, len(items) - 2):
        if items[comma].tag != "," or items[comma + 1].tag in ("C", "G", "E", "S", "P"):
            continue
        if phrase_after(items, comma + 1) == comma + 1 and items[comma + 1].tag != "D":
            continue
        kept = [(start, min(end, comma)) for start, end in report.content if start < comma]
        return kept or report.content
    return report.content


def only_spoken(items: Words, report: Report, k: int) -> bool:
    """Whether an agency reports that somebody spoke, not what: `reports X wrote on his page`."""
    if report.lemma not in ("report", "inform"):
        return False
    k += items[k].lower == "that"
    for at in range(k, min(len(items), k + 30)):
        if items[at].lower in _SPEAKING and items[at].tag == "V":
            after = items[at + 1] if at + 1 < len(items) else None
            return after is None or after.tag in ("P", ".")
        if items[at].tag == "V" or items[at].quote:
            return False
    return False


_SPEAKING = lexicon.words(
    "informs wrote said told commented stated reacted responded spoke talked replied"
)


def only_named(items: Words, report: Report, verb: Verb, k: int, stop: int) -> bool:
    """Whether nothing is told but of whom or what: `praised Oto Lemm`, `referring to the raid`."""
    if items[k].quote and stop == k + 1 and verb.lemma in _TOUCHING:
        return True  # `referred to “our data”`
    if any(item.quote for item in items[k:stop]):
        return False
    at = report.cue[0]
    gloss = items[at].tag == "G" or (at > 1 and items[at - 2].lower == "as")
    if verb.lemma in _TOUCHING and gloss:
        return True  # `referring to the raid`, `as he referred to the raid`
    if report.act not in ("welcome", "condemnation"):
        return False
    return all(
        item.tag in ("X", "D", "'s") or item.lower in lexicon.TITLES for item in items[k:stop]
    )


_TOUCHING = frozenset(("refer to", "allude to", "talk of", "speak of"))


def renewed(items: Words, k: int) -> bool:
    """Whether a noun of the speaker's own that reports follows: `its call for`, `their warning
    that`."""
    if items[k].lower not in ("his", "her", "its", "their"):
        return False
    for at in range(k + 1, min(len(items) - 1, k + 4)):
        joins = lexicon.NOUNS.get(items[at].lower, ("", ""))[0]
        if items[at + 1].lower in joins.split(",") and items[at + 1].lower in ("for", "that"):
            return True
    return False


def denied(items: Words, k: int, stop: int) -> int:
    """Where what is denied ends and the occasion begins: `denied firing on Monday`, `denied
    firing, in a statement`."""
    for at in range(k + 2, stop - 1):
        if items[at].tag == "," and items[at + 1].lower in ("in", "on", "at"):
            return at
    if stop - k > 3 and items[stop - 1].tag == "T" and items[stop - 2].lower in ("on", "in"):
        return stop - 2
    return stop
