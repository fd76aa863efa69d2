"""Keeps the search rows in step with the record: called by the write road, in its transaction."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from app.db import Writer
from app.models import IDENTITIES, REVISION, VERSIONS, attribution, statement
from app.models.actor import Actor
from app.models.attribution import Attribution
from app.models.base import Record, RecordType
from app.models.fold import fold
from app.models.search import NAME, SEARCH, WORD
from app.models.statement import Statement
from app.models.topic import Topic
from app.rows import among, insert_rows
from app.store.moment import alive

MAX_WORDS = 30_000
"""Folded words of a statement and its reports that are indexed."""

SEPARATOR = "/"
SIZE = 500
_NAMED = (RecordType.actor, RecordType.topic)


def link(type: str, key: int) -> str:
    """The word that stands for a record in the search row of what is filed under it."""
    return f"_{type}{key}"


class Spoken(NamedTuple):
    """A statement and the reports of it by their keys, as they stand now."""

    statement: Statement
    reports: dict[int, Attribution]


NOTHING: Mapping[int, Spoken] = {}


def statements(
    writer: Writer, keys: Iterable[int], complete: Mapping[int, Spoken] = NOTHING
) -> None:
    """Write the search rows of these statements anew; those that are gone lose theirs.

    `complete` has those of which the store had nothing before: they need not be read from it.
    """
    keys = sorted(keys)
    for start in range(0, len(keys), SIZE):
        some = keys[start : start + SIZE]
        if stored := [key for key in some if key not in complete]:
            writer.execute(delete(SEARCH).where(among(writer, SEARCH.c.statement, stored)))
        spoken = _stored(writer, stored) if stored else {}
        spoken |= {key: complete[key] for key in some if key in complete}
        if rows := list(_rows(writer, spoken)):
            insert_rows(writer, SEARCH, rows)


def _stored(connection: Connection, keys: list[int]) -> dict[int, Spoken]:
    said, reports = statement.VERSION, attribution.VERSION
    query = select(said.c.key, REVISION.c.body).join(REVISION, REVISION.c.seq == said.c.seq)
    rows = connection.execute(query.where(alive(said), among(connection, said.c.key, keys)))
    found = {key: Spoken(Statement.model_validate_json(body), {}) for key, body in rows}
    columns = (reports.c.statement, reports.c.key, REVISION.c.body)
    of = select(*columns).join(REVISION, REVISION.c.seq == reports.c.seq)
    of = of.where(alive(reports), among(connection, reports.c.statement, found))
    for key, report, body in connection.execute(of):
        found[key].reports[report] = Attribution.model_validate_json(body)
    return found


def _rows(connection: Connection, spoken: dict[int, Spoken]) -> Iterator[dict[str, Any]]:
    named = {key: _named(one) for key, one in spoken.items()}
    linked = _keys(connection, set().union(*named.values()))
    for key, one in spoken.items():
        said = _said(one.statement)
        printed = [part for part in _reported(one) if part not in said]
        folded = [fold(said).split()[:MAX_WORDS], fold("\n".join(printed)).split()[:MAX_WORDS]]
        links = {link(name[0], linked[name]) for name in named[key]}
        words = [*folded[0], SEPARATOR, *folded[1], SEPARATOR, *sorted(links)]
        yield {"statement": key, "words": " ".join(words)}


def _named(spoken: Spoken) -> set[tuple[RecordType, str]]:
    """The actors and topics under which a statement is filed."""
    return {
        (target.type, target.id)
        for record in (spoken.statement, *spoken.reports.values())
        for target in record.targets()
        if target.type in _NAMED
    }


def _said(one: Statement) -> str:
    parts = [one.content, one.occasion, *[translation.content for translation in one.translations]]
    return "\n".join([part for part in parts if part])


def _reported(spoken: Spoken) -> Iterable[str]:
    """The reported words and the names as printed, each once."""
    found: dict[str | None, None] = {}
    for _, report in sorted(spoken.reports.items()):
        found[report.quoted_text] = None
        for speaker in report.speakers:
            found[speaker.attribution_text] = found[speaker.role] = None
        for other in (*report.via, *report.addressees):
            found[other.attribution_text] = None
    return [part for part in found if part]


def _keys(
    connection: Connection, names: Iterable[tuple[RecordType, str]]
) -> dict[tuple[RecordType, str], int]:
    """The keys of the records that live under these names."""
    keys: dict[tuple[RecordType, str], int] = {}
    names = list(names)
    for type in _NAMED:
        ids = [id for of, id in names if of is type]
        table = IDENTITIES[type]
        survivor = func.coalesce(table.c.merged_into, table.c.key)
        query = select(table.c.id, survivor).where(among(connection, table.c.id, ids))
        keys |= {(type, id): key for id, key in connection.execute(query)} if ids else {}
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
