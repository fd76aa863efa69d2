"""The same corpus in both databases, the same bytes from both, order included.

`ONRECORD_PARITY_SIZE` sets the number of statements (150; 3500 make 10,000 records).
"""

import io
import os
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.models.statement import SpeechAct
from app.settings import Settings
from app.store import bulk, ledger
from benchmarks import world
from tests.application import application
from tests.conftest import Templates

SIZE = int(os.environ.get("ONRECORD_PARITY_SIZE", "150"))
NOW = "2026-11-01T12:00:00.000000Z"

QUESTIONS = [
    "order=said_at", "order=-said_at", "order=recorded_at", "order=-recorded_at",
    "speaker=p0", "speaker=p0&speaker=p1", "member_of=o1", "on_behalf_of=o3", "via=m0", "about=o3",
    "topic=t0", "source=s1", "publisher=m0", "said_from=2000&said_to=2015", "said_from=2010-03",
    "published_from=2000&published_to=2012", *(f"speech_act={one}" for one in SpeechAct),
    "quotation_type=mixed", "speaker_status=anonymous", "speaker_status=unattributed",
    "factuality=hypothetical&factuality=not_said", "polarity=negated", "lang=hy", "lang=AZ",
    "status=disputed", "has_figures=true", "has_figures=false", "measure=killed",
    "population=civilian", "party=o2", "relation=denies", "related_to=st9",
    "speaker=p0&topic=t0", "member_of=o0&said_from=2005&said_to=2020", "count=exact",
    "expand=none", "expand=speakers,sources,topics", "fields=id,content", "limit=100",
]  # fmt: skip
SEARCHES = ["ceasefire", "the of", '"ceasefire corridor"', "перемирие", "kar*", "to -of", "Aliyev"]


def paths() -> Iterator[str]:
    """Every read, with every filter."""
    for name in ("statements", "attributions", "figures"):
        for asked in QUESTIONS:
            if name == "statements" or not asked.startswith(("expand", "fields")):
                yield f"/v1/{name}?{asked}"
        yield from (f"/v1/{name}?q={quote(words)}" for words in SEARCHES)
    for name in ("actors", "topics", "sources"):
        yield from (f"/v1/{name}", f"/v1/{name}?order=recorded_at&limit=100")
    yield from (f"/v1/suggest?q={quote(words)}" for words in ("Ali", "Пашин", "ceas"))
    facets = [
        "speaker",
        "topic",
        "publisher",
        "quotation_type",
        "lang",
        "speech_act",
        "measure",
        "party",
        "source",
    ]
    yield from (f"/v1/facets?facet={facet}&limit=100" for facet in facets)
    yield from (f"/v1/timeline?interval={one}&group_by=speaker" for one in ("day", "year"))
    yield from ("/v1/figures/comparison", "/v1/figures/comparison?measure=killed&party=o2")
    for path in ("statements/st9", "attributions/a9.0", "actors/p0", "topics/t0", "sources/s1"):
        yield from (f"/v1/{path}", f"/v1/{path}/revisions")
    yield from ("/v1/statements/st9/attributions", "/v1/attributions/a9.0/chain", "/v1/export")
    yield from ("/v1/changes?since=10&limit=100", "/v1/statements?format=csv")


@pytest.fixture(scope="module")
def clients(
    request: pytest.FixtureRequest, templates: Templates
) -> Iterator[tuple[TestClient, TestClient]]:
    """The API over the same corpus in SQLite and in PostgreSQL, recorded at the same moment."""
    file = b"".join(world.lines(SIZE))
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            ledger, "now", lambda: NOW
        )  # each record has a time, and the two would differ
        for engine in ("sqlite", "postgresql"):
            admin = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
            database = Database(templates.copy(engine, False, admin), pool=4)
            for progress in bulk.import_file(database, io.BytesIO(file), agent="test"):
                assert not progress.errors
            made.append(database)
    settings = Settings(_env_file=None, rate_limit="", cache=False)
    here, there = (TestClient(application(settings, database)) for database in made)
    with here, there:  # which close their stores
        yield here, there


def test_both_databases_answer_every_read_with_the_same_bytes(
    clients: tuple[TestClient, TestClient],
) -> None:
    here, there = clients
    asked = 0
    for path in paths():
        answers = [client.get(path) for client in (here, there)]
        assert [one.status_code for one in answers] == [200, 200], path
        assert answers[0].content == answers[1].content, path
        asked += 1
    assert asked > 100


def test_both_databases_walk_the_same_pages(clients: tuple[TestClient, TestClient]) -> None:
    for start in ("/v1/statements?limit=7", "/v1/statements?q=the&limit=7", "/v1/figures?limit=9"):
        path: str | None = start
        pages = 0
        while path and pages < 8:
            pages += 1
            answers = [client.get(path) for client in clients]
            assert answers[0].content == answers[1].content, path
            path = answers[0].json().get("next")
        assert pages > 2
