"""What is about the service itself: its root, health and documentation."""

import base64
import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from app import __version__
from app.api import metrics
from app.api.deps import Store
from app.api.route import Route
from app.errors import NotFound, Unavailable
from app.formats import jsonld
from app.settings import Settings
from app.store import ledger, schema, webhooks

STATIC = Path(__file__).resolve().parents[1] / "static"
router = APIRouter(include_in_schema=False, route_class=Route)


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


async def told(request: Request) -> None:
    """Let the metrics know of every answer so far."""
    request.app.state.answers.tell()


@router.get("/metrics", dependencies=[Depends(told)])
def exposed(request: Request, store: Store) -> Response:
    """What is counted, for Prometheus; also while the store cannot be read."""
    values: dict[str, tuple[str, float]] = {}
    with suppress(Unavailable), store.primary.reader() as reader:
        head, waiting = ledger.head(reader).seq, webhooks.waiting(reader)
        values["ledger_head"] = ("Number of the newest revision.", head)
        values["webhook_deliveries_waiting"] = ("Changes still to arrive at webhooks.", waiting)
        if heads := store.heads():
            reached = [one for one in heads if one is not None]
            lag, away = head - min(reached, default=head), len(heads) - len(reached)
            told = "Revisions that the slowest replica in reach does not have yet."
            values["replica_lag_revisions"] = (told, max(lag, 0))
            values["replicas_out_of_reach"] = ("Replicas that cannot be reached.", away)
    values["store_ready"] = ("Whether the store can be read.", bool(values))
    body, media_type = metrics.exposition(request.headers.get("accept", ""), values)
    return Response(body, headers={"Content-Type": media_type, "Cache-Control": "no-store"})


@router.get("/.well-known/security.txt")
async def security(request: Request) -> Response:
    """Where to tell of a weakness (RFC 9116), if the operator says so."""
    settings: Settings = request.app.state.settings
    if not settings.security_contact:
        raise NotFound("The operator has not said where; ONRECORD_SECURITY_CONTACT does.")
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=180)
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: en",
        f"Canonical: {request.url}",
    )
    return PlainTextResponse("".join(f"{line}\n" for line in lines))


@router.get("/.well-known/api-catalog")
async def catalog(request: Request) -> Response:
    """The APIs that are served here (RFC 9727), as a link set (RFC 9264)."""
    base = str(request.base_url).rstrip("/")
    links = {
        "anchor": f"{base}/v1",
        "service-desc": [
            {
                "href": f"{base}/openapi.json",
                "type": "application/vnd.oai.openapi+json;version=3.1",
            }
        ],
        "service-doc": [
            {"href": f"{base}/docs", "type": "text/html"},
            {"href": f"{base}/redoc", "type": "text/html"},
        ],
        "status": [{"href": f"{base}/readyz", "type": "application/json"}],
    }
    media_type = 'application/linkset+json;profile="https://www.rfc-editor.org/info/rfc9727"'
    headers = {
        "Content-Type": media_type,
        "Link": f'<{base}/.well-known/api-catalog>; rel="api-catalog"',
    }
    return Response(orjson.dumps({"linkset": [links]}), headers=headers)


@router.get("/openapi.json")
def contract(request: Request) -> Response:
    """The OpenAPI document; made when it is first asked for, which takes a second."""
    state = request.app.state
    body: bytes | None = getattr(state, "openapi", None)
    if body is None:
        state.openapi = body = orjson.dumps(request.app.openapi())
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = {"Cache-Control": "public, max-age=0, must-revalidate", "ETag": f'"{tag}"'}
    return Response(body, headers=headers, media_type="application/json")


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
    return _page(
        get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Onrecord API",
            swagger_js_url="/static/swagger-ui-bundle.js",
            swagger_css_url="/static/swagger-ui.css",
            swagger_favicon_url="/static/favicon.svg",
            swagger_ui_parameters=options,
        )
    )


@router.get("/redoc")
async def redoc() -> HTMLResponse:
    """ReDoc, from a file of our own."""
    return _page(
        get_redoc_html(
            openapi_url="/openapi.json",
            title="Onrecord API",
            redoc_js_url="/static/redoc.standalone.js",
            redoc_favicon_url="/static/favicon.svg",
            with_google_fonts=False,
        )
    )


_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def _page(page: HTMLResponse) -> HTMLResponse:
    """A page of documentation: it may run the scripts of our own that it has, and no others."""
    found = _SCRIPT.findall(bytes(page.body))
    sums = [base64.b64encode(hashlib.sha256(one).digest()).decode() for one in found]
    page.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src 'self'", *(f"'sha256-{one}'" for one in sums)]),
            "style-src 'self' 'unsafe-inline'",  # both set styles from their scripts
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
    return page


@router.get(jsonld.CONTEXT_PATH)
async def context() -> Response:
    """What the members of JSON-LD answers mean."""
    headers = {"Cache-Control": "public, max-age=3600", "ETag": f'"{_CONTEXT_TAG}"'}
    return Response(jsonld.CONTEXT, headers=headers, media_type="application/ld+json")


_CONTEXT_TAG = hashlib.sha256(jsonld.CONTEXT).hexdigest()[:32]
