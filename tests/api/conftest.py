"""A program that uses the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from webinars.api import service
from webinars.core.clock import utc_now
from webinars.core.database import transaction


class Program:
    """Speaks JSON with a token, and checks what every answer has in common."""

    def __init__(self, app: Flask, token: str) -> None:
        self.app = app
        self.token = token
        self._client = app.test_client()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; header names are written with underscores. Paths are below /api/v1."""
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        answer = self._client.open("/api/v1" + path, method=method, json=body, headers=sent)
        kind = "application/json" if answer.status_code < 400 else "application/problem+json"
        assert answer.mimetype == kind, f"{method} {path}: {answer.mimetype}"
        assert "Set-Cookie" not in answer.headers
        if answer.status_code >= 400:
            assert answer.json["status"] == answer.status_code
        return answer

    def get(self, path: str, status: int = 200) -> Any:
        """Read something."""
        return self._expect("GET", path, None, status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """Do something."""
        return self._expect("POST", path, body, status, **headers)

    def patch(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        """Change something."""
        return self._expect("PATCH", path, body, status, **headers)

    def all(self, path: str, limit: int = 500) -> list[Any]:
        """Read a whole list, following ``next``."""
        items: list[Any] = []
        following: str | None = f"{path}{'&' if '?' in path else '?'}limit={limit}"
        while following:
            page = self.get(following)
            items += page["items"]
            following = page["next"] and page["next"].partition("/api/v1")[2]
        return items

    def _expect(self, method: str, path: str, body: Any, status: int, **headers: str) -> Any:
        answer = self.send(method, path, body, **headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status} {answer.get_data(as_text=True)}"
        return answer.json


@pytest.fixture
def token(app: Flask) -> str:
    """Give a valid token."""
    with transaction():
        return service.add_token("tests", utc_now())


@pytest.fixture
def program(app: Flask, token: str) -> Program:
    """Give a program with a valid token."""
    return Program(app, token)


@pytest.fixture
def series(program: Program) -> str:
    """Make a series and give its slug."""
    return str(program.post("/series", {"title": "Side Effects", "time_zone": "America/New_York"}, 201)["slug"])


def start_in(days: float) -> str:
    """Give a local start some days from now, at one in the afternoon."""
    return (utc_now() + timedelta(days=days)).replace(hour=13, minute=0).strftime("%Y-%m-%dT%H:%M")


def instant(text: str) -> datetime:
    """Read an instant of the API."""
    assert text.endswith("Z")
    return datetime.fromisoformat(text)
