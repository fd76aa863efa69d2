"""How many requests one address, and one key, may send in a while.

Headers after draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` says what is allowed,
`RateLimit` what is left of it, each for the address and, where one is sent, for the key.
"""

import hashlib
import ipaddress
import logging
import math
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Protocol

import limits
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.load import PROBES
from app.api.problems import reply
from app.errors import TooMany

log = logging.getLogger("onrecord")


class Counter(Protocol):
    """Counts what came under a name in a window of time."""

    async def hit(self, name: str) -> tuple[int, float]:
        """Count one more; answer how many came in this window, and in how many seconds it ends."""


class InMemory:
    """Counts in this process. Whoever was not seen for longest is forgotten first, so that a
    crowd of addresses cannot fill the memory."""

    MOST = 100_000

    def __init__(self, window: int) -> None:
        self.window = window
        self.counts: OrderedDict[str, list[float]] = OrderedDict()

    async def hit(self, name: str) -> tuple[int, float]:
        now = time.monotonic()
        count = self.counts.get(name)
        if count is None or count[1] <= now:
            self.counts[name] = count = [0, now + self.window]
            self.counts.move_to_end(name)
            if len(self.counts) > self.MOST:
                self.counts.popitem(last=False)
        count[0] += 1
        return int(count[0]), count[1] - now


class InRedis:
    """Counts in Redis, for several processes together.

    While it cannot be reached nothing is counted: rather a while without a limit than no service.
    """

    def __init__(self, window: int, url: str) -> None:
        from limits.aio.storage import RedisStorage  # only with the extra `redis`

        self.window = window
        self.storage = RedisStorage(f"async+{url}", implementation="redispy")

    async def hit(self, name: str) -> tuple[int, float]:
        name = f"onrecord:{name}"
        try:
            count = await self.storage.incr(name, self.window)
            return count, max(await self.storage.get_expiry(name) - time.time(), 0)
        except self.storage.base_exceptions as error:
            log.warning("requests cannot be counted: %s", type(error).__name__)
            return 0, self.window


def counter(limit: limits.RateLimitItem, store: str) -> Counter:
    """What counts for a limit, in the store that the settings name."""
    window = limit.get_expiry()
    return InMemory(window) if store == "memory://" else InRedis(window, store)


class RateLimits:
    """Answers 429 to whoever sends more than the limit.

    Every request counts for its address. One with a key counts for the key too, wherever it is
    used from; whether it is a good one is not known here, so a made-up one gains nothing.
    """

    def __init__(self, app: ASGIApp, *, limit: str, store: str) -> None:
        self.app = app
        parsed = limits.parse(limit)
        self.most = parsed.amount
        self.counter = counter(parsed, store)
        policy = f";q={self.most};w={parsed.get_expiry()}"
        self.policy = (
            f'"address"{policy}'.encode(),
            f'"address"{policy}, "key"{policy}'.encode(),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            return await self.app(scope, receive, send)
        client = scope["client"]
        count, ends = await self.counter.hit(_place(client[0]) if client else "unknown")
        key = next((v for k, v in scope["headers"] if k == b"authorization"), None)
        left = self.most - count
        state = f'"address";r={max(left, 0)};t={math.ceil(ends)}'
        if key is not None:
            count, key_ends = await self.counter.hit(hashlib.sha256(key).hexdigest())
            key_left = self.most - count
            state += f', "key";r={max(key_left, 0)};t={math.ceil(key_ends)}'
            if key_left < 0:
                ends = max(ends, key_ends) if left < 0 else key_ends
                left = key_left
        scope["state"]["headers"] += (
            (b"ratelimit-policy", self.policy[key is not None]),
            (b"ratelimit", state.encode()),
        )
        if left >= 0:
            return await self.app(scope, receive, send)
        wait = max(math.ceil(ends), 1)
        problem = TooMany(
            f"The limit is reached; send the next request in {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )
        await reply(problem, scope, receive, send)


@lru_cache(maxsize=4096)
def _place(address: str) -> str:
    """An address as it is counted: of IPv6 the network, since a host has as many as it likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
