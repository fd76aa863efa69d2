"""What every request passes: an id, HEAD and OPTIONS, and the methods that a path takes."""

import logging
import re
import uuid
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.api.operations import Operations

log = logging.getLogger("onrecord")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class RequestId:
    """Gives each request an id, the client's own if it is harmless, and sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        asked = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"").decode(
            "latin-1"
        )
        request_id = asked if _SAFE_ID.fullmatch(asked) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            log.exception("request %s failed", request_id)
            if started:
                raise  # too late for an answer: the server ends the connection
            await problems.broken(request_id)(scope, receive, send_with_id)


class Methods:
    """HEAD wherever GET is, OPTIONS everywhere, and `Allow` with every method of the path."""

    def __init__(self, app: ASGIApp, operations: dict[str, Operations]) -> None:
        self.app = app
        self.paths = [
            (re.compile(re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(path))), one.methods)
            for path, one in operations.items()
        ]

    def allow(self, path: str) -> str:
        """The methods that a path takes, as `Allow` lists them."""
        methods = {m for pattern, some in self.paths if pattern.fullmatch(path) for m in some}
        if not methods:  # a page outside the contract
            methods = {"GET"}
        if "GET" in methods:
            methods |= {"HEAD"}
        return ", ".join(sorted(methods | {"OPTIONS"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        method = scope["method"]
        if method == "GET":
            return await self.app(scope, receive, send)
        if method == "OPTIONS" and any(one.fullmatch(scope["path"]) for one, _ in self.paths):
            allow = self.allow(scope["path"]).encode()
            headers = [(b"allow", allow), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 204, "headers": headers[:1]})
            return await send({"type": "http.response.body", "body": b""})
        if method == "HEAD":
            scope = {**scope, "method": "GET"}

        async def send_right(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                MutableHeaders(scope=message)["Allow"] = allow = self.allow(scope["path"])
                if method == "OPTIONS":
                    message = {**message, "status": 204, "headers": [(b"allow", allow.encode())]}
            if method in ("HEAD", "OPTIONS") and message["type"] == "http.response.body":
                await send({"type": "http.response.body", "body": b""})
                if message.get("more_body"):
                    raise _Enough
                return
            await send(message)

        with suppress(_Enough):
            await self.app(scope, receive, send_right)


class _Enough(Exception):
    """Stops an answer that is sent as it is made, when only its headers were asked for."""
