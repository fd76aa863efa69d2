"""What OpenAPI says of an operation besides what its signature says."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, create_model

from app.api import contract, expanded, sent
from app.api.problems import MEDIA_TYPE
from app.api.represented import content

JSON = "application/json"
ETAG = {
    "description": "Strong entity tag of this answer.",
    "schema": {"type": "string", "maxLength": 100},
}
PROBLEM: dict[str, Any] = {
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
}
NOT_MODIFIED = {
    "description": "What you have is still right.",
    "headers": {"ETag": ETAG},
}

Responses = dict[int | str, dict[str, Any]]


class ProblemFault(BaseModel):
    """One thing that is wrong, and how to mend it."""

    detail: str = Field(description="What is wrong, and how to mend it.")
    code: str = Field(description="A word for machines.")
    pointer: str | None = Field(None, description="JSON pointer (RFC 6901) into the body or line.")
    parameter: str | None = Field(None, description="Name of the parameter or header.")


class ProblemAnswer(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="URI of a page about this kind of problem.")
    title: str = Field(description="What kind of problem it is.")
    status: int = Field(ge=100, le=599, description="The HTTP status.")
    detail: str = Field(description="What is wrong in this case, and how to mend it.")
    errors: list[ProblemFault] = Field(
        default_factory=list, description="Each thing that is wrong."
    )
    request_id: str | None = Field(
        None, description="The id under which the logs know the request."
    )


def problem(description: str) -> dict[str, Any]:
    return {"description": description, **PROBLEM}


@cache
def page_of(answer: type[BaseModel]) -> type[BaseModel]:
    """The shape of a page of such records."""
    name = answer.__name__.removesuffix("Answer")
    members: dict[str, Any] = {
        "items": (list[answer], Field(description="The records of this page.")),  # type: ignore[valid-type]
        "next": (
            str | None,
            Field(None, description="URL of the next page; absent on the last."),
        ),
        "prev": (
            str | None,
            Field(None, description="URL of the page before; absent on the first."),
        ),
        "count": (
            int | None,
            Field(None, description="How many fit, with `count=exact`."),
        ),
    }
    return create_model(f"{name}Page", __doc__=f"A page of {name.lower()}s.", **members)


GONE: Responses = {
    308: {
        **problem("It was merged; `Location` names the record in which it lives on."),
        "headers": {
            "Location": {
                "description": "Where it lives on.",
                "schema": {"type": "string", "format": "uri-reference", "maxLength": 1_000},
            }
        },
    },
    410: problem("It was retracted or redacted; the reason is given."),
}
"""The answers where a record is no longer what it was."""


def lists(
    operation: str, summary: str, answer: type[BaseModel], *, of_one: bool = False
) -> dict[str, Any]:
    """Keyword arguments of a route that answers a page, perhaps of what hangs on one record."""
    link = {
        "description": "Neighbouring pages (RFC 8288).",
        "schema": {"type": "string"},
    }
    forms, headers = content(answer, page=True), {"ETag": ETAG, "Link": link}
    return _route(operation, summary, page_of(answer), forms, headers, GONE if of_one else {})


def shows(operation: str, summary: str, answer: type[BaseModel]) -> dict[str, Any]:
    """Keyword arguments of a route that answers one record."""
    return _route(operation, summary, answer, content(answer, page=False), {"ETag": ETAG}, GONE)


def writes(
    operation: str,
    summary: str,
    answer: type[BaseModel] | None,
    *,
    creates: bool = False,
    puts: bool = False,
    ends: bool = False,
) -> dict[str, Any]:
    """Keyword arguments of a route that writes one record; without an answer it is a 204."""
    location = {"Location": {"description": "Its path.", "schema": {"type": "string"}}}
    headers = {"ETag": ETAG}
    responses: Responses = {
        401: problem("A valid key is needed."),
        403: problem("The key may not do this."),
        406: problem("No such representation."),
        409: problem("The record is not in a state that allows this."),
        422: problem("Something that was sent does not fit; `errors` names it."),
        503: problem("The store cannot be written now."),
    }
    if answer:
        forms: dict[str, Any] = {JSON: {}}
        done = {"description": "As it stands now.", "headers": headers, "content": forms}
        responses |= {} if creates else {200: done}
    if creates or puts:
        made = {"description": "Created.", "headers": headers | location}
        responses[201] = made | {"content": {JSON: {}}, "model": answer}
    if not creates:
        responses |= {
            404: problem("There is no such record."),
            410: problem("It was retracted or redacted; the reason is given."),
            412: problem("The record is not at the version that was named."),
            428: problem("`If-Match` is missing."),
        }
    if not ends:
        responses |= {
            400: problem("The body cannot be read."),
            413: problem("The body is too large."),
            415: problem("The body is of another media type."),
        }
    return {
        "operation_id": operation,
        "summary": summary,
        "status_code": 201 if creates else 200 if answer else 204,
        "response_model": answer,
        "responses": dict(sorted(responses.items(), key=lambda pair: int(pair[0]))),
    }


def answers(
    operation: str,
    summary: str,
    answer: type[BaseModel],
    example: dict[str, Any],
    forms: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Keyword arguments of a route whose answer is no record; `forms` are those besides JSON."""
    content = {JSON: {"example": example}, **(forms or {})}
    route = _route(operation, summary, answer, content, {"ETag": ETAG}, {})
    del route["responses"][404]
    return route


def _route(
    operation: str,
    summary: str,
    answer: type[BaseModel],
    forms: dict[str, Any],
    headers: Any,
    more: Responses,
) -> dict[str, Any]:
    responses: Responses = {
        200: {"headers": headers, "content": forms},
        304: NOT_MODIFIED,
        404: problem("There is no such record."),
        406: problem("No such representation."),
        422: problem("A parameter does not fit; `errors` names it."),
        503: problem("The store cannot answer now."),
        **more,
    }
    return {
        "operation_id": operation,
        "summary": summary,
        "response_model": answer,
        "responses": responses,
    }


DESCRIPTION = """Onrecord keeps statements as they were reported and never says what is true. Every
list takes the same page parameters; every error is `application/problem+json` and says how to mend
it. Dates are EDTF: `2020-10`, `2020-10-22`, `2020-09-27/..`."""


def openapi(app: FastAPI, routers: Iterable[APIRouter]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an app, made once; `routers` are those of the contract."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    template = "#/components/schemas/{model}"
    problem_schema = ProblemAnswer.model_json_schema(ref_template=template)
    schemas |= problem_schema.pop("$defs")
    schemas["Problem"] = problem_schema | {"title": "Problem"}
    schemas |= sent.schemas(schemas)
    expanded.document(schemas)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    for path in document["paths"].values():  # reading is open unless it is locked
        if "get" in path and not {"Candidates", "Webhooks"} & set(path["get"]["tags"]):
            path["get"]["security"] = [{}, {"key": []}]
    _exemplify(document["paths"])
    _exact(document["paths"], routers)
    contract.complete(document, PROBLEM)
    app.openapi_schema = document
    return document


def exemplified(**examples: dict[str, Any]) -> dict[str, Any]:
    """The `openapi_extra` of a route of which these parameters have examples."""
    return {_EXAMPLES: examples}


_EXAMPLES = "x-examples"


def _exemplify(paths: dict[str, Any]) -> None:
    """Put examples at their parameters: FastAPI has no place for those of a query model's."""
    for operation in (one for path in paths.values() for one in path.values()):
        examples = operation.pop(_EXAMPLES, {})
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in examples:
                parameter["examples"] = examples[parameter["name"]]


def _exact(paths: dict[str, Any], routers: Iterable[APIRouter]) -> None:
    """Put the examples of answers in as they are: FastAPI leaves out every null in them."""
    for route in (route for router in routers for route in router.routes):
        if not isinstance(route, APIRoute):
            continue
        for method in route.methods or ():
            documented = paths[route.path][method.lower()]["responses"]
            for status, response in route.responses.items():
                for media_type, form in response.get("content", {}).items():
                    if "example" in form:
                        shown = documented[str(status)]["content"][media_type]
                        shown["example"] = form["example"]


TAGS = [
    {"name": "Statements", "description": "What was said, with the reports of it."},
    {
        "name": "Attributions",
        "description": "Reports: a source says that somebody said it.",
    },
    {
        "name": "Figures",
        "description": "Numbers in reported words, never averaged or rounded.",
    },
    {"name": "Search", "description": "Names as they are typed."},
    {"name": "Counts", "description": "Statements counted, over time and by facet."},
    {"name": "Actors", "description": "Whoever speaks, publishes or is spoken for."},
    {
        "name": "Topics",
        "description": "Themes, places and events, with all their names.",
    },
    {"name": "Sources", "description": "The publications in which reports stand."},
    {"name": "Changes", "description": "The ledger as a feed."},
    {"name": "Webhooks", "description": "Changes sent to an address of yours."},
    {"name": "Candidates", "description": "Draft statements read from an article, to be judged."},
    {"name": "Import and export", "description": "The record as interchange files."},
    {"name": "Ledger", "description": "Proofs that nothing was silently changed."},
    {"name": "Reconciliation", "description": "Whom the names in your own list mean."},
]
