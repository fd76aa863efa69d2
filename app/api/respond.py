"""Answers: JSON text that is ready, its ETag, and the links to the neighbouring pages."""

import hashlib
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from app.errors import NotAcceptable
from app.store.read import Found, Listed

HEADERS = {"Cache-Control": "public, max-age=0, must-revalidate", "Vary": "Accept"}


def record(request: Request, found: Found) -> Response:
    """One record, with an ETag that begins with its version."""
    return _send(request, found.text.encode(), {}, version=found.version)


def listing(request: Request, listed: Listed) -> Response:
    """A page: `items`, `next` and `prev` where there are such pages, the same as `Link`."""
    neighbours = {"next": listed.next, "prev": listed.prev}
    urls = {rel: _at(request, cursor) for rel, cursor in neighbours.items() if cursor}
    tail = "".join(f',"{rel}":{orjson.dumps(url).decode()}' for rel, url in urls.items())
    if listed.count is not None:
        tail += f',"count":{listed.count}'
    body = f'{{"items":[{",".join(listed.items)}]{tail}}}'
    links = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())
    return _send(request, body.encode(), {"Link": links} if links else {})


def _at(request: Request, cursor: str) -> str:
    """This request's URL, going on at a cursor."""
    asked = [
        (name, value) for name, value in request.query_params.multi_items() if name != "cursor"
    ]
    return str(request.url.replace(query=urlencode([*asked, ("cursor", cursor)])))


def _send(
    request: Request, body: bytes, headers: dict[str, str], version: int | None = None
) -> Response:
    if not _accepts_json(request.headers.get("accept", "*/*")):
        raise NotAcceptable("This path answers application/json; ask for that, or for */*.")
    digest = hashlib.sha256(body).hexdigest()[:32]
    etag = f'"{version}-{digest}"' if version else f'"{digest}"'
    headers = {**HEADERS, **headers, "ETag": etag}
    if _matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _matches(condition: str | None, etag: str) -> bool:
    """Whether If-None-Match names this ETag, compared weakly (RFC 9110, 13.1.2)."""
    if not condition:
        return False
    asked = [one.strip().removeprefix("W/") for one in condition.split(",")]
    return "*" in asked or etag in asked


def _accepts_json(accept: str) -> bool:
    for one in accept.split(","):
        media, *parameters = [part.strip().lower() for part in one.split(";")]
        refused = any(part.replace(" ", "") in ("q=0", "q=0.0", "q=0.00") for part in parameters)
        if media in ("*/*", "application/*", "application/json", "") and not refused:
            return True
    return False
