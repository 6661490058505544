"""What programs send and get: types and words for the document. Lengths and ranges are checked by the services."""

from typing import Any

from marshmallow import fields, post_load, validate

from config import LANGUAGES
from webinars.api.extras_schemas import Paper, WrittenAnswer
from webinars.api.fields import Flag, Given, Instant, Shown, WallClock, check_address, check_answer, check_zone
from webinars.archive.models import VideoState
from webinars.archive.service import with_captions_ready
from webinars.core.http import site_url_for
from webinars.mail.models import MessageState
from webinars.registration.models import Mode, RegistrationState
from webinars.registration.rules import LONGEST_NAME, LONGEST_PHONE, LONGEST_QUESTION
from webinars.schedule.cleaning import MOST_ACCESS_DAYS, MOST_COMPANIONS
from webinars.schedule.models import WebinarState

_LOCAL = {"pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$", "example": "2026-12-03T13:00"}
_ZONE = {"description": "An IANA zone name, `UTC` included.", "example": "America/New_York"}
#: the switches of the sign-up form
_ASKS_ROLE = "Whether the form asks who somebody is."
_ASKS_ACCESS = "Whether the form asks what somebody needs to take part."
_COMPANIONS = "How many others somebody may register with the same form."
_FOLD = {"description": "Which of two equal local times when the clocks go back: 0 the first, 1 the second."}


def _line(longest: int, description: str = "", **more: Any) -> fields.String:
    return fields.String(
        metadata={"maxLength": longest} | ({"description": description} if description else {}), **more
    )


def _title(**more: Any) -> fields.String:
    return fields.String(metadata={"minLength": 1, "maxLength": 200}, **more)


def _slug(description: str = "The last part of its address; made from the title when absent.") -> fields.String:
    return _line(80, description, allow_none=True)


def _number(least: int, most: int, description: str = "", **more: Any) -> fields.Integer:
    words = {"description": description} if description else {}
    return fields.Integer(strict=True, metadata={"minimum": least, "maximum": most} | words, **more)


def _reminders(description: str, **more: Any) -> fields.List[int]:
    minutes = fields.Integer(strict=True, metadata={"minimum": 5, "maximum": 86_400})
    return fields.List(minutes, metadata={"description": description, "maxItems": 10}, **more)


def _translations(texts: str) -> fields.Dict:
    words = (
        f"Texts in further languages: language → {texts}. A language or a text left out stays as it is; null takes a "
        "language away, an empty text stands for the main one."
    )
    one = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    example = {"es": {"title": "Efectos secundarios"}}
    return fields.Dict(keys=fields.String(), values=one, metadata={"description": words, "example": example})


def _one_of(values: Any, **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf([str(value) for value in values]), **more)


class ListQuery(Given):
    """Which part of a list."""

    limit = fields.Integer(
        load_default=200, validate=validate.Range(1, 500), metadata={"description": "How many at most."}
    )
    cursor = fields.Integer(
        load_default=0, validate=validate.Range(0, 2**53), metadata={"description": "As given in `next`."}
    )


class WebinarQuery(ListQuery):
    """Which webinars."""

    series = fields.String(metadata={"description": "Slug of a series."})
    state = _one_of(WebinarState)


class MessageQuery(ListQuery):
    """Whose letters: name a registration, a webinar, or both."""

    registration = fields.String(metadata={"description": "Id of a registration."})
    webinar = fields.String(metadata={"description": "Slug of a webinar."})


class MailingQuery(ListQuery):
    """Mailings about which webinar."""

    webinar = fields.String(required=True, metadata={"description": "Slug of a webinar."})


class VideoQuery(ListQuery):
    """Which videos."""

    webinar = fields.String(metadata={"description": "Slug of the webinar they record."})


class Nothing(Given):
    """No fields: the body may be left out."""


class SeriesChanges(Given):
    """Fields of a series that can be set; those left out stay as they are."""

    slug = _slug()
    title = _title()
    summary = _line(2000, allow_none=True)
    time_zone = fields.String(metadata=_ZONE)
    reminders = _reminders("Minutes before the start, for its webinars that have none of their own.")
    topic = fields.String(allow_none=True, metadata={"description": "Slug of a topic."})
    sponsor_text = _line(2000, "Who pays; shown on every page of its webinars and videos.", allow_none=True)
    asks_role = Flag(metadata={"description": f"{_ASKS_ROLE} For its webinars that say nothing of their own."})
    asks_access = Flag(metadata={"description": f"{_ASKS_ACCESS} As above."})
    access_days = _number(0, MOST_ACCESS_DAYS, "Days before the start by which needs can be arranged.")
    companions = _number(0, MOST_COMPANIONS, f"{_COMPANIONS} As above.")
    require_proof = Flag(
        metadata={
            "description": "Whether a place taken on the website is only held, for a day at most, until somebody "
            "presses the button behind the first letter. Registrations by this API are never held."
        }
    )
    translations = _translations("`title`, `summary`, `sponsor_text`")


class NewSeries(SeriesChanges):
    """A series to make."""

    title = _title(required=True)


class Series(Shown):
    """A named run of webinars with its defaults."""

    slug = fields.String()
    title = fields.String()
    summary = fields.String()
    time_zone = fields.String(metadata=_ZONE)
    reminders = fields.List(fields.Integer())
    topic = fields.String(attribute="topic.slug", dump_default=None, allow_none=True)
    sponsor_text = fields.String()
    asks_role = fields.Boolean()
    asks_access = fields.Boolean()
    access_days = fields.Integer()
    companions = fields.Integer()
    require_proof = fields.Boolean()
    translations = fields.Dict(keys=fields.String(), values=fields.Dict())
    url = fields.Function(lambda series: site_url_for("site.series", slug=series.slug), metadata={"type": "string"})
    created_at = Instant()
    updated_at = Instant()


class WebinarChanges(Given):
    """Fields of a webinar that can be set; those left out stay as they are."""

    slug = _slug("The last part of its address; fixed once it was published.")
    series = fields.String(metadata={"description": "Slug of its series."})
    title = _title()
    summary = _line(2000, allow_none=True)
    description = _line(50_000, "Markdown.", allow_none=True)
    local_start = WallClock(metadata=_LOCAL)
    time_zone = fields.String(metadata=_ZONE)
    fold = _number(0, 1, _FOLD["description"], allow_none=True)
    duration_minutes = _number(1, 1440)
    capacity = _number(1, 1_000_000, "Places; null = as many as come.", allow_none=True)
    waiting_list = Flag()
    join_url = _line(500, "Where the room is; shown to nobody who is not registered.", allow_none=True)
    phone_number = _line(60, allow_none=True)
    phone_pin = _line(30, allow_none=True)
    language = fields.String(metadata={"example": "en"})
    access_text = _line(200, "How people can follow: captions, interpretation.", allow_none=True)
    translations = _translations("`title`, `summary`, `description`, `access_text`, `cancel_reason`")
    recorded = Flag(metadata={"description": "Whether a recording is promised; true when absent."})
    reminders = _reminders("Minutes before the start; null = as its series has them, empty = none.", allow_none=True)
    asks_role = Flag(allow_none=True, metadata={"description": f"{_ASKS_ROLE} null = as its series."})
    asks_access = Flag(allow_none=True, metadata={"description": f"{_ASKS_ACCESS} null = as its series."})
    companions = _number(0, MOST_COMPANIONS, f"{_COMPANIONS} null = as its series.", allow_none=True)


class NewWebinar(WebinarChanges):
    """A webinar to make; it begins as a draft."""

    series = fields.String(required=True, metadata={"description": "Slug of its series."})
    title = _title(required=True)
    local_start = WallClock(required=True, metadata=_LOCAL)


class NewStart(Given):
    """When a webinar takes place instead."""

    local_start = WallClock(required=True, metadata=_LOCAL)
    time_zone = fields.String(allow_none=True, metadata=_ZONE)
    duration_minutes = _number(1, 1440, allow_none=True)
    fold = _number(0, 1, _FOLD["description"], allow_none=True)


class Cancellation(Given):
    """Why a webinar does not take place."""

    reason = _line(1000, "Shown on its page and in the letters.", load_default="", allow_none=True)
    reasons = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        load_default=dict,
        metadata={"description": "The same in further languages: language → text."},
    )


class Webinar(Shown):
    """One live event of a series."""

    slug = fields.String()
    series = fields.String(attribute="series.slug")
    title = fields.String()
    summary = fields.String()
    description = fields.String()
    state = _one_of(WebinarState)
    local_start = WallClock(metadata=_LOCAL)
    time_zone = fields.String(metadata=_ZONE)
    fold = fields.Integer(metadata=_FOLD)
    duration_minutes = fields.Integer()
    starts_at = Instant(metadata={"description": "UTC."})
    ends_at = Instant(metadata={"description": "UTC."})
    capacity = fields.Integer(allow_none=True)
    waiting_list = fields.Boolean()
    confirmed = fields.Integer(attribute="confirmed_count")
    waitlisted = fields.Integer(attribute="waitlisted_count")
    join_url = fields.String()
    phone_number = fields.String()
    phone_pin = fields.String()
    language = fields.String()
    access_text = fields.String()
    recorded = fields.Boolean()
    reminders = fields.List(fields.Integer(), allow_none=True)
    asks_role = fields.Boolean(allow_none=True)
    asks_access = fields.Boolean(allow_none=True)
    companions = fields.Integer(allow_none=True)
    sequence = fields.Integer(metadata={"description": "SEQUENCE of its calendar entries."})
    cancel_reason = fields.String()
    translations = fields.Dict(keys=fields.String(), values=fields.Dict())
    url = fields.Function(lambda webinar: site_url_for("site.webinar", slug=webinar.slug), metadata={"type": "string"})
    published_at = Instant(allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class NewRegistration(Given):
    """Somebody to register; without an email the telephone number tells people apart."""

    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    email = fields.String(allow_none=True, validate=check_address, metadata={"format": "email", "maxLength": 254})
    phone = fields.String(allow_none=True, validate=validate.Length(max=LONGEST_PHONE))
    mode = _one_of(Mode, load_default=Mode.LIVE.value)
    time_zone = fields.String(allow_none=True, validate=check_zone, metadata=_ZONE)
    language = _one_of(LANGUAGES, metadata={"description": "Of the letters; the webinar's when absent."})
    discreet = Flag(
        load_default=False,
        metadata={"description": "Sender, subject, text and calendar entry name neither topic nor organisation."},
    )
    question = fields.String(allow_none=True, validate=validate.Length(max=LONGEST_QUESTION))
    answers = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^\d{1,18}\Z")),
        values=fields.Raw(validate=check_answer),
        metadata={
            "description": "By the number of a question of staff: words, the key of an option, `yes` or `no`, or a "
            "list of keys. None is required here; questions that the webinar does not ask are left out.",
            "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        },
    )


class Registration(Shown):
    """One person's place at one webinar."""

    id = fields.String(attribute="registration.public_id")
    webinar = fields.String(attribute="registration.webinar.slug")
    name = fields.String(attribute="registration.name")
    email = fields.String(attribute="registration.email", allow_none=True)
    phone = fields.String(attribute="registration.phone")
    state = _one_of(RegistrationState, attribute="registration.state")
    position = fields.Integer(
        allow_none=True, metadata={"description": "1..n without gaps among those waiting; null for all others."}
    )
    mode = _one_of(Mode, attribute="registration.mode")
    time_zone = fields.String(attribute="registration.time_zone")
    language = fields.String(attribute="registration.language")
    discreet = fields.Boolean(attribute="registration.discreet")
    created_at = Instant(attribute="registration.created_at")


class Message(Shown):
    """One letter to one address."""

    notice = fields.String(attribute="message.notice")
    registration = fields.String(allow_none=True, metadata={"description": "Id of the registration it is for."})
    state = _one_of(MessageState, attribute="message.state")
    attempts = fields.Integer(attribute="message.attempts")
    message_id = fields.String(attribute="message.message_id", metadata={"description": "Its Message-ID."})
    last_error = fields.String(attribute="message.last_error", allow_none=True)
    created_at = Instant(attribute="message.created_at")
    next_attempt_at = Instant(attribute="message.next_attempt_at")
    not_after = Instant(attribute="message.not_after", allow_none=True)
    sent_at = Instant(attribute="message.sent_at", allow_none=True)


class Mailing(Shown):
    """One notice going to all who are owed it for one webinar, and how far it is."""

    notice = fields.String(attribute="mailing.notice")
    occasion = fields.String(attribute="mailing.occasion")
    due_at = Instant(attribute="mailing.due_at")
    created_at = Instant(attribute="mailing.created_at")
    total = fields.Integer()
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Number of letters in each state."}
    )


_CAPTIONS = {"description": "Language → WebVTT text.", "example": {"en": "WEBVTT\n\n00:01.000 --> 00:04.000\nWelcome."}}


_NOT_REVIEWED: dict[str, Any] = {
    "dump_default": None, "allow_none": True, "metadata": {"description": "When somebody last reviewed it."},
}  # fmt: skip
_NO_NEWER: dict[str, Any] = {
    "dump_default": None,
    "allow_none": True,
    "metadata": {"description": "Slug of the talk to watch instead."},
}


class VideoChanges(Given):
    """Fields of a video that can be set; those left out stay, and captions replace those of the same language."""

    slug = _slug()
    title = _title()
    summary = _line(2000, allow_none=True)
    description = _line(50_000, "Markdown.", allow_none=True)
    webinar = fields.String(allow_none=True, metadata={"description": "Slug of the webinar it records; null = none."})
    topic = fields.String(allow_none=True, metadata={"description": "Slug of a topic."})
    series = fields.String(allow_none=True, metadata={"description": "Slug of a series."})
    language = fields.String(metadata={"example": "en"})
    recorded_on = fields.Date()
    media_url = _line(500, "An https address, or `media:<name>` for a file in the media store.", allow_none=True)
    poster_url = _line(500, "`media:<name>`, or empty.", allow_none=True)
    duration_seconds = _number(1, 86_400, allow_none=True)
    sponsor_text = _line(2000, "Its own; empty = its series'.", allow_none=True)
    unsponsored = fields.Boolean(metadata={"description": "Nobody paid for it."})
    captions = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_CAPTIONS)

    @post_load
    def read_captions(self, given: dict[str, Any], **about: Any) -> dict[str, Any]:
        """Read captions before the transaction of the deed begins: thousands of lines take their time."""
        return with_captions_ready(given)


class NewVideo(VideoChanges):
    """A video to make; needs a title, or a webinar from which one comes."""


class Video(Shown):
    """A recording or a stand-alone clip."""

    slug = fields.String(attribute="video.slug")
    title = fields.String(attribute="video.title")
    summary = fields.String(attribute="video.summary")
    description = fields.String(attribute="video.description")
    webinar = fields.String(attribute="video.webinar.slug", dump_default=None, allow_none=True)
    topic = fields.String(attribute="video.topic.slug", dump_default=None, allow_none=True)
    series = fields.String(attribute="video.series.slug", dump_default=None, allow_none=True)
    language = fields.String(attribute="video.language")
    recorded_on = fields.Date(attribute="video.recorded_on")
    media_url = fields.String(attribute="video.media_url")
    poster_url = fields.String(attribute="video.poster_url")
    duration_seconds = fields.Integer(attribute="video.duration_seconds", allow_none=True)
    sponsor_text = fields.String(attribute="video.sponsor_text")
    unsponsored = fields.Boolean(attribute="video.unsponsored")
    captions = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_CAPTIONS)
    papers = fields.List(fields.Nested(Paper))
    answers = fields.List(fields.Nested(WrittenAnswer))
    reviewed_on = fields.Date(attribute="video.standing.reviewed_on", **_NOT_REVIEWED)
    reviewed_by = fields.String(attribute="video.standing.reviewed_by", dump_default="")
    advice_aged = fields.Boolean(attribute="video.standing.advice_aged", dump_default=False)
    newer = fields.String(attribute="video.standing.newer.slug", **_NO_NEWER)
    withdrawn_because = fields.String(attribute="video.standing.withdrawn_because", dump_default="")
    state = _one_of(VideoState, attribute="video.state")
    url = fields.Function(
        lambda film: site_url_for("archive.video_page", slug=film.video.slug), metadata={"type": "string"}
    )
    published_at = Instant(attribute="video.published_at", allow_none=True)
    created_at = Instant(attribute="video.created_at")
    updated_at = Instant(attribute="video.updated_at")
