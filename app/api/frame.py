"""What every request passes first and every answer last: an id, a line in the log, a place in the
metrics, and the headers that go with each answer.

One layer does all of it: a layer that wraps an answer costs as much as looking one up in the
cache.
"""

import logging
import os
import re
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.api.answers import Answer, Answers
from app.api.operations import Templates

log = logging.getLogger("onrecord")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_TRACE = re.compile(
    rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
)
"""`traceparent` of W3C Trace Context; a later version may have more at its end."""

POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Nothing that is answered loads or runs anything; the documentation's pages say otherwise."""
EXPOSED = (
    "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, Onrecord-Seq, RateLimit, "
    "RateLimit-Policy, Retry-After, Warning, WWW-Authenticate, X-Request-Id"
)
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Any page may read, and write with a key: nothing is sent along by a browser on its own.
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
)
SECURE = (b"strict-transport-security", b"max-age=31536000")
PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",  # `*` would leave Authorization out
        b"Authorization, Accept, Accept-Language, Content-Type, Idempotency-Key, If-Match, "
        b"If-None-Match, Last-Event-ID, Onrecord-Seq, Prefer, X-Request-Id, traceparent, "
        b"tracestate",
    ),
    (b"access-control-max-age", b"86400"),
)


class Frame:
    """Frames the application. What is inside may add to `scope["state"]["headers"]`."""

    def __init__(self, app: ASGIApp, templates: Templates, answers: Answers) -> None:
        self.app = app
        self.answers = answers
        self.templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began = time.perf_counter()
        given = dict(scope["headers"])
        asked = given.get(b"x-request-id", b"").decode("latin-1")
        traced = _TRACE.fullmatch(given.get(b"traceparent", b""))
        trace = traced[1].decode() if traced else None
        preflight = scope["method"] == "OPTIONS" and b"access-control-request-method" in given
        request_id = asked if _SAFE_ID.fullmatch(asked) else os.urandom(16).hex()
        state = scope.setdefault("state", {})
        state["request_id"], state["headers"] = request_id, []
        status = 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *state["headers"], *ALWAYS]
                headers.append((b"x-request-id", request_id.encode()))
                if b"content-security-policy" not in dict(headers):
                    headers.append((b"content-security-policy", POLICY))
                if scope["scheme"] == "https":
                    headers.append(SECURE)
                message = {**message, "headers": headers}
            await send(message)

        self.answers.begin()
        try:
            if preflight:
                await send_framed(
                    {"type": "http.response.start", "status": 204, "headers": [*PREFLIGHT]}
                )
                await send_framed({"type": "http.response.body", "body": b""})
            else:
                await self.app(scope, receive, send_framed)
        except ClientDisconnect:  # its body was cut off: nobody is there to be told
            state["abandoned"] = True
        except Exception:
            log.exception("request failed", extra={"request_id": request_id, "trace_id": trace})
            if status:
                raise  # too late for an answer: the server ends the connection
            await problems.broken(request_id)(scope, receive, send_framed)
        finally:
            self.answers.end(
                Answer(
                    time.time(),
                    scope["method"],
                    self.templates.of(scope["path"]),
                    status,
                    time.perf_counter() - began,
                    request_id,
                    trace,
                    "abandoned" in state,
                )
            )
