"""The nouns: one file per record, with its tables and its shapes side by side."""

from sqlalchemy import Table

from app.models import (
    actor,
    api_key,
    attribution,
    candidate,
    figure,
    idempotency,
    search,
    source,
    statement,
    topic,
    webhook,
)
from app.models.base import Record, RecordType, table
from app.models.revision import Revision, SigningKey, Snapshot, Tile

RECORDS: dict[RecordType, type[Record]] = {
    RecordType.topic: topic.Topic,
    RecordType.actor: actor.Actor,
    RecordType.source: source.Source,
    RecordType.statement: statement.Statement,
    RecordType.attribution: attribution.Attribution,
}
"""The shape in which each type comes in."""

IDENTITIES: dict[RecordType, Table] = {
    RecordType.topic: table(topic.TopicIdentity),
    RecordType.actor: table(actor.ActorIdentity),
    RecordType.source: table(source.SourceIdentity),
    RecordType.statement: table(statement.StatementIdentity),
    RecordType.attribution: table(attribution.AttributionIdentity),
}

VERSIONS: dict[RecordType, Table] = {
    RecordType.topic: topic.VERSION,
    RecordType.actor: actor.VERSION,
    RecordType.source: source.VERSION,
    RecordType.statement: statement.VERSION,
    RecordType.attribution: attribution.VERSION,
}

PARTS: tuple[Table, ...] = (
    topic.LABEL,
    topic.BROADER,
    topic.IDENTIFIER,
    actor.NAME,
    actor.IDENTIFIER,
    actor.MEMBERSHIP,
    source.DERIVATION,
    statement.TOPIC,
    statement.ABOUT,
    statement.RELATION,
    attribution.SPEAKER,
    attribution.VIA,
    attribution.ADDRESSEE,
    attribution.SELECTOR,
    figure.FIGURE,
    figure.PARTY,
)
"""What hangs on a version, and goes when it goes."""

DERIVED: tuple[Table, ...] = (
    search.WORD,
    search.NAME,
    search.SEARCH,
    statement.LISTING,
    *PARTS,
    *VERSIONS.values(),
    *IDENTITIES.values(),
)
"""Every table that the ledger can make again, in an order in which they can be emptied."""

KEPT: tuple[Table, ...] = (
    api_key.API_KEY,
    idempotency.IDEMPOTENCY_KEY,
    candidate.PROPOSAL,
    webhook.WEBHOOK,
    webhook.DELIVERY,
    webhook.LEASE,
)
"""What the ledger does not know of, and rebuilding leaves alone."""

REVISION, SNAPSHOT = table(Revision), table(Snapshot)
TILE, SIGNING_KEY = table(Tile), table(SigningKey)
