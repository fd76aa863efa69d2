"""The drawing of figures lined up: what is drawn where, and that it can be read."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import Database
from app.formats import chart
from app.models.comparison import ComparisonGroup
from app.models.figure import Measure
from tests.conftest import ENGINES, Templates
from tests.factories import actor, fill, source
from tests.questions import Json, by, items, opened, said, served
from tests.test_comparison import PATH, exactly, fig

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "]]></text><script>alert(1)</script>&amp;\" onload='x' \x01\ufffe\u202e"

MOD, AZ, RU, NGO = "ministry", "azerbaijan", "russia", "committee"
WHO = [
    actor("armenia", kind="state", name="Armenia"),
    actor(MOD, kind="government", name="Հայաստանի Հանրապետության պաշտպանության նախարարություն"),
    actor(AZ, kind="state", name="Azərbaycan Respublikası"),
    actor(RU, kind="state", name="Министерство обороны Российской Федерации"),
    actor(NGO, kind="organization", name="Committee for the Protection of <Everybody> & Others"),
    actor("radio", kind="media", name="Ազատություն"),
    source("report", title="Անվտանգության մասին զեկույց", publisher="radio"),
    source("paper", title="A paper of record", published_at="2020-10-25"),
]
LONG = "təxminən 2 300 erməni hərbçisi məhv edilib və yaralanıb, o cümlədən yüksək rütbəli zabitlər"
UNNAMED = "a Western diplomat who asked not to be named because of the sensitivity of the matter"
# The cases are drawn with their bounds; `-` is what has none.
BUSY: list[tuple[str, Any, Json, str | None]] = [
    ("1", by(MOD), fig("մոտ 500 զինծառայող", "about", 500), "2020-10-10"),
    ("2", by(MOD), fig("ավելի քան 1.000", "more_than", 1000), "2020-10-20"),
    ("3", by(MOD), exactly(1302), "2020-10-22"),
    ("4", by(AZ), fig(LONG, "about", 2300), "2020-10-01"),
    ("5", by(AZ), fig("5.000-dən çox", "more_than", 5000), "2020-10-18"),
    ("6", by(RU), fig("почти 5 тысяч", "almost", 5000), "2020-10-22"),
    ("7", by(RU), fig("от двух до четырёх тысяч", "between", 2000, 4000), "2020-10-23~"),
    ("8", by(NGO), fig("at least 900 & <more>", "at_least", 900), "2020-10"),
    ("9", by(NGO), fig("no more than 6,000", "at_most", 6000), None),
    ("10", by(MOD), exactly(5000, status="denied"), "2020-10-19"),
    ("11", [{"attribution_text": UNNAMED, "status": "anonymous"}], fig("thousands", "vague"), None),
    ("12", [{"status": "document"}], fig("its losses", status="undisclosed"), None),
]


def busy() -> list[Json]:
    lines = list(WHO)
    for id, speakers, figure, date in BUSY:
        members = {"said_at": date} if date else {}
        lines += said(id, {"speakers": speakers, "figures": [figure]}, **members)
    other = {"source": "report", "speakers": by(MOD), "figures": [fig("1.203", "exactly", 1203)]}
    return [*lines, {**said("3", {}, other)[2], "status": "disputed"}]


@pytest.fixture(scope="module", params=ENGINES)
def crowded(request: pytest.FixtureRequest, templates: Templates) -> Iterator[TestClient]:
    with opened(request, templates, request.param) as database:
        fill(database, busy())
        with served(database) as client:
            yield client


def groups_of(client: TestClient, query: str = "") -> list[ComparisonGroup]:
    found = items(client.get(f"{PATH}?limit=100&{query}"))
    return [ComparisonGroup.model_validate(one, strict=False) for one in found]


def drawn(client: TestClient, query: str = "") -> ElementTree.Element:
    response = client.get(f"{PATH}?format=svg&limit=100&{query}")
    assert response.headers["content-type"] == "image/svg+xml"
    return ElementTree.fromstring(response.content)


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    text: str

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def boxes(sheet: ElementTree.Element) -> list[Box]:
    """Where every text stands, as wide as the widest common font makes it."""
    found = []
    for one in sheet.iter(f"{SVG}text"):
        size, text = int(one.attrib["font-size"]), one.text or ""
        wide = chart.width(text, size, bold="font-weight" in one.attrib)
        x, y = float(one.attrib["x"]), float(one.attrib["y"])
        left = x - wide / 2 if one.attrib.get("text-anchor") == "middle" else x
        found.append(Box(left, y - size * 0.8, left + wide, y + size * 0.25, text))
    return found


def texts(sheet: ElementTree.Element) -> str:
    return " ".join(one.text or "" for one in sheet.iter(f"{SVG}text"))


# --- it can be embedded, read aloud and copied --------------------------------------------------


def test_it_is_one_named_and_described_image(crowded: TestClient) -> None:
    sheet = drawn(crowded)
    assert sheet.tag == f"{SVG}svg"
    assert sheet.attrib["role"] == "img"
    title, description = list(sheet)[1:3]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert sheet.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
    (group,) = groups_of(crowded)
    assert description.text == f"{group.label}: {group.relation.summary}"
    width, height = sheet.attrib["width"], sheet.attrib["height"]
    assert width == "600"
    assert sheet.attrib["viewBox"] == f"0 0 {width} {height}"


def test_it_is_black_and_white(crowded: TestClient) -> None:
    colours = {
        value
        for one in drawn(crowded).iter()
        for name, value in one.attrib.items()
        if name in ("fill", "stroke")
    }
    assert colours == {"#000", "#fff", "#bbb"}


def test_it_runs_and_fetches_nothing(crowded: TestClient) -> None:
    text = crowded.get(f"{PATH}?format=svg").text
    tags = {one.tag.removeprefix(SVG) for one in ElementTree.fromstring(text).iter()}
    assert tags == {"svg", "defs", "title", "desc", "rect", "g", "path", "circle", "text"}
    addresses = set(re.findall(r"https?://[^\"' >]+", text))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"href|url\(|<style|<script|on\w+=", text)


def test_the_same_claims_give_the_same_bytes(crowded: TestClient) -> None:
    groups = groups_of(crowded)
    assert chart.svg(groups) == chart.svg(groups)
    assert crowded.get(f"{PATH}?format=svg&limit=100").content == chart.svg(groups)


def test_both_databases_give_the_same_bytes(
    request: pytest.FixtureRequest, templates: Templates
) -> None:
    found = []
    for engine in ENGINES:
        with opened(request, templates, engine) as database:
            fill(database, busy())
            with served(database) as client:
                found.append(client.get(f"{PATH}?format=svg").content)
    assert found[0] == found[1]


def test_what_users_wrote_is_text_and_nothing_else(database: Database) -> None:
    lines = [
        actor("ann", name=HOSTILE),
        source("paper", title=HOSTILE),
        *said("one", {"speakers": by("ann"), "figures": [exactly(1, unit=HOSTILE)]}),
        *said("two", {"speakers": [], "figures": [fig(HOSTILE, unit=HOSTILE)]}),
        *said(
            "three",
            {"speakers": [{"attribution_text": HOSTILE}], "figures": [exactly(3, unit=HOSTILE)]},
        ),
    ]
    fill(database, lines)
    with served(database) as client:
        sheet = drawn(client)
        assert "alert(1)" in texts(sheet)
        assert not list(sheet.iter(f"{SVG}script"))
        assert not any("onload" in one.attrib for one in sheet.iter())


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_can_be_drawn(text: str) -> None:
    """Every text that JSON can carry, XML must carry too, or have it replaced."""
    shown = chart.clean(text)
    (element,) = ElementTree.fromstring(f"<a><b>{_escaped(shown)}</b></a>")
    assert (element.text or "") == shown


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- it can be read -----------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "speaker=ministry", "speaker=russia"])
def test_no_two_texts_overlap_and_all_are_on_the_sheet(crowded: TestClient, query: str) -> None:
    sheet = drawn(crowded, query)
    found = boxes(sheet)
    assert len(found) > 5
    for one, other in combinations(found, 2):
        assert not one.meets(other), (one, other)
    height = float(sheet.attrib["height"])
    for one in found:
        assert 0 <= one.left < one.right <= chart.WIDTH, one
        assert 0 <= one.top < one.bottom <= height, one


def test_the_bundled_record_can_be_read_too(reading: TestClient) -> None:
    sheet = drawn(reading)
    for one, other in combinations(boxes(sheet), 2):
        assert not one.meets(other), (one, other)
    shown = texts(sheet)
    for worded in ("“almost 5,000”", "“nearly 1,000”", "“37 civilians”", "not disclosed"):
        assert worded in shown


def test_every_wording_is_printed_as_it_stands(crowded: TestClient) -> None:
    shown = texts(drawn(crowded))
    for _, _, figure, _ in BUSY:
        assert f"“{figure['as_worded']}”" in shown
    assert "not disclosed" in shown
    assert "no bounds given" in shown
    assert shown.count("one of 2 reports of one statement") == 2
    assert "attribution disputed" in shown


def test_a_wording_that_is_cut_is_whole_in_its_tooltip(database: Database) -> None:
    wording = " ".join(["endless"] * 60)
    fill(database, [*WHO, *said("one", {"figures": [fig(wording, "exactly", 1)]})])
    with served(database) as client:
        sheet = drawn(client)
        assert "…" in texts(sheet)
        assert wording not in texts(sheet)
        titles = [one.text or "" for one in sheet.iter(f"{SVG}title")]
        assert any(wording in one for one in titles)


@settings(deadline=None)
@given(st.text(alphabet="ab մԽшЩəİ😀漢.“ ", max_size=80), st.integers(40, 200), st.integers(1, 4))
def test_wrapped_text_fits(text: str, room: int, lines: int) -> None:
    found = chart.wrapped(text, room, 12, lines)
    assert len(found) <= lines
    assert all(chart.width(line, 12) <= room for line in found)
    whole = chart.clean(text).replace(" ", "")
    shown = "".join(found).replace(" ", "")
    if shown.endswith("…"):
        assert whole.startswith(shown[:-1])
        assert len(shown) - 1 < len(whole)
    else:
        assert shown == whole


# --- it shows what was said ---------------------------------------------------------------------


class Row(NamedTuple):
    """The shapes of one claim: rings and dots by their centre, and the ends of its lines."""

    circles: list[tuple[float, str]]
    lines: list[tuple[float, float, bool]]
    """From where to where, and whether dashed."""
    arrows: int


def row(client: TestClient, query: str, wording: str) -> Row:
    (found,) = [
        one
        for one in drawn(client, query).iter(f"{SVG}g")
        if (one.findtext(f"{SVG}title") or "").startswith(f"“{wording}”")
    ]
    circles = [(float(c.attrib["cx"]), c.attrib["fill"]) for c in found.iter(f"{SVG}circle")]
    lines, arrows = [], 0
    for path in found.iter(f"{SVG}path"):
        points = [float(x) for x in re.findall(r"[ML](-?[\d.]+),", path.attrib["d"])]
        if "Z" not in path.attrib["d"]:
            lines.append((points[0], points[-1], "stroke-dasharray" in path.attrib))
        elif path.attrib["fill"] == "#000":
            arrows += 1
    return Row(circles, lines, arrows)


PLOT, PLOT_END = 276, 586
ZERO = PLOT + 16
"""Where an axis from 0 begins."""


def test_bounds_are_drawn_as_they_are_given(crowded: TestClient) -> None:
    exact = row(crowded, "", "1,302")
    ((x_1302, fill_1302),) = exact.circles
    assert (fill_1302, exact.lines, exact.arrows) == ("#000", [], 0)

    over = row(crowded, "", "ավելի քան 1.000")
    ((x_1000, fill_1000),) = over.circles
    assert (fill_1000, over.arrows) == ("#fff", 1), "1,000 itself is ruled out"
    ((start, end, dashed),) = over.lines
    assert (start, dashed) == (x_1000, False)
    assert end == pytest.approx(PLOT_END, abs=3)

    almost = row(crowded, "", "почти 5 тысяч")
    ((x_5000, fill_5000),) = almost.circles
    ((start, end, dashed),) = almost.lines
    assert (fill_5000, almost.arrows, start, dashed) == ("#fff", 1, x_5000, True)
    assert ZERO <= end <= ZERO + 3, "nobody is fewer than nobody"

    between = row(crowded, "", "от двух до четырёх тысяч")
    assert (between.circles, between.arrows) == ([], 0)
    (x_2000, x_4000, dashed) = between.lines[0]
    assert [line[0] for line in between.lines[1:]] == [x_2000, x_4000]
    assert not dashed

    about = row(crowded, "", "մոտ 500 զինծառայող")
    ((left, right, dashed),) = about.lines
    assert (about.circles, about.arrows, dashed) == ([], 0, True)

    # One straight scale for all of them.
    unit = (x_4000 - x_2000) / 2000
    zero = x_2000 - 2000 * unit
    for x, amount in ((x_1302, 1302), (x_1000, 1000), (x_5000, 5000), ((left + right) / 2, 500)):
        assert x == pytest.approx(zero + amount * unit, abs=0.2)


def test_included_bounds_and_open_ends(crowded: TestClient) -> None:
    at_least = row(crowded, "speaker=committee", "at least 900 & <more>")
    at_most = row(crowded, "speaker=committee", "no more than 6,000")
    for found, edge in ((at_least, PLOT_END), (at_most, ZERO)):
        assert (found.circles, found.arrows) == ([], 1)
        (start, end, dashed), (bar, same, _) = found.lines
        assert (dashed, bar) == (False, start)
        assert bar == same
        assert end == pytest.approx(edge, abs=3)


def test_a_denied_number_is_crossed_out(crowded: TestClient) -> None:
    denied = row(crowded, "", "5,000")
    ((x, _),) = denied.circles
    assert [(start, end) for start, end, _ in denied.lines] == [(x - 8, x + 8)] * 2
    assert "denied" in texts(drawn(crowded))


def test_claims_stand_by_claimant_in_the_order_of_time(crowded: TestClient) -> None:
    shown = [one.text for one in sorted(boxes(drawn(crowded)), key=lambda box: box.top)]
    places = {text: shown.index(text) for text in shown if text.startswith("“")}
    assert shown.index("Azərbaycan Respublikası") < places["“5.000-dən çox”"]
    assert (
        places["“մոտ 500 զինծառայող”"]
        < places["“5,000”"]
        < places["“ավելի քան 1.000”"]
        < places["“1,302”"]
    )
    assert places["“почти 5 тысяч”"] < places["“от двух до четырёх тысяч”"]


def test_the_key_explains_the_signs_that_are_used(crowded: TestClient, reading: TestClient) -> None:
    assert "denied: who is named rejects the number" in texts(drawn(crowded))
    bundled = texts(drawn(reading))
    assert "almost: below the number, how near is not said" in bundled
    assert "rejects the number" not in bundled
    assert "a bound, itself included" not in bundled
    withheld = texts(drawn(reading, "population=military"))
    assert "the number itself" not in withheld


def test_groups_are_panels(reading: TestClient) -> None:
    sheet = drawn(reading)
    bold = [one.text for one in sheet.iter(f"{SVG}text") if one.attrib.get("font-size") == "13"]
    assert bold == [group.label for group in groups_of(reading)]


def test_an_axis_that_begins_elsewhere_than_at_0_says_so(database: Database) -> None:
    near = [exactly(4980, unit="near"), exactly(5010, unit="near")]
    far = [exactly(37, unit="far"), exactly(5010, unit="far")]
    below = [exactly(one, unit="below", measure="other") for one in (-5, 5)]
    alone = [exactly(0, unit="alone")]
    fill(database, [*WHO, *said("one", {"figures": [*near, *far, *below, *alone]})])
    with served(database) as client:
        pages = {
            group.scope.unit: ElementTree.fromstring(chart.svg([group]))
            for group in groups_of(client)
        }
    told = {unit: "The axis does not begin at 0." in texts(page) for unit, page in pages.items()}
    assert told == {"near": True, "far": False, "below": False, "alone": False}
    for unit, page in pages.items():
        centres = [
            float(c.attrib["cx"]) for g in page.iter(f"{SVG}g") for c in g.iter(f"{SVG}circle")
        ]
        assert all(PLOT < x < PLOT_END for x in centres), unit
        if len(centres) > 1:
            assert abs(centres[0] - centres[1]) > 50, unit


def test_what_may_be_below_0_has_an_arrow_past_it(database: Database) -> None:
    figures = [fig("at most 5", "at_most", 5), fig("at most 1", "at_most", 1)]
    figures += [{**one, "measure": "other"} for one in figures]
    fill(database, [*WHO, *said("one", {"figures": figures})])
    with served(database) as client:
        pages = {
            group.scope.measure: ElementTree.fromstring(chart.svg([group]))
            for group in groups_of(client)
        }
    ends = {
        measure: [
            min(float(x) for x in re.findall(r"[ML](-?[0-9.]+),", path.attrib["d"]))
            for group in page.iter(f"{SVG}g")
            for path in group.iter(f"{SVG}path")
        ]
        for measure, page in pages.items()
    }
    assert min(ends[Measure.killed]) >= ZERO
    assert min(ends[Measure.other]) == PLOT


@pytest.mark.parametrize(
    "amounts", [(0.001, 0.002), (1e15, 1), (-1e15, 1e15), (0, 0), (1e15, 1e15 - 1), (1e-9, 1e-9)]
)
def test_any_amounts_can_be_drawn(database: Database, amounts: tuple[float, float]) -> None:
    figures = [exactly(one, measure="other") for one in amounts]
    fill(database, [*WHO, *said("one", {"figures": figures})])
    with served(database) as client:
        found = boxes(drawn(client))
        for one, other in combinations(found, 2):
            assert not one.meets(other), (one, other)
        assert all(one.left >= 0 and one.right <= chart.WIDTH for one in found)


def test_nothing_and_too_much_are_told() -> None:
    assert "No figures fit" in texts(ElementTree.fromstring(chart.svg([])))
    assert "more groups" in texts(ElementTree.fromstring(chart.svg([], more=True)))
    assert "the newest" in texts(ElementTree.fromstring(chart.svg([], truncated=True)))


# --- over HTTP ----------------------------------------------------------------------------------


def test_it_is_asked_for_by_accept_or_format(reading: TestClient) -> None:
    asked = reading.get(PATH, headers={"Accept": "image/svg+xml"})
    assert asked.headers["content-type"] == "image/svg+xml"
    assert asked.content == reading.get(f"{PATH}?format=svg").content
    assert reading.get(PATH, headers={"Accept": "image/*"}).content == asked.content
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert reading.get(PATH, headers=browser).headers["content-type"] == "application/json"
    assert reading.get(PATH, headers={"Accept": "text/csv"}).status_code == 406
    again = reading.get(
        PATH, headers={"Accept": "image/svg+xml", "If-None-Match": asked.headers["etag"]}
    )
    assert again.status_code == 304
    assert asked.headers["etag"] != reading.get(PATH).headers["etag"]
    assert "Accept" in asked.headers["vary"]


def test_a_page_of_the_drawing_leads_to_the_next(reading: TestClient) -> None:
    first = reading.get(f"{PATH}?format=svg&limit=1")
    assert "There are more groups on the next page." in first.text
    following = re.search(r"<([^>]+)>; rel=\"next\"", first.headers["link"])
    assert following
    second = reading.get(following[1])
    assert second.headers["content-type"] == "image/svg+xml"
    assert "nearly 1,000" in second.text
