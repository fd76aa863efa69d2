"""Webhooks: who is told of changes, and what has not arrived yet"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _code(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", _code(40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("secret", _code(100), nullable=False),
        sa.Column("fingerprint", _code(64), nullable=True),
        sa.Column("created_at", _code(27), nullable=False),
        sa.Column("sent", _key(), nullable=False),
        sa.Column("delivered_at", _code(27), nullable=True),
        sa.Column("disabled_at", _code(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("webhook", _code(40), nullable=False),
        sa.Column("seq", _key(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "dead",
                name="deliverystatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _code(27), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook"],
            ["webhook.id"],
            name="fk_webhook_delivery_webhook",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name="fk_webhook_delivery_seq"),
        sa.PrimaryKeyConstraint("webhook", "seq", name="pk_webhook_delivery"),
    )
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["status", "next_at"])
    op.create_table(
        "lease",
        sa.Column("name", _code(40), nullable=False),
        sa.Column("holder", _code(40), nullable=False),
        sa.Column("until", _code(27), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def downgrade() -> None:
    op.drop_table("lease")
    op.drop_index("ix_webhook_delivery_due", table_name="webhook_delivery")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
