"""From an article to draft statements: pure functions of the text.

`extract` reads a text and proposes what it attributes to whom. The built-in rules need nothing but
Python; `pipeline` names a spaCy pipeline to read with instead (the extra `onrecord[nlp]`).
"""

import re

from app.extract import builtin, finish, foreign, sure, who
from app.extract.assemble import proposals
from app.extract.figures import figures
from app.extract.finish import english
from app.extract.proposal import Mention, Number, Proposal, Span
from app.extract.refusals import NoPipeline, Unreadable
from app.extract.sure import LEAST
from app.extract.who import Names

__all__ = (
    "LEAST",
    "MOST_CHARACTERS",
    "Mention",
    "Names",
    "NoPipeline",
    "Number",
    "Proposal",
    "Span",
    "Unreadable",
    "english",
    "extract",
)

MOST_CHARACTERS = 1_000_000
"""A longer text is no article: it is refused, so that nobody waits for a book."""


def extract(
    text: str,
    lang: str | None = None,
    *,
    names: Names | None = None,
    pipeline: str | None = None,
    least_confidence: float = LEAST,
) -> list[Proposal]:
    """The attributions that `text` makes, in reading order, for a person to look at.

    `lang` is a BCP 47 tag; without one, English is told by its commonest words. In any other
    language only quotations and known names are found. Who is meant is read against `names`.
    What of an English text is less sure than `least_confidence` is left out.
    Raises `Unreadable` for a text of more than MOST_CHARACTERS, or one that is no text.
    """
    check(text)
    names = names or who.Nobody()
    if not english(text, lang):
        return foreign.extract(text, names)
    if pipeline:
        from app.extract import parsed  # spaCy is loaded only by those who ask for it

        found = proposals(text, parsed.reader(pipeline))
    else:
        found = proposals(text, lambda _, sentences: builtin.read(sentences))
    for one in found:
        one.figures = figures(text, one.content)
    finish.silences(text, found)
    who.resolve(text, found, names)
    sure.weigh(text, found)
    found = sure.enough(found, least_confidence)
    finish.innermost(found)
    return found


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def check(text: str) -> None:
    """Raise `Unreadable` where a text is too long, or binary data that was taken for text."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(
            f"the text has {len(text):,} characters and at most {MOST_CHARACTERS:,} are read; "
            "give one article at a time"
        )
    sample = text[:10_000]
    control = len(_CONTROL.findall(sample))
    if "\0" in text or control > len(sample) / 50:
        raise Unreadable("this is not text but binary data; give the words of the article")
