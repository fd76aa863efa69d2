"""`known_at`: every read answers as the record stood then, whatever was written since."""

import io
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.store import bulk, ledger

READS = [
    "/v1/statements",
    "/v1/statements?order=said_at&limit=3",
    "/v1/statements?order=-recorded_at",
    "/v1/statements?speaker=vladimir-putin",
    "/v1/statements?member_of=armenia",
    "/v1/statements?topic=nagorno-karabakh",
    "/v1/statements?said_from=2020-10-23&said_to=2020-10-23",
    "/v1/statements?relation=responds_to&expand=relations,speakers",
    "/v1/statements?publisher=france",
    "/v1/statements?via=vladimir-putin",
    "/v1/attributions?quotation_type=direct",
    "/v1/figures?measure=killed",
    "/v1/actors",
    "/v1/actors?kind=person&order=recorded_at",
    "/v1/topics",
    "/v1/sources",
    "/v1/statements/nearly-1000-reported-killed",
    "/v1/statements/nearly-1000-reported-killed/attributions",
    "/v1/attributions/fighting-rages:moscow-almost-5000-killed",
    "/v1/attributions/fighting-rages:moscow-almost-5000-killed/chain",
    "/v1/actors/vladimir-putin",
]


def _bodies(database: Database) -> dict[tuple[str, str], dict[str, Any]]:
    with database.reader() as reader:
        return {
            (row.type, row.id): json.loads(row.body)
            for rows in ledger.pages(reader)
            for row in rows
        }


def _change(database: Database, *lines: dict[str, Any]) -> None:
    raw = b"\n".join(json.dumps(line, ensure_ascii=False).encode() for line in lines)
    for progress in bulk.import_file(database, io.BytesIO(raw), agent="test"):
        assert not progress.errors


def _rewrite(database: Database) -> None:
    """Change names, dates, speakers, topics and figures; add records, and move a report."""
    bodies = _bodies(database)

    def body(type: str, id: str) -> dict[str, Any]:
        return {"type": type, **bodies[type, id]}

    putin = body("actor", "vladimir-putin") | {"name": "V. V. Putin"}
    topic = body("topic", "nagorno-karabakh") | {"pref_labels": {"en": "The region"}}
    armenia = body("actor", "nikol-pashinyan")
    armenia.pop("memberships", None)
    source = body("source", "fighting-rages-in-nagorno-karabakh")
    source |= {"published_at": "2021-05-05", "publisher": "france"}
    nearly = body("attribution", "fighting-rages:nearly-1000-reported-killed")
    nearly["figures"] = [
        {"measure": "killed", "as_worded": "over 900", "qualifier": "more_than", "low": 900}
    ]
    moscow = body("attribution", "fighting-rages:moscow-almost-5000-killed")
    moscow.pop("parent")
    answer = body("statement", "hajiyev-comments")
    answer.pop("relations")
    new = {"type": "statement", "id": "new", "content": "Something new", "said_at": "2020-10-23"}
    report = {
        "type": "attribution",
        "id": "new-report",
        "statement": "new",
        "source": source["id"],
        "speakers": [{"actor": "vladimir-putin"}],
        "quotation_type": "direct",
    }
    moved = body("attribution", "fighting-rages:demands-for-a-turkish-role")
    moved |= {"statement": "new"}
    _change(database, putin, topic, armenia, source, nearly, moscow, answer, new, report, moved)


def _items(client: TestClient, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.text)
    found = answer.json()
    return found.get("items", found)


def _at(url: str, instant: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}known_at={instant}"


def test_every_read_answers_as_it_stood_then(client: TestClient, bundled: Database) -> None:
    before = {url: _items(client, url) for url in READS}
    with bundled.reader() as reader:
        then = ledger.head(reader).recorded_at
    _rewrite(bundled)
    assert sum(_items(client, url) != before[url] for url in READS) >= len(READS) - 2
    for url in READS:
        assert _items(client, _at(url, then)) == before[url], url


def test_paging_through_the_past_gives_each_record_once(
    client: TestClient, bundled: Database
) -> None:
    with bundled.reader() as reader:
        then = ledger.head(reader).recorded_at
    before = [item["id"] for item in _items(client, "/v1/statements?limit=100")]
    _rewrite(bundled)
    url: str | None = _at("/v1/statements?limit=4", then)
    walked = []
    while url:
        page = client.get(url).json()
        walked += [item["id"] for item in page["items"]]
        url = page.get("next")
    assert walked == before


def test_the_instant_is_inclusive_and_may_have_any_zone(
    client: TestClient, bundled: Database
) -> None:
    _rewrite(bundled)
    history = _items(client, "/v1/actors/vladimir-putin/revisions")
    newest, oldest = (one["recorded_at"] for one in history)
    read = "/v1/actors/vladimir-putin"
    assert client.get(_at(read, newest)).json()["version"] == 2
    assert client.get(_at(read, oldest)).json()["version"] == 1
    zoned = oldest.replace("Z", "%2B00:00")
    assert client.get(_at(read, zoned)).json()["version"] == 1
    unencoded = oldest.replace("Z", "+00:00")
    assert client.get(_at(read, unencoded)).json()["version"] == 1


def test_what_was_not_recorded_yet_is_not_there(reading: TestClient) -> None:
    long_ago = "2020-01-01T00:00:00Z"
    for url in READS:
        answer = reading.get(_at(url, long_ago))
        assert answer.status_code == 404 or answer.json()["items"] == [], url


@pytest.mark.parametrize(
    "instant",
    ["yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "", "9" * 30],
)
def test_what_is_no_instant_is_refused(reading: TestClient, instant: str) -> None:
    answer = reading.get("/v1/statements", params={"known_at": instant})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "known_at"
