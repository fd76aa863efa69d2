"""A route that is worked out when it is first asked for.

FastAPI works out what a route takes and answers (its dependencies, a validator for each parameter
and answer, its handler) where the route is written, and once more where its router is included.
None of it is needed to tell which route a request is for (docs/adr/0011-starting.md).
"""

from collections.abc import Callable
from threading import RLock
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import compile_path


class Route(APIRoute):
    """An `APIRoute` that knows its path and methods at once, and the rest when it is asked."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
        self.path, self.endpoint = path, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = set(told.get("methods") or ["GET"])
        self._told: dict[str, Any] | None = told

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        with _WORKING_OUT:
            if (told := self.__dict__.get("_told")) is not None:
                self._told = None
                super().__init__(self.path, self.endpoint, **told)
        if name not in self.__dict__:
            raise AttributeError(name=name, obj=self)
        return self.__dict__[name]


_WORKING_OUT = RLock()
"""One at a time: the loop may want a route while a thread makes the OpenAPI document."""
