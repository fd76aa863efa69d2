"""What a file will hold once it is imported: on disk, since it may be more than fits in memory.

Lines that refer further down stand or fall with what they refer to. So the whole file is looked
through first, each line as if all that it waits for came; then those are dropped that wait in
vain, and those that wait for these, until what is left holds.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from app.models.attribution import Attribution
from app.models.base import RecordType, State
from app.store.nesting import Earlier, Place, Stand
from app.store.project import Known, Name
from app.store.write import Checked, Outcome, Result

_TABLES = """
CREATE TABLE line (
    number INTEGER PRIMARY KEY, type, id, version, body_hash, source, parent
);
CREATE INDEX line_name ON line (type, id, number);
CREATE INDEX line_parent ON line (parent) WHERE parent IS NOT NULL;
CREATE TABLE want (number, type, id, ahead);
CREATE INDEX want_name ON want (type, id);
CREATE TABLE gone (round, type, id);
CREATE INDEX gone_round ON gone (round);
"""
_IN_VAIN = """
NOT EXISTS (
    SELECT 1 FROM line AS found WHERE found.type = want.type AND found.id = want.id
    AND (want.ahead OR found.number < want.number)
)
"""


class Plan(Earlier):
    """The versions that the lines of a file make, and what each line waits for."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="onrecord-")
        path = Path(self._folder.name) / "plan.db"
        # An import over HTTP goes on in whichever thread is free, in one at a time.
        self._store = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._store.execute("PRAGMA journal_mode = OFF")
        self._store.execute("PRAGMA synchronous = OFF")
        self._store.executescript(_TABLES)
        self._number = 0
        return self

    def __exit__(self, *_error: object) -> None:
        self._store.close()
        self._folder.cleanup()

    def add(self, checked: Checked) -> None:
        """Take up the good lines of a batch, which follow those that were taken up before."""
        self._store.execute("BEGIN")
        for outcome in checked.outcomes:
            if outcome.result is not Result.failed and not self._adds_nothing(outcome):
                self._number += 1
                self._store.execute(
                    "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)", self._line(outcome)
                )
                wants = _wants(outcome, checked.known)
                self._store.executemany(
                    "INSERT INTO want VALUES (?, ?, ?, ?)",
                    [(self._number, *name, ahead) for name, ahead in wants],
                )
        self._store.execute("COMMIT")

    def _adds_nothing(self, outcome: Outcome) -> bool:
        """Whether a line says what the store says, and no line before it said otherwise."""
        return outcome.result is Result.unchanged and not self.has(*outcome.change.name)

    def _line(self, outcome: Outcome) -> tuple[object, ...]:
        record = outcome.change.record
        place = (record.source, record.parent) if isinstance(record, Attribution) else (None, None)
        stand = (outcome.version, outcome.change.body_hash)
        return self._number, record.type, record.id, *stand, *place

    def settle(self) -> None:
        """Drop the lines that wait in vain."""
        self._store.execute("BEGIN")
        doomed = f"SELECT number FROM want WHERE {_IN_VAIN}"
        number = 0
        while self._drop(doomed, number):
            doomed = f"SELECT number FROM gone JOIN want USING (type, id) WHERE round = {number}"
            doomed += f" AND {_IN_VAIN}"
            number += 1
        self._store.execute("COMMIT")

    def _drop(self, doomed: str, round: int) -> bool:
        names = f"SELECT DISTINCT {round}, type, id FROM line WHERE number IN ({doomed})"
        self._store.execute(f"INSERT INTO gone {names}")
        return self._store.execute(f"DELETE FROM line WHERE number IN ({doomed})").rowcount > 0

    def has(self, type: RecordType, id: str) -> bool:
        """Whether a line of the file makes such a record."""
        return self.stand(type, id) is not None

    def stand(self, type: RecordType, id: str) -> Stand | None:
        row = self._latest("version, body_hash", type, id)
        return (row[0], row[1]) if row else None

    def place(self, id: str) -> Place | None:
        row = self._latest("source, parent", RecordType.attribution, id)
        return Place(*row) if row else None

    def inside(self, id: str) -> Iterator[str]:
        query = "SELECT DISTINCT id FROM line WHERE parent = ?"
        for (one,) in self._store.execute(query, (id,)).fetchall():
            yield one

    def _latest(self, columns: str, type: RecordType, id: str) -> tuple[Any, ...] | None:
        query = f"SELECT {columns} FROM line WHERE type = ? AND id = ? ORDER BY number DESC LIMIT 1"
        found: tuple[Any, ...] | None = self._store.execute(query, (type, id)).fetchone()
        return found


def _wants(outcome: Outcome, known: dict[Name, Known]) -> Iterable[tuple[Name, bool]]:
    """What a line refers to that the store has not got; and whether it may stand further down."""
    wants: dict[Name, bool] = {}
    for target in outcome.change.targets:
        name = (target.type, target.id)
        found = known.get(name)
        if name in outcome.change.held or (found and found.state in (State.live, State.merged)):
            continue
        wants[name] = target.ahead and wants.get(name, True)
    return wants.items()
