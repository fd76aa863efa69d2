"""Keeps the search rows in step with the record: called by the write road, in its transaction."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, select

from app.db import Writer, insert_rows
from app.models import IDENTITIES, VERSIONS, attribution, statement
from app.models.actor import Actor
from app.models.base import Record, RecordType
from app.models.fold import fold
from app.models.search import NAME, SEARCH, WORD
from app.models.topic import Topic
from app.store import labels
from app.store.moment import alive

MAX_WORDS = 30_000
"""Folded words of a statement and its reports that are indexed."""

SEPARATOR = "/"
SIZE = 500
_NAMED = (RecordType.actor, RecordType.topic)


def link(type: str, key: int) -> str:
    """The word that stands for a record in the search row of what is filed under it."""
    return f"_{type}{key}"


def statements(writer: Writer, keys: Iterable[int]) -> None:
    """Write the search rows of these statements anew; those that are gone lose theirs."""
    keys = sorted(keys)
    for start in range(0, len(keys), SIZE):
        some = keys[start : start + SIZE]
        writer.execute(delete(SEARCH).where(SEARCH.c.statement.in_(some)))
        if rows := list(_rows(writer, some)):
            insert_rows(writer, SEARCH, rows)


def _rows(connection: Connection, keys: list[int]) -> Iterator[dict[str, Any]]:
    versions, reports = statement.VERSION, attribution.VERSION
    query = select(versions.c.key, versions.c.document)
    query = query.where(alive(versions), versions.c.key.in_(keys))
    documents: dict[int, list[str]] = {key: [text] for key, text in connection.execute(query)}
    query = select(reports.c.statement, reports.c.document)
    query = query.where(alive(reports), reports.c.statement.in_(documents)).order_by(reports.c.key)
    for key, text in connection.execute(query):
        documents[key].append(text)
    marks = {key: labels.marks("".join(texts)) for key, texts in documents.items()}
    linked = _keys(connection, marks.values())
    for key, (said, *reported) in documents.items():
        links = {
            link(type, linked[type, id])
            for type in ("actor", "topic")
            for id in marks[key].get(type, ())
        }
        spoken = _said(orjson.loads(said))
        printed = [one for one in _reported(map(orjson.loads, reported)) if one not in spoken]
        folded = [fold(spoken).split()[:MAX_WORDS], fold("\n".join(printed)).split()[:MAX_WORDS]]
        words = [*folded[0], SEPARATOR, *folded[1], SEPARATOR, *sorted(links)]
        yield {"statement": key, "words": " ".join(words)}


def _said(document: dict[str, Any]) -> str:
    parts = [document["content"], document["occasion"]]
    parts += [translation["content"] for translation in document["translations"]]
    return "\n".join(part for part in parts if part)


def _reported(documents: Iterable[dict[str, Any]]) -> list[str]:
    """The reported words and the names as printed, each once."""
    found: dict[str, None] = {}
    for document in documents:
        mentions = [*document["speakers"], *document["via"], *document["addressees"]]
        parts = [document["quoted_text"]]
        for mention in mentions:
            parts += [mention["attribution_text"], mention.get("role")]
        found |= dict.fromkeys(part for part in parts if part)
    return list(found)


def _keys(
    connection: Connection, marks: Iterable[dict[str, set[str]]]
) -> dict[tuple[str, str], int]:
    keys: dict[tuple[str, str], int] = {}
    marks = list(marks)
    for type in _NAMED:
        ids = set().union(*(found.get(type, ()) for found in marks))
        table = IDENTITIES[type]
        survivor = func.coalesce(table.c.merged_into, table.c.key)
        query = select(table.c.id, survivor).where(table.c.id.in_(ids))
        keys |= {(str(type), id): key for id, key in connection.execute(query)} if ids else {}
    return keys


# --- names --------------------------------------------------------------------------------------


def names(writer: Writer, changed: dict[tuple[RecordType, int], Record | None]) -> None:
    """Write the names of these actors and topics anew, by their keys; none is left of one that
    is gone."""
    named = {name: one for name, one in changed.items() if name[0] in _NAMED}
    if not named:
        return
    for type in _NAMED:
        keys = [key for of, key in named if of is type]
        old = select(NAME.c.id).where(NAME.c.type == type, NAME.c.key.in_(keys))
        writer.execute(delete(WORD).where(WORD.c.name.in_(old)))
        writer.execute(delete(NAME).where(NAME.c.type == type, NAME.c.key.in_(keys)))
    next_id = (writer.scalar(select(func.max(NAME.c.id))) or 0) + 1
    rows, words = [], []
    for (type, key), record in named.items():
        for name, lang, main in _names(record) if record else ():
            folded = fold(name)[:2_000]
            if not folded:
                continue
            row = {"id": next_id, "type": type, "key": key, "name": name, "lang": lang}
            rows.append({**row, "main": main, "folded": folded})
            words += [{"word": word, "name": next_id} for word in dict.fromkeys(folded.split())]
            next_id += 1
    if rows:
        insert_rows(writer, NAME, rows)
        insert_rows(writer, WORD, words)


def _names(record: Record) -> Iterator[tuple[str, str | None, bool]]:
    if isinstance(record, Actor):
        yield record.name, None, True
        yield from ((other.name, other.lang, False) for other in record.other_names)
    elif isinstance(record, Topic):
        main = record.label()["label"]
        yield from ((text, lang, text == main) for lang, text in record.pref_labels.items())
        yield from ((other.label, other.lang, False) for other in record.alt_labels)


_FTS = (
    """CREATE VIRTUAL TABLE search_fts USING fts5(
            words, content='search_row', content_rowid='statement', detail=none, columnsize=0,
            tokenize="unicode61 remove_diacritics 0 tokenchars '_/'")""",
    """CREATE TRIGGER search_row_insert AFTER INSERT ON search_row BEGIN
            INSERT INTO search_fts (rowid, words) VALUES (new.statement, new.words); END""",
    """CREATE TRIGGER search_row_delete AFTER DELETE ON search_row BEGIN
            INSERT INTO search_fts (search_fts, rowid, words)
            VALUES ('delete', old.statement, old.words); END""",
    "INSERT INTO search_fts (search_fts, rank) VALUES ('secure-delete', 1)",
)
"""SQLite's own index, letter for letter as the migrations made it."""


def renew(writer: Writer) -> None:
    """Empty the search rows, and make the database's index over them again, whatever is left of
    it. PostgreSQL's is made where it is missing: to make it anew would keep readers waiting."""
    if writer.dialect.name == "sqlite":
        for name in ("search_row_insert", "search_row_delete"):
            writer.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        writer.exec_driver_sql("DROP TABLE IF EXISTS search_fts")
        writer.execute(delete(SEARCH))
        for statement in _FTS:
            writer.exec_driver_sql(statement)
    else:
        writer.execute(delete(SEARCH))
        writer.exec_driver_sql(
            "CREATE INDEX IF NOT EXISTS ix_search_row_tokens ON search_row USING gin (tokens)"
        )


def reindex(writer: Writer) -> Iterator[int]:
    """Make every statement's search row again, and the index over them; yields how many are
    done."""
    renew(writer)
    key, done, after = VERSIONS[RecordType.statement].c.key, 0, 0
    while True:
        query = select(key).where(alive(VERSIONS[RecordType.statement]), key > after)
        keys = list(writer.scalars(query.order_by(key).limit(SIZE)))
        if not keys:
            return
        statements(writer, keys)
        after, done = keys[-1], done + len(keys)
        yield done
