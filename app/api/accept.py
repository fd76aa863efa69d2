"""Which representation a client prefers (`Accept`, RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
# What is opened and never closed runs to the end, so that no header makes this slow.
_MEMBER = re.compile(r"""(?:[^,"]++|"(?:[^"\\]|\\.?)*+"?)+""")
_RANGE = re.compile(rf"\s*({_TOKEN})/({_TOKEN})\s*(?=;|$)")
_PARAMETER = re.compile(rf"\s*;\s*(?:({_TOKEN})\s*=\s*({_TOKEN}|{_QUOTED})\s*)?(?=;|$)")
_QUALITY = re.compile(r"[01](?:\.[0-9]*)?")
_LONGEST = 500
"""Characters of a header whose reading is remembered; a memory of long ones could be filled up."""


class _Range(NamedTuple):
    """One member of the header: what it takes, and how much it is wanted."""

    type: str
    subtype: str
    parameters: dict[str, str]
    quality: float

    def fit(self, offered: "_Range") -> int:
        """How closely it names what is offered; -1 where it does not.

        A parameter that the offer does not have is no obstacle (`application/atom+xml;type=feed`
        takes a feed), one that it has otherwise is (`text/csv;header=absent`).
        """
        if self.type == "*":
            return 0 if self.subtype == "*" else -1
        if self.type != offered.type:
            return -1
        if self.subtype == "*":
            return 1
        differs = any(
            offered.parameters.get(name, value) != value for name, value in self.parameters.items()
        )
        return -1 if self.subtype != offered.subtype or differs else 2 + bool(self.parameters)


def preferred(accept: str | None, offers: Sequence[str]) -> str | None:
    """The media type of `offers`, best first, that suits the header best; None where none does.

    The most specific range that fits a type tells how much it is wanted, and 0 is not at all. Of
    types that are wanted alike, the more specifically named wins, then the one named first, then
    the one offered first: who sends `text/csv, */*` means CSV. A malformed member counts for
    nothing; no header, or an empty one, takes everything.
    """
    if accept is None or not accept.strip(" \t,"):
        return offers[0]
    if len(accept) > _LONGEST:
        return _best(accept, tuple(offers))
    return _remembered(accept, tuple(offers))


def _best(accept: str, offers: tuple[str, ...]) -> str | None:
    ranges = list(_ranges(accept))
    best: tuple[float, int, int, int] | None = None
    for place, offer in enumerate(offers):
        (offered,) = _ranges(offer)
        fits = [(one.fit(offered), -order) for order, one in enumerate(ranges)]
        closest, order = max(fits, default=(-1, 0))
        if closest >= 0 and (quality := ranges[-order].quality) > 0:
            rank = (quality, closest, order, -place)
            best = rank if best is None else max(best, rank)
    return None if best is None else offers[-best[3]]


_remembered = lru_cache(maxsize=256)(_best)


def _ranges(header: str) -> Iterator[_Range]:
    for member in _MEMBER.findall(header):
        if (found := _range(member)) is not None:
            yield found


def _range(member: str) -> _Range | None:
    start = _RANGE.match(member)
    if start is None:
        return None
    parameters, at = {}, start.end()
    while at < len(member):
        parameter = _PARAMETER.match(member, at)
        if parameter is None:
            return None
        name, value = parameter.groups()
        if name:
            parameters[name.lower()] = _plain(value).lower()
        at = parameter.end()
    quality = parameters.pop("q", "1")
    if not _QUALITY.fullmatch(quality):
        return None
    return _Range(start[1].lower(), start[2].lower(), parameters, min(float(quality), 1))


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
