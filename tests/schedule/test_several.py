"""Webinars that were ticked in the list: moved, published and called off together."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import make_registration, make_series, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from tests.support.queries import count_queries
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule import queries
from webinars.schedule.models import Webinar

Heard = list[tuple[str, str]]
LIST, MOVE = "/staff/webinars", "/staff/webinars/several/move"


def weeks_ahead(title: str, weeks: int, **fields: Any) -> Webinar:
    noon = utc_now().replace(hour=17, minute=0, second=0, microsecond=0)
    return make_webinar(title=title, now=noon, starts_in=timedelta(weeks=weeks), **fields)


def ticked(editor: CheckedClient, deed: str, *webinars: Webinar) -> Any:
    """Tick lines in the list and press one of its buttons."""
    token = form_data(find_form(editor.page(LIST), MOVE))["csrf_token"]
    data = {"csrf_token": token, "webinars": [one.slug for one in webinars]}
    return editor.post(f"/staff/webinars/several/{deed}", data=data, follow_redirects=True)


def reload(webinar: Webinar) -> Webinar:
    db.session.expire_all()
    return queries.get_webinar(webinar.slug)


@pytest.fixture
def two() -> list[Webinar]:
    make_series()
    return [weeks_ahead("First", 2), weeks_ahead("Second", 3)]


def plan(editor: CheckedClient, webinars: list[Webinar], **fields: Any) -> Any:
    page = ticked(editor, "move", *webinars)
    return editor.submit(page, MOVE, button="Show the new dates", plan="1", webinars=slugs(webinars), **fields)


def slugs(webinars: list[Webinar]) -> list[str]:
    return [one.slug for one in webinars]


def test_list_has_a_tick_for_each_line_and_the_three_deeds(editor: CheckedClient, two: list[Webinar]) -> None:
    form = find_form(editor.page(LIST), MOVE)
    assert {box["value"] for box in form.find_all("input", type="checkbox")} == {one.slug for one in two}
    assert [button.get("formaction", MOVE) for button in form.find_all("button")] == [
        MOVE, "/staff/webinars/several/publish", "/staff/webinars/several/cancel",
    ]  # fmt: skip


@pytest.mark.parametrize("deed", ["move", "publish", "cancel"])
def test_nothing_ticked_leads_back_to_the_list_with_a_word(
    editor: CheckedClient, two: list[Webinar], deed: str
) -> None:
    answer = ticked(editor, deed)
    assert answer.request.path == LIST and "Tick the webinars first" in text_of(parse(answer))


def test_moving_two_by_a_week_tells_letters_before_and_counts_each_move(
    editor: CheckedClient, two: list[Webinar], heard: Heard
) -> None:
    make_registration(two[0])
    before = [one.local_start for one in two]
    preview = plan(editor, two)
    assert "1 letter with the new time goes out" in text_of(parse(preview))
    assert [reload(one).local_start for one in two] == before
    answer = editor.submit(preview, MOVE, button="Move them", confirm="1", webinars=slugs(two))
    assert "2 webinars have their new times" in text_of(parse(answer))
    assert [reload(one).local_start for one in two] == [when + timedelta(weeks=1) for when in before]
    assert [(one.sequence, one.start_sequence) for one in map(reload, two)] == [(1, 1), (1, 1)]
    assert heard == [("moved", one.slug) for one in two]
    assert db.session.query(AuditEntry).filter_by(action="webinar moved").count() == 2


def test_other_time_and_zone_keep_the_day(editor: CheckedClient, two: list[Webinar]) -> None:
    day = two[0].local_start.date()
    preview = plan(editor, two[:1], shift="0", new_time="09:15", time_zone="Europe/Madrid")
    editor.submit(preview, MOVE, button="Move them", confirm="1")
    moved = reload(two[0])
    assert (moved.local_start.date(), moved.local_start.time().isoformat(), moved.time_zone) == (
        day, "09:15:00", "Europe/Madrid",
    )  # fmt: skip


def test_one_can_be_left_out_and_another_get_a_date_by_hand(editor: CheckedClient, two: list[Webinar]) -> None:
    stays, day = two[0].local_start, (two[1].local_start + timedelta(days=3)).date()
    editor.submit(
        plan(editor, two), MOVE, button="Move them", confirm="1", webinars=slugs(two),
        **{"slots-0-wanted": None, "slots-1-start_date": day.isoformat()},
    )  # fmt: skip
    assert reload(two[0]).local_start == stays and reload(two[1]).local_start.date() == day


def test_clash_with_one_that_stays_is_named_and_with_its_own_old_time_is_not(
    editor: CheckedClient, two: list[Webinar]
) -> None:
    words = text_of(parse(plan(editor, two[:1])))
    assert "At the same time as “Second”" in words
    assert "At the same time as" not in text_of(parse(plan(editor, two)))


def test_changed_meanwhile_moves_none_and_says_which(editor: CheckedClient, two: list[Webinar]) -> None:
    preview = plan(editor, two)
    editor.submit(editor.page(f"/staff/webinars/{two[1].slug}/edit"), "", button="Save", capacity="77")
    before = [reload(one).local_start for one in two]
    answer = editor.submit(preview, MOVE, button="Move them", confirm="1", webinars=slugs(two))
    assert answer.status_code == 409 and "Second: Somebody else saved" in text_of(parse(answer))
    assert [reload(one).local_start for one in two] == before
    editor.submit(answer, MOVE, button="Move them", confirm="1", webinars=slugs(two))
    assert [reload(one).local_start for one in two] == [when + timedelta(weeks=1) for when in before]


def test_past_is_refused_for_all(editor: CheckedClient, two: list[Webinar]) -> None:
    preview = plan(editor, two, shift="8", direction="earlier")
    answer = editor.submit(preview, MOVE, button="Move them", confirm="1", webinars=slugs(two))
    assert answer.status_code == 422 and "is in the past" in text_of(parse(answer))
    assert reload(two[0]).sequence == 0


def test_shift_that_is_no_number_is_refused(editor: CheckedClient, two: list[Webinar]) -> None:
    assert plan(editor, two, shift="soon").status_code == 422
    assert plan(editor, two, new_time="late").status_code == 422


def test_drafts_are_published_together_and_what_cannot_be_stays(editor: CheckedClient) -> None:
    make_series()
    draft = weeks_ahead("Ahead", 2, state="draft", published_at=None)
    past = weeks_ahead("Gone", -2, state="draft", published_at=None)
    page = ticked(editor, "publish", draft, past)
    assert "Its start is in the past" in text_of(parse(page)) and reload(draft).state == "draft"
    editor.submit(page, "publish", button="Publish now", confirm="1", webinars=[draft.slug, past.slug])
    assert (reload(draft).state, reload(past).state) == ("published", "draft")


def test_cancelling_counts_letters_and_needs_a_reason(editor: CheckedClient, two: list[Webinar], heard: Heard) -> None:
    make_registration(two[0])
    page = ticked(editor, "cancel", *two)
    assert "1 person will get a cancellation letter" in text_of(parse(page))
    sent = {"confirm": "1", "webinars": slugs(two)}
    refused = editor.submit(page, "cancel", button="Cancel them", **sent)
    assert refused.status_code == 422 and reload(two[0]).state == "published"
    editor.submit(refused, "cancel", button="Cancel them", reason="The speaker is ill.", **sent)
    assert [(reload(one).state, reload(one).cancel_reason) for one in two] == [("cancelled", "The speaker is ill.")] * 2
    assert heard == [("cancelled", one.slug) for one in two]


def test_one_that_is_over_keeps_all_from_being_cancelled(editor: CheckedClient, two: list[Webinar]) -> None:
    over = weeks_ahead("Over", -2)
    sent = {"confirm": "1", "webinars": slugs([*two, over]), "reason": "No."}
    answer = editor.submit(ticked(editor, "cancel", *two, over), "cancel", button="Cancel them", **sent)
    assert answer.status_code == 409 and "Over: This webinar is over" in text_of(parse(answer))
    assert reload(two[0]).state == "published"


@pytest.mark.parametrize("deed", ["move", "publish", "cancel"])
def test_number_of_statements_does_not_grow_with_the_ticks(editor: CheckedClient, deed: str) -> None:
    series = make_series()
    known = [weeks_ahead(f"Number {weeks}", weeks, series=series).slug for weeks in (2, 3, 4)]

    def fetch(number: int) -> None:
        sent = "&".join(f"webinars={slug}" for slug in known[:number])
        assert editor.get(f"/staff/webinars/several/{deed}?{sent}").status_code == 200

    fetch(1)
    assert count_queries(lambda: fetch(3)) == count_queries(lambda: fetch(1))


def test_new_dates_are_examined_in_as_many_statements_for_three_as_for_one(editor: CheckedClient) -> None:
    series = make_series()
    webinars = [weeks_ahead(f"Number {weeks}", weeks, series=series) for weeks in (2, 3, 4)]
    plan(editor, webinars)
    counts = {number: count_queries(lambda number=number: plan(editor, webinars[:number])) for number in (1, 3)}
    assert counts[1] == counts[3]
