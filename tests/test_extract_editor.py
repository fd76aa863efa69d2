"""What an independent editor found wrong in news on a war, kind by kind, in invented countries."""

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
    ("text", "content"),
    [
        ("Norland said it “had won,” in televised remarks hours after the raid.", "it “had won,”"),
        (
            "Norland stated that all who believe and claim that it has fled are wrong.",
            "all who believe and claim that it has fled are wrong",
        ),
        (
            "It must not rain; therefore, the port must be “closed to all,” stressed Lemm.",
            "It must not rain; therefore, the port must be “closed to all,”",
        ),
        ("07:30 GMT – The port is open, the army says.", "The port is open"),
        ("Norland said only four boats have left.", "only four boats have left"),
        ("Norland stressed its aim of peace when it met the envoys.", "its aim of peace"),
        ("Norland said it had won Lund – while Sevria said it had fled.", None),
        ("Norland said it had won Lund after the worst raid in years left 20 dead.", None),
        ("Norland said it had won Lund, after which it declared a holiday.", None),
        ("Norland said it had won Lund, “Port Mail” reported.", None),
        ("Norland said it had won Lund, as well as stressed that it would rain.", None),
        ("Meanwhile Norland said it had won Lund, Sevria considers it lost.", None),
        (
            "Norland said it had won the “line,” a strip that parts the towns.",
            "it had won the “line,”",
        ),
        (
            "Lemm said that Norland would win, as clashes between both armies raged.",
            "Norland would win",
        ),
        ("Norland said it had won, taking the overall toll to at least 36.", "it had won"),
        ("Norland said that it had won, disregarding calls from Sevria to stop.", "it had won"),
        (
            "Norland said it had won Lund, an island enclave that belongs to Sevria.",
            "it had won Lund",
        ),
        ("Norland said it had won Lund, which is internationally recognised as Sevrian.", None),
        ("Norland said it had won Lund, after launching a raid that killed 200 people.", None),
        ("Norland said it had won Lund, the second-largest town of the island.", None),
        ("Norland said it had won Lund, a claim rejected by Sevria.", None),
        ("Norland said it had won Lund, which was denied by Sevria.", None),
        ("Norland said it had won Lund, but how it did so is unclear.", None),
        ("Norland said that it had won Lund after Sevria said it had fled.", None),
        ("Norland says it has won Lund, Sevria seeks truce", "it has won Lund"),
        ("Norland says it has won Lund, writes Press.", "it has won Lund"),
        (
            "Norland reaffirmed its order in July, yet Sevria has refused to obey.",
            "its order in July",
        ),
        (
            "Norland said that its army had destroyed a command and staff point.",
            "its army had destroyed a command and staff point",
        ),
        (
            "Norland said that in order to save the port, contact is maintained with the town.",
            "in order to save the port, contact is maintained with the town",
        ),
        (
            "Lemm noted that the minister, who had visited the port, encourages tension.",
            "the minister, who had visited the port, encourages tension",
        ),
        (
            "Lemm stated that some groups and units of the army have pledged to fight.",
            "some groups and units of the army have pledged to fight",
        ),
        ("Lemm stated that, “Our line has been crossed.”", "Our line has been crossed."),
        (
            "Lemm wrote on the paper's page that evening: “The fighting still goes on.”",
            "The fighting still goes on.",
        ),
        (
            "This raid is “illegal and wrong,” Lemm told reporters.",
            "This raid is “illegal and wrong,”",
        ),
        (
            "Lemm said that ” Norland has launched a raid to free its lands,” on Monday.",
            "Norland has launched a raid to free its lands",
        ),
        (
            "Norland stressed, in its second call this week, the need for talks.",
            "the need for talks",
        ),
        (
            "Norland says at this rate, there will be no boats left.",
            "at this rate, there will be no boats left",
        ),
    ],
)
def test_what_a_reporter_hangs_on_is_no_part_of_it(text: str, content: str | None) -> None:
    assert (content or "it had won Lund") in [what for _, what in proposed(text)]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Norland accused Sevria of firing, reporting about its towns.", "Sevria … firing"),
        ("Norland called for a truce after envoys from Lund and Sevria met.", "a truce"),
        (
            "Norland thanked the Secretary of State for the help.",
            "the Secretary of State … the help",
        ),
        ("Norland called Lemm “a plague” of the port.", "Lemm “a plague” of the port"),
        ("Norland accused Sevria of firing on the ninth day of the war.", "Sevria … firing"),
        ("Norland accused Sevria of firing amid reports of losses.", "Sevria … firing"),
        ("Norland accused Sevria of firing just hours after the truce began.", "Sevria … firing"),
        ("Norland accused Sevria of firing, and Lund burned all the night.", "Sevria … firing"),
        ("While Norland accused Sevria of firing, the port burned.", "Sevria … firing"),
        ("Norland accuses Sevria of firing, prepares for more", "Sevria … firing"),
        ("Norland called on Sevria to leave, while demanding a truce.", "Sevria to leave"),
        ("Norland called on Sevria to leave and offered to hold talks.", "Sevria to leave"),
        ("Lemm urged, on Wednesday, both sides to leave.", "both sides to leave"),
        ("They call again for a truce.", "a truce"),
        ("Norland has denied the presence of guns in Lund despite mounting evidence.", None),
    ],
)
def test_where_a_charge_or_a_demand_ends(text: str, target: str | None) -> None:
    (found,) = [what for _, what in proposed(text)]
    assert found == (target or "the presence of guns in Lund")


@pytest.mark.parametrize(
    "text",
    [
        "The chief of the bloc added his voice to calls for a truce in Lund.",
        "He was referring to a raid that took place on Saturday.",
        "Oto Lemm praised Norland's President Ada Brandt.",
        "Norland's statements on the port are an absurdity.",
        "The clashes claimed hundreds of lives.",
        "They meet the envoys, aides of the group charged with mediating, in Lund.",
        "Brandt reminded Lemm of his promise not to leave.",
        "NORPRESS reports the site of the ministry informs.",
        "The ministry reported this, writes Press.",
        "Lund and Port, which dispute the ownership of the bay, met on Monday.",
        "Sailors claiming to be fishermen have blocked the port.",
        "Norland blamed Sevria for it.",
        "A source said this to the paper.",
        "The truce came after talks that were announced by Norland and Sevria.",
        "NORPRESS reports the secretary of the party wrote on his page.",
    ],
)
def test_what_an_editor_would_not_take_for_a_statement(text: str) -> None:
    assert proposed(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Press informs that Oto Lemm, the mayor, commented on the raid\n\n“It rained on us.”",
            [("Oto Lemm", "It rained on us.")],
        ),
        (
            "The Foreign Ministers of Norland, Sevria and Lund stressed that it rained.",
            [("The Foreign Ministers of Norland, Sevria and Lund", "it rained")],
        ),
        (
            "Oto Lemm, aide to Norland's president, Ada Brandt, said it rained.",
            [("Oto Lemm", "it rained")],
        ),
        ("Oto Lemm of the Port Ministry said it rained.", [("Oto Lemm", "it rained")]),
        (
            "A number of towns, such as Lund, Port and Bay, said it rained.",
            [("A number of towns", "it rained")],
        ),
        ("The council on May 3 said it rained.", [("The council", "it rained")]),
        ("Project Harbour says it rained.", [("Project Harbour", "it rained")]),
        (
            "It was calm, there were no raids, said the head of the port's office Oto Lemm.",
            [("Oto Lemm", "It was calm, there were no raids")],
        ),
        (
            "It rained, said the spokesman for the head of the port, Oto Lemm.",
            [("Oto Lemm", "It rained")],
        ),
        (
            "Brandt said Norland deplores the raids and called for a truce.",
            [("Brandt", "Norland deplores the raids"), ("Brandt", "a truce")],
        ),
        (
            "Lemm went on to say that the port would close.",
            [("Lemm", "the port would close")],
        ),
        (
            "Brandt stated that Norland has proof that guns were sold and asked Sevria to act.",
            [
                ("Brandt", "Norland has proof that guns were sold"),
                ("Brandt", "Sevria to act"),
            ],
        ),
        (
            "The paper said that Brandt voiced concern and urged Sevria to leave.",
            [
                ("The paper", "Brandt voiced concern and urged Sevria to leave"),
                ("Brandt", "Sevria to leave"),
            ],
        ),
        (
            "Brandt said that “the army has won all the day” and called it “a feast”.",
            [("Brandt", "the army has won all the day"), ("Brandt", "it “a feast”")],
        ),
        (
            "It will rain, the minister said, NORPRESS reported.",
            [("the minister", "It will rain")],
        ),
        (
            "Norland's army has fled, Press reports citing Sevrian Foreign Ministry.",
            [("Sevrian Foreign Ministry", "Norland's army has fled")],
        ),
        (
            "Norland said it had won Lund, a claim Sevria denied.",
            [("Norland", "it had won Lund"), ("Sevria", "it had won Lund")],
        ),
        (
            "President Oto Lemm of Norland expressed concern about raids, saying they must end.",
            [("Oto Lemm", "raids"), ("Oto Lemm", "they must end")],
        ),
        (
            "The leader of the internationally unknown Lund Republic, Ada Brandt, said it rained.",
            [("Ada Brandt", "it rained")],
        ),
        ("The ministers themselves said that it rained.", [("The ministers", "it rained")]),
        ("A woman, Mia, told the paper that it rained.", [("Mia", "it rained")]),
        (
            "While Norland fled, Prime Minister of Sevria Ada Brandt, warned that it rained.",
            [("Ada Brandt", "it rained")],
        ),
        (
            "The Prosecutor General's Office said it rained.",
            [("Prosecutor General's Office", "it rained")],
        ),
        (
            "In reply to a journalist, Lemm said the following: “It has rained all the day.”",
            [("Lemm", "It has rained all the day.")],
        ),
        (
            "Lemm says it rained.\n\n“It has rained all the day in the town of Lund.”",
            [("Lemm", "it rained"), ("Lemm", "It has rained all the day in the town of Lund.")],
        ),
        (
            "The Turkic president on Monday reiterated his call for a withdrawal of the army.",
            [("The Turkic president", "a withdrawal of the army")],
        ),
        (
            "Lund / Port (dpa) – In the south the rain has begun, according to President Oto Lemm.",
            [("Oto Lemm", "In the south the rain has begun")],
        ),
    ],
)
def test_whose_words_they_are(text: str, expected: list[tuple[str, str]]) -> None:
    found = proposed(text)
    assert [what for _, what in found] == [what for _, what in expected]
    for (who, _), (due, _) in zip(found, expected, strict=True):
        assert who.removeprefix("The ") == due.removeprefix("The ")


@pytest.mark.parametrize(
    "text",
    [
        "Norland said that it had won Lund, as clashes raged, and asked Sevria to leave the port.",
        "While Norland accused Sevria of firing on Lund, an enclave that is disputed, it fled.",
        "Lemm, aide to the mayor, Ada Brandt, said the following: “It rained,” as Press writes.",
        "Norland denied that “it fired all the day” and called it “a lie”, after Sevria said so.",
        "They called again for talks as a truce looked frail a day after the raid, blaming it.",
        "It rained, Press reports on July 13 referring to the ministry of the port of Lund.",
    ],
)
def test_a_sentence_may_be_cut_off_anywhere(text: str) -> None:
    """A text that ends in the middle is read as far as it goes."""
    parts = text.split()
    for end in range(1, len(parts)):
        for added in ("", ",", " and", " to", " of"):
            assert extract(" ".join(parts[:end]) + added, "en", least_confidence=0) is not None


def test_plain_marks_at_both_ends_of_three_paragraphs_hold_one_quotation() -> None:
    text = 'Lemm says it rained.\n\n"It rained on Monday.\n\nIt rained on Tuesday.\n\nIt was cold."'
    _, quoted = extract(text, "en", least_confidence=0.65)
    assert [span.of(text) for span in quoted.content] == [
        "It rained on Monday.",
        "It rained on Tuesday.",
        "It was cold.",
    ]
