"""Keys, requests that are done once, and statements that say that they are disputed"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A listing row from before says what holds now; `onrecord rebuild` divides it where a report of
# the statement was disputed for a part of its time.
DISPUTED = """
    UPDATE listing SET disputed = true WHERE EXISTS (
        SELECT 1 FROM attribution_version WHERE attribution_version.statement = listing.statement
        AND attribution_version.status = 'disputed' AND attribution_version.seq >= listing.seq
        AND (listing.until IS NULL OR attribution_version.seq < listing.until)
        AND attribution_version.until IS NULL)
"""


# Otherwise FTS5 keeps deleted words until segments are merged, and a redaction would leave them
# (https://sqlite.org/fts5.html#the_secure_delete_configuration_option, since SQLite 3.42).
OVERWRITE = (
    "INSERT INTO search_fts (search_fts, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO search_fts (search_fts) VALUES ('optimize')",
)


def _code(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", _code(20), nullable=False),
        sa.Column("name", _code(100), nullable=False),
        sa.Column("scopes", _code(40), nullable=False),
        sa.Column("secret_hash", _code(64), nullable=False),
        sa.Column("created_at", _code(27), nullable=False),
        sa.Column("revoked_at", _code(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    valid = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_api_key_name_valid",
        "api_key",
        ["name"],
        unique=True,
        sqlite_where=valid,
        postgresql_where=valid,
    )
    op.create_table(
        "idempotency_key",
        sa.Column("api_key", _code(20), nullable=False),
        sa.Column("key", _code(255), nullable=False),
        sa.Column("fingerprint", _code(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "topic",
                "actor",
                "source",
                "statement",
                "attribution",
                name="recordtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", _code(200), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["api_key"], ["api_key.id"], name="fk_idempotency_key_api_key"),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name="fk_idempotency_key_seq"),
        sa.PrimaryKeyConstraint("api_key", "key", name="pk_idempotency_key"),
    )
    # SQLite adds a column in place, without making the table anew, if it has a default.
    op.add_column(
        "listing", sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(DISPUTED)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite" and (connection.dialect.server_version_info or ()) >= (
        3,
        42,
    ):
        for statement in OVERWRITE:
            op.execute(statement)


def downgrade() -> None:
    op.drop_column("listing", "disputed")
    op.drop_table("idempotency_key")
    op.drop_index("uq_api_key_name_valid", table_name="api_key")
    op.drop_table("api_key")
