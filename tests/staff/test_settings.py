"""The organisation's settings in the browser: set, refused in plain words, taken back, noted."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.support.pages import parse, text_of
from tests.support.staff import PASSWORD, sign_in
from webinars.accounts import letters
from webinars.accounts.models import AuditEntry, StaffSession
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.http import current_settings
from webinars.core.organization import standing
from webinars.mail.letters import Letter
from webinars.mail.models import Message
from webinars.registration.models import Registration
from webinars.schedule.service import create_series
from webinars.site import production, retention
from webinars.staff.numbers import report
from webinars.staff.numbers.queries import Asked
from webinars.staff.settings import service


@pytest.fixture
def owner(client):
    return sign_in(client, "owner")


def save(owner, topic, **fields):
    path = f"/staff/settings/{topic}"
    return owner.submit(owner.get(path), path, "Save", **fields)


def last_entry():
    db.session.rollback()
    return db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def test_name_telephone_and_footer_show_on_every_page_at_once(owner):
    fields = {"footer_words.en": "A charity.", "footer_words.es": "Una entidad benéfica."}
    answer = save(owner, "organization", organization_name="Quiet Bay", organization_phone="555 0100", **fields)
    assert "Saved" in text_of(parse(answer))
    english, spanish = text_of(owner.page("/").footer), text_of(owner.page("/es/").footer)
    assert "Quiet Bay" in english and "555 0100" in english and "A charity." in english
    assert "Una entidad benéfica." in spanish


def test_change_is_noted_with_before_and_after_and_reads_as_on_the_page(owner, settings):
    save(owner, "organization", organization_name="Quiet Bay", **{"footer_words.es": "Hola"})
    entry = last_entry()
    assert entry.action == "settings changed"
    assert entry.before == {"organization_name": settings.organization_name, "footer_words (es)": ""}
    assert entry.after == {"organization_name": "Quiet Bay", "footer_words (es)": "Hola"}
    words = text_of(owner.page("/staff/audit?kind=settings&thing=organization"))
    assert "Settings changed" in words
    assert f"Name of the organisation: {settings.organization_name} → Quiet Bay" in words


def test_nothing_is_noted_where_nothing_changed(owner):
    save(owner, "organization")
    assert not db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "settings changed")).all()


def test_setting_goes_back_to_the_configuration_in_one_click(owner, settings):
    save(owner, "organization", organization_name="Quiet Bay")
    page = owner.page("/staff/settings/organization")
    assert settings.organization_name in text_of(page.find("table"))
    owner.submit(page, "/staff/settings/organization/back", "Back to it")
    assert current_settings().organization_name == settings.organization_name
    assert owner.page("/staff/settings/organization").find("table") is None


@pytest.mark.parametrize(
    ("topic", "field", "value", "words"),
    [
        ("organization", "organization_name", "", "Enter a name."),
        ("mail", "mail_default_sender", "nobody", "is not an email address"),
        ("mail", "mail_default_sender", "a@harbor.example\r\nBcc: b@x.org", "is not an email address"),
        ("mail", "mail_reply_to", "a@", "is not an email address"),
        ("mail", "quiet_hours", "8-8", "two different hours"),
        ("defaults", "reminders", "soon", "“soon” is not clear"),
        ("defaults", "home_zone", "Mars/Base", "is not a time zone"),
        ("defaults", "holiday_countries", "Atlantis", "do not know the country “Atlantis”"),
        ("defaults", "holiday_countries", "US-NX", "holidays of the region “US-NX”"),
        ("privacy", "retention.registration", "91", "from 30 to 90"),
        ("privacy", "retention.registration", "29", "from 30 to 90"),
        ("privacy", "retention.registration", "many", "from 30 to 90"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field_and_kept(owner, topic, field, value, words):
    answer = save(owner, topic, **{field: value})
    page = parse(answer)
    assert answer.status_code == 422
    assert words in text_of(page.find(id=f"{field}-error"))
    assert standing.stored() == {}
    if topic != "defaults" and "\r" not in value:
        assert page.find(id=field).get("value", value) == value


def test_two_owners_do_not_overwrite_each_other(owner):
    first = owner.get("/staff/settings/organization")
    save(owner, "organization", organization_name="Quiet Bay")
    answer = owner.submit(first, "/staff/settings/organization", "Save", organization_name="Loud Bay")
    assert answer.status_code == 409 and current_settings().organization_name == "Quiet Bay"
    assert parse(answer).find(id="organization_name")["value"] == "Loud Bay"
    owner.submit(answer, "/staff/settings/organization", "Save", **{"keep-organization_name": "mine"})
    assert current_settings().organization_name == "Loud Bay"


def long_ago():
    """Let the owner have shown half an hour ago that it is them."""
    db.session.execute(db.update(StaffSession).values(proved_at=utc_now() - timedelta(minutes=31)))
    db.session.commit()


@pytest.mark.parametrize(
    ("topic", "field", "value", "now"),
    [
        ("mail", "mail_default_sender", "desk@harbor.example", lambda: current_settings().mail_default_sender),
        ("privacy", "retention.registration", "30", lambda: standing.stored().get("retention.registration")),
        ("privacy", "privacy_words.en", "Ask Ana.", lambda: standing.stored().get("privacy_words.en")),
    ],
)
def test_who_writes_and_what_is_promised_asks_for_the_password_and_keeps_what_was_typed(
    owner, topic, field, value, now
):
    path, before = f"/staff/settings/{topic}", now()
    page = owner.get(path)
    long_ago()
    asked = owner.submit(page, path, "Save", **{field: value})
    assert asked.request.path == "/staff/account/confirm" and "what you typed is kept" in text_of(parse(asked))
    assert now() == before
    again = owner.submit(asked, "confirm", password=PASSWORD)
    assert again.request.full_path == f"{path}?draft=go"
    assert now() == before
    assert "Saved" in text_of(parse(owner.submit(again, path, "Save")))
    assert now() == value
    assert "did not save it" not in text_of(owner.page(path))


def test_taking_back_the_sender_asks_for_the_password(owner):
    save(owner, "mail", mail_default_sender="desk@harbor.example")
    page = owner.get("/staff/settings/mail")
    long_ago()
    assert owner.submit(page, "/mail/back", "Back to it").request.path == "/staff/account/confirm"
    assert current_settings().mail_default_sender == "desk@harbor.example"


@pytest.mark.parametrize("name", ["mail_default_sender", "retention.registration", "nonsense"])
def test_setting_of_another_page_is_not_taken_back_without_the_password(owner, name):
    save(owner, "mail", mail_default_sender="desk@harbor.example")
    save(owner, "privacy", **{"retention.registration": "30"})
    save(owner, "organization", organization_name="Quiet Bay")
    page = owner.get("/staff/settings/organization")
    long_ago()
    owner.submit(page, "/organization/back", "Back to it", name=name)
    assert {"mail_default_sender", "retention.registration", "organization_name"} <= set(standing.stored())


def test_name_and_colour_are_set_without_asking_for_the_password(owner):
    pages = {topic: owner.get(f"/staff/settings/{topic}?try=%237a1fa2") for topic in ("organization", "look")}
    long_ago()
    owner.submit(pages["organization"], "/staff/settings/organization", "Save", organization_name="Quiet Bay")
    owner.submit(pages["look"], "/staff/settings/look", "Save this colour")
    assert (current_settings().organization_name, current_settings().brand_color) == ("Quiet Bay", "#7a1fa2")


@pytest.mark.parametrize("role", ["editor", "viewer", "host"])
def test_only_owners_enter(client, role):
    sign_in(client, role)
    for path in ("", "organization", "look", "mail", "privacy", "defaults", "ready"):
        assert client.get(f"/staff/settings/{path}").status_code == 403
    assert "/staff/settings" not in client.get("/staff/").text


def test_stored_value_that_cannot_be_used_is_said_on_the_page_and_by_the_check(owner):
    with transaction():
        standing.lock_stored()
        standing.write({"home_zone": "Mars/Base"})
    standing.look_again()
    assert "cannot be used" in text_of(owner.page("/staff/settings/defaults"))
    assert any("home_zone" in problem for problem in production.problems())
    save(owner, "defaults", home_zone="Europe/Madrid")
    assert current_settings().home_zone == "Europe/Madrid" and standing.in_force().broken == ()


def test_sender_of_another_domain_than_the_signed_one_is_warned_of(owner):
    assert "not the one that is signed for" not in text_of(owner.page("/staff/settings/mail"))
    save(owner, "mail", mail_default_sender="news@elsewhere.example")
    assert "server signs for harbor.example" in text_of(owner.page("/staff/settings/mail"))


def test_new_series_begins_with_the_defaults(client):
    owner = sign_in(client, "owner")
    save(owner, "defaults", home_zone="Europe/Madrid", sponsor_text="Nobody but our members.")
    page = owner.page("/staff/series/new")
    assert page.find(id="time_zone").find("option", selected=True)["value"] == "Europe/Madrid"
    assert page.find(id="sponsor_text").get_text(strip=True) == "Nobody but our members."


def test_countries_are_typed_and_shown_by_name(owner):
    save(owner, "defaults", holiday_countries="Mexico, Canada, US-NY")
    assert current_settings().holiday_countries == ("MX", "CA", "US-NY")
    assert owner.page("/staff/settings/defaults").find(id="holiday_countries")["value"] == "Mexico, Canada, US-NY"
    assert owner.page("/es/staff/settings/defaults").find(id="holiday_countries")["value"] == "México, Canadá, US-NY"


def test_words_about_privacy_are_cleaned_and_stand_on_its_page(owner):
    fields = {"privacy_words.en": "## Ask us\n\n<script>x</script> **Ana**", "privacy_contact": "Ana, 555 0101"}
    save(owner, "privacy", **fields)
    page = owner.page("/privacy")
    assert "Ana, 555 0101" in text_of(page) and page.find("strong", string="Ana")
    assert page.find("h2", string="Ask us") and "<script>x" not in str(page.main)


def test_shorter_period_shows_on_the_page_and_deletes_sooner(owner):
    webinar = make_webinar(starts_in=utc_now() - timedelta(days=40) - NOW)
    make_registration(webinar)
    save(owner, "privacy", **{"retention.registration": "30"})
    assert "30 days after the webinar" in text_of(owner.page("/privacy"))
    with transaction():
        while retention.enforce(utc_now()):
            pass
    assert db.session.scalar(db.select(db.func.count(Registration.id))) == 0


def test_longer_period_deletes_what_is_there_by_the_date_that_was_promised(app):
    settings = service.on_topic("privacy")
    with transaction():
        service.save(settings, {"retention.registration": "30"}, NOW)
    with transaction():
        service.save(settings, {"retention.registration": "90"}, NOW)
    standing.look_again()
    kept = next(one for one in retention.RETENTION if one.name == "registration")
    assert kept.period.days == 90
    assert kept.period.in_force((NOW + timedelta(days=30)).date()) == 30
    assert kept.period.in_force((NOW + timedelta(days=32)).date()) == 90


def test_what_goes_together_is_kept_for_one_time(app):
    of_name = {}
    for kept in retention.RETENTION:
        if kept.name:
            of_name.setdefault(kept.name, set()).add((kept.days, kept.least))
            assert 0 < kept.least < kept.days
    assert all(len(bounds) == 1 for bounds in of_name.values())


def test_test_letter_goes_through_the_outbox_and_its_fate_is_shown(owner):
    page = owner.page("/staff/settings/mail")
    words = text_of(parse(owner.submit(page, "/staff/settings/mail/test", "Send me a test letter")))
    assert "It waits for its turn" in words
    for state, said in (("sent", "The mail server took it"), ("failed", "550 no such mailbox")):
        with transaction() as session:
            session.execute(db.update(Message).values(state=state, last_error="550 no such mailbox"))
        assert said in text_of(owner.page("/staff/settings/mail"))


def test_test_letter_says_what_it_is_for_and_leads_back(owner):
    owner.submit(owner.page("/staff/settings/mail"), "/staff/settings/mail/test", "Send me a test letter")
    letter = letters.prepare(db.session.scalars(db.select(Message)).one(), utc_now())
    assert isinstance(letter, Letter) and letter.to_address == "owner@harbor.example"
    assert letter.subject == "A test letter from the webinar desk"
    assert "/staff/settings/mail" in str(letter.text) and "/staff/settings/mail" in str(letter.html)


def test_check_and_page_say_the_same(owner):
    page = text_of(owner.page("/staff/settings/ready"))
    for problem in production.problems():
        assert " ".join(problem.split()) in page
    for check, problem in production.looked_at():
        assert (f"Not yet: {check.name}" in page) == bool(problem)
        assert str(check.name) in page


def test_colour_is_tried_before_it_holds(owner):
    page = owner.page("/staff/settings/look?try=%237a1fa2")
    assert current_settings().brand_color == ""
    owner.submit(page, "/staff/settings/look", "Save this colour")
    assert current_settings().brand_color == "#7a1fa2"
    answer = owner.get("/")
    assert "--brand:#7a1fa2" in answer.text
    owner.submit(owner.page("/staff/settings/look"), "/staff/settings/look/back", "Back to the configuration")
    assert current_settings().brand_color == ""


def test_page_lets_in_its_own_style_sheet_by_hash_and_none_where_the_colours_are_usual(owner):
    before = owner.get("/")
    assert "<style" not in before.text and "style-src 'self';" in before.headers["Content-Security-Policy"]
    owner.submit(owner.page("/staff/settings/look?try=%237a1fa2"), "/staff/settings/look", "Save this colour")
    after = owner.get("/")
    assert after.text.count("<style>") == 1 and after.text.count("<link") == before.text.count("<link")
    assert "style-src 'self' 'sha256-" in after.headers["Content-Security-Policy"]


def test_colour_that_cannot_be_read_is_refused_and_the_nearest_shade_is_one_click_away(owner):
    page = owner.page("/staff/settings/look?try=%23ffff00")
    assert "too hard to read" in text_of(page)
    owner.submit(page, "/staff/settings/look", "Save #6d6d0d instead")
    assert current_settings().brand_color == "#6d6d0d"
    owner.submit(page, "/staff/settings/look", brand_color="#ffff00", seen=None)
    assert current_settings().brand_color == "#6d6d0d"


def picture(kind="PNG", size=(900, 300)):
    made = io.BytesIO()
    Image.new("RGB", size, "#7a1fa2").save(made, kind)
    made.seek(0)
    return made


def send_logo(owner, stream, name, which="logo"):
    return owner.submit(owner.page("/staff/settings/look"), "/look/logo", file=(stream, name), which=which)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_logo_is_made_small_and_stands_beside_the_name(owner, kind):
    send_logo(owner, picture(kind), "logo")
    shown = owner.page("/").find("img", class_="logo")
    assert (shown["width"], shown["height"]) == ("324", "108")
    answer = owner.get(shown["src"])
    assert answer.status_code == 200 and answer.mimetype == "image/webp"
    assert Image.open(io.BytesIO(answer.get_data())).size == (324, 108)
    assert text_of(parse(owner.get("/staff/settings/look"))).count("Remove: Logo") == 1


def test_logo_for_dark_screens_is_a_further_one(owner):
    send_logo(owner, picture(), "logo.png")
    send_logo(owner, picture(size=(200, 200)), "dark.png", "logo_dark")
    source = owner.page("/").find("source")
    assert source["media"] == "(prefers-color-scheme: dark)" and source["height"] == "108"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "Save it as PNG"),
        (b"GIF89a" + bytes(40), "no picture that we can read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "no picture that we can read"),
        (b"", "no picture that we can read"),
    ],
)
def test_file_that_is_no_logo_is_refused_in_plain_words(owner, data, words):
    assert words in text_of(parse(send_logo(owner, io.BytesIO(data), "logo.svg")))
    assert current_settings().logo == ""


def test_new_series_has_the_usual_reminders_that_were_set_and_one_that_is_there_keeps_its_own(owner):
    old = make_series(title="Old")
    assert owner.page("/staff/settings/defaults").find(id="reminders")["value"] == "1 week, 1 day, 1 hour"
    save(owner, "defaults", reminders="3 days, 30 minutes")
    assert owner.page("/es/staff/settings/defaults").find(id="reminders")["value"] == "3 días, 30 minutos"
    assert owner.page("/staff/series/new").find(id="reminders")["value"] == "3 days, 30 minutes"
    with transaction():
        made = create_series({"title": "New"}, utc_now()).reminders
    assert (made, db.session.merge(old).reminders) == ([4320, 30], [10080, 1440, 60])
    row = owner.page("/staff/audit?kind=settings").select_one("tbody tr")
    assert "Reminders: 1 week, 1 day, 1 hour → 3 days, 30 minutes" in text_of(row)


def test_new_series_may_begin_without_reminders(owner):
    save(owner, "defaults", reminders="")
    assert owner.page("/staff/series/new").find(id="reminders")["value"] == ""
    assert current_settings().reminders == ()


def test_every_page_that_promises_deletion_names_the_days_that_are_set(owner):
    series = make_series(slug="effects")
    for days in (10, 12):
        make_webinar(series, slug=f"talk-{days}", now=utc_now(), starts_in=timedelta(days=days))
    save(owner, "privacy", **{"retention.registration": "45", "retention.audit": "200"})
    for path in ("/webinars/talk-10", "/series/effects/register", "/staff/webinars/talk-10/numbers"):
        for language, words in (("", "45 days after"), ("/es", "45 días después")):
            page = text_of(owner.page(language + path))
            assert words in page and not any(usual in page for usual in ("90 days after", "90 días después"))
    assert "Kept for 200 days." in text_of(owner.page("/staff/audit"))
    made = report.make(Asked(NOW.date(), NOW.date()), "Harbor", "", NOW.date())
    assert any("deleted 45 days after" in note for note in made.notes)
