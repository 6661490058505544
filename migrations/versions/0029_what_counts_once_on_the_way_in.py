"""Note what was used and counts once on the way in, so that an old cookie does not bring it again."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "spent_marks",
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_spent_marks")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("spent_marks")
