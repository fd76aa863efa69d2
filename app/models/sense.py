"""What makes no sense in a record that comes in: text that says nothing, fewer than no people or
half a one, what stands twice in a list.

The shapes do not refuse it, since they also read what the ledger holds, and that is never refused.
"""

import re
from collections.abc import Iterator
from typing import Any

from app.errors import Fault, short
from app.models.base import RecordType, is_blank
from app.models.figure import Measure

BLANK = "has white space only; write something, or leave it out"
NEGATIVE = "is below 0, and fewer than none cannot be counted; mend it"
HALVED = "is no whole number, and people are counted whole; mend it, or name the unit"
TWICE = "stands there already; take one of the two out"

# What a JSON string that has no visible letter may be made of, byte by byte: a quick look that
# finds too much rather than too little.
_SUSPECT = re.compile(
    rb'"(?:[ \x7f]|\\[a-z]|\\u[0-9a-f]{4}|\xc2[\x80-\xa0\xad]|\xe1[\x9a\xa0][\x80\x8e]'
    rb'|\xe2[\x80\x81][\x80-\xaf]|\xe3\x80\x80|\xef\xbb\xbf)+"'
)
_COUNTS = tuple(measure.value for measure in Measure if measure is not Measure.other)
"""Measures of people and things, of which there may be none but not fewer."""
_PEOPLE = {"killed", "wounded", "casualties", "captured", "missing", "displaced"}
"""Measures of people: where no unit says otherwise (thousands, tanks), whole ones."""
_ONCE = ("topics", "about", "broader", "derived_from")
"""Lists in which an id stands once."""


def faults(type: RecordType, members: dict[str, Any], body: bytes) -> Iterator[Fault]:
    """What makes no sense in the members of a record; `body` is the same as JSON."""
    if _SUSPECT.search(body):
        for pointer in _blank(members, ""):
            yield Fault(BLANK, "blank", pointer)
    if type is RecordType.attribution:
        yield from _uncountable(members.get("figures"))
        return
    for name in _ONCE:
        yield from _twice([_id(one) for one in _list(members, name)], f"/{name}")
    registered = [
        (one.get("scheme"), one.get("identifier")) if isinstance(one, dict) else None
        for one in _list(members, "identifiers")
    ]
    yield from _twice(registered, "/identifiers")


def _list(members: dict[str, Any], name: str) -> list[Any]:
    found = members.get(name)
    return found if isinstance(found, list) else []


def _id(reference: Any) -> Any:
    """The id in a reference, which may be the object in which it was answered."""
    return reference.get("id") if isinstance(reference, dict) else reference


def _twice(parts: list[Any], pointer: str) -> Iterator[Fault]:
    """Where a part stands that stood before; what is none, validation tells."""
    for position, part in enumerate(parts):
        if isinstance(part, str | tuple) and part in parts[:position]:
            yield Fault(TWICE, "twice", f"{pointer}/{position}")


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


def _uncountable(figures: Any) -> Iterator[Fault]:
    for position, figure in enumerate(figures if isinstance(figures, list) else ()):
        if not isinstance(figure, dict):
            continue
        at, measure = f"/figures/{position}", figure.get("measure")
        for name in ("low", "best", "high"):
            value = figure.get(name)
            if not isinstance(value, int | float) or measure not in _COUNTS:
                continue
            if value < 0:
                yield Fault(NEGATIVE, "negative", f"{at}/{name}")
            elif measure in _PEOPLE and "unit" not in figure and value != int(value):
                yield Fault(HALVED, "not_whole", f"{at}/{name}")
