"""Let registrations name their mailbox by its code, so that what is known of a mailbox ends with the last of them.

Codes are made with a key that no database has, so those of the registrations there are come from here.
"""

import sqlalchemy as sa
from alembic import op

from webinars.core.links import address_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BATCH = 2000


def upgrade() -> None:
    """Add the code, fill it in, and delete what is known of mailboxes that no registration leads to."""
    op.add_column("registrations", sa.Column("address_key", sa.String(length=40), server_default="", nullable=False))
    _fill()
    op.create_index("ix_registrations_address_key", "registrations", ["address_key"], unique=False)
    op.create_index(
        "ix_addresses_bounced",
        "addresses",
        ["key"],
        unique=False,
        postgresql_where=sa.text("bounced_at IS NOT NULL"),
        sqlite_where=sa.text("bounced_at IS NOT NULL"),
    )
    op.execute("DELETE FROM addresses WHERE key NOT IN (SELECT address_key FROM registrations)")


def downgrade() -> None:
    """Take the code away."""
    op.drop_index("ix_addresses_bounced", table_name="addresses")
    op.drop_index("ix_registrations_address_key", table_name="registrations")
    with op.batch_alter_table("registrations") as registrations:
        registrations.drop_column("address_key")


def _fill() -> None:
    places = sa.table(
        "registrations",
        sa.column("id", sa.BigInteger),
        sa.column("email_key", sa.String),
        sa.column("address_key", sa.String),
    )
    connection, last = op.get_bind(), 0
    batch = sa.select(places.c.id, places.c.email_key).order_by(places.c.id).limit(_BATCH)
    fill = sa.update(places).where(places.c.id == sa.bindparam("number")).values(address_key=sa.bindparam("code"))
    while rows := connection.execute(batch.where(places.c.id > last)).all():
        connection.execute(fill, [{"number": number, "code": address_key(folded)} for number, folded in rows])
        last = rows[-1][0]
