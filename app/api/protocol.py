"""HTTP as it comes in: how uvicorn reads it, with bounds that it does not set itself.

The head of a request is bounded in bytes and in time before there is a request to refuse, and
what cannot be read gets a problem like every other error. When the process is told to stop,
connections that are idle are kept for a moment: a request that is already on its way is answered.
"""

import asyncio

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.bounds import ADDRESS, HEAD
from app.errors import HeadTooLarge, InvalidSyntax, Problem, TimedOut

LINGER = 1.0
"""Seconds that an idle connection is kept when the process stops."""
MOST = ADDRESS + HEAD + 8 * 1024


UNREADABLE = (
    "This is no request that can be read: it must be HTTP/1.1 or 1.0, with one Host (RFC 9112)."
)


class Bounded(HttpToolsProtocol):
    """One connection.

    httptools keeps the head of a request however long it is and takes as long as the client
    likes to send it, so that a few connections could hold any amount of memory.
    """

    head_timeout = 20.0
    _head = 0
    _whole = False
    _timer: asyncio.TimerHandle | None = None
    _stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return self._arrived()
        if self._whole:
            return self._arrived()
        self._head += len(data)
        if self._head > MOST:
            self._refuse(HeadTooLarge(f"The head of a request may have {MOST} bytes."))
        else:
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._whole = False

    def on_headers_complete(self) -> None:
        self._whole = True
        version = self.parser.get_http_version()
        hosts = [name for name, _ in self.headers].count(b"host")
        if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts):
            raise ValueError("RFC 9112, 3.2")  # the parser stops; see `send_400_response`
        super().on_headers_complete()
        if self._stopping:
            self.cycle.keep_alive = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # we have our own words
        self._refuse(InvalidSyntax(UNREADABLE))

    def shutdown(self) -> None:
        self._stopping = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER, self._close_idle)
        else:
            super().shutdown()

    def _close_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _await_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_timeout, self._give_up)

    def _arrived(self) -> None:
        self._head = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self._head:
            self._refuse(TimedOut("The head of the request did not come in time."))
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        body = orjson.dumps(problem.as_dict())
        head = {
            "content-type": "application/problem+json",
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "connection": "close",
        }
        lines = [STATUS_LINE[problem.status], *(f"{k}: {v}\r\n".encode() for k, v in head.items())]
        self.transport.write(b"".join([*lines, b"\r\n", body]))
        self.transport.close()
