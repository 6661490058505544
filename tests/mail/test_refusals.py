"""What follows when a server does not take a letter: tried again, given up, or held to be about us."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.mail.support import NOW, Clock, control, each, find, owe, owe_many, prepare_plain, receiving, states
from tests.support.smtp_sink import SmtpSink
from webinars.core.links import address_key
from webinars.mail.delivery import MOST_REFUSALS, deliver_due
from webinars.mail.events import letter_failed
from webinars.mail.letters import Letter, plain
from webinars.mail.models import Message
from webinars.mail.transport import Transport

Change = Callable[..., None]
pytestmark = pytest.mark.usefixtures("pipelining")


def test_temporary_refusal_is_tried_again_later(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.script("RCPT", "451 4.7.1 try later, dear alice@example.org")
    owe()
    clock = Clock()
    deliver_due(prepare_plain, clock=clock)
    waiting = find("alice")
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert NOW <= waiting.next_attempt_at <= NOW + timedelta(seconds=60)
    assert waiting.last_error == "451 4.7.1 try later, dear <address>"
    clock.forward(seconds=60)
    assert deliver_due(prepare_plain, clock=clock).sent == 1
    assert len(smtp_sink.received) == 1


def test_letter_refused_until_its_deadline_fails(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["DATA"] = lambda _: "450 not now"
    owe(not_after=NOW + timedelta(hours=2))
    clock, rounds = Clock(), 0
    while find("alice").state == "pending" and rounds < 500:
        deliver_due(prepare_plain, clock=clock)
        clock.now = max(clock.now, find("alice").next_attempt_at)
        rounds += 1
    after = find("alice")
    assert after.state == "failed"
    assert clock.now <= NOW + timedelta(hours=2)
    assert after.last_error == "450 not now"
    assert rounds > 3


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_refusal_for_good_fails_with_the_servers_words(post: Change, smtp_sink: SmtpSink, verb: str) -> None:
    failed: list[Message] = []
    smtp_sink.script(verb, "550 5.1.1 <alice@example.org>: no such user")
    owe(payload={"a": 1})
    with receiving(letter_failed, lambda message, **_: failed.append(message)):
        deliver_due(prepare_plain, clock=Clock())
    after = find("alice")
    assert (after.state, after.attempts, after.last_error) == ("failed", 1, "550 5.1.1 <<address>>: no such user")
    assert [message.id for message in failed] == [after.id]
    assert after.payload == {"a": 1}


def test_one_bad_address_never_stops_a_mailing(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["RCPT"] = lambda address: "550 no" if address.startswith("p3@") else None

    def prepare(message: Message, now: datetime) -> Letter:
        if message.subject == "p5":
            raise ValueError("a fault of ours")
        address = "not an address" if message.subject == "p4" else f"{message.subject}@example.org"
        return Letter(address, "Harbor", "Subject\r\nBcc: x" if message.subject == "p6" else "Subject", plain("Hello"))

    owe_many(30)
    deliver_due(each(prepare), clock=Clock())
    assert len(smtp_sink.received) == 26
    assert [find(f"p{n}", "0-60").state for n in (3, 4, 5, 6)] == ["failed", "failed", "pending", "failed"]
    assert find("p5", "0-60").attempts == 1


def test_server_that_refuses_everybody_pauses_mail_instead_of_failing_all(post: Change, smtp_sink: SmtpSink) -> None:
    """A relay that lost its settings says 550 to every letter: that is no news about forty addresses."""
    smtp_sink.answer["RCPT"] = lambda _: "550 5.7.1 relay access denied"
    owe_many(40)
    clock, transport = Clock(), Transport()
    deliver_due(prepare_plain, clock=clock, transport=transport)
    assert states() == {"failed": MOST_REFUSALS, "pending": 40 - MOST_REFUSALS}
    assert (paused_until := control().paused_until) is not None and paused_until > clock.now
    clock.forward(minutes=10)
    deliver_due(prepare_plain, clock=clock, transport=transport)
    assert states() == {"failed": MOST_REFUSALS, "pending": 40 - MOST_REFUSALS}
    del smtp_sink.answer["RCPT"]
    clock.forward(hours=2)
    deliver_due(prepare_plain, clock=clock, transport=transport)
    transport.close()
    assert states() == {"failed": MOST_REFUSALS, "sent": 40 - MOST_REFUSALS}


def test_many_dead_addresses_between_living_ones_are_believed(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["RCPT"] = lambda address: None if address.startswith("p1") else "550 5.1.1 no such user"
    owe_many(30)
    deliver_due(prepare_plain, clock=Clock())
    assert states()["failed"] > MOST_REFUSALS


def test_only_the_address_that_was_refused_is_named(post: Change, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["RCPT"] = lambda _: "550 5.1.1 no such user"
    owe()
    owe("bob", not_after=NOW - timedelta(minutes=1))
    named: list[str | None] = []
    with receiving(letter_failed, lambda _message, refused, **_: named.append(refused)):
        deliver_due(prepare_plain, clock=Clock())
    assert named == [address_key("alice@example.org")]
