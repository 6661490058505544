"""The staff's tray, and what staff choose a decline to mean."""

import pytest
from flask import Flask

from tests.factories import make_series, make_webinar
from tests.mail.inbound.samples import sample
from tests.mail.inbound.support import arrives, came_back, invite, send_letter
from tests.support.pages import CheckedClient, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule.models import Series


def test_empty_tray_says_so(client: CheckedClient) -> None:
    sign_in(client, "viewer")
    assert "Nothing to read" in text_of(client.page("/staff/mail/tray"))


def test_tray_counts_what_was_understood_and_lists_what_was_not(client: CheckedClient) -> None:
    now = utc_now()
    place = invite(make_webinar())
    send_letter(place)
    for name in ("gmail-no-mailbox", "qmail-mailbox-full", "gmail-out-of-office", "a-persons-answer"):
        arrives(sample(name), now)
    sign_in(client)
    page = client.page("/staff/mail/tray")
    tiles = {text_of(tile.find(class_="tile-label")): text_of(tile.find(class_="tile-value"))
             for tile in page.find_all(class_="tile")}  # fmt: skip
    assert tiles["letters that came back"] == "2"
    assert tiles["automatic answers"] == "1"
    assert tiles["passed on to you"] == "1"
    assert page.find("a", string="Alice")["href"] == f"/staff/registrations/{place.public_id}"
    current = page.find("nav", attrs={"aria-label": "Mail"}).find(attrs={"aria-current": "page"})
    assert text_of(current) == "What came back (1)"


def test_markup_in_a_letter_is_shown_as_text(client: CheckedClient) -> None:
    arrives(sample("a-persons-answer", ("May I", "<script>alert(1)</script><b>May I</b>")), utc_now())
    sign_in(client)
    page = client.page(f"/staff/mail/tray/{came_back()[0].id}")
    assert "<b>May I</b>" in text_of(page)
    assert page.find("b") is None


def test_what_waits_comes_before_what_is_done(client: CheckedClient) -> None:
    for number in range(3):
        arrives(sample("a-persons-answer", ("Re: You", f"Letter {number}: You")), utc_now())
    sign_in(client, "editor")
    newest = came_back()[-1]
    client.submit(client.page(f"/staff/mail/tray/{newest.id}"), "/done", "Done")
    rows = [text_of(row.find("th")) for row in client.page("/staff/mail/tray").find("tbody").find_all("tr")]
    assert [row[:8] for row in rows] == ["Letter 1", "Letter 0", "Letter 2"]
    assert rows[2].endswith("Done")
    done = client.page(f"/staff/mail/tray/{newest.id}")
    assert not done.find_all("form", action=f"/staff/mail/tray/{newest.id}/done")


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 10**30])
def test_number_that_no_message_has_leads_to_nothing(client: CheckedClient, number: int) -> None:
    sign_in(client)
    assert client.get(f"/staff/mail/tray/{number}").status_code == 404
    token = client.page("/staff/mail/tray").find("input", attrs={"name": "csrf_token"})
    answer = client.post(f"/staff/mail/tray/{number}/done", data={"csrf_token": token["value"]})
    assert answer.status_code == (302 if number < 2**31 else 404)


def test_decline_of_an_earlier_time_is_seen_on_the_page_of_the_person(client: CheckedClient) -> None:
    place = invite(make_webinar(sequence=1, start_sequence=1))
    arrives(sample("thunderbird-declines"), utc_now())
    sign_in(client)
    page = text_of(client.page(f"/staff/registrations/{place.public_id}"))
    assert "Their calendar answered: declined an earlier time or invitation; the place was kept." in page


def test_who_may_only_look_may_not_put_away(client: CheckedClient) -> None:
    arrives(sample("a-persons-answer"), utc_now())
    sign_in(client, "viewer")
    page = client.page(f"/staff/mail/tray/{came_back()[0].id}")
    token = page.find("input", attrs={"name": "csrf_token"})["value"]
    answer = client.post(f"/staff/mail/tray/{came_back()[0].id}/done", data={"csrf_token": token})
    assert answer.status_code == 403
    assert came_back()[0].handled_at is None


def test_message_that_is_not_there_is_not_found(client: CheckedClient) -> None:
    sign_in(client)
    assert client.get("/staff/mail/tray/4711").status_code == 404


def test_tray_is_for_staff_only(app: Flask, client: CheckedClient) -> None:
    assert client.get("/staff/mail/tray").status_code == 302


def test_staff_choose_what_a_decline_means(client: CheckedClient) -> None:
    make_series()
    sign_in(client)
    path = "/staff/series/side-effects/edit"
    page = client.page(path)
    assert page.find("input", attrs={"name": "decline_means", "checked": True})["value"] == "recording"
    client.submit(page, path, "Save", decline_means="cancel")
    db.session.rollback()
    assert db.session.query(Series).one().decline_means == "cancel"
    answer = client.submit(client.page(path), path, "Save", decline_means="burn")
    assert "Choose what a declined invitation means" in answer.text
    client.submit(client.page("/staff/series/new"), "/new", "Save", title="Clinical Trials")
    assert db.session.query(Series).filter_by(slug="clinical-trials").one().decline_means == "recording"
