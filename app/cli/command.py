"""The command itself, and what its verbs share: the store, how things are told, what is read."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
from pydantic import ValidationError

from app import __version__
from app.db import Database
from app.errors import Problem, Unavailable
from app.settings import Settings
from app.store import schema


class Told(click.ClickException):
    """An error that is told in one line, with the exit code that means its kind."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        code = 3 if isinstance(problem, Unavailable) else 1
        self.exit_code = code  # type: ignore[misc]  # click reads it off the instance


class Commands(click.Group):
    """Tells our own problems, and settings that do not fit, without a trace."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Problem as problem:
            raise Told(problem) from problem
        except ValidationError as error:
            faults = "; ".join(
                f"ONRECORD_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}"
                for one in error.errors(include_url=False, include_input=False)
            )
            raise click.UsageError(faults) from error


@click.group(cls=Commands)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Who said what, when, in which publication and in which words."""
    context.obj = Settings()


def opened(settings: Settings) -> Database:
    return Database(
        settings.database_url, pool=settings.threads, busy_timeout=settings.busy_timeout
    )


@contextmanager
def store(settings: Settings) -> Iterator[Database]:
    """The store, whose tables must be those of this version."""
    database = opened(settings)
    try:
        schema.ensure(database)
        yield database
    finally:
        database.close()


def tell(as_json: bool, found: dict[str, Any], sentence: str) -> None:
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else sentence)


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")


@contextmanager
def seekable(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A file, or a copy of standard input, that can be read twice; with its size in bytes."""
    if str(path) == "-":
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            size = copy.tell()
            copy.seek(0)
            yield copy, size
        return
    try:
        with path.open("rb") as file:
            yield file, path.stat().st_size
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from error
