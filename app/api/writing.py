"""Writing: a record created, replaced, changed, taken out, merged into another.

The five collections are written alike, so their routes are written once. Each takes one
transaction: what is answered was rendered inside it, and is sent after its commit.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from app.api import respond, sent
from app.api.auth import Writes, demand_admin
from app.api.collections import COLLECTIONS, Collection
from app.api.conditions import (
    Changed,
    Created,
    If,
    IfOrNew,
    JsonBody,
    Once,
    PatchBody,
    Withdrawn,
    parsed,
)
from app.api.deps import ONCE, Store, example
from app.api.documented import writes
from app.api.turns import Change
from app.db import Writer
from app.errors import InvalidInput
from app.models.base import RecordType
from app.models.revision import ChangeKind
from app.store import edit, idempotency, merge, parse, read, withdraw
from app.store.edit import Why
from app.store.query import Shown
from app.store.write import Result

_SOURCE, _PUTIN = "fighting-rages-in-nagorno-karabakh", "vladimir-putin"
_FADING = "hopes for a diplomatic solution are fading"
_ON_EACH_SIDE = "putin-more-than-2000-casualties-on-each-side"

NEW: dict[RecordType, dict[str, Any]] = {
    RecordType.actor: {"kind": "organization", "name": "OSCE Minsk Group"},
    RecordType.topic: {
        "kind": "place",
        "pref_labels": {"az": "Laçın", "en": "Lachin", "hy": "Լաչին", "ru": "Лачин"},
        "alt_labels": [{"label": "Berdzor", "lang": "en"}, {"label": "Բերձոր", "lang": "hy"}],
    },
    RecordType.source: {
        "kind": "official_document",
        "title": "Resolution 822 (1993)",
        "lang": "en",
        "published_at": "1993-04-30",
    },
    RecordType.statement: {
        "content": _FADING,
        "lang": "en",
        "speech_act": "opinion",
        "topics": ["nagorno-karabakh"],
        "attributions": [
            {
                "source": _SOURCE,
                "speakers": [{"status": "document"}],
                "quoted_text": _FADING,
                "lang": "en",
                "selectors": [{"role": "content", "exact": _FADING}],
            }
        ],
    },
    RecordType.attribution: {
        "statement": _ON_EACH_SIDE,
        "source": _SOURCE,
        "speakers": [{"actor": _PUTIN, "attribution_text": "Putin", "status": "named"}],
        "cue": "told",
        "quotation_type": "direct",
    },
}
"""Examples of what may be created over the bundled record."""

TWICE: dict[RecordType, tuple[str, dict[str, Any], str]] = {
    RecordType.actor: ("putin", {"kind": "person", "name": "Putin"}, _PUTIN),
    RecordType.topic: (
        "karabakh",
        {"kind": "place", "pref_labels": {"en": "Karabakh"}},
        "nagorno-karabakh",
    ),
    RecordType.source: (
        "fighting-rages",
        {"kind": "article", "title": "Fighting Rages in Nagorno-Karabakh on Eve of US Talks"},
        _SOURCE,
    ),
    RecordType.statement: (
        "more-than-2000-on-each-side",
        {"content": "more than 2,000 on each side", "lang": "en"},
        _ON_EACH_SIDE,
    ),
    RecordType.attribution: (
        "fighting-rages:more-than-2000-on-each-side",
        {"statement": _ON_EACH_SIDE, "source": _SOURCE},
        "fighting-rages:putin-more-than-2000-casualties-on-each-side",
    ),
}
"""Examples of records that are put under an id, and turn out to be there already: under which."""

PATCHES: dict[RecordType, dict[str, Any]] = {
    RecordType.actor: {"description": "Named in the bundled record."},
    RecordType.topic: {"pref_labels": {"fr": "Haut-Karabagh"}},
    RecordType.source: {"extent": "full"},
    RecordType.statement: {"mode": "speech"},
    RecordType.attribution: {"status": "reviewed"},
}


def routes(one: Collection) -> APIRouter:
    """The writing routes that a collection shares with the others."""
    router = APIRouter(
        prefix=f"/v1/{one.name}",
        tags=[one.name.capitalize()],
        route_class=Change,
        dependencies=[ONCE],
    )
    new_id, twice, heir = TWICE[one.type]
    a_record = f"{'an' if one.type.startswith('a') else 'a'} {one.type}"
    present = Annotated[str, example(one.example)]
    fresh = Annotated[
        str, example(new_id, "A new one; when it was made, If-Match is asked for (428)")
    ]
    put = Annotated[
        str, example(new_id, "Made by the example of PUT; before that it is not there (404)")
    ]
    gone = Annotated[
        str, example(new_id, "Merged by the example of POST; before that it is not (404, 409)")
    ]

    @router.post(
        "",
        **writes(f"create_{one.type}", f"Create {a_record}", one.answer, creates=True),
        openapi_extra=sent.body(one.type, NEW[one.type]),
    )
    def create_record(
        request: Request,
        store: Store,
        key: Writes,
        body: JsonBody,
        once: Once,
        asked: Annotated[Created, Query()],
    ) -> Response:
        """Creates it under the id that it brings, or under one that the server makes. References
        may be ids, or the objects in which they are answered. A statement may carry its
        attributions, and these their figures: all of it is written, or nothing."""

        def create(writer: Writer) -> str:
            return edit.create(writer, one.type, parsed(body), Why(key.name, asked.reason))

        return _once(request, store, one, once, 201, create)

    @router.put(
        "/{id}",
        **writes(f"replace_{one.type}", f"Create or replace {a_record}", one.answer, puts=True),
        openapi_extra=sent.body(one.type, twice),
    )
    def replace_record(
        request: Request,
        store: Store,
        key: Writes,
        id: fresh,
        body: JsonBody,
        expected: IfOrNew,
        asked: Annotated[Changed, Query()],
    ) -> Response:
        """Puts a record under its id: a new one (201), or in the place of the one that is there
        (200), whose ETag `If-Match` must then name. What was read can be sent back. Reports that a
        statement carries are created or replaced with it; those that it leaves out stay."""
        why = Why(key.name, asked.reason, asked.change)
        with store.writer() as writer:
            result = edit.replace_record(writer, one.type, id, parsed(body), expected, why)
            return _answer(request, writer, one, id, 201 if result is Result.created else 200)

    @router.patch(
        "/{id}",
        **writes(f"patch_{one.type}", f"Change {a_record}", one.answer),
        openapi_extra=sent.patch(PATCHES[one.type]),
    )
    def patch_record(
        request: Request,
        store: Store,
        key: Writes,
        id: present,
        body: PatchBody,
        expected: If,
        asked: Annotated[Changed, Query()],
    ) -> Response:
        """Changes the members that are given (JSON Merge Patch, RFC 7396): null takes one out, a
        list is replaced whole. `If-Match` must name the ETag of the record as it was read."""
        why = Why(key.name, asked.reason, asked.change)
        with store.writer() as writer:
            edit.patch(writer, one.type, id, parsed(body), expected, why)
            return _answer(request, writer, one, id, 200)

    @router.delete("/{id}", **writes(f"delete_{one.type}", f"Take {a_record} out", None, ends=True))
    def delete_record(
        store: Store,
        key: Writes,
        id: put,
        expected: If,
        asked: Annotated[Withdrawn, Query()],
    ) -> Response:
        """Takes it out of the lists; its id answers 410 with the reason. Its history stays, but
        for `change=redacted`, which takes the words out of that, too, and out of what was merged
        into it and, for a statement, out of its reports. `If-Match` must name the ETag of the
        record as it was read; for one that was taken out or merged before, `*` will do."""
        redacts = asked.change is ChangeKind.redacted
        if redacts:
            demand_admin(key)
        end = withdraw.redact if redacts else withdraw.retract
        with store.writer() as writer:
            end(writer, one.type, id, expected, Why(key.name, asked.reason))
        if redacts:
            store.scrub()
        return Response(status_code=204)

    @router.post(
        "/{id}/merge",
        **writes(f"merge_{one.type}", f"Merge {a_record} into another", one.answer),
        openapi_extra=sent.described(
            sent.Merger, {"into": heir, "reason": "Entered twice under two ids"}
        ),
    )
    def merge_record(
        request: Request,
        store: Store,
        key: Writes,
        id: put,
        body: JsonBody,
        once: Once,
        expected: If,
        asked: Annotated[Created, Query()],
    ) -> Response:
        """Says that two records are one. The merged one's id leads to the survivor (308), which is
        answered, and every record that named it gets a new version that names the survivor."""
        members = parsed(body)
        if isinstance(members, dict):  # the survivor may be named as it was answered
            if isinstance(into := members.get("into"), dict):
                members["into"] = into.get("id")
            if asked.reason is not None:
                members.setdefault("reason", asked.reason)
        try:
            merger = sent.Merger.model_validate(members)
        except ValidationError as error:
            raise InvalidInput.of(*parse.faults_of(error)) from None

        def join(writer: Writer) -> str:
            why = Why(key.name, merger.reason)
            merge.merge(writer, one.type, id, merger.into, expected, why)
            return merger.into

        return _once(request, store, one, once, 200, join)

    @router.delete(
        "/{id}/merge", **writes(f"unmerge_{one.type}", "Undo a merger", one.answer, ends=True)
    )
    def unmerge_record(
        request: Request,
        store: Store,
        key: Writes,
        id: gone,
        asked: Annotated[Created, Query()],
    ) -> Response:
        """The merged record stands again as it was, and is named again where the merger changed
        its name to the survivor's."""
        with store.writer() as writer:
            merge.undo(writer, one.type, id, Why(key.name, asked.reason))
            return _answer(request, writer, one, id, 200)

    return router


routers = [routes(one) for one in COLLECTIONS]


def _answer(
    request: Request,
    writer: Writer,
    one: Collection,
    id: str,
    status: int,
    after: int | None = None,
) -> Response:
    """The record as it stands now, or after a revision, in the form that was asked for."""
    response = respond.record(request, read.one(writer, one.type, id, Shown(), after), one.answer)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    # The answer is the record, whose ETag it carries, not a report on the request (RFC 9110, 8.7).
    response.headers["Content-Location"] = f"/v1/{one.name}/{id}"
    if status == 201:
        response.headers["Location"] = f"/v1/{one.name}/{id}"
    return response


def _once(
    request: Request,
    store: Store,
    one: Collection,
    once: idempotency.Request | None,
    status: int,
    act: Callable[[Writer], str],
) -> Response:
    """Do what was asked for, which gives the id of the record to answer, unless the same request
    did it before: then answer as it was answered."""
    with store.writer() as writer:
        if once and (done := idempotency.done(writer, once)):
            response = _answer(request, writer, one, done.id, done.status, done.seq)
            response.headers["Idempotency-Replayed"] = "true"
            return response
        id = act(writer)
        if once:
            idempotency.keep(writer, once, status, one.type, id)
        return _answer(request, writer, one, id, status)
