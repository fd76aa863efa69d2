"""The log: a line for each request and each event, in JSON or as text.

No line has a value that came in: no query, no id, no body, no key. Of an exception there is its
type and where it came from, but not its message, which repeats values.
"""

import asyncio
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from app.settings import LogFormat, Settings

requests = logging.getLogger("onrecord.requests")


def configure(settings: Settings) -> None:
    """Let everything that logs go to standard error, in the form that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if settings.log_format is LogFormat.json else Text())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # what libraries tell is for those who work on them
    logging.getLogger("onrecord").setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


class Answer(NamedTuple):
    """One answer, as it is logged; status 0 is one that never began."""

    time: float
    method: str
    route: str
    status: int
    seconds: float
    request_id: str
    trace: str | None
    abandoned: bool

    def members(self) -> dict[str, Any]:
        members: dict[str, Any] = {
            "time": _instant(self.time),
            "level": "info",
            "logger": requests.name,
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
    """Logs answers a moment later, many at once: a line of its own for each, through `logging`
    and with a write to the system, took longer than an answer from the cache."""

    DELAY, MOST = 0.1, 1_000

    def __init__(self) -> None:
        self.kept: list[Answer] = []
        self.loop: asyncio.AbstractEventLoop | None = None

    def add(self, answer: Answer) -> None:
        if not requests.isEnabledFor(logging.INFO):
            return
        self.kept.append(answer)
        loop = asyncio.get_running_loop()
        if loop is not self.loop:
            self.loop = loop
            loop.call_later(self.DELAY, self.flush)
        elif len(self.kept) >= self.MOST:
            self.flush()

    def flush(self) -> None:
        """Log what is kept; also at the end."""
        kept, self.kept, self.loop = self.kept, [], None
        if kept:
            record = logging.LogRecord(requests.name, logging.INFO, "", 0, "answers", None, None)
            record.answers = kept
            requests.handle(record)


class Json(logging.Formatter):
    """A JSON object a line (https://jsonlines.org)."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join([orjson.dumps(one).decode() for one in _lines(record)])


class Text(logging.Formatter):
    """The same for people: time, level, message and the rest as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join([self._line(one) for one in _lines(record)])

    def _line(self, members: dict[str, Any]) -> str:
        time, level, _, message = (members.pop(name) for name in _FIRST)
        rest = " ".join(f"{name}={value}" for name, value in members.items())
        return f"{time} {level:7} {message} {rest}".rstrip().replace("\n", " ")


_FIRST = ("time", "level", "logger", "message")


def _instant(time: float) -> str:
    instant = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
    return instant.replace("+00:00", "Z")


def _lines(record: logging.LogRecord) -> list[dict[str, Any]]:
    answers: list[Answer] | None = getattr(record, "answers", None)
    if answers is not None:
        return [one.members() for one in answers]
    members: dict[str, Any] = {
        "time": _instant(record.created),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    for name in ("request_id", "trace_id"):
        if value := getattr(record, name, None):
            members[name] = value
    if record.exc_info and (error := record.exc_info[1]):
        members["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-20:]
        members["stack"] = [f"{one.filename}:{one.lineno} {one.name}" for one in frames]
    return [members]
