"""No filter reads a whole table: what SQLite says of its plans, on a store with statistics."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from app.db import Database
from app.store import bulk, prepared, read, schema
from app.store.filters import StatementFilter
from app.store.query import StatementQuery
from benchmarks import world

SIZE = 1_500
FILTERS: dict[str, Any] = {
    "speaker": ["p0"],
    "member_of": ["o1"],
    "on_behalf_of": ["o3"],
    "via": ["m0"],
    "about": ["o3"],
    "topic": ["t1"],
    "source": ["s7"],
    "publisher": ["m0"],
    "said_from": "2010-03",
    "said_to": "2010-04",
    "published_from": "2010-03",
    "published_to": "2010-04",
    "speech_act": ["denial"],
    "quotation_type": ["mixed"],
    "speaker_status": ["anonymous", "unattributed"],
    "factuality": ["hypothetical"],
    "polarity": ["negated"],
    "lang": ["hy"],
    "status": ["disputed"],
    "has_figures": True,
    "measure": ["killed"],
    "population": ["civilian"],
    "party": ["o2"],
    "relation": ["denies"],
    "related_to": ["st500"],
    "q": "ceasefire corridor",
}
# A walk through the list in its order stops when the page is full; a record's own subqueries and
# what is gathered first are no tables. Dates of publication overlap in a way that no index has in
# order; but a source has a dozen statements, and their dates stand together in one. And whether
# there are more than a few figures is soon found out.
MAY_BE_SCANNED = re.compile(
    r"SCAN (listing USING (COVERING )?INDEX ix_listing_\w+"
    r"|source_version USING COVERING INDEX ix_source_version_published"
    r"|figure USING COVERING INDEX ix_figure_\w+"
    r"|(anon_\d|members|narrower|carriers|inside|search_fts)\b.*)"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store of the generator's, small, but with the statistics of SQLite."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'store.db'}")
    schema.migrate(database)
    for progress in bulk.import_file(
        database, io.BytesIO(b"".join(world.lines(SIZE))), agent="test"
    ):
        assert not progress.errors
    database.count_rows()
    with database.writer() as writer:  # as if there were a thousand times as many of everything
        rows = writer.exec_driver_sql("SELECT rowid, stat FROM sqlite_stat1").all()
        for row, stat in rows:
            total, *rest = stat.split()
            many = " ".join([f"{total}000", *rest])
            writer.exec_driver_sql("UPDATE sqlite_stat1 SET stat = ? WHERE rowid = ?", (many, row))
    database.engine.dispose()  # statistics are read when a connection is made
    yield database
    database.close()


def test_every_filter_is_looked_at() -> None:
    assert set(FILTERS) == set(StatementFilter.model_fields)


@pytest.mark.parametrize("order", ["-said_at", "said_at"])
@pytest.mark.parametrize("name", [None, *FILTERS])
def test_no_filter_reads_a_whole_table(store: Database, name: str | None, order: str) -> None:
    asked = {name: FILTERS[name]} if name else {}
    plans = _plans(store, StatementQuery.model_validate({**asked, "order": order}))
    assert plans
    scans = [step for plan in plans for step in plan if step.startswith("SCAN")]
    assert [step for step in scans if not MAY_BE_SCANNED.fullmatch(step)] == []


def _plans(store: Database, asked: StatementQuery) -> list[list[str]]:
    """The plan of every query that answers a question, step by step."""
    statements = []

    def see(_c: Any, _cursor: Any, sql: str, parameters: Any, _x: Any, _many: bool) -> None:
        if sql.startswith(("SELECT", "WITH")):
            statements.append((sql, parameters))

    prepared._KEPT.clear()
    with store.reader() as reader:
        event.listen(store.engine, "before_cursor_execute", see)
        try:
            read.statements(reader, asked)
        finally:
            event.remove(store.engine, "before_cursor_execute", see)
        return [
            [row.detail for row in reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]
            for sql, parameters in statements
        ]
