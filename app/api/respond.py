"""Answers: a representation of what was read, its ETag, and the links to neighbouring pages."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel

from app.api.accept import preferred
from app.errors import Fault, InvalidInput, NotAcceptable
from app.formats import MEDIA_TYPES, atom, csv, json, jsonld, ndjson, offered
from app.models.format import Format
from app.store.read import Found, Listed

_OPEN = {"Cache-Control": "public, max-age=0, must-revalidate", "Vary": "Accept"}
_LOCKED = {
    "Cache-Control": "private, max-age=0, must-revalidate",
    "Vary": "Accept, Authorization",
}
JSON = "application/json"


def caching(request: Request) -> dict[str, str]:
    """What the headers say of who may keep an answer: where reading takes a key, only its owner."""
    return _OPEN if request.app.state.settings.open_reading else _LOCKED


def record(request: Request, found: Found, shape: type[BaseModel] | None = None) -> Response:
    """One record of a shape, with an ETag that begins with its version.

    Without a shape there is JSON and NDJSON only. Raises `NotAcceptable`.
    """
    format, media_type = _wanted(request, shape, page=False)
    if format is Format.json:
        body = found.text.encode()
    elif format is Format.ndjson or shape is None:
        body = ndjson.lines([found.text])
    elif format is Format.csv:
        body = csv.table(shape, [found.text])
    else:
        body = jsonld.record(shape, found.text, _base(request))
    return _send(request, media_type, body, {}, found.version)


def listing(
    request: Request,
    listed: Listed,
    shape: type[BaseModel] | None = None,
    *,
    place: str = "cursor",
) -> Response:
    """A page of records of a shape, with its neighbours in `Link`; `place` is the parameter that
    says where a page begins.

    Without a shape there is JSON and NDJSON only. Raises `NotAcceptable`.
    """
    format, media_type = _wanted(request, shape, page=True)
    neighbours = {"next": listed.next, "prev": listed.prev}
    urls = {rel: _url(request, **{place: at}) for rel, at in neighbours.items() if at}
    if format is Format.json:
        body = json.page(listed.items, urls, listed.count)
    elif format is Format.ndjson or shape is None:
        body = ndjson.lines(listed.items)
    elif format is Format.csv:
        body = csv.table(shape, listed.items)
    elif format is Format.jsonld:
        base, url = _base(request), str(request.url)
        body = jsonld.page(shape, listed.items, base, url=url, urls=urls, count=listed.count)
    else:
        body = _feed(request, listed, shape, neighbours, place)
    links = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())
    return _send(request, media_type, body, {"Link": links} if links else {})


Made = Callable[[dict[str, str]], bytes]
"""Makes an answer, given the URLs of the neighbouring pages by their relation."""


def document(
    request: Request, forms: Mapping[str, tuple[str, Made]], **cursors: str | None
) -> Response:
    """An answer that is no record and no page of records: in one of these formats, each with its
    media type and what makes it, best first; with `next` and `prev` in `Link`.

    Raises `NotAcceptable`.
    """
    format, media_type = _chosen(request, {name: (of,) for name, (of, _) in forms.items()})
    urls = {rel: _url(request, cursor=cursor) for rel, cursor in cursors.items() if cursor}
    _, made = forms[format]
    links = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())
    return _send(request, media_type, made(urls), {"Link": links} if links else {})


def _feed(
    request: Request,
    listed: Listed,
    shape: type[BaseModel],
    neighbours: dict[str, str | None],
    place: str,
) -> bytes:
    if "fields" in request.query_params:
        detail = "goes with other formats; a feed shows whole records"
        raise InvalidInput.of(Fault(detail, "not_with_atom", parameter="fields"))
    # A feed reader that follows a link must find a feed, whatever it accepts.
    here = request.query_params.get(place)
    places = {"self": here, "first": None, **{k: v for k, v in neighbours.items() if v}}
    urls = {rel: _url(request, **{place: at, "format": "atom"}) for rel, at in places.items()}
    return atom.feed(shape, listed.items, _base(request), urls)


# --- which representation -----------------------------------------------------------------------


def _wanted(request: Request, shape: type[BaseModel] | None, *, page: bool) -> tuple[Format, str]:
    """The format, and the name of its media type, that `format` or else `Accept` asks for."""
    accept = request.headers.getlist("accept")
    asked = request.query_params.get("format")
    if asked is None and (not accept or accept == [JSON] or accept == ["*/*"]):
        return Format.json, JSON  # so nearly always: what follows takes longer
    formats = {str(one): MEDIA_TYPES[one] for one in offered(shape, page=page)}
    format, media_type = _chosen(request, formats)
    return Format(format), media_type


def _chosen(request: Request, formats: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Of formats, best first and each with the names of its media type, the one asked for."""
    asked = request.query_params.get("format")
    if asked is not None and asked in formats:
        return asked, formats[asked][0]
    names = {name: format for format in formats for name in formats[format]}
    accept = ",".join(request.headers.getlist("accept"))
    if asked is None and (found := preferred(accept, list(names))):
        return names[found], found
    types = ", ".join(of[0].partition(";")[0] for of in formats.values())
    advice = f"This path answers {types}; ask for one in Accept, or with "
    advice += f"format={'|'.join(formats)}."
    where = "format" if asked else "Accept"
    raise NotAcceptable(advice, (Fault("is not among them", "not_offered", parameter=where),))


# --- URLs and tags ------------------------------------------------------------------------------


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _url(request: Request, **changed: str | None) -> str:
    """This request's URL with other parameters; without those that are None."""
    asked = [
        (name, value) for name, value in request.query_params.multi_items() if name not in changed
    ]
    asked += [(name, value) for name, value in changed.items() if value is not None]
    return str(request.url.replace(query=urlencode(asked)))


def _send(
    request: Request,
    media_type: str,
    body: bytes,
    headers: dict[str, str],
    version: int | None = None,
) -> Response:
    digest = hashlib.sha256(body)
    if media_type != JSON:  # the same bytes under another name are another representation
        digest.update(media_type.encode())
    etag = f'"{version}-{digest.hexdigest()[:32]}"' if version else f'"{digest.hexdigest()[:32]}"'
    headers = {**caching(request), **headers, "ETag": etag}
    if media_type.startswith("text/csv"):  # a browser saves it: under a name that opens
        name = request.url.path.rsplit("/", 1)[-1].replace(":", "_")
        headers["Content-Disposition"] = f'inline; filename="{name}.csv"'
    headers["Content-Type"] = media_type
    return Response(body, headers=headers)
