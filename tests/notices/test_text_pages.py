"""The pages on which staff shape letters: words, preview, a test to oneself."""

import re
from datetime import timedelta

import icalendar
import pytest
import sqlalchemy as sa

from tests.factories import make_registration, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.support.pages import form_data, parse, text_of
from tests.support.staff import PASSWORD, sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.delivery import deliver_due
from webinars.mail.models import Message
from webinars.notices.models import LetterText
from webinars.notices.prepare import prepare
from webinars.notices.wording import WORDED
from webinars.registration.models import Registration

LETTERS = "/staff/series/side-effects/letters"
pytestmark = pytest.mark.usefixtures("series")


@pytest.fixture
def series(app):
    return make_series()


def save(client, notice="reminder", **fields):
    return client.submit(client.get(f"{LETTERS}/{notice}"), f"/letters/{notice}", "Save", **fields)


def frame(client, page):
    """Fetch what the frame of a page shows."""
    return client.get(parse(page).select_one("iframe")["src"])


def words_form(page):
    [form] = [form for form in parse(page).select("form") if form.select("textarea")]
    return form


def press(client, page, button, **typed):
    """Press a button of the form of words, as it stands on the page, with other words in its fields."""
    [found] = [one for one in parse(page).select("button[formaction]") if text_of(one) == button]
    own = {found["name"]: found["value"]} if found.get("name") else {}
    selected = {
        one["name"]: (one.select_one("option[selected]") or one.option)["value"]
        for one in parse(page).select("select[form=words-form]")
    }
    return client.post(found["formaction"], data=form_data(words_form(page)) | selected | own | typed)


def plain_text(letter):
    """Give the plain text that stands below a letter in its frame."""
    return parse(letter).select("pre")[-1].get_text()


def stored():
    db.session.rollback()
    return [
        (row.notice, row.language, row.subject, row.body)
        for row in db.session.query(LetterText).order_by(LetterText.language)
    ]


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
    letter = frame(editor, page)
    assert "Subject: Soon: Example webinar" in text_of(parse(letter)) and "Do not forget." in plain_text(letter)
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


def test_usual_words_come_back_in_one_language_and_only_after_a_question(editor):
    page = save(editor, subject_en="Soon", body_en="Own words.", subject_es="Pronto")
    [link] = [one for one in parse(page).select("form a") if "(English)" in text_of(one)]
    question = editor.get(link["href"])
    assert "Own words." in question.text and len(stored()) == 2, "looking takes nothing back"
    page = editor.submit(question, "/usual/en")
    assert [(row[1], row[2]) for row in stored()] == [("es", "Pronto")]
    left = [text_of(one) for one in parse(page).select("form a")]
    assert left == ["How it reads", "How it reads", "Back to the usual words (Spanish)"]
    again = editor.get(link["href"])
    assert "has its usual words in this language" in again.text and not parse(again).select("main form")
    assert editor.get(f"{LETTERS}/reminder/usual/tlh").status_code == 404


def test_viewer_takes_no_words_back(client, series):
    sign_in(client, "viewer")
    assert client.get(f"{LETTERS}/reminder/usual/en").status_code == 403


@pytest.mark.parametrize("notice", [notice.value for notice in WORDED])
@pytest.mark.parametrize("language", ["en", "es"])
def test_staff_begin_with_the_usual_words_and_can_save_them_as_they_are(editor, notice, language):
    page = editor.get(f"{LETTERS}/{notice}")
    [button] = [one for one in parse(page).select("button[name=begin]") if one["value"] == language]
    begun = editor.post(button["formaction"], data=form_data(words_form(page)) | {"begin": language})
    body = parse(begun).select_one(f"#body_{language}").get_text().strip()
    subject = parse(begun).select_one(f"#subject_{language}")["value"]
    assert body.startswith("{greeting}") and len(body.splitlines()) > 1 and stored() == []
    assert ("{title}" in subject) == (notice != "reminder")
    assert "Nothing is saved yet" in text_of(parse(begun)) and ("names the day" in begun.text) == (not subject)
    assert editor.submit(begun, f"/letters/{notice}", "Save").status_code == 200
    assert [row[:2] for row in stored()] == [(notice, language)]


def test_words_that_were_typed_are_not_replaced_by_the_usual_ones(editor):
    page = editor.get(f"{LETTERS}/reminder")
    typed = {"body_en": "Mine.", "subject_es": "Pronto", "begin": "en"}
    begun = editor.post(f"{LETTERS}/reminder/typed", data=form_data(words_form(page)) | typed)
    assert parse(begun).select_one("#body_en").get_text().strip() == "Mine."
    begun = editor.post(f"{LETTERS}/reminder/typed", data=form_data(words_form(page)) | typed | {"begin": "es"})
    assert parse(begun).select_one("#subject_es")["value"] == "Pronto"
    assert "recordatorio" in parse(begun).select_one("#body_es").get_text() and "Mine." in begun.text


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
    assert "Pronto &lt;b&gt;" in shown.text and "¡Hasta luego!" in plain_text(shown) and stored() == []
    wrong = editor.post(button["formaction"], data=typed | {"body_es": "{nombre}"})
    assert wrong.status_code == 422 and "{nombre} is not known here." in wrong.text and "<style>" in wrong.text


def test_looking_with_another_reader_takes_typed_words_along(editor, series):
    webinar = make_webinar(series, now=utc_now())
    ana = make_registration(webinar, "Ana Ruiz", now=utc_now(), entered_by_staff=True)
    page = editor.get(f"{LETTERS}/reminder?webinar={webinar.slug}")
    shown = press(editor, page, "Show", body_en="{greeting}\n\nTyped words.", who=ana.public_id, language="en")
    assert "Hello Ana Ruiz, Typed words." in text_of(parse(shown)) and stored() == []
    known = press(editor, page, "Show", body_en="{greeting}\n\nTyped words.", subject_en="About {title}")
    assert f"Subject: About {webinar.title}" in text_of(parse(known))


def test_readers_of_another_webinar_are_listed_without_losing_typed_words(editor, series):
    webinar = make_webinar(series, title="First", now=utc_now())
    make_registration(webinar, "Ana Ruiz", now=utc_now())
    make_webinar(series, title="Second", now=utc_now(), starts_in=timedelta(days=20))
    page = editor.get(f"{LETTERS}/reminder")
    assert "Ana Ruiz" not in page.text
    shown = press(editor, page, "List the readers of this webinar", webinar=webinar.slug, body_en="Typed words.")
    assert "Ana Ruiz" in text_of(parse(shown)) and stored() == []
    assert parse(shown).select_one("#body_en").get_text().strip() == "Typed words."
    assert parse(shown).select_one("#sample-webinar option[selected]")["value"] == webinar.slug


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
    letter = frame(editor, page)
    words = text_of(parse(letter))
    methods = {
        "confirmation": "REQUEST", "promoted": "REQUEST", "moved": "REQUEST", "changed": "REQUEST",
        "cancelled": "CANCEL", "own-cancellation": "CANCEL", "recording-place": "CANCEL",
    }  # fmt: skip
    method = methods.get(notice)
    said = {"REQUEST": "Puts the date into the calendar", "CANCEL": "Takes the date out of the calendar."}
    assert all((sentence in words) == (method == one) for one, sentence in said.items())
    assert ("This letter leaves the calendar as it is." in words) == (method is None)
    if method:
        raw = parse(letter).select("pre")[0].get_text()
        event = icalendar.Calendar.from_ical(raw).events[0]
        assert str(event["SUMMARY"]) == webinar.title and f"METHOD:{method}" in raw


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
        return plain_text(frame(editor, editor.get(f"{LETTERS}/reminder?{query}")))

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
    everything = frame(editor, page).text
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


def send_test(client, path, **typed):
    return press(client, client.get(path), "Send a test to myself", **typed)


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
    assert str(event["UID"]) not in uids
    assert row_of(before.id) == before and db.session.query(Registration).count() == 1
    sent = db.session.query(Message).filter_by(notice="test").one()
    assert (sent.state, sent.payload, sent.about, sent.subject[0]) == ("sent", None, "", "a")


def calendar_of(message):
    [part] = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    return part["Content-Type"], icalendar.Calendar.from_ical(part.get_payload(decode=True))


@pytest.mark.parametrize("notice", ["confirmation", "cancelled"])
def test_entry_of_a_test_says_so_and_invites_nobody(editor, series, smtp_sink, post, notice):  # noqa: F811
    webinar = make_webinar(series, now=utc_now())
    title, starts_at = webinar.title, webinar.starts_at
    send_test(editor, f"{LETTERS}/{notice}?webinar={webinar.slug}")
    deliver()
    kind, calendar = calendar_of(smtp_sink.received[0].message)
    assert calendar["METHOD"] == "PUBLISH" and "PUBLISH" in kind
    [event] = calendar.events
    assert str(event["SUMMARY"]) == f"Test: {title}" and "ATTENDEE" not in event
    assert event["DTSTART"].dt == starts_at.replace(microsecond=0)


def test_test_sends_what_is_typed_and_saves_nothing(editor, series, smtp_sink, post):  # noqa: F811
    make_webinar(series, now=utc_now())
    save(editor, subject_en="Saved", body_en="Saved words.")
    shown = send_test(editor, f"{LETTERS}/reminder", subject_en="Typed", body_en="Typed words.")
    assert "The test is on its way to editor@harbor.example." in text_of(parse(shown))
    assert "Typed words." in text_of(parse(shown))
    deliver()
    [received] = smtp_sink.received
    assert received.message["Subject"] == "Test: Typed"
    text = received.message.get_body(("plain",)).get_content()
    assert "Typed words." in text and "Saved" not in text
    assert stored() == [("reminder", "en", "Saved", "Saved words.")]


def test_words_with_mistakes_are_not_sent_as_a_test(editor):
    wrong = send_test(editor, f"{LETTERS}/reminder", body_en="{nmae}")
    assert wrong.status_code == 422 and "{nmae} is not known here." in wrong.text
    assert "Nothing was saved or sent." in wrong.text
    assert db.session.query(Message).filter_by(notice="test").count() == 0


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
    shown = plain_text(frame(editor, editor.get(f"/es{LETTERS}/cancelled?language=en")))
    assert "The speaker is ill." in shown and "Alex Example" in shown
