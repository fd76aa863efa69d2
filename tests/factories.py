"""Records as plain dicts, the interchange files that hold them, and what a store makes of these."""

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlmodel import SQLModel

from app.db import Database
from app.models import IDENTITIES
from app.models.base import State
from app.models.search import NAME, WORD
from app.store import bulk

Record = dict[str, Any]
Line = Record | bytes
"""A line of a file: a record, or bytes that stand in it as they are."""


# --- records -----------------------------------------------------------------------------------


def topic(id: str, **members: Any) -> Record:
    return {"type": "topic", "id": id, "kind": "theme", "pref_labels": {"en": id}} | members


def actor(id: str, **members: Any) -> Record:
    return {"type": "actor", "id": id, "kind": "person", "name": id} | members


def source(id: str, **members: Any) -> Record:
    return {"type": "source", "id": id, "kind": "article"} | members


def statement(id: str, **members: Any) -> Record:
    return {"type": "statement", "id": id} | members


def attribution(id: str, statement: str, source: str, **members: Any) -> Record:
    own = {"type": "attribution", "id": id, "statement": statement, "source": source}
    return own | members


def denies(*statements: str) -> list[Record]:
    return [{"type": "denies", "statement": one} for one in statements]


def member_of(*organizations: str) -> list[Record]:
    return [{"organization": one} for one in organizations]


def figure(**members: Any) -> Record:
    return {"measure": "killed", "as_worded": "some"} | members


def everything() -> list[Record]:
    """A file in which every member of every record is given, and every kind of reference made."""
    text = "Ermənistan \N{EM DASH} “2,000–5,000” 𐌰 killed, he told TASS."
    return [
        topic(
            "karabakh",
            kind="place",
            pref_labels={"en": "Karabakh", "az": "Qarabağ", "hy": "Ղարաբաղ"},
            alt_labels=[{"label": "Artsakh", "lang": "en"}, {"label": "НКР"}],
            identifiers=[{"scheme": "wikidata", "identifier": "Q1"}],
            latitude=39.8,
            longitude=46.75,
        ),
        topic("war", kind="event", start_date="2020-09-27", end_date="2020-11-10"),
        topic("losses", broader=["war", "karabakh"]),
        actor(
            "speaker",
            name="İlham Əliyev",
            other_names=[
                {
                    "name": "Ильхам Алиев",
                    "lang": "ru",
                    "script": "Cyrl",
                    "kind": "transliteration",
                    "start_date": "2003",
                    "end_date": "2020-10/..",
                }
            ],
            identifiers=[{"scheme": "wikidata", "identifier": "Q2"}],
            description="Whoever speaks.",
            memberships=[
                {
                    "organization": "state",  # further down
                    "role": "President",
                    "start_date": "2003-10-31",
                    "end_date": "2030~",
                    "source": "carried",  # further down
                    "basis": "printed",
                }
            ],
        ),
        actor("state", kind="state"),
        actor("tass", kind="media", memberships=member_of("state")),
        source(
            "original",
            kind="press_release",
            title="A title",
            url="https://example.org/a?b=c#d",
            archived_url="https://archive.example/1",
            publisher="tass",
            authors=["A. Author", "B. Author"],
            lang="ru",
            published_at="2020-10-22T18:00+03:00",
            retrieved_at="2026-11-23T08:15:30Z",
            text=text,
            extent="excerpt",
        ),
        source("carried", derived_from=["original"], published_at="2020-10-23"),
        statement(
            "said",
            content="Almost 5,000 were killed.",
            lang="en",
            content_from="report",  # further down
            polarity="affirmed",
            speech_act="assertion",
            mode="speech",
            said_at="2020-10-22",
            occasion="A club",
            channel="interview",
            topics=["losses", "karabakh"],
            about=["state"],
            translations=[{"lang": "az", "content": "Təxminən 5000", "translator": "somebody"}],
            relations=[
                {
                    "type": "denies",
                    "statement": "unsaid",  # further down
                    "source": "carried",
                    "basis": "editorial",
                }
            ],
        ),
        attribution(
            "report",
            "said",
            "original",
            reported_at="2020-10-22",
            sequence=0,
            speakers=[
                {
                    "actor": "speaker",
                    "attribution_text": "he",
                    "role": "president",
                    "on_behalf_of": "state",
                    "status": "named",
                },
                {"attribution_text": "a man", "status": "unresolved"},
            ],
            joint=False,
            cue="told",
            quotation_type="mixed",
            factuality="actual",
            quoted_text="“2,000–5,000” 𐌰 killed",
            lang="en",
            translated_from="ru",
            via=[{"actor": "tass", "attribution_text": "TASS", "kind": "agency"}],
            addressees=[{"actor": "tass", "attribution_text": "TASS"}],
            selectors=[
                {
                    "role": "content",
                    "exact": text[13:35],
                    "prefix": text[:13],
                    "suffix": text[35:],
                    "start": 13,
                    "end": 35,
                },
                {"role": "speaker", "index": 1, "exact": "he"},
            ],
            status="reviewed",
            note="A note.",
            figures=[
                figure(
                    population="military",
                    parties=["state", "speaker"],
                    per="each",
                    place="karabakh",
                    unit="people",
                    as_worded="2,000–5,000",
                    qualifier="between",
                    low=2000,
                    high=5000.5,
                    period_start="2020-09-27",
                    period_end="2020-10-22",
                    cumulative=True,
                    status="denied",
                ),
                figure(qualifier="about", best=0),
            ],
        ),
        statement("unsaid", polarity="negated"),
        attribution("inner", "unsaid", "original", parent="report", factuality="not_said"),
    ]


def eventful() -> list[list[Record]]:
    """Files to be imported one after another: whatever may move a derived row happens in them."""
    first = [
        *everything(),
        statement("undated"),
        attribution("early", "undated", "carried"),
        source("open"),
        statement("bare"),
        statement("unheard"),
        attribution("late", "unheard", "open"),
    ]
    second = [
        source("open", published_at="2020-11"),  # dates `unheard`
        source("carried", derived_from=["open"], published_at="2020-10-20/.."),  # moves `undated`
        topic("history"),
        topic("war", kind="event", broader=["history"]),  # narrower than a newer one
        attribution("third", "undated", "open", reported_at="../2020-10"),
    ]
    third = [
        source("open"),  # no longer dates `unheard`
        attribution("third", "undated", "open", reported_at="../2020-10", status="rejected"),
        attribution("early", "bare", "carried"),  # reports another statement now
        statement("said", content_from="inner"),  # its day is no longer known
        statement("undated", relations=denies("said", "bare")),
        attribution("inner", "bare", "original", parent="report", factuality="actual"),
        statement("undated", said_at="2021", relations=denies("bare")),
        actor("speaker", name="Ilham Aliyev", memberships=member_of("tass", "speaker")),
    ]
    return [first, second, third]


# --- files -------------------------------------------------------------------------------------


def raw(line: Line) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()


def ndjson(lines: Iterable[Line]) -> bytes:
    return b"".join(raw(line) + b"\n" for line in lines)


def given(value: Any) -> Any:
    """A value without what means the same as absent: null, "", [] and {} as a member."""
    if isinstance(value, dict):
        members = {name: given(member) for name, member in value.items()}
        return {
            name: member for name, member in members.items() if member not in (None, "", [], {})
        }
    return [given(part) for part in value] if isinstance(value, list) else value


# --- stores ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What an import told, all in all; `errors` and `warnings` by the number of the line."""

    lines: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: dict[int, str] = field(default_factory=dict)
    warnings: dict[int, str] = field(default_factory=dict)


def load(
    database: Database,
    content: bytes | Sequence[Line],
    *,
    batch: int = bulk.BATCH,
    dry_run: bool = False,
    agent: str = "tester",
    reason: str | None = None,
) -> Report:
    """Import a file, given as its bytes or its lines."""
    file = io.BytesIO(content if isinstance(content, bytes) else ndjson(content))
    last = bulk.Progress()
    errors: dict[int, str] = {}
    warnings: dict[int, str] = {}
    for last in bulk.import_file(
        database, file, agent=agent, reason=reason, dry_run=dry_run, batch=batch
    ):
        errors |= {one.line: str(one) for one in last.errors}
        warnings |= {one.line: str(one) for one in last.warnings}
    counts = (last.lines, last.created, last.updated, last.unchanged, last.failed)
    return Report(*counts, errors, warnings)


def fill(database: Database, *files: Sequence[Line], batch: int = bulk.BATCH) -> None:
    """Import files in which no line may be refused."""
    for lines in files:
        errors = load(database, lines, batch=batch).errors
        assert not errors, errors


Dump = dict[str, list[tuple[Any, ...]]]


def dump(database: Database) -> Dump:
    """Every row of every table, in the order of the primary keys."""
    tables = [one for one in SQLModel.metadata.sorted_tables if one not in (NAME, WORD)]
    queries = {one.name: select(one).order_by(*one.primary_key) for one in tables}
    # The numbers of names say nothing but which words are theirs.
    named = (NAME.c.type, NAME.c.key, NAME.c.name, NAME.c.lang, NAME.c.main, NAME.c.folded)
    words = select(*named, WORD.c.word).outerjoin(WORD, WORD.c.name == NAME.c.id)
    queries[NAME.name] = words.order_by(*named, WORD.c.word)
    with database.reader() as reader:
        return {
            name: [tuple(row) for row in reader.execute(query)] for name, query in queries.items()
        }


def clear(database: Database) -> None:
    """Take every row out of every table: quicker than another store."""
    with database.writer() as writer:
        for table in reversed(SQLModel.metadata.sorted_tables):
            writer.execute(delete(table))


def awaited(database: Database) -> set[str]:
    """The ids that were referred to and have not come."""
    with database.reader() as reader:
        return {
            id
            for table in IDENTITIES.values()
            for id in reader.scalars(select(table.c.id).where(table.c.state == State.awaited))
        }


# --- files that nobody thought of --------------------------------------------------------------


def _some(*ids: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), max_size=2, unique=True)


def _one(*ids: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *ids])


_DATE = _one("2020-10-22", "2020-10", "../2020", "2021/..")
_LINE = st.one_of(
    st.builds(topic, st.sampled_from(["t1", "t2"]), broader=_some("t2", "t3")),
    st.builds(
        actor,
        st.sampled_from(["a1", "a2"]),
        memberships=_some("a1", "a3").map(lambda some: member_of(*some)),
    ),
    st.builds(source, st.sampled_from(["s1", "s2"]), published_at=_DATE, publisher=_one("a1")),
    st.builds(source, st.sampled_from(["s1", "s2"]), derived_from=_some("s2", "s3")),
    st.builds(
        statement,
        st.sampled_from(["x1", "x2", "x3"]),
        said_at=_DATE,
        content_from=_one("r1", "r2"),
        relations=_some("x2", "x3", "x4").map(lambda some: denies(*some)),
        topics=_some("t1", "t2"),
    ),
    st.builds(
        attribution,
        st.sampled_from(["r1", "r2", "r3"]),
        st.sampled_from(["x1", "x2"]),
        st.sampled_from(["s1", "s2"]),
        reported_at=_DATE,
        status=_one("rejected"),
        parent=_one("r2", "r3"),
    ),
)
# Most begin with what the other lines refer to, so that not too much is refused.
_START = [topic("t2"), actor("a1"), source("s1"), statement("x1"), attribution("r1", "x1", "s1")]
FILES = st.lists(
    st.builds(
        list.__add__, st.sampled_from([[], _START]), st.lists(_LINE, min_size=4, max_size=10)
    ),
    min_size=1,
    max_size=2,
)
"""Histories: one or two files, some of whose lines are refused."""

SIZES = st.sampled_from([1, 3, 1000])
"""Of batches."""

random = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes on a real database
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Marks a test of histories; it empties its store itself."""
