"""`make attack`: a great many requests that mean harm, in process, over the bundled record.

Each is put together at random from what the OpenAPI document says, its examples, and the corpus of
`tests/hostile.py`: any operation, parameters, headers, body, key. The same seed sends the same
requests. It counts and ends with an error at the first answer that is our fault, or a refusal that
is no problem or repeats what was sent. `ONRECORD_ATTACKS` (100,000), `ONRECORD_ATTACK_SEED` (1).
"""

import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter
from typing import Any
from urllib.parse import quote

import httpx2

from app.cli.serve import BUNDLED
from app.db import Database
from app.main import create_app
from app.models.api_key import Scope
from app.settings import Settings
from app.store import bulk, schema
from tests import hostile
from tests.test_hostile import NAMES, SECRET, check
from tests.test_writing import key_for

COUNT = int(os.environ.get("ONRECORD_ATTACKS", "100000"))
SEED = int(os.environ.get("ONRECORD_ATTACK_SEED", "1"))
TOGETHER = 8
"""Requests at once."""
HELD = {"wait"}
"""Parameters that only make it take long."""


class Attacker:
    """Puts requests together."""

    def __init__(self, document: dict[str, Any], key: str, chance: random.Random) -> None:
        self.operations = [
            (path, method, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        ]
        self.key = key
        self.chance = chance

    def request(self) -> tuple[str, str, dict[bytes, bytes], bytes | None, str]:
        """A method, address, headers and body; and what must not be repeated."""
        path, method, operation = self.chance.choice(self.operations)
        query, word, named = [], SECRET, set[str]()
        for one in operation.get("parameters", ()):
            if one["in"] == "path":
                value = self._path(one)
                path = path.replace(f"{{{one['name']}}}", value)
            elif one["in"] == "query" and one["name"] not in HELD:
                if not one.get("required") and self.chance.random() > 0.12:
                    continue
                value, hurts = self._value(one)
                query.append(f"{one['name']}={quote(value)}")
                if one["name"] in NAMES:
                    named.add(value)
                elif hurts and len(value) > 12:
                    word = value
        word = SECRET if word in named else word
        if self.chance.random() < 0.05:
            query.append(self.chance.choice(hostile.QUERIES))
        headers = self._headers()
        body = self._body(operation, headers) if "requestBody" in operation else None
        if self.chance.random() < 0.02:
            method = self.chance.choice(["HEAD", "OPTIONS", "TRACE", "POST", "DELETE", "PATCH"])
        return method.upper(), f"{path}?{'&'.join(query)}" if query else path, headers, body, word

    def _path(self, parameter: dict[str, Any]) -> str:
        if self.chance.random() < 0.2:
            return self.chance.choice([p for p in hostile.PATHS if p not in (".", "..")])
        return quote(str(self._known(parameter, "vladimir-putin")))

    def _value(self, parameter: dict[str, Any]) -> tuple[str, bool]:
        if self.chance.random() < 0.5:
            return self.chance.choice(hostile.WORDS), True
        schema = parameter["schema"]
        known = self._known(parameter, self.chance.choice(["1", "a", "2020-10", "vladimir-putin"]))
        schema = schema.get("items", schema)
        return str(self.chance.choice(schema.get("enum", [known]))), False

    def _known(self, parameter: dict[str, Any], otherwise: str) -> Any:
        given = [one["value"] for one in parameter.get("examples", {}).values()]
        given += [p["example"] for p in (parameter, parameter["schema"]) if "example" in p]
        found = self.chance.choice(given or [otherwise])
        return found[0] if isinstance(found, list) else found

    def _headers(self) -> dict[bytes, bytes]:
        headers = {b"Authorization": self.key.encode()} if self.chance.random() < 0.8 else {}
        if self.chance.random() < 0.3:
            headers[b"If-Match"] = self.chance.choice([b"*", b'"1-a"', b'"2-a"'])
        if self.chance.random() < 0.1:
            name, value = self.chance.choice(hostile.HEADERS)
            if name not in ("Content-Length", "Host"):
                headers[name.encode()] = value.encode("latin-1")
        return headers

    def _body(self, operation: dict[str, Any], headers: dict[bytes, bytes]) -> bytes:
        ((media_type, form), *_) = operation["requestBody"]["content"].items()
        if self.chance.random() < 0.95:
            headers[b"Content-Type"] = media_type.encode()
        example = form.get("example", {})
        if isinstance(example, str) or self.chance.random() < 0.3:
            small = [body for body in hostile.BODIES if len(body) < 10_000]
            return self.chance.choice(small)
        return json.dumps(self._spoilt(example)).encode()

    def _spoilt(self, value: Any) -> Any:
        """An example in which something may be wrong."""
        if self.chance.random() < 0.08:
            return self.chance.choice(
                [None, [], {}, 1.5, 2**63, -(2**70), True, [[]], self.chance.choice(hostile.WORDS)]
            )
        if isinstance(value, dict):
            return {
                (self.chance.choice(hostile.WORDS) if self.chance.random() < 0.02 else name): (
                    self._spoilt(one)
                )
                for name, one in value.items()
                if self.chance.random() > 0.03
            }
        return [self._spoilt(one) for one in value] if isinstance(value, list) else value


async def attack(database: Database, key: str) -> Counter[int]:
    """Send them all; how many answers of each status there were."""
    app = create_app(Settings(_env_file=None, rate_limit=""), database)
    attacker = Attacker(app.openapi(), key, random.Random(SEED))
    statuses: Counter[int] = Counter()
    transport = httpx2.ASGITransport(app, raise_app_exceptions=True)
    began, left = time.perf_counter(), COUNT

    async with httpx2.AsyncClient(transport=transport, base_url="http://attacked") as client:

        async def worker() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                method, url, headers, body, word = attacker.request()
                answer = await client.request(method, url, headers=headers, content=body)
                check(answer, (method, url, headers, (body or b"")[:300]), word)
                statuses[answer.status_code] += 1
                if (done := statuses.total()) % 10_000 == 0:
                    print(f"{done:,} in {time.perf_counter() - began:,.0f} s", flush=True)

        await asyncio.gather(*(worker() for _ in range(TOGETHER)))
    return statuses


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/attack.db", query_timeout=10)
        schema.migrate(database)
        with (BUNDLED / "karabakh-2020.ndjson").open("rb") as file:
            for _ in bulk.import_file(database, file, agent="attack"):
                pass
        key = key_for(database, *Scope)["Authorization"]
        statuses = asyncio.run(attack(database, key))
        database.close()
    told = ", ".join(f"{status} × {count:,}" for status, count in sorted(statuses.items()))
    print(f"{sum(statuses.values()):,} requests, none our fault: {told}")


if __name__ == "__main__":
    main()
