"""Serving, and the OpenAPI document of what is served."""

import gc
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import uvicorn

from app import __version__
from app.api import logs
from app.cli.command import main, opened
from app.db import Database
from app.main import create_app
from app.settings import Settings
from app.store import bulk, ledger, schema

BUNDLED = Path(__file__).resolve().parents[1] / "record"
OPENAPI = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"


@main.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None, workers: int | None) -> None:
    """Create, migrate and, where it is empty, fill the store; then serve it."""
    logs.configure(settings)
    with opened(settings) as database:
        schema.migrate(database)
        if settings.bundled_record:
            _fill(database)
    host, port = host or settings.host, settings.port if port is None else port
    workers = workers or settings.workers
    with _shared_metrics(workers):
        click.echo(f"Onrecord {__version__} listens on http://{host}:{port} (Swagger UI at /docs)")
        uvicorn.run(
            "app.cli:application",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http="app.api.protocol:Bounded" if sys.platform != "win32" else "h11",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            timeout_worker_healthcheck=STARTING,
        )


STARTING = 60
"""Seconds that one of several processes may take to start, or be busy, before it is given up. With
uvicorn's 5 a slow machine gives each up while it imports, starts another, and never listens."""
GRACE = 30
"""Seconds that requests in hand are given when the service is told to stop."""


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Where several processes share their counts, unless the operator has said where."""
    name = "PROMETHEUS_MULTIPROC_DIR"
    if workers == 1 or name in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-metrics-") as folder:
        os.environ[name] = folder
        try:
            yield
        finally:
            del os.environ[name]


def application() -> Any:
    """The application as a worker process makes it."""
    settings = Settings()
    logs.configure(settings)
    app = create_app(settings)
    # What is there now stays: to look through it for garbage took a twentieth of the time of an
    # answer from the cache.
    gc.collect()
    gc.freeze()
    return app


def _fill(database: Database) -> None:
    """Import the bundled record into a store that has no revision yet."""
    with database.reader() as reader:
        if ledger.head(reader).seq:
            return
    for path in sorted(BUNDLED.glob("*.ndjson")):
        with path.open("rb") as file:
            reports = [
                report
                for progress in bulk.import_file(database, file, agent="bundled record")
                for report in progress.errors
            ]
        if reports:
            raise click.ClickException(f"the bundled record is broken: {path.name}, {reports[0]}")


@main.command()
@click.option("--check", is_flag=True, help="Only say whether the committed document is right.")
@click.pass_obj
def openapi(settings: Settings, check: bool) -> None:
    """Write the OpenAPI document to openapi/openapi.json, or check that it is up to date."""
    in_memory = Database("sqlite://")
    document = create_app(settings, in_memory).openapi()
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if not check:
        OPENAPI.write_text(text, encoding="utf-8")
    elif not OPENAPI.exists() or OPENAPI.read_text(encoding="utf-8") != text:
        raise click.ClickException(
            "openapi/openapi.json is not what the app says; run make openapi"
        )
