"""Small worlds to ask questions of, and a slow, plain reading of what the answers should be."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.db import Database
from app.settings import Settings
from tests.application import application
from tests.conftest import Templates
from tests.factories import attribution, statement

Json = dict[str, Any]

COLLECTIONS = ("actors", "topics", "sources", "statements", "attributions")
ORDERS = {
    "/v1/actors": ("name", "recorded_at", "-recorded_at"),
    "/v1/topics": ("name", "recorded_at", "-recorded_at"),
    "/v1/sources": ("published_at", "-published_at", "recorded_at", "-recorded_at"),
    "/v1/statements": ("said_at", "-said_at", "recorded_at", "-recorded_at"),
    "/v1/attributions": ("said_at", "-said_at", "recorded_at", "-recorded_at"),
    "/v1/figures": ("said_at", "-said_at", "recorded_at", "-recorded_at"),
}
"""Every list, with every order that it takes."""


PLAIN = {"Accept-Encoding": "identity"}


# --- stores and clients --------------------------------------------------------------------------


@contextmanager
def opened(
    request: pytest.FixtureRequest, templates: Templates, engine: str, *, filled: bool = False
) -> Iterator[Database]:
    """A store that lives as long as the caller wants, where the fixtures' last for one test."""
    admin = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with templates.opened(engine, filled, admin) as database:
        yield database


@contextmanager
def served(database: Database) -> Iterator[TestClient]:
    """The API over a store. Answers come as they are: most tests gain nothing from compression."""
    app = application(Settings(_env_file=None, rate_limit=""), database)
    with TestClient(app, raise_server_exceptions=False, headers=PLAIN) as client:
        yield client


# --- records, as short as they can be written ----------------------------------------------------


def said(id: str, *reports: Json, **members: Any) -> list[Json]:
    """A statement and its reports `ID:0`, `ID:1`, …, in the source `paper` unless they say."""
    lines = [statement(id, **members)]
    for number, report in enumerate(reports):
        lines.append(attribution(f"{id}:{number}", id, **{"source": "paper", **report}))
    return lines


def by(*actors: str, **members: Any) -> list[Json]:
    """The speakers of a report."""
    return [{"actor": one, **members} for one in actors]


def office(organization: str, since: str | None = None, until: str | None = None) -> Json:
    """A membership; an end that is not given is not known."""
    dates = {"start_date": since, "end_date": until}
    return {"organization": organization, **{k: v for k, v in dates.items() if v}}


# --- answers --------------------------------------------------------------------------------------


def items(response: Response) -> list[Json]:
    assert response.status_code == 200, response.text[:500]
    found: list[Json] = response.json()["items"]
    return found


def ids(response: Response) -> list[str]:
    """The ids on a page; of a figure its wording, which names it in the worlds of the tests."""
    return [one["id"] if "id" in one else one["as_worded"] for one in items(response)]


def walk(client: TestClient, url: str, rel: str = "next") -> Iterator[Json]:
    """Page after page, from `url` on, in one direction."""
    for _ in range(500):
        response = client.get(url)
        assert response.status_code == 200, response.text[:500]
        page: Json = response.json()
        yield page
        if rel not in page:
            return
        url = page[rel]
    raise AssertionError(f"the walk from {url} has no end")


def problem(response: Response, status: int | None = None) -> Json:
    """The document of an error, which must be a whole problem (RFC 9457), and nothing else."""
    assert 400 <= response.status_code < 500 or response.status_code in (308, 503), response.text[
        :500
    ]
    assert response.headers["content-type"] == "application/problem+json", response.text[:500]
    document: Json = response.json()
    assert document.keys() - {"errors"} == {"type", "title", "status", "detail", "request_id"}
    assert all(isinstance(document[name], str) and document[name] for name in _TEXTS), document
    assert document["status"] == response.status_code
    assert document["request_id"] == response.headers["x-request-id"]
    for fault in document.get("errors", []):
        assert fault.keys() <= {"pointer", "parameter", "code", "detail"}, fault
        assert fault["code"], fault
        assert fault["detail"], fault
    assert status in (None, response.status_code), document
    return document


_TEXTS = ("type", "title", "detail", "request_id")


def refused(response: Response) -> dict[str, str]:
    """The parameters that a 422 names, each with its code."""
    document = problem(response, 422)
    return {fault["parameter"]: fault["code"] for fault in document["errors"]}


SERVED = {"version", "created_at", "updated_at", "date_basis", "disputed", "attributions"}
DEFAULTS = {
    "polarity": "affirmed",
    "factuality": "actual",
    "status": ("draft", "stated"),
}


def interchange(record: Json) -> Json:
    """A record as it stands in a file: references are ids; what is empty or default is gone."""
    return {
        name: _plain(value)
        for name, value in record.items()
        if name not in SERVED | {"type"} and not _left_out(name, value)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        if "id" in value:
            return value["id"]
        return {k: _plain(v) for k, v in value.items() if not _left_out(k, v)}
    return value


def _left_out(name: str, value: Any) -> bool:
    return value in (None, [], {}) or (isinstance(value, str) and value in DEFAULTS.get(name, ()))


# --- a naive reading ------------------------------------------------------------------------------

DATES = {
    "2019": ("2019-01-01T00:00", "2019-12-31T23:59"),
    "2020": ("2020-01-01T00:00", "2020-12-31T23:59"),
    "2020-09": ("2020-09-01T00:00", "2020-09-30T23:59"),
    "2020-10": ("2020-10-01T00:00", "2020-10-31T23:59"),
    "2020-10~": ("2020-10-01T00:00", "2020-10-31T23:59"),
    "2020-10-09": ("2020-10-09T00:00", "2020-10-09T23:59"),
    "2020-10-22": ("2020-10-22T00:00", "2020-10-22T23:59"),
    "2020-10-22?": ("2020-10-22T00:00", "2020-10-22T23:59"),
    "2020-10-22T18:00+03:00": ("2020-10-22T15:00", "2020-10-22T15:00"),
    "2020-10-23T01:30+04:00": ("2020-10-22T21:30", "2020-10-22T21:30"),
    "2020-10-09/2020-10-10": ("2020-10-09T00:00", "2020-10-10T23:59"),
    "2020-09-27/..": ("2020-09-27T00:00", "9"),
    "../2020-10-05": ("", "2020-10-05T23:59"),
    "/2020-10-09": ("", "2020-10-09T23:59"),
    "2020-10-XX": ("2020-10-01T00:00", "2020-10-31T23:59"),
    "2020-24": ("2020-12-01T00:00", "2021-02-28T23:59"),
    "2021": ("2021-01-01T00:00", "2021-12-31T23:59"),
}
"""Dates, with the first and last minute (UTC) that each may mean; an open end is before or after
every date, as text."""

Stretch = tuple[str, str]
ALWAYS: Stretch = ("", "9")

Asked = dict[str, list[str]]
"""A question: the values of each parameter."""


def _meet(one: Stretch, other: Stretch) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


class Oracle:
    """Answers questions by looking at every record of a file, one after another.

    It follows design/model.md and shares nothing with the SQL: no keys, no intervals that are
    intersected, no tables.
    """

    def __init__(self, records: Iterable[Json]) -> None:
        self.records: dict[str, dict[str, Json]] = {
            kind: {} for kind in ("topic", "actor", "source", "statement", "attribution")
        }
        for record in records:  # of two lines with one id the later holds
            self.records[record["type"]][record["id"]] = record

    # What a question finds.

    def statements(self, asked: Asked) -> set[str]:
        return {
            id
            for id, one in self.records["statement"].items()
            if self._statement_fits(one, asked) and self._is_reported(id, asked)
        }

    def attributions(self, asked: Asked) -> set[str]:
        return {
            id
            for id, one in self.records["attribution"].items()
            if self._report_fits(one, asked)
            and self._statement_fits(self.records["statement"][one["statement"]], asked)
        }

    def figures(self, asked: Asked) -> set[str]:
        return {
            figure["as_worded"]
            for id in self.attributions(asked)
            for figure in self.records["attribution"][id].get("figures", [])
            if _figure_fits(figure, asked)
        }

    def sources(self, asked: Asked) -> set[str]:
        return {id for id, one in self.records["source"].items() if self._source_fits(one, asked)}

    def topics(self, asked: Asked) -> set[str]:
        wanted = self.narrower(asked["topic"]) if "topic" in asked else set(self.records["topic"])
        return {id for id in wanted if _one_of(self.records["topic"][id], "kind", asked)}

    # Statements.

    def reports(self, id: str) -> list[Json]:
        return [one for one in self.records["attribution"].values() if one["statement"] == id]

    def _is_reported(self, id: str, asked: Asked) -> bool:
        reports = self.reports(id)
        if asked.keys() & _OF_REPORTS:
            return any(self._report_fits(report, asked) for report in reports)
        return not reports or any(self._report_fits(report, {}) for report in reports)

    def _statement_fits(self, one: Json, asked: Asked) -> bool:
        return (
            _one_of(one, "speech_act", asked)
            and _one_of(one, "polarity", asked, default="affirmed")
            and _some(one.get("about", []), "about", asked)
            and (
                "topic" not in asked
                or bool({*one.get("topics", [])} & self.narrower(asked["topic"]))
            )
            and self._relation_fits(one, asked)
            and _in_range(self.day(one)[0], asked, "said")
        )

    def _relation_fits(self, one: Json, asked: Asked) -> bool:
        if not asked.keys() & {"relation", "related_to"}:
            return True
        return any(
            ("relation" not in asked or relation["type"] in asked["relation"])
            and ("related_to" not in asked or relation["statement"] in asked["related_to"])
            for relation in one.get("relations", [])
        )

    def day(self, one: Json) -> tuple[Stretch | None, str | None]:
        """When it was said, or else first reported; and which of the two."""
        if "said_at" in one:
            return DATES[one["said_at"]], "said"
        dates = [
            DATES[date]
            for report in self.reports(one["id"])
            if self._report_fits(report, {})  # what was rejected or not said dates nothing
            and (date := report.get("reported_at", self._source(report).get("published_at")))
        ]
        return (min(dates), "reported") if dates else (None, None)

    def narrower(self, topics: Iterable[str]) -> set[str]:
        found = set(topics)
        while True:
            more = {
                id for id, one in self.records["topic"].items() if found & {*one.get("broader", [])}
            } - found
            if not more:
                return found
            found |= more

    # Reports.

    def _source(self, report: Json) -> Json:
        return self.records["source"][report["source"]]

    def _report_fits(self, one: Json, asked: Asked) -> bool:
        speakers = one.get("speakers", [])
        tests: list[tuple[str, Callable[[], bool]]] = [
            ("speaker", lambda: any(s.get("actor") in asked["speaker"] for s in speakers)),
            (
                "on_behalf_of",
                lambda: any(s.get("on_behalf_of") in asked["on_behalf_of"] for s in speakers),
            ),
            ("member_of", lambda: self._speaks_for(one, asked["member_of"])),
            ("via", lambda: bool(self._carriers(one) & {*asked["via"]})),
            ("source", lambda: one["source"] in asked["source"]),
            ("publisher", lambda: self._source(one).get("publisher") in asked["publisher"]),
            ("speaker_status", lambda: _has_status(speakers, asked["speaker_status"])),
            ("lang", lambda: _is_in(one.get("lang"), asked["lang"])),
            ("has_figures", lambda: asked["has_figures"] == [_truth(one.get("figures"))]),
        ]
        return (
            _one_of(one, "quotation_type", asked)
            and one.get("factuality", "actual") in asked.get("factuality", ["actual"])
            and one.get("status", "draft") in asked.get("status", ["draft", "reviewed", "disputed"])
            and _in_range(self._published(self._source(one)), asked, "published")
            and all(holds() for name, holds in tests if name in asked)
            and (
                not asked.keys() & {"measure", "population", "party"}
                or any(_figure_fits(figure, asked) for figure in one.get("figures", []))
            )
        )

    def _speaks_for(self, one: Json, organizations: list[str]) -> bool:
        """Whether there is an instant of the day at which a speaker belongs to one of these."""
        day = self.day(self.records["statement"][one["statement"]])[0] or ALWAYS
        # Offices can only begin to hold together when one of them, or the day, begins.
        instants = {day[0], *(first for first, _ in self._offices().values())}
        for instant in instants:
            if not day[0] <= instant <= day[1]:
                continue
            members = self._members(organizations, instant)
            parts = {
                id
                for id in members
                if id in organizations or self.records["actor"][id]["kind"] != "person"
            }
            for speaker in one.get("speakers", []):
                if speaker.get("actor") in members or speaker.get("on_behalf_of") in parts:
                    return True
        return False

    def _offices(self) -> dict[tuple[str, int], Stretch]:
        return {
            (id, position): _term(office)
            for id, one in self.records["actor"].items()
            for position, office in enumerate(one.get("memberships", []))
        }

    def _members(self, organizations: list[str], instant: str) -> set[str]:
        """Who belongs to these at an instant: also to what is a part of them then."""
        found, parts = set(organizations), set(organizations)
        while True:
            more = {
                id
                for id, one in self.records["actor"].items()
                for office in one.get("memberships", [])
                if office["organization"] in parts
                and _term(office)[0] <= instant <= _term(office)[1]
            } - found
            if not more:
                return found
            found |= more
            parts |= {id for id in more if self.records["actor"][id]["kind"] != "person"}

    def _carriers(self, one: Json) -> set[str | None]:
        """Everybody through whom a report came."""
        found = {via.get("actor") for via in one.get("via", [])}
        outer = one
        while "parent" in outer:
            outer = self.records["attribution"][outer["parent"]]
            found |= {speaker.get("actor") for speaker in outer.get("speakers", [])}
        waiting, seen = [one["source"]], set()
        while waiting:
            id = waiting.pop()
            if id not in seen:
                seen.add(id)
                found.add(self.records["source"][id].get("publisher"))
                waiting += self.records["source"][id].get("derived_from", [])
        return found

    # Sources.

    def _source_fits(self, one: Json, asked: Asked) -> bool:
        return (
            _one_of(one, "kind", asked)
            and _one_of(one, "publisher", asked)
            and ("lang" not in asked or _is_in(one.get("lang"), asked["lang"]))
            and _in_range(self._published(one), asked, "published")
        )

    def _published(self, one: Json) -> Stretch | None:
        return DATES[one["published_at"]] if "published_at" in one else None


_OF_REPORTS = {
    "speaker", "member_of", "on_behalf_of", "via", "source", "publisher", "published_from",
    "published_to", "quotation_type", "speaker_status", "factuality", "lang", "status",
    "has_figures", "measure", "population", "party",
}  # fmt: skip


def _one_of(one: Json, member: str, asked: Asked, default: str | None = None) -> bool:
    return member not in asked or one.get(member, default) in asked[member]


def _some(values: list[str], parameter: str, asked: Asked) -> bool:
    return parameter not in asked or any(value in asked[parameter] for value in values)


def _in_range(stretch: Stretch | None, asked: Asked, name: str) -> bool:
    """Whether a date overlaps what is asked; an unknown one overlaps nothing."""
    ends = [asked.get(f"{name}_from"), asked.get(f"{name}_to")]
    if ends == [None, None]:
        return True
    first = DATES[ends[0][0]][0] if ends[0] else ""
    last = DATES[ends[1][0]][1] if ends[1] else "9"
    return stretch is not None and _meet(stretch, (first, last))


def _term(office: Json) -> Stretch:
    """The stretch in which an office may have been held."""
    start, end = office.get("start_date"), office.get("end_date")
    return DATES[start][0] if start else "", DATES[end][1] if end else "9"


def _has_status(speakers: list[Json], statuses: list[str]) -> bool:
    if not speakers:
        return "unattributed" in statuses
    return any(speaker.get("status") in statuses for speaker in speakers)


def _is_in(lang: str | None, langs: list[str]) -> bool:
    """Whether a language is one of these, or a variety of one."""
    return lang is not None and any(lang == one or lang.startswith(f"{one}-") for one in langs)


def _truth(value: Any) -> str:
    return "true" if value else "false"


def _figure_fits(figure: Json, asked: Asked) -> bool:
    return (
        _one_of(figure, "measure", asked)
        and _one_of(figure, "population", asked)
        and _some(figure.get("parties", []), "party", asked)
    )
