"""What becomes of a letter that is owed: sent, tried again, given up, or not sent after all."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.mail.support import (
    NOW,
    Clock,
    control,
    each,
    find,
    letter_for,
    owe,
    owe_many,
    prepare_plain,
    receiving,
    states,
)
from tests.support.smtp_sink import CLOSE, HALF, HANG, TAKE_AND_CLOSE, SmtpSink
from webinars.core.database import db, transaction
from webinars.mail import outbox
from webinars.mail.delivery import deliver_due
from webinars.mail.events import letters_sent
from webinars.mail.letters import Letter, NotSent, Sent
from webinars.mail.models import Lane, Message, MessageState
from webinars.mail.transport import Transport

Change = Callable[..., None]


pytestmark = pytest.mark.usefixtures("pipelining")


def test_letter_is_sent_once_and_marked(post: Change, smtp_sink: SmtpSink) -> None:
    message = owe("alice", payload={"secret": "x"})
    clock = Clock()
    assert deliver_due(prepare_plain, clock=clock).sent == 1
    assert deliver_due(prepare_plain, clock=clock).sent == 0
    after = find("alice")
    assert (after.state, after.attempts, after.sent_at, after.payload) == ("sent", 1, NOW, None)
    assert smtp_sink.recipients == ["alice@example.org"]
    assert smtp_sink.received[0].message_id == message.message_id
    assert smtp_sink.received[0].mail_from == f"webinars+b-{message.reference}@harbor.example"


def test_message_id_is_at_the_senders_domain_and_holds_the_reference(post: Change) -> None:
    message = owe()
    assert message.message_id == f"<{message.reference}@harbor.example>"


def test_letters_of_a_mailing_go_over_one_connection(post: Change, smtp_sink: SmtpSink) -> None:
    owe_many(60)
    assert deliver_due(prepare_plain, clock=Clock()).sent == 60
    assert smtp_sink.connections == 1
    assert sorted(smtp_sink.recipients) == sorted(f"p{n}@example.org" for n in range(60))


def test_connection_is_renewed_after_a_hundred_letters(post: Change, smtp_sink: SmtpSink) -> None:
    owe_many(201)
    deliver_due(prepare_plain, clock=Clock())
    assert smtp_sink.connections == 3
    assert len(smtp_sink.received) == 201


def test_letter_is_not_sent_before_its_time(post: Change, smtp_sink: SmtpSink) -> None:
    owe(not_before=NOW + timedelta(minutes=5))
    clock = Clock()
    outcome = deliver_due(prepare_plain, clock=clock)
    assert (outcome.sent, outcome.next_look) == (0, NOW + timedelta(minutes=5))
    clock.forward(minutes=5)
    assert deliver_due(prepare_plain, clock=clock).sent == 1


def test_letter_after_its_deadline_expires_unsent(post: Change, smtp_sink: SmtpSink) -> None:
    owe(not_after=NOW + timedelta(minutes=5))
    deliver_due(prepare_plain, clock=Clock(NOW + timedelta(minutes=5)))
    assert find("alice").state == "expired"
    assert smtp_sink.received == []


@pytest.mark.parametrize("state", [MessageState.SUPERSEDED, MessageState.EXPIRED, MessageState.FAILED])
def test_letter_that_is_no_longer_true_is_closed_with_its_reason(
    post: Change, smtp_sink: SmtpSink, state: MessageState
) -> None:
    owe(payload={"a": 1})
    deliver_due(each(lambda message, now: NotSent("registration cancelled", state)), clock=Clock())
    after = find("alice")
    assert (after.state, after.last_error) == (state, "registration cancelled")
    assert smtp_sink.received == []


def test_letter_that_cannot_be_made_fails_after_five_tries(post: Change) -> None:
    def broken(message: Message, now: datetime) -> Letter:
        raise KeyError(message.subject)

    owe()
    clock = Clock()
    for _ in range(4):
        deliver_due(each(broken), clock=clock)
        assert find("alice").state == "pending"
        clock.forward(hours=1)
    deliver_due(each(broken), clock=clock)
    assert (find("alice").state, find("alice").last_error) == ("failed", "the letter could not be made: KeyError")


def test_answers_to_a_deed_overtake_a_mailing(post: Change, smtp_sink: SmtpSink) -> None:
    owe_many(50)
    owe("alice", now=NOW)
    deliver_due(prepare_plain, clock=Clock())
    assert smtp_sink.recipients[0] == "alice@example.org"


def test_slow_mailing_gives_its_batch_back_to_let_a_confirmation_pass(
    post: Change, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webinars.mail.delivery.LATE_SECONDS", 0.0)

    def prepare(message: Message, now: datetime) -> Letter:
        if message.subject == "p0":
            owe("alice")
        return letter_for(message, now)

    owe_many(10)
    deliver_due(each(prepare), clock=Clock())
    assert smtp_sink.recipients[:2] == ["p0@example.org", "alice@example.org"]
    assert len(smtp_sink.received) == 11


def test_absent_server_pauses_the_transport_and_costs_no_attempt(post: Change, smtp_sink: SmtpSink) -> None:
    owe_many(3)
    clock = Clock()
    smtp_sink.shut()
    pauses = []
    for _ in range(9):
        deliver_due(prepare_plain, clock=clock)
        until = control().paused_until
        assert until is not None
        pauses.append((until - clock.now).total_seconds())
        assert deliver_due(prepare_plain, clock=clock).next_look == until
        clock.now = until
    assert 4 <= pauses[0] <= 5 and 240 <= pauses[-1] <= 300 and pauses[:7] == sorted(pauses[:7])
    assert {find(f"p{n}", "0-60").attempts for n in range(3)} == {0}
    smtp_sink.open()
    assert deliver_due(prepare_plain, clock=clock).sent == 3
    assert (control().paused_until, control().pause_step) == (None, 0)


@pytest.mark.parametrize("greeting", ["421 4.3.2 closing", "554 no service", CLOSE])
def test_server_that_does_not_let_us_in_pauses_the_transport(post: Change, smtp_sink: SmtpSink, greeting: str) -> None:
    smtp_sink.script("CONNECT", greeting)
    owe()
    clock = Clock()
    deliver_due(prepare_plain, clock=clock)
    assert (find("alice").state, find("alice").attempts) == ("pending", 0)
    assert control().paused_until is not None
    clock.forward(seconds=5)
    assert deliver_due(prepare_plain, clock=clock).sent == 1


def test_sender_that_the_server_refuses_pauses_the_transport_instead_of_failing_everybody(
    post: Change, smtp_sink: SmtpSink
) -> None:
    smtp_sink.script("MAIL", "530 5.7.0 authentication required")
    owe_many(3)
    clock = Clock()
    deliver_due(prepare_plain, clock=clock)
    assert states() == {"pending": 3}
    clock.forward(seconds=5)
    assert deliver_due(prepare_plain, clock=clock).sent == 3


def test_connection_that_the_server_closed_while_idle_costs_nothing(post: Change, smtp_sink: SmtpSink) -> None:
    transport = Transport()
    owe_many(5)
    deliver_due(prepare_plain, clock=Clock(), transport=transport)
    smtp_sink.drop_connections()
    owe_many(5, occasion="0-10")
    deliver_due(prepare_plain, clock=Clock(), transport=transport)
    assert (len(smtp_sink.received), smtp_sink.connections) == (10, 2)
    assert max(smtp_sink.message_ids.values()) == 1
    assert control().paused_until is None


@pytest.mark.parametrize("fault", [CLOSE, HALF, TAKE_AND_CLOSE])
def test_connection_lost_before_the_servers_yes_repeats_the_same_message_id(
    post: Change, smtp_sink: SmtpSink, fault: str
) -> None:
    smtp_sink.script("DATA", fault)
    owe()
    clock = Clock()
    deliver_due(prepare_plain, clock=clock)
    assert (find("alice").state, find("alice").attempts) == ("pending", 0)
    clock.forward(seconds=5)
    deliver_due(prepare_plain, clock=clock)
    assert find("alice").state == "sent"
    assert smtp_sink.message_ids == {find("alice").message_id: 2 if fault == TAKE_AND_CLOSE else 1}


def test_silent_server_is_given_up_within_the_limit_of_a_letter(post: Change, smtp_sink: SmtpSink) -> None:
    post(worker_lease_seconds=0.5)
    smtp_sink.script("DATA", HANG)
    owe()
    begun = datetime.now()
    deliver_due(prepare_plain, clock=Clock())
    assert timedelta(seconds=0.3) < datetime.now() - begun < timedelta(seconds=0.8)
    assert (find("alice").state, find("alice").attempts) == ("pending", 0)


def test_letter_that_breaks_every_connection_does_not_stop_the_others(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["RCPT"] = lambda address: CLOSE if address.startswith("p0@") else None
    owe_many(12)
    clock = Clock()
    for _ in range(6):
        deliver_due(prepare_plain, clock=clock)
        clock.forward(minutes=10)
    assert states() == {"pending": 1, "sent": 11}
    assert find("p0", "0-60").attempts >= 2
    assert control().paused_until is None


def test_rate_is_a_cap_for_bulk_mail_only(post: Change, smtp_sink: SmtpSink) -> None:
    post(mail_rate=10)
    owe_many(5)
    clock = Clock()
    outcome = deliver_due(prepare_plain, clock=clock)
    assert (outcome.sent, outcome.next_look) == (1, NOW + timedelta(seconds=0.1))
    for n in range(4):
        owe(f"alice{n}")
    assert deliver_due(prepare_plain, clock=clock).sent == 4
    clock.forward(seconds=0.1)
    assert deliver_due(prepare_plain, clock=clock).sent == 1


def test_mail_on_hold_stays_until_released(post: Change, smtp_sink: SmtpSink) -> None:
    owe()
    with transaction():
        outbox.hold()
    assert deliver_due(prepare_plain, clock=Clock()).sent == 0
    with transaction():
        outbox.release()
    assert deliver_due(prepare_plain, clock=Clock()).sent == 1


def test_listener_of_sent_letters_writes_in_the_transaction_of_the_mark(post: Change) -> None:
    def note(sent: list[Sent], now: datetime) -> None:
        for one in sent:
            outbox.owe(notice="next", subject=one.subject, occasion="2", now=NOW + timedelta(days=1))

    owe()
    with receiving(letters_sent, note):
        deliver_due(prepare_plain, clock=Clock())
    assert find("alice", "2").state == "pending"


def test_listener_that_fails_does_not_make_the_letter_go_out_twice(post: Change, smtp_sink: SmtpSink) -> None:
    def fault(sent: list[Sent], now: datetime) -> None:
        raise RuntimeError("a fault of ours")

    owe()
    with receiving(letters_sent, fault):
        deliver_due(prepare_plain, clock=Clock())
        deliver_due(prepare_plain, clock=Clock(NOW + timedelta(minutes=5)))
    assert (find("alice").state, len(smtp_sink.received)) == ("sent", 1)


def test_stop_is_heeded_between_letters_and_the_rest_waits(post: Change, smtp_sink: SmtpSink) -> None:
    owe_many(10)
    deliver_due(prepare_plain, clock=Clock(), stop=lambda: len(smtp_sink.received) >= 3)
    assert states() == {"sent": 3, "pending": 7}
    assert len(smtp_sink.received) == 3


def test_next_envelope_is_on_its_way_while_a_letter_is_taken_in(
    post: Change, smtp_sink: SmtpSink, pipelining: bool
) -> None:
    ahead: list[int] = []
    smtp_sink.answer["RCPT"] = lambda _: ahead.append(len(smtp_sink.received))
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.05)
    owe_many(3)
    deliver_due(prepare_plain, clock=Clock())
    assert ahead == [0, 1, 2] and smtp_sink.connections == 1


def test_refused_recipients_between_others_cost_no_letter(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["RCPT"] = lambda address: "550 no" if address[1] in "147" else None
    owe_many(10)
    deliver_due(prepare_plain, clock=Clock())
    assert sorted(smtp_sink.recipients) == [f"p{n}@example.org" for n in (0, 2, 3, 5, 6, 8, 9)]
    assert states() == {"sent": 7, "failed": 3}
    assert max(smtp_sink.message_ids.values()) == 1


def test_letter_that_the_server_refuses_after_its_content_spoils_no_other(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["DATA"] = lambda content: "554 spam" if b"To: p3@" in content else None
    owe_many(6)
    deliver_due(prepare_plain, clock=Clock())
    assert states() == {"sent": 5, "failed": 1}
    assert max(smtp_sink.message_ids.values()) == 1


def test_letters_beyond_ascii_go_in_turn_with_the_others(post: Change, smtp_sink: SmtpSink) -> None:
    def prepare(message: Message, now: datetime) -> Letter:
        letter = letter_for(message, now)
        return replace(letter, to_address="josé@example.org") if message.subject in {"p1", "p2"} else letter

    owe_many(4)
    deliver_due(each(prepare), clock=Clock())
    assert smtp_sink.recipients == ["p0@example.org", "josé@example.org", "josé@example.org", "p3@example.org"]


def test_lanes_are_known_by_their_rows(post: Change) -> None:
    owe()
    owe_many(1)
    assert (find("alice").lane, find("p0", "0-60").lane) == (Lane.TRANSACTIONAL, Lane.BULK)
    db.session.rollback()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OPENSSL IS MISSING: STARTTLS is not tested")
def test_every_letter_goes_out_over_an_encrypted_connection_without_sign_in(
    post: Change, smtp_sink: SmtpSink, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(message: Message, now: datetime) -> Letter:
        letter = letter_for(message, now)
        return replace(letter, to_address="josé@example.org") if message.subject == "p1" else letter

    smtp_sink.encrypt(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setattr(app.extensions["mail"], "use_tls", True)
    owe_many(4)
    deliver_due(each(prepare), clock=Clock())
    assert states() == {"sent": 4} and smtp_sink.connections == 1 and smtp_sink.encrypted == 4
