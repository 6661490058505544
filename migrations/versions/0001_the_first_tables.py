"""Make the first tables: all rooms of the house but search."""

import sqlalchemy as sa
from alembic import op

from webinars.core.database import UtcInstant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables: all rooms of the house but search."""
    op.create_table(
        "addresses",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("proven_at", UtcInstant(), nullable=True),
        sa.Column("bounced_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_addresses")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("last_used_at", UtcInstant(), nullable=True),
        sa.Column("revoked_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("name", name=op.f("uq_api_tokens_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=40), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entries_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entries_object", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "heartbeats",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("beat_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "mailings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=False),
        sa.Column("due_at", UtcInstant(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("settled_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailings")),
        sa.UniqueConstraint("notice", "about", "occasion", name=op.f("uq_mailings_notice_about_occasion")),
    )
    with op.batch_alter_table("mailings", schema=None) as batch_op:
        batch_op.create_index("ix_mailings_about", ["about"], unique=False)

    op.create_table(
        "outbox_control",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("on_hold", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("paused_until", UtcInstant(), nullable=True),
        sa.Column("pause_step", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_bulk_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_control")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "speakers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credentials", sa.String(length=120), server_default="", nullable=False),
        sa.Column("role", sa.String(length=200), server_default="", nullable=False),
        sa.Column("bio", sa.Text(), server_default="", nullable=False),
        sa.Column("interests", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speakers")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("slug", name=op.f("uq_topics_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", UtcInstant(), nullable=True),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
    )
    op.create_table(
        "idempotent_answers",
        sa.Column("token_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_tokens.id"], name=op.f("fk_idempotent_answers_token_id_api_tokens"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_idempotent_answers")),
    )
    with op.batch_alter_table("idempotent_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotent_answers_created_at"), ["created_at"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=40), server_default="", nullable=False),
        sa.Column("mailing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address_key", sa.String(length=40), nullable=True),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=12), server_default="pending", nullable=False),
        sa.Column("lane", sa.String(length=1), server_default="a", nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("next_attempt_at", UtcInstant(), nullable=False),
        sa.Column("not_after", UtcInstant(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claim_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", UtcInstant(), nullable=True),
        sa.Column("sent_at", UtcInstant(), nullable=True),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_messages_mailing_id_mailings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("notice", "subject", "occasion", name=op.f("uq_messages_notice_subject_occasion")),
        sa.UniqueConstraint("reference", name=op.f("uq_messages_reference")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_about", ["about", "state", "notice", "mailing_id"], unique=False)
        batch_op.create_index("ix_messages_address", ["address_key", "created_at"], unique=False)
        batch_op.create_index(
            "ix_messages_due",
            ["lane", "next_attempt_at", "id", "attempts", "state"],
            unique=False,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "ix_messages_expired",
            ["state", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'expired'"),
            sqlite_where=sa.text("state = 'expired'"),
        )
        batch_op.create_index(
            "ix_messages_failed",
            ["state", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'failed'"),
            sqlite_where=sa.text("state = 'failed'"),
        )
        batch_op.create_index(
            "ix_messages_lease",
            ["state", "lease_until"],
            unique=False,
            postgresql_where=sa.text("state = 'sending'"),
            sqlite_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index("ix_messages_mailing", ["mailing_id", "state"], unique=False)
        batch_op.create_index("ix_messages_subject", ["subject"], unique=False)

    op.create_table(
        "news_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_news_items_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_items")),
        sa.UniqueConstraint("slug", name=op.f("uq_news_items_slug")),
    )
    with op.batch_alter_table("news_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_items_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("sponsor_text", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("updated_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_series_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("device", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_staff_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_sessions_token_hash")),
    )
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_sessions_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_user_roles_role_id_roles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    with op.batch_alter_table("user_roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_roles_role_id"), ["role_id"], unique=False)

    op.create_table(
        "webinars",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(length=5), server_default="en", nullable=False),
        sa.Column("access_text", sa.String(length=200), server_default="", nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("fold", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("duration_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("waiting_list", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("confirmed_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("offered_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waitlisted_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_in_line", sa.Integer(), server_default="1", nullable=False),
        sa.Column("join_url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("phone_number", sa.String(length=60), server_default="", nullable=False),
        sa.Column("phone_pin", sa.String(length=30), server_default="", nullable=False),
        sa.Column("reminders", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=12), server_default="draft", nullable=False),
        sa.Column("cancel_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("start_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("start_set_at", UtcInstant(), nullable=False),
        sa.Column("published_at", UtcInstant(), nullable=True),
        sa.Column("cancelled_at", UtcInstant(), nullable=True),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("updated_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'cancelled')", name=op.f("ck_webinars_state")),
        sa.CheckConstraint(
            "capacity IS NULL OR confirmed_count + offered_count <= capacity", name=op.f("ck_webinars_seats")
        ),
        sa.CheckConstraint(
            "confirmed_count >= 0 AND offered_count >= 0 AND waitlisted_count >= 0", name=op.f("ck_webinars_counters")
        ),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_webinars_duration")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_webinars_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webinars")),
        sa.UniqueConstraint("slug", name=op.f("uq_webinars_slug")),
    )
    with op.batch_alter_table("webinars", schema=None) as batch_op:
        batch_op.create_index("ix_webinars_series_id_starts_at", ["series_id", "starts_at"], unique=False)
        batch_op.create_index("ix_webinars_series_id_state_ends_at", ["series_id", "state", "ends_at"], unique=False)
        batch_op.create_index("ix_webinars_starts_at", ["starts_at"], unique=False)
        batch_op.create_index("ix_webinars_state_ends_at", ["state", "ends_at"], unique=False)
        batch_op.create_index("ix_webinars_state_starts_at", ["state", "starts_at"], unique=False)

    op.create_table(
        "registrations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=60), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=12), server_default="live", nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("offered_until", UtcInstant(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=5), server_default="en", nullable=False),
        sa.Column("discreet", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("sequence_offset", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told_sequence", sa.Integer(), nullable=True),
        sa.Column("state_changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state_since", UtcInstant(), nullable=False),
        sa.Column("link_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entered_by_staff", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("form_nonce", sa.String(length=32), nullable=True),
        sa.Column("answered_at", UtcInstant(), nullable=True),
        sa.Column("suspicious", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('confirmed', 'waitlisted', 'offered', 'recording-only', 'cancelled')",
            name=op.f("ck_registrations_state"),
        ),
        sa.ForeignKeyConstraint(["webinar_id"], ["webinars.id"], name=op.f("fk_registrations_webinar_id_webinars")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_registrations_public_id")),
        sa.UniqueConstraint(
            "webinar_id", "email_key", "name_key", name=op.f("uq_registrations_webinar_id_email_key_name_key")
        ),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index("ix_registrations_arrival", ["webinar_id", "created_at"], unique=False)
        batch_op.create_index("ix_registrations_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_registrations_email_key", ["email_key"], unique=False)
        batch_op.create_index("ix_registrations_told", ["webinar_id", "told_sequence"], unique=False)
        batch_op.create_index("ix_registrations_webinar_id_state", ["webinar_id", "state", "line_number"], unique=False)

    op.create_table(
        "videos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("language", sa.String(length=5), server_default="en", nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("media_url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("poster_url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("sponsor_text", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=12), server_default="draft", nullable=False),
        sa.Column("published_at", UtcInstant(), nullable=True),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("updated_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_videos_state")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_videos_series_id_series")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_videos_topic_id_topics")),
        sa.ForeignKeyConstraint(["webinar_id"], ["webinars.id"], name=op.f("fk_videos_webinar_id_webinars")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_videos")),
        sa.UniqueConstraint("slug", name=op.f("uq_videos_slug")),
    )
    with op.batch_alter_table("videos", schema=None) as batch_op:
        batch_op.create_index("ix_videos_media_url", ["media_url"], unique=False)
        batch_op.create_index("ix_videos_poster_url", ["poster_url"], unique=False)
        batch_op.create_index("ix_videos_published_at", ["published_at"], unique=False)
        batch_op.create_index("ix_videos_series_id", ["series_id", "recorded_on"], unique=False)
        batch_op.create_index("ix_videos_state_recorded_on", ["state", "recorded_on", "id"], unique=False)
        batch_op.create_index("ix_videos_topic_id", ["topic_id", "recorded_on"], unique=False)
        batch_op.create_index("ix_videos_webinar_id", ["webinar_id"], unique=False)

    op.create_table(
        "webinar_speakers",
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("speaker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speakers.id"], name=op.f("fk_webinar_speakers_speaker_id_speakers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_webinar_speakers_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "speaker_id", name=op.f("pk_webinar_speakers")),
    )
    with op.batch_alter_table("webinar_speakers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webinar_speakers_speaker_id"), ["speaker_id"], unique=False)

    op.create_table(
        "attendances",
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("joined_at", UtcInstant(), nullable=False),
        sa.Column("via", sa.String(length=12), server_default="web", nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_attendances_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_attendances_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_attendances")),
    )
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.create_index("ix_attendances_webinar_id", ["webinar_id"], unique=False)

    op.create_table(
        "caption_tracks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("video_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="automatic", nullable=False),
        sa.Column("vtt", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_caption_tracks_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caption_tracks")),
        sa.UniqueConstraint("video_id", "language", name=op.f("uq_caption_tracks_video_id_language")),
    )
    op.create_table(
        "chapters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("video_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start_seconds", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_chapters_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sa.UniqueConstraint("video_id", "start_seconds", name=op.f("uq_chapters_video_id_start_seconds")),
    )
    op.create_table(
        "video_speakers",
        sa.Column("video_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("speaker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speakers.id"], name=op.f("fk_video_speakers_speaker_id_speakers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_video_speakers_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", "speaker_id", name=op.f("pk_video_speakers")),
    )
    with op.batch_alter_table("video_speakers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_video_speakers_speaker_id"), ["speaker_id"], unique=False)

    op.create_table(
        "cues",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("track_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("video_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["caption_tracks.id"], name=op.f("fk_cues_track_id_caption_tracks"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_cues_video_id_videos"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cues")),
    )
    with op.batch_alter_table("cues", schema=None) as batch_op:
        batch_op.create_index("ix_cues_track_id_start_ms", ["track_id", "start_ms"], unique=False)
        batch_op.create_index("ix_cues_video_id", ["video_id"], unique=False)
    # The one row that says whether mail is on hold.
    op.execute("INSERT INTO outbox_control (id, on_hold) VALUES (1, false)")


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("cues", schema=None) as batch_op:
        batch_op.drop_index("ix_cues_video_id")
        batch_op.drop_index("ix_cues_track_id_start_ms")

    op.drop_table("cues")
    with op.batch_alter_table("video_speakers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_video_speakers_speaker_id"))

    op.drop_table("video_speakers")
    op.drop_table("chapters")
    op.drop_table("caption_tracks")
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.drop_index("ix_attendances_webinar_id")

    op.drop_table("attendances")
    with op.batch_alter_table("webinar_speakers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webinar_speakers_speaker_id"))

    op.drop_table("webinar_speakers")
    with op.batch_alter_table("videos", schema=None) as batch_op:
        batch_op.drop_index("ix_videos_webinar_id")
        batch_op.drop_index("ix_videos_topic_id")
        batch_op.drop_index("ix_videos_state_recorded_on")
        batch_op.drop_index("ix_videos_series_id")
        batch_op.drop_index("ix_videos_published_at")
        batch_op.drop_index("ix_videos_poster_url")
        batch_op.drop_index("ix_videos_media_url")

    op.drop_table("videos")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index("ix_registrations_webinar_id_state")
        batch_op.drop_index("ix_registrations_told")
        batch_op.drop_index("ix_registrations_email_key")
        batch_op.drop_index("ix_registrations_created_at")
        batch_op.drop_index("ix_registrations_arrival")

    op.drop_table("registrations")
    with op.batch_alter_table("webinars", schema=None) as batch_op:
        batch_op.drop_index("ix_webinars_state_starts_at")
        batch_op.drop_index("ix_webinars_state_ends_at")
        batch_op.drop_index("ix_webinars_starts_at")
        batch_op.drop_index("ix_webinars_series_id_state_ends_at")
        batch_op.drop_index("ix_webinars_series_id_starts_at")

    op.drop_table("webinars")
    with op.batch_alter_table("user_roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_roles_role_id"))

    op.drop_table("user_roles")
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_sessions_user_id"))
        batch_op.drop_index(batch_op.f("ix_staff_sessions_ends_at"))

    op.drop_table("staff_sessions")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_topic_id"))

    op.drop_table("series")
    with op.batch_alter_table("news_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_news_items_topic_id"))

    op.drop_table("news_items")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_subject")
        batch_op.drop_index("ix_messages_mailing")
        batch_op.drop_index(
            "ix_messages_lease",
            postgresql_where=sa.text("state = 'sending'"),
            sqlite_where=sa.text("state = 'sending'"),
        )
        batch_op.drop_index(
            "ix_messages_failed", postgresql_where=sa.text("state = 'failed'"), sqlite_where=sa.text("state = 'failed'")
        )
        batch_op.drop_index(
            "ix_messages_expired",
            postgresql_where=sa.text("state = 'expired'"),
            sqlite_where=sa.text("state = 'expired'"),
        )
        batch_op.drop_index(
            "ix_messages_due", postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'")
        )
        batch_op.drop_index("ix_messages_address")
        batch_op.drop_index("ix_messages_about")

    op.drop_table("messages")
    with op.batch_alter_table("idempotent_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotent_answers_created_at"))

    op.drop_table("idempotent_answers")
    op.drop_table("users")
    op.drop_table("topics")
    op.drop_table("speakers")
    op.drop_table("roles")
    op.drop_table("outbox_control")
    with op.batch_alter_table("mailings", schema=None) as batch_op:
        batch_op.drop_index("ix_mailings_about")

    op.drop_table("mailings")
    op.drop_table("heartbeats")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_object")
        batch_op.drop_index(batch_op.f("ix_audit_entries_at"))

    op.drop_table("audit_entries")
    op.drop_table("api_tokens")
    op.drop_table("addresses")
