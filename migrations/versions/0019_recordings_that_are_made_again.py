"""Note of a recording that all was made of it once: a later look that fails takes none of it away."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the note, and write it for what is done."""
    op.add_column("media_jobs", sa.Column("complete", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(sa.text("UPDATE media_jobs SET complete = true WHERE state = 'done'"))


def downgrade() -> None:
    """Drop the note."""
    op.drop_column("media_jobs", "complete")
