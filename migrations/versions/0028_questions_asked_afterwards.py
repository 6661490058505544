"""Let staff ask something when a webinar is over, and note at each webinar and each place what came of it."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: what is asked so far stands on the form."""
    op.add_column("questions", sa.Column("moment", sa.String(8), server_default="form", nullable=False))
    op.add_column("registrations", sa.Column("surveyed_at", UtcInstant(), nullable=True))
    op.add_column("webinars", sa.Column("surveys", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Drop them, and what was asked afterwards with its answers: it does not belong on a form."""
    op.execute("DELETE FROM answers WHERE question_id IN (SELECT id FROM questions WHERE moment = 'after')")
    op.execute("DELETE FROM questions WHERE moment = 'after'")
    op.drop_column("webinars", "surveys")
    op.drop_column("registrations", "surveyed_at")
    op.drop_column("questions", "moment")
