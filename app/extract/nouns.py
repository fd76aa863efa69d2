"""Reports without a verb of their own: according to, the claim that, calls for, X's comments."""

from collections.abc import Iterator

from app.extract import lexicon
from app.extract.clauses import clause_end, refused
from app.extract.phrases import finite, phrase_after, phrase_before, previous_subject
from app.extract.report import Range, Report
from app.extract.tokens import Words


def read(items: Words) -> Iterator[Report]:
    """The reports of a sentence that stand in nouns, prepositions and adverbs."""
    for at, item in enumerate(items):
        if item.quote:
            continue
        after = items[at + 1].lower if at + 1 < len(items) else ""
        found: Report | None = None
        if item.lower == "according" and after == "to":
            found = _according(items, at, at + 2)
        elif item.lower == "words" and after == "of" and at > 1 and items[at - 2].lower == "in":
            found = _according(items, at - 2, at + 2)
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


def _according(items: Words, at: int, start: int) -> Report | None:
    stop = phrase_after(items, start)
    if stop <= start:
        return None
    report = Report(
        "according-to", 0.9, (at, start), [], (start, stop), lemma="according to", act="assertion"
    )
    # an apposition or the like goes on to the next comma
    edge = stop
    while edge < len(items) and items[edge].tag not in (",", ".", ";"):
        if items[edge].tag in ("V", "A") and not at:  # `According to the ministry ten were hurt`
            edge = stop
            report.content = [(edge, clause_end(items, edge, shared_cues=False))]
            return report
        edge += 1
    if edge - start <= 14 and not any(item.tag in ("V", "A", "Q") for item in items[stop:edge]):
        report.speaker = (start, edge)  # `a report by the institute for …`
    before = at - 1 if at and items[at - 1].tag == "," else at
    if before > 0 and (items[at - 1].tag == "," or edge >= len(items) - 1):
        begin = 0
        for index in range(before - 1, -1, -1):
            if items[index].tag == ";":
                begin = index + 1
                break
        if items[begin].tag == "C":
            begin += 1
        report.content = [(begin, before)]
        if edge < len(items) - 1 and items[edge].tag == "," and not _appositive(items, edge):
            tail = clause_end(items, edge + 1)
            narrated = items[edge + 1].tag in ("S", "C")
            if not narrated and tail > edge + 1 and finite(items, edge + 1, tail):
                report.content.append((edge + 1, tail))
        return report
    if edge < len(items) and items[edge].tag == ",":
        edge += 1
    elif at:
        report.content = [(0, at)]
        return report
    first = edge
    while _appositive(items, edge - 1):
        closing = next((i for i in range(edge, len(items)) if items[i].tag == ","), None)
        if closing is None:
            break
        edge = closing + 1
    if edge < len(items) and items[edge].tag in ("V", "A", "R"):
        edge = first  # what looked like an apposition is the subject of what follows
    tail = clause_end(items, edge, shared_cues=False)
    if tail <= edge:
        return None
    report.content = [(edge, tail)]
    return report


def _appositive(items: Words, comma: int) -> bool:
    """Whether what follows a comma says who was named before it: `, a UN body, `."""
    if comma + 1 >= len(items) or items[comma].tag != ",":
        return False
    if items[comma + 1].lower in ("who", "which", "whose", "quoting", "citing"):
        return True
    stop = phrase_after(items, comma + 1)
    if (
        comma + 1 < stop < len(items)
        and items[stop].tag == ","
        and stop - comma < 6
        and all(item.tag == "X" for item in items[comma + 1 : stop])
    ):
        return True
    return (
        stop > comma + 1
        and stop < len(items)
        and items[stop].tag == ","
        and items[comma + 1].lower in ("a", "an", "the", "one")
        and any(item.tag == "," for item in items[stop:])
    )


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
    if (
        item.lower in ("of", "about", "over")
        and act not in ("accusation", "threat", "concern", "denial")
        and items[at].lower not in ("claims", "reports", "allegations", "accusations")
    ):
        return None
    speaker = stop_of_by
    begin = at
    if speaker is None:
        owner = _owner(items, at)
        speaker = owner
    while begin > 0 and items[begin - 1].tag in ("W", "E", "D") and at - begin < 3:
        begin -= 1
    if item.lower == "that":
        if speaker is None and refused(items, at):
            return None  # nobody's claim, but what the verb refuses
        stop = clause_end(items, k)
        confidence = 0.8
    else:
        stop = phrase_after(items, k)
        while k < stop < len(items) and items[stop].tag == "G":
            stop += 1  # `ethnic cleansing`
        if (
            items[k].tag == "G"
            or item.tag == "to"
            or (item.lower == "for" and stop < len(items) and items[stop].tag == "to")
        ):
            stop = clause_end(items, k)
        if speaker is None and item.lower != "for":
            return None  # `amid fears of war`: nobody's words
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


def _owner(items: Words, at: int) -> Range | None:
    """Whose claim it is: `Baku's repeated claim`, `made a claim`."""
    k = at - 1
    while (
        k >= 0
        and items[k].tag in ("W", "E", "R", "M")
        and at - k < 5
        and items[k].lower not in _MAKING
    ):
        k -= 1
    if k > 0 and items[k].tag == "'s":
        start = phrase_before(items, k)
        return (start, k) if start < k else None
    if k >= 0 and items[k].lower in ("his", "her", "its", "their"):
        return (k, k + 1)
    verb = k
    while (
        verb >= 0
        and items[verb].tag in ("D", "W", "E", "R")
        and at - verb < 6
        and items[verb].lower not in _MAKING
    ):
        verb -= 1
    if verb > 0 and items[verb].lower in _MAKING:
        if items[verb].lower == "rejected":
            return None
        if items[verb].tag == "G":
            start, end = previous_subject(items, verb)
            return (start, end) if start < end else None
        while verb > 0 and items[verb - 1].tag in ("A", "R"):
            verb -= 1
        start = phrase_before(items, verb)
        return (start, verb) if start < verb else None
    return None


_MAKING = lexicon.words(
    "made make makes issued repeated voiced voices voicing express expressed expresses expressing"
    " gave rejected traded trade trades exchange exchanged renewed raised"
)


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
    if end <= at + 1:
        return None
    content = [(start, at), (at + 1, end)] if start < at else [(at + 1, end)]
    return Report(
        "adverb", 0.45, (at, at + 1), content, None, lemma=items[at].lower, act="assertion"
    )
