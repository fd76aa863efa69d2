"""`/v1/suggest`: names as they are typed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import lists
from app.api.route import Route
from app.models.base import RecordType
from app.store import suggest
from app.store.page import Whole
from app.store.read import Listed

router = APIRouter(prefix="/v1", route_class=Route, dependencies=READING)


class SuggestQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=200,
        description="What was typed so far, in any script.",
        json_schema_extra={"example": "Паши"},
    )
    type: list[RecordType] = Field(
        default_factory=list, max_length=5, description="`actor` or `topic`; both when absent."
    )
    limit: Whole = Field(10, ge=1, description="How many; more than 100 is 100.")


class Matched(BaseModel):
    """Which name fits, and how."""

    name: str
    lang: str | None
    why: str = Field(description="`name`, `name_begins` or `word_begins`.")


class SuggestionAnswer(BaseModel):
    """An actor or topic that may be meant."""

    type: RecordType
    id: str
    name: str
    kind: str
    matched: Matched


@router.get(
    "/suggest",
    tags=["Search"],
    **lists("suggest_names", "Names as they are typed", SuggestionAnswer),
)
def suggest_names(
    request: Request, store: Store, asked: Annotated[SuggestQuery, Query()]
) -> Response:
    """Actors and topics with a name, in any script, that begins like what was typed."""
    types = [type for type in suggest.TYPES if not asked.type or type in asked.type]
    with store.reader() as reader:
        items = suggest.suggest(reader, asked.q, types=types, limit=min(asked.limit, 100))
        return respond.listing(request, Listed(items))
