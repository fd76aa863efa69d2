"""Serving, and the OpenAPI document of what is served."""

import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from app import __version__, replicas
from app.api import logs
from app.cli.command import Unfit, loading, main, opened
from app.db import Database
from app.errors import InvalidInput, Unavailable, short
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
    host, port = host or settings.host, settings.port if port is None else port
    workers = workers or settings.workers
    if settings.read_database_url:
        _check_replicas(settings)
    with ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in _taken(host, port)]
        with opened(settings) as database:
            schema.migrate(database)
            if settings.bundled_record:
                _fill(database)
        stack.enter_context(_shared_metrics(workers))
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{sockets[0].getsockname()[1]}"
        click.echo(f"Onrecord {__version__} listens on {address} (Swagger UI at /docs)")
        _run(sockets, workers)


def _check_replicas(settings: Settings) -> None:
    try:
        replicas.database(settings.database_url, settings.read_database_url, pool=1).close()
    except InvalidInput as wrong:
        raise Unfit(str(wrong)) from wrong


def _taken(host: str, port: int) -> list[socket.socket]:
    """The port at each address of a host, from now on ours: whoever asks already is answered once
    all is ready. Raises `Unavailable` where it cannot be had."""
    taken: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(found):
            one = socket.socket(family)
            taken.append(one)
            if os.name == "posix":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if port == 0 and len(taken) > 1:  # any that is free, but the same everywhere
                address = (address[0], taken[0].getsockname()[1], *address[2:])
            one.bind(address)
            one.listen(WAITING)
            one.set_inheritable(True)
    except OSError as error:
        for one in taken:
            one.close()
        raise Unavailable(
            f"Nothing can be served at port {port} of {short(host)}: {error.strerror}. Stop what "
            "listens there, or take another with --port and --host (ONRECORD_PORT, ONRECORD_HOST)."
        ) from error
    return taken


def _run(sockets: list[socket.socket], workers: int) -> None:
    """Serve until told to stop, as `uvicorn.run` does, at these sockets."""
    config = uvicorn.Config(
        "app.cli.serve:application",
        factory=True,
        workers=workers,
        http="app.api.protocol:Bounded" if sys.platform != "win32" else "h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=STARTING,
    )
    if workers > 1:
        Multiprocess(config, sockets=sockets).run()
        return
    config.load_app()
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=sockets)
    if not server.started:
        sys.exit(3)


WAITING = 2_048
"""Connections that may wait to be taken up."""


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
    with loading():
        return create_app(settings)


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
