"""The tables: brought to this version, made again from the ledger, indexed again."""

import sys
from collections.abc import Iterator

import click
from sqlalchemy import func, select

from app.cli.command import as_json, main, opened, store, tell
from app.models import VERSIONS
from app.models.base import RecordType
from app.settings import Settings
from app.store import index, ledger, project, schema
from app.store.moment import alive


@main.command()
@click.argument("revision", default="head")
@click.option("--erase", is_flag=True, help="Let all that the store holds go, to step down.")
@click.pass_obj
def migrate(settings: Settings, revision: str, erase: bool) -> None:
    """Bring the store's tables to this version (or to REVISION).

    An older REVISION, or base (no tables), is for development: a store that is not empty refuses
    it, since what the tables hold would be lost. With --erase it is lost, without further question.
    """
    with opened(settings) as database:
        schema.migrate(database, revision, erase=erase)
    click.echo("The tables are up to date." if revision == "head" else f"Now at {revision}.")


@main.command()
@as_json
@click.pass_obj
def rebuild(settings: Settings, as_json: bool) -> None:
    """Make every table again from the ledger."""
    with store(settings) as database, database.writer() as writer:
        head = ledger.head(writer)
        _show(project.rebuild(writer), head.seq, as_json)
    told = f"The tables stand again from {head.seq} revisions."
    tell(as_json, {"revisions": head.seq}, told)


@main.command()
@as_json
@click.pass_obj
def reindex(settings: Settings, as_json: bool) -> None:
    """Make the search rows of every statement again, after an upgrade that folds words anew."""
    statements = VERSIONS[RecordType.statement]
    with store(settings) as database, database.writer() as writer:
        present = select(func.count()).select_from(statements).where(alive(statements))
        count = writer.scalar(present) or 0
        _show(index.reindex(writer), count, as_json)
    tell(as_json, {"statements": count}, f"{count} statements are indexed again.")


def _show(steps: Iterator[int], length: int, as_json: bool) -> None:
    """A bar on standard error, by how much is done."""
    with click.progressbar(length=length, file=sys.stderr, hidden=as_json) as bar:
        for done in steps:
            bar.update(done - bar.pos)
