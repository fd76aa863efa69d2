"""The routes that read: what they are asked is parsed once, and short answers are not sent away.

FastAPI looks at each of forty possible parameters of a request, which takes longer than to answer
it; here only those that were sent are looked at. Whatever does not fit is left to FastAPI, which
says what is wrong. And a read that SQLite does in a few milliseconds is done where the request
arrived: to hand it to a thread and to wait takes longer (docs/adr/0007-prepared-questions.md).
"""

import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, _effective_route_context_var
from pydantic import BaseModel, ValidationError

from app.api.operations import is_list
from app.db import Database, TooLong

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

REMEMBERED = 10.0
"""Seconds for which a question that took long is not tried again where others wait."""
MOST_REMEMBERED = 10_000


class Question(APIRoute):
    """A route of which `asked`, the query model, is the only thing in the query string."""

    def get_route_handler(self) -> Handler:
        usual = super().get_route_handler()
        # What include_router adds (who may read, …) stands in this context, not in the route.
        route = _effective_route_context_var.get() or self
        dependant = route.dependant
        if dependant is None or [one.name for one in dependant.query_params] != ["asked"]:
            return usual
        model = dependant.query_params[0].field_info.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        route.dependant = _without_query(dependant, Short(self.endpoint))
        try:
            quick = super().get_route_handler()
        finally:
            route.dependant = dependant
        lists = {name for name, one in model.model_fields.items() if is_list(one.annotation)}

        async def handler(request: Request) -> Response:
            try:
                request.state.asked = model.model_validate(_given(request, lists))
            except ValidationError:
                return await usual(request)
            return await quick(request)

        return handler


def _given(request: Request, lists: set[str]) -> dict[str, Any]:
    query = request.query_params
    return {name: query.getlist(name) if name in lists else query[name] for name in query}


def _without_query(dependant: Dependant, call: Callable[..., Any]) -> Dependant:
    return replace(dependant, query_params=[], call=call)


class Short:
    """Calls an endpoint where the request arrived, or in a thread where that would take long."""

    def __init__(self, endpoint: Callable[..., Response]) -> None:
        self.endpoint = endpoint
        self.long: dict[frozenset[str], float] = {}
        """Sets of parameters that took long, and until when that is remembered."""

    async def __call__(self, request: Request, store: Database, **values: Any) -> Response:
        asked: BaseModel = request.state.asked
        values |= {"request": request, "asked": asked}
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
