"""Who can be a speaker: whoever has a name or an office, people, an organisation, a paper."""

from app.extract import lexicon
from app.extract.tokens import Words

_WHO = lexicon.TITLES | lexicon.COLLECTIVE | lexicon.ANONYMOUS | lexicon.DOCUMENTS | lexicon.PEOPLE
_PAPERS = lexicon.words("findings results reports studies statements polls surveys documents")
_ARMS = lexicon.words(
    "missiles rockets shells drones bombs tanks mortars grenades bullets guns weapons munitions"
    " jets ships vehicles buildings houses homes streets roads trucks convoys"
)
"""Things that are many and are heard of, and say nothing."""
_CHIEFLY = lexicon.words("of for in at from by to on with who near")


def speaks(items: Words, start: int, end: int) -> bool:
    """Whether these words may name a speaker: `the long-running conflict` does not."""
    if start >= end:
        return False
    stop = next(
        (
            at
            for at in range(start + 1, end)
            if items[at].lower in _CHIEFLY or items[at].text == ","
        ),
        end,
    )
    head = items[stop - 1]
    if (
        head.tag in ("X", "I", "Q")
        or head.lower in _WHO | _PAPERS
        or head.lower in ("both", "others", "many")
    ):
        return True
    if any(item.tag == "X" for item in items[start:stop]) and not head.lower.endswith("s"):
        return True  # `Norland's service`
    if head.lower in lexicon.EVENTS | _ARMS:
        return False  # `the clashes claimed many`
    plural = head.lower.endswith("s") and not head.lower.endswith(("ss", "ions", "ments", "ings"))
    return plural and (head.lower[:-1] in _WHO or head.tag == "W")
