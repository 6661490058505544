"""What a flood does to those who sign up meanwhile, and what staff see and press."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_webinar
from tests.support.pages import parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.pace import Pace
from webinars.mail.limits import note_proven
from webinars.mail.models import Message
from webinars.registration import pacing, waves
from webinars.registration.models import Registration, Wave

FORM = {"website": "", "mode": "live", "time_zone": "America/New_York"}
WARD, OTHER_WARD, ELSEWHERE = "2001:db8:1:1::7", "2001:db8:1:1:ffff::9", "203.0.113.9"


@pytest.fixture
def narrow(app):
    """Let three letters go at once from one network, and then sixty an hour."""
    before = app.extensions["settings"], app.extensions["paces"]
    app.extensions["settings"] = replace(before[0], ratelimit_enabled=True)
    app.extensions["paces"] = {kind: pacing.Paces(Pace(3, 60), Pace(1000, 1000)) for kind in ("sign-up", "links")}
    yield
    app.extensions["settings"], app.extensions["paces"] = before


def register(client, webinar, name, address=WARD, **fields):
    data = FORM | {"name": name, "email": f"{name.lower()}@example.org"} | fields
    return client.post(
        f"/webinars/{webinar.slug}/register",
        data=data,
        environ_base={"REMOTE_ADDR": address},
        follow_redirects=True,
    )


def waits():
    """Say how many minutes each first letter waits, in the order of sign-ups."""
    rows = db.session.execute(select(Message.next_attempt_at, Message.created_at).order_by(Message.id)).all()
    return [round((due - created) / timedelta(minutes=1)) for due, created in rows]


def test_whole_ward_gets_its_places_and_its_letters_one_after_the_other(client, narrow):
    webinar = make_webinar(capacity=20)
    pages = [register(client, webinar, f"Nurse{one}", WARD if one % 2 else OTHER_WARD) for one in range(6)]
    assert all("confirmed" in page.get_data(as_text=True).lower() for page in pages)
    # Both wards are one network of 64 bits.
    assert waits() == [0, 0, 0, 1, 2, 3]
    register(client, webinar, "Ana", ELSEWHERE)
    assert waits()[-1] == 0


def test_page_says_when_the_letter_comes(client, narrow):
    webinar = make_webinar()
    for one in range(60):
        page = register(client, webinar, f"Person{one}")
    said = page.get_data(as_text=True)
    assert "Your letter goes out at" in said


def test_whoever_is_known_waits_for_nobody(client, narrow):
    webinar = make_webinar()
    for one in range(5):
        register(client, webinar, f"Person{one}")
    with transaction():
        place = db.session.scalars(select(Registration).where(Registration.name == "Person0")).one()
        note_proven(place.address_key, utc_now())
    other = make_webinar()
    register(client, other, "Person0")
    assert waits()[-1] == 0


def test_without_limits_nobody_waits(client, app, narrow):
    app.extensions["settings"] = replace(app.extensions["settings"], ratelimit_enabled=False)
    webinar = make_webinar()
    for one in range(5):
        register(client, webinar, f"Person{one}")
    assert waits() == [0] * 5


def test_this_machine_is_no_network(client, narrow):
    webinar = make_webinar()
    for one in range(5):
        register(client, webinar, f"Person{one}", "127.0.0.1" if one % 2 else "::ffff:127.0.0.1")
    assert waits() == [0] * 5
    assert set(db.session.scalars(select(Registration.client_key))) == {None}


def test_asking_for_links_of_many_addresses_is_slowed_down_and_answered_alike(client, narrow):
    client.environ_base["REMOTE_ADDR"] = WARD
    answers = [client.submit(client.get("/my"), "/my", email=f"p{one}@example.org") for one in range(6)]
    assert len({text_of(parse(answer).main) for answer in answers}) == 1 and waits() == [0, 0, 0, 1, 2, 3]


def make_wave(client, monkeypatch, number=12):
    monkeypatch.setattr(waves, "FROM_NETWORK", 10)
    webinar = make_webinar(title="Sleep <b>well</b>")
    for one in range(number):
        register(client, webinar, f"Bot{one}")
    with transaction():
        waves.notice(utc_now())
    return webinar, db.session.scalars(select(Wave)).one()


def test_staff_see_the_wave_today_and_remove_it_in_one_step(client, monkeypatch):
    webinar, wave = make_wave(client, monkeypatch)
    editor = sign_in(client, "editor")
    today = editor.get("/staff/").get_data(as_text=True)
    assert "12 people registered from one network within an hour." in today
    shown = editor.get(f"/staff/waves/{wave.id}")
    page = shown.get_data(as_text=True)
    assert "Sleep &lt;b&gt;well" in page and "example.org: 12" in page and "12 places go to those who wait" in page
    odd = editor.submit(shown, "/remove", whom="nonsense")
    assert odd.status_code == 422 and "Please say whom to remove." in odd.get_data(as_text=True)
    done = editor.submit(odd, "/remove", whom="all")
    assert "12 registrations removed." in done.get_data(as_text=True)
    assert db.session.query(Registration).count() == 0
    assert "from one network" not in text_of(editor.page("/staff/"))
    assert "12 removed" in editor.get("/staff/waves").get_data(as_text=True)


def test_staff_take_it_for_people(client, narrow, monkeypatch):
    _webinar, wave = make_wave(client, monkeypatch)
    editor = sign_in(client, "editor")
    page = editor.get(f"/staff/waves/{wave.id}")
    done = editor.submit(page, "/people").get_data(as_text=True)
    assert "Noted: they are people. 9 letters go out now." in done
    assert "9 letters" not in editor.submit(page, "/people").get_data(as_text=True)
    assert db.session.query(Registration).count() == 12


def test_viewer_sees_but_cannot_press(client, monkeypatch):
    _webinar, wave = make_wave(client, monkeypatch)
    viewer = sign_in(client, "viewer")
    assert "Remove them" not in text_of(viewer.page(f"/staff/waves/{wave.id}"))
    assert viewer.get("/staff/waves/999").status_code == 404
    assert viewer.get(f"/staff/waves/{2**70}").status_code == 404
