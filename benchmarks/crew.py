"""Clients that write to a server, ask again until they are answered, and remember every answer.

Each writer is the only one that changes its records, so it knows what must stand there. What the
server acknowledged must be found afterwards: `check` looks for all of it.
"""

import http.client
import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.db import Database
from app.models.api_key import Scope
from app.store import keys, ledger, project
from tests.factories import dump
from tests.serving import ONRECORD

SETTINGS: dict[str, Any] = {
    "ONRECORD_BUNDLED_RECORD": "false",
    "ONRECORD_RATE_LIMIT": "",
    "ONRECORD_LOG_LEVEL": "error",
}
PATIENCE = 90.0
"""Seconds for which one request is sent again and again."""
JSON = {"Content-Type": "application/json"}
PATCH = {"Content-Type": "application/merge-patch+json"}
UNSENT = (OSError, http.client.HTTPException)
"""What a connection raises that has broken."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def members(self) -> Any:
        return json.loads(self.body)


class Client:
    """A connection of one's own, made again when it breaks."""

    def __init__(self, port: int, key: str | None = None, timeout: float = 30.0) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request. Raises one of `UNSENT` where there is no whole answer."""
        try:
            self.connection.request(method, path, body, {**self.headers, **(headers or {})})
            answer = self.connection.getresponse()
            given = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, given, answer.read())
        except UNSENT:
            self.connection.close()
            raise


class Insisted(NamedTuple):
    answer: Answer
    tries: int
    refused: int
    """How many of these were answered 503."""


def insist(
    client: Client,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    *,
    tell: Callable[[str], None] = lambda _what: None,
) -> Insisted:
    """Send a request until it is answered with anything but 503. `tell` hears at once of each
    `refused` (503) and `broken` try."""
    end, refused = time.monotonic() + PATIENCE, 0
    for tries in itertools.count(1):
        try:
            answer = client.ask(method, path, body, headers)
        except UNSENT:
            tell("broken")
            if time.monotonic() > end:
                raise
        else:
            if answer.status != 503:
                return Insisted(answer, tries, refused)
            if "retry-after" not in answer.headers:
                raise RuntimeError("503 without Retry-After")
            if time.monotonic() > end:
                raise RuntimeError(f"503 for {PATIENCE} s: {answer.body[:300]!r}")
            refused += 1
            tell("refused")
        time.sleep(0.05)
    raise AssertionError


class Follower(threading.Thread):
    """Reads the change feed as it grows, goes on where it broke off, and tells gaps and repeats."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__(daemon=True)
        self.client = Client(port, key)
        self.seen: list[int] = []
        self.faults: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        try:
            while True:
                ending = self.ending.is_set()
                last = self.seen[-1] if self.seen else 0
                path = f"/v1/changes?since={last}&limit=100&wait={0 if ending else 0.5}"
                items = insist(self.client, "GET", path).answer.members["items"]
                self.seen += [one["seq"] for one in items]
                if ending and not items:
                    return
        except Exception as error:  # whatever ends it early is told at the end
            self.faults.append(f"the feed: {error!r}")

    def finish(self) -> list[str]:
        """What was wrong, once it has read to the end."""
        self.ending.set()
        self.join(PATIENCE)
        if self.seen != list(range(1, len(self.seen) + 1)):
            self.faults.append("the feed has a gap or a repeat")
        return self.faults


@dataclass(slots=True)
class Post:
    """A record whose creation was acknowledged: what was sent, what was answered."""

    path: str
    key: str
    sent: bytes
    answer: Answer
    version: int = 1
    name: str = ""
    """What its member `description` was last set to, by an acknowledged change."""


@dataclass
class Crew:
    """So many writers on a server, which may die under them."""

    port: int
    key: str
    writers: int = 4
    posts: list[Post] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """`acknowledged`; tries that were `broken` off or `refused` (503), and how many of these had
    been done nevertheless (`replayed`)."""
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True)
            for number in range(self.writers)
        ]
        self._follower = Follower(self.port, self.key)

    def start(self) -> None:
        self._follower.start()
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every request that was begun come to its answer."""
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE * 2)
            if thread.is_alive():
                self.faults.append("a writer was never answered")
        self.faults += self._follower.finish()

    @property
    def acknowledged(self) -> int:
        return self.counts["acknowledged"]

    # --- writing --------------------------------------------------------------------------------

    def _write(self, number: int) -> None:
        chance, client = random.Random(number), Client(self.port, self.key)
        mine: list[Post] = []
        try:
            while not self.stop.is_set():
                if mine and chance.random() < 0.3:
                    self._patch(client, chance.choice(mine[-50:]), chance)
                else:
                    mine.append(self._post(client, f"{number}-{len(mine)}", chance))
        except Exception as error:  # whatever ends a writer early is told at the end
            self.faults.append(f"writer {number}: {error!r}")

    def _post(self, client: Client, key: str, chance: random.Random) -> Post:
        if chance.random() < 0.8:
            path, members = "/v1/actors", {"kind": "person", "name": f"Writer {key}"}
        else:  # several records at once, all or nothing
            report: dict[str, Any] = {"source": "crew", "cue": "said", "quoted_text": key}
            path = "/v1/statements"
            members = {"content": f"Said {key}", "attributions": [report, report]}  # type: ignore[dict-item]  # any JSON
        sent = json.dumps(members).encode()
        headers = {**JSON, "Idempotency-Key": key}
        answer, again = self._until_answered(client, "POST", path, sent, headers)
        if answer.status != 201:
            raise RuntimeError(f"{answer.status} to a POST: {answer.body[:300]!r}")
        replayed = answer.headers.get("idempotency-replayed") == "true"
        if replayed and not again:
            raise RuntimeError("a request was answered as a replay that was sent once")
        post = Post(path, key, sent, answer)
        with self._lock:
            self.counts["acknowledged"] += 1
            self.counts["replayed"] += replayed
            self.posts.append(post)
        return post

    def _patch(self, client: Client, post: Post, chance: random.Random) -> None:
        if post.path != "/v1/actors":
            return
        name = f"{post.key} {chance.random()}"
        path = f"{post.path}/{post.answer.members['id']}"
        headers = {**PATCH, "If-Match": f'"{post.version}-x"'}
        sent = json.dumps({"description": name}).encode()
        answer, again = self._until_answered(client, "PATCH", path, sent, headers)
        if answer.status == 412 and again:  # perhaps it was done, and the answer was lost
            answer, _ = self._until_answered(client, "GET", path, None, {})
            done = answer.members["description"] == name
            with self._lock:
                self.counts["replayed"] += done
            if not done:
                raise RuntimeError("a change by nobody stands in a record")
        if answer.status != 200 or answer.members["version"] != post.version + 1:
            raise RuntimeError(f"{answer.status} to a PATCH: {answer.body[:300]!r}")
        with self._lock:
            self.counts["acknowledged"] += 1
        post.version, post.name = post.version + 1, name

    def _until_answered(
        self, client: Client, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[Answer, bool]:
        """The answer, and whether the request had to be sent more than once."""
        answer, tries, _ = insist(client, method, path, body, headers, tell=self._tell)
        return answer, tries > 1

    def _tell(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    # --- afterwards -----------------------------------------------------------------------------

    def check(self) -> None:
        """Ask for everything that was acknowledged, and send every request again."""
        client = Client(self.port, self.key)
        for post in self.posts:
            headers = {**JSON, "Idempotency-Key": post.key}
            again = client.ask("POST", post.path, post.sent, headers)
            if (again.status, again.body) != (post.answer.status, post.answer.body):
                self.faults.append(f"{post.key} is answered otherwise: {again.status}")
            if again.headers.get("idempotency-replayed") != "true":
                self.faults.append(f"{post.key} is done again")
            there = client.ask("GET", f"{post.path}/{post.answer.members['id']}")
            if there.status != 200:
                self.faults.append(f"{post.key} is lost: {there.status}")
            elif there.members["version"] != post.version:
                self.faults.append(f"{post.key} is at another version than was answered")
            elif post.name and there.members["description"] != post.name:
                self.faults.append(f"{post.key} has lost its change")
        for path in ("/v1/actors", "/v1/statements"):
            made = sum(post.path == path for post in self.posts)
            count = client.ask("GET", f"{path}?count=exact&limit=1").members["count"]
            if count != made:
                self.faults.append(f"{path}: {count} records, {made} acknowledged")


def enter(database: Database, name: str = "crew") -> str:
    """A key for the crew, in a migrated store."""
    with database.writer() as writer:
        _, text = keys.create(writer, name, list(Scope))
    return text


def prepare(port: int, key: str) -> None:
    """The source that the crew's statements stand in."""
    body = json.dumps({"kind": "other", "title": "Crew"}).encode()
    answer = Client(port, key).ask("PUT", "/v1/sources/crew", body, JSON)
    assert answer.status == 201, answer.body


def sound(
    database: Database, environment: dict[str, str], *, rebuilt: bool = True
) -> Iterable[str]:
    """What is wrong with a store that nobody serves: its file, its ledger and, where it is small
    enough to be made again and compared, its tables."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            for pragma in ("integrity_check", "foreign_key_check"):
                rows = connection.exec_driver_sql(f"PRAGMA {pragma}").fetchall()
                if [tuple(row) for row in rows] not in ([("ok",)], []):
                    yield f"{pragma}: {rows[:3]}"
    run = subprocess.run([ONRECORD, "verify"], env=environment, capture_output=True, check=False)
    if run.returncode:
        yield f"onrecord verify: {run.stdout.decode()[-500:]}{run.stderr.decode()[-500:]}"
    if not rebuilt:
        return
    before = dump(database)
    with database.writer() as writer:
        for _ in project.rebuild(writer):
            pass
    after = dump(database)
    yield from (f"{name} is rebuilt otherwise" for name in before if before[name] != after[name])
    with database.reader() as reader:
        head = ledger.head(reader).seq
        last = [one for one in ledger.verify(reader) if isinstance(one, int)][-1]
    if head != last:
        yield "the ledger is shorter than its head says"


def report(name: str, figures: Mapping[str, object], faults: list[str]) -> bool:
    """Print what was measured; whether all is well."""
    told = ", ".join(
        f"{value:,} {key}" if isinstance(value, int) else f"{value} {key}"
        for key, value in figures.items()
    )
    print(f"{name}: {told}", flush=True)
    for fault in faults[:20]:
        print(f"  WRONG: {fault}", file=sys.stderr, flush=True)
    print(f"  {'well' if not faults else f'{len(faults)} things are wrong'}", flush=True)
    with suppress(OSError):
        sys.stderr.flush()
    return not faults
