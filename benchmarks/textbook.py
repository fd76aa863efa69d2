"""The service as the textbooks teach it: FastAPI, SQLModel, `selectinload`, `response_model`.

Written with care, so that the comparison is fair: the right indexes, no query in a loop, uvloop and
httptools as ours has them. It keeps no history and answers one list.
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, create_engine, select


class StatementTopic(SQLModel, table=True):
    statement_key: int = Field(foreign_key="statement.key", primary_key=True)
    topic_key: int = Field(foreign_key="topic.key", primary_key=True, index=True)


class TopicBase(SQLModel):
    id: str = Field(unique=True)
    kind: str
    label: str


class Topic(TopicBase, table=True):
    key: int | None = Field(default=None, primary_key=True)


class ActorBase(SQLModel):
    id: str = Field(unique=True)
    kind: str
    name: str


class Actor(ActorBase, table=True):
    key: int | None = Field(default=None, primary_key=True)


class SourceBase(SQLModel):
    id: str = Field(unique=True)
    kind: str
    title: str | None = None
    url: str | None = None
    published_at: str | None = None
    lang: str | None = None


class Source(SourceBase, table=True):
    key: int | None = Field(default=None, primary_key=True)
    publisher_key: int | None = Field(default=None, foreign_key="actor.key")
    publisher: Actor | None = Relationship()


class SpeakerBase(SQLModel):
    attribution_text: str | None = None
    status: str | None = None


class Speaker(SpeakerBase, table=True):
    key: int | None = Field(default=None, primary_key=True)
    attribution_key: int = Field(foreign_key="attribution.key", index=True)
    actor_key: int | None = Field(default=None, foreign_key="actor.key", index=True)
    actor: Actor | None = Relationship()


class FigureBase(SQLModel):
    measure: str
    as_worded: str
    qualifier: str | None = None
    best: float | None = None


class Figure(FigureBase, table=True):
    key: int | None = Field(default=None, primary_key=True)
    attribution_key: int = Field(foreign_key="attribution.key", index=True)


class AttributionBase(SQLModel):
    id: str = Field(unique=True)
    quotation_type: str | None = None
    quoted_text: str | None = None
    lang: str | None = None
    cue: str | None = None
    status: str | None = None
    factuality: str | None = None


class Attribution(AttributionBase, table=True):
    key: int | None = Field(default=None, primary_key=True)
    statement_key: int = Field(foreign_key="statement.key", index=True)
    source_key: int = Field(foreign_key="source.key", index=True)
    source: Source = Relationship()
    speakers: list[Speaker] = Relationship()
    figures: list[Figure] = Relationship()


class StatementBase(SQLModel):
    id: str = Field(unique=True)
    content: str | None = None
    lang: str | None = None
    speech_act: str | None = None
    polarity: str | None = None
    said_at: str | None = Field(default=None, index=True)


class Statement(StatementBase, table=True):
    key: int | None = Field(default=None, primary_key=True)
    topics: list[Topic] = Relationship(link_model=StatementTopic)
    attributions: list[Attribution] = Relationship()


class SourceOut(SourceBase):
    publisher: ActorBase | None


class SpeakerOut(SpeakerBase):
    actor: ActorBase | None


class AttributionOut(AttributionBase):
    source: SourceOut
    speakers: list[SpeakerOut]
    figures: list[FigureBase]


class StatementOut(StatementBase):
    topics: list[TopicBase]
    attributions: list[AttributionOut]


URL = os.environ.get("TEXTBOOK_URL", "sqlite://")
engine = create_engine(
    URL, connect_args={"check_same_thread": False} if URL.startswith("sqlite") else {}
)
app = FastAPI()


def session() -> Session:  # type: ignore[misc]  # a generator, as FastAPI takes it
    with Session(engine) as one:
        yield one


@app.get("/statements", response_model=list[StatementOut])
def list_statements(
    store: Annotated[Session, Depends(session)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Statement]:
    reports = selectinload(Statement.attributions)  # type: ignore[arg-type]
    query = (
        select(Statement)
        .options(
            selectinload(Statement.topics),  # type: ignore[arg-type]
            reports.selectinload(Attribution.source).selectinload(Source.publisher),  # type: ignore[arg-type]
            reports.selectinload(Attribution.speakers).selectinload(Speaker.actor),  # type: ignore[arg-type]
            reports.selectinload(Attribution.figures),  # type: ignore[arg-type]
        )
        .order_by(col(Statement.said_at).desc(), col(Statement.key).desc())
        .offset(offset)
        .limit(limit)
    )
    return list(store.exec(query))
