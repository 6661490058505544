"""Keep files of people on their way into a webinar, row by row, and what the columns of such files hold."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_AT_WORK = sa.text("state IN ('reading', 'checking', 'entering')")


def upgrade() -> None:
    """Make the four tables."""
    _make_imports()
    op.create_table(
        "import_pieces",
        sa.Column("import_id", _KEY, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _parent("import_pieces"),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_pieces"),
    )
    _make_rows()
    op.create_table(
        "import_columns",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("used_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_import_columns"),
    )


def _parent(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["import_id"], ["imports.id"], name=f"fk_{table}_import_id_imports", ondelete="CASCADE"
    )


def _make_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("webinar_id", _KEY, nullable=False),
        sa.Column("state", sa.String(12), server_default="reading", nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("acted_by", sa.String(40), nullable=False),
        sa.Column("language", sa.String(5), server_default="en", nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("headers", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("samples", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("columns", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("left_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("letters", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("held_up", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("claim_token", sa.String(32), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name="fk_imports_webinar_id_webinars", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        # Numbers are given once, as of all things that the audit trail names (0005).
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_webinar_id", "imports", ["webinar_id"])
    op.create_index("ix_imports_created_at", "imports", ["created_at"])
    op.create_index("ix_imports_at_work", "imports", ["id"], postgresql_where=_AT_WORK, sqlite_where=_AT_WORK)


def _make_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("import_id", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("fate", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=True),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(22), nullable=True),
        sa.Column("uid", sa.String(36), nullable=True),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("name_key", sa.String(300), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("email_key", sa.String(300), nullable=True),
        sa.Column("address_key", sa.String(40), nullable=True),
        sa.Column("phone", sa.String(60), nullable=True),
        sa.Column("mode", sa.String(12), nullable=True),
        sa.Column("time_zone", sa.String(64), nullable=True),
        sa.Column("language", sa.String(5), nullable=True),
        sa.Column("discreet", sa.Boolean(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        _parent("import_rows"),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_rows"),
    )


def downgrade() -> None:
    """Take them away, with what is on its way."""
    for table in ("import_columns", "import_rows", "import_pieces", "imports"):
        op.drop_table(table)
