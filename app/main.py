"""The application: settings in, a FastAPI app out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette_compress import CompressMiddleware

from app import __version__
from app.api import (
    bulk,
    changes,
    collections,
    comparison,
    counts,
    documented,
    export,
    ledger,
    meta,
    names,
    operations,
    problems,
    reports,
    verification,
    writing,
)
from app.api.auth import Reads
from app.api.caching import Cache, CodingTags, Conditional
from app.api.deps import asked_once
from app.api.middleware import Methods, RequestId
from app.db import Database
from app.settings import Settings
from app.store.watch import Watch


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The application over a store, by default the one that the settings name."""
    store = database or Database(
        settings.database_url, pool=settings.threads, busy_timeout=settings.busy_timeout
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # A request holds a thread and, in it, a connection: more threads than connections
        # would wait for each other until they time out.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        yield
        store.close()

    app = FastAPI(
        title="Onrecord",
        version=__version__,
        summary="Who said what, when, in which publication and in which words.",
        description=documented.DESCRIPTION,
        openapi_tags=documented.TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False},
    )
    app.state.database = store
    app.state.settings, app.state.signer = settings, None
    app.state.watch = Watch(store)
    others = (reports, comparison, counts, names, verification, export, changes, ledger)
    writers = (*writing.routers, bulk.router)
    reading = (*collections.routers, *(module.router for module in others))
    for router in reading:
        app.include_router(router, dependencies=[Reads, Depends(asked_once)])
    for router in writers:
        app.include_router(router, dependencies=[Depends(asked_once)])
    app.include_router(meta.router)
    app.mount("/static", StaticFiles(directory=meta.STATIC))
    routers = (*reading, *writers)
    # FastAPI's way of having a document of one's own.
    app.openapi = lambda: documented.openapi(app, routers)  # type: ignore[method-assign]
    app.state.operations = operations.read(routers)
    problems.install(app)
    app.add_middleware(CompressMiddleware)
    app.add_middleware(CodingTags)
    if settings.cache:
        app.add_middleware(Cache, database=store)
    app.add_middleware(Conditional)
    app.add_middleware(Methods, operations=app.state.operations)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],
        expose_headers=[
            "ETag",
            "Idempotency-Replayed",
            "Link",
            "Location",
            "Retry-After",
            "X-Request-Id",
        ],
    )
    app.add_middleware(RequestId)
    return app
