"""Staff pages on which a webinar, series, topic or news item gets its texts in a further language."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.schedule import catalogue, queries, service
from webinars.schedule.forms import language_names
from webinars.schedule.languages import FIELDS, further_languages, main_language
from webinars.schedule.models import WebinarState
from webinars.schedule.staff_views import attempt, staff_pages
from webinars.schedule.text_forms import TextsForm


class _Kind(NamedTuple):
    """One kind of thing with texts: how it is found, changed and told apart, and where its own page is."""

    find: Callable[[str], Any]
    edit: Callable[..., Any]
    version: Callable[[Any], str]
    page: str


_KINDS = {
    "webinars": _Kind(queries.get_webinar, service.edit_webinar, service.webinar_version, "staff.webinar"),
    "series": _Kind(queries.get_series, service.edit_series, catalogue.version, "schedule_staff.series_edit"),
    "topics": _Kind(queries.get_topic, service.edit_topic, catalogue.version, "schedule_staff.topic_edit"),
    "news": _Kind(queries.get_news_item, service.edit_news_item, catalogue.version, "schedule_staff.news_edit"),
}


@staff_pages.route("/webinars/<slug>/texts/<language>", defaults={"kind": "webinars"}, methods=["GET", "POST"])
@staff_pages.route("/series/<slug>/texts/<language>", defaults={"kind": "series"}, methods=["GET", "POST"])
@staff_pages.route("/topics/<slug>/texts/<language>", defaults={"kind": "topics"}, methods=["GET", "POST"])
@staff_pages.route("/news/<slug>/texts/<language>", defaults={"kind": "news"}, methods=["GET", "POST"])
@needs(Audience.EDITOR)
def texts(kind: str, slug: str, language: str) -> ResponseReturnValue:
    """Write the texts of a thing in a further language, beside its main ones."""
    thing = _find(kind, slug, language)
    known = thing.translations.get(language, {})
    form = TextsForm(data={**known, "seen": _KINDS[kind].version(thing)})
    text_names = form.offer(_names(thing), language)
    if form.validate_on_submit() and _save(kind, slug, form, form.values(language)):
        return redirect(url_for(_KINDS[kind].page, slug=slug))
    return render_template(
        "schedule_staff/texts.html",
        form=form,
        kind=kind,
        thing=_find(kind, slug, language),
        code=language,
        name=language_names()[language],
        text_names=text_names,
        main=main_language(thing),
        own_page=url_for(_KINDS[kind].page, slug=slug),
    ), form.status


@staff_pages.post("/webinars/<slug>/texts/<language>/remove", defaults={"kind": "webinars"})
@staff_pages.post("/series/<slug>/texts/<language>/remove", defaults={"kind": "series"})
@staff_pages.post("/topics/<slug>/texts/<language>/remove", defaults={"kind": "topics"})
@staff_pages.post("/news/<slug>/texts/<language>/remove", defaults={"kind": "news"})
@needs(Audience.EDITOR)
def remove_texts(kind: str, slug: str, language: str) -> ResponseReturnValue:
    """Take the texts of a language away; readers get the main ones again."""
    _find(kind, slug, language)
    form = TextsForm()
    if form.validate_on_submit() and _save(kind, slug, form, {"translations": {language: None}}):
        return redirect(url_for(_KINDS[kind].page, slug=slug))
    flash(" ".join(form.form_errors), "error")
    return redirect(url_for("schedule_staff.texts", kind=kind, slug=slug, language=language))


def _save(kind: str, slug: str, form: TextsForm, values: dict[str, Any]) -> Any:
    found = _KINDS[kind]

    def deed() -> Any:
        return found.edit(found.find(slug), values, utc_now(), seen=form.seen.data)

    saved = attempt(form, deed, lambda: found.version(found.find(slug)))
    if saved:
        flash(_("Saved."), "success")
    return saved


def _find(kind: str, slug: str, language: str) -> Any:
    thing = _KINDS[kind].find(slug)
    if language not in further_languages(thing):
        abort(404)
    return thing


def _names(thing: Any) -> list[str]:
    """List the texts to ask for; why it was called off only where it was."""
    called_off = getattr(thing, "state", None) == WebinarState.CANCELLED
    return [name for name in FIELDS[type(thing)] if name != "cancel_reason" or called_off]
