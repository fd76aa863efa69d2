"""Which words of a mention are a person's, and which the office or the body that they belong to."""

from app.extract import lexicon
from app.extract.proposal import Mention, Span
from app.extract.tokens import Item

ORGANIZATIONS = lexicon.words(
    "ministry department council party university agency committee commission court office "
    "union association organization organisation organisations company corporation bank army "
    "forces government parliament embassy federation league club institute foundation group "
    "nations house senate congress police times post news journal guardian press radio "
    "television network inc inc. ltd ltd. corp corp. states republic kingdom service services "
    "board authority society center centre school college hospital church team movement front "
    "alliance church assembly administration duma secretariat directorate headquarters"
)


def of_country(words: list[Item], mention: Mention) -> bool:
    """Read `President Ada Brandt of Norland`: a person after an office, and whose office it is; and
    `President of Norland Ada Brandt`."""
    of = next((at for at, word in enumerate(words) if word.lower == "of"), 0)
    office = max((at for at in range(of) if words[at].lower in lexicon.TITLES), default=-1)
    last = max((at for at, word in enumerate(words) if word.lower == "of"), default=0)
    behind = words[last + 1 :]
    if 0 <= office == of - 1 and len(behind) == 3 and person(behind):
        mention.name = Span(behind[1].start, behind[2].end)
        mention.role = without_article(words, Span(words[0].start, behind[0].end))
        mention.status = "named"
        return True
    if of in (2, 3) and office < 0 and person(words[:of]) and words[0].text[0].isupper():
        mention.name = Span(words[0].start, words[of - 1].end)  # `Oto Lemm of the Port Ministry`
        mention.status = "named"
        return True
    if office < 0 or not person(words[office + 1 : of]) or of - office < 2:
        return False
    if not all(word.text[0].isupper() or word.lower == "the" for word in words[of + 1 :]):
        return False
    mention.name = Span(words[office + 1].start, words[of - 1].end)
    first = 1 if words[0].lower in ("the", "a", "an") else 0
    mention.role = Span(words[first].start, words[office].end)
    mention.status = "named"
    return True


def prosecutors(words: list[Item], stop: int) -> bool:
    """Whether an office belongs to an office: `Prosecutor General's Office`."""
    if stop < 3 or words[stop - 2].text.lower() not in ("'s", "’s"):
        return False
    owner = words[stop - 3].lower
    return words[stop - 1].lower == "office" and owner in lexicon.TITLES | {"prosecutor"}


def ministry_of(words: list[Item]) -> int:
    """Where a name begins whose head is an organisation with an `of`: `the Ministry of Foreign
    Affairs of the Sevrian Republic` is no republic."""
    start = 1 if words[0].lower in ("the", "a", "an") else 0
    head = next((at for at, word in enumerate(words) if word.lower == "of"), 0)
    named = head > start and all(word.text[0].isupper() for word in words[start:head])
    if named and words[head - 1].lower in ORGANIZATIONS:
        return start
    return len(words)


def person(words: list[Item]) -> bool:
    """Whether these are a person's names, and neither an office nor an organisation."""
    return all(
        word.text[0].isupper()
        and word.lower not in ORGANIZATIONS
        and word.lower not in lexicon.TITLES
        for word in words
    )


def without_article(words: list[Item], span: Span) -> Span:
    return (
        Span(words[1].start, span.end)
        if words[0].lower in ("the", "a", "an") and len(words) > 1
        else span
    )
