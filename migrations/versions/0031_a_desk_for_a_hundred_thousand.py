"""Find callers, people without an address and mailboxes that take no mail without reading everybody's row."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two small indexes, and the webinar to that of addresses."""
    nobody, called = sa.text("email IS NULL"), sa.text("phone <> ''")
    op.create_index(
        "ix_registrations_without_email", "registrations", ["webinar_id"], postgresql_where=nobody, sqlite_where=nobody
    )
    op.create_index(
        "ix_registrations_phone", "registrations", ["phone"], postgresql_where=called, sqlite_where=called
    )
    op.create_index("ix_registrations_address", "registrations", ["address_key", "webinar_id"])
    op.drop_index("ix_registrations_address_key", table_name="registrations")


def downgrade() -> None:
    """Put the index of addresses back as it was, and drop the others."""
    op.create_index("ix_registrations_address_key", "registrations", ["address_key"])
    for name in ("address", "phone", "without_email"):
        op.drop_index(f"ix_registrations_{name}", table_name="registrations")
