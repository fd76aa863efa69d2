"""Documents in words, for those who read a table or a feed.

Every function takes what a document holds of something (a reference, a speaker, a figure) and
takes a member that is not there, as `fields` and `expand` may leave it, for one that is null.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Document = dict[str, Any]

BETWEEN = " | "
"""What stands between the parts of a list."""


def listed(parts: Iterable[str | None]) -> str:
    """The parts in their order; an absent one keeps its place, so that lists can be lined up."""
    texts = [part or "" for part in parts]
    return BETWEEN.join(texts) if any(texts) else ""


def label(topic: Document | None) -> str | None:
    """A topic's label: as a reference gives it, or from the topic itself, inlined."""
    if topic is None:
        return None
    labels = topic.get("pref_labels") or {}
    return topic.get("label") or labels.get("en") or next(iter(labels.values()), None)


def name(actor: Document | None) -> str | None:
    return actor.get("name") if actor else None


def mention(one: Document) -> str | None:
    """Somebody as printed, and who is meant where that is not the same: `Moscow (Russia)`."""
    printed, meant = one.get("attribution_text"), name(one.get("actor"))
    return f"{printed} ({meant})" if printed and meant and printed != meant else printed or meant


def speaker(one: Document) -> str:
    """A speaker with the office that was printed, and for whom they spoke."""
    who = mention(one) or _unnamed(one)
    role, behalf = one.get("role"), name(one.get("on_behalf_of"))
    return (f"{role} " if role else "") + who + (f" for {behalf}" if behalf else "")


def _unnamed(one: Document) -> str:
    return f"[{one.get('status') or 'unresolved'}]"


def speakers(report: Document) -> str:
    """Whoever a report gives the words to; it may give them to nobody."""
    if "speakers" not in report:
        return ""
    return ", ".join(map(speaker, report["speakers"])) or _NOBODY


def names(report: Document) -> str:
    """The same in short: who is meant, or else what was printed."""
    if "speakers" not in report:
        return ""
    found = [
        name(one.get("actor")) or one.get("attribution_text") or _unnamed(one)
        for one in report["speakers"]
    ]
    return ", ".join(dict.fromkeys(found)) or _NOBODY


_NOBODY = "[attributed to nobody]"


def via(one: Document) -> str | None:
    """Through whom words came, and what they are to the speaker: `Tass (agency)`."""
    who, kind = mention(one), one.get("kind")
    return f"{who} ({kind})" if who and kind else who or kind


def figure(one: Document) -> str:
    """A figure with its wording and its bounds: `killed, civilian, Azerbaijan: 63 (best 63)`."""
    about = [one.get("measure"), one.get("population"), *map(name, one.get("parties") or ())]
    about += [f"per {one['per']}" if one.get("per") == "each" else None]
    about += [label(one.get("place")), one.get("unit")]
    found = ", ".join(part for part in about if part) + f": {one.get('as_worded')}"
    bounds = [f"{it} {one[it]}" for it in ("low", "best", "high") if one.get(it) is not None]
    if one.get("status") not in (None, "stated"):
        bounds.append(one["status"])
    return found + (f" ({', '.join(bounds)})" if bounds else "")


def period(one: Document) -> str:
    """A start and an end, an open one as `..`; nothing where both are."""
    start, end = one.get("start_date"), one.get("end_date")
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def source(one: Document | None) -> str:
    """A publication: title, publisher, date."""
    if one is None:
        return ""
    parts = [one.get("title"), name(one.get("publisher")), one.get("published_at")]
    return ", ".join(part for part in parts if part) or one.get("id", "")


def caveats(statement: Document | None, report: Document | None) -> Iterator[str]:
    """Why words are not to be read as plainly said: whatever shows the words shows these."""
    if (statement or {}).get("polarity") == "negated":
        yield "negated"
    if (statement or {}).get("disputed"):
        yield "a report is disputed"
    if (factuality := (report or {}).get("factuality")) not in (None, "actual"):
        yield factuality
    if (status := (report or {}).get("status")) in ("disputed", "rejected"):
        yield status
    if (report or {}).get("parent"):
        yield "at second hand"
