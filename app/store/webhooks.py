"""Webhooks as they stand in the store: who is to be told of what, and what has not arrived yet.

Every change is put down for every webhook that wants it before it is sent, and crossed out when it
has arrived, so it arrives at least once, under an id by which a receiver knows it again. A change
that fails is tried again by itself, later and later, and lets others pass.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, and_, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db import Writer
from app.errors import Conflict, Fault, InvalidInput, NotFound, short
from app.models import REVISION
from app.models.webhook import DELIVERY, LEASE, WEBHOOK, DeliveryStatus, WebhookSent
from app.rows import insert_rows
from app.store import edit, history, ledger, page
from app.store.idempotency import Request
from app.store.page import Order, PageParams, Question
from app.store.read import Listed

MOST, MOST_WAITING = 100, 1_000
"""Webhooks, and changes that wait for one of them: beyond that it is told of no new ones."""
RETRIES = tuple(map(float, (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)))
"""Seconds between attempts, as Standard Webhooks recommends; after the last a change is dead."""


def create(writer: Writer, sent: WebhookSent, request: Request | None) -> str:
    """A new webhook, which is told of what is recorded from now on; returns its id.

    The same request under one idempotency key makes one. Raises `InvalidInput`, `Conflict`.
    """
    id = edit.new_id()
    if request:
        named = hashlib.sha256(f"{request.api_key} {request.key}".encode()).hexdigest()
        id = f"wh-{named[:32]}"
        made = writer.execute(select(WEBHOOK).where(WEBHOOK.c.id == id)).first()
        if made and made.fingerprint != request.fingerprint:
            detail = "was used for another request; give each request a key of its own"
            raise InvalidInput.of(Fault(detail, "key_reused", parameter="Idempotency-Key"))
        if made:
            return id
    if (writer.scalar(select(func.count()).select_from(WEBHOOK)) or 0) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already; delete one that is no longer needed.")
    row = {
        "id": id,
        "url": sent.url,
        "description": sent.description,
        "types": ",".join(sent.types),
        "changes": ",".join(sent.changes),
        "secret": "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        "fingerprint": request.fingerprint if request else None,
        "created_at": ledger.now(),
        "sent": ledger.head(writer).seq,
    }
    writer.execute(insert(WEBHOOK).values(row))
    return id


def listed(connection: Connection) -> Listed:
    """All webhooks, oldest first."""
    rows = connection.execute(_answered().order_by(WEBHOOK.c.created_at, WEBHOOK.c.id))
    return Listed([_text(row, secret=False) for row in rows])


def one(connection: Connection, id: str, *, secret: bool = False) -> str:
    """A webhook, with its secret where it was just made. Raises `NotFound`."""
    row = connection.execute(_answered().where(WEBHOOK.c.id == id)).first()
    if row is None:
        raise _missing(id)
    return _text(row, secret=secret)


def remove(writer: Writer, id: str) -> None:
    """Send nothing more to a webhook, and forget it. Raises `NotFound`."""
    if not writer.execute(delete(WEBHOOK).where(WEBHOOK.c.id == id)).rowcount:
        raise _missing(id)


def deliveries(
    connection: Connection, id: str, asked: PageParams, statuses: Sequence[DeliveryStatus]
) -> Listed:
    """What has not arrived yet at a webhook, oldest first. Raises `NotFound`."""
    one(connection, id)
    query = select(DELIVERY).where(DELIVERY.c.webhook == id)
    if statuses:
        query = query.where(DELIVERY.c.status.in_(statuses))
    stamp = f"{id} {','.join(statuses)}".encode()
    order = Order("seq", (DELIVERY.c.seq,))
    found = page.fetch(connection, Question(lambda: query), order, asked, stamp, None)
    items = [
        {
            "seq": row.seq,
            "status": row.status,
            "attempts": row.attempts,
            "next_at": row.next_at if row.status == DeliveryStatus.waiting else None,
            "problem": row.problem,
        }
        for row in found.rows
    ]
    texts = [orjson.dumps(item).decode() for item in items]
    return Listed(texts, found.next, found.prev, found.count)


def again(writer: Writer, id: str, seq: int) -> None:
    """Try a change again that waits or was given up. Raises `NotFound`."""
    of = and_(DELIVERY.c.webhook == id, DELIVERY.c.seq == seq)
    anew = {"status": DeliveryStatus.waiting, "attempts": 0, "next_at": ledger.now()}
    if not writer.execute(update(DELIVERY).where(of).values(anew)).rowcount:
        one(writer, id)
        if seq > ledger.head(writer).seq:
            raise NotFound(f"There is no change {seq} yet; GET /v1/changes lists them.")
        detail = f"Change {seq} is not waiting for webhook {short(id)}: it has arrived, was not "
        raise NotFound(f"{detail}wanted there, or was made before there was the webhook.")
    writer.execute(update(WEBHOOK).where(WEBHOOK.c.id == id).values(disabled_at=None))


def _missing(id: str) -> NotFound:
    return NotFound(f"There is no webhook {short(id)}; GET /v1/webhooks lists them.")


def _answered() -> Select[Any]:
    of = DELIVERY.c.webhook == WEBHOOK.c.id
    counts = (
        func.count(case((DELIVERY.c.status == status, 1))).label(status)
        for status in DeliveryStatus
    )
    return select(WEBHOOK, *counts).outerjoin(DELIVERY, of).group_by(WEBHOOK.c.id)


def _text(row: Any, *, secret: bool) -> str:
    names = ("id", "url", "description", "created_at", "sent", "delivered_at", "disabled_at")
    item = {name: getattr(row, name) for name in names}
    item |= {"types": _several(row.types), "changes": _several(row.changes)}
    item |= {"waiting": row.waiting, "dead": row.dead, "secret": row.secret if secret else None}
    return orjson.dumps(item).decode()


def _several(joined: str) -> list[str]:
    return joined.split(",") if joined else []


# --- sending ------------------------------------------------------------------------------------


class Due(NamedTuple):
    """A change that is to be sent now: where, signed with what, and how often it was tried."""

    webhook: str
    seq: int
    url: str
    secret: str
    attempts: int
    body: bytes

    @property
    def id(self) -> str:
        """By which a receiver knows a message that comes again."""
        return f"msg_{self.webhook}_{self.seq}"


class Sent(NamedTuple):
    """What came of it: no problem, or which; whether the address is gone for good."""

    due: Due
    problem: str | None
    gone: bool = False


def any_there(connection: Connection) -> bool:
    """Whether there is a webhook that may be told of something."""
    return bool(connection.scalar(select(WEBHOOK.c.id).where(WEBHOOK.c.disabled_at.is_(None))))


def any_to_tell(connection: Connection) -> bool:
    """Whether there is a webhook that has not been told of everything."""
    head = ledger.head(connection).seq
    behind = select(WEBHOOK.c.id).where(WEBHOOK.c.disabled_at.is_(None), WEBHOOK.c.sent < head)
    due = select(DELIVERY.c.seq).where(_is_due())
    return bool(connection.scalar(behind.limit(1)) or connection.scalar(due.limit(1)))


def waiting(connection: Connection) -> int:
    """How many changes have still to arrive at webhooks that are on."""
    query = select(func.count()).select_from(DELIVERY).join(WEBHOOK)
    is_on = (DELIVERY.c.status == DeliveryStatus.waiting, WEBHOOK.c.disabled_at.is_(None))
    return connection.scalar(query.where(*is_on)) or 0


def lease(writer: Writer, holder: str, seconds: float) -> bool:
    """Be the one that sends, for so many seconds; false where another process is."""
    until = _after(seconds)
    free = (LEASE.c.holder == holder) | (LEASE.c.until < ledger.now())
    mine = update(LEASE).where(LEASE.c.name == "webhooks", free)
    if writer.execute(mine.values(holder=holder, until=until)).rowcount:
        return True
    if writer.scalar(select(LEASE.c.name).where(LEASE.c.name == "webhooks")):
        return False
    try:
        writer.execute(insert(LEASE).values(name="webhooks", holder=holder, until=until))
    except IntegrityError:  # another was quicker; SQLite and the ledger's lock rule that out
        return False
    return True


def leave(writer: Writer, holder: str) -> None:
    """No longer be the one that sends."""
    writer.execute(delete(LEASE).where(LEASE.c.name == "webhooks", LEASE.c.holder == holder))


def put_down(writer: Writer) -> None:
    """Put down for each webhook the changes that it has not been told of."""
    full = select(func.count()).where(DELIVERY.c.webhook == WEBHOOK.c.id).scalar_subquery()
    head = ledger.head(writer).seq
    query = select(WEBHOOK).where(WEBHOOK.c.disabled_at.is_(None), WEBHOOK.c.sent < head)
    for hook in writer.execute(query.where(full < MOST_WAITING)).all():
        wanted = select(REVISION.c.seq, REVISION.c.type, REVISION.c.change)
        wanted = wanted.where(REVISION.c.seq > hook.sent).order_by(REVISION.c.seq).limit(100)
        rows = writer.execute(wanted).all()
        types, changes = _several(hook.types), _several(hook.changes)
        new = [
            row.seq
            for row in rows
            if (not types or row.type in types) and (not changes or row.change in changes)
        ]
        if new:
            waiting = {"status": DeliveryStatus.waiting, "attempts": 0, "next_at": ledger.now()}
            insert_rows(
                writer, DELIVERY, [{"webhook": hook.id, "seq": one, **waiting} for one in new]
            )
        writer.execute(update(WEBHOOK).where(WEBHOOK.c.id == hook.id).values(sent=rows[-1].seq))


def due(connection: Connection, limit: int = 100) -> list[Due]:
    """The changes that are to be sent now, in their order for each webhook."""
    query = (
        select(WEBHOOK, DELIVERY.c.seq, DELIVERY.c.attempts)
        .join(DELIVERY, DELIVERY.c.webhook == WEBHOOK.c.id)
        .where(_is_due(), WEBHOOK.c.disabled_at.is_(None))
        .order_by(DELIVERY.c.seq, WEBHOOK.c.id)
    )
    return [
        Due(row.id, row.seq, row.url, row.secret, row.attempts, _message(connection, row.seq))
        for row in connection.execute(query.limit(limit)).all()
    ]


def _is_due() -> Any:
    return and_(DELIVERY.c.status == DeliveryStatus.waiting, DELIVERY.c.next_at <= ledger.now())


def _message(connection: Connection, seq: int) -> bytes:
    (change,) = history.changes(connection, after=seq - 1, limit=1)
    data = orjson.loads(change.text)
    message = {"type": f"{data['type']}.{data['change']}", "timestamp": data["recorded_at"]}
    return orjson.dumps({**message, "data": data})


def cross_out(writer: Writer, results: Iterable[Sent], retries: Sequence[float] = RETRIES) -> None:
    """Note what arrived, and when to try again what did not."""
    for result in results:
        due = result.due
        of = and_(DELIVERY.c.webhook == due.webhook, DELIVERY.c.seq == due.seq)
        hook = update(WEBHOOK).where(WEBHOOK.c.id == due.webhook)
        if result.problem is None:
            writer.execute(delete(DELIVERY).where(of))
            writer.execute(hook.values(delivered_at=ledger.now()))
            continue
        left = {"attempts": due.attempts + 1, "problem": result.problem}
        if due.attempts < len(retries):
            jitter = 1 + secrets.randbelow(200) / 1_000  # so that not all come back at once
            left["next_at"] = _after(retries[due.attempts] * jitter)
        else:
            left["status"] = DeliveryStatus.dead
        writer.execute(update(DELIVERY).where(of).values(left))
        if result.gone:
            writer.execute(hook.values(disabled_at=ledger.now()))


def _after(seconds: float) -> str:
    instant = datetime.now(UTC) + timedelta(seconds=seconds)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
