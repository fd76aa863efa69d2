"""Checking anchors: do the words of an attribution stand in the source's snapshot, and where?

A selector is checked code point for code point against the snapshot's text as it is: nothing is
folded, normalised or matched nearly. A place *fits* when `exact` stands there with `prefix` right
before and `suffix` right after; one that is absent or empty asks for nothing. Places may overlap
("ana" stands twice in "banana"). Then, as W3C Web Annotation reads text-quote and text-position
selectors, and without choosing where there is a choice:

- `exact`: `start` to `end` is a place that fits, whatever else fits too. Without `start` and
  `end`: exactly one place fits.
- `moved`: `start` to `end` does not fit, and exactly one other place does.
- `ambiguous`: `start` to `end` does not fit, or is not given, and several places do.
- `missing`: no place fits. So it is too where the words stand, even at `start`, but not between
  `prefix` and `suffix`; `detail` tells the two apart.
- `unverifiable`: there is no snapshot, or `exact` is absent, so that there are no words to check.
  Even then it is `missing` where the text ends before `end`, or where `prefix` and `suffix` do not
  stand around `start` and `end`: what a selector says must not be known to be wrong.

An answer shows offsets, statuses and the selectors' own words, and nothing else of the text.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import orjson
from pydantic import Field
from sqlalchemy import Connection, func, select

from app.db import Writer
from app.errors import Conflict, InvalidInput, Redirected, short
from app.models import IDENTITIES, SNAPSHOT, attribution, source
from app.models.attribution import SelectorRole
from app.models.base import (
    AttributionReference,
    RecordType,
    Sha256,
    Shape,
    SourceReference,
)
from app.models.revision import ChangeKind
from app.store import edit, ledger, moment, parse, read, write
from app.store.labels import labelled
from app.store.moment import At, AtParams, alive
from app.store.read import Found
from app.store.write import Result

SHOWN = 10
"""Places of one selector that are listed."""
COUNTED = 100
"""Places of one selector that are counted: text that repeats itself must not cost more."""
PAGE = 500


class Status(StrEnum):
    """How an anchor fares, from the best to the worst."""

    exact = "exact"
    unverifiable = "unverifiable"
    moved = "moved"
    ambiguous = "ambiguous"
    missing = "missing"


class Wording(StrEnum):
    """Whether `quoted_text` is what the content selectors anchor."""

    exact = "exact"
    differs = "differs"
    unverifiable = "unverifiable"


class Stored(StrEnum):
    stored = "stored"
    absent = "absent"


class Place(Shape):
    """Where words stand: half-open, in code points of the snapshot."""

    start: int
    end: int


class CheckedSelector(Shape):
    """One selector, and how it fares."""

    position: int
    """Its place in the attribution's `selectors`, counted from 0."""
    role: SelectorRole
    index: int | None
    """Which speaker or addressee it anchors, counted from 0."""
    exact: str | None
    """The words that it anchors, as the selector itself gives them."""
    start: int | None
    """Where the selector says that they stand."""
    end: int | None
    status: Status
    count: Annotated[int, Field(ge=0, le=COUNTED)]
    """How many places fit; counting stops at 100."""
    found: Annotated[list[Place], Field(max_length=SHOWN)]
    """The places that fit, in reading order, the first ten; of an exact one only its own."""
    detail: str | None
    """What is wrong, in words; null where nothing is."""


class VerificationAnswer(Shape):
    """How an attribution's anchors fare in the source's stored snapshot."""

    attribution: AttributionReference
    source: SourceReference
    sha256: Sha256 | None
    """Which snapshot was checked against: the hash of its text; null: the source names none."""
    snapshot: Stored
    """Whether that text is stored here; it is never shown."""
    status: Status
    """The worst of the selectors': exact, unverifiable, moved, ambiguous, missing; unverifiable
    where there is none."""
    quoted_text: Wording
    """Whether `quoted_text` is the words of the content selectors, in their order, joined by
    nothing, a space or an omission mark; unverifiable where there is no such text or selector."""
    selectors: list[CheckedSelector]


# --- one selector -------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """How a selector fares; `found` are the starts of the places that fit, at most `COUNTED`."""

    status: Status
    found: tuple[int, ...] = ()
    detail: str | None = None


def check(selectors: list[dict[str, Any]], text: str | None) -> list[Verdict]:
    """How each selector fares in a text; None is a text that is not there."""
    if text is None:
        absent = Verdict(Status.unverifiable, detail="The source's snapshot is not stored here.")
        return [absent] * len(selectors)
    settled = [_at_its_place(selector, text) for selector in selectors]
    unsettled = [one for one, verdict in zip(selectors, settled, strict=True) if not verdict]
    found = places(text, {_window(one) for one in unsettled})
    lost = {one["exact"] for one in unsettled if not found[_window(one)]}
    alone = places(text, lost, limit=1)
    return [
        verdict or _elsewhere(one, found[_window(one)], bool(alone.get(one["exact"])))
        for one, verdict in zip(selectors, settled, strict=True)
    ]


def _window(selector: dict[str, Any]) -> str:
    """The words with what stands around them: wherever this stands, the selector fits."""
    return f"{selector['prefix'] or ''}{selector['exact']}{selector['suffix'] or ''}"


def _at_its_place(selector: dict[str, Any], text: str) -> Verdict | None:
    """How a selector fares by its own start and end alone; None where the text must be searched."""
    start, end, words = selector["start"], selector["end"], selector["exact"]
    before, after = selector["prefix"] or "", selector["suffix"] or ""
    fits = (
        start is not None
        and end <= len(text)
        and (words is None or text.startswith(words, start))
        and text.endswith(before, 0, start)
        and text.startswith(after, end)
    )
    if words:
        return Verdict(Status.exact, (start,)) if fits else None
    if fits:
        return Verdict(Status.unverifiable, detail="There are no exact words to check.")
    if end > len(text):
        return Verdict(Status.missing, detail="The snapshot ends before `end`.")
    detail = "`prefix` and `suffix` do not stand around `start` and `end`."
    return Verdict(Status.missing, detail=detail)


def _elsewhere(selector: dict[str, Any], found: list[int], alone: bool) -> Verdict:
    """How a selector with words fares that does not fit at its start and end, if it has these."""
    starts = tuple(at + len(selector["prefix"] or "") for at in found)
    if not starts:
        if alone:
            detail = "The words stand in the snapshot, but not between this `prefix` and `suffix`."
        else:
            detail = "The words do not stand in the snapshot."
        return Verdict(Status.missing, detail=detail)
    if len(starts) > 1:
        detail = "Several places fit; a longer `prefix` or `suffix` would tell them apart."
        return Verdict(Status.ambiguous, starts, detail)
    if selector["start"] is None:
        return Verdict(Status.exact, starts)
    return Verdict(Status.moved, starts, "The words stand elsewhere, see `found`.")


# --- many searches through one text -------------------------------------------------------------

GRAMS = (8, 4, 3)
FEW = 8
MOST_TRIES = 20_000_000


def places(text: str, words: Collection[str], *, limit: int = COUNTED) -> dict[str, list[int]]:
    """Where each of `words` starts in `text`, overlapping places too: the first `limit` of each.

    A few are searched one by one, each in time linear in the text (10 MB: some 15 ms). For many
    it is read once for all words of some length: 1,000 anchors that all moved take 1 to 3 s there,
    not 20. Words of less than five code points are searched one by one after all, and so are those
    in a text that repeats itself so much that reading it once would take too many tries.
    """
    found: dict[str, list[int]] = {}
    left = set(words)
    for gram in GRAMS:
        these = {word for word in left if len(word) >= 2 * gram - 1}
        if len(these) > FEW:
            found |= _read_once(text, these, gram, limit)
        left -= found.keys()
    return found | {word: _one_by_one(text, word, limit) for word in left}


def _one_by_one(text: str, word: str, limit: int) -> list[int]:
    found: list[int] = []
    at = text.find(word)
    while at >= 0 and len(found) < limit:
        found.append(at)
        at = text.find(word, at + 1)
    return found


def _read_once(text: str, words: set[str], gram: int, limit: int) -> dict[str, list[int]]:
    """The places of all the words by one reading; nothing where that takes too many tries.

    Of any `gram` code points in a row, one stands at a multiple of `gram` in the text; so of each
    word, wherever it stands, exactly one piece of `gram` code points, among those that begin with
    its first `gram`, does too (it must have `2 * gram - 1` of them at least). Only the pieces of
    the text that stand so are looked up, among those of the words.
    """
    pieces: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for word in words:
        for offset in reversed(range(gram)):  # so that places come up in their order
            pieces[word[offset : offset + gram]].append((word, offset))
    found: dict[str, list[int]] = {word: [] for word in words}
    tries = 0
    for at in range(0, len(text), gram):
        wanted = pieces.get(text[at : at + gram])
        if wanted is None:
            continue
        tries += len(wanted)
        if tries > MOST_TRIES:
            return {}
        for word, offset in wanted:
            start = at - offset
            if start >= 0 and text.startswith(word, start) and len(found[word]) < limit:
                found[word].append(start)
    return found


# --- quoted_text --------------------------------------------------------------------------------

JOINTS = ("", " ", " … ", " ... ", " […] ", " [...] ")
"""How a quotation may join words that do not stand together in the source."""


def wording(document: dict[str, Any], text: str | None) -> Wording:
    """Whether `quoted_text` is what the content selectors anchor, joined by one same joint.

    The words are the selectors' own; of one with offsets only, those of the snapshot.
    """
    quoted = document["quoted_text"]
    anchors = [one for one in document["selectors"] if one["role"] == SelectorRole.content]
    words = [one["exact"] or _between(text, one["start"], one["end"]) for one in anchors]
    if not quoted or not all(words) or not words:
        return Wording.unverifiable
    return (
        Wording.exact if any(joint.join(words) == quoted for joint in JOINTS) else Wording.differs
    )


def _between(text: str | None, start: int, end: int) -> str:
    return text[start:end] if text is not None and end <= len(text) else ""


# --- one attribution ----------------------------------------------------------------------------


def of_attribution(connection: Connection, id: str, asked: AtParams) -> Found:
    """How an attribution's anchors fare, as it is answered (`VerificationAnswer`).

    Raises as `read.one` does. With `known_at` attribution and source are those of that moment.
    """
    at = moment.resolve(connection, asked.known_at)
    key = read.key_of(connection, RecordType.attribution, id, at)
    versions = attribution.VERSION
    query = select(versions.c.source, versions.c.document)
    row = connection.execute(query.where(versions.c.key == key, alive(versions, at))).one()
    document = orjson.loads(row.document)
    sha256, text = _snapshot(connection, row.source, at)
    verdicts = check(document["selectors"], text)
    pairs = enumerate(zip(document["selectors"], verdicts, strict=True))
    answer = {
        "attribution": {"id": id},
        "source": document["source"],
        "sha256": sha256,
        "snapshot": Stored.absent if text is None else Stored.stored,
        "status": worst([verdict.status for verdict in verdicts]),
        "quoted_text": wording(document, text),
        "selectors": [_shown(position, *pair) for position, pair in pairs],
    }
    answered = labelled(connection, orjson.dumps(answer).decode(), at)
    return Found(document["version"], answered)


def worst(statuses: Collection[Status]) -> Status:
    return max(statuses, key=list(Status).index, default=Status.unverifiable)


def _shown(position: int, selector: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    members = ("role", "index", "exact", "start", "end")
    length = len(selector["exact"] or "")
    return {
        "position": position,
        **{name: selector[name] for name in members},
        "status": verdict.status,
        "count": len(verdict.found),
        "found": [{"start": at, "end": at + length} for at in verdict.found[:SHOWN]],
        "detail": verdict.detail,
    }


def _snapshot(connection: Connection, key: int, at: At) -> tuple[str | None, str | None]:
    """The hash that a source gives of its snapshot, and the text where it is stored."""
    identity, versions = IDENTITIES[RecordType.source], source.VERSION
    # What was merged since had its own snapshot then.
    stands = func.coalesce(identity.c.merged_into, identity.c.key) if at is None else identity.c.key
    query = (
        select(versions.c.sha256, SNAPSHOT.c.text)
        .join(identity, stands == versions.c.key)
        .outerjoin(SNAPSHOT, SNAPSHOT.c.sha256 == versions.c.sha256)
    )
    row = connection.execute(query.where(identity.c.key == key, alive(versions, at))).first()
    return (row.sha256, row.text) if row else (None, None)


def private_text(connection: Connection, id: str) -> tuple[str | None, str | None, str | None]:
    """A source's snapshot where it is stored, its language and its day: for reading it, never for
    showing it. Raises as `read.key_of`."""
    key = read.key_of(connection, RecordType.source, id)
    _, text = _snapshot(connection, key, None)
    query = select(source.VERSION.c.document).where(source.VERSION.c.key == key)
    document = orjson.loads(connection.scalar(query.where(alive(source.VERSION))) or "{}")
    return text, document.get("lang"), document.get("published_at")


# --- one source ---------------------------------------------------------------------------------


class Anchor(NamedTuple):
    """One selector of a source's attributions, and how it fares."""

    attribution: str
    position: int
    selector: dict[str, Any]
    verdict: Verdict

    def as_dict(self) -> dict[str, Any]:
        return {"attribution": self.attribution, **_shown(*self[1:])}

    def __str__(self) -> str:
        which = f"{self.attribution}, selector {self.position} ({self.selector['role']})"
        if self.verdict.status is Status.moved:
            return f"{which}: moved from {self.selector['start']} to {self.verdict.found[0]}."
        return f"{which}: {self.verdict.status}. {self.verdict.detail}"


def of_source(connection: Connection, id: str, at: At = None) -> Iterator[Anchor]:
    """How all anchors in a source fare, attribution by attribution, whatever their status."""
    key = read.key_of(connection, RecordType.source, id, at)
    _, text = _snapshot(connection, key, at)
    versions, after = attribution.VERSION, 0
    query = select(versions.c.key, versions.c.document).where(
        versions.c.source == key, alive(versions, at)
    )
    while True:
        page = query.where(versions.c.key > after).order_by(versions.c.key).limit(PAGE)
        documents = [(row.key, orjson.loads(row.document)) for row in connection.execute(page)]
        if not documents:
            return
        listed = [
            (one["id"], *pair) for _, one in documents for pair in enumerate(one["selectors"])
        ]
        verdicts = check([selector for _, _, selector in listed], text)
        for (of, position, selector), verdict in zip(listed, verdicts, strict=True):
            yield Anchor(of, position, selector, verdict)
        after = documents[-1][0]


class Attached(NamedTuple):
    """What came of attaching a snapshot."""

    sha256: str
    result: Result
    """Updated when the source has a new version, unchanged when it named this text already."""


def decoded(raw: bytes) -> str:
    """The text of a file as it is: a byte order mark is its first code point, and every line end
    stands as it stood, since the hash and the offsets are of the whole file.

    Raises `InvalidInput` for what is not UTF-8, empty, too long, or has a NUL.
    """
    if len(raw) > MOST_BYTES:
        raise InvalidInput(_TOO_LONG)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        detail = f"The text is not UTF-8 (at byte {error.start + 1}); save it as UTF-8."
        raise InvalidInput(detail) from None
    if not text:
        raise InvalidInput("The text is empty, so no words can stand in it.")
    if len(text) > parse.MAX_TEXT:
        raise InvalidInput(_TOO_LONG)
    if (nul := text.find("\0")) >= 0:
        detail = f"The text has a NUL at character {nul + 1}, which cannot be stored; take it out."
        raise InvalidInput(detail)
    return text


MOST_BYTES = 4 * parse.MAX_TEXT
"""Of a text: no code point takes more than four."""
_TOO_LONG = f"The text is longer than {parse.MAX_TEXT:,} characters; attach a part of it."


def attach(
    writer: Writer,
    id: str,
    text: str,
    *,
    agent: str,
    reason: str | None = None,
    replace: bool = False,
) -> Attached:
    """Keep a text as a source's private snapshot, and have the source name its hash.

    A source that names no snapshot yet gets a new version (`updated`), and so, if `replace` is
    given, does one that names another (`corrected`); everything else in it stays. The text that
    is replaced stays too, for reading as of then.

    Raises `Conflict` where another snapshot stands or the source was merged, and as `read.key_of`.
    """
    try:
        read.key_of(writer, RecordType.source, id)
    except Redirected as merged:
        detail = f"Source {short(id)} was merged into {merged.detail}; attach the text to that one."
        raise Conflict(detail) from None
    members = edit.present_body(writer, RecordType.source, id)
    sha256, named = ledger.body_hash(text.encode()), members.pop("sha256", None)
    replaces = named not in (None, sha256)
    if replaces and not replace:
        raise Conflict(
            f"Source {short(id)} names another snapshot, {named}; this text is {sha256}. "
            "Say that it is to be replaced (--replace), or take the text that the source names."
        )
    change = parse.change(RecordType.source, {**members, "text": text})
    if isinstance(change, tuple):
        raise InvalidInput.of(*change)
    checked = write.check(writer, [change])
    (outcome,) = checked.outcomes
    if outcome.result is Result.failed:
        raise InvalidInput.of(*outcome.faults)
    kind = ChangeKind.corrected if replaces else ChangeKind.updated
    why = reason or ("another snapshot attached" if replaces else "snapshot attached")
    write.write(writer, checked, agent=agent, reason=why, change=kind)
    return Attached(sha256, outcome.result)
