"""Let a medical term say what it is called in another language, so that a question in one finds talks in the other."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("terms", sa.Column("elsewhere", sa.String(100), server_default="", nullable=False))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("terms", "elsewhere")
