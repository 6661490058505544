"""Keep letters and calendars true: what came back, who left which mail, words and announcements by staff.

Registrations learn which entry their calendar holds. For those there were before, it is taken from what they were told.
"""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what comes back, classes of mail, words by staff, and what each calendar holds."""
    op.create_table(
        "inbound",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=60), server_default="", nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("sender", sa.String(length=254), server_default="", nullable=False),
        sa.Column("title", sa.String(length=300), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("handled_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("digest", name=op.f("uq_inbound_digest")),
    )
    op.create_index("ix_inbound_received_at", "inbound", ["received_at"], unique=False)
    op.create_index("ix_inbound_subject", "inbound", ["subject"], unique=False)
    op.create_index(
        "ix_inbound_tray",
        "inbound",
        ["id"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
        sqlite_where=sa.text("handled_at IS NULL"),
    )

    op.create_table(
        "unsubscriptions",
        sa.Column("address_key", sa.String(length=40), nullable=False),
        sa.Column("mail_class", sa.String(length=12), nullable=False),
        sa.Column("about", sa.String(length=40), server_default="", nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", "mail_class", "about", name=op.f("pk_unsubscriptions")),
    )
    op.create_table(
        "letter_texts",
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=300), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_letter_texts_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", "notice", "language", name=op.f("pk_letter_texts")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="draft", nullable=False),
        sa.Column("send_at", UtcInstant(), nullable=True),
        sa.Column("written_at", UtcInstant(), nullable=True),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("updated_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'scheduled', 'stopped')", name=op.f("ck_announcements_state")),
        sa.CheckConstraint("(webinar_id IS NULL) <> (series_id IS NULL)", name=op.f("ck_announcements_one_audience")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_announcements_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_announcements_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_series_id"), "announcements", ["series_id"], unique=False)
    op.create_index("ix_announcements_state_send_at", "announcements", ["state", "send_at"], unique=False)
    op.create_index(op.f("ix_announcements_webinar_id"), "announcements", ["webinar_id"], unique=False)

    op.add_column("addresses", sa.Column("bounce_words", sa.String(length=500), server_default="", nullable=False))
    op.add_column("addresses", sa.Column("soft_bounces", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("addresses", sa.Column("soft_since", UtcInstant(), nullable=True))
    op.add_column("addresses", sa.Column("feed_version", sa.Integer(), server_default="0", nullable=False))

    op.add_column("mailings", sa.Column("stopped_at", UtcInstant(), nullable=True))
    op.create_index("ix_mailings_due_at", "mailings", ["due_at"], unique=False)

    op.add_column("registrations", sa.Column("entry_sequence", sa.Integer(), nullable=True))
    op.add_column(
        "registrations", sa.Column("entry_withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("registrations", sa.Column("partstat", sa.String(length=16), server_default="", nullable=False))
    op.add_column("registrations", sa.Column("partstat_at", UtcInstant(), nullable=True))

    op.add_column(
        "series", sa.Column("decline_means", sa.String(length=12), server_default="recording", nullable=False)
    )
    op.add_column("webinars", sa.Column("recorded", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute(
        "UPDATE registrations SET entry_sequence = told_sequence + sequence_offset"
        " WHERE state = 'confirmed' AND told_sequence IS NOT NULL"
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_column("webinars", "recorded")

    op.drop_column("series", "decline_means")

    op.drop_column("registrations", "partstat_at")
    op.drop_column("registrations", "partstat")
    op.drop_column("registrations", "entry_withdrawn")
    op.drop_column("registrations", "entry_sequence")

    op.drop_index("ix_mailings_due_at", table_name="mailings")
    op.drop_column("mailings", "stopped_at")

    op.drop_column("addresses", "feed_version")
    op.drop_column("addresses", "soft_since")
    op.drop_column("addresses", "soft_bounces")
    op.drop_column("addresses", "bounce_words")

    op.drop_index(op.f("ix_announcements_webinar_id"), table_name="announcements")
    op.drop_index("ix_announcements_state_send_at", table_name="announcements")
    op.drop_index(op.f("ix_announcements_series_id"), table_name="announcements")

    op.drop_table("announcements")
    op.drop_table("letter_texts")
    op.drop_table("unsubscriptions")
    op.drop_index(
        "ix_inbound_tray",
        table_name="inbound",
        postgresql_where=sa.text("handled_at IS NULL"),
        sqlite_where=sa.text("handled_at IS NULL"),
    )
    op.drop_index("ix_inbound_subject", table_name="inbound")
    op.drop_index("ix_inbound_received_at", table_name="inbound")

    op.drop_table("inbound")
