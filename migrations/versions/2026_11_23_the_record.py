"""The record"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# What hangs on search_row: the rows are ours, the index is each database's own. The words are
# folded already, so neither index folds anything; phrases are looked up in the rows.
SEARCH = {
    "sqlite": (
        """CREATE VIRTUAL TABLE search_fts USING fts5(
            words, content='search_row', content_rowid='statement', detail=none, columnsize=0,
            tokenize="unicode61 remove_diacritics 0 tokenchars '_/'")""",
        """CREATE TRIGGER search_row_insert AFTER INSERT ON search_row BEGIN
            INSERT INTO search_fts (rowid, words) VALUES (new.statement, new.words); END""",
        """CREATE TRIGGER search_row_delete AFTER DELETE ON search_row BEGIN
            INSERT INTO search_fts (search_fts, rowid, words)
            VALUES ('delete', old.statement, old.words); END""",
    ),
    "postgresql": (
        """ALTER TABLE search_row ADD COLUMN tokens tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(words, ' '))) STORED""",
        "CREATE INDEX ix_search_row_tokens ON search_row USING gin (tokens)",
    ),
}


def upgrade() -> None:
    op.create_table(
        "known_name",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
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
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "lang",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column(
            "folded",
            sa.String(length=2000).with_variant(
                sa.String(length=2000, collation="C"), "postgresql"
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_name")),
    )
    with op.batch_alter_table("known_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_name_folded"), ["folded"], unique=False)
        batch_op.create_index("ix_known_name_of", ["type", "key"], unique=False)

    op.create_table(
        "revision",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "recorded_at",
            sa.String(length=27).with_variant(sa.String(length=27, collation="C"), "postgresql"),
            nullable=False,
        ),
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
        sa.Column(
            "id",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                "created",
                "updated",
                "corrected",
                "merged",
                "retracted",
                "redacted",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column(
            "body_hash",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "previous_hash",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "hash",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("(seq = 1) = (previous_hash IS NULL)", name=op.f("ck_revision_chained")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_revision_counts_from_one")),
        sa.CheckConstraint("version > 0", name=op.f("ck_revision_version_counts_from_one")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revision")),
        sa.UniqueConstraint("hash", name=op.f("uq_revision_hash")),
        sa.UniqueConstraint("type", "id", "version", name=op.f("uq_revision_type_id_version")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revision_recorded_at"), ["recorded_at"], unique=False)

    op.create_table(
        "snapshot",
        sa.Column(
            "sha256",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "actor",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "live",
                "retracted",
                "redacted",
                "merged",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at",
            sa.String(length=27).with_variant(sa.String(length=27, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (seq IS NULL)", name=op.f("ck_actor_awaited_has_no_revision")
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (version = 0)", name=op.f("ck_actor_awaited_has_no_version")
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_actor_merged_has_heir")
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["actor.key"], name=op.f("fk_actor_merged_into")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_actor_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_actor")),
        sa.UniqueConstraint("id", name=op.f("uq_actor_id")),
    )
    op.create_table(
        "attribution",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "live",
                "retracted",
                "redacted",
                "merged",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at",
            sa.String(length=27).with_variant(sa.String(length=27, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (seq IS NULL)",
            name=op.f("ck_attribution_awaited_has_no_revision"),
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (version = 0)",
            name=op.f("ck_attribution_awaited_has_no_version"),
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)",
            name=op.f("ck_attribution_merged_has_heir"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["attribution.key"], name=op.f("fk_attribution_merged_into")
        ),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_attribution_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attribution")),
        sa.UniqueConstraint("id", name=op.f("uq_attribution_id")),
    )
    op.create_table(
        "name_word",
        sa.Column(
            "word",
            sa.String(length=100).with_variant(sa.String(length=100, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["name"], ["known_name.id"], name=op.f("fk_name_word_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "name", name=op.f("pk_name_word")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("name_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_word_name"), ["name"], unique=False)

    op.create_table(
        "source",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "live",
                "retracted",
                "redacted",
                "merged",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at",
            sa.String(length=27).with_variant(sa.String(length=27, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (seq IS NULL)", name=op.f("ck_source_awaited_has_no_revision")
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (version = 0)", name=op.f("ck_source_awaited_has_no_version")
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_source_merged_has_heir")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["source.key"], name=op.f("fk_source_merged_into")
        ),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_source_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_source")),
        sa.UniqueConstraint("id", name=op.f("uq_source_id")),
    )
    op.create_table(
        "statement",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "live",
                "retracted",
                "redacted",
                "merged",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at",
            sa.String(length=27).with_variant(sa.String(length=27, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (seq IS NULL)", name=op.f("ck_statement_awaited_has_no_revision")
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (version = 0)", name=op.f("ck_statement_awaited_has_no_version")
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)",
            name=op.f("ck_statement_merged_has_heir"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["statement.key"], name=op.f("fk_statement_merged_into")
        ),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_statement_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_statement")),
        sa.UniqueConstraint("id", name=op.f("uq_statement_id")),
    )
    op.create_table(
        "topic",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "live",
                "retracted",
                "redacted",
                "merged",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at",
            sa.String(length=27).with_variant(sa.String(length=27, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (seq IS NULL)", name=op.f("ck_topic_awaited_has_no_revision")
        ),
        sa.CheckConstraint(
            "(state = 'awaited') = (version = 0)", name=op.f("ck_topic_awaited_has_no_version")
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_topic_merged_has_heir")
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["topic.key"], name=op.f("fk_topic_merged_into")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_topic_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_topic")),
        sa.UniqueConstraint("id", name=op.f("uq_topic_id")),
    )
    op.create_table(
        "actor_version",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "person",
                "organization",
                "state",
                "government",
                "armed_force",
                "international_organization",
                "media",
                "platform",
                "group",
                "unknown",
                name="actorkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "name_key",
            sa.String(length=1000).with_variant(
                sa.String(length=1000, collation="C"), "postgresql"
            ),
            nullable=False,
        ),
        sa.CheckConstraint("until > seq", name=op.f("ck_actor_version_ends_after_it_began")),
        sa.ForeignKeyConstraint(["key"], ["actor.key"], name=op.f("fk_actor_version_key")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_actor_version_seq")),
        sa.ForeignKeyConstraint(["until"], ["revision.seq"], name=op.f("fk_actor_version_until")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_actor_version")),
    )
    with op.batch_alter_table("actor_version", schema=None) as batch_op:
        batch_op.create_index("ix_actor_version_key_seq", ["key", "seq"], unique=False)
        batch_op.create_index(
            "ix_actor_version_kind_name_key",
            ["kind", "name_key"],
            unique=False,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(
            "ix_actor_version_name_key_key",
            ["name_key", "key"],
            unique=False,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(
            "uq_actor_version_present",
            ["key"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "attribution_version",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "statement", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("source", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dated", sa.Boolean(), nullable=False),
        sa.Column("reported_lower", sa.BigInteger(), nullable=True),
        sa.Column("reported_upper", sa.BigInteger(), nullable=True),
        sa.Column(
            "quotation_type",
            sa.Enum(
                "direct",
                "indirect",
                "mixed",
                "free_indirect",
                "reported",
                "unknown",
                name="quotationtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "factuality",
            sa.Enum(
                "actual",
                "not_said",
                "hypothetical",
                "expected",
                "other",
                name="factuality",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "lang",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("parent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "reviewed",
                "disputed",
                "rejected",
                name="reviewstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attributed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("parent <> key", name=op.f("ck_attribution_version_not_inside_itself")),
        sa.CheckConstraint(
            "reported_lower < reported_upper", name=op.f("ck_attribution_version_reported_in_order")
        ),
        sa.CheckConstraint("until > seq", name=op.f("ck_attribution_version_ends_after_it_began")),
        sa.ForeignKeyConstraint(
            ["key"], ["attribution.key"], name=op.f("fk_attribution_version_key")
        ),
        sa.ForeignKeyConstraint(
            ["parent"], ["attribution.key"], name=op.f("fk_attribution_version_parent")
        ),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_attribution_version_seq")),
        sa.ForeignKeyConstraint(
            ["source"], ["source.key"], name=op.f("fk_attribution_version_source")
        ),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.key"], name=op.f("fk_attribution_version_statement")
        ),
        sa.ForeignKeyConstraint(
            ["until"], ["revision.seq"], name=op.f("fk_attribution_version_until")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_attribution_version")),
    )
    with op.batch_alter_table("attribution_version", schema=None) as batch_op:
        batch_op.create_index("ix_attribution_version_key_seq", ["key", "seq"], unique=False)
        batch_op.create_index("ix_attribution_version_parent", ["parent"], unique=False)
        batch_op.create_index("ix_attribution_version_source", ["source", "seq"], unique=False)
        batch_op.create_index(
            "ix_attribution_version_statement", ["statement", "seq"], unique=False
        )
        batch_op.create_index(
            "uq_attribution_version_present",
            ["key"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "listing",
        sa.Column(
            "statement", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "said",
                "reported",
                name="datebasis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("lower", sa.BigInteger(), nullable=True),
        sa.Column("upper", sa.BigInteger(), nullable=True),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("oldest", sa.BigInteger(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(basis IS NULL) = (lower IS NULL)", name=op.f("ck_listing_undated_has_no_bounds")
        ),
        sa.CheckConstraint(
            "(basis IS NULL) = (upper IS NULL)", name=op.f("ck_listing_undated_has_no_end")
        ),
        sa.CheckConstraint("lower < upper", name=op.f("ck_listing_in_order")),
        sa.CheckConstraint("until > seq", name=op.f("ck_listing_ends_after_it_began")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_listing_seq")),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.key"], name=op.f("fk_listing_statement")
        ),
        sa.ForeignKeyConstraint(["until"], ["revision.seq"], name=op.f("fk_listing_until")),
        sa.PrimaryKeyConstraint("statement", "seq", name=op.f("pk_listing")),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_listing_newest", ["newest", "statement", "seq", "until"], unique=False
        )
        batch_op.create_index(
            "ix_listing_oldest", ["oldest", "statement", "seq", "until"], unique=False
        )
        batch_op.create_index(
            "uq_listing_present",
            ["statement"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "search_row",
        sa.Column(
            "statement", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.key"], name=op.f("fk_search_row_statement")
        ),
        sa.PrimaryKeyConstraint("statement", name=op.f("pk_search_row")),
    )
    op.create_table(
        "source_version",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "article",
                "press_release",
                "transcript",
                "speech",
                "social_post",
                "interview",
                "broadcast",
                "report",
                "official_document",
                "other",
                name="sourcekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("publisher", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "lang",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("dated", sa.Boolean(), nullable=False),
        sa.Column("published_lower", sa.BigInteger(), nullable=True),
        sa.Column("published_upper", sa.BigInteger(), nullable=True),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("oldest", sa.BigInteger(), nullable=False),
        sa.Column(
            "sha256",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "extent",
            sa.Enum(
                "full",
                "excerpt",
                name="extent",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "published_lower < published_upper", name=op.f("ck_source_version_published_in_order")
        ),
        sa.CheckConstraint("until > seq", name=op.f("ck_source_version_ends_after_it_began")),
        sa.ForeignKeyConstraint(["key"], ["source.key"], name=op.f("fk_source_version_key")),
        sa.ForeignKeyConstraint(
            ["publisher"], ["actor.key"], name=op.f("fk_source_version_publisher")
        ),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_source_version_seq")),
        sa.ForeignKeyConstraint(["until"], ["revision.seq"], name=op.f("fk_source_version_until")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_source_version")),
    )
    with op.batch_alter_table("source_version", schema=None) as batch_op:
        batch_op.create_index("ix_source_version_key_seq", ["key", "seq"], unique=False)
        batch_op.create_index(
            "ix_source_version_newest_key",
            ["newest", "key"],
            unique=False,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(
            "ix_source_version_oldest_key",
            ["oldest", "key"],
            unique=False,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(
            "ix_source_version_publisher",
            ["publisher"],
            unique=False,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(
            "uq_source_version_present",
            ["key"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "statement_version",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "content_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "lang",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "polarity",
            sa.Enum(
                "affirmed",
                "negated",
                name="polarity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "speech_act",
            sa.Enum(
                "assertion",
                "denial",
                "accusation",
                "demand",
                "commitment",
                "threat",
                "question",
                "opinion",
                "announcement",
                "agreement",
                "admission",
                "welcome",
                "condemnation",
                "concern",
                "other",
                name="speechact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "mode",
            sa.Enum(
                "speech",
                "writing",
                "thought",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("dated", sa.Boolean(), nullable=False),
        sa.Column("said_lower", sa.BigInteger(), nullable=True),
        sa.Column("said_upper", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "said_lower < said_upper", name=op.f("ck_statement_version_said_in_order")
        ),
        sa.CheckConstraint("until > seq", name=op.f("ck_statement_version_ends_after_it_began")),
        sa.ForeignKeyConstraint(
            ["content_from"], ["attribution.key"], name=op.f("fk_statement_version_content_from")
        ),
        sa.ForeignKeyConstraint(["key"], ["statement.key"], name=op.f("fk_statement_version_key")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_statement_version_seq")),
        sa.ForeignKeyConstraint(
            ["until"], ["revision.seq"], name=op.f("fk_statement_version_until")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_statement_version")),
    )
    with op.batch_alter_table("statement_version", schema=None) as batch_op:
        batch_op.create_index("ix_statement_version_key_seq", ["key", "seq"], unique=False)
        batch_op.create_index(
            "uq_statement_version_present",
            ["key"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "topic_version",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "theme",
                "place",
                "event",
                name="topickind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "name_key",
            sa.String(length=1000).with_variant(
                sa.String(length=1000, collation="C"), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "latitude IS NULL OR kind = 'place'",
            name=op.f("ck_topic_version_coordinates_of_a_place"),
        ),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)",
            name=op.f("ck_topic_version_both_coordinates"),
        ),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90", name=op.f("ck_topic_version_latitude_in_degrees")
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_topic_version_longitude_in_degrees")
        ),
        sa.CheckConstraint("until > seq", name=op.f("ck_topic_version_ends_after_it_began")),
        sa.ForeignKeyConstraint(["key"], ["topic.key"], name=op.f("fk_topic_version_key")),
        sa.ForeignKeyConstraint(["seq"], ["revision.seq"], name=op.f("fk_topic_version_seq")),
        sa.ForeignKeyConstraint(["until"], ["revision.seq"], name=op.f("fk_topic_version_until")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_topic_version")),
    )
    with op.batch_alter_table("topic_version", schema=None) as batch_op:
        batch_op.create_index("ix_topic_version_key_seq", ["key", "seq"], unique=False)
        batch_op.create_index(
            "ix_topic_version_name_key_key",
            ["name_key", "key"],
            unique=False,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(
            "uq_topic_version_present",
            ["key"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "actor_identifier",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.String(length=500).with_variant(sa.String(length=500, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "identifier",
            sa.String(length=500).with_variant(sa.String(length=500, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["seq"], ["actor_version.seq"], name=op.f("fk_actor_identifier_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_actor_identifier")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("actor_identifier", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_actor_identifier_identifier"), ["identifier"], unique=False
        )

    op.create_table(
        "actor_name",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "name",
            sa.String(length=500).with_variant(sa.String(length=500, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "lang",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "script",
            sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "official",
                "alias",
                "transliteration",
                "former",
                name="namekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["seq"], ["actor_version.seq"], name=op.f("fk_actor_name_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_actor_name")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "addressee",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("actor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["actor"], ["actor.key"], name=op.f("fk_addressee_actor")),
        sa.ForeignKeyConstraint(
            ["seq"], ["attribution_version.seq"], name=op.f("fk_addressee_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_addressee")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "killed",
                "wounded",
                "casualties",
                "captured",
                "missing",
                "displaced",
                "destroyed",
                "deployed",
                "other",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "population",
            sa.Enum(
                "all",
                "civilian",
                "military",
                "police",
                "child",
                "prisoner",
                "mercenary",
                "other",
                name="population",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "per",
            sa.Enum(
                "total", "each", name="per", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "qualifier",
            sa.Enum(
                "exactly",
                "about",
                "almost",
                "more_than",
                "at_least",
                "at_most",
                "between",
                "vague",
                name="qualifier",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("best", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("period_lower", sa.BigInteger(), nullable=True),
        sa.Column("period_upper", sa.BigInteger(), nullable=True),
        sa.Column("cumulative", sa.Boolean(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "stated",
                "undisclosed",
                "denied",
                name="figurestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "qualifier <> 'about' OR (low IS NULL AND best IS NOT NULL AND high IS NULL)",
            name=op.f("ck_figure_about_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'almost' OR (low IS NULL AND best IS NULL AND high IS NOT NULL)",
            name=op.f("ck_figure_almost_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'at_least' OR (low IS NOT NULL AND best IS NULL AND high IS NULL)",
            name=op.f("ck_figure_at_least_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'at_most' OR (low IS NULL AND best IS NULL AND high IS NOT NULL)",
            name=op.f("ck_figure_at_most_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'between' OR (low IS NOT NULL AND best IS NULL AND high IS NOT NULL)",
            name=op.f("ck_figure_between_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'exactly' OR (low IS NULL AND best IS NOT NULL AND high IS NULL)",
            name=op.f("ck_figure_exactly_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'more_than' OR (low IS NOT NULL AND best IS NULL AND high IS NULL)",
            name=op.f("ck_figure_more_than_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'vague' OR (low IS NULL AND best IS NULL AND high IS NULL)",
            name=op.f("ck_figure_vague_gives_its_bounds"),
        ),
        sa.CheckConstraint(
            "status <> 'undisclosed' OR coalesce(low, best, high) IS NULL",
            name=op.f("ck_figure_undisclosed_has_no_bounds"),
        ),
        sa.CheckConstraint(
            "low <= high AND low <= best AND best <= high", name=op.f("ck_figure_in_order")
        ),
        sa.CheckConstraint("period_lower < period_upper", name=op.f("ck_figure_period_in_order")),
        sa.ForeignKeyConstraint(["place"], ["topic.key"], name=op.f("fk_figure_place")),
        sa.ForeignKeyConstraint(
            ["seq"], ["attribution_version.seq"], name=op.f("fk_figure_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_figure")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("figure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_figure_measure"), ["measure"], unique=False)
        batch_op.create_index(batch_op.f("ix_figure_place"), ["place"], unique=False)

    op.create_table(
        "figure_party",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("figure", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("actor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.key"], name=op.f("fk_figure_party_actor")),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["attribution_version.seq"],
            name=op.f("fk_figure_party_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", "figure", "position", name=op.f("pk_figure_party")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("figure_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_figure_party_actor"), ["actor"], unique=False)

    op.create_table(
        "membership",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "organization", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("source", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "printed",
                "editorial",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("lower", sa.BigInteger(), nullable=True),
        sa.Column("upper", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("lower < upper", name=op.f("ck_membership_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["organization"], ["actor.key"], name=op.f("fk_membership_organization")
        ),
        sa.ForeignKeyConstraint(
            ["seq"], ["actor_version.seq"], name=op.f("fk_membership_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source"], ["source.key"], name=op.f("fk_membership_source")),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_membership")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_organization"), ["organization"], unique=False
        )

    op.create_table(
        "relation",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "responds_to",
                "denies",
                "confirms",
                "contradicts",
                "corrects",
                "repeats",
                "comments_on",
                name="relationtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "statement", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("source", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "printed",
                "editorial",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["seq"], ["statement_version.seq"], name=op.f("fk_relation_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source"], ["source.key"], name=op.f("fk_relation_source")),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.key"], name=op.f("fk_relation_statement")
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_relation")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_statement"), ["statement"], unique=False)

    op.create_table(
        "selector",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "content",
                "speaker",
                "cue",
                "addressee",
                name="selectorrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("speaker", sa.Integer(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.CheckConstraint('(start IS NULL) = ("end" IS NULL)', name=op.f("ck_selector_both_ends")),
        sa.CheckConstraint('start < "end"', name=op.f("ck_selector_in_order")),
        sa.CheckConstraint("start >= 0", name=op.f("ck_selector_from_zero")),
        sa.ForeignKeyConstraint(
            ["seq"], ["attribution_version.seq"], name=op.f("fk_selector_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_selector")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_derivation",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("origin", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["origin"], ["source.key"], name=op.f("fk_source_derivation_origin")
        ),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["source_version.seq"],
            name=op.f("fk_source_derivation_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_source_derivation")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("source_derivation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_derivation_origin"), ["origin"], unique=False)

    op.create_table(
        "speaker",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("actor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "on_behalf_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "status",
            sa.Enum(
                "named",
                "role_only",
                "collective",
                "anonymous",
                "document",
                "unresolved",
                name="speakerstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["actor"], ["actor.key"], name=op.f("fk_speaker_actor")),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"], ["actor.key"], name=op.f("fk_speaker_on_behalf_of")
        ),
        sa.ForeignKeyConstraint(
            ["seq"], ["attribution_version.seq"], name=op.f("fk_speaker_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_speaker")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_speaker_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_speaker_on_behalf_of"), ["on_behalf_of"], unique=False)

    op.create_table(
        "statement_about",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("actor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.key"], name=op.f("fk_statement_about_actor")),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["statement_version.seq"],
            name=op.f("fk_statement_about_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_statement_about")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("statement_about", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_about_actor"), ["actor"], unique=False)

    op.create_table(
        "statement_topic",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["statement_version.seq"],
            name=op.f("fk_statement_topic_seq"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["topic"], ["topic.key"], name=op.f("fk_statement_topic_topic")),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_statement_topic")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("statement_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_topic_topic"), ["topic"], unique=False)

    op.create_table(
        "topic_broader",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("broader", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["broader"], ["topic.key"], name=op.f("fk_topic_broader_broader")),
        sa.ForeignKeyConstraint(
            ["seq"], ["topic_version.seq"], name=op.f("fk_topic_broader_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_topic_broader")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("topic_broader", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_broader_broader"), ["broader"], unique=False)

    op.create_table(
        "topic_identifier",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.String(length=500).with_variant(sa.String(length=500, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "identifier",
            sa.String(length=500).with_variant(sa.String(length=500, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["seq"], ["topic_version.seq"], name=op.f("fk_topic_identifier_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_topic_identifier")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("topic_identifier", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_topic_identifier_identifier"), ["identifier"], unique=False
        )

    op.create_table(
        "topic_label",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "label",
            sa.String(length=500).with_variant(sa.String(length=500, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "lang",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["topic_version.seq"], name=op.f("fk_topic_label_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_topic_label")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "via",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("actor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "spokesperson",
                "agency",
                "outlet",
                "platform",
                "document",
                "other",
                name="viakind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["actor"], ["actor.key"], name=op.f("fk_via_actor")),
        sa.ForeignKeyConstraint(
            ["seq"], ["attribution_version.seq"], name=op.f("fk_via_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_via")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("via", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_via_actor"), ["actor"], unique=False)

    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    with op.batch_alter_table("via", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_via_actor"))

    op.drop_table("via")
    op.drop_table("topic_label")
    with op.batch_alter_table("topic_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_identifier_identifier"))

    op.drop_table("topic_identifier")
    with op.batch_alter_table("topic_broader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_broader_broader"))

    op.drop_table("topic_broader")
    with op.batch_alter_table("statement_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_topic_topic"))

    op.drop_table("statement_topic")
    with op.batch_alter_table("statement_about", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_about_actor"))

    op.drop_table("statement_about")
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_speaker_on_behalf_of"))
        batch_op.drop_index(batch_op.f("ix_speaker_actor"))

    op.drop_table("speaker")
    with op.batch_alter_table("source_derivation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_derivation_origin"))

    op.drop_table("source_derivation")
    op.drop_table("selector")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_statement"))

    op.drop_table("relation")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_organization"))

    op.drop_table("membership")
    with op.batch_alter_table("figure_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_figure_party_actor"))

    op.drop_table("figure_party")
    with op.batch_alter_table("figure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_figure_place"))
        batch_op.drop_index(batch_op.f("ix_figure_measure"))

    op.drop_table("figure")
    op.drop_table("addressee")
    op.drop_table("actor_name")
    with op.batch_alter_table("actor_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actor_identifier_identifier"))

    op.drop_table("actor_identifier")
    with op.batch_alter_table("topic_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_topic_version_present",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index(
            "ix_topic_version_name_key_key",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_topic_version_key_seq")

    op.drop_table("topic_version")
    with op.batch_alter_table("statement_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_statement_version_present",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_statement_version_key_seq")

    op.drop_table("statement_version")
    with op.batch_alter_table("source_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_source_version_present",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index(
            "ix_source_version_publisher",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index(
            "ix_source_version_oldest_key",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index(
            "ix_source_version_newest_key",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_source_version_key_seq")

    op.drop_table("source_version")
    op.drop_table("search_row")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_listing_present",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_listing_oldest")
        batch_op.drop_index("ix_listing_newest")

    op.drop_table("listing")
    with op.batch_alter_table("attribution_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attribution_version_present",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_attribution_version_statement")
        batch_op.drop_index("ix_attribution_version_source")
        batch_op.drop_index("ix_attribution_version_parent")
        batch_op.drop_index("ix_attribution_version_key_seq")

    op.drop_table("attribution_version")
    with op.batch_alter_table("actor_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_actor_version_present",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index(
            "ix_actor_version_name_key_key",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index(
            "ix_actor_version_kind_name_key",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_actor_version_key_seq")

    op.drop_table("actor_version")
    op.drop_table("topic")
    op.drop_table("statement")
    op.drop_table("source")
    with op.batch_alter_table("name_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_word_name"))

    op.drop_table("name_word")
    op.drop_table("attribution")
    op.drop_table("actor")
    op.drop_table("snapshot")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revision_recorded_at"))

    op.drop_table("revision")
    with op.batch_alter_table("known_name", schema=None) as batch_op:
        batch_op.drop_index("ix_known_name_of")
        batch_op.drop_index(batch_op.f("ix_known_name_folded"))

    op.drop_table("known_name")
