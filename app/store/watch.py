"""Waiting for the ledger to grow."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from anyio.to_thread import run_sync

from app.db import Database
from app.store import ledger


class Watch:
    """Tells those who wait when the ledger has grown, by whichever process.

    One task asks for the store's version, which costs microseconds, for however many wait.
    """

    INTERVAL = 0.1
    """Seconds between two looks."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting = 0
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    async def beyond(self, seq: int, seconds: float) -> bool:
        """Wait until the ledger's head is greater than `seq`; false after so many seconds."""
        end = asyncio.get_running_loop().time() + seconds
        with self._awaited():
            while True:
                changed = self._changed
                if await run_sync(self._head) > seq:
                    return True
                left = end - asyncio.get_running_loop().time()
                if left <= 0 or not await _set(changed, left):
                    return False

    async def changed(self, seconds: float) -> None:
        """Wait until something was written, or for so many seconds."""
        with self._awaited():
            await _set(self._changed, seconds)

    @contextmanager
    def _awaited(self) -> Iterator[None]:
        self._waiting += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._waiting -= 1

    def _head(self) -> int:
        with self.database.reader() as reader:
            return ledger.head(reader).seq

    async def _look(self) -> None:
        seen = await run_sync(self.database.version)
        self._changed.set()  # what came before this first look is looked for by those who wait
        self._changed = asyncio.Event()
        while self._waiting:
            await asyncio.sleep(self.INTERVAL)
            version = await run_sync(self.database.version)
            if version != seen:
                seen = version
                self._changed.set()
                self._changed = asyncio.Event()


async def _set(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event was set before the time was over."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
