"""Snippets: where a query's words stand in what is answered, with offsets of the original text."""

from collections.abc import Iterator
from typing import Any

import orjson

from app.models.fold import keys, places
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
    seen = set[str]()
    for field, text in _texts(document):
        if text and text not in seen:
            seen.add(text)
            if snippet := _snippet(search, text):
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
    runs = list(_runs(search, keys(text)))
    if not runs:
        return None
    ends = places(text, {at for run in runs for at in run})
    spans = [(ends[first][0], ends[last][1]) for first, last in runs]
    start = max(0, spans[0][0] - AROUND)
    end = min(len(text), max(start + LONGEST, spans[0][1]), spans[-1][1] + AROUND)
    inside = [(one, other) for one, other in spans if other <= end]
    highlights = [{"start": one - start, "end": other - start} for one, other in inside]
    return {"text": text[start:end], "offset": start, "highlights": highlights}


def _runs(search: Search, found: list[str]) -> Iterator[tuple[int, int]]:
    """The wanted words and phrases among these, by the numbers of their first and last words."""
    beginnings = tuple(term.keys[-1] for term in search.wanted if term.prefix)
    firsts = {term.keys[0] for term in search.wanted}
    begun = [at for at, key in enumerate(found) if key in firsts]
    if beginnings:
        begun = [at for at, key in enumerate(found) if key in firsts or key.startswith(beginnings)]
    end = 0
    for at in begun:
        if at >= end:
            length = max(_match(term.keys, term.prefix, found, at) for term in search.wanted)
            if length:
                end = at + length
                yield at, end - 1


def _match(wanted: tuple[str, ...], prefix: bool, found: list[str], at: int) -> int:
    if prefix:
        return int(found[at].startswith(wanted[-1]))
    return len(wanted) if tuple(found[at : at + len(wanted)]) == wanted else 0
