"""The pages on which staff shape letters: words, preview, a test to oneself."""

import re
from datetime import timedelta

import icalendar
import pytest
import sqlalchemy as sa

from tests.factories import make_registration, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.support.pages import find_form, form_data, parse, text_of
from webinars.accounts.service import add_user
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.delivery import deliver_due
from webinars.mail.models import Message
from webinars.notices.models import LetterText
from webinars.notices.prepare import prepare
from webinars.notices.wording import WORDED
from webinars.registration.models import Registration

PASSWORD = "a long and harmless sentence"
LETTERS = "/staff/series/side-effects/letters"


def sign_in(client, role="editor"):
    with transaction():
        add_user(f"{role}@harbor.example", role, PASSWORD, utc_now())
    client.submit(client.page("/staff/sign-in"), "sign-in", email=f"{role}@harbor.example", password=PASSWORD)
    return client


@pytest.fixture
def series(app):
    return make_series()


@pytest.fixture
def editor(client, series):
    return sign_in(client)


def save(client, notice="reminder", **fields):
    return client.submit(client.get(f"{LETTERS}/{notice}"), f"/letters/{notice}", "Save", **fields)


def frame(client, page):
    """Fetch what the frame of a page shows."""
    return client.get(parse(page).select_one("iframe")["src"])


def stored():
    db.session.rollback()
    return [(row.notice, row.language, row.subject, row.body) for row in db.session.query(LetterText)]


def test_list_names_every_letter_and_which_have_words_of_their_own(editor):
    rows = [text_of(row) for row in parse(editor.get(LETTERS)).select("tbody tr")]
    assert len(rows) == len(WORDED) and all(row.endswith("the usual ones") for row in rows)
    save(editor, subject_en="Soon", body_es="Pronto")
    [changed] = [text_of(row) for row in parse(editor.get(LETTERS)).select("tbody tr") if "changed:" in text_of(row)]
    assert changed == "Reminder changed: English, Spanish"
    for link in parse(editor.get(LETTERS)).select("tbody a"):
        assert editor.get(link["href"]).status_code == 200


def test_list_is_reached_from_the_series(editor):
    assert LETTERS in [link["href"] for link in parse(editor.get("/staff/series")).select("tbody a")]
    assert LETTERS in [link["href"] for link in parse(editor.get("/staff/series/side-effects/edit")).select("main a")]


def test_saved_words_are_in_the_form_the_text_and_the_frame(editor):
    page = save(editor, subject_en="Soon: {title}", body_en="{greeting}\n\nDo **not** forget.")
    assert page.status_code == 200 and "Saved." in page.text
    soup = parse(page)
    assert soup.select_one("#subject_en")["value"] == "Soon: {title}"
    assert "Soon: Example webinar" in text_of(soup) and "Do not forget." in soup.select_one("pre").get_text()
    letter = frame(editor, page)
    assert "Do <strong>not</strong> forget." in letter.text and "Hello Alex Example," in letter.text


def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(editor):
    page = save(editor, subject_en="{nmae}", body_en="Hello {name", subject_es="Fine")
    assert page.status_code == 422 and stored() == []
    soup = parse(page)
    assert soup.select_one("#subject_en")["value"] == "{nmae}"
    assert soup.select_one("#body_en").get_text().strip() == "Hello {name"
    assert "{nmae} is not known here. You can use: {title}" in text_of(soup.select_one("#subject_en-error"))
    assert "has no partner" in text_of(soup.select_one("#body_en-error"))
    assert soup.select_one("#subject_es")["value"] == "Fine" and not soup.select("#subject_es-error")


def test_back_to_the_usual_words_by_a_button(editor):
    page = save(editor, subject_en="Soon")
    page = editor.submit(page, "/usual")
    assert stored() == [] and "usual words" in page.text
    assert not parse(page).select("form[action*='/usual']")


def test_somebody_elses_words_are_not_written_over(editor):
    page = editor.get(f"{LETTERS}/reminder")
    save(editor, subject_en="One")
    answer = editor.submit(page, "/letters/reminder", "Save", subject_en="Two")
    assert answer.status_code == 409 and stored()[0][2] == "One"
    assert parse(answer).select_one("#subject_en")["value"] == "Two"


def test_typed_words_are_looked_at_without_saving(editor):
    page = editor.get(f"{LETTERS}/reminder")
    [form] = [form for form in parse(page).select("form") if form.select("textarea")]
    button = form.select_one("button[value=es]")
    assert button["formtarget"] == parse(page).select_one("iframe")["name"]
    typed = form_data(form) | {"subject_es": "Pronto <b>", "body_es": "{greeting} ¡Hasta **luego**!", "show": "es"}
    shown = editor.post(button["formaction"], data=typed)
    assert shown.status_code == 200 and "¡Hasta <strong>luego</strong>!" in shown.text and 'lang="es"' in shown.text
    assert "Pronto &lt;b&gt;" in shown.text and stored() == []
    wrong = editor.post(button["formaction"], data=typed | {"body_es": "{nombre}"})
    assert wrong.status_code == 422 and "{nombre} is not known here." in wrong.text


def test_frame_holds_a_letter_that_can_do_nothing(editor):
    page = editor.get(f"{LETTERS}/reminder")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy and "unsafe-inline" not in policy
    assert parse(page).select_one("iframe")["sandbox"] == []
    letter = frame(editor, page)
    assert letter.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    )
    assert letter.headers["X-Frame-Options"] == "SAMEORIGIN" and letter.headers["Cache-Control"] == "no-store"
    assert "frame-src" not in editor.get(LETTERS).headers["Content-Security-Policy"]


@pytest.mark.parametrize("notice", [notice.value for notice in WORDED])
def test_preview_shows_each_letter_as_it_is_sent(editor, series, notice):
    webinar = make_webinar(series, now=utc_now())
    page = editor.get(f"{LETTERS}/{notice}?webinar={webinar.slug}")
    words = text_of(parse(page))
    methods = {
        "confirmation": "REQUEST", "promoted": "REQUEST", "moved": "REQUEST", "changed": "REQUEST",
        "cancelled": "CANCEL", "own-cancellation": "CANCEL", "recording-place": "CANCEL",
    }  # fmt: skip
    method = methods.get(notice)
    assert (f"({method})" in words) == (method is not None)
    assert ("This letter leaves the calendar as it is." in words) == (method is None)
    if method:
        raw = parse(page).select("pre")[-1].get_text()
        event = icalendar.Calendar.from_ical(raw).events[0]
        assert str(event["SUMMARY"]) == webinar.title and f"METHOD:{method}" in raw
    assert frame(editor, page).status_code == 200


def test_preview_is_for_whom_and_which_webinar_staff_choose(editor, series):
    now = utc_now()
    webinar = make_webinar(series, title="First", now=now)
    make_webinar(series, title="Second", now=now, starts_in=timedelta(days=20))
    make_webinar(make_series(title="Other"), title="Elsewhere", now=now)
    ana = make_registration(webinar, "Ana Ruiz", now=now, language="es", entered_by_staff=True)
    bob = make_registration(webinar, "Bob Unproven", now=now)
    page = parse(editor.get(f"{LETTERS}/reminder?webinar={webinar.slug}"))
    offered = [text_of(option) for option in page.select("#sample-webinar option")]
    assert [one.partition(" (")[0] for one in offered] == ["Second", "First"]
    assert {"Ana Ruiz", "Bob Unproven"} <= {text_of(option) for option in page.select("#sample-who option")}

    def text(**asked):
        query = "&".join(f"{name}={value}" for name, value in {"webinar": webinar.slug, **asked}.items())
        return parse(editor.get(f"{LETTERS}/reminder?{query}")).select_one("pre").get_text()

    assert "Ana Ruiz" in text(who=ana.public_id) and "recordatorio" in text(who=ana.public_id)
    assert "Ana Ruiz" in text(who=ana.public_id, language="en") and "reminder" in text(who=ana.public_id, language="en")
    assert "Bob" not in text(who=bob.public_id)
    assert "Hello Alex Example" in text(who="known") and "Hello," in text(who="unknown")
    assert "First" not in text(who="discreet") and "Appointments" in text(who="discreet")
    assert "Hello Alex Example" in text(who="nonsense", language="xx")


def test_links_of_a_preview_open_nobodys_place(editor, series):
    webinar = make_webinar(series, now=utc_now())
    place = make_registration(webinar, "Ana", now=utc_now(), entered_by_staff=True)
    page = editor.get(f"{LETTERS}/confirmation?webinar={webinar.slug}&who={place.public_id}")
    everything = page.text + frame(editor, page).text
    links = set(re.findall(r"/r/[\w.-]+", everything))
    assert links and place.public_id not in "".join(links) and place.uid not in everything
    assert all(editor.get(link, follow_redirects=True).status_code == 404 for link in links)


def test_letter_that_has_no_words_of_its_own_to_give_is_not_found(editor):
    for notice in ("link", "repeated", "announcement", "nonsense"):
        assert editor.get(f"{LETTERS}/{notice}").status_code == 404
        assert editor.get(f"{LETTERS}/{notice}/preview").status_code == 404


def test_viewer_reads_and_is_offered_nothing_else(client, series):
    with transaction() as session:
        session.add(
            LetterText(series_id=series.id, notice="reminder", language="en", subject="Soon", updated_at=utc_now())
        )
    sign_in(client, "viewer")
    page = parse(client.get(f"{LETTERS}/reminder"))
    assert "Soon" in text_of(page) and page.select("iframe") and not page.select("main form[method=post]")


def send_test(client, path):
    form = find_form(parse(client.get(path)), "/test")
    return client.post(form["action"], data=form_data(form), follow_redirects=True)


def deliver():
    deliver_due(prepare, clock=lambda: utc_now() + timedelta(seconds=1))


def test_test_goes_to_whoever_is_signed_in_as_registrants_get_it(editor, series, smtp_sink, post):  # noqa: F811
    webinar = make_webinar(series, now=utc_now())
    place = make_registration(webinar, "Ana", now=utc_now())
    title, uids, before = webinar.title, (place.uid, webinar.uid), row_of(place.id)
    save(editor, "confirmation", subject_en="Welcome to {title}", body_en="{greeting}\n\nOwn words.")
    page = send_test(editor, f"{LETTERS}/confirmation?webinar={webinar.slug}&who={place.public_id}")
    assert "The test is on its way to editor@harbor.example." in text_of(parse(page))
    deliver()
    [received] = smtp_sink.received
    message = received.message
    assert received.rcpt_to == ["editor@harbor.example"]
    assert message["Subject"] == f"Test: Welcome to {title}"
    text = message.get_body(("plain",)).get_content()
    assert "Own words." in text and title in text and "Ana" not in text
    [ics] = [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/calendar"]
    event = icalendar.Calendar.from_ical(ics).events[0]
    assert event["ATTENDEE"] == "mailto:editor@harbor.example" and str(event["UID"]) not in uids
    assert row_of(before.id) == before and db.session.query(Registration).count() == 1
    sent = db.session.query(Message).filter_by(notice="test").one()
    assert (sent.state, sent.payload, sent.about, sent.subject[0]) == ("sent", None, "", "a")


def row_of(registration_id):
    db.session.rollback()
    table = Registration.__table__
    return db.session.execute(sa.select(table).where(table.c.id == registration_id)).one()


def test_tests_speak_the_language_that_is_looked_at(editor, series, smtp_sink, post):  # noqa: F811
    save(editor, subject_es="Pronto: {title}")
    send_test(editor, f"{LETTERS}/reminder?language=es")
    deliver()
    message = smtp_sink.received[0].message
    assert ": Pronto: " in message["Subject"] and 'lang="es"' in message.get_body(("html",)).get_content()


def test_tests_are_limited(editor, make_app, settings):
    limited = make_app(ratelimit_enabled=True)
    with limited.app_context():
        client = limited.test_client()
        client.submit(client.page("/staff/sign-in"), "sign-in", email="editor@harbor.example", password=PASSWORD)
        for _ in range(10):
            assert "on its way" in send_test(client, f"{LETTERS}/reminder").text
        assert "You have sent yourself 10 tests within the hour." in send_test(client, f"{LETTERS}/reminder").text
        assert db.session.query(Message).filter_by(notice="test").count() == 10


def test_test_to_somebody_who_was_let_go_is_not_sent(editor, smtp_sink, post):  # noqa: F811
    send_test(editor, f"{LETTERS}/reminder")
    with transaction() as session:
        session.execute(sa.text("UPDATE users SET active = false"))
    deliver()
    assert smtp_sink.received == []
    assert db.session.query(Message).filter_by(notice="test").one().state == "superseded"


def test_spanish_pages_are_spanish(editor):
    page = editor.get(f"/es{LETTERS}/reminder")
    assert page.status_code == 200 and parse(page).html["lang"] == "es"


def test_letter_in_another_language_than_the_page_is_all_in_its_own(editor):
    shown = parse(editor.get(f"/es{LETTERS}/cancelled?language=en")).select_one("pre").get_text()
    assert "The speaker is ill." in shown and "Alex Example" in shown
