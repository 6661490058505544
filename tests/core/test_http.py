"""What strangers send around a request: refused with a sentence, never a fault."""

import pytest
from flask import Flask


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "a b"])
@pytest.mark.parametrize("path", ["/", "/api/v1/webinars", "/es/videos"])
def test_foreign_host_is_refused_in_words(app: Flask, host: str, path: str) -> None:
    answer = app.test_client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "does not answer under that name" in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "http://[", "nonsense", "http://127.0.0.1:9999"])
def test_write_from_a_foreign_or_broken_origin_is_refused(app: Flask, origin: str) -> None:
    answer = app.test_client().post("/webinars/any/register", data={}, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("target", ["http://[", "//[x", "/\t/[x", "/\\evil.example", "//evil.example", "http:evil"])
def test_way_back_that_leads_elsewhere_or_nowhere_is_ignored(app: Flask, target: str) -> None:
    client = app.test_client()
    assert client.get("/time-zone", query_string={"next": target}).status_code == 200
    answer = client.post("/time-zone", data={"next": target, "zone": "UTC"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/staff/sign-in", query_string={"next": target}).status_code == 200
    assert client.post("/staff/sign-in", query_string={"next": target}, data={}).status_code < 500
