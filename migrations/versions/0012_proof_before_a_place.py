"""Let a series or a webinar hold places only until their address is proven."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the switch, until when places are held, and the index that finds those whose time is over."""
    op.add_column("series", sa.Column("require_proof", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("webinars", sa.Column("require_proof", sa.Boolean(), nullable=True))
    op.add_column("registrations", sa.Column("proof_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_registrations_held",
        "registrations",
        ["proof_until"],
        unique=False,
        postgresql_where=sa.text("proof_until IS NOT NULL"),
        sqlite_where=sa.text("proof_until IS NOT NULL"),
    )


def downgrade() -> None:
    """Take all of it away; places that were held are ordinary ones from then on."""
    op.drop_index("ix_registrations_held", table_name="registrations")
    op.drop_column("registrations", "proof_until")
    op.drop_column("webinars", "require_proof")
    op.drop_column("series", "require_proof")
