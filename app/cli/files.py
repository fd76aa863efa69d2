"""Interchange files in and out, and the private texts of sources."""

import gc
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from app.cli.command import agent, as_json, main, reason, seekable, store, tell
from app.settings import Settings
from app.store import bulk, export, takeout, verification
from app.store.bulk import LineReport, Progress
from app.store.verification import Status


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check; write nothing.")
@agent
@reason
@as_json
@click.pass_obj
def import_(
    settings: Settings,
    files: tuple[Path, ...],
    dry_run: bool,
    agent: str,
    reason: str | None,
    as_json: bool,
) -> None:
    """Import interchange files (NDJSON; - is standard input).

    Good lines are kept, bad ones are told with number and reason; importing a file again changes
    nothing and finishes what was cut off. Exits with 1 if any line was refused.
    """
    # A batch is thousands of small objects without cycles; looking for some took 12 % of the time.
    gc.freeze()
    gc.set_threshold(200_000)
    failed = 0
    with store(settings) as database:
        for path in files:
            with seekable(path) as (file, size):
                steps = bulk.import_file(
                    database, file, agent=agent, reason=reason, dry_run=dry_run
                )
                total = _watch(steps, size, str(path), as_json)
            failed += total.failed
            counts = {
                name: getattr(total, name)
                for name in ("lines", "created", "updated", "unchanged", "failed")
            }
            sentence = ", ".join(f"{count} {name}" for name, count in counts.items())
            dry = " (dry run: nothing was written)" if dry_run else ""
            tell(as_json, {"file": str(path), **counts}, f"{path}: {sentence}{dry}")
    if failed:
        sys.exit(1)


def _watch(steps: Iterator[Progress], size: int, label: str, as_json: bool) -> Progress:
    """Show a bar on standard error, and each line that is wrong as it comes up."""
    total, known = Progress(), 0
    shown = click.format_filename(label)
    with click.progressbar(length=size, label=shown, file=sys.stderr, hidden=as_json) as bar:
        for total in steps:
            bar.update(total.bytes - known)
            known = total.bytes
            for kind, reports in (("error", total.errors), ("warning", total.warnings)):
                for report in reports:
                    _tell_line(kind, report, label, as_json)
    return total


def _tell_line(kind: str, report: LineReport, label: str, as_json: bool) -> None:
    faults = [fault.as_dict() for fault in report.faults]
    found = {"file": label, "line": report.line, kind: faults}
    tell(as_json, found, f"\r{label}: {kind}: {report}", err=True)


@main.command("export")
@click.option(
    "--ledger", "of_ledger", is_flag=True, help="The ledger instead: every revision, for `verify`."
)
@click.pass_obj
def export_(settings: Settings, of_ledger: bool) -> None:
    """Write the whole record to standard output as an interchange file."""
    count = 0
    out = sys.stdout.buffer
    with store(settings) as database, ExitStack() as stack:
        if of_ledger:
            lines = takeout.stream(stack.enter_context(database.reader()))
        else:
            lines = export.stream(database.reader)
        for line in lines:
            out.write(line)
            count += 1
    out.flush()
    click.echo(f"{count} {'revisions' if of_ledger else 'records'}", err=True)


@main.group()
def source() -> None:
    """Sources and their private texts."""


@source.command()
@click.argument("id")
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of another snapshot.")
@agent
@reason
@as_json
@click.pass_obj
def attach(
    settings: Settings,
    id: str,
    file: Path,
    replace: bool,
    agent: str,
    reason: str | None,
    as_json: bool,
) -> None:
    """Attach FILE (UTF-8; - is standard input) to source ID as its private snapshot.

    The text is kept byte for byte: its hash, which the source then names, and the offsets of
    anchors are those of the file as it is, with its line ends and a byte order mark if it has
    one. Then every anchor in the source is checked against it, and each is told that is not
    exact. Exits with 1 if any does not hold: moved, ambiguous or missing. The snapshot is
    attached even so.
    """
    with seekable(file) as (opened, _):
        text = verification.decoded(opened.read(verification.MOST_BYTES + 1))
    counts = dict.fromkeys(Status, 0)
    with store(settings) as database:
        with database.writer() as writer:
            attached = verification.attach(
                writer, id, text, agent=agent, reason=reason, replace=replace
            )
        with database.reader() as reader:
            for anchor in verification.of_source(reader, id):
                counts[anchor.verdict.status] += 1
                if anchor.verdict.status is not Status.exact:
                    tell(as_json, {"anchor": anchor.as_dict()}, str(anchor))
    total = {"source": id, "sha256": attached.sha256, "result": attached.result}
    anchors = ", ".join(f"{count} {status}" for status, count in counts.items())
    sentence = f"{id}: {len(text):,} characters, sha256 {attached.sha256}. Anchors: {anchors}."
    tell(as_json, {**total, "anchors": counts}, sentence)
    if counts[Status.moved] + counts[Status.ambiguous] + counts[Status.missing]:
        sys.exit(1)
