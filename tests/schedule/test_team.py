"""Who of the staff has a part in a webinar."""

import pytest
from sqlalchemy import select

from tests.factories import NOW, make_series, make_user, make_webinar
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.schedule import deletion, service, team
from webinars.schedule.models import TeamPlace


def change(webinar, places):
    with transaction():
        team.set_team(db.session.merge(webinar), places, NOW)


@pytest.fixture
def alice(app):
    return make_user("alice@example.org", "host").id


@pytest.fixture
def bob(app):
    return make_user("bob@example.org", "editor").id


def test_somebody_may_have_several_parts(app, alice, bob):
    webinar, other = make_webinar(), make_webinar()
    change(webinar, {alice: ["speaker", "moderator"], bob: ["responsible"]})
    assert team.teams_of([webinar.id, other.id]) == {
        webinar.id: {alice: {"speaker", "moderator"}, bob: {"responsible"}}
    }
    assert team.has_part(alice, webinar.slug) and not team.has_part(alice, other.slug)


def test_change_is_told_with_names_before_and_after(app, alice, bob):
    webinar = make_webinar()
    change(webinar, {alice: ["speaker"]})
    change(webinar, {bob: ["speaker"]})
    change(webinar, {bob: ["speaker"], alice: []})
    told = [
        (entry.before["speaker"], entry.after["speaker"])
        for entry in db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "team changed").order_by(AuditEntry.id)
        )
    ]
    assert told == [([], ["alice@example.org"]), (["alice@example.org"], ["bob@example.org"])]


def test_part_that_does_not_exist_is_refused(app, alice):
    webinar = make_webinar()
    with pytest.raises(ValueError, match="conductor"):
        change(webinar, {alice: ["conductor"]})


def test_copy_has_the_same_team(app, alice):
    webinar = make_webinar()
    change(webinar, {alice: ["moderator"]})
    with transaction():
        copy = service.duplicate_webinar(db.session.merge(webinar), NOW)
    assert team.team_of(copy.id) == {alice: {"moderator"}}


def test_who_writes_a_webinar_is_responsible_for_it(app, client, bob):
    series = make_series()
    client.submit(client.get("/staff/sign-in"), "sign-in", email="bob@example.org", password="correct horse battery")
    page = client.page(f"/staff/webinars/new?series={series.slug}")
    client.submit(page, "", button="Save the draft", title="Live", start_date="2027-12-03", start_time="13:00")
    [place] = db.session.scalars(select(TeamPlace)).all()
    assert (place.user_id, place.part) == (bob, "responsible")


def test_team_goes_with_a_draft_that_is_deleted(app, alice):
    webinar = make_webinar(state="draft")
    change(webinar, {alice: ["moderator"]})
    with transaction():
        deletion.delete(db.session.merge(webinar), NOW)
    assert db.session.scalars(select(TeamPlace)).all() == []
