"""What strangers send around a request: refused with a sentence, never a fault."""

from collections.abc import Callable

import pytest
from flask import Flask
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[::2]", "[1:::evil]", "a b", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/v1/webinars", "/es/videos"])
def test_foreign_host_is_refused_in_words(app: Flask, host: str, path: str) -> None:
    answer = app.test_client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "does not answer under that name" in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("site_url", "host"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://127.0.0.1:8000", "LocalHost:8000"),
        ("http://127.0.0.1:8000", "[::1]:8000"),
        ("http://127.0.0.1:8000", "[::1]"),
        ("https://Webinars.Example.org", "webinars.example.org"),
        ("https://webinars.example.org", "WEBINARS.Example.ORG"),
        ("https://münchen.example", "xn--mnchen-3ya.example"),
        ("http://[2001:DB8::1]:8000", "[2001:db8::1]:8000"),
    ],
)
def test_own_host_is_known_in_every_spelling(make_app: Callable[..., Flask], site_url: str, host: str) -> None:
    client = make_app(site_url=site_url).test_client()
    assert client.get("/privacy", headers={"Host": host}).status_code == 200
    # A browser writes its Origin in small letters, whatever was typed.
    origin = f"{site_url.partition(':')[0]}://{host.lower()}"
    answer = client.post("/time-zone", headers={"Host": host, "Origin": origin}, data={"zone": "UTC"})
    assert answer.status_code == 302


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


@pytest.mark.parametrize("pieces", [b"-1\r\n\r\n", b"zz\r\nabc\r\n0\r\n\r\n", b"\r\n\r\n", b"5\r\nabc", b"3\r\nabcX"])
@pytest.mark.parametrize("path", ["/webinars/any/register", "/my"])
def test_body_in_pieces_that_make_no_sense_is_refused(app: Flask, path: str, pieces: bytes) -> None:
    answer = app.test_client().post(
        path,
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={
            "wsgi.input": Body(ChunkedReader(None, IterUnreader([pieces]))),
            "wsgi.input_terminated": True,
        },
    )
    assert answer.status_code == 400
