"""The application as tests want it: made anew for each store, without what is always the same."""

from functools import cache

from fastapi import FastAPI

from app.db import Database
from app.main import create_app
from app.settings import Settings


def application(settings: Settings, database: Database) -> FastAPI:
    """`create_app`, with the routes of a first one.

    FastAPI works out what each route takes when the first request comes, in 0.12 s, and the OpenAPI
    document in a second. Neither knows of a store or of settings, so all tests share them.
    """
    app, first = create_app(settings, database), _first()
    assert [type(one) for one in app.router.routes] == [type(one) for one in first.router.routes]
    app.router.routes[:] = first.router.routes
    app.openapi = first.openapi  # type: ignore[method-assign]  # as create_app does
    return app


@cache
def _first() -> FastAPI:
    return create_app(Settings(_env_file=None), Database("sqlite://"))
