"""What Prometheus reads at `/metrics`: how many answers, how long they took, what is in hand.

Several processes share their counts through files in `PROMETHEUS_MULTIPROC_DIR`, which
`onrecord serve` makes. Labels have few values: the path's template, never the path.
"""

import os
from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

DURATION = Histogram(
    "onrecord_request_duration_seconds",
    "How long answers took, from the first byte asked for to the last one sent.",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge(
    "onrecord_requests_in_flight", "Requests in hand now.", multiprocess_mode="livesum"
)
CACHE = Counter("onrecord_cache_answers", "Reads, by whether the cache had the answer.", ["result"])


class Tally:
    """A count that a counter is told later: to add to that one takes its lock, and a write to a
    file where several processes share it."""

    __slots__ = ("_count", "_counter")

    def __init__(self, counter: Counter) -> None:
        self._counter, self._count = counter, 0

    def add(self) -> None:
        self._count += 1

    def tell(self) -> None:
        self._counter.inc(self._count)
        self._count = 0


HIT, MISS = Tally(CACHE.labels("hit")), Tally(CACHE.labels("miss"))

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_series: dict[tuple[str, str, int], Histogram] = {}
"""Looking a series up by its labels takes longer than adding to it."""


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; status 0 is one that never began."""
    key = (method, route, status)
    series = _series.get(key)
    if series is None:
        if method not in METHODS:
            return answered("other", route, status, seconds) if method != "other" else None
        _series[key] = series = DURATION.labels(method, route, str(status))
    series.observe(seconds)


def tell(working: int) -> None:
    """Tell what was tallied, and how many requests are in hand now."""
    HIT.tell()
    MISS.tell()
    IN_FLIGHT.set(working)


class Extra(Collector):
    """Values that are looked up when they are asked for."""

    def __init__(self, values: dict[str, tuple[str, float]]) -> None:
        self.values = values

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (description, value) in self.values.items():
            yield GaugeMetricFamily(f"onrecord_{name}", description, value)


def exposition(accept: str, values: dict[str, tuple[str, float]]) -> tuple[bytes, str]:
    """All metrics and these values, each with its description; and the media type of that."""
    encode, media_type = choose_encoder(accept)
    here = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(here)  # type: ignore[no-untyped-call]
        here.register(Extra(values))
        return encode(here), media_type
    here.register(_All(Extra(values)))
    return encode(here), media_type


class _All(Collector):
    """What this process has counted, and more."""

    def __init__(self, more: Collector) -> None:
        self.more = more

    def collect(self) -> Iterator[object]:  # type: ignore[override]  # Metric, which is not exported
        yield from REGISTRY.collect()
        yield from self.more.collect()


def leave() -> None:
    """Take back what this process has in hand, as it ends."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
