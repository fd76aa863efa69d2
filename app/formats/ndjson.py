"""NDJSON: a record a line. JSON text has no raw line feed, so nothing is parsed."""

from collections.abc import Iterable


def lines(texts: Iterable[str]) -> bytes:
    """Records as lines, each with its line feed."""
    return "".join(f"{text}\n" for text in texts).encode()
