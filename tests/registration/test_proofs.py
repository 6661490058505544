"""Places that are held until somebody proves their address, on the way to being theirs or somebody else's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.registration.deeds import (
    assert_true_counters,
    count,
    counters,
    do,
    listening,
    registration_of,
    sign_up,
    standing,
)
from tests.registration.proving import letters_to, mail_leaves, make_proving, pass_on, prove, proved_before
from tests.registration.test_questions import switch
from tests.support.queries import sent_queries
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.mail.models import Address
from webinars.registration import address_changes, corrections, service, staff_deeds
from webinars.registration.models import AddressChange, Mode, Registration
from webinars.registration.questions.rules import Given
from webinars.schedule import service as schedule
from webinars.schedule.models import Series, Webinar

pytestmark = pytest.mark.usefixtures("app")

OVER = NOW + timedelta(hours=24)


# --- signing up ------------------------------------------------------------------------------------------------------


def test_a_seat_is_taken_at_once_and_held_for_a_day():
    webinar = make_proving(capacity=1)
    with listening() as heard:
        sign_up(webinar, "Alice")
    alice = registration_of("Alice")
    assert (alice.state, alice.held, alice.proof_until) == ("confirmed", True, OVER)
    assert heard == [], "it is nobody's place yet"
    assert letters_to("Alice") == ["proof"]
    assert counters(webinar) == (1, 0)
    sign_up(webinar, "Bob")
    assert standing("Bob") == ("waitlisted", 1), "nobody is faster in between"


@pytest.mark.parametrize(("name", "mode"), [("Bob", Mode.LIVE), ("Alice", Mode.RECORDING)])
def test_so_are_a_place_in_line_and_the_recording(name, mode):
    webinar = make_proving(capacity=1)
    sign_up(webinar, "First")
    sign_up(webinar, name, mode=mode)
    assert registration_of(name).proof_until == OVER and letters_to(name) == ["proof"]


def test_whose_address_was_proven_before_has_the_place_at_once():
    webinar = make_proving()
    proved_before("Alice")
    sign_up(webinar, "Alice")
    assert not registration_of("Alice").held and letters_to("Alice") == ["confirmation"]


def test_whom_staff_enter_is_known_to_them():
    webinar = make_proving()
    sign_up(webinar, "Alice", by_staff=True)
    assert not registration_of("Alice").held and letters_to("Alice") == ["confirmation"]


def test_one_webinar_may_differ_from_its_series():
    series = make_series()
    usual, strict = make_webinar(series), make_webinar(series)
    with transaction() as session:
        schedule.edit_webinar(session.get_one(Webinar, strict.id), {"require_proof": "yes"}, NOW)
    sign_up(usual, "Alice")
    sign_up(strict, "Bob")
    assert (registration_of("Alice").held, registration_of("Bob").held) == (False, True)
    switch(series, require_proof=True)
    with transaction() as session:
        schedule.edit_webinar(session.get_one(Webinar, usual.id), {"require_proof": "no"}, NOW)
    sign_up(usual, "Charlie")
    assert not registration_of("Charlie").held


def test_a_duplicate_asks_what_the_original_does():
    webinar = make_webinar(make_series(), require_proof=True)
    with transaction() as session:
        original = session.get_one(Webinar, webinar.id)
        copy = schedule.duplicate_webinar(original, NOW)
        assert copy.require_proof is True and copy.asks


def test_everybody_of_one_form_is_held_and_one_button_keeps_them_all():
    series = make_series()
    switch(series, companions=1)
    webinar = make_proving(series, capacity=4)
    sign_up(webinar, "Ruth", given=Given(companions=("Sam",)))
    assert registration_of("Ruth").held and registration_of("Sam").held
    prove("Sam")
    for name in ("Ruth", "Sam"):
        assert not registration_of(name).held and letters_to(name) == ["proof", "confirmation"]


def test_the_same_form_again_sends_nothing_more_within_the_hour_and_the_same_letter_after_it():
    webinar = make_proving()
    sign_up(webinar, "Alice")
    sign_up(webinar, "Alice", now=NOW + timedelta(minutes=59))
    assert letters_to("Alice") == ["proof"]
    sign_up(webinar, "Alice", now=NOW + timedelta(hours=2))
    assert letters_to("Alice") == ["proof", "repeated"]
    assert registration_of("Alice").proof_until == OVER, "asking again and again holds no place for ever"
    assert count() == 1


def test_a_sign_up_costs_no_statement_more_where_nothing_is_asked():
    plain, asking = make_webinar(make_series(title="Plain")), make_proving()
    for webinar in (plain, asking):
        # What is asked is known from then on.
        sign_up(webinar, "First")
    sent = {}
    for webinar in (plain, asking):
        with sent_queries() as statements:
            sign_up(webinar, "Alice")
        sent[webinar.id] = statements
    assert not [one for one in sent[plain.id] if "require_proof FROM series" in one or "proven_at IS NOT" in one]
    assert len(sent[asking.id]) - len(sent[plain.id]) <= 1, "whether the address is proven"


# --- proof -----------------------------------------------------------------------------------------------------------


def test_one_press_makes_every_held_place_of_the_address_theirs_with_the_letter_of_each():
    seat, line = make_proving(), make_proving(make_series(title="Full"), capacity=0)
    sign_up(seat, "Alice")
    sign_up(line, "Anna", email="alice@example.org")
    sign_up(seat, "Arne", email="alice@example.org", mode=Mode.RECORDING)
    sign_up(seat, "Bob")
    with listening() as heard:
        prove("Alice", NOW + timedelta(hours=1))
    assert sorted(heard) == [("confirmed", "Alice"), ("recording", "Arne"), ("waitlisted", "Anna")]
    assert letters_to("Anna") == ["proof", "waitlisted"] and letters_to("Arne") == ["proof", "recording-place"]
    alice = registration_of("Alice")
    assert (alice.held, alice.state_since) == (False, NOW + timedelta(hours=1))
    assert registration_of("Bob").held
    with listening() as heard:
        prove("Alice", NOW + timedelta(hours=2))
    assert heard == [], "once is enough"


def test_who_says_no_gets_no_letter_and_the_next_in_line_gets_the_seat():
    webinar = make_proving(capacity=1)
    sign_up(webinar, "Alice")
    sign_up(webinar, "Bob", by_staff=True)
    with transaction():
        alice = registration_of("Alice")
        service.keep_held(alice, NOW, gives_up=True)
        service.cancel(alice, NOW)
        service.note_proof(alice, NOW)
    assert standing("Alice")[0] == "cancelled" and letters_to("Alice") == ["proof"]
    assert standing("Bob")[0] == "confirmed"
    assert not registration_of("Alice").held and pass_on(OVER) == 0


def test_a_new_address_proven_by_its_button_keeps_what_was_held_for_it():
    webinar, other = make_webinar(make_series(title="Plain")), make_proving()
    place = make_registration(webinar, "Alice")
    sign_up(other, "Alma", email="new@example.org")
    with transaction() as session:
        address_changes.ask(session.get_one(Registration, place.id), "new@example.org", False, NOW)
    with transaction() as session:
        address_changes.carry_out(session.scalars(select(AddressChange)).one(), NOW)
    assert not registration_of("Alma").held and letters_to("Alma") == ["proof", "confirmation"]


def test_a_proof_in_the_moment_of_a_sign_up_that_saw_nothing_of_it_is_made_good():
    webinar = make_proving()
    sign_up(webinar, "Alice")
    proved_before("Alice")
    assert registration_of("Alice").held
    assert pass_on(OVER + timedelta(hours=1)) == 1
    assert not registration_of("Alice").held and letters_to("Alice") == ["proof", "confirmation"]


# --- the time is over ------------------------------------------------------------------------------------------------


def test_a_place_nobody_confirmed_goes_to_the_next_in_line_and_is_forgotten():
    webinar = make_proving(capacity=1)
    sign_up(webinar, "Alice")
    sign_up(webinar, "Bob", by_staff=True)
    mail_leaves()
    assert pass_on(OVER - timedelta(seconds=1)) == 0
    with listening() as heard:
        assert pass_on(OVER) == 1
    assert heard == [("promoted", "Bob")]
    assert count() == 1 and db.session.scalars(select(Address)).all() == []
    assert_true_counters(webinar)
    sign_up(webinar, "Alice", now=OVER)
    assert standing("Alice") == ("waitlisted", 1), "registering anew works"


def test_a_press_that_comes_a_moment_late_is_in_time_while_nobody_has_looked():
    webinar = make_proving(capacity=1)
    sign_up(webinar, "Alice")
    mail_leaves()
    prove("Alice", OVER + timedelta(seconds=5))
    assert pass_on(OVER + timedelta(seconds=10)) == 0
    assert standing("Alice")[0] == "confirmed"
    assert_true_counters(webinar)


def test_an_unproven_person_in_line_gets_the_seat_like_anybody_and_for_as_long_as_they_are_held():
    webinar = make_proving(capacity=1, offer_hours=4)
    sign_up(webinar, "First", by_staff=True)
    sign_up(webinar, "Alice")
    sign_up(webinar, "Bob", by_staff=True)
    mail_leaves()
    with transaction():
        service.cancel(registration_of("First"), NOW + timedelta(hours=2))
    alice = registration_of("Alice")
    assert (alice.state, alice.proof_until) == ("confirmed", OVER), "asked already: no second question"
    assert letters_to("Alice") == ["proof"]
    assert standing("Bob") == ("waitlisted", 1)
    assert pass_on(OVER) == 1
    assert standing("Bob")[0] == "offered"
    assert_true_counters(webinar)


def test_held_places_that_end_at_once_do_not_pass_a_seat_among_themselves():
    webinar = make_proving(capacity=1)
    for name in ("Alice", "Bob", "Charlie"):
        sign_up(webinar, name)
    sign_up(webinar, "Dora", by_staff=True)
    mail_leaves()
    with listening() as heard:
        assert pass_on(OVER) == 3
    assert heard == [("promoted", "Dora")]
    assert_true_counters(webinar)


def test_no_time_passes_for_who_was_not_asked_yet():
    webinar = make_proving(capacity=1)
    sign_up(webinar, "Alice")
    assert pass_on(OVER) == 0, "mail stood still"
    assert registration_of("Alice").proof_until == OVER + timedelta(hours=24)
    mail_leaves(OVER)
    assert pass_on(OVER + timedelta(hours=24)) == 1


# --- what else people and staff do -----------------------------------------------------------------------------------


def test_a_held_place_that_is_given_up_ends_without_a_letter_and_can_be_taken_back():
    webinar = make_proving(capacity=1)
    sign_up(webinar, "Alice")
    do("Alice", service.cancel, NOW)
    assert letters_to("Alice") == ["proof"] and counters(webinar) == (0, 0)
    do("Alice", service.undo_cancel, NOW + timedelta(minutes=5))
    alice = registration_of("Alice")
    assert alice.held and letters_to("Alice") == ["proof", "proof"], "the first letter says nothing of the new place"
    assert alice.entry_sequence is None, "no calendar holds what was never sent"
    mail_leaves()
    do("Alice", service.cancel, NOW + timedelta(minutes=9))
    assert pass_on(NOW + timedelta(days=2)) == 1 and count() == 0


def test_an_address_put_right_is_asked_for_its_own_proof():
    webinar = make_proving()
    place = sign_up(webinar, "Alice").registration
    with transaction() as session:
        shown = session.get_one(Registration, place.id)
        corrections.correct_sign_up(shown, "Alice", "alice@example.org", "alba@example.org", NOW)
    assert registration_of("Alice").held and letters_to("Alice") == ["proof", "proof"]
    proved_before("Alma")
    with transaction() as session:
        shown = session.get_one(Registration, place.id)
        corrections.correct_sign_up(shown, "Alice", "alba@example.org", "alma@example.org", NOW)
    assert not registration_of("Alice").held and letters_to("Alice")[-1] == "confirmation"


def test_staff_who_spoke_to_somebody_confirm_for_them():
    webinar = make_proving()
    sign_up(webinar, "Alice")
    do("Alice", staff_deeds.vouch, NOW)
    do("Alice", staff_deeds.vouch, NOW)
    assert not registration_of("Alice").held and letters_to("Alice") == ["proof", "confirmation"]
    assert [one.action for one in db.session.scalars(select(AuditEntry)) if "held" in one.action] == [
        "held place confirmed"
    ]
    assert db.session.scalar(select(Address.proven_at)) is None, "what they said tells nothing of the mailbox"
    sign_up(webinar, "Bob")
    sign_up(webinar, "Bob", by_staff=True)
    assert not registration_of("Bob").held, "so does registering them"
    sign_up(webinar, "Dora")
    do("Dora", corrections.correct_address, "dora.d@example.org", NOW)
    assert not registration_of("Dora").held, "and putting their address right"


def test_places_that_are_held_stay_so_when_staff_ask_for_no_more_proofs():
    webinar = make_proving()
    sign_up(webinar, "Alice")
    series = db.session.get_one(Series, webinar.series_id)
    switch(series, require_proof=False)
    assert registration_of("Alice").held
    sign_up(db.session.get_one(Webinar, webinar.id), "Bob")
    assert not registration_of("Bob").held
