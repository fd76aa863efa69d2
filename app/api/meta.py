"""What is about the service itself: its root, health, documentation and problem types."""

import hashlib
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from app import __version__
from app.api.deps import Store
from app.errors import NotFound, Problem
from app.formats import jsonld
from app.store import ledger, schema

STATIC = Path(__file__).resolve().parents[1] / "static"
router = APIRouter(include_in_schema=False)


@router.get("/")
def root() -> dict[str, str]:
    """Where things are."""
    return {
        "name": "Onrecord",
        "version": __version__,
        "documentation": "/docs",
        "openapi": "/openapi.json",
        "statements": "/v1/statements",
    }


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(store: Store) -> JSONResponse:
    """The store can be read, and its tables are those of this version (else 503)."""
    schema.ensure(store)
    with store.reader() as reader:
        return JSONResponse({"status": "ok", "seq": ledger.head(reader).seq})


@router.get("/docs")
async def swagger() -> HTMLResponse:
    """Swagger UI, from files of our own."""
    options: dict[str, Any] = {
        "deepLinking": True,
        "displayRequestDuration": True,
        "filter": True,
        "persistAuthorization": True,
        "tryItOutEnabled": True,
        "validatorUrl": None,
    }
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Onrecord API",
        swagger_js_url="/static/swagger-ui-bundle.js",
        swagger_css_url="/static/swagger-ui.css",
        swagger_favicon_url="/static/favicon.svg",
        swagger_ui_parameters=options,
    )


@router.get("/redoc")
async def redoc() -> HTMLResponse:
    """ReDoc, from a file of our own."""
    return get_redoc_html(
        openapi_url="/openapi.json",
        title="Onrecord API",
        redoc_js_url="/static/redoc.standalone.js",
        redoc_favicon_url="/static/favicon.svg",
        with_google_fonts=False,
    )


@router.get(jsonld.CONTEXT_PATH)
async def context() -> Response:
    """What the members of JSON-LD answers mean."""
    headers = {"Cache-Control": "public, max-age=3600", "ETag": f'"{_CONTEXT_TAG}"'}
    return Response(jsonld.CONTEXT, headers=headers, media_type="application/ld+json")


_CONTEXT_TAG = hashlib.sha256(jsonld.CONTEXT).hexdigest()[:32]


@router.get("/problems/{slug}")
async def problem_type(slug: str) -> Response:
    """A page about one kind of problem: where the `type` of an error leads."""
    for kind in _kinds(Problem):
        if kind.slug == slug:
            about = escape((kind.__doc__ or kind.title).strip())
            page = (
                f"<!doctype html><title>{escape(kind.title)}</title><h1>{escape(kind.title)}</h1>"
            )
            return HTMLResponse(f"{page}<p>HTTP status {kind.status}.</p><p>{about}</p>")
    raise NotFound("There is no such kind of problem.")


def _kinds(kind: type[Problem]) -> list[type[Problem]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _kinds(below))]
