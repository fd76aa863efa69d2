"""Reports without a verb of their own: according to, the claim that, calls for, X's comments."""

from collections.abc import Iterator

from app.extract import lexicon
from app.extract.according import according, in_their_words
from app.extract.clauses import clause_end, refused
from app.extract.owners import owner_of
from app.extract.phrases import finite, phrase_after, phrase_before
from app.extract.report import Report
from app.extract.tokens import Words


def read(items: Words) -> Iterator[Report]:
    """The reports of a sentence that stand in nouns, prepositions and adverbs."""
    for at, item in enumerate(items):
        if item.quote:
            continue
        after = items[at + 1].lower if at + 1 < len(items) else ""
        found: Report | None = None
        if item.lower == "according" and after == "to":
            found = according(items, at, at + 2)
        elif item.lower == "words" and after == "of" and at > 1 and items[at - 2].lower == "in":
            found = according(items, at - 2, at + 2)
        elif item.lower == "words" and at == 2:
            found = in_their_words(items, at)
        elif item.lower == "per" and at and items[at - 1].tag == "," and after:
            found = according(items, at, at + 1) if items[at + 1].tag == "X" else None
        elif item.lower in lexicon.NOUNS and item.tag in ("W", "X", "V"):
            found = _noun(items, at)
            if found is None and item.lower in lexicon.SPOKEN:
                found = _spoken(items, at)
        elif item.lower in lexicon.SPOKEN:
            found = _spoken(items, at)
        elif (
            item.lower == "reported"
            and at
            and after in ("killed", "dead", "wounded", "injured", "missing")
        ):
            start = phrase_before(items, at)
            if start < at and any(one.tag == "M" for one in items[start:at]):
                first = next(i for i in range(start, at) if items[i].tag == "M")
                if first and items[first - 1].lower in (
                    "nearly",
                    "almost",
                    "about",
                    "over",
                    "some",
                ):
                    first -= 1
                found = Report(
                    "participle-figure",
                    0.8,
                    (at, at + 1),
                    [(first, at), (at + 1, at + 2)],
                    lemma="report",
                    act="assertion",
                )
        elif after == "by" and item.tag in ("E", "V") and _reduced(items, at):
            stop = phrase_after(items, at + 2)
            if stop > at + 2:
                found = Report(
                    "announced-by",
                    0.6,
                    (at, at + 1),
                    [],
                    (at + 2, stop),
                    lemma=lexicon.VERBS[item.lower].verbs[0].lemma,
                    act="announcement",
                )
        elif item.lower in ("reportedly", "allegedly") and item.tag == "R":
            found = _adverb(items, at)
        if found:
            yield found


_TOLD = lexicon.words(
    "announced reported claimed declared disclosed released alleged stated published cited"
)


def _reduced(items: Words, at: int) -> bool:
    """`the number of deaths announced by …`: a participle after its noun."""
    return items[at].lower in _TOLD & lexicon.VERBS.keys() and at > 0 and items[at - 1].tag == "W"


def _noun(items: Words, at: int) -> Report | None:
    joins, act = lexicon.NOUNS[items[at].lower]
    verb = items[at].tag == "V" and at and items[at - 1].tag in ("to", "A")
    if at + 1 >= len(items) or verb:
        return None
    item = items[at + 1]
    joined = item.lower in joins.split(",")
    stop_of_by = None
    if item.lower in ("by", "from") and item.tag == "P":
        stop = phrase_after(items, at + 2)
        if stop > at + 2 and stop < len(items) and items[stop].lower in joins.split(","):
            stop_of_by = (at + 2, stop)
            joined, item, k = True, items[stop], stop + 1
    if not joined:
        return _exchanged(items, at, act)
    if stop_of_by is None:
        k = at + 2
    if k >= len(items):
        return None
    if item.lower == "that" and not (items[k].quote or finite(items, k, len(items))):
        return None
    if item.lower == "that" and items[k].tag in ("V", "A", "E"):
        return None  # `a statement that warned of it`: which did
    if (
        item.lower in ("of", "about", "over")
        and act not in ("accusation", "threat", "concern", "denial")
        and items[at].lower not in ("claims", "reports", "allegations", "accusations")
    ):
        return None
    speaker = stop_of_by
    begin = at
    if speaker is None:
        owner = owner_of(items, at)
        speaker = owner
    while begin > 0 and items[begin - 1].tag in ("W", "E", "D") and at - begin < 3:
        begin -= 1
    if item.lower == "that":
        if speaker is None and (refused(items, at) or (at and items[at - 1].tag in ("V", "E"))):
            return None  # nobody's claim, but what the verb refuses, or who knows what
        stop = _before_dash(items, k, clause_end(items, k))
        confidence = 0.8
    else:
        stop = phrase_after(items, k)
        while k < stop < len(items) and items[stop].tag == "G":
            stop += 1  # `ethnic cleansing`
        if items[k].lower in ("this", "it", "that", "them") and stop <= k + 1:
            return None  # `expressed concern about this`
        if act == "concern" and speaker:
            stop = _whole_concern(items, stop)
        if (
            items[k].tag == "G"
            or item.tag == "to"
            or (item.lower == "for" and stop < len(items) and items[stop].tag == "to")
        ):
            stop = clause_end(items, k)
        if speaker is None and (item.lower != "for" or not _given(items, at)):
            return None  # `amid fears of war`: nobody's words
        if item.lower == "to" and items[k].tag not in ("W", "V"):
            return None  # `its commitment to the law`
        confidence = 0.65 if speaker else 0.55
    if stop <= k:
        return None
    report = Report(
        f"noun-{item.lower}",
        confidence,
        (at, at + 1),
        [(k, stop)],
        speaker,
        lemma=items[at].lower,
        act=act,
        thought=items[at].lower in ("belief", "view", "views", "hope", "hopes", "fear", "fears"),
    )
    if report.thought and speaker is None:
        return None
    if act == "denial":
        report.polarity = "negated"
    return report


def _given(items: Words, at: int) -> bool:
    """Whether a verb of somebody's takes up what others demand: `ignored demands for a vote`."""
    called = items[at].lower in ("calls", "demands", "appeals", "pleas")
    return (
        called
        and items[at - 1].tag != "C"
        and any(
            item.tag in ("V", "E") or item.lower in ("backing", "drawing", "amid")
            for item in items[max(0, at - 3) : at]
        )
    )


def _whole_concern(items: Words, stop: int) -> int:
    """`Concern about the downing by its neighbour of a plane`: to the next mark, unless a verb
    follows first."""
    for at in range(stop, len(items)):
        if items[at].tag in ("V", "A", "S", "Q"):
            return stop
        if not items[at].text[0].isalnum() and items[at].tag != "'s":
            return at
    return len(items)


def _before_dash(items: Words, k: int, stop: int) -> int:
    """Where a clause ends of which the reporter takes leave: `its claim that all is well — made on
    Monday — angered Sevria`."""
    dashes = [at for at in range(k, stop) if items[at].text in ("—", "–", "--")]
    resumed = len(dashes) > 1 and dashes[-1] + 1 < stop and items[dashes[-1] + 1].tag in "VAE"
    return dashes[-2] if resumed and finite(items, k, dashes[0]) else stop


def _exchanged(items: Words, at: int, act: str) -> Report | None:
    """`The two sides traded accusations involving …`: that they spoke, and on what."""
    if items[at + 1].lower not in ("involving", "over", "about", "regarding", "concerning"):
        return None
    if at < 2 or items[at - 1].lower not in ("traded", "exchanged", "made"):
        return None
    start = phrase_before(items, at - 1)
    stop = phrase_after(items, at + 2)
    if start >= at - 1 or stop <= at + 2:
        return None
    return Report(
        "traded",
        0.75,
        (at - 1, at + 1),
        [(at + 2, stop)],
        (start, at - 1),
        lemma=f"{items[at - 1].lower} {items[at].lower}",
        act=act,
    )


def _spoken(items: Words, at: int) -> Report | None:
    """`Hajiyev's comments`: that somebody spoke, without the words."""
    if at < 2 or items[at - 1].tag != "'s" or items[at].lower in ("words", "speech"):
        return None
    start = phrase_before(items, at - 1)
    while start < at - 2 and items[start].tag not in ("X", "D"):
        start += 1  # `in response to Lemm's statement`
    if start >= at - 1 or not items[at - 2].text[0].isupper():
        return None
    return Report(
        "spoke", 0.6, (at, at + 1), [], (start, at - 1), lemma=items[at].lower, act="other"
    )


def _adverb(items: Words, at: int) -> Report | None:
    end = clause_end(items, at)
    start = 0
    for index in range(at - 1, -1, -1):
        if items[index].tag in (";", ":") or (
            items[index].tag == "C" and index and items[index - 1].tag == ","
        ):
            start = index + 1
            break
    aside = (
        at
        and items[at - 1].tag != "A"
        and not (at < 2 or (at + 1 < len(items) and items[at + 1].tag == "V"))
    )
    if end <= at + 1 or aside or any(item.tag == "S" for item in items[start:at]):
        return None  # nothing, or only a part of what is told: `who is held for crimes allegedly …`
    content = [(start, at), (at + 1, end)] if start < at else [(at + 1, end)]
    return Report(
        "adverb", 0.45, (at, at + 1), content, None, lemma=items[at].lower, act="assertion"
    )
