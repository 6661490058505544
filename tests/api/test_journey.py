"""From the first announcement to the recording, as a program goes the way."""

from flask import Flask

from tests.api.conftest import Program, start_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.notices import derive
from webinars.registration.models import Registration


def told_of_everything(app: Flask) -> None:
    """Make the books say that every letter was sent."""
    with transaction():
        db.session.execute(db.text("UPDATE messages SET state = 'sent'"))
        for place in db.session.query(Registration):
            place.told_sequence = place.webinar.sequence


def derive_now() -> None:
    """Let the clock's letters fall due."""
    with transaction():
        derive.derive_due(utc_now())


def test_a_webinar_from_the_announcement_to_the_recording(app: Flask, program: Program) -> None:
    series = program.post("/series", {"title": "Clinical Trials", "sponsor_text": "Paid for by a fund."}, 201)["slug"]
    written = {"series": series, "title": "Trials", "local_start": start_in(30), "capacity": 1}
    slug = program.post("/webinars", written, 201)["slug"]
    page = f"/webinars/{slug}"
    assert app.test_client().get(page).status_code == 404
    program.post(f"{page}/publish")
    assert app.test_client().get(page).status_code == 200

    alice = program.post(f"{page}/registrations", {"name": "Alice", "email": "alice@example.org"}, 201)
    bob = program.post(f"{page}/registrations", {"name": "Bob", "email": "bob@example.org"}, 201)
    assert (alice["state"], bob["state"], bob["position"]) == ("confirmed", "waitlisted", 1)
    program.post(f"/registrations/{alice['id']}/cancel")
    notices = {one["id"]: notices_of(program, one["id"]) for one in (alice, bob)}
    assert notices[alice["id"]][0] == "confirmation"
    assert notices[bob["id"]] == ["waitlisted", "promoted"]

    told_of_everything(app)
    assert program.post(f"{page}/move", {"local_start": start_in(40)})["sequence"] == 1
    derive_now()
    moved = program.get(f"/mailings?webinar={slug}")["items"]
    assert [(one["notice"], one["total"], one["counts"]["pending"]) for one in moved] == [("moved", 1, 1)]
    assert notices_of(program, bob["id"])[-1] == "moved"

    video = program.post("/videos", {"webinar": slug, "media_url": "https://media.example.org/talk.mp4"}, 201)["slug"]
    assert program.post(f"/videos/{video}/publish")["state"] == "published"
    assert app.test_client().get(f"/videos/{video}").status_code == 200


def notices_of(program: Program, registration: object) -> list[str]:
    """List the kinds of letters to somebody, the oldest first."""
    return [one["notice"] for one in program.get(f"/messages?registration={registration}")["items"]]


def test_a_program_cannot_be_tricked_by_the_cookies_of_a_browser(app: Flask, program: Program) -> None:
    client = app.test_client()
    client.get("/")
    client.set_cookie("session", "anything")
    assert client.post("/api/v1/series", json={"title": "Trials"}).status_code == 401
