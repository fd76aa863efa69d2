"""Where the words that a clause reports end: at the sentence's end, or at another report."""

from app.extract import lexicon
from app.extract.phrases import phrase_after
from app.extract.tokens import END, Item, Words


def clause_end(items: Words, start: int, *, shared_cues: bool = True) -> int:
    """Where the reported clause that begins at `start` ends: the sentence's end, or another report.

    It goes on over `and` and commas until words come that report in their own right.
    """
    last = _last(items)
    at = _stop(items, start + 1) if shared_cues else _comma_stop(items, start + 1)
    closing = _closing(items, start)
    stop = min(at, closing, max(last, start))
    if stop < last and items[stop].tag == "C" and items[stop - 1].tag == "," and stop - 1 > start:
        stop -= 1
    return stop


def _last(items: Words) -> int:
    last = len(items)
    while last and items[last - 1].text in END:
        last -= 1
    return last


def _stop(items: Words, start: int) -> int:
    return _next(items, start, "stop")


def _comma_stop(items: Words, start: int) -> int:
    return _next(items, start, "comma")


def _next(items: Words, start: int, kind: str) -> int:
    """The first place from `start` on where a report ends; found for all places at once."""
    if (kind, 0) not in items.known:
        last = following = _last(items)
        for at in range(len(items) - 1, -1, -1):
            item = items[at]
            if at < last and (
                item.tag == ";"
                or (item.tag == "," and _breaks(items, at, last))
                or (kind == "stop" and item.tag == "C" and _reports(items, at + 1, last))
            ):
                following = at
            items.known[kind, at] = following
    return items.known.get((kind, start), len(items))


def _closing(items: Words, start: int) -> int:
    """Where the bracket closes that `start` stands in; the sentence's end, if in none."""
    if ("bracket", 0) not in items.known:
        opened: list[int] = []
        inside: dict[int, int] = {}
        for at, item in enumerate(items):
            if item.text == ")" and opened:
                inside[opened.pop()] = at
            items.known["bracket", at] = opened[-1] if opened else -1
            if item.text == "(":
                opened.append(at)
        for at in range(len(items)):
            items.known["bracket", at] = inside.get(items.known["bracket", at], len(items))
    return items.known.get(("bracket", start), len(items))


def _breaks(items: Words, comma: int, last: int) -> bool:
    """Whether the words after a comma are a report of their own, or the reporter's again."""
    at = comma + 1
    if at >= last:
        return True
    first = items[at]
    if first.tag == "Q":
        return False
    if first.lower in ("according", "adding", "citing", "saying", "noting", "reports", "whereas"):
        return True
    form = lexicon.VERBS.get(first.lower)
    if (
        form
        and form.kind in ("past", "third", "ing")
        and any("r" not in v.frames and "m" not in v.frames for v in form.verbs)
        and first.tag in ("V", "G")
    ):
        return True
    if first.tag == "C":
        return _reports(items, at + 1, last)
    if first.lower == "with":
        end = phrase_after(items, at + 1)
        form = lexicon.VERBS.get(items[end].lower) if end < last else None
        return form is not None and form.kind == "ing"
    if first.lower in ("while", "although", "though", "as", "after", "when"):
        return first.lower == "while" or _reports(items, at + 1, last)
    # `, the ministry said` closes the clause
    end = phrase_after(items, at, names=False)
    while end < last and items[end].tag in ("R", "A"):
        end += 1
    if end > at and end < last:
        verb = lexicon.VERBS.get(items[end].lower)
        if verb and verb.kind in ("past", "third") and any("t" in v.frames for v in verb.verbs):
            following = items[end + 1] if end + 1 < len(items) else None
            return following is None or following.tag in (
                *(",", ".", "P", "T", "R", "?", "!", ":", "Q"),
            )
    return False


def _reports(items: Words, at: int, last: int) -> bool:
    """Whether a verb that attributes follows at once, with or without a subject before it."""
    while at < last and items[at].tag == "R":
        at += 1
    if at >= last:
        return False
    if _cue(items[at]):
        return items[at].tag in ("V", "E")
    if items[at].lower in lexicon.VERBS and at + 1 < last and items[at + 1].lower == "that":
        return True
    end = phrase_after(items, at)
    if end == at:
        return False
    if at < end < last and items[end].tag == ",":  # `and its leader, Pia Holm, demanded`
        closing = next((i for i in range(end + 1, min(last, end + 8)) if items[i].tag == ","), end)
        end = closing + 1 if closing > end else end
    while end < last and items[end].tag in ("R", "A"):
        end += 1
    return at < end < last and items[end].tag == "V" and _cue(items[end])


def _cue(item: Item) -> bool:
    form = lexicon.VERBS.get(item.lower)
    return (
        bool(form)
        and form is not None
        and form.kind in ("past", "third", "base")
        and any("r" not in verb.frames for verb in form.verbs)
    )
