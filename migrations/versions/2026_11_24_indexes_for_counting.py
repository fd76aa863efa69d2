"""Indexes by which everything is counted"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ENDED = sa.text("state <> 'live'")


def upgrade() -> None:
    op.create_index(
        "ix_statement_ended", "statement", ["state"], sqlite_where=ENDED, postgresql_where=ENDED
    )
    op.create_index(
        "ix_listing_shown_dates",
        "listing",
        ["newest", "upper", "basis", "until", "reported"],
        sqlite_where=sa.text("until IS NULL AND reported = 1"),
        postgresql_where=sa.text("until IS NULL AND reported"),
    )


def downgrade() -> None:
    op.drop_index("ix_listing_shown_dates", "listing")
    op.drop_index("ix_statement_ended", "statement")
