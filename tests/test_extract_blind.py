"""What blind judgements of news on a war found wrong, kind by kind, in invented countries."""

import pytest

from app.extract import LEAST, extract
from tests.test_extract import everything, words


def read(text: str) -> list[tuple[str, str]]:
    """Who, with the office left out, and what."""
    return [
        ("; ".join(mention.core.of(text) for mention in one.speakers), words(text, one))
        for one in everything(text, "en")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Norland and Sevria agreed to a truce.",
        "Norland can only agree to conventional transport.",
        "The long conflict threatens to spread.",
        "The plan to maintain its hold on Lund failed.",
        "The ministry announced details of the talks.",
        "Oto Lemm announced this in Lund.",
        "Norland revealed photos of the wreck.",
        "Both sides declared martial law.",
        "The trials show that the prisoners are hostages.",
        "It can be seen that the port burned.",
        "Three hundred people were admitted to hospitals.",
        "The fighting raised fears of a wider war.",
        "The minister evaded specifying which towns he meant.",
        "Ada Brandt met the envoys to ask them to react.",
        "The photo has men who are held for crimes allegedly committed in the war.",
    ],
)
def test_what_is_no_statement(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ministry last night reported that it rained.", ("The ministry", "it rained")),
        ("Norland, Sevria confirm truce", ("Norland, Sevria", "truce")),
        ("The ministries both confirmed Monday that it rained.", ("The ministries", "it rained")),
        ("A port official, Oto Lemm, told the paper it rained.", ("Oto Lemm", "it rained")),
        (
            "Sevria's deputy ambassador to the UN, Oto Lemm, said it rained.",
            ("Oto Lemm", "it rained"),
        ),
        (
            "Trade Ministry of the Sevrian Republic said it rained.",
            ("Trade Ministry of the Sevrian Republic", "it rained"),
        ),
        ("Norland's Ombudsman Ada Brandt said it rained.", ("Ada Brandt", "it rained")),
        ("The PM said it rained.", ("The PM", "it rained")),
        ("The representative of the EU said it rained.", None),
        ("Witnesses from inside Lund said it rained.", None),
        (
            "The port was calm, with one man hunkered in a cellar claiming that it rained.",
            ("one man", "it rained"),
        ),
        (
            "The council, welcoming the truce, the talks and the envoys, stressed that it rained.",
            ("The council", "it rained"),
        ),
        ("The joint statement, cited by Lemm, said that it rained.", None),
        (
            "Norland banned the evacuations alleging that arms were in them.",
            ("Norland", "arms were in them"),
        ),
        ("Some of them left, saying they were afraid.", ("Some of them", "they were afraid")),
        ("Local sources report that it rained.", ("Local sources", "it rained")),
        (
            "“It rained,” an army agency quoted Oto Lemm as saying.",
            ("Oto Lemm", "It rained"),
        ),
        ("Oto Lemm was quoted as saying that it rained.", ("Oto Lemm", "it rained")),
        ("As noted by the ministry, the rain was heavy.", ("the ministry", "the rain was heavy")),
        ("In her words, the rain was heavy.", ("her", "the rain was heavy")),
        ("The minister is confident that it will rain.", ("The minister", "it will rain")),
        ("“It rained”, said one of the sailors.", ("one of the sailors", "It rained")),
        (
            "“Why did it rain?” Mia, a resident who stayed at home, told the paper.",
            ("Mia", "Why did it rain?"),
        ),
    ],
)
def test_who_speaks(text: str, expected: tuple[str, str] | None) -> None:
    (found,) = read(text)
    if expected is None:
        assert found == (text.split(" said")[0].split(", cited")[0], "it rained")
    else:
        assert found == expected


def test_a_quotation_after_a_colon_is_of_who_was_told_of_before_it() -> None:
    assert read("At a briefing in Lund, Oto Lemm said:\n\n“It rained all the day in Lund.”") == [
        ("Oto Lemm", "It rained all the day in Lund.")
    ]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Norland said it rained, without going into details.", "it rained"),
        ("Norland said it rained, as it has before.", "it rained"),
        ("Norland said it rained, in what would be a surprise.", "it rained"),
        ("Norland denies that it fired, but Sevria has fled.", "it fired"),
        ("Norland denied firing, despite its earlier denials.", "firing"),
        ("Despite Norland denying that it fired, the port burned.", "it fired"),
        ("While Norland has pledged to help the town, many left.", "to help the town"),
        ("Norland called for talks after hearing of the raid.", "talks"),
        ("In a statement, Norland warned it would fire.", "it would fire"),
        ("Norland said on 3 March 2020 that it rained.", "it rained"),
        ("Norland said November 8 would be remembered.", "November 8 would be remembered"),
        ("STEPANOVO, Norland — It rained, the army said.", "It rained"),
        ("STEPANOVO, JULY 27, NORLAND-PRESS: “It rained,” Lemm said.", "It rained"),
        ("”It rained and rained,” reads the note.", "It rained and rained"),
        ("«It rained and rained,” the army said.", "It rained and rained"),
        ("Norland reported new shelling of the port on Monday.", "new shelling of the port"),
        (
            "Norland accused Sevria of firing missiles into the capital of the island of Lund.",
            "Sevria … firing missiles into the capital of the island of Lund",
        ),
        (
            "Norland accused Sevria of breaking the truce, a sign that it is over.",
            "Sevria … breaking the truce",
        ),
        (
            "Lemm said that “it rained all the day and the night” after Norland fled.",
            "it rained all the day and the night",
        ),
        (
            "Norland expressed concern about the downing by Sevria of a plane.",
            "the downing by Sevria of a plane",
        ),
    ],
)
def test_where_the_words_end(text: str, content: str) -> None:
    (found,) = [what for _, what in read(text)]
    assert content in (found, found.removesuffix(" on Monday"))


def test_a_quotation_left_open_goes_on_to_the_mark_that_is_attributed() -> None:
    text = "“It rained. It was cold.\n\nWe stayed here,” Lemm said."
    (one,) = everything(text, "en")
    assert [span.of(text) for span in one.content] == [
        "It rained. It was cold.",
        "We stayed here",
    ]


def test_what_is_not_disclosed_is_no_part_of_what_is_said() -> None:
    text = "Norland said 65 civilians were killed and 298 wounded but has not disclosed its losses."
    said, withheld = everything(text, "en")
    assert words(text, said) == "65 civilians were killed and 298 wounded"
    assert [span.of(text) for span in withheld.content] == [
        "Norland",
        "has not disclosed its losses",
    ]


@pytest.mark.parametrize(
    ("words_of", "figures"),
    [
        ("at least 16 troops were killed", [("killed", "at least 16 troops")]),
        (
            "1,177 of their troops and 50 civilians have been killed",
            [("killed", "1,177 of their troops"), ("killed", "50 civilians")],
        ),
        ("it killed or wounded 2,300 soldiers", [("casualties", "2,300 soldiers")]),
        (
            "it killed 70 soldiers and destroyed 20 tanks",
            [("killed", "70 soldiers"), ("destroyed", "20")],
        ),
        ("the death toll was nearing 5,000", [("killed", "nearing 5,000")]),
        ("on Oct. 22 the dead were buried", []),
        ("troops deployed between the two countries fled", []),
        ("it shelled two villages, killing nobody", []),
        ("ten people died as hundreds were there", [("killed", "ten")]),
        ("on 10 October, 2020, the prisoners left", []),
        ("the truce of the soldiers holds since 1 p.m. (0900 GMT)", []),
        ("more than two dozen people have been killed", [("killed", "more than two dozen")]),
        ("several dozen soldiers were killed", [("killed", "several dozen soldiers")]),
        ("12 of the 30 people were wounded", [("wounded", "12")]),
        ("some went missing, and over 100 people were burned", []),
    ],
)
def test_what_a_number_counts(words_of: str, figures: list[tuple[str, str]]) -> None:
    (one,) = everything(f"Norland said that {words_of}.", "en")
    assert [(figure.measure, figure.as_worded) for figure in one.figures] == figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Norland announced it had won the strait as fighting entered its fourth day in Lund.",
            [("Norland", "it had won the strait")],
        ),
        (
            "The deputy of the assembly of the town, Ada Brandt, said the port was closed.",
            [("Ada Brandt", "the port was closed")],
        ),
        (
            "According to Oto Lemm, the town's mayor, about 60 boats left.",
            [("Oto Lemm", "about 60 boats left")],
        ),
        (
            "Norland said the road was open, a claim that Sevria denied by closing it.",
            [("Norland", "the road was open")],
        ),
        (
            "The crowd marched to the gate on the Lund road demanding that it be opened.",
            [("The crowd", "it be opened")],
        ),
        (
            "Norland denied firing on the port, in a note on Monday.",
            [("Norland", "firing on the port")],
        ),
        (
            "Sevria asked the court to act two weeks after Norland closed the road.",
            [("Sevria", "the court to act")],
        ),
        (
            "Lemm stressed the mutual understanding that boats may pass.",
            [("Lemm", "the mutual understanding that boats may pass")],
        ),
    ],
)
def test_where_words_and_speakers_end(text: str, expected: list[tuple[str, str]]) -> None:
    proposed = [
        ("; ".join(mention.core.of(text) for mention in one.speakers), words(text, one))
        for one in extract(text, "en", least_confidence=0.65)
    ]
    assert proposed == expected


def test_what_stood_in_words_that_are_left_out_stands_in_the_next() -> None:
    text = "Norland said Sevria could claim that Lemm believed that the port was closed."
    every = everything(text, "en")
    kept = extract(text, "en")
    assert [one.parent for one in every] == [None, 0, 1]
    assert [(one.lemma, one.parent) for one in kept] == [("say", None), ("believe", 0)]
    assert all(one.confidence >= LEAST for one in kept)


@pytest.mark.parametrize(
    "ending", [" as", " when", ", a", ", in", ", without", " reportedly", ", after", " and"]
)
def test_a_text_may_end_anywhere(ending: str) -> None:
    """A text that is cut off is read as far as it goes."""
    text = f"On Monday in Lund the two sides said that the port fell{ending}"
    assert everything(text, "en")[0].cue is not None
