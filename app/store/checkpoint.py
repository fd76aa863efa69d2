"""Checkpoints: the size and root of the ledger's tree, signed, so that others can keep them.

The form is C2SP's tlog-checkpoint (https://c2sp.org/tlog-checkpoint), a signed note
(https://c2sp.org/signed-note) with one Ed25519 signature whose key is named like the log. What
proves that nothing was changed is a checkpoint kept elsewhere: the signature only says whose it
is, and one by a key that lies in the store says no more than that the store was there.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from app.db import Database
from app.errors import Fault, InvalidInput
from app.models import SIGNING_KEY
from app.store import ledger, merkle, tree
from app.store.merkle import Hash

if TYPE_CHECKING:  # for a few signatures a day, 30 ms of each start
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MOST_BYTES = 1_000_000
"""Bytes of a note that is read; a checkpoint has a few hundred."""
_ED25519 = b"\1"
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures, and the name under which it makes them."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        """As a verifier key, `name+id+key`."""
        return f"{self.name}+{self.id.hex()}+{encoded(_ED25519 + self.key)}"

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Read a verifier key; raises `InvalidInput`."""
        name, _, rest = text.strip().partition("+")
        id, _, key = rest.partition("+")
        raw = _decoded(key)
        if name and raw and len(raw) == 33 and raw[:1] == _ED25519:
            found = cls(name, raw[1:])
            if found.id.hex() == id:
                return found
        raise _broken("the key is no Ed25519 verifier key of the form name+id+key")


@dataclass(frozen=True, slots=True)
class Signer:
    """A log's name and the private key that signs for it."""

    origin: str
    private: "Ed25519PrivateKey"

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.origin, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """A note: the text with its signature."""
        signature = self.public.id + self.private.sign(text.encode())
        return f"{text}\n— {self.origin} {encoded(signature)}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a log stood: how many entries it had, and the root of the tree over them."""

    origin: str
    size: int
    root: Hash

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"


def signer(database: Database, seed: bytes | None, origin: str | None) -> Signer:
    """Who signs for a store: the configured key, or else the store's own, made at first use.

    Without an origin the log is named after its key. Raises the problems of `Database.writer`.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if seed is None:
        with database.reader() as reader:
            seed = _stored(reader)
    if seed is None:
        with database.writer() as writer:
            seed = _stored(writer)  # another process may have been first
            if seed is None:
                seed = os.urandom(32)
                row = {"id": 1, "seed": seed, "created_at": ledger.now()}
                writer.execute(insert(SIGNING_KEY), row)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    if origin is None:
        key = private.public_key().public_bytes_raw()
        origin = f"onrecord.invalid/{hashlib.sha256(key).hexdigest()[:16]}"
    return Signer(origin, private)


def _stored(connection: Connection) -> bytes | None:
    return connection.scalar(select(SIGNING_KEY.c.seed))


def of(connection: Connection, origin: str, size: int | None = None) -> Checkpoint:
    """The checkpoint of the ledger as it stands, or as it stood with `size` revisions."""
    size = ledger.head(connection).seq if size is None else size
    return Checkpoint(origin, size, merkle.root(tree.Stored(connection), size))


def parse(note: bytes, keys: Sequence[PublicKey] = ()) -> Checkpoint:
    """Read a signed checkpoint, whose signature must be by one of the keys, if any are given.

    Raises `InvalidInput` for what is no checkpoint, or not signed by a key that is known.
    """
    try:
        text, blank, signatures = note.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise _broken("the checkpoint is not UTF-8") from error
    text += "\n"
    lines = text.split("\n")
    root = _decoded(lines[2]) if len(lines) > 3 else None
    if not (blank and lines[0] and _SIZE.fullmatch(lines[1]) and root and len(root) == 32):
        raise _broken("it is no signed checkpoint: origin, size, root hash, blank line, signature")
    check(text, signatures, keys)
    return Checkpoint(lines[0], int(lines[1]), root)


def check(text: str, signatures: str, keys: Sequence[PublicKey]) -> None:
    """Raise `InvalidInput` unless a key that is known signed the text, and no known one wrongly."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    lines = signatures.split("\n")
    found = [_SIGNATURE.fullmatch(line) for line in lines[:-1]]
    if lines[-1] or not found or not all(found):
        raise _broken("it has no signature lines, or broken ones")
    good = 0
    for match in filter(None, found):
        raw = _decoded(match[2]) or b""
        for key in keys:
            if (key.name, key.id) != (match[1], raw[:4]):
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.key).verify(raw[4:], text.encode())
            except InvalidSignature as error:
                raise _broken("its signature does not fit its text") from error
            good += 1
    if keys and not good:
        raise _broken("it is not signed by the key that was given")


def encoded(raw: bytes) -> str:
    """Base64, as notes and proofs print hashes."""
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if encoded(raw) == text else None


def _broken(detail: str) -> InvalidInput:
    return InvalidInput.of(Fault(detail, "no_checkpoint", parameter="checkpoint"))
