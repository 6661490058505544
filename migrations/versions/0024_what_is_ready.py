"""Keep what staff ticked of a webinar's preparation, the steps they added, and which letters about it they want."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "readiness_marks",
        sa.Column("webinar_id", _KEY, nullable=False),
        sa.Column("step", sa.String(30), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("seen", sa.String(16), server_default="", nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('done', 'not needed')", name=op.f("ck_readiness_marks_state")),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_readiness_marks_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "step", name=op.f("pk_readiness_marks")),
    )
    _create_steps()
    op.create_table(
        "digest_choices",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("weekly", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("day_before", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_digest_choices_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest_choices")),
    )


def _create_steps() -> None:
    op.create_table(
        "readiness_steps",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("series_id", _KEY, nullable=True),
        sa.Column("webinar_id", _KEY, nullable=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(series_id IS NULL) <> (webinar_id IS NULL)", name=op.f("ck_readiness_steps_owner")
        ),
        sa.CheckConstraint("days BETWEEN -365 AND 365", name=op.f("ck_readiness_steps_days")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_readiness_steps_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_readiness_steps_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_steps")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_readiness_steps_series_id"), "readiness_steps", ["series_id"])
    op.create_index(op.f("ix_readiness_steps_webinar_id"), "readiness_steps", ["webinar_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("digest_choices", "readiness_steps", "readiness_marks"):
        op.drop_table(table)
