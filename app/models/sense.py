"""What makes no sense in a record that comes in: text that says nothing, fewer than no people.

The shapes do not refuse it, since they also read what the ledger holds, and that is never refused.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from app.errors import Fault, short
from app.models.base import RecordType
from app.models.figure import Measure

BLANK = "has white space only; write something, or leave it out"
NEGATIVE = "is below 0, and fewer than none cannot be counted; mend it"

# What a JSON string that has no visible letter may be made of, byte by byte: a quick look that
# finds too much rather than too little.
_SUSPECT = re.compile(
    rb'"(?:[ \x7f]|\\[a-z]|\\u[0-9a-f]{4}|\xc2[\x80-\xa0\xad]|\xe1[\x9a\xa0][\x80\x8e]'
    rb'|\xe2[\x80\x81][\x80-\xaf]|\xe3\x80\x80|\xef\xbb\xbf)+"'
)
_UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}
"""Unicode's categories of what leaves no mark on paper."""
_COUNTS = tuple(measure.value for measure in Measure if measure is not Measure.other)
"""Measures of people and things, of which there may be none but not fewer."""


def faults(type: RecordType, members: dict[str, Any], body: bytes) -> Iterator[Fault]:
    """What makes no sense in the members of a record; `body` is the same as JSON."""
    if _SUSPECT.search(body):
        for pointer in _blank(members, ""):
            yield Fault(BLANK, "blank", pointer)
    if type is RecordType.attribution and b"-" in body:
        yield from _negative(members.get("figures"))


def is_blank(text: str) -> bool:
    """Whether a text has characters, and none that can be seen."""
    return bool(text) and all(unicodedata.category(letter) in _UNSEEN for letter in text)


def _blank(value: Any, pointer: str) -> Iterator[str]:
    """Where a text says nothing. Selectors quote: what stands before some words may be a space."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name != "selectors":
                yield from _blank(part, f"{pointer}/{_step(name)}")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _blank(part, f"{pointer}/{position}")
    elif isinstance(value, str) and is_blank(value):
        yield pointer


def _step(name: str) -> str:
    return short(name).replace("~", "~0").replace("/", "~1")


def _negative(figures: Any) -> Iterator[Fault]:
    for position, figure in enumerate(figures if isinstance(figures, list) else ()):
        if not isinstance(figure, dict) or figure.get("measure") not in _COUNTS:
            continue
        for name in ("low", "best", "high"):
            value = figure.get(name)
            if isinstance(value, int | float) and value < 0:
                yield Fault(NEGATIVE, "negative", f"/figures/{position}/{name}")
