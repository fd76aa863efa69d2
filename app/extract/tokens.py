"""Words, paragraphs and quotation marks of a text, in code points, in time linear to its length."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

_ABBREVIATIONS = (
    "Mr|Mrs|Ms|Dr|Prof|Gen|Col|Maj|Capt|Lt|Sgt|Sen|Rep|Gov|Rev|Hon|St|Jr|Sr|No|vs|Jan|Feb|Mar|Apr"
    "|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|Inc|Ltd|Corp|Co|etc|Adm|Cmdr|Supt|Pres|Mt|Ft"
)
# Repetitions are possessive or separated by characters outside them: no backtracking.
_TOKEN = re.compile(
    rf"(?:(?<![\w.])(?:[^\W\d_]\.){{2,8}}(?:-[^\W\d_]++)?+|(?<![\w.])(?:{_ABBREVIATIONS})\.(?=\s)"
    r"|(?<![\w.])[A-Z]\.(?=\s+[A-Z])"
    r"|\d++(?:-[^\W\d_]++)++"
    r"|\d++(?:[.,:]\d++)*+(?:[^\W_]++)?+"
    r"|[^\W_]++(?:(?:[-'’‑]|\.(?=[a-z]{2,4}\b)|/(?=[A-Z]))[^\W_]++)*+"
    r"|--+|\.\.\.+|[^\w\s]|_)"
)
_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c]++")
_TERMINAL = frozenset(".!?…:\"'”’»")
END = frozenset(".!?…")

OPENERS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", "‟": "”"}
_DOUBLE = re.compile("[\"“”„‟«»‹›「」『』＂]|``|''")
_SINGLE = re.compile("['‘’‚‛]")


@dataclass(slots=True)
class Quote:
    """Words between quotation marks: `start` to `end` are the words, `outer` has the marks."""

    start: int
    end: int
    outer_start: int
    outer_end: int
    closed: bool = True
    continues: bool = False
    """The next paragraph opens with a mark while this one was never closed: one quotation."""


@dataclass(slots=True, eq=False)
class Item:
    """A word, a mark, or a whole quotation (`quote`) within a sentence."""

    text: str
    lower: str
    start: int
    end: int
    quote: Quote | None = None
    tag: str = ""


class Words(list[Item]):
    """The items of a sentence, which remember what was found at each place.

    The rules ask the same questions from every verb of a sentence. Asked once a place, the work
    grows with the length of the text, whatever the text.
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        super().__init__(items)
        self.known: dict[tuple[str, int], int] = {}
        self.subjects: list[Any] = []


def remembered(find: Callable[[Words, int], int]) -> Callable[[Words, int], int]:
    """A question about one place of a sentence, answered once."""
    name = f"{find.__module__}.{find.__name__}"

    @wraps(find)
    def answer(items: Words, at: int) -> int:
        key = (name, at)
        found = items.known.get(key)
        if found is None:
            found = items.known[key] = find(items, at)
        return found

    return answer


@dataclass(slots=True)
class Paragraph:
    start: int
    end: int


def paragraphs(text: str) -> list[Paragraph]:
    """Lines, joined where a line is only wrapped: long, unfinished, and gone on in lower case."""
    found: list[Paragraph] = []
    for match in _PARAGRAPH.finditer(text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            continue
        if found:
            gap = text.count("\n", found[-1].end, start)
            wrapped = (
                gap == 1
                and found[-1].end - found[-1].start > 40
                and text[found[-1].end - 1] not in _TERMINAL
                and (text[start].islower() or text[found[-1].end - 1] in ",;")
            )
            if wrapped:
                found[-1].end = end
                continue
        found.append(Paragraph(start, end))
    return found


def quotes(text: str, spans: list[Paragraph]) -> list[list[Quote]]:
    """The quotations of each paragraph, outermost only, in order.

    One that is not closed ends with its paragraph, or goes on where the next opens with a mark.
    """
    found = [_double(text, span) for span in spans]
    for index in range(len(spans)):
        _over_paragraphs(text, spans, found, index)
    for index, span in enumerate(spans):
        inside = found[index]
        last = inside[-1] if inside else None
        if last and not last.closed and not last.continues:
            following = found[index + 1] if index + 1 < len(spans) else []
            if index + 1 < len(spans) and text[last.outer_start] == "“":
                rest = _rest(text, spans[index + 1])
                if rest and not (following and following[0].outer_start < rest.outer_end):
                    following.insert(0, rest)
            last.continues = bool(
                following and following[0].outer_start <= spans[index + 1].start + 1
            )
        if len(inside) < 2 or any(one.closed for one in inside):
            found[index] = _single(text, span, inside)
    return found


MOST_PARAGRAPHS = 8
"""Of one quotation whose marks stand only at its beginning and its end."""


def _over_paragraphs(
    text: str, spans: list[Paragraph], found: list[list[Quote]], index: int
) -> None:
    """Read on a plain mark that opens a paragraph to the plain mark that ends one of the next,
    if no other mark stands between."""
    last = found[index][-1] if found[index] else None
    if last is None or last.closed or text[last.outer_start] != '"':
        return
    if last.outer_start > spans[index].start:
        return
    for end in range(index + 1, min(len(spans), index + MOST_PARAGRAPHS)):
        marks = [one.start() for one in _DOUBLE.finditer(text, spans[end].start, spans[end].end)]
        if not marks:
            continue
        if marks == [spans[end].end - 1] and text[marks[0]] == '"':
            for at in range(index, end):
                found[at][-1:] = [_whole(spans[at], last if at == index else None)]
            stop = marks[0]
            found[end] = [Quote(spans[end].start, stop, spans[end].start, stop + 1)]
        return


def _whole(span: Paragraph, opened: Quote | None) -> Quote:
    """A paragraph that is quoted from its opening mark, if it has one, and goes on in the next."""
    start = opened.start if opened else span.start
    return Quote(start, span.end, span.start, span.end, closed=False, continues=True)


_ATTRIBUTED = re.compile(r"[,.!?…]”\s(?:[^\W\d_][\w.'’-]*\s){0,6}?(?:said|says|told|added)\b")


def _rest(text: str, span: Paragraph) -> Quote | None:
    """The rest of a quotation that the paragraph before left open, whose paragraph has no mark of
    its own before the one that closes it, and then says whose words they are."""
    match = _DOUBLE.search(text, span.start, span.end)
    if match is None or match[0] != "”" or match.start() <= span.start + 1:
        return None
    if not _ATTRIBUTED.match(text, match.start() - 1, span.end):
        return None
    return Quote(span.start, match.start(), span.start, match.end())


def _double(text: str, span: Paragraph) -> list[Quote]:
    found: list[Quote] = []
    opened: re.Match[str] | None = None
    depth = 0
    late: re.Match[str] | None = None  # a mark that closed an inner quotation, at a sentence's end
    closing = {one[0]: one.start() for one in _DOUBLE.finditer(text, span.start, span.end)}
    for match in _DOUBLE.finditer(text, span.start, span.end):
        mark, at, after = match[0], match.start(), match.end()
        before = text[at - 1] if at > span.start else " "
        ahead = text[after] if after < span.end else " "
        if opened is None:
            spaced = ahead == " " and text[after + 1 : after + 2].isalnum()
            backwards = mark == "”" and before.isspace() and (ahead.isalnum() or spaced)
            if (
                (mark in "”›」』" and not (backwards and text.find("”", after, span.end) > 0))
                or mark == "''"
                or (mark == '"' and before.isdigit() and ahead in " ,")
            ):
                continue
            if mark == "»" and not ahead.isalnum():
                continue
            opened, depth, late = match, 0, None
        elif mark == opened[0] and mark in OPENERS:
            if all(closing.get(one, 0) < at for one in (*OPENERS[mark], '"')):
                # Nothing closes any more: this mark was meant to. `“It rained, “she said.`
                _finish(text, found, opened, at, after, closed=True)
                opened = None
            else:
                depth += 1
        elif _closes(opened[0], mark) or (opened[0] == "«" and mark == "”" and "»" not in closing):
            spaced = text[opened.end()].isspace() if opened.end() < span.end else False
            if mark == '"' and before.isspace() and ahead.isalnum() and not spaced:
                _finish(text, found, opened, at, at, closed=False)
                opened = match
            elif depth:
                depth -= 1
                late = match if before in ",.!?" else late
            else:
                _finish(text, found, opened, at, after, closed=True)
                opened = None
    if opened is not None and late is not None:
        _finish(text, found, opened, late.start(), late.end(), closed=True)
    elif opened is not None:
        _finish(text, found, opened, span.end, span.end, closed=False)
    return found


def _closes(opener: str, mark: str) -> bool:
    if opener in OPENERS:
        return mark in OPENERS[opener] or (opener == "“" and mark == '"')
    if opener == "”":  # the same mark at both ends
        return mark == "”"
    return mark == opener or (opener == '"' and mark == "”") or (opener == "``" and mark in "''\"")


def _finish(
    text: str, found: list[Quote], opened: re.Match[str], end: int, outer: int, *, closed: bool
) -> None:
    start = opened.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        found.append(Quote(start, end, opened.start(), outer, closed))


def _single(text: str, span: Paragraph, taken: list[Quote]) -> list[Quote]:
    """Single marks outside of double ones, where they cannot be apostrophes."""
    found: list[Quote] = []
    opened: re.Match[str] | None = None
    queue = iter([*taken, Quote(span.end + 1, span.end + 1, span.end + 1, span.end + 1)])
    ahead = next(queue)
    for match in _SINGLE.finditer(text, span.start, span.end):
        at = match.start()
        while at >= ahead.outer_end:
            ahead, opened = next(queue), None
        if ahead.outer_start <= at < ahead.outer_end:
            continue
        before = text[at - 1] if at > span.start else " "
        after = text[at + 1] if at + 1 < span.end else " "
        if opened is None:
            if match[0] in "'‘‚" and not before.isalnum() and after.isalpha():
                opened = match
        elif match[0] in "'’‘" and not after.isalnum() and not before.isspace():
            if before == "s" and after == " " and not _opens_next(text, at + 1, span.end):
                continue  # the players' union
            _finish(text, found, opened, at, at + 1, closed=True)
            opened = None
    return sorted([*taken, *found], key=lambda one: one.outer_start)


def _opens_next(text: str, start: int, end: int) -> bool:
    """Whether the next single mark opens a quotation, or there is none: the one before closed."""
    following = _SINGLE.search(text, start, min(end, start + 300))
    if following is None:
        return True
    at = following.start()
    return (
        not text[at - 1].isalnum()
        and text[at - 1] not in ",.!?…"
        and text[at + 1 : at + 2].isalnum()
    )


def items(text: str, span: Paragraph, quoted: list[Quote]) -> list[Item]:
    """The words and marks of a paragraph outside quotations, and the quotations, in order."""
    found: list[Item] = []
    at = span.start
    for quote in quoted:
        found.extend(_words(text, at, quote.outer_start))
        inner = text[quote.start : quote.end]
        found.append(Item(inner, "", quote.outer_start, quote.outer_end, quote, "Q"))
        at = quote.outer_end
    found.extend(_words(text, at, span.end))
    return found


def _words(text: str, start: int, end: int) -> Iterator[Item]:
    for match in _TOKEN.finditer(text, start, end):
        word, at = match[0], match.start()
        if len(word) > 2 and word[-1] in "sS" and word[-2] in "'’":
            yield Item(word[:-2], word[:-2].lower(), at, match.end() - 2)
            yield Item(word[-2:], "'s", match.end() - 2, match.end(), None, "'s")
        else:
            yield Item(word, word.lower().replace("’", "'"), at, match.end())


def inner_items(text: str, start: int, end: int) -> list[Item]:
    """The words and marks of a stretch, whatever quotation it stands in."""
    return list(_words(text, start, end))
