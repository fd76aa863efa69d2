"""What OpenAPI says of bodies: the records as they may be sent.

A body is read by our own strict parser, not by the framework (which lets NaN, a member that
stands twice and lone surrogates pass), so its schema is written into the document here.
"""

import builtins
from typing import Any

from pydantic import BaseModel, Field, create_model

from app.models import RECORDS
from app.models.actor import ActorAnswer
from app.models.attribution import AttributionAnswer
from app.models.base import Grounds, Id, RecordType, Shape
from app.models.candidate import AcceptedSent, CandidatesSent, MendedSent, RejectedSent
from app.models.source import SourceAnswer
from app.models.statement import StatementAnswer
from app.models.topic import TopicAnswer
from app.models.webhook import WebhookSent

_ANSWERS: dict[RecordType, type[BaseModel]] = {
    RecordType.topic: TopicAnswer,
    RecordType.actor: ActorAnswer,
    RecordType.source: SourceAnswer,
    RecordType.statement: StatementAnswer,
    RecordType.attribution: AttributionAnswer,
}


class Merger(Shape):
    """Into which record to merge another, and why."""

    into: Id
    """The id of the record that survives."""
    reason: Grounds
    """Why they are one."""


_IGNORED: Any = Field(
    None, description="Set by the server; ignored.", json_schema_extra={"readOnly": True}
)
_TEXT: Any = Field(
    None,
    max_length=10_000_000,
    description="The publication's own text, kept privately for checking anchors.",
    json_schema_extra={"writeOnly": True},
)
_IN_STATEMENT: Any = Field(
    None, description="The statement that carries it; may be left out there."
)
_REPORTS: Any = Field(
    default_factory=list,
    max_length=1_000,
    description="Reports of the statement, created or replaced with it, all or nothing.",
)


def _name(type: RecordType) -> str:
    """The name under which the document has a record as it may be sent."""
    return f"{RECORDS[type].__name__}Sent"


def _sent(type: RecordType, **more: Any) -> builtins.type[BaseModel]:
    """A record as it may be sent: the server makes an id, and ignores what only it sets."""
    record, answer = RECORDS[type], _ANSWERS[type]
    made = "Made by the server where it is absent; then it must not be in the path either."
    members: dict[str, Any] = {"id": (Id | None, Field(None, description=made))}
    for name, member in answer.model_fields.items():
        if name not in record.model_fields:
            members[name] = (member.annotation, _IGNORED)
    return create_model(
        _name(type),
        __base__=record,
        __doc__=f"{record.__doc__} As it may be sent.",
        **(members | more),
    )


def _models() -> list[type[BaseModel]]:
    """What can be sent. These are made for the document alone: a start without it is quicker."""
    report = _sent(RecordType.attribution)
    carried: type[BaseModel] = create_model(
        "CarriedAttributionSent", __base__=report, statement=(Any, _IN_STATEMENT)
    )
    return [
        _sent(RecordType.topic),
        _sent(RecordType.actor),
        _sent(RecordType.source, text=(str | None, _TEXT)),
        _sent(RecordType.statement, attributions=(list[carried], _REPORTS)),
        report,
        carried,
        *(Merger, WebhookSent, CandidatesSent, MendedSent, AcceptedSent, RejectedSent),
    ]


_TEMPLATE = "#/components/schemas/{model}"


def body(type: RecordType, example: dict[str, Any]) -> dict[str, Any]:
    """The request body of a route that takes a whole record."""
    return _described(_name(type), example)


def described(
    model: type[BaseModel], example: dict[str, Any], media_type: str = "application/json"
) -> dict[str, Any]:
    """The request body of a route that takes a document of this shape."""
    return _described(model.__name__, example, media_type)


def _described(
    name: str, example: dict[str, Any], media_type: str = "application/json"
) -> dict[str, Any]:
    content = {"schema": {"$ref": _TEMPLATE.format(model=name)}, "example": example}
    return {"requestBody": {"required": True, "content": {media_type: content}}}


def patch(example: dict[str, Any]) -> dict[str, Any]:
    """The request body of a route that takes a merge patch."""
    schema = {
        "type": "object",
        "description": "JSON Merge Patch (RFC 7396): members that are given change, null takes "
        "one out, a list is replaced whole.",
        "additionalProperties": True,
    }
    content = {"application/merge-patch+json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def schemas(known: dict[str, Any]) -> dict[str, Any]:
    """The schemas of what is sent, beside the `known` ones, which are of what is answered. Where a
    part looks different on its way in, it has a name of its own."""
    found: dict[str, Any] = {}
    for model in _models():
        schema = model.model_json_schema(mode="validation", ref_template=_TEMPLATE)
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    renamed = {
        name: f"{name}Sent" for name in found if name in known and found[name] != known[name]
    }
    while more := {
        name: f"{name}Sent"
        for name, schema in found.items()
        if name in known and name not in renamed and _names(schema) & renamed.keys()
    }:
        renamed |= more
    return {renamed.get(name, name): _renaming(schema, renamed) for name, schema in found.items()}


def _names(schema: Any) -> set[str]:
    """The schemas that one refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*map(_names, schema.values()))
    return set().union(*map(_names, schema)) if isinstance(schema, list) else set()


def _renaming(schema: Any, renamed: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renaming(one, renamed) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _renaming(one, renamed) for name, one in schema.items()}
    if isinstance(ref := schema.get("$ref"), str):
        path, _, name = ref.rpartition("/")
        made["$ref"] = f"{path}/{renamed.get(name, name)}"
    return made
