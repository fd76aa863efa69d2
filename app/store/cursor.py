"""Cursors as they travel: opaque to clients, a short list of numbers and names to us."""

import base64
from typing import Any

import orjson


def encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode(cursor: str) -> list[Any] | None:
    """The parts of a cursor; None for what is none of ours."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(raw)
    except (ValueError, TypeError):
        return None
    return parts if isinstance(parts, list) and len(parts) > 3 else None
