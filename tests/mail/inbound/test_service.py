"""What follows from what came back, in the books."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import NOW, make_webinar
from tests.mail.inbound.samples import ALICE, REFERENCE, sample
from tests.mail.inbound.support import LATER, arrives, came_back, invite, mailbox_of, send_letter
from tests.mail.support import find, receiving
from webinars.core.database import db, transaction
from webinars.core.links import address_key, keyed_hash
from webinars.mail.classes import MailClass, find_left
from webinars.mail.events import complained, left_by_mail, letter_bounced
from webinars.mail.inbound import commands, marks, service
from webinars.mail.inbound.service import StillSending
from webinars.mail.inbound.understanding import Note, understand
from webinars.mail.leaving import leaving_token, subject_line
from webinars.mail.models import Address, InboundKind
from webinars.registration import corrections
from webinars.registration.models import Registration


@pytest.fixture
def alice(app: Flask) -> Registration:
    return invite(make_webinar())


# --- bounces ---


def test_late_bounce_marks_the_address_and_the_letter(alice: Registration) -> None:
    send_letter(alice)
    assert arrives(sample("postfix-no-mailbox")) is InboundKind.BOUNCE
    letter, mailbox = find(alice.subject), mailbox_of(ALICE)
    assert letter.state == "failed"
    assert letter.last_error == "550 5.1.1 <address>: Recipient address rejected: User unknown in local recipient table"
    assert mailbox is not None
    assert (mailbox.bounced_at, mailbox.soft_bounces) == (LATER, 0)
    assert mailbox.bounce_words == letter.last_error
    (kept,) = came_back()
    assert (kept.kind, kept.outcome, kept.subject) == ("bounce", Note.ADDRESS_DEAD, alice.subject)
    assert (kept.sender, kept.title, kept.text, kept.handled_at) == ("", "", "", LATER)


@pytest.mark.parametrize("name", ["exchange-mailbox-full", "gmail-refused-as-spam", "exchange-blocked"])
def test_bounce_that_may_pass_is_counted(alice: Registration, name: str) -> None:
    send_letter(alice)
    arrives(sample(name))
    arrives(sample(name, ("Date: ", "X-Other: yes\nDate: ")), LATER + timedelta(days=1))
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None
    assert (mailbox.bounced_at, mailbox.soft_bounces, mailbox.soft_since) == (None, 2, LATER)
    assert find(alice.subject).state == "failed"


def test_delay_changes_nothing(alice: Registration) -> None:
    send_letter(alice)
    assert arrives(sample("gmail-delay")) is InboundKind.DELAY
    assert find(alice.subject).state == "sent"
    assert mailbox_of(ALICE) is None
    assert came_back()[0].handled_at == LATER


def test_forged_bounce_without_a_letters_number_harms_nobody_and_is_for_staff(alice: Registration) -> None:
    send_letter(alice)
    forged = sample("postfix-no-mailbox", (REFERENCE, "0" * 32))
    assert arrives(forged) is InboundKind.LETTER
    assert mailbox_of(ALICE) is None
    assert find(alice.subject).state == "sent"
    (kept,) = came_back()
    assert (kept.outcome, kept.handled_at) == (Note.BOUNCE_UNKNOWN, None)
    assert "User unknown" in kept.text


def test_bounce_that_names_another_person_condemns_neither(alice: Registration) -> None:
    """Who got a letter knows its number, and could name a neighbour."""
    send_letter(alice)
    arrives(sample("postfix-no-mailbox", ("alice@example.org", "bob@example.org")))
    assert mailbox_of(ALICE) is None and mailbox_of("bob@example.org") is None
    assert find(alice.subject).state == "failed"


def test_bounce_of_an_address_that_staff_have_corrected_does_not_condemn_the_new_one(alice: Registration) -> None:
    send_letter(alice)
    with transaction() as session:
        corrections.correct_address(session.get_one(Registration, alice.id), "alice@example.com", LATER)
    arrives(sample("postfix-no-mailbox"))
    assert mailbox_of("alice@example.com") is None
    assert mailbox_of(ALICE) is None
    assert find(alice.subject).state == "failed"


def test_bounce_of_a_letter_that_answered_a_request_condemns_the_address_it_went_to(alice: Registration) -> None:
    key = keyed_hash("address", ALICE)
    send_letter(f"a{key}", notice="link", address_key=key)
    arrives(sample("qmail-no-mailbox"))
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and mailbox.bounced_at == LATER


def test_letter_that_is_tried_again_meanwhile_stays_so(alice: Registration) -> None:
    send_letter(alice, state="pending")
    arrives(sample("postfix-no-mailbox"))
    assert find(alice.subject).state == "pending"
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and mailbox.bounced_at is not None


def test_bounce_that_overtakes_the_mark_of_its_letter_is_read_again_later(alice: Registration) -> None:
    letter = send_letter(alice, state="sending")
    with pytest.raises(StillSending):
        arrives(sample("postfix-no-mailbox"))
    assert came_back() == []
    with transaction() as session:
        session.merge(letter).state = "sent"
    assert arrives(sample("postfix-no-mailbox")) is InboundKind.BOUNCE
    assert find(alice.subject).state == "failed"


def test_rooms_above_hear_of_a_bounce(alice: Registration) -> None:
    send_letter(alice)
    heard = []
    with receiving(letter_bounced, lambda message, **facts: heard.append((message.subject, facts["hard"]))):
        arrives(sample("yahoo-no-mailbox"))
        arrives(sample("gmail-mailbox-full"))
    assert heard == [(alice.subject, True), (alice.subject, False)]


def test_first_bounce_dates_the_mark_and_a_proof_can_lift_it(app: Flask) -> None:
    with transaction():
        marks.note_bounce("k", "550 5.1.1 user unknown", NOW)
        marks.note_bounce("k", "550 5.1.2 no such domain", LATER)
        marks.note_bounce("k", "552 5.2.2 mailbox full", LATER)
    kept = db.session.get_one(Address, "k")
    assert (kept.bounced_at, kept.bounce_words, kept.soft_bounces) == (NOW, "550 5.1.2 no such domain", 1)
    with transaction():
        marks.forget_bounces("k")
    db.session.expire_all()
    assert (kept.bounced_at, kept.bounce_words, kept.soft_bounces, kept.soft_since) == (None, "", 0, None)


# --- the same message twice ---


def test_same_message_read_twice_counts_once(alice: Registration) -> None:
    send_letter(alice)
    assert arrives(sample("exchange-mailbox-full")) is InboundKind.BOUNCE
    assert arrives(sample("exchange-mailbox-full")) is None
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and mailbox.soft_bounces == 1
    assert len(came_back()) == 1


def test_two_readers_of_the_same_message_count_it_once(app: Flask, alice: Registration) -> None:
    send_letter(alice)
    db.session.remove()

    def read(_: int) -> str | None:
        with app.app_context():
            try:
                return commands.take_in(sample("exchange-mailbox-full"))
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as threads:
        kinds = list(threads.map(read, range(8)))
    assert sorted(kinds, key=str) == [None] * 7 + ["bounce"]
    mailbox = mailbox_of(ALICE)
    assert mailbox is not None and mailbox.soft_bounces == 1


# --- other kinds ---


@pytest.mark.parametrize("name", ["outlook-out-of-office", "gmail-out-of-office", "read-receipt", "postfix-delivered"])
def test_automatic_answer_is_noted_and_nothing_follows(alice: Registration, name: str) -> None:
    send_letter(alice)
    assert arrives(sample(name)) is InboundKind.AUTOMATIC
    (kept,) = came_back()
    assert (kept.subject, kept.sender, kept.text, kept.handled_at) == (alice.subject, "", "", LATER)
    assert find(alice.subject).state == "sent"


def test_mail_that_unsubscribes_is_announced_with_its_letter(alice: Registration) -> None:
    send_letter(alice)
    heard: list[str] = []

    def leave(message, **_):  # type: ignore[no-untyped-def]
        heard.append(message.subject)
        return True

    with receiving(left_by_mail, leave):
        assert arrives(sample("unsubscribe")) is InboundKind.UNSUBSCRIBE
    assert heard == [alice.subject]
    assert (came_back()[0].outcome, came_back()[0].text) == (Note.LEFT, "")


def test_mail_with_the_token_of_a_letter_needs_neither_the_letter_nor_the_place(app: Flask) -> None:
    key = address_key(ALICE)
    line = subject_line(leaving_token(key, MailClass.NEWS, 7))
    assert arrives(sample("unsubscribe", ("Subject: unsubscribe", f"Subject: Re: {line}"))) is InboundKind.UNSUBSCRIBE
    with transaction() as session:
        assert set(find_left(session, [key])) == {(key, "news", "s7")}
    assert (came_back()[0].outcome, came_back()[0].handled_at) == (Note.LEFT, LATER)


def test_made_up_token_ends_nothing(app: Flask) -> None:
    line = subject_line(leaving_token(address_key(ALICE), MailClass.NEWS, 7)).replace(".7.", ".8.")
    assert arrives(sample("unsubscribe", ("Subject: unsubscribe", f"Subject: {line}"))) is InboundKind.LETTER
    with transaction() as session:
        assert not find_left(session, [address_key(ALICE)])


def test_who_wants_no_letters_about_a_booked_place_is_read_by_staff(alice: Registration) -> None:
    send_letter(alice, notice="confirmation")
    assert arrives(sample("unsubscribe")) is InboundKind.LETTER
    assert (came_back()[0].outcome, came_back()[0].handled_at) == (Note.NOTHING_LEFT, None)


def test_unsubscribing_from_an_unknown_letter_is_read_by_staff(app: Flask) -> None:
    assert arrives(sample("unsubscribe")) is InboundKind.LETTER
    assert came_back()[0].sender == ALICE


def test_complaint_is_announced_with_its_letter(alice: Registration) -> None:
    send_letter(alice)
    heard = []
    with receiving(complained, lambda message, **_: heard.append(message.subject)):
        assert arrives(sample("complaint")) is InboundKind.COMPLAINT
    assert heard == [alice.subject]
    assert came_back()[0].handled_at == LATER


def test_persons_answer_waits_for_staff_and_belongs_to_their_place(alice: Registration) -> None:
    send_letter(alice)
    assert arrives(sample("a-persons-answer")) is InboundKind.LETTER
    (kept,) = came_back()
    assert (kept.sender, kept.title, kept.subject, kept.handled_at) == (ALICE, "Re: You have a place", "r1", None)
    assert "will there be captions?" in kept.text


def test_letter_of_a_stranger_waits_for_staff_too(app: Flask) -> None:
    arrives(sample("a-persons-answer"))
    assert (came_back()[0].subject, came_back()[0].handled_at) == (None, None)


def test_message_that_we_stumble_over_is_read_by_staff_and_stops_nobody(alice: Registration) -> None:
    send_letter(alice)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    with receiving(letter_bounced, fail):
        assert commands.take_in(sample("postfix-no-mailbox")) == InboundKind.LETTER
    (kept,) = came_back()
    assert (kept.outcome, kept.handled_at) == (Note.TROUBLE, None)
    assert find(alice.subject).state == "sent", "what a failed transaction did is undone"


def test_message_full_of_what_no_database_takes_is_kept(app: Flask) -> None:
    odd = sample("a-persons-answer", ("May I", "\x00=ED=A0=80 May I"), ("Re: You have", "\x00\ud7ff Re: You have"))
    assert arrives(odd) is InboundKind.LETTER
    assert "May I bring my sister?" in came_back()[0].text


def test_done_is_done_once(app: Flask) -> None:
    arrives(sample("a-persons-answer"))
    number = came_back()[0].id
    with transaction():
        assert service.mark_done(number, LATER)
        assert not service.mark_done(number, LATER + timedelta(days=1))
    assert came_back()[0].handled_at == LATER


def test_understanding_needs_no_database() -> None:
    assert understand(sample("postfix-no-mailbox")).references == (REFERENCE,)
