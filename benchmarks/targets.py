"""What can be asked for: every route of an installation with the demonstration content, and every form on its pages."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.exceptions import HTTPException

from benchmarks.load import Visitor, hidden_fields
from benchmarks.mischief import Target
from tests.support.pages import form_data
from webinars.core.audience import Audience, audience_of
from webinars.core.database import db, transaction
from webinars.registration import links
from webinars.registration.models import Registration
from webinars.schedule.models import NewsItem, Series, Topic, Webinar

OWNER, PASSWORD = "owner@example.org", "correct horse battery"
#: would end the session that the rest needs
_NEVER_SENT = ("/staff/sign-out", "/staff/password", "/staff/people/")
#: of each route the pages at so many addresses are looked at
_MOST_ALIKE = 2


def found(app: Flask, port: int, token: str) -> list[Target]:
    """List what can be asked for: every route as a stranger and as whom it is for, and every form that is shown."""
    visitor, staff = _somebody_with_a_place(port), _signed_in(port)
    known, bearer = _known(), [("Authorization", f"Bearer {token}")]
    shown = [*_walk(app, visitor, "/"), *_walk(app, staff, "/staff/")]
    examples = {
        app.url_map.bind("").match(target.path, method="GET")[0]: target.path for target in shown if target.form is None
    }
    for rule in app.url_map.iter_rules():
        path, methods = (
            examples.get(rule.endpoint) or _filled_in(rule.rule, known),
            sorted(rule.methods - {"OPTIONS", "HEAD"}),
        )
        who = audience_of(app, rule.endpoint)
        shown.append(Target(path, methods))
        if who is Audience.API:
            shown += [Target(path, methods, bearer, speaks_json=True)] * 4
        elif not path.startswith(_NEVER_SENT):
            shown.append(Target(path, methods, [("Cookie", staff.cookie if who.is_staff else visitor.cookie)]))
    return shown


def _known() -> Mapping[str, str]:
    """Give one name of each kind of thing, by the part of the address that stands before it."""
    kinds = {"webinars": Webinar, "series": Series, "topics": Topic, "news": NewsItem}
    names = {kind: str(db.session.scalars(sa.select(model.slug)).first()) for kind, model in kinds.items()}
    place = db.session.scalars(sa.select(Registration)).first()
    assert place is not None
    known = names | {"registrations": place.public_id, "letters": "reminder", "r": links.token_for(links.JOIN, place)}
    db.session.rollback()
    return known


def _filled_in(rule: str, known: Mapping[str, str]) -> str:
    """Fill in the address of a route that no page leads to."""
    path = rule
    for part in re.findall(r"<[^>]+>", rule):
        before = path.partition(part)[0].rstrip("/").rpartition("/")[2]
        path = path.replace(part, "es" if "language" in part else known.get(before, "1"), 1)
    return path


def _somebody_with_a_place(port: int) -> Visitor:
    """Give a browser that registered and opened the link from its letter."""
    visitor = Visitor(port)
    with transaction():
        webinar = db.session.scalars(
            sa.select(Webinar.slug).where(Webinar.state == "published").order_by(Webinar.starts_at.desc())
        ).first()
    page = f"/webinars/{webinar}"
    fields = hidden_fields(visitor.ask("GET", page)[2]) | {"name": "Alice", "email": "alice@example.org"}
    status, _location, _text = visitor.ask("POST", f"{page}/register", fields)
    assert status == 303, status
    with transaction():
        place = db.session.scalars(sa.select(Registration).where(Registration.email == "alice@example.org")).one()
        link = urlsplit(links.manage_url(place)).path
    assert visitor.ask("GET", link)[0] == 302
    return visitor


def _signed_in(port: int) -> Visitor:
    staff = Visitor(port)
    fields = hidden_fields(staff.ask("GET", "/staff/sign-in")[2]) | {"email": OWNER, "password": PASSWORD}
    status, location, _text = staff.ask("POST", "/staff/sign-in", fields)
    assert status == 302 and "sign-in" not in location, (status, location)
    return staff


def _walk(app: Flask, visitor: Visitor, start: str) -> Iterator[Target]:
    """Follow links from page to page, a few of each kind; give the pages and the forms on them."""
    routes, seen, alike, waiting = app.url_map.bind(""), {start}, Counter[str](), deque([start])
    while waiting:
        path = waiting.popleft()
        status, _location, text = visitor.ask("GET", path)
        headers = [("Cookie", visitor.cookie)]
        yield Target(path, ("GET",), headers)
        is_page = status == 200 and text.lstrip().startswith("<!DOCTYPE html>")
        page = BeautifulSoup(text if is_page else "", "html.parser")
        for form in page.find_all("form", method=re.compile("post", re.IGNORECASE)):
            target = str(form.get("action") or path)
            if not target.startswith(_NEVER_SENT):
                yield Target(target, ("POST",), headers, form_data(form))
        for link in page.find_all("a", href=re.compile("^/")):
            there = urlsplit(str(link["href"])).path
            try:
                endpoint = routes.match(there, method="GET")[0]
            except HTTPException:
                continue
            alike[endpoint] += there not in seen
            if there not in seen and alike[endpoint] <= _MOST_ALIKE and "sign-out" not in there:
                waiting.append(there)
            seen.add(there)
