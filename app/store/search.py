"""Search: what was said, its translations, the reported words and the names involved.

Blind to case, marks and script by way of `fold`. A name is one more road: a word or a run of
words that is a name of an actor or topic also finds what is filed under it, whatever name is
printed there, and under records that have such a name in theirs (`naming`). Both databases answer
alike: the words are ours, and relevance is an integer of our own. The one difference, how an index
is asked, stands in `_matching`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    column,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from app.errors import Fault, InvalidInput
from app.models.base import RecordType
from app.models.fold import prefix_key, words
from app.models.search import NAME, SEARCH, WORD
from app.store import prepared
from app.store.index import link
from app.store.moment import Condition
from app.store.naming import MOST, Named, Place, bearers
from app.store.naming import named as named_by

MAX_LENGTH = 1_000
MAX_WORDS = 32
MAX_LINKS = MOST
"""Records that one word may name; a word in more names than that is only looked for as a word."""

_PART = re.compile(r'(-?)("[^"]*"|[^\s"]+)(\*?)')
_OPERATOR = re.compile(r"^(AND|OR|NOT|NEAR)$|^NEAR\(|[()^{}]|^[A-Za-z_]+:[^\s/]")


@dataclass(slots=True)
class Term:
    """One thing to look for: a word, a phrase of several, or the beginning of a word."""

    keys: tuple[str, ...]
    prefix: bool = False
    links: list[str] = field(default_factory=list)
    """The records that it names."""


@dataclass(slots=True)
class Search:
    """A parsed query: all of `wanted` must be there, none of `excluded`."""

    wanted: list[Term]
    excluded: list[Term]
    names: list[tuple[int, int, Named]] = field(default_factory=list)
    """Runs of wanted words that are a full name: from where, how many, which records."""

    @property
    def is_plain(self) -> bool:
        """Whether the index alone can tell what fits."""
        return not self.excluded and all(len(term.keys) == 1 for term in self.wanted)


def parse(q: str) -> Search:
    """Read a query; raises `InvalidInput` with advice for what cannot be looked for."""
    if len(q) > MAX_LENGTH:
        raise _refused(f"has {len(q)} characters; at most {MAX_LENGTH} are looked for")
    if q.count('"') % 2:
        raise _refused('has a quotation mark without its partner; close the "phrase" or drop it')
    wanted: list[Term] = []
    excluded: list[Term] = []
    for minus, part, star in _PART.findall(q):
        terms = list(_terms(part, bool(star)))
        if minus:
            excluded += (
                [Term(tuple(key for one in terms for key in one.keys), terms[-1].prefix)]
                if terms
                else []
            )
        else:
            wanted += terms
    if not wanted and not excluded:
        raise _refused("has no word to look for; give a word, a name or a number")
    if not wanted:
        raise _refused("only excludes; give a word to look for as well")
    if sum(len(term.keys) for term in wanted + excluded) > MAX_WORDS:
        raise _refused(f"has more than {MAX_WORDS} words; look for fewer")
    return Search(wanted, excluded)


def _terms(part: str, star: bool) -> Iterator[Term]:
    if part.startswith('"'):
        keys = tuple(word.key for word in words(part))
        if star and keys:
            raise _refused("has a * after a phrase; only a word can be cut short")
        if keys:
            yield Term(keys)
        return
    bare = part.rstrip("*")
    star = star or bare != part
    if _OPERATOR.search(bare) or "*" in bare:
        raise _refused(
            'has an operator that is not known here: words are joined by and, "…" is a phrase, '
            "-word excludes, word* finds beginnings; put quotation marks around words that only "
            "look like operators"
        )
    keys = tuple(word.key for word in words(bare))
    if star:
        *whole, beginning = prefix_key(bare).split(" ") if keys else [""]
        if len(beginning) < 2:
            raise _refused(
                "has a beginning that is too short; give at least two letters before *, and one "
                "more where that does not do: letters that may be read in two ways do not count"
            )
        yield from (Term((key,)) for key in whole)
        yield Term((beginning,), prefix=True)
    else:
        yield from (Term((key,)) for key in keys)


def _refused(detail: str) -> InvalidInput:
    return InvalidInput.of(Fault(detail, "invalid_query", parameter="q"))


def resolve(connection: Connection, search: Search) -> Search:
    """Find out which records the query names."""
    for first, count, name, places in _full_names(connection, search.wanted):
        search.names.append((first, count, named_by(connection, name, places)))
    inside = {at for first, count, _ in search.names for at in range(first, first + count)}
    for at, term in enumerate(search.wanted):
        if at not in inside:
            term.links = _named(connection, term)
    for term in search.excluded:
        term.links = _named(connection, term)
    return search


def _full_names(
    connection: Connection, terms: Sequence[Term]
) -> Iterator[tuple[int, int, str, list[Place]]]:
    """The longest runs of two words and more that are somebody's or something's full name: from
    where, how many, the name and who bears it."""
    runs = {
        (first, last): " ".join(key for term in terms[first:last] for key in term.keys)
        for first in range(len(terms))
        for last in range(first + 1, min(len(terms), first + 8) + 1)
        if last > first + 1 and not any(_is_part(term) for term in terms[first:last])
    }
    found = bearers(connection, runs.values())
    taken = 0
    for first, last in sorted(runs, key=lambda run: (run[0], run[0] - run[1])):
        name = runs[first, last]
        if first >= taken and name in found:
            taken = last
            yield first, last - first, name, found[name]


def _is_part(term: Term) -> bool:
    """Whether a term is no whole single word."""
    return term.prefix or len(term.keys) > 1


def _named(connection: Connection, term: Term) -> list[str]:
    """The records with a name in which this word stands; of a phrase, what it is a full name of."""
    whole = " ".join(term.keys)
    if len(term.keys) > 1:
        places = bearers(connection, [whole]).get(whole)
        return [*chain.from_iterable(named_by(connection, whole, places))] if places else []
    values = {"word": whole, "beyond": _beyond(whole), "most": MAX_LINKS + 1}

    def build() -> Select[Any]:
        word, beyond = (prepared.parameter(name, type=Text()) for name in ("word", "beyond"))
        query = select(NAME.c.type, NAME.c.key).distinct().limit(prepared.parameter("most"))
        query = query.join(WORD, WORD.c.name == NAME.c.id)
        return query.where(_has(word, beyond, prefix=term.prefix))

    rows = prepared.plain(connection, ("named", term.prefix), build, values)
    return sorted(link(*row) for row in rows) if len(rows) <= MAX_LINKS else []


# --- matching -----------------------------------------------------------------------------------


def conditions(
    search: Search, statement: ColumnElement[int], *, sqlite: bool
) -> Iterator[Condition]:
    """What a statement must be like to be found; `statement` is the column of its key."""
    yield statement.in_(_matching(sqlite, expression(search, sqlite=sqlite)))
    yield from _besides(search, statement, sqlite=sqlite)


def found(search: Search) -> tuple[FromClause, ColumnElement[int], list[Condition]]:
    """The same as a table for SQLite, with the column of the statements' keys: its index gives
    them in their order, so the last recorded ones are had without the others."""
    index = table("search_fts", column("rowid", BigInteger))
    match = literal_column("search_fts").op("MATCH")(expression(search, sqlite=True))
    return index, index.c.rowid, [match, *_besides(search, index.c.rowid, sqlite=True)]


def _besides(search: Search, statement: ColumnElement[int], *, sqlite: bool) -> Iterator[Condition]:
    """What the index alone cannot tell."""
    for term in search.wanted:
        if len(term.keys) > 1 and not term.links:
            yield statement.in_(_with_phrase(term))
        elif len(term.keys) > 1:
            yield statement.in_(_with_phrase(term)) | statement.in_(
                _matching(sqlite, _any(term.links, sqlite))
            )
    for term in search.excluded:
        if len(term.keys) > 1:
            yield statement.not_in(_with_phrase(term))
            if term.links:
                yield statement.not_in(_matching(sqlite, _any(term.links, sqlite)))
        else:
            yield statement.not_in(_matching(sqlite, _term(term, sqlite)))


def named(search: Search, type: RecordType, key: ColumnElement[int]) -> Iterator[Condition]:
    """What an actor or topic must be like to be found by its names; `key` is its column."""
    for term in search.wanted:
        yield key.in_(_with_name(term, type))
    for term in search.excluded:
        yield key.not_in(_with_name(term, type))


def _with_name(term: Term, type: RecordType) -> Select[tuple[int]]:
    query = select(NAME.c.key).where(NAME.c.type == type)
    if len(term.keys) > 1:
        return query.where((" " + NAME.c.folded + " ").like(f"% {' '.join(term.keys)} %"))
    (key,) = term.keys
    has = _has(key, _beyond(key), prefix=term.prefix)
    return query.join(WORD, WORD.c.name == NAME.c.id).where(has)


def _has(word: Any, beyond: Any, *, prefix: bool) -> Condition:
    """Whether a word of a name is this one, or begins like it."""
    return and_(WORD.c.word >= word, WORD.c.word < beyond) if prefix else WORD.c.word == word


def _beyond(key: str) -> str:
    """What stands behind everything that begins with a key, which has letters up to z."""
    return key + "{"


def _with_phrase(term: Term) -> Select[tuple[int]]:
    padded = " " + SEARCH.c.words + " "
    query = select(SEARCH.c.statement)
    return query.where(padded.like(f"% {' '.join(term.keys)} %"))


def expression(search: Search, *, sqlite: bool) -> BindParameter[str]:
    """What the index is asked, as the parameter of a query: every wanted word, or a record that it
    names."""
    return prepared.parameter("match", _expression(search, sqlite), Text())


def _expression(search: Search, sqlite: bool) -> str:
    parts, at = [], 0
    names = {first: (count, [*chain(*links)]) for first, count, links in search.names}
    while at < len(search.wanted):
        if at in names:
            count, links = names[at]
            whole = _all([_term(term, sqlite) for term in search.wanted[at : at + count]], sqlite)
            parts.append(_either([whole, *(_word(one, sqlite) for one in links)], sqlite))
            at += count
        else:
            parts.append(_term(search.wanted[at], sqlite))
            at += 1
    return _all(parts, sqlite)


def _term(term: Term, sqlite: bool) -> str:
    own = [_word(key, sqlite) for key in term.keys]
    if term.prefix:
        own[-1] += "*" if sqlite else ":*"
    return _either([_all(own, sqlite), *(_word(one, sqlite) for one in term.links)], sqlite)


def _word(key: str, sqlite: bool) -> str:
    return f'"{key}"' if sqlite else f"'{key}'"  # keys are a-z, 0-9 and our own _


def _all(parts: list[str], sqlite: bool) -> str:
    return parts[0] if len(parts) == 1 else f"({(' AND ' if sqlite else ' & ').join(parts)})"


def _either(parts: list[str], sqlite: bool) -> str:
    return parts[0] if len(parts) == 1 else f"({(' OR ' if sqlite else ' | ').join(parts)})"


def _any(links: list[str], sqlite: bool) -> str:
    return _either([_word(one, sqlite) for one in links], sqlite)


def _matching(sqlite: bool, expression: str | BindParameter[str]) -> Select[tuple[int]]:
    """The statements whose search row fits an expression of the index's own language."""
    if sqlite:
        index = table("search_fts", column("rowid"), column("words"))
        match = literal_column("search_fts").op("MATCH")(expression)
        return select(index.c.rowid).where(match)
    tokens: ColumnElement[Any] = literal_column("search_row.tokens")
    return select(SEARCH.c.statement).where(tokens.op("@@")(cast(expression, TSQUERY)))
