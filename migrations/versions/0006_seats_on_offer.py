"""Let a freed seat be held for the next in line until a deadline, as the series or the webinar says."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add how long seats are held, and the index that finds the offers whose time is over."""
    op.add_column("series", sa.Column("offer_hours", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("webinars", sa.Column("offer_hours", sa.SmallInteger(), nullable=True))
    op.create_index(
        "ix_registrations_offered",
        "registrations",
        ["offered_until"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
        sqlite_where=sa.text("state = 'offered'"),
    )


def downgrade() -> None:
    """Take both away; who was offered a seat waits as long as the offer holds, and no program passes it on."""
    op.drop_index("ix_registrations_offered", table_name="registrations")
    op.drop_column("webinars", "offer_hours")
    op.drop_column("series", "offer_hours")
