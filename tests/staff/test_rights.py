"""Every route × every role: nobody enters a page that is not theirs."""

import re

import pytest

from tests.accounts.test_sign_in import PASSWORD
from tests.factories import NOW, make_registration, make_series, make_topic, make_user, make_video, make_webinar
from webinars.core.audience import Audience, audience_of
from webinars.core.database import db
from webinars.notices.models import Announcement
from webinars.registration.questions.models import Question
from webinars.schedule.models import NewsItem, Speaker

#: who may enter is decided before any database is asked
ON_ONE_DATABASE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
ROLES = {"viewer": Audience.VIEWER, "host": Audience.HOST, "editor": Audience.EDITOR, "owner": Audience.OWNER}


def staff_routes(app):
    """List (rule, method, audience) of every route that asks for somebody signed in."""
    found = []
    for rule in app.url_map.iter_rules():
        audience = audience_of(app, rule.endpoint)
        if audience.is_staff:
            found += [(rule, method, audience) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def make_world():
    """Make one of everything, so that every route leads to something that exists."""
    topic = make_topic()
    series = make_series(topic_id=topic.id)
    webinar = make_webinar(series)
    speaker = Speaker(name="Dr. Ruiz")
    item = NewsItem(slug="news", topic_id=topic.id, title="News", body="Text.", published_on=NOW.date())
    db.session.add_all([speaker, item])
    db.session.commit()
    video = make_video(webinar)
    registration = make_registration(webinar)
    announcement = Announcement(
        webinar_id=webinar.id, texts={"en": {"subject": "News", "body": "Text."}}, audience={}, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    question = Question(webinar_id=webinar.id, kind="text", texts={"en": {"label": "How?"}}, created_at=NOW)
    db.session.add_all([announcement, question])
    db.session.commit()
    return {
        "webinars": webinar.slug, "series": series.slug, "topics": topic.slug, "news": "news", "videos": video.slug,
        "registrations": registration.public_id, "speakers": str(speaker.id), "people": "1",
        "letters": "reminder", "announcements": str(announcement.id), "questions": str(question.id),
        "answers": str(question.id),
    }  # fmt: skip


def path_of(rule, world):
    """Fill in a rule's address: what it names is told by the part before."""
    path = rule.rule
    for part in re.findall(r"<[^>]+>", path):
        before = path.split(part)[0].rstrip("/").rpartition("/")[2]
        path = path.replace(part, world.get(before, "en" if "language" in part else "1"), 1)
    return path


def signed_in(app, role):
    client = app.test_client()
    make_user(f"{role}@example.org", role)
    client.submit(client.get("/staff/sign-in"), "sign-in", email=f"{role}@example.org", password=PASSWORD)
    return client


def csrf_of(client):
    with client.session_transaction() as session:
        before = dict(session)
    page = client.get("/staff/")
    assert page.status_code in (200, 302), before
    found = re.search(
        r'name="csrf_token" value="([^"]+)"', (page if page.status_code == 200 else client.get("/staff/sign-in")).text
    )
    return found.group(1)


def test_every_staff_address_lies_below_staff(app):
    addresses = [rule.rule for rule, _, _ in staff_routes(app)]
    assert len(addresses) > 100 and [one for one in addresses if not one.startswith("/staff/")] == []


def test_everything_below_staff_needs_somebody_signed_in_except_signing_in(app):
    public = {rule.endpoint for rule in app.url_map.iter_rules()
              if rule.rule.startswith("/staff") and not audience_of(app, rule.endpoint).is_staff}  # fmt: skip
    assert public == {"security.login", "security.logout", "security.forgot_password", "security.reset_password"}


def test_routes_that_write_need_more_than_a_viewer(app):
    # A report holds nothing of people; what is written is that it was made.
    own = {"accounts_staff.password", "staff.report"}
    writing = [(rule.endpoint, audience) for rule, method, audience in staff_routes(app) if method != "GET"]
    assert [endpoint for endpoint, audience in writing if audience < Audience.HOST and endpoint not in own] == []


def test_stranger_is_sent_to_sign_in_from_every_staff_route(app):
    world = make_world()
    client = app.test_client()
    token = csrf_of(client)
    for rule, method, _ in staff_routes(app):
        answer = client.open(
            path_of(rule, world), method=method, data={"csrf_token": token} if method != "GET" else None
        )
        assert answer.status_code in (302, 303), f"{method} {rule.rule}: {answer.status}"
        assert answer.location.startswith("/staff/sign-in"), f"{method} {rule.rule}"


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", ROLES)
def test_role_enters_what_is_its_own_and_nothing_else(app, role):
    make_user()
    world = make_world()
    client = signed_in(app, role)
    token = csrf_of(client)
    for rule, method, audience in staff_routes(app):
        if method != "GET" and ROLES[role] >= audience:
            continue  # what the deeds do is tested in their rooms
        answer = client.open(
            path_of(rule, world), method=method, data={"csrf_token": token} if method != "GET" else None
        )
        allowed = ROLES[role] >= audience
        assert (answer.status_code != 403) == allowed, f"{role} {method} {rule.rule}: {answer.status}"
        assert answer.status_code < 500, f"{role} {method} {rule.rule}: {answer.status}"
        assert "sign-in" not in (answer.location or ""), f"{role} {method} {rule.rule}"


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", ROLES)
def test_role_may_post_what_is_its_own(app, role):
    make_user()
    world = make_world()
    client = signed_in(app, role)
    for rule, method, audience in staff_routes(app):
        if method == "GET" or ROLES[role] < audience or rule.endpoint.startswith("accounts_staff.person"):
            continue
        answer = client.open(path_of(rule, world), method=method, data={"csrf_token": csrf_of(client)})
        assert answer.status_code not in (401, 403, 500), f"{role} {method} {rule.rule}: {answer.status}"


def test_post_without_csrf_token_is_refused_on_every_staff_route(app):
    world = make_world()
    client = signed_in(app, "owner")
    for rule, method, _ in staff_routes(app):
        if method != "GET":
            answer = client.open(path_of(rule, world), method=method, data={})
            assert answer.status_code == 400, f"{method} {rule.rule}: {answer.status}"


def test_refusal_names_what_to_do(app):
    client = signed_in(app, "viewer")
    assert "An owner can change that" in client.get("/staff/people/new").text
