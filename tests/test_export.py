"""Exporting: what was imported comes back, in an order in which it can be imported again."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hypothesis import given

from app.cli.serve import BUNDLED
from app.db import Database
from app.store import bulk, export
from tests import factories
from tests.cases import Cases
from tests.factories import (
    Record,
    actor,
    attribution,
    clear,
    denies,
    eventful,
    everything,
    fill,
    load,
    member_of,
    source,
    statement,
    topic,
)

REFERENCES = {
    "topic": {"topic": ["broader"]},
    "source": {"actor": ["publisher"], "source": ["derived_from"]},
    "statement": {"topic": ["topics"], "actor": ["about"]},
    "attribution": {
        "statement": ["statement"],
        "source": ["source"],
        "attribution": ["parent"],
        "actor": ["actor", "on_behalf_of", "parties"],
        "topic": ["place"],
    },
}
"""The members that may name only what stands before, wherever in the record they are."""


def exported(database: Database) -> list[Record]:
    with database.reader() as reader:
        lines = list(export.lines(reader))
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
    return [json.loads(line) for line in lines]


def canonical(records: Iterable[Record]) -> Counter[str]:
    """Records as a set that minds doubles, by their meaning: what is empty is absent."""
    return Counter(json.dumps(factories.given(one), sort_keys=True) for one in records)


def named(value: Any, member: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name == member:
                yield from part if isinstance(part, list) else [part]
            elif not isinstance(part, str):
                yield from named(part, member)
    elif isinstance(value, list):
        for part in value:
            yield from named(part, member)


def too_early(records: list[Record]) -> list[str]:
    """References to what stands further down, where they may not be."""
    seen: set[tuple[str, str]] = set()
    found = []
    for record in records:
        for type, members in REFERENCES.get(record["type"], {}).items():
            for id in (one for member in members for one in named(record, member)):
                if (type, id) not in seen:
                    found.append(f"{record['type']} {record['id']} names {type} {id}")
        seen.add((record["type"], record["id"]))
    return found


def kept(records: Iterable[Record]) -> list[Record]:
    """Records as an export shows them: for a text its hash."""
    found = []
    for record in records:
        shown = {name: value for name, value in record.items() if name != "text"}
        if "text" in record:
            shown["sha256"] = hashlib.sha256(record["text"].encode()).hexdigest()
        found.append(shown)
    return found


def latest(*files: Sequence[Record]) -> list[Record]:
    """What a store holds after these files: of each record the last line."""
    return list({(one["type"], one["id"]): one for lines in files for one in lines}.values())


def exported_again(database: Database) -> list[Record]:
    """What an export gives after it was imported into an empty store."""
    content = factories.ndjson(exported(database))
    clear(database)
    report = load(database, content)
    assert (report.errors, report.warnings) == ({}, {})
    assert report.created == content.count(b"\n")
    return exported(database)


# --- what comes back ---------------------------------------------------------------------------


def test_every_member_comes_back(database: Database) -> None:
    fill(database, everything())
    found = exported(database)
    assert canonical(found) == canonical(kept(everything()))
    assert [one for one in found if "text" in one] == []


def test_the_bundled_record_comes_back(bundled: Database) -> None:
    sent: list[Record] = []
    for path in sorted(BUNDLED.glob("*.ndjson")):
        sent += [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    found = exported(bundled)
    assert canonical(found) == canonical(kept(sent))
    assert too_early(found) == []
    assert canonical(exported_again(bundled)) == canonical(found)


def test_the_last_version_of_each_record_comes_back(database: Database) -> None:
    fill(database, *eventful())
    assert canonical(exported(database)) == canonical(kept(latest(*eventful())))


def test_what_is_empty_is_left_out(database: Database) -> None:
    empty: Record = {"description": None, "memberships": [], "identifiers": []}
    fill(database, [actor("a", **empty, other_names=[{"name": "b", "lang": ""}])])
    fill(database, [statement("x", content="", occasion=None, topics=[])])
    assert exported(database) == [
        actor("a", other_names=[{"name": "b"}]),
        statement("x"),
    ]


def test_text_comes_back_code_point_for_code_point(database: Database) -> None:
    words = [" a\r\n\tb\u2028", "e\u0301é", "İı", "𐌰\ufffe", ' :"\\', "\N{BYTE ORDER MARK}x"]
    lines = [statement(f"x{number}", content=word) for number, word in enumerate(words)]
    fill(database, lines)
    assert exported(database) == lines


def test_lists_keep_their_order_and_their_doubles(database: Database) -> None:
    lines = [
        *[topic("b"), topic("a"), topic("t", broader=["b", "a"])],
        source("s", authors=["Z", "A", "Z"]),
    ]
    fill(database, lines)
    assert canonical(exported(database)) == canonical(lines)


def test_an_empty_store_exports_nothing(database: Database) -> None:
    assert exported(database) == []


def test_what_is_awaited_is_left_out(database: Database) -> None:
    lines = [statement("x", relations=denies("y")), actor("a"), statement("y")]
    steps = bulk.import_file(database, io.BytesIO(factories.ndjson(lines)), agent="x", batch=1)
    next(steps)
    steps.close()  # type: ignore[attr-defined]  # a generator, as every caller knows
    assert exported(database) == [statement("x")], "so that the file can be taken in"


def test_an_export_shows_one_moment(database: Database) -> None:
    """What is written while it runs is not in it."""
    fill(database, [actor("a")], [statement("x")])
    with database.reader() as reader:
        lines = export.lines(reader)
        first = next(lines)
        fill(database, [actor("b"), statement("x", content="new"), statement("y")])
        rest = list(lines)
    assert [json.loads(line) for line in (first, *rest)] == [actor("a"), statement("x")]


def test_all_records_come_however_many(database: Database) -> None:
    count = export.SIZE + 3
    lines = [
        *[actor(f"a{one}") for one in range(count)],
        *[topic(f"t{one}", broader=[f"t{one - 1}"][: one > 0]) for one in range(count)],
        source("s"),
        *[statement(f"x{one}") for one in range(count)],
        *[attribution(f"r{one}", f"x{one}", "s") for one in reversed(range(count))],
        *[attribution(f"q{one}", "x0", "s", parent=f"r{one}") for one in range(count)],
    ]
    fill(database, lines)
    found = exported(database)
    assert canonical(found) == canonical(factories.given(lines))
    assert too_early(found) == []


# --- in which order ----------------------------------------------------------------------------

ORDERS: dict[str, list[list[Record]]] = {
    "eventful": eventful(),
    "a topic that became narrower than a newer one": [
        [topic("a"), topic("b", broader=["a"])],
        [topic("c"), topic("d", broader=["c"])],
        [topic("a", broader=["d"])],
    ],
    "a source that turned out to be derived": [
        [source("a"), source("b", derived_from=["a"]), source("c")],
        [actor("p"), source("d", publisher="p"), source("a", derived_from=["d", "c"])],
    ],
    "a report inside another statement's": [
        [source("s"), statement("x"), statement("y"), statement("z")],
        [attribution("outer", "z", "s"), attribution("inner", "x", "s", parent="outer")],
        [attribution("innermost", "y", "s", parent="inner")],
    ],
    "reports that were nested anew": [
        [source("s"), statement("x"), statement("y")],
        [attribution("a", "x", "s"), attribution("b", "y", "s", parent="a")],
        [attribution("b", "y", "s"), attribution("a", "x", "s", parent="b")],
    ],
    "a report that was moved to a newer statement": [
        [source("s"), statement("x"), attribution("r", "x", "s")],
        [statement("y"), attribution("r", "y", "s")],
    ],
    "a statement that came to be about newer records": [
        [statement("x"), source("s"), attribution("r", "x", "s")],
        [actor("a"), topic("t"), statement("x", topics=["t"], about=["a"], content_from="r")],
        [attribution("r", "x", "s", figures=[factories.figure(place="t", parties=["a"])])],
    ],
    "what may stand anywhere": [
        [
            actor("a", memberships=[{"organization": "b", "source": "s"}]),
            actor("b", memberships=member_of("a")),
            source("s", publisher="b"),
            statement("x", content_from="r", relations=denies("y", "x")),
            statement("y", relations=denies("x")),
            attribution("r", "y", "s"),
        ]
    ],
}


def test_a_line_names_only_what_stands_before(database: Database) -> None:
    with Cases() as cases:
        for name, files in ORDERS.items():
            with cases.named(name):
                clear(database)
                fill(database, *files)
                found = exported(database)
                assert canonical(found) == canonical(kept(latest(*files)))
                assert too_early(found) == []
                assert canonical(exported_again(database)) == canonical(found)


def test_types_follow_one_another(database: Database) -> None:
    fill(database, *eventful())
    order = list(dict.fromkeys(record["type"] for record in exported(database)))
    assert order == ["topic", "actor", "source", "statement", "attribution"]


def test_a_statement_is_followed_by_its_reports(database: Database) -> None:
    fill(
        database,
        [source("s"), statement("x"), statement("y")],
        [attribution("r1", "y", "s"), attribution("r2", "x", "s"), attribution("r3", "x", "s")],
    )
    assert [one["id"] for one in exported(database)] == ["s", "x", "r2", "r3", "y", "r1"]


@factories.random
@given(files=factories.FILES)
def test_whatever_was_taken_in_can_be_taken_in_again(
    database: Database, files: list[list[Record]]
) -> None:
    clear(database)
    taken: list[Record] = []
    for lines in files:
        refused = load(database, lines).errors
        taken += [one for number, one in enumerate(lines, start=1) if number not in refused]
    found = exported(database)
    assert canonical(found) == canonical(latest(taken))
    assert canonical(exported_again(database)) == canonical(found)
