"""Two deeds about who may enter, at the same instant: together they leave no less than each alone."""

import pytest

from tests.factories import NOW, make_user
from tests.schedule.test_concurrency import together
from webinars.accounts import passkeys, queries, rules, second_factor, service
from webinars.accounts.models import Passkey
from webinars.core.database import db
from webinars.core.errors import Conflict


def attempt(deed, *arguments, **named):
    """Give whether a deed was done, or refused."""
    try:
        deed(*arguments, **named)
    except Conflict:
        return False
    return True


def step_down(user_id):
    service.edit_user(queries.get_user(user_id), name="", role="viewer", now=NOW)


@pytest.mark.parametrize("leave", [step_down, lambda user_id: service.deactivate(queries.get_user(user_id), NOW)])
def test_of_two_owners_who_go_at_once_one_stays(app, leave):
    owners = [make_user().id, make_user("second@example.org", "owner").id]
    db.session.remove()
    outcomes = together(app, *(lambda who=who: attempt(leave, who) for who in owners))
    assert sorted(outcomes) == [False, True]
    assert queries.count_active_owners() == 1


def test_of_two_second_factors_that_are_removed_at_once_one_stays(app):
    user = make_user()
    user.totp_secret = "kept as it is"
    passkey = Passkey(user_id=user.id, credential_id="a", public_key=b"x", sign_count=0, name="Laptop", created_at=NOW)
    db.session.add(passkey)
    db.session.commit()
    user_id, passkey_id = user.id, passkey.id
    db.session.remove()

    def remove_app():
        return attempt(second_factor.remove, queries.get_user(user_id), NOW, required=True)

    def remove_passkey():
        return attempt(passkeys.remove, queries.get_user(user_id), passkey_id, NOW, required=True)

    assert sorted(together(app, remove_app, remove_passkey)) == [False, True]
    assert bool(queries.get_user(user_id).totp_secret) != bool(queries.passkeys_of(user_id))


def test_role_that_was_taken_away_does_not_come_back_with_a_new_name(app):
    make_user()
    other = make_user("second@example.org", "owner").id
    db.session.remove()
    together(app, lambda: step_down(other), lambda: service.rename(queries.get_user(other), "Ann", NOW))
    assert rules.role_of(queries.get_user(other)) == "viewer"
