"""Let webinars, series, topics and news have their texts in further languages, beside the main ones."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TRANSLATED = ("webinars", "series", "topics", "news_items")


def upgrade() -> None:
    """Add the column that holds them, by language and field."""
    for table in _TRANSLATED:
        op.add_column(table, sa.Column("translations", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Take it away again, with what it holds."""
    for table in _TRANSLATED:
        op.drop_column(table, "translations")
