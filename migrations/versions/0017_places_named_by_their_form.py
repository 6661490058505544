"""Name a place by the form that made it: nothing of the form has to be kept beside it any more."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the number of the form."""
    op.drop_column("registrations", "form_nonce")


def downgrade() -> None:
    """Add the number of the form; that of forms sent before is gone, so they count as new ones."""
    op.add_column("registrations", sa.Column("form_nonce", sa.String(32), nullable=True))
