"""Signed links: one purpose, one version, nobody else's."""

from flask import Flask

from webinars.core.links import keyed_hash, open_token, sign


def test_token_opens_for_its_purpose(app: Flask) -> None:
    assert open_token("manage", sign("manage", "abc", 3)) == ("abc", 3)


def test_token_opens_nothing_for_another_purpose(app: Flask) -> None:
    assert open_token("join", sign("manage", "abc", 3)) is None


def test_token_with_any_letter_changed_opens_nothing(app: Flask) -> None:
    token = sign("manage", "abc", 3)
    for place in range(len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        assert open_token("manage", token[:place] + other + token[place + 1 :]) is None


def test_rubbish_opens_nothing(app: Flask) -> None:
    for rubbish in ("", ".", "..", "a.b.c", "é", "x" * 5000, "abc.3."):
        assert open_token("manage", rubbish) is None


def test_token_outlives_a_change_of_the_secret_when_the_old_one_is_a_fallback(app: Flask) -> None:
    token, old = sign("manage", "abc", 1), app.secret_key
    app.secret_key = "another-secret-another-secret-another"
    try:
        assert open_token("manage", token) is None
        app.config["SECRET_KEY_FALLBACKS"] = [old]
        assert open_token("manage", token) == ("abc", 1)
    finally:
        app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = old, []


def test_codes_of_addresses_outlive_every_change_of_the_secret(app: Flask) -> None:
    code, old = keyed_hash("address", "a@example.org"), app.secret_key
    app.secret_key = "another-secret-another-secret-another"
    try:
        assert keyed_hash("address", "a@example.org") == code
    finally:
        app.secret_key = old


def test_keyed_hash_tells_neither_value_nor_equals_across_purposes(app: Flask) -> None:
    assert keyed_hash("address", "a@example.org") == keyed_hash("address", "a@example.org")
    assert keyed_hash("address", "a@example.org") != keyed_hash("client", "a@example.org")
    assert "example" not in keyed_hash("address", "a@example.org")
