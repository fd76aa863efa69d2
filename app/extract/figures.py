"""Numbers of people and things in reported words, with their wording and the bounds it gives."""

import re

from app.extract import lexicon
from app.extract.measures import MEASURES, POPULATIONS, counted, measure
from app.extract.proposal import Number, Span
from app.extract.tokens import Item, inner_items

_QUALIFIERS: dict[str, str] = {}
for _kind, _phrases in (
    ("almost", "almost|nearly|close to|just under|approaching|nearing"),
    ("more_than", "more than|over|above|upwards of|exceeding|in excess of|well over|just over"),
    ("at_least", "at least|no fewer than|not less than|no less than|a minimum of"),
    ("at_most", "up to|at most|no more than|fewer than|less than|under|as many as|a maximum of"),
    ("about", "about|around|some|approximately|roughly|an estimated|estimated|circa|nearly about"),
    ("exactly", "exactly|precisely|only|just|a total of|another|a further|all"),
):
    _QUALIFIERS |= dict.fromkeys(_phrases.split("|"), _kind)

_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: value for value, word in enumerate(_COUNTED.split())}
_WORDS |= {word: 10 * value for value, word in enumerate(_TENS.split(), start=3)}
_VAGUE = lexicon.words(
    "dozens scores hundreds thousands millions several many numerous countless tens few"
)
_TIMES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000}
_UNITS_OF_OTHER_THINGS = lexicon.words(
    "percent per % am pm a.m a.m. p.m p.m. gmt utc km kilometers kilometres miles metres meters "
    "hours hour days day weeks week months month years year minutes minute seconds year-old "
    "degrees dollars euros pounds o'clock century centuries times tons tonnes feet points goals "
    "seats votes"
)
_MONTHS = lexicon.words(
    "january february march april may june july august september october november december"
    " jan jan. feb feb. mar. apr apr. jun. jul. aug aug. sept sept. sep sep. oct oct. nov nov."
    " dec dec."
)
_COUNTING = re.compile(
    rf"\d|\b(?:{'|'.join(sorted({*_WORDS, *_VAGUE, *_TIMES}))})\b", re.IGNORECASE
)
"""What stands in words that may have a figure: the others are not looked through."""
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?")


def figures(text: str, spans: list[Span]) -> list[Number]:
    """The figures in these spans, in order. Dates, ages, money and the like are none."""
    words: list[Item] = []
    if not any(_COUNTING.search(text, span.start, span.end) for span in spans):
        return []
    for span in spans:
        words += inner_items(text, span.start, span.end)
    found: list[Number] = []
    amounts = [_amount(words, place) for place in range(len(words))]
    is_number = [stop > place for place, (_, stop) in enumerate(amounts)]
    if True not in is_number:
        return found
    at = 0
    while at < len(words):
        amount, stop = amounts[at]
        if stop == at:
            at += 1
            continue
        one = _figure(text, words, at, stop, amount, is_number)
        if one:
            found.append(one)
            while stop < len(words) and words[stop].start < one.span.end:
                stop += 1
        at = stop
    return found


def _amount(words: list[Item], at: int) -> tuple[float | None, int]:
    """The number that begins here and where it ends; None where it is only `dozens`."""
    item = words[at]
    word = item.lower
    if word in _VAGUE:
        stop = at + 1
        if stop + 1 < len(words) and words[stop].lower == "of" and words[stop + 1].lower in _VAGUE:
            stop += 2
        while stop < len(words) and words[stop].lower in _TIMES:  # `several dozen`
            stop += 1
        return None, stop
    if word in _WORDS and not (
        word == "one" and at + 1 < len(words) and words[at + 1].lower in ("of", "another")
    ):
        value: float = _WORDS[word]
    elif _NUMBER.fullmatch(item.text):
        value = float(item.text.replace(",", ""))
    elif word in ("a", "one") and at + 1 < len(words) and words[at + 1].lower in _TIMES:
        value = 1
    else:
        return None, at
    stop = at + 1
    while stop < len(words) and words[stop].lower in _TIMES:
        value *= _TIMES[words[stop].lower]
        stop += 1
    return value, stop


def _figure(
    text: str, words: list[Item], at: int, stop: int, amount: float | None, is_number: list[bool]
) -> Number | None:
    after = words[stop].lower if stop < len(words) else ""
    before = words[at - 1].lower if at else ""
    if words[at].lower == "one" and before in ("no", "any", "every", "each", "some"):
        return None
    if _is_whole(words, at, is_number):
        return None
    if (
        after in _UNITS_OF_OTHER_THINGS
        or before in _MONTHS
        or before in ("$", "€", "£", "aged", "no.")
    ):
        return None
    if after in _MONTHS or after.startswith("-year"):
        return None
    bare = words[at].text
    if (
        bare.isdigit()
        and len(bare) == 4
        and 1800 <= int(bare) <= 2100
        and after not in POPULATIONS
        and after not in MEASURES
        and after != "people"
    ):
        return None
    upper, end = _range(words, stop) if amount is not None else (None, stop)
    if end < len(words) and words[end].lower in _MONTHS:
        return None  # `from 2 to 5 April`
    counts = measure(words, at, end, is_number)
    if counts is None:
        return None
    start, qualifier = _qualifier(words, at)
    low = best = high = None
    if amount is None:
        qualifier = "vague"
    elif upper is not None:
        qualifier, low, high = "between", amount, upper
        if at and words[at - 1].lower in ("between", "from"):
            start = at - 1
    elif qualifier in ("exactly", "about"):
        best = amount
    elif qualifier in ("almost", "at_most"):
        high = amount
    else:
        low = amount
    last, population = counted(words, end)
    per = "total"
    for index in range(last, min(len(words) - 1, last + 4)):
        if words[index].lower == "on" and words[index + 1].lower in ("each", "either"):
            per = "each"
            last = min(len(words), index + 3)
    span = Span(words[start].start, words[last - 1].end)
    return Number(
        counts,
        span,
        " ".join(text[span.start : span.end].split())[:200],
        qualifier,
        low,
        best,
        high,
        population,
        per,
    )


def _is_whole(words: list[Item], at: int, is_number: list[bool]) -> bool:
    """Whether a number is that of which another is a part: `12 of the 30`."""
    for of in (at - 1, at - 2):
        if of > 0 and words[of].lower == "of":
            return is_number[of - 1]
    return False


_HANDED = lexicon.words("hand handed handing hands turn turned turning take took taken taking")


def _qualifier(words: list[Item], at: int) -> tuple[int, str]:
    for length in (3, 2, 1):
        start = at - length
        if start >= 0:
            phrase = " ".join(word.lower for word in words[start:at])
            if phrase == "over" and start and words[start - 1].lower in _HANDED:
                continue  # `handed over 15 captives`
            if phrase in _QUALIFIERS:
                kind = _QUALIFIERS[phrase]
                plain = phrase in ("just", "only", "another", "a further", "all")
                return (at if plain else start), kind
    return at, "exactly"


def _range(words: list[Item], stop: int) -> tuple[float | None, int]:
    """`between 30 and 40`, `30 to 40`, `30-40`: the upper number and where it ends."""
    if stop + 1 < len(words) and words[stop].text in ("to", "and", "-", "–"):
        joined = words[stop].text
        value, end = _amount(words, stop + 1)
        if value is not None:
            first = words[stop - 2].lower if stop > 1 else ""
            if joined != "and" or first == "between":
                return value, end
    return None, stop


def undisclosed(words: list[Item], text: str) -> Number | None:
    """The figure that a silence withholds: `has not disclosed its military losses`."""
    for index, item in enumerate(words):
        withheld = MEASURES.get(item.lower)
        if withheld in ("casualties", "killed", "wounded"):
            start = index
            while start and words[start - 1].text[0].isalpha() and index - start < 3:
                if words[start - 1].lower in (
                    "disclosed",
                    "revealed",
                    "released",
                    "published",
                    "disclose",
                ):
                    break
                start -= 1
            inner = Span(words[start].start, item.end)
            population = next(
                (
                    POPULATIONS[word.lower]
                    for word in words[start:index]
                    if word.lower in POPULATIONS
                ),
                None,
            )
            return Number(
                withheld,
                inner,
                inner.of(text),
                "vague",
                population=population,
                status="undisclosed",
            )
    return None
