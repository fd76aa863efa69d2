"""Indexes by which lists are filtered without touching the documents"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REPORTS, STATEMENTS = "attribution_version", "statement_version"
REPORT = "statement seq key source factuality status quotation_type lang attributed"
INDEXES = (
    (REPORTS, "filtered", REPORT.split()),
    *((REPORTS, name, [name]) for name in ("factuality", "status", "quotation_type")),
    (STATEMENTS, "filtered", ["key", "seq", "speech_act", "polarity"]),
    *((STATEMENTS, name, [name]) for name in ("speech_act", "polarity")),
)
PRESENT = sa.text("until IS NULL")


def upgrade() -> None:
    for table, name, columns in INDEXES:
        op.create_index(
            f"ix_{table}_{name}",
            table,
            columns,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        )


def downgrade() -> None:
    for table, name, _ in INDEXES:
        op.drop_index(f"ix_{table}_{name}", table)
