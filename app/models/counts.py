"""Counts of statements: over time, and by what they have in common."""

from enum import StrEnum

from app.models.base import Shape


class Interval(StrEnum):
    day = "day"
    week = "week"
    month = "month"
    year = "year"


class Facet(StrEnum):
    """What statements are counted by: the filter of the same name finds those of one value."""

    speaker = "speaker"
    on_behalf_of = "on_behalf_of"
    about = "about"
    topic = "topic"
    source = "source"
    publisher = "publisher"
    speech_act = "speech_act"
    quotation_type = "quotation_type"
    speaker_status = "speaker_status"
    factuality = "factuality"
    polarity = "polarity"
    lang = "lang"
    status = "status"
    measure = "measure"
    population = "population"
    party = "party"
    relation = "relation"


class Grouping(StrEnum):
    speaker = "speaker"
    topic = "topic"
    publisher = "publisher"
    quotation_type = "quotation_type"


class Count(Shape):
    """How many statements have a date."""

    date: str
    """EDTF; as `said_from` and `said_to` it asks for the same stretch of time."""
    count: int
    said: int
    """Those dated by the day they were said."""
    reported: int
    """Those dated by the earliest report, since the day they were said is not known."""


class Bucket(Count):
    """A day, week (`2020-10-19/2020-10-25`, from Monday to Sunday), month or year."""

    start: str
    """Its first day."""


class Undated(Shape):
    """Statements that are in no bucket because no date says when they end or begin."""

    count: int
    open: int
    """Dated, but open at an end: `2020-09-27/..`."""
    unknown: int
    """Neither when they were said nor when they were reported is known."""


class Series(Shape):
    """Statements over time: each is in one bucket, or imprecise, or undated."""

    count: int
    """All of them."""
    buckets: list[Bucket]
    """In the order of time; those without statements are left out."""
    imprecise: list[Count]
    """Dates that are longer than a bucket, or lie across two (`2020` in a timeline of months): by
    the month, else the year, else the years that hold them."""
    undated: Undated


class GroupSeries(Series):
    """The statements of one value."""

    value: str
    """An id, or a value of a closed set: what the filter of this name takes."""
    label: str | None
    """The record's name, where it has one."""


class Timeline(Series):
    """Statements over time, all together and by group."""

    interval: Interval
    group_by: Grouping | None
    groups: list[GroupSeries]
    """The largest, at most 20. A statement of two speakers counts with both."""
    others: Series | None
    """Statements of all smaller groups, each counted once; null when not grouped."""
    missing: Series | None
    """Statements of no group; null when not grouped."""


class FacetValue(Shape):
    """One value of a facet."""

    value: str
    """An id, or a value of a closed set: what the filter of this name takes."""
    label: str | None
    """The record's name, where it has one."""
    count: int
    """How many statements have it; one with several values counts for each."""


class FacetCounts(Shape):
    """The values of a facet, the commonest first."""

    facet: Facet
    values: list[FacetValue]
    more: bool
    """Whether there are values beyond `limit`."""
    missing: int
    """Statements that have no value."""


class Facets(Shape):
    """Statements counted by what they have in common."""

    count: int
    """All statements that fit."""
    facets: list[FacetCounts]
