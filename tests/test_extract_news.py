"""Who said what, in the turns of phrase of news from a war. Countries and persons are invented."""

import pytest

from app.extract import Proposal
from app.extract.draft import drafted
from tests.test_extract import Listed, everything, only, speakers, words


def read(text: str) -> list[tuple[list[str], str, str]]:
    """Who, with which polarity, what."""
    return [(speakers(text, one), one.polarity, words(text, one)) for one in everything(text, "en")]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Norland rejects claims it was behind the raid.", "it was behind the raid"),
        ("Norland denied accusations that its army fired.", "its army fired"),
        ("Norland dismissed reports that it had lost Lund.", "it had lost Lund"),
        ("Norland denies reports of a raid.", "reports of a raid"),
    ],
)
def test_claims_that_are_refused_are_never_affirmed(text: str, refused: str) -> None:
    assert read(text) == [(["Norland"], "negated", refused)]


def test_claims_that_are_refused_by_a_roundabout_way_are_left_alone() -> None:
    assert read("The ministry dismissed as lies claims that it had fled.") == []
    assert read("It will use the text to deny Sevrian accusations of ethnic cleansing.") == []


@pytest.mark.parametrize(
    "content",
    [
        "at least one person died in the raid",
        "in all three boats sank",
        "seven boats sank",
        "talks failed on Monday",
    ],
)
def test_a_clause_without_that(content: str) -> None:
    assert read(f"Rehn said {content}.") == [(["Rehn"], "affirmed", content)]


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("The Norlandic Foreign Ministry stated that it rained.", "Norlandic Foreign Ministry"),
        ("The US State Department said it rained.", "US State Department"),
        ("Harbour Rights Watch (HRW) said it rained.", "Harbour Rights Watch"),
        ('"It rains," said 32-year-old Lund resident Mia Aker.', "Mia Aker"),
        (
            "It rains, said Assistant to the President of Norland, Head of the Press Department "
            "of the Presidential Administration Oto Lemm.",
            "Oto Lemm",
        ),
        (
            "Sevria was accused by Norland's Foreign Ministry of lying.",
            "Norland's Foreign Ministry",
        ),
        ("Norland and Sevria said it rained.", "Norland and Sevria"),
    ],
)
def test_the_whole_name_is_the_speaker(text: str, core: str) -> None:
    told = only(text).speakers[0].core.of(text)
    assert told.removeprefix("The ") == core


def test_a_hearer_whose_name_begins_with_a_particle() -> None:
    text = "Rehn told Al Madina that it rained."
    assert only(text).addressees[0].core.of(text) == "Al Madina"


PEOPLE = Listed(
    {"Ada Brandt": ["ada-brandt"], "Oto Lemm": ["oto-lemm"], "Norland": ["norland"]},
    people=["ada-brandt", "oto-lemm"],
)


def meant(text: str) -> tuple[str | None, str]:
    """Whom the last speaker of a text is read to be."""
    mention = everything(text, "en", names=PEOPLE)[-1].speakers[0]
    return mention.actor, mention.status


def test_a_pronoun_means_who_spoke_last_and_is_read_then() -> None:
    assert meant("Ada Brandt said it rained. She said it was cold.") == ("ada-brandt", "named")
    office = "Ada Brandt, the harbour minister, said it rained. The harbour minister said it was "
    assert meant(office + "cold. She said it would stop.") == ("ada-brandt", "named")


@pytest.mark.parametrize(
    "between",
    [
        "One man was caught under a roof.\n\n",
        "The mother of two lost her house. ",
        "Jon Aker lost his boat. ",
        "A soldier said it was cold. ",
    ],
)
def test_a_new_person_in_between_breaks_the_link(between: str) -> None:
    text = f"Ada Brandt said it rained.\n\n{between}She said it would stop."
    assert meant(text) == (None, "unresolved")


def test_a_pronoun_of_the_other_sex_means_nobody_known() -> None:
    assert meant("Spokeswoman Ada Brandt said it rained. He said it was cold.")[0] is None
    text = "Ada Brandt said it rained. She said it was cold. He said it would stop."
    assert meant(text)[0] is None


def test_not_the_country_of_a_president_nor_a_turn_of_speech_is_the_speaker() -> None:
    assert read("It led the Norland president to vow that he would return.") == [
        (["the Norland president"], "affirmed", "he would return")
    ]
    assert read("Norland denied it was there and in turn accused Sevria of lying.") == [
        (["Norland"], "negated", "it was there"),
        (["Norland"], "affirmed", "Sevria … lying"),
    ]


def test_what_the_reporter_tells_of_a_charge_is_no_part_of_it() -> None:
    text = "Sevria accused Norland of shelling Lund in a war, which has left more than 240 dead."
    one = only(text)
    assert (words(text, one), one.figures) == ("Norland … shelling Lund in a war", [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We saw no damage,” read the statement.", [("the statement", "We saw no damage")]),
        ("“We saw no damage,” reads the statement.", [("the statement", "We saw no damage")]),
        (
            "Norland says the port has fallen, Sevria says it has not.",
            [("Norland", "the port has fallen"), ("Sevria", "it has not")],
        ),
        (
            "The army said that “they fired first,” adding that “all is calm,” expressing hope "
            "that “the envoys will come.”",
            [
                ("The army", "they fired first"),
                ("The army", "all is calm"),
                ("The army", "the envoys will come."),
            ],
        ),
        (
            "Norland denied Sevria's accusations of ethnic cleansing.",
            [
                ("Norland", "Sevria's accusations of ethnic cleansing"),
                ("Sevria", "ethnic cleansing"),
            ],
        ),
        (
            "Rehn added that young men fish, while older men mend nets.",
            [("Rehn", "young men fish, while older men mend nets")],
        ),
        (
            "Both sides accused each other of shelling Lund.",
            [("Both sides", "each other … shelling Lund")],
        ),
        ("Norland insisted on a new vote.", [("Norland", "a new vote")]),
        ("Norland expressed concern over the raid.", [("Norland", "the raid")]),
        ("Brandt expressed hope that it would end.", [("Brandt", "it would end")]),
        ("Norland to open the port, says Oto Lemm", [("Oto Lemm", "Norland to open the port")]),
        ("Norland and Sevria trade accusations of lying", [("Norland and Sevria", "lying")]),
        ("The port, NBC/NR's island service reported.", []),
        ("Lund has fallen, NBC/NR's service reported.", [("NBC/NR's service", "Lund has fallen")]),
        ("It did not clarify whether Lund fell.", [("It", "whether Lund fell")]),
        ("Sevria backed demands for a new vote.", [("", "a new vote")]),
        ("Residents stayed at home amid threats of raids.", []),
    ],
)
def test_where_words_begin_and_end(text: str, expected: list[tuple[str, str]]) -> None:
    assert [("".join(who), what) for who, _, what in read(text)] == expected


def test_a_quotation_ends_with_its_paragraph_whatever_marks_are_missing() -> None:
    text = "“It rained all the day, “the ministry added.\n\nThe port was closed.\n"
    assert read(text) == [(["the ministry"], "affirmed", "It rained all the day")]
    text = "“We saw “a grey sea under the rain,” the report added.\n\nIt was over."
    assert read(text) == [(["the report"], "affirmed", "We saw “a grey sea under the rain")]
    text = "“We saw the sea. It was grey.\n\nThe port was closed by noon.” It opened."
    assert read(text)[0][2] == "We saw the sea. It was grey."


def drafted_words(text: str) -> str:
    (one,) = everything(text, "en")
    statement, attribution = drafted(text, one, lang="en")
    assert statement["content"] == attribution["quoted_text"]
    return str(statement["content"])


def test_words_that_do_not_stand_together_are_joined_with_an_ellipsis() -> None:
    assert drafted_words("“We,” she said, “stay here.”") == "We … stay here."
    assert drafted_words("“It rained all day.\n\n“It was cold,” she said.") == (
        "It rained all day. It was cold"
    )


def test_every_proposal_of_a_denial_is_negated() -> None:
    found: list[Proposal] = everything(
        "Norland rejected Sevrian claims that Lund had fallen.", "en"
    )
    assert found
    assert {one.polarity for one in found} == {"negated"}
