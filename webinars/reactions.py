"""What follows from what, in one place; every reaction runs inside the transaction of the deed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import Select

from webinars.accounts import service as accounts
from webinars.archive import events as archive
from webinars.archive import queries as videos
from webinars.archive.album import service as album
from webinars.archive.models import Video
from webinars.core.clock import utc_now
from webinars.mail import events as mail
from webinars.mail import outbox
from webinars.mail.inbound import marks
from webinars.mail.inbound.replies import CalendarAnswer, Followed
from webinars.mail.letters import Sent
from webinars.mail.models import Message
from webinars.notices import (
    announcement_queries,
    announcement_service,
    announcements,
    derive,
    desk_settling,
    owed,
    subscriptions,
)
from webinars.notices import queries as notices
from webinars.registration import answers
from webinars.registration import events as registration
from webinars.registration import queries as places
from webinars.registration import service as registrations
from webinars.registration.models import AddressChange, Registration, Wave
from webinars.registration.questions import service as questions
from webinars.schedule import events as schedule
from webinars.schedule.models import Series, Speaker, Webinar
from webinars.schedule.month import Dated
from webinars.site import events as site
from webinars.staff import reviews
from webinars.staff.numbers import service as numbers
from webinars.staff.readiness import service as readiness

_MOST_NAMED = 6


def connect_reactions() -> None:
    """Connect the rooms: on the left what happened, on the right what follows.

    Who is owed a letter about a moved, changed or called-off webinar, a reminder or a recording is derived from the
    state (webinars.notices.derive): here such a deed only wakes the worker, so that nobody waits for its next tick.
    """
    for deed in (schedule.webinar_moved, schedule.webinar_changed, schedule.webinar_cancelled, archive.video_published):
        deed.connect(_look_soon)
    schedule.webinar_changed.connect(_leave_others_in_peace)
    schedule.webinar_cancelled.connect(_take_back_planned)
    registration.place_held.connect(_ask_for_proof)
    registration.place_confirmed.connect(_confirm)
    registration.place_waitlisted.connect(_tell_place_in_line)
    registration.switched_to_recording.connect(_tell_recording_place)
    registration.places_entered.connect(_tell_entered)
    registration.place_promoted.connect(_tell_promotion)
    registration.seat_offered.connect(_offer)
    registration.offer_lapsed.connect(_tell_lapse)
    registration.place_cancelled.connect(_withdraw_entry)
    registration.place_repeated.connect(_repeat)
    registration.dates_taken.connect(_tell_dates)
    registration.link_requested.connect(_send_links)
    registration.wave_noticed.connect(_alarm)
    registration.address_asked.connect(_ask_new_address)
    registration.address_changed.connect(_tell_old_address)
    registration.news_asked.connect(_show_news)
    schedule.capacity_changed.connect(_promote)
    schedule.asking_changed.connect(_settle_asking)
    schedule.webinar_duplicated.connect(_copy_questions)
    schedule.webinar_duplicated.connect(_copy_steps)
    schedule.reminders_added.connect(_pass_over)
    schedule.letters_asked.connect(_count_news)
    schedule.dates_asked.connect(_name_announcements)
    schedule.dates_asked.connect(_name_reviews)
    schedule.entries_asked.connect(_count_entries)
    schedule.ending_asked.connect(_name_planned)
    schedule.uses_asked.connect(_name_registrations)
    schedule.uses_asked.connect(_name_videos)
    schedule.speaker_deleted.connect(_delete_portrait)
    archive.letters_asked.connect(_count_letters)
    mail.letters_sent.connect(_note_told)
    mail.letter_failed.connect(_note_refusal)
    mail.letter_withheld.connect(_keep_owed)
    mail.letter_bounced.connect(_note_bounce)
    mail.calendar_answered.connect(_take_answer)
    mail.left_by_mail.connect(_leave)
    mail.complained.connect(_leave)
    site.names_go.connect(_count_for_good)
    site.people_go.connect(_go_on_counting)
    site.letters_go.connect(_go_on_counting_letters)


def _look_soon(_what: Webinar | Video, **_: Any) -> None:
    outbox.look_soon()


def _leave_others_in_peace(webinar: Webinar, *, readers: frozenset[str] | None, **_: Any) -> None:
    if readers is not None:
        owed.note_unconcerned(webinar, readers)


def _take_back_planned(webinar: Webinar, *, now: datetime, **_: Any) -> None:
    announcement_service.take_back_planned(webinar, now)


def _ask_for_proof(place: Registration, *, now: datetime, by: str, **_: Any) -> None:
    owed.owe_proof(place, now, by)


def _confirm(place: Registration, *, now: datetime, by: str, quiet: bool, **_: Any) -> None:
    if not quiet:
        owed.owe_confirmation(place, now, by)


def _tell_place_in_line(place: Registration, *, now: datetime, by: str, quiet: bool, **_: Any) -> None:
    if not quiet:
        owed.owe_waiting(place, now, by)


def _tell_recording_place(place: Registration, *, now: datetime, by: str, quiet: bool, **_: Any) -> None:
    if not quiet:
        owed.owe_recording_place(place, now, by)
    recording = videos.find_recording(place.webinar_id)
    if recording is not None:
        owed.owe_recording(place, recording.id, now, by)


def _tell_entered(webinar: Webinar, *, now: datetime, quiet: bool, key: str, places: Select[Any], **_: Any) -> None:
    if not quiet:
        owed.owe_entered(webinar, places, key, now)
    recording = videos.find_recording(webinar.id)
    if recording is not None:
        owed.owe_entered_recording(webinar, places, recording.id, now)


def _tell_promotion(place: Registration, *, now: datetime, **_: Any) -> None:
    owed.owe_promotion(place, now)


def _offer(place: Registration, *, now: datetime, **_: Any) -> None:
    owed.owe_offer(place, now)


def _tell_lapse(place: Registration, *, now: datetime, **_: Any) -> None:
    owed.owe_lapse(place, now)


def _withdraw_entry(place: Registration, *, now: datetime, **_: Any) -> None:
    owed.owe_own_cancellation(place, now)


def _repeat(
    place: Registration, *, now: datetime, by: str, request_id: str, not_before: datetime | None = None, **_: Any
) -> None:
    owed.owe_again(place, request_id, now, by, not_before)


def _tell_dates(places: Sequence[Registration], *, now: datetime, not_before: datetime | None, **_: Any) -> None:
    owed.owe_dates(places, now, not_before)


def _send_links(address: str, *, now: datetime, request_id: str, not_before: datetime | None, **_: Any) -> None:
    owed.owe_link(address, request_id, now, not_before)


def _alarm(wave: Wave, *, now: datetime, **_: Any) -> None:
    accounts.alarm("wave", str(wave.id), now)


def _ask_new_address(change: AddressChange, *, now: datetime, **_: Any) -> None:
    owed.owe_new_address(change, now)


def _tell_old_address(place: Registration, *, now: datetime, before: str, taken: int | None, **_: Any) -> None:
    owed.owe_address_note(place, before, taken, now)


def _show_news(place: Registration, **_: Any) -> list[announcements.PlaceNews]:
    return announcements.news_of(place)


def _promote(webinar: Webinar, *, now: datetime, **_: Any) -> None:
    registrations.promote_waiting(webinar.id, now)


def _settle_asking(owner: Series | Webinar, **_: Any) -> None:
    questions.settle(owner)


def _copy_questions(copy: Webinar, *, original: Webinar, now: datetime, without: Collection[str], **_: Any) -> None:
    if "questions" in without:
        questions.settle(copy)
    else:
        questions.copy(original, copy, now)


def _copy_steps(copy: Webinar, *, original: Webinar, now: datetime, **_: Any) -> None:
    readiness.copy_steps(original, copy, now)


def _pass_over(webinar_ids: list[int], *, minutes: set[int], now: datetime, **_: Any) -> None:
    derive.pass_over(webinar_ids, minutes, now)


def _count_letters(video: Video, **_: Any) -> int:
    return notices.count_reached(video.webinar_id) if video.webinar_id else 0


def _count_news(webinar_ids: tuple[int, ...], **_: Any) -> dict[int, int]:
    return notices.count_reached_of(webinar_ids)


def _name_announcements(span: tuple[datetime, datetime], **_: Any) -> list[Dated]:
    return [
        Dated(
            one.send_at,
            gettext("Announcement: %(subject)s", subject=announcement_queries.subject_of(one)),
            "notices_staff.announcement",
            {"announcement_id": one.id},
        )
        for one in announcement_queries.planned_between(*span)
        if one.send_at
    ]


def _name_reviews(span: tuple[datetime, datetime], **_: Any) -> list[Dated]:
    return reviews.due_between(*span, utc_now())


def _count_entries(webinar: Webinar, **_: Any) -> int:
    return places.count_invited(webinar.id)


def _name_planned(webinar: Webinar, **_: Any) -> list[str]:
    number = announcement_queries.count_planned(webinar.id)
    words = ngettext(
        "%(num)s planned announcement becomes a draft again.",
        "%(num)s planned announcements become drafts again.",
        number,
    )
    return [words] if number else []


def _name_registrations(thing: Webinar | Speaker, **_: Any) -> list[str]:
    number = sum(places.counts(thing.id).by_state.values()) if isinstance(thing, Webinar) else 0
    return [ngettext("%(num)s registration", "%(num)s registrations", number)] if number else []


def _name_videos(thing: Webinar | Speaker, **_: Any) -> list[str]:
    if isinstance(thing, Webinar):
        titles = [video.title for video in videos.videos_of_webinar(thing.id, published=False)]
    else:
        titles = videos.titles_of_speaker(thing.id, _MOST_NAMED)
    return [gettext("the video “%(title)s”", title=title) for title in titles]


def _delete_portrait(speaker: Speaker, **_: Any) -> None:
    album.forget(speaker.portrait)


def _note_told(sent: list[Sent], **_: Any) -> None:
    owed.note_told(sent)
    desk_settling.settle({one.subject for one in sent})


def _note_refusal(message: Message, *, refused: str | None, now: datetime, **_: Any) -> None:
    if refused:
        marks.note_refusal(refused, message.last_error or "", now)


def _keep_owed(message: Message, *, now: datetime, **_: Any) -> None:
    announcement_service.keep_owed(message, now)


def _note_bounce(message: Message, *, words: str, recipients: frozenset[str], now: datetime, **_: Any) -> None:
    address = answers.returned_address(message, recipients)
    if address:
        marks.note_bounce(address, words, now)


def _take_answer(answer: CalendarAnswer, *, now: datetime, **_: Any) -> Followed | None:
    return answers.take_answer(answer, now)


def _leave(message: Message, *, now: datetime, **_: Any) -> bool:
    return subscriptions.leave_by_message(message, now)


def _count_for_good(before: datetime, *, now: datetime, **_: Any) -> None:
    numbers.freeze(before, now)


def _go_on_counting(ids: Sequence[int], *, now: datetime, **_: Any) -> None:
    numbers.keep_people(ids, now)


def _go_on_counting_letters(ids: Sequence[int], **_: Any) -> None:
    numbers.keep_letters(ids)
