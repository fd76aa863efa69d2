"""What the database itself refuses, whoever writes to it and with whatever program."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Enum,
    Table,
    UpdateBase,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.db import Database
from app.models import DERIVED, IDENTITIES, REVISION, VERSIONS
from app.models.statement import LISTING
from tests.factories import actor, eventful, fill, member_of

TABLES = (REVISION, *DERIVED)


def refusal(connection: Connection, change: str | UpdateBase) -> str:
    """What the database says against a change; empty where it takes it. Nothing is kept."""
    step = connection.begin_nested()
    try:
        done = connection.execute(text(change) if isinstance(change, str) else change)
    except IntegrityError as error:
        return str(error.orig)
    else:
        assert done.rowcount > 0, f"a change without a row shows nothing: {change}"
        return ""
    finally:
        step.rollback()


@pytest.fixture
def rows(database: Database) -> Iterator[Connection]:
    """A connection to a store that has rows in every table."""
    fill(database, *eventful(), [actor("a", memberships=member_of("a"))])
    with database.writer() as writer:
        for table in TABLES:
            assert writer.scalar(select(func.count()).select_from(table)), table.name
        yield writer


def one_row(connection: Connection, table: Table) -> Any:
    """The condition that picks one row of a table, the present one of its kind."""
    query = select(*table.primary_key.columns)
    if "until" in table.c:
        query = query.where(table.c.until.is_(None))
    key = connection.execute(query).first()
    assert key is not None
    return and_(*[column == part for column, part in zip(table.primary_key, key, strict=True)])


# --- what every table refuses ------------------------------------------------------------------


def test_closed_sets_take_nothing_else(rows: Connection) -> None:
    columns = [
        (table, column) for table in TABLES for column in table.c if isinstance(column.type, Enum)
    ]
    assert len(columns) > 30
    taken = [
        f"{table.name}.{column.name}"
        for table, column in columns
        if "ck_" not in refusal(rows, f"UPDATE {table.name} SET {column.name} = 'no_such'")
    ]
    assert taken == []


def test_references_lead_to_a_row(rows: Connection) -> None:
    """A speaker to an actor, a part to its version, a version to its revision, …"""
    links = [(table, column) for table in TABLES for column in table.c if column.foreign_keys]
    assert len(links) > 50
    taken = []
    for table, column in links:
        values: dict[str, Any] = {column.name: 999_999}
        if column.name == "merged_into":
            values["state"] = "merged"
        change = update(table).where(one_row(rows, table)).values(values)
        if "foreign key" not in refusal(rows, change).lower():
            taken.append(f"{table.name}.{column.name}")
    assert taken == []


def test_what_is_required_is_there(rows: Connection) -> None:
    columns = [
        (table, column)
        for table in TABLES
        for column in table.c
        if not column.nullable and not column.primary_key
    ]
    assert len(columns) > 40
    taken = [
        f"{table.name}.{column.name}"
        for table, column in columns
        if "null" not in refusal(rows, update(table).values({column.name: text("NULL")})).lower()
    ]
    assert taken == []


def test_no_row_stands_twice(rows: Connection) -> None:
    taken = []
    for table in TABLES:
        columns = list(table.c)
        again = insert(table).from_select(
            [column.name for column in columns], select(*columns).where(one_row(rows, table))
        )
        if "unique" not in refusal(rows, again).lower():
            taken.append(table.name)
    assert taken == []


def test_a_record_has_one_present_version(rows: Connection) -> None:
    for table in (*VERSIONS.values(), LISTING):
        assert "unique" in refusal(rows, update(table).values(until=None)).lower(), table.name


def test_an_id_names_one_record(rows: Connection) -> None:
    for table in IDENTITIES.values():
        assert "unique" in refusal(rows, update(table).values(id="same")).lower(), table.name
        assert refusal(rows, update(table).where(one_row(rows, table)).values(id="other")) == ""


# --- the rules of single tables ----------------------------------------------------------------

RULES: dict[str, list[str]] = {
    **{
        f"ck_{table.name}_{rule}": [f"UPDATE {table.name} SET {change}" for change in changes]
        for table in IDENTITIES.values()
        for rule, changes in {
            "awaited_has_no_version": ["state = 'awaited', seq = NULL", "version = 0"],
            "awaited_has_no_revision": ["state = 'awaited', version = 0", "seq = NULL"],
            "merged_has_heir": ["state = 'merged'", "merged_into = key"],
        }.items()
    },
    **{
        f"ck_{table.name}_ends_after_it_began": [
            f"UPDATE {table.name} SET until = seq",
            f"UPDATE {table.name} SET until = seq - 1",
        ]
        for table in (*VERSIONS.values(), LISTING)
    },
    "ck_revision_counts_from_one": [
        "UPDATE revision SET seq = 0 WHERE seq = 2",
        "UPDATE revision SET seq = -1 WHERE seq = 2",
    ],
    "ck_revision_version_counts_from_one": ["UPDATE revision SET version = 0"],
    "ck_revision_chained": [
        "UPDATE revision SET previous_hash = NULL WHERE seq = 2",
        "UPDATE revision SET previous_hash = hash WHERE seq = 1",
    ],
    "ck_topic_version_both_coordinates": [
        "UPDATE topic_version SET latitude = NULL WHERE latitude IS NOT NULL",
        "UPDATE topic_version SET longitude = NULL WHERE latitude IS NOT NULL",
    ],
    "ck_topic_version_coordinates_of_a_place": [
        "UPDATE topic_version SET kind = 'theme' WHERE latitude IS NOT NULL"
    ],
    "ck_topic_version_latitude_in_degrees": [
        "UPDATE topic_version SET latitude = 90.1 WHERE latitude IS NOT NULL",
        "UPDATE topic_version SET latitude = -90.1 WHERE latitude IS NOT NULL",
    ],
    "ck_topic_version_longitude_in_degrees": [
        "UPDATE topic_version SET longitude = 180.1 WHERE latitude IS NOT NULL",
        "UPDATE topic_version SET longitude = -180.1 WHERE latitude IS NOT NULL",
    ],
    "ck_membership_starts_before_it_ends": ["UPDATE membership SET lower = 5, upper = 5"],
    "ck_source_version_published_in_order": [
        "UPDATE source_version SET published_lower = 5, published_upper = 4"
    ],
    "ck_statement_version_said_in_order": [
        "UPDATE statement_version SET said_lower = 5, said_upper = 5"
    ],
    "ck_attribution_version_reported_in_order": [
        "UPDATE attribution_version SET reported_lower = 5, reported_upper = 5"
    ],
    "ck_attribution_version_not_inside_itself": ["UPDATE attribution_version SET parent = key"],
    "ck_listing_undated_has_no_bounds": [
        "UPDATE listing SET lower = NULL WHERE basis = 'said'",
        "UPDATE listing SET basis = NULL, upper = NULL WHERE basis = 'said'",
    ],
    "ck_listing_undated_has_no_end": [
        "UPDATE listing SET upper = NULL WHERE basis = 'said'",
        "UPDATE listing SET basis = NULL, lower = NULL WHERE basis = 'said'",
    ],
    "ck_listing_in_order": ["UPDATE listing SET lower = upper WHERE basis = 'said'"],
    "ck_selector_in_order": [
        'UPDATE selector SET start = 5, "end" = 5',
        'UPDATE selector SET start = 5, "end" = 4',
    ],
    "ck_selector_both_ends": [
        'UPDATE selector SET start = 5, "end" = NULL',
        'UPDATE selector SET start = NULL, "end" = 5',
    ],
    "ck_selector_from_zero": ['UPDATE selector SET start = -1, "end" = 5'],
    "ck_figure_in_order": [
        "UPDATE figure SET qualifier = NULL, low = 2, best = 1, high = NULL",
        "UPDATE figure SET qualifier = NULL, low = NULL, best = 2, high = 1",
        "UPDATE figure SET qualifier = NULL, low = 2, best = NULL, high = 1",
        "UPDATE figure SET qualifier = 'between', low = 2, best = NULL, high = 1",
        "UPDATE figure SET qualifier = NULL, low = 1, best = 3, high = 2",
    ],
    "ck_figure_undisclosed_has_no_bounds": [
        f"UPDATE figure SET status = 'undisclosed', qualifier = NULL, {bounds}"
        for bounds in (
            "low = 1, best = NULL, high = NULL",
            "low = NULL, best = 0, high = NULL",
            "low = NULL, best = NULL, high = 1",
        )
    ],
    "ck_figure_period_in_order": ["UPDATE figure SET period_lower = 5, period_upper = 5"],
}

GIVEN = {
    "exactly": {"best"},
    "about": {"best"},
    "almost": {"high"},
    "more_than": {"low"},
    "at_least": {"low"},
    "at_most": {"high"},
    "between": {"low", "high"},
    "vague": set(),
}
"""Which bounds each wording gives (model.md, Figure)."""


def test_each_rule_refuses_what_breaks_it(rows: Connection) -> None:
    kept = [
        change
        for name, changes in RULES.items()
        for change in changes
        if name not in refusal(rows, change)
    ]
    assert kept == []


def test_every_rule_is_tried() -> None:
    sets = {
        f"ck_{table.name}_{column.type.name}"
        for table in TABLES
        for column in table.c
        if isinstance(column.type, Enum)
    }
    bounds = {f"ck_figure_{qualifier}_gives_its_bounds" for qualifier in GIVEN}
    there = {
        str(rule.name)
        for table in TABLES
        for rule in table.constraints
        if isinstance(rule, CheckConstraint)
    }
    assert there - sets == {*RULES, *bounds}


def test_a_figure_has_the_bounds_that_its_wording_gives(rows: Connection) -> None:
    wrong = []
    for qualifier, chosen in product(GIVEN, product((False, True), repeat=3)):
        bounds = dict(zip(("low", "best", "high"), chosen, strict=True))
        values = [
            f"{name} = {number if bounds[name] else 'NULL'}"
            for number, name in enumerate(bounds, start=1)
        ]
        change = f"UPDATE figure SET qualifier = '{qualifier}', {', '.join(values)}"
        fits = {name for name, given in bounds.items() if given} == GIVEN[qualifier]
        told = refusal(rows, change)
        if fits != (told == "") or not (fits or "gives_its_bounds" in told):
            wrong.append((change, told))
    assert wrong == []


def test_bounds_may_stand_without_a_qualifier(rows: Connection) -> None:
    for bounds in ("low = 1, best = 1, high = 1", "low = 0, best = NULL, high = 1"):
        assert refusal(rows, f"UPDATE figure SET qualifier = NULL, {bounds}") == ""


# --- what goes with what -----------------------------------------------------------------------


def test_what_others_refer_to_cannot_be_deleted(rows: Connection) -> None:
    for table in (REVISION, *IDENTITIES.values()):
        assert "foreign key" in refusal(rows, delete(table)).lower(), table.name


def test_the_parts_of_a_version_go_with_it(rows: Connection) -> None:
    rows.execute(text("DELETE FROM attribution_version"))
    for part in ("speaker", "via", "addressee", "selector", "figure", "figure_party"):
        assert rows.scalar(text(f"SELECT count(*) FROM {part}")) == 0
