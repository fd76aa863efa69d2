"""API keys."""

from typing import Any

import click

from app.cli.command import as_json, main, store, tell
from app.errors import short
from app.models.api_key import Scope
from app.settings import Settings
from app.store import keys


@main.group("keys")
def keys_() -> None:
    """Keys for writing over HTTP, and for reading where that is not open."""


@keys_.command()
@click.argument("name")
@click.option(
    "--scopes",
    default="read,write",
    show_default=True,
    help="What it allows: read, write, admin, separated by commas.",
)
@as_json
@click.pass_obj
def create(settings: Settings, name: str, scopes: str, as_json: bool) -> None:
    """Make a key and print it, this once; NAME answers in the ledger for what is written with it.

    It is valid at once, also in a running server.
    """
    asked = [one.strip() for one in scopes.split(",") if one.strip()]
    if unknown := [one for one in asked if one not in list(Scope)]:
        detail = f"{short(unknown[0])} is no scope; there are {', '.join(Scope)}"
        raise click.BadParameter(detail, param_hint="--scopes")
    with store(settings) as database, database.writer() as writer:
        key, text = keys.create(writer, name, [Scope(one) for one in asked])
    tell(as_json, {"key": text, **_shown(key)}, text)


@keys_.command("list")
@as_json
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """All keys, without their secrets, and whether they are still valid."""
    with store(settings) as database, database.reader() as reader:
        for key in keys.listed(reader):
            state = f"revoked {key.revoked_at}" if key.revoked_at else "valid"
            sentence = f"{key.id}  {','.join(key.scopes):<17} {state}  {key.name}"
            tell(as_json, _shown(key), sentence)


@keys_.command()
@click.argument("key")
@as_json
@click.pass_obj
def revoke(settings: Settings, key: str, as_json: bool) -> None:
    """End the KEY of that name or id, at once."""
    with store(settings) as database, database.writer() as writer:
        ended = keys.revoke(writer, key)
    tell(as_json, _shown(ended), f"{ended.name} ({ended.id}) is no longer valid.")


def _shown(key: keys.Key) -> dict[str, Any]:
    return {**key._asdict(), "scopes": list(key.scopes)}
