"""What the routes say of themselves, read once: which path takes which methods and parameters."""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, get_args, get_origin

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel


@dataclass(slots=True)
class Operations:
    """One path: its methods, and the query parameters that each takes, with whether they may be
    repeated."""

    methods: set[str] = field(default_factory=set)
    taken: dict[str, dict[str, bool]] = field(default_factory=dict)


def read(routers: Iterable[APIRouter]) -> dict[str, Operations]:
    """The operations of these routers, by path."""
    found: dict[str, Operations] = {}
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                one = found.setdefault(route.path, Operations())
                one.methods |= route.methods or set()
                one.taken |= dict.fromkeys(route.methods or (), _parameters(route))
    return found


def pattern(path: str) -> re.Pattern[str]:
    """What fits the path of a route."""
    return re.compile(re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(path)))


class Templates:
    """Which of these paths, with names in braces where ids stand, a request's path is one of."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.patterns = [(pattern(path), path) for path in paths]
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, path: str) -> str:
        """The template; `other` for a path that is none of them."""
        return next((name for one, name in self.patterns if one.fullmatch(path)), "other")


def _parameters(route: APIRoute) -> dict[str, bool]:
    """Query parameters come as one model, in the parameter `asked`."""
    asked = inspect.signature(route.endpoint).parameters.get("asked")
    if asked is None or get_origin(asked.annotation) is not Annotated:
        return {}
    model = get_args(asked.annotation)[0]
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        return {}
    fields = model.model_fields.items()
    return {one.alias or name: is_list(one.annotation) for name, one in fields}


def is_list(annotation: object) -> bool:
    """Whether a parameter of this type may be repeated."""
    return get_origin(annotation) is list or any(map(is_list, get_args(annotation)))
