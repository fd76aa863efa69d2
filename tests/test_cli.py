"""The command `onrecord`, each time as a process of its own: what it prints and how it exits."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import text

import app
from app.cli import main
from app.db import Database
from app.settings import misspelt
from app.store import schema
from tests import factories
from tests.factories import (
    Line,
    actor,
    attribution,
    dump,
    everything,
    fill,
    load,
    source,
    statement,
)

ROOT = Path(app.__file__).parents[1]

# Imports the program once and becomes it in a new process for each line of work. That is what
# `onrecord` is but for the seconds that its imports take.
FORKING = """
import gc, json, os, signal, sys
from app.cli import main
gc.freeze()
with os.fdopen(os.dup(0)) as jobs:
    for line in jobs:
        job = json.loads(line)
        child = os.fork()
        if not child:
            jobs.close()
            signal.alarm(60)  # whatever hangs is killed
            os.chdir(job["folder"])
            os.environ.update(job["settings"])
            for number, path in enumerate(job["files"]):
                os.dup2(os.open(os.fsencode(path), os.O_WRONLY if number else os.O_RDONLY), number)
            sys.argv = ["onrecord", *job["arguments"]]
            main()
        status, used = os.wait4(child, 0)[1:]
        print(os.waitstatus_to_exitcode(status), used.ru_maxrss, flush=True)
"""


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code, its output, and the kB of memory that it took."""

    code: int
    out: str
    err: str
    memory: int

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs `onrecord` in an empty folder, with no settings but those that it is given."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process
        self.settings: dict[str, str] = {}

    def __call__(
        self,
        *arguments: str | Path,
        settings: dict[str, str] | None = None,
        stdin: bytes = b"",
        stdout: str = "",
    ) -> Done:
        given, out, err = (self.folder / name for name in (".in", ".out", ".err"))
        given.write_bytes(stdin)
        out.write_bytes(b"")
        err.write_bytes(b"")
        job = {
            "folder": str(self.folder),
            "settings": self.settings | (settings or {}),
            "files": [str(given), stdout or str(out), str(err)],
            "arguments": [str(one) for one in arguments],
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        code, memory = map(int, self.process.stdout.readline().split())
        read = [one.read_text("utf-8", "replace") for one in (out, err)]
        done = Done(code, read[0], read[1], memory)
        assert "Traceback" not in done.err, done.err
        return done

    def write(self, name: str, lines: Sequence[Line]) -> Path:
        path = self.folder / name
        path.write_bytes(factories.ndjson(lines))
        return path


def surroundings() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    return own | {
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "PYTHONIOENCODING": "utf-8:strict",
    }


@pytest.fixture(scope="module")
def forking() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", FORKING]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=surroundings()) as one:
        yield one
        assert one.stdin
        one.stdin.close()


@pytest.fixture
def shell(tmp_path: Path, forking: subprocess.Popen[str]) -> Shell:
    return Shell(tmp_path, forking)


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


@pytest.fixture
def store(shell: Shell, database: Database) -> Shell:
    """A shell whose settings name an empty, migrated store."""
    shell.settings = {"ONRECORD_DATABASE_URL": url_of(database)}
    return shell


@pytest.fixture
def file_store(shell: Shell) -> Shell:
    """A shell whose settings name a file that is not there yet."""
    shell.settings = {"ONRECORD_DATABASE_URL": f"sqlite:///{shell.folder}/store.db"}
    return shell


# --- the command line itself -------------------------------------------------------------------


def test_the_program_starts_and_says_its_version(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from app.cli import main; main()", "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=True
    )
    assert app.__version__ in done.stdout
    assert done.stderr == ""


def test_every_verb_explains_itself(shell: Shell) -> None:
    context = click.Context(main)
    names = set(main.list_commands(context))
    assert {"serve", "migrate", "import", "export", "verify", "rebuild"} <= names
    for name in names:
        done = shell(name, "--help")
        assert (name, done.code, done.err) == (name, 0, "")
        assert f"onrecord {name}" in done.out
        assert main.get_command(context, name), name
    assert names == set(main.commands)  # no module has more than is told of it


@pytest.mark.parametrize(
    "arguments",
    [
        ["imprt"],
        ["import"],
        ["import", "--dryrun", "x"],
        ["verify", "--jsn"],
        ["serve", "--port", "http"],
        ["serve", "--port", "65536"],
        ["serve", "--workers", "0"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_exits_with_2(shell: Shell, arguments: list[str]) -> None:
    done = shell(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage: " in done.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONRECORD_BUSY_TIMEOUT", "soon"),
        ("ONRECORD_BUSY_TIMEOUT", "-1"),
        ("ONRECORD_BUSY_TIMEOUT", "nan"),
        ("ONRECORD_BUSY_TIMEOUT", "inf"),
        ("ONRECORD_THREADS", "0"),
        ("ONRECORD_THREADS", "1.5"),
        ("ONRECORD_PORT", "65536"),
        ("ONRECORD_WORKERS", ""),
        ("ONRECORD_BUNDLED_RECORD", "perhaps"),
        ("ONRECORD_ORIGIN", "two words"),
        ("ONRECORD_SECURITY_CONTACT", "me"),
        ("ONRECORD_LOG_LEVEL", "loud"),
        ("ONRECORD_RATE_LIMIT", "fast"),
        ("ONRECORD_RATE_LIMIT", "0/minute"),
        ("ONRECORD_HOSTS", "http://x"),
        ("ONRECORD_HOSTS", "x:8000"),
        ("ONRECORD_DATABASE_URL", "sqlite://"),
        ("ONRECORD_DATABASE_URL", "sqlite:///:memory:"),
        ("ONRECORD_DATABASE_URL", "store.db"),
        ("ONRECORD_DATABASE_URL", "mysql://localhost/onrecord"),
        ("ONRECORD_DATABASE_URL", "postgresql+psycopg://localhost:port/onrecord"),
        ("ONRECORD_DATABASE_URL", "postgresql+psycopg2://localhost/onrecord"),
        ("ONRECORD_DATABASE_URL", "postgresql+asyncpg://localhost/onrecord"),
        ("ONRECORD_DATABASE_URL", "sqlite+aiosqlite:///store.db"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(shell: Shell, name: str, value: str) -> None:
    done = shell("verify", settings={name: value})
    assert done.code == 2
    assert name in done.err
    assert not re.search(r"Input|should|pattern|Value error|[\\^]", done.err)
    assert done.out == ""


def test_settings_are_read_from_a_file_too(shell: Shell) -> None:
    (shell.folder / ".env").write_text("ONRECORD_DATABASE_URL=sqlite:///named.db\nOTHER=1\n")
    assert shell("migrate").code == 0
    assert (shell.folder / "named.db").exists()


# --- stores that cannot be used ----------------------------------------------------------------


def a_folder(path: Path) -> None:
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text("Not a database at all.\n" * 200)


def an_empty_store(path: Path) -> None:
    database = Database(f"sqlite:///{path}", pool=1)
    schema.migrate(database)
    database.close()


def anothers_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photo (name)")


def a_damaged_store(path: Path) -> None:
    an_empty_store(path)
    content = bytearray(path.read_bytes())
    content[100:60_000] = os.urandom(59_900)
    path.write_bytes(content)


NO_STORES = {
    "nothing there": (lambda _path: None, "names a file that is not there; mend it"),
    "an empty file": (Path.touch, "has no tables yet; run `onrecord migrate`"),
    "a folder": (a_folder, "cannot be opened"),
    "a text": (a_text, "no SQLite database"),
    "another's": (anothers_file, "holds tables of another program"),
    "damaged": (a_damaged_store, "damaged"),
}


@pytest.mark.parametrize("verb", ["verify", "export", "rebuild", "import"])
@pytest.mark.parametrize(("make", "message"), NO_STORES.values(), ids=NO_STORES)
def test_what_is_no_store_is_told(file_store: Shell, verb: str, make: Any, message: str) -> None:
    make(file_store.folder / "store.db")
    files = [file_store.write("a.ndjson", [actor("a")])] if verb == "import" else []
    done = file_store(verb, *files)
    assert (done.code, done.out) == (3, "")
    assert message in done.err


@pytest.mark.parametrize("verb", ["migrate", "serve", "restore"])
def test_a_file_of_another_program_is_not_taken_over(file_store: Shell, verb: str) -> None:
    path, backup = file_store.folder / "store.db", file_store.folder / "backup.db"
    anothers_file(path)
    an_empty_store(backup)
    before = path.read_bytes()
    done = file_store(verb, *([backup] if verb == "restore" else []))
    assert (done.code, done.out) == (3, "")
    assert "holds tables of another program" in done.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("verb", ["migrate", "verify", "serve"])
def test_a_folder_that_is_not_there_is_told(shell: Shell, verb: str) -> None:
    url = f"sqlite:///{shell.folder}/nowhere/store.db"
    done = shell(verb, settings={"ONRECORD_DATABASE_URL": url})
    assert (done.code, done.out) == (3, "")
    assert "check that its folder exists" in done.err


def test_a_server_that_is_not_there_is_told(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"postgresql+psycopg://127.0.0.1:{taken.getsockname()[1]}/onrecord"
        done = shell("verify", settings={"ONRECORD_DATABASE_URL": url})
    assert (done.code, done.out) == (3, "")
    assert "The database cannot be reached" in done.err


def test_a_store_without_tables_is_told(store: Shell, database: Database) -> None:
    schema.migrate(database, "base")
    done = store("verify")
    assert (done.code, done.out) == (3, "")
    assert "run `onrecord migrate`" in done.err
    assert store("migrate").code == 0
    assert store("verify").code == 0


def test_a_newer_store_is_told(store: Shell, database: Database) -> None:
    with database.writer() as writer:
        writer.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    for verb in ("verify", "migrate", "serve"):
        done = store(verb)
        assert (verb, done.code, done.out) == (verb, 3, "")
        assert "made by a newer version of Onrecord" in done.err


@pytest.mark.parametrize("verb", ["import", "rebuild", "migrate"])
def test_a_locked_store_is_told(store: Shell, database: Database, verb: str) -> None:
    files = [store.write("a.ndjson", [actor("a")])] if verb == "import" else []
    with database.writer():
        done = store(verb, *files, settings={"ONRECORD_BUSY_TIMEOUT": "0.1"})
    assert (done.code, done.out) == (3, "")
    assert "Another process is writing to the store" in done.err
    assert store(verb, *files).code == 0


def test_a_locked_store_can_be_read(store: Shell, database: Database) -> None:
    fill(database, [actor("a")])
    settings = {"ONRECORD_BUSY_TIMEOUT": "0.1"}
    dry_run = ("import", "--dry-run", store.write("b.ndjson", [actor("b")]))
    with database.writer() as writer:
        writer.execute(text("UPDATE actor SET version = 2"))
        assert store("verify", settings=settings).code == 0
        assert store(*dry_run, settings=settings).code == 0
        assert store("export", settings=settings).objects() == [actor("a")]


@contextmanager
def read_only(database: Database) -> Iterator[str]:
    """The URL under which a store takes no writes."""
    if database.is_sqlite:
        # By the URL, since root may write what its mode forbids.
        yield f"sqlite:///file:{database.url.database}?mode=ro&uri=true"
    else:
        yield f"{url_of(database)}&options=-c%20default_transaction_read_only%3Don"


def test_a_read_only_store_is_told_and_can_be_read(store: Shell, database: Database) -> None:
    fill(database, [actor("a")])
    path = store.write("b.ndjson", [actor("b")])
    with read_only(database) as url:
        settings = {"ONRECORD_DATABASE_URL": url}
        for arguments in (["import", str(path)], ["rebuild"]):
            done = store(*arguments, settings=settings)
            assert (done.code, done.out) == (3, "")
            assert "The store is read-only" in done.err
        assert store("export", settings=settings).objects() == [actor("a")]
        assert store("verify", settings=settings).code == 0
        assert store("import", "--dry-run", path, settings=settings).code == 0
    assert store("export").objects() == [actor("a")]


# --- migrate -----------------------------------------------------------------------------------


def test_migrate_makes_the_store_and_says_so(file_store: Shell) -> None:
    for _time in range(2):
        done = file_store("migrate")
        assert (done.code, done.out, done.err) == (0, "The tables are up to date.\n", "")
    assert file_store("verify").code == 0


def test_migrate_to_a_revision_that_there_is_not(file_store: Shell) -> None:
    assert file_store("migrate").code == 0
    done = file_store("migrate", "nowhere")
    assert done.code == 1
    assert "nowhere" in done.err
    assert "base" not in done.err


def test_migrate_down_and_up(file_store: Shell) -> None:
    file_store("migrate")
    assert file_store("migrate", "base").code == 0
    assert file_store("verify").code == 3
    assert file_store("migrate").code == 0
    assert file_store("verify").code == 0


def test_migrate_down_loses_nothing_unasked(store: Shell, database: Database) -> None:
    fill(database, [actor("a")])
    for revision in ("base", "0001"):
        done = store("migrate", revision)
        assert (done.code, done.out) == (1, "")
        assert "--erase" in done.err
        assert store("verify").code == 0
    assert store("export").objects() == [actor("a")]
    done = store("migrate", "base", "--erase")
    assert (done.code, done.out) == (0, "Now at base.\n")
    assert store("migrate").code == 0
    assert store("export").objects() == []


# --- import ------------------------------------------------------------------------------------

MIXED: list[Line] = [actor("a"), b"nonsense", actor("a", name="b"), statement("x", topics=["t"])]


def test_import_tells_what_it_did(store: Shell, database: Database) -> None:
    path = store.write("record.ndjson", everything())
    count = len(everything())
    done = store("import", path, "--dry-run")
    assert done.code == 0
    assert done.out == (
        f"{path}: {count} lines, {count} created, 0 updated, 0 unchanged, 0 failed"
        " (dry run: nothing was written)\n"
    )
    assert dump(database)["revision"] == []

    done = store("import", path, "--agent", "Ə", "--reason", "because")
    assert (done.code, done.out) == (
        0,
        f"{path}: {count} lines, {count} created, 0 updated, 0 unchanged, 0 failed\n",
    )
    again = store("import", path, "--json")
    assert (again.code, again.err) == (0, "")
    assert again.objects() == [
        {
            "file": str(path),
            "lines": count,
            "created": 0,
            "updated": 0,
            "unchanged": count,
            "failed": 0,
        }
    ]
    with database.reader() as reader:
        told = reader.execute(text("SELECT DISTINCT agent, reason FROM revision")).all()
    assert [tuple(one) for one in told] == [("Ə", "because")]


def test_import_tells_each_bad_line_and_keeps_the_good(store: Shell) -> None:
    path = store.write("mixed.ndjson", MIXED)
    trial, done = store("import", "--dry-run", path), store("import", path)
    assert (trial.code, done.code) == (1, 1)
    assert f"{path}: error: line 2: not JSON" in done.err
    assert f"{path}: error: line 4: /topics/0: there is no topic t" in done.err
    assert f"{path}: warning: line 3: /id: actor a stands earlier" in done.err
    assert "4 lines, 1 created, 1 updated, 0 unchanged, 2 failed" in done.out
    assert [line for line in trial.err.split("\r") if ": line " in line] == [
        line for line in done.err.split("\r") if ": line " in line
    ]
    assert store("export").objects() == [actor("a", name="b")]


def test_import_for_machines(store: Shell) -> None:
    path = store.write("mixed.ndjson", MIXED)
    done = store("import", "--json", path)
    assert (done.code, done.err) == (1, "")
    *reports, total = done.objects()
    assert total["failed"] == 2
    told = {one["line"]: one for one in reports}
    assert set(told) == {2, 3, 4}
    assert told[2]["error"][0]["code"] == "not_json"
    assert told[3]["warning"][0]["pointer"] == "/id"
    assert told[4]["error"][0]["pointer"] == "/topics/0"
    assert {one["file"] for one in reports} == {str(path)}


def test_a_file_that_cannot_be_read_is_told(store: Shell) -> None:
    good = store.write("good.ndjson", [actor("a")])
    folder = store.folder / "folder"
    folder.mkdir()
    for missing in (store.folder / "missing.ndjson", folder):
        done = store("import", good, missing)
        assert done.code == 1
        assert f"{missing} cannot be read: " in done.err
    assert store("export").objects() == [actor("a")]


def test_standard_input_can_be_imported(store: Shell) -> None:
    lines = [statement("x", relations=factories.denies("y")), statement("y")]
    done = store("import", "-", stdin=factories.ndjson(lines))
    assert (done.code, done.err.count("error")) == (0, 0)
    assert store("export").objects() == lines


def test_a_pipe_can_be_imported(store: Shell) -> None:
    """As in `onrecord import <(xz -dc record.ndjson.xz)`, which cannot be read twice."""
    path = store.folder / "pipe"
    os.mkfifo(path)
    lines = [statement("x", relations=factories.denies("y")), statement("y")]
    given = store.write("given.ndjson", lines)
    with subprocess.Popen(["sh", "-c", 'cat "$1" >"$2"', "sh", given, path]):  # waits for a reader
        done = store("import", path)
    assert (done.code, done.err.count("cannot be read")) == (0, 0)
    assert store("export").objects() == lines


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always text")
def test_files_whose_names_are_no_text_are_taken(store: Shell) -> None:
    path = store.folder / os.fsdecode(b"\xff.ndjson")
    path.write_bytes(factories.ndjson([actor("a"), b"nonsense"]))
    done = store("import", path)
    assert done.code == 1
    assert "error: line 2: not JSON" in done.err
    done = store("import", "--json", path)
    assert done.code == 1
    assert done.objects()[-1]["unchanged"] == 1
    assert "\N{REPLACEMENT CHARACTER}.ndjson" not in done.out


@pytest.mark.parametrize("option", ["--agent", "--reason"])
def test_reasons_that_are_no_text_are_told(store: Shell, option: str) -> None:
    done = store("import", option, os.fsdecode(b"\xff"), store.write("a.ndjson", [actor("a")]))
    assert done.code in (0, 1, 2)
    assert store("verify").code == 0


def test_a_large_file_takes_little_memory(file_store: Shell) -> None:
    """40 MB of long texts, in whatever lines they stand, against a file of a few short ones."""
    words, count = "word " * 19_000, 420
    short = [source("s"), *[statement(f"x{number}") for number in range(count)]]
    short.append(attribution("r", "x0", "s"))
    large = file_store.folder / "large.ndjson"
    with large.open("wb") as file:
        for number in range(count):
            own = attribution(f"r{number}", f"x{number}", "s", quoted_text=words, parent="r")
            file.write(factories.ndjson([own]))
    assert large.stat().st_size > 39_000_000

    assert file_store("migrate").code == 0
    least = file_store("import", file_store.write("short.ndjson", short))
    done = file_store("import", large)
    assert (least.code, done.code) == (0, 0)
    assert f"{count} created" in done.out
    assert done.memory - least.memory < ENOUGH
    exported = file_store("export", stdout="/dev/null")
    assert (exported.code, exported.err) == (0, f"{len(short) + count} records\n")
    assert exported.memory - least.memory < ENOUGH


ENOUGH = 180_000
"""kB: lines are read 8 MB at a time, and stand in memory in several forms."""


# --- export ------------------------------------------------------------------------------------


def test_export_writes_the_record_and_nothing_else(store: Shell, database: Database) -> None:
    fill(database, everything())
    done = store("export")
    assert (done.code, done.err) == (0, f"{len(everything())} records\n")
    assert load(database, done.out.encode()).unchanged == len(everything())


def test_an_export_that_nobody_reads_to_its_end_stops(store: Shell, database: Database) -> None:
    """As in `onrecord export | head -1`."""
    fill(database, [actor(f"a{number}", description="x" * 9_000) for number in range(30)])
    path = store.folder / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["head", "-1", path], stdout=subprocess.PIPE) as head:
        done = store("export", stdout=str(path))
        assert head.stdout
        assert json.loads(head.stdout.read())["id"] == "a0"
    assert done.code != 0
    assert "Error" not in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("verb", ["export", "verify"])
def test_a_full_disk_is_told(store: Shell, database: Database, verb: str) -> None:
    fill(database, everything())
    done = store(verb, stdout="/dev/full")
    assert done.code not in (0, 120)
    assert "No space left on device" in done.err


# --- serve ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_before_anything_is_done(
    file_store: Shell, workers: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = file_store("serve", "--port", port, "--workers", workers)
    assert (done.code, done.out) == (3, "")
    assert f"at port {port} of 127.0.0.1: Address already in use" in done.err
    assert "--port" in done.err
    assert list(file_store.folder.glob("store.db*")) == []


def test_a_host_that_is_not_here_is_told(file_store: Shell) -> None:
    done = file_store("serve", "--host", "192.0.2.1", "--port", "0")
    assert (done.code, done.out) == (3, "")
    assert "192.0.2.1" in done.err
    assert "--host" in done.err


# --- verify and rebuild ------------------------------------------------------------------------


def test_verify_says_that_the_chain_holds(store: Shell, database: Database) -> None:
    fill(database, everything())
    head = dump(database)["revision"][-1][-1]
    done = store("verify")
    assert done.code == 0
    assert done.out == f"{len(everything())} revisions, head {head}: the chain holds.\n"
    (found,) = store("verify", "--json").objects()
    told = {"revisions": len(everything()), "head": head, "holds": True, "breaks": 0}
    assert found.items() >= told.items()


def test_verify_says_where_the_chain_breaks(store: Shell, database: Database) -> None:
    fill(database, everything())
    with database.writer() as writer:
        writer.execute(text("UPDATE revision SET body = '{}' WHERE seq = 5"))
        writer.execute(text("UPDATE revision SET agent = 'nobody' WHERE seq = 7"))
    done = store("verify")
    assert done.code == 1
    assert "revision 5: the body of actor state was changed\n" in done.out
    assert "revision 7: the entry of source original was changed\n" in done.out
    assert "is broken in 2 places" in done.out

    done = store("verify", "--json")
    assert (done.code, done.err) == (1, "")
    *found, total = done.objects()
    assert [one["break"]["seq"] for one in found] == [5, 7]
    assert (total["holds"], total["breaks"]) == (False, 2)


def test_verify_of_an_empty_store(store: Shell) -> None:
    assert store("verify").code == 0
    (found,) = store("verify", "--json").objects()
    told: dict[str, Any] = {"revisions": 0, "head": None, "holds": True, "breaks": 0}
    assert found.items() >= told.items()


def test_rebuild_mends_the_tables(store: Shell, database: Database) -> None:
    fill(database, everything())
    before = dump(database)
    with database.writer() as writer:
        writer.execute(text("UPDATE actor_version SET document = '{}'"))
    done = store("rebuild")
    assert done.code == 0
    assert done.out == f"The tables stand again from {len(everything())} revisions.\n"
    assert dump(database) == before
    assert store("rebuild", "--json").objects() == [{"revisions": len(everything())}]


def test_a_misspelt_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_DATABSE_URL", "sqlite:///elsewhere.db")
    monkeypatch.setenv("ONRECORD_SOMETHING_ELSE", "1")
    assert misspelt() == [("ONRECORD_DATABSE_URL", "ONRECORD_DATABASE_URL")]
