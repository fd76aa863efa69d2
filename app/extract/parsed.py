"""The back end over spaCy's dependency parse: the extra `onrecord[nlp]`.

The rules of the built-in back end find the cues; the parse says where their clauses end, whose they
are, which of the words are verbs at all, and adds clauses that the rules did not see. Any English
pipeline with a tagger, a parser and lemmas will do.
"""

import importlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from app.extract import builtin, lexicon
from app.extract.refusals import NoPipeline
from app.extract.report import Range, Report
from app.extract.sentences import Sentence
from app.extract.tokens import Words

NOT_NEEDED = ["ner", "textcat", "senter"]
_CLAUSES = frozenset(("ccomp", "xcomp"))
_SUBJECTS = frozenset(("nsubj", "nsubjpass", "csubj", "nsubj:pass", "agent"))
_LOOSE = frozenset(("relcl", "appos", "acl:relcl", "punct"))


@lru_cache(2)
def _load(name: str) -> Any:
    try:
        spacy = importlib.import_module("spacy")
    except ImportError as error:
        raise NoPipeline(
            "reading with a parse needs the extra nlp: pip install 'onrecord[nlp]'"
        ) from error
    try:
        return importlib.import_module(name).load(exclude=NOT_NEEDED)
    except (ImportError, AttributeError):
        pass
    try:
        return spacy.load(name, exclude=NOT_NEEDED)
    except OSError as error:
        raise NoPipeline(f"the spaCy pipeline {name} is not installed") from error


def reader(name: str) -> Callable[[str, list[Sentence]], list[list[Report]]]:
    """The back end with the pipeline of this name; raises NoPipeline where there is none."""
    pipeline = _load(name)

    def read(text: str, sentences: list[Sentence]) -> list[list[Report]]:
        found = builtin.read(sentences)
        spoken = [_plain(text, one.items) for one in sentences]
        parses = pipeline.pipe((words for words, _ in spoken), batch_size=64)
        return [
            _reports(one.items, starts, parse, reports)
            for one, (_, starts), parse, reports in zip(
                sentences, spoken, parses, found, strict=True
            )
        ]

    return read


LONG_QUOTATION = 12
"""A longer quotation is one word to the parser: its grammar is its speaker's own affair."""


def _plain(text: str, items: Words) -> tuple[str, list[int]]:
    """The sentence as the parser shall read it, and where each item begins in that."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for index, item in enumerate(items):
        if index and items[index - 1].end < item.start:
            parts.append(" ")
            length += 1
        starts.append(length)
        word = text[item.start : item.end]
        if item.quote:
            inner = item.text.replace("\n", " ")
            word = f'"{inner}"' if len(inner.split()) <= LONG_QUOTATION else '"It is so"'
        parts.append(word)
        length += len(word)
    return "".join(parts), starts


class _Aligned:
    """Which item each of the parser's words is in, and the reverse."""

    def __init__(self, items: Words, starts: list[int], parse: Any) -> None:
        self.items = items
        self.of: list[int] = []
        self.first: dict[int, Any] = {}
        at = 0
        for token in parse:
            while at + 1 < len(starts) and starts[at + 1] <= token.idx:
                at += 1
            self.of.append(at)
            self.first.setdefault(at, token)

    def range_of(self, tokens: Iterable[Any]) -> Range | None:
        places = [self.of[token.i] for token in tokens]
        return (min(places), max(places) + 1) if places else None


def _reports(items: Words, starts: list[int], parse: Any, reports: list[Report]) -> list[Report]:
    aligned = _Aligned(items, starts, parse)
    kept: list[Report] = []
    cues: set[int] = set()
    for report in reports:
        token = aligned.first.get(report.cue[0])
        if (
            report.rule.startswith(("verb", "clause", "passive", "as-said", "quote-verb"))
            and token is not None
        ):
            if not _stands(report, token):
                continue
            _mend(report, token, aligned, items)
        cues.add(report.cue[0])
        kept.append(report)
    for token in parse:
        place = aligned.of[token.i]
        if place in cues or items[place].quote or token.pos_ not in ("VERB", "AUX"):
            continue
        added = _added(token, place, aligned, items)
        if added is not None:
            kept.append(added)
    return kept


def _stands(report: Report, token: Any) -> bool:
    """Whether the parser too reads a verb that attributes here."""
    if report.rule.startswith("quote") or report.lemma in ("say", "tell"):
        return True
    if token.pos_ not in ("VERB", "AUX") and report.confidence < 0.9:
        return token.dep_ in ("ROOT", "parataxis")
    if report.rule == "verb-clause" and report.thought:
        return any(child.dep_ in _CLAUSES for child in token.children)
    return True


def _mend(report: Report, token: Any, aligned: _Aligned, items: Words) -> None:
    """Take the speaker and the end of the clause from the parse, where it has them."""
    if report.rule.startswith("verb") and items[report.cue[0] - 1].tag != ",":
        whose = _speaker(token)
        found = aligned.range_of(_phrase(whose)) if whose is not None else None
        if found is not None and not (found[0] <= report.cue[0] < found[1]):
            own = report.speaker
            if own is None or not (own[0] <= found[0] and found[1] <= own[1]):
                report.speaker, report.previous = found, False
    if report.rule in ("verb-that", "verb-clause", "verb-hearer", "passive-that"):
        clause = next((c for c in token.children if c.dep_ == "ccomp" and c.i > token.i), None)
        whole = aligned.range_of(clause.subtree) if clause is not None else None
        start, end = report.content[0]
        if whole is None or len(report.content) > 1 or not whole[0] <= start + 2 < whole[1]:
            return
        stop = whole[1]
        joined = stop + 1 < end and items[stop + 1].tag == "C"  # the speaker's as often
        quoted = any(one.quote for one in items[stop:end])
        if stop < end and items[stop].tag == "," and not quoted and not joined:
            report.content = [(start, stop)]


def _speaker(token: Any) -> Any:
    """The word that heads the subject of a verb, through coordination and participles."""
    seen = 0
    while seen < 4:
        for child in token.children:
            if child.dep_ in _SUBJECTS and child.i < token.i + 6:
                if child.lower_ in ("who", "which", "that") and token.dep_ in ("relcl", "acl"):
                    return token.head
                return child
        if (
            token.dep_ in ("conj", "advcl", "xcomp", "parataxis", "ccomp")
            and token.head is not token
        ):
            if token.dep_ == "ccomp" and token.head.i > token.i:
                return None
            token = token.head
            seen += 1
            continue
        if token.dep_ in ("acl", "relcl"):
            return token.head
        return None
    return None


def _phrase(head: Any) -> list[Any]:
    """A noun phrase without what only comments on it."""
    found, stack = [], [head]
    while stack:
        token = stack.pop()
        found.append(token)
        stack += [child for child in token.children if child.dep_ not in _LOOSE]
    low, high = head.i, head.i
    places = {token.i for token in found}
    while low - 1 in places:
        low -= 1
    while high + 1 in places:
        high += 1
    return [token for token in found if low <= token.i <= high]


def _added(token: Any, place: int, aligned: _Aligned, items: Words) -> Report | None:
    """A clause that hangs on a verb that attributes, where the rules saw none."""
    form = lexicon.VERBS.get(items[place].lower)
    if form is None:
        return None
    verb = next((one for one in form.verbs if one.particle is None), None)
    if verb is None or not set("tT") & set(verb.frames) or {"m", "r"} <= set(verb.frames):
        return None
    if form.kind == "ing" and token.dep_ in ("pcomp", "csubj", "amod"):
        return None
    clause = next((c for c in token.children if c.dep_ == "ccomp" and c.i > token.i), None)
    if clause is None or not any(c.dep_ in ("nsubj", "nsubjpass", "expl") for c in clause.children):
        return None
    whose = _speaker(token)
    whole = aligned.range_of(clause.subtree)
    if whole is None or whole[0] <= place or whose is None:
        return None
    start, end = whole
    while start < end and items[start].lower in ("that", ","):
        start += 1
    if end - start < 3:
        return None
    return Report(
        "parse-clause",
        0.7,
        (place, place + 1),
        [(start, end)],
        aligned.range_of(_phrase(whose)),
        lemma=verb.lemma,
        act=verb.act,
        thought="m" in verb.frames,
        polarity="negated" if verb.act == "denial" else "affirmed",
        factuality="not_said" if any(c.dep_ == "neg" for c in token.children) else "actual",
    )
