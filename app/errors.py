"""What can go wrong, told so that the reader can mend it.

Problem
├── Redirected          308  the record was merged into another
├── InvalidInput        422  a parameter, header, body or line does not fit
│   └── InvalidSyntax   400  it cannot even be read (not JSON, not UTF-8)
├── Unauthorized        401  no key, or one that is not (or no longer) ours
├── Forbidden           403  the key may not do this
├── NotFound            404
├── MethodNotAllowed    405
├── NotAcceptable       406
├── TimedOut            408  the request did not come in time
├── Conflict            409
├── Gone                410  retracted or redacted
├── Stale               412  the record has moved on since it was read
├── TooLarge            413
├── AddressTooLong      414
├── UnsupportedMedia    415
├── Misdirected         421  a host that is not served here
├── Unconditional       428  the change does not say which version it is of
├── TooMany             429  more requests than the limit allows
├── HeadTooLarge        431
├── Unavailable         503  try again later
│   ├── Busy                 more requests at once than are worked on
│   ├── TooSlow              the question took longer than is allowed
│   ├── Locked               another process is writing
│   ├── ReadOnly             the database cannot be written to
│   └── NotMigrated          the tables are missing, or older or newer than this program
└── Internal            500  our fault

Status, title and the slug of the `type` URI live on the class (RFC 9457); what each kind means, and
what to do, stands in `docs/problems.md`. `detail` says what is wrong in this case and how to mend
it. Nothing here knows of HTTP libraries or databases.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, which kind, and how to mend it.

    `pointer` is an RFC 6901 JSON pointer into the body or line; `parameter` names a query
    parameter, path parameter or header. Values that came in are never repeated, names are, cut
    at 100 characters.
    """

    detail: str
    code: str = "invalid"
    pointer: str | None = None
    parameter: str | None = None

    def as_dict(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        where = self.pointer or self.parameter
        return f"{where}: {self.detail}" if where else self.detail


class Problem(Exception):
    """Anything that a caller must be told, with the status that an HTTP answer gives it."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str,
        faults: tuple[Fault, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}

    def as_dict(self) -> dict[str, Any]:
        """The members of an RFC 9457 problem, `request_id` excepted."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            document["errors"] = [fault.as_dict() for fault in self.faults]
        return document

    def __str__(self) -> str:
        return "; ".join([str(fault) for fault in self.faults]) or self.detail


class InvalidInput(Problem):
    status = 422
    slug = "invalid-input"
    title = "The request does not fit the contract"

    @classmethod
    def of(cls, *faults: Fault, later: str = "") -> "InvalidInput":
        """`later` says what has not been looked at yet."""
        many = "" if len(faults) == 1 else f" (and {len(faults) - 1} more, see errors)"
        return cls(f"{faults[0]}{many}{later and f'. {later}'}", faults)


class InvalidSyntax(InvalidInput):
    status = 400
    slug = "invalid-syntax"
    title = "The request cannot be read"


class Unauthorized(Problem):
    """Send a key as `Authorization: Bearer KEY`; `onrecord keys create` makes one."""

    status = 401
    slug = "unauthorized"
    title = "A valid key is needed"


class Forbidden(Problem):
    """The key is valid, but its scopes do not allow this; `onrecord keys list` shows them."""

    status = 403
    slug = "forbidden"
    title = "The key may not do this"


class NotFound(Problem):
    status = 404
    slug = "not-found"
    title = "There is nothing here"


class MethodNotAllowed(Problem):
    status = 405
    slug = "method-not-allowed"
    title = "This path does not take that method"


class NotAcceptable(Problem):
    status = 406
    slug = "not-acceptable"
    title = "No representation that was asked for can be given"


class Conflict(Problem):
    status = 409
    slug = "conflict"
    title = "The record is not in a state that allows this"


class Gone(Problem):
    status = 410
    slug = "gone"
    title = "The record was taken out"


class Redirected(Problem):
    """The record lives on under another id; an answer carries `Location`."""

    status = 308
    slug = "merged"
    title = "The record was merged into another"


class Stale(Problem):
    """Read the record again, make the change to what it is now, and send that version's ETag."""

    status = 412
    slug = "stale"
    title = "The record is not at the version that was named"


class TooLarge(Problem):
    status = 413
    slug = "too-large"
    title = "The request is larger than this service takes"


class TimedOut(Problem):
    """The rest of the request did not come in time; the connection is closed."""

    status = 408
    slug = "timed-out"
    title = "The request did not arrive in time"


class AddressTooLong(Problem):
    """The path and query together are longer than this service takes."""

    status = 414
    slug = "address-too-long"
    title = "The address is longer than this service takes"


class UnsupportedMedia(Problem):
    status = 415
    slug = "unsupported-media-type"
    title = "The body's media type is not one that this path takes"


class Misdirected(Problem):
    """The `Host` of the request is not among those that the operator names."""

    status = 421
    slug = "misdirected"
    title = "This host is not served here"


class Unconditional(Problem):
    """Send the ETag of the version that you have read as `If-Match`, so that nobody's change is
    lost (RFC 6585)."""

    status = 428
    slug = "precondition-required"
    title = "The change must say which version it is of"


class TooMany(Problem):
    """More requests came from one address, or with one key, than the limit allows.

    `RateLimit` and `RateLimit-Policy` say how many are left, `Retry-After` when to come back.
    """

    status = 429
    slug = "too-many-requests"
    title = "Too many requests"


class HeadTooLarge(Problem):
    """The headers are more, or longer, than this service takes."""

    status = 431
    slug = "head-too-large"
    title = "The headers are larger than this service takes"


class Unavailable(Problem):
    status = 503
    slug = "unavailable"
    title = "The service cannot answer now"

    def __init__(
        self,
        detail: str,
        faults: tuple[Fault, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail, faults, {"Retry-After": "2", **(headers or {})})


class Locked(Unavailable):
    """Another process holds the write lock for longer than `ONRECORD_BUSY_TIMEOUT`."""

    slug = "locked"
    title = "Another is writing"


class Busy(Unavailable):
    """More requests are being worked on than `ONRECORD_CONCURRENCY` allows."""

    slug = "busy"
    title = "The service is busy"


class TooSlow(Unavailable):
    """The question took the database longer than `ONRECORD_QUERY_TIMEOUT`, and was given up."""

    slug = "too-slow"
    title = "The question takes too long"


class ReadOnly(Unavailable):
    """The database file or server does not accept writes."""

    slug = "read-only"
    title = "The store cannot be written to"


class NotMigrated(Unavailable):
    """The tables do not fit this version of the program."""

    slug = "not-migrated"
    title = "The tables do not fit this version"


class Internal(Problem):
    """Our own fault: the detail says nothing of the inside."""


def short(name: object, limit: int = 100) -> str:
    """A name as it may be repeated in a message: at most `limit` characters, all printable."""
    text = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(name)
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"
