"""Staff at the telephone: somebody calls, is found or registered, and hears what they need, within a minute."""

import pytest

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import assert_true_counters, registration_of, standing
from tests.support.pages import find_form, form_data, parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.registration import service
from webinars.registration.rules import said_of


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Ruth Álvarez", {"name": "Ruth Álvarez"}),
        (" 1 (800) 555-0142 ", {"phone": "1 (800) 555-0142"}),
        ("+49 30 1234567", {"phone": "+49 30 1234567"}),
        ("mailto:Ruth@example.org", {"email": "Ruth@example.org"}),
        ("123", {"name": "123"}),
        ("Bob 5550142", {"name": "Bob 5550142"}),
        ("x" * 900, {"name": "x" * 200}),
        ("\0\n", {}),
    ],
)
def test_words_that_were_looked_for_are_an_address_a_number_or_a_name(typed, said):
    assert said_of(typed) == said


@pytest.mark.parametrize("address", ["/staff/", "/staff/webinars", "/staff/mail/", "/staff/videos", "/staff/series"])
def test_a_person_is_looked_for_from_every_staff_page_with_the_third_key(editor, webinar, address):
    page = editor.page(address)
    form = page.find("form", attrs={"aria-label": "Find a person"})
    assert form["action"] == "/staff/registrations" and page.find("label", attrs={"for": form.find("input")["id"]})
    focusable = [one for one in page.body.find_all(["a", "input", "button"]) if one.get("type") != "hidden"]
    assert focusable.index(form.find("input")) == 2, "after the skip link and the name of the service"


@pytest.mark.parametrize(
    ("typed", "field"), [("Ruth Álvarez", "name"), ("800 555 0142", "phone"), ("ruth@example.org", "email")]
)
def test_who_was_looked_for_in_vain_is_registered_without_typing_it_again(editor, webinar, typed, field):
    page = editor.page(f"/staff/registrations?q={typed}")
    [link] = [one for one in page.find(id="main").find_all("a") if text_of(one) == webinar.title]
    form = find_form(editor.page(link["href"]), "", "Register")
    assert form_data(form)[field] == typed
    assert form_data(form)["mode"] == ("live" if field == "email" else "phone")


def test_looking_in_one_webinar_leads_to_its_form_with_the_words(editor, webinar):
    page = editor.page(f"/staff/webinars/{webinar.slug}/registrations?q=Ruth")
    [link] = [one for one in page.find_all("a") if "Register them as a caller" in text_of(one)]
    assert form_data(find_form(editor.page(link["href"]), "", "Register"))["name"] == "Ruth"


def test_only_webinars_that_take_somebody_are_offered_and_only_to_who_may_register(client, webinar):
    full = make_webinar(now=utc_now(), capacity=0, waiting_list=False, recorded=False, title="Full")
    viewer = sign_in(client, "viewer")
    assert "Somebody on the telephone" not in text_of(viewer.page("/staff/registrations?q=nobody"))
    editor = sign_in(client.application.test_client(), "editor")
    words = text_of(editor.page("/staff/registrations?q=nobody").find(id="main"))
    assert webinar.title in words and full.title not in words


def test_after_registering_everything_to_read_out_stands_there_also_with_an_address(editor, webinar):
    address = f"/staff/webinars/{webinar.slug}/registrations/new"
    form = form_data(find_form(editor.page(address), "", "Register"))
    typed = {"name": "Alice", "email": "alice@example.org", "time_zone": "America/Los_Angeles"}
    answer = editor.post(address, data=form | typed, follow_redirects=True)
    box = text_of(parse(answer).find("section", attrs={"aria-labelledby": "tell-heading"}))
    assert (
        "Pacific time" in box and "1-800-555-0142" in box and "4471" in box and "A letter with the same follows" in box
    )
    later = editor.page(f"/staff/registrations/{registration_of('Alice').public_id}")
    assert "A letter with the same follows" not in text_of(later), "by then it has come, or got lost"


def test_a_caller_who_has_to_wait_hears_the_place_in_line(editor, webinar):
    for name in ("Bob", "Carol"):
        make_registration(webinar, name)
    address = f"/staff/webinars/{webinar.slug}/registrations/new"
    form = form_data(find_form(editor.page(address), "", "Register"))
    answer = editor.post(address, data=form | {"name": "Alice", "phone": "800 555 0142"}, follow_redirects=True)
    box = text_of(parse(answer).find("section", attrs={"aria-labelledby": "tell-heading"}))
    assert "Place in line 1" in box and "Please call them when they get a place" in box


def hold_for_bob(**fields):
    webinar = make_webinar(now=utc_now(), capacity=1, offer_hours=4, **fields)
    make_registration(webinar, "Alice")
    make_registration(webinar, "Bob", state="waitlisted")
    with transaction():
        service.cancel(registration_of("Alice"), utc_now())
    assert standing("Bob") == ("offered", None)
    return webinar


def test_staff_take_a_held_place_for_somebody_who_calls(editor):
    webinar = hold_for_bob()
    page = editor.page(f"/staff/registrations/{registration_of('Bob').public_id}")
    assert "A place is held for them until" in text_of(page)
    done = editor.submit(page, "/accept", "Take the place for them")
    assert "The place is theirs." in text_of(parse(done)) and standing("Bob") == ("confirmed", None)
    assert db.session.query(AuditEntry).filter_by(action="offered place taken").count() == 1
    assert "confirmation" in {one.notice for one in db.session.query(Message)}
    assert_true_counters(webinar)


def test_a_held_place_that_went_on_is_said(editor):
    hold_for_bob()
    page = editor.page(f"/staff/registrations/{registration_of('Bob').public_id}")
    with transaction():
        service.cancel(registration_of("Bob"), utc_now())
    assert "went to the next in line" in text_of(parse(editor.submit(page, "/accept")))


def test_a_viewer_takes_no_held_place(client):
    hold_for_bob()
    viewer = sign_in(client, "viewer")
    page = viewer.page(f"/staff/registrations/{registration_of('Bob').public_id}")
    assert "Take the place for them" not in text_of(page)


@pytest.mark.parametrize("page", ["/staff/webinars/{}", "/staff/webinars/{}/registrations"])
def test_pages_of_a_webinar_count_who_was_asked(editor, page):
    webinar = hold_for_bob()
    tiles = [text_of(one) for one in editor.page(page.format(webinar.slug)).select(".tiles > *")]
    assert "1 asked whether they take a place" in tiles


def test_without_offers_nobody_counts_them(editor, webinar):
    assert "asked whether" not in text_of(editor.page(f"/staff/webinars/{webinar.slug}"))


def test_what_becomes_of_a_free_place_is_offered_in_sentences(editor, webinar):
    choices = editor.page(f"/staff/webinars/{webinar.slug}/edit").find("select", attrs={"name": "offer_hours"})
    words = [text_of(one) for one in choices.find_all("option")]
    assert words[1:3] == ["The next in line has it at once", "It is held for 4 hours"]
