"""What letters are made of is put right: by the person on the page behind their link, by staff on the person's page."""

import pytest

from tests.factories import NOW, make_registration, make_webinar
from tests.registration.deeds import do, listening, registration_of, sign_up
from tests.support.pages import parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.core.errors import UserError
from webinars.mail.models import Message
from webinars.registration import corrections, links
from webinars.registration.corrections import Details

pytestmark = pytest.mark.usefixtures("app")


def manage(client, name="Alice"):
    return client.get(links.manage_url(registration_of(name)).partition("127.0.0.1:8000")[2], follow_redirects=True)


def letters_to(name):
    return [one.notice for one in db.session.query(Message).filter_by(subject=registration_of(name).subject)]


def test_another_language_holds_from_the_next_letter_on_and_sends_none():
    sign_up(make_webinar(), "Alice", time_zone="Europe/Madrid")
    with listening() as heard:
        assert not do("Alice", corrections.edit_details, Details("Alice", "Europe/Madrid", False, "es"), NOW)
    assert heard == []
    assert (registration_of("Alice").language, registration_of("Alice").sequence) == ("es", 0)


def test_another_zone_sends_the_letter_again_with_a_newer_entry_in_the_language_chosen_with_it():
    sign_up(make_webinar(), "Alice", time_zone="Europe/Madrid")
    with listening() as heard:
        assert do("Alice", corrections.edit_details, Details("Alice", "Europe/Paris", False, "es"), NOW)
        assert not do("Alice", corrections.edit_details, Details("Alice", "Europe/Paris", False, "es"), NOW)
    assert heard == [("repeated", "Alice")]
    assert (registration_of("Alice").language, registration_of("Alice").sequence) == ("es", 1)


def test_details_without_a_language_leave_it_as_it_is():
    sign_up(make_webinar(), "Alice", time_zone="Europe/Madrid", language="es")
    assert not do("Alice", corrections.edit_details, Details("Alice", "Europe/Madrid", False), NOW)
    assert registration_of("Alice").language == "es"


def test_a_language_in_which_nobody_writes_is_refused():
    sign_up(make_webinar(), "Alice")
    with pytest.raises(UserError, match="one of the languages"):
        do("Alice", corrections.edit_details, Details("Alice", "Europe/Madrid", False, "fr"), NOW)


def test_a_person_chooses_spanish_letters_on_their_own_page(client):
    make_registration(make_webinar(now=utc_now()), "Alice")
    page = client.submit(manage(client), "/details", language="es")
    assert "Saved." in text_of(parse(page)) and "new letter" not in text_of(parse(page))
    assert registration_of("Alice").language == "es"
    assert letters_to("Alice") == []


def test_who_waits_is_promised_a_letter_and_no_invitation(client):
    make_registration(make_webinar(now=utc_now(), capacity=0), "Alice", state="waitlisted")
    words = text_of(parse(client.submit(manage(client), "/details", discreet="y")))
    assert "You get a new letter, usually" in words and "with the invitation" not in words


@pytest.mark.parametrize("fields", [{"language": "xx"}, {"language": "e<n"}, {"time_zone": "Nowhere/Town"}])
def test_a_choice_that_is_not_offered_is_said_beside_its_field_and_the_rest_is_kept(client, fields):
    make_registration(make_webinar(now=utc_now()), "Alice")
    answer = client.submit(manage(client), "/details", **({"name": "Alicia"} | fields))
    assert answer.status_code == 422 and 'value="Alicia"' in answer.text
    assert registration_of("Alice").language == "en"


def test_staff_put_details_right_and_the_trail_says_so_without_naming_anybody(client):
    editor = sign_in(client, "editor")
    make_registration(make_webinar(now=utc_now()), "Alise")
    address = f"/staff/registrations/{registration_of('Alise').public_id}"
    page = editor.submit(editor.get(address), "/details", name="Alice", language="es", discreet="y")
    alice = registration_of("Alice")
    assert "Saved. A new letter goes out." in text_of(parse(page))
    assert (alice.language, alice.discreet, alice.entered_by_staff) == ("es", True, True)
    [entry] = db.session.query(AuditEntry).filter_by(action="registration edited")
    assert entry.object_id == alice.public_id and "lice" not in f"{entry.before}{entry.after}{entry.note}"
    assert (entry.before, entry.after) == ({"letters_in": "en"}, {"letters_in": "es"})


def test_a_name_that_staff_left_as_it_was_is_still_what_a_visitor_typed(client):
    editor = sign_in(client, "editor")
    make_registration(make_webinar(now=utc_now()), "Alice")
    address = f"/staff/registrations/{registration_of('Alice').public_id}"
    editor.submit(editor.get(address), "/details", language="es")
    assert not registration_of("Alice").entered_by_staff


def test_details_that_staff_got_wrong_stay_on_the_page(client):
    editor = sign_in(client, "editor")
    make_registration(make_webinar(now=utc_now()), "Alice")
    address = f"/staff/registrations/{registration_of('Alice').public_id}"
    answer = editor.submit(editor.get(address), "/details", name=" ", language="es")
    assert answer.status_code == 422 and "Please enter a name" in text_of(parse(answer))


def test_a_viewer_changes_nobodys_details(client):
    viewer = sign_in(client, "viewer")
    make_registration(make_webinar(now=utc_now()), "Alice")
    address = f"/staff/registrations/{registration_of('Alice').public_id}"
    assert "Correct their details" not in text_of(viewer.page(address))


def test_changing_mode_and_details_through_the_link(client):
    make_registration(make_webinar(now=utc_now()), "Alice")
    page = manage(client)
    page = client.submit(page, "/mode", mode="phone")
    assert "Call in" in text_of(parse(page))
    page = client.submit(page, "/details", name="Alice B", time_zone="Europe/Madrid", discreet="y")
    alice = registration_of("Alice B")
    assert (alice.mode, alice.time_zone, alice.discreet) == ("phone", "Europe/Madrid", True)
    assert "Spain" in text_of(parse(page)) or "Central European" in text_of(parse(page))


def test_details_without_a_name_keep_the_page_and_say_why(client):
    make_registration(make_webinar(now=utc_now()), "Alice")
    answer = client.submit(manage(client), "/details", name=" ")
    assert answer.status_code == 422
    assert "Please enter a name" in text_of(parse(answer))
