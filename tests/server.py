"""A real server for tests: `onrecord serve` in a process of its own, or the application in a
thread, on a free port of this machine."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.api.protocol import Bounded

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0
"""Seconds that a server may take to start."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(url: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`onrecord serve` over a store, ready to answer; it is ended at the end."""
    port = free_port()
    settings = {"ONRECORD_DATABASE_URL": url, "ONRECORD_PORT": str(port), **environment}
    program = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    run = subprocess.Popen(
        program,
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).read()
                break
            except OSError:  # refused, or taken and not answered yet
                assert run.poll() is None, run.stderr and run.stderr.read().decode()
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.05)
        yield run, port
    finally:
        run.terminate()
        try:
            run.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()


@contextmanager
def thread(app: FastAPI, http: type[Bounded] = Bounded) -> Iterator[int]:
    """An application behind our protocol; the port."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, http=http, ws="none", log_config=None, server_header=False
    )
    server = uvicorn.Server(config)
    running = threading.Thread(target=server.run)
    running.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield port
    finally:
        server.should_exit = True
        running.join(PATIENCE)
