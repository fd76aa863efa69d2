"""Pages by relevance.

Scores are computed for a block of 300 matches at a time, the last recorded first; within a
block the best come first. So a page costs the same however many match, no match is out of reach,
and the order does not depend on the database.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select

from app.models.search import SEARCH
from app.store import cursor, prepared
from app.store.page import MAX_LIMIT, Page, PageParams, Question, count, refused
from app.store.relevance import scorer
from app.store.search import Search

BLOCK = 300


def fetch(
    connection: Connection,
    question: Question,
    key: ColumnElement[int],
    asked_for: Search,
    params: PageParams,
    asked: bytes,
) -> tuple[Page, list[int]]:
    """One page of the statements that a question finds by their `key`, best first, and the score of
    each; there is no way back."""
    limit = min(params.limit, MAX_LIMIT)
    stamp = hashlib.sha256(b"relevance\0" + asked).hexdigest()[:16]
    anchor, place = _read(params.cursor, stamp)
    chosen: list[tuple[int, int, int | None]] = []
    while True:
        block = _block(connection, question, key, asked_for, anchor)
        first = anchor if anchor is not None else max((one for _, one in block), default=None)
        chosen += [(*one, first) for one in block if place is None or one > place]
        if len(chosen) > limit or len(block) < BLOCK:
            break
        anchor, place = min(one for _, one in block) - 1, None
    more, chosen = len(chosen) > limit, chosen[:limit]
    return (
        Page(
            [one for _, one, _ in chosen],
            cursor.encode([stamp, chosen[-1][2], *chosen[-1][:2]]) if more else None,
            None,
            count(connection, question.build()) if params.count else None,
        ),
        [-score for score, _, _ in chosen],
    )


def _block(
    connection: Connection,
    question: Question,
    key: ColumnElement[int],
    asked_for: Search,
    anchor: int | None,
) -> list[tuple[int, int]]:
    """The matches up to an anchor as (score below zero, key), best first, equals newest first."""

    def build() -> Select[Any]:
        query = question.build().with_only_columns(key, SEARCH.c.words)
        query = query.join(SEARCH, SEARCH.c.statement == key)
        if anchor is not None:
            query = query.where(key <= prepared.parameter("anchor", anchor))
        return query.order_by(key.desc()).limit(prepared.parameter("block", BLOCK))

    if question.shape is None:
        rows: Iterable[Any] = connection.execute(build())
    else:
        shape = ("ranked", *question.shape, anchor is not None)
        values = {**question.values, "anchor": anchor, "block": BLOCK}
        # Rare words are looked up, common ones soon met on a walk from the newest on. With a plan
        # for any words PostgreSQL took two to three times as long.
        rows = prepared.plain(connection, shape, build, values, planned=True)
    score = scorer(asked_for)
    return sorted((-score(row), one) for one, row in rows)


def _read(given: str | None, stamp: str) -> tuple[int | None, tuple[int, int] | None]:
    if given is None:
        return None, None
    parts = cursor.decode(given)
    if parts is None or len(parts) != 4:
        raise refused("is not one of ours; take it from `next` as it is")
    theirs, anchor, score, key = parts
    if theirs != stamp:
        raise refused("belongs to other filters or another order; start again without it")
    if not all(type(part) is int and abs(part) < 2**63 for part in (anchor, score, key)):
        raise refused("is not one of ours; take it from `next` as it is")
    return anchor, (score, key)
