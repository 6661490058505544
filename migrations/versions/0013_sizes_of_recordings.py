"""Keep uploads under way, the work on recordings, and the files that were made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_AT_WORK = sa.text("state IN ('waiting', 'working')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "media_jobs",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("source", sa.String(190), nullable=False),
        sa.Column("state", sa.String(12), server_default="waiting", nullable=False),
        sa.Column("progress", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(12), server_default="", nullable=False),
        sa.Column("facts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claim_token", sa.String(32), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        _video("media_jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_media_jobs"),
        sa.UniqueConstraint("video_id", name="uq_media_jobs_video_id"),
        # Numbers are given once (0005): files are named by them.
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_jobs_at_work", "media_jobs", ["id"], postgresql_where=_AT_WORK, sqlite_where=_AT_WORK)
    op.create_table(
        "renditions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("source", sa.String(190), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=True),
        sa.Column("name", sa.String(190), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        _video("renditions"),
        sa.PrimaryKeyConstraint("id", name="pk_renditions"),
        sa.UniqueConstraint("video_id", "name", name="uq_renditions_video_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_renditions_name", "renditions", ["name"])
    op.create_table(
        "media_uploads",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(22), nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("touched_at", _INSTANT, nullable=False),
        _video("media_uploads"),
        sa.PrimaryKeyConstraint("id", name="pk_media_uploads"),
        sa.UniqueConstraint("public_id", name="uq_media_uploads_public_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_uploads_touched_at", "media_uploads", ["touched_at"])


def _video(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=f"fk_{table}_video_id_videos", ondelete="CASCADE")


def downgrade() -> None:
    """Take them away; the files stay in the media store, and videos play as they were taken in."""
    op.drop_table("media_uploads")
    op.drop_table("renditions")
    op.drop_table("media_jobs")
