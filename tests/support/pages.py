"""A test client that reads every HTML page it fetches as a strict visitor would."""

import re
from collections import Counter
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.reading import read

_FIELDS = frozenset({"input", "textarea", "select"})
_OF_FORMS = _FIELDS | {"label", "form"}
_HANDLER = re.compile("on[a-z]+$")


class CheckedClient(FlaskClient):
    """Fetches pages, checks each one, and fills in forms the way a browser does."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch, and check what comes back when it is a page."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.get_data() and not response.location and _is_page(response):
            check_page(response)
        return response

    def run_wsgi_app(self, *args: Any, **kwargs: Any) -> Any:
        """Make one request with a ``g`` of its own, although the fixtures' context around it stays."""
        if has_app_context():
            for name in list(g):
                g.pop(name)
        return super().run_wsgi_app(*args, **kwargs)

    def page(self, path: str, status: int = 200) -> BeautifulSoup:
        """Fetch a page, following redirects, and give it parsed."""
        response = self.get(path, follow_redirects=True)
        assert response.status_code == status, f"{path}: {response.status}"
        return parse(response)

    def submit(
        self, page: BeautifulSoup | TestResponse, action: str, button: str | None = None, **fields: Any
    ) -> TestResponse:
        """Fill in and send the first POST form whose action contains ``action`` (and that has such a button).

        Fields left out keep the value on the page; a field set to None is not sent. Redirects are followed.
        """
        soup = page if isinstance(page, BeautifulSoup) else parse(page)
        form = find_form(soup, action, button)
        data = form_data(form) | fields
        sent = {name: value for name, value in data.items() if value is not None}
        target = urljoin(
            "http://localhost" + (page.request.path if isinstance(page, TestResponse) else "/"),
            str(form.get("action", "")),
        )
        return self.post(urlsplit(target).path, data=sent, follow_redirects=True)


def parse(response: TestResponse) -> BeautifulSoup:
    """Parse a page, which takes longer than to make it: what was checked is handed out once."""
    checked = vars(response).pop("checked", None)
    return checked or read(response.get_data(as_text=True))


def text_of(page: BeautifulSoup | Tag) -> str:
    """Give the words of a page, white space folded."""
    return " ".join(page.get_text(" ").split())


def find_form(soup: BeautifulSoup, action: str, button: str | None = None) -> Tag:
    """Find a POST form by a part of its action, and by a button's words."""
    for form in soup.find_all("form"):
        if str(form.get("method", "")).lower() != "post" or action not in str(form.get("action", "")):
            continue
        if button is None or any(button in text_of(candidate) for candidate in form.find_all("button")):
            return form
    raise AssertionError(f"no form that posts to {action} with the button {button}")


def form_data(form: Tag) -> dict[str, Any]:
    """Give the fields of a form with the values a browser would send."""
    data: dict[str, Any] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or kind in {"submit", "button", "file"} or field.has_attr("disabled"):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            data[str(name)] = chosen.get("value", chosen.get_text()) if chosen else ""
        elif kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                value, sent = field.get("value", "on"), data.get(str(name), [])
                # Of several boxes with one name a browser sends each that is ticked.
                several = kind == "checkbox" and str(name) in data
                data[str(name)] = [*(sent if isinstance(sent, list) else [sent]), value] if several else value
        else:
            data[str(name)] = field.get_text() if field.name == "textarea" else field.get("value", "")
    return data


def _is_page(response: TestResponse) -> bool:
    """Tell a page from a letter that a page shows in a frame, and from a part that a script puts into a page."""
    framed = "sandbox" in response.headers.get("Content-Security-Policy", "")
    return not framed and "HX-Request" not in response.request.headers


def check_page(response: TestResponse) -> None:
    """Fail for a page without title, language, main, one h1, labels, CSRF tokens, or with inline script or style."""
    soup, path = parse(response), response.request.path
    vars(response)["checked"] = soup
    tags = soup.find_all(True)
    names = Counter(tag.name for tag in tags)
    assert soup.title and soup.title.get_text(strip=True), f"{path} has no title"
    assert soup.html and soup.html.get("lang"), f"{path} has no language"
    assert names["h1"] == 1, f"{path} has {names['h1']} h1"
    assert names["main"] == 1, f"{path} has no single main"
    ids = Counter(str(tag.attrs["id"]) for tag in tags if "id" in tag.attrs)
    assert max(ids.values(), default=1) == 1, f"{path} repeats an id: {[name for name in ids if ids[name] > 1]}"
    _check_forms([tag for tag in tags if tag.name in _OF_FORMS], path, set(ids))
    for tag in tags:
        assert "style" not in tag.attrs, f"{path} has an inline style: {tag}"
        assert tag.name != "script" or tag.get("src") or tag.get("nonce"), (
            f"{path} has an inline script without a nonce"
        )
        assert not any(map(_HANDLER.match, tag.attrs)), f"{path} has an inline handler: {tag}"


def _check_forms(tags: list[Tag], path: str, ids: set[str]) -> None:
    labelled = {str(tag.get("for")) for tag in tags if tag.name == "label" and tag.get("for")}
    for field in tags:
        if field.name not in _FIELDS or field.get("type") in {"hidden", "submit", "button"}:
            continue
        named = (
            field.get("id") in labelled
            or field.find_parent("label")
            or field.get("aria-label")
            or field.get("aria-labelledby")
        )
        assert named, f"{path} has a field without a label: {field}"
        for other in str(field.get("aria-describedby") or "").split():
            assert other in ids, f"{path}: {other} describes {field.get('name')} but is not there"
    for form in tags:
        open_to_all = str(form.get("action", "")).endswith(("/register", "/time-zone"))
        if form.name == "form" and str(form.get("method", "")).lower() == "post" and not open_to_all:
            assert form.find("input", attrs={"name": "csrf_token"}), f"{path} has a POST form without a CSRF token"
