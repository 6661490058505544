"""Note who of the staff is responsible for a webinar, moderates it or speaks: hosts see theirs and no others."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "team_places",
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_team_places_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_team_places_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "user_id", "part", name=op.f("pk_team_places")),
    )
    op.create_index(op.f("ix_team_places_user_id"), "team_places", ["user_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("team_places")
