"""What staff see of places that are held until their address is proven, and what they can do."""

import pytest

from tests.factories import make_webinar
from tests.registration.deeds import registration_of
from tests.registration.proving import letters_to, make_proving
from tests.registration.test_pages import sign_up
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule.models import Series, Webinar


@pytest.fixture
def webinar(app):
    return make_proving(now=utc_now(), capacity=9)


def words(answer):
    return text_of(parse(answer))


def test_switch_stands_in_the_forms_of_the_series_and_of_one_webinar_and_says_what_it_costs(editor, app):
    webinar = make_webinar(now=utc_now())
    series, where = webinar.series, f"/staff/series/{webinar.series.slug}/edit"
    page = editor.get(where)
    assert "press a button in the first letter within 24 hours" in words(page)
    asked = editor.submit(page, "/edit", require_proof="y")
    editor.submit(asked, "/edit", button="Save, and change them", confirm="1")
    db.session.expire_all()
    assert db.session.get_one(Series, series.id).require_proof and db.session.get_one(Webinar, webinar.id).asks
    page = editor.get(f"/staff/webinars/{webinar.slug}/edit")
    assert "As the series: Yes" in words(page)
    assert "Places are held until the address is proven yes" in words(editor.get(f"/staff/webinars/{webinar.slug}"))
    editor.submit(page, "/edit", require_proof="no")
    db.session.expire_all()
    assert db.session.get_one(Webinar, webinar.id).require_proof is False and not webinar.asks
    assert "Places are held until the address is proven no" in words(editor.get(f"/staff/webinars/{webinar.slug}"))


def test_list_counts_who_is_held_and_says_until_when(editor, app, webinar):
    sign_up(app.test_client(), webinar, "Alice")
    sign_up(app.test_client(), webinar, "Bob", mode="recording")
    address = f"/staff/webinars/{webinar.slug}/registrations"
    shown = words(editor.get(address))
    assert "2 not confirmed by button yet" in shown and shown.count("not yet confirmed by button, held until") == 2
    assert "Held, not confirmed" in shown and "update under way" not in shown, "no calendar holds anything yet"
    with sent_queries() as few:
        editor.get(address)
    sign_up(app.test_client(), webinar, "Charlie")
    with sent_queries() as more:
        editor.get(address)
    assert len(few) == len(more)
    assert "3 not confirmed by button yet" in words(editor.get(f"/staff/webinars/{webinar.slug}"))


def test_staff_confirm_for_who_calls(editor, app, webinar):
    sign_up(app.test_client(), webinar, "Alice")
    person = f"/staff/registrations/{registration_of('Alice').public_id}"
    page = editor.get(person)
    assert "Not yet confirmed by button" in words(page)
    done = editor.submit(page, "/vouch", "Confirm it for them")
    assert "The place is confirmed" in words(done) and "Not yet confirmed by button" not in words(done)
    assert letters_to("Alice") == ["proof", "confirmation"]


def test_nobody_counts_on_a_held_place_when_calling_people(editor, app, webinar):
    sign_up(app.test_client(), webinar, "Alice")
    sign_up(app.test_client(), webinar, "Ruth")
    editor.submit(editor.get(f"/staff/registrations/{registration_of('Ruth').public_id}"), "/vouch")
    shown = words(editor.get(f"/staff/webinars/{webinar.slug}/sheets"))
    assert "Ruth" in shown and "Alice" not in shown


def test_cancelling_a_held_place_promises_no_letter(editor, app, webinar):
    sign_up(app.test_client(), webinar, "Alice")
    person = f"/staff/registrations/{registration_of('Alice').public_id}"
    page = editor.get(f"{person}/cancel")
    assert "gets no letter" in words(page)
    editor.submit(page, "", "Cancel this place")
    assert letters_to("Alice") == ["proof"] and registration_of("Alice").state == "cancelled"
