"""`/v1/webhooks`: who is told of changes. All of it takes the scope admin."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field, ValidationError

from app import sender
from app.api import respond, sent
from app.api.auth import ADMIN, Admin
from app.api.conditions import JsonBody, Once, parsed
from app.api.deps import ONCE, Store
from app.api.documented import answers, lists, problem, writes
from app.api.route import Route
from app.errors import InvalidInput
from app.models.webhook import DeliveryAnswer, DeliveryStatus, WebhookAnswer, WebhookSent
from app.store import ledger, parse, webhooks
from app.store.page import PageParams
from app.store.read import Found

router = APIRouter(
    prefix="/v1/webhooks", tags=["Webhooks"], route_class=Route, dependencies=[ONCE, Depends(ADMIN)]
)
_Id = Annotated[str, Path(max_length=40, description="The webhook's id, as it was answered.")]
_NEW = {"url": "https://example.org/onrecord", "types": ["statement", "attribution"]}


_SHOWN = {
    "id": "wh-1",
    "url": "https://example.org/onrecord",
    "description": None,
    "types": ["statement", "attribution"],
    "changes": [],
    "created_at": "2026-11-23T08:15:30.123456Z",
    "sent": 73,
    "waiting": 0,
    "dead": 0,
    "delivered_at": None,
    "disabled_at": None,
    "secret": None,
}


class DeliveriesQuery(PageParams):
    """Which of what has not arrived."""

    status: list[DeliveryStatus] = Field(
        default_factory=list, max_length=2, description="Repeat for or."
    )


@router.get("", **lists("list_webhooks", "List webhooks", WebhookAnswer))
def list_webhooks(request: Request, store: Store) -> Response:
    """All webhooks, with how far each has been told."""
    with store.reader() as reader:
        return _kept_back(respond.listing(request, webhooks.listed(reader)))


@router.post(
    "",
    **writes("create_webhook", "Be told of changes", WebhookAnswer, creates=True),
    openapi_extra=sent.described(WebhookSent, _NEW),
)
async def create_webhook(
    request: Request,
    store: Store,
    _key: Admin,
    body: JsonBody,
    once: Once,
) -> Response:
    """From now on every change is sent to the address, as `/v1/changes` shows it, by POST: signed
    by Standard Webhooks with the `secret`, which is answered here and not again. What does not
    arrive is tried again, later and later, for three days. (Nobody listens at the address of the
    example: changes will wait under `/deliveries`. Where its name is not known, it is refused.)"""
    try:
        wanted = WebhookSent.model_validate_json(ledger.canonical(parsed(body)))
    except ValidationError as error:
        raise InvalidInput.of(*parse.faults_of(error, WebhookSent)) from None
    await sender.check(wanted.url, private=request.app.state.settings.private_webhooks)

    def create() -> tuple[str, str]:
        with store.writer() as writer:
            id = webhooks.create(writer, wanted, once)
            return id, webhooks.one(writer, id, secret=True)

    id, text = await run_sync(create)
    response = _kept_back(respond.record(request, Found(1, text)))
    response.status_code = 201
    response.headers["Location"] = f"/v1/webhooks/{id}"
    return response


_shows = answers("get_webhook", "One webhook", WebhookAnswer, _SHOWN)
_shows["responses"][404] = problem("There is no such webhook.")


@router.get("/{id}", **_shows)
def get_webhook(request: Request, store: Store, id: _Id) -> Response:
    """How far it has been told, and what has not arrived."""
    with store.reader() as reader:
        return _kept_back(respond.record(request, Found(1, webhooks.one(reader, id))))


@router.delete("/{id}", **writes("delete_webhook", "Be told no more", None, ends=True))
def delete_webhook(store: Store, id: _Id) -> Response:
    """Nothing more is sent there, also not what waits."""
    with store.writer() as writer:
        webhooks.remove(writer, id)
    return Response(status_code=204)


@router.get("/{id}/deliveries", **lists("list_deliveries", "What has not arrived", DeliveryAnswer))
def list_deliveries(
    request: Request, store: Store, id: _Id, asked: Annotated[DeliveriesQuery, Query()]
) -> Response:
    """The changes that wait to be sent (again), and those that were given up, oldest first."""
    with store.reader() as reader:
        found = webhooks.deliveries(reader, id, asked, asked.status)
        return _kept_back(respond.listing(request, found))


@router.post(
    "/{id}/deliveries/{seq}/retry",
    **writes("retry_delivery", "Send a change again", WebhookAnswer, ends=True),
)
def retry_delivery(
    request: Request,
    store: Store,
    id: _Id,
    seq: Annotated[int, Path(ge=1, lt=2**63, description="The change's number.")],
) -> Response:
    """Sends a change that waits or was given up, now. A webhook that was disabled is enabled."""
    with store.writer() as writer:
        webhooks.again(writer, id, seq)
        return _kept_back(respond.record(request, Found(1, webhooks.one(writer, id))))


def _kept_back(response: Response) -> Response:
    """An answer that is for whoever asked, and not to be kept."""
    response.headers["Cache-Control"] = "no-store"
    return response
