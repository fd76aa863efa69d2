"""Sentences whose quotations are single items, each word with a rough part of speech.

The parts of speech are what the rules need and no more: D determiner, P preposition, C conjunction,
S subordinator, A auxiliary, V verb that can head a clause, E form in -ed or the like that may be a
participle, G form in -ing, R adverb, I pronoun, M number, X capitalised, T day or time, W any other
word, Q quotation, `'s`, and marks as themselves.
"""

import re
from dataclasses import dataclass

from app.extract import lexicon
from app.extract.tagging import tag
from app.extract.tokens import END, Item, Paragraph, Words

MOST_ITEMS = 200
"""A longer sentence is read in pieces, so that the work grows with the length and no faster."""

_DATELINE = re.compile(
    r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+[ ,/]{1,2}){1,5}+"
    r"(?:(?:\d{1,2}|[A-Z][\w.'’-]{0,25})[ ,]{1,2}){0,4}+"
    r"(?:\([^()\n]{1,40}\) ?)?+(?:--|[-–—]) ?"
    r"|(?:[A-Z][\w.'-]{1,20}+,? ){1,4}+\((?:AP|AFP|Reuters|TASS|Xinhua|ANI|UPI|CNN)\)"
    r" ?(?:--|[-–—])?+ ?"
    r"|[A-Z][\w.'-]{1,20}+(?: ?/ ?[A-Z][\w.'-]{1,20}+){0,2}+ \([A-Za-z]{2,12}\) ?(?:--|[-–—]) ?"
    r"|[A-ZÀ-Þ][A-ZÀ-Þ'’-]{2,}(?:, (?:\d{1,2}|[A-Z][\w.'’-]{0,25})(?: \d{1,2})?){1,3}+: ?"
    r"|[A-ZÀ-Þ]{3,20} \([^()\n]{1,40}\): ?"
    r"|(?:[A-ZÀ-Þ][\w.'’-]{1,20}+ ){1,3}+: (?=[A-Z])"
    r"|(?:[A-ZÀ-Þ][\w.'’-]{1,20}+ ){1,3}+(?:\[[\w .]{2,15}\])?, [A-Z][a-z.]{2,9} \d{1,2}"
    r" \([^()\n]{2,30}\): ?"
    r"|[A-ZÀ-Þ][A-ZÀ-Þ'’ /,-]{2,40}\((?=[^()\n]{0,50}\d)[^()\n]{3,60}\) (?=[A-Z])"
)
_HOUR = re.compile(r"\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?)?(?: GMT)? ?[-–—:] ?")
"""The hour before an entry of a live report: `07:00 GMT – The army said …`."""
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
    hour = _HOUR.match(text, span.start, span.end)
    if hour:
        return hour.end()
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
        tag(sentence.items)
    return found


def _ends(words: list[Item], index: int, item: Item) -> bool:
    following = words[index + 1] if index + 1 < len(words) else None
    if following is None:
        return True
    if item.quote:
        last = item.text[-1]
        if last == "." and item.quote.closed:
            return not (following.text[0].islower() or following.text in ",;")
        if last in "!?…" or not item.quote.closed:
            return not _attributes(words, index + 1)
        return False
    if item.text in END or (item.text[0] == "." and len(item.text) > 2):
        if following.quote:
            return item.text != "…"
        if following.text in ",;" and item.text == ".":
            return False  # `ports, etc., said`, and a slip: `it rained., Lemm said`
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
    if first.lower in ("said", "says"):
        return True  # `“We won!” Said the minister`
    if first.text[0].isupper() and _named_then_told(words, start):
        return True
    for item in words[start : start + 8]:
        if item.quote or item.text in END:
            return False
        form = lexicon.VERBS.get(item.lower)
        if form and form.kind in ("past", "third") and any("q" in v.frames for v in form.verbs):
            return first.text[0].islower() or item is not first
    return False


def _named_then_told(words: list[Item], start: int) -> bool:
    """`“Why?” Aker, a teacher who had stayed at home, told the paper.`"""
    commas = [at for at in range(start, min(len(words), start + 30)) if words[at].text == ","]
    if not commas or commas[0] > start + 3 or len(commas) < 2:
        return False
    after = words[commas[1] + 1] if commas[1] + 1 < len(words) else None
    form = lexicon.VERBS.get(after.lower) if after else None
    return form is not None and form.kind == "past" and any("q" in v.frames for v in form.verbs)
