"""References inside a record's body: to other ids, or no longer made."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.models import RECORDS
from app.models.attribution import SelectorRole, SpeakerStatus, ViaKind
from app.models.base import Record, RecordType
from app.store import ledger

Mark = tuple[RecordType, str]
"""A reference as a document makes it, by type and id."""


def put(members: Any, pointer: str, value: str) -> None:
    """Set the member that a JSON pointer leads to."""
    *steps, last = [int(one) if one.isdigit() else one for one in pointer[1:].split("/")]
    for step in steps:
        members = members[step]
    members[last] = value


def rewritten(type: RecordType, body: str, changed: Mapping[Mark, str | None]) -> str:
    """A body that names other ids or, where there is none, no longer makes the reference."""
    record: Record = RECORDS[type].model_validate_json(body)
    members = orjson.loads(body)
    # From the last to the first, so that what is taken out of a list moves nothing still to come.
    for target in reversed(list(record.targets())):
        mark = (target.type, target.id)
        if mark not in changed:
            continue
        *steps, last = [int(one) if one.isdigit() else one for one in target.pointer[1:].split("/")]
        holders = [members]
        for step in steps:
            holders.append(holders[-1][step])
        if (id := changed[mark]) is not None:
            holders[-1][last] = id
        elif last in _ESSENTIAL:
            del holders[-2][steps[-1]]
        else:
            del holders[-1][last]
    if type is RecordType.attribution:
        _keep_places(members)
    for holder in (members, *members.get("figures", ())):
        for name in _ONCE & holder.keys():
            holder[name] = list(dict.fromkeys(holder[name]))
    return ledger.canonical(ledger.given(members)).decode()


_ONCE = {"topics", "about", "broader", "derived_from", "parties"}
"""Lists in which two ids that have become one stand once."""

_ESSENTIAL = {"organization", "statement"}
"""What a membership or relation cannot be without."""


def _keep_places(members: dict[str, Any]) -> None:
    """Let nobody who was named by reference only leave an empty place: selectors count them."""
    for name, least in (("speakers", _UNREAD), ("via", {"kind": ViaKind.other})):
        members[name] = [one or least for one in members.get(name, ())]
    addressees = members.get("addressees", [])
    if not all(addressees):  # nothing can be said of such a one, not even that it was there
        members["addressees"] = [one for one in addressees if one]
        for selector in members.get("selectors", ()):
            if selector["role"] == SelectorRole.addressee:
                selector.pop("index", None)


_UNREAD = {"status": SpeakerStatus.unresolved}
