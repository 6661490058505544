"""Settings: typed, with working defaults, refused by name."""

from pathlib import Path

import pytest

from config import SettingError, settings_from


def test_defaults_work_without_any_setting(tmp_path: Path) -> None:
    settings = settings_from({}, tmp_path)
    assert settings.site_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/webinars.sqlite"
    assert not settings.production


def test_generated_secret_is_kept_and_private(tmp_path: Path) -> None:
    first = settings_from({}, tmp_path).secret_key
    assert settings_from({}, tmp_path).secret_key == first
    assert len(first) >= 32
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_key_of_codes_is_the_secret_until_another_is_named(tmp_path):
    assert settings_from({"SECRET_KEY": "first"}, tmp_path).hash_key == "first"
    assert settings_from({"SECRET_KEY": "second", "HASH_KEY": "first"}, tmp_path).hash_key == "first"


def test_plain_postgresql_address_means_the_driver_we_ship(tmp_path: Path) -> None:
    for given in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert settings_from({"DATABASE_URL": given}, tmp_path).database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"), ("PORT", "0"), ("MAIL_PORT", "70000"), ("SITE_URL", "webinars.example.org"),
        ("SITE_URL", "https://example.org/path"), ("MAIL_USE_TLS", "maybe"), ("WORKER_LEASE_SECONDS", "1"),
        ("WORKER_LEASE_SECONDS", "61"), ("DATABASE_URL", "mysql://x/y"), ("ORGANIZATION_NAME", "Harbor\nBcc: x@y.z"),
        ("MEDIA_STORE_URL", "films"), ("MEDIA_STORE_URL", "s3://"), ("MEDIA_STORE_URL", "s3://films/../x"),
        ("MEDIA_STORE_URL", "https://films.example.org"), ("MEDIA_STORE_ENDPOINT", "s3.example.org"),
        ("MEDIA_STORE_ENDPOINT", "https://key:secret@s3.example.org"), ("MEDIA_STORE_ENDPOINT", "https://[x"),
    ],
)  # fmt: skip
def test_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: "):
        settings_from({name: value}, tmp_path)


@pytest.mark.parametrize("secret", ["changeme", "x" * 64, "short-but-random-8f3a"])
def test_weak_secret_is_noticed(tmp_path: Path, secret: str) -> None:
    assert settings_from({"SECRET_KEY": secret}, tmp_path).weak_secret
