"""The routes that read: what they are asked is parsed once, and short answers are not sent away.

FastAPI looks at each of forty possible parameters of a request, which takes longer than to answer
it; here only those that were sent are looked at. Whatever is not plain (a key, a parameter that
does not fit or stands twice, an odd id) is left to FastAPI, which asks the dependencies and says
what is wrong. And a read that SQLite does in a few milliseconds is done where the request
arrived: to hand it to a thread and to wait takes longer (docs/adr/0007-prepared-questions.md).
"""

import re
import time
from collections.abc import Callable, Coroutine
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from app.api.auth import Reads
from app.api.deps import UNREADABLE, asked_once, store
from app.api.operations import is_list
from app.api.route import Route
from app.db import Database, TooLong
from app.models.base import ID_PATTERN

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

REMEMBERED = 10.0
"""Seconds for which a question that took long is not tried again where others wait."""
MOST_REMEMBERED = 10_000


class Question(Route):
    """A route of which `asked`, the query model, is the only thing in the query string."""

    def get_route_handler(self) -> Handler:
        usual = super().get_route_handler()
        dependant = self.dependant
        if [one.name for one in dependant.query_params] != ["asked"]:
            return usual
        model = dependant.query_params[0].field_info.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        assert {one.call for one in dependant.dependencies} <= KNOWN, "what would be left out?"
        assert {one.name for one in dependant.path_params} <= {"id"}
        assert not dependant.header_params + dependant.cookie_params + dependant.body_params
        answer = Short(self.endpoint)
        lists = {name for name, one in model.model_fields.items() if is_list(one.annotation)}

        async def handler(request: Request) -> Response:
            if not _is_plain(request):
                return await usual(request)
            try:
                asked = model.model_validate(_given(request, lists))
            except (ValidationError, _Odd):
                return await usual(request)
            return await answer(request.app.state.database, request, asked)

        return handler


KNOWN = {store, asked_once, Reads.dependency}
"""The dependencies of which it is known here what they would say of a plain request: nothing."""


def _is_plain(request: Request) -> bool:
    id = request.path_params.get("id")
    return (
        "authorization" not in request.headers
        and bool(request.app.state.settings.open_reading)
        and (id is None or _ID.fullmatch(id) is not None)
    )


_ID = re.compile(ID_PATTERN)


class _Odd(Exception):
    """A parameter that is no list stands twice, or one may not be UTF-8."""


def _given(request: Request, lists: set[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if UNREADABLE in value:
            raise _Odd
        if name in lists:
            given.setdefault(name, []).append(value)
        elif name in given:
            raise _Odd
        else:
            given[name] = value
    return given


class Short:
    """Calls an endpoint where the request arrived, or in a thread where that would take long."""

    def __init__(self, endpoint: Callable[..., Response]) -> None:
        self.endpoint = endpoint
        self.long: dict[frozenset[str], float] = {}
        """Sets of parameters that took long, and until when that is remembered."""

    async def __call__(self, store: Database, request: Request, asked: BaseModel) -> Response:
        values = {**request.path_params, "request": request, "asked": asked}
        kind = frozenset(asked.model_fields_set)
        if store.is_sqlite and self.long.get(kind, 0.0) < time.monotonic():
            try:
                with store.at_once() as short:
                    return self.endpoint(store=short, **values)
            except TooLong:
                if len(self.long) >= MOST_REMEMBERED:
                    self.long.clear()
                self.long[kind] = time.monotonic() + REMEMBERED
        return await run_sync(lambda: self.endpoint(store=store, **values))
