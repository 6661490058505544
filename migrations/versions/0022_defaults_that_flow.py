"""Let series say more for their webinars, note which webinars follow them in what, and know forms that made many."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what series say; webinars that are there keep what they have as their own."""
    op.add_column("series", sa.Column("language", sa.String(5), server_default="en", nullable=False))
    op.add_column("series", sa.Column("duration_minutes", sa.SmallInteger(), server_default="60", nullable=False))
    op.add_column("series", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("series", sa.Column("waiting_list", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("series", sa.Column("access_text", sa.String(200), server_default="", nullable=False))
    op.add_column("series", sa.Column("phone_number", sa.String(60), server_default="", nullable=False))
    op.add_column("series", sa.Column("phone_pin", sa.String(30), server_default="", nullable=False))
    op.add_column("webinars", sa.Column("follows", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "webinar_batches",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("series_id", _KEY, nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_webinar_batches_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webinar_batches")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("webinar_batches")
    op.drop_column("webinars", "follows")
    for name in ("phone_pin", "phone_number", "access_text", "waiting_list", "capacity", "duration_minutes", "language"):
        op.drop_column("series", name)
