"""Where words end that have no clause of their own, or none with `that`: charges, demands, things.

All indices are positions in a sentence's items; ends are exclusive.
"""

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.glosses import lapse
from app.extract.phrases import finite, phrase_after
from app.extract.tokens import END, Words


def charge_end(items: Words, start: int) -> int:
    """Where the words of a charge end: as of a clause, and before what the reporter tells of it.

    `accused Norland of shelling, which has killed 20`: that it did is nobody's charge.
    """
    stop = phrase_end(items, start, clause_end(items, start))
    for at in range(start + 1, stop - 1):
        if items[at].lower in ("while", "whilst", "whereas", "amid", "despite", "following"):
            return at
        if items[at].lower in ("just", "only", "a", "hours", "days") and lapse(items, at, stop):
            return at  # `of firing just hours after the truce`
        if items[at].tag == "," and items[-1].text not in END and items[at + 1].tag == "W":
            return at  # of a headline: `accuses Norland of firing, prepares for war`
        form = lexicon.VERBS.get(items[at + 1].lower)
        if items[at].tag == "," and form and form.kind == "ing":
            return at  # `of firing, reporting losses of its own`
        told = [item.lower for item in items[at + 1 : at + 4]]
        if items[at].tag == "," and told[0] in ("a", "an") and told[-1] in ("that", "which"):
            return at  # `of breaking the truce, a sign that it is over`
        if items[at].tag == "," and items[at + 1].lower in ("which", "who", "where", "whose"):
            return at
        if items[at].tag == "S" and items[at + 1].lower in _BREAKING_OUT:
            return at  # `of starting the war that began on Sunday`
    return before_as(items, start, stop)


_BREAKING_OUT = lexicon.words("began erupted broke started")


def phrase_end(items: Words, start: int, stop: int) -> int:
    """Where words without a verb of their own end, and a clause begins that cannot be joined with
    them: `of breaking the truce, and Sevria replied`, `to leave and has fled`."""
    inner = False
    for at in range(start + 1, stop - 1):
        if items[at].tag == "," and items[at + 1].lower in ("although", "though", "whereas"):
            stop = at
            break
    for at in range(start + 1, stop - 1):
        item, after = items[at], items[at + 1]
        inner |= item.tag == "S"
        if item.tag != "C" or (inner and items[at - 1].tag != ","):
            continue
        form = lexicon.VERBS.get(after.lower)
        told = form is not None and form.kind in ("past", "third") and after.tag == "V"
        if after.lower in _FINITE or told:
            return at - (items[at - 1].tag == ",")
        verb = phrase_after(items, at + 1)
        while at + 1 < verb < stop and items[verb].tag == "R":
            verb += 1
        if at + 1 < verb < stop and items[at - 1].tag == "," and items[verb].tag in ("V", "A", "E"):
            return at - 1
    return stop


_FINITE = lexicon.words("is are was were has have had do does did hit said says")


def before_as(items: Words, start: int, stop: int) -> int:
    """Where words end that a reporter goes on from: `said it had won as fighting entered its third
    day`. What was said without `that`, or charged, seldom has such a clause of its own."""
    for at in range(start + 3, stop - 2):
        if items[at].lower == "as" and items[at - 1].lower not in ("such", "well", "as", "just"):
            verb = max(phrase_after(items, at + 1), at + 1 + (items[at + 1].tag == "G"))
            while verb < stop and items[verb].tag == "R":
                verb += 1
            tells = at + 1 < verb < stop - 1 and (
                items[verb].tag in ("V", "A")
                or (items[verb].tag == "E" and items[verb + 1].tag in ("D", "X", "I", "R"))
            )
            if tells and items[at + 1].lower in ("a", "an"):  # `as a truce looked frail`
                after = items[verb + 1].tag if verb + 1 < stop else "."
                tells &= items[verb].tag in ("V", "A") or after in ("R", "D", "X", "I")
            if tells and not any(item.lower == "as" for item in items[max(start, at - 4) : at]):
                return at
    return stop


def before_after(items: Words, start: int, stop: int) -> int:
    """Where a demand ends and the time begins: `asked it to act two weeks after the port fell`."""
    for at in range(start + 2, stop - 2):
        if items[at].tag == ",":
            break
        if items[at].lower == "after" and finite(items, at + 1, stop):
            while items[at - 1].tag in ("T", "M", "R") or items[at - 1].lower in _LAPSES:
                at -= 1
            while items[at - 1].tag in ("D", "C", ",") and at > start + 1:
                at -= 1
            return at if at > start + 1 else stop
    return stop


_LAPSES = lexicon.words("hours days weeks months years day hour two three four five six ten")
