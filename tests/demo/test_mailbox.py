"""The local mailbox, as a mail program and a browser see it: real SMTP in, real HTTP out, both on free ports."""

import http.client
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from webinars.demo.mailbox.__main__ import main
from webinars.demo.mailbox.letter import read_letter
from webinars.demo.mailbox.serving import LOOPBACK, Mailbox, PortTaken
from webinars.demo.mailbox.store import LetterNotFound, LetterStore

INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Webinars//tests//EN
METHOD:{method}
BEGIN:VEVENT
UID:6f9d7a52-4a52-4f0e-9d5e-0d7c5c0a7b11
DTSTAMP:20261122T090000Z
DTSTART;TZID=America/New_York:20261203T130000
DTEND;TZID=America/New_York:20261203T141500
SEQUENCE:{sequence}
SUMMARY:Is a clinical trial right for me?
ORGANIZER:mailto:webinars@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.net
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "letters", site_url="http://127.0.0.1:8000/") as running:
        yield running


def invitation(method: str = "REQUEST", sequence: int = 0) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = "Harbor <webinars@example.org>"
    letter["To"] = "Alice <alice@example.net>"
    letter["Subject"] = "Your place: ¿ensayo clínico?"
    letter["Date"] = "Sun, 22 Nov 2026 09:00:00 +0000"
    letter["Message-ID"] = "<one@example.org>"
    letter.set_content("Join at https://example.org/r/token/join.\n<script>alert(1)</script>\n")
    letter.add_alternative(
        '<!doctype html><html><head></head><a href="https://example.org/">Join</a></html>', subtype="html"
    )
    calendar = INVITATION.format(method=method, sequence=sequence).replace("\n", "\r\n")
    letter.add_alternative(calendar, subtype="calendar", params={"method": method})
    letter.add_attachment(calendar.encode(), "application", "ics", filename="invite.ics")
    return letter


def send(mailbox: Mailbox, *letters: EmailMessage | bytes) -> None:
    with smtplib.SMTP(LOOPBACK, mailbox.smtp_port) as client:
        for letter in letters:
            raw = letter if isinstance(letter, bytes) else letter.as_bytes()
            client.sendmail("bounces@example.org", ["alice@example.net"], raw)


def fetch(mailbox: Mailbox, path: str, host: str = "") -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection(LOOPBACK, mailbox.http_port)
    connection.request("GET", path, headers={"Host": host or f"{LOOPBACK}:{mailbox.http_port}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


def path_of_newest(folder: Path) -> str:
    return f"/letters/{LetterStore(folder / 'letters').names()[0]}"


def test_list_without_letters_says_what_to_do(mailbox: Mailbox) -> None:
    answer, page = fetch(mailbox, "/")
    assert answer.status == 200
    assert "No letters yet. Register for a webinar and come back: the confirmation arrives within seconds." in page
    assert 'http-equiv="refresh" content="5"' in page
    assert 'href="http://127.0.0.1:8000/"' in page


def test_list_shows_recipient_subject_and_what_the_calendar_does(mailbox: Mailbox) -> None:
    send(mailbox, invitation())
    send(mailbox, invitation(sequence=1))
    send(mailbox, invitation(method="CANCEL", sequence=2))
    _, page = fetch(mailbox, "/")
    assert page.count("¿ensayo clínico?") == 3
    assert page.count("Alice &lt;alice@example.net&gt;") == 3
    badges = [f'<p class="badge {deed}">' for deed in ("cancelled", "update", "invitation")]
    positions = [page.index(badge) for badge in badges]
    assert positions == sorted(positions), "newest first"


def test_search_finds_by_recipient_and_subject(mailbox: Mailbox) -> None:
    send(mailbox, invitation(), b"To: bob@example.net\r\nSubject: Reminder\r\n\r\nSoon\r\n")
    _, by_recipient = fetch(mailbox, "/?q=BOB@")
    _, by_subject = fetch(mailbox, "/?q=ensayo")
    _, by_neither = fetch(mailbox, "/?q=%3Ccarol%3E")
    assert "Reminder" in by_recipient
    assert "ensayo" not in by_recipient
    assert "bob@example.net" not in by_subject
    assert "1 matching letter" in by_subject
    assert "No letter to this recipient or with this subject" in by_neither
    assert "&lt;carol&gt;" in by_neither


def test_list_has_fifty_letters_a_page(mailbox: Mailbox, tmp_path: Path) -> None:
    store = LetterStore(tmp_path / "letters")
    for number in range(51):
        store.add(b"Subject: Letter %03d\r\n\r\n" % number)
    _, first = fetch(mailbox, "/")
    _, second = fetch(mailbox, "/?page=2")
    assert "Letter 050" in first
    assert "Letter 000" not in first
    assert "Letter 000" in second
    assert "Page 2 of 2" in second
    assert 'http-equiv="refresh"' not in second


def test_letter_shows_headers_texts_and_calendar_entry_in_words(mailbox: Mailbox, tmp_path: Path) -> None:
    send(mailbox, invitation(sequence=3))
    _, page = fetch(mailbox, path_of_newest(tmp_path))
    for words in (
        "Harbor &lt;webinars@example.org&gt;",
        "&lt;one@example.org&gt;",
        "Sun, 22 Nov 2026 09:00:00 +0000",
        "Is a clinical trial right for me?",
        "Thursday 3 December 2026, 1:00 pm – 2:15 pm, New York time (America/New_York)",
        "REQUEST",
        "6f9d7a52-4a52-4f0e-9d5e-0d7c5c0a7b11",
        "alice@example.net",
        '<a href="https://example.org/r/token/join" rel="noreferrer">https://example.org/r/token/join</a>.',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ):
        assert words in page.replace("\N{NO-BREAK SPACE}", " ")


def test_html_letter_can_do_nothing_but_open_its_links(mailbox: Mailbox, tmp_path: Path) -> None:
    send(mailbox, invitation())
    path = path_of_newest(tmp_path)
    _, page = fetch(mailbox, path)
    answer, letter = fetch(mailbox, f"{path}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"' in page
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script" not in policy
    assert '<head><base target="_blank"></head>' in letter


def test_attachment_is_handed_out_as_a_file(mailbox: Mailbox, tmp_path: Path) -> None:
    send(mailbox, invitation())
    path = path_of_newest(tmp_path)
    _, page = fetch(mailbox, path)
    link = next(part for part in page.split('"') if "/attachments/" in part)
    answer, content = fetch(mailbox, link)
    assert answer.headers["Content-Disposition"] == "attachment; filename=invite.ics"
    assert answer.headers["Content-Type"] == "application/ics"
    assert content == INVITATION.format(method="REQUEST", sequence=0).replace("\n", "\r\n")
    assert fetch(mailbox, f"{path}/attachments/99")[0].status == 404


def test_source_holds_envelope_and_letter(mailbox: Mailbox, tmp_path: Path) -> None:
    send(mailbox, b"Subject: Plain\r\n\r\n.dot\r\n")
    answer, source = fetch(mailbox, f"{path_of_newest(tmp_path)}/source")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    envelope = "Return-Path: <bounces@example.org>\r\nDelivered-To: alice@example.net\r\n"
    assert source == f"{envelope}Subject: Plain\r\n\r\n.dot\r\n"


EVENT = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
MALFORMED = (
    b"\r\n",
    b"no header at all",
    b"Subject: =?utf-8?b?A?=\r\n\r\n",
    b"Subject: =?nonsense?b?%%%?=\r\nTo: \xff\xfe <<<>\r\nFrom: @\r\n\r\n\xff",
    b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    b"Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!=",
    b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + EVENT + b"DTSTART:soon",
    b"Content-Type: text/calendar\r\n\r\n" + EVENT + b"SEQUENCE:x\r\nDTSTART:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    b"Content-Type: text/calendar\r\n\r\n"
    + EVENT
    + b"DTSTART;TZID=America:20261203T130000\r\nEND:VEVENT\r\nEND:VCALENDAR",
    b'Content-Type: x/\xff; name="../../\x01etc/passwd"\r\nContent-Disposition: attachment\r\n\r\nx',
    b"Content-Disposition: attachment; filename*=klingon''%ff\r\n\r\nx",
)


def test_malformed_letters_do_not_break_the_list(mailbox: Mailbox, tmp_path: Path) -> None:
    send(mailbox, *MALFORMED, invitation())
    answer, page = fetch(mailbox, "/")
    assert answer.status == 200
    assert page.count('class="row"') == len(MALFORMED) + 1
    for name in LetterStore(tmp_path / "letters").names():
        assert fetch(mailbox, f"/letters/{name}")[0].status == 200


def test_calendar_part_naming_a_file_does_not_show_that_file(tmp_path: Path) -> None:
    file = tmp_path / "private.ics"
    file.write_text(INVITATION.format(method="REQUEST", sequence=0))
    assert read_letter(b"Content-Type: text/calendar\r\n\r\n" + bytes(file)).entries == ()


def test_letter_nested_without_end_is_shown_without_parts() -> None:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000))
    letter = read_letter(b"Subject: Deep\r\n" + levels)
    assert letter.headers.subject == "Deep"
    assert letter.text is None


def test_letter_outside_ascii_long_lines_and_log_in_are_accepted(mailbox: Mailbox) -> None:
    letter = "To: münchen@exämple.net\r\nSubject: Grüße\r\n\r\n".encode() + b"x" * 5_000 + b"\r\n"
    with smtplib.SMTP(LOOPBACK, mailbox.smtp_port) as client:
        client.login("any name", "any password")
        client.sendmail("a@example.org", ["münchen@exämple.net"], letter, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        assert client.esmtp_features["size"] == str(20 * 1024 * 1024)
    _, page = fetch(mailbox, "/?q=m%C3%BCnchen")
    assert "Grüße" in page


def test_only_loopback_host_names_are_answered(mailbox: Mailbox) -> None:
    for host in ("localhost:8026", "127.0.0.1"):
        assert fetch(mailbox, "/", host)[0].status == 200
    for host in ("mailbox.example.org", "127.0.0.1.example.org", "192.0.2.1:8026"):
        assert fetch(mailbox, "/", host)[0].status == 400
        assert fetch(mailbox, "/assets/mailbox.css", host)[0].status == 400


def test_unknown_letter_is_not_found(mailbox: Mailbox) -> None:
    for name in ("..%2f..%2fpyproject", "20261122T090000000000Z-0123456789ab", "x"):
        for ending in ("", "/html", "/source", "/attachments/0"):
            assert fetch(mailbox, f"/letters/{name}{ending}")[0].status == 404, (name, ending)


def test_store_keeps_the_newest_readable_by_their_owner_only(tmp_path: Path) -> None:
    store = LetterStore(tmp_path / "letters", keep=3)
    names = [store.add(b"the same letter") for _ in range(5)]
    assert store.names() == names[:1:-1]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "letters").iterdir()} == {0o600}
    with pytest.raises(LetterNotFound):
        store.read(names[0])
    assert LetterStore(tmp_path / "letters", keep=1).names() == names[-1:]


def test_store_orders_letters_of_one_instant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_795_338_000_000_000_000)
    store = LetterStore(tmp_path / "letters")
    names = [store.add(b"letter %d" % number) for number in range(20)]
    assert store.names() == names[::-1]


def test_busy_port_is_named_and_the_other_one_given_back(mailbox: Mailbox, tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(PortTaken, match=f"Port {mailbox.http_port} on 127.0.0.1 cannot be used"):
        Mailbox(tmp_path / "other", smtp_port=port, http_port=mailbox.http_port)
    socket.create_server((LOOPBACK, port)).close()


def test_command_ends_cleanly_while_a_client_is_connected(tmp_path: Path) -> None:
    arguments = ["-m", "webinars.demo.mailbox", "--folder", str(tmp_path), "--smtp-port", "0", "--http-port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *arguments], text=True, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split(":")[1].split()[0])
        with smtplib.SMTP(LOOPBACK, port) as client:
            client.ehlo()
            process.terminate()
            _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert errors == ""


def test_command_on_a_busy_port_says_so_in_one_line(
    mailbox: Mailbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--folder", str(tmp_path), "--smtp-port", str(mailbox.smtp_port), "--http-port", "0"])
    errors = capsys.readouterr().err
    assert code == 2
    assert errors.count("\n") == 1
    assert f"Port {mailbox.smtp_port}" in errors
    assert "--smtp-port" in errors
