"""A server as it runs in earnest: a process of its own, asked over a socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

ONRECORD = Path(sys.executable).with_name("onrecord")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def served(
    url: str, *, port: int | None = None, workers: int = 1, **settings: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`onrecord serve` over the store at `url`: its address and process, killed at the end."""
    port = port or free_port()
    environment = os.environ | {"ONRECORD_DATABASE_URL": url} | settings
    command = [str(ONRECORD), "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx2.get(f"{address}/healthz")
                break
            except httpx2.TransportError:
                assert process.poll() is None, "the server ended at once"
                time.sleep(0.1)
        yield address, process
    finally:
        if workers > 1:  # whose own processes would outlive it
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
        process.kill()
        process.wait()
