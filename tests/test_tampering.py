"""What was changed behind the service's back is found: by the verifier, and by its command line.

Ten thousand changes are `python -m benchmarks.tamper`; here each kind is tried once.
"""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, text, update

from app.cli import main
from app.db import Database
from app.models import DERIVED, REVISION, actor
from app.models.base import RecordType
from app.store import (
    audit,
    bulk,
    checkpoint,
    edit,
    ledger,
    merge,
    project,
    replica,
    takeout,
    withdraw,
)
from app.store.ledger import Break
from benchmarks import tamper, world
from tests.questions import served

WHY = edit.Why(agent="test", reason="test")


@pytest.fixture
def filled(database: Database) -> Database:
    """A store with tiles in its tree, private texts and a redaction."""
    tamper.fill(database)
    return database


def _breaks(database: Database) -> list[Break]:
    with database.reader() as reader:
        _, steps = audit.of_store(reader)
        return [one for one in steps if isinstance(one, Break)]


def test_each_kind_of_change_is_found(filled: Database) -> None:
    with replica.made() as copy:
        with filled.reader() as reader:
            list(replica.lay_out(reader, copy))
        with copy.reader() as right:
            store = tamper.Store(filled, right)
            tried = set()
            for name, seed, found in tamper.attempts(store, len(tamper.KINDS), seed=0):
                assert found, f"{name}, seed {seed}"
                tried.add(name)
    assert tried == set(tamper.KINDS)
    assert _breaks(filled) == []


def test_an_index_that_hides_a_row_is_found(bundled: Database) -> None:
    if not bundled.is_sqlite:
        pytest.skip("PostgreSQL checks its own files with amcheck")
    assert _breaks(bundled) == []
    find = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_statement_1'"
    with bundled.reader() as reader:
        page = reader.scalar(text(find))
        size = reader.scalar(text("PRAGMA page_size"))
    bundled.scrub()
    bundled.close()
    path = Path(bundled.url.database or "")
    content = bytearray(path.read_bytes())
    here = content.index(b"putin-more-than-2000", (page - 1) * size)
    assert here < page * size
    content[here] = ord("q")
    path.write_bytes(content)
    changed = Database(str(bundled.url))
    assert any("damaged" in one.detail for one in _breaks(changed))
    changed.close()


def test_a_store_with_every_kind_of_history_is_sound(database: Database) -> None:
    lines = list(world.lines(40))
    for batch in (7, 50):
        changed = [line.replace(b'"cue": "said"', b'"cue": "told"') for line in lines]
        for file in (lines, changed if batch == 50 else lines):
            data = io.BytesIO(b"".join(file))
            for progress in bulk.import_file(database, data, agent="test", batch=batch):
                assert not progress.errors
    with database.writer() as writer:
        withdraw.redact(writer, RecordType.statement, "st3", edit.Expected(any=True), WHY)
    with database.writer() as writer:
        withdraw.retract(writer, RecordType.attribution, "a5.0", edit.Expected(any=True), WHY)
    with database.writer() as writer:
        merge.merge(writer, RecordType.actor, "p3", "p4", edit.Expected(any=True), WHY)
    assert _breaks(database) == []
    with database.writer() as writer:
        list(project.rebuild(writer))
    assert _breaks(database) == []


def test_a_name_changed_in_its_document_is_told_with_its_row(bundled: Database) -> None:
    versions = actor.VERSION
    with bundled.writer() as writer:
        seq = writer.scalar(text("SELECT min(seq) FROM actor_version"))
        changed = update(versions).where(versions.c.seq == seq)
        writer.execute(changed.values(document=versions.c.document + " "))
    (found,) = _breaks(bundled)
    assert str(found).startswith(f"table actor_version (seq {seq}, ")


# --- the command line ---------------------------------------------------------------------------


@pytest.fixture
def run(bundled: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "Run":
    monkeypatch.chdir(tmp_path)  # away from any .env
    url = bundled.url.render_as_string(hide_password=False)
    monkeypatch.setenv("ONRECORD_DATABASE_URL", url)
    return Run(tmp_path)


class Run:
    """Runs `onrecord`, and keeps what it prints as a file where that is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == code, result.output
        return result

    def keep(self, name: str, *arguments: str) -> Path:
        path = self.folder / name
        path.write_bytes(self(*arguments).stdout_bytes)
        return path

    def state(self, *arguments: str, code: int = 0) -> dict[str, object]:
        found: dict[str, object] = json.loads(
            self("verify", "--json", *arguments, code=code).stdout.splitlines()[-1]
        )
        return found


def _grow(database: Database) -> None:
    lines = io.BytesIO(b"".join(world.lines(3)))
    assert not [one for one in bulk.import_file(database, lines, agent="test") if one.errors]


def test_a_store_verifies_to_a_checkpoint_that_was_kept(run: Run, bundled: Database) -> None:
    kept = run.keep("then.txt", "checkpoint")
    _grow(bundled)
    state = run.state("--checkpoint", str(kept))
    assert state["holds"]
    assert state["signatures_checked"]
    assert "It extends the checkpoints kept at" in run("verify", "--checkpoint", str(kept)).stdout
    with bundled.writer() as writer:  # an end that the chain knows nothing of
        for table in DERIVED:
            writer.execute(delete(table))
        writer.execute(delete(REVISION).where(REVISION.c.seq > 40))
        list(project.rebuild(writer))
    assert run.state()["holds"]
    assert not run.state("--checkpoint", str(kept), code=1)["holds"]


def test_an_export_verifies_without_a_store(
    run: Run, bundled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = run.keep("then.txt", "checkpoint")
    key = json.loads(run("checkpoint", "--json").stdout)["key"]
    with bundled.writer() as writer:
        id = "a-turkish-role"
        if not project.identities(writer, [(RecordType.statement, id)]):
            id = "putin-more-than-2000-casualties-on-each-side"
        withdraw.redact(writer, RecordType.statement, id, edit.Expected(any=True), WHY)
    _grow(bundled)
    later = run.keep("later.txt", "checkpoint")
    exported = run.keep("ledger.ndjson", "export", "--ledger")
    monkeypatch.setenv("ONRECORD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    options = ["--export", str(exported), "--checkpoint", str(kept), "--checkpoint", str(later)]
    state = run.state(*options, "--key", key)
    assert (state["holds"], state["signatures_checked"]) == (True, True)
    assert state["redacted"] == 2  # the statement and its report
    told = run("verify", *options).stdout
    assert "2 were redacted: their words are gone, their place in it is not." in told
    assert "Who signed them was not checked" in told
    run("verify", *options, "--key", key.replace(key[:3], "xyz"), code=1)

    whole = exported.read_bytes()
    lines = whole.splitlines(keepends=True)
    for broken in (
        b"".join(lines[:-1]),
        b"".join(lines[1:]),
        whole.replace(b"Putin", b"Puttn", 1),
        whole.replace(b'"version":1', b'"version":  1', 1),
        whole[:-1],
        whole + b"{}\n",
        whole + b"\xff\n",
        whole + b'{"change":"redacted"}\n',
        b"",
    ):
        exported.write_bytes(broken)
        run.state(*options, code=1)
    later.write_text("nothing")
    assert "no signed checkpoint" in run("verify", *options, code=1).stderr


def test_an_export_is_the_ledger_line_by_line(bundled: Database) -> None:
    with bundled.reader() as reader:
        for line, (row,) in zip(takeout.stream(reader), ledger.pages(reader, size=1), strict=True):
            found = json.loads(line)
            assert list(found) == list(takeout.COLUMNS)
            assert ledger.canonical(found.pop("body")).decode() == row.body
            assert found == {k: v for k, v in row._asdict().items() if k != "body"}


def test_a_checkpoint_of_another_record_is_refused(run: Run, database: Database) -> None:
    other = checkpoint.signer(database, bytes(32), "example.com/other")
    note = other.sign(f"example.com/other\n5\n{checkpoint.encoded(bytes(32))}\n")
    path = run.folder / "other.txt"
    path.write_text(note)
    assert "not signed by the key" in run("verify", "--checkpoint", str(path), code=1).stderr
    run.state("--checkpoint", str(path), "--key", str(other.public), code=1)


def test_what_a_database_does_by_itself_is_found(bundled: Database) -> None:
    assert _breaks(bundled) == []
    with bundled.writer() as writer:
        for statement in _SQLITE if bundled.is_sqlite else _POSTGRESQL:
            writer.exec_driver_sql(statement)
    told = [one.detail for one in _breaks(bundled)]
    assert sorted(told) == sorted(
        f"there is a {one} that is not ours; take it out"
        for one in ("trigger quietly", "view shown", *([] if bundled.is_sqlite else ["rule kept"]))
    )


_SQLITE = (
    "CREATE TRIGGER quietly AFTER UPDATE ON source BEGIN DELETE FROM snapshot; END",
    "CREATE VIEW shown AS SELECT * FROM snapshot",
)
_POSTGRESQL = (
    "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER quietly BEFORE UPDATE ON source FOR EACH ROW EXECUTE FUNCTION nothing()",
    "CREATE RULE kept AS ON DELETE TO snapshot DO INSTEAD NOTHING",
    "CREATE VIEW shown AS SELECT 1",
)


@pytest.mark.parametrize(
    "lost",
    [
        ["DROP TABLE search_fts"],
        ["DROP TRIGGER search_row_insert", "DROP TRIGGER search_row_delete"],
        ["DROP TRIGGER search_row_insert",
         "CREATE TRIGGER search_row_insert AFTER INSERT ON search_row BEGIN SELECT 1; END"],
        ["DROP INDEX ix_search_row_tokens"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["reindex", "rebuild"])
def test_a_search_index_that_is_lost_is_made_again(
    bundled: Database, monkeypatch: pytest.MonkeyPatch, lost: list[str], verb: str
) -> None:
    if bundled.is_sqlite is ("tokens" in lost[0]):
        pytest.skip("of the other database")
    before = _schema(bundled)
    with bundled.writer() as writer:
        for statement in lost:
            writer.exec_driver_sql(statement)
    if bundled.is_sqlite:
        assert any("search_" in one.detail for one in _breaks(bundled))
    url = bundled.url.render_as_string(hide_password=False)
    monkeypatch.setenv("ONRECORD_DATABASE_URL", url)
    done = CliRunner().invoke(main, [verb])
    assert done.exit_code == 0, done.output
    assert _schema(bundled) == before
    assert _breaks(bundled) == []
    with served(bundled) as client:
        found = client.get("/v1/statements?q=Пашинян").json()["items"]
        assert [one["id"] for one in found] == ["pashinyan-no-diplomatic-solution"]


def _schema(database: Database) -> list[str]:
    """What there is, as SQL."""
    query = (
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        if database.is_sqlite
        else "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1"
    )
    with database.reader() as reader:
        return list(reader.scalars(text(query)))
