"""In which form an answer is given."""

from enum import StrEnum


class Format(StrEnum):
    """The representations, the one that is answered when nothing is asked for first."""

    json = "json"
    ndjson = "ndjson"
    csv = "csv"
    jsonld = "jsonld"
    atom = "atom"
