"""Numbers of people and things in reported words, with their wording and the bounds it gives."""

import re

from app.extract import lexicon
from app.extract.proposal import Number, Span
from app.extract.tokens import Item, inner_items

_QUALIFIERS: dict[str, str] = {}
for _kind, _phrases in (
    ("almost", "almost|nearly|close to|just under|approaching"),
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
_TIMES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_MEASURES: dict[str, str] = {}
for _counted_as, _names in (
    (
        "killed",
        "killed kill killing kills dead died die dies deaths death fatalities fatality lives"
        " slain perished martyred",
    ),
    ("wounded", "wounded injured wounding injuring hurt injuries wounds"),
    ("casualties", "casualties losses casualty victims"),
    ("captured", "captured captives prisoners detained arrested hostages captive"),
    ("missing", "missing unaccounted"),
    ("displaced", "displaced fled evacuated refugees flee homeless fleeing"),
    ("destroyed", "destroyed destroying destroy sunk sank"),
    ("deployed", "deployed deploy deploying troops stationed peacekeepers"),
):
    _MEASURES |= dict.fromkeys(_names.split(), _counted_as)
_POPULATIONS: dict[str, str] = {}
for _population, _names in (
    ("civilian", "civilians civilian villagers residents"),
    ("military", "soldiers soldier troops servicemen fighters military personnel combatants"),
    ("police", "police policemen officers"),
    ("child", "children child"),
    ("prisoner", "prisoners captives"),
    ("mercenary", "mercenaries"),
):
    _POPULATIONS |= dict.fromkeys(_names.split(), _population)
_UNITS_OF_OTHER_THINGS = lexicon.words(
    "percent per % am pm km kilometers kilometres miles metres meters hours hour days day "
    "weeks week months month years year minutes minute seconds year-old degrees dollars euros "
    "pounds o'clock century centuries times tons tonnes feet points goals seats votes"
)
_MONTHS = lexicon.words(
    "january february march april may june july august september october november december"
)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?")
_STOPS = frozenset((".", ";", "!", "?"))
FAR = 14


def figures(text: str, spans: list[Span]) -> list[Number]:
    """The figures in these spans, in order. Dates, ages, money and the like are none."""
    words: list[Item] = []
    for span in spans:
        words += inner_items(text, span.start, span.end)
    found: list[Number] = []
    at = 0
    while at < len(words):
        amount, stop = _amount(words, at)
        if stop == at:
            at += 1
            continue
        one = _figure(text, words, at, stop, amount)
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
    text: str, words: list[Item], at: int, stop: int, amount: float | None
) -> Number | None:
    after = words[stop].lower if stop < len(words) else ""
    before = words[at - 1].lower if at else ""
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
        and (
            before in ("in", "since", "of", "by", "until", "from", "after", "the", "between", "and")
            and after not in _POPULATIONS
            and after != "people"
        )
    ):
        return None
    upper, end = _range(words, stop) if amount is not None else (None, stop)
    measure = _measure(words, at, end)
    if measure is None:
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
    last, population = _counted(words, end)
    per = "total"
    for index in range(last, min(len(words) - 1, last + 4)):
        if words[index].lower == "on" and words[index + 1].lower in ("each", "either"):
            per = "each"
            last = min(len(words), index + 3)
    span = Span(words[start].start, words[last - 1].end)
    return Number(
        measure,
        span,
        " ".join(text[span.start : span.end].split())[:200],
        qualifier,
        low,
        best,
        high,
        population,
        per,
    )


def _qualifier(words: list[Item], at: int) -> tuple[int, str]:
    for length in (3, 2, 1):
        start = at - length
        if start >= 0:
            phrase = " ".join(word.lower for word in words[start:at])
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


def _counted(words: list[Item], stop: int) -> tuple[int, str | None]:
    """Past the word for who is counted, where one says more than people."""
    for index in range(stop, min(len(words), stop + 3)):
        word = words[index].lower
        if word in _POPULATIONS:
            return index + 1, _POPULATIONS[word]
        if word in ("people", "have", "has", "were", "was", "had", "are", "and"):
            break
        if not word[0].isalpha():
            break
    return stop, None


def _measure(words: list[Item], at: int, stop: int) -> str | None:
    """The nearest word that says what is counted: after the number, else before it."""
    for index in range(stop, min(len(words), stop + FAR)):
        word = words[index].lower
        if word in _MEASURES:
            return _MEASURES[word]
        if (
            word in _STOPS
            or word in ("and", "but", "while")
            or (_amount(words, index)[1] > index and index > stop + 1)
        ):
            break
    for index in range(at - 1, max(-1, at - FAR), -1):
        word = words[index].lower
        if word in _MEASURES:
            return _MEASURES[word]
        if word in _STOPS:
            break
    return None


def undisclosed(words: list[Item], text: str) -> Number | None:
    """The figure that a silence withholds: `has not disclosed its military losses`."""
    for index, item in enumerate(words):
        measure = _MEASURES.get(item.lower)
        if measure in ("casualties", "killed", "wounded"):
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
                    _POPULATIONS[word.lower]
                    for word in words[start:index]
                    if word.lower in _POPULATIONS
                ),
                None,
            )
            return Number(
                measure, inner, inner.of(text), "vague", population=population, status="undisclosed"
            )
    return None
