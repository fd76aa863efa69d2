"""Conditional requests, compression and the cache: right bytes, right tags, never stale."""

import hashlib
import io
import subprocess
import sys

import pytest
import zstandard
from fastapi.testclient import TestClient

from app.api.caching import Cache
from app.db import Database
from app.models.api_key import Scope
from app.settings import Settings
from app.store import bulk
from tests.application import application
from tests.test_writing import key_for

PAGE = "/v1/statements?limit=5"
zstd = zstandard.ZstdDecompressor()
TOPIC = b'{"type":"topic","id":"peace","kind":"theme","pref_labels":{"en":"Peace"}}\n'


def _cache(client: TestClient) -> Cache:
    layer = client.app.middleware_stack  # type: ignore[attr-defined]  # Starlette builds it late
    while not isinstance(layer, Cache):
        layer = layer.app
    return layer


def test_a_repeated_read_does_not_reach_the_routes(client: TestClient) -> None:
    first, second = client.get(PAGE), client.get(PAGE)
    assert first.content == second.content
    assert first.headers["vary"] == second.headers["vary"]
    assert (_cache(client).hits, _cache(client).misses) == (1, 1)


def test_a_write_in_this_process_ends_what_was_kept(client: TestClient, bundled: Database) -> None:
    before = client.get("/v1/topics").json()
    list(bulk.import_file(bundled, io.BytesIO(TOPIC), agent="test"))
    after = client.get("/v1/topics").json()
    assert len(after["items"]) == len(before["items"]) + 1


def test_a_write_in_another_process_ends_what_was_kept(
    client: TestClient, bundled: Database
) -> None:
    assert "peace" not in client.get("/v1/topics").text
    program = (
        "import io, sys; from app.db import Database; from app.store import bulk;"
        "database = Database(sys.argv[1]);"
        "list(bulk.import_file(database, io.BytesIO(sys.stdin.buffer.read()), agent='other'))"
    )
    url = bundled.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-c", program, url], input=TOPIC, check=True)
    assert "peace" in client.get("/v1/topics").text


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_each_coding_has_a_tag_of_its_own_that_is_honoured(client: TestClient, coding: str) -> None:
    plain = client.get(PAGE, headers={"Accept-Encoding": "identity"})
    packed = client.get(PAGE, headers={"Accept-Encoding": coding})
    assert packed.headers["content-encoding"] == coding
    # The client unpacks all but zstd by itself.
    content = (
        zstd.decompressobj().decompress(packed.content) if coding == "zstd" else packed.content
    )
    assert content == plain.content
    tag = packed.headers["etag"]
    assert tag != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    same = {"Accept-Encoding": coding, "If-None-Match": tag}
    again = client.get(PAGE, headers=same)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = {"Accept-Encoding": "identity", "If-None-Match": tag}
    assert client.get(PAGE, headers=other).status_code == 200


def test_the_cache_is_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get(PAGE)
    cache = _cache(client)
    monkeypatch.setattr(cache, "ALL", 3 * cache.size)
    for limit in range(1, 12):
        client.get("/v1/statements", params={"limit": limit})
    assert 0 < cache.size <= cache.ALL
    assert cache.size == sum(len(answer.body) for answer in cache.answers.values())


def test_errors_and_large_answers_are_not_kept(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/v1/statements/nobody-said-this").status_code == 404
    monkeypatch.setattr(_cache(client), "ONE", 100)
    assert client.get(PAGE).status_code == 200
    assert not _cache(client).answers


def test_without_a_cache_answers_are_the_same(client: TestClient, bundled: Database) -> None:
    app = application(Settings(cache=False, _env_file=None), bundled)
    bare = TestClient(app)
    assert bare.get(PAGE).content == client.get(PAGE).content
    tag = bare.get(PAGE).headers["etag"]
    assert bare.get(PAGE, headers={"If-None-Match": tag}).status_code == 304


def test_a_text_that_comes_without_a_revision_is_seen(bundled: Database) -> None:
    app = application(Settings(_env_file=None), bundled)
    words = "He said it."
    source = {"id": "s", "kind": "other", "sha256": hashlib.sha256(words.encode()).hexdigest()}
    report = {"id": "r", "source": "s", "selectors": [{"role": "content", "exact": "He"}]}
    headers = key_for(bundled, Scope.write)
    with TestClient(app) as client:
        client.put("/v1/sources/s", json=source, headers=headers)
        client.post("/v1/statements", json={"attributions": [report]}, headers=headers)
        path = "/v1/attributions/r/verification"
        assert client.get(path).json()["snapshot"] == "absent"
        with_text = {**source, "text": words}
        kept = client.put("/v1/sources/s", json=with_text, headers=headers | {"If-Match": "*"})
        assert kept.json()["version"] == 1
        assert client.get(path).json()["snapshot"] == "stored"
