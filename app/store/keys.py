"""API keys: made, looked up, revoked.

A key is `onr_ID_SECRET_CHECK`: the id finds its row, the secret has 190 random bits, and the
CRC-32 tells a mistyped key, or a stranger's string, without asking the store (as GitHub's do). The
secret is random, so one SHA-256 keeps it; there is nothing that a slow hash would protect.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from app.db import Writer
from app.errors import Conflict, Fault, InvalidInput, NotFound, Unauthorized, short
from app.models.api_key import API_KEY, Scope
from app.store import ledger

ALPHABET = string.digits + string.ascii_letters
_KEY = re.compile(r"onr_([0-9A-Za-z]{8})_([0-9A-Za-z]{32})_([0-9A-Za-z]{6})")


class Key(NamedTuple):
    """A key as it is shown: everything but the secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: str
    revoked_at: str | None

    def allows(self, scope: Scope) -> bool:
        order = list(Scope)
        return any(order.index(one) >= order.index(scope) for one in self.scopes)


def create(writer: Writer, name: str, scopes: Collection[Scope]) -> tuple[Key, str]:
    """A new key, and its text, which is nowhere else.

    Raises `InvalidInput` for a name that cannot stand in the ledger, `Conflict` for one that a
    valid key has.
    """
    name = name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise InvalidInput.of(Fault("must have 1 to 100 printable characters", parameter="name"))
    if not scopes:
        raise InvalidInput.of(Fault("give at least one", parameter="scopes"))
    taken = select(API_KEY.c.id).where(API_KEY.c.name == name, API_KEY.c.revoked_at.is_(None))
    if writer.scalar(taken):
        raise Conflict(f"There is a key named {short(name)}; revoke it, or take another name.")
    id, secret = _random(8), _random(32)
    ordered = tuple(scope for scope in Scope if scope in scopes)
    key = Key(id, name, ordered, ledger.now(), None)
    row = {"id": id, "name": name, "scopes": ",".join(ordered), "created_at": key.created_at}
    writer.execute(insert(API_KEY).values(**row, secret_hash=_hash(secret)))
    return key, f"onr_{id}_{secret}_{_check(id, secret)}"


def listed(connection: Connection) -> list[Key]:
    """All keys, oldest first."""
    rows = connection.execute(select(API_KEY).order_by(API_KEY.c.created_at, API_KEY.c.id))
    return [_key(row) for row in rows]


def revoke(writer: Writer, which: str) -> Key:
    """End the valid key with this id or name, at once. Raises `NotFound`."""
    valid = API_KEY.c.revoked_at.is_(None)
    named = (API_KEY.c.id == which) | (API_KEY.c.name == which)
    row = writer.execute(select(API_KEY).where(valid, named)).first()
    if row is None:
        raise NotFound(f"There is no valid key {short(which)}; `onrecord keys list` shows them.")
    ended = ledger.now()
    writer.execute(update(API_KEY).where(API_KEY.c.id == row.id).values(revoked_at=ended))
    return _key(row)._replace(revoked_at=ended)


def known(connection: Connection, text: str) -> Key:
    """The key that somebody sent. Raises `Unauthorized` unless it is valid."""
    found = _KEY.fullmatch(text)
    if not found or found[3] != _check(found[1], found[2]):
        raise Unauthorized("The key is not one of this service's; check that it is whole.")
    row = connection.execute(select(API_KEY).where(API_KEY.c.id == found[1])).first()
    if row is None or not hmac.compare_digest(row.secret_hash, _hash(found[2])):
        raise Unauthorized("The key is not known here.")
    if row.revoked_at is not None:
        raise Unauthorized("The key was revoked; ask the operator for another.")
    return _key(row)


def _key(row: object) -> Key:
    members = row._asdict()  # type: ignore[attr-defined]  # a row of the table
    scopes = tuple(Scope(one) for one in members["scopes"].split(","))
    return Key(members["id"], members["name"], scopes, members["created_at"], members["revoked_at"])


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(id: str, secret: str) -> str:
    number, digits = zlib.crc32(f"{id}{secret}".encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
