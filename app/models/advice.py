"""What pydantic says of a wrong value, in words that say how to mend it.

It tells of regular expressions, Python types and its own way through them; whoever sent the value
knows none of these. No advice repeats the value.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.models import base, candidate, webhook

FORMS = {
    base.ID_PATTERN: "must be an id: letters, digits and . _ : - only, beginning with a letter or "
    "digit, at most 200",
    base.LANG_PATTERN: "must be a language tag by BCP 47, as hy, en or az-Cyrl",
    base.SCRIPT_PATTERN: "must be a script by ISO 15924, a capital and three letters, as Armn or "
    "Cyrl",
    base.URL_PATTERN: "must be an absolute address without spaces, beginning with http:// or "
    "https://",
    base.SHA256_PATTERN: "must be a SHA-256: 64 hexadecimal digits in lower case",
    base.TEXT_PATTERN: "the NUL character cannot be stored; take it out",
    webhook.ADDRESS_PATTERN: "must be an absolute https address without spaces, user or password",
    candidate.ID_PATTERN: "must be the id of a candidate, as it was answered: 32 hexadecimal "
    "digits and hyphens",
}
"""What the patterns of members and parameters ask for."""

_KINDS = {
    "string_type": "must be text",
    "string_unicode": "must be text in UTF-8",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number, without quotation marks",
    "int_parsing": "must be a whole number, in digits",
    "int_parsing_size": "must be a whole number of fewer digits",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotation marks",
    "float_parsing": "must be a number, in digits",
    "finite_number": "must be a number, neither infinite nor NaN",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "missing": "is required",
    "extra_forbidden": "is not a member of this record; take it out, or mend its name",
}
_LIMITS = {
    "greater_than_equal": ("ge", "must be at least {}"),
    "greater_than": ("gt", "must be more than {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "less_than": ("lt", "must be less than {}"),
}
BEYOND = 2**53
"""Limits from here on stand for what can be stored, and nobody counts that far."""
_PYTHON = re.compile(r"<\w+\.\w+: ('[^']*')>")
_QUOTED = re.compile(r"'([^']*)'")


def of(error: Mapping[str, Any]) -> str:
    """What one error of a validation (as `ValidationError.errors` gives it, with its context) means
    for whoever sent the value."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "value_error":  # our own words
        return str(error["msg"]).removeprefix("Value error, ")
    if kind in ("enum", "literal_error"):
        return _choice(str(context["expected"]))
    if kind == "extra_forbidden" and "meant" in context:
        return f"is not a member of this record; did you mean {context['meant']}?"
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        limit = context[name]
        return words.format(_number(limit)) if limit < BEYOND else "is too large a number"
    if kind == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], "is not of the form that is taken here; see /docs")
    if kind in ("string_too_short", "too_short"):
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {_number(least)} entries"
    if kind == "string_too_long":
        return f"must have at most {_number(context['max_length'])} characters"
    if kind == "too_long":
        return f"must have at most {_number(context['max_length'])} entries"
    return _KINDS.get(kind, "is not what is taken here; see /docs")


def best(errors: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """What several errors of one value mean, one for each kind that it might have had, and the
    code of that."""
    found = list(errors)
    rest = [one for one in found if one["type"] not in ("int_type", "int_from_float", "float_type")]
    if not rest and len(found) > 1:
        return _KINDS["float_type"], found[0]["type"]
    one = (rest or found)[0]
    return of(one), one["type"]


def _choice(expected: str) -> str:
    values = _QUOTED.findall(_PYTHON.sub(r"\1", expected))
    return f"must be {'one of ' if len(values) > 1 else ''}{', '.join(values)}"


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else str(value)
