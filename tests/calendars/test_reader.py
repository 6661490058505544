"""The reader and the calendar that other tests rely on notice what is wrong."""

import pytest

from tests.support.calendar_client import CalendarClient, read

GOOD = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
    "DTSTAMP:20261122T1500{second:02}Z\r\nDTSTART:20261203T180000Z\r\nDTEND:20261203T190000Z\r\nSEQUENCE:{sequence}\r\n"
    "SUMMARY:A\\, b\\; c\r\nSTATUS:{status}\r\nORGANIZER:mailto:o@x.example\r\n"
    'ATTENDEE;CN="L, A":mailto:a@x.example\r\n'
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)  # fmt: skip


def ics(method: str = "REQUEST", sequence: int = 0, second: int = 0) -> bytes:
    status = "CANCELLED" if method == "CANCEL" else "CONFIRMED"
    return GOOD.format(method=method, sequence=sequence, second=second, status=status).encode()


def test_reader_reads_what_is_right():
    [event] = read(ics()).parts
    assert event.text("SUMMARY") == "A, b; c" and event.one("ATTENDEE").parameters["CN"] == ["L, A"]


@pytest.mark.parametrize(
    "spoilt",
    [
        ics().replace(b"\r\n", b"\n"),
        b"\xef\xbb\xbf" + ics(),
        ics().removesuffix(b"\r\n"),
        ics().replace(b"VERSION", b"\r\nVERSION"),
        ics().replace(b"SUMMARY:A", b"SUMMARY:" + b"A" * 80),
        ics().replace(b"SUMMARY:A", "SUMMARY:é".encode()[:-1] + b"\r\n " + "é".encode()[-1:]),
        ics().replace(b"END:VEVENT\r\n", b""),
        ics() + ics(),
        ics().replace(b"UID:u1", b"no content line"),
        ics().replace(b"UID:u1", b"UID:u\x011"),
    ],
)
def test_reader_refuses_what_no_calendar_need_accept(spoilt):
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        read(spoilt)


def test_values_are_judged_when_they_are_read():
    with pytest.raises(AssertionError, match="unescaped"):
        read(ics().replace(b"A\\, b", b"A, b")).parts[0].text("SUMMARY")
    for wrong in (b"DTSTART;TZID=Europe/Paris:20261203T180000", b"DTSTART:20261203T180000", b"DTSTART:20261203"):
        with pytest.raises(AssertionError):
            _ = read(ics().replace(b"DTSTART:20261203T180000Z", wrong)).parts[0].one("DTSTART").instant
    with pytest.raises(AssertionError, match="UID: 2 times"):
        read(ics().replace(b"UID:u1", b"UID:u1\r\nUID:u2")).parts[0].one("UID")


def test_calendar_obeys_sequence_first_and_then_the_stamp():
    calendar = CalendarClient("a@x.example")
    assert calendar.take(ics(sequence=1)) and not calendar.take(ics(sequence=1))
    assert calendar.take(ics(sequence=1, second=1)) and not calendar.take(ics(sequence=0, second=2))
    assert calendar.take(ics("CANCEL", sequence=2)) and not calendar.entries
    assert not calendar.take(ics(sequence=1, second=9)) and not calendar.entries
    assert calendar.take(ics(sequence=3)) and len(calendar.entries) == 1


@pytest.mark.parametrize(
    "foul",
    [
        ics("CANCEL", sequence=0, second=5),
        ics(sequence=1).replace(b"o@x.example", b"other@x.example"),
        ics(sequence=1).replace(b"a@x.example", b"b@x.example"),
        ics(sequence=1).replace(b"CONFIRMED", b"CANCELLED"),
    ],
)
def test_calendar_does_not_forgive_what_clients_would_mistake(foul):
    calendar = CalendarClient("a@x.example")
    calendar.take(ics())
    with pytest.raises(AssertionError):
        calendar.take(foul)
