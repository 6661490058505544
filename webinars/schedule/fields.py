"""What can be set of webinars, series, topics, news and speakers, with the reader of each field."""

from datetime import datetime

from flask_babel import gettext as _

from webinars.schedule.cleaning import (
    Reader,
    access_days,
    address,
    as_given,
    capacity,
    companions,
    day,
    day_needed,
    decline_means,
    flag,
    fold,
    followed,
    language,
    line,
    lines,
    offer_hours,
    own_companions,
    own_flag,
    own_offer_hours,
    phone,
    reminders,
    reminders_needed,
    translations,
    wall_clock,
    web_address,
    whole,
    zone,
)

#: characters of the reason why a webinar is called off
_MOST_REASON = 1000


def webinar_readers(now: datetime) -> dict[str, Reader]:
    """Name the fields of a webinar that can be set, with the reader of each."""
    return {
        "series": as_given,
        "speakers": as_given,
        "slug": address,
        "title": line(200, _("Give the webinar a title.")),
        "summary": lines(2000),
        "description": lines(50_000),
        "language": language,
        "translations": translations(
            {
                "title": line(200),
                "summary": lines(2000),
                "description": lines(50_000),
                "access_text": line(200),
                "cancel_reason": lines(_MOST_REASON),
            }
        ),
        "local_start": wall_clock(now),
        "time_zone": zone,
        "fold": fold,
        **_joining_and_places(),
        "offer_hours": own_offer_hours,
        "asks_role": own_flag,
        "asks_access": own_flag,
        "companions": own_companions,
        "require_proof": own_flag,
        "recorded": flag,
        "follows": followed,
        "join_url": web_address,
        "reminders": reminders,
    }


def cancelling_readers() -> dict[str, Reader]:
    """Name what can be said of why a webinar is called off, with the reader of each."""
    reason = lines(_MOST_REASON)
    return {"cancel_reason": reason, "translations": translations({"cancel_reason": reason})}


def reason_field(name: str) -> str:
    """Name a reason as callers do: "reason", "reasons.es"."""
    return name.removeprefix("cancel_").replace("translations", "reasons").removesuffix(".cancel_reason")


def series_readers() -> dict[str, Reader]:
    """Name the fields of a series that can be set, with the reader of each."""
    return {
        "topic": as_given,
        "slug": address,
        "title": line(200, _("Give the series a name.")),
        "summary": lines(2000),
        "time_zone": zone,
        "reminders": reminders_needed,
        "sponsor_text": lines(2000),
        "translations": translations({"title": line(200), "summary": lines(2000), "sponsor_text": lines(2000)}),
        "decline_means": decline_means,
        "offer_hours": offer_hours,
        "asks_role": flag,
        "asks_access": flag,
        "access_days": access_days,
        "companions": companions,
        "require_proof": flag,
        "language": language,
        **_joining_and_places(),
    }


def _joining_and_places() -> dict[str, Reader]:
    """Name what a webinar may follow its series in; both are read alike."""
    return {
        "access_text": line(200),
        "duration_minutes": whole(1, 1440, _("Give the length in minutes, from 1 to 1440.")),
        "capacity": capacity,
        "waiting_list": flag,
        "phone_number": phone,
        "phone_pin": line(30),
    }


def topic_readers() -> dict[str, Reader]:
    """Name the fields of a topic that can be set, with the reader of each."""
    return {
        "slug": address,
        "title": line(200, _("Give the topic a name.")),
        "summary": lines(2000),
        "body": lines(100_000),
        "translations": translations({"title": line(200), "summary": lines(2000), "body": lines(100_000)}),
        "reviewed_on": day,
    }


def news_readers() -> dict[str, Reader]:
    """Name the fields of a news item that can be set, with the reader of each."""
    return {
        "topic": as_given,
        "slug": address,
        "title": line(200, _("Give the news a headline.")),
        "body": lines(20_000, _("Write a few sentences.")),
        "published_on": day_needed,
        "translations": translations({"title": line(200), "body": lines(20_000)}),
    }


def speaker_readers() -> dict[str, Reader]:
    """Name the fields of a speaker that can be set, with the reader of each."""
    return {
        "name": line(200, _("Give the speaker’s name.")),
        "credentials": line(120),
        "role": line(200),
        "bio": lines(4000),
        "interests": lines(2000),
    }
