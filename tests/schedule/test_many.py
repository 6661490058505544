"""Several webinars by a rhythm: every date is looked at before, and all are made once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_series, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.organization import standing
from webinars.core.organization.table import on_page
from webinars.registration.questions.models import Question
from webinars.schedule.days_off import holidays_on, usual_countries
from webinars.schedule.models import Speaker, Webinar, WebinarSpeaker
from webinars.schedule.recurrence import Rhythm, days_of
from webinars.staff.settings.service import save

PAGE = "/staff/webinars/many"
YEAR = utc_now().year + 1


def first_thursday(month: int = 6) -> date:
    first = date(YEAR, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7)


def first_sunday_after(day: date) -> date:
    return day + timedelta(days=(6 - day.weekday()) % 7)


def planned(editor: CheckedClient, address: str = "?series=side-effects", **fields: Any) -> Any:
    given = {
        "title": "Living with side effects", "start_date": first_thursday().isoformat(), "start_time": "13:00",
        "count": "4", "plan": "1",
    }  # fmt: skip
    return editor.submit(editor.page(PAGE + address), PAGE, button="Show the dates", **(given | fields))


def made() -> list[Webinar]:
    db.session.expire_all()
    return db.session.query(Webinar).order_by(Webinar.starts_at).all()


def test_rhythms_give_the_days_that_people_mean() -> None:
    thursday = date(2026, 12, 3)
    assert days_of(Rhythm.WEEK, thursday, 3) == [thursday, date(2026, 12, 10), date(2026, 12, 17)]
    assert days_of(Rhythm.TWO_WEEKS, thursday, 2) == [thursday, date(2026, 12, 17)]
    assert days_of(Rhythm.MONTH_WEEKDAY, thursday, 3) == [thursday, date(2027, 1, 7), date(2027, 2, 4)]
    assert days_of(Rhythm.MONTH_WEEKDAY, date(2026, 12, 31), 2) == [date(2026, 12, 31), date(2027, 1, 28)]
    assert days_of(Rhythm.MONTH_DAY, date(2027, 1, 31), 3) == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
    assert days_of(Rhythm.WEEK, thursday, 60, until=date(2026, 12, 17))[-1] == date(2026, 12, 17)
    assert len(days_of(Rhythm.WEEK, thursday, 60, until=date(2099, 1, 1))) == 60


def test_four_part_series_is_made_with_two_pages(editor: CheckedClient) -> None:
    make_series(duration_minutes=75, capacity=90)
    preview = planned(editor)
    assert preview.status_code == 200 and made() == []
    answer = editor.submit(preview, PAGE, button="Save as drafts", create="drafts")
    assert answer.request.path == "/staff/webinars" and "4 drafts are saved" in text_of(parse(answer))
    webinars = made()
    assert [one.title for one in webinars] == [f"Living with side effects, part {number}" for number in (1, 2, 3, 4)]
    assert [one.local_start.date() for one in webinars] == [first_thursday() + timedelta(weeks=n) for n in range(4)]
    assert {(one.state, one.duration_minutes, one.capacity) for one in webinars} == {("draft", 75, 90)}
    assert webinars[0].starts_at == datetime.combine(first_thursday(), datetime.min.time(), UTC) + timedelta(hours=17)
    assert {"duration_minutes", "capacity"} <= set(webinars[0].follows)
    assert db.session.query(AuditEntry).filter_by(action="webinar created").count() == 4


def test_new_series_leads_to_the_dates_of_its_webinars_with_its_name(editor: CheckedClient) -> None:
    answer = editor.submit(editor.page("/staff/series/new"), "", button="Save", title="Living with fatigue")
    assert answer.request.path == PAGE
    form = form_data(find_form(parse(answer), PAGE, "Show the dates"))
    assert (form["series"], form["title"]) == ("living-with-fatigue", "Living with fatigue")


def test_series_without_webinars_offers_their_dates(editor: CheckedClient) -> None:
    make_series()
    page = editor.page("/staff/webinars?series=side-effects")
    assert page.find(id="main").find("a", href=f"{PAGE}?series=side-effects")
    assert "Nothing matches" in text_of(editor.page("/staff/webinars?series=side-effects&q=nurse"))


def test_series_that_is_chosen_there_brings_its_zone_and_length_unless_others_are_chosen(editor: CheckedClient) -> None:
    make_series(time_zone="Europe/Paris", duration_minutes=75)
    make_series(title="Other", time_zone="Asia/Tokyo", duration_minutes=45)
    looked = planned(editor, "", series="side-effects", count="1")
    form = form_data(find_form(parse(looked), PAGE, "Save as drafts"))
    assert (form["time_zone"], form["duration_minutes"]) == ("Europe/Paris", "75")
    back = editor.submit(looked, PAGE, button="Change the rhythm", back="1")
    other = editor.submit(back, PAGE, button="Show the dates", plan="1", series="other", duration_minutes="50")
    editor.submit(other, PAGE, button="Save as drafts", create="drafts")
    assert [(one.series.slug, one.time_zone, one.duration_minutes) for one in made()] == [("other", "Asia/Tokyo", 50)]


def test_speakers_and_the_room_are_named_with_the_dates(editor: CheckedClient) -> None:
    make_series()
    alice, bob = Speaker(name="Alice"), Speaker(name="Bob")
    db.session.add_all([alice, bob])
    db.session.commit()
    preview = planned(editor, count="3", join_url="https://video.example.org/room/77")
    named = {"slots-0-speaker": str(alice.id), "slots-1-speaker": str(bob.id)}
    looked = editor.submit(preview, PAGE, button="Check the dates again", again="1", **named)
    editor.submit(looked, PAGE, button="Save as drafts", create="drafts")
    assert [[one.name for one in webinar.speakers] for webinar in made()] == [["Alice"], ["Bob"], []]
    assert {webinar.join_url for webinar in made()} == {"https://video.example.org/room/77"}


def test_speaker_who_is_busy_is_named_before_anything_is_made(editor: CheckedClient) -> None:
    webinar = make_webinar(title="Ask a pharmacist", now=datetime(YEAR, 9, 2, 17, tzinfo=UTC), starts_in=timedelta())
    speaker = Speaker(name="Alice")
    db.session.add(speaker)
    db.session.flush()
    db.session.add(WebinarSpeaker(webinar_id=webinar.id, speaker_id=speaker.id, position=0))
    db.session.commit()
    preview = planned(editor, start_date=f"{YEAR}-09-02", count="1")
    looked = editor.submit(
        preview, PAGE, button="Check the dates again", again="1", **{"slots-0-speaker": str(speaker.id)}
    )
    assert "where Alice speaks too" in text_of(parse(looked))


def test_join_link_that_is_none_is_refused_beside_its_field(editor: CheckedClient) -> None:
    make_series()
    answer = planned(editor, join_url="the usual room")
    assert answer.status_code == 422 and "A link begins with https://" in text_of(parse(answer))


def test_drafts_are_ticked_for_the_button_that_publishes_them(editor: CheckedClient) -> None:
    older = make_webinar(make_series(), title="In hand", state="draft", published_at=None, now=utc_now())
    page = parse(editor.submit(planned(editor), PAGE, button="Save as drafts", create="drafts"))
    boxes = page.find_all("input", attrs={"name": "webinars"})
    assert [box["value"] for box in boxes] == [one.slug for one in made()] and made()[0].id == older.id
    assert [box.has_attr("checked") for box in boxes] == [False, True, True, True, True]
    plain = editor.page("/staff/webinars?series=side-effects")
    assert not plain.find_all("input", attrs={"name": "webinars", "checked": True})
    [link] = [one for one in plain.find_all("a") if text_of(one) == "Tick all of this page"]
    assert len(editor.page(link["href"]).find_all("input", attrs={"name": "webinars", "checked": True})) == 5


def test_form_that_was_open_before_finds_a_new_speaker(editor: CheckedClient) -> None:
    make_series()
    for page in (editor.page("/staff/webinars/new"), parse(planned(editor))):
        assert page.find("select", attrs={"data-fresh": "/staff/speakers/choices"})
    answer = editor.submit(editor.page("/staff/speakers/new"), "", button="Save", name="Alice", credentials="RN")
    assert "Lists of speakers have this name now" in text_of(parse(answer))
    alice = db.session.query(Speaker).one()
    assert editor.get("/staff/speakers/choices").json == [["", "Nobody"], [str(alice.id), "Alice, RN"]]


def test_form_that_is_sent_twice_makes_them_once(editor: CheckedClient) -> None:
    make_series()
    preview = parse(planned(editor))
    editor.submit(preview, PAGE, button="Save as drafts", create="drafts")
    again = editor.submit(preview, PAGE, button="Save as drafts", create="drafts")
    assert "there already" in text_of(parse(again)) and len(made()) == 4


def test_dates_can_be_unticked_changed_and_named_by_hand(editor: CheckedClient) -> None:
    make_series()
    preview = planned(editor)
    other = first_thursday() + timedelta(days=8)
    changed = {"slots-0-title": "Beginning", "slots-1-start_date": other.isoformat(), "slots-2-wanted": None}
    looked = editor.submit(preview, PAGE, button="Check the dates again", again="1", **changed)
    assert made() == [] and "slots-2-wanted" not in form_data(find_form(parse(looked), PAGE, "Check the dates again"))
    looked = editor.submit(preview, PAGE, button="Check the dates again", again="1", **changed)
    editor.submit(looked, PAGE, button="Save as drafts", create="drafts")
    assert [one.title for one in made()] == [
        "Beginning", "Living with side effects, part 2", "Living with side effects, part 4",
    ]  # fmt: skip
    assert made()[1].local_start.date() == other


def test_holidays_and_other_webinars_at_the_time_are_named(editor: CheckedClient) -> None:
    make_series()
    christmas = datetime(YEAR, 12, 25, 18, tzinfo=UTC)
    make_webinar(title="Ask a pharmacist", now=christmas, starts_in=timedelta())
    preview = planned(editor, start_date=christmas.date().isoformat(), count="2")
    words = text_of(parse(preview))
    assert "Christmas Day" in words
    assert "At the same time as “Ask a pharmacist”, 1:00" in words
    # The one a week later stands alone.
    assert words.count("At the same time as") == 1
    abroad = editor.submit(preview, PAGE, button="Check the dates again", again="1", countries=["JP"])
    assert "Christmas Day" not in text_of(parse(abroad)) and "New Year’s Day" in text_of(parse(abroad)).replace(
        "'", "’"
    )


@pytest.mark.parametrize(("chosen", "told"), [
    ("US-NY", ["Lincoln's Birthday"]),
    ("US, US-NY", ["Lincoln's Birthday"]),
    ("US", []),
    ("US-NY, Canada", ["Lincoln's Birthday (United States, New York)"]),
])  # fmt: skip
def test_holidays_of_a_region_count_beside_those_of_its_country(app: Flask, chosen: str, told: list[str]) -> None:
    with transaction():
        save(on_page("defaults"), {"holiday_countries": chosen}, utc_now())
    standing.look_again()
    countries = usual_countries("America/New_York")
    assert [one.replace("’", "'") for one in holidays_on(date(2027, 2, 12), countries)] == told
    christmas = holidays_on(date(2026, 12, 25), countries)
    assert len(christmas) == len(countries), "what a region has from its country is not said twice"


def test_speaker_who_is_needed_twice_is_named(editor: CheckedClient) -> None:
    series = make_series()
    speaker = Speaker(name="Alice Ames")
    original = make_webinar(series, title="First talk")
    other = make_webinar(series, title="Other talk", now=datetime(YEAR, 6, 10, 17, tzinfo=UTC), starts_in=timedelta())
    for webinar in (original, other):
        webinar.speaker_places = [WebinarSpeaker(speaker=speaker)]
    db.session.commit()
    preview = planned(editor, f"?original={original.slug}", start_date=f"{YEAR}-06-10", count="1")
    assert "“Other talk”, 1:00 – 2:00 pm, where Alice Ames speaks too" in text_of(parse(preview))


@pytest.mark.parametrize(("month", "which", "words"), [(3, 2, "does not exist"), (11, 1, "happens twice")])
def test_clock_changes_are_asked_about_in_their_row(editor: CheckedClient, month: int, which: int, words: str) -> None:
    make_series()
    change = first_sunday_after(date(YEAR, month, 1)) + timedelta(weeks=which - 1)
    time = "02:30" if month == 3 else "01:30"
    preview = planned(editor, start_date=(change - timedelta(weeks=1)).isoformat(), start_time=time, count="2")
    assert words in text_of(parse(preview))
    refused = editor.submit(preview, PAGE, button="Save as drafts", create="drafts")
    assert refused.status_code == 422 and made() == []
    readings = parse(refused).find_all("input", attrs={"name": "slots-1-choice"})
    assert len(readings) == 2
    editor.submit(
        refused, PAGE, button="Save as drafts", create="drafts", **{"slots-1-choice": str(readings[1]["value"])}
    )
    assert len(made()) == 2 and made()[1].local_start.date() == change


def test_copies_take_along_all_but_the_join_link(editor: CheckedClient) -> None:
    original = make_webinar(
        make_series(), capacity=30, reminders=[60], access_text="Live captions", translations={"es": {"title": "Hola"}}
    )
    db.session.add(Question(webinar_id=original.id, kind="text", texts={"en": {"label": "How?"}}, created_at=utc_now()))
    original.speaker_places = [WebinarSpeaker(speaker=Speaker(name="Alice Ames"))]
    db.session.commit()
    preview = planned(editor, f"?original={original.slug}", count="2")
    editor.submit(preview, PAGE, button="Save as drafts", create="drafts")
    copies = [one for one in made() if one.id != original.id]
    assert len(copies) == 2
    for copy in copies:
        assert (copy.capacity, copy.reminders, copy.access_text, copy.phone_number) == (
            30, [60], "Live captions", "1-800-555-0142",
        )  # fmt: skip
        assert (copy.join_url, copy.confirmed_count) == ("", 0)
        assert [speaker.name for speaker in copy.speakers] == ["Alice Ames"]
        assert db.session.query(Question).filter_by(webinar_id=copy.id).count() == 1


def test_all_can_be_published_at_once_and_a_past_date_forbids_it(editor: CheckedClient) -> None:
    make_series()
    editor.submit(planned(editor), PAGE, button="Publish all of them", create="publish")
    assert {one.state for one in made()} == {"published"} and len(made()) == 4
    yesterday = (utc_now() - timedelta(days=2)).date().isoformat()
    refused = editor.submit(planned(editor, start_date=yesterday), PAGE, button="Publish all", create="publish")
    assert refused.status_code == 422 and len(made()) == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", "0"), ("count", "61"), ("until", "2020-01-01"), ("rhythm", "daily"), ("title", ""), ("series", "no")],
)
def test_rule_that_makes_no_sense_is_refused_beside_its_field(editor: CheckedClient, field: str, value: str) -> None:
    make_series()
    answer = planned(editor, **{field: value})
    assert answer.status_code == 422
    assert f"#{field}" in {str(link["href"]) for link in parse(answer).find(class_="error-summary").find_all("a")}


def test_rhythm_can_be_changed_after_the_dates_were_seen(editor: CheckedClient) -> None:
    make_series()
    back = editor.submit(planned(editor, count="3"), PAGE, button="Change the rhythm", back="1")
    assert form_data(find_form(parse(back), PAGE, "Show the dates"))["count"] == "3"
