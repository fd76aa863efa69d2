"""`Onrecord-Seq`: up to which revision an answer must reach, and what a write has come to."""

from anyio.to_thread import run_sync
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.db import Database
from app.replicas import AFTER

NAME = b"onrecord-seq"
READING = {"GET", "HEAD", "OPTIONS"}


class Sequence:
    """Answers from no earlier state than the request names; tells a writer which state to name.

    What is no number is no condition, as for any header that is not understood.
    """

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self.app = app
        self.database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        AFTER.set(_number(next((value for name, value in scope["headers"] if name == NAME), b"")))

        async def send_with_seq(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                head = await run_sync(self.database.version)
                if head is not None:
                    MutableHeaders(scope=message)["Onrecord-Seq"] = str(head)
            await send(message)

        writes = scope["method"] not in READING
        await self.app(scope, receive, send_with_seq if writes else send)


def _number(value: bytes) -> int:
    return int(value) if value.isdigit() and len(value) < 19 else 0
