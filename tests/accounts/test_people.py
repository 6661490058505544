"""Who may sign in, and the record of what they did."""

import pytest
import sqlalchemy as sa
from flask import g

from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_user
from tests.support.pages import parse, text_of
from webinars.accounts import audit, letters, queries, rules, service
from webinars.accounts.models import AuditEntry, Role, User
from webinars.core.database import db
from webinars.core.errors import Conflict, UserError
from webinars.mail.models import Message


def test_added_person_is_invited_by_letter_and_has_no_password(client):
    make_user()
    sign_in(client)
    answer = client.submit(
        client.get("/staff/people/new"), "people/new", name="Bob", email="Bob@Example.org", role="editor"
    )
    assert "A letter to bob@example.org is on its way" in text_of(parse(answer))
    bob = queries.find_user("bob@example.org")
    assert (bob.name, bob.password, rules.role_of(bob)) == ("Bob", None, "editor")
    letter = letters.prepare(db.session.scalars(sa.select(Message)).one(), NOW)
    assert letter.subject == "Welcome to the webinar desk: choose how to sign in"
    assert letter.to_address == "bob@example.org"


@pytest.mark.parametrize(
    ("changes", "passkey", "issuer"),
    [
        ({}, False, False),
        ({"site_url": "https://webinars.example.org"}, True, False),
        ({"oidc_issuer": "https://id.example.org", "oidc_client_id": "x", "oidc_name": "Harbor ID"}, False, True),
    ],
)
def test_welcome_names_the_ways_in_that_there_are(app, make_app, changes, passkey, issuer):
    service.add_user("bob@example.org", "editor", None, NOW)
    db.session.commit()
    with make_app(**changes).app_context():
        letter = letters.prepare(db.session.scalars(sa.select(Message)).one(), NOW)
    for words in (str(letter.text), str(letter.html)):
        assert ("a password, or a passkey" in words, "sign in with Harbor ID" in words) == (passkey, issuer)


def test_invited_person_cannot_sign_in_before_choosing_a_password(client):
    service.add_user("bob@example.org", "viewer", None, NOW)
    db.session.commit()
    assert "not right" in text_of(parse(sign_in(client, "bob@example.org")))


@pytest.mark.parametrize(
    ("email", "sentence"), [("owner@example.org", "in the list already"), ("nonsense", "not an email address")]
)
def test_person_that_cannot_be_added_is_named_beside_the_field(client, email, sentence):
    make_user()
    sign_in(client)
    answer = client.submit(client.get("/staff/people/new"), "people/new", email=email, role="viewer")
    assert answer.status_code == 422
    assert sentence in text_of(parse(answer).select_one(".field-error"))


def test_changed_role_holds_from_the_next_page_on(client, app):
    make_user()
    other = make_user("second@example.org", "viewer")
    second = app.test_client()
    sign_in(second, "second@example.org")
    assert second.get("/staff/people/new").status_code == 403
    sign_in(client)
    client.submit(client.get(f"/staff/people/{other.id}"), f"people/{other.id}", name="Second", role="owner")
    assert second.get("/staff/people/new").status_code == 200


def test_deactivated_person_is_out_at_once_and_can_be_let_in_again(client, app):
    make_user()
    other = make_user("second@example.org", "viewer")
    second = app.test_client()
    sign_in(second, "second@example.org")
    sign_in(client)
    client.submit(client.get(f"/staff/people/{other.id}"), "deactivate")
    assert second.get("/staff/").status_code == 302
    assert sign_in(second, "second@example.org").request.path == "/staff/sign-in"
    client.submit(client.get(f"/staff/people/{other.id}"), "reactivate")
    assert second.get("/staff/").status_code == 302
    assert sign_in(second, "second@example.org").request.path == "/staff/"


def test_only_owner_can_neither_leave_nor_step_down(client):
    owner = make_user()
    sign_in(client)
    page = client.get(f"/staff/people/{owner.id}")
    assert "the only owner" in text_of(parse(client.submit(page, "deactivate")))
    assert client.submit(page, f"people/{owner.id}", role="viewer").status_code == 422
    assert client.get("/staff/people/new").status_code == 200


def test_add_for_a_known_address_sets_role_and_password_and_lets_in_again(app, client):
    make_user()
    make_user("bob@example.org", "viewer")
    bob = queries.find_user("bob@example.org")
    service.deactivate(bob, NOW)
    service.add_user("BOB@example.org", "editor", "another long phrase", NOW)
    db.session.commit()
    assert sign_in(client, "bob@example.org", "another long phrase").request.path == "/staff/"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2
    assert rules.role_of(queries.find_user("bob@example.org")) == "editor"


def test_last_owner_cannot_be_made_less_from_the_command_line(app):
    make_user()
    with pytest.raises(Conflict):
        service.add_user("owner@example.org", "viewer", "another long phrase", NOW)


def test_unknown_role_is_refused(app):
    with pytest.raises(ValueError, match="emperor"):
        service.add_user("bob@example.org", "emperor", "another long phrase", NOW)


def test_roles_are_made_once(app):
    make_user()
    make_user("b@example.org")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Role).where(Role.name == "owner")) == 1


def test_the_role_that_counts_is_the_one_that_may_most():
    both = User(roles=[Role(name="host"), Role(name="editor")])
    assert (rules.role_of(both), rules.is_host(both)) == ("editor", False)
    assert rules.is_host(User(roles=[Role(name="host")])) and rules.role_of(User(roles=[])) == ""


def test_record_outside_a_request_names_the_system(app):
    audit.record(
        "webinar moved",
        "webinar",
        5,
        before={"at": NOW},
        after={
            "at": None,
            "n": {
                1,
            },
        },
        now=NOW,
        note="by hand",
    )
    db.session.commit()
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.actor, entry.object_id, entry.note) == ("system", "5", "by hand")
    assert entry.before == {"at": "2026-11-22T15:00:00+00:00"}
    assert entry.after == {"at": None, "n": [1]}


def test_deeds_of_staff_carry_their_number(client):
    owner = make_user()
    sign_in(client)
    client.submit(client.get("/staff/people/new"), "people/new", email="bob@example.org", role="viewer")
    last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.actor, last.action) == (f"staff:{owner.id}", "user added")
    assert last.after == {"email": "bob@example.org", "role": "viewer"}


def test_deeds_of_programs_carry_the_number_of_their_token(app):
    with app.test_request_context():
        g.api_token_id = 7
        assert audit.actor() == "api:7"


def test_audit_page_finds_by_person_and_by_deed(client):
    make_user()
    sign_in(client)
    audit.record("webinar moved", "webinar", 5, before={"starts": "old"}, after={"starts": "new"}, now=NOW)
    db.session.commit()
    found = text_of(parse(client.get("/staff/audit?q=moved")).table)
    assert "Webinar moved number 5" in found and "Starts: old → new" in found and "Signed in" not in found
    assert "Signed in" in text_of(parse(client.get("/staff/audit?q=owner@example")).table)
    assert "Nothing found" in text_of(parse(client.get("/staff/audit?q=100%25")))


def test_audit_is_paged_newest_first(client):
    make_user()
    sign_in(client)
    for number in range(120):
        audit.record("counted", "thing", number, now=NOW)
    db.session.commit()
    assert "Counted number 119 " in text_of(parse(client.get("/staff/audit")).table)
    last = text_of(parse(client.get("/staff/audit?page=999")).table)
    assert "User added" in last and "Counted number 119 " not in last


@pytest.mark.parametrize("address", ["desk@intranet", "a@b.test", "Ann@EXAMPLE.org", "josé@example.org"])
def test_addresses_staff_may_have(app, address):
    assert service.add_user(address, "viewer", None, NOW).email == address.lower()


@pytest.mark.parametrize("address", ["", "a", "a@", "@b.org", "a b@c.org", "a@b.org, c@d.org", "a@b.org\nBcc: x@y.z"])
def test_addresses_nobody_has_are_refused(app, address):
    with pytest.raises(UserError):
        service.add_user(address, "viewer", None, NOW)
