"""The application as tests want it: made anew for each store, without what is always the same."""

from functools import cache

from fastapi import FastAPI

from app.db import Database
from app.main import create_app
from app.settings import Settings


def application(settings: Settings, database: Database) -> FastAPI:
    """`create_app`, with the OpenAPI document of a first one, which takes a second to make and
    knows of no store and no settings."""
    app = create_app(settings, database)
    app.openapi = _first().openapi  # type: ignore[method-assign]  # as create_app does
    return app


@cache
def _first() -> FastAPI:
    return create_app(Settings(_env_file=None), Database("sqlite://"))
