"""How well what was found fits: an integer a search row, so that both databases sort alike."""

from collections.abc import Callable, Iterable, Sequence
from operator import methodcaller

from app.store.index import SEPARATOR
from app.store.search import Search, Term

IN_SAID, IN_REPORTED, FILED = 8, 5, 6
PHRASE, NEAR = 20, 10


def scorer(search: Search) -> Callable[[str], int]:
    """What says how well a search row fits: where each word stands, how often, and how near the
    others.

    An integer, so that both databases sort alike. Words count 8 in what was said, 5 in the
    reported words, 6 where the record that they name is filed (a full name as a word once, where
    it is only a part of the record's own name); each repetition up to the third
    1 more; all words in their order 20; otherwise 10 less the gaps between them.

    Hundreds of rows are scored for a page, so words are looked for in the text as it is, between
    spaces: to split it takes several times as long.
    """
    terms = [(_times(term), len(term.keys), _spaced(term.links)) for term in search.wanted]
    names = [
        (FILED * count, _spaced(named.bearers), _spaced(named.others))
        for _, count, named in search.names
    ]
    several = len(search.wanted) > 1 and not any(term.prefix for term in search.wanted)
    near = _nearness([key for term in search.wanted for key in term.keys]) if several else None

    def score(row: str) -> int:
        # What was said, what was reported, and where it is filed; a space around every word.
        said, reported, filed = f" {row} ".split(SEPARATOR)
        total = 0
        in_said = in_reported = True
        for times, length, links in terms:
            best = 0
            if count := times(said):
                best = IN_SAID * length + min(count, 3) - 1
            elif length == 1:
                in_said = False
            if count := times(reported):
                best = max(best, IN_REPORTED * length + min(count, 3) - 1)
            elif length == 1:
                in_reported = False
            if links and best < FILED * length and any(one in filed for one in links):
                best = FILED * length
            total += best
        for worth, bearers, others in names:
            if any(one in filed for one in bearers):
                total += worth
            elif any(one in filed for one in others):
                total += FILED
        if near and (in_said or in_reported):
            total += max(near(said) if in_said else 0, near(reported) if in_reported else 0)
        return total

    return score


def _spaced(keys: Iterable[str]) -> list[str]:
    return [f" {key} " for key in keys]


def _times(term: Term) -> Callable[[str], int]:
    """How often a term stands in a text."""
    if term.prefix:
        return methodcaller("count", f" {term.keys[-1]}")
    phrase = f" {' '.join(term.keys)} "
    twice = f"{phrase}{phrase[1:]}"
    if len(term.keys) > 1:
        return methodcaller("count", phrase)

    def times(text: str) -> int:
        count = text.count(phrase)
        if 0 < count < 3 and twice in text:  # two that share a space are counted once
            return text.split(" ").count(term.keys[0])
        return count

    return times


def _nearness(keys: Sequence[str]) -> Callable[[str], int]:
    """What the nearness of these words adds, in a text where all of them may stand."""
    phrase = f" {' '.join(keys)} "
    wanted = set(keys)
    between = _between(*_spaced(wanted)) if len(wanted) == 2 else None

    def nearness(text: str) -> int:
        if phrase in text:
            return PHRASE
        if between:
            return max(0, NEAR - between(text))
        last: dict[str, int] = {}
        best = NEAR
        for at, word in enumerate(text.split()):
            if word in wanted:
                last[word] = at
                if len(last) == len(wanted):
                    best = min(best, at - min(last.values()) + 1 - len(wanted))
        return NEAR - best

    return nearness


def _between(one: str, other: str) -> Callable[[str], int]:
    """How many words stand between two that are in a text, where they are nearest."""

    def between(text: str) -> int:
        best = NEAR
        at = text.find(one)
        while at >= 0:
            if (before := text.rfind(other, 0, at + 1)) >= 0:
                best = min(best, text.count(" ", before + 1, at))
            if (after := text.find(other, at + 1)) >= 0:
                best = min(best, text.count(" ", at + 1, after))
            at = text.find(one, at + 1)
        return best

    return between
