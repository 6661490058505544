"""Letters are made, sent and marked in step with a server and a database that take their time."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.mail.support import (
    Clock,
    letter_for,
    owe_many,
    prepare_plain,
    states,
)
from tests.support.smtp_sink import SmtpSink
from webinars.core.database import db
from webinars.mail.delivery import deliver_due
from webinars.mail.letters import Letter
from webinars.mail.models import Message

Change = Callable[..., None]
pytestmark = pytest.mark.usefixtures("pipelining")


def test_slow_server_gets_letters_that_are_true_when_they_leave(
    post: Change, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webinars.mail.delivery.LATE_SECONDS", 0.05)
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.1)
    made: list[str] = []

    def prepare(messages: Sequence[Message], now: datetime) -> list[Callable[[], Letter]]:
        made.append(" ".join(message.subject for message in messages))
        return [partial(letter_for, message, now) for message in messages]

    owe_many(4)
    deliver_due(prepare, clock=Clock())
    # Each letter that leaves was made from facts read after the letter before had its answer.
    assert [batch.split()[0] for batch in made] == ["p0", "p1", "p2", "p3"]
    assert len(smtp_sink.received) == 4


def test_letters_taken_are_marked_while_the_server_is_slow_with_the_next(
    post: Change, smtp_sink: SmtpSink, app: Flask
) -> None:
    seen: list[int] = []

    def slow(content: bytes) -> None:
        if b"To: p5@" in content:
            time.sleep(0.2)
            with app.app_context(), Session(db.engine) as session:
                seen.append(session.query(Message).filter_by(state="sent").count())

    smtp_sink.answer["DATA"] = slow
    owe_many(8)
    deliver_due(prepare_plain, clock=Clock())
    assert seen == [5] and states() == {"sent": 8}


def test_database_that_fails_while_a_letter_is_under_way_loses_no_verdict(
    post: Change, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(messages: Sequence[Message], now: datetime) -> list[Callable[[], Letter]]:
        return [partial(letter_for, message, now) for message in messages]

    renewals = iter([True, True, OperationalError("renew", {}, Exception("away"))])

    def safe(_self: object, message: Message) -> bool:
        answer = next(renewals, True)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("webinars.mail.delivery._Delivery._safe", safe)
    owe_many(4)
    with pytest.raises(OperationalError):
        deliver_due(prepare, clock=Clock())
    assert states()["sent"] == 1 and smtp_sink.recipients == ["p0@example.org"]


def test_two_letters_to_one_person_are_made_one_after_the_other(post: Change, smtp_sink: SmtpSink) -> None:
    batches: list[list[str]] = []

    def prepare(messages: Sequence[Message], now: datetime) -> list[Callable[[], Letter]]:
        batches.append([f"{message.subject}/{message.occasion}" for message in messages])
        return [partial(letter_for, message, now) for message in messages]

    owe_many(2, occasion="1")
    owe_many(2, occasion="2")
    deliver_due(prepare, clock=Clock())
    assert batches == [["p0/1", "p1/1"], ["p0/2", "p1/2"]] and states() == {"sent": 4}
