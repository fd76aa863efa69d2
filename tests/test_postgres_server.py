"""The throw-away PostgreSQL server starts, minds its own business and goes."""

import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests import postgres

ROOT = Path(__file__).parents[1]

server = contextmanager(postgres.start)


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONRECORD_TEST_DATABASE_URL", raising=False)


def _folder(url: str) -> Path:
    return Path(str(make_url(url).query["host"]))


@pytest.mark.usefixtures("own_server")
def test_two_servers_run_side_by_side_and_leave_nothing() -> None:
    with server() as one, server() as other:
        for url in (one, other):
            engine = create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                assert connection.scalar(text("SHOW fsync")) == "off"
                assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
                connection.execute(text("CREATE DATABASE mine"))  # would collide if they met
            engine.dispose()
        data = [(_folder(url) / "data").resolve() for url in (one, other)]

    for url in (one, other):
        assert not _folder(url).exists()
    assert not any(one.exists() for one in data)


@pytest.mark.usefixtures("own_server")
def test_the_server_stops_when_the_tests_are_killed() -> None:
    script = """
import time
from tests import postgres
for url in postgres.start():
    print(url, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as run:
        assert run.stdout
        folder = _folder(run.stdout.readline().decode().strip())
        run.kill()

    data, deadline = (folder / "data").resolve(), time.monotonic() + 5
    pid = data / "postmaster.pid"
    while pid.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not pid.exists()
    shutil.rmtree(folder)
    shutil.rmtree(data, ignore_errors=True)  # or other tests have cleared it away


def test_a_server_that_is_given_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_TEST_DATABASE_URL", "postgresql+psycopg://somewhere/else")

    with server() as url:
        assert url == "postgresql+psycopg://somewhere/else"


@pytest.mark.usefixtures("own_server")
@pytest.mark.parametrize(
    ("required", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_without_postgresql_a_test_is_skipped_or_fails(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("ONRECORD_REQUIRE_POSTGRES", required)
    monkeypatch.setattr(postgres, "_packaged", lambda _folder: None)
    monkeypatch.setattr(postgres, "_installed", lambda: None)

    with pytest.raises(outcome, match="ONRECORD_TEST_DATABASE_URL"), server():
        pass
