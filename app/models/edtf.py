"""Dates as far as they are known: EDTF text, and the stretch of UTC that it may mean.

Reads EDTF levels 0 and 1 (Library of Congress, 4 February 2019; ISO 8601-2:2019) for the years
0001 to 9999 of the proleptic Gregorian calendar.

- `2020`, `2020-10`, `2020-10-22`: the year, month or day in UTC. A printed day is a label, taken as
  it stands: it is not widened by the zones in which it may have been written.
- `2020-10-22T18:00+03:00`: that minute (reduced as ISO 8601-1 allows); `…T18:00:30.25Z`: the second
  that it is in, up to nine decimals. Zones are `Z`, `+04` or `+04:00`, from -12:00 to +14:00.
- `2020-10-22T18:00`, zone not known: from that minute at +14:00 to that minute at -12:00, the first
  and last that it can be (04:00Z to 06:01Z of the next day). For the day alone, write the day.
- `2020-10?` uncertain, `~` approximate, `%` both: the bounds of the unmarked date. How far "about
  October" reaches is not ours to invent; the text, which is kept, shows the doubt.
- `202X`: 2020 to 2029; `20XX`: 2000 to 2099; `2020-XX`, `2020-XX-XX`: 2020; `2020-10-XX`: 2020-10.
- `2020-21` spring March to May, `-22` summer June to August, `-23` autumn September to November,
  `-24` winter December 2020 to February 2021. EDTF says neither months nor hemisphere; libraries
  differ. Karabakh is northern: these are the meteorological seasons, and winter begins in the year
  named, after autumn. For the winter months of one year write `2020-01/2020-02`.
- `2020-09-27/2020-11-10`: from the first instant of the start to the last of the end. Either end
  may be any of the above; one with a time (ISO 8601-1, not EDTF) must have a zone.
- `2020-09-27/..`, `../2020` open; `2020/`, `/2020` unknown: unbounded, so that no query misses it.

Refused, with a hint: level 2 (sets, marks or X inside a date, seasons beyond 24), years with a sign
or `Y`, `24:00`, leap seconds (POSIX time has no place for them), digits other than ASCII 0-9.
"""

import re
from functools import lru_cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

MAX_LENGTH = 80  # the longest that is read has 71: two times with nine decimals and a zone

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_EARLIEST_ZONE, _LATEST_ZONE = 14 * _HOUR, -12 * _HOUR  # Kiritimati; ships at the date line

# Not \d, which takes Arabic and fullwidth digits. Every repetition is bounded.
_POINT = re.compile(
    r"""(?!000[0X]|00XX)                                             # no year 0000
        (?:([0-9]{4})                                                # year
           (?:-XX(?:-XX)?
             |-([0-9]{2})                                            # month or season
              (?:-XX
                |-([0-9]{2})                                         # day
                 (?:T([0-9]{2}):([0-9]{2})                           # hour, minute
                    (?::([0-9]{2})(?:[.,][0-9]{1,9})?)?              # second
                    (Z|[+-][0-9]{2}(?::[0-9]{2})?)?)?)?)?            # zone
          |([0-9]{3}X|[0-9]{2}XX))                                   # decade or century
        (?(4)|[?~%]?)                                                # a mark, but not on a time
    """,
    re.VERBOSE,
)

_ADVICE = {  # for what does not match: the first pattern that is found speaks
    r"[^\0-\x7f]": "only ASCII is read: digits 0-9, the hyphen - and / for an interval",
    r"\s": "a date has no spaces; a time is joined to its day by T, as in 2020-10-22T18:00+03:00",
    r"\A([-+Y]|000[0X]|00XX)": "only the years 0001 to 9999 are read, as four digits, no sign",
    r"[\[\]{}]|\.\.": "sets are not read; an interval is a/b, with an open end a/.. or ../b",
    r"T.*[?~%]": "a time takes no mark; mark the day, as in 2020-10-22~, or leave the mark out",
    r"[?~%]": "one mark (? ~ %) may end a date and holds for all of it, as in 2020-10-22~",
    r"[xX]": "X, a capital, replaces parts from the right: 202X, 20XX, 2020-XX, 2020-10-XX",
    r"\A[^0-9]*\Z": "write 2020, 2020-10, 2020-10-22, 2020-10-22T18:00+03:00, or an interval a/b",
    r"[a-z]": "T and Z are capitals and months are numbers, as in 2020-10-22T18:00Z",
    r"T": "a time is hh:mm or hh:mm:ss with a zone, after a full day, as in 2020-10-22T18:00+03:00",
    r"": "write 2020, 2020-10, 2020-10-22, 2020-10-22T18:00+03:00, or an interval a/b",
}


class Period(NamedTuple):
    """A half-open interval of UTC, in whole seconds since 1970-01-01T00:00:00Z.

    Where both bounds are known, `lower < upper`. They may lie outside the years 1 to 9999.
    """

    lower: int | None  # None: unbounded
    upper: int | None  # exclusive; None: unbounded


@lru_cache(maxsize=4096)  # refusals are not kept, so no key is longer than MAX_LENGTH
def parse(text: str) -> Period:
    """Give the bounds of a date or interval, as described above.

    Raises ValueError, whose message says what is wrong and what to write, without the text.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a date has at most {MAX_LENGTH} characters, and this has {len(text)}")
    start, slash, end = text.partition("/")
    if not slash:
        return _point(text)
    if "/" in end:
        raise ValueError("an interval has one slash; a day is written 2020-10-22")
    lower = None if start in ("", "..") else _point(start, zone_needed=True).lower
    upper = None if end in ("", "..") else _point(end, zone_needed=True).upper
    if lower is None and upper is None:
        raise ValueError("neither end is known; give one, or leave the date out")
    if lower is not None and upper is not None and lower >= upper:
        raise ValueError("the interval ends before it starts; exchange or correct its ends")
    return Period(lower, upper)


def _point(text: str, *, zone_needed: bool = False) -> Period:
    match = _POINT.fullmatch(text)
    if match is None:
        raise ValueError(next(why for found, why in _ADVICE.items() if re.search(found, text)))
    years, months, days, hour, minute, second, zone, decade = match.groups()
    year = int(years or decade.replace("X", "0"))
    if months is None:
        next_year = year + (10 ** decade.count("X") if decade else 1)
        return Period(_month_start(year, 1) * _DAY, _month_start(next_year, 1) * _DAY)
    month, length = int(months), 1
    if 21 <= month <= 24 and days is None and "X" not in text:
        month, length = 3 * (month - 20), 3
    if not 1 <= month <= 12:
        raise ValueError("months are 01 to 12, or 21 to 24 for a season, which has no days")
    first, after = _month_start(year, month), _month_start(year, month + length)
    if days is None:
        return Period(first * _DAY, after * _DAY)
    if not 1 <= int(days) <= after - first:
        raise ValueError(f"the days of {years}-{months} are 01 to {after - first}")
    lower = (first + int(days) - 1) * _DAY
    if hour is None:
        return Period(lower, lower + _DAY)
    if hour > "23" or minute > "59" or (second or "") > "59":
        raise ValueError("times are 00:00:00 to 23:59:59; for 24:00 write 00:00 of the next day")
    lower += int(hour) * _HOUR + int(minute) * _MINUTE + int(second or 0)
    upper = lower + (1 if second else _MINUTE)
    if zone:
        offset = _offset(zone)
        return Period(lower - offset, upper - offset)
    if zone_needed:
        raise ValueError("a time in an interval needs its zone, as in 2020-10-22T18:00+03:00")
    return Period(lower - _EARLIEST_ZONE, upper - _LATEST_ZONE)


def _offset(zone: str) -> int:
    """Give the seconds by which a zone (Z, ±hh or ±hh:mm) is ahead of UTC."""
    if zone == "Z":
        return 0
    minutes = int(zone[4:] or 0)
    ahead = int(zone[1:3]) * _HOUR + minutes * _MINUTE
    offset = ahead if zone[0] == "+" else -ahead
    if minutes > 59 or not _LATEST_ZONE <= offset <= _EARLIEST_ZONE:
        raise ValueError("zones are -12:00 to +14:00, or Z")
    if zone[0] == "-" and ahead == 0:  # ISO 8601 has none; RFC 3339 reads it in its own way
        raise ValueError("there is no zone -00:00; write Z, or no zone if it is not known")
    return offset


def _month_start(year: int, month: int) -> int:
    """Give the days from 1970-01-01 to the first of a month; month 13 is the next January.

    Years are counted from March, so that the leap day comes last. `datetime.date` ends with 9999.
    """
    years, months = divmod(12 * year + month - 3, 12)
    leap_days = years // 4 - years // 100 + years // 400
    return 365 * years + leap_days + (153 * months + 2) // 5 - 719_468


def _readable(text: str) -> str:
    parse(text)
    return text


EdtfDate = Annotated[  # a field of a model: the text is kept as given
    str,
    Field(
        max_length=MAX_LENGTH,
        description="Date as far as it is known: EDTF (ISO 8601-2) level 1, years 0001 to 9999",
        examples=["2020-10-22", "2020-10~", "2020-10-22T18:00+03:00", "2020-09-27/.."],
    ),
    AfterValidator(_readable),
]
