"""Keep the pictures that texts show, and portraits of speakers."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the columns of a portrait: nobody has one so far."""
    op.create_table(
        "pictures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("widths", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("unused_since", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pictures_key"), "pictures", ["key"])
    op.add_column("speakers", sa.Column("portrait", sa.String(16), server_default="", nullable=False))
    op.add_column("speakers", sa.Column("portrait_words", sa.JSON(), server_default="{}", nullable=False))
    op.create_index(op.f("ix_speakers_portrait"), "speakers", ["portrait"])


def downgrade() -> None:
    """Drop them; the files stay until `flask media clean`."""
    op.drop_index(op.f("ix_speakers_portrait"), "speakers")
    op.drop_column("speakers", "portrait_words")
    op.drop_column("speakers", "portrait")
    op.drop_table("pictures")
