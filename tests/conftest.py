"""Every test that asks for `database` runs twice: on SQLite and on PostgreSQL.

Both start from a migrated template: a copied file (0.2 ms) and a database created from a
template (30 ms), so that tests commit for real and need not clean up.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, make_url, text

from app.cli.serve import BUNDLED
from app.db import Database
from app.settings import Settings
from app.store import bulk, schema
from tests import postgres
from tests.application import application

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A throw-away PostgreSQL server, started when the first test asks for it."""
    yield from postgres.start()


def _fill(database: Database) -> None:
    with (BUNDLED / "karabakh-2020.ndjson").open("rb") as file:
        for progress in bulk.import_file(database, file, agent="bundled record"):
            assert not progress.errors
    database.count_rows()


class Templates:
    """Migrated stores, empty and with the bundled record, to be copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[tuple[str, bool], str] = {}

    def copy(self, engine: str, filled: bool, admin_url: str | None) -> str:
        template = self.made.get((engine, filled))
        if template is None:
            template = self._make(engine, filled, admin_url)
            self.made[engine, filled] = template
        name = f"test_{uuid.uuid4().hex}"
        if engine == "sqlite":
            shutil.copy(template, self.folder / f"{name}.db")
            return f"sqlite:///{self.folder / name}.db"
        assert admin_url
        return _create(admin_url, name, template)

    @contextmanager
    def opened(self, engine: str, filled: bool, admin_url: str | None) -> Iterator[Database]:
        """A copy, which is gone afterwards."""
        url = self.copy(engine, filled, admin_url)
        database = Database(url, pool=20, busy_timeout=5)
        yield database
        database.close()
        if admin_url:
            _drop(admin_url, url)
        else:
            for rest in self.folder.glob(f"{Path(str(database.url.database)).name}*"):
                rest.unlink()

    def _make(self, engine: str, filled: bool, admin_url: str | None) -> str:
        name = f"template_{'filled' if filled else 'empty'}_{uuid.uuid4().hex[:8]}"
        if engine == "sqlite":
            url, template = f"sqlite:///{self.folder / name}.db", str(self.folder / f"{name}.db")
        else:
            assert admin_url
            url, template = _create(admin_url, name), name
        database = Database(url, pool=2)
        schema.migrate(database)
        if filled:
            _fill(database)
        database.close()
        return template


def _create(admin_url: str, name: str, template: str = "template0") -> str:
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()
    return make_url(admin_url).set(database=name).render_as_string(hide_password=False)


def _drop(admin_url: str, url: str) -> None:
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    folder = postgres.fast_folder()
    if folder is None:
        yield Templates(tmp_path_factory.mktemp("stores"))
        return
    with tempfile.TemporaryDirectory(prefix=postgres.OWN, dir=folder) as name:
        yield Templates(Path(name))


def _admin_url(request: pytest.FixtureRequest, engine: str) -> str | None:
    return request.getfixturevalue("postgres_url") if engine == "postgresql" else None


def _open(
    request: pytest.FixtureRequest, templates: Templates, *, filled: bool
) -> Iterator[Database]:
    engine: str = request.param
    with templates.opened(engine, filled, _admin_url(request, engine)) as database:
        yield database


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    """An empty, migrated store."""
    yield from _open(request, templates, filled=False)


@pytest.fixture(params=ENGINES)
def bundled(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    """A store that holds the bundled record, and may be changed."""
    yield from _open(request, templates, filled=True)


@pytest.fixture
def client(bundled: Database) -> Iterator[TestClient]:
    """The API over the bundled record."""
    app = application(Settings(_env_file=None), bundled)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module", params=ENGINES)
def reading(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    """The API over a bundled record that nobody changes, the same for all tests of a module."""
    admin_url = _admin_url(request, request.param)
    with templates.opened(request.param, True, admin_url) as database:
        app = application(Settings(_env_file=None), database)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client
