"""What OpenAPI says of references: by name, and with the whole records that `expand` puts there."""

from collections.abc import Iterator
from typing import Any

from app.models.base import RecordType, Served
from app.models.statement import Statement
from app.store.shape import EXPANDABLE


def _reference(name: str) -> str:
    return f"#/components/schemas/{name}"


def document(schemas: dict[str, Any]) -> None:
    """Change the schemas of what is answered so that they hold with any `expand`, too."""
    for name in [*schemas]:
        schemas[name] = _by_name(schemas[name], schemas, top=True)
    schemas[_INSIDE] = _inside(schemas["StatementAnswer"])
    for shape, members in EXPANDABLE.items():
        for path in members.values():
            kind, steps = path or (RecordType.attribution, "attributions")
            named, whole = _names(kind)
            other = whole if path else named  # reports are whole by default
            for place in _places(schemas[shape.__name__], steps.split("."), schemas):
                if "$ref" in place:  # else it belongs to another shape, too
                    names = [place.pop("$ref"), _reference(other)]
                    place["anyOf"] = [{"$ref": one} for one in names]


def _names(kind: RecordType) -> tuple[str, str]:
    """The schemas of a record where it is only named, and where it is whole."""
    whole = _INSIDE if kind is RecordType.statement else f"{kind.capitalize()}Answer"
    return f"{kind.capitalize()}Reference", whole


_INSIDE = "StatementInside"


def _inside(answer: dict[str, Any]) -> dict[str, Any]:
    """A statement inside another record: without its reports, and what follows from them."""
    known = {*Statement.model_fields, *Served.model_fields}
    members = {name: part for name, part in answer["properties"].items() if name in known}
    return {
        **answer,
        "properties": members,
        "required": [name for name in answer["required"] if name in known],
        "title": _INSIDE,
        "description": "A statement that stands in place of a reference, without its reports.",
    }


_REFERENCES = {_names(kind)[0] for kind in RecordType}


def _by_name(value: Any, schemas: dict[str, Any], *, top: bool = False) -> Any:
    """A schema in which references that are spelled out are named instead."""
    if isinstance(value, list):
        return [_by_name(part, schemas) for part in value]
    if not isinstance(value, dict):
        return value
    title = value.get("title")
    if not top and isinstance(title, str) and title in _REFERENCES and title in schemas:
        return {"$ref": _reference(title)}
    return {name: _by_name(part, schemas) for name, part in value.items()}


def _places(schema: Any, steps: list[str], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where a path of members leads to: the parts of a schema that name what may stand there."""
    if "items" in schema:
        yield from _places(schema["items"], steps, schemas)
    elif "anyOf" in schema and any(part.get("type") == "null" for part in schema["anyOf"]):
        for part in schema["anyOf"]:
            if part.get("type") != "null":
                yield from _places(part, steps, schemas)
    elif not steps:
        yield schema
    elif "anyOf" in schema:
        whole = [part for part in schema["anyOf"] if not part["$ref"].endswith("Reference")]
        yield from _places(whole[0], steps, schemas)
    elif "$ref" in schema:
        yield from _places(schemas[schema["$ref"].rpartition("/")[2]], steps, schemas)
    else:
        yield from _places(schema["properties"][steps[0]], steps[1:], schemas)
