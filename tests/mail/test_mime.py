"""Letters on paper: the shape RFC 6047 asks for, and headers nobody can break out of."""

import base64
import dataclasses
import email
import email.policy
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.support import NOW
from webinars.mail.letters import CalendarPart, Letter, plain
from webinars.mail.mime import OutboxMessage, UnsafeLetter, _header, refuse_line_breaks, to_address

ROW: Any = SimpleNamespace(message_id="<0123456789abcdef0123456789abcdef@harbor.example>", reference="0123456789abcdef")
ICS = b"BEGIN:VCALENDAR\r\nSUMMARY:" + b"x" * 300 + b"\r\nEND:VCALENDAR\r\n"
UNSUBSCRIBE = f"<https://harbor.example/u/{'k' * 120}>, <mailto:unsubscribe+{'k' * 40}@harbor.example>"
LETTER = Letter(
    to_address="alice@example.org",
    sender_name="Harbor, “Cancer” Support",
    subject="Your place: Side Effects – Thursday 3 December 2026, a long title that has to be folded somewhere",
    text=plain("Hello Zoë\n" + "long " * 60 + "end\n.\nFrom here\n"),
    html=plain("<p>Hello Zoë</p>\n" + "<p>" + "long " * 300 + "</p>"),
    calendar=CalendarPart("REQUEST", ICS),
    headers=(("List-Id", "Side Effects <side-effects.harbor.example>"), ("List-Unsubscribe", UNSUBSCRIBE)),
)


def write(letter: Letter) -> bytes:
    return OutboxMessage(letter, ROW, "webinars@harbor.example", NOW).as_bytes()


def read(raw: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not [defect for part in parsed.walk() for defect in part.defects]
    return parsed


def test_invitation_has_the_calendar_part_last_and_the_same_bytes_as_a_file(app: Flask) -> None:
    letter = read(write(LETTER))
    assert [part.get_content_type() for part in letter.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    calendar, file = list(letter.walk())[4:]
    assert dict(calendar["Content-Type"].params) == {"method": "REQUEST", "charset": "utf-8"}
    assert calendar["Content-Disposition"] is None
    assert "method" not in file["Content-Type"].params
    assert (file.get_filename(), file.get_content_disposition()) == ("invite.ics", "attachment")
    assert calendar.get_payload(decode=True) == file.get_payload(decode=True) == ICS


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"calendar": None}, ["multipart/alternative", "text/plain", "text/html"]),
        ({"calendar": None, "html": None}, ["text/plain"]),
        ({"html": None},
         ["multipart/mixed", "multipart/alternative", "text/plain", "text/calendar", "application/ics"]),
    ],
)  # fmt: skip
def test_letter_has_no_more_parts_than_it_needs(app: Flask, changes: dict[str, Any], kinds: list[str]) -> None:
    letter = read(write(dataclasses.replace(LETTER, **changes)))
    assert [part.get_content_type() for part in letter.walk()] == kinds


def test_headers_are_those_of_automatic_mail(app: Flask) -> None:
    letter = read(write(LETTER))
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == ROW.message_id
    assert letter["Date"].datetime == NOW
    assert letter["Subject"] == LETTER.subject
    assert letter["From"].addresses[0].display_name == LETTER.sender_name
    assert letter["From"].addresses[0].addr_spec == "webinars@harbor.example"
    assert str(letter["To"]) == "alice@example.org"
    for name in ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version"):
        assert len(letter.get_all(name)) == 1


def test_unsubscribe_address_is_neither_folded_nor_encoded(app: Flask) -> None:
    assert f"\r\nList-Unsubscribe: {UNSUBSCRIBE}\r\n".encode() in write(LETTER)


def test_lines_are_ended_crlf_and_short_enough(app: Flask) -> None:
    raw = write(LETTER)
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert raw.isascii()
    long = [line for line in raw.split(b"\r\n") if len(line) > 76]
    assert [line.partition(b":")[0] for line in long] == [b"List-Unsubscribe"]


def test_text_arrives_as_it_was_written(app: Flask) -> None:
    parts = {
        part.get_content_type(): part.get_content() for part in read(write(LETTER)).walk() if not part.is_multipart()
    }
    assert parts["text/plain"].replace("\r\n", "\n") == str(LETTER.text)
    assert parts["text/html"].replace("\r\n", "\n").strip() == str(LETTER.html)
    assert base64.b64encode(ICS)[:70] in write(LETTER)


def test_letter_written_twice_is_the_same_to_the_octet(app: Flask) -> None:
    assert write(LETTER) == write(LETTER)


def test_text_cannot_hold_the_boundary(app: Flask) -> None:
    sly = dataclasses.replace(LETTER, text=plain("--=_alternative_0123456789abcdef--\n--=_mixed_0123456789abcdef\n"))
    assert [part.get_content_type() for part in read(write(sly)).walk()][-1] == "application/ics"
    assert len(list(read(write(sly)).walk())) == 6


def test_flask_mails_own_parsed_form_is_the_same_letter(app: Flask) -> None:
    message = OutboxMessage(LETTER, ROW, "webinars@harbor.example", NOW)
    assert message._message().as_bytes().count(b"Content-Type") == 6
    assert message.as_string().encode() == message.as_bytes()


@pytest.mark.parametrize("field", ["to_address", "sender_name", "subject"])
@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\0", "\u2028", "\x85"])
def test_line_breaks_in_header_sources_are_refused(app: Flask, field: str, breaker: str) -> None:
    with pytest.raises(UnsafeLetter):
        write(dataclasses.replace(LETTER, **{field: f"alice@example.org{breaker}Bcc: eve@example.org"}))


@pytest.mark.parametrize(
    "header",
    [("X-A", "a\r\nBcc: eve@example.org"), ("Bcc", "eve@example.org"), ("X A", "b"), ("X:A", "b"), ("To", "b")],
)
def test_letter_cannot_bring_headers_of_its_own_making(app: Flask, header: tuple[str, str]) -> None:
    with pytest.raises(UnsafeLetter):
        write(dataclasses.replace(LETTER, headers=(header,)))


@pytest.mark.parametrize("address", ["", "alice", "@example.org", "alice@", "a b@example.org", "a@b, c@d", "<a@b.c>x"])
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(UnsafeLetter):
        to_address(address)


def test_international_domain_is_written_in_ascii(app: Flask) -> None:
    raw = write(dataclasses.replace(LETTER, to_address="zoe@bücher.example"))
    assert read(raw)["To"].addresses[0].addr_spec == "zoe@xn--bcher-kva.example"


def test_local_part_beyond_ascii_asks_for_smtputf8(app: Flask) -> None:
    message = OutboxMessage(dataclasses.replace(LETTER, to_address="zoë@example.org"), ROW, "w@harbor.example", NOW)
    assert message.needs_utf8
    assert "zoë@example.org".encode() in message.as_bytes()


@given(st.text())
def test_whatever_passes_the_check_stays_on_one_line(text: str) -> None:
    try:
        refuse_line_breaks(text)
    except UnsafeLetter:
        return
    assert len(f"x{text}x".splitlines()) == 1


WORDS = st.sampled_from(
    ["Nueva", "hora", "de", "Hauttoxizität", "—", "niña", "Inmunoterapia", "y", "¿Qué", "=?utf-8?q?x?="]
)


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_subject_keeps_every_space_where_it_is_folded(words: list[str]) -> None:
    folded = _header("Subject", " ".join(words), False)
    assert email.message_from_string(f"{folded}\n", policy=email.policy.default)["Subject"] == " ".join(words)
    assert all(len(line) <= 76 for line in folded.split("\r\n"))


def test_mark_before_a_signature_keeps_its_space(app: Flask) -> None:
    letter = dataclasses.replace(LETTER, text=plain("Hello  \n-- \nHarbor\n"), html=None, calendar=None)
    assert read(write(letter)).get_content().replace("\r\n", "\n") == "Hello\n-- \nHarbor\n"


@pytest.mark.parametrize("length", [40, 66, 67, 68, 72, 75, 76, 120])
def test_subject_begins_beside_its_name_whatever_its_length(app: Flask, length: int) -> None:
    subject = ("On the waiting list: " + "word " * 40)[:length].strip()
    raw = write(dataclasses.replace(LETTER, subject=subject))
    assert read(raw)["Subject"] == subject
    assert f"\r\nSubject: {subject[:20]}".encode() in raw
    written = raw.partition(b"\r\nSubject:")[2].partition(b"\r\nDate:")[0]
    assert all(len(line) <= 76 for line in b"Subject:".join([b"", written]).split(b"\r\n"))
