"""The command that proposes statements, and whom their names mean in a store."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.db import Database
from app.models.fold import fold
from app.store import bulk
from app.store.known import KnownNames

ARTICLE = """Russian President Vladimir Putin said it rained in the strait. The Armenian prime \
minister denied that it did. "There are more than 2,000 casualties on each side," Putin said.
"""


def run(*arguments: str, text: str | bytes = ARTICLE) -> Result:
    return CliRunner().invoke(main, ["propose", "-", *arguments], input=text)


@pytest.fixture
def store(bundled: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    url = bundled.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("ONRECORD_DATABASE_URL", url)
    return bundled


@pytest.mark.usefixtures("store")
def test_proposals_are_listed_to_be_read() -> None:
    told = run()
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == (
        "1. Russian President Vladimir Putin = vladimir-putin said: it rained in the strait"
    )
    assert "2. The Armenian prime minister = nikol-pashinyan denied: it did" in lines
    assert "   casualties: more than 2,000 casualties on each side (more_than)" in lines
    assert "3 proposals" in told.stderr


def test_drafts_can_be_imported_as_they_are(store: Database, tmp_path: Path) -> None:
    told = run("--json", "--source", "fighting-rages-in-nagorno-karabakh")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["statement", "attribution"] * 3
    assert "verb-clause" in lines[1]["note"]
    assert lines[2]["polarity"] == "negated"
    file = tmp_path / "drafts.ndjson"
    file.write_text(told.stdout)
    with file.open("rb") as opened:
        (*_, done) = bulk.import_file(store, opened, agent="test")
    assert (done.created, done.failed) == (6, 0)


def test_without_a_store_nobody_is_linked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ONRECORD_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    assert "vladimir-putin" not in run().stdout
    assert "3 proposals" in run("--no-store").stderr


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "text", "code", "detail"),
    [
        (["--date", "yesterday"], ARTICLE, 2, "--date"),
        ([], b"\xff\xfe\x00", 1, "UTF-8"),
        ([], "a\0b", 1, "NUL"),
        (["--pipeline", "no_such_pipeline"], ARTICLE, 1, "install"),
    ],
)
def test_what_cannot_be_read_is_refused(
    arguments: list[str], text: str | bytes, code: int, detail: str
) -> None:
    told = run(*arguments, text=text)
    assert (told.exit_code, detail in told.stderr) == (code, True)


@pytest.mark.usefixtures("store")
def test_another_language_is_said_to_be_read_for_quotations_only() -> None:
    told = run("--lang", "ru", text="Владимир Путин: «Переговоры идут очень трудно и долго».\n")
    assert "= vladimir-putin" in told.stdout
    assert "Not English" in told.stderr


def test_offices_are_read_on_the_day(bundled: Database) -> None:
    with bundled.reader() as reader:
        names = KnownNames(reader, "2020-10-23")
        assert names.holding("Armenian prime minister") == ("nikol-pashinyan",)
        assert names.holding("prime minister of Armenia") == ("nikol-pashinyan",)
        assert names.holding("the prime minister") == ()
        assert names.holding("Turkish prime minister") == ()
        assert names.called(fold("Պուտին Վլադիմիր")) == ()
        assert names.called(fold("Владимир Путин")) == ("vladimir-putin",)
        assert names.is_person("vladimir-putin")


def test_what_is_unsure_is_proposed_only_when_asked_for() -> None:
    text = "Ada Brandt reportedly left Lund. Oto Lemm said that the port was closed."
    assert "1 proposals" in run("--no-store", text=text).stderr
    every = run("--no-store", "--least-confidence", "0", text=text)
    assert "2 proposals" in every.stderr
    assert "adverb, 0.05" in every.stdout
    assert run("--no-store", "--least-confidence", "2", text=text).exit_code == 2
