"""The command itself, and what its verbs share: the store, how things are told, what is read."""

import gc
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import click
from pydantic import ValidationError

from app import __version__
from app.db import Database
from app.errors import InvalidInput, Problem, Unavailable, short
from app.models import advice
from app.settings import Settings, misspelt
from app.store import schema


class Told(click.ClickException):
    """An error that is told in one line, with the exit code that means its kind."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        code = 3 if isinstance(problem, Unavailable) else 1
        self.exit_code = code  # type: ignore[misc]  # click reads it off the instance


class Unfit(click.ClickException):
    """A setting that does not fit, told in one line."""

    exit_code = 2


VERBS = {
    "backup": "backup",
    "checkpoint": "ledger",
    "export": "files",
    "import": "files",
    "keys": "keys",
    "migrate": "tables",
    "openapi": "serve",
    "propose": "propose",
    "rebuild": "tables",
    "reindex": "tables",
    "restore": "backup",
    "serve": "serve",
    "source": "files",
    "verify": "ledger",
}
"""The module of each verb, which is loaded when the verb is asked for."""


@contextmanager
def loading() -> Iterator[None]:
    """While what stays is made: Python does not look for garbage in it, then or ever after.

    To look took a twelfth of a start, and later a twentieth of the time of an answer from the
    cache.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Commands(click.Group):
    """Tells our own problems, and settings that do not fit, without a trace."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, context: click.Context, cmd_name: str) -> click.Command | None:
        # To say which verb was meant, click looks at all of them.
        for module in [VERBS[cmd_name]] if cmd_name in VERBS else VERBS.values():
            with loading():
                import_module(f"app.cli.{module}")
        return super().get_command(context, cmd_name)

    def invoke(self, context: click.Context) -> Any:
        try:
            done = super().invoke(context)
            sys.stdout.flush()
            return done
        except Problem as problem:
            raise Told(problem) from problem
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            raise Unfit("; ".join(map(_unfit, found))) from error
        except OSError as error:  # of standard output; files are told where they are read
            with suppress(OSError):  # else Python would try again to write what is left
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):  # as in `onrecord export | head`: read enough
                sys.exit(1)
            raise click.ClickException(f"The output stopped: {error.strerror}") from error


def _unfit(found: Mapping[str, Any]) -> str:
    """A setting that does not fit, and how to mend it."""
    name = "_".join(map(str, found["loc"]))
    detail = advice.of(found)
    if found["type"] == "string_pattern_mismatch":
        detail = f"does not fit; it is: {Settings.model_fields[name].description}"
    return f"ONRECORD_{name.upper()} {detail}"


@click.group(cls=Commands)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Who said what, when, in which publication and in which words."""
    for name, meant in misspelt():
        told = f"Warning: there is no setting {short(name)}; did you mean {meant}?"
        click.echo(told, err=True)
    context.obj = Settings()


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The store, whatever its tables are."""
    try:
        database = Database(
            settings.database_url, pool=settings.threads, busy_timeout=settings.busy_timeout
        )
    except InvalidInput as wrong:
        raise Unfit(str(wrong)) from wrong
    try:
        if database.in_memory:
            raise Unfit(
                "ONRECORD_DATABASE_URL names a store in memory, which would be gone with the "
                "process; it must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
            )
        yield database
    finally:
        database.close()


@contextmanager
def store(settings: Settings) -> Iterator[Database]:
    """The store, whose tables must be those of this version."""
    with opened(settings) as database:
        if _is_missing(database):  # SQLite would make an empty one of a mistyped name
            raise Unavailable(
                "ONRECORD_DATABASE_URL names a file that is not there; mend it, or make a store by "
                "`onrecord migrate` or `onrecord serve`."
            )
        schema.ensure(database)
        yield database


def _is_missing(database: Database) -> bool:
    name = database.url.database if database.is_sqlite else None
    if not name or name.startswith("file:"):  # a URI of SQLite's own says what is to be made
        return False
    return Path(name).parent.is_dir() and not Path(name).exists()


def tell(as_json: bool, found: dict[str, Any], sentence: str, *, err: bool = False) -> None:
    if not as_json:
        click.echo(click.format_filename(sentence), err=err)
        return
    line = json.dumps(found, ensure_ascii=False)
    if not _is_text(line):  # the name of a file may be any bytes
        line = json.dumps(found)
    click.echo(line)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class Words(click.ParamType[str]):
    """Text that can be kept: what the command line gives may be any bytes."""

    name = "text"

    def convert(self, value: Any, _of: click.Parameter | None, _in: click.Context | None) -> Any:
        if not _is_text(value):
            self.fail("is not UTF-8")
        return value


agent = click.option(
    "--agent", type=Words(), default="command line", help="Who answers for the change."
)
reason = click.option("--reason", type=Words(), help="Why, for the ledger.")


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")


@contextmanager
def seekable(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A file, or a copy of standard input or a pipe, that can be read twice; with its size in
    bytes."""
    try:
        opened = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        shown = click.format_filename(path)
        raise click.ClickException(f"{shown} cannot be read: {error.strerror}") from error
    with ExitStack() as stack:
        if str(path) != "-":
            stack.enter_context(opened)
        if path.is_file():
            yield opened, path.stat().st_size
            return
        copy = stack.enter_context(tempfile.TemporaryFile())
        shutil.copyfileobj(opened, copy)
        size = copy.tell()
        copy.seek(0)
        yield copy, size
