"""What routes ask for: the store, and the parts of a request that several of them share."""

from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Path, Request

from app.api.problems import query_parameters
from app.db import Database
from app.errors import Fault, InvalidInput, short
from app.models.base import ID_PATTERN


async def store(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Store = Annotated[Database, Depends(store)]


async def asked_once(request: Request) -> None:
    """Refuse a parameter that stands twice and is no list, any where none is taken, and what is
    not UTF-8."""
    items = request.query_params.multi_items()
    if not items:
        return
    given = [name for name, _ in items]
    known = query_parameters(request)
    faults = [
        Fault("is not UTF-8; percent-encode the bytes of its UTF-8", "not_utf8", parameter=name)
        for name in dict.fromkeys(
            short(name) for name, value in items if UNREADABLE in name + value
        )
    ]
    if faults and not _is_utf8(request.scope["query_string"]):
        raise InvalidInput.of(*faults)
    faults = []
    for name in dict.fromkeys(given):
        if not known:
            faults.append(Fault("this path takes no parameters", "extra", parameter=short(name)))
        elif known.get(name) is False and given.count(name) > 1:
            faults.append(Fault("stands twice; give it once", "repeated", parameter=short(name)))
    if faults:
        raise InvalidInput.of(*faults)


ONCE = Depends(asked_once)
"""For every route of the contract."""


UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands in a parameter for bytes that are not UTF-8."""


def _is_utf8(query: bytes) -> bool:
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


BUNDLED = "From the bundled record"


def example(id: str, summary: str = BUNDLED) -> Any:
    """The id in a path, with one that works when it is tried, or a `summary` that says after
    what."""
    return Path(
        pattern=ID_PATTERN,
        max_length=200,
        description=f"The record's id.{'' if summary == BUNDLED else f' {summary}.'}",
        openapi_examples={"bundled": {"summary": summary, "value": id}},
    )
