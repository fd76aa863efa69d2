"""What a writing request says besides its body: of which version it is, once, and why."""

import hashlib
import re
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.auth import Writes
from app.errors import Fault, InvalidInput, InvalidSyntax, UnsupportedMedia
from app.models.base import Grounds, Phrase
from app.models.revision import ChangeKind
from app.store import parse
from app.store.edit import Expected
from app.store.idempotency import Request as Keyed

# --- bodies -------------------------------------------------------------------------------------


class Body:
    """A dependency that reads a body of one of these media types."""

    def __init__(self, *media_types: str) -> None:
        self.media_types = media_types

    async def __call__(self, request: Request) -> bytes:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent not in self.media_types:
            patches = {"Accept-Patch": self.media_types[0]} if request.method == "PATCH" else {}
            raise UnsupportedMedia(
                f"Send the body as Content-Type: {self.media_types[0]}.", headers=patches
            )
        body = await request.body()  # bounded by app.api.bounds
        if not body:
            raise InvalidSyntax("The request has no body; send a JSON object.")
        return body


JsonBody = Annotated[bytes, Depends(Body("application/json"))]
PatchBody = Annotated[bytes, Depends(Body("application/merge-patch+json", "application/json"))]


def parsed(body: bytes) -> Any:
    """The JSON value of a body. Raises `InvalidSyntax`."""
    try:
        return parse.value(body)
    except ValueError as error:
        raise InvalidSyntax(f"The body cannot be read: {error}.") from None


# --- which version ------------------------------------------------------------------------------

_TAGS = re.compile(r'\s*(?:(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)|,)')
_VERSION = re.compile(r"([1-9][0-9]{0,15})-.*")


_MATCH = "The ETag of the record as it was read; only its version is compared."
_ANY: Any = {
    "any": {
        "summary": "Any version, to try it out; an ETag as it was read loses nobody's change",
        "value": "*",
    }
}
_NoneMatch = Annotated[
    str | None,
    Header(max_length=2_000, description="`*`: only if there is no such record yet."),
]


async def expected(
    request: Request,
    if_match: Annotated[
        str | None, Header(max_length=2_000, description=_MATCH, openapi_examples=_ANY)
    ] = None,
    if_none_match: _NoneMatch = None,
) -> Expected:
    """What `If-Match` and `If-None-Match` say (RFC 9110, 13.1)."""
    none = if_none_match is not None
    if none and (if_none_match or "").strip() != "*":
        detail = "must be * on a request that writes"
        raise InvalidInput.of(Fault(detail, "invalid_condition", parameter="If-None-Match"))
    if if_match is None:
        return Expected(none=none)
    given = ", ".join(request.headers.getlist("if-match"))
    if given.strip() == "*":
        return Expected(any=True, none=none)
    return Expected(_versions(given), none=none)


async def expected_or_new(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(max_length=2_000, description=f"{_MATCH} Not for a record that is new."),
    ] = None,
    if_none_match: _NoneMatch = None,
) -> Expected:
    """The same, where there may be no such record yet."""
    return await expected(request, if_match, if_none_match)


def _versions(given: str) -> frozenset[int]:
    """The versions in a list of entity tags. A weak one is equal to none (RFC 9110, 8.8.3.2)."""
    versions, place = set(), 0
    while place < len(given):
        if not (found := _TAGS.match(given, place)):
            detail = 'must be * or an ETag as it was answered, with its quotation marks: "3-…"'
            raise InvalidInput.of(Fault(detail, "invalid_condition", parameter="If-Match"))
        weak, tag = found.groups()
        if tag and not weak and (version := _VERSION.fullmatch(tag)):
            versions.add(int(version[1]))
        place = found.end()
    return frozenset(versions)


If = Annotated[Expected, Depends(expected)]
IfOrNew = Annotated[Expected, Depends(expected_or_new)]

# --- once ---------------------------------------------------------------------------------------

_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')


async def keyed(
    request: Request,
    key: Writes,
    body: JsonBody,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=600,
            description="A text of your own, up to 255 characters, new for each request that is "
            "meant anew. A request that comes again under its key is answered as it was before, "
            "and done once.",
        ),
    ] = None,
) -> Keyed | None:
    """Under which key, of whom, the request is to be done once (IETF draft
    draft-ietf-httpapi-idempotency-key-header; bare keys too, as Stripe takes them)."""
    if idempotency_key is None:
        return None
    given = request.headers.getlist("idempotency-key")
    text = given[0].strip()
    if quoted := _QUOTED.fullmatch(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    if len(given) > 1 or not 1 <= len(text) <= 255 or not text.isascii() or not text.isprintable():
        detail = "must be one text of 1 to 255 printable ASCII characters, quoted or bare"
        raise InvalidInput.of(Fault(detail, "invalid_key", parameter="Idempotency-Key"))
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(body)
    return Keyed(key.id, text, digest.hexdigest())


Once = Annotated[Keyed | None, Depends(keyed)]

# --- why ----------------------------------------------------------------------------------------

Reason = Annotated[
    Phrase | None,
    Field(description="Why, for the record's history.", examples=["First reading of the article"]),
]


class Asked(BaseModel):
    """The query parameters of a request that writes."""

    model_config = ConfigDict(extra="forbid")


class Created(Asked):
    """Of one that creates."""

    reason: Reason = None


class Changed(Created):
    """Of one that makes a new version."""

    change: Literal[ChangeKind.updated, ChangeKind.corrected] = Field(
        ChangeKind.updated,
        description="`updated`: the world changed; `corrected`: the record was wrong.",
    )


class Withdrawn(Asked):
    """Of one that takes a record out."""

    reason: Grounds = Field(
        description="Why; it is told to whoever asks for the record.",
        examples=["Entered twice"],
    )
    change: Literal[ChangeKind.retracted, ChangeKind.redacted] = Field(
        ChangeKind.retracted,
        description="`retracted`: it is gone from lists, its history stays. `redacted`, with the "
        "scope admin: for law or safety, its words are taken out of the history too.",
    )
