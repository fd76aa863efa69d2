"""Which empty members may be left out of a body: those that a record has, empty in their own way.

Null, `""`, `[]` and `{}` mean the same as an absent member, so a body has none of them
(`ledger.given`). A member that no record has, or a list where a text belongs, is refused all the
same: the validation gets it back to say so.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel


class _Kind(NamedTuple):
    """What a value may be: which types of JSON value, and what stands in it."""

    types: frozenset[type]
    members: Mapping[str, Any] | None = None
    """The annotations of an object's members by their names."""
    each: Any = None
    """The annotation of all parts of a list, or of all members of an object."""


@cache
def _kind(annotation: Any) -> _Kind:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        members = {name: field.annotation for name, field in fields}
        return _Kind(frozenset({dict}), members)
    if isinstance(annotation, type):  # a member of a closed set is sent as text
        return _Kind(frozenset({str if issubclass(annotation, StrEnum) else annotation}))
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(args[0])
    if origin in (Union, UnionType):
        kinds = [_kind(one) for one in args]
        types = frozenset().union(*(one.types for one in kinds))
        return next((one for one in kinds if one.members or one.each), kinds[0])._replace(
            types=types
        )
    return _Kind(frozenset({origin}), None, args[-1])  # list[…] or dict[…, …]


def misplaced(annotation: Any, sent: Any, given: Any) -> Any:
    """A value that was sent without its empty members, but with those that do not belong in it.

    `given` is what `ledger.given` makes of `sent`; where that is the same or all is in order, it
    is the answer.
    """
    kind = _kind(annotation)
    if type(sent) is dict and dict in kind.types:
        return _object(kind, sent, given)
    if type(sent) is list and list in kind.types:
        pairs = zip(sent, given, strict=True)
        return [misplaced(kind.each, *pair) for pair in pairs]
    return given


def _object(kind: _Kind, sent: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in sent.items():
        known = kind.members is None or name in kind.members
        inner = kind.members[name] if kind.members and known else kind.each
        if name in given:
            found[name] = misplaced(inner, value, given[name]) if known else given[name]
        elif not known or not (value is None or type(value) in _kind(inner).types):
            found[name] = value
        elif type(value) in (dict, list) and (left := misplaced(inner, value, type(value)())):
            found[name] = left
    return found
