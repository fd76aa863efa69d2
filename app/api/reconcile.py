"""`/v1/reconcile`: the Reconciliation Service API 0.2, for OpenRefine and its like
(https://reconciliation-api.github.io/specs/0.2/)."""

from html import escape
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qs, quote

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection

from app import __version__
from app.api import respond
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import JSON, problem
from app.api.route import Route
from app.errors import Fault, InvalidInput, NotFound, TooLarge, UnsupportedMedia
from app.models.base import TEXT_PATTERN, RecordType
from app.store import parse, reconcile, suggest
from app.store.reconcile import KINDS, PROPERTIES, SCHEME, TYPES, Candidate, Entity

router = APIRouter(
    prefix="/v1/reconcile", tags=["Reconciliation"], route_class=Route, dependencies=READING
)

BATCH, EXTENDED = 100, 1_000
"""Queries, and entities to extend, that one request may bring."""
MOST = 50
"""Candidates of a query."""
SUGGESTED = 20
FORM = "application/x-www-form-urlencoded"
_QUERIES = '{"q0":{"query":"Пашинян","type":"person","limit":3}}'


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    queries: str | None = Field(
        None,
        max_length=100_000,
        description="A batch of queries, in JSON; without it, the manifest is answered.",
    )
    extend: str | None = Field(
        None, max_length=100_000, description="Entities and properties to fetch, in JSON."
    )


class Prefix(BaseModel):
    model_config = ConfigDict(extra="forbid")

    prefix: str = Field(
        max_length=200,
        pattern=TEXT_PATTERN,
        description="What was typed so far.",
        json_schema_extra={"example": "ar"},
    )
    cursor: int = Field(0, ge=0, le=1_000, description="How many to leave out.")


class Proposal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: str = Field(
        max_length=100, description="Of which type.", json_schema_extra={"example": "person"}
    )
    limit: int | None = Field(None, ge=1, le=1_000, description="How many at most.")


class Previewed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(
        max_length=220,
        description="Of which entity.",
        json_schema_extra={"example": "actor:vladimir-putin"},
    )


class _Named(BaseModel):
    """A value that is an entity."""

    id: str = Field(max_length=500)
    name: str | None = Field(None, max_length=1_000)


_Plain = Annotated[str, Field(max_length=1_000)] | bool | int | float | _Named


class _Property(BaseModel):
    pid: str = Field(max_length=600)
    v: _Plain | Annotated[list[_Plain], Field(max_length=100)]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")  # a slip must not widen an answer

    query: str | None = Field(None, max_length=1_000)
    type: str | list[str] | None = Field(None, max_length=100)
    type_strict: Literal["any", "should", "all"] | None = None  # a candidate is of one type
    limit: int = Field(10, ge=1)
    properties: list[_Property] = Field(default_factory=list, max_length=20)


class _Wanted(BaseModel):
    id: str = Field(max_length=600)


class _Extension(BaseModel):
    ids: list[Annotated[str, Field(max_length=500)]]
    properties: list[_Wanted] = Field(max_length=50)


_BATCH = TypeAdapter(dict[str, _Query])
_EXTEND = TypeAdapter(_Extension)

_responses: dict[int | str, dict[str, Any]] = {
    413: problem("The batch has too many queries."),
    422: problem("A parameter does not fit; `errors` names it."),
    503: problem("The store cannot answer now."),
}


def _documented(operation: str, summary: str, example: Any, media: str = JSON) -> dict[str, Any]:
    shape = {"type": "object"} if media == JSON else {"type": "string", "maxLength": 100_000}
    content = {media: {"schema": shape, "example": example}}
    return {
        "operation_id": operation,
        "summary": summary,
        "response_class": Response,
        "response_model": None,
        "responses": {
            200: {"description": "As the specification says.", "content": content},
            **_responses,
        },
    }


_PUTIN = {
    "id": "actor:vladimir-putin",
    "name": "Vladimir Putin",
    "description": "person",
    "type": [{"id": "person", "name": "Person"}],
}
_RESULT = {
    "q0": {
        "result": [
            {
                **_PUTIN,
                "score": 100.0,
                "match": True,
                "features": [{"id": "name", "value": 1.0}, {"id": "words", "value": 1.0}],
            }
        ]
    }
}


_FIELD = {"type": "string", "maxLength": 1_000_000}


@router.get(
    "", **_documented("get_reconciliation", "The service manifest, or answers to queries", _RESULT)
)
def get_reconciliation(
    request: Request, store: Store, asked: Annotated[Asked, Query()]
) -> Response:
    """Without parameters the manifest, by which a client such as OpenRefine learns all that
    follows; with `queries` or `extend`, what POST answers to them."""
    if asked.queries is None and asked.extend is None:
        return _json(request, _manifest(request))
    with store.reader() as reader:
        return _json(request, _answer(reader, asked.queries, asked.extend))


@router.post(
    "",
    **_documented("reconcile", "Match names, or fetch properties of what was matched", _RESULT),
    openapi_extra={
        "security": [{}],  # beside the key: it reads, which is open unless it is locked
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "queries": {**_FIELD, "example": _QUERIES},
                            "extend": {**_FIELD, "example": ""},  # else Swagger UI sends a word
                        },
                    },
                    "example": {"queries": _QUERIES},
                }
            },
        },
    },
)
async def reconcile_names(request: Request, store: Store) -> Response:
    """A batch of queries by name, type and properties, each answered with candidates.

    `score` runs from 0 to 100; `features` say how it came about: `name`, how alike the names are,
    blind to case, marks and script (1: the same; a surname alone is 0.65 or more); `words`, the
    part of words they share; `properties`, the part of those given that fit; `namesakes`, how many
    others have that name. `match` is true only where the name is the same, nobody else bears it,
    and all that was said fits. Properties: `kind`, `member_of`, `role`, `broader`,
    `identifier:wikidata` and so on.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise UnsupportedMedia(f"Send the batch as Content-Type: {FORM}.")
    form = _form(await request.body())

    def answered() -> Response:
        with store.reader() as reader:
            return _json(request, _answer(reader, form.get("queries"), form.get("extend")))

    return await run_in_threadpool(answered)


def _form(body: bytes) -> dict[str, str]:
    try:
        found = parse_qs(body.decode(), errors="strict", max_num_fields=10)
    except ValueError as error:
        raise InvalidInput("The body is no form in UTF-8 with `queries` or `extend`.") from error
    return {name: values[-1] for name, values in found.items()}


def _answer(reader: Connection, queries: str | None, extend: str | None) -> dict[str, Any]:
    if extend is not None:
        return _extended(reader, _parsed(_EXTEND, extend, "extend"))
    if queries is None:
        detail = "is missing; send a batch of queries in JSON, or `extend`"
        raise InvalidInput.of(Fault(detail, "missing", parameter="queries"))
    batch = _parsed(_BATCH, queries, "queries")
    if len(batch) > BATCH:
        raise TooLarge(f"A batch has at most {BATCH} queries; send the rest in another.")
    return {name: {"result": _candidates(reader, one)} for name, one in batch.items()}


T = TypeVar("T")


def _parsed(shape: TypeAdapter[T], text: str, name: str) -> T:
    try:
        return shape.validate_python(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        detail = "is not JSON"
        raise InvalidInput.of(Fault(detail, "invalid_json", parameter=name)) from error
    except ValidationError as error:
        found = parse.faults_of(error)
        faults = [Fault(_where(one), "invalid", parameter=name) for one in found]
        raise InvalidInput.of(*faults) from error


def _where(fault: Fault) -> str:
    """What is wrong, and where in the JSON of a parameter."""
    return f"its JSON, at {fault}" if fault.pointer else f"its JSON {fault.detail}"


# --- matching -----------------------------------------------------------------------------------


def _candidates(reader: Connection, asked: _Query) -> list[dict[str, Any]]:
    if not asked.query and not asked.properties:
        detail = "each query needs `query` or `properties`"
        raise InvalidInput.of(Fault(detail, "missing", parameter="queries"))
    types = [asked.type] if isinstance(asked.type, str) else asked.type or []
    query = reconcile.Query(
        asked.query or None,
        frozenset(types),
        [(one.pid, _wanted(one.v)) for one in asked.properties],
        min(asked.limit, MOST),
    )
    return [_candidate(one) for one in reconcile.candidates(reader, query)]


def _wanted(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    return [one.id if isinstance(one, _Named) else str(one) for one in parts]


def _candidate(one: Candidate) -> dict[str, Any]:
    features = [{"id": name, "value": value} for name, value in one.features.items()]
    shown = {**_shown(one.entity), "type": [_type(one.entity.kind), _type(one.entity.type)]}
    return {**shown, "score": one.score, "match": one.match, "features": features}


def _shown(one: Entity) -> dict[str, Any]:
    return {"id": one.address, "name": one.name, "description": one.description}


def _type(id: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": id, "name": id.replace("_", " ").capitalize()}
    if id in KINDS:
        found["broader"] = [{"id": KINDS[id], "name": KINDS[id].capitalize()}]
    return found


def _extended(reader: Connection, asked: _Extension) -> dict[str, Any]:
    if len(asked.ids) > EXTENDED:
        raise TooLarge(f"At most {EXTENDED} entities at a time; send the rest in another request.")
    wanted = [one.id for one in asked.properties]
    unknown = [pid for pid in wanted if reconcile.property_name(pid) is None]
    if unknown:
        detail = f"asks for a property that is not known; these are: {', '.join(PROPERTIES)}, "
        detail += f"{SCHEME}…"
        raise InvalidInput.of(Fault(detail, "unknown_property", parameter="extend"))
    found = reconcile.addressed(reader, asked.ids)
    rows = {
        id: {pid: reconcile.values(reader, found[id], pid) if id in found else [] for pid in wanted}
        for id in asked.ids
    }
    return {"meta": [_property(pid) for pid in wanted], "rows": rows}


def _property(pid: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": pid, "name": reconcile.property_name(pid)}
    if pid in ("member_of", "broader"):
        found["type"] = _type(RecordType.actor if pid == "member_of" else RecordType.topic)
    return found


# --- manifest, suggestions, previews ------------------------------------------------------------


def _manifest(request: Request) -> dict[str, Any]:
    base = str(request.base_url).rstrip("/")
    here = f"{base}/v1/reconcile"
    view = f"{here}/preview?id={{{{id}}}}"
    return {
        "versions": ["0.2"],
        "name": "Onrecord: actors and topics",
        "identifierSpace": f"{here}/preview?id=",
        "schemaSpace": f"{base}/context.jsonld",
        "documentation": f"{base}/docs",
        "serviceVersion": __version__,
        "defaultTypes": [_type(type) for type in TYPES],
        "view": {"url": view},
        "preview": {"url": view, "width": 400, "height": 200},
        "suggest": {
            name: {"service_url": here, "service_path": f"/suggest/{name}"}
            for name in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": [],
        },
        "batchSize": BATCH,
    }


@router.get(
    "/suggest/entity",
    **_documented("suggest_entities", "Entities as they are typed", {"result": []}),
)
def suggest_entities(request: Request, store: Store, asked: Annotated[Prefix, Query()]) -> Response:
    """Actors and topics with a name, in any script, that begins like `prefix`, or with that id."""
    with store.reader() as reader:
        addresses = [] if asked.cursor else [asked.prefix]
        addresses += _suggested(reader, asked)
        found = reconcile.addressed(reader, addresses).values()
    known = {one.address: one for one in found}
    items = [
        {**_shown(one), "notable": [{"id": one.kind, "name": _type(one.kind)["name"]}]}
        for one in known.values()
    ]
    return _json(request, {"result": items})


def _suggested(reader: Connection, asked: Prefix) -> list[str]:
    try:
        texts = suggest.suggest(
            reader, asked.prefix, types=list(TYPES), limit=asked.cursor + SUGGESTED
        )
    except InvalidInput:  # nothing to look for yet
        return []
    found = [orjson.loads(text) for text in texts[asked.cursor :]]
    return [f"{one['type']}:{one['id']}" for one in found]


@router.get(
    "/suggest/type",
    **_documented("suggest_types", "Types as they are typed", {"result": [_type("person")]}),
)
def suggest_types(request: Request, asked: Annotated[Prefix, Query()]) -> Response:
    """Actors, topics, and their kinds."""
    types = [_type(id) for id in (*TYPES, *KINDS)]
    return _json(request, {"result": _begins(types, asked)})


@router.get(
    "/suggest/property",
    **_documented("suggest_properties", "Properties as they are typed", {"result": []}),
)
def suggest_properties(request: Request, asked: Annotated[Prefix, Query()]) -> Response:
    """What can be asked of an entity; `identifier:` and the name of a register too."""
    known = [{"id": id, "name": name} for id, name in PROPERTIES.items()]
    if (name := reconcile.property_name(asked.prefix)) and asked.prefix not in PROPERTIES:
        known.append({"id": asked.prefix, "name": name})
    return _json(request, {"result": _begins(known, asked)})


def _begins(items: list[dict[str, Any]], asked: Prefix) -> list[dict[str, Any]]:
    typed = asked.prefix.strip().lower()
    found = [
        one for one in items if any(one[key].lower().startswith(typed) for key in ("id", "name"))
    ]
    return found[asked.cursor :]


@router.get(
    "/properties",
    **_documented(
        "propose_properties",
        "Properties of a type",
        {"type": "person", "properties": [{"id": "role", "name": "Role"}]},
    ),
)
def propose_properties(request: Request, asked: Annotated[Proposal, Query()]) -> Response:
    """What can be fetched for entities of a type."""
    of = KINDS.get(asked.type, asked.type)
    only = {"actor": _OF_TOPICS, "topic": _OF_ACTORS}.get(of, frozenset())
    ids = [id for id in (*PROPERTIES, f"{SCHEME}wikidata") if id not in only][: asked.limit]
    proposed = [{"id": id, "name": reconcile.property_name(id)} for id in ids]
    answer = {"type": asked.type, "properties": proposed}
    return _json(request, answer | ({"limit": asked.limit} if asked.limit else {}))


_OF_ACTORS = frozenset({"member_of", "role", "description"})
_OF_TOPICS = frozenset({"broader", "latitude", "longitude", "start_date", "end_date"})


_PREVIEW = _documented(
    "preview_entity", "An entity in a few lines", "<!doctype html><title>…</title>", "text/html"
)
_PREVIEW["responses"][404] = problem("There is no such entity.")


@router.get("/preview", **_PREVIEW)
def preview_entity(
    request: Request, store: Store, asked: Annotated[Previewed, Query()]
) -> Response:
    """A small page without scripts, to be shown in a frame."""
    with store.reader() as reader:
        entity = reconcile.addressed(reader, [asked.id]).get(asked.id)
        if entity is None:
            raise NotFound("There is no such entity; ids look like actor:some-id or topic:some-id.")
        lines = [
            (name, [str(one.get("name") or next(iter(one.values()))) for one in found])
            for pid, name in PROPERTIES.items()
            if pid != "name" and (found := reconcile.values(reader, entity, pid))
        ]
    link = f"{str(request.base_url).rstrip('/')}/v1/{entity.type}s/{quote(entity.id)}"
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape('; '.join(values[:10]))}</dd>"
        for name, values in lines
    )
    page = (
        f"<!doctype html><meta charset=utf-8><title>{escape(entity.name)}</title>"
        "<style>body{font:14px sans-serif;margin:8px}h1{font-size:16px;margin:0 0 4px}"
        "dt{color:#666}dd{margin:0 0 4px}</style>"
        f'<h1><a href="{escape(link)}" target="_blank" rel="noopener">'
        f"{escape(entity.name)}</a></h1>"
        f"<dl>{rows}</dl>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return HTMLResponse(
        page, headers={**respond.caching(request), "Content-Security-Policy": policy}
    )


def _json(request: Request, answer: dict[str, Any]) -> Response:
    body = orjson.dumps(answer)
    if request.method == "POST":
        return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})
    return respond.document(request, {"json": (JSON, lambda _: body)})
