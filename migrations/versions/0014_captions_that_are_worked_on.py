"""Let captions be worked on: who reviewed them, medical terms and how they are misheard, captions a program writes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_AT_WORK = sa.text("state IN ('waiting', 'working')")


def upgrade() -> None:
    """Add the columns of the captions, the terms, and the work of a program that writes captions."""
    op.add_column("caption_tracks", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("caption_tracks", sa.Column("reviewed_by", sa.String(200), server_default="", nullable=False))
    op.add_column("caption_tracks", sa.Column("reviewed_at", _INSTANT, nullable=True))
    op.create_index("ix_caption_tracks_state", "caption_tracks", ["state", "updated_at"])
    op.create_table(
        "terms",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("spelling", sa.String(100), nullable=False),
        sa.Column("misheard", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("explanation", sa.String(500), server_default="", nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("language", "spelling", name=op.f("uq_terms_language_spelling")),
        # The audit trail names a term by its number.
        sqlite_autoincrement=True,
    )
    _make_transcriptions()


def _make_transcriptions() -> None:
    op.create_table(
        "transcriptions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("state", sa.String(8), server_default="waiting", nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claim_token", sa.String(32), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_transcriptions_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcriptions")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transcriptions_video_id", "transcriptions", ["video_id"])
    op.create_index(
        "ix_transcriptions_at_work", "transcriptions", ["id"], postgresql_where=_AT_WORK, sqlite_where=_AT_WORK
    )


def downgrade() -> None:
    """Take them away; reviewed captions are reviewed by nobody in particular from then on."""
    op.drop_table("transcriptions")
    op.drop_table("terms")
    op.drop_index("ix_caption_tracks_state", table_name="caption_tracks")
    for column in ("reviewed_at", "reviewed_by", "version"):
        op.drop_column("caption_tracks", column)
