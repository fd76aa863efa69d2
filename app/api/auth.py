"""Who is asking: API keys as `Authorization: Bearer KEY` (RFC 6750), and what they may do."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api.deps import ONCE
from app.db import Database
from app.errors import Forbidden, Unauthorized
from app.models.api_key import Scope
from app.store import keys
from app.store.keys import Key

REALM = 'Bearer realm="onrecord"'
SCHEME = HTTPBearer(
    scheme_name="key",
    bearerFormat="onr_…",
    description="A key that the operator made with `onrecord keys create`.",
    auto_error=False,
)
Sent = Annotated[HTTPAuthorizationCredentials | None, Depends(SCHEME)]


def allowed(scope: Scope) -> Callable[[Request, Sent], Awaitable[Key | None]]:
    """A dependency that gives the key with which somebody may do what the scope names.

    It raises `Unauthorized` without a valid key and `Forbidden` without the scope. Reading is open
    unless `ONRECORD_OPEN_READING` is false; then the key is None where none was sent.
    """

    async def key(request: Request, sent: Sent) -> Key | None:
        if "authorization" not in request.headers:
            if scope is Scope.read and request.app.state.settings.open_reading:
                return None
            raise _unauthorized("Send a key as Authorization: Bearer KEY.")
        if sent is None:
            raise _unauthorized("Authorization must be Bearer and a key.")
        try:
            found = await run_sync(_known, request.app.state.database, sent.credentials)
        except Unauthorized as refused:
            raise _unauthorized(refused.detail, ', error="invalid_token"') from None
        if not found.allows(scope) and not _open(request, scope):
            raise Forbidden(
                f"This needs a key with the scope {scope}; yours has {', '.join(found.scopes)}.",
                headers={
                    "WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'
                },
            )
        return found

    return key


def _open(request: Request, scope: Scope) -> bool:
    return scope is Scope.read and bool(request.app.state.settings.open_reading)


def _unauthorized(detail: str, error: str = "") -> Unauthorized:
    return Unauthorized(detail, headers={"WWW-Authenticate": REALM + error})


def _known(database: Database, text: str) -> Key:
    with database.primary.reader() as reader:
        return keys.known(reader, text)


Reads = Depends(allowed(Scope.read))
READING = [Reads, ONCE]
"""For every route of a router that reads."""
Writes = Annotated[Key, Depends(allowed(Scope.write))]
"""The key of whoever writes."""
ADMIN = allowed(Scope.admin)
Admin = Annotated[Key, Depends(ADMIN)]
"""The key of whoever administers."""


def demand_admin(key: Key) -> None:
    """Raise `Forbidden` unless the key may do what cannot be undone."""
    if not key.allows(Scope.admin):
        raise Forbidden(
            f"This needs a key with the scope admin; yours has {', '.join(key.scopes)}.",
            headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="admin"'},
        )
