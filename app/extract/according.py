"""Reports by `according to`, `per` and `in their words`."""

from app.extract import lexicon
from app.extract.clauses import clause_end
from app.extract.phrases import finite, phrase_after
from app.extract.report import Report
from app.extract.tokens import Words


def according(items: Words, at: int, start: int) -> Report | None:
    stop = phrase_after(items, start)
    if [item.lower for item in items[start : start + 2]] == ["her", ","]:
        stop = start + 1
    if stop <= start or any(item.lower in ("information", "data") for item in items[start:stop]):
        return None  # `according to the information Norland had`: nobody is told to say it
    if any(item.lower == "between" for item in items[start:stop]) and items[stop - 1].tag == "X":
        return None  # `according to a treaty between Norland, Sevria and Lund`
    report = Report(
        "according-to", 0.9, (at, start), [], (start, stop), lemma="according to", act="assertion"
    )
    owned = items[start].lower in _OWN and stop == start + 2
    if owned and items[start + 1].lower in _TOLD:
        report.speaker = (start, start + 1)  # `according to his story`
    # an apposition or the like goes on to the next comma
    edge = stop
    while edge < len(items) and items[edge].tag not in (",", ".", ";"):
        if items[edge].tag in ("V", "A") and not at:  # `According to the ministry ten were hurt`
            edge = stop
            report.content = [(edge, clause_end(items, edge, shared_cues=False))]
            return report
        edge += 1
    if (
        not owned
        and edge - start <= 14
        and not any(item.tag in ("V", "A", "Q") for item in items[stop:edge])
    ):
        report.speaker = (start, edge)  # `a report by the institute for …`
    before = at - 1 if at and items[at - 1].tag == "," else at
    anew = before > 0 and items[before - 1].tag == "C"  # `…, and according to Lemm, it rained`
    if before > 0 and not anew and (items[at - 1].tag == "," or edge >= len(items) - 1):
        begin = 0
        for index in range(before - 1, -1, -1):
            if items[index].tag == ";":
                begin = index + 1
                break
        if items[begin].tag == "C":
            begin += 1
        if not finite(items, begin, before) and _told_beside(items, edge):
            return None
        begin = _over_speaking(items, begin, before)
        told = items[begin].lower != "that" and _tells(items, begin, before)
        report.content = [(begin, before)] if told else []
        if edge < len(items) - 1 and items[edge].tag == "," and not _appositive(items, edge):
            tail = clause_end(items, edge + 1)
            narrated = items[edge + 1].tag in ("S", "C", "E", "G")  # `…, published on Monday`
            if not narrated and tail > edge + 1 and _tells(items, edge + 1, tail):
                report.content.append((edge + 1, tail))
        return report if report.content else None
    if at > 4 and not anew and any(item.tag == "S" for item in items[:at]):
        return None  # a part of what is told: `that will be lost according to the treaty`
    if (at > 4 and not anew) or (at and (edge >= len(items) or items[edge].tag != ",")):
        report.content = [(0, at)]
        return report if _tells(items, 0, at) else None
    if edge < len(items) and items[edge].tag == ",":
        edge += 1
    first = edge
    while _appositive(items, edge - 1):
        closing = next((i for i in range(edge, len(items)) if items[i].tag == ","), None)
        if closing is None:
            break
        edge = closing + 1
    if edge + 1 < len(items) and items[edge].lower == "however" and items[edge + 1].tag == ",":
        edge += 2
    if edge < len(items) and items[edge].tag in ("V", "A", "R"):
        edge = first  # what looked like an apposition is the subject of what follows
    tail = clause_end(items, edge, shared_cues=False)
    if tail <= edge:
        return None
    if items[tail : tail + 1] and items[tail].tag == ";" and _goes_on(items, tail + 1):
        tail = clause_end(items, tail + 1, shared_cues=False)
    report.content = [(edge, tail)]
    return report


def _goes_on(items: Words, at: int) -> bool:
    """Whether the same words go on behind a semicolon: `; and, therefore, …`."""
    two = [item.lower for item in items[at : at + 3]]
    return two[:1] == ["therefore"] or (two[:1] == ["and"] and two[-1] in ("therefore", "thus"))


_OWN = lexicon.words("his her their")
_TOLD = lexicon.words("story words account version")


def _told_beside(items: Words, edge: int) -> bool:
    """Whether a verb of their own follows: `Lemm, according to his office, accused Sevria of …`."""
    at = edge + 1
    while at < len(items) and items[at].tag in ("A", "R"):
        at += 1
    return at < len(items) and items[at].tag == "V" and items[at].lower in lexicon.VERBS


def _over_speaking(items: Words, begin: int, before: int) -> int:
    """Past the occasion that opens a sentence: `Speaking to the mayor, Lemm stressed that …`."""
    if items[begin].lower not in ("speaking", "commenting", "addressing"):
        return begin
    comma = next((at for at in range(begin, before) if items[at].tag == ","), before)
    return comma + 1 if comma + 2 < before else begin


def _tells(items: Words, start: int, end: int) -> bool:
    """Whether words or a clause stand there that can be told."""
    return finite(items, start, end) or any(item.quote for item in items[start:end])


_OFFICES = lexicon.TITLES | lexicon.PEOPLE


def in_their_words(items: Words, at: int) -> Report | None:
    """`In his words, the talks were over.`"""
    owned = items[1].lower in ("his", "her", "their", "its")
    if items[0].lower != "in" or not owned or at + 2 >= len(items) or items[at + 1].tag != ",":
        return None
    content = [(at + 2, clause_end(items, at + 2, shared_cues=False))]
    return Report("in-words", 0.85, (0, at + 1), content, (1, 2), lemma="words", act="assertion")


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
    if not comma + 1 < stop < len(items) - 1 or items[stop].tag != ",":
        return False
    if any(item.lower in _OFFICES for item in items[comma + 1 : stop]):
        return items[stop + 1].tag not in ("E", "C", "S")  # `, the town's clerk, about 60 …`
    return items[comma + 1].lower in ("a", "an", "one")
