"""Texts of one webinar in several languages: what each reader reads, and what a change of them means."""

from types import SimpleNamespace

import pytest
from flask import Flask

from tests.factories import NOW, make_registration, make_series, make_webinar
from webinars.core.database import db, transaction
from webinars.core.language import speaking
from webinars.notices import derive
from webinars.registration.models import Registration
from webinars.schedule import rules, service
from webinars.schedule.languages import in_language, language_of, marked, told_languages, translated
from webinars.schedule.models import Series, Webinar
from webinars.schedule.service import Problems

SPANISH = {"title": "Efectos secundarios", "summary": "Qué esperar."}


def webinar(**fields: object) -> Webinar:
    series = Series(title="Side Effects", summary="For everybody.", translations={"es": {"title": "Efectos"}})
    own = {"title": "Side effects", "summary": "What to expect.", "language": "en", "translations": {"es": SPANISH}}
    return Webinar(series=series, **(own | fields))


def test_reader_reads_their_language_and_the_main_one_where_a_text_is_missing() -> None:
    shown = in_language(webinar(description="Bring **questions**."), "es")
    assert (shown.title, shown.description) == ("Efectos secundarios", "Bring **questions**.")
    assert (language_of(shown, "title"), language_of(shown, "description")) == ("es", "en")
    assert (shown.series.title, shown.series.summary) == ("Efectos", "For everybody.")
    assert shown.language == "en", "what is spoken at it stays the same"


def test_nothing_to_translate_costs_nothing() -> None:
    plain = webinar(translations={})
    assert in_language(plain, "en") is plain
    plain.series.translations, plain.series.topic = {}, None
    assert in_language(plain, "es") is plain


def test_main_language_is_that_of_the_webinar_whatever_the_country() -> None:
    mexican = webinar(language="es-MX", title="Efectos", translations={"en": {"title": "Effects"}, "es": SPANISH})
    assert in_language(mexican, "es").title == "Efectos"
    assert in_language(mexican, "en").title == "Effects"
    assert in_language(in_language(mexican, "en"), "es").title == "Efectos", "a thing is shown in one language only"


def test_place_and_video_show_what_they_lead_to() -> None:
    place = Registration(webinar=webinar(), name="Alicia")
    assert in_language(place, "es").webinar.series.title == "Efectos"
    assert in_language(place, "es").name == "Alicia"


def test_text_in_another_language_than_the_page_says_so(app: Flask) -> None:
    one = webinar(title="<b>Side effects</b>", translations={})
    with speaking("es"):
        assert marked(one, "title") == '<span lang="en">&lt;b&gt;Side effects&lt;/b&gt;</span>'
    with speaking("en"):
        assert marked(one, "title") == "&lt;b&gt;Side effects&lt;/b&gt;"


def test_changes_are_laid_over_what_is_there() -> None:
    before = {"es": dict(SPANISH)}
    assert translated(before, {"es": {"summary": "Otra cosa."}})["es"]["title"] == SPANISH["title"]
    assert translated(before, {"es": {"summary": ""}}) == {"es": {"title": SPANISH["title"]}}
    assert translated(before, {"es": {"title": "", "summary": ""}}) == translated(before, {"es": None}) == {}
    assert before == {"es": SPANISH}, "the earlier texts are needed to tell what changed"


@pytest.mark.parametrize(
    ("before", "languages"),
    [
        ({"title": "Old"}, {"en"}),
        ({"translations": {"es": {"title": "Viejo"}}}, {"es"}),
        ({"translations": {}}, {"es"}),
        ({"translations": {"es": SPANISH | {"summary": "Viejo."}}}, set()),
        ({"title": "Old", "translations": {}}, {"en", "es"}),
        # Its main text counted as Spanish, so that the translation was hidden.
        ({"language": "es"}, {"es"}),
        ({"summary": "Old."}, set()),
    ],
)
def test_languages_in_which_the_title_is_another(before: dict[str, object], languages: set[str]) -> None:
    given = {"title": "New", "language": "en", "translations": {"es": SPANISH}}
    assert rules.retitled(SimpleNamespace(**given), before) == languages


def test_only_readers_of_a_corrected_title_are_owed_a_letter(app: Flask) -> None:
    told = {"told_sequence": 0, "entry_sequence": 0}
    found = make_webinar(translations={"es": SPANISH})
    make_registration(found, "Alice", **told)
    make_registration(found, "Alicia", language="es", **told)
    assert owed(found, {"es": {"title": "Los efectos secundarios"}}) == ["Alicia"]
    assert owed(found, {}, title="Side effects, explained") == ["Alice"]
    assert owed(found, {"es": {"summary": "Otra cosa."}}) == []
    assert sorted(owed(found, {}, duration_minutes=90)) == ["Alice", "Alicia"]
    assert found.sequence == 3


def owed(found: Webinar, texts: dict[str, dict[str, str]], **changes: object) -> list[str]:
    """Change a webinar; give who is owed a letter, and count them as told."""
    with transaction():
        service.edit_webinar(db.session.merge(found), {**changes, "translations": texts}, NOW)
    with transaction():
        derive.derive_due(NOW)
        places = db.session.query(Registration).order_by(Registration.id).all()
        letters = db.session.execute(db.text("SELECT subject FROM messages WHERE state = 'pending'")).scalars().all()
        db.session.execute(db.text("UPDATE messages SET state = 'sent'"))
        names = [place.name for place in places if place.subject in letters]
        for place in places:
            place.told_sequence = place.webinar.sequence
    return names


def test_translation_is_written_read_back_and_copied(app: Flask) -> None:
    found = make_webinar(make_series())
    with transaction():
        service.edit_webinar(db.session.merge(found), {"translations": {"es": SPANISH | {"cancel_reason": "X"}}}, NOW)
    assert told_languages(found) == ["es"]
    with transaction():
        copy = service.duplicate_webinar(db.session.merge(found), NOW)
    assert copy.translations == {"es": SPANISH}, "why the first one was called off is not the copy's"


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ({"es": {"title": "x" * 201}}, "translations.es.title"),
        ({"es": {"title": 5}}, "translations.es.title"),
        ({"es": {"slug": "x"}}, "translations.es.slug"),
        ({"xx": {"title": "x"}}, "translations.xx"),
        ({"es": "Efectos"}, "translations.es"),
        ("Efectos", "translations"),
        (None, "translations"),
    ],
)
def test_wrong_texts_are_refused_at_their_place(app: Flask, texts: object, place: str) -> None:
    found = make_webinar()
    with pytest.raises(Problems) as problems, transaction():
        service.edit_webinar(db.session.merge(found), {"translations": texts}, NOW)
    assert list(problems.value.fields) == [place]
