"""The pages on which staff write an announcement, see whom it reaches, send it, stop it; and where readers find it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.factories import make_registration, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.notices.test_text_pages import deliver, frame
from tests.support.pages import find_form, form_data, parse, text_of
from tests.support.queries import count_queries
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.classes import MailClass, leave, list_of
from webinars.mail.models import Message
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_service as service
from webinars.notices.derive import derive_due
from webinars.notices.facts import address_key
from webinars.notices.models import Announcement
from webinars.schedule import service as schedule
from webinars.schedule.models import Webinar

NEW = "/staff/webinars/{}/announcements/new"
WORDS = {"subject_en": "News: {title}", "body_en": "{greeting}\n\nThe **slides** are there."}


@pytest.fixture
def webinar(app):
    return make_webinar(make_series(), now=utc_now())


def write(client, slug, **fields):
    path = NEW.format(slug)
    return client.submit(client.get(path), path, "Save the draft", **{**WORDS, **fields})


def page_of(client, number=1):
    return client.get(f"/staff/announcements/{number}")


def derive():
    with transaction():
        derive_due(utc_now())


def state():
    db.session.rollback()
    return db.session.query(Announcement).one().state


def buttons(page):
    return [text_of(button) for button in parse(page).select("main form[method=post] button")]


def registered(webinar, name, **fields):
    return make_registration(webinar, name, now=utc_now(), **fields)


def test_draft_says_exactly_whom_it_reaches(editor, webinar):
    people = [registered(webinar, f"P{number}") for number in range(4)]
    registered(webinar, "Caller", email=None)
    registered(webinar, "Second caller", email=None)
    with transaction():
        leave(address_key(people[0].email_key), MailClass.NEWS, list_of(webinar.series_id), utc_now())
    words = text_of(parse(write(editor, webinar.slug)))
    assert "It reaches 3 people. 2 have no address. 1 left this class of mail." in words
    assert db.session.query(Message).count() == 0


def test_draft_is_written_looked_at_edited_and_sent(editor, webinar, smtp_sink, post):  # noqa: F811
    registered(webinar, "Ana", entered_by_staff=True)
    title = webinar.title
    page = write(editor, webinar.slug)
    assert "The slides are there." in parse(page).select_one("pre").get_text()
    assert "The <strong>slides</strong> are there." in frame(editor, page).text
    form = editor.get("/staff/announcements/1/edit")
    page = editor.submit(form, "/edit", "Save the draft", subject_en="Other: {title}")
    assert f"Other: {title}" in text_of(parse(page))
    page = editor.submit(page, "/send", when="now")
    assert "It is on its way." in page.text and "waits for its moment" in text_of(parse(page).select_one("#progress"))
    derive()
    assert buttons(page_of(editor)) == ["Send a test to myself", "Stop it"]
    deliver()
    assert [str(received.message["Subject"]) for received in smtp_sink.received] == [f"Other: {title}"]
    assert "1 of 1 sent" in text_of(parse(page_of(editor)).select_one("#progress"))
    assert buttons(page_of(editor)) == ["Send a test to myself"]


def test_chosen_readers_stay_chosen(editor, webinar):
    registered(webinar, "Ana", language="es", mode="phone")
    registered(webinar, "Bob")
    page = write(editor, webinar.slug, states="confirmed", modes="phone", languages="es")
    words = text_of(parse(page))
    assert "Where they stand Confirmed How they take part By telephone Language of their letters Spanish" in words
    assert "It reaches 1 person." in words
    ticked = [box["value"] for box in parse(editor.get("/staff/announcements/1/edit")).select("input[checked]")]
    assert ticked == ["confirmed", "phone", "es"]


def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(editor, webinar):
    page = write(editor, webinar.slug, subject_en="{name}", body_en="", states="confirmed")
    assert page.status_code == 422 and db.session.query(Announcement).count() == 0
    soup = parse(page)
    assert soup.select_one("#subject_en")["value"] == "{name}" and soup.select_one("input[value=confirmed][checked]")
    assert "cannot stand in a subject" in text_of(soup.select_one("#subject_en-error"))
    assert "A letter needs a subject and a text." in text_of(soup.select_one("#body_en-error"))


def test_series_is_written_to_without_words_about_one_webinar(editor, webinar):
    registered(webinar, "Ana")
    registered(make_webinar(webinar.series, title="Second", now=utc_now()), "Ana")
    path = "/staff/series/side-effects/announcements/new"
    assert "{title}" not in text_of(editor.page(path))
    page = editor.submit(editor.get(path), path, "Save the draft", subject_en="News of {series}", body_en="More.")
    words = text_of(parse(page))
    assert "It reaches 1 person." in words and "Each address gets one letter" in words


def test_moment_is_given_in_the_webinars_zone_and_shown(editor, webinar):
    registered(webinar, "Ana")
    page = write(editor, webinar.slug)
    day = (utc_now() + timedelta(days=3)).date()
    page = editor.submit(page, "/send", when="later", start_date=day.isoformat(), start_time="10:00")
    assert "It goes out at the moment you chose." in page.text
    assert "10:00 am Eastern time" in text_of(parse(page).select_one("#progress"))
    expected = datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo("America/New_York"))
    assert db.session.query(Announcement).one().send_at == expected
    page = editor.submit(page, "/stop", "Make it a draft again")
    assert state() == "draft" and "Edit" in text_of(parse(page))


@pytest.mark.parametrize(
    ("date", "time", "said"),
    [
        ("", "", "Give the day and the time at which it goes out."),
        ("2020-01-01", "10:00", "This moment has passed."),
        ("2027-03-14", "02:30", "The clocks go forward that night"),
    ],
)
def test_moment_that_will_not_do_is_explained(editor, webinar, date, time, said):
    registered(webinar, "Ana")
    page = editor.submit(write(editor, webinar.slug), "/send", when="later", start_date=date, start_time=time)
    assert page.status_code == 422 and said in text_of(parse(page)) and state() == "draft"


def test_moment_that_comes_twice_is_chosen(editor, webinar):
    registered(webinar, "Ana")
    page = write(editor, webinar.slug)
    page = editor.submit(page, "/send", when="later", start_date="2027-11-07", start_time="01:30")
    assert page.status_code == 422 and "happens twice" in text_of(parse(page))
    second = parse(page).select("input[name=time_choice]")[1]["value"]
    page = editor.submit(page, "/send", time_choice=second)
    assert page.status_code == 200
    assert db.session.query(Announcement).one().send_at.hour == 6


def test_stopped_and_resumed_by_buttons(editor, webinar):
    for number in range(3):
        registered(webinar, f"P{number}")
    editor.submit(write(editor, webinar.slug), "/send", when="now")
    derive()
    with transaction() as session:
        session.execute(sa.text("UPDATE messages SET state = 'sent' WHERE subject = 'r1'"))
    page = editor.submit(page_of(editor), "/stop", "Stop it")
    assert "stopped" in text_of(parse(page).select_one("#progress"))
    assert "1 of 3 sent" in text_of(parse(page)) and "2 taken back" in text_of(parse(page))
    page = editor.submit(page, "/resume", "Go on sending")
    assert "2 on their way" in text_of(parse(page)) and state() == "scheduled"


def test_what_has_gone_out_is_not_stopped(editor, webinar):
    registered(webinar, "Ana")
    editor.submit(write(editor, webinar.slug), "/send", when="now")
    derive()
    page = page_of(editor)
    with transaction() as session:
        session.execute(sa.text("UPDATE messages SET state = 'sent'"))
    assert "It has gone out already." in editor.submit(page, "/stop").text and state() == "scheduled"


def change(number=1, **fields):
    """Save other words in another window."""
    with transaction():
        service.edit_announcement(queries.get_announcement(number), {**WORDS, **fields}, utc_now())


@pytest.mark.parametrize("changed", [{"body_en": "Wrong."}, {"states": ["confirmed"]}])
def test_what_nobody_looked_at_is_not_sent_and_what_was_typed_stays(editor, webinar, changed):
    registered(webinar, "Ana")
    page = write(editor, webinar.slug)
    change(**changed)
    day = (utc_now() + timedelta(days=3)).date().isoformat()
    answer = editor.submit(page, "/send", when="later", start_date=day, start_time="10:00")
    assert answer.status_code == 409 and state() == "draft"
    soup = parse(answer)
    assert "was changed since you opened this page" in text_of(soup.select_one("[role=alert]"))
    assert soup.select_one("#start_date")["value"] == day and soup.select_one("#start_time")["value"] == "10:00"
    assert soup.select_one("input[name=when][checked]")["value"] == "later"
    # Whoever has seen it as it is now may send it.
    assert editor.submit(answer, "/send").status_code == 200 and state() == "scheduled"


def test_draft_sent_from_a_page_that_says_nothing_of_what_was_seen_is_refused(editor, webinar):
    registered(webinar, "Ana")
    page = write(editor, webinar.slug)
    assert editor.submit(page, "/send", when="now", seen=None).status_code == 409 and state() == "draft"


def test_staff_read_that_the_webinar_was_called_off_or_moved_since(editor, webinar):
    registered(webinar, "Ana")
    webinar_id, slug, start = webinar.id, webinar.slug, webinar.local_start
    for _ in range(2):
        write(editor, webinar.slug)
    with transaction():
        service.send_later(queries.get_announcement(2), start - timedelta(days=1), utc_now())
    with transaction() as session:
        schedule.move_webinar(session.get(Webinar, webinar_id), start + timedelta(days=7), now=utc_now())

    def said():
        rows = parse(editor.get("/staff/announcements")).select("tbody tr")
        pages = [text_of(parse(page_of(editor, number)).select_one("#progress")) for number in (2, 1)]
        return [text_of(row) for row in rows], pages

    for words in said():
        assert all("The webinar was moved after this was planned." in one for one in words)
    assert "waits for its moment" in said()[1][0]
    asked = text_of(parse(editor.get(f"/staff/webinars/{slug}/cancel")).select_one("main"))
    assert "1 planned announcement becomes a draft again." in asked
    with transaction() as session:
        schedule.cancel_webinar(session.get(Webinar, webinar_id), "Speaker ill", utc_now())
    for words in said():
        sentence = "The webinar was called off after this was planned. Read it again, then send it."
        assert all("Draft" in one and sentence in one for one in words)
    editor.submit(page_of(editor, 2), "/send", when="now")
    assert "called off" not in text_of(parse(page_of(editor, 2)).select_one("#progress"))


def test_what_went_out_before_says_nothing_of_what_came_later(editor, webinar):
    registered(webinar, "Ana")
    webinar_id = webinar.id
    for number in (1, 2):
        page = write(editor, webinar.slug)
        editor.submit(page_of(editor, number), "/send", when="now")
        assert page.status_code == 200
    derive()
    with transaction() as session:
        session.execute(sa.text("UPDATE messages SET state = 'sent' WHERE occasion = '1'"))
    with transaction() as session:
        schedule.cancel_webinar(session.get(Webinar, webinar_id), "Speaker ill", utc_now())
    deliver_to_nobody()
    first, second = (text_of(parse(page_of(editor, number)).select_one("#progress")) for number in (1, 2))
    assert "called off" not in first and "1 of 1 sent" in first
    assert "Letters that had not left by then are not sent." in second and "0 of 1 sent" in second


def deliver_to_nobody():
    """Put away what is not to be sent, as a worker does."""
    with transaction() as session:
        session.execute(
            sa.text("UPDATE messages SET state = 'superseded', last_error = 'webinar cancelled' WHERE occasion = '2'")
        )


@pytest.mark.parametrize("page", ["", "/preview", "/edit", "/progress"])
@pytest.mark.parametrize("number", [0, 2**63, 10**40])
def test_announcement_of_no_number_is_not_found(editor, page, number):
    assert editor.get(f"/staff/announcements/{number}{page}").status_code in (
        {302, 404} if page == "/progress" else {404}
    )


@pytest.mark.parametrize("about", ["webinars", "series"])
def test_typed_announcement_is_looked_at_without_saving(editor, webinar, about):
    slug = webinar.slug if about == "webinars" else "side-effects"
    page = editor.get(f"/staff/{about}/{slug}/announcements/new")
    [form] = [form for form in parse(page).select("form") if form.select("textarea")]
    button = form.select_one("button[value=es]")
    assert button["formtarget"] == parse(page).select_one("iframe")["name"]
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    typed = form_data(form) | {"subject_es": "Noticias <b> de {series}", "body_es": "{greeting} **Hasta** luego."}
    shown = editor.post(button["formaction"], data=typed | {"show": "es"})
    assert shown.status_code == 200 and "<strong>Hasta</strong> luego." in shown.text and 'lang="es"' in shown.text
    assert "Noticias &lt;b&gt; de Side Effects" in shown.text and "sandbox" in shown.headers["Content-Security-Policy"]
    # Who reads English gets the first text there is.
    assert "<strong>Hasta</strong> luego." in editor.post(button["formaction"], data=typed | {"show": "en"}).text
    wrong = editor.post(button["formaction"], data=typed | {"body_es": "{nombre}"})
    assert wrong.status_code == 422 and "{nombre} is not known here." in wrong.text
    assert db.session.query(Announcement).count() == 0


def test_draft_that_is_edited_shows_what_was_saved_and_what_is_typed(editor, webinar):
    write(editor, webinar.slug)
    page = editor.get("/staff/announcements/1/edit")
    assert "The <strong>slides</strong> are there." in frame(editor, page).text
    [form] = [form for form in parse(page).select("form") if form.select("textarea")]
    typed = form_data(form) | {"body_en": "Other *words*.", "show": "en"}
    assert "Other <em>words</em>." in editor.post(form.select_one("button[value=en]")["formaction"], data=typed).text
    assert "slides" in db.session.query(Announcement).one().texts["en"]["body"]


def test_viewer_previews_nothing_typed(client, webinar):
    sign_in(client, "viewer")
    token = parse(client.get("/staff/announcements")).select_one("input[name=csrf_token]")["value"]
    answer = client.post(f"/staff/webinars/{webinar.slug}/announcements/preview", data={**WORDS, "csrf_token": token})
    assert answer.status_code == 403


def test_draft_is_deleted(editor, webinar):
    page = editor.submit(write(editor, webinar.slug), "/delete")
    assert "It is deleted." in page.text and db.session.query(Announcement).count() == 0
    assert page_of(editor).status_code == 404


def test_progress_fetches_itself_until_it_is_done(editor, webinar):
    registered(webinar, "Ana")
    editor.submit(write(editor, webinar.slug), "/send", when="now")
    derive()
    section = parse(page_of(editor)).select_one("#progress")
    address = section["data-hx-get"]
    assert section["data-hx-trigger"] == "every 5s" and section["data-hx-swap"] == "outerHTML"
    part = editor.get(address, headers={"HX-Request": "true"})
    assert "<html" not in part.text and "0 of 1 sent" in text_of(parse(part)) and "HX-Refresh" not in part.headers
    assert parse(part).select_one("#progress")["data-hx-get"] == address
    with transaction() as session:
        session.execute(sa.text("UPDATE messages SET state = 'sent'"))
    part = editor.get(address, headers={"HX-Request": "true"})
    assert "1 of 1 sent" in text_of(parse(part)) and not parse(part).select("[data-hx-get]")
    assert part.headers["HX-Refresh"] == "true"
    assert editor.get(address).location == "/staff/announcements/1"


def test_test_of_an_announcement_goes_to_whoever_is_signed_in(editor, webinar, smtp_sink, post):  # noqa: F811
    registered(webinar, "Ana")
    title = webinar.title
    form = find_form(parse(write(editor, webinar.slug)), "/test")
    editor.post(form["action"], data=form_data(form))
    deliver()
    [received] = smtp_sink.received
    assert received.rcpt_to == ["editor@harbor.example"]
    assert received.message["Subject"] == f"Test: News: {title}" and state() == "draft"


def test_spanish_pages_are_spanish(editor, webinar):
    write(editor, webinar.slug)
    for path in ("/es/staff/announcements", "/es/staff/announcements/1", f"/es{NEW.format(webinar.slug)}"):
        assert parse(editor.get(path)).html["lang"] == "es"


def test_page_asks_the_same_few_queries_however_many_are_registered(editor, webinar):
    write(editor, webinar.slug)
    counts = []
    for number in range(2):
        registered(webinar, f"P{number}")
        counts.append(count_queries(lambda: page_of(editor)))
    assert counts[0] == counts[1]


def test_page_of_one_that_waits_for_days_asks_nothing_of_the_server(editor, webinar):
    registered(webinar, "Ana")
    day = (utc_now() + timedelta(days=3)).date().isoformat()
    page = editor.submit(write(editor, webinar.slug), "/send", when="later", start_date=day, start_time="10:00")
    assert not parse(page).select("[data-hx-get]")
    with transaction() as session:
        session.execute(sa.update(Announcement).values(send_at=utc_now() + timedelta(minutes=5)))
    assert parse(page_of(editor)).select("[data-hx-get]")


def test_what_reaches_nobody_now_can_only_be_sent_later(editor, webinar):
    write(editor, webinar.slug)
    page = page_of(editor)
    words = text_of(parse(page))
    assert "Nobody would get it now." in words
    form = find_form(parse(page), "/send", "Send it then")
    assert (form_data(form)["when"], form.find("input", type="radio")) == ("later", None)
    make_registration(webinar, "Alice", now=utc_now())
    assert find_form(parse(page_of(editor)), "/send", "Send to 1 person") is not None
