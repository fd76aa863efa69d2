"""Where the mended words of a draft stand in its source's text."""

import re
from typing import Any

from app.errors import Fault
from app.models.attribution import QuotationType, SelectorRole

AROUND = 20
"""Characters before and after the words that an anchor shows."""
_LEFT_OUT = re.compile(r"\s*(?:\[(?:…|\.\.\.)\]|…|\.\.\.)\s+")
_BETWEEN = r"[\"”»’]?\s+[\"“«‘]?"
_PARAGRAPHS = re.compile(r"[\"”»’]?\s*\n\s*[\"“«‘]?")

Part = dict[str, Any]


def renewed(
    before: dict[str, Part], made: dict[str, Part], changes: dict[str, Part], text: str | None
) -> list[Fault]:
    """Find the mended words in the text and anchor `made["attribution"]` to them.

    Where the quoted words were the content, they change with it. Words that do not stand in the
    text lose their anchors, and a quotation that follows the content goes; said of a `direct`
    quotation, that is a fault.
    """
    statement, report = changes.get("statement") or {}, changes.get("attribution") or {}
    if not ("content" in statement or {"quoted_text", "quotation_type"} & set(report)):
        return []
    attribution = made["attribution"]
    old = before["attribution"].get("quoted_text")
    follows = (
        "content" in statement
        and "quoted_text" not in report
        and old == before["statement"].get("content")
    )
    words = (made["statement"] if follows else attribution).get(
        "content" if follows else "quoted_text"
    )
    anchors = attribution.get("selectors") or []
    near = [one["start"] for one in anchors if one.get("start") is not None]
    places = _places(text, words, min(near, default=0)) if text and words else []
    if words and text and not places and attribution.get("quotation_type") == QuotationType.direct:
        return [
            Fault(
                "these words are not in the source's text, and the quotation is direct; give them "
                "as they stand there, with … where others were left out, or another quotation_type",
                "not_quoted",
                "/statement/content" if follows else "/attribution/quoted_text",
            )
        ]
    if follows:
        attribution.pop("quoted_text", None)
        if places:
            attribution["quoted_text"] = words
    if "selectors" not in report and words != old:
        kept = [one for one in anchors if one.get("role") != SelectorRole.content]
        kept += [_anchor(text or "", *place) for place in places]
        attribution["selectors"] = sorted(kept, key=lambda one: one.get("start") or 0)
    return []


def _places(text: str, words: str, near: int) -> list[tuple[int, int]]:
    """Where the words stand, in parts where some were left out; the occurrence nearest to `near`.

    Empty if any part is missing.
    """
    found: list[tuple[int, int]] = []
    for part in _LEFT_OUT.split(words.strip()):
        pieces = [re.escape(word) for word in part.split()]
        if not pieces:
            continue
        low = found[-1][1] if found else 0
        for joint in (r"\s+", _BETWEEN):
            spans = [match.span() for match in re.finditer(joint.join(pieces), text[low:])]
            if spans:
                break
        else:
            return []
        start, end = min(spans, key=lambda span: abs(span[0] + low - near))
        found += _paragraphs(text, start + low, end + low)
    return found


def _paragraphs(text: str, start: int, end: int) -> list[tuple[int, int]]:
    parts, at = [], start
    for match in _PARAGRAPHS.finditer(text, start, end):
        parts.append((at, match.start()))
        at = match.end()
    return [*parts, (at, end)]


def _anchor(text: str, start: int, end: int) -> Part:
    around = {"prefix": text[max(0, start - AROUND) : start], "suffix": text[end : end + AROUND]}
    given = {name: words for name, words in around.items() if words}
    exact = text[start:end]
    return {"role": "content", "exact": exact, "start": start, "end": end, **given}
