"""Notice waves of sign-ups: from which network each came (kept for a week), and what staff said of the wave."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KNOWN = sa.text("client_key IS NOT NULL")
_OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Add the network and the wait of letters to registrations, and the table of waves."""
    op.add_column("registrations", sa.Column("client_key", sa.String(32), nullable=True))
    op.add_column("registrations", sa.Column("letters_from", UtcInstant(), nullable=True))
    op.create_index(
        "ix_registrations_network",
        "registrations",
        ["created_at", "client_key"],
        postgresql_where=_KNOWN,
        sqlite_where=_KNOWN,
    )
    op.create_table(
        "waves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("key", sa.String(32), server_default="", nullable=False),
        sa.Column("began_at", UtcInstant(), nullable=False),
        sa.Column("last_at", UtcInstant(), nullable=False),
        sa.Column("sign_ups", sa.Integer(), nullable=False),
        sa.Column("noticed_at", UtcInstant(), nullable=False),
        sa.Column("settled_at", UtcInstant(), nullable=True),
        sa.Column("are_people", sa.Boolean(), nullable=True),
        sa.Column("removed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_waves_open", "waves", ["kind", "key"], unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN)


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("waves")
    op.drop_index("ix_registrations_network", table_name="registrations")
    op.drop_column("registrations", "letters_from")
    op.drop_column("registrations", "client_key")
