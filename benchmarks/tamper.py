"""`python -m benchmarks.tamper [COUNT] [URL]`: is every change found that was made by hand?

Makes COUNT (10,000) random changes, each to a sound store and undone again: in ledger rows, in
the rows made from them, in private texts, in the tree, and in a ledger export. A byte, a row, an
order, an end cut off, a past made anew so that the chain holds. Prints what was found of what
was made; exits with 1 if anything was missed. URL is an empty database (default: SQLite).
"""

import io
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Table, delete, func, insert, select, text, type_coerce, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from app.cli.serve import BUNDLED
from app.db import Database, Writer
from app.models import DERIVED, REVISION, SNAPSHOT, TILE
from app.models.base import RecordType
from app.store import (
    audit,
    bulk,
    checkpoint,
    edit,
    ledger,
    replica,
    schema,
    takeout,
    tree,
    withdraw,
)
from app.store.checkpoint import Checkpoint
from app.store.ledger import Break
from benchmarks import world

Row = dict[str, Any]


class Unchanged(Exception):
    """The change could not be made here: nothing to change, or the database refuses it."""


def fill(database: Database, statements: int = 60) -> None:
    """The bundled record, some more, private texts, and a redaction."""
    text = b'{"type":"source","id":"kept","kind":"article","text":"Words that nobody sees."}\n'
    made = b"".join(world.lines(statements))
    sources = [path.read_bytes() for path in sorted(BUNDLED.glob("*.ndjson"))]
    for lines in (*sources, text + made):
        for progress in bulk.import_file(database, io.BytesIO(lines), agent="test"):
            assert not progress.errors, progress.errors
    with database.writer() as writer:
        for id in ("st1", "st2"):
            why = edit.Why(agent="test", reason="test")
            withdraw.redact(writer, RecordType.statement, id, edit.Expected(any=True), why)


class Store:
    """A sound store, a checkpoint of it that was kept, and what its tables must be."""

    def __init__(self, database: Database, right: Connection) -> None:
        self.database = database
        self.right = right
        with database.reader() as reader:
            self.kept: Checkpoint = checkpoint.of(reader, "example.com/test")
            self.lines = list(takeout.stream(reader))

    def findings(self, connection: Connection) -> list[Break]:
        """What the verifier says, given the tables that it would make from the sound ledger."""
        _, steps = audit.of_store(connection, [self.kept], tables=False)
        found = [one for one in steps if isinstance(one, Break)]
        return found or list(replica.differences(connection, self.right))


# --- changes to rows ----------------------------------------------------------------------------


def _pick(writer: Writer, table: Table, chance: random.Random, count: int = 1) -> list[Row]:
    """Rows of a table, drawn by chance, as the driver gives them."""
    size = writer.scalar(select(func.count()).select_from(table)) or 0
    if size < count:
        raise Unchanged
    columns = [type_coerce(column, NullType()).label(column.name) for column in table.c]
    query = select(*columns).order_by(*table.primary_key)
    places = chance.sample(range(size), count)
    rows = [writer.execute(query.offset(at).limit(1)).mappings().one() for at in places]
    return [dict(row) for row in rows]


def _set(writer: Writer, table: Table, row: Row, values: Row) -> None:
    which = [column == row[column.name] for column in table.primary_key]
    plain = {name: type_coerce(value, NullType()) for name, value in values.items()}
    writer.execute(update(table).where(*which).values(plain))


def _other(value: Any, chance: random.Random) -> Any:
    """Another value like this one: one character, one byte, one more or less."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + chance.choice((-1, 1))
    if isinstance(value, bytes):
        at = chance.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        letter = chance.choice([one for one in "abcxyz019 -Əж" if one != value[at]])
        return value[:at] + letter + value[at + 1 :]
    return 1 if value is None and chance.random() < 0.5 else "x"


def a_byte(writer: Writer, table: Table, chance: random.Random) -> None:
    """One column of one row."""
    (row,) = _pick(writer, table, chance)
    name = chance.choice([column.name for column in table.c])
    value = row[name]
    if value is None and not isinstance(table.c[name].type.python_type(), str):
        value = 0
    _set(writer, table, row, {name: _other(value, chance)})


def a_row(writer: Writer, table: Table, chance: random.Random) -> None:
    """One row gone."""
    (row,) = _pick(writer, table, chance)
    writer.execute(delete(table).where(*(c == row[c.name] for c in table.primary_key)))


def an_order(writer: Writer, table: Table, chance: random.Random) -> None:
    """Two rows in each other's place."""
    first, second = _pick(writer, table, chance, 2)
    keys = [column.name for column in table.primary_key]
    rest = [column.name for column in table.c if column.name not in keys]
    if not rest or all(first[name] == second[name] for name in rest):
        raise Unchanged
    for row in (first, second):
        writer.execute(delete(table).where(*(c == row[c.name] for c in table.primary_key)))
    for row, other in ((first, second), (second, first)):
        values = {**{k: row[k] for k in keys}, **{k: other[k] for k in rest}}
        plain = {name: type_coerce(value, NullType()) for name, value in values.items()}
        writer.execute(insert(table).values(plain))


# --- changes to the ledger ----------------------------------------------------------------------


def an_end(writer: Writer, chance: random.Random) -> None:
    """The newest revisions cut off, the tree too: the chain that is left holds."""
    size = ledger.head(writer).seq
    left = chance.randrange(size)
    writer.execute(delete(REVISION).where(REVISION.c.seq > left))
    writer.execute(delete(TILE))
    tree.fill(writer, left)


def a_past(writer: Writer, chance: random.Random) -> None:
    """A revision changed and every hash after it made anew, the tree too: the chain holds."""
    (chosen,) = _pick(writer, REVISION, chance)
    query = select(REVISION).where(REVISION.c.seq >= chosen["seq"]).order_by(REVISION.c.seq)
    rows = [dict(row) for row in writer.execute(query).mappings()]
    rows[0]["agent"] = _other(rows[0]["agent"], chance)
    previous = rows[0]["previous_hash"]
    for row in rows:
        row["previous_hash"] = previous
        row["hash"] = previous = ledger.revision_hash(row)
        _set(writer, REVISION, row, {name: row[name] for name in ("agent", "previous_hash")})
        _set(writer, REVISION, row, {"hash": row["hash"]})
    writer.execute(delete(TILE))
    tree.fill(writer, rows[-1]["seq"])


def a_body(writer: Writer, chance: random.Random) -> None:
    """Words taken out without a redaction."""
    (row,) = _pick(writer, REVISION, chance)
    if row["body"] is None:
        raise Unchanged
    _set(writer, REVISION, row, {"body": None})


def words_again(writer: Writer, chance: random.Random) -> None:
    """Words put back where they were redacted."""
    gone = REVISION.c.body.is_(None) & (REVISION.c.body_hash != ledger.NO_BODY)
    rows = list(writer.execute(select(REVISION).where(gone)).mappings())
    row = dict(chance.choice(rows))
    body = orjson.dumps({"id": row["id"], "content": str(chance.random())}).decode()
    _set(writer, REVISION, row, {"body": body})


Change = Callable[[Writer, random.Random], None]


def _of_rows(tables: tuple[Table, ...], change: Callable[..., None]) -> Change:
    return lambda writer, chance: change(writer, chance.choice(tables), chance)


ROWS: dict[str, Change] = {
    **{
        f"{change.__name__.replace('_', ' ')} in {name}": _of_rows(tables, change)
        for change in (a_byte, a_row, an_order)
        for name, tables in (
            ("the ledger", (REVISION,)),
            ("record rows", DERIVED),
            ("the tree", (TILE,)),
        )
    },
    "a byte in a private text": _of_rows((SNAPSHOT,), a_byte),
    "an end cut off": an_end,
    "a past made anew": a_past,
    "words taken out": a_body,
    "words put back": words_again,
}


def try_rows(store: Store, name: str, chance: random.Random) -> list[Break]:
    """Make a change to rows, ask the verifier, and undo it. Raises `Unchanged`."""
    engine = store.database.engine
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if store.database.is_sqlite:  # as one who is at the file can
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("PRAGMA ignore_check_constraints = ON")
        try:
            with connection.begin() as transaction:
                try:
                    if not store.database.is_sqlite:
                        connection.execute(text("SET LOCAL session_replication_role = replica"))
                    ROWS[name](Writer(connection), chance)
                    return store.findings(connection)
                except DBAPIError as error:
                    raise Unchanged from error
                finally:
                    transaction.rollback()
        finally:
            if store.database.is_sqlite:
                raw.execute("PRAGMA ignore_check_constraints = OFF")
                raw.execute("PRAGMA foreign_keys = ON")


# --- changes to an export -----------------------------------------------------------------------


def _file_byte(lines: list[bytes], chance: random.Random) -> bytes:
    whole = b"".join(lines)
    at = chance.randrange(len(whole))
    return whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :]


def _file_row(lines: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(lines))
    return b"".join(lines[:at] + lines[at + 1 :])


def _file_order(lines: list[bytes], chance: random.Random) -> bytes:
    first, second = chance.sample(range(len(lines)), 2)
    lines = list(lines)
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def _file_end(lines: list[bytes], chance: random.Random) -> bytes:
    return b"".join(lines[: chance.randrange(len(lines))])


FILES: dict[str, Callable[[list[bytes], random.Random], bytes]] = {
    "a byte in an export": _file_byte,
    "a line of an export": _file_row,
    "the order of an export": _file_order,
    "the end of an export": _file_end,
}
KINDS = (*ROWS, *FILES)


def attempt(store: Store, name: str, chance: random.Random) -> list[Break]:
    """Make a change of this kind; returns what the verifier found. Raises `Unchanged`."""
    if name in ROWS:
        return try_rows(store, name, chance)
    _, steps = audit.of_file(io.BytesIO(FILES[name](store.lines, chance)), [store.kept])
    return [one for one in steps if isinstance(one, Break)]


def attempts(store: Store, count: int, seed: int) -> Iterator[tuple[str, int, list[Break]]]:
    """So many changes, each kind as often: kind, seed, and what was found."""
    made = 0
    while made < count:
        name = KINDS[made % len(KINDS)]
        seed += 1
        try:
            found = attempt(store, name, random.Random(seed))
        except Unchanged:
            continue
        made += 1
        yield name, seed, found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder, replica.made() as copy:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/tamper.db"
        database = Database(url)
        schema.migrate(database)
        fill(database)
        with database.reader() as reader:
            list(replica.lay_out(reader, copy))
        made, missed = Counter[str](), Counter[str]()
        with copy.reader() as right:
            store = Store(database, right)
            with database.reader() as reader:
                assert not store.findings(reader), "the store is not sound to begin with"
            for name, seed, found in attempts(store, count, seed=1):
                made[name] += 1
                if not found:
                    missed[name] += 1
                    print(f"missed: {name}, seed {seed}")
        for name in KINDS:
            print(f"{name:30} {made[name] - missed[name]:6,} of {made[name]:6,} found")
        print(f"{'in all':30} {made.total() - missed.total():6,} of {made.total():6,} found")
        database.close()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
