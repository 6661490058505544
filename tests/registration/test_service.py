"""Registering, the same person again, coming back, changing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW, make_webinar
from tests.registration.deeds import (
    SIGNALS,
    assert_true_counters,
    count,
    counters,
    do,
    listening,
    registration_of,
    sign_up,
    standing,
)
from tests.support.meanwhile import deleted_after_reading
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.registration import corrections, erasure, links, rules, service, staff_deeds
from webinars.registration.models import Mode, Registration

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)


def test_register_keeps_what_was_typed_and_folds_keys():
    webinar = make_webinar()
    made = sign_up(
        webinar, "  José  Núñez ", email="Jose@Example.ORG", time_zone="Europe/Madrid", discreet=True
    ).registration
    assert (made.name, made.name_key, made.email, made.email_key) == (
        "José Núñez", "jose nunez", "Jose@Example.ORG", "jose@example.org")  # fmt: skip
    assert (made.time_zone, made.discreet, made.state_changes, made.sequence) == ("Europe/Madrid", True, 1, 0)


def test_register_announces_once():
    webinar = make_webinar(capacity=1)
    with listening() as heard:
        sign_up(webinar, "Alice")
        sign_up(webinar, "Bob")
        sign_up(webinar, "Charlie", mode=Mode.RECORDING)
    assert heard == [("confirmed", "Alice"), ("waitlisted", "Bob"), ("recording", "Charlie")]


def test_register_two_people_of_one_mailbox_get_a_place_each():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice", email="home@example.org")
    sign_up(webinar, "Bob", email="home@example.org")
    assert counters(webinar) == (2, 0)


def test_register_the_seventh_place_of_an_address_is_refused_on_the_public_form_only():
    webinar = make_webinar(capacity=50)
    for number in range(rules.MOST_PLACES_PER_ADDRESS):
        sign_up(webinar, f"Person {number}", email="home@example.org")
    with pytest.raises(UserError, match="6 places"):
        sign_up(webinar, "Person 7", email="home@example.org")
    assert counters(webinar) == (6, 0)
    assert sign_up(webinar, "Person 7", email="home@example.org", by_staff=True).is_new
    assert_true_counters(webinar)


def test_register_the_same_form_within_the_hour_changes_and_announces_nothing():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice", question="Does it hurt?")
    with listening() as heard:
        again = sign_up(webinar, "ALICE", email="ALICE@example.org", discreet=True, now=NOW + timedelta(minutes=59))
    assert (heard, again.is_new, count()) == ([], False, 1)
    alice = registration_of("Alice")
    assert (alice.question, alice.discreet, alice.state_changes) == ("Does it hurt?", False, 1)


def test_register_the_same_form_after_an_hour_owes_one_more_letter():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice")
    with listening() as heard:
        sign_up(webinar, "Alice", now=NOW + HOUR)
        sign_up(webinar, "Alice", now=NOW + HOUR + timedelta(minutes=1))
    assert heard == [("repeated", "Alice")]


def test_repeated_letters_each_have_a_request_of_their_own():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice")
    requests = []

    def note(_sender, request_id, **_):
        requests.append(request_id)

    with SIGNALS["repeated"].connected_to(note):
        sign_up(webinar, "Alice", now=NOW + HOUR)
        sign_up(webinar, "Alice", now=NOW + 3 * HOUR)
    assert len(set(requests)) == 2


def test_register_again_is_answered_with_what_a_newcomer_would_see():
    webinar = make_webinar(capacity=1)
    alice = sign_up(webinar, "Alice").registration.public_id
    sign_up(webinar, "Bob")
    shown = sign_up(webinar, "Alice").registration
    assert (shown.state, shown.line_number) == ("waitlisted", 2)
    assert shown.public_id != alice
    assert shown.id is None, "a receipt is in no table"
    assert standing("Alice") == ("confirmed", None)


def test_register_again_at_a_full_webinar_without_waiting_list_is_refused_as_a_newcomer_is():
    webinar = make_webinar(capacity=1, waiting_list=False)
    sign_up(webinar, "Alice")
    with pytest.raises(service.NoPlaceLeft) as known:
        sign_up(webinar, "Alice")
    with pytest.raises(service.NoPlaceLeft) as newcomer:
        sign_up(webinar, "Bob")
    assert str(known.value) == str(newcomer.value)
    assert standing("Alice") == ("confirmed", None)


def test_register_the_very_same_page_twice_is_the_same_person():
    webinar = make_webinar(capacity=1)
    first = sign_up(webinar, "Alice", form_nonce="n" * 32).registration
    assert sign_up(webinar, "Alice", form_nonce="n" * 32).registration.id == first.id
    assert sign_up(webinar, "Alice", form_nonce="m" * 32).registration.id is None
    assert sign_up(webinar, "Alice", form_nonce="n" * 32, mode="recording").registration.id is None


def test_what_the_same_form_leads_to_has_one_address_whether_or_not_its_own_was_known():
    webinar = make_webinar(capacity=5)
    for nonce in ("first", "second"):
        shown = [sign_up(webinar, "Alice", form_nonce=nonce).registration.public_id for _time in range(3)]
        assert len(set(shown)) == 1, nonce
        other_way = sign_up(webinar, "Alice", form_nonce=nonce, mode="recording").registration
        assert other_way.public_id not in shown and other_way.mode == "recording"


def test_forms_lead_to_places_of_their_own_where_they_have_no_number():
    webinar = make_webinar(capacity=5)
    assert len({sign_up(webinar, "Alice").registration.public_id for _time in range(3)}) == 3


def test_same_form_again_after_its_address_was_put_right_is_another_place():
    webinar = make_webinar(capacity=5)
    first = sign_up(webinar, "Alice", form_nonce="one").registration.id
    with transaction() as session:
        session.get_one(Registration, first).email_key = "another@example.org"
    again = sign_up(webinar, "Alice", form_nonce="one").registration
    assert again.id not in (None, first)


def test_register_after_cancelling_comes_back_to_the_end_of_the_line():
    webinar = make_webinar(capacity=1)
    uid = sign_up(webinar, "Alice").registration.uid
    sign_up(webinar, "Bob")
    do("Alice", service.cancel, NOW)
    before = registration_of("Alice")
    changes, sequence = before.state_changes, before.sequence
    with listening() as heard:
        again = sign_up(webinar, "Alice", now=NOW + HOUR)
    alice = registration_of("Alice")
    assert standing("Alice") == ("waitlisted", 1)
    assert (alice.uid, alice.state_changes, alice.sequence) == (uid, changes + 1, sequence + 1)
    assert not again.is_new
    assert heard == [("waitlisted", "Alice"), ("restored", "Alice")]
    assert_true_counters(webinar)


def test_register_after_cancelling_opens_nothing_to_whoever_sent_the_form():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice", discreet=True)
    do("Alice", service.cancel, NOW)
    shown = sign_up(webinar, "Alice", discreet=False).registration
    assert shown.state == "confirmed"
    assert shown.id is None
    assert registration_of("Alice").discreet, "a stranger's form takes no discretion away"


def test_register_with_a_seat_after_asking_for_the_recording_takes_the_seat():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice", mode=Mode.RECORDING)
    sign_up(webinar, "Alice", mode=Mode.LIVE)
    assert standing("Alice") == ("confirmed", None)
    assert_true_counters(webinar)


def test_register_for_the_recording_while_holding_a_seat_changes_nothing():
    webinar = make_webinar(capacity=5)
    sign_up(webinar, "Alice")
    assert sign_up(webinar, "Alice", mode=Mode.RECORDING).registration.state == "recording-only"
    assert standing("Alice") == ("confirmed", None)


def test_register_a_caller_without_email_by_staff():
    webinar = make_webinar(capacity=5)
    first = sign_up(webinar, "Alice", email=None, phone="1 (800) 555-0142", by_staff=True)
    again = sign_up(webinar, "alice", email=None, phone="1-800-555-0142", by_staff=True)
    assert (first.is_new, again.is_new, again.registration.id) == (True, False, first.registration.id)
    assert (first.registration.email, first.registration.entered_by_staff) == (None, True)


@pytest.mark.parametrize(
    ("name", "fields"),
    [(" ", {}), ("Ann", {"email": None}), ("Ann", {"email": "nowhere"})],
    ids=["name", "none", "broken"],
)
def test_register_without_name_or_way_to_reach_them_is_refused(name, fields):
    webinar = make_webinar()
    with pytest.raises(UserError):
        sign_up(webinar, name, **fields)
    assert count() == 0


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"state": "draft"}, NotFound), ({"state": "cancelled"}, Conflict), ({"starts_in": -3 * HOUR}, Conflict)],
)
def test_register_for_a_webinar_that_takes_nobody(fields, error):
    webinar = make_webinar(**fields)
    with pytest.raises(error):
        sign_up(webinar, "Alice")
    assert count() == 0


def test_register_for_the_recording_after_the_webinar():
    webinar = make_webinar(starts_in=-3 * HOUR)
    assert sign_up(webinar, "Alice", mode=Mode.RECORDING).registration.state == "recording-only"


def test_cancel_twice_announces_once_and_raises_the_sequence_once():
    sign_up(make_webinar(capacity=5), "Alice")
    with listening() as heard:
        do("Alice", service.cancel, NOW)
        do("Alice", service.cancel, NOW)
    assert heard == [("cancelled", "Alice")]
    assert (registration_of("Alice").sequence, registration_of("Alice").state_changes) == (1, 2)


def test_undo_cancel_gives_the_seat_back_while_it_is_free():
    webinar = make_webinar(capacity=1)
    sign_up(webinar, "Alice")
    do("Alice", service.cancel, NOW)
    with listening() as heard:
        do("Alice", service.undo_cancel, NOW + HOUR)
        do("Alice", service.undo_cancel, NOW + HOUR)
    assert standing("Alice") == ("confirmed", None)
    assert heard == [("confirmed", "Alice"), ("restored", "Alice")]
    assert registration_of("Alice").sequence == 2
    assert_true_counters(webinar)


def test_undo_cancel_after_the_seat_went_to_the_next_goes_to_the_line():
    webinar = make_webinar(capacity=1)
    sign_up(webinar, "Alice")
    sign_up(webinar, "Bob")
    do("Alice", service.cancel, NOW)
    do("Alice", service.undo_cancel, NOW)
    assert (standing("Alice"), standing("Bob")) == (("waitlisted", 1), ("confirmed", None))


def test_undo_cancel_too_late_is_refused():
    webinar = make_webinar(capacity=1)
    sign_up(webinar, "Alice")
    do("Alice", service.cancel, NOW)
    with pytest.raises(Conflict):
        do("Alice", service.undo_cancel, NOW + 25 * HOUR)
    assert counters(webinar) == (0, 0)


def test_change_mode_of_a_cancelled_place_is_refused():
    sign_up(make_webinar(), "Alice")
    do("Alice", service.cancel, NOW)
    with pytest.raises(Conflict):
        do("Alice", service.change_mode, Mode.PHONE, NOW)


def test_edit_details_that_read_differently_sends_a_newer_invitation():
    sign_up(make_webinar(), "Alice")
    with listening() as heard:
        assert do("Alice", corrections.edit_details, corrections.Details("Alice", "Europe/Paris", True), NOW)
        assert not do("Alice", corrections.edit_details, corrections.Details("Alice B", "Europe/Paris", True), NOW)
    assert heard == [("repeated", "Alice")]
    alice = registration_of("Alice B")
    assert (alice.time_zone, alice.discreet, alice.sequence) == ("Europe/Paris", True, 1)


def test_edit_details_to_the_name_of_somebody_else_is_refused():
    webinar = make_webinar()
    sign_up(webinar, "Alice", email="home@example.org")
    sign_up(webinar, "Bob", email="home@example.org")
    with pytest.raises(UserError, match="already"):
        do("Alice", corrections.edit_details, corrections.Details("bob", "Europe/Paris", False), NOW)


def test_correct_address_kills_earlier_links_and_sends_there():
    sign_up(make_webinar(), "Alice")
    old = links.token_for(links.MANAGE, registration_of("Alice"))
    with listening() as heard:
        do("Alice", corrections.correct_address, "alicia@example.org", NOW)
    alice = registration_of("Alice")
    assert not links.opens(links.MANAGE, old, alice)
    assert (alice.email, alice.told_sequence, heard) == ("alicia@example.org", None, [("repeated", "Alice")])


def test_resend_twice_in_a_row_sends_one_letter():
    sign_up(make_webinar(), "Alice")
    with listening() as heard:
        assert do("Alice", service.resend, NOW + HOUR)
        assert not do("Alice", service.resend, NOW + HOUR)
    assert heard == [("repeated", "Alice")]


def test_cancelling_by_staff_is_in_the_audit_trail_without_name_or_address():
    sign_up(make_webinar(), "Alice")
    do("Alice", service.cancel, NOW, "staff")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "registration")).one()
    assert entry.action == "registration cancelled"
    assert "lice" not in f"{entry.before}{entry.after}{entry.note}{entry.object_id}"


def test_request_link_looks_nothing_up():
    sign_up(make_webinar(), "Alice")
    with listening() as heard:
        service.request_link(" mailto:alice@example.org", NOW)
        service.request_link("nobody@example.org", NOW)
    assert heard == [("link", "alice@example.org"), ("link", "nobody@example.org")]


@pytest.mark.parametrize("deed", [service.cancel, service.undo_cancel, staff_deeds.restore, erasure.erase])
def test_who_changes_a_place_that_was_erased_meanwhile_is_told(deed):
    webinar = make_webinar()
    sign_up(webinar, "Alice")
    with pytest.raises(NotFound, match="not there any more"), deleted_after_reading(registration_of("Alice")) as place:
        deed(place, NOW)


def test_a_failed_transaction_leaves_no_trace():
    webinar = make_webinar(capacity=1)

    def fail(*_, **__):
        raise RuntimeError("the reaction failed")

    with SIGNALS["confirmed"].connected_to(fail), pytest.raises(RuntimeError):
        sign_up(webinar, "Alice")
    assert db.session.scalars(select(Registration)).all() == []
    assert counters(webinar) == (0, 0)
