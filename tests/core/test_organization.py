"""What is set in the browser lies over the environment, in every process, and never keeps one from starting."""

import pytest

from config import Period
from webinars.core.database import db, transaction
from webinars.core.http import current_settings
from webinars.core.organization import standing
from webinars.core.organization.models import OrganizationSetting
from webinars.core.organization.table import SETTINGS, overlay
from webinars.core.pagecache import PageCache


def put(**texts):
    with transaction():
        standing.lock_stored()
        standing.write(texts)
    standing.look_again()


def test_environment_holds_alone_until_something_is_set(app, settings):
    assert current_settings().organization_name == settings.organization_name
    put(organization_name="Quiet Bay", quiet_hours="20-9")
    assert current_settings().organization_name == "Quiet Bay"
    assert current_settings().quiet_hours == (20, 9)
    put(organization_name=None)
    assert current_settings().organization_name == settings.organization_name


def test_empty_text_is_a_choice_too(app, settings):
    found = overlay(settings, {"organization_phone": "", "quiet_hours": "none"})
    assert found.settings.organization_phone == "" and found.settings.quiet_hours is None


def test_other_process_follows_once_it_looks_again(app, make_app, monkeypatch):
    other = make_app()
    with other.app_context():
        before = current_settings().organization_name
    put(organization_name="Quiet Bay")
    with other.app_context():
        assert current_settings().organization_name == before
        monkeypatch.setattr(standing, "SECONDS", -1)
        assert current_settings().organization_name == "Quiet Bay"


def test_nobody_asks_the_database_again_within_the_seconds(app, monkeypatch):
    current_settings()
    monkeypatch.setattr(standing, "_stored", lambda _otherwise: pytest.fail("asked again"))
    monkeypatch.setattr(standing, "SECONDS", 1e9)
    assert current_settings() is current_settings()


def test_missing_table_leaves_the_environment_in_force(app, settings):
    with transaction():
        OrganizationSetting.__table__.drop(db.session.connection())
    standing.look_again()
    try:
        assert current_settings().organization_name == settings.organization_name
    finally:
        with transaction():
            OrganizationSetting.__table__.create(db.session.connection())


@pytest.mark.parametrize("text", ["#ffff00", "red", "}body{"])
def test_value_that_cannot_be_used_falls_back_and_is_named(app, settings, text):
    put(brand_color=text, organization_name="Quiet Bay")
    assert current_settings().brand_color == settings.brand_color
    assert current_settings().organization_name == "Quiet Bay"
    assert standing.in_force().broken == ("brand_color",)


def test_pages_that_are_kept_follow_a_change(app):
    cache, made = PageCache(), iter("ABC")
    for name, shown in (("Quiet Bay", "A"), ("Quiet Bay", "A"), ("Loud Bay", "B"), ("Quiet Bay", "A")):
        put(organization_name=name)
        with app.test_request_context("/"):
            assert cache.page("a webinar", lambda: next(made)) == shown


def test_row_of_another_version_is_left_alone(app, settings):
    assert overlay(settings, {"something_new": "1"}).broken == ()


def test_every_setting_reads_what_it_shows(app, settings):
    base = overlay(settings, {}).settings
    for setting in SETTINGS:
        text = setting.of(base)
        assert setting.kind.show(setting.kind.read(text)) == text, setting.name


def test_texts_are_kept_by_language(app, settings):
    found = overlay(settings, {"footer_words.es": "Hola", "footer_words.en": "Hello"}).settings
    assert dict(found.footer_words) == {"en": "Hello", "es": "Hola"}


def test_holidays_are_those_of_the_home_zone_unless_somebody_chose(app, settings):
    assert overlay(settings, {}).settings.holiday_countries == ("US",)
    assert overlay(settings, {"home_zone": "Europe/Madrid"}).settings.holiday_countries == ("ES",)
    assert overlay(settings, {"holiday_countries": "Canadá, Mexico, US-NY"}).settings.holiday_countries == (
        "CA", "MX", "US-NY",
    )  # fmt: skip


def test_period_keeps_what_was_promised_before(app, settings):
    kept = overlay(settings, {"retention.registration": "60 30<2027-01-01"}).settings.period_of("registration", 90)
    assert kept.days == 60
    days = [kept.in_force(day) for day in (kept.earlier[0][1].replace(year=2026), kept.earlier[0][1])]
    assert days == [30, 60]
    assert settings.period_of("registration", 90) == Period(90)
