"""The log: a line for each request and each event, in JSON or as text.

No line has a value that came in: no query, no id, no body, no key. Of an exception there is its
type and where it came from, but not its message, which repeats values.
"""

import logging
import sys
import traceback
from typing import Any

import orjson

from app.api.answers import Answer, instant
from app.settings import LogFormat, Settings


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


def _lines(record: logging.LogRecord) -> list[dict[str, Any]]:
    answers: list[Answer] | None = getattr(record, "answers", None)
    if answers is not None:
        return [one.members() for one in answers]
    members: dict[str, Any] = {
        "time": instant(record.created),
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
