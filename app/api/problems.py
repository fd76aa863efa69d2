"""Every error as `application/problem+json` (RFC 9457), also those of the framework."""

import difflib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from app import errors
from app.api.operations import Operations
from app.errors import Fault, InvalidInput, InvalidSyntax, Problem, short
from app.models import advice

MEDIA_TYPE = "application/problem+json"

_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        InvalidSyntax,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.MethodNotAllowed,
        errors.NotAcceptable,
        errors.TooLarge,
        errors.UnsupportedMedia,
        InvalidInput,
    )
}


def answer(request: Request, problem: Problem) -> Response:
    """A problem as a response, with the id under which the logs know the request."""
    document = problem.as_dict()
    document["request_id"] = request.scope.get("state", {}).get("request_id")
    headers = {"Cache-Control": "no-store", **problem.headers}
    if isinstance(problem, errors.Redirected):
        path = getattr(request.scope.get("route"), "path", "")
        headers["Location"] = path.replace("{id}", problem.detail)
        document["detail"] = f"This record was merged into {problem.detail}."
    return Response(orjson.dumps(document), problem.status, headers, MEDIA_TYPE)


class Refused(HTTPException):
    """A problem that is met while a body is read; FastAPI lets no other exception through there."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail)
        self.problem = problem


async def reply(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a problem from where there is no route."""
    await answer(Request(scope, receive), problem)(scope, receive, send)


def broken(request_id: str) -> Response:
    """The answer where the fault is ours: it tells nothing of the inside."""
    detail = "The fault is ours and was logged; tell us the request_id if it happens again."
    document = errors.Internal(detail).as_dict() | {"request_id": request_id}
    return Response(orjson.dumps(document), 500, {"Cache-Control": "no-store"}, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception that reaches the application as a problem."""

    @app.exception_handler(Problem)
    async def told(request: Request, problem: Problem) -> Response:
        return answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def refused(request: Request, error: RequestValidationError) -> Response:
        return answer(request, _refusal(request, error.errors()))

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        if isinstance(error, Refused):
            return answer(request, error.problem)
        kind = _BY_STATUS.get(error.status_code, Problem)
        problem = kind(_WHAT_NOW.get(error.status_code, HTTPStatus(error.status_code).phrase))
        problem.headers.update(error.headers or {})
        return answer(request, problem)


_WHAT_NOW = {
    404: "No such path; /docs lists them all.",
    405: "This path does not take that method; the Allow header lists those that it takes.",
}


def _refusal(request: Request, found: Sequence[Any]) -> Problem:
    faults: dict[tuple[str, str], Fault] = {}
    for error in found:
        place, *steps = error["loc"]
        name = short("/".join(map(str, steps[:1])))
        detail = advice.of(error)
        if error["type"] == "extra_forbidden" and place == "query":
            detail = f"is no parameter of this path and method{_meant(request, name)}"
        elif place == "path" and "\N{REPLACEMENT CHARACTER}" in str(error.get("input")):
            detail = f"{detail}; what is percent-encoded must be UTF-8"
        faults.setdefault((place, name), Fault(detail, error["type"], parameter=name))
    return InvalidInput.of(*faults.values())


def _meant(request: Request, name: str) -> str:
    known = list(query_parameters(request))
    close = difflib.get_close_matches(name[:100], known, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it takes {', '.join(known)}" if known else "; it takes none"


def query_parameters(request: Request) -> dict[str, bool]:
    """The query parameters of the operation that a request is for, and whether each is a list."""
    route = request.scope.get("route")
    operations: dict[str, Operations] = request.app.state.operations
    found = operations.get(getattr(route, "path", ""))
    of = found.taken if found else {}
    return next((of[method] for method in getattr(route, "methods", ()) if method in of), {})
