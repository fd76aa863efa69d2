"""Attributions that were annotated by hand, as `benchmarks/annotated/*.txt` has them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gum import Article, Gold, Span

FOLDER = Path(__file__).parent / "annotated"
_MARKS = '"“”'


def read(name: str, texts: dict[str, str]) -> Iterator[Article]:
    """The articles of an annotation file, with the spans in their texts.

    Raises `ValueError` where the words of an annotation do not stand in the text.
    """
    found: dict[str, list[Gold]] = {}
    article = ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            article = line[3:].strip()
            found[article] = []
        elif line and not line.startswith("#"):
            found[article].append(_gold(texts[article], line))
    for article, gold in found.items():
        yield Article(article, texts[article], gold)


def of_record(record: Path, text: Path) -> Article:
    """The attributions of an interchange file as they are anchored in a text.

    What the document says in its own voice, and that somebody spoke without what, are left out.
    """
    found: list[Gold] = []
    for line in record.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if one["type"] != "attribution":
            continue
        places: dict[str, list[Span]] = {"content": [], "speaker": []}
        for selector in one.get("selectors", ()):
            places.setdefault(selector["role"], []).append((selector["start"], selector["end"]))
        own_voice = any(who.get("status") == "document" for who in one.get("speakers", ()))
        if places["content"] and not own_voice:
            direct = one.get("quotation_type") == "direct"
            speakers = sorted(set(places["speaker"]))
            found.append(Gold(places["content"], speakers, one.get("cue", ""), True, direct))
    return Article(text.stem, text.read_text(encoding="utf-8"), found)


def _gold(text: str, line: str) -> Gold:
    belief = line.startswith("~")
    speaker, cue, content = (part.strip() for part in line.lstrip("~ ").split(" | "))
    spans: list[Span] = []
    at = 0
    for part in content.split("//"):
        first, _, last = (words.strip() for words in part.partition("..."))
        start = text.find(first, at)
        end = text.find(last, start) + len(last) if last else start + len(first)
        if start < 0 or end < start + len(first):
            raise ValueError(f"these words do not stand in the text: {part.strip()}")
        spans.append((start, end))
        at = end
    who = _nearest(text, speaker, spans) if speaker != "-" else []
    quoted = [_is_quoted(text, span) for span in spans]
    return Gold(spans, who, cue, not belief, all(quoted))


def _nearest(text: str, speaker: str, spans: list[Span]) -> list[Span]:
    """The mention of these words that stands nearest to the content."""
    whole = re.compile(rf"(?<!\w){re.escape(speaker)}(?!\w)")
    places = [
        match.start()
        for match in whole.finditer(text)
        if not any(start <= match.start() < end for start, end in spans)
    ]
    if not places:
        raise ValueError(f"this speaker does not stand in the text: {speaker}")
    start, end = spans[0][0], spans[-1][1]

    def distance(place: int) -> int:
        return min(abs(place - end), abs(place + len(speaker) - start))

    best = min(places, key=distance)
    return [(best, best + len(speaker))]


def _is_quoted(text: str, span: Span) -> bool:
    """Whether a mark opens right before the words and closes after them."""
    before = text[max(0, span[0] - 2) : span[0]].strip()
    after = text[span[1] : span[1] + 2]
    return bool(before) and before[-1] in _MARKS and any(mark in after for mark in _MARKS)
