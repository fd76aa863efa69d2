"""Sentences whose quotations are single items, each word with a rough part of speech.

The parts of speech are what the rules need and no more: D determiner, P preposition, C conjunction,
S subordinator, A auxiliary, V verb that can head a clause, E form in -ed or the like that may be a
participle, G form in -ing, R adverb, I pronoun, M number, X capitalised, T day or time, W any other
word, Q quotation, `'s`, and marks as themselves.
"""

import re
from dataclasses import dataclass

from app.extract import lexicon
from app.extract.tokens import END, Item, Paragraph, Quote, Words

MOST_ITEMS = 200
"""A longer sentence is read in pieces, so that the work grows with the length and no faster."""

_DATELINE = re.compile(
    r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+[ ,/]{1,2}){1,5}+(?:(?:\d{1,2}|[A-Z][\w.]{0,15})[ ,]{1,2}){0,4}+"
    r"(?:\([^()\n]{1,40}\) ?)?+(?:--|[-–—]) ?"
    r"|(?:[A-Z][\w.'-]{1,20}+,? ){1,4}+\((?:AP|AFP|Reuters|TASS|Xinhua|ANI|UPI|CNN)\)"
    r" ?(?:--|[-–—])?+ ?"
)
_CREDIT = re.compile(
    r"(?:photo(?:graph)?|image|picture|video|credit|reporting|additional reporting|editing|writing"
    r"|written|compiled|translated|edited|read more|see also|related|sources?|caption|©|copyright"
    r"|follow us|subscribe|share this|advertisement|by [A-Z])\b[^.!?]{0,120}+$"
    r"|\(?(?:photo|image|picture)\b[^\n]{0,200}+$"
    r"|(?:reporting|editing|writing|photo(?:graph)?|image) by\b[^\n]{0,200}+$",
    re.IGNORECASE,
)
_STARTERS = lexicon.words(
    "the he she it in on at but and they we a an this that these i you as after when while "
    "however mr mr. mrs. ms. there his her their for if"
)


@dataclass(slots=True)
class Sentence:
    items: Words
    paragraph: int
    first: bool
    """Whether it begins its paragraph."""

    @property
    def bare(self) -> bool:
        """Whether nothing but quotations stand in it."""
        return all(item.quote or not item.text[0].isalnum() for item in self.items)


def credit(line: str) -> bool:
    """Whether a line is a photo credit, a signature or a link, and nothing that is reported."""
    return len(line) < 240 and _CREDIT.match(line) is not None


def dateline(text: str, span: Paragraph) -> int:
    """Where the sentence of a paragraph begins, after `BAKU (Reuters) - `."""
    match = _DATELINE.match(text, span.start, min(span.end, span.start + 120))
    return match.end() if match else span.start


def split(words: list[Item], paragraph: int) -> list[Sentence]:
    """The sentences of a paragraph's items."""
    found: list[Sentence] = []
    start = 0
    for index, item in enumerate(words):
        if _ends(words, index, item) or index - start >= MOST_ITEMS:
            found.append(Sentence(Words(words[start : index + 1]), paragraph, not found))
            start = index + 1
    if start < len(words):
        found.append(Sentence(Words(words[start:]), paragraph, not found))
    for sentence in found:
        _tag(sentence.items)
    return found


def _ends(words: list[Item], index: int, item: Item) -> bool:
    following = words[index + 1] if index + 1 < len(words) else None
    if following is None:
        return True
    if item.quote:
        last = item.text[-1]
        if last == "." and item.quote.closed:
            return not (following.lower in ("said", "says") or following.text in ",;")
        if last in "!?…" or not item.quote.closed:
            return not _attributes(words, index + 1)
        return False
    if item.text in END or (item.text[0] == "." and len(item.text) > 2):
        if following.quote:
            return item.text != "…"
        return (
            following.text[0].isupper()
            or following.text[0].isdigit()
            or not following.text[0].isalnum()
        )
    if item.text[-1] == "." and len(item.text) > 1:  # an abbreviation may also end a sentence
        dotted = item.text.count(".") > 1 or item.lower in ("etc.", "jr.", "inc.", "ltd.", "co.")
        return dotted and following.lower in _STARTERS and following.text[0].isupper()
    return False


def _attributes(words: list[Item], start: int) -> bool:
    """Whether what stands after a question or exclamation says who cried it."""
    first = words[start]
    if not first.text[0].isalnum():
        return first.text in ",-–—"
    for item in words[start : start + 8]:
        if item.quote or item.text in END:
            return False
        form = lexicon.VERBS.get(item.lower)
        if form and form.kind in ("past", "third") and any("q" in v.frames for v in form.verbs):
            return first.text[0].islower() or item is not first
    return False


def _tag(words: list[Item]) -> None:
    before = ""
    last = len(words) - 1
    for index, item in enumerate(words):
        if not item.tag:
            item.tag = _read(item, before, words[index + 1] if index < last else None, index)
            if item.tag == "V" and before == "V" and _no_second(words, index):
                item.tag = "W"
        before = item.tag


def _no_second(words: list[Item], index: int) -> bool:
    """Whether a form is a noun since a verb that reports stands before it: `rejects claims`,
    `said talks failed`."""
    form, earlier = (lexicon.VERBS.get(words[at].lower) for at in (index, index - 1))
    return (
        form is not None
        and form.kind in ("base", "third")
        and earlier is not None
        and earlier.kind != "base"
    )


_FINITE = lexicon.words("is are was were has have had can could will would should may might must")
_NOMINAL = frozenset(("D", "P", "'s", "M"))


def _read(item: Item, before: str, after: Item | None, index: int) -> str:
    word, lower = item.text, item.lower
    first = word[0]
    if not first.isalnum():
        return word
    if first.isdigit():
        return "M"
    if word.isupper() and len(word) > 1 and lower not in lexicon.NEGATIONS:
        return "X"
    if lower in _CLOSED:
        tag = _CLOSED[lower]
        if lower == "that":
            follows = after.lower if after else ""
            return "D" if before == "P" and follows not in _CLOSED else "S"
        if tag == "T" and lower == "may" and first.islower():
            return "A"
        if tag in "AP" and first.isupper() and index and lower in ("may", "will"):
            return "X" if lower == "will" and before == "X" else "T"
        return tag
    if first.isupper() and index and lower not in lexicon.VERBS:
        return "X"
    form = lexicon.VERBS.get(lower)
    if form and not (first.isupper() and index):
        if (index == 0 and form.kind == "third") or (
            form.kind in ("base", "third") and after is not None and after.lower in _FINITE
        ):
            return "W"
        if (
            form.kind == "base"
            and before in (",", "")
            and after is not None
            and (after.text.isalpha() and after.lower not in _CLOSED and after.text[0].islower())
        ):
            return "W"  # `, state television reported`
        if form.kind in ("past", "participle"):
            return "E" if before in ("D", "'s", "P") and lower not in ("said",) else "V"
        if form.kind == "ing":
            return "G"
        if before in _NOMINAL or (
            before in ("W", "E", "G") and lower in lexicon.NOUNS and _is_noun(after)
        ):
            return "W"
        return "V"
    if lower in lexicon.FINITE:
        return "W" if before in ("D", "'s") else "V"
    if first.isupper():
        return "X"
    if lower.endswith("ly") and len(lower) > 4:
        return "R"
    if lower.endswith("ed") and len(lower) > 4:
        return "E"
    if lower.endswith("ing") and len(lower) > 4:
        return "W" if before in ("D", "'s") else "G"
    return "W"


def _is_noun(after: Item | None) -> bool:
    return after is not None and (
        after.lower in ("of", "that", "for", "by") or not after.text[0].isalnum()
    )


_CLOSED: dict[str, str] = {}
for _words_of, _as in (
    (lexicon.TIMES, "T"),
    (lexicon.ADVERBS, "R"),
    (lexicon.PREPOSITIONS, "P"),
    (lexicon.DETERMINERS, "D"),
    (lexicon.OBJECT_PRONOUNS - {"her"}, "I"),
    (lexicon.SUBJECT_PRONOUNS, "I"),
    (frozenset(("everyone", "someone", "others", "nobody")), "I"),
    (lexicon.SUBORDINATORS, "S"),
    (lexicon.AUXILIARIES, "A"),
    (lexicon.CONJUNCTIONS, "C"),
    (frozenset(("not", "n't")), "R"),
    (frozenset(("to",)), "to"),
    (frozenset(("may",)), "A"),
):
    _CLOSED |= dict.fromkeys(_words_of, _as)


def quote_of(item: Item) -> Quote:
    assert item.quote is not None
    return item.quote
