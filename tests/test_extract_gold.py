"""What a reader who listed an article's statements first found missing or wrong, kind by kind, in
invented countries."""

import pytest

from app.extract import extract
from tests.test_extract import words


def proposed(text: str) -> list[tuple[str, str]]:
    """Who and what, of what is proposed by default."""
    return [
        ("; ".join(mention.core.of(text) for mention in one.speakers), words(text, one))
        for one in extract(text, "en", least_confidence=0.65)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Stressing that Norland would fight on, Lemm said the port was open.",
            [("Lemm", "Norland would fight on"), ("Lemm", "the port was open")],
        ),
        (
            "Lemm said it rained, adding that, consequently, the port was shut.",
            [("Lemm", "it rained"), ("Lemm", "consequently, the port was shut")],
        ),
        ("It rained, Prime Minister Oto Lemm said Oct. 2.", [("Oto Lemm", "It rained")]),
        (
            "From dawn on May 3, Lund was shelled, residents told the “Harbour Mail” reporter.",
            [("residents", "From dawn on May 3, Lund was shelled")],
        ),
        ("The “Harbour Mail” has reported that it rained.", [("Harbour Mail", "it rained")]),
        (
            "“It rained all day,” the U.S.-based group said.",
            [("U.S.-based group", "It rained all day")],
        ),
        ('"It rained. It was cold." he said.', [("he", "It rained. It was cold.")]),
        ("Norland pledged to “repel the raid.”", [("Norland", "to “repel the raid.”")]),
        ("“It rained all day,” he drew attention.", [("he", "It rained all day")]),
        ("Oto Lemm: “We have won all the day”", [("Oto Lemm", "We have won all the day")]),
        (
            "Norland voiced support for Sevria in the strait and blamed Lund for the raid.",
            [("Norland", "support for Sevria in the strait"), ("Norland", "Lund … the raid")],
        ),
        (
            "Norland expressed readiness on Monday to meet in Lund.",
            [("Norland", "readiness … to meet in Lund")],
        ),
        ("Norland expressed condolences.", []),
        (
            "Sources told the paper that Norland sent ships, which Norland and Sevria denied.",
            [
                ("Sources", "Norland sent ships"),
                ("Norland and Sevria", "Norland sent ships"),
            ],
        ),
        ("They urged an immediate truce.", [("They", "an immediate truce")]),
        (
            "Mia Holm, a refugee from Lund, is worried that it will rain.",
            [("Mia Holm", "it will rain")],
        ),
        (
            "“It rained all day,” Lemm said, according to the ministry.",
            [("Lemm", "It rained all day")],
        ),
        ("Lemm ruled out talks with Sevria.", [("Lemm", "talks with Sevria")]),
        (
            "Lemm warned Norland against firing on Lund.",
            [("Lemm", "firing on Lund")],
        ),
        (
            "The parties agreed, through the mediation of the envoys, to begin talks.",
            [("The parties", "to begin talks")],
        ),
        (
            "Lemm condemned what he called a “raid on peace”.",
            [("Lemm", "what he called a “raid on peace”")],
        ),
    ],
)
def test_what_was_missed(text: str, expected: list[tuple[str, str]]) -> None:
    found = proposed(text)
    assert [(who.removeprefix("the "), what) for who, what in found] == [
        (who.removeprefix("the "), what) for who, what in expected
    ]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            "Norland said it hit “lawful targets”, but the paper has spoken to a survivor.",
            "it hit “lawful targets”",
        ),
        (
            "Norland denied sending ships to aid Sevria, its longtime ally.",
            "sending ships to aid Sevria",
        ),
        (
            "Lemm said the road would stay open despite Norland's insistence on a gate.",
            "the road would stay open",
        ),
        ("According to Lemm, it would rain, the source quoted.", "it would rain"),
        (
            "According to Lemm, it rained; and, therefore, the port “was closed to all of us.”",
            "it rained; and, therefore, the port “was closed to all of us.”",
        ),
        (
            "Speaking to the mayor, Lemm said it rained, according to the town.",
            "Lemm said it rained",
        ),
        ("“It has rained,” Lemm wrote, but he failed to prove it.", "It has rained"),
        ("Lemm said he would sign, but is now being blamed.", "he would sign"),
        ("Lemm condemned the raid, in a new upsurge in violence.", "the raid"),
        ("Norland called for a vote, waving flags.", "a vote"),
        ("Norland said it should join, something Sevria opposes.", "it should join"),
        ("Lemm said it rained, but renewed his call to fight on.", "it rained"),
        ("Norland said it had won after both sides accused each other of firing.", "it had won"),
        ("Norland accused Sevria of firing, casting doubt on the talks.", "Sevria … firing"),
        ("However, “any such deal is bad for us”, he complained.", "any such deal is bad for us"),
        ("Lund [NL], October 19 (NP/Press): It rained, the army said.", "It rained"),
    ],
)
def test_where_the_reporter_goes_on(text: str, content: str) -> None:
    assert proposed(text)[0][1] == content


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("After days of fighting, Norland and Sevria said it rained.", "Norland and Sevria"),
        (
            "A statement released by the ministers of Norland as well as Sevria said it rained.",
            "A statement released by the ministers of Norland as well as Sevria",
        ),
        ("“It rained all day,” says the Harbour report.", "the Harbour report"),
        ("According to the Harbour report, “it rained all day.”", "the Harbour report"),
        ("According to his story, it rained.", "his"),
        ("Lemm, according to his office, accused Sevria of firing.", "Lemm"),
        ("The cousin, interviewed by telephone, said Lemm was dead.", "The cousin"),
        ("It rained when Norland fired missiles at Lund, said the mayor.", "the mayor"),
        ("They have repeatedly issued statements calling for a truce.", "They"),
    ],
)
def test_who_is_told_to_say_it(text: str, who: str) -> None:
    assert [
        one.speakers[0].span.of(text) for one in extract(text, "en", least_confidence=0.65)
    ] == [who]


@pytest.mark.parametrize(
    "text",
    [
        "Envoys from ten member states making up the group met in Lund.",
        "The raid has helped Sevria, giving it a place, it hopes, to weigh in on peace.",
        "In addition, the council met, it was hoped, to talk.",
    ],
)
def test_what_is_no_statement(text: str) -> None:
    assert proposed(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Lemm said he believed that it would rain.",
        "Norland announced it was launching what it described as “local measures”.",
        "The ministry said that it rained, according to a statement.",
    ],
)
def test_one_thing_is_proposed_once(text: str) -> None:
    assert len(proposed(text)) == 1


def test_a_second_verb_belongs_to_who_announced() -> None:
    text = "Norland announced it was launching what it described as “raids” and demanded a truce."
    assert proposed(text)[-1] == ("Norland", "a truce")
