"""What another editor, who judged proposals without having a part in the rules, found wrong or
missing, kind by kind, in invented countries."""

import pytest

from app.extract import extract
from tests.test_extract_gold import proposed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Lemm said Norland has not left as agreed in the truce brokered by Sevria that brought"
            " a halt to a war in which 900 people died.",
            [("Lemm", "Norland has not left as agreed in the truce")],
        ),
        (
            "Norland warned against any raid after mortar fire hit its villages.",
            [("Norland", "any raid")],
        ),
        ("Norland warns Sevria, Lund against border raids", [("Norland", "border raids")]),
        (
            "LUND/PORT (Wire News / Mail - 07th October, 2020) The port has come under fire once"
            " again, Oto Lemm said.",
            [("Oto Lemm", "The port has come under fire once again")],
        ),
        (
            "They accused Norland of starting the war that began on Sunday.",
            [("They", "Norland … starting the war")],
        ),
        (
            "Norland regards Sevria's raids as provocation - statement",
            [("Norland", "Sevria's raids as provocation")],
        ),
        (
            "Both sides dismissed demands for a truce in Lund, where fighting has gone on.",
            [("Both sides", "demands for a truce in Lund")],
        ),
    ],
)
def test_where_the_reporter_goes_on(text: str, expected: list[tuple[str, str]]) -> None:
    assert proposed(text)[:1] == expected


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (
            "It broke out after both the Norlandic and Sevrian armed forces accused one another"
            " of breaking the truce.",
            "both the Norlandic and Sevrian armed forces",
        ),
        (
            "The world community, including the Lund Group, which is led by Norland, Sevria, and"
            " Marland, have called on all parties to stop.",
            "The world community",
        ),
        (
            "The envoys of the Lund Group, Ada Brandt of Norland, Pia Holm of Sevria, and Oto Lemm"
            " of Marland, condemned the violence.",
            "The envoys of the Lund Group",
        ),
        (
            "Meanwhile, the Defence Ministry in Norland, traditionally a power that has mediated in"
            " the war, said that it would stay.",
            "the Defence Ministry in Norland",
        ),
        ("A rebel who fought in the Sevrian war told the paper that it rained.", "A rebel"),
        (
            "A Mail correspondent at the port reports that it rained.",
            "A Mail correspondent at the port",
        ),
        ("Doctors Without Borders called for the safety of residents.", "Doctors Without Borders"),
        ("It rained, three sources working there said.", "three sources"),
        (
            "Some 20 people are dead in it, Lund’s former mayor and State Minister Oto Lemm said.",
            "former mayor and State Minister Oto Lemm",
        ),
    ],
)
def test_who_is_told_whole(text: str, who: str) -> None:
    (one,) = extract(text, "en", least_confidence=0.6)
    assert who in one.speakers[0].span.of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It was a bloody week, with each side accusing the other of breaking the truce.",
            [("each side", "the other … breaking the truce")],
        ),
        (
            "Norland and Sevria once more accused each other of firing.",
            [("Norland and Sevria", "each other … firing")],
        ),
        (
            "They called on the council Saturday to “recognize the port”.",
            [("They", "the council … to “recognize the port”")],
        ),
        (
            "They called on the council, the Lund Group and Norland “to do all” to free envoys.",
            [("They", "the council, the Lund Group and Norland “to do all” …")],
        ),
        (
            "Norland expressed its “alarm at the news of raids”.",
            [("Norland", "alarm at the news of raids")],
        ),
        ("Moreover, he said, the ministry issued a warning.", [("he", "the ministry issued …")]),
        ("It rained in the port., the mayor said.", [("mayor", "It rained in the port")]),
        (
            "The port of Lund was shelled all day.\n\nSpokesman Oto Lemm said this on Friday.",
            [("Oto Lemm", "The port of Lund was shelled all day")],
        ),
        (
            "The port of Lund was shelled all day.\n\nSpokesman Oto Lemm made this",
            [],
        ),
        ("It is feared that Norland could be drawn into a war.", []),
        ("Clashes in the strait, which went on all day, worried the Lund ministry.", []),
        ("The group cited “scores of films” posted that day.", []),
    ],
)
def test_what_was_missed_or_none(text: str, expected: list[tuple[str, str]]) -> None:
    found = proposed(text)
    assert len(found) == len(expected)
    for (who, what), (whose, told) in zip(found, expected, strict=True):
        assert who.removeprefix("the ") == whose
        assert what.startswith(told.removesuffix(" …"))


def test_a_quotation_that_stands_alone_is_whose_the_text_tells() -> None:
    headline = (
        "“The shelling of the harbour creates difficulties for the Norlanders.”\n\n"
        "Sevrian experts believe that the shelling of the Lund harbour creates difficulties for"
        " Norlanders there."
    )
    assert [who for who, _ in proposed(headline)] == ["Sevrian experts", "Sevrian experts"]
    between = (
        "Norland's Foreign Ministry said that it rained.\n\nA film crew was hit on Friday.\n\n"
        "“This shows once again that the mines were laid on purpose.”\n\n"
        "The ministry said that it snowed."
    )
    assert proposed(between)[1][0] == "Norland's Foreign Ministry"
    another = between.replace("The ministry said", "Sevria said")
    assert proposed(another)[1][0] == ""
