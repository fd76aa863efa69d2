"""From the ledger to the tables: what a revision says, laid out in rows that can be asked.

Everything here follows from the revisions and their order alone, so `rebuild` makes the same
tables again, key for key.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from app.db import Writer
from app.models import (
    DERIVED,
    IDENTITIES,
    RECORDS,
    REVISION,
    SNAPSHOT,
    TILE,
    VERSIONS,
    attribution,
    statement,
)
from app.models.attribution import Attribution
from app.models.base import Record, RecordType, State
from app.models.revision import ChangeKind
from app.models.statement import LISTING, Statement
from app.rows import among, insert_rows
from app.store import index, ledger, listing, tree
from app.store.index import Spoken

Name = tuple[RecordType, str]


@dataclass(slots=True)
class Step:
    """A revision to be laid out: the ledger's row, and the record that its body holds; none where
    the revision ended the record, or its body was redacted since."""

    revision: dict[str, Any]
    record: Record | None
    name: Name = field(init=False)

    def __post_init__(self) -> None:
        self.name = RecordType(self.revision["type"]), self.revision["id"]

    @property
    def heir(self) -> Name | None:
        """The record into which this revision merged its own."""
        if self.revision["change"] != ChangeKind.merged:
            return None
        return self.name[0], orjson.loads(self.revision["body"])["merged_into"]


ENDED = {
    ChangeKind.merged: State.merged,
    ChangeKind.retracted: State.retracted,
    ChangeKind.redacted: State.redacted,
}
"""The state in which a change leaves a record that it ends."""


@dataclass(slots=True)
class Known:
    """What the store knows of a record by its name."""

    key: int
    version: int
    state: State
    seq: int | None
    created_at: str | None
    merged_into: int | None = None
    body_hash: str | None = None
    new: bool = False


def identities(connection: Connection, names: Iterable[Name]) -> dict[Name, Known]:
    """Those of the named records that the store has, each with the hash of its present body."""
    ids: dict[RecordType, set[str]] = defaultdict(set)
    for type, id in names:
        ids[type].add(id)
    found: dict[Name, Known] = {}
    for type, wanted in ids.items():
        table = IDENTITIES[type]
        columns = (table.c.id, table.c.key, table.c.version, table.c.state, table.c.seq)
        query = select(
            *columns, table.c.created_at, table.c.merged_into, REVISION.c.body_hash
        ).outerjoin(REVISION, REVISION.c.seq == table.c.seq)
        rows = connection.execute(query.where(among(connection, table.c.id, wanted)))
        for id, key, version, state, *rest in rows:
            found[type, id] = Known(key, version, State(state), *rest)
    return found


def survivor(connection: Connection, type: RecordType, id: str) -> str:
    """The id under which a merged record lives on, however often that was merged in turn."""
    table = IDENTITIES[type]
    heir = table.alias()
    query = select(heir.c.id).join(table, table.c.merged_into == heir.c.key)
    while (next_id := connection.scalar(query.where(table.c.id == id))) is not None:
        id = next_id
    return id


def apply(writer: Writer, steps: Sequence[Step], known: dict[Name, Known] | None = None) -> None:
    """Lay out revisions that are in the ledger, in their order.

    `known` is what `identities` says of every record in `steps` and of every record that these
    refer to, for a caller that has asked already.
    """
    if known is None:
        names = {step.name for step in steps} | {step.heir for step in steps if step.heir}
        for step in steps:
            if step.record:
                names.update((target.type, target.id) for target in step.record.targets())
        known = identities(writer, names)
    layout = _Layout(writer, known)
    for step in steps:
        layout.take(step)
    moves = listing.follow(writer, layout.changes, layout.first_new)
    layout.rows[LISTING] = moves.begun
    layout.ended[LISTING.c.statement] = moves.ended
    layout.write(writer)
    touched = layout.spoken_of(writer)
    index.statements(writer, touched, layout.complete(touched))
    index.names(writer, {(one.name[0], layout.known[one.name].key): one.record for one in steps})


class _Layout:
    """The rows of one batch, gathered table by table."""

    def __init__(self, connection: Connection, known: dict[Name, Known]) -> None:
        self.known = known
        self.rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        self.changes: list[listing.Change] = []
        self.touched: dict[Name, Known] = {}
        self.ended: dict[Column[int], list[dict[str, int]]] = defaultdict(list)
        self.open: dict[Name, dict[str, Any]] = {}
        self.first_new = {
            type: (connection.scalar(select(func.max(table.c.key))) or 0) + 1
            for type, table in IDENTITIES.items()
        }
        """Of what has this key or a higher one, the store has nothing yet."""
        self.next_key = dict(self.first_new)
        self.spoken: list[tuple[dict[str, Any], Statement | Attribution]] = []

    def key(self, type: RecordType, id: str) -> int:
        """The key of a record, which is given one when it is first named."""
        name = (type, id)
        if (found := self.known.get(name)) is None:
            found = Known(self.next_key[type], 0, State.awaited, None, None, new=True)
            self.next_key[type] += 1
            self.known[name] = found
            self.touched[name] = found
        return found.key

    def take(self, step: Step) -> None:
        revision, record = step.revision, step.record
        name, seq = step.name, revision["seq"]
        key = self.key(*name)
        known = self.known[name]
        if name in self.open:
            self.open.pop(name)["until"] = seq
        elif known.version:
            self.ended[VERSIONS[name[0]].c.key].append({"of": key, "at": seq})
        known.version, known.seq = revision["version"], seq
        known.state = ENDED.get(ChangeKind(revision["change"]), State.live)
        known.merged_into = self.key(*step.heir) if step.heir else None
        known.created_at = known.created_at or revision["recorded_at"]
        known.body_hash = revision["body_hash"]
        self.touched[name] = known
        if record is None:
            self.changes.append(listing.Change(name[0], key, seq, None))
            return

        parts = record.rows(self.key)
        table, version = next(parts)
        version |= {
            "seq": seq,
            "until": None,
            "document": document(record, known, revision),
        }
        if (label := record.label()) is not None:
            version["label"] = orjson.dumps(label).decode()
        self.rows[table].append(version)
        self.open[name] = version
        self.changes.append(listing.Change(record.type, key, seq, version))
        if isinstance(record, Statement | Attribution):
            self.spoken.append((version, record))
        for table, row in parts:
            row["seq"] = seq
            self.rows[table].append(row)

    def spoken_of(self, connection: Connection) -> set[int]:
        """The statements whose words, reports or links this batch touches."""
        touched = {row["key"] for row in self.rows[statement.VERSION]}
        touched |= {row["statement"] for row in self.rows[attribution.VERSION]}
        touched |= {one["of"] for one in self.ended[statement.VERSION.c.key]}
        moved = [one["of"] for one in self.ended[attribution.VERSION.c.key]]
        if moved:
            versions = attribution.VERSION
            query = select(versions.c.statement).where(versions.c.key.in_(moved))
            touched.update(connection.scalars(query))
        return touched

    def complete(self, statements: Collection[int]) -> dict[int, Spoken]:
        """Those of these statements of which the store had nothing: all that there is of them
        stands in this batch."""
        first = self.first_new[RecordType.statement]
        present = [(row, one) for row, one in self.spoken if row["until"] is None]
        said = {row["key"]: Spoken(one, {}) for row, one in present if isinstance(one, Statement)}
        for row, one in present:
            if isinstance(one, Attribution) and (of := said.get(row["statement"])):
                of.reports[row["key"]] = one
        return {key: said[key] for key in statements if key >= first and key in said}

    def write(self, writer: Writer) -> None:
        for type, table in IDENTITIES.items():
            named = [(id, known) for (of, id), known in self.touched.items() if of is type]
            if new := _heirs_first([_identity(id, known) for id, known in named if known.new]):
                insert_rows(writer, table, new)
            if old := [_progress(known) for _, known in named if not known.new]:
                values: dict[Any, Any] = {name: bindparam(f"to_{name}") for name in _PROGRESS}
                writer.execute(
                    update(table).where(table.c.key == bindparam("of")).values(values),
                    old,
                )
            for _, known in named:
                known.new = False
        for column, ended in self.ended.items():
            if ended:
                present = (column == bindparam("of")) & column.table.c.until.is_(None)
                end = update(column.table).where(present).values(until=bindparam("at"))
                writer.execute(end, ended)
        for table in reversed(DERIVED):  # what is referred to comes first
            if rows := self.rows.get(table):
                insert_rows(writer, table, rows)


def forget(writer: Writer, type: RecordType, id: str) -> None:
    """Take a redacted record out of every table; only its identity stays.

    Its dates no longer say where statements stood in lists, so the listing becomes what the
    rest of the record makes of it.
    """
    (known,) = identities(writer, [(type, id)]).values()
    versions = VERSIONS[type]
    dated: set[int] = set()
    if type in _DATES:
        reports = attribution.VERSION
        of = {RecordType.source: reports.c.source, RecordType.attribution: reports.c.key}[type]
        dated.update(writer.scalars(select(reports.c.statement).where(of == known.key)))
    texts = _texts(writer, known.key) if type is RecordType.source else set()
    writer.execute(delete(versions).where(versions.c.key == known.key))  # its parts go with it
    if type is RecordType.statement:
        writer.execute(delete(LISTING).where(LISTING.c.statement == known.key))
    if dated:
        writer.execute(delete(LISTING).where(LISTING.c.statement.in_(dated)))
        if rows := listing.replay(writer, dated):
            insert_rows(writer, LISTING, rows)
    if texts:
        shared = select(versions.c.sha256).where(versions.c.sha256.in_(texts))
        texts -= set(writer.scalars(shared))
        writer.execute(delete(SNAPSHOT).where(SNAPSHOT.c.sha256.in_(texts)))


_DATES = (RecordType.source, RecordType.attribution)


def _texts(connection: Connection, key: int) -> set[str]:
    """The hashes of the texts that a source ever had."""
    versions = VERSIONS[RecordType.source]
    query = select(versions.c.sha256).where(versions.c.key == key, versions.c.sha256.is_not(None))
    return set(connection.scalars(query))


_PROGRESS = ("version", "state", "seq", "created_at", "merged_into")


def _identity(id: str, known: Known) -> dict[str, Any]:
    return {
        "id": id,
        "key": known.key,
        **{name: getattr(known, name) for name in _PROGRESS},
    }


def _heirs_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Identities in an order in which each stands after the one that it was merged into."""
    heirs = {row["key"]: row["merged_into"] for row in rows}

    def depth(key: int | None) -> int:
        return 1 + depth(heirs[key]) if key in heirs else 0

    return sorted(rows, key=lambda row: depth(row["merged_into"]))


def _progress(known: Known) -> dict[str, Any]:
    return {
        "of": known.key,
        **{f"to_{name}": getattr(known, name) for name in _PROGRESS},
    }


def document(record: Record, known: Known, revision: dict[str, Any]) -> str:
    """A record as it is answered, with marks where reading puts references and labels."""
    members = record.__pydantic_serializer__.to_json(record).decode()
    start = f'{{"id":"{record.id}","version":{known.version},'
    end = f',"created_at":"{known.created_at}","updated_at":"{revision["recorded_at"]}"}}'
    return start + members[len(f'{{"id":"{record.id}",') : -1] + end


def recorded(revision: Row[Any]) -> Record | None:
    """The record as a revision left it; none where it ended it, or the body was redacted."""
    if revision.body is None or ChangeKind(revision.change) in ENDED:
        return None
    return RECORDS[RecordType(revision.type)].model_validate_json(revision.body)


def rebuild(writer: Writer) -> Iterator[int]:
    """Empty every table that the ledger can make again, and make it again.

    Yields the number of revisions laid out so far. The transaction is the caller's, so readers
    see the old tables until all of it is done.
    """
    index.renew(writer)
    for table in DERIVED:
        writer.execute(delete(table))
    for rows in ledger.pages(writer):
        apply(writer, [Step(row._asdict(), recorded(row)) for row in rows])
        yield rows[-1].seq
    writer.execute(delete(TILE))
    tree.fill(writer, ledger.head(writer).seq)
