"""What is remembered of each answer, and told to the log and to the metrics a moment later.

A line through `logging` with a write to the system, and counters with their locks, took longer than
an answer from the cache; many at once take a tenth of it.
"""

import asyncio
import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from app.api import metrics

log = logging.getLogger("onrecord.requests")


class Answer(NamedTuple):
    """One answer; status 0 is one that never began."""

    time: float
    method: str
    route: str
    status: int
    seconds: float
    request_id: str
    trace: str | None
    abandoned: bool

    def members(self) -> dict[str, Any]:
        """What the log tells of it."""
        members: dict[str, Any] = {
            "time": instant(self.time),
            "level": "info",
            "logger": log.name,
            "message": "abandoned" if self.abandoned else "answered",
            "method": self.method[:20],
            "route": self.route,
            "status": self.status,
            "duration_ms": round(self.seconds * 1000, 2),
            "request_id": self.request_id,
        }
        if self.trace:
            members["trace_id"] = self.trace
        return members


class Answers:
    """The answers of this process that are still to be told, and the requests in hand."""

    DELAY, MOST = 0.1, 1_000

    def __init__(self) -> None:
        self.kept: list[Answer] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.working = 0

    def begin(self) -> None:
        """A request came in."""
        self.working += 1
        self._tell_soon()

    def end(self, answer: Answer) -> None:
        """It was answered, or given up."""
        self.working -= 1
        self.kept.append(answer)
        if len(self.kept) >= self.MOST:
            self.tell()
        else:
            self._tell_soon()

    def _tell_soon(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is not self.loop:
            self.loop = loop
            loop.call_later(self.DELAY, self.tell)

    def tell(self) -> None:
        """Tell what is kept: also at the end, and when the metrics are asked for. Only where
        requests are answered, on the event loop."""
        kept, self.kept, self.loop = self.kept, [], None
        metrics.tell(self.working)
        for one in kept:
            metrics.answered(one.method, one.route, one.status, one.seconds)
        if kept and log.isEnabledFor(logging.INFO):
            record = logging.LogRecord(log.name, logging.INFO, "", 0, "answers", None, None)
            record.answers = kept
            log.handle(record)


def instant(time: float) -> str:
    """A time as the log writes it, in UTC to the millisecond (RFC 3339)."""
    second, thousandths = divmod(int(time * 1000), 1000)
    return f"{_second(second)}.{thousandths:03}Z"


@lru_cache(maxsize=16)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
