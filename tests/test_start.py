"""What a start does, and what it leaves until somebody asks."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from app.api.route import Route

FIRST_ANSWER = """
import sys
from app.cli import serve
from app.db import Database
from app.settings import Settings

app = serve.create_app(Settings(_env_file=None), Database("sqlite://"))
late = {"alembic", "cryptography", "drawsvg", "httpx2", "app.extract", "app.cli.files"}
print("loaded:", *sorted(late & sys.modules.keys()))

from fastapi.testclient import TestClient

assert TestClient(app).get("/healthz").status_code == 200
from app.models import RECORDS

print("made:", *[one.__name__ for one in RECORDS.values() if one.__pydantic_complete__])
print("worked out:", *[route.path for route in app.routes if "dependant" in vars(route)])
"""


def test_what_the_first_answer_does_not_need_waits_for_who_does() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["loaded:", "made:", "worked out: /healthz"]


def test_a_route_is_worked_out_once_however_many_ask() -> None:
    made = []

    class Counted(Route):
        def get_route_handler(self) -> Any:
            made.append(self)
            return super().get_route_handler()

    def ask(_: int) -> Any:
        together.wait()
        return route.app

    together = Barrier(8)
    for _ in range(20):
        made.clear()
        route = Counted("/v1/things", lambda: None, methods=["GET"])
        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(ask, range(8)))) == 1
        assert made == [route]
    assert not hasattr(route, "no_such_thing")
