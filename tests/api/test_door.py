"""Who gets in, and how refusals read."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.api.conftest import Program
from webinars.accounts.models import AuditEntry
from webinars.api import queries, service
from webinars.api.models import ApiToken
from webinars.api.problems import refuse
from webinars.core.audience import Audience, audience_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction


def test_every_address_of_the_api_asks_for_a_token(app: Flask) -> None:
    client = app.test_client()
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != "api-docs.openapi_json"
    ]
    assert len(rules) > 20
    for rule in rules:
        assert audience_of(app, rule.endpoint) is Audience.API
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = client.open(rule.rule.replace("<", "").replace(">", ""), method=method)
            assert answer.status_code == 401, f"{method} {rule.rule}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "bearer \xff\xfe"])
def test_a_wrong_token_is_refused_with_a_problem(app: Flask, header: str) -> None:
    answer = app.test_client().get("/api/v1/series", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["title"] == "Unauthorized"


def test_a_revoked_token_is_refused(program: Program) -> None:
    program.get("/series")
    with transaction():
        service.revoke_token("tests", utc_now())
    assert program.send("GET", "/series").status_code == 401


def test_the_scheme_is_read_in_any_case(app: Flask, token: str) -> None:
    assert app.test_client().get("/api/v1/series", headers={"Authorization": f"bEARER {token}"}).status_code == 200


def test_tokens_are_kept_as_hashes_only(app: Flask, token: str) -> None:
    row = db.session.query(ApiToken).one()
    assert token not in f"{row.name} {row.token_hash}"
    assert len(token) >= 43


def test_a_second_token_of_a_name_gets_a_number(app: Flask, token: str) -> None:
    with transaction():
        service.add_token("tests", utc_now())
    assert [row.name for row in queries.list_tokens()] == ["tests", "tests 2"]


def test_the_last_use_is_noted_once_a_minute(program: Program) -> None:
    program.get("/series")
    row = db.session.query(ApiToken).one()
    noted = row.last_used_at
    assert noted is not None
    program.get("/series")
    db.session.refresh(row)
    assert row.last_used_at == noted
    assert service.enter(program.token, noted + timedelta(seconds=61))[1]


def test_the_command_prints_the_token_and_nothing_else(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["api-token", "add", "reporting"])
    assert result.exit_code == 0
    assert result.output.count("\n") == 1
    assert (
        app.test_client()
        .get("/api/v1/series", headers={"Authorization": f"Bearer {result.output.strip()}"})
        .status_code
        == 200
    )


def test_deeds_of_a_program_are_written_down_as_its_own(program: Program, series: str) -> None:
    token_id = db.session.query(ApiToken).one().id
    entry = db.session.query(AuditEntry).filter_by(action="series created").one()
    assert entry.actor == f"api:{token_id}"


def test_an_address_that_is_not_there_is_a_problem(program: Program) -> None:
    assert program.get("/nothing", 404)["detail"] == "There is nothing at this address."
    assert program.get("/webinars/nothing", 404)["detail"] == "There is no such webinar."


def test_a_method_that_does_not_fit_is_a_problem_that_names_the_others(program: Program) -> None:
    answer = program.send("DELETE", "/series")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_pages_keep_their_own_refusals(app: Flask) -> None:
    answer = app.test_client().get("/nothing-here")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1, 2",
        b'{"title": NaN}',
        b'{"title": "\\ud800"}',
        b'{"title": "a\\u0000b"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 5000,
    ],
)
def test_a_body_that_is_no_json_is_refused(program: Program, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {program.token}", "Content-Type": "application/json"}
    answer = program.app.test_client().post("/api/v1/series", data=body, headers=headers)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_a_form_is_refused(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    answer = program.app.test_client().post("/api/v1/series", data={"title": "Side Effects"}, headers=headers)
    assert answer.status_code == 415


def test_a_body_that_is_too_large_is_refused(program: Program) -> None:
    assert program.send("POST", "/series", {"title": "x" * 3_000_000}).status_code == 413


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_object_is_refused(program: Program, body: object) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    answer = program.app.test_client().post("/api/v1/series", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json["errors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 3),
        ("title", None),
        ("reminders", "60"),
        ("reminders", [60, "x"]),
        ("nonsense", 1),
        ("created_at", "2026-01-01"),
    ],
)
def test_a_field_that_will_not_do_is_named(program: Program, field: str, value: object) -> None:
    problem = program.post("/series", {"title": "Side Effects"} | {field: value}, 422)
    assert [name.partition(".")[0] for name in problem["errors"]] == [field]


def test_a_nul_in_an_address_finds_nothing(program: Program) -> None:
    assert program.send("GET", "/webinars/a%00b").status_code == 404
    assert program.send("GET", "/messages?registration=a%00b").status_code == 404


def test_a_fault_of_ours_is_a_problem_with_a_reference(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    with transaction():
        db.session.execute(db.text("ALTER TABLE series RENAME TO series_gone"))
    try:
        problem = program.get("/series", 500)
    finally:
        with transaction():
            db.session.execute(db.text("ALTER TABLE series_gone RENAME TO series"))
    assert problem["reference"]
    assert "series_gone" not in problem["detail"]


def test_fault_that_carries_something_of_its_own_reads_like_any_other(app: Flask) -> None:
    class Odd(Exception):
        data = b"no messages"

    with app.test_request_context("/api/v1/series"):
        answer = refuse(Odd(), 500, None, "abc")
    assert answer.status_code == 500
    assert "noted" in answer.get_json()["detail"]
