"""Writers wait for each other where they keep nobody from reading.

One writes at a time, and while the store is locked from elsewhere nobody does. Whoever waits for
that in a thread holds the thread, and with every thread held nothing could be read. So half of
them are for writers, and those beyond wait on the event loop for their turn.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import Request, Response

from app.api.route import Route
from app.db import Database
from app.errors import Locked

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@asynccontextmanager
async def turn(store: Database) -> AsyncIterator[None]:
    """One of the threads for writers. Raises `Locked` where none comes free for as long as a
    writer waits for another."""
    loop = asyncio.get_running_loop()
    if loop not in _turns:
        threads = int(current_default_thread_limiter().total_tokens)
        _turns[loop] = asyncio.Semaphore(max(1, threads // 2))
    try:
        async with asyncio.timeout(store.busy_timeout):
            await _turns[loop].acquire()
    except TimeoutError as error:
        raise Locked("Many requests are waiting to write; send this one again.") from error
    try:
        yield
    finally:
        _turns[loop].release()


class Change(Route):
    """A route that writes: what it asks for is read first, and then done in turn."""

    def get_route_handler(self) -> Handler:
        if self.methods == {"GET"}:
            return super().get_route_handler()
        dependant = self.dependant
        self.dependant = replace(dependant, call=_InTurn(self.endpoint))
        try:
            return super().get_route_handler()
        finally:
            self.dependant = dependant


class _InTurn:
    def __init__(self, endpoint: Callable[..., Response]) -> None:
        self.endpoint = endpoint

    async def __call__(self, store: Database, **values: Any) -> Response:
        async with turn(store):
            return await run_sync(lambda: self.endpoint(store=store, **values))
