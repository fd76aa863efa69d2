"""Whether anything was changed behind the service's back, and what shows it later."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.cli.command import as_json, main, store, tell
from app.db import Database
from app.settings import Settings
from app.store import audit, checkpoint, ledger
from app.store.checkpoint import Checkpoint, PublicKey


@main.command()
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept; the ledger must still begin as it did then.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="The verifier key that must have signed it (/v1/ledger/key); by default the store's.",
)
@click.option(
    "--export",
    "exported",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Verify this ledger export instead of the store: needs no server and no database.",
)
@click.option("--ledger-only", is_flag=True, help="Do not hold the tables against the ledger.")
@as_json
@click.pass_obj
def verify(
    settings: Settings,
    checkpoints: tuple[Path, ...],
    keys: tuple[str, ...],
    exported: Path | None,
    ledger_only: bool,
    as_json: bool,
) -> None:
    """Say whether anything was changed in the ledger, its tree, or the tables made from it.

    Walks the chain, makes the tree again, and holds it against each checkpoint; then makes every
    table again beside the store and compares, row by row. Exits with 1 if anything does not hold.
    """
    trusted = [PublicKey.parse(key) for key in keys]
    if exported:
        kept = [checkpoint.parse(path.read_bytes(), trusted) for path in checkpoints]
        with exported.open("rb") as file:
            walk, steps = audit.of_file(file, kept)
            breaks = _walk(steps, exported.stat().st_size, as_json)
    else:
        with store(settings) as database:
            trusted = trusted or (_own_keys(settings, database) if checkpoints else [])
            kept = [checkpoint.parse(path.read_bytes(), trusted) for path in checkpoints]
            with database.reader() as reader:
                total = ledger.head(reader).seq * (1 if ledger_only else 2)
                walk, steps = audit.of_store(reader, kept, tables=not ledger_only)
                breaks = _walk(steps, total, as_json)
    for one in breaks[:100]:
        tell(as_json, {"break": {"seq": one.seq, "detail": one.detail}}, str(one))
    tell(as_json, *_verdict(walk, breaks, kept, signed=bool(trusted)))
    if breaks:
        sys.exit(1)


def _walk(steps: audit.Found, length: int, as_json: bool) -> list[ledger.Break]:
    breaks = []
    with click.progressbar(length=length, file=sys.stderr, hidden=as_json) as bar:
        for found in steps:
            if isinstance(found, ledger.Break):
                breaks.append(found)
            else:
                bar.update(found)
    return breaks


def _own_keys(settings: Settings, database: Database) -> list[PublicKey]:
    return [checkpoint.signer(database, settings.seed, settings.origin).public]


def _verdict(
    walk: audit.Walk, breaks: list[ledger.Break], kept: list[Checkpoint], *, signed: bool
) -> tuple[dict[str, Any], str]:
    sentence = f"is broken in {len(breaks)} places" if breaks else "holds"
    told = f"{walk.size} revisions, head {walk.head}: the chain {sentence}."
    if walk.redacted:
        told += f" {walk.redacted} were redacted: their words are gone, their place in it is not."
    if kept and not breaks:
        sizes = ", ".join(str(one.size) for one in kept)
        told += f" It extends the checkpoints kept at {sizes}."
    if kept and not signed:
        told += " Who signed them was not checked; --key does."
    state = {
        "revisions": walk.size,
        "head": walk.head,
        "root": checkpoint.encoded(walk.tree.root()),
        "redacted": walk.redacted,
        "checkpoints": [one.size for one in kept],
        "signatures_checked": signed and bool(kept),
        "holds": not breaks,
        "breaks": len(breaks),
    }
    return state, told


@main.command("checkpoint")
@as_json
@click.pass_obj
def checkpoint_(settings: Settings, as_json: bool) -> None:
    """Print a signed checkpoint of the ledger, to be kept or published elsewhere."""
    with store(settings) as database:
        signer = checkpoint.signer(database, settings.seed, settings.origin)
        with database.reader() as reader:
            at = checkpoint.of(reader, signer.origin)
    note = signer.sign(str(at))
    found = {"size": at.size, "note": note, "key": str(signer.public)}
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else note, nl=as_json)
