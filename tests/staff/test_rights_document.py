"""Who may do what, as a document that review reads: a change of rights is a change of its lines.

After a wanted change run with UPDATE_SNAPSHOTS=1 and read what has changed.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.staff.test_rights import ON_ONE_DATABASE, ROLES, csrf_of, join_team, make_world, may, path_of, signed_in
from tests.staff.test_rights import staff_routes as routes
from webinars.accounts.models import StaffSession
from webinars.core.audience import Scope
from webinars.core.clock import utc_now
from webinars.core.database import db

DOCUMENT = Path(__file__).parents[2] / "docs" / "rights.md"
INTRODUCTION = """# Who may do what on the staff pages

Written by `UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/staff/test_rights_document.py`, which also checks that it is true.
Why it is so is in decision 0025.

- **open**: whoever has the role.
- **own**: for webinars in whose team the host is, and for what is their own.
- **second step**: open, after showing once more that it is them, if that is some minutes ago (decision 0023; of the
  settings those of mail and privacy; of the password the first one, and that of whoever is asked for a code).
- **–**: refused.

| Address | Method | Host | Viewer | Editor | Owner |
|---|---|---|---|---|---|
"""


def asks_again(app, rule, method):
    return method in getattr(app.view_functions[rule.endpoint], "asked_again", ())


def word(role, asked, again):
    if not may(role, asked):
        return "–"
    own = role == "host" and asked.scope in Scope
    return ", ".join(["own"] * own + ["second step"] * again) or "open"


def line_of(app, rule, method, asked):
    words = (word(role, asked, asks_again(app, rule, method)) for role in ("host", "viewer", "editor", "owner"))
    return f"| `{rule.rule}` | {method} | {' | '.join(words)} |"


@ON_ONE_DATABASE
def test_document_says_who_may_do_what(app):
    lines = sorted(line_of(app, *route) for route in routes(app))
    document = INTRODUCTION + "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        DOCUMENT.write_text(document)
    assert DOCUMENT.read_text() == document, "the rights of staff have changed: read the introduction of this test"


def long_ago():
    db.session.execute(sa.update(StaffSession).values(proved_at=utc_now() - timedelta(hours=1)))
    db.session.commit()


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", ROLES)
def test_second_step_is_asked_where_the_document_says_so_and_nowhere_else(app, role):
    world = make_world()
    client = signed_in(app, role)
    join_team(role, world)
    token = csrf_of(client)
    # The settings are those of mail. Everybody here has a password, and nobody a code app.
    marked = {(rule.rule, method): asks_again(app, rule, method) and rule.endpoint != "accounts_staff.password"
              for rule, method, _ in routes(app)}  # fmt: skip
    for rule, method, asked in routes(app):
        is_weighty = marked[rule.rule, method]
        if not may(role, asked) or (method != "GET" and not is_weighty):
            continue
        long_ago()
        answer = client.open(
            path_of(rule.rule, world), method=method, data={"csrf_token": token} if method != "GET" else None
        )
        is_asked = (answer.location or "").startswith("/staff/account/confirm")
        assert is_asked == is_weighty, f"{role} {method} {rule.rule}: {answer.status} {answer.location}"
