"""The page of a webinar's team, and inviting a speaker there."""

import pytest

from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_user, make_webinar
from tests.support.pages import CheckedClient, text_of
from webinars.accounts import rules
from webinars.accounts.queries import find_user
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.schedule import team
from webinars.schedule.queries import get_webinar


@pytest.fixture
def owner(client: CheckedClient) -> CheckedClient:
    make_user()
    sign_in(client)
    return client


def test_parts_are_ticked_and_shown_on_the_webinars_page(owner: CheckedClient) -> None:
    webinar, host = make_webinar(), make_user("host@example.org", "host")
    page = owner.page(f"/staff/webinars/{webinar.slug}/team")
    answer = owner.submit(page, "", button="Save", **{f"parts-{host.id}": "moderator"})
    assert answer.request.path == f"/staff/webinars/{webinar.slug}" and "Moderator: host@example.org" in answer.text
    assert team.team_of(webinar.id) == {host.id: {"moderator"}}


def test_somebody_else_saved_meanwhile_and_what_was_ticked_stays(owner: CheckedClient) -> None:
    webinar, host = make_webinar(), make_user("host@example.org", "host")
    page = owner.page(f"/staff/webinars/{webinar.slug}/team")
    with transaction():
        team.set_team(get_webinar(webinar.slug), {host.id: ["speaker"]}, NOW)
    answer = owner.submit(page, "", button="Save", **{f"parts-{host.id}": "moderator"})
    assert answer.status_code == 409 and team.team_of(webinar.id) == {host.id: {"speaker"}}
    saved = owner.submit(answer, "", button="Save")
    assert saved.status_code == 200 and team.team_of(webinar.id) == {host.id: {"moderator"}}


def test_speaker_is_invited_where_they_are_needed(owner: CheckedClient) -> None:
    webinar = make_webinar()
    page = owner.page(f"/staff/webinars/{webinar.slug}/team")
    answer = owner.submit(page, "/team/invite", name="Dr. Ruiz", email="Ruiz@Clinic.example", part="speaker")
    guest = find_user("ruiz@clinic.example")
    assert guest and (rules.role_of(guest), team.team_of(webinar.id)) == ("host", {guest.id: {"speaker"}})
    assert "Dr. Ruiz" in answer.text
    [letter] = db.session.scalars(db.select(Message).where(Message.notice == "staff-letter"))
    assert letter.payload["kind"] == "welcome"


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Enter an email"), ("nobody", "is not an email"), ("owner@example.org", "in the list already")],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(owner: CheckedClient, typed: str, words: str) -> None:
    webinar = make_webinar()
    page = owner.page(f"/staff/webinars/{webinar.slug}/team")
    answer = owner.submit(page, "/team/invite", name="Dr. Ruiz", email=typed)
    assert answer.status_code == 422 and words in answer.text

    assert 'value="Dr. Ruiz"' in answer.text


def test_only_owners_invite(client: CheckedClient) -> None:
    make_user("editor@example.org", "editor")
    sign_in(client, "editor@example.org")
    page = client.page(f"/staff/webinars/{make_webinar().slug}/team")
    assert page.find(id="invite") is None and "Team" in text_of(page.h1)
