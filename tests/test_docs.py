"""The documentation is whole, its links lead somewhere, and its commands do what it shows."""

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import errors
from app.errors import Problem
from tests.server import ROOT
from tests.serving import served

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


# --- what is shown is so ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder in which the installed program lies as in a checkout, and a server beside it."""
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    with served(f"sqlite:///{folder}/tutorial.db") as (address, _):
        yield folder, address


def steps(document: str) -> Iterator[tuple[str, str, str]]:
    """The commands of a document, each with the kind of answer that is shown under it, and it."""
    blocks = re.findall(
        r"^```sh\n(.*?)^```\n(?:```(json|text)\n(.*?)^```)?", document, re.MULTILINE | re.DOTALL
    )
    assert blocks
    return iter(blocks)


def run(newcomer: tuple[Path, str], commands: list[str]) -> list[str]:
    """What each of these commands, run one after another in one shell, prints."""
    folder, address = newcomer
    end = "----- end of a step -----"
    script = "".join(f"{command}\necho '{end}'\n" for command in commands)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail"],
        input=script.replace("http://127.0.0.1:8000", address),
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(f"{end}\n")[:-1]


def check_shown(kind: str, shown: str, printed: str) -> None:
    """Holds that what was printed is what is shown, where `…` stands for anything."""
    if kind == "json":
        shown, printed = _compact(json.loads(shown)), _compact(json.loads(printed))
    printed = printed.removeprefix("\ufeff")  # the mark by which spreadsheets know UTF-8
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("…"))
    assert re.fullmatch(pattern, printed.strip()), f"shown:\n{shown}\nprinted:\n{printed}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def check_document(newcomer: tuple[Path, str], document: str) -> None:
    found = [step for step in steps(document) if "make serve" not in step[0]]
    printed = run(newcomer, [command for command, _, _ in found])
    for (_, kind, shown), answer in zip(found, printed, strict=True):
        if kind:
            check_shown(kind, shown, answer)


def test_the_questions_of_the_readme_are_answered_as_it_shows(newcomer: tuple[Path, str]) -> None:
    questions = text("README.md").partition("## Try it")[2].partition("\n## ")[0]
    assert questions.count("curl") == 5
    check_document(newcomer, questions)


def test_the_tutorial_shows_what_it_prints(newcomer: tuple[Path, str]) -> None:
    check_document(newcomer, text("docs/tutorial.md"))
    for name in ("figures.svg", "conflict.svg"):
        assert (newcomer[0] / name).read_text(encoding="utf-8").rstrip().endswith("</svg>")
