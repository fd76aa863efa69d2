"""Proposals as records of the interchange file: drafts that a person may accept as they are."""

from itertools import pairwise
from typing import Any

from app.extract.proposal import Mention, Number, Proposal, Span

AROUND = 20
"""Characters before and after the words that an anchor shows, and no more of a private text."""
LONGEST = 20_000
"""Characters of content that a draft takes; a longer quotation is a document of its own."""


def drafted(text: str, one: Proposal, *, lang: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members of the statement and of its attribution, without ids and references between."""
    words = _joined(text, one.content)[:LONGEST]
    statement = {
        "content": words,
        "lang": lang if words else None,
        "polarity": one.polarity if one.polarity != "affirmed" else None,
        "speech_act": one.speech_act,
        "mode": one.mode,
    }
    attribution = {
        "speakers": [{"status": "document"}] if one.own_voice else _speakers(text, one),
        "joint": one.joint,
        "cue": one.cue.of(text)[:2_000] if one.cue else None,
        "quotation_type": one.quotation_type,
        "factuality": one.factuality if one.factuality != "actual" else None,
        "quoted_text": words,
        "lang": lang if words else None,
        "addressees": [_mention(text, mention) for mention in one.addressees],
        "selectors": _selectors(text, one),
        "figures": [_figure(figure) for figure in one.figures],
    }
    return given(statement), given(attribution)


def _joined(text: str, content: list[Span]) -> str:
    """The words, with an ellipsis between them if other words stand between any of them."""
    gaps = (text[one.end : other.start] for one, other in pairwise(content))
    left_out = any(char.isalnum() for gap in gaps for char in gap)
    return (" … " if left_out else " ").join(span.of(text) for span in content)


def given(members: dict[str, Any]) -> dict[str, Any]:
    """Without what is null or empty."""
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def _mention(text: str, mention: Mention) -> dict[str, Any]:
    printed = " ".join(mention.core.of(text).split())[:2_000]
    return given({"actor": mention.actor, "attribution_text": printed})


def _speakers(text: str, one: Proposal) -> list[dict[str, Any]]:
    found = []
    for mention in one.speakers:
        role = " ".join(mention.role.of(text).split())[:2_000] if mention.role else None
        found.append(_mention(text, mention) | given({"role": role, "status": mention.status}))
    return found


def _selectors(text: str, one: Proposal) -> list[dict[str, Any]]:
    parts: list[tuple[Span, str, int | None]] = [(span, "content", None) for span in one.content]
    if one.cue:
        parts.append((one.cue, "cue", None))
    parts += [(mention.core, "speaker", at) for at, mention in enumerate(one.speakers)]
    parts += [(mention.core, "addressee", at) for at, mention in enumerate(one.addressees)]
    parts.sort(key=lambda part: (part[0].start, part[0].end))
    return [_selector(text, *part) for part in parts]


def _selector(text: str, span: Span, role: str, index: int | None) -> dict[str, Any]:
    exact = span.of(text)[:LONGEST]
    end = span.start + len(exact)
    selector: dict[str, Any] = {"role": role, "exact": exact, "start": span.start, "end": end}
    if index is not None:
        selector["index"] = index
    return selector | given(
        {
            "prefix": text[max(0, span.start - AROUND) : span.start],
            "suffix": text[end : end + AROUND],
        }
    )


def _figure(one: Number) -> dict[str, Any]:
    withheld = one.status == "undisclosed"
    return given(
        {
            "measure": one.measure,
            "population": one.population,
            "parties": one.parties,
            "per": one.per,
            "as_worded": one.as_worded,
            "qualifier": None if withheld else one.qualifier,
            "low": _number(one.low),
            "best": _number(one.best),
            "high": _number(one.high),
            "status": one.status if withheld else None,
        }
    )


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and value == int(value) else value


def records(
    text: str, found: list[Proposal], *, source: str, lang: str | None
) -> list[dict[str, Any]]:
    """All proposals as lines of an interchange file that refers to a source already there.

    What a rule is and how sure it is stands in `note`.
    """
    lines: list[dict[str, Any]] = []
    for position, one in enumerate(found):
        id = f"{source[:180]}:{position + 1}"
        statement, attribution = drafted(text, one, lang=lang)
        if one.content:
            statement["content_from"] = id
        lines.append({"type": "statement", "id": id, **statement})
        lines.append(
            {
                "type": "attribution",
                "id": id,
                "statement": id,
                "source": source,
                "sequence": position + 1,
                **attribution,
                **({} if one.parent is None else {"parent": f"{source[:180]}:{one.parent + 1}"}),
                "note": f"Proposed by the rule {one.rule}, confidence {one.confidence:.2f}.",
            }
        )
    return lines
