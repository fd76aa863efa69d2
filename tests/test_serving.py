"""What only a real connection shows: what cannot be read, what never ends, and how it stops."""

import http.client
import json
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.api.protocol import Bounded
from app.db import Database
from app.settings import Settings
from tests import server
from tests.application import application
from tests.test_limits import only_sqlite


class Hasty(Bounded):
    head_timeout = 0.3


@pytest.fixture
def port(bundled: Database) -> Iterator[int]:
    settings = Settings(_env_file=None, body_timeout=0.3)
    with server.thread(application(settings, bundled), Hasty) as port:
        yield port


def _talk(port: int, *pieces: bytes, end: bool = False) -> bytes:
    """What is answered to these bytes until the connection ends or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            if end:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                received += piece
        except ConnectionError:  # closed while we still sent
            pass
        return received


def _problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head.lower(), answer[:300]
    problem: dict[str, Any] = json.loads(body)
    assert int(head.split()[1]) == problem["status"]
    return problem


GET = b"GET /v1/statements?limit=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
UNREADABLE = [
    b"secret\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n",
    "GET /v1/actors/Əliyev HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nSecret\x00: 1\r\n\r\n",
    b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
]


@only_sqlite
def test_what_cannot_be_read_is_a_problem_too(port: int) -> None:
    for sent in UNREADABLE:
        answer = _talk(port, sent)
        assert 400 <= _problem(answer)["status"] < 500, sent
        assert b"ecret" not in answer


@only_sqlite
def test_a_head_without_end_is_cut_off(port: int) -> None:
    bomb = [b"X-Bomb: " + b"0" * 16_000 + b"\r\n"] * 40
    answer = _talk(port, GET, *bomb)  # nothing, where it was closed while we still sent
    assert not answer or _problem(answer)["status"] == 431
    answer = _talk(port, b"GET /" + b"0" * 200_000)
    assert not answer or _problem(answer)["status"] in (414, 431)


@only_sqlite
def test_whoever_takes_too_long_is_cut_off(port: int) -> None:
    assert _problem(_talk(port, b"GET / HT"))["status"] == 408
    assert _talk(port) == b""  # nothing asked, nothing answered
    slow = b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{"
    assert _problem(_talk(port, slow))["status"] in (401, 408)
    assert b" 200 " in _talk(port, GET, b"\r\n")


def test_a_process_that_is_told_to_stop_loses_no_request(bundled: Database) -> None:
    """Every request that a connection took is answered whole, also those that come just then."""
    url = bundled.url.render_as_string(hide_password=False)
    ready, lost = threading.Barrier(5), list[str]()
    answered = [0] * 4

    with server.process(url, ONRECORD_CACHE="false") as (run, port):

        def ask(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.connect()
            ready.wait()
            while True:
                try:
                    connection.request("GET", "/v1/statements")
                    answer = connection.getresponse()
                    json.loads(answer.read())
                    assert answer.status == 200
                    answered[number] += 1
                except Exception as error:
                    lost.append(repr(error))
                    return
                if answer.getheader("connection") == "close":
                    return

        with ThreadPoolExecutor(4) as clients:
            asking = [clients.submit(ask, number) for number in range(4)]
            ready.wait()
            while min(answered) < 5:
                time.sleep(0.01)
            run.send_signal(signal.SIGTERM)
            for one in asking:
                one.result()
        assert run.wait(20) in (0, -signal.SIGTERM)
    assert lost == []


@only_sqlite
def test_processes_count_together(bundled: Database) -> None:
    url = bundled.url.render_as_string(hide_password=False)
    with server.process(url, ONRECORD_WORKERS="2") as (_, port):

        def get(path: str) -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                return str(answer.read().decode())

        with ThreadPoolExecutor(4) as clients:
            list(clients.map(get, ["/v1/facets?facet=party"] * 40))
        count = 'count{method="GET",route="/v1/facets",status="200"} 40.0'
        until = time.monotonic() + 20
        while f"onrecord_request_duration_seconds_{count}" not in get("/metrics"):
            assert time.monotonic() < until  # the other process tells a moment later
            time.sleep(0.05)
