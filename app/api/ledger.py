"""`/v1/ledger`: what proves that nothing was silently changed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from app.api import respond
from app.api.auth import READING
from app.api.deps import Store
from app.api.documented import JSON, answers, problem
from app.api.route import Route
from app.errors import Fault, InvalidInput, NotFound
from app.models import REVISION
from app.models.base import Shape
from app.store import checkpoint, ledger, merkle, tree
from app.store.checkpoint import Signer, encoded

router = APIRouter(prefix="/v1/ledger", tags=["Ledger"], route_class=Route, dependencies=READING)

TEXT = "text/plain"
PLAIN = f"{TEXT}; charset=utf-8"
BIGGEST = 2**62


def signer(request: Request, store: Store) -> Signer:
    """Who signs here: asked of the store once."""
    state = request.app.state
    if state.signer is None:
        settings = state.settings
        state.signer = checkpoint.signer(store, settings.seed, settings.origin)
    found: Signer = state.signer
    return found


Signed = Annotated[Signer, Depends(signer)]


class FormatQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["text", "json"] | None = Field(
        None, description="Without it `Accept` decides, and of those equally welcome the text."
    )


class ProofQuery(FormatQuery):
    size: int | None = Field(
        None,
        ge=1,
        le=BIGGEST,
        description="Of which tree: the number of its entries. Absent: the newest.",
    )


class ConsistencyQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    from_: int = Field(
        alias="from",
        ge=0,
        le=BIGGEST,
        description="Size of the older tree, as in the checkpoint that you kept.",
        json_schema_extra={"example": 1},
    )
    to: int | None = Field(
        None, ge=0, le=BIGGEST, description="Size of the newer tree. Absent: the newest."
    )


Base64 = Annotated[str, Field(max_length=44)]


class CheckpointAnswer(Shape):
    """Where the ledger stands, signed."""

    origin: str
    """The name of this log."""
    size: int
    """How many revisions it has."""
    root_hash: Base64
    """The root of the Merkle tree over them (RFC 9162, SHA-256), in base64."""
    note: str
    """The signed text to keep: what `text/plain` answers."""
    key: str
    """The verifier key that checks the signature (C2SP signed-note)."""


class ProofAnswer(Shape):
    """The proof that one revision is in the ledger's tree."""

    seq: int
    """The revision."""
    index: int
    """Its place in the tree, from 0."""
    size: int
    """How many entries the tree has."""
    entry: str
    """The text that the tree holds for it: a JSON array of its seq, recorded_at, type, id,
    version, change, reason, agent, hash of the body and hash of the revision before."""
    leaf_hash: Base64
    """SHA-256 of a zero byte and the entry."""
    hashes: list[Base64]
    """The inclusion proof (RFC 9162, 2.1.3), from the leaf's neighbour up."""
    root_hash: Base64
    """The root that it leads to."""


class ConsistencyAnswer(Shape):
    """The proof that a newer tree begins with an older one."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    from_: Annotated[int, Field(alias="from")]
    """Size of the older tree."""
    to: int
    """Size of the newer tree."""
    from_root_hash: Base64
    to_root_hash: Base64
    hashes: list[Base64]
    """The consistency proof (RFC 9162, 2.1.4); empty where the sizes are the same or from 0."""


_HASH = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
_NOTE = f"example.com/foo\n0\n{_HASH}\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfX\n"
_ENTRY = (
    '[1,"2026-11-24T08:15:30.123456Z","topic","casualties",1,"created",null,"bundled record",'
    f'"{"0" * 64}",null]'
)


def _text(description: str, example: str, most: int) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": most, "description": description}
    return {TEXT: {"schema": schema, "example": example}}


@router.get(
    "/checkpoint",
    **answers(
        "get_checkpoint",
        "Where the ledger stands, signed",
        CheckpointAnswer,
        {"origin": "example.com/foo", "size": 0, "root_hash": _HASH, "note": _NOTE, "key": _KEY},
        _text("A checkpoint (C2SP tlog-checkpoint), to be kept as it is.", _NOTE, 10_000),
    ),
)
def get_checkpoint(
    request: Request,
    store: Store,
    signer: Signed,
    asked: Annotated[FormatQuery, Query()],  # noqa: ARG001  # respond reads it off the request
) -> Response:
    """The size and the root hash of the Merkle tree over all revisions, signed with Ed25519.

    Keep it, outside this service: whoever holds a checkpoint can have it proved that the ledger
    still begins with the same revisions (`/v1/ledger/consistency`, or `onrecord verify
    --checkpoint`). Nobody can change, reorder or drop one of these and pass.
    """
    with store.reader() as reader:
        at = checkpoint.of(reader, signer.origin)
    note = signer.sign(str(at))
    answer = CheckpointAnswer(
        origin=at.origin,
        size=at.size,
        root_hash=encoded(at.root),
        note=note,
        key=str(signer.public),
    )
    return _either(request, note, answer)


@router.get(
    "/key",
    **answers(
        "get_ledger_key",
        "The key that checks checkpoints",
        CheckpointAnswer,
        {},
    )
    | {
        "response_model": None,
        "response_class": Response,
        "responses": {
            200: {
                "description": "A verifier key (C2SP signed-note): name, id and key.",
                "content": {
                    TEXT: {"schema": {"type": "string", "maxLength": 1_000}, "example": f"{_KEY}\n"}
                },
            },
            406: problem("No such representation."),
            422: problem("A parameter does not fit; `errors` names it."),
            503: problem("The store cannot answer now."),
        },
    },
)
def get_key(request: Request, signer: Signed) -> Response:
    """The public key, as `onrecord verify --key` takes it. Take it once and keep it: a key that is
    fetched with each checkpoint proves nothing.
    """
    return respond.document(request, {"text": (PLAIN, lambda _: f"{signer.public}\n".encode())})


_missing = {404: problem("The ledger has no such revision.")}
_proof = answers(
    "get_inclusion_proof",
    "Proof that a revision is in the ledger",
    ProofAnswer,
    {
        "seq": 1,
        "index": 0,
        "size": 1,
        "entry": _ENTRY,
        "leaf_hash": encoded(merkle.leaf(_ENTRY.encode())),
        "hashes": [],
        "root_hash": encoded(merkle.leaf(_ENTRY.encode())),
    },
    _text(
        "A C2SP tlog-proof: index, hashes and signed checkpoint.",
        f"c2sp.org/tlog-proof@v1\nindex 0\n\n{_NOTE}",
        20_000,
    ),
)
_proof["responses"] |= _missing


@router.get("/entries/{seq}/proof", **_proof)
def get_inclusion_proof(
    request: Request,
    store: Store,
    signer: Signed,
    seq: Annotated[
        int,
        Path(
            ge=1,
            le=BIGGEST,
            description="The revision's number in the ledger.",
            openapi_examples={"first": {"summary": "The first one", "value": 1}},
        ),
    ],
    asked: Annotated[ProofQuery, Query()],
) -> Response:
    """That a revision is in the tree, checked with its entry, the path and a checkpoint's root.

    The entry names the body only by its hash, so it stays the same when the words are redacted.
    JSON gives the entry too; the text form holds the signed checkpoint of that size.
    """
    with store.reader() as reader:
        size = _size(reader, asked.size, "size")
        if seq > size:
            detail = "is smaller than the revision's number; the tree must hold it"
            if asked.size is None or seq > ledger.head(reader).seq:
                raise NotFound(f"The ledger has {size} revisions, and this is none of them.")
            raise InvalidInput.of(Fault(detail, "too_small", parameter="size"))
        row = reader.execute(select(REVISION).where(REVISION.c.seq == seq)).first()
        if row is None:
            raise NotFound("The ledger has lost this revision; `onrecord verify` says more.")
        stored = tree.Stored(reader)
        path = list(map(encoded, merkle.inclusion(stored, seq - 1, size)))
        at = checkpoint.Checkpoint(signer.origin, size, merkle.root(stored, size))
    entry = ledger.entry(row._mapping)
    answer = ProofAnswer(
        seq=seq,
        index=seq - 1,
        size=size,
        entry=entry.decode(),
        leaf_hash=encoded(merkle.leaf(entry)),
        hashes=path,
        root_hash=encoded(at.root),
    )
    lines = ["c2sp.org/tlog-proof@v1", f"index {seq - 1}", *path, "", signer.sign(str(at))]
    return _either(request, "\n".join(lines), answer, first="json")


@router.get(
    "/consistency",
    **answers(
        "get_consistency_proof",
        "Proof that the ledger only grew",
        ConsistencyAnswer,
        {"from": 0, "to": 0, "from_root_hash": _HASH, "to_root_hash": _HASH, "hashes": []},
    ),
)
def get_consistency_proof(
    request: Request, store: Store, asked: Annotated[ConsistencyQuery, Query()]
) -> Response:
    """That the tree of `to` revisions begins with the tree of `from` revisions: between two
    checkpoints, only something was added.
    """
    with store.reader() as reader:
        old, new = _size(reader, asked.from_, "from"), _size(reader, asked.to, "to")
        if old > new:
            detail = "is larger than `to`; the older tree is the smaller one"
            raise InvalidInput.of(Fault(detail, "too_large", parameter="from"))
        stored = tree.Stored(reader)
        answer = ConsistencyAnswer(
            from_=old,
            to=new,
            from_root_hash=encoded(merkle.root(stored, old)),
            to_root_hash=encoded(merkle.root(stored, new)),
            hashes=list(map(encoded, merkle.consistency(stored, old, new))),
        )
    body = answer.model_dump_json().encode()
    return respond.document(request, {"json": (JSON, lambda _: body)})


def _size(reader: Connection, asked: int | None, name: str) -> int:
    size = ledger.head(reader).seq
    if asked is None:
        return size
    if asked > size:
        detail = f"is larger than the ledger, which has {size} revisions"
        raise InvalidInput.of(Fault(detail, "too_large", parameter=name))
    return asked


def _either(request: Request, text: str, answer: Shape, first: str = "text") -> Response:
    """The text, or the JSON; the first is what a client gets that takes both."""
    forms = {
        "text": (PLAIN, lambda _: text.encode()),
        "json": (JSON, lambda _: answer.model_dump_json().encode()),
    }
    return respond.document(request, {first: forms[first], **forms})
