"""What webinars take from their series until they have their own."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.organization import standing
from webinars.core.organization.table import on_page
from webinars.schedule import queries, service
from webinars.schedule.models import Series, Webinar
from webinars.schedule.rules import FOLLOWED
from webinars.schedule.service import Problems
from webinars.staff.settings.service import save

pytestmark = pytest.mark.usefixtures("app")
Heard = list[tuple[str, str]]
FORM = "/staff/webinars/{}/edit"


def written(series: Series, **fields: Any) -> Webinar:
    year = utc_now().year + 1
    with transaction():
        given = {"series": series.slug, "title": "What to expect", "local_start": f"{year}-06-03T13:00"}
        return service.create_webinar(given | fields, utc_now())


def reload(webinar: Webinar) -> Webinar:
    db.session.expire_all()
    return queries.get_webinar(webinar.slug)


def change(series: Series, **fields: Any) -> None:
    with transaction():
        service.edit_series(queries.get_series(series.slug), fields, utc_now())


def following(**fields: Any) -> Webinar:
    return make_webinar(follows=list(FOLLOWED), now=utc_now(), **fields)


def test_new_webinar_has_what_its_series_says_and_what_was_given_is_its_own() -> None:
    series = make_series(duration_minutes=75, capacity=90, phone_number="1-800-555-0100", language="es")
    webinar = written(series, capacity=30)
    assert (webinar.duration_minutes, webinar.capacity, webinar.phone_number) == (75, 30, "1-800-555-0100")
    assert webinar.language == "es" and webinar.ends_at - webinar.starts_at == timedelta(minutes=75)
    assert webinar.follows == [name for name in FOLLOWED if name != "capacity"]


def test_change_of_the_series_flows_to_what_follows_and_nowhere_else(heard: Heard) -> None:
    series = make_series()
    ahead, own = following(title="Ahead"), make_webinar(title="Own", now=utc_now())
    draft = following(title="Draft", state="draft", published_at=None)
    over = following(title="Over", starts_in=timedelta(days=-3))
    change(series, duration_minutes=90, capacity=50)
    assert [(reload(one).duration_minutes, one.capacity) for one in (ahead, draft)] == [(90, 50)] * 2
    assert [(reload(one).duration_minutes, one.capacity) for one in (own, over)] == [(60, None)] * 2
    assert reload(ahead).ends_at - ahead.starts_at == timedelta(minutes=90) and reload(ahead).sequence == 1
    assert heard == [("changed", ahead.slug), ("capacity", ahead.slug)]
    entry = db.session.query(AuditEntry).filter_by(action="webinar followed its series", object_id=str(ahead.id)).one()
    assert entry.before == {"duration_minutes": 60, "capacity": None, "sequence": 0}


def test_fewer_places_than_are_taken_somewhere_are_refused_with_the_title() -> None:
    series = make_series()
    webinar = following(title="Nearly full")
    for name in ("Alice", "Bob"):
        make_registration(webinar, name)
    with pytest.raises(Problems) as refused:
        change(series, capacity=1)
    assert refused.value.fields["capacity"].startswith("Nearly full: 2 places are taken")


def test_webinar_that_is_over_keeps_its_values_when_its_words_are_mended() -> None:
    make_series(duration_minutes=90)
    over = following(starts_in=timedelta(days=-3))
    with transaction():
        service.edit_webinar(queries.get_webinar(over.slug), {"summary": "Mended."}, utc_now())
    assert reload(over).duration_minutes == 60


def test_webinar_in_another_series_follows_that_one() -> None:
    webinar = written(make_series(capacity=90))
    other = make_series(title="Other", capacity=20)
    with transaction():
        service.edit_webinar(queries.get_webinar(webinar.slug), {"series": other.slug}, NOW)
    assert reload(webinar).capacity == 20


def test_pin_of_a_series_is_not_in_the_trail() -> None:
    change(make_series(), phone_pin="4471")
    assert db.session.query(AuditEntry).filter_by(action="series edited").one().after == {"phone_pin": "…"}


def test_move_to_another_length_is_the_webinars_own() -> None:
    make_series()
    webinar = following()
    with transaction():
        found = queries.get_webinar(webinar.slug)
        service.move_webinar(found, found.local_start + timedelta(days=1), now=utc_now(), duration_minutes=45)
    assert "duration_minutes" not in reload(webinar).follows


def test_form_says_what_is_as_the_series_and_typing_over_it_leaves_it(editor: CheckedClient) -> None:
    series = make_series(capacity=90)
    webinar = written(series)
    page = editor.page(FORM.format(webinar.slug))
    assert "As the series: 90" in text_of(page) and "different from the series" not in text_of(page)
    editor.submit(page, "", button="Save", capacity="40")
    assert reload(webinar).capacity == 40 and "capacity" not in webinar.follows
    assert "duration_minutes" in webinar.follows


def test_tick_leads_back_to_the_series(editor: CheckedClient) -> None:
    webinar = written(make_series(capacity=90), capacity=40)
    page = editor.page(FORM.format(webinar.slug))
    assert "different from the series" in text_of(page)
    ticked = form_data(find_form(page, "", "Save"))["follows"]
    editor.submit(page, "", button="Save", follows=[*ticked, "capacity"])
    assert reload(webinar).capacity == 90 and set(webinar.follows) == set(FOLLOWED)


def test_own_value_that_is_the_same_is_not_called_different(editor: CheckedClient) -> None:
    webinar = written(make_series(capacity=40), capacity=40)
    words = text_of(editor.page(FORM.format(webinar.slug)))
    assert "As the series: 40 of its own" in words and "different from the series" not in words


def test_saving_the_form_unchanged_changes_nothing(editor: CheckedClient) -> None:
    webinar = written(make_series(capacity=90, waiting_list=False, phone_number="1-800-555-0100"))
    editor.submit(editor.page(FORM.format(webinar.slug)), "", button="Save")
    assert set(reload(webinar).follows) == set(FOLLOWED)


def test_new_webinar_without_a_series_in_the_address_takes_the_chosen_ones(editor: CheckedClient) -> None:
    make_series(capacity=90, duration_minutes=45)
    year = utc_now().year + 1
    editor.submit(
        editor.page("/staff/webinars/new"), "", button="Save the draft", title="What to expect", series="side-effects",
        start_date=f"{year}-06-03", start_time="13:00",
    )  # fmt: skip
    made = queries.get_webinar("what-to-expect")
    assert (made.capacity, made.duration_minutes, made.follows) == (90, 45, list(FOLLOWED))


def new_webinar(editor: CheckedClient, **fields: Any) -> Any:
    typed = {"title": "What to expect", "start_date": f"{utc_now().year + 1}-06-03", "start_time": "13:00"}
    return editor.submit(editor.page("/staff/webinars/new"), "", button="Save the draft", **typed | fields)


def test_new_webinar_begins_in_the_zone_of_the_organisation(editor: CheckedClient) -> None:
    with transaction():
        save(on_page("defaults"), {"home_zone": "Europe/Madrid"}, utc_now())
    standing.look_again()
    form = find_form(editor.page("/staff/webinars/new"), "", "Save the draft")
    assert form_data(form)["time_zone"] == "Europe/Madrid"


def test_chosen_series_brings_zone_and_language_unless_others_are_chosen(editor: CheckedClient) -> None:
    make_series(time_zone="Europe/Paris", language="es")
    new_webinar(editor, series="side-effects")
    new_webinar(editor, series="side-effects", time_zone="Asia/Tokyo", language="de")
    made = [queries.get_webinar(slug) for slug in ("what-to-expect", "what-to-expect-2")]
    assert [(one.time_zone, one.language) for one in made] == [("Europe/Paris", "es"), ("Asia/Tokyo", "de")]


def test_form_that_is_shown_again_has_the_zone_of_the_series_and_of_the_next_one_chosen(editor: CheckedClient) -> None:
    make_series(time_zone="Europe/Paris", language="es")
    make_series(title="Other", time_zone="Asia/Tokyo", language="de")
    again = new_webinar(editor, series="side-effects", title="")
    form = form_data(find_form(parse(again), "", "Save the draft"))
    assert (again.status_code, form["time_zone"], form["language"]) == (422, "Europe/Paris", "es")
    editor.submit(again, "", button="Save the draft", series="other", title="What to expect")
    made = queries.get_webinar("what-to-expect")
    assert (made.time_zone, made.language) == ("Asia/Tokyo", "de")


def test_edited_webinar_keeps_its_zone_in_another_series(editor: CheckedClient) -> None:
    webinar = written(make_series())
    make_series(title="Other", time_zone="Asia/Tokyo", language="de")
    editor.submit(editor.page(FORM.format(webinar.slug)), "", button="Save", series="other")
    assert (reload(webinar).time_zone, webinar.series.slug) == ("America/New_York", "other")


@pytest.mark.parametrize(("changes", "own"), [
    ({"capacity": 90}, set()),
    ({"capacity": "90", "summary": "New."}, set()),
    ({"capacity": 40, "duration_minutes": 60}, {"capacity"}),
    ({"capacity": 90, "series": "other"}, {"capacity"}),
])  # fmt: skip
def test_value_that_is_given_again_does_not_end_the_following(changes: dict[str, Any], own: set[str]) -> None:
    webinar = written(make_series(capacity=90))
    make_series(title="Other", capacity=20)
    with transaction():
        service.edit_webinar(queries.get_webinar(webinar.slug), changes, utc_now())
    assert set(FOLLOWED) - set(reload(webinar).follows) == own


def test_series_form_counts_followers_and_names_what_changes_before(editor: CheckedClient) -> None:
    make_series()
    ahead, own = following(title="Ahead"), make_webinar(title="Own", now=utc_now(), offer_hours=4)
    make_registration(ahead)
    page = editor.page("/staff/series/side-effects/edit")
    assert "1 webinar ahead follows this, 1 has its own." in text_of(page)
    asked = editor.submit(page, "", button="Save", duration_minutes="90", capacity="", companions="2")
    words = text_of(parse(asked).main)
    assert "2 webinars change with the series. 1 letter goes out." in words
    assert (reload(ahead).duration_minutes, queries.get_series("side-effects").duration_minutes) == (60, 60)
    saved = editor.submit(asked, "", button="Save, and change them", confirm="1")
    assert saved.request.path == "/staff/series"
    assert (reload(ahead).duration_minutes, reload(own).duration_minutes) == (90, 60)


def test_way_back_from_the_question_keeps_what_was_typed(editor: CheckedClient) -> None:
    make_series()
    following()
    asked = editor.submit(editor.page("/staff/series/side-effects/edit"), "", button="Save", duration_minutes="90")
    back = editor.submit(asked, "", button="Back to the series", back="1")
    assert form_data(find_form(parse(back), "", "Save"))["duration_minutes"] == "90"
    assert queries.get_series("side-effects").duration_minutes == 60


def test_change_that_concerns_no_webinar_is_saved_at_once(editor: CheckedClient) -> None:
    make_series()
    make_webinar(title="Own", now=utc_now())
    editor.submit(editor.page("/staff/series/side-effects/edit"), "", button="Save", capacity="20", summary="New.")
    assert queries.get_series("side-effects").capacity == 20
