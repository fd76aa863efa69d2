"""How much is worked on at once, and for whom: what is too much is told so at once, and a
question whose asker has hung up is given up."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bounds import BODILESS
from app.api.problems import reply
from app.db import ASKER, Asker
from app.errors import Busy

PATIENCE = 0.25
"""Seconds before the connection is watched: most answers are ready long before."""
CHANGES = "/v1/changes"
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class Load:
    """Works on so many requests at once and refuses further ones with 503.

    Those with a body, which may come slowly, and those that wait for changes have half the places,
    so that they never keep readers out; probes are always answered. It stands behind the cache:
    what is remembered costs no place.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app = app
        self.most = most
        self.working = self.lasting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            return await self.app(scope, receive, send)
        writes = scope["method"] not in BODILESS
        lasts = writes or scope["path"] == CHANGES
        if self.working >= self.most or (lasts and self.lasting >= max(self.most // 2, 1)):
            busy = Busy("Many requests are being worked on; send this one again shortly.")
            return await reply(busy, scope, receive, send)
        self.working += 1
        self.lasting += lasts
        try:
            if writes:
                await self.app(scope, receive, send)
            else:
                await self._patiently(scope, receive, send)
        finally:
            self.working -= 1
            self.lasting -= lasts

    async def _patiently(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a read, and give it up when the connection ends meanwhile."""
        asker, watching = Asker(), set[asyncio.Task[None]]()

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            scope["state"]["abandoned"] = True
            await asyncio.get_running_loop().run_in_executor(None, asker.leave)

        timer = asyncio.get_running_loop().call_later(
            PATIENCE, lambda: watching.add(asyncio.ensure_future(watch()))
        )
        token = ASKER.set(asker)
        try:
            await self.app(scope, receive, send)
        finally:
            ASKER.reset(token)
            timer.cancel()
            for task in watching:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
