"""The staff's pages that say who receives what, and when."""

from datetime import timedelta

import pytest

from tests.factories import make_registration, make_series, make_webinar
from tests.support.pages import parse, text_of
from webinars.accounts import service as accounts
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox
from webinars.mail.models import Message, MessageState
from webinars.registration.models import Registration

PASSWORD = "a long and harmless sentence"


@pytest.fixture
def viewer(client):
    with transaction():
        accounts.add_user("viewer@harbor.example", "viewer", PASSWORD, utc_now())
    client.submit(client.page("/staff/sign-in"), "sign-in", email="viewer@harbor.example", password=PASSWORD)
    return client


@pytest.fixture
def webinar(app):
    return make_webinar(make_series(), now=utc_now(), capacity=1)


def rows(page):
    return [[text_of(cell) for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]


def test_timeline_of_a_person_says_both_times_and_what_comes(viewer, webinar):
    place = make_registration(webinar, "Kiran", now=utc_now(), time_zone="Asia/Kathmandu", told_sequence=0)
    with transaction():
        outbox.owe(notice="confirmation", subject=place.subject, occasion="1", now=utc_now())
        message = db.session.query(Message).one()
        message.state, message.sent_at = MessageState.SENT, utc_now()
    page = viewer.page(f"/staff/registrations/{place.public_id}/timeline")
    found = rows(page)
    assert [row[0] for row in found] == [
        "Confirmation with invitation", "Reminder, 1 week before", "Reminder, 1 day before", "Reminder, 1 hour before",
        "Recording is ready",
    ]  # fmt: skip
    assert [row[3] for row in found][0] == "sent" and all("will come" in row[3] for row in found[1:])
    assert found[4][1] == found[4][2] == "–" and "Once the recording is published." in found[4][3]
    assert all(row[1] != row[2] for row in found[:4]), "two zones, two clocks"
    assert "Nepal" in text_of(page)


def test_timeline_of_who_waits_says_on_what_it_depends(viewer, webinar):
    place = make_registration(webinar, "Wanda", state="waitlisted", now=utc_now(), told_sequence=0)
    found = rows(viewer.page(f"/staff/registrations/{place.public_id}/timeline"))
    assert {row[-1] for row in found if "Reminder" in row[0]} == {"perhaps Only if a place frees up."}


def test_timeline_of_a_newcomer_can_be_asked_for_any_reader(viewer, webinar):
    address = f"/staff/webinars/{webinar.slug}/timeline"
    page = viewer.page(address)
    assert [row[0] for row in rows(page)][0] == "Confirmation with invitation"
    assert "In the organiser's time" not in text_of(page), "they are the same"
    asked = viewer.page(f"{address}?zone=Pacific/Apia&language=es&mode=recording")
    chosen = {select["name"]: select.find("option", selected=True)["value"] for select in asked.find_all("select")}
    assert chosen == {"zone": "Pacific/Apia", "language": "es", "mode": "recording"}
    found = rows(asked)
    assert found[0][0] == "Will get the recording"
    assert {row[-1].partition(" They")[0] for row in found if "Reminder" in row[0]} == {"will not come"}
    nonsense = viewer.page(f"{address}?zone=Mars&language=tlh&mode=telepathy")
    assert rows(nonsense)[0][0] == "Confirmation with invitation"
    assert db.session.query(Registration).count() == db.session.query(Message).count() == 0


def test_timeline_of_a_draft_is_there_before_it_is_published(viewer, app):
    draft = make_webinar(make_series(), now=utc_now(), state="draft", published_at=None)
    page = viewer.page(f"/staff/webinars/{draft.slug}/timeline")
    assert "if the webinar were published now" in text_of(page) and len(rows(page)) == 5
    assert f"/staff/webinars/{draft.slug}/timeline" in str(viewer.page(f"/staff/webinars/{draft.slug}"))


def test_timeline_of_a_newcomer_to_what_takes_nobody_says_so(viewer, app):
    over = make_webinar(make_series(), now=utc_now(), starts_in=timedelta(days=-1))
    page = viewer.page(f"/staff/webinars/{over.slug}/timeline")
    assert "Nobody can register this way now" in text_of(page)


def test_timelines_are_for_staff_and_of_what_there_is(client, viewer, webinar):
    assert viewer.get("/staff/registrations/nobody/timeline").status_code == 404
    assert viewer.get("/staff/webinars/nothing/timeline").status_code == 404
    stranger = client.application.test_client()
    assert stranger.get(f"/staff/webinars/{webinar.slug}/timeline").status_code in {302, 401, 403}


def test_page_of_a_person_leads_to_the_timeline_and_says_what_the_calendar_holds(viewer, webinar):
    place = make_registration(
        webinar, "Alice", now=utc_now(), told_sequence=0, entry_sequence=0, partstat="TENTATIVE", partstat_at=utc_now()
    )
    page = viewer.page(f"/staff/registrations/{place.public_id}")
    assert page.find("a", href=f"/staff/registrations/{place.public_id}/timeline")
    assert "calendar current Their calendar answered: tentatively accepted." in text_of(page)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"entry_sequence": 0}, "calendar current"),
        ({"entry_sequence": None}, "update under way"),
        ({"entry_sequence": 0, "sequence_offset": 1}, "update under way"),
        ({"state": "cancelled", "entry_sequence": 1, "entry_withdrawn": True}, "withdrawn"),
        ({"state": "cancelled", "entry_sequence": 0}, "update under way"),
        ({"state": "waitlisted"}, "no entry"),
        ({"email": None, "email_key": "tel:5"}, "no entry"),
    ],
)
def test_list_of_registrations_says_what_each_calendar_holds(viewer, webinar, fields, words):
    make_registration(webinar, "Alice", now=utc_now(), **fields)
    page = parse(viewer.get(f"/staff/webinars/{webinar.slug}/registrations"))
    assert text_of(page.find("td", attrs={"data-label": "Calendar"})) == words


def test_update_that_did_not_arrive_is_not_called_under_way(viewer, webinar):
    place = make_registration(webinar, "Alice", now=utc_now(), told_sequence=0, entry_sequence=0, sequence_offset=1)
    with transaction():
        outbox.owe(notice="repeated", subject=place.subject, occasion="x", now=utc_now())
        db.session.query(Message).one().state = MessageState.FAILED
    page = parse(viewer.get(f"/staff/webinars/{webinar.slug}/registrations"))
    assert text_of(page.find("td", attrs={"data-label": "Calendar"})) == "update did not arrive"


def test_timeline_says_which_reminders_wait_for_the_morning(viewer, webinar):
    place = make_registration(webinar, "Alice", now=utc_now(), told_sequence=0)
    words = text_of(viewer.page(f"/staff/registrations/{place.public_id}/timeline"))
    assert "Reminders sent more than 12 hours ahead wait from 9:00 pm to 8:00 am in the person's own time." in words
    assert "Times in their letters: Eastern time" in words and "Language: English." in words
