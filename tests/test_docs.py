"""The documentation is whole, its links lead somewhere, and its commands do what it shows."""

import inspect
import json
import re

import pytest
from fastapi.testclient import TestClient

from app import errors
from app.errors import Problem
from tests.server import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- problems -----------------------------------------------------------------------------------


def kinds() -> list[type[Problem]]:
    return [
        one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Problem)
    ]


def test_every_kind_of_problem_has_a_page_of_its_own() -> None:
    documented = re.findall(
        r"^## (\S+)\n\n\*\*(\d{3}) · (.+)\*\*$", text("docs/problems.md"), re.MULTILINE
    )
    told = {(kind.slug, str(kind.status), kind.title) for kind in kinds()}
    assert sorted(documented) == sorted(told)


@pytest.mark.parametrize("bundled", ["sqlite"], indirect=True)
def test_the_page_of_a_problem_says_what_it_means_and_what_to_do(client: TestClient) -> None:
    for kind in kinds():
        page = client.get(f"/problems/{kind.slug}")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert kind.title in page.text
        assert f"HTTP status {kind.status}" in page.text
        assert "What to do: " in page.text
        assert f'href="/problems/{kind.slug}"' in client.get("/problems").text
    assert client.get("/problems/none").status_code == 404


def test_the_examples_of_problems_are_of_their_kind() -> None:
    examples = [json.loads(code) for name, code in FENCE.findall(text("docs/problems.md"))]
    told = {(f"/problems/{kind.slug}", kind.status, kind.title) for kind in kinds()}
    assert {(one["type"], one["status"], one["title"]) for one in examples} == told
