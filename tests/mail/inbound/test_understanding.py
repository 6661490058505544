"""What a message is, sample by sample; and that nothing a stranger sends costs much or breaks anything."""

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mail.inbound.samples import ALICE, NAMES, REFERENCE, UID, sample
from webinars.mail.causes import Cause, cause_of, condemns_address
from webinars.mail.inbound.paper import LARGEST
from webinars.mail.inbound.replies import Answered
from webinars.mail.inbound.reports import Report
from webinars.mail.inbound.understanding import LONGEST_TEXT, Note, understand
from webinars.mail.models import InboundKind

ANSWERS = {"accepts": Answered.ACCEPTED, "declines": Answered.DECLINED, "maybe": Answered.TENTATIVE}
CALENDARS = [f"{program}-{said}" for program in ("gmail", "outlook", "apple", "thunderbird") for said in ANSWERS]

#: what each server's report means: why, and whether the address is dead
BOUNCES = {
    "postfix-no-mailbox": (Cause.NO_MAILBOX, True),
    "postfix-no-domain": (Cause.NO_DOMAIN, True),
    "exim-no-mailbox": (Cause.NO_MAILBOX, True),
    "exim-unrouteable": (Cause.NO_DOMAIN, True),
    "exchange-no-mailbox": (Cause.NO_MAILBOX, True),
    "exchange-mailbox-full": (Cause.MAILBOX_FULL, False),
    "exchange-blocked": (Cause.BLOCKED, False),
    "gmail-no-mailbox": (Cause.NO_MAILBOX, True),
    "gmail-mailbox-full": (Cause.MAILBOX_FULL, False),
    "gmail-refused-as-spam": (Cause.SPAM, False),
    "yahoo-no-mailbox": (Cause.NO_MAILBOX, True),
    "qmail-no-mailbox": (Cause.NO_MAILBOX, True),
    "qmail-mailbox-full": (Cause.MAILBOX_FULL, False),
    "sendmail-no-mailbox": (Cause.NO_MAILBOX, True),
}
OTHERS = {
    "postfix-delay": InboundKind.DELAY,
    "exim-delay": InboundKind.DELAY,
    "gmail-delay": InboundKind.DELAY,
    "sendmail-delay": InboundKind.DELAY,
    "postfix-delivered": InboundKind.AUTOMATIC,
    "outlook-out-of-office": InboundKind.AUTOMATIC,
    "gmail-out-of-office": InboundKind.AUTOMATIC,
    "read-receipt": InboundKind.AUTOMATIC,
    "complaint": InboundKind.COMPLAINT,
    "unsubscribe": InboundKind.UNSUBSCRIBE,
    "a-persons-answer": InboundKind.LETTER,
    "a-persons-answer-in-html-only": InboundKind.LETTER,
    "broken-charset": InboundKind.LETTER,
    "outlook-proposes-another-time": InboundKind.LETTER,
    "outlook-declines-with-a-comment": InboundKind.CALENDAR_REPLY,
}


def kind_of(raw: bytes) -> InboundKind:
    return understand(raw).kind


def test_every_sample_is_spoken_of() -> None:
    assert set(NAMES) == {*CALENDARS, *BOUNCES, *OTHERS}


@pytest.mark.parametrize("name", NAMES)
def test_line_ends_of_the_wire_and_of_a_maildir_mean_the_same(name: str) -> None:
    unix, wire = understand(sample(name)), understand(sample(name).replace(b"\n", b"\r\n"))
    assert (unix.kind, unix.references, unix.text) == (wire.kind, wire.references, wire.text)


@pytest.mark.parametrize("name", CALENDARS)
def test_calendars_answer_is_understood(name: str) -> None:
    found = understand(sample(name))
    assert found.kind is InboundKind.CALENDAR_REPLY
    assert found.answer is not None
    assert found.answer.partstat is ANSWERS[name.partition("-")[2]]
    assert (found.answer.uid, found.answer.attendee, found.answer.sender) == (UID, ALICE, ALICE)
    assert found.answer.sequence == 0
    assert found.answer.answered_at is not None
    assert found.answer.answered_at.replace(second=0) in {
        datetime(2026, 11, 22, 16, minute, tzinfo=UTC) for minute in (15, 16)
    }
    assert found.answer.comment == ""


def test_calendars_answer_without_a_sequence_is_to_the_first_invitation() -> None:
    found = understand(sample("thunderbird-declines", ("\nSEQUENCE:0", "")))
    assert found.answer is not None and found.answer.sequence == 0


def test_what_a_person_adds_to_a_decline_is_kept() -> None:
    found = understand(sample("outlook-declines-with-a-comment"))
    assert found.answer is not None
    assert found.answer.comment == "I am in hospital that week, could you call me?"


def test_calendars_answer_counts_although_marked_automatic() -> None:
    assert b"auto-submitted: auto-generated" in sample("outlook-declines")
    assert kind_of(sample("outlook-declines")) is InboundKind.CALENDAR_REPLY


def test_calendar_user_named_by_another_uri_is_known_by_the_mail_address_beside_it() -> None:
    by_principal = sample("apple-declines", (f":mailto:{ALICE}", ":urn:uuid:1f2e3d4c-0000-4000-8000-000000000000"))
    unfolded = by_principal.replace(b"=\n", b"")
    answer = understand(unfolded).answer
    assert answer is not None and answer.attendee == ALICE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("PARTSTAT=DECLINED", "PARTSTAT=DELEGATED"), "somebody else is to go"),
        (("PARTSTAT=DECLINED", "PARTSTAT=NEEDS-ACTION"), "no answer"),
        (("SEQUENCE:0", "SEQUENCE:none"), "no number"),
        ((f"UID:{UID}", "X-NOT-UID:1"), "names no invitation"),
        (("END:VEVENT", ""), "cut off"),
    ],
)
def test_calendars_answer_that_is_none_is_for_staff(change: tuple[str, str], why: str) -> None:
    found = understand(sample("thunderbird-declines", change))
    assert (found.kind, found.note) == (InboundKind.LETTER, Note.CALENDAR_UNREADABLE), why


def test_invitation_of_somebody_else_is_no_answer() -> None:
    theirs = sample("thunderbird-declines", ("METHOD:REPLY", "METHOD:REQUEST"), ("method=REPLY", "method=REQUEST"))
    assert understand(theirs).note == ""
    assert kind_of(theirs) is InboundKind.LETTER


@pytest.mark.parametrize("name", BOUNCES)
def test_bounce_names_the_letter_the_person_and_the_cause(name: str) -> None:
    cause, dead = BOUNCES[name]
    found = understand(sample(name))
    assert found.kind is InboundKind.BOUNCE
    assert found.references == (REFERENCE,)
    assert found.report is not None
    assert found.report.recipients == {ALICE}
    assert (cause_of(found.report.words), condemns_address(found.report.words)) == (cause, dead)
    assert "@" not in found.report.words, "the words are shown and kept"


@pytest.mark.parametrize(("name", "kind"), OTHERS.items())
def test_other_messages_are_told_apart(name: str, kind: InboundKind) -> None:
    assert kind_of(sample(name)) is kind


@pytest.mark.parametrize("name", ["postfix-no-mailbox", "exim-no-mailbox", "qmail-no-mailbox", "gmail-no-mailbox"])
def test_bounce_finds_the_letter_by_what_it_returns_when_the_address_names_none(name: str) -> None:
    plain = sample(name).replace(f"+b-{REFERENCE}".encode(), b"")
    assert understand(plain).references == (REFERENCE,)


def test_bounce_finds_the_letter_by_the_address_when_nothing_is_returned() -> None:
    head = sample("postfix-no-mailbox").partition(b"Content-Description: Undelivered Message Headers")[0]
    assert understand(head).references == (REFERENCE,)


def test_report_about_international_addresses_is_understood() -> None:
    theirs = sample(
        "postfix-no-mailbox",
        ("message/delivery-status", "message/global-delivery-status"),
        ("rfc822; alice@example.org", "utf-8; álvarez@example.org"),
    )
    report = understand(theirs).report
    assert report is not None and "álvarez@example.org" in report.recipients


def test_several_groups_of_a_report_mean_the_worst_of_them() -> None:
    both = sample(
        "postfix-delivered",
        ("Diagnostic-Code: smtp; 250 2.0.0 Ok: queued as 1F2E3D4C5B\n",
         "\nFinal-Recipient: rfc822; alice@example.org\nAction: failed\nStatus: 5.2.2\n"),
    )  # fmt: skip
    found = understand(both)
    assert found.kind is InboundKind.BOUNCE
    assert found.report is not None and found.report.words == "5.2.2"


def test_bounce_that_nobody_understands_is_for_staff_and_keeps_its_letter() -> None:
    odd = sample("qmail-no-mailbox", ("<alice@example.org>:\n", "somebody\n"), ("Hi. This is the qmail-send", "Ola, o"))
    found = understand(odd)
    assert (found.kind, found.note) == (InboundKind.LETTER, Note.BOUNCE_UNREADABLE)
    assert found.references == (REFERENCE,)


def test_persons_letter_keeps_who_wrote_what_to_which_letter() -> None:
    found = understand(sample("a-persons-answer"))
    assert (found.sender, found.title) == (ALICE, "Re: You have a place")
    assert found.text.startswith("May I bring my sister? She is deaf – will there be captions?")
    assert found.references == (REFERENCE,)


def test_letter_in_html_is_read_as_text_without_scripts_and_pictures() -> None:
    found = understand(sample("a-persons-answer-in-html-only"))
    assert found.text == "Is there a café near you & is it open?\nAlice"
    assert (found.sender, found.title) == (ALICE, "Café or café?")


def test_person_who_quotes_a_bounce_is_no_mail_server() -> None:
    quoted = sample("a-persons-answer", ("Hello,", "550 5.1.1 user unknown, delivery to bob@example.org failed"))
    assert kind_of(quoted) is InboundKind.LETTER


def test_answering_machine_unsubscribes_nobody() -> None:
    answered = sample("unsubscribe", ("MIME-Version: 1.0", "MIME-Version: 1.0\nAuto-Submitted: auto-replied"))
    assert kind_of(answered) is InboundKind.AUTOMATIC


def test_saying_that_it_is_no_spam_is_no_complaint() -> None:
    assert kind_of(sample("complaint", ("Feedback-Type: abuse", "Feedback-Type: not-spam"))) is InboundKind.LETTER


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (vacation)", "Precedence: auto_reply",
               "X-Autoreply: yes", "X-Autorespond: true", "X-Auto-Response-Suppress: OOF, AutoReply"]
)  # fmt: skip
def test_every_mark_of_an_automatic_answer_is_known(header: str) -> None:
    marked = sample("a-persons-answer", ("MIME-Version: 1.0", f"MIME-Version: 1.0\n{header}"))
    assert kind_of(marked) is InboundKind.AUTOMATIC


def test_auto_submitted_no_is_a_person() -> None:
    marked = sample("a-persons-answer", ("MIME-Version: 1.0", "MIME-Version: 1.0\nAuto-Submitted: no"))
    assert kind_of(marked) is InboundKind.LETTER


OUT_OF_OFFICE = (
    "Your message to alice@example.org was automatically rejected:\nI am on holiday",
    "Delivery to the following recipients failed: alice@example.org",
    "<alice@example.org>:\nmailbox not monitored, 550 messages waiting",
)


@pytest.mark.parametrize("words", OUT_OF_OFFICE)
def test_answering_machine_is_no_mail_server_whatever_its_words(words: str) -> None:
    theirs = sample(
        "gmail-out-of-office",
        ("Return-Path: <alice@example.org>", "Return-Path: <>"),
        ("I am travelling and read mail again next week.\n\n--", f"{words}\n\n--"),
    )
    found = understand(theirs)
    assert words.partition("\n")[0] in found.text and found.kind is InboundKind.AUTOMATIC


def test_mail_server_that_calls_its_prose_an_answer_is_understood() -> None:
    theirs = sample("qmail-no-mailbox", ("Subject: f", "Auto-Submitted: auto-replied\nSubject: f"))
    assert b"auto-replied" in theirs and kind_of(theirs) is InboundKind.BOUNCE


HEAD = b"From: Mallory <mallory@example.org>\nTo: webinars@harbor.example\nSubject: gift\nMIME-Version: 1.0\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n'
BOMBS = {
    "nested parts": HEAD
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(9000)),
    "letters in letters": HEAD + b"Content-Type: message/rfc822\n\n" * 20_000,
    "two million parts": MIXED + b"--b\n\n" * 2_000_000,
    "two million headers": HEAD + b"a: b\n" * 2_000_000 + b"\nhi",
    "headers in a part": MIXED + b"--b\n" + b"a: b\n" * 2_000_000,
    "a header of megabytes": HEAD + b"X-Big: " + b"x" * 9_000_000 + b"\n\nhi",
    "a report of half a million groups": HEAD + b"Content-Type: message/delivery-status\n\n"
    + b"Action: failed\n\n" * 500_000,
    "open brackets in the sender": HEAD.replace(b"Mallory", b"(" * 200_000) + b"\nhi",
    "nested markup": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 1_000_000,
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"-a" * 2_000_000,
    "endless prose": b"Return-Path: <>\n" + HEAD + b"\n" + (b"the following address " * 500 + b"\n") * 800,
    "a calendar of nested events": HEAD + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n"
    + b"BEGIN:VEVENT\n" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_costs_little_and_is_a_letter_for_staff(name: str) -> None:
    begun = time.process_time()
    found = understand(BOMBS[name])
    assert time.process_time() - begun < 8, "minutes, when a bound is missing"
    assert found.kind is InboundKind.LETTER
    assert len(found.text) <= LONGEST_TEXT


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("kind", ["parts", "groups of a report", "lines"])
def test_parser_is_spared_whatever_ends_the_lines(kind: str, end: bytes) -> None:
    many = {
        "parts": MIXED + b"--b\n\nx\n" * 2_100,
        "groups of a report": HEAD + b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 5_100,
        "lines": HEAD + b"\n" + b"x\n" * 401_000,
    }[kind]
    assert understand(many.replace(b"\n", end)).note == Note.TOO_LARGE


def test_huge_message_keeps_what_is_said_first() -> None:
    attachment = b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(
        b"x" * LARGEST
    )
    found = understand(MIXED + b"--b\nContent-Type: text/plain\n\nsee the picture\n" + attachment + b"--b--\n")
    assert (found.kind, found.note) == (InboundKind.LETTER, Note.TOO_LARGE)
    assert (found.sender, found.title, found.text) == ("mallory@example.org", "gift", "see the picture")


def test_encodings_made_to_hurt_lose_their_beauty_only() -> None:
    found = understand(sample("broken-charset"))
    assert found.kind is InboundKind.LETTER
    assert found.sender == ALICE
    for text in (found.sender, found.title, found.text):
        text.encode("utf-8")
        assert "\x00" not in text


@settings(max_examples=150)
@given(st.binary(max_size=2000))
def test_any_octets_can_be_read(raw: bytes) -> None:
    found = understand(raw)
    for text in (found.sender, found.title, found.text):
        text.encode("utf-8")
        assert "\x00" not in text


@settings(max_examples=150)
@given(st.sampled_from(NAMES), st.data())
def test_any_damage_to_a_real_message_can_be_read(name: str, data: st.DataObject) -> None:
    raw = bytearray(sample(name))
    for _change in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=6))
    found = understand(bytes(raw))
    assert isinstance(found.report, Report | None)
    (found.text + found.title + found.sender).encode("utf-8")
