"""Backup and its way back."""

import sys
from pathlib import Path
from typing import Any

import click

from app.cli.command import as_json, main, opened, store, tell
from app.settings import Settings
from app.store import backup, checkpoint, schema


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_obj
def backup_(settings: Settings, file: Path, as_json: bool) -> None:
    """Write everything to FILE, a new SQLite store, while the service goes on.

    It holds private texts and keys: keep it as you would keep those. `onrecord restore` fills a
    new store from it, in either database; it can also be served and verified as it is.
    """
    with store(settings) as database:
        _show(backup.make(database, file), as_json)
    copy = settings.model_copy(update={"database_url": f"sqlite:///{file}"})
    tell(as_json, *_stands(copy, f"{file} holds"))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@click.pass_obj
def restore(settings: Settings, file: Path, as_json: bool) -> None:
    """Fill the store, which must be empty, from the backup FILE."""
    with opened(settings) as database:
        schema.migrate(database)
        _show(backup.restore(file, database), as_json)
    tell(as_json, *_stands(settings, "The store holds"))


def _show(steps: backup.Steps, as_json: bool) -> None:
    with click.progressbar(length=100, file=sys.stderr, hidden=as_json) as bar:
        for done, total in steps:
            bar.update(100 * done // max(total, 1) - bar.pos)


def _stands(settings: Settings, what: str) -> tuple[dict[str, Any], str]:
    with store(settings) as database, database.reader() as reader:
        at = checkpoint.of(reader, "")
    root = checkpoint.encoded(at.root)
    return {"revisions": at.size, "root": root}, f"{what} {at.size} revisions, root {root}."
