"""The OpenAPI document, and whether the service does what it says."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import data, sampled_from
from jsonschema_rs import ValidationError
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Program, start_in
from tests.factories import make_video

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip


#: for each operation
EXAMPLES = 12


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """Give the document as anybody can read it."""
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json
    return document


def test_every_route_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, method, _operation in _operations(document)}
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes


def test_the_document_asks_for_a_token_and_names_refusals(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{"token": []}]
    for _path, _method, operation in _operations(document):
        assert operation["summary"]
        assert "default" in operation["responses"]
    refusal = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(refusal) == ["application/problem+json"]


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    ]


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    references = list(_references(document))
    assert references
    for reference in references:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def _references(value: Any) -> Any:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for inner in value.values():
            yield from _references(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(document).validate()
    # The control: one value of the wrong kind would be noticed.
    _operations(document)[0][2]["summary"] = 5
    with pytest.raises(ValidationError):
        schemathesis.openapi.from_dict(document).validate()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_service_does_what_the_document_says(
    app: Flask, program: Program, series: str, document: dict[str, Any]
) -> None:
    draft = {"series": series, "title": "Trials", "local_start": start_in(30)}
    slug = program.post("/webinars", draft, 201)["slug"]
    program.post(f"/webinars/{slug}/publish")
    place = program.post(f"/webinars/{slug}/registrations", {"name": "Alice", "email": "a@example.org"}, 201)
    known = {"webinars": slug, "series": series, "videos": make_video().slug, "registrations": place["id"]}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    answered = [_try(one, known.get(one.path.split("/")[3], ""), program.token) for one in operations]
    assert len(answered) == len(_operations(document))
    # What is allowed and what is not was both sent, and told apart.
    statuses = set().union(*answered)
    assert statuses & {200, 201} and statuses & {422}


def _try(operation: Any, known: str, token: str) -> set[int]:
    """Send what the document allows, and what it does not, to a thing that is there; give how it was answered."""
    answered: set[int] = set()
    path = dict.fromkeys(("slug", "public_id"), known)
    headers = {"Authorization": f"Bearer {token}"}

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(data())
    def check(drawn: Any) -> None:
        mode = drawn.draw(sampled_from(GenerationMode))
        case = drawn.draw(operation.as_strategy(mode))
        case.path_parameters = {name: path[name] for name in case.path_parameters or {}}
        case.headers = {**(case.headers or {}), **headers}
        answered.add(case.call_and_validate(checks=CHECKS).status_code)

    check()
    return answered
