"""Second factors of staff: the secret of a code app, recovery codes, passkeys, and how far a sign-in was proven."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what is known of second factors; nobody has one yet, and no sign-in so far was made with one."""
    op.add_column("users", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("totp_step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("staff_sessions", sa.Column("strong", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("staff_sessions", sa.Column("proved_at", UtcInstant(), nullable=True))
    op.add_column("staff_sessions", sa.Column("used_at", UtcInstant(), nullable=True))
    op.create_table(
        "recovery_codes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(32), nullable=False),
        sa.Column("used_at", UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_codes_user_id_code_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "passkeys",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("used_at", UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passkeys_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("passkeys")
    op.drop_table("recovery_codes")
    op.drop_column("staff_sessions", "used_at")
    op.drop_column("staff_sessions", "proved_at")
    op.drop_column("staff_sessions", "strong")
    op.drop_column("users", "totp_step")
    op.drop_column("users", "totp_secret")
