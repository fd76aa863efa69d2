"""Labels of references: made once, remembered, and never from another state than what is read."""

from typing import Any

import orjson
import pytest
from sqlalchemy import event

from app.db import Database
from app.store import labels, parse, read, write
from app.store.query import StatementQuery
from app.store.write import Change
from tests import factories as make

LINES = (
    make.actor("ann", name="Ann"),
    make.actor("paper", name="The Paper", kind="media"),
    make.source("s", title="First title", publisher="paper"),
    make.statement("st"),
    make.attribution(
        "a", "st", "s", speakers=[{"actor": "ann", "attribution_text": "Ann", "status": "named"}]
    ),
)


@pytest.fixture
def store(database: Database) -> Database:
    make.fill(database, LINES)
    return database


def _change(record: make.Record) -> Change:
    found = parse.line(make.raw(record))
    assert isinstance(found, Change)
    return found


def _names(database: Database) -> list[Any]:
    with database.reader() as reader:
        return _of(reader)


def _of(reader: Any) -> list[Any]:
    items = map(orjson.loads, read.statements(reader, StatementQuery()).items)
    (report,) = next(item["attributions"] for item in items if item["id"] == "st")
    actor, source = report["speakers"][0]["actor"], report["source"]
    return [actor["name"], source["title"], source["publisher"]["name"]]


def test_labels_are_read_once_until_something_that_has_one_changes(store: Database) -> None:
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def loads() -> int:
        asked.clear()
        assert _names(store) == ["Ann", "First title", "The Paper"]
        return sum("label" in sql for sql in asked)

    assert loads() > 0
    assert loads() == 0
    make.fill(store, [make.statement("other", content="no label changes by this")])
    with store.reader() as reader:
        read.statements(reader, StatementQuery())
    asked.clear()
    with store.reader() as reader:
        read.statements(reader, StatementQuery())
    assert not [sql for sql in asked if "label" in sql]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (make.actor("ann", name="Anna"), ["Anna", "First title", "The Paper"]),
        (make.actor("paper", name="Paper", kind="media"), ["Ann", "First title", "Paper"]),
        (make.source("s", title="Mended", publisher="paper"), ["Ann", "Mended", "The Paper"]),
    ],
)
def test_a_change_shows_in_the_next_answer(
    store: Database, change: dict[str, Any], expected: list[str]
) -> None:
    _names(store)
    other = Database(store.url.render_as_string(hide_password=False), pool=2)  # as another process
    make.fill(other, [change])
    other.close()
    assert _names(store) == expected


def test_a_reader_that_began_before_a_change_goes_on_with_the_labels_of_then(
    store: Database,
) -> None:
    with store.reader() as before:
        assert _of(before)[0] == "Ann"
        make.fill(store, [make.actor("ann", name="Anna")])
        assert _names(store)[0] == "Anna"
        assert _of(before)[0] == "Ann"
    assert _names(store)[0] == "Anna"


def test_what_a_writer_sees_is_not_remembered(store: Database) -> None:
    _names(store)
    shown = []

    def undone() -> None:
        with store.writer() as writer:
            checked = write.check(writer, [_change(make.actor("ann", name="Never"))])
            write.write(writer, checked, agent="tester")
            shown.append(labels.labelled(writer, '{"$actor":"ann"}'))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert shown == ['{"id":"ann","name":"Never"}']
    make.fill(store, [make.statement("next")])  # takes the number that was given back
    assert _names(store)[0] == "Ann"


def test_a_far_newer_state_is_not_looked_through(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "FAR", 2)
    _names(store)
    make.fill(store, [*(make.topic(f"t{n}") for n in range(5)), make.actor("ann", name="Anna")])
    assert _names(store)[0] == "Anna"


def test_a_store_that_was_put_in_the_place_of_another_is_told_from_it(store: Database) -> None:
    assert _names(store)[0] == "Ann"
    make.clear(store)
    make.fill(store, [make.actor("ann", name="Another"), *LINES[1:]])
    assert _names(store)[0] == "Another"


def test_what_is_remembered_is_bounded(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "MOST", 2)
    for _ in range(3):
        assert _names(store) == ["Ann", "First title", "The Paper"]
    assert 0 < len(labels._KEPT[store.engine].labels) <= 4
