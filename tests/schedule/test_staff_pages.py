"""The schedule's staff pages, as a browser without scripts uses them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_registration, make_series, make_topic, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from tests.support.queries import count_queries
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule import queries
from webinars.schedule.models import Speaker, Webinar

Heard = list[tuple[str, str]]


def next_year(month: int, day: int) -> datetime:
    return datetime(utc_now().year + 1, month, day)


def sunday(month: int, which: int) -> str:
    """Give the n-th Sunday of a month next year, on which clocks change in America/New_York."""
    first = next_year(month, 1)
    return (first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))).date().isoformat()


def published(**fields: Any) -> Webinar:
    return make_webinar(now=utc_now().replace(second=0, microsecond=0), **fields)


def reload(webinar: Webinar) -> Webinar:
    db.session.expire_all()
    return queries.get_webinar(webinar.slug)


def test_draft_is_written_with_the_form_alone(editor: CheckedClient) -> None:
    make_series()
    speaker = Speaker(name="Alice Ames", credentials="RN")
    db.session.add(speaker)
    db.session.commit()
    page = editor.page("/staff/webinars/new?series=side-effects")
    answer = editor.submit(
        page,
        "",
        button="Save the draft",
        title="What to expect",
        start_date=next_year(6, 3).date().isoformat(),
        start_time="13:00",
        capacity="50",
        join_url="https://meet.example.org/a",
        reminder_source="own",
        reminders="2 days, 1 hour",
        **{"speakers-0": str(speaker.id)},
    )
    assert answer.request.path == "/staff/webinars/what-to-expect"
    made = queries.get_webinar("what-to-expect")
    assert (made.state, made.capacity, made.waiting_list, made.reminders) == ("draft", 50, True, [2880, 60])
    assert made.starts_at == next_year(6, 3).replace(hour=17, tzinfo=UTC)
    assert [one.name for one in made.speakers] == ["Alice Ames"]


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000])
def test_speaker_who_does_not_exist_is_refused(editor: CheckedClient, number: str) -> None:
    make_series()
    page = editor.page("/staff/webinars/new")
    answer = editor.submit(page, "", button="Save the draft", title="What to expect", **{"speakers-0": number})
    assert answer.status_code == 422


def test_problems_are_listed_with_links_and_keep_what_was_typed(editor: CheckedClient) -> None:
    make_series()
    page = editor.page("/staff/webinars/new")
    answer = editor.submit(
        page, "", button="Save the draft", title="", start_date="", capacity="many", summary="Kept words", slug="kept"
    )
    assert answer.status_code == 422
    soup = parse(answer)
    summary = soup.find(class_="error-summary")
    assert summary and {str(link["href"]) for link in summary.find_all("a")} == {
        "#title",
        "#series",
        "#start_date",
        "#capacity",
    }
    assert all(soup.find(id=str(link["href"])[1:]) for link in summary.find_all("a"))
    assert form_data(find_form(soup, "", "Save the draft")) | {
        "summary": "Kept words",
        "capacity": "many",
        "slug": "kept",
    } == form_data(find_form(soup, "", "Save the draft"))
    assert db.session.query(Webinar).count() == 0


@pytest.mark.parametrize(
    ("source", "written", "sentence"),
    [
        ("own", " ", "Write when, for example"),
        ("series", "2 days", "To use these, choose"),
        ("none", "2 days", "To use"),
    ],
)
def test_reminders_that_contradict_the_choice_are_asked_about(editor, source, written, sentence) -> None:
    webinar = make_webinar(make_series(), reminders=[60])
    page = editor.page(f"/staff/webinars/{webinar.slug}/edit")
    answer = editor.submit(page, "", button="Save", reminder_source=source, reminders=written)
    assert answer.status_code == 422 and sentence in text_of(parse(answer))
    assert queries.get_webinar(webinar.slug).reminders == [60]


def test_own_reminders_can_be_given_up_for_those_of_the_series(editor: CheckedClient) -> None:
    webinar = make_webinar(make_series(), reminders=[60])
    page = editor.page(f"/staff/webinars/{webinar.slug}/edit")
    assert editor.submit(page, "", button="Save", reminder_source="series").status_code == 200
    assert queries.get_webinar(webinar.slug).reminders is None


def test_time_that_exists_twice_offers_both_as_radio_buttons(editor: CheckedClient) -> None:
    make_series()
    page = editor.page("/staff/webinars/new?series=side-effects")
    answer = editor.submit(
        page,
        "",
        button="Save the draft",
        title="Night talk",
        start_date=sunday(11, 1),
        start_time="01:30",
        phone_pin="77",
    )
    assert answer.status_code == 422
    soup = parse(answer)
    radios = soup.find_all("input", attrs={"name": "time_choice"})
    assert [text_of(soup.find("label", attrs={"for": radio["id"]})) for radio in radios] == [
        "The first 1:30 am (EDT)",
        "The second 1:30 am (EST)",
    ]
    assert "happens twice" in text_of(soup)
    again = editor.submit(answer, "", button="Save the draft", time_choice=radios[1]["value"], title="")
    assert parse(again).find("input", attrs={"name": "time_choice", "checked": True})["value"] == radios[1]["value"]  # type: ignore[index]
    editor.submit(again, "", button="Save the draft", title="Night talk")
    made = queries.get_webinar("night-talk")
    assert (made.fold, made.starts_at.hour, made.phone_pin) == (1, 6, "77")
    page = editor.page("/staff/webinars/night-talk/edit")
    editor.submit(page, "", button="Save", title="Night talks")
    assert reload(made).fold == 1


def test_time_that_does_not_exist_offers_its_neighbours(editor: CheckedClient) -> None:
    make_series()
    page = editor.page("/staff/webinars/new?series=side-effects")
    answer = editor.submit(
        page, "", button="Save the draft", title="Night talk", start_date=sunday(3, 2), start_time="02:30"
    )
    radios = parse(answer).find_all("input", attrs={"name": "time_choice"})
    assert len(radios) == 2 and "does not exist" in text_of(parse(answer))
    editor.submit(answer, "", button="Save the draft", time_choice=radios[1]["value"])
    assert queries.get_webinar("night-talk").local_start.hour == 3


def test_stale_choice_does_not_answer_for_another_time(editor: CheckedClient) -> None:
    make_series()
    page = editor.page("/staff/webinars/new?series=side-effects")
    asked = {"title": "Night talk", "start_date": sunday(11, 1), "start_time": "01:30"}
    answer = editor.submit(page, "", button="Save the draft", **asked)
    choice = parse(answer).find_all("input", attrs={"name": "time_choice"})[1]["value"]
    editor.submit(answer, "", button="Save the draft", time_choice=choice, start_time="13:00")
    made = queries.get_webinar("night-talk")
    assert (made.local_start.hour, made.fold) == (13, 0)


def test_published_webinar_is_edited_without_its_start(editor: CheckedClient, heard: Heard) -> None:
    webinar = published(confirmed_count=12, capacity=20)
    page = editor.page(f"/staff/webinars/{webinar.slug}/edit")
    assert "12 people have a place" in text_of(page)
    assert "start_date" not in form_data(find_form(page, "", "Save"))
    answer = editor.submit(
        page, "", button="Save", title="Better title", start_date="2020-01-01", start_time="10:00", slug="other"
    )
    assert answer.request.path == f"/staff/webinars/{webinar.slug}"
    after = reload(webinar)
    assert (after.title, after.sequence, after.start_sequence) == ("Better title", 1, 0)
    assert heard == [("changed", webinar.slug)]


def test_form_saved_unchanged_sends_nothing(editor: CheckedClient, heard: Heard) -> None:
    webinar = published(reminders=[60], capacity=5)
    editor.submit(editor.page(f"/staff/webinars/{webinar.slug}/edit"), "", button="Save")
    after = reload(webinar)
    assert (after.sequence, after.reminders, after.capacity, heard) == (0, [60], 5, [])


def test_publishing_page_names_what_is_missing_and_publishes(editor: CheckedClient, heard: Heard) -> None:
    webinar = published(state="draft", published_at=None, join_url="", phone_number="")
    page = editor.page(f"/staff/webinars/{webinar.slug}/publish")
    assert "no join link and no phone number" in text_of(page)
    answer = editor.submit(page, "", button="Publish now")
    assert "People can find it" in text_of(parse(answer))
    assert reload(webinar).state == "published" and heard == [("published", webinar.slug)]


def test_publishing_a_past_start_is_refused_in_words(editor: CheckedClient) -> None:
    webinar = published(state="draft", published_at=None, starts_in=timedelta(days=-1))
    assert "Its start is in the past" in text_of(editor.page(f"/staff/webinars/{webinar.slug}/publish"))
    page = editor.page(f"/staff/webinars/{webinar.slug}/edit")
    token = form_data(find_form(page, "", "Save"))["csrf_token"]
    answer = editor.post(f"/staff/webinars/{webinar.slug}/publish", data={"csrf_token": token}, follow_redirects=True)
    assert "cannot be published yet" in text_of(parse(answer))
    assert reload(webinar).state == "draft"


def test_publishing_page_warns_of_a_join_link_in_use(editor: CheckedClient) -> None:
    published(title="Last month", starts_in=timedelta(days=-28))
    webinar = published(title="This month", state="draft", published_at=None)
    assert "the same as that of “Last month”" in text_of(editor.page(f"/staff/webinars/{webinar.slug}/publish"))


def test_move_names_the_consequences_first_and_moves_on_confirmation(editor: CheckedClient, heard: Heard) -> None:
    webinar = published(capacity=2)
    for name, state in (("Alice", "confirmed"), ("Bob", "waitlisted"), ("Charlie", "recording-only")):
        make_registration(webinar, name, state=state)
    make_registration(webinar, "Dora", state="cancelled")
    make_registration(webinar, "Ed", email=None)
    before, day = webinar.starts_at, next_year(6, 3).date().isoformat()
    page = editor.page(f"/staff/webinars/{webinar.slug}/move")
    asked = editor.submit(page, "", button="Continue", start_date=day, start_time="15:30", duration_minutes="90")
    words = text_of(parse(asked))
    assert "3 people will get a letter with the new time. 1 calendar moves by itself. 2 people who wait" in words
    assert "Reminders are set anew: 1 week, 1 day, 1 hour" in words
    assert reload(webinar).starts_at == before and heard == []
    done = editor.submit(asked, "/move", button="Move it", confirm="1")
    assert done.request.path == f"/staff/webinars/{webinar.slug}"
    after = reload(webinar)
    assert after.local_start == next_year(6, 3).replace(hour=15, minute=30)
    assert (after.duration_minutes, after.start_sequence, heard) == (90, 1, [("moved", webinar.slug)])


def test_move_goes_back_with_the_chosen_time(editor: CheckedClient) -> None:
    webinar = published()
    day = next_year(6, 3).date().isoformat()
    asked = editor.submit(editor.page(f"/staff/webinars/{webinar.slug}/move"), "", button="Continue", start_date=day)
    back = editor.submit(asked, "/move", button="Choose another time", back="1")
    assert form_data(find_form(parse(back), "", "Continue"))["start_date"] == day
    assert reload(webinar).sequence == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "starts at this time already"),
        ({"start_date": "2020-01-01"}, "in the past"),
        ({"start_time": ""}, "date and the time"),
    ],
)
def test_move_refuses_a_time_that_makes_no_sense(editor: CheckedClient, typed: dict[str, str], words: str) -> None:
    webinar = published()
    page = editor.page(f"/staff/webinars/{webinar.slug}/move")
    answer = editor.submit(page, "", button="Continue", **typed)
    assert answer.status_code == 422 and words in text_of(parse(answer))


def test_move_after_somebody_else_moved_is_a_conflict(editor: CheckedClient) -> None:
    webinar = published()
    page = editor.page(f"/staff/webinars/{webinar.slug}/move")
    asked = editor.submit(page, "", button="Continue", start_date=next_year(6, 3).date().isoformat())
    other = editor.submit(page, "", button="Continue", start_date=next_year(7, 3).date().isoformat())
    editor.submit(other, "/move", button="Move it", confirm="1")
    late = editor.submit(asked, "/move", button="Move it", confirm="1")
    assert late.status_code == 409
    assert reload(webinar).local_start.month == 7


def test_cancelling_names_the_consequences_and_needs_a_reason(editor: CheckedClient, heard: Heard) -> None:
    webinar = published()
    make_registration(webinar, "Alice")
    page = editor.page(f"/staff/webinars/{webinar.slug}/cancel")
    assert "1 person will get a cancellation letter" in text_of(page)
    answer = editor.submit(page, "", button="Cancel this webinar", reason=" ")
    assert answer.status_code == 422 and reload(webinar).state == "published"
    editor.submit(answer, "", button="Cancel this webinar", reason="The speaker is ill.")
    after = reload(webinar)
    assert (after.state, after.cancel_reason, heard) == (
        "cancelled",
        "The speaker is ill.",
        [("cancelled", webinar.slug)],
    )


def test_duplicate_asks_when_and_what_comes_along(editor: CheckedClient) -> None:
    webinar = published(title="What to expect", capacity=40, translations={"es": {"title": "Qué esperar"}})
    page = editor.page(f"/staff/webinars/{webinar.slug}/duplicate")
    form = form_data(find_form(page, "duplicate", "Make the copy"))
    assert "joining" not in form and form["phone"] and form["title"] == "What to expect"
    suggested = datetime.fromisoformat(form["start_date"])
    assert suggested.weekday() == webinar.local_start.weekday()
    assert suggested.date().replace(day=1) > webinar.local_start.date().replace(day=1)
    answer = editor.submit(page, "duplicate", button="Make the copy", phone=None, title="What to expect next")
    assert answer.status_code == 200 and "draft" in text_of(parse(answer))
    copy = queries.get_webinar("what-to-expect-next")
    assert (copy.title, copy.state, copy.capacity) == ("What to expect next", "draft", 40)
    assert (copy.join_url, copy.phone_number, copy.translations) == ("", "", {"es": {"title": "Qué esperar"}})
    assert copy.local_start == datetime.combine(suggested.date(), webinar.local_start.time().replace(second=0))


def test_series_topic_news_and_speaker_are_written_and_edited(editor: CheckedClient) -> None:
    make_topic()
    editor.submit(editor.page("/staff/series/new"), "", button="Save", title="Side Effects", topic="immunotherapy")
    assert "1 week, 1 day, 1 hour" in str(editor.page("/staff/series/side-effects/edit").find(id="reminders"))
    answer = editor.submit(editor.page("/staff/series/side-effects/edit"), "", button="Save", reminders="soon")
    assert answer.status_code == 422 and "is not clear" in text_of(parse(answer))
    editor.submit(answer, "", button="Save", reminders="3 days")
    assert queries.get_series("side-effects").reminders == [4320]
    editor.submit(editor.page("/staff/topics/immunotherapy/edit"), "", button="Save", reviewed_on="2026-01-02")
    assert "2 January 2026" in text_of(editor.page("/staff/topics"))
    editor.submit(
        editor.page("/staff/news/new"), "", button="Save", title="New page", topic="immunotherapy", body="Read it."
    )
    editor.submit(editor.page("/staff/news/new-page/edit"), "", button="Save", body="Read it now.")
    assert queries.get_news_item("new-page").body == "Read it now."
    editor.submit(editor.page("/staff/speakers/new"), "", button="Save", name="Alice Ames")
    assert "Not declared yet" in text_of(editor.page("/staff/speakers?q=alice"))


@pytest.mark.parametrize("path", ["webinars/new", "series/new", "speakers/new", "topics/new", "news/new"])
def test_viewer_reads_lists_and_cannot_write(client: CheckedClient, path: str) -> None:
    viewer = sign_in(client, "viewer")
    viewer.page(f"/staff/{path}", status=403)
    assert not viewer.page(f"/staff/{path.partition('/')[0]}").find("a", href=f"/staff/{path}")


def test_visitor_is_sent_to_sign_in(client: CheckedClient) -> None:
    answer = client.get("/staff/webinars", follow_redirects=True)
    assert answer.request.path == "/staff/sign-in"


def test_list_filters_and_sorts_by_address(editor: CheckedClient) -> None:
    published(title="Alpha")
    published(title="Beta", state="cancelled")
    page = editor.page("/staff/webinars")
    assert "Alpha" in text_of(page.find("table")) and "Beta" not in text_of(page)  # type: ignore[arg-type]
    page = editor.page("/staff/webinars?state=all&sort=title&direction=desc")
    assert [text_of(row.th) for row in page.tbody.find_all("tr")] == ["Beta", "Alpha"]  # type: ignore[union-attr,arg-type]
    assert "Nothing matches" in text_of(editor.page("/staff/webinars?q=gamma"))
    assert "Nothing matches" in text_of(editor.page("/staff/webinars?q=%01&page=abc&sort=%27&series=%FF&state=x"))


def test_missing_things_are_not_found(editor: CheckedClient) -> None:
    for path in (
        "webinars/x/edit",
        "webinars/x/move",
        "webinars/x/cancel",
        "series/x/edit",
        "speakers/9/edit",
        "topics/x/edit",
    ):
        editor.page(f"/staff/{path}", status=404)


def test_deeds_are_in_the_audit_trail_without_secrets(editor: CheckedClient) -> None:
    webinar = published()
    page = editor.page(f"/staff/webinars/{webinar.slug}/edit")
    editor.submit(page, "", button="Save", phone_pin="9999", title="Other")
    entry = db.session.query(AuditEntry).filter_by(object_kind="webinar").one()
    assert entry.actor.startswith("staff:") and entry.action == "webinar edited"
    assert entry.after == {"phone_pin": "…", "title": "Other", "sequence": 1}


def test_pages_take_the_same_number_of_queries_for_one_and_three(editor: CheckedClient, app: Flask) -> None:
    counts = []
    for number in (1, 2):
        for turn in range(number):
            webinar = published(series=make_series(title=f"Series {number}{turn}"), title=f"Talk {number}{turn}")
            db.session.add(Speaker(name="Alice"))
            db.session.commit()
        paths = ("webinars", "series", "speakers", f"webinars/{webinar.slug}/edit")
        db.session.remove()
        counts.append([count_queries(lambda path=path: editor.page(f"/staff/{path}")) for path in paths])
    assert counts[0] == counts[1]
