"""The command `onrecord`.

Exit codes: 0 all went well, 1 something was refused or does not hold (each thing is told), 2 the
command line itself is wrong, 3 the store cannot be used now.
"""

import gc
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import uvicorn
from pydantic import ValidationError

from app import __version__
from app.api import logs
from app.db import Database
from app.errors import NotMigrated, Problem, Unavailable, short
from app.extract import Names, NoPipeline, Proposal, Unreadable, draft, english, extract
from app.main import create_app
from app.models import edtf
from app.models.api_key import Scope
from app.settings import Settings
from app.store import (
    audit,
    backup,
    bulk,
    checkpoint,
    export,
    keys,
    ledger,
    project,
    schema,
    takeout,
    verification,
)
from app.store.bulk import LineReport, Progress
from app.store.checkpoint import Checkpoint, PublicKey
from app.store.known import KnownNames
from app.store.verification import Status

BUNDLED = Path(__file__).parent / "record"
OPENAPI = Path(__file__).resolve().parents[1] / "openapi" / "openapi.json"


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


def _open(settings: Settings) -> Database:
    return Database(
        settings.database_url, pool=settings.threads, busy_timeout=settings.busy_timeout
    )


@contextmanager
def _store(settings: Settings) -> Iterator[Database]:
    """The store, whose tables must be those of this version."""
    database = _open(settings)
    try:
        schema.ensure(database)
        yield database
    finally:
        database.close()


def _tell(as_json: bool, found: dict[str, Any], sentence: str) -> None:
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else sentence)


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")


@main.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None, workers: int | None) -> None:
    """Create, migrate and, where it is empty, fill the store; then serve it."""
    logs.configure(settings)
    database = _open(settings)
    schema.migrate(database)
    if settings.bundled_record:
        _fill(database)
    host, port = host or settings.host, settings.port if port is None else port
    workers = workers or settings.workers
    database.close()
    with _shared_metrics(workers):
        click.echo(f"Onrecord {__version__} listens on http://{host}:{port} (Swagger UI at /docs)")
        uvicorn.run(
            "app.cli:application",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http="app.api.protocol:Bounded" if sys.platform != "win32" else "h11",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )


GRACE = 30
"""Seconds that requests in hand are given when the service is told to stop."""


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Where several processes share their counts, unless the operator has said where."""
    name = "PROMETHEUS_MULTIPROC_DIR"
    if workers == 1 or name in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-metrics-") as folder:
        os.environ[name] = folder
        try:
            yield
        finally:
            del os.environ[name]


def application() -> Any:
    """The application as a worker process makes it."""
    settings = Settings()
    logs.configure(settings)
    return create_app(settings)


def _fill(database: Database) -> None:
    """Import the bundled record into a store that has no revision yet."""
    with database.reader() as reader:
        if ledger.head(reader).seq:
            return
    for path in sorted(BUNDLED.glob("*.ndjson")):
        with path.open("rb") as file:
            reports = [
                report
                for progress in bulk.import_file(database, file, agent="bundled record")
                for report in progress.errors
            ]
        if reports:
            raise click.ClickException(f"the bundled record is broken: {path.name}, {reports[0]}")


@main.command()
@click.argument("revision", default="head")
@click.pass_obj
def migrate(settings: Settings, revision: str) -> None:
    """Bring the store's tables to this version (or to REVISION)."""
    database = _open(settings)
    schema.migrate(database, revision)
    database.close()
    click.echo("The tables are up to date." if revision == "head" else f"Now at {revision}.")


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check; write nothing.")
@click.option("--agent", default="command line", help="Who answers for the change.")
@click.option("--reason", help="Why, for the ledger.")
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
    with _store(settings) as database:
        for path in files:
            with _seekable(path) as (file, size):
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
            _tell(as_json, {"file": str(path), **counts}, f"{path}: {sentence}{dry}")
    if failed:
        sys.exit(1)


def _watch(steps: Iterator[Progress], size: int, label: str, as_json: bool) -> Progress:
    """Show a bar on standard error, and each line that is wrong as it comes up."""
    total, known = Progress(), 0
    bar = click.progressbar(length=size, label=label, file=sys.stderr, hidden=as_json)
    with bar:
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
    sentence = f"\r{label}: {kind}: {report}"
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else sentence, err=not as_json)


@contextmanager
def _seekable(path: Path) -> Iterator[tuple[BinaryIO, int]]:
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


@main.command("export")
@click.option(
    "--ledger", "of_ledger", is_flag=True, help="The ledger instead: every revision, for `verify`."
)
@click.pass_obj
def export_(settings: Settings, of_ledger: bool) -> None:
    """Write the whole record to standard output as an interchange file."""
    count = 0
    out = sys.stdout.buffer
    with _store(settings) as database, ExitStack() as stack:
        if of_ledger:
            lines = takeout.stream(stack.enter_context(database.reader()))
        else:
            lines = export.stream(database.reader)
        for line in lines:
            out.write(line)
            count += 1
    out.flush()
    click.echo(f"{count} {'revisions' if of_ledger else 'records'}", err=True)


@main.group("keys")
def keys_() -> None:
    """Keys for writing over HTTP, and for reading where that is not open."""


@keys_.command()
@click.argument("name")
@click.option(
    "--scopes",
    default="read,write",
    show_default=True,
    help="What it allows: read, write, admin, separated by commas.",
)
@as_json
@click.pass_obj
def create(settings: Settings, name: str, scopes: str, as_json: bool) -> None:
    """Make a key and print it, this once; NAME answers in the ledger for what is written with it.

    It is valid at once, also in a running server.
    """
    asked = [one.strip() for one in scopes.split(",") if one.strip()]
    if unknown := [one for one in asked if one not in list(Scope)]:
        detail = f"{short(unknown[0])} is no scope; there are {', '.join(Scope)}"
        raise click.BadParameter(detail, param_hint="--scopes")
    with _store(settings) as database, database.writer() as writer:
        key, text = keys.create(writer, name, [Scope(one) for one in asked])
    _tell(as_json, {"key": text, **_shown(key)}, text)


@keys_.command("list")
@as_json
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """All keys, without their secrets, and whether they are still valid."""
    with _store(settings) as database, database.reader() as reader:
        for key in keys.listed(reader):
            state = f"revoked {key.revoked_at}" if key.revoked_at else "valid"
            sentence = f"{key.id}  {','.join(key.scopes):<17} {state}  {key.name}"
            _tell(as_json, _shown(key), sentence)


@keys_.command()
@click.argument("key")
@as_json
@click.pass_obj
def revoke(settings: Settings, key: str, as_json: bool) -> None:
    """End the KEY of that name or id, at once."""
    with _store(settings) as database, database.writer() as writer:
        ended = keys.revoke(writer, key)
    _tell(as_json, _shown(ended), f"{ended.name} ({ended.id}) is no longer valid.")


def _shown(key: keys.Key) -> dict[str, Any]:
    return {**key._asdict(), "scopes": list(key.scopes)}


@main.command()
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--source", "source_id", help="The id of the source that the drafts refer to.")
@click.option("--lang", help="Language of the text (BCP 47); told by its words where absent.")
@click.option("--date", help="Day of the article (EDTF): who held an office is read as of then.")
@click.option("--pipeline", help="A spaCy pipeline to read with: needs onrecord[nlp].")
@click.option("--store/--no-store", "use_store", default=True, help="Link names to known actors.")
@as_json
@click.pass_obj
def propose(
    settings: Settings,
    file: Path,
    source_id: str | None,
    lang: str | None,
    date: str | None,
    pipeline: str | None,
    use_store: bool,
    as_json: bool,
) -> None:
    """Propose draft statements from an article: FILE (UTF-8 text; - is standard input).

    Nothing is written. With --json the drafts are lines of an interchange file, whose notes name
    the rule and its confidence; without it they are listed to be read.
    """
    with _seekable(file) as (opened, _):
        text = verification.decoded(opened.read(verification.MOST_BYTES + 1))
    try:
        edtf.parse(date or "2020")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--date") from error
    with _names(settings, date, use_store) as names:
        try:
            found = extract(text, lang, names=names, pipeline=pipeline or settings.pipeline)
        except (Unreadable, NoPipeline) as error:
            raise click.ClickException(str(error)) from error
    id = source_id or f"text-{ledger.body_hash(text.encode())[:12]}"
    tag = lang or ("en" if english(text, None) else None)
    for line in draft.records(text, found, source=id, lang=tag) if as_json else ():
        click.echo(json.dumps(line, ensure_ascii=False))
    for position, one in enumerate(() if as_json else found, start=1):
        _show_proposal(text, position, one)
    if tag != "en":
        click.echo("Not English: only quotations and known names are found.", err=True)
    click.echo(f"{len(found)} proposals", err=True)


@contextmanager
def _names(settings: Settings, date: str | None, use_store: bool) -> Iterator[Names | None]:
    """The names of the store; none where there is no store yet."""
    if not use_store:
        yield None
        return
    database = _open(settings)
    try:
        schema.ensure(database)
        with database.reader() as reader:
            yield KnownNames(reader, date)
    except Unavailable as error:
        if not isinstance(error, NotMigrated):
            raise
        yield None
    finally:
        database.close()


def _show_proposal(text: str, position: int, one: Proposal) -> None:
    """One proposal as a person reads it."""
    named = [
        mention.span.of(text) + (f" = {mention.actor}" if mention.actor else "")
        for mention in one.speakers
    ]
    who = ", ".join(named) or ("the document itself" if one.own_voice else "nobody named")
    cue = f" {one.cue.of(text)}" if one.cue else ""
    words = " … ".join(" ".join(span.of(text).split()) for span in one.content) or "(not what)"
    marks = [one.quotation_type, one.rule, f"{one.confidence:.2f}"]
    marks += [mark for mark in (one.polarity, one.factuality) if mark not in ("affirmed", "actual")]
    inside = f", inside {one.parent + 1}" if one.parent is not None else ""
    click.echo(f"{position}. {who}{cue}: {words}")
    click.echo(f"   [{', '.join(marks)}{inside}]")
    for figure in one.figures:
        click.echo(f"   {figure.measure}: {figure.as_worded} ({figure.qualifier})")


@main.group()
def source() -> None:
    """Sources and their private texts."""


@source.command()
@click.argument("id")
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of another snapshot.")
@click.option("--agent", default="command line", help="Who answers for the change.")
@click.option("--reason", help="Why, for the ledger.")
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
    with _seekable(file) as (opened, _):
        text = verification.decoded(opened.read(verification.MOST_BYTES + 1))
    counts = dict.fromkeys(Status, 0)
    with _store(settings) as database:
        with database.writer() as writer:
            attached = verification.attach(
                writer, id, text, agent=agent, reason=reason, replace=replace
            )
        with database.reader() as reader:
            for anchor in verification.of_source(reader, id):
                counts[anchor.verdict.status] += 1
                if anchor.verdict.status is not Status.exact:
                    _tell(as_json, {"anchor": anchor.as_dict()}, str(anchor))
    total = {"source": id, "sha256": attached.sha256, "result": attached.result}
    anchors = ", ".join(f"{count} {status}" for status, count in counts.items())
    sentence = f"{id}: {len(text):,} characters, sha256 {attached.sha256}. Anchors: {anchors}."
    _tell(as_json, {**total, "anchors": counts}, sentence)
    if counts[Status.moved] + counts[Status.ambiguous] + counts[Status.missing]:
        sys.exit(1)


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
        with _store(settings) as database:
            trusted = trusted or (_own_keys(settings, database) if checkpoints else [])
            kept = [checkpoint.parse(path.read_bytes(), trusted) for path in checkpoints]
            with database.reader() as reader:
                total = ledger.head(reader).seq * (1 if ledger_only else 2)
                walk, steps = audit.of_store(reader, kept, tables=not ledger_only)
                breaks = _walk(steps, total, as_json)
    for one in breaks[:100]:
        _tell(as_json, {"break": {"seq": one.seq, "detail": one.detail}}, str(one))
    _tell(as_json, *_verdict(walk, breaks, kept, signed=bool(trusted)))
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
    with _store(settings) as database:
        signer = checkpoint.signer(database, settings.seed, settings.origin)
        with database.reader() as reader:
            at = checkpoint.of(reader, signer.origin)
    note = signer.sign(str(at))
    found = {"size": at.size, "note": note, "key": str(signer.public)}
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else note, nl=as_json)


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_obj
def backup_(settings: Settings, file: Path, as_json: bool) -> None:
    """Write everything to FILE, a new SQLite store, while the service goes on.

    It holds private texts and keys: keep it as you would keep those. `onrecord restore` fills a
    new store from it, in either database; it can also be served and verified as it is.
    """
    with _store(settings) as database:
        _show(backup.make(database, file), as_json)
    copy = settings.model_copy(update={"database_url": f"sqlite:///{file}"})
    _tell(as_json, *_stands(copy, f"{file} holds"))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@click.pass_obj
def restore(settings: Settings, file: Path, as_json: bool) -> None:
    """Fill the store, which must be empty, from the backup FILE."""
    database = _open(settings)
    try:
        schema.migrate(database)
        _show(backup.restore(file, database), as_json)
    finally:
        database.close()
    _tell(as_json, *_stands(settings, "The store holds"))


def _show(steps: backup.Steps, as_json: bool) -> None:
    with click.progressbar(length=100, file=sys.stderr, hidden=as_json) as bar:
        for done, total in steps:
            bar.update(100 * done // max(total, 1) - bar.pos)


def _stands(settings: Settings, what: str) -> tuple[dict[str, Any], str]:
    with _store(settings) as database, database.reader() as reader:
        at = checkpoint.of(reader, "")
    root = checkpoint.encoded(at.root)
    return {"revisions": at.size, "root": root}, f"{what} {at.size} revisions, root {root}."


@main.command()
@as_json
@click.pass_obj
def rebuild(settings: Settings, as_json: bool) -> None:
    """Make every table again from the ledger."""
    with _store(settings) as database, database.writer() as writer:
        head = ledger.head(writer)
        with click.progressbar(length=head.seq, file=sys.stderr, hidden=as_json) as bar:
            at = 0
            for seq in project.rebuild(writer):
                bar.update(seq - at)
                at = seq
    _tell(
        as_json,
        {"revisions": head.seq},
        f"The tables stand again from {head.seq} revisions.",
    )


@main.command()
@click.option("--check", is_flag=True, help="Only say whether the committed document is right.")
@click.pass_obj
def openapi(settings: Settings, check: bool) -> None:
    """Write the OpenAPI document to openapi/openapi.json, or check that it is up to date."""
    in_memory = Database("sqlite://")
    document = create_app(settings, in_memory).openapi()
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if not check:
        OPENAPI.write_text(text, encoding="utf-8")
    elif not OPENAPI.exists() or OPENAPI.read_text(encoding="utf-8") != text:
        raise click.ClickException(
            "openapi/openapi.json is not what the app says; run make openapi"
        )
