"""The same request twice, and two who change the same thing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from tests.api.conftest import Program, start_in
from webinars.api import service
from webinars.api.models import IdempotentAnswer
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.registration.models import Registration


@pytest.fixture
def webinar(program: Program, series: str) -> str:
    """Make a public webinar and give its slug."""
    slug = str(
        program.post("/webinars", {"series": series, "title": "Trials", "local_start": start_in(30)}, 201)["slug"]
    )
    program.post(f"/webinars/{slug}/publish")
    return slug


def at_once(deed: Callable[[], Any]) -> list[Any]:
    """Do the same thing four times at the same moment."""
    barrier = Barrier(4, timeout=20)

    def together(_number: int) -> Any:
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(together, range(4)))


def test_the_same_request_under_one_key_happens_once(program: Program, series: str) -> None:
    given = {"series": series, "title": "Trials", "local_start": start_in(30)}
    first = program.send("POST", "/webinars", given, Idempotency_Key="a")
    again = program.send("POST", "/webinars", dict(reversed(given.items())), Idempotency_Key="a")
    assert first.status_code == again.status_code == 201
    assert again.json == first.json
    assert {again.headers[name] == first.headers[name] for name in ("Location", "ETag")} == {True}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(program.get("/webinars")["items"]) == 1


def test_another_request_under_the_same_key_is_refused(program: Program, series: str) -> None:
    given = {"series": series, "title": "Trials", "local_start": start_in(30)}
    program.post("/webinars", given, 201, Idempotency_Key="a")
    program.post("/webinars", given | {"title": "Others"}, 422, Idempotency_Key="a")
    program.post("/series", {"title": "Others"}, 422, Idempotency_Key="a")
    assert len(program.get("/webinars")["items"]) == 1


def test_a_refused_request_may_be_tried_again_under_its_key(program: Program, webinar: str) -> None:
    given = {"name": "Alice", "email": "alice@example.org"}
    program.patch(f"/webinars/{webinar}", {"capacity": 1, "waiting_list": False})
    bob = program.post(f"/webinars/{webinar}/registrations", {"name": "Bob", "email": "bob@example.org"}, 201)
    program.post(f"/webinars/{webinar}/registrations", given, 409, Idempotency_Key="a")
    program.post(f"/registrations/{bob['id']}/cancel")
    program.post(f"/webinars/{webinar}/registrations", given, 201, Idempotency_Key="a")
    assert program.get(f"/webinars/{webinar}")["confirmed"] == 1


def test_a_key_belongs_to_one_token(program: Program, series: str) -> None:
    with transaction():
        other = Program(program.app, service.add_token("other", utc_now()))
    given = {"series": series, "title": "Trials", "local_start": start_in(30)}
    slugs = [one.post("/webinars", given, 201, Idempotency_Key="a")["slug"] for one in (program, other)]
    assert len(set(slugs)) == 2


def test_a_key_is_forgotten_after_a_day_and_not_before(program: Program, series: str) -> None:
    program.post("/series", {"title": "Trials"}, 201, Idempotency_Key="a")
    row = db.session.query(IdempotentAnswer).one()
    later, hashed = row.created_at + timedelta(hours=23, minutes=59), row.request_hash
    with transaction():
        known = service.claim_key(row.token_id, "a", hashed, later)
        assert known is not None
        assert known.status == 201
        assert service.claim_key(row.token_id, "a", "another request", later + timedelta(minutes=2)) is None


@pytest.mark.parametrize("key", ["", "   ", "x" * 256])
def test_a_key_that_cannot_be_kept_is_refused(program: Program, key: str) -> None:
    problem = program.post("/series", {"title": "Trials"}, 422, Idempotency_Key=key)
    assert "Idempotency-Key has 1 to" in problem["detail"]
    assert program.get("/series")["items"] == []


def test_two_at_once_under_one_key_make_one_registration(program: Program, webinar: str) -> None:
    given = {"name": "Alice", "email": "alice@example.org"}
    answers = at_once(lambda: program.send("POST", f"/webinars/{webinar}/registrations", given, Idempotency_Key="a"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", "true", "true", "true"]
    assert db.session.query(Registration).count() == 1
    assert db.session.query(Message).count() == 1


def test_without_keys_the_same_person_at_once_gets_one_place(program: Program, webinar: str) -> None:
    given = {"name": "Alice", "email": "alice@example.org"}
    answers = at_once(lambda: program.send("POST", f"/webinars/{webinar}/registrations", given))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert program.get(f"/webinars/{webinar}")["confirmed"] == 1


@pytest.mark.parametrize("action", ["", "/publish", "/move", "/cancel"])
def test_an_outdated_version_is_not_written_over(program: Program, series: str, action: str) -> None:
    webinar = program.post("/webinars", {"series": series, "title": "Trials", "local_start": start_in(30)}, 201)
    path, method = f"/webinars/{webinar['slug']}", "POST" if action else "PATCH"
    body = {"local_start": start_in(40)} if action in {"", "/move"} else {}
    seen = program.send("GET", path).headers["ETag"]
    program.patch(path, {"title": "Clinical Trials"})
    refused = program.send(method, path + action, body, If_Match=seen)
    assert refused.status_code == 412
    assert program.get(path)["title"] == "Clinical Trials"
    fresh = program.send("GET", path).headers["ETag"]
    done = program.send(method, path + action, body, If_Match=fresh)
    assert done.status_code == 200
    assert done.headers["ETag"] not in {seen, fresh}
    assert done.headers["ETag"] == program.send("GET", path).headers["ETag"]


def test_a_registration_in_between_is_no_new_version_of_the_webinar(program: Program, webinar: str) -> None:
    seen = program.send("GET", f"/webinars/{webinar}").headers["ETag"]
    program.post(f"/webinars/{webinar}/registrations", {"name": "Alice", "email": "alice@example.org"}, 201)
    program.patch(f"/webinars/{webinar}", {"title": "Clinical Trials"}, If_Match=seen)
    assert program.get(f"/webinars/{webinar}")["title"] == "Clinical Trials"


def test_a_registration_has_versions_too(program: Program, webinar: str) -> None:
    given = {"name": "Alice", "email": "alice@example.org"}
    answer = program.send("POST", f"/webinars/{webinar}/registrations", given)
    path = f"/registrations/{answer.json['id']}"
    assert program.send("POST", f"{path}/cancel", If_Match='"another"').status_code == 412
    assert program.send("POST", f"{path}/cancel", If_Match=answer.headers["ETag"]).status_code == 200
    assert program.send("POST", f"{path}/cancel", If_Match=answer.headers["ETag"]).status_code == 412


def test_any_version_will_do_for_a_star(program: Program, webinar: str) -> None:
    program.patch(f"/webinars/{webinar}", {"title": "Clinical Trials"}, If_Match="*")
    assert program.get(f"/webinars/{webinar}")["title"] == "Clinical Trials"
