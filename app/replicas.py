"""Reading from streaming replicas of PostgreSQL, and never from before what a client knows of.

Replicas lag. How far may be seen is said by the ledger: whoever wrote sequence n, or read of it,
sends n with what they ask next, and is answered from a snapshot that has n in it: a replica's that
has come so far, or else the primary's.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

from sqlalchemy import Connection, text

from app.db import Database
from app.errors import InvalidInput, Unavailable

log = logging.getLogger("onrecord")

AFTER: ContextVar[int] = ContextVar("after", default=0)
"""The revision that an answer must not be from before, in this thread or task."""

WAITS = (0.0, 0.005, 0.015, 0.03)
"""Seconds to wait for a replica that lags, before each look; then the primary is asked."""
ILL = 5.0
"""Seconds for which a replica that cannot be reached is left alone."""


class Replicated(Database):
    """A store that is written at `url` and read from its streaming replicas, in turn.

    Raises `InvalidInput` where it is not PostgreSQL.
    """

    def __init__(self, url: str, replicas: Sequence[str], **options: Any) -> None:
        super().__init__(url, **options)
        if self.is_sqlite:
            raise InvalidInput(
                "ONRECORD_READ_DATABASE_URL goes with PostgreSQL only; leave it out."
            )
        self.replicas = [_replica(one, options) for one in replicas]
        self._ill = dict.fromkeys(range(len(replicas)), 0.0)
        self._turn = count()

    @property
    def primary(self) -> Database:
        return _Primary(self)

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """As `Database.reader`, on a replica that has the revision `AFTER`, or on the primary."""
        with ExitStack() as stack:
            connection = self._replica(stack)
            yield connection or stack.enter_context(super().reader())

    def _replica(self, stack: ExitStack) -> Connection | None:
        """A connection to a replica that has come far enough; None where none has, in time."""
        first, after = next(self._turn), AFTER.get()
        for step in range(len(self.replicas)):
            place = (first + step) % len(self.replicas)
            if self._ill[place] > time.monotonic():
                continue
            try:
                for wait in WAITS:
                    time.sleep(wait)
                    attempt = stack.enter_context(ExitStack())
                    connection = attempt.enter_context(self.replicas[place].reader())
                    if not after or _newest(connection) >= after:
                        return connection
                    attempt.close()
            except Unavailable as error:
                log.warning("replica %d is left out for a while: %s", place + 1, error)
                self._ill[place] = time.monotonic() + ILL
        return None

    def heads(self) -> list[int | None]:
        """The newest revision that each replica has; None for one that cannot be reached."""
        found: list[int | None] = []
        for replica in self.replicas:
            try:
                with replica.reader() as reader:
                    found.append(_newest(reader))
            except Unavailable:
                found.append(None)
        return found

    def close(self) -> None:
        for replica in self.replicas:
            replica.close()
        super().close()


class _Primary(Database):
    """The same store without its replicas, for what must be of this moment."""

    def __init__(self, of: Database) -> None:
        self.__dict__ = of.__dict__  # one pool, one write lock


def _replica(url: str, options: dict[str, Any]) -> Database:
    try:
        database = Database(url, **options)
    except InvalidInput as error:
        raise InvalidInput(_REPLICAS) from error
    if database.is_sqlite:
        raise InvalidInput(_REPLICAS)
    return database


_REPLICAS = (
    "ONRECORD_READ_DATABASE_URL must be postgresql+psycopg://USER:PASSWORD@HOST/NAME, or several "
    "of these with commas between"
)


def _newest(connection: Connection) -> int:
    return connection.scalar(text("SELECT max(seq) FROM revision")) or 0


def database(url: str, replicas: str, **options: Any) -> Database:
    """The store at a URL, with the replicas that stand in a list with commas, if any."""
    urls = [one.strip() for one in replicas.split(",") if one.strip()]
    return Replicated(url, urls, **options) if urls else Database(url, **options)
