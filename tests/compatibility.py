"""Whether clients of one OpenAPI document still work with another: what may only grow.

What is sent may be asked less of, what is answered may say more. A parameter or member that goes,
a value that is no longer taken, a member that may now be missing, another type: each breaks
somebody. New values in answers do not count: clients are told to expect them.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a client of `old` can no longer rely on in `new`, each with where it is."""
    return sorted(set(_Comparison(old, new).all()))


class _Comparison:
    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str, bool]] = set()

    def all(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method, operation in operations.items():
                where = f"{method.upper()} {path}"
                there = self.new["paths"].get(path, {}).get(method)
                if there is None:
                    yield f"{where}: is gone"
                    continue
                if there.get("operationId") != operation.get("operationId"):
                    yield f"{where}: has another operationId"
                yield from self.parameters(where, operation, there)
                yield from self.body(where, operation, there)
                yield from self.responses(where, operation, there)
                yield from self.security(where, operation, there)

    def parameters(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        mine = {(one["in"], one["name"]): one for one in old.get("parameters", ())}
        theirs = {(one["in"], one["name"]): one for one in new.get("parameters", ())}
        for key, parameter in mine.items():
            if key not in theirs:
                yield f"{where}: parameter {key[1]} is gone"
                continue
            there = theirs[key]
            place = f"{where}: parameter {key[1]}"
            yield from self.schema(place, parameter["schema"], there["schema"], sent=True)
        for key, parameter in theirs.items():
            if parameter.get("required") and not mine.get(key, {}).get("required"):
                yield f"{where}: parameter {key[1]} is now required"

    def body(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        mine, theirs = old.get("requestBody"), new.get("requestBody")
        if mine is None:
            if theirs is not None and theirs.get("required"):
                yield f"{where}: a body is now required"
            return
        for media_type, content in mine["content"].items():
            there = (theirs or {}).get("content", {}).get(media_type)
            if there is None:
                yield f"{where}: takes no more {media_type}"
            else:
                yield from self.schema(f"{where}: body", content["schema"], there["schema"], True)

    def responses(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        for status, response in old["responses"].items():
            if not status.startswith("2"):
                continue
            there = new["responses"].get(status)
            if there is None:
                yield f"{where}: no longer answers {status}"
                continue
            for name in response.get("headers", {}):
                if name not in there.get("headers", {}):
                    yield f"{where}: {status} has no header {name} any more"
            for media_type, content in response.get("content", {}).items():
                form = there.get("content", {}).get(media_type)
                if form is None:
                    yield f"{where}: {status} is no longer to be had as {media_type}"
                elif "schema" in content:
                    place = f"{where}: {status}"
                    yield from self.schema(place, content["schema"], form["schema"], sent=False)

    def security(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        if {} in old.get("security", [{}]) and {} not in new.get("security", [{}]):
            yield f"{where}: now needs a key"

    def schema(self, where: str, old: Schema, new: Schema, sent: bool) -> Iterator[str]:
        if "$ref" in old and "$ref" in new:
            if (old["$ref"], new["$ref"], sent) in self.seen:
                return
            self.seen.add((old["$ref"], new["$ref"], sent))
            where = f"{where} → {old['$ref'].rpartition('/')[2]}"
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        mine, theirs = _kinds(old), _kinds(new)
        if mine and theirs and (mine - theirs if sent else theirs - mine):
            yield f"{where}: was {_told(mine)}, is {_told(theirs)}"
            return
        yield from self.values(where, old, new, sent)
        yield from self.members(where, old, new, sent)
        if "items" in old and "items" in new:
            yield from self.schema(f"{where}[]", old["items"], new["items"], sent)
        yield from self.alternatives(where, old, new, sent)

    def values(self, where: str, old: Schema, new: Schema, sent: bool) -> Iterator[str]:
        if not sent:
            return
        gone = set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", ())))
        if "enum" in new and gone:
            yield f"{where}: no longer takes {', '.join(sorted(gone))}"
        for name in LOWER:
            if name in new and new[name] > old.get(name, float("-inf")):
                yield f"{where}: {name} was {old.get(name)}, is {new[name]}"
        for name in UPPER:
            if name in new and new[name] < old.get(name, float("inf")):
                yield f"{where}: {name} was {old.get(name)}, is {new[name]}"
        if new.get("pattern") and new["pattern"] != old.get("pattern"):
            yield f"{where}: has another pattern"

    def members(self, where: str, old: Schema, new: Schema, sent: bool) -> Iterator[str]:
        mine, theirs = old.get("properties", {}), new.get("properties", {})
        required, now = set(old.get("required", ())), set(new.get("required", ()))
        for name, schema in mine.items():
            if name not in theirs:
                yield f"{where}.{name}: is gone"
            else:
                yield from self.schema(f"{where}.{name}", schema, theirs[name], sent)
        for name in now - required if sent else ():
            yield f"{where}.{name}: is now required"
        for name in () if sent else (required - now) & theirs.keys():
            yield f"{where}.{name}: may now be missing"

    def alternatives(self, where: str, old: Schema, new: Schema, sent: bool) -> Iterator[str]:
        mine = [one for one in old.get("anyOf", ()) if one != {"type": "null"}]
        theirs = [one for one in new.get("anyOf", ()) if one != {"type": "null"}]
        if len(mine) == len(theirs):
            for one, there in zip(mine, theirs, strict=True):
                yield from self.schema(where, one, there, sent)


def _resolved(document: dict[str, Any], schema: Schema) -> Schema:
    while "$ref" in schema or len(schema.get("allOf", ())) == 1:
        if "$ref" not in schema:
            schema = {**schema["allOf"][0], **{k: v for k, v in schema.items() if k != "allOf"}}
            continue
        name = schema["$ref"].rpartition("/")[2]
        schema = {k: v for k, v in schema.items() if k != "$ref"} | document["components"][
            "schemas"
        ][name]
    return schema


def _kinds(schema: Schema) -> frozenset[str]:
    """The types that a value may have, where the schema says so."""
    if "type" in schema:
        kinds = schema["type"]
        return frozenset([kinds] if isinstance(kinds, str) else kinds)
    parts = [
        frozenset(["$ref"]) if "$ref" in one else _kinds(one) for one in schema.get("anyOf", ())
    ]
    return frozenset().union(*parts)


def _told(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))
