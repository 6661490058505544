"""Let the database refuse to alter an entry of the audit trail; only its age takes it away."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SENTENCE = "entries of the audit trail are never altered"


def upgrade() -> None:
    """Put the guard in place."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries "
            f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_to_alter_audit() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries "
        "FOR EACH ROW EXECUTE FUNCTION refuse_to_alter_audit()"
    )


def downgrade() -> None:
    """Take the guard away."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entries_stay")
        return
    op.execute("DROP TRIGGER audit_entries_stay ON audit_entries")
    op.execute("DROP FUNCTION refuse_to_alter_audit()")
