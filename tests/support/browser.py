"""A real Chromium and a whole site for it to visit, with an eye on everything a page asks for or complains about."""

import os
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask_migrate
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, Request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from config import settings_from
from tests.support.kept import share_templates
from webinars import create_app
from webinars.accounts import service as accounts
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.demo import load
from webinars.staff.numbers import work as numbers

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
AXE_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Beyond the WCAG: people who jump from landmark to landmark must be able to tell them apart.
    "rules": {"landmark-unique": {"enabled": True}},
    # Frames show letters and run no script, so that nothing could answer from inside them.
    "iframes": False,
}
#: all that may differ between light and dark
AXE_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "iframes": False}
OWNER, PASSWORD = "owner@example.org", "a long and harmless sentence"
#: what Chromium writes about an answer that says "not found" or "please check": no fault of the page
_ANSWERS = "Failed to load resource: the server responded with a status of 4"


def chromium_path() -> str | None:
    """Find a Chromium of the system."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, filter(None, names)) if path), None)


class Site:
    """The service with its demonstration content, served on loopback from a thread."""

    def __init__(self, folder: Path) -> None:
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.app = self._make_app(folder)
        self._server.app = self.app
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Site":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _make_app(self, folder: Path) -> Flask:
        environ = {"SITE_URL": self.url, "RATELIMIT_ENABLED": "0", "SECRET_KEY": "0123456789abcdef" * 4}
        app = share_templates(create_app(settings_from(environ, folder)))
        with app.app_context():
            flask_migrate.upgrade()
            with transaction():
                load.load(utc_now())
                accounts.add_user(OWNER, "owner", PASSWORD, utc_now())
            numbers.go_on(lambda: False)
        return app


def _not_yet(environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Watch:
    """What a page asked for and complained about since it was opened."""

    page: Page
    site: str
    requests: list[Request] = field(default_factory=list)
    #: errors on the console, uncaught exceptions, and requests to anybody else
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_words)
        self.page.on("pageerror", lambda error: self.troubles.append(f"exception: {error}"))

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)
        if urlsplit(request.url).scheme not in {"data", "blob"} and not request.url.startswith(self.site + "/"):
            self.troubles.append(f"asks somebody else: {request.url}")

    def _note_words(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_ANSWERS):
            self.troubles.append(f"console: {message.text}")

    def weight(self) -> tuple[int, int]:
        """Give (requests, bytes on the wire) of what was asked for, posters and media apart."""
        counted = [one for one in self.requests if not _is_media(one)]
        sizes = [one.sizes() for one in counted]
        return len(counted), sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


def _is_media(request: Request) -> bool:
    return "/media/" in request.url or request.url.partition("?")[0].endswith(".vtt")


def violations(page: Page, asked: dict[str, Any] = AXE_RULES) -> list[str]:
    """List what axe finds against WCAG 2.0 to 2.2, levels A and AA, and landmarks that sound alike."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", asked)
    return [
        f"{rule['id']} {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """Say by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
