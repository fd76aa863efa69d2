"""Checkpoints and proofs as they are served: checked with nothing but what a client has."""

import base64
import io

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select

from app.db import Database
from app.errors import InvalidInput, Unavailable
from app.models import DERIVED, REVISION, TILE
from app.settings import Settings
from app.store import bulk, checkpoint, ledger, merkle, project, tree
from app.store.checkpoint import PublicKey
from app.store.merkle import Growing
from tests.application import application

SEED = base64.b64encode(bytes(range(32))).decode()
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = """example.com/foo
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
"""


def _topics(database: Database, first: int, count: int, batch: int = 1_000) -> None:
    lines = [
        b'{"type":"topic","id":"t%d","kind":"theme","pref_labels":{"en":"Topic %d"}}\n' % (n, n)
        for n in range(first, first + count)
    ]
    file = io.BytesIO(b"".join(lines))
    for progress in bulk.import_file(database, file, agent="test", batch=batch):
        assert not progress.errors


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _root(database: Database, size: int) -> bytes:
    """The root, made from the ledger alone."""
    growing = Growing()
    for leaf in _leaves(database)[:size]:
        growing.add(leaf)
    assert growing.size == size
    return growing.root()


def _leaves(database: Database) -> list[bytes]:
    with database.reader() as reader:
        rows = reader.execute(select(REVISION).order_by(REVISION.c.seq)).mappings()
        return [merkle.leaf(ledger.entry(row)) for row in rows]


def test_the_example_of_the_specification() -> None:
    """https://c2sp.org/signed-note: its key checks its note."""
    key = PublicKey.parse(VKEY)
    assert str(key) == VKEY
    signature = (
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1E"
        "RYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    text = "This is an example message.\n"
    checkpoint.check(text, signature, [key])
    with pytest.raises(InvalidInput, match="does not fit"):
        checkpoint.check(text.upper(), signature, [key])


def test_a_note_is_read_back_and_nothing_else_is(database: Database) -> None:
    signer = checkpoint.signer(database, bytes(32), "example.com/foo")
    note = signer.sign(NOTE)
    found = checkpoint.parse(note.encode(), [signer.public])
    assert (found.origin, found.size, found.root) == ("example.com/foo", 0, merkle.EMPTY)
    assert str(found) == NOTE
    more = note + "— witness.example/other " + base64.b64encode(bytes(80)).decode() + "\n"
    assert checkpoint.parse(more.encode(), [signer.public]) == found
    other = checkpoint.signer(database, bytes(range(32)), "example.com/foo").public
    for broken, keys in (
        (note, [other]),
        (note.replace("\n0\n", "\n1\n"), [signer.public]),
        (note.replace("\n0\n", "\n00\n"), []),
        (note.replace("\n\n", "\n"), []),
        (note[:-1], []),
        (NOTE + "\n", []),
        (note.replace("47DE", "47D"), []),
        ("", []),
    ):
        with pytest.raises(InvalidInput):
            checkpoint.parse(broken.encode(), keys)
    with pytest.raises(InvalidInput, match="UTF-8"):
        checkpoint.parse(b"\xff" + note.encode())
    for key in ("", "a+b+c", VKEY.replace("foo", "bar"), VKEY[:-4]):
        with pytest.raises(InvalidInput, match="verifier key"):
            PublicKey.parse(key)


def test_a_client_can_check_everything(client: TestClient, bundled: Database) -> None:
    key = PublicKey.parse(client.get("/v1/ledger/key").text)
    kept = client.get("/v1/ledger/checkpoint")
    assert kept.headers["content-type"] == "text/plain; charset=utf-8"
    old = checkpoint.parse(kept.content, [key])
    assert old.root == _root(bundled, old.size)
    _topics(bundled, 0, 600)
    answer = client.get("/v1/ledger/checkpoint", headers={"Accept": "application/json"}).json()
    assert answer["key"] == str(key)
    new = checkpoint.parse(answer["note"].encode(), [key])
    assert (new.size, new.root) == (old.size + 600, _raw(answer["root_hash"]))
    assert new.root == _root(bundled, new.size)

    proof = client.get("/v1/ledger/consistency", params={"from": old.size}).json()
    assert (_raw(proof["from_root_hash"]), _raw(proof["to_root_hash"])) == (old.root, new.root)
    path = list(map(_raw, proof["hashes"]))
    assert merkle.extends(old.size, new.size, old.root, new.root, path)

    for seq in (1, old.size, 256, 257, 512, new.size):
        proof = client.get(f"/v1/ledger/entries/{seq}/proof").json()
        leaf, path = merkle.leaf(proof["entry"].encode()), list(map(_raw, proof["hashes"]))
        assert merkle.includes(seq - 1, new.size, leaf, path, new.root)
        assert orjson.loads(proof["entry"])[0] == seq


def test_an_inclusion_proof_as_a_file(reading: TestClient) -> None:
    """https://c2sp.org/tlog-proof"""
    head, _, note = reading.get("/v1/ledger/entries/2/proof?size=5&format=text").text.partition(
        "\n\n"
    )
    first, index, *path = head.split("\n")
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 1")
    at = checkpoint.parse(note.encode(), [PublicKey.parse(reading.get("/v1/ledger/key").text)])
    entry = reading.get("/v1/ledger/entries/2/proof").json()["entry"]
    assert at.size == 5
    assert merkle.includes(1, 5, merkle.leaf(entry.encode()), map(_raw, path), at.root)


def test_every_size_has_the_root_that_the_ledger_gives(database: Database) -> None:
    _topics(database, 0, 300, batch=100)
    _topics(database, 300, 300, batch=60)
    with database.reader() as reader:
        assert reader.scalar(select(func.count()).select_from(TILE)) == 2
    _follow(database)


def _follow(database: Database) -> None:
    growing = Growing()
    leaves = _leaves(database)
    with database.reader() as reader:
        stored = tree.Stored(reader)
        for leaf in leaves:
            growing.add(leaf)
            assert merkle.root(stored, growing.size) == growing.root()


def test_a_lost_tile_is_made_again(database: Database) -> None:
    _topics(database, 0, 600)
    root = _root(database, 600)
    with database.writer() as writer:
        writer.execute(delete(TILE).where(TILE.c.number == 0))
        with pytest.raises(Unavailable, match="onrecord rebuild"):
            merkle.root(tree.Stored(writer), 600)
        list(project.rebuild(writer))
        assert writer.scalar(select(func.count()).select_from(TILE)) == 2
        assert merkle.root(tree.Stored(writer), 600) == root


def test_levels_of_tiles(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "BITS", 2)
    monkeypatch.setattr(tree, "WIDTH", 4)
    _topics(database, 0, 90, batch=11)
    with database.reader() as reader:
        query = select(TILE.c.level, func.count()).group_by(TILE.c.level).order_by(TILE.c.level)
        assert [tuple(row) for row in reader.execute(query)] == [(0, 22), (1, 5), (2, 1)]
    _follow(database)


def test_a_configured_key_and_name(bundled: Database) -> None:
    settings = Settings(signing_key=SEED, origin="example.com/record", _env_file=None)
    client = TestClient(application(settings, bundled))
    first = client.get("/v1/ledger/checkpoint")
    assert first.text.startswith("example.com/record\n")
    assert client.get("/v1/ledger/checkpoint").headers["etag"] == first.headers["etag"]
    key = client.get("/v1/ledger/key").text
    own = TestClient(application(Settings(_env_file=None), bundled))
    assert own.get("/v1/ledger/key").text != key
    checkpoint.parse(first.content, [PublicKey.parse(key)])


def test_the_stores_own_key_stays(bundled: Database) -> None:
    keys = {
        TestClient(application(Settings(_env_file=None), bundled)).get("/v1/ledger/key").text
        for _ in range(2)
    }
    assert len(keys) == 1


@pytest.mark.parametrize("key", ["", "short", "!" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_key_that_is_none_is_told_without_repeating_it(key: str) -> None:
    with pytest.raises(ValueError, match="32 bytes in base64") as told:
        Settings(signing_key=key, _env_file=None)
    errors = told.value.errors(include_input=False, include_url=False)  # type: ignore[attr-defined]  # pydantic's
    assert not key or key not in str(errors)


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("entries/0/proof", 422, "seq"),
        ("entries/x/proof", 422, "seq"),
        ("entries/99999/proof", 404, None),
        ("entries/9223372036854775808/proof", 422, "seq"),
        ("entries/5/proof?size=4", 422, "size"),
        ("entries/5/proof?size=99999", 422, "size"),
        ("entries/5/proof?size=0", 422, "size"),
        ("consistency", 422, "from"),
        ("consistency?from=6&to=5", 422, "from"),
        ("consistency?from=1&to=99999", 422, "to"),
        ("consistency?from=1&from=2", 422, "from"),
        ("consistency?from=-1", 422, "from"),
        ("checkpoint?size=1", 422, "size"),
        ("checkpoint?format=xml", 422, "format"),
        ("key?format=json", 422, "format"),
    ],
)
def test_what_cannot_be_proved(
    reading: TestClient, path: str, status: int, named: str | None
) -> None:
    answer = reading.get(f"/v1/ledger/{path}")
    assert answer.status_code == status
    if named:
        assert named in [error["parameter"] for error in answer.json()["errors"]]


def test_the_trivial_proofs(reading: TestClient) -> None:
    size = reading.get("/v1/ledger/checkpoint?format=json").json()["size"]
    for old in (0, size):
        proof = reading.get(f"/v1/ledger/consistency?from={old}").json()
        assert proof["hashes"] == []
        roots = _raw(proof["from_root_hash"]), _raw(proof["to_root_hash"])
        assert merkle.extends(old, size, *roots, [])


def test_a_ledger_with_a_gap_is_told(client: TestClient, bundled: Database) -> None:
    with bundled.writer() as writer:
        for table in DERIVED:
            writer.execute(delete(table))
        writer.execute(delete(REVISION).where(REVISION.c.seq == 7))
    assert client.get("/v1/ledger/entries/7/proof").status_code in (404, 503)
    assert client.get("/v1/ledger/checkpoint").status_code == 503
