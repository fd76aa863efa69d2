"""Search: every script finds the same, names are a road, both databases answer alike."""

import io
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from app.cli import main
from app.db import Database
from app.models.search import SEARCH
from app.settings import Settings
from app.store import bulk
from tests.application import application
from tests.conftest import ENGINES, Templates
from tests.questions import opened

ACTORS = {
    "ilham-aliyev": ["Ilham Aliyev", "İlham Əliyev", "Ильхам Алиев", "Իլհամ Ալիև"],
    "heydar-aliyev": ["Heydar Aliyev", "Heydər Əliyev", "Гейдар Алиев"],
    "heydar-hasanov": ["Heydar Hasanov"],
    "nikol-pashinyan": ["Nikol Pashinyan", "Նիկոլ Փաշինյան", "Никол Пашинян"],
    "vladimir-putin": ["Vladimir Putin", "Владимир Путин", "Վլադիմիր Պուտին"],
}
TOPICS = {
    "stepanakert-khankendi": {
        "en": "Stepanakert",
        "az": "Xankəndi",
        "ru": "Ханкенди",
        "hy": "Ստեփանակերտ",
    },
    "shusha-shushi": {"en": "Shusha", "hy": "Շուշի", "az": "Şuşa", "ru": "Шуша"},
    "nagorno-karabakh": {
        "en": "Nagorno-Karabakh",
        "az": "Dağlıq Qarabağ",
        "ru": "Нагорный Карабах",
    },
}
ALSO = {
    "stepanakert-khankendi": ["Khankendi"],
    "shusha-shushi": ["Shushi"],
    "nagorno-karabakh": ["Artsakh", "Արցախ"],
}
SAID = [
    "The corridor must stay open for every convoy.",
    "Перемирие нарушено, колонна остановлена у моста.",
    "Atəşkəs pozulub, humanitar karvan dayandırılıb.",
    "Հրադադարը խախտվել է, շարասյունը կանգնեցվել է։",
    "Ateşkes ihlal edildi; insani yardım konvoyu durduruldu.",
    "Almost 5,000 people were killed, he said; nearly 1,000 were reported.",
    "A humanitarian convoy was stopped near the bridge at dawn.",
    "The open bridge must be closed before the convoy, not after.",
]


def _world(seed: int = 7, size: int = 160) -> bytes:
    """A small record in many languages; the same for every seed."""
    chance = random.Random(seed)
    lines: list[dict[str, Any]] = []
    for id, (name, *others) in ACTORS.items():
        names = [{"name": other} for other in others]
        lines.append(
            {"type": "actor", "id": id, "kind": "person", "name": name, "other_names": names}
        )
    for id, labels in TOPICS.items():
        also = [{"label": label} for label in ALSO[id]]
        lines.append(
            {"type": "topic", "id": id, "kind": "place", "pref_labels": labels, "alt_labels": also}
        )
    lines.append({"type": "source", "id": "paper", "kind": "article", "published_at": "2020-10-01"})
    for number in range(size):
        words = " ".join(chance.sample(SAID, 2))
        speaker = chance.choice([*ACTORS, None])
        said: dict[str, Any] = {
            "type": "statement",
            "id": f"s{number}",
            "content": words,
            "said_at": f"2020-{number % 12 + 1:02}",
        }
        said["topics"] = chance.sample(sorted(TOPICS), chance.randint(0, 2))
        text = {"attribution_text": chance.choice(["he", "the president", "Aliyev", "Пашинян"])}
        speakers = [{"actor": speaker, **text}] if speaker else []
        lines.append(said)
        lines.append(
            {
                "type": "attribution",
                "id": f"a{number}",
                "statement": f"s{number}",
                "source": "paper",
                "speakers": speakers,
                "quoted_text": words,
            }
        )
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def _client(database: Database, world: bytes) -> TestClient:
    for progress in bulk.import_file(database, io.BytesIO(world), agent="test"):
        assert not progress.errors
    return TestClient(application(Settings(_env_file=None), database))


@pytest.fixture(scope="module", params=ENGINES)
def found(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Any]:
    """Searches a world that nobody changes."""
    with opened(request, templates, request.param) as database:
        client = _client(database, _world())
        database.count_rows()

        def search(q: str, **more: Any) -> list[str]:
            answer = client.get("/v1/statements", params={"q": q, "limit": 100, **more})
            assert answer.status_code == 200, answer.text
            return sorted(item["id"] for item in answer.json()["items"])

        search.client = client  # type: ignore[attr-defined]  # for what is no list of ids
        with client:
            yield search


@pytest.mark.parametrize(
    "same",
    [
        ["Aliyev", "Əliyev", "Алиев", "Ալիև", "Aliev", "ALİYEV", "ǝliyev"[:0] or "Әлијев"],
        ["Pashinyan", "Пашинян", "Փաշինյան", "Paşinyan", "Pashinian", "pashinyan"],
        ["Stepanakert", "Xankəndi", "Ханкенди", "Ստեփանակերտ", "Khankendi", "xankendi"],
        ["Shusha", "Şuşa", "Шуша", "Շուշի", "Shushi"],
        ['"Nagorno-Karabakh"', '"Dağlıq Qarabağ"', '"Нагорный Карабах"', "Artsakh", "Արցախ"],
        ["перемирие", "ПЕРЕМИРИЕ"],
        ["5,000", "5000"],
    ],
)
def test_one_name_in_any_script_finds_the_same(found: Any, same: list[str]) -> None:
    first = found(same[0])
    assert first
    for other in same[1:]:
        assert found(other) == first, other


def test_a_full_name_never_finds_a_namesake_by_the_surname(found: Any) -> None:
    client = found.client
    for name, id in (("Heydar Aliyev", "heydar-aliyev"), ("Ильхам Алиев", "ilham-aliyev")):
        items = client.get("/v1/statements", params={"q": name, "limit": 100}).json()["items"]
        assert items
        for item in items:
            actors = {one["actor"]["id"] for a in item["attributions"] for one in a["speakers"]}
            assert actors == {id}


@pytest.mark.parametrize(
    ("q", "holds"),
    [
        ("convoy bridge", lambda text: "convoy" in text and "bridge" in text),
        ('"open bridge"', lambda text: "open bridge" in text),
        ("convoy -bridge", lambda text: "convoy" in text and "bridge" not in text),
        (
            'convoy -"near the bridge"',
            lambda text: "convoy" in text and "near the bridge" not in text,
        ),
        ("humanit*", lambda text: "humanit" in text),
        ("colu* -colu", lambda text: "colu" in text),
    ],
)
def test_words_phrases_exclusions_and_beginnings(found: Any, q: str, holds: Any) -> None:
    texts = {
        item["id"]: item["content"].casefold()
        for item in found.client.get("/v1/statements", params={"limit": 100}).json()["items"]
    }
    for id in found(q):
        if id in texts:
            assert holds(texts[id])
    assert set(found(q)) >= {id for id, text in texts.items() if holds(text)}


def test_a_name_is_excluded_as_it_is_found(found: Any) -> None:
    """Also where only the name of who spoke, or of a topic, is meant by it."""
    whole = set(found('"open bridge"'))
    for name in ("Aliyev", "Пашинян", "Shushi"):
        named = set(found(f'"open bridge" {name}'))
        assert whole > named > set()
        assert set(found(f'"open bridge" -{name}')) == whole - named


def test_search_combines_with_filters_and_pages_by_cursor(found: Any) -> None:
    everything = found("convoy")
    assert set(found("convoy", speaker="vladimir-putin")) < set(everything)
    url, walked = "/v1/statements?q=convoy&limit=7", []
    while url:
        page = found.client.get(url).json()
        walked += [item["id"] for item in page["items"]]
        url = page.get("next")
    assert len(walked) == len(set(walked))
    assert set(walked) >= set(everything)


def test_relevance_gives_snippets_whose_highlights_are_the_words(found: Any) -> None:
    items = found.client.get("/v1/statements?q=bridge+convoy&limit=5").json()["items"]
    scores = [item["search"]["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    for item in items:
        for snippet in item["search"]["snippets"]:
            start = snippet["offset"]
            if snippet["field"] == "content":
                assert item["content"][start : start + len(snippet["text"])] == snippet["text"]
            for mark in snippet["highlights"]:
                assert snippet["text"][mark["start"] : mark["end"]].casefold() in (
                    "bridge",
                    "convoy",
                )


@pytest.mark.parametrize(
    "q",
    [
        '"open',
        "(convoy",
        "a AND b",
        "NEAR(a b)",
        "content:bridge",
        "-convoy",
        "!!!",
        "a" * 5_000,
        " ".join(["word"] * 40),
        "c*",
        "con*voy",
        "^x OR y",
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_advice(found: Any, q: str) -> None:
    answer = found.client.get("/v1/statements", params={"q": q})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["parameter"] == "q"
    assert len(error["detail"]) > 20
    assert q not in answer.text


def test_relevance_without_words_and_search_in_the_past_are_refused(found: Any) -> None:
    assert found.client.get("/v1/statements?order=relevance").status_code == 422
    past = found.client.get("/v1/statements?q=convoy&known_at=2020-01-01T00:00:00Z")
    assert past.status_code == 422


def test_changed_words_names_and_reports_are_found_at_once(database: Database) -> None:
    client = _client(database, _world(size=4))

    def ids(q: str) -> set[str]:
        items = client.get("/v1/statements", params={"q": q}).json()["items"]
        return {item["id"] for item in items}

    def change(**line: Any) -> None:
        raw = json.dumps(line, ensure_ascii=False).encode()
        (progress,) = bulk.import_file(database, io.BytesIO(raw), agent="test")
        assert not progress.errors

    assert not ids("zebra")
    change(type="statement", id="s1", content="A zebra crossed", topics=["shusha-shushi"])
    assert ids("zebra") == {"s1"}
    change(type="attribution", id="late", statement="s2", source="paper", quoted_text="a yak")
    assert ids("yak") == {"s2"}
    change(type="attribution", id="late", statement="s3", source="paper", quoted_text="a yak")
    assert ids("yak") == {"s3"}
    assert "s1" in ids("Shushi")
    labels = {"en": "Quartz Town"}
    change(type="topic", id="shusha-shushi", kind="place", pref_labels=labels)
    assert "s1" in ids("quartz")
    assert "s1" not in ids("Shushi")


# --- both databases -----------------------------------------------------------------------------

WORDS = [
    "convoy",
    "bridge",
    "open",
    "Aliyev",
    "Әлијев",
    "Пашинян",
    "Stepanakert",
    "Xankəndi",
    "Шуша",
    "karvan",
    "колонна",
    "շարասյունը",
    "ateşkes",
    "president",
    "Putin",
    "5,000",
    "must",
    "Artsakh",
    '"humanitarian convoy"',
    '"the bridge"',
    "human*",
    "кол*",
    "-bridge",
    "-Aliyev",
    '-"at dawn"',
]


def _queries() -> list[str]:
    chance = random.Random(11)
    queries = [word for word in WORDS if not word.startswith("-")]
    while len(queries) < 100:
        some = chance.sample(WORDS, chance.randint(2, 3))
        if not all(word.startswith("-") for word in some):
            queries.append(" ".join(some))
    return queries


def test_both_databases_give_the_same_in_the_same_order(
    templates: Templates, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count()
    monkeypatch.setattr(
        "app.store.ledger.now", lambda: f"2026-01-01T00:00:{0:02}.{next(clock):06}Z"
    )
    clients = []
    for engine, url in (("sqlite", None), ("postgresql", postgres_url)):
        clock = itertools.count()
        database = Database(templates.copy(engine, False, url))
        clients.append(_client(database, _world(size=400)))
        database.count_rows()
    here, there = clients
    total = 0
    with here, there:  # which close their stores
        for q, order in itertools.product(_queries(), ("relevance", "-said_at")):
            asked: dict[str, Any] = {"q": q, "limit": 50, "order": order, "count": "exact"}
            first, second = (client.get("/v1/statements", params=asked) for client in clients)
            assert first.status_code == 200, (q, first.text)
            assert first.content == second.content, q
            total += len(first.json()["items"])
    assert total > 1_000


def test_reindexing_makes_every_search_row_again(
    bundled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> list[tuple[Any, ...]]:
        with bundled.reader() as reader:
            return [tuple(row) for row in reader.execute(select(SEARCH).order_by("statement"))]

    before = rows()
    with bundled.writer() as writer:
        writer.execute(delete(SEARCH))
    url = bundled.url.render_as_string(hide_password=False)
    monkeypatch.setenv("ONRECORD_DATABASE_URL", url)
    done = CliRunner().invoke(main, ["reindex", "--json"])
    assert json.loads(done.stdout) == {"statements": len(before)}
    assert rows() == before


# --- full names ---------------------------------------------------------------------------------

DISPUTED = [
    *("Artsakh", "Արցախ", "Арцах", "Karabakh", "Qarabağ", "nagorno", "Nagorno-Karabakh"),
    *("Nagorno Karabakh", "Dağlıq Qarabağ", "Нагорный Карабах", "Լեռնային Ղարաբաղ"),
    *("Mountainous Karabakh", '"Nagorno-Karabakh"', '"Нагорный Карабах"', '"Artsakh"'),
]


def test_every_name_of_a_disputed_place_finds_the_same(reading: TestClient) -> None:
    def items(q: str) -> list[str]:
        answer = reading.get("/v1/statements", params={"q": q, "limit": 100, "order": "said_at"})
        return [item["id"] for item in answer.json()["items"]]

    filed = reading.get("/v1/statements?topic=nagorno-karabakh-war-2020&limit=100").json()["items"]
    first = items(DISPUTED[0])
    assert {one["id"] for one in filed} <= set(first)
    for other in DISPUTED[1:]:
        assert items(other) == first, other
    for name in ("Nagorno-Karabakh war", "Second Artsakh War", "Qarabağ müharibəsi"):
        assert set(items(name)) == {one["id"] for one in filed}, name
    assert items(f"Aghdam -{DISPUTED[0]}") == items('Aghdam -"Nagorno-Karabakh"')


def test_a_full_name_goes_to_records_with_all_of_it_in_theirs(database: Database) -> None:
    def actor(id: str, name: str, *others: str) -> dict[str, Any]:
        names = [{"name": other} for other in others]
        line = {"type": "actor", "id": id, "kind": "organization", "name": name}
        return line | {"other_names": names}

    actors = [
        actor("bank", "Norvil Orlan", "Орлан Сальта", "Norvil"),
        actor("fund", "Fund of Norvil Orlan"),  # all words
        actor("salta", "Школа Орлан Сальта"),  # all words of the other name
        actor("half", "Norvil Museum"),  # one word, also of a name of one
        actor("mixed", "Norvil Club", "Orlan Club"),  # all words, but in two names
    ]
    lines: list[dict[str, Any]] = [*actors, {"type": "source", "id": "paper", "kind": "article"}]
    for one in actors:
        id = one["id"]
        lines.append({"type": "statement", "id": f"by-{id}", "content": "It rained."})
        report = {"statement": f"by-{id}", "source": "paper", "speakers": [{"actor": id}]}
        lines.append({"type": "attribution", "id": f"of-{id}", **report})
    lines.append({"type": "statement", "id": "words", "content": "Orlan went; so did Norvil."})
    world = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    client = _client(database, world)

    def found(q: str) -> list[str]:
        asked = {"q": q, "order": "relevance"}
        return [item["id"] for item in client.get("/v1/statements", params=asked).json()["items"]]

    around = {"by-bank", "by-fund", "by-salta"}
    best = found("Norvil Orlan")
    assert set(best) == {*around, "words"}
    assert best.index("by-bank") < min(map(best.index, around - {"by-bank"}))
    assert set(found("Орлан Сальта")) == set(found('"Орлан Сальта"')) == around
    assert set(found('rained -"Norvil Orlan"')) == {"by-half", "by-mixed"}
    assert set(found("Norvil")) == {"words", "by-bank", "by-fund", "by-half", "by-mixed"}
