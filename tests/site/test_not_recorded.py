"""A webinar that is not recorded: nobody is promised a recording, and nobody can ask for one."""

from datetime import timedelta

import pytest

from tests.accounts.test_sign_in import sign_in
from tests.factories import make_registration, make_user, make_webinar
from tests.support.pages import CheckedClient, form_data, parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.registration import queries as registrations
from webinars.registration import service
from webinars.registration.models import Mode
from webinars.registration.rules import Application
from webinars.schedule import service as schedule
from webinars.schedule.models import Webinar

FULL = {"capacity": 1, "confirmed_count": 1, "waiting_list": False}


def unrecorded(**fields: object) -> Webinar:
    return make_webinar(now=utc_now(), recorded=False, **fields)  # type: ignore[arg-type]


def words_on(client: CheckedClient, path: str) -> str:
    return text_of(client.page(path).main)  # type: ignore[arg-type]


def test_page_ahead_offers_no_recording_and_says_that_there_is_none(client: CheckedClient) -> None:
    page = client.page(f"/webinars/{unrecorded().slug}")
    assert "It is not recorded" in text_of(page)
    assert [field["value"] for field in page.select("input[name=mode]")] == ["live", "phone"]
    assert "recording" not in text_of(page.select_one("#register"))  # type: ignore[arg-type]
    recorded = client.page(f"/webinars/{make_webinar(now=utc_now()).slug}")
    assert "recording only" in text_of(recorded) and "not recorded" not in text_of(recorded)


def test_page_afterwards_waits_for_nothing_and_shows_what_comes_next(client: CheckedClient) -> None:
    webinar = unrecorded(starts_in=timedelta(days=-2))
    make_webinar(webinar.series, now=utc_now(), title="Next in this series")
    page = client.page(f"/webinars/{webinar.slug}")
    assert "It was not recorded." in text_of(page) and "will appear here" not in text_of(page)
    assert not page.select("#register") and "Next in this series" in text_of(page.aside)  # type: ignore[arg-type]


def test_full_webinar_without_waiting_list_gives_nothing_and_says_so(client: CheckedClient) -> None:
    webinar = unrecorded(title="Full", **FULL)
    page = client.page(f"/webinars/{webinar.slug}")
    assert not page.select("#register")
    assert "There is no waiting list, and it is not recorded." in text_of(page)
    assert text_of(client.page("/").select_one("main .feature a.btn")) == "See the webinar"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "mode", "refusal"),
    [
        ({}, "recording", "This webinar is not recorded. Please choose another way to take part."),
        ({"starts_in": timedelta(days=-2)}, "recording", "This webinar is over, and it was not recorded."),
        (FULL, "live", "All places are taken. If you already have a place, it stays yours."),
    ],
)
def test_form_that_asks_for_what_there_is_not_is_refused_in_words(
    client: CheckedClient, fields: dict[str, object], mode: str, refusal: str
) -> None:
    webinar = unrecorded(**fields)
    answer = client.post(
        f"/webinars/{webinar.slug}/register", data={"name": "A", "email": "a@example.org", "mode": mode}
    )
    assert answer.status_code == 409 and refusal in text_of(parse(answer))
    assert registrations.counts(webinar.id).active == 0


def test_place_cannot_be_changed_into_a_recording(app: object) -> None:
    with transaction():
        place = service.register(unrecorded().id, Application("Alice", "alice@example.org"), utc_now()).registration
    with pytest.raises(Conflict), transaction():
        service.change_mode(db.session.merge(place), Mode.RECORDING, utc_now())


def test_staff_form_switches_it_and_the_copy_keeps_it(client: CheckedClient) -> None:
    make_user()
    sign_in(client)
    webinar = make_webinar(now=utc_now())
    path = f"/staff/webinars/{webinar.slug}"
    page = client.page(f"{path}/edit")
    tick = page.select_one("input[name=recorded]")
    assert tick is not None and tick.has_attr("checked")
    client.submit(page, "/edit", "Save", recorded=None)
    db.session.expire_all()
    assert webinar.recorded is False and webinar.sequence == 0
    assert "This webinar is not recorded." in words_on(client, path)
    with transaction():
        copy = schedule.duplicate_webinar(db.session.merge(webinar), utc_now())
    assert copy.recorded is False
    new = client.page("/staff/webinars/new")
    assert form_data(new.select_one("form.form"))["recorded"] == "y"  # type: ignore[arg-type]


def test_nobody_is_asked_to_add_a_recording_that_was_never_promised(client: CheckedClient) -> None:
    make_user()
    sign_in(client)
    make_webinar(now=utc_now(), starts_in=timedelta(days=-3), title="Missing")
    unrecorded(starts_in=timedelta(days=-3), title="Never promised")
    words = words_on(client, "/staff/")
    assert words.count("has no recording yet") == 1 and "“Missing” ended 3 days ago and has no recording" in words


def test_staff_register_no_caller_for_a_recording(client: CheckedClient) -> None:
    make_user()
    sign_in(client)
    webinar = unrecorded(**FULL)
    page = client.page(f"/staff/webinars/{webinar.slug}/registrations/new")
    assert [field["value"] for field in page.select("input[name=mode]")] == ["live", "phone"]
    assert "for the recording" not in text_of(page)


def test_recording_called_off_later_is_told_on_the_page_of_a_place(client: CheckedClient) -> None:
    webinar = make_webinar(now=utc_now())
    make_registration(webinar, "Alice")
    page = client.page(f"/webinars/{webinar.slug}")
    answer = client.submit(page, "/register", name="Bob", email="bob@example.org", mode="recording")
    assert "as soon as the recording is there" in text_of(parse(answer))
    webinar.recorded = False
    db.session.commit()
    assert "It is not recorded after all." in words_on(client, answer.request.path)
