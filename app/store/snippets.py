"""Snippets: where a query's words stand in what is answered, with offsets of the original text."""

from collections.abc import Iterator
from typing import Any

import orjson

from app.models.fold import Word, words
from app.store.search import Search

AROUND = 80
"""Code points shown before the first and after the last word that was found."""
LONGEST = 300


def with_snippets(search: Search, item: str, score: int) -> str:
    """A record with the member `search`: its score, and where in it the words stand."""
    found = list(_snippets(search, orjson.loads(item)))
    hit = orjson.dumps({"score": score, "snippets": found}).decode()
    return f'{item[:-1]},"search":{hit}}}'


def _snippets(search: Search, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    seen = set()
    for field, text in _texts(document):
        if text and text not in seen and (snippet := _snippet(search, text)):
            seen.add(text)
            yield {"field": field, **snippet}


def _texts(document: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "content", document["content"]
    for translation in document["translations"]:
        yield "translations", translation["content"]
    yield "occasion", document["occasion"]
    for report in document["attributions"]:
        yield "quoted_text", report.get("quoted_text")
        for speaker in report.get("speakers", ()):
            yield "speakers", speaker["attribution_text"]
            yield "speakers", (speaker["actor"] or {}).get("name")


def _snippet(search: Search, text: str) -> dict[str, Any] | None:
    spans = list(_spans(search, words(text)))
    if not spans:
        return None
    start = max(0, spans[0][0] - AROUND)
    end = min(len(text), max(start + LONGEST, spans[0][1]), spans[-1][1] + AROUND)
    inside = [(one, other) for one, other in spans if other <= end]
    highlights = [{"start": one - start, "end": other - start} for one, other in inside]
    return {"text": text[start:end], "offset": start, "highlights": highlights}


def _spans(search: Search, found: list[Word]) -> Iterator[tuple[int, int]]:
    """Where the wanted words and phrases stand, as half-open ranges of code points, in order."""
    keys = [word.key for word in found]
    beginnings = tuple(term.keys[-1] for term in search.wanted if term.prefix)
    firsts = {term.keys[0] for term in search.wanted}
    at = 0
    while at < len(found):
        if keys[at] not in firsts and not keys[at].startswith(beginnings):
            at += 1
            continue
        length = max(
            (_match(term.keys, term.prefix, keys, at) for term in search.wanted), default=0
        )
        if length:
            yield found[at].start, found[at + length - 1].end
        at += length or 1


def _match(wanted: tuple[str, ...], prefix: bool, keys: list[str], at: int) -> int:
    if prefix:
        return int(keys[at].startswith(wanted[-1]))
    return len(wanted) if tuple(keys[at : at + len(wanted)]) == wanted else 0
