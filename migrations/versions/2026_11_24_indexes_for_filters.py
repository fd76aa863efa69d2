"""Indexes by which lists are filtered without touching the documents"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REPORTS, STATEMENTS = "attribution_version", "statement_version"
REPORT = "statement seq key source factuality status quotation_type lang attributed until"
PUBLISHED = ["published_lower", "published_upper", "dated", "key", "until"]
INDEXES = (
    (REPORTS, "filtered", REPORT.split()),
    (REPORTS, "quotation_type", ["quotation_type"]),
    (STATEMENTS, "filtered", ["key", "seq", "speech_act", "polarity", "until"]),
    ("source_version", "published", PUBLISHED),
    *((STATEMENTS, name, [name]) for name in ("speech_act", "polarity")),
)
PARTS = (("relation", "type"), ("speaker", "status"), ("figure", "population"))
PRESENT = sa.text("until IS NULL")
ORDERS = ("newest", "oldest")


def upgrade() -> None:
    for table, name, columns in INDEXES:
        op.create_index(
            f"ix_{table}_{name}",
            table,
            columns,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        )
    for table, column in PARTS:
        op.create_index(f"ix_{table}_{column}", table, [column])
    for order in ORDERS:
        op.create_index(
            f"ix_listing_shown_{order}",
            "listing",
            [order, "statement"],
            sqlite_where=sa.text("until IS NULL AND reported = 1"),
            postgresql_where=sa.text("until IS NULL AND reported"),
        )


def downgrade() -> None:
    for table, column in PARTS:
        op.drop_index(f"ix_{table}_{column}", table)
    for order in ORDERS:
        op.drop_index(f"ix_listing_shown_{order}", "listing")
    for table, name, _ in INDEXES:
        op.drop_index(f"ix_{table}_{name}", table)
