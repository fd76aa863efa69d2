"""Candidates over HTTP: drafts read from a source's text, and what a person makes of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from app.api import respond, sent
from app.api.auth import Writes
from app.api.conditions import Asked, Created, If, JsonBody, Once, PatchBody
from app.api.deps import ONCE, Store, example
from app.api.documented import JSON, problem, writes
from app.api.route import Route
from app.db import Writer
from app.errors import Conflict, Fault, InvalidInput, InvalidSyntax, Unavailable, short
from app.models.base import RecordType
from app.models.candidate import (
    ID_PATTERN,
    AcceptedSent,
    CandidateAnswer,
    CandidatesAnswer,
    CandidatesSent,
    CandidateStatus,
    MendedSent,
    RejectedSent,
)
from app.store import candidates, idempotency, parse, verification
from app.store.candidates import Draft
from app.store.edit import Why
from app.store.known import KnownNames

if TYPE_CHECKING:
    from app.extract import Proposal

router = APIRouter(prefix="/v1", tags=["Candidates"], route_class=Route, dependencies=[ONCE])
SOURCE = "fighting-rages-in-nagorno-karabakh"
CandidateId = Annotated[
    str,
    Path(pattern=ID_PATTERN, max_length=36, description="The candidate's id, as it was proposed."),
]
Model = TypeVar("Model", bound=BaseModel)
ARTICLE = (
    "Norland's foreign minister, Ada Brandt, said on Friday that three ports had been closed. "
    "“We will open them when we can,” she said."
)
"""Invented, with a country and a person that there are not."""
UNREAD = (
    "That of the bundled record has a text of its own, which is private: another is refused (409). "
    "Make a source of yours by POST /v1/sources, and put its id here"
)


class CandidatesQuery(Asked):
    """Which candidates are listed."""

    status: CandidateStatus | None = Field(
        None, description="Only those: `open`, `accepted` or `rejected`."
    )


_PROPOSES = writes("propose_candidates", "Propose statements", CandidatesAnswer, creates=True)
_PROPOSES["responses"][404] = problem("There is no such source.")


@router.post(
    "/sources/{id}/candidates",
    **_PROPOSES,
    openapi_extra=sent.described(CandidatesSent, {"text": ARTICLE, "lang": "en"}),
)
def propose(
    request: Request,
    store: Store,
    key: Writes,
    id: Annotated[str, example(SOURCE, UNREAD)],
    body: JsonBody,
    once: Once,
    asked: Annotated[Created, Query()],
) -> Response:
    """Reads the source's text and proposes draft statements with their attributions, anchored to
    it, for a person to accept, mend or reject; nothing is published by itself. A `text` that is
    sent becomes the source's private snapshot. What was proposed before is not proposed again;
    `least_confidence` asks for unsure ones too."""
    # With all its word lists it is loaded when the first article comes.
    from app.extract import LEAST, NoPipeline, Unreadable, english, extract

    wanted = _parsed(CandidatesSent, body)
    with store.reader() as reader:
        text, lang, day = verification.private_text(reader, id)
        if wanted.text and text not in (None, wanted.text):
            raise Conflict(
                "The source has another snapshot; leave `text` out to read that one, or replace it "
                "with `onrecord source attach --replace`."
            )
        text, lang = wanted.text or text, wanted.lang or lang
        if text is None:
            raise Conflict(f"Source {short(id)} has no snapshot to read; send its text as `text`.")
        pipeline = request.app.state.settings.pipeline
        least = wanted.least_confidence
        try:
            found = extract(
                text,
                lang,
                names=KnownNames(reader, day),
                pipeline=pipeline,
                least_confidence=LEAST if least is None else least,
            )
        except Unreadable as error:
            raise InvalidInput.of(Fault(str(error), "unreadable", "/text")) from None
        except NoPipeline as error:
            raise Unavailable(f"ONRECORD_PIPELINE does not fit: {error}.") from None
    reads_english = english(text, lang)
    drafts = _drafts(text, found, "en" if reads_english else lang)
    with store.writer() as writer:
        done = idempotency.done(writer, once) if once else None
        if done is None:
            if wanted.text:
                verification.attach(writer, id, wanted.text, agent=key.name, reason=asked.reason)
            candidates.propose(writer, id, drafts, key.name)
            if once:
                idempotency.keep(writer, once, 201, RecordType.source, id)
        items = candidates.listed(writer, id, None)
        response = _answer(request, {"items": items, "english": reads_english}, 201)
    if done is not None:
        response.headers["Idempotency-Replayed"] = "true"
    response.headers["Location"] = f"/v1/sources/{id}/candidates"
    return response


def _drafts(text: str, found: "list[Proposal]", lang: str | None) -> list[Draft]:
    from app.extract import draft

    drafts = []
    for one in found:
        statement, attribution = draft.drafted(text, one, lang=lang)
        place = min(selector["start"] for selector in attribution["selectors"])
        drafts.append(Draft(place, one.rule, one.confidence, one.parent, statement, attribution))
    return drafts


@router.get(
    "/sources/{id}/candidates",
    **writes("list_candidates", "List the candidates of a source", CandidatesAnswer, ends=True),
)
def list_candidates(
    request: Request,
    store: Store,
    key: Writes,  # noqa: ARG001  # drafts are for those who may accept them
    id: Annotated[str, example(SOURCE)],
    asked: Annotated[CandidatesQuery, Query()],
) -> Response:
    """In the order of the text. It takes a key that may write: nobody else sees drafts."""
    from app.extract import english

    with store.reader() as reader:
        text, lang, _ = verification.private_text(reader, id)
        items = candidates.listed(reader, id, asked.status)
    return _answer(request, {"items": items, "english": english(text or "", lang)})


@router.get(
    "/candidates/{id}",
    **writes("get_candidate", "Get a candidate", CandidateAnswer, ends=True),
)
def get_candidate(
    request: Request,
    store: Store,
    key: Writes,  # noqa: ARG001  # drafts are for those who may accept them
    id: CandidateId,
) -> Response:
    """With its history: who proposed, mended, accepted or rejected it, and when."""
    with store.reader() as reader:
        return _candidate(request, candidates.one(reader, id))


@router.patch(
    "/candidates/{id}",
    **writes("mend_candidate", "Mend a candidate", CandidateAnswer),
    openapi_extra=sent.described(
        MendedSent, {"statement": {"speech_act": "announcement"}}, "application/merge-patch+json"
    ),
)
def mend(
    request: Request,
    store: Store,
    key: Writes,
    id: CandidateId,
    body: PatchBody,
    expected: If,
    asked: Annotated[Created, Query()],
) -> Response:
    """Changes the draft, without accepting it: each part by a JSON Merge Patch."""
    changes = _parsed(MendedSent, body)
    with store.writer() as writer:
        candidates.mend(writer, id, changes.model_dump(), expected, Why(key.name, asked.reason))
        return _candidate(request, candidates.one(writer, id))


@router.post(
    "/candidates/{id}/accept",
    **writes("accept_candidate", "Accept a candidate", CandidateAnswer),
    openapi_extra=sent.described(AcceptedSent, {}),
)
def accept(
    request: Request,
    store: Store,
    key: Writes,
    id: CandidateId,
    body: JsonBody,
    once: Once,
    expected: If,
    asked: Annotated[Created, Query()],
) -> Response:
    """Writes the draft into the record, as it is (`{}`) or mended in the same call: a new
    statement with its report, or, `into` a statement that is there, one more report of it. The
    ledger names the key that accepted it, and the rule that read it."""
    wanted = _parsed(AcceptedSent, body)
    changes = wanted.model_dump(include={"statement", "attribution"})
    why = Why(key.name, asked.reason)
    return _once(
        request,
        store,
        once,
        id,
        lambda writer: candidates.accept(writer, id, changes, wanted.into, expected, why),
    )


@router.post(
    "/candidates/{id}/reject",
    **writes("reject_candidate", "Reject a candidate", CandidateAnswer),
    openapi_extra=sent.described(RejectedSent, {"reason": "A title, and no statement"}),
)
def reject(
    request: Request,
    store: Store,
    key: Writes,
    id: CandidateId,
    body: JsonBody,
    once: Once,
    expected: If,
    asked: Annotated[Created, Query()],
) -> Response:
    """It stays, with its history, and is not proposed again; the record is as it was."""
    reason = _parsed(RejectedSent, body).reason or asked.reason
    return _once(
        request,
        store,
        once,
        id,
        lambda writer: candidates.reject(writer, id, expected, Why(key.name, reason)),
    )


def _once(
    request: Request,
    store: Store,
    once: idempotency.Request | None,
    id: str,
    act: Callable[[Writer], None],
) -> Response:
    """Judge a candidate, unless the same request did it before: then answer how it stands."""
    with store.writer() as writer:
        done = idempotency.done(writer, once) if once else None
        if done is None:
            act(writer)
            if once:
                source = candidates.one(writer, id)["source"]
                idempotency.keep(writer, once, 200, RecordType.source, source)
        response = _candidate(request, candidates.one(writer, id))
    if done is not None:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _parsed(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate(parse.value(body))
    except ValidationError as error:
        raise InvalidInput.of(*parse.faults_of(error, model)) from None
    except ValueError as error:
        raise InvalidSyntax(f"The body cannot be read: {error}.") from None


def _candidate(request: Request, document: dict[str, Any]) -> Response:
    response = _answer(request, document)
    response.headers["ETag"] = f'"{document["version"]}-{document["id"]}"'
    return response


def _answer(request: Request, document: dict[str, Any], status: int = 200) -> Response:
    body = orjson.dumps(document)
    response = respond.document(request, {"json": (JSON, lambda _: body)})
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
