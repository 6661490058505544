"""Let videos grow old in the open, carry papers and written answers, and be counted without anybody being followed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add where a video stands, the speakers' releases, papers, answers, and the counts."""
    op.add_column("videos", sa.Column("unsponsored", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("video_speakers", sa.Column("release_asked_on", sa.Date(), nullable=True))
    op.add_column("video_speakers", sa.Column("release_given_on", sa.Date(), nullable=True))
    op.add_column("video_speakers", sa.Column("release_proof", sa.String(300), server_default="", nullable=False))
    op.create_table(
        "video_standings",
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.String(200), server_default="", nullable=False),
        sa.Column("advice_aged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("newer_id", _KEY, nullable=True),
        sa.Column("withdrawn_because", sa.Text(), server_default="", nullable=False),
        _video("video_standings"),
        sa.ForeignKeyConstraint(
            ["newer_id"], ["videos.id"], name=op.f("fk_video_standings_newer_id_videos"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_video_standings")),
    )
    op.create_index("ix_video_standings_newer_id", "video_standings", ["newer_id"], unique=False)
    op.create_table(
        "video_papers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("start_seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('slides', 'handout', 'link')", name=op.f("ck_video_papers_kind")),
        _video("video_papers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_papers")),
        # Forms of open pages name a paper by its number.
        sqlite_autoincrement=True,
    )
    op.create_index("ix_video_papers_video_id", "video_papers", ["video_id"], unique=False)
    op.create_index("ix_video_papers_url", "video_papers", ["url"], unique=False)
    op.create_table(
        "video_answers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(200), nullable=False),
        sa.Column("start_seconds", sa.Integer(), nullable=True),
        _video("video_answers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_answers")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_video_answers_video_id", "video_answers", ["video_id"], unique=False)
    op.create_table(
        "video_counts",
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _video("video_counts"),
        sa.PrimaryKeyConstraint("video_id", "day", "language", "what", name=op.f("pk_video_counts")),
    )
    op.create_index("ix_video_counts_day", "video_counts", ["day"], unique=False)


def _video(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["video_id"], ["videos.id"], name=op.f(f"fk_{table}_video_id_videos"), ondelete="CASCADE"
    )


def downgrade() -> None:
    """Take all of it away, what was written and counted with it."""
    for table in ("video_counts", "video_answers", "video_papers", "video_standings"):
        op.drop_table(table)
    for name in ("release_proof", "release_given_on", "release_asked_on"):
        op.drop_column("video_speakers", name)
    op.drop_column("videos", "unsponsored")
