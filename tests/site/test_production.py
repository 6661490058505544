"""What `flask check` says of an installation that is not fit to be public."""

from webinars.site import production


def test_changed_secret_without_the_key_of_codes_is_told(make_app):
    changed = make_app(secret_key_fallbacks=("first",))
    with changed.app_context():
        assert any("HASH_KEY" in problem for problem in production.problems())
    kept = make_app(secret_key_fallbacks=("first",), hash_key="first")
    with kept.app_context():
        assert not any("HASH_KEY" in problem for problem in production.problems())
