"""What no keyboard writes: every page is asked, and every form sent, with NUL and its like in each text field."""

from urllib.parse import urlencode

import pytest

from tests.staff.test_rights import make_world, path_of, signed_in
from tests.support.pages import form_data, parse
from webinars.core.database import db
from webinars.schedule.models import Speaker

ODD = "a\0b\x01c\x1fd"
ASKED = ("q", "series", "state", "topic", "language", "sort", "direction", "page", "webinar", "next", "t", "cursor")
OTHERS = {"topic": "immunotherapy", "series": "side-effects", "language": "en", "token": "none", "name": "none"}


def readable_routes(app, world):
    """List the addresses of every page, of ours and of the libraries'."""
    paths = {path_of(rule.rule, world) for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    return sorted(path for path in paths if "/sign-out" not in path)


def text_fields(form):
    """List the names of a form's fields whose value is a text somebody could replace."""
    fields = form.find_all(["input", "textarea", "select"])
    tokens = {"submit", "button", "file", "checkbox"}
    names = [str(field["name"]) for field in fields if field.get("name") and field.get("type") not in tokens]
    return [name for name in dict.fromkeys(names) if name != "csrf_token"]


def prose_fields(form):
    """List the names of those among them that take any words: all of them can be sent at once."""
    fields = [*form.find_all("textarea"), *form.find_all("input", type=["text", "search", None])]
    return [name for name in text_fields(form) if name in {field.get("name") for field in fields}]


def forms_of(client, paths):
    """Find every POST form with a text field on some pages: (address, its fields, their texts, those of any words)."""
    found = {}
    for path in paths:
        answer = client.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in parse(answer).find_all("form"):
            target = str(form.get("action") or path)
            if str(form.get("method", "")).lower() == "post" and text_fields(form):
                found[target, tuple(text_fields(form))] = target, form_data(form), text_fields(form), prose_fields(form)
    return list(found.values())


def test_every_page_takes_odd_characters_in_its_query(app):
    world = make_world()
    client = signed_in(app, "owner")
    query = urlencode(dict.fromkeys(ASKED, ODD))
    for path in readable_routes(app, world):
        for asked in (query, urlencode({"q": "\0"})):
            answer = client.get(f"{path}?{asked}")
            assert answer.status_code != 500, f"{path}?{asked}: {answer.status}"


def test_every_form_takes_odd_characters_in_each_text_field(app):
    world = make_world()
    client = signed_in(app, "owner")
    forms = forms_of(client, readable_routes(app, world))
    assert len(forms) > 20
    for target, data, names, prose in forms:
        answer = client.post(target, data=data | dict.fromkeys(prose, ODD))
        assert answer.status_code != 500, f"{target} with {prose}: {answer.status}"
        # A form that was refused has come no further than to its first mistakes.
        for name in names if answer.status_code >= 400 else set(names) - set(prose):
            answer = client.post(target, data=data | {name: ODD})
            assert answer.status_code != 500, f"{target} with {name}: {answer.status}"


def test_odd_characters_are_left_out_and_line_ends_stay(app):
    client = signed_in(app, "editor")
    page = parse(client.get("/staff/speakers/new"))
    typed = {"name": f"Dr.\t{ODD}", "bio": "one\r\ntwo\0", "role": None, "r\0ole": "Nurse"}
    client.submit(page, "/staff/speakers/new", **typed)
    speaker = db.session.query(Speaker).one()
    assert (speaker.name, speaker.bio, speaker.role) == ("Dr. abcd", "one\ntwo", "Nurse")


@pytest.mark.parametrize("body", ['{"name": "a\\u0000b", "email": "a@example.org"}', "[1]", '{"name": {"a": 1}}', "{"])
def test_forms_take_no_json(app, body):
    world = make_world()
    client = signed_in(app, "owner")
    paths = {path_of(rule.rule, world) for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    for path in sorted(path for path in paths if not path.startswith("/api/")):
        answer = client.post(path, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, f"{path}: {answer.status}"


def test_reading_tool_that_announces_json_is_answered(app):
    assert app.test_client().get("/", content_type="application/json").status_code == 200
