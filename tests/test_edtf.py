"""Dates: what is read, to which bounds, and what is refused with which advice."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.models import edtf
from app.models.edtf import MAX_LENGTH, EdtfDate, parse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_10000 = 253_402_300_800  # as POSIX time gives it; datetime ends one second before


def seconds(text: str) -> int:
    """Give the POSIX time of an ISO text in UTC, by the standard library."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1)


READ = [
    # years, months, days
    ("2020", "2020-01-01", "2021-01-01"),
    ("0001", "0001-01-01", "0002-01-01"),
    ("2020-10", "2020-10-01", "2020-11-01"),
    ("2020-12", "2020-12-01", "2021-01-01"),
    ("1900-02", "1900-02-01", "1900-03-01"),
    ("2000-02-29", "2000-02-29", "2000-03-01"),
    ("2020-10-22", "2020-10-22", "2020-10-23"),
    ("1970-01-01", "1970-01-01", "1970-01-02"),
    ("1969-12-31", "1969-12-31", "1970-01-01"),
    ("2020-12-31", "2020-12-31", "2021-01-01"),
    # times with a zone
    ("2020-10-22T18:00+03:00", "2020-10-22T15:00", "2020-10-22T15:01"),
    ("2020-10-22T18:00:30+03:00", "2020-10-22T15:00:30", "2020-10-22T15:00:31"),
    ("2020-10-22T18:00:00Z", "2020-10-22T18:00:00", "2020-10-22T18:00:01"),
    ("2020-10-22T18:00:30.999999999Z", "2020-10-22T18:00:30", "2020-10-22T18:00:31"),
    ("2020-10-22T18:00:30,5Z", "2020-10-22T18:00:30", "2020-10-22T18:00:31"),
    ("2020-10-22T23:59:59Z", "2020-10-22T23:59:59", "2020-10-23T00:00:00"),
    ("2020-10-22T02:00+04", "2020-10-21T22:00", "2020-10-21T22:01"),
    ("2020-10-22T18:00-03:30", "2020-10-22T21:30", "2020-10-22T21:31"),
    ("2020-10-22T18:00+14:00", "2020-10-22T04:00", "2020-10-22T04:01"),
    ("2020-10-22T18:00-12:00", "2020-10-23T06:00", "2020-10-23T06:01"),
    ("2020-10-22T18:00+00:00", "2020-10-22T18:00", "2020-10-22T18:01"),
    # times without one
    ("2020-10-22T18:00", "2020-10-22T04:00", "2020-10-23T06:01"),
    ("2020-10-22T18:00:30", "2020-10-22T04:00:30", "2020-10-23T06:00:31"),
    # marks
    ("2020?", "2020-01-01", "2021-01-01"),
    ("2020-10~", "2020-10-01", "2020-11-01"),
    ("2020-10-22%", "2020-10-22", "2020-10-23"),
    ("202X~", "2020-01-01", "2030-01-01"),
    ("2020-10-XX?", "2020-10-01", "2020-11-01"),
    ("2020-23~", "2020-09-01", "2020-12-01"),
    # digits not said
    ("202X", "2020-01-01", "2030-01-01"),
    ("20XX", "2000-01-01", "2100-01-01"),
    ("2020-XX", "2020-01-01", "2021-01-01"),
    ("2020-XX-XX", "2020-01-01", "2021-01-01"),
    ("2020-02-XX", "2020-02-01", "2020-03-01"),
    # seasons
    ("2020-21", "2020-03-01", "2020-06-01"),
    ("2020-22", "2020-06-01", "2020-09-01"),
    ("2020-23", "2020-09-01", "2020-12-01"),
    ("2020-24", "2020-12-01", "2021-03-01"),
    # intervals
    ("2020-10-09/2020-10-10", "2020-10-09", "2020-10-11"),
    ("2020-10-09/2020-10-09", "2020-10-09", "2020-10-10"),
    ("2020-09~/2020-11-10?", "2020-09-01", "2020-11-11"),
    ("2020-10/2020-10-05", "2020-10-01", "2020-10-06"),
    ("2020-10-05/2020-10", "2020-10-05", "2020-11-01"),
    ("199X/2020-24", "1990-01-01", "2021-03-01"),
    ("2020-10-22T18:00+03:00/2020-10-22T20:00:00Z", "2020-10-22T15:00", "2020-10-22T20:00:01"),
    ("2020-09-27/..", "2020-09-27", None),
    ("2020-09-27/", "2020-09-27", None),
    ("../2020", None, "2021-01-01"),
    ("/2020-10", None, "2020-11-01"),
]


@pytest.mark.parametrize(("text", "lower", "upper"), READ)
def test_bounds(text: str, lower: str | None, upper: str | None) -> None:
    expected = (lower and seconds(lower), upper and seconds(upper))
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "upper"),
    [
        ("9999", YEAR_10000),
        ("9999-12", YEAR_10000),
        ("9999-12-31", YEAR_10000),
        ("999X", YEAR_10000),
        ("99XX", YEAR_10000),
        ("9999-24", YEAR_10000 + (31 + 29) * 86_400),  # 10000 is a leap year
        ("9999-12-31T23:59:59-12:00", YEAR_10000 + 12 * 3_600),
    ],
)
def test_bounds_go_beyond_the_last_year(text: str, upper: int) -> None:
    assert parse(text).upper == upper


def test_bounds_go_before_the_first_year() -> None:
    assert parse("0001-01-01T00:00+14:00").lower == seconds("0001-01-01") - 14 * 3_600


LONGEST = "2020-10-22T18:00:30.123456789+03:00"
TIME, TIMES = "2020-10-22T18:00", "times are 00:00:00 to 23:59:59"


def test_longest_interval_fits() -> None:
    assert parse(f"{LONGEST}/{LONGEST}") == parse(LONGEST)


FORM, ASCII = "write 2020, 2020-10, 2020-10-22", "only ASCII is read"
TIME_FORM, TIMES = "a time is hh:mm or hh:mm:ss", "times are 00:00:00 to 23:59:59"
MONTHS, PARTS = "months are 01 to 12", "X, a capital, replaces parts from the right"
ORDER, LENGTH = "the interval ends before it starts", "a date has at most 80 characters"

REFUSED = [  # how the advice begins, and texts that get it
    (
        FORM,
        ["", "\0", "2020\0", "20", "202", "12020", "2020-", "2020-1", "2020-10-2", "2020-10-22-"],
    ),
    (FORM, ["20201022", "22.10.2020", "2020-10-22+04:00", "2020-10-22/25", "2020W43", "2020-296"]),
    ("only the years 0001 to 9999", ["0000", "0000-05", "0000-01-01", "000X", "00XX", "0000/.."]),
    ("only the years 0001 to 9999", ["-2020", "+2020", "Y12020", "../-0001"]),
    (MONTHS, ["2020-00", "2020-13", "2020-13-XX", "2020-20", "2020-25", "2020-99", "2020-00-01"]),
    (MONTHS, ["2020-21-05", "2020-24-XX", "2020-21-XX~"]),
    ("the days of 2020-02 are 01 to 29", ["2020-02-30", "2020-02-30T10:00Z", "2020/2020-02-30"]),
    ("the days of 2021-02 are 01 to 28", ["2021-02-29"]),
    ("the days of 1900-02 are 01 to 28", ["1900-02-29"]),
    ("the days of 2020-04 are 01 to 30", ["2020-04-31", "2020-04-00"]),
    ("the days of 2020-10 are 01 to 31", ["2020-10-32", "2020-10-00", "2020-10-99"]),
    (
        TIMES,
        [f"2020-10-22T{time}Z" for time in ("24:00", "24:00:00", "18:60", "23:59:60", "99:00")],
    ),
    (
        TIME_FORM,
        [f"2020-10-22T{time}" for time in ("", "18", "18Z", "1800Z", "18:00.5Z", "18:00:00.")],
    ),
    (TIME_FORM, [TIME + rest for rest in ("+0300", "+3", ":00.0123456789Z", ":0Z", "-", "ZZ")]),
    (TIME_FORM, ["T18:00Z", "2020T18:00Z", "2020-10T18:00Z", "2020-21T18:00Z"]),
    (
        "zones are -12:00 to +14:00",
        [TIME + zone for zone in ("+14:01", "+15", "-12:01", "-13", "+99")],
    ),
    ("zones are -12:00 to +14:00", [TIME + zone for zone in ("+03:60", "-00:60")]),
    ("there is no zone -00:00", [TIME + zone for zone in ("-00", "-00:00")]),
    ("a time takes no mark", [TIME + end for end in ("~", "Z?", "+03:00%")]),
    ("one mark (? ~ %) may end a date", ["2020?-10", "2020-10~-22", "~2020", "2020-?10", "2020?~"]),
    ("one mark (? ~ %) may end a date", ["2020/~", "~", "/?"]),
    (PARTS, ["XXXX", "2XXX", "20X0", "2020-1X", "2020-XX-22", "2020-10-2X", "202X-10", "20XX-XX"]),
    (PARTS, ["2020-xx", "202x", "2020-XX-XXT18:00Z"]),
    (
        "sets are not read",
        ["[2020,2021]", "{2020..2022}", "2020..2021", "2020/[2021]", "..", "2020.."],
    ),
    ("T and Z are capitals", ["2020-10-22t18:00z", TIME + "z", "2020-oct"]),
    ("write 2020, 2020-10, 2020-10-22", ["october", "null"]),
    ("a date has no spaces", [" 2020", "2020 ", "2020\n", "2020-10-22 18:00", "2020 /2021", "\t"]),
    ("a date has no spaces", [" " * MAX_LENGTH]),
    ("an interval has one slash", ["10/22/2020", "//", "2020//2021", "2020/2021/", "../../.."]),
    ("neither end is known", ["/", "../..", "../", "/.."]),
    (ORDER, ["2021/2020", "2020-10-10/2020-10-09", "2020-11-01/2020-10", "2020/201X"]),
    (ORDER, [f"{TIME}Z/{TIME}+03:00"]),
    ("a time in an interval needs its zone", [f"{TIME}/2020-11", f"2020/{TIME}:00", f"../{TIME}"]),
    (ASCII, ["\uff12\uff10\uff12\uff10", "\u0662\u0660\u0662\u0660", "202\u0660", "\u00b2020"]),
    (ASCII, ["\ud800", "2020-10-\udfff", "2020\u201310", "2020\u221210", "\ufeff2020"]),
    (ASCII, ["2020-10-22\u200b", "2020\u00a0", "2020\u2028", "осень 2020", f"2020\u2013{TIME}"]),
    (LENGTH, [f"{LONGEST}/{LONGEST}/{LONGEST}", f"{TIME}:30.{'0' * 60}Z", " " * (MAX_LENGTH + 1)]),
    (LENGTH, [unit * 100_000 for unit in ("2", "X", "2020/", "[", "\0", "\ud800", "\U0001f600")]),
]


def refusal(text: str) -> str:
    """Give the reason for which `text` is refused."""
    with pytest.raises(ValueError, match=r".") as caught:
        parse(text)
    message = str(caught.value)
    assert type(caught.value) is ValueError
    assert message.isprintable()  # so no lone surrogate, which an answer could not carry
    return message


@pytest.mark.parametrize(
    ("advice", "text"),
    [(advice, text) for advice, texts in REFUSED for text in texts],
    ids=lambda value: ascii(value[:40]),
)
def test_refusal_says_why(advice: str, text: str) -> None:
    assert refusal(text).startswith(advice)


def test_what_a_refusal_proposes_is_read() -> None:
    reasons = {refusal(text) for _, texts in REFUSED for text in texts}
    form = r"\b[0-9]{2}[0-9X]{2}(?![0-9])[-T0-9X:+~Z]*"
    proposed = {text for reason in reasons for text in re.findall(form, reason)}
    assert {"2020-10-22~", "20XX", "2020-10-XX", "2020-10-22T18:00+03:00"} <= proposed
    for text in proposed:
        parse(text)


def test_refusals_are_not_kept_in_memory() -> None:
    parse.cache_clear()
    for _, texts in REFUSED:
        for text in texts:
            refusal(text)
    assert parse.cache_info().currsize == 0


def test_docstring_examples_are_read() -> None:
    described, _, refused = (edtf.__doc__ or "").partition("Refused")
    examples = re.findall(r"`((?:\.\.)?/?[0-9]{2}[^`]*)`", described)
    assert len(examples) >= 15
    for text in examples:
        parse(text)
    assert refusal("2020-10-22T24:00Z").startswith(TIMES)
    assert "`24:00`" in refused


def known(text: str) -> tuple[int, int]:
    lower, upper = parse(text)
    assert lower is not None
    assert upper is not None
    return lower, upper


def within(inner: str, outer: str) -> bool:
    (lower, upper), (outer_lower, outer_upper) = known(inner), known(outer)
    return outer_lower <= lower < upper <= outer_upper


# Texts of every kind that is read; ends of intervals are those without a floating time.
dates = st.dates().map(date.isoformat)
coarse = st.one_of(
    dates.map(lambda day: day[:4]),
    dates.map(lambda day: day[:7]),
    dates.map(lambda day: f"{day[:7]}-XX"),
    dates.map(lambda day: f"{day[:4]}-XX"),
    dates.map(lambda day: f"{day[:4]}-XX-XX"),
    st.builds("{:04}-{}".format, st.integers(1, 9999), st.integers(21, 24)),
    st.integers(1, 999).map("{:03}X".format),
    st.integers(1, 99).map("{:02}XX".format),
)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
floating = st.datetimes().map(datetime.isoformat)
zoned = st.datetimes(timezones=zones)
ends = st.one_of(dates, coarse, zoned.map(datetime.isoformat))


@given(st.dates())
def test_a_day_is_24_hours_of_utc(day: date) -> None:
    start = (day - date(1970, 1, 1)).days * 86_400
    assert parse(day.isoformat()) == (start, start + 86_400)


@given(zoned)
def test_a_time_is_the_second_or_minute_that_it_is_in(moment: datetime) -> None:
    start = (moment - EPOCH) // timedelta(seconds=1)
    assert parse(moment.isoformat()) == (start, start + 1)
    minute = (moment.replace(second=0, microsecond=0) - EPOCH) // timedelta(seconds=1)
    assert parse(moment.isoformat(timespec="minutes")) == (minute, minute + 60)


@given(floating, zones)
def test_a_time_without_zone_covers_every_zone(local: str, zone: timezone) -> None:
    assert parse(local) == (parse(f"{local}+14:00").lower, parse(f"{local}-12:00").upper)
    assert within(datetime.fromisoformat(local).replace(tzinfo=zone).isoformat(), local)


@given(st.dates(min_value=date(100, 1, 1)))
def test_what_is_known_less_well_contains_what_is_known_better(day: date) -> None:
    text = day.isoformat()
    wider = [f"{text}T12:00Z", text, text[:7], text[:4], f"{text[:3]}X", f"{text[:2]}XX"]
    for inner, outer in pairwise(wider):
        assert within(inner, outer), (inner, outer)
    assert parse(f"{text[:7]}-XX") == parse(text[:7])
    assert parse(f"{text[:4]}-XX") == parse(f"{text[:4]}-XX-XX") == parse(text[:4])


@given(st.integers(1, 9998))
def test_months_and_seasons_follow_each_other_without_gap(year: int) -> None:
    months = [f"{year:04}-{month:02}" for month in range(1, 13)] + [f"{year + 1:04}-01"]
    seasons = [f"{year:04}-{season}" for season in range(21, 25)] + [f"{year + 1:04}-21"]
    for texts in (months, seasons):
        for earlier, later in pairwise(texts):
            assert parse(earlier).upper == parse(later).lower


@given(st.one_of(dates, coarse), st.sampled_from("?~%"))
def test_a_mark_does_not_move_the_bounds(text: str, mark: str) -> None:
    assert parse(text + mark) == parse(text)


@given(ends, ends)
def test_an_interval_reaches_from_start_to_end(start: str, end: str) -> None:
    (lower, _), (_, upper) = known(start), known(end)
    if lower < upper:
        assert parse(f"{start}/{end}") == (lower, upper)
    else:
        assert refusal(f"{start}/{end}").startswith(ORDER)
    for unbounded in ("", ".."):
        assert parse(f"{start}/{unbounded}") == (lower, None)
        assert parse(f"{unbounded}/{end}") == (None, upper)


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=())),
        st.text("0123456789-:/.,+TZXY?~% ", max_size=MAX_LENGTH + 2),
        st.builds(  # one character of a good text replaced, put in, or left out
            lambda text, at, put, skip: text[:at] + put + text[at + skip :],
            st.one_of(ends, floating, st.tuples(ends, ends).map("/".join)),
            st.integers(0, MAX_LENGTH),
            st.text(st.one_of(st.sampled_from("0129-:/.XTZ?~%"), st.characters()), max_size=1),
            st.integers(0, 1),
        ),
    )
)
@example("2020-10-22/2020-10-22")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        period = parse(text)
    except ValueError:
        assert refusal(text)
        return
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= MAX_LENGTH
    assert period != (None, None)
    if period.lower is not None and period.upper is not None:
        assert period.lower < period.upper


field = TypeAdapter(EdtfDate)


@pytest.mark.parametrize("text", ["2020-10-22T18:00:30,50+03", "2020-XX-XX", "2020-09-27/"])
def test_field_keeps_the_text(text: str) -> None:
    assert field.validate_python(text) == text


def test_field_refuses_what_parse_refuses() -> None:
    with pytest.raises(ValidationError) as caught:
        field.validate_python("2020-02-30")
    (error,) = caught.value.errors()
    assert error["type"] == "value_error"
    assert "the days of 2020-02 are 01 to 29" in error["msg"]


@pytest.mark.parametrize("text", ["9" * (MAX_LENGTH + 1), "2020\ud800", None, 2020, b"2020"])
def test_field_refuses_other_values(text: object) -> None:
    with pytest.raises(ValidationError) as caught:
        field.validate_python(text, strict=True)
    assert len(caught.value.errors()) == 1


def test_field_describes_itself() -> None:
    schema = field.json_schema()
    assert schema["type"] == "string"
    assert schema["maxLength"] == MAX_LENGTH
    assert "ISO 8601-2" in schema["description"]
    for text in schema["examples"]:
        parse(text)
