"""What a calendar's answer does to a place."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.registration.deeds import assert_true_counters, listening, registration_of, standing
from webinars.core.database import db, transaction
from webinars.core.links import keyed_hash
from webinars.mail.inbound.replies import Answered, CalendarAnswer, Followed
from webinars.mail.models import Address
from webinars.registration import answers, service
from webinars.registration.words import answer_words
from webinars.schedule.models import DeclineMeans, Webinar

UID = "0b6c1f0e-6f3b-4d59-9a53-3c6f5a9f7f10"
ALICE = "alice@example.org"
LATER = NOW + timedelta(hours=1)


def answer(partstat: Answered = Answered.DECLINED, **fields: Any) -> CalendarAnswer:
    given: dict[str, Any] = {
        "uid": UID, "attendee": ALICE, "sender": ALICE, "sequence": 0, "answered_at": LATER,
    }  # fmt: skip
    return CalendarAnswer(partstat=partstat, **(given | fields))


def take(given: CalendarAnswer, now: datetime = LATER) -> str | None:
    """Let an answer arrive; give what is remembered of it."""
    with transaction():
        followed = answers.take_answer(given, now)
    db.session.expire_all()
    return followed.outcome if followed else None


def full_webinar(means: DeclineMeans = DeclineMeans.RECORDING, **fields: Any) -> Webinar:
    """Make a webinar with one seat, which is Alice's, and Bob and Charlie in line."""
    webinar = make_webinar(make_series(decline_means=means), capacity=1, **fields)
    make_registration(webinar, "Alice", uid=UID)
    make_registration(webinar, "Bob", state="waitlisted")
    make_registration(webinar, "Charlie", state="waitlisted")
    return webinar


def test_decline_frees_the_seat_for_the_next_in_line_and_leaves_the_recording(app: Flask) -> None:
    webinar = full_webinar()
    with listening() as heard:
        assert take(answer()) == "declined: gets the recording"
    assert heard == [("promoted", "Bob"), ("recording", "Alice")]
    assert standing("Alice") == ("recording-only", None)
    assert (standing("Bob"), standing("Charlie")) == (("confirmed", None), ("waitlisted", 1))
    alice = registration_of("Alice")
    assert (alice.partstat, alice.partstat_at, alice.mode) == ("DECLINED", LATER, "recording")
    assert_true_counters(webinar)


def test_decline_gives_the_place_up_where_the_series_says_so(app: Flask) -> None:
    webinar = full_webinar(DeclineMeans.CANCEL)
    with listening() as heard:
        assert take(answer()) == "declined: place given up"
    assert heard == [("promoted", "Bob"), ("cancelled", "Alice")]
    assert standing("Alice") == ("cancelled", None)
    assert_true_counters(webinar)


def test_decline_gives_the_place_up_where_there_will_be_no_recording(app: Flask) -> None:
    full_webinar(recorded=False)
    assert take(answer()) == "declined: place given up"
    assert standing("Alice") == ("cancelled", None)


def test_decline_is_only_noted_where_the_series_says_so(app: Flask) -> None:
    full_webinar(DeclineMeans.NOTE)
    with listening() as heard:
        assert take(answer()) == "declined"
    assert heard == []
    assert standing("Alice") == ("confirmed", None)
    assert registration_of("Alice").partstat == "DECLINED"


@pytest.mark.parametrize("said", [Answered.ACCEPTED, Answered.TENTATIVE])
def test_accepting_and_perhaps_are_noted(app: Flask, said: Answered) -> None:
    full_webinar()
    with listening() as heard:
        assert take(answer(said)) == said.lower()
    assert (heard, registration_of("Alice").partstat) == ([], said)
    assert standing("Alice") == ("confirmed", None)


@pytest.mark.parametrize("state", ["waitlisted", "recording-only", "cancelled"])
def test_decline_of_who_has_no_seat_is_noted(app: Flask, state: str) -> None:
    make_registration(make_webinar(), "Alice", uid=UID, state=state)
    with listening() as heard:
        assert take(answer()) == "declined"
    assert (heard, registration_of("Alice").state) == ([], state)


def test_decline_after_the_end_is_noted(app: Flask) -> None:
    webinar = full_webinar(starts_in=-timedelta(minutes=90))
    assert webinar.ends_at < NOW
    assert take(answer()) == "declined too late"
    assert standing("Alice") == ("confirmed", None)


def test_decline_of_a_webinar_that_was_called_off_is_noted(app: Flask) -> None:
    full_webinar(state="cancelled")
    assert take(answer()) == "declined too late"


@pytest.mark.parametrize(
    "forged",
    [
        {"attendee": "mallory@example.org", "sender": "mallory@example.org"},
        {"attendee": "", "sender": "mallory@example.org"},
        {"attendee": "", "sender": ""},
        {"uid": "another"},
    ],
)
def test_answer_in_another_name_does_nothing(app: Flask, forged: dict[str, str]) -> None:
    full_webinar()
    assert take(answer(**forged)) is None
    assert (standing("Alice"), registration_of("Alice").partstat) == (("confirmed", None), "")


def test_person_is_known_by_either_address_of_the_answer(app: Flask) -> None:
    full_webinar(DeclineMeans.NOTE)
    assert take(answer(attendee="alice.archer@example.org")) == "declined"
    assert take(answer(sender="alice.archer@example.org")) == "declined"


def test_two_people_of_one_mailbox_are_told_apart_by_their_entries(app: Flask) -> None:
    webinar = make_webinar()
    make_registration(webinar, "Alice", uid=UID)
    make_registration(webinar, "Alan", email=ALICE)
    take(answer())
    assert (standing("Alice")[0], standing("Alan")[0]) == ("recording-only", "confirmed")


def test_older_answer_that_arrives_later_is_stale(app: Flask) -> None:
    full_webinar()
    take(answer(Answered.ACCEPTED))
    assert take(answer(answered_at=LATER - timedelta(seconds=1)), LATER + timedelta(hours=1)) == "stale answer"
    assert (standing("Alice"), registration_of("Alice").partstat) == (("confirmed", None), "ACCEPTED")


def test_answer_to_an_older_time_is_stale(app: Flask) -> None:
    full_webinar(sequence=2, start_sequence=2)
    assert take(answer(sequence=1)) == "declined earlier"
    assert standing("Alice") == ("confirmed", None)
    assert take(answer(sequence=2)) == "declined: gets the recording"


def test_answer_to_an_older_title_counts(app: Flask) -> None:
    full_webinar(sequence=3, start_sequence=2)
    assert take(answer(sequence=2)) == "declined: gets the recording"


def test_answer_to_an_invitation_from_before_they_came_back_is_stale(app: Flask) -> None:
    webinar = make_webinar()
    make_registration(webinar, "Alice", uid=UID)
    for deed in (service.cancel, service.undo_cancel):
        with transaction():
            deed(registration_of("Alice"), NOW)
    assert take(answer(sequence=0)) == "declined earlier"
    assert standing("Alice") == ("confirmed", None)


def test_answer_without_a_time_counts_from_its_arrival(app: Flask) -> None:
    full_webinar()
    assert take(answer(answered_at=None)) == "declined: gets the recording"
    assert registration_of("Alice").partstat_at == LATER


@pytest.mark.parametrize("minutes", [-5, 4])
def test_decline_from_before_they_came_back_keeps_the_new_place(app: Flask, minutes: int) -> None:
    """Its clock may be some minutes ahead; the title had changed since the start was set, so SEQUENCE tells nothing."""
    make_registration(
        make_webinar(make_series(decline_means=DeclineMeans.CANCEL), sequence=3),
        "Alice", uid=UID, entry_sequence=3, told_sequence=3,
    )  # fmt: skip
    back_at = leaves_and_comes_back()
    given = answer(sequence=3, answered_at=back_at + timedelta(minutes=minutes))
    assert take(given, back_at + timedelta(minutes=30)) == "declined earlier"
    assert (standing("Alice"), registration_of("Alice").partstat) == (("confirmed", None), answers.DECLINED_EARLIER)


def test_decline_after_they_came_back_gives_the_place_up(app: Flask) -> None:
    make_registration(make_webinar(), "Alice", uid=UID, entry_sequence=0, told_sequence=0)
    back_at = leaves_and_comes_back()
    given = answer(answered_at=back_at + timedelta(minutes=6))
    assert take(given, back_at + timedelta(minutes=30)) == "declined: gets the recording"


def test_decline_of_the_newest_invitation_counts_whatever_a_clock_says(app: Flask) -> None:
    make_registration(make_webinar(), "Alice", uid=UID, entry_sequence=0, told_sequence=0)
    back_at = leaves_and_comes_back()
    given = answer(sequence=registration_of("Alice").sequence, answered_at=back_at - timedelta(hours=1))
    assert take(given, back_at + timedelta(minutes=30)) == "declined: gets the recording"


def test_first_place_is_declined_by_a_clock_that_is_hours_behind(app: Flask) -> None:
    full_webinar(sequence=1)
    assert take(answer(answered_at=NOW - timedelta(hours=3))) == "declined: gets the recording"


def leaves_and_comes_back() -> datetime:
    """Let Alice give her place up and take it again ten minutes later."""
    for deed, at in ((service.cancel, NOW), (service.undo_cancel, NOW + timedelta(minutes=10))):
        with transaction():
            deed(registration_of("Alice"), at)
    return NOW + timedelta(minutes=10)


# --- a webinar that was moved away and back ---


def returned(**place: Any) -> None:
    """Move a webinar away and back; Alice's calendar holds what it got before."""
    known = {"uid": UID, "entry_sequence": 0, "told_sequence": 2}
    make_registration(make_webinar(sequence=2, start_sequence=2), "Alice", **(known | place))


def test_decline_of_an_entry_that_holds_again_counts(app: Flask) -> None:
    returned()
    assert take(answer(sequence=0)) == "declined: gets the recording"


@pytest.mark.parametrize(
    "place",
    [
        # Not settled yet, or told the start in between.
        {"told_sequence": 0},
        {"told_sequence": None},
        {"entry_withdrawn": True},
        {"entry_sequence": None},
        {"entry_sequence": 2},
    ],
)
def test_decline_of_an_entry_that_holds_no_more_is_left_to_staff(app: Flask, place: dict[str, Any]) -> None:
    returned(**place)
    with listening() as heard:
        assert take(answer(sequence=0)) == "declined earlier"
    assert (heard, standing("Alice")) == ([], ("confirmed", None))
    assert registration_of("Alice").partstat == answers.DECLINED_EARLIER


def test_decline_of_an_earlier_time_is_shown_until_they_answer_the_present_one(app: Flask) -> None:
    full_webinar(sequence=2, start_sequence=2)
    take(answer(sequence=1))
    assert "declined an earlier time" in answer_words(registration_of("Alice").partstat)
    assert take(answer(Answered.ACCEPTED, sequence=2, answered_at=LATER - timedelta(minutes=1))) == "accepted"
    assert registration_of("Alice").partstat == "ACCEPTED"


@pytest.mark.parametrize("said", [Answered.ACCEPTED, Answered.TENTATIVE])
def test_accepting_an_earlier_time_says_nothing(app: Flask, said: Answered) -> None:
    full_webinar(sequence=2, start_sequence=2)
    assert take(answer(said, sequence=1)) == "stale answer"
    assert registration_of("Alice").partstat == ""


def test_clock_that_runs_ahead_does_not_silence_later_answers(app: Flask) -> None:
    full_webinar()
    take(answer(Answered.ACCEPTED, answered_at=LATER + timedelta(days=300)))
    assert registration_of("Alice").partstat_at == LATER
    assert take(answer(answered_at=LATER + timedelta(hours=1)), LATER + timedelta(hours=2)) is not None
    assert registration_of("Alice").partstat == "DECLINED"


def test_same_decline_from_many_sides_at_once_frees_one_seat(app: Flask) -> None:
    webinar = full_webinar()
    db.session.remove()

    def decline(_: int) -> str | None:
        with app.app_context():
            try:
                return take(answer())
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(decline, range(6)))
    assert sorted(map(str, outcomes)) == ["declined: gets the recording"] + ["stale answer"] * 5
    assert (standing("Bob"), standing("Charlie")) == (("confirmed", None), ("waitlisted", 1))
    assert_true_counters(db.session.merge(webinar))


def test_outcome_names_whom_it_is_from(app: Flask) -> None:
    full_webinar()
    with transaction():
        followed = answers.take_answer(answer(), LATER)
    assert followed == Followed("declined: gets the recording", registration_of("Alice").subject)


def test_person_who_uses_a_link_from_a_letter_is_written_to_again(app: Flask) -> None:
    place = make_registration(make_webinar(), "Alice")
    key = keyed_hash("address", place.email_key)
    db.session.add(Address(key=key, bounced_at=NOW, bounce_words="550", soft_bounces=3, soft_since=NOW))
    db.session.commit()
    with transaction():
        service.note_proof(place, LATER)
    known = db.session.get_one(Address, key, populate_existing=True)
    assert (known.proven_at, known.bounced_at, known.bounce_words, known.soft_bounces) == (LATER, None, "", 0)
