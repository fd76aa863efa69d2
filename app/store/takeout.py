"""The ledger as a file: NDJSON, one revision a line, oldest first, with all that is hashed.

`body` is the record after the change, or null where there never was one or it was redacted;
`body_hash` stays. Members stand in the order of the columns, without white space, so that there
is one text for a ledger, and any change of it shows.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping

from app.models import REVISION
from app.store import ledger

COLUMNS = tuple(column.name for column in REVISION.c)


def line(revision: Mapping[str, Any] | RowMapping) -> bytes:
    """A revision as the export writes it; raises KeyError where a column is missing."""
    members = {name: revision[name] for name in COLUMNS}
    if members["body"] is not None:
        members["body"] = orjson.Fragment(members["body"])
    return orjson.dumps(members, option=orjson.OPT_APPEND_NEWLINE)


def stream(connection: Connection) -> Iterator[bytes]:
    """The lines of the whole ledger."""
    for rows in ledger.pages(connection):
        for row in rows:
            yield line(row._mapping)
