"""Draft statements from an article."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from app.cli.command import as_json, main, seekable, store
from app.errors import NotMigrated, Unavailable
from app.extract import LEAST, Names, NoPipeline, Proposal, Unreadable, draft, english, extract
from app.models import edtf
from app.settings import Settings
from app.store import ledger, verification
from app.store.known import KnownNames


@main.command()
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--source", "source_id", help="The id of the source that the drafts refer to.")
@click.option("--lang", help="Language of the text (BCP 47); told by its words where absent.")
@click.option("--date", help="Day of the article (EDTF): who held an office is read as of then.")
@click.option("--pipeline", help="A spaCy pipeline to read with: needs onrecord[nlp].")
@click.option(
    "--least-confidence",
    type=click.FloatRange(0, 1),
    default=LEAST,
    show_default=True,
    help="Leave out what is less sure; 0 proposes all.",
)
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
    least_confidence: float,
    use_store: bool,
    as_json: bool,
) -> None:
    """Propose draft statements from an article: FILE (UTF-8 text; - is standard input).

    Nothing is written. With --json the drafts are lines of an interchange file, whose notes name
    the rule and its confidence; without it they are listed to be read.
    """
    with seekable(file) as (opened, _):
        text = verification.decoded(opened.read(verification.MOST_BYTES + 1))
    try:
        edtf.parse(date or "2020")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--date") from error
    with _names(settings, date, use_store) as names:
        try:
            found = extract(
                text,
                lang,
                names=names,
                pipeline=pipeline or settings.pipeline,
                least_confidence=least_confidence,
            )
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
    try:
        with store(settings) as database, database.reader() as reader:
            yield KnownNames(reader, date)
    except Unavailable as error:
        if not isinstance(error, NotMigrated):
            raise
        yield None


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
