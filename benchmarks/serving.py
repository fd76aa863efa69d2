"""Servers to measure, and a client that asks them: over real sockets, each in its own process."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

BARE = """
import sys, uvicorn
body = open(sys.argv[1], "rb").read()
headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False, lifespan="off")
"""
"""A bare ASGI application that sends the same bytes."""

OURS = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port"]
TEXTBOOK = [
    *(sys.executable, "-m", "uvicorn", "benchmarks.textbook:app", "--log-level", "error"),
    *("--no-access-log", "--port"),
]
FOR_ALL = {"ONRECORD_RATE_LIMIT": "", "ONRECORD_BUNDLED_RECORD": "false"}
PATIENCE = 60.0


class Server(NamedTuple):
    port: int
    process: int
    database: int = 0
    """The process of the database's server, if it has one."""

    def worked(self) -> float:
        """Seconds of processor time that it has used so far, and its database for it."""
        ticks = sum(_stat(self.process)[10:12])
        if self.database:
            # Of those that have ended, too; each connection has a process of its own.
            ticks += sum(_stat(self.database)[10:14])
            children = Path(f"/proc/{self.database}/task/{self.database}/children").read_text()
            ticks += sum(sum(_stat(int(child))[10:12]) for child in children.split())
        return ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[int]:
    """What the system tells of a process (proc_pid_stat(5)), from the fourth number on."""
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # it has just ended, and its parent has its time
        return []
    return [int(one) for one in told.rsplit(")", 1)[1].split()[1:]]


@contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str], database: int = 0
) -> Iterator[Server]:
    """A server that listens; its port is put behind the command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, str(port)],
        env={**os.environ, **FOR_ALL, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.02)
        yield Server(port, process.pid, database)
    finally:
        process.terminate()
        process.wait()


class Client:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=2**24
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.writer.close()

    async def get(self, path: str, headers: str = "") -> tuple[int, bytes, bytes]:
        """Status, head and body of an answer."""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
        return await self._answer()

    async def post(self, path: str, body: bytes, key: str) -> tuple[int, bytes, bytes]:
        """As `get`, of JSON that is sent with a key."""
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        return await self._answer()

    async def _answer(self) -> tuple[int, bytes, bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        if b"chunked" in head:
            return status, head, b"".join([one async for one in self._chunks()])
        if b"content-length: " not in head:
            return status, head, b""
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        return status, head, await self.reader.readexactly(length)

    async def _chunks(self) -> AsyncIterator[bytes]:
        while length := int(await self.reader.readline(), 16):
            yield await self.reader.readexactly(length)
            await self.reader.readline()
        await self.reader.readline()


async def body(server: Server, path: str) -> tuple[bytes, str]:
    """What a path answers, and its entity tag."""
    async with Client(server.port) as client:
        status, head, found = await client.get(path)
        assert status == 200, (path, head)
        tag = head.split(b"etag: ")[1].split(b"\r\n")[0].decode() if b"etag: " in head else ""
        return found, tag


async def rate(
    server: Server, paths: Iterable[str], *, headers: str = "", seconds: float = 2.0
) -> tuple[float, float]:
    """Answers a second, of eight clients at once that take a path each until time or paths are at
    an end; and answers by a second of the server's processor time, which is the same on a busy
    machine."""
    before, started = server.worked(), time.perf_counter()
    left = iter(paths)

    async def ask() -> int:
        count = 0
        async with Client(server.port) as client:
            for path in left:
                status, head, _ = await client.get(path, headers)
                assert status in (200, 304), (path, head)
                count += 1
                if time.perf_counter() > started + seconds:
                    break
        return count

    count = sum(await asyncio.gather(*(ask() for _ in range(8))))
    taken = time.perf_counter() - started
    return count / taken, count / max(server.worked() - before, 0.01)


async def times(server: Server, path: str, rounds: int) -> list[float]:
    """Seconds that each of several answers takes, one after the other; the first is left out."""
    found = []
    async with Client(server.port) as client:
        for _ in range(rounds + 1):
            started = time.perf_counter()
            status, head, _ = await client.get(path)
            assert status == 200, (path, head)
            found.append(time.perf_counter() - started)
    return found[1:]
