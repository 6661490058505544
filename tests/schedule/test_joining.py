"""The short page for the minutes before the start: another room, another number, and nothing else."""

import pytest

from tests.factories import make_registration, make_series, make_webinar
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.schedule import queries
from webinars.schedule.models import Webinar

Heard = list[tuple[str, str]]


@pytest.fixture
def webinar(app: object) -> Webinar:
    series = make_series(phone_number="1-800-555-0142", phone_pin="4471")
    return make_webinar(series, now=utc_now(), follows=["phone_number", "phone_pin"])


def path(webinar: Webinar) -> str:
    return f"/staff/webinars/{webinar.slug}/joining"


def reload(webinar: Webinar) -> Webinar:
    db.session.expire_all()
    return queries.get_webinar(webinar.slug)


def test_another_room_holds_at_once_and_is_announced(editor: CheckedClient, webinar: Webinar, heard: Heard) -> None:
    make_registration(webinar)
    page, before = editor.page(path(webinar)), webinar.sequence
    assert "1 person has a place." in text_of(page)
    said = text_of(parse(editor.submit(page, path(webinar), join_url="https://meet.example.org/other")))
    assert "Saved. It holds at once, and everybody who has a place is told." in said
    after = reload(webinar)
    assert (after.join_url, after.sequence) == ("https://meet.example.org/other", before + 1)
    assert heard == [("changed", webinar.slug)]
    assert db.session.query(AuditEntry).filter_by(action="webinar edited").one().after["join_url"] == "…"


def test_what_was_not_typed_over_goes_on_following_the_series(editor: CheckedClient, webinar: Webinar) -> None:
    editor.submit(editor.page(path(webinar)), path(webinar), phone_pin="9900")
    after = reload(webinar)
    assert (after.phone_pin, after.follows) == ("9900", ["phone_number"])


def test_form_sent_twice_changes_and_announces_once(editor: CheckedClient, webinar: Webinar, heard: Heard) -> None:
    form = form_data(find_form(editor.page(path(webinar)), path(webinar))) | {"phone_pin": "9900"}
    answers = [editor.post(path(webinar), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(heard) == 1 and reload(webinar).phone_pin == "9900"


def test_nothing_changed_is_said(editor: CheckedClient, webinar: Webinar, heard: Heard) -> None:
    said = text_of(parse(editor.submit(editor.page(path(webinar)), path(webinar))))
    assert "That is how it stands already." in said and heard == []


def test_wrong_link_is_refused_beside_its_field(editor: CheckedClient, webinar: Webinar) -> None:
    answer = editor.submit(editor.page(path(webinar)), path(webinar), join_url="meet me there")
    field = parse(answer).find(id="join_url")
    assert answer.status_code == 422 and field["value"] == "meet me there" and field["aria-invalid"] == "true"


def test_change_of_somebody_else_to_the_same_field_is_named(editor: CheckedClient, webinar: Webinar) -> None:
    mine = editor.page(path(webinar))
    editor.submit(editor.page(path(webinar)), path(webinar), phone_pin="1111")
    answer = editor.submit(mine, path(webinar), phone_pin="2222")
    assert answer.status_code == 409 and "1111" in text_of(parse(answer))
    assert reload(webinar).phone_pin == "1111"


def test_called_off_webinar_takes_no_other_room(editor: CheckedClient, webinar: Webinar) -> None:
    page = editor.page(path(webinar))
    webinar.state = "cancelled"
    db.session.commit()
    answer = editor.submit(page, path(webinar), join_url="https://meet.example.org/other")
    assert answer.status_code == 409
