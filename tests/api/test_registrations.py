"""Registrations and their letters over the API."""

import pytest
from sqlalchemy import select

from tests.api.conftest import Program, start_in
from tests.registration.test_questions import add, answers_of
from webinars.core.database import db
from webinars.mail.models import Message
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar


@pytest.fixture
def webinar(program: Program, series: str) -> str:
    """Make a public webinar with two places and give its slug."""
    given = {
        "series": series,
        "title": "Side Effects",
        "local_start": start_in(30),
        "capacity": 2,
        "phone_number": "1-800-555-0142",
    }
    slug = str(program.post("/webinars", given, 201)["slug"])
    program.post(f"/webinars/{slug}/publish")
    return slug


def register(program: Program, webinar: str, name: str, status: int = 201, **fields: object) -> dict[str, object]:
    given = {"name": name, "email": f"{name.lower()}@example.org"} | fields
    answer: dict[str, object] = program.post(f"/webinars/{webinar}/registrations", given, status)
    return answer


def test_a_registration_reads_as_it_was_written(program: Program, webinar: str) -> None:
    given = {
        "name": "Ana Ruiz",
        "email": "Ana@Example.org",
        "mode": "phone",
        "time_zone": "Europe/Madrid",
        "language": "es",
        "discreet": True,
    }
    answer = program.send("POST", f"/webinars/{webinar}/registrations", given)
    assert answer.status_code == 201
    expected = given | {"email": "Ana@Example.org", "state": "confirmed", "position": None, "webinar": webinar}
    assert expected.items() <= answer.json.items()
    assert program.get(answer.headers["Location"].partition("/api/v1")[2]) == answer.json
    assert db.session.query(Registration).one().entered_by_staff


def test_those_who_wait_have_positions_without_gaps(program: Program, webinar: str) -> None:
    ids = [register(program, webinar, name)["id"] for name in ("Alice", "Bob", "Charlie", "Dora", "Emil")]
    places = program.get(f"/webinars/{webinar}/registrations")["items"]
    assert [(one["name"], one["state"], one["position"]) for one in places] == [
        ("Alice", "confirmed", None), ("Bob", "confirmed", None),
        ("Charlie", "waitlisted", 1), ("Dora", "waitlisted", 2), ("Emil", "waitlisted", 3),
    ]  # fmt: skip
    assert program.post(f"/registrations/{ids[3]}/cancel")["position"] is None
    program.post(f"/registrations/{ids[0]}/cancel")
    places = program.get(f"/webinars/{webinar}/registrations")["items"]
    assert [(one["state"], one["position"]) for one in places] == [
        ("cancelled", None), ("confirmed", None), ("confirmed", None), ("cancelled", None), ("waitlisted", 1),
    ]  # fmt: skip
    read = program.get(f"/webinars/{webinar}")
    assert (read["confirmed"], read["waitlisted"]) == (2, 1)


def test_the_same_person_again_gets_no_second_place(program: Program, webinar: str) -> None:
    first = register(program, webinar, "Alice")
    again = register(program, webinar, "ALICE", 200, email="alice@EXAMPLE.org")
    assert again["id"] == first["id"]
    assert program.get(f"/webinars/{webinar}")["confirmed"] == 1


def test_programs_are_not_limited(program: Program, webinar: str) -> None:
    for number in range(12):
        register(program, webinar, f"Person {number}", email="family@example.org")
    assert len(program.get(f"/webinars/{webinar}/registrations")["items"]) == 12


def test_somebody_without_an_email_needs_a_telephone_number(program: Program, webinar: str) -> None:
    program.post(f"/webinars/{webinar}/registrations", {"name": "Ruth"}, 422)
    ruth = register(program, webinar, "Ruth", email=None, phone="+1 555 0100")
    assert (ruth["email"], ruth["phone"]) == (None, "+1 555 0100")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", None), ("email", "nonsense"), ("email", "a@b@c"), ("mode", "tv"), ("time_zone", "Mars/Olympus"),
     ("language", "xx"), ("discreet", "no"), ("state", "confirmed"), ("suspicious", True)],
)  # fmt: skip
def test_a_value_that_will_not_do_is_named(program: Program, webinar: str, field: str, value: object) -> None:
    given = {"name": "Alice", "email": "alice@example.org"} | {field: value}
    problem = program.post(f"/webinars/{webinar}/registrations", given, 422)
    assert list(problem["errors"]) == [field]


def test_a_name_of_nothing_is_refused(program: Program, webinar: str) -> None:
    given = {"name": " \u200b ", "email": "a@example.org"}
    assert "name" in program.post(f"/webinars/{webinar}/registrations", given, 422)["detail"]
    assert program.get(f"/webinars/{webinar}/registrations")["items"] == []


def test_a_cancelled_webinar_takes_nobody(program: Program, webinar: str) -> None:
    program.post(f"/webinars/{webinar}/cancel")
    assert (
        "cancelled"
        in program.post(f"/webinars/{webinar}/registrations", {"name": "A", "email": "a@example.org"}, 409)["detail"]
    )


def test_without_a_waiting_list_a_full_webinar_takes_nobody(program: Program, webinar: str) -> None:
    program.patch(f"/webinars/{webinar}", {"waiting_list": False})
    register(program, webinar, "Alice")
    register(program, webinar, "Bob")
    register(program, webinar, "Charlie", 409)
    assert register(program, webinar, "Dora", mode="recording")["state"] == "recording-only"


def test_cancelling_twice_changes_nothing(program: Program, webinar: str) -> None:
    alice = register(program, webinar, "Alice")
    first = program.post(f"/registrations/{alice['id']}/cancel")
    assert first["state"] == "cancelled"
    assert program.post(f"/registrations/{alice['id']}/cancel") == first
    program.post("/registrations/nobody/cancel", status=404)


def test_letters_are_found_by_registration_and_by_webinar(program: Program, webinar: str) -> None:
    alice = register(program, webinar, "Alice")
    bob = register(program, webinar, "Bob")
    letters = program.get(f"/messages?registration={alice['id']}")["items"]
    assert [(one["notice"], one["state"], one["attempts"], one["last_error"]) for one in letters] == [
        ("confirmation", "pending", 0, None)
    ]
    assert letters[0]["message_id"].startswith("<")
    both = program.get(f"/messages?webinar={webinar}")["items"]
    assert [one["registration"] for one in both] == [alice["id"], bob["id"]]
    program.get("/messages", 422)
    program.get("/messages?webinar=nothing", 404)


def test_mailings_tell_how_far_they_are(program: Program, webinar: str) -> None:
    assert program.get(f"/mailings?webinar={webinar}") == {"items": [], "next": None}
    about = db.session.query(Message).count()
    assert about == 0
    program.get("/mailings", 422)
    program.get("/mailings?webinar=nothing", 404)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 201), ("name", ""), ("name", "\u0301"), ("phone", "5" * 61), ("question", "q" * 2001)],
)
def test_what_would_be_cut_or_lost_is_refused(program: Program, webinar: str, field: str, value: str) -> None:
    body = {"name": "Ann", "email": "ann@example.org", field: value}
    problem = program.post(f"/webinars/{webinar}/registrations", body, 422)
    assert field in (problem.get("errors") or problem["detail"])
    assert program.get(f"/webinars/{webinar}/registrations")["items"] == []


def test_answers_to_questions_of_staff_are_kept_and_none_is_required(program: Program, webinar: str) -> None:
    owner = db.session.scalars(select(Webinar)).one()
    first, second = add(owner, "First", required=True), add(owner, "Second", required=True)
    given = {"name": "Alice", "email": "alice@example.org", "answers": {str(first): "Words", "999": "Nothing"}}
    program.post(f"/webinars/{webinar}/registrations", given, 201)
    assert answers_of("Alice") == {first: "Words"}
    for odd in ({"x": "y"}, {str(second): 1}, {str(second): [["a"]]}, {str(second): "x" * 301}, [], "words"):
        given = {"name": "Bob", "email": "bob@example.org", "answers": odd}
        program.post(f"/webinars/{webinar}/registrations", given, 422)
