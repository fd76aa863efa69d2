"""Questions that are put into SQL once, and answered where they arrive."""

import asyncio
from typing import Any

import pytest
from fastapi import Request, Response
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from app.api.questions import Short
from app.db import AtOnce, Database, TooLong
from app.models import REVISION
from app.settings import Settings
from app.store import prepared
from app.store.query import StatementQuery
from app.store.resolve import resolve, shape
from tests.application import application


def test_sql_of_a_shape_is_made_once_and_bound_to_the_values_of_the_day(bundled: Database) -> None:
    made = []

    def build() -> Any:
        made.append(1)
        return select(REVISION.c.seq).where(REVISION.c.seq == prepared.parameter("wanted"))

    with bundled.reader() as reader:
        for wanted in (3, 5):
            found = prepared.rows(reader, ("test", id(made)), build, {"wanted": wanted})
            assert [row.seq for row in found] == [wanted]
    assert len(made) == 1


def test_a_list_of_values_is_padded_to_a_power_of_two() -> None:
    assert prepared.padded("id", "abc") == (4, {"id_0": "a", "id_1": "b", "id_2": "c", "id_3": "c"})
    assert prepared.padded("id", []) == (1, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"speaker": ["vladimir-putin"]}, {"speaker": ["vladimir-putin", "armenia"]}),
        ({"speaker": ["vladimir-putin"]}, {"via": ["vladimir-putin"]}),
        ({"has_figures": True}, {"has_figures": False}),
        ({"said_from": "2020"}, {"said_from": "../2020"}),
        ({"said_from": "2020"}, {"said_to": "2020"}),
        ({"lang": ["en"]}, {"lang": ["hy"]}),
        ({}, {"known_at": "2020-01-01T00:00:00Z"}),
    ],
)
def test_questions_with_other_sql_have_another_shape(
    bundled: Database, one: dict[str, Any], other: dict[str, Any]
) -> None:
    shapes = set()
    with bundled.reader() as reader:
        for given in (one, other):
            asked = StatementQuery.model_validate(given)
            at = 0 if asked.known_at else None
            shapes.add(shape(asked, resolve(reader, asked), at))
    assert len(shapes) == 2


def test_a_read_that_is_not_short_is_given_up_and_the_next_one_is_not(bundled: Database) -> None:
    if not bundled.is_sqlite:
        pytest.skip("on PostgreSQL reads always wait in a thread")
    long = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9000000) SELECT "
    with bundled.at_once() as short:
        with pytest.raises(TooLong), short.reader() as reader:
            reader.execute(text(f"{long} count(*) FROM n"))
        with short.reader() as reader:
            assert reader.scalar(text("SELECT count(*) FROM revision"))
        with pytest.raises(TooLong), bundled.at_once():
            pass  # only one at a time


def test_what_takes_long_is_asked_again_in_a_thread(bundled: Database) -> None:
    if not bundled.is_sqlite:
        pytest.skip("on PostgreSQL reads always wait in a thread")
    stores: list[object] = []

    def endpoint(store: Database, **_values: object) -> Response:
        stores.append(store)
        if isinstance(store, AtOnce):
            raise TooLong
        return Response("answered")

    call = Short(endpoint)
    for _ in range(2):
        answer = call(bundled, Request({"type": "http"}), StatementQuery())
        assert asyncio.run(answer).body == b"answered"
    assert [type(store) for store in stores] == [AtOnce, Database, Database]


def test_a_damaged_table_is_told_as_elsewhere(bundled: Database) -> None:
    with TestClient(application(Settings(_env_file=None), bundled)) as client:
        with bundled.writer() as writer:
            writer.execute(text("ALTER TABLE listing RENAME TO elsewhere"))
        assert client.get("/v1/statements").status_code == 503
