"""What holds for the whole OpenAPI document, said once: the headers and errors that every answer
may have, and the bounds of every value.

What linters ask of each operation (Redocly's recommended-strict, Spectral's own and OWASP's rules)
is brought in here, not repeated on each route.
"""

from collections.abc import Iterator
from typing import Any

from app.api.bounds import ADDRESS
from app.models.base import TEXT_PATTERN

MOST_BYTES = 48_000_000
"""As `ONRECORD_MAX_BODY`: no longer text comes in, and none goes out that did not come in."""
MOST_ITEMS = 1_000_000
INT64 = 2**63

Schema = dict[str, Any]

HEADERS: dict[str, Schema] = {
    "Access-Control-Allow-Origin": {
        "description": "Pages of every origin may read the answer.",
        "schema": {"type": "string", "const": "*"},
    },
    "RateLimit": {
        "description": "Requests that are left (`r`), and seconds until all are again (`t`), for "
        "the address and for the key (draft-ietf-httpapi-ratelimit-headers).",
        "schema": {"type": "string", "maxLength": 200, "pattern": '^"address";r='},
    },
    "RateLimit-Policy": {
        "description": "Requests that are allowed (`q`) in how many seconds (`w`).",
        "schema": {"type": "string", "maxLength": 200, "pattern": '^"address";q='},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "string", "maxLength": 10, "pattern": "^[0-9]+$"},
    },
    "X-Request-Id": {
        "description": "The id under which the logs know the request: the one that was sent, or a "
        "new one.",
        "schema": {"type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9._-]+$"},
    },
}
ERRORS = {
    "401": "A key is needed, or the one that was sent is not valid.",
    "408": "The request did not come in time.",
    "422": "Something that was sent does not fit; `errors` names it.",
    "414": "Path and query are too long.",
    "429": "The rate limit is reached; `Retry-After` says for how long.",
    "431": "The headers are too large.",
    "500": "The fault is the service's; it was logged under `request_id`.",
}
_BODILESS = ("get", "head", "options", "delete")


def complete(document: dict[str, Any], problem: Schema) -> None:
    """Bring into a document what holds for all of it; `problem` is the content of an error."""
    components = document["components"]
    _name_schemas(document)
    components["headers"] = {name: dict(one) for name, one in HEADERS.items()}
    used = set()
    document["info"]["contact"] = {"name": "The Onrecord contributors"}
    document["servers"] = [
        {"url": "/", "description": "This server, local or in production", "x-internal": False}
    ]
    for method, operation in _operations(document):
        responses = operation["responses"]
        for status in ERRORS:
            if status not in responses and (status != "408" or method not in _BODILESS):
                responses[status] = {"$ref": f"#/components/responses/{_name(status)}"}
                used.add(status)
        operation["responses"] = dict(sorted(responses.items()))
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _without_null(parameter["schema"])
            _bound(parameter["schema"], ADDRESS, MOST_ITEMS)
    common = {status: {"description": ERRORS[status], **problem} for status in sorted(used)}
    components["responses"] = {_name(status): one for status, one in common.items()}
    own = [r for _, operation in _operations(document) for r in operation["responses"].items()]
    for status, response in [*own, *common.items()]:
        if "$ref" not in response:
            response["headers"] = _headers(status, response.get("headers", {}))
    _bound(document["paths"], MOST_BYTES, MOST_ITEMS)
    _bound(components, MOST_BYTES, MOST_ITEMS)
    schemas: dict[str, Schema] = components["schemas"]
    for schema in list(schemas.values()):
        for part in ("properties", "items", "additionalProperties"):
            if part in schema:
                schema[part] = _hoisted(schema[part], schemas)
    components["schemas"] = dict(sorted(schemas.items()))


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        yield from path.items()


def _name_schemas(document: dict[str, Any]) -> None:
    """Give each schema one name: clients are generated from their titles. Of two models that have
    the same name FastAPI writes the module into it, which is nobody's business."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    told = {name: "".join(map(_capital, name.split("__")[-2:])) for name in schemas if "__" in name}
    document["components"]["schemas"] = schemas = {
        told.get(name, name): schema for name, schema in schemas.items()
    }
    for name, schema in schemas.items():
        schema["title"] = name
    if told:
        _rename(document, {f"#/components/schemas/{old}": new for old, new in told.items()})


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _rename(node: Any, told: dict[str, str]) -> None:
    if isinstance(node, list):
        for one in node:
            _rename(one, told)
    elif isinstance(node, dict):
        if isinstance(ref := node.get("$ref"), str) and ref in told:
            node["$ref"] = f"#/components/schemas/{told[ref]}"
        for one in node.values():
            _rename(one, told)


def _name(status: str) -> str:
    return f"Error{status}"


def _headers(status: str, known: Schema) -> Schema:
    names = ["Access-Control-Allow-Origin", "X-Request-Id", "RateLimit", "RateLimit-Policy"]
    names += ["Retry-After"] if status in ("429", "503") else []
    common = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return dict(sorted((common | known).items()))


def _without_null(schema: Schema) -> Schema:
    """A parameter that may be left out is not one that may be null: no query can say that."""
    kinds = schema.get("anyOf", ())
    left = [one for one in kinds if one != {"type": "null"}]
    if len(left) == len(kinds) or len(left) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if "$ref" in left[0]:
        return {**rest, "allOf": left} if rest else left[0]
    return {**left[0], **rest}


def _hoisted(node: Any, schemas: dict[str, Schema]) -> Any:
    """A part of a schema, with references where objects of a title of their own stood in it."""
    if isinstance(node, list):
        return [_hoisted(one, schemas) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: _hoisted(one, schemas) for name, one in node.items()}
    if made.get("type") != "object" or "properties" not in made or "title" not in made:
        return made
    name = "".join(map(_capital, str(made["title"]).split()))
    while name in schemas and schemas[name] != made | {"title": name}:
        name += "Form"
    schemas.setdefault(name, made | {"title": name})
    return {"$ref": f"#/components/schemas/{name}"}


def _bound(node: Any, most: int, most_items: int) -> None:
    """Give every string, number and list in a part of the document bounds."""
    if isinstance(node, list):
        for one in node:
            _bound(one, most, most_items)
    if not isinstance(node, dict):
        return
    for name, one in node.items():
        if name not in ("example", "examples", "default", "const", "enum"):
            _bound(one, most, most_items)
    _number(node)
    match node.get("type"):
        case "string" if not {"enum", "const"} & node.keys():
            node.setdefault("maxLength", most)
            if not {"format", "pattern"} & node.keys():
                node["pattern"] = TEXT_PATTERN
        case "integer":
            node.setdefault("format", "int64")
            node.setdefault("minimum", -INT64)
            node.setdefault("maximum", INT64 - 1)
        case "array":
            node.setdefault("maxItems", most_items)
    if node.get("default", "") is None and "type" in node and node["type"] != "null":
        del node["default"]


def _number(node: Schema) -> None:
    """pydantic gives bounds that it does not know how to say in JSON Schema their Python names."""
    for theirs, ours in (("ge", "minimum"), ("le", "maximum")):
        if theirs in node:
            node[ours] = node.pop(theirs)
    if node.get("type") == "integer" and "exclusiveMaximum" in node:
        node["maximum"] = node.pop("exclusiveMaximum") - 1
