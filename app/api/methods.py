"""HEAD and OPTIONS, and the methods that a path takes."""

import string
from contextlib import suppress
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.operations import Operations, pattern


class Methods:
    """HEAD wherever GET is, OPTIONS everywhere, and `Allow` with every method of the path."""

    def __init__(self, app: ASGIApp, operations: dict[str, Operations]) -> None:
        self.app = app
        self.paths = [(pattern(path), one.methods) for path, one in operations.items()]

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
        if not scope["query_string"].isascii():  # as no URL may be, and some clients send it
            query = quote(scope["query_string"], safe=string.punctuation)
            scope = {**scope, "query_string": query.encode()}
        method = scope["method"]
        if method == "GET":

            async def send_allowing(message: Message) -> None:
                if message.get("status") == 405:
                    MutableHeaders(scope=message)["Allow"] = self.allow(scope["path"])
                await send(message)

            return await self.app(scope, receive, send_allowing)
        if method == "OPTIONS" and any(one.fullmatch(scope["path"]) for one, _ in self.paths):
            allow = self.allow(scope["path"]).encode()
            headers = [(b"allow", allow)]
            if b"PATCH" in allow:  # RFC 5789, 3.1
                headers.append((b"accept-patch", b"application/merge-patch+json"))
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            return await send({"type": "http.response.body", "body": b""})
        if method == "HEAD":
            scope = {**scope, "method": "GET"}

        bare = method == "HEAD"

        async def send_right(message: Message) -> None:
            nonlocal bare
            if message["type"] == "http.response.start" and message["status"] == 405:
                MutableHeaders(scope=message)["Allow"] = allow = self.allow(scope["path"])
                if method == "OPTIONS":
                    message = {**message, "status": 204, "headers": [(b"allow", allow.encode())]}
                    bare = True
            if bare and message["type"] == "http.response.body":
                await send({"type": "http.response.body", "body": b""})
                if message.get("more_body"):
                    raise _Enough
                return
            await send(message)

        with suppress(_Enough):
            await self.app(scope, receive, send_right)


class _Enough(Exception):
    """Stops an answer that is sent as it is made, when only its headers were asked for."""
