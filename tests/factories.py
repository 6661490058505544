"""Things to test with: plain functions that write, commit and give back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webinars.accounts import service as accounts
from webinars.accounts.models import User
from webinars.archive.models import Video
from webinars.core.database import db
from webinars.core.pictures import Picture
from webinars.core.text import email_key, name_key, slugify
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Topic, Webinar

#: the instant most tests take for the present
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def _save(thing: Any) -> Any:
    db.session.add(thing)
    db.session.commit()
    return thing


def make_topic(**fields: Any) -> Topic:
    return _save(
        Topic(
            **(
                {"slug": "immunotherapy", "title": "Immunotherapy", "summary": "How it works.", "body": "Text."}
                | fields
            )
        )
    )


def make_series(**fields: Any) -> Series:
    title = fields.get("title", "Side Effects")
    defaults = {
        "slug": slugify(title),
        "title": title,
        "sponsor_text": "Paid for by a fund.",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return _save(Series(**(defaults | fields)))


def make_webinar(
    series: Series | None = None, *, starts_in: timedelta = timedelta(days=10), now: datetime = NOW, **fields: Any
) -> Webinar:
    """Make a published webinar that starts some time from ``now``, as a wall-clock time in its zone."""
    series = series or db.session.query(Series).first() or make_series()
    zone = fields.pop("time_zone", "America/New_York")
    minutes = fields.pop("duration_minutes", 60)
    starts = now + starts_in
    local = starts.astimezone(ZoneInfo(zone))
    title = fields.pop("title", "Immunotherapy & Side Effects")
    defaults = {
        "slug": f"{slugify(title)}-{db.session.query(Webinar).count() + 1}",
        "series_id": series.id,
        "title": title,
        "summary": "What to expect.",
        "description": "You will learn a lot.",
        "local_start": local.replace(tzinfo=None),
        "fold": local.fold,
        "time_zone": zone,
        "duration_minutes": minutes,
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=minutes),
        "capacity": None,
        "join_url": "https://meet.example.org/room",
        "phone_number": "1-800-555-0142",
        "phone_pin": "4471",
        "state": "published",
        "start_set_at": now - timedelta(days=60),
        "published_at": now - timedelta(days=60),
        "created_at": now - timedelta(days=60),
        "updated_at": now - timedelta(days=60),
    }
    return _save(Webinar(**(defaults | fields)))


def make_registration(webinar: Webinar, name: str = "Alice", *, now: datetime = NOW, **fields: Any) -> Registration:
    """Make a confirmed registration, with the webinar's counters kept true."""
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}@example.org")
    state = fields.pop("state", "confirmed")
    defaults = {
        "webinar_id": webinar.id,
        "name": name,
        "name_key": name_key(name),
        "email": email,
        "email_key": email_key(email or f"tel@{name}"),
        "state": state,
        "time_zone": "America/New_York",
        "created_at": now,
        "state_since": now,
        "state_changes": 1,
    }
    if state == "confirmed":
        webinar.confirmed_count += 1
    if state == "waitlisted":
        defaults["line_number"] = webinar.next_in_line
        webinar.next_in_line += 1
        webinar.waitlisted_count += 1
    return _save(Registration(**(defaults | fields)))


def make_video(webinar: Webinar | None = None, **fields: Any) -> Video:
    title = fields.pop("title", "When to call your care team")
    defaults = {
        "slug": slugify(title),
        "title": title,
        "summary": "In short.",
        "description": "More.",
        "recorded_on": NOW.date(),
        "media_url": "media:clip.mp4",
        "duration_seconds": 60,
        "sponsor_text": "Paid for by a fund.",
        "state": "published",
        "published_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
        "webinar_id": webinar.id if webinar else None,
        "series_id": webinar.series_id if webinar else None,
    }
    return _save(Video(**(defaults | fields)))


def make_picture(**fields: Any) -> Picture:
    """Make a picture whose files are nowhere."""
    words = {"en": "A T cell meets a cancer cell", "es": "Una célula T ante una célula cancerosa"}
    defaults = {"key": "0123456789abcdef", "width": 960, "height": 540, "widths": [480, 960], "words": words}
    return _save(Picture(**(defaults | {"created_at": NOW} | fields)))


def make_user(
    email: str = "owner@example.org",
    role: str = "owner",
    password: str = "correct horse battery",
    *,
    now: datetime = NOW,
) -> User:
    user = accounts.add_user(email, role, password, now)
    db.session.commit()
    return user
