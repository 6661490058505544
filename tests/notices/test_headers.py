"""Headers of letters as they came over SMTP, read by the standard library's parser."""

import re
from datetime import timedelta
from email.header import decode_header, make_header
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from tests.mail.conftest import post  # noqa: F401
from webinars.core.database import transaction
from webinars.core.http import current_settings
from webinars.mail.delivery import deliver_due
from webinars.mail.outbox import owe
from webinars.mail.returns import Purpose, named_letter
from webinars.notices import headers, subscriptions
from webinars.notices.kinds import Notice
from webinars.notices.owed import owe_confirmation
from webinars.notices.prepare import prepare

pytestmark = pytest.mark.usefixtures("post")


@pytest.fixture
def place(app):
    """Make a place at a webinar that is over and whose recording is out."""
    webinar = make_webinar(make_series(title="Side Effects"), starts_in=timedelta(days=-2))
    return make_registration(webinar, "Alice", now=NOW - timedelta(days=30))


def recording_letter(smtp_sink, place):
    """Send the letter with the recording, and give it as it arrived."""
    video = make_video(place.webinar)
    with transaction():
        owe(notice=Notice.RECORDING_READY, subject=place.subject, occasion=str(video.id), about="w1", now=NOW)
    return arrived(smtp_sink)


def arrived(smtp_sink):
    deliver_due(prepare, clock=lambda: NOW)
    return smtp_sink.received[-1]


def raw(received, name):
    """Give a header as it stands on the wire, still folded."""
    head = received.content.partition(b"\r\n\r\n")[0].decode()
    found = re.findall(rf"^{name}:((?:.*\r?\n[ \t])*.*)$", head, re.MULTILINE)
    assert len(found) <= 1, found
    return found[0].strip() if found else None


# --- leaving (RFC 8058) -------------------------------------------------------------------------------------------


def test_letter_that_can_be_left_says_how_in_both_headers(app, smtp_sink, place):
    received = recording_letter(smtp_sink, place)
    written = raw(received, "List-Unsubscribe")
    by_post, by_mail = re.fullmatch(r"<(https?://[^<>\s]+)>, <(mailto:[^<>\s]+)>", written).groups()
    assert by_post.startswith(f"{current_settings().site_url}/u/")
    assert raw(received, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    # One header to a line, neither folded nor encoded: programs fetch what stands there.
    assert f"\r\nList-Unsubscribe: <{by_post}>, <{by_mail}>\r\n".encode() in received.content
    token = by_post.rpartition("/")[2]
    assert parse_qs(urlsplit(by_mail).query) == {"subject": [f"unsubscribe {token}"]}
    assert "alice" not in by_post.lower() + by_mail.lower()
    for part in ("plain", "html"):
        assert by_post in received.message.get_body((part,)).get_content()


def test_both_ways_end_the_same(app, client, smtp_sink, place):
    received = recording_letter(smtp_sink, place)
    by_post, by_mail = re.findall(r"<([^<>]+)>", raw(received, "List-Unsubscribe"))
    purpose, reference = named_letter(urlsplit(by_mail).path)
    assert purpose is Purpose.UNSUBSCRIBE and reference in received.message_id
    assert client.post(urlsplit(by_post).path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    found = subscriptions.open_link(by_post.rpartition("/")[2])
    assert found.scopes_left() == {found.about} and found.mail_class == "follow-up"


def test_without_room_for_the_letters_name_only_the_post_is_offered(app, smtp_sink, place, post):  # noqa: F811
    post(mail_verp=False)
    [only] = re.findall(r"<([^<>]+)>", raw(recording_letter(smtp_sink, place), "List-Unsubscribe"))
    assert only.startswith("http")


def test_letter_about_a_place_cannot_be_left(app, smtp_sink):
    place = make_registration(make_webinar(), "Alice", now=NOW - timedelta(days=30))
    with transaction():
        owe_confirmation(place, NOW)
    received = arrived(smtp_sink)
    assert raw(received, "List-Unsubscribe") is raw(received, "List-Unsubscribe-Post") is None
    assert "/u/" not in received.message.get_body(("plain",)).get_content()


def test_discreet_letter_can_be_left_and_says_nothing_else(app, smtp_sink):
    webinar = make_webinar(make_series(title="Side Effects"), starts_in=timedelta(days=-2), title="Lung cancer")
    place = make_registration(webinar, "Alice", now=NOW - timedelta(days=30), discreet=True)
    received = recording_letter(smtp_sink, place)
    assert raw(received, "List-Id") is raw(received, "Feedback-ID") is None
    assert raw(received, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    told = received.content.decode().replace("=\r\n", "").lower()
    assert not [word for word in ("side-effects", "side effects", "lung", "follow-up", "harbor cancer") if word in told]
    # Its text leads nowhere but to the place, where letters can be chosen.
    text = received.message.get_body(("plain",)).get_content()
    assert "/u/" not in text and "No more letters of this kind?" in text


# --- sorting (RFC 2919), counting, answering ----------------------------------------------------------------------

TITLES = {
    "Living With It": "Living With It",
    "Trials, costs; and you": '"Trials, costs; and you"',
    'The "new" ones (2026)': '"The \\"new\\" ones (2026)"',
    "What's New & Next": "What's New & Next",
}


@pytest.mark.parametrize(("title", "phrase"), TITLES.items())
def test_list_is_named_by_a_phrase_and_an_identifier(app, smtp_sink, title, phrase):
    webinar = make_webinar(make_series(title=title, slug="the-series"), starts_in=timedelta(days=-2))
    received = recording_letter(smtp_sink, make_registration(webinar, now=NOW))
    assert raw(received, "List-Id") == f"{phrase} <the-series.harbor.example>"


@pytest.mark.parametrize(
    "title",
    [
        "Ensayos clínicos",
        "Qué hay de nuevo en inmunoterapia para pacientes, cuidadores y todas las personas que los acompañan",
        "“Smart” quotes, and a comma",
        "=?utf-8?q?a_trick?=",
        "免疫療法" * 30,
    ],
)
def test_list_with_letters_beyond_ascii_is_encoded_and_its_identifier_is_not(app, smtp_sink, title):
    webinar = make_webinar(make_series(title=title, slug="the-series"), starts_in=timedelta(days=-2))
    received = recording_letter(smtp_sink, make_registration(webinar, now=NOW))
    written = raw(received, "List-Id")
    lines = f"List-Id: {written}".split("\r\n")
    assert written.isascii() and all(len(line) <= 76 for line in lines)
    words = " ".join(written.split()).rpartition(" <")[0].split(" ")
    # RFC 2047 sections 2 and 5: at most 75 characters, and in a phrase none that a phrase would read.
    assert all(re.fullmatch(r"=\?utf-8\?[bq]\?[A-Za-z0-9!*+/=_-]+\?=", word) and len(word) <= 75 for word in words)
    assert str(make_header(decode_header(" ".join(words)))) == title
    assert written.endswith("<the-series.harbor.example>")
    assert not received.message.defects


def test_mailing_is_told_apart_for_the_providers_counts(app, smtp_sink, place, post):  # noqa: F811
    post(mail_feedback_id="harborsupport")
    webinar_id = place.webinar_id
    campaign, series, kind, sender = raw(recording_letter(smtp_sink, place), "Feedback-ID").split(":")
    assert (series, kind, sender) == ("side-effects", "follow-up", "harborsupport")
    assert campaign == f"recording-ready-{webinar_id}"


def test_letter_to_one_person_has_no_feedback_id(app, smtp_sink):
    place = make_registration(make_webinar(), "Alice", now=NOW - timedelta(days=30))
    with transaction():
        owe_confirmation(place, NOW)
    received = arrived(smtp_sink)
    assert raw(received, "Feedback-ID") is None and raw(received, "List-Id") is not None


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("harbor.example", "harborexample"),
        ("x.io", "xiosender"),
        ("mail.cancer-support-of-the-harbor.example.org", "mailcancersuppo"),
    ],
)
def test_sender_id_is_made_of_the_domain_when_none_is_set(app, post, domain, expected):  # noqa: F811
    post(mail_default_sender=f"webinars@{domain}")
    assert headers.sender_id() == expected and 5 <= len(expected) <= 15


def test_answers_and_bounces_go_where_they_are_read(app, smtp_sink, place, post):  # noqa: F811
    post(mail_reply_to="help@harbor.example")
    received = recording_letter(smtp_sink, place)
    assert raw(received, "Reply-To") == "help@harbor.example"
    assert raw(received, "Auto-Submitted") == "auto-generated"
    assert received.rcpt_to == ["alice@example.org"]
    purpose, reference = named_letter(received.mail_from)
    assert purpose is Purpose.BOUNCE and reference in received.message_id


def test_each_header_stands_once_and_every_line_is_short_enough_for_smtp(app, smtp_sink, place):
    received = recording_letter(smtp_sink, place)
    names = [name.lower() for name in received.message]
    assert len(names) == len(set(names))
    assert all(len(line) <= 998 for line in received.content.split(b"\r\n"))
    assert not {"precedence", "list-help"} & set(names)
