"""The ledger: a revision for every change, a chain that shows tampering, tables that follow."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import Connection, select, text

from app.db import Database
from app.models import DERIVED, IDENTITIES, REVISION
from app.models.base import EARLIEST, RecordType
from app.models.statement import LISTING
from app.store import ledger, project
from tests import factories
from tests.factories import actor, clear, dump, eventful, everything, fill, load

MOMENT = "2026-11-23T08:15:30.123456Z"


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is read two revisions at a time, so that borders between pages are met."""
    defaults = ledger.pages.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "size", 2)


def revisions(database: Database) -> list[dict[str, Any]]:
    with database.reader() as reader:
        rows = reader.execute(select(REVISION).order_by(REVISION.c.seq))
        return [row._asdict() for row in rows]


def json_text(value: Any) -> bytes:
    """JSON as the ledger writes it, by the standard library instead of orjson."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def body(record: dict[str, Any]) -> str:
    """The canonical body of a record that brings no text."""
    members = {name: value for name, value in record.items() if name != "type"}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# --- one revision for every change -------------------------------------------------------------


def test_each_accepted_line_appends_one_revision(database: Database) -> None:
    first, second = actor("a"), actor("a", name="Ə", description="x")
    fill(database, [first, factories.topic("t")])
    load(database, [second], agent="somebody", reason="heard anew")

    rows = revisions(database)
    seen = [tuple(row[name] for name in ("seq", "type", "id", "version", "change")) for row in rows]
    assert seen == [
        (1, "actor", "a", 1, "created"),
        (2, "topic", "t", 1, "created"),
        (3, "actor", "a", 2, "updated"),
    ]
    assert [(row["agent"], row["reason"]) for row in rows[1:]] == [
        ("tester", None),
        ("somebody", "heard anew"),
    ]
    assert [rows[0]["body"], rows[2]["body"]] == [body(first), body(second)]


def test_hashes_follow_from_the_columns_alone(database: Database) -> None:
    fill(database, *eventful())
    previous = None
    rows = revisions(database)
    for row in rows:
        assert row["body_hash"] == hashlib.sha256(row["body"].encode()).hexdigest()
        assert row["previous_hash"] == previous
        columns = "seq recorded_at type id version change reason agent body_hash previous_hash"
        chained = [row[name] for name in columns.split()]
        previous = hashlib.sha256(json_text(chained)).hexdigest()
        assert row["hash"] == previous
    assert [row["seq"] for row in rows] == list(range(1, sum(map(len, eventful())) + 1))


@pytest.mark.parametrize(
    "again",
    [
        factories.ndjson(everything()),
        factories.ndjson(dict(reversed(line.items())) for line in everything()),
        b"\r\n \r\n".join(json.dumps(line, indent=None).encode() for line in everything()),
        factories.ndjson(
            line | {"description": None, "memberships": [], "identifiers": []}
            if line["id"] == "state"
            else line
            for line in everything()
        ),
    ],
    ids=["the same bytes", "members in another order", "spaces and escapes", "null and empty"],
)
def test_what_is_known_already_adds_nothing(database: Database, again: bytes) -> None:
    fill(database, everything())
    before = dump(database)
    report = load(database, again)
    assert (report.unchanged, report.failed) == (len(everything()), 0)
    assert dump(database) == before


def test_a_changed_body_makes_the_next_version_once(database: Database) -> None:
    fill(database, [actor("a")], [actor("a", name="b")], [actor("a")])
    assert load(database, [actor("a")]).unchanged == 1
    seen = [(row["version"], row["change"]) for row in revisions(database)]
    assert seen == [(1, "created"), (2, "updated"), (3, "updated")]
    with database.reader() as reader:
        identity = IDENTITIES[RecordType.actor]
        assert reader.execute(select(identity.c.version, identity.c.seq)).one() == (3, 3)


def test_recorded_at_never_goes_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [MOMENT, "2026-11-23T08:15:30.123455Z", "1970-01-01T00:00:00.000000Z"]
    later = "2026-11-23T08:15:30.123457Z"
    for number, now in enumerate([*clock, later]):
        monkeypatch.setattr(ledger, "now", lambda now=now: now)
        fill(database, [actor(f"a{number}")])
    assert [row["recorded_at"] for row in revisions(database)] == [MOMENT] * 3 + [later]
    assert holds(database)


def test_writers_at_the_same_time_make_one_chain(database: Database) -> None:
    def write(name: str) -> None:
        own = Database(database.url.render_as_string(hide_password=False), pool=1, busy_timeout=30)
        fill(own, [actor(f"{name}{number}") for number in range(8)], batch=1)
        own.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, "abc"))
    rows = revisions(database)
    assert [row["seq"] for row in rows] == list(range(1, 25))
    assert sorted(row["id"] for row in rows) == sorted(f"{a}{b}" for a in "abc" for b in range(8))
    assert holds(database)


# --- tampering ---------------------------------------------------------------------------------


@contextmanager
def tampered(database: Database, *statements: str) -> Iterator[Connection]:
    """A connection that sees rows changed behind the program's back, until it is left."""
    lenient = (
        "PRAGMA foreign_keys = OFF"
        if database.is_sqlite
        else "SET session_replication_role = replica"
    )
    with database.engine.connect() as connection:
        raw: Any = connection.connection
        raw.cursor().execute(lenient)  # in SQLite this has no effect within a transaction
        for one in statements:
            assert connection.execute(text(one)).rowcount > 0
        yield connection
        connection.rollback()
        connection.invalidate()  # nobody else gets the lenient one


def breaks(connection: Connection) -> set[int]:
    found = [one for one in ledger.verify(connection) if isinstance(one, ledger.Break)]
    return {one.seq for one in found if one.seq is not None}


def holds(database: Database) -> bool:
    with database.reader() as reader:
        return not breaks(reader)


@pytest.mark.usefixtures("small_pages")
def test_an_untouched_ledger_holds(database: Database) -> None:
    fill(database, everything())
    with database.reader() as reader:
        assert list(ledger.verify(reader)) == [2, 4, 6, 8, 10, 12]


OTHER_HASH = "0" * 64
CHANGED = {
    "body = replace(body, 'tass', 'taxx')": {6},
    "body = '{}'": {6},
    f"body = '{{}}', body_hash = '{hashlib.sha256(b'{}').hexdigest()}'": {6},
    f"recorded_at = '{MOMENT}'": {6},
    "type = 'topic'": {6},
    "id = 'another'": {6},
    "version = 7": {6},
    "change = 'corrected'": {6},
    "reason = ''": {6},
    "agent = 'somebody else'": {6},
    f"body_hash = '{OTHER_HASH}'": {6},
    f"previous_hash = '{OTHER_HASH}'": {6},
    f"hash = '{OTHER_HASH}'": {6, 7},  # 7 no longer follows
}


@pytest.mark.usefixtures("small_pages")
def test_a_changed_revision_is_named(database: Database) -> None:
    fill(database, everything())
    found = {}
    for changed in CHANGED:
        with tampered(database, f"UPDATE revision SET {changed} WHERE seq = 6") as connection:
            found[changed] = breaks(connection)
    assert found == CHANGED


def test_a_body_that_was_taken_out_without_a_redaction_is_named(database: Database) -> None:
    fill(database, everything())
    with tampered(database, "UPDATE revision SET body = NULL WHERE seq = 6") as connection:
        assert breaks(connection) == {6}


@pytest.mark.usefixtures("small_pages")
def test_a_deleted_revision_is_named(database: Database) -> None:
    fill(database, everything())
    for gone in (1, 6, 7):
        with tampered(database, f"DELETE FROM revision WHERE seq = {gone}") as connection:
            assert breaks(connection) == {gone, gone + 1}


def test_swapped_revisions_are_named(database: Database) -> None:
    fill(database, everything())
    steps = ((5, 100), (8, 5), (100, 8))
    moves = [f"UPDATE revision SET seq = {to} WHERE seq = {at}" for at, to in steps]
    with tampered(database, *moves) as connection:
        assert breaks(connection) == {5, 6, 8, 9}


def test_a_revision_written_anew_with_its_hash_breaks_the_next(database: Database) -> None:
    """Somebody who knows the recipe still cannot change one entry alone."""
    fill(database, everything())
    row = revisions(database)[5] | {"agent": "somebody else"}
    changed = f"agent = 'somebody else', hash = '{ledger.revision_hash(row)}'"
    with tampered(database, f"UPDATE revision SET {changed} WHERE seq = 6") as connection:
        assert breaks(connection) == {7}


# --- the tables follow from the ledger ---------------------------------------------------------


def rebuild(database: Database) -> list[int]:
    with database.writer() as writer:
        return list(project.rebuild(writer))


def listed(database: Database, id: str) -> list[tuple[Any, ...]]:
    """Where a statement stood in the lists, one place after another."""
    identity = IDENTITIES[RecordType.statement]
    columns = LISTING.c["basis", "lower", "reported"]
    query = select(*columns).join(identity, identity.c.key == LISTING.c.statement)
    with database.reader() as reader:
        rows = reader.execute(query.where(identity.c.id == id).order_by(LISTING.c.seq))
        return [tuple(row) for row in rows]


OCTOBER_20, OCTOBER_23, NOVEMBER, THAT_YEAR = 1603152000, 1603411200, 1604188800, 1609459200


def test_places_in_lists_move_with_reports_and_sources(database: Database) -> None:
    fill(database, *eventful())
    assert listed(database, "unheard") == [
        (None, None, True),
        ("reported", NOVEMBER, True),
        (None, None, True),
    ]
    assert listed(database, "undated") == [
        (None, None, True),
        ("reported", OCTOBER_23, True),
        ("reported", OCTOBER_20, True),  # its source is of another day
        ("reported", EARLIEST, True),  # a report with an open date came late
        ("reported", OCTOBER_20, True),  # and was rejected
        (None, None, False),  # the other is of another statement
        ("said", THAT_YEAR, False),
    ]


def test_rebuilding_makes_every_row_again(database: Database) -> None:
    fill(database, *eventful())
    before = dump(database)
    derived = {table.name for table in DERIVED} & before.keys()
    assert [name for name in sorted(derived) if not before[name]] == []
    assert rebuild(database) == [len(before["revision"])]
    assert dump(database) == before
    if database.is_sqlite:  # raises where the full-text index is not that of the search rows
        check = "INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1)"
        with database.writer() as writer:
            writer.execute(text(check))


@pytest.mark.usefixtures("small_pages")
def test_rebuilding_in_small_pages_makes_the_same(database: Database) -> None:
    fill(database, *eventful())
    before = dump(database)
    steps = rebuild(database)
    assert steps[:2] == [2, 4]
    assert dump(database) == before


def test_a_rebuilt_store_goes_on_as_if_nothing_had_been(database: Database) -> None:
    first, *others = eventful()
    fill(database, first)
    rebuild(database)
    fill(database, *others)
    before = dump(database)
    rebuild(database)
    assert dump(database) == before


def test_a_rebuild_that_is_broken_off_changes_nothing(database: Database) -> None:
    fill(database, *eventful())
    before = dump(database)
    with suppress(KeyboardInterrupt), database.writer() as writer:
        for _seq in project.rebuild(writer):
            raise KeyboardInterrupt
        pytest.fail("it was not broken off")
    assert dump(database) == before


def test_a_rebuild_mends_what_was_changed_in_the_tables(database: Database) -> None:
    fill(database, everything())
    before = dump(database)
    with database.writer() as writer:
        writer.execute(text("UPDATE actor_version SET document = '{}'"))
        writer.execute(text("UPDATE statement SET version = 9"))
        writer.execute(text("DELETE FROM listing"))
        writer.execute(text("DELETE FROM speaker"))
    assert dump(database) != before
    rebuild(database)
    assert dump(database) == before


# --- histories that nobody thought of ----------------------------------------------------------


@pytest.fixture
def steady_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that what is imported twice is recorded alike."""
    monkeypatch.setattr(ledger, "now", lambda: MOMENT)


@factories.random
@given(files=factories.FILES, size=factories.SIZES)
def test_any_history_can_be_rebuilt(
    database: Database, files: list[list[dict[str, Any]]], size: int
) -> None:
    clear(database)
    for lines in files:
        load(database, lines, batch=size)
    before = dump(database)
    rebuild(database)
    assert dump(database) == before


@pytest.mark.usefixtures("steady_clock")
@factories.random
@given(files=factories.FILES)
def test_any_history_comes_to_the_same_in_batches_of_any_size(
    database: Database, files: list[list[dict[str, Any]]]
) -> None:
    made = []
    for size in (1, 3, 1000):
        clear(database)
        refused = [set(load(database, lines, batch=size).errors) for lines in files]
        made.append((refused, dump(database)))
    assert made[0] == made[2]
    assert made[1] == made[2]


@pytest.mark.usefixtures("steady_clock")
def test_an_eventful_history_comes_to_the_same_in_batches_of_any_size(database: Database) -> None:
    made = []
    for size in (1, 3, 1000):
        clear(database)
        fill(database, *eventful(), batch=size)
        made.append(dump(database))
    assert made[0] == made[2]
    assert made[1] == made[2]
