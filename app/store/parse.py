"""From bytes that somebody sent to a change that can be checked: every fault is named."""

import difflib
import re
from typing import Any, get_args

import orjson
from pydantic import BaseModel, ValidationError

from app.errors import Fault, short
from app.models import RECORDS, advice, sense
from app.models.base import Record, RecordType
from app.store import empties, ledger, references
from app.store.write import Change

TYPES = ", ".join(RecordType)
MAX_TEXT = 10_000_000
"""Code points of a source's private text."""

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
DEEPEST = 100
"""How deeply lists and objects may nest: far deeper than a record does, and far less than what
makes Python's own stack overflow."""
_SPACED = re.compile(rb'"\s+:')


# gzip, xz, zip, zstandard, bzip2
_COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ\0", b"PK\3\4", b"\x28\xb5\x2f\xfd", b"BZh")


def value(raw: bytes) -> Any:
    """The JSON value in `raw`; raises `ValueError` with advice for what is none.

    Stricter than most readers, so that nothing is lost in silence: members that stand twice are
    refused, as are NaN, lone surrogates, what is not UTF-8 and what nests
    more than `DEEPEST` deep.
    """
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if raw[:3] == b"\xef\xbb\xbf" or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise ValueError("save it as UTF-8 without a byte order mark") from error
        if raw.startswith(_COMPRESSED):
            raise ValueError("this looks compressed; unpack it first") from error
        raise ValueError(f"not JSON: {_told(error, raw)}") from error
    if _has_double(found, raw):
        raise ValueError("a member stands twice in one object; keep one of them")
    return found


def _told(error: orjson.JSONDecodeError, raw: bytes) -> str:
    """What the reader of JSON found wrong, in plain words, and where."""
    try:
        raw.decode()
    except UnicodeDecodeError as odd:
        before = len(raw[: odd.start].decode())
        return f"it is not UTF-8 from character {before + 1} on; save it as UTF-8"
    said = next((plain for theirs, plain in _PLAIN.items() if theirs in error.msg), error.msg)
    return f"{said} at character {error.pos + 1}"


_PLAIN = {
    "surrogate": "half of a character (\\ud800 to \\udfff without its other half)",
    "depth limit": "lists and objects nest too deeply",
    "infinity": "a number that is too large",
    "zero-length": "there is nothing; unexpected end of data",
    "escape": "a backslash that begins no escape that JSON knows",
}
"""By a part of what the library says, which only those understand who know how it reads."""


def _members(found: Any, depth: int = 1) -> int:
    """How many members the objects in a value have, all told. Raises `ValueError` for one that
    nests too deeply."""
    if depth > DEEPEST:
        raise ValueError(f"lists and objects nest more than {DEEPEST} deep; no record does")
    count = 0
    if type(found) is dict:
        count, found = len(found), found.values()
    elif type(found) is not list:
        return 0
    for part in found:
        if type(part) is dict or type(part) is list:
            count += _members(part, depth + 1)
    return count


def _has_double(found: Any, raw: bytes) -> bool:
    """Whether a member stands twice in an object: then the text has more colons than members."""
    members = _members(found)
    # Where no space stands before a colon the quick count is never too low. It is too high where a
    # string begins with a colon or has a quoted one; then strings are left out of the count.
    if not _SPACED.search(raw) and raw.count(b'":') == members:
        return False
    return _STRING.sub(b"", raw).count(b":") != members


def line(raw: bytes) -> Change | tuple[Fault, ...]:
    """The change that one line of an interchange file asks for, or all that is wrong with it."""
    try:
        found = value(raw)
    except ValueError as error:
        return (Fault(str(error), "not_json"),)
    if not isinstance(found, dict):
        return (Fault("a line is one JSON object", "not_an_object"),)
    type = found.pop("type", None)
    if not isinstance(type, str) or type not in RECORDS:
        return (Fault(f"must be one of {TYPES}", "unknown_type", "/type"),)
    return change(RecordType(type), found)


def change(type: RecordType, members: dict[str, Any]) -> Change | tuple[Fault, ...]:
    """The change that a record's members ask for, or all that is wrong with them."""
    text = members.pop("text", None) if type is RecordType.source else None
    if text not in (None, ""):
        faults = _take_text(text, members)
        if faults:
            return faults
    given = ledger.given(members)
    body = ledger.canonical(given)
    senseless = {fault.pointer: fault for fault in sense.faults(type, given, body)}
    looked_at = body
    if given != members:
        left = empties.misplaced(RECORDS[type], members, given)
        looked_at = body if left == given else ledger.canonical(left)
    try:
        record: Record = RECORDS[type].model_validate_json(looked_at)
    except ValidationError as error:
        return tuple(
            (
                senseless | {fault.pointer: fault for fault in faults_of(error, RECORDS[type])}
            ).values()
        )
    if senseless:
        return tuple(senseless.values())
    if body.count(b'"id":') > 1:  # a reference as it is answered, an object, is as good as its id
        for target in record.targets():
            references.put(members, target.pointer, target.id)
        body = ledger.canonical(ledger.given(members))
    return Change(record, body, text if isinstance(text, str) and text else None)


def unknown(type: RecordType, members: dict[str, Any]) -> list[Fault]:
    """What a merge patch takes out though a record has no such member."""
    fields = RECORDS[type].model_fields.keys() | _BESIDES.get(type, set())
    gone = {name: one for name, one in members.items() if one is None and name not in fields}
    if not gone:
        return []
    try:
        RECORDS[type].model_validate_json(ledger.canonical(gone))
    except ValidationError as error:
        found = faults_of(error, RECORDS[type])
        return [fault for fault in found if fault.code == "extra_forbidden"]
    return []


_BESIDES = {RecordType.source: {"text"}, RecordType.statement: {"attributions"}}
"""What comes with a record and is not of it."""


def _take_text(text: Any, members: dict[str, Any]) -> tuple[Fault, ...]:
    """Put the hash of a source's text in its place, or say why the text cannot be kept."""
    if not isinstance(text, str) or "\0" in text or len(text) > MAX_TEXT:
        detail = f"must be text of at most {MAX_TEXT:,} characters, without NUL"
        return (Fault(detail, "invalid_text", "/text"),)
    sha256 = ledger.body_hash(text.encode())
    if members.get("sha256") not in (None, "", sha256):
        detail = "is not the SHA-256 of the text in UTF-8; mend one of them, or leave sha256 out"
        return (Fault(detail, "other_text", "/sha256"),)
    members["sha256"] = sha256
    return ()


def faults_of(error: ValidationError, shape: type[BaseModel] | None = None) -> tuple[Fault, ...]:
    """What a validation found, once for each member, without the values that came in. Of a known
    shape, a member that it does not have is told with the one that may be meant."""
    found: dict[str, list[Any]] = {}
    one: Any
    for one in error.errors(include_url=False, include_input=False):
        unknown = one["type"] == "extra_forbidden"  # then the last step is its name, whatever it is
        last = len(one["loc"]) - 1
        steps = [
            part
            for place, part in enumerate(one["loc"])
            if _is_member(part) or (unknown and place == last)
        ]
        if unknown and (meant := _meant(shape, steps)):
            one = {"type": one["type"], "ctx": {"meant": meant}}
        pointer = "".join(f"/{_escaped(part)}" for part in steps)
        found.setdefault(pointer, []).append(one)
    return tuple(Fault(*advice.best(told), pointer) for pointer, told in found.items())


def _meant(shape: type[BaseModel] | None, steps: list[int | str]) -> str | None:
    """The member that an unknown one, to which these steps lead, may be a misspelling of."""
    *path, name = steps
    for step in path:
        if shape and isinstance(step, str):
            member = shape.model_fields.get(step)
            shape = _shape(member.annotation) if member else None
    close = difflib.get_close_matches(short(name), shape.model_fields, 1) if shape else []
    return close[0] if close else None


def _shape(annotation: Any) -> type[BaseModel] | None:
    """The shape of a member, or of the parts of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _shape(part))), None)


def _is_member(part: int | str) -> bool:
    """Whether a step of pydantic's path is in the document, not a branch of a union."""
    return isinstance(part, int) or part not in _BRANCHES


_BRANCHES = {
    *("int", "float", "str", "bool", "constrained-int", "constrained-float", "constrained-str"),
    "[key]",
}


def _escaped(part: int | str) -> str:
    """A step of an RFC 6901 JSON pointer."""
    return short(part).replace("~", "~0").replace("/", "~1")
