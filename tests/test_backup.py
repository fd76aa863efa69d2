"""A backup is of one moment while others write, and a store made from it verifies."""

import io
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from app.db import Database
from app.errors import Conflict, InvalidInput, NotMigrated, ReadOnly
from app.models import DERIVED, SNAPSHOT
from app.models.api_key import Scope
from app.models.base import RecordType
from app.store import audit, backup, bulk, checkpoint, edit, keys, ledger, merge
from app.store.ledger import Break
from benchmarks import tamper

WHY = edit.Why(agent="test", reason="test")


def _history(database: Database) -> None:
    """Private texts, a redaction, a key, and mergers that refer forward and back."""
    tamper.fill(database, statements=20)
    for id, into in (("p1", "p2"), ("p2", "p9"), ("p8", "p3"), ("p3", "p4")):
        with database.writer() as writer:
            merge.merge(writer, RecordType.actor, id, into, edit.Expected(any=True), WHY)
    checkpoint.signer(database, None, None)
    with database.writer() as writer:
        keys.create(writer, "curator", [Scope.write])


def test_a_backup_is_read_where_no_file_may_be_made(
    bundled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backup.db"
    list(backup.make(bundled, target))
    monkeypatch.setattr("os.access", lambda _path, _mode: False)  # who runs this may be root
    kept = Database(f"sqlite:///{target}")
    with bundled.reader() as reader, kept.reader() as other:
        assert ledger.head(other) == ledger.head(reader)
    with pytest.raises(ReadOnly), kept.writer() as writer:
        keys.create(writer, "curator", [Scope.write])
    kept.close()
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup.db"]


def _topic(number: int) -> io.BytesIO:
    line = '{"type":"topic","id":"during%d","kind":"theme","pref_labels":{"en":"During"}}'
    return io.BytesIO((line % number).encode())


@pytest.mark.parametrize(
    ("bundled", "database"), [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True
)
def test_a_backup_while_others_write_restores_and_verifies(
    bundled: Database, database: Database, tmp_path: Path
) -> None:
    _history(bundled)
    with bundled.reader() as reader:
        kept = checkpoint.of(reader, "test")
    stop, started = threading.Event(), threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            for progress in bulk.import_file(bundled, _topic(written), agent="test"):
                assert not progress.errors
            written += 1
            started.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert started.wait(30)
        steps = list(backup.make(bundled, tmp_path / "backup.db"))
    finally:
        stop.set()
        writer.join()
    assert steps[-1][0] == steps[-1][1] > 0
    assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["backup.db"]

    assert list(backup.restore(tmp_path / "backup.db", database))[-1][0] > 0
    with database.reader() as reader:
        _, found = audit.of_store(reader, [kept])
        assert [one for one in found if isinstance(one, Break)] == []
        restored = ledger.head(reader).seq
        assert reader.scalar(select(func.count()).select_from(SNAPSHOT)) == 1
    assert kept.size < restored <= kept.size + written
    assert checkpoint.signer(database, None, None).public == (
        checkpoint.signer(bundled, None, None).public
    )
    for progress in bulk.import_file(database, _topic(99_999), agent="test"):
        assert progress.created == 1


def test_every_table_comes_back_as_it_was(
    bundled: Database, database: Database, tmp_path: Path
) -> None:
    _history(bundled)
    list(backup.make(bundled, tmp_path / "backup.db"))
    list(backup.restore(tmp_path / "backup.db", database))
    with bundled.reader() as before, database.reader() as after:
        for table in SQLModel.metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key)
            assert after.execute(query).all() == before.execute(query).all(), table.name
        assert before.scalar(select(func.count()).select_from(DERIVED[0]))


def test_a_backup_never_takes_the_place_of_a_file(bundled: Database, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("precious")
    with pytest.raises(InvalidInput, match="is there already"):
        list(backup.make(bundled, path))
    steps = backup.make(bundled, tmp_path / "late.txt")
    next(steps)
    (tmp_path / "late.txt").write_text("precious")
    with pytest.raises(InvalidInput, match="in the meantime"):
        list(steps)
    assert {one.read_text() for one in tmp_path.iterdir()} == {"precious"}
    with pytest.raises(InvalidInput, match="cannot be made"):
        list(backup.make(bundled, tmp_path / "no" / "folder.db"))


def test_only_an_empty_store_is_restored_into(bundled: Database, tmp_path: Path) -> None:
    list(backup.make(bundled, tmp_path / "backup.db"))
    with pytest.raises(Conflict, match="not empty"):
        list(backup.restore(tmp_path / "backup.db", bundled))
    Database(f"sqlite:///{tmp_path / 'other.db'}").close()
    with pytest.raises(NotMigrated):
        list(backup.restore(tmp_path / "other.db", bundled))
