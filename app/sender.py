"""Sending changes to webhooks, by Standard Webhooks (https://www.standardwebhooks.com), 1.0.

One process of those that serve a store sends. Nothing is ever sent to an address that is not
public, unless `ONRECORD_PRIVATE_WEBHOOKS` allows it: the name is resolved for each message, and the
connection made to the address that was looked at, so that no name can change in between.
"""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import logging
import socket
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
from anyio.to_thread import run_sync

from app import __version__
from app.db import Database
from app.errors import Fault, InvalidInput, Problem
from app.store import webhooks
from app.store.watch import Watch
from app.store.webhooks import RETRIES, Due, Sent

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger("onrecord")
IDLE = 2.0
"""Seconds between two looks at what is to be tried again; a new change is noticed at once."""
TIMEOUT = 15.0
LEASE = 60.0
"""Seconds after which another process takes over from one that went away while it was sending."""


class Refused(Exception):
    """An address to which nothing may be sent."""


async def addresses(url: str, *, private: bool) -> list[str]:
    """The IP addresses behind a URL. Raises `Refused` if any is not public, or there is none."""
    try:
        parts = urlsplit(url)  # refuses brackets that do not match, among others
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, port, type=socket.SOCK_STREAM
        )
    except (OSError, ValueError, UnicodeError) as error:
        raise Refused("its host name leads nowhere") from error
    known = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not private:
        if parts.scheme != "https":
            raise Refused("it is not https")
        if not all(map(is_public, known)):
            raise Refused("it is not a public address")
    return known


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, also inside of another kind of address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner or ip in _TRANSLATED:
            return False
    return ip.is_global and not ip.is_multicast


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses behind a translator (RFC 6052)."""


async def check(url: str, *, private: bool) -> None:
    """Raise `InvalidInput` for a URL to which nothing may be sent."""
    try:
        await addresses(url, private=private)
    except Refused as refused:
        detail = f"cannot be sent to: {refused}; give a public https address"
        raise InvalidInput.of(Fault(detail, "invalid_address", "/url")) from None


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """What `webhook-signature` holds: HMAC-SHA256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _client() -> "httpx2.AsyncClient":
    import httpx2  # by those who have webhooks, which most have not

    limits = httpx2.Limits(max_connections=20)
    return httpx2.AsyncClient(
        timeout=TIMEOUT, trust_env=False, limits=limits, follow_redirects=False
    )


class Sender:
    """The task that sends; one for each process, of which the one that holds the lease works."""

    def __init__(
        self,
        database: Database,
        watch: Watch,
        *,
        private: bool = False,
        retries: Sequence[float] = RETRIES,
    ) -> None:
        self.database, self.watch = database, watch
        self.private, self.retries = private, retries
        self.name = uuid.uuid4().hex
        self.any_there = False

    async def run(self) -> None:
        """Send what there is to send, until cancelled."""
        try:
            await self._run()
        finally:
            if self.any_there:
                with anyio.CancelScope(shield=True):
                    await run_sync(self._leave)

    async def _run(self) -> None:
        async with AsyncExitStack() as opened:
            client: httpx2.AsyncClient | None = None  # reads all certificates, which takes 25 ms
            while True:
                try:
                    while waiting := await run_sync(self._due):
                        if client is None:
                            client = await opened.enter_async_context(_client())
                        await run_sync(self._note, await self._round(client, waiting))
                except Problem as problem:  # the store cannot be used now; it will be again
                    log.warning("webhooks have to wait: %s", problem)
                except Exception:
                    log.exception("webhooks have to wait")
                await self._pause()

    async def _pause(self) -> None:
        if self.any_there:
            await self.watch.changed(IDLE)
        else:
            await asyncio.sleep(IDLE)

    async def _round(self, client: "httpx2.AsyncClient", waiting: list[Due]) -> list[Sent]:
        of_webhook: dict[str, list[Due]] = defaultdict(list)
        for one in waiting:
            of_webhook[one.webhook].append(one)
        sent = await asyncio.gather(*(self._send_all(client, some) for some in of_webhook.values()))
        return [one for some in sent for one in some]

    def _due(self) -> list[Due]:
        with self.database.reader() as reader:
            self.any_there = webhooks.any_there(reader)
            if not self.any_there or not webhooks.any_to_tell(reader):
                return []
        with self.database.writer() as writer:
            if not webhooks.lease(writer, self.name, LEASE):
                return []
            webhooks.put_down(writer)
        with self.database.reader() as reader:
            return webhooks.due(reader)

    def _leave(self) -> None:
        """Let another process send at once."""
        try:
            with self.database.writer() as writer:
                webhooks.leave(writer, self.name)
        except Problem as problem:
            log.warning("webhooks will wait for a while: %s", problem)

    def _note(self, results: list[Sent]) -> None:
        with self.database.writer() as writer:
            webhooks.cross_out(writer, results, self.retries)

    async def _send_all(self, client: "httpx2.AsyncClient", some: list[Due]) -> list[Sent]:
        """Send to one webhook what it is due, in order, while it takes it."""
        results: list[Sent] = []
        end = time.monotonic() + LEASE / 3
        for due in some:
            results.append(await self._send(client, due))
            if results[-1].gone or time.monotonic() > end:
                break
        return results

    async def _send(self, client: "httpx2.AsyncClient", due: Due) -> Sent:
        import httpx2

        now = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"onrecord/{__version__}",
            "webhook-id": due.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(due.secret, due.id, now, due.body),
        }
        try:
            known = await addresses(due.url, private=self.private)
            url = httpx2.URL(due.url)
            headers["Host"] = url.netloc.decode()
            there = url.copy_with(host=known[0])
            async with client.stream(
                "POST",
                there,
                content=due.body,
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as answer:
                status = answer.status_code  # nothing of what is answered is read
        except Refused as refused:
            return Sent(due, f"nothing was sent: {refused}")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return Sent(due, f"it could not be reached ({type(error).__name__})")
        if 200 <= status < 300:
            return Sent(due, None)
        return Sent(due, f"it answered {status}", gone=status == 410)
