"""A tree over the ledger, and the key that signs its checkpoints"""

import sqlalchemy as sa
from alembic import op

from app.db import Writer
from app.store import ledger, tree

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.String(27).with_variant(sa.String(27, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_signing_key_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "tile",
        sa.Column("level", KEY, autoincrement=False, nullable=False),
        sa.Column("number", KEY, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_tile")),
    )
    # A ledger that was there before gets its tree now; only columns that hashes cover are read.
    tree.fill(Writer(op.get_bind()), ledger.head(op.get_bind()).seq)


def downgrade() -> None:
    op.drop_table("tile")
    op.drop_table("signing_key")
