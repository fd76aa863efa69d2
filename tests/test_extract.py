"""Statements proposed from an article. Countries, persons and words here are invented."""

import sys
from collections.abc import Sequence
from functools import partial
from types import FrameType
from typing import Any

import pytest

from app.extract import MOST_CHARACTERS, Proposal, Unreadable, extract
from app.models.fold import fold

everything = partial(extract, least_confidence=0)
"""With what is unsure, for it is the rules that are tested."""

ARTICLE = """Sevria and Norland trade blame on eve of talks

PORT ALDER (Norland News) - Norland's foreign minister, Ada Brandt, said on Friday that Sevria \
believed almost 300 people had been killed in the strait. "There are losses on both sides, more \
than 40 on each side," Brandt told a meeting of the Harbour Club. "We will not leave."

The islands have also reported 37 civilians killed. Sevria hasn't disclosed its military losses, \
but says 63 civilians have been killed and 292 have been wounded.

Sevria denied that it shells towns, adding that its army "fires only at those who fire first".

"The strait belongs to those who fish in it.

"It will belong to them when we are gone," said Tomas Rehn, a spokesman for the islands.

The two sides traded accusations involving the shelling of harbours, and authorities in Port \
Alder said the town of Lund and several villages were struck. According to the Red Star agency, \
between 10 and 12 soldiers were captured.

Norland accused Sevria of starting the war. He read "The Grey Sea" on the ferry.

Rehn's comments come in the wake of Sevrian President Oto Lemm saying that he saw no way out.

It was reported that dozens had fled. The ministry refused to say whether the port was closed.

Photo: Ada Brandt in Port Alder / Norland News
"""


class Listed:
    """Names of actors, by what they are called."""

    def __init__(self, called: dict[str, list[str]], people: Sequence[str] = ()) -> None:
        self._called = {fold(name): ids for name, ids in called.items()}
        self._people = people

    def called(self, folded: str, /) -> Sequence[str]:
        return self._called.get(folded, ())

    def holding(self, role: str, /) -> Sequence[str]:
        return ["oto-lemm"] if fold(role) == fold("Sevrian president") else ()

    def is_person(self, actor: str, /) -> bool:
        return actor in self._people


def words(text: str, one: Proposal) -> str:
    return " … ".join(span.of(text) for span in one.content)


def speakers(text: str, one: Proposal) -> list[str]:
    return [mention.span.of(text) for mention in one.speakers]


def found(cue: str, text: str = ARTICLE) -> Proposal:
    (one,) = [one for one in everything(text) if one.cue and one.cue.of(text) == cue]
    return one


def only(text: str) -> Proposal:
    (one,) = everything(text, "en")
    return one


def test_everything_attributed_in_the_article_is_proposed_and_nothing_else() -> None:
    proposed = [(speakers(ARTICLE, one), words(ARTICLE, one)) for one in everything(ARTICLE)]
    assert proposed == [
        (
            ["Norland's foreign minister, Ada Brandt"],
            "Sevria believed almost 300 people had been killed in the strait",
        ),
        (["Sevria"], "almost 300 people had been killed in the strait"),
        (
            ["Brandt"],
            "There are losses on both sides, more than 40 on each side … We will not leave.",
        ),
        (["The islands"], "37 civilians killed"),
        ([], "Sevria hasn't disclosed its military losses"),
        (["Sevria"], "63 civilians have been killed and 292 have been wounded"),
        (["Sevria"], "it shells towns"),
        (["Sevria"], 'its army "fires only at those who fire first"'),
        (
            ["Tomas Rehn"],
            "The strait belongs to those who fish in it. … It will belong to them when we are gone",
        ),
        (["The two sides"], "the shelling of harbours"),
        (
            ["authorities in Port Alder"],
            "the town of Lund and several villages were struck",
        ),
        (["the Red Star agency"], "between 10 and 12 soldiers were captured"),
        (["Norland"], "Sevria … starting the war"),
        (["Rehn"], ""),
        (["Sevrian President Oto Lemm"], "he saw no way out"),
        ([], "dozens had fled"),
        (["The ministry"], "whether the port was closed"),
    ]


def test_how_it_is_quoted_and_meant() -> None:
    assert found("told").quotation_type == "direct"
    assert found("adding").quotation_type == "mixed"
    assert found("comments").quotation_type == "reported"
    assert found("denied").polarity == "negated"
    assert found("say").factuality == "not_said"
    assert found("believed").mode == "thought"
    assert found("accused").speech_act == "accusation"


def test_words_within_words_and_who_they_were_said_to() -> None:
    proposals = everything(ARTICLE)
    inner = found("believed")
    assert inner.parent is not None
    assert proposals[inner.parent].lemma == "say"
    (hearer,) = found("told").addressees
    assert hearer.span.of(ARTICLE) == "a meeting of the Harbour Club"


def test_names_offices_and_kinds_of_speakers() -> None:
    (lemm,) = found("saying").speakers
    assert lemm.name is not None
    assert lemm.role is not None
    assert (lemm.name.of(ARTICLE), lemm.role.of(ARTICLE)) == ("Oto Lemm", "Sevrian President")
    (rehn,) = (
        mention
        for one in everything(ARTICLE)
        for mention in one.speakers
        if mention.span.of(ARTICLE) == "Tomas Rehn"
    )
    assert rehn.role is not None
    assert rehn.role.of(ARTICLE) == "spokesman for the islands"
    kinds = {
        mention.span.of(ARTICLE): mention.status
        for one in everything(ARTICLE)
        for mention in one.speakers
    }
    assert kinds["The islands"] == kinds["The two sides"] == "collective"
    assert kinds["Brandt"] == kinds["Sevria"] == "named"


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        (
            "almost 5,000 people had been killed",
            ("killed", "almost 5,000", "almost", None, None, 5000),
        ),
        ("more than 2,000 died", ("killed", "more than 2,000", "more_than", 2000, None, None)),
        ("at least 12 were injured", ("wounded", "at least 12", "at_least", 12, None, None)),
        ("up to 30 people are missing", ("missing", "up to 30", "at_most", None, None, 30)),
        ("about 100 fled", ("displaced", "about 100", "about", None, 100, None)),
        (
            "between 10 and 12 were captured",
            ("captured", "between 10 and 12", "between", 10, None, 12),
        ),
        ("dozens were killed", ("killed", "dozens", "vague", None, None, None)),
        ("three tanks were destroyed", ("destroyed", "three", "exactly", None, 3, None)),
        ("2 million people fled", ("displaced", "2 million", "exactly", None, 2_000_000, None)),
    ],
)
def test_figures_keep_their_wording_and_the_bounds_it_gives(
    text: str, figure: tuple[Any, ...]
) -> None:
    (one,) = only(f"Officials said {text}.").figures
    assert (one.measure, one.as_worded, one.qualifier, one.low, one.best, one.high) == figure


def test_figures_say_who_is_counted_and_that_a_number_is_withheld() -> None:
    killed, wounded = found("says").figures
    assert (killed.as_worded, killed.population) == ("63 civilians", "civilian")
    assert (wounded.measure, wounded.best) == ("wounded", 292)
    assert found("told").figures[0].per == "each"
    assert not found("denied").figures
    (withheld,) = next(one for one in everything(ARTICLE) if one.own_voice).figures
    assert (withheld.status, withheld.population, withheld.best) == (
        "undisclosed",
        "military",
        None,
    )


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 the army killed time in 12 hours and paid 5 percent.",
        "Officials said in 1994 the war ended after 20 days.",
    ],
)
def test_dates_and_durations_are_no_figures(text: str) -> None:
    assert [one.figures for one in everything(text, "en")] in ([], [[]])


@pytest.mark.parametrize(
    "text",
    [
        'He read "The Grey Sea" on the ferry.',
        'The so-called "peace force" left the town.',
        "Photo: Ada Brandt, who said she was glad / Norland News",
        "Reporting by Tomas Rehn; editing by Ada Brandt",
        "The claims office closed. The reports are on the table.",
        "A show of lights can be seen from the hall.",
    ],
)
def test_what_is_no_statement(text: str) -> None:
    assert everything(text, "en") == []


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ('"We are ready," she said.', "she", "We are ready"),
        ("“We are ready”, said Brandt.", "Brandt", "We are ready"),
        ('"We," she said, "are ready for it."', "she", "We … are ready for it."),
        ("The army has left, the minister said.", "the minister", "The army has left"),
        ("The army, she said, has left the town.", "she", "The army … has left the town"),
        ("As Brandt told the paper, the army has left.", "Brandt", "the army has left"),
        ("Brandt vowed to fight on.", "Brandt", "to fight on"),
        ("Brandt urged Sevria to stop.", "Brandt", "Sevria to stop"),
        ("Brandt described the talks as useless.", "Brandt", "the talks as useless"),
        ("Brandt's claim that the army left is new.", "Brandt", "the army left is new"),
        ("Brandt condemned the attack on Lund.", "Brandt", "the attack on Lund"),
        ("The army left, according to Brandt.", "Brandt", "The army left"),
    ],
)
def test_ways_to_attribute(text: str, speaker: str, content: str) -> None:
    one = only(text)
    assert (speakers(text, one), words(text, one)) == ([speaker], content)


NAMES = Listed(
    {
        "Ada Brandt": ["ada-brandt"],
        "Brandt": ["ada-brandt"],
        "Oto Lemm": ["oto-lemm"],
        "Sevria": ["sevria"],
        "Jon Aker": ["jon-aker"],
        "Mia Aker": ["mia-aker"],
        "Аза Брандт": ["ada-brandt"],
    },
    people=["ada-brandt", "oto-lemm", "jon-aker", "mia-aker"],
)


def linked(text: str) -> list[str | None]:
    return [
        mention.actor for one in everything(text, "en", names=NAMES) for mention in one.speakers
    ]


def test_who_is_meant() -> None:
    assert linked("Ada Brandt said it rained. Brandt said it would stop.") == ["ada-brandt"] * 2
    assert linked("The Sevrian president said it rained.") == ["oto-lemm"]
    assert linked("Sevria said it rained.") == ["sevria"]
    assert linked('Ada Brandt said it rained. "It will stop," she said.') == ["ada-brandt"] * 2


def test_it_abstains_rather_than_guess() -> None:
    assert linked("Brandt said it rained.") == [None]  # of which Brandts there may be more
    two = "Jon Aker said it rained. Mia Aker said it did not. Aker said it would stop."
    assert linked(two) == ["jon-aker", "mia-aker", None]
    two = "Jon Aker said it rained, and Mia Aker said it did not. He said it would stop."
    assert linked(two)[-1] is None


def test_other_languages_give_quotations_and_known_names() -> None:
    text = "Аза Брандт сказала: «Мы не уйдём из города никогда». Потом был дождь."
    (one,) = everything(text, names=NAMES)
    assert words(text, one) == "Мы не уйдём из города никогда"
    assert (one.rule, one.speakers[0].actor) == ("quotation-only", "ada-brandt")


def test_offsets_count_code_points() -> None:
    text = "𝔑orland 🙂 said “we 🙂 will stay here”."
    one = only(text)
    assert words(text, one) == "we 🙂 will stay here"


@pytest.mark.parametrize("text", ["", " \n", "\ufeff", "…", '"', "“”", "said", "🙂" * 50])
def test_next_to_nothing_proposes_nothing(text: str) -> None:
    assert everything(text) == []


@pytest.mark.parametrize("text", ["a\0b", "\x01\x02" * 40, "x" * (MOST_CHARACTERS + 1)])
def test_what_is_no_article_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        everything(text)


def steps(text: str, lang: str) -> int:
    """How many lines of the extractor run for a text: a clock that no other process can slow."""
    count = 0

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if "extract" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return line

    sys.settrace(line)
    try:
        everything(text, lang)
    finally:
        sys.settrace(None)
    return count


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(
    "unit",
    [
        '"',
        '" ',
        "“",
        "'a ",
        "(",
        "he said, ",
        "he said that ",
        "the man of the town and ",
        "5,000 killed and ",
        '"He said this\n\n',
        "According to him, ",
        'قال الوزير "هذا كلام طويل جدا من كلمات" ',
        '"We are all here today," John Smith said. He said it was. ',
    ],
)
def test_the_work_grows_with_the_length_and_no_faster(unit: str, lang: str) -> None:
    short = unit * (1_200 // len(unit))
    assert steps(short * 2, lang) < 2.5 * steps(short, lang) + 1_000
