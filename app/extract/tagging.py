"""The rough part of speech of each word of a sentence; the letters stand in `sentences`."""

from app.extract import lexicon
from app.extract.tokens import Item

_THINGS_IN_LY = lexicon.words("assembly family supply reply anomaly monopoly")
"""Not adverbs."""


def tag(words: list[Item]) -> None:
    before = ""
    last = len(words) - 1
    for index, item in enumerate(words):
        if not item.tag:
            item.tag = _read(item, before, words[index + 1] if index < last else None, index)
            if item.tag == "V" and (
                (before == "V" and _no_second(words, index))
                or (before == "W" and _no_plural(words, index))
                or (before == "X" and _somebodys(words, index))
                or _members(words, index)
            ):
                item.tag = "W"
            elif item.tag == "W" and (
                _after_modal(words, index)
                or _calls_for(words, index)
                or _sources_report(words, index)
                or _first_verb(words, index)
            ):
                item.tag = "V"
        if item.lower == "more" and index and words[index - 1].lower == "once":
            item.tag = words[index - 1].tag = "R"  # `once more accused each other`
        before = item.tag


def _calls_for(words: list[Item], index: int) -> bool:
    """Whether `calls` is the verb of a paper: `the agreement calls for the road to be open`."""
    for_it = words[index].lower in ("calls", "demands") and index + 1 < len(words)
    return (
        for_it and words[index + 1].lower == "for" and words[index - 1].lower in lexicon.DOCUMENTS
    )


def _somebodys(words: list[Item], index: int) -> bool:
    """Whether a form is a noun that a name stands before: `according to the Lund report, …`."""
    form = lexicon.VERBS.get(words[index].lower)
    after = words[index + 1].text if index + 1 < len(words) else "."
    if form is None or form.kind != "base" or after[0].isalnum():
        return False
    first = index - 1
    while first > 0 and words[first].tag in ("X", "'s"):
        first -= 1
    return words[first].tag == "D"


def _members(words: list[Item], index: int) -> bool:
    """Whether `states` are countries: `ten member states said`, `the littoral states of`."""
    if words[index].lower != "states" or not index:
        return False
    after = words[index + 1].tag or words[index + 1].lower if index + 1 < len(words) else "."
    return words[index - 1].lower in _OF_STATES or after in lexicon.PREPOSITIONS


_OF_STATES = lexicon.words(
    "member participating neighbouring neighboring littoral successor border client nation"
)


def _sources_report(words: list[Item], index: int) -> bool:
    """Whether a plural is the subject of what may be a noun: `local sources report that`."""
    form = lexicon.VERBS.get(words[index].lower)
    if form is None or form.kind != "base" or not index or index + 1 >= len(words):
        return False
    before = words[index - 1]
    plural = before.tag == "W" and before.lower.endswith("s")
    return plural and words[index + 1].lower == "that"


def _first_verb(words: list[Item], index: int) -> bool:
    """Whether a sentence has no verb before what may be a noun: `A writer at the port reports
    that`."""
    form = lexicon.VERBS.get(words[index].lower)
    if form is None or form.kind != "third" or index < 2 or index + 1 >= len(words):
        return False
    begins = words[0].tag in ("D", "X", "W") and words[index - 1].tag == "W"
    plain = all(item.tag in ("D", "X", "W", "P", "'s", "M") for item in words[:index])
    return begins and plain and words[index + 1].lower == "that"


def _after_modal(words: list[Item], index: int) -> bool:
    """Whether a word is a verb since a modal stands before it: `would corroborate`."""
    at = index - 1
    while at > 0 and words[at].tag == "R":
        at -= 1
    return at >= 0 and words[at].tag == "A" and words[at].lower in lexicon.MODALS - {"'ll"}


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


_PLURAL = lexicon.words("men women children media") | lexicon.COLLECTIVE


def _no_plural(words: list[Item], index: int) -> bool:
    """Whether a form is a noun since one thing stands before it: `a phone call with`, and not
    `the parties call for`."""
    form = lexicon.VERBS.get(words[index].lower)
    one = words[index - 1].lower
    if form is None or form.kind != "base" or one.endswith("s") or one in _PLURAL:
        return False
    after = words[index + 1].lower if index + 1 < len(words) else "."
    return after in lexicon.PREPOSITIONS or not after[:1].isalnum()


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
        if lower.endswith("selves") and before in ("W", "X"):
            return "R"  # `the ministers themselves said`
        if lower in ("himself", "herself", "itself") and before in ("W", "X"):
            return "R"
        if lower in ("both", "all") and before in ("W", "X", "I", "A") and after is not None:
            form = lexicon.VERBS.get(after.lower)  # `the ministries both said`
            return "R" if form and form.kind != "base" else tag
        if tag == "T" and lower == "may" and first.islower():
            return "A"
        if tag in "AP" and first.isupper() and index and lower in ("may", "will"):
            return "X" if lower == "will" and before == "X" else "T"
        if lower == "without" and first.isupper() and after is not None:
            return "X" if after.text[0].isupper() else tag  # `Doctors Without Borders`
        return tag
    if lower in ("said", "says"):
        return "V"
    if first.isupper() and index and lower not in lexicon.VERBS:
        return "X"
    form = lexicon.VERBS.get(lower)
    if form and not (first.isupper() and index):
        if index == 0 and form.kind == "base" and after is not None and after.text[0].isupper():
            return "X"  # `Project Lund says`
        noun = lower in lexicon.NOUNS and after is not None and after.lower in ("from", "of")
        if noun and form.kind == "third" and before in (",", ""):
            return "W"  # `, reports from Lund said`
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
        if lower == "state" and after is not None and after.lower not in ("that", ",", ":"):
            return "W"  # `the Sevrian state broadcaster`
        if form.kind in ("past", "participle"):
            return "E" if before in ("D", "'s", "P") and lower not in ("said",) else "V"
        if form.kind == "ing":
            return "W" if before in ("D", "'s") and _is_end(after) else "G"
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
        return "W" if lower in _THINGS_IN_LY else "R"
    if lower.endswith("ed") and len(lower) > 4:
        return "E"
    if lower in ("neighboring", "neighbouring"):
        return "W"
    if lower.endswith("ing") and len(lower) > 4:
        event = lower in lexicon.EVENTS and before not in ("P", "A", ",", "")
        return "W" if before in ("D", "'s") or event else "G"
    return "W"


def _is_end(after: Item | None) -> bool:
    """Whether a noun phrase may end here: `told a briefing that`, not `a warning shot`."""
    return after is None or after.lower in _CLOSED or not after.text[0].isalnum()


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
