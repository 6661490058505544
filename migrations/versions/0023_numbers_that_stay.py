"""Keep what was counted of webinars: a report on last year must not need last year's names."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add both tables; the worker fills them, each webinar in a transaction of its own."""
    op.create_table(
        "webinar_countings",
        sa.Column("webinar_id", _KEY, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True)),
        sa.Column("frozen_at", sa.DateTime(timezone=True)),
        sa.Column("partial", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name="fk_webinar_countings_webinar_id_webinars", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", name="pk_webinar_countings"),
    )
    op.create_table(
        "webinar_numbers",
        sa.Column("webinar_id", _KEY, nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name="fk_webinar_numbers_webinar_id_webinars", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "what", "key", name="pk_webinar_numbers"),
    )


def downgrade() -> None:
    """Drop both; what was counted of deleted people is lost with them."""
    op.drop_table("webinar_numbers")
    op.drop_table("webinar_countings")
