"""How large a request may be, and how long it may take to come."""

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Refused, reply
from app.errors import (
    AddressTooLong,
    HeadTooLarge,
    Misdirected,
    Problem,
    TimedOut,
    TooLarge,
    UnsupportedMedia,
)

ADDRESS = 8 * 1024
"""Bytes of path and query. Every server and proxy takes so many (RFC 9110, 4.1)."""
HEAD = 32 * 1024
"""Bytes of all headers."""
HEADERS = 100
SLOWEST = 10_000
"""Bytes a second that a body must come with at the least, on top of the time it has anyway."""
IMPORT = "/v1/import"
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Heads:
    """Refuses a host that is not served, and an address or headers that are too long.

    The server bounds what it reads before there is a request at all (`app.api.protocol`).
    """

    def __init__(self, app: ASGIApp, hosts: str = "*") -> None:
        self.app = app
        names = [name.strip().lower() for name in hosts.split(",") if name.strip()]
        self.any = not names or "*" in names
        self.names = {name.encode() for name in names if not name.startswith("*.")}
        self.endings = tuple(name[1:].encode() for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (problem := self._refusal(scope)):
            return await reply(problem, scope, receive, send)
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > ADDRESS:
            return AddressTooLong(
                f"Path and query may have {ADDRESS} bytes together; ask for less."
            )
        headers = scope["headers"]
        size = sum([len(name) + len(value) for name, value in headers])
        if size > HEAD or len(headers) > HEADERS:
            return HeadTooLarge(
                f"A request may have {HEADERS} headers with {HEAD} bytes together; send fewer."
            )
        if not self.any and not self._serves(scope):
            return Misdirected("The Host of this request is not one that the operator serves.")
        return None

    def _serves(self, scope: Scope) -> bool:
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return False
        host = hosts[0]
        if not host.endswith(b"]"):  # an IPv6 address without a port
            host = host.rpartition(b":")[0] or host
        return host in self.names or host.endswith(self.endings)


class Bodies:
    """Refuses a body that is too large, compressed, or does not go on coming.

    It is counted as it comes, whatever `Content-Length` says; an import may be larger, since it
    is never held in memory. Compressed bodies are not taken at all: the smallest can become the
    largest.
    """

    def __init__(self, app: ASGIApp, *, most: int, most_import: int, timeout: float) -> None:
        self.app = app
        self.most = most
        self.most_import = most_import or float("inf")
        self.timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODILESS:
            return await self.app(scope, receive, send)
        most = self.most_import if scope["path"] == IMPORT else self.most
        problem = self._refusal(scope, most)
        if problem is not None:
            return await reply(problem, scope, receive, send)
        size, started, at_rest = 0, time.monotonic(), False

        async def receive_bounded() -> Message:
            nonlocal size, at_rest
            if at_rest:  # nothing more is to come but the end of the connection
                return await receive()
            left = started + self.timeout + size / SLOWEST - time.monotonic()
            try:
                async with asyncio.timeout(left):
                    message = await receive()
            except TimeoutError:
                raise Refused(TimedOut(_SLOW, headers=_CLOSE)) from None
            size += len(message.get("body", b""))
            if size > most:
                raise Refused(_too_large(most))
            at_rest = not message.get("more_body", False)
            return message

        await self.app(scope, receive_bounded, send)

    def _refusal(self, scope: Scope, most: float) -> Problem | None:
        for name, value in scope["headers"]:
            if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
                detail = "Bodies are taken as they are; send this one without Content-Encoding."
                return UnsupportedMedia(detail, headers={"Accept-Encoding": "identity", **_CLOSE})
            if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
                return _too_large(most)
        return None


_CLOSE = {"Connection": "close"}
"""What is still on its way is not read."""
_SLOW = "The body did not go on coming; send it again, without a break."


def _too_large(most: float) -> Problem:
    detail = f"A body may have {most:.0f} bytes; send less, or NDJSON to {IMPORT}."
    return TooLarge(detail, headers=_CLOSE)
