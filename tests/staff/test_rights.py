"""Every route × every role: nobody enters a page that is not theirs."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Blueprint, Flask

from tests.accounts.test_sign_in import PASSWORD
from tests.factories import (
    NOW,
    make_picture,
    make_registration,
    make_series,
    make_topic,
    make_user,
    make_video,
    make_webinar,
)
from webinars.accounts.queries import find_user
from webinars.core.audience import (
    Audience,
    Needs,
    Pages,
    Scope,
    audience_of,
    check_audiences,
    init_audiences,
    needs,
    needs_of,
)
from webinars.core.database import db, transaction
from webinars.notices.models import Announcement
from webinars.registration.questions.models import Question
from webinars.schedule import team
from webinars.schedule.models import NewsItem, Speaker
from webinars.schedule.queries import get_webinar
from webinars.staff.readiness.models import OwnStep

#: who may enter is decided before any database is asked
ON_ONE_DATABASE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
ROLES = ("viewer", "host", "editor", "owner")

#: deeds about one's own account, which everybody may do
OWN = (
    "password", "account_name", "confirm", "confirm_passkey", "second_factor_set_up", "second_factor_remove",
    "recovery_codes_new", "passkey_new", "passkey_remove", "sign_in_end", "sign_ins_end_others",
)  # fmt: skip


def staff_routes(app):
    """List (rule, method, what it needs) of every route that asks for somebody signed in."""
    found = []
    for rule in app.url_map.iter_rules():
        asked = needs_of(app, rule.endpoint)
        if asked.audience.is_staff:
            found += [(rule, method, asked) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
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
    video, picture = make_video(webinar), make_picture()
    registration = make_registration(webinar)
    announcement = Announcement(
        webinar_id=webinar.id, texts={"en": {"subject": "News", "body": "Text."}}, audience={}, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    question = Question(webinar_id=webinar.id, kind="text", texts={"en": {"label": "How?"}}, created_at=NOW)
    step = OwnStep(webinar_id=webinar.id, title="Flowers", days=-1, created_at=NOW)
    db.session.add_all([announcement, question, step])
    db.session.commit()
    return {
        "webinars": webinar.slug, "series": series.slug, "topics": topic.slug, "news": "news", "videos": video.slug,
        "registrations": registration.public_id, "speakers": str(speaker.id), "people": "1",
        "letters": "reminder", "announcements": str(announcement.id), "questions": str(question.id),
        "answers": str(question.id), "readiness": "slides", "readiness-steps": str(step.id), "settings": "mail",
        "pictures": str(picture.id),
    }  # fmt: skip


def path_of(path, world):
    """Fill in the address of a rule: what it names is told by the part before."""
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
    page = client.get("/staff/password")
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
    library = {"security.login", "security.logout", "security.forgot_password", "security.reset_password"}
    steps = {"code", "passkey", "set_up", "set_up_passkey", "elsewhere", "back", "arrived"}
    assert public == library | {f"accounts.{step}" for step in steps}


def test_viewers_change_nothing_but_what_is_their_own(app):
    # A report holds nothing of people; what is written is that it was made.
    own = {"readiness_staff.digests", "staff.report", *(f"accounts_staff.{name}" for name in OWN)}
    writing = {rule.endpoint for rule, method, asked in staff_routes(app)
               if method != "GET" and asked.audience.admits(["viewer"])}  # fmt: skip
    assert writing == own


def test_hosts_enter_few_pages_and_each_is_kept_to_their_own(app):
    open_to_hosts = [(rule, asked) for rule, _, asked in staff_routes(app) if asked.audience.admits(["host"])]
    assert 5 < len(open_to_hosts) < 40
    for rule, asked in open_to_hosts:
        assert asked.scope is Scope.OWN or rule.rule.startswith("/staff/webinars/<slug>"), rule.rule
    personal = ("registrations", "people", "mail", "audit", "delivery", "sheets", "access", "import", "export")
    assert [rule.rule for rule, _ in open_to_hosts if any(word in rule.rule for word in personal)] == []


@pytest.mark.parametrize("asked", [Needs(Audience.STAFF), Needs(Audience.HOST), Needs(Audience.PUBLIC)])
def test_staff_page_that_forgets_whom_it_keeps_out_stops_the_start(asked):
    app, pages = Flask("forgetful"), Blueprint("forgetful", "forgetful")
    pages.get("/staff/secrets")(needs(asked.audience, asked.scope)(lambda: ""))
    init_audiences(app, [Pages(pages, "", Audience.VIEWER)], {"static": Audience.PUBLIC})
    with pytest.raises(LookupError, match="forgetful"):
        check_audiences(app)


def test_page_kept_to_own_webinars_has_to_name_one(app):
    app, pages = Flask("nameless"), Blueprint("nameless", "nameless")
    pages.get("/staff/webinars")(needs(Audience.STAFF, Scope.WEBINAR)(lambda: ""))
    init_audiences(app, [Pages(pages, "", Audience.VIEWER)], {"static": Audience.PUBLIC})
    with pytest.raises(LookupError, match="names no webinar"):
        check_audiences(app)


def test_stranger_is_sent_to_sign_in_from_every_staff_route(app):
    world = make_world()
    client = app.test_client()
    token = csrf_of(client)
    for rule, method, _ in staff_routes(app):
        answer = client.open(
            path_of(rule.rule, world), method=method, data={"csrf_token": token} if method != "GET" else None
        )
        assert answer.status_code in (302, 303), f"{method} {rule.rule}: {answer.status}"
        assert answer.location.startswith("/staff/sign-in"), f"{method} {rule.rule}"


def may(role, asked, *, theirs=True):
    return asked.audience.admits([role]) and (theirs or role != "host" or asked.scope is not Scope.WEBINAR)


@ON_ONE_DATABASE
@pytest.mark.parametrize("theirs", [True, False], ids=["theirs", "of-others"])
@pytest.mark.parametrize("role", ROLES)
def test_role_enters_what_is_its_own_and_nothing_else(app, role, theirs):
    make_user()
    world = make_world()
    client = signed_in(app, role)
    if theirs:
        join_team(role, world)
    token = csrf_of(client)
    for rule, method, asked in staff_routes(app):
        allowed = may(role, asked, theirs=theirs)
        if method != "GET" and allowed:
            continue  # what the deeds do is tested in their rooms
        answer = client.open(
            path_of(rule.rule, world), method=method, data={"csrf_token": token} if method != "GET" else None
        )
        assert (answer.status_code != 403) == allowed, f"{role} {method} {rule.rule}: {answer.status}"
        assert answer.status_code < 500, f"{role} {method} {rule.rule}: {answer.status}"
        assert "sign-in" not in (answer.location or ""), f"{role} {method} {rule.rule}"


def join_team(role, world):
    with transaction():
        team.set_team(get_webinar(world["webinars"]), {find_user(f"{role}@example.org").id: ["moderator"]}, NOW)


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", ROLES)
def test_role_may_post_what_is_its_own(app, role):
    make_user()
    world = make_world()
    client = signed_in(app, role)
    join_team(role, world)
    for rule, method, asked in staff_routes(app):
        if method == "GET" or not may(role, asked) or rule.endpoint.startswith("accounts_staff.person"):
            continue
        answer = client.open(path_of(rule.rule, world), method=method, data={"csrf_token": csrf_of(client)})
        assert answer.status_code not in (401, 403, 500), f"{role} {method} {rule.rule}: {answer.status}"


def test_post_without_csrf_token_is_refused_on_every_staff_route(app):
    world = make_world()
    client = signed_in(app, "owner")
    for rule, method, _ in staff_routes(app):
        if method != "GET":
            answer = client.open(path_of(rule.rule, world), method=method, data={})
            assert answer.status_code == 400, f"{method} {rule.rule}: {answer.status}"


def test_refusal_names_what_to_do(app):
    client = signed_in(app, "viewer")
    assert "An owner can change that" in client.get("/staff/people/new").text


class TestHost:
    """A speaker or moderator: their webinars with questions and counts, and nobody's address."""

    @pytest.fixture
    def host(self, app):
        return signed_in(app, "host")

    @pytest.fixture
    def webinar(self, app, host):
        webinar = make_webinar(title="Theirs", join_url="https://meet.example.org/theirs")
        make_registration(webinar, name="Zenobia Ruiz", email="zenobia@example.net", question="What about fatigue?")
        join_team("host", {"webinars": webinar.slug})
        return webinar

    def test_sees_how_to_join_the_numbers_and_the_questions(self, host, webinar):
        page = host.page(f"/staff/webinars/{webinar.slug}")
        assert "https://meet.example.org/theirs" in page.text
        assert "What about fatigue?" in host.page(f"/staff/webinars/{webinar.slug}/answers/speakers").text

    def test_meets_no_name_and_no_address_wherever_they_go(self, app, host, webinar):
        seen, waiting = set(), ["/staff/", f"/staff/webinars/{webinar.slug}"]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            page = host.page(path)
            assert "Zenobia" not in page.text and "zenobia@" not in page.text, path
            links = {urlsplit(link["href"]).path for link in page.select("a[href^='/staff/']")}
            waiting += sorted(links - seen - set(waiting))
        assert len(seen) > 6

    def test_loses_sight_of_it_with_their_part(self, host, webinar):
        with transaction():
            team.set_team(get_webinar(webinar.slug), {}, NOW)
        answer = host.get(f"/staff/webinars/{webinar.slug}")
        assert answer.status_code == 403 and "You have no part in this webinar" in answer.text
