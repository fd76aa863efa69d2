"""The application: settings in, a FastAPI app out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from starlette_compress import CompressMiddleware

from app import __version__, replicas
from app.api import (
    bulk,
    candidates,
    changes,
    collections,
    comparison,
    counts,
    documented,
    export,
    ledger,
    meta,
    metrics,
    names,
    operations,
    problem_pages,
    problems,
    reconcile,
    reports,
    verification,
    webhooks,
    writing,
)
from app.api.answers import Answers
from app.api.bounds import Bodies, Heads
from app.api.caching import Cache, CodingTags, Conditional
from app.api.frame import Frame
from app.api.load import Load
from app.api.methods import Methods
from app.api.rate import RateLimits
from app.api.sequence import Sequence
from app.db import Database
from app.sender import Sender
from app.settings import Settings
from app.store.watch import Watch


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The application over a store, by default the one that the settings name."""
    store = database or replicas.database(
        settings.database_url,
        settings.read_database_url,
        pool=settings.threads,
        busy_timeout=settings.busy_timeout,
        query_timeout=settings.query_timeout,
        mapped=True,
    )

    answers = Answers()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # A request holds a thread and, in it, a connection: more threads than connections
        # would wait for each other until they time out.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        sender = Sender(store.primary, app.state.watch, private=settings.private_webhooks)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sender.run)
            yield
            tasks.cancel_scope.cancel()
        store.close()
        metrics.leave()
        answers.tell()

    app = FastAPI(
        title="Onrecord",
        version=__version__,
        summary="Who said what, when, in which publication and in which words.",
        description=documented.DESCRIPTION,
        openapi_tags=documented.TAGS,
        openapi_url=None,  # app.api.meta serves it, not on the event loop
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"auto_configure": True} if settings.telemetry else NO_TELEMETRY,
    )
    app.state.database = store
    app.state.settings, app.state.signer = settings, None
    app.state.answers = answers
    app.state.watch = Watch(store.primary)
    # Not included, which would work out each of them a second time, but given as they are.
    app.router.routes += [route for router in (*CONTRACT, *PAGES) for route in router.routes]
    app.mount("/static", StaticFiles(directory=meta.STATIC))
    # FastAPI's way of having a document of one's own.
    app.openapi = lambda: documented.openapi(app, CONTRACT)  # type: ignore[method-assign]
    app.state.operations = operations.read(CONTRACT)
    problems.install(app)
    _surround(app, settings, store, answers)
    return app


def _surround(app: FastAPI, settings: Settings, store: Database, answers: Answers) -> None:
    """Put the layers around the routes, from the inside out.

    What refuses stands outside what works. The frame is outermost, since every answer, also a
    refusal, has an id, a line in the log and headers that let a browser read it. Rates are counted
    before the cache: an answer from memory is an answer. The load stands behind it: what costs
    nothing takes no place.
    """
    known: dict[str, operations.Operations] = app.state.operations
    pages = operations.read(PAGES)
    app.add_middleware(Load, most=settings.concurrency)
    app.add_middleware(
        Bodies,
        most=settings.max_body,
        most_import=settings.max_import,
        timeout=settings.body_timeout,
    )
    app.add_middleware(CompressMiddleware)
    app.add_middleware(CodingTags)
    if settings.cache:
        app.add_middleware(Cache, database=store)
    if not store.is_sqlite:  # one file needs no number to be read as it was written
        app.add_middleware(Sequence, database=store)
    app.add_middleware(Conditional)
    app.add_middleware(Methods, operations=known)
    if settings.rate_limit:
        app.add_middleware(RateLimits, limit=settings.rate_limit, store=settings.rate_limit_store)
    app.add_middleware(Heads, hosts=settings.hosts)
    app.add_middleware(Frame, templates=operations.Templates([*known, *pages]), answers=answers)


CONTRACT = (
    *collections.routers,
    reports.router,
    comparison.router,
    counts.router,
    names.router,
    verification.router,
    export.router,
    changes.router,
    ledger.router,
    reconcile.router,
    *writing.routers,
    bulk.router,
    webhooks.router,
    candidates.router,
)
"""What the OpenAPI document tells of."""
PAGES = (meta.router, problem_pages.router)
"""What is no part of the contract."""
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""Not even asked about: that alone costs 3 µs a request."""
