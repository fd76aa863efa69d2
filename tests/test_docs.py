"""The documentation is whole, its links lead somewhere, and its commands do what it shows."""

import base64
import inspect
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from fastapi.testclient import TestClient

from app import errors
from app.cli import main
from app.errors import Problem
from app.sender import signature
from app.settings import Settings
from tests.server import ROOT
from tests.serving import served

DOCS = ROOT / "docs"
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


# --- settings, commands, parameters, links ------------------------------------------------------


def rows(name: str) -> list[list[str]]:
    """The cells of each row of a document's tables."""
    lines = [line for line in text(name).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_setting_is_documented_as_it_is() -> None:
    shown = [row for row in rows("docs/operators.md") if row[0].startswith("`ONRECORD_")]
    told = []
    for name, field in Settings.model_fields.items():
        value = (
            str(field.default).lower() if field.default is True or field.default is False else ""
        )
        value = value or str(field.default or ("" if field.default is None else field.default))
        default = f"`{value}`" if value else ""
        told.append([f"`ONRECORD_{name.upper()}`", default, (field.description or "").rstrip(".")])
    assert shown == told


def test_the_readme_names_no_setting_that_is_not() -> None:
    named = set(re.findall(r"ONRECORD_[A-Z_]*[A-Z]", text("README.md")))
    assert named <= {f"ONRECORD_{name.upper()}" for name in Settings.model_fields}


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command, word
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def test_every_command_and_option_is_documented() -> None:
    shown = {row[0].strip("`"): row[2] for row in rows("docs/operators.md") if len(row) == 3}
    for name, command in commands(main, "onrecord"):
        (found,) = [one for one in shown if one == name or re.fullmatch(rf"{name} [^a-z]+", one)]
        options = [one for one in command.params if isinstance(one, click.Option)]
        for option in (word for one in options for word in (*one.opts, *one.secondary_opts)):
            assert f"`{option}`" in shown[found], f"{name} {option}"


def test_every_query_parameter_is_documented() -> None:
    table = text("docs/frontends.md").partition("## Every parameter")[2]
    paths = json.loads(text("openapi/openapi.json"))["paths"]
    found = {
        parameter["name"]
        for operations in paths.values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter.get("in") == "query"
    }
    assert found == set(re.findall(r"`(\w+)`\*?(?=[ ,])", re.sub(r"\(.*?\)", "", table)))


@pytest.mark.parametrize(
    "name", ["README.md", *(f"docs/{path.name}" for path in DOCS.glob("*.md"))]
)
def test_links_lead_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text(name))):
        if "://" not in link:
            path, _, place = link.partition("#")
            target = (ROOT / name).parent / path if path else ROOT / name
            assert target.exists(), link
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M) if place else []
            assert not place or place in [re.sub(r"\W+", "-", one.lower()) for one in headings]


def test_the_index_names_every_document() -> None:
    for path in DOCS.glob("*.md"):
        assert path.name == "README.md" or f"]({path.name})" in text("docs/README.md"), path.name


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


def code(name: str, *holding: str) -> dict[str, Any]:
    """What the Python of a document defines, of the blocks that hold any of these words."""
    blocks = [body for kind, body in FENCE.findall(text(name)) if kind == "python"]
    names: dict[str, Any] = {"__name__": "shown"}
    for block in blocks:
        if any(word in block for word in holding):
            exec(block, names)
    return names


@pytest.mark.parametrize("way", ["follow", "stream"])
def test_the_code_for_services_follows_every_change(newcomer: tuple[Path, str], way: str) -> None:
    names = code("docs/services.md", "def follow", "def stream")
    names["BASE"] = newcomer[1]
    changes = names[way](60)
    assert [next(changes)["seq"] for _ in range(13)] == list(range(61, 74))
    changes.close()


def test_the_code_for_webhooks_knows_what_was_signed() -> None:
    verified = code("docs/services.md", "def verified", "class Receiver")["verified"]
    secret = f"whsec_{base64.b64encode(bytes(24)).decode()}"

    def signed(body: bytes, at: int) -> bool:
        headers = {"webhook-id": "1", "webhook-timestamp": str(at)}
        headers["webhook-signature"] = f"v1,x {signature(secret, '1', at, b'{}')}"
        return bool(verified(headers, body, secret))

    now = int(time.time())
    assert signed(b"{}", now)
    assert not signed(b"{ }", now)
    assert not signed(b"{}", now - 3600)


def test_what_the_frontends_page_shows_is_answered(newcomer: tuple[Path, str]) -> None:
    check_document(newcomer, text("docs/frontends.md"))


def test_the_tutorial_shows_what_it_prints(newcomer: tuple[Path, str]) -> None:
    check_document(newcomer, text("docs/tutorial.md"))
    for name in ("figures.svg", "conflict.svg"):
        assert (newcomer[0] / name).read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_the_tutorial_says_what_it_leaves_behind() -> None:
    steps, _, end = text("docs/tutorial.md").partition("## Where next")
    made = set(re.findall(r"> ([a-z]+[.][a-z]+)\b", steps)) | {"tutorial.db"}
    assert len(made) == 6
    assert made == set(re.findall(r"`([a-z]+[.][a-z]+)`", end))
