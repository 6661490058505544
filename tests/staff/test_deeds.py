"""The audit trail in words: which thing, what changed, dates as people write them."""

import pytest

from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_registration, make_series, make_topic, make_user, make_video, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from webinars.accounts import audit
from webinars.core.database import db
from webinars.schedule.models import NewsItem, Speaker


@pytest.fixture
def owner(client: CheckedClient) -> CheckedClient:
    make_user()
    sign_in(client)
    return client


def row(owner: CheckedClient, words: str = "") -> str:
    db.session.commit()
    first = parse(owner.get(f"/staff/audit?q={words}")).tbody.find("tr")
    return text_of(first)


def test_change_says_fields_dates_and_values_as_people_do(owner: CheckedClient) -> None:
    webinar = make_webinar(title="Low-energy days")
    audit.record(
        "webinar moved",
        "webinar",
        webinar.id,
        before={"local_start": "2026-11-23T14:30:00", "starts_at": "2026-11-23T19:30:00+00:00", "reminders": None},
        after={"local_start": "2026-11-24T09:00:00", "starts_at": "2026-11-24T14:00:00+00:00", "reminders": [1440, 60]},
        now=NOW,
    )
    words = row(owner, "moved")
    assert "Webinar moved Low-energy days" in words
    assert "Start: 23 November 2026, 2:30 pm → 24 November 2026, 9:00 am" in words
    assert "Reminders: as the series → 1 day, 1 hour" in words
    assert not any(technical in words for technical in ("T14:30", "starts_at", "Starts at", "local_start"))


@pytest.mark.parametrize(
    ("action", "kind", "number", "words"),
    [
        ("mail held", "mail", "outbox", "Mail held"),
        ("mail released", "mail", "outbox", "Mail released"),
        ("waiting letters tried again", "mail", "outbox", "Waiting letters tried again"),
        ("letter tried again", "message", 12, "Letter tried again number 12"),
        ("message dealt with", "inbound", 5, "Message dealt with number 5"),
    ],
)
def test_what_is_done_at_the_mail_desk_is_in_words(
    owner: CheckedClient, action: str, kind: str, number: int | str, words: str
) -> None:
    audit.record(action, kind, number, after={"letters": 2}, now=NOW)
    assert words in row(owner, action.replace(" ", "+"))
    assert "Letters: 2" in row(owner, action.replace(" ", "+"))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"waiting_list": False}, "Waiting list: no"),
        ({"capacity": None}, "Places: –"),
        ({"time_zone": "Europe/Berlin"}, "Time zone: Central European time (Berlin)"),
        ({"time_zone": "Mars/Olympus"}, "Time zone: Mars/Olympus"),
        ({"local_start": "soon"}, "Start: soon"),
        ({"published_on": "2026-12-03"}, "Published on: 3 December 2026"),
        ({"something_new": {"a": 1, "b": [True, None]}}, "Something new: A: 1, B: yes, –"),
        ({"responsible": ["owner@example.org", "ana@example.org"]}, "Responsible: owner@example.org, ana@example.org"),
        ({"moderator": []}, "Moderator: –"),
        ({"languages": ["es", "en"]}, "Language of their letters: Spanish, English"),
        ({"states": ["waitlisted"], "modes": ["phone"]}, "Where they stand: Waiting How they take part: By telephone"),
        ({"home_zone": "Europe/Berlin"}, "Your time zone: Central European time (Berlin)"),
        ({"due_at": "2026-12-03T18:00:00+00:00"}, "Due at: 3 December 2026, 6:00"),
        ({"day": "2026-12-03"}, "Day: 3 December 2026"),
        ({"title": "2026-13-45 and/or"}, "Title: 2026-13-45 and/or"),
        ({"summary": "x" * 500}, "Summary: " + "x" * 160 + " …"),
    ],
)
def test_value_of_any_kind_is_shown(owner: CheckedClient, values: dict[str, object], shown: str) -> None:
    audit.record("webinar edited", "webinar", 5, after=values, now=NOW)
    assert shown in row(owner, "edited")


def test_thing_is_named_as_it_is_called_today_and_linked(owner: CheckedClient) -> None:
    webinar = make_webinar(make_series())
    things = {
        "webinar": webinar,
        "series": webinar.series,
        "topic": (topic := make_topic()),
        "video": make_video(),
        "speaker": Speaker(name="Joyce Okafor"),
        "news item": NewsItem(slug="new", topic_id=topic.id, title="New page", body="Read.", published_on=NOW.date()),
        "registration": make_registration(webinar, "Alice"),
    }
    db.session.add_all(things.values())
    db.session.commit()
    for kind, thing in things.items():
        audit.record(f"{kind} edited", kind, thing.public_id if kind == "registration" else thing.id, now=NOW)
    db.session.commit()
    for kind, thing in things.items():
        link = parse(owner.get(f"/staff/audit?q={kind}+edited")).select_one("tbody th a")
        assert text_of(link) == (getattr(thing, "title", None) or thing.name)
        assert owner.get(str(link["href"])).status_code == 200


@pytest.mark.parametrize(
    ("kind", "before", "words"),
    [
        ("speaker", {"name": "Joyce Okafor"}, "Speaker deleted Joyce Okafor"),
        ("webinar", None, "Webinar deleted number 99"),
        ("letter", None, "Letter deleted number 99"),
    ],
)
def test_thing_that_is_gone_is_named_without_a_link(
    owner: CheckedClient, kind: str, before: dict[str, str] | None, words: str
) -> None:
    audit.record(f"{kind} deleted", kind, 99, before=before, now=NOW)
    db.session.commit()
    head = parse(owner.get("/staff/audit?q=deleted")).select_one("tbody th")
    assert text_of(head) == words and not head.find("a")


@pytest.mark.parametrize(
    ("actor", "words"), [("system", "The service itself"), ("api:7", "A program (key 7)"), ("somebody", "somebody")]
)
def test_who_is_no_member_of_staff_is_named_in_words(owner: CheckedClient, actor: str, words: str) -> None:
    audit.record("webinar edited", "webinar", 5, by=actor, now=NOW)
    assert words in row(owner, "edited")
