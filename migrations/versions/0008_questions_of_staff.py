"""Let staff ask more than name and address: questions, who somebody is, what they need, whom they bring."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the questions, their answers, the counts that outlive them, and the switches of the form."""
    op.create_table(
        "questions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("series_id", _KEY, nullable=True),
        sa.Column("webinar_id", _KEY, nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("role", sa.String(12), nullable=True),
        sa.Column("health", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(series_id IS NULL) <> (webinar_id IS NULL)", name=op.f("ck_questions_owner")),
        sa.CheckConstraint(
            "kind IN ('text', 'long', 'choice', 'several', 'yes_no')", name=op.f("ck_questions_kind")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_questions_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_questions_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        # Forms, programs and counts name a question by its number.
        sqlite_autoincrement=True,
    )
    op.create_index("ix_questions_series_id", "questions", ["series_id"], unique=False)
    op.create_index("ix_questions_webinar_id", "questions", ["webinar_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("question_id", _KEY, nullable=False),
        sa.Column("registration_id", _KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_answers_question_id_questions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_answers_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", "registration_id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_registration_id", "answers", ["registration_id"], unique=False)
    op.create_table(
        "tallies",
        sa.Column("webinar_id", _KEY, nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("choice", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_tallies_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "what", "choice", name=op.f("pk_tallies")),
    )
    op.add_column("series", sa.Column("asks_role", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("series", sa.Column("asks_access", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("series", sa.Column("access_days", sa.SmallInteger(), server_default="14", nullable=False))
    op.add_column("series", sa.Column("companions", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("webinars", sa.Column("asks_role", sa.Boolean(), nullable=True))
    op.add_column("webinars", sa.Column("asks_access", sa.Boolean(), nullable=True))
    op.add_column("webinars", sa.Column("companions", sa.SmallInteger(), nullable=True))
    op.add_column("webinars", sa.Column("asks", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("registrations", sa.Column("role", sa.String(12), nullable=True))
    op.add_column("registrations", sa.Column("access_needs", sa.Text(), server_default="", nullable=False))
    op.add_column("registrations", sa.Column("access_met_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("registrations", sa.Column("party", sa.String(22), nullable=True))
    for name, column, condition in (
        ("ix_registrations_party", "party", "party IS NOT NULL"),
        ("ix_registrations_access", "webinar_id", "access_needs <> ''"),
    ):
        op.create_index(
            name,
            "registrations",
            [column],
            unique=False,
            postgresql_where=sa.text(condition),
            sqlite_where=sa.text(condition),
        )


def downgrade() -> None:
    """Take all of it away, the answers and the counts with it."""
    op.drop_index("ix_registrations_access", table_name="registrations")
    op.drop_index("ix_registrations_party", table_name="registrations")
    for name in ("party", "access_met_at", "access_needs", "role"):
        op.drop_column("registrations", name)
    for name in ("asks", "companions", "asks_access", "asks_role"):
        op.drop_column("webinars", name)
    for name in ("companions", "access_days", "asks_access", "asks_role"):
        op.drop_column("series", name)
    op.drop_table("tallies")
    op.drop_table("answers")
    op.drop_table("questions")
