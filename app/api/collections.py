"""`/v1/actors`, `/v1/topics`, `/v1/sources`, `/v1/statements`, `/v1/attributions`.

The five collections answer alike, so their routes are written once; what differs between them
stands in `COLLECTIONS`.
"""

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store, example
from app.api.documented import exemplified, lists, shows
from app.api.questions import Question
from app.models.actor import ActorAnswer
from app.models.attribution import AttributionAnswer
from app.models.base import RecordType
from app.models.revision import RevisionAnswer
from app.models.source import SourceAnswer
from app.models.statement import StatementAnswer
from app.models.topic import TopicAnswer
from app.store import history, query, read, shape
from app.store.page import PageParams
from app.store.query import Shown
from app.store.read import Listed


@dataclass(frozen=True, slots=True)
class Collection:
    """What sets one collection apart from the others."""

    type: RecordType
    query: builtins.type[Any]
    answer: builtins.type[BaseModel]
    list: Callable[[Connection, Any], Listed]
    example: str
    """An id of the bundled record."""
    questions: dict[str, Any] = field(default_factory=dict)
    """Examples of the list's parameters."""

    @property
    def name(self) -> str:
        return f"{self.type}s"


SEARCHES = {
    "latin": {"summary": "Latin script", "value": "Pashinyan"},
    "cyrillic": {"summary": "Cyrillic script: finds the same", "value": "Пашинян"},
    "armenian": {"summary": "Armenian script: finds the same", "value": "Փաշինյան"},
    "words": {"summary": "Words that must all be there", "value": "diplomatic solution"},
}
"""What the bundled record answers."""

COLLECTIONS = (
    Collection(
        RecordType.statement,
        query.StatementQuery,
        StatementAnswer,
        read.statements,
        "putin-more-than-2000-casualties-on-each-side",
        {"q": SEARCHES},
    ),
    Collection(
        RecordType.attribution,
        query.AttributionQuery,
        AttributionAnswer,
        read.attributions,
        "fighting-rages:moscow-almost-5000-killed",
    ),
    Collection(RecordType.actor, query.ActorQuery, ActorAnswer, read.actors, "vladimir-putin"),
    Collection(RecordType.topic, query.TopicQuery, TopicAnswer, read.topics, "nagorno-karabakh"),
    Collection(
        RecordType.source,
        query.SourceQuery,
        SourceAnswer,
        read.sources,
        "fighting-rages-in-nagorno-karabakh",
    ),
)


def routes(one: Collection) -> APIRouter:
    """The routes that a collection shares with the others."""
    router = APIRouter(
        prefix=f"/v1/{one.name}",
        tags=[one.name.capitalize()],
        route_class=Question,
        dependencies=READING,
    )
    record_id = Annotated[str, example(one.example)]
    asked_list = Annotated[one.query, Query()]  # type: ignore[name-defined]  # known at run time

    @router.get(
        "",
        **lists(f"list_{one.name}", f"List {one.name}", one.answer),
        openapi_extra=exemplified(**one.questions),
    )
    def list_records(request: Request, store: Store, asked: asked_list) -> Response:
        """A page of the records that fit every filter; those of one parameter mean or."""
        with store.reader() as reader:
            page = shape.listed(reader, one.answer, one.list, asked)
            return respond.listing(request, page, one.answer)

    @router.get("/{id}", **shows(f"get_{one.type}", f"One {one.type}", one.answer))
    def get_record(
        request: Request,
        store: Store,
        id: record_id,
        asked: Annotated[Shown, Query()],
    ) -> Response:
        """The record as it stands, or stood at `known_at`. Its `ETag` begins with its version."""
        shape.check(one.answer, asked)
        with store.reader() as reader:
            found = read.one(reader, one.type, id, asked)
            (text,) = shape.shaped(reader, one.answer, [found.text], asked)
            return respond.record(request, found._replace(text=text), one.answer)

    @router.get(
        "/{id}/revisions",
        **lists(f"list_{one.type}_revisions", f"History of one {one.type}", RevisionAnswer),
    )
    def list_revisions(
        request: Request,
        store: Store,
        id: record_id,
        asked: Annotated[PageParams, Query()],
    ) -> Response:
        """Every version, the newest first: what changed, who changed it, when, why, and the record
        as it stood then. What was redacted is not shown."""
        with store.reader() as reader:
            page = history.revisions(reader, one.type, id, asked)
            return respond.listing(request, page, RevisionAnswer)

    return router


routers = [routes(one) for one in COLLECTIONS]
