"""Conditional requests, entity tags of compressed answers, and the cache of answers.

From the outside in: `Conditional` answers 304, `Cache` answers what it has answered before,
`CodingTags` tells a compressed answer's entity tag from the plain one's.
"""

from collections import OrderedDict
from typing import NamedTuple

import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import metrics
from app.db import Database
from app.replicas import AFTER


class Conditional:
    """Answers 304 where `If-None-Match` names the answer's tag (RFC 9110, 13.1.2: weakly)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = None
        if scope["type"] == "http" and scope["method"] == "GET":
            asked = dict(scope["headers"]).get(b"if-none-match")
        if asked is None:
            return await self.app(scope, receive, send)
        tags = {tag.strip().removeprefix("W/") for tag in asked.decode("latin-1").split(",")}
        unchanged = False

        async def send_or_not(message: Message) -> None:
            nonlocal unchanged
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(raw=message["headers"])
                tag = headers.get("etag")
                if tag and ("*" in tags or tag.removeprefix("W/") in tags):
                    unchanged = True
                    for name in ("content-length", "content-type", "content-encoding"):
                        del headers[name]
                    await send({**message, "status": 304, "headers": headers.raw})
                    return await send({"type": "http.response.body", "body": b""})
            if not unchanged:
                await send(message)

        await self.app(scope, receive, send_or_not)


class CodingTags:
    """Gives a compressed answer an entity tag of its own: other bytes, another strong tag."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                tag, coding = headers.get("etag"), headers.get("content-encoding")
                if tag and coding:
                    headers["etag"] = f'{tag[:-1]}-{coding}"'
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, send_tagged if scope["type"] == "http" else send)


Key = tuple[str | bytes | None, ...]


class Kept(NamedTuple):
    """An answer, and the version of the store of which it is."""

    version: int
    start: Message
    body: bytes


class Cache:
    """Answers a repeated read without asking the application.

    An answer is kept with the version of the store that held before it was made, and is given
    again only while that version holds: a write anywhere, in this process or another, ends it.
    The bytes kept are bounded; what was not asked for longest goes first.
    """

    ONE, ALL = 512 * 1024, 64 * 1024 * 1024

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self.app = app
        self.database = database
        self.answers: OrderedDict[Key, Kept] = OrderedDict()
        self.size = 0
        self.hits = self.misses = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not scope["path"].startswith("/v1/")
        ):
            return await self.app(scope, receive, send)
        version = await self._version()
        if version is None:
            return await self.app(scope, receive, send)
        key = _key(scope)
        if key and (found := self.answers.get(key)) and found.version == version:
            self.answers.move_to_end(key)
            self.hits += 1
            metrics.HIT.add()
            await send(_copy(found.start))
            return await send({"type": "http.response.body", "body": found.body})
        self.misses += 1
        metrics.MISS.add()
        if not self.database.is_sqlite:  # a replica that lags must not be kept as of this version
            AFTER.set(max(AFTER.get(), version))
        await self._ask(key, version, scope, receive, send)

    async def _version(self) -> int | None:
        if self.database.is_sqlite:
            return self.database.version()
        return await anyio.to_thread.run_sync(self.database.version)

    async def _ask(
        self, key: Key | None, version: int, scope: Scope, receive: Receive, send: Send
    ) -> None:
        start: Message | None = None
        body: list[bytes] | None = []

        async def send_and_keep(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = _copy(message) if _may_be_kept(message) else None
            elif body is not None:
                body.append(message.get("body", b""))
                if start is None or sum(map(len, body)) > self.ONE:
                    body = None
                elif key and not message.get("more_body", False):
                    self._keep(key, Kept(version, start, b"".join(body)))
            await send(message)

        await self.app(scope, receive, send_and_keep)

    def _keep(self, key: Key, answer: Kept) -> None:
        if old := self.answers.pop(key, None):
            self.size -= len(old.body)
        self.answers[key] = answer
        self.size += len(answer.body)
        while self.size > self.ALL or len(self.answers) > 20_000:
            _, gone = self.answers.popitem(last=False)
            self.size -= len(gone.body)


def _may_be_kept(start: Message) -> bool:
    return start["status"] == 200 and (b"cache-control", b"no-store") not in start["headers"]


def _copy(start: Message) -> Message:
    """The start of an answer with headers of its own, since others add to them on the way."""
    return {**start, "headers": list(start["headers"])}


_PRIVATE = frozenset({b"authorization", b"cookie", b"range"})


def _key(scope: Scope) -> Key | None:
    """What an answer depends on besides the store; None for a request that is nobody else's, or
    that says one thing twice."""
    given = dict(scope["headers"])
    if len(given) != len(scope["headers"]) or not _PRIVATE.isdisjoint(given):
        return None
    return (
        scope["scheme"],
        given.get(b"host"),
        scope["path"],
        scope["query_string"],
        given.get(b"accept"),
        given.get(b"accept-encoding"),
    )
