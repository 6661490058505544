"""Pages as the public would see them with what is typed into a form and not saved."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import LANGUAGES
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.language import own_language_name
from webinars.schedule import queries
from webinars.schedule.catalogue_forms import NewsForm, SeriesForm, TopicForm
from webinars.schedule.forms import WebinarForm
from webinars.schedule.languages import FIELDS, further_languages, in_our_language
from webinars.schedule.models import NewsItem, Series, Topic, Webinar, WebinarState
from webinars.schedule.text_forms import TextsForm
from webinars.schedule.typed import as_typed
from webinars.site.views import news_page, series_page, topic_page
from webinars.site.views import pages as pages
from webinars.site.webinar_views import webinar_page


class _Kind(NamedTuple):
    """One kind of thing with a page: its table, how it is found, its form, its page, and where it is written."""

    model: type[Any]
    find: Callable[[str], Any]
    form: type[Any]
    page: Callable[[Any], str]
    edit: str


_KINDS = {
    "webinars": _Kind(Webinar, queries.get_webinar, WebinarForm, webinar_page, "schedule_staff.webinar"),
    "series": _Kind(Series, queries.get_series, SeriesForm, series_page, "schedule_staff.series"),
    "topics": _Kind(Topic, queries.get_topic, TopicForm, topic_page, "schedule_staff.topic"),
    "news": _Kind(NewsItem, queries.get_news_item, NewsForm, news_page, "schedule_staff.news"),
}


@pages.route("/staff/preview/<kind>", methods=["GET", "POST"])
@pages.route("/staff/preview/<kind>/<slug>", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def typed_preview(kind: str, slug: str | None = None) -> ResponseReturnValue:
    """Show what is typed as the public page would; a page that is fetched anew leads back to the form."""
    if kind not in _KINDS:
        abort(404)
    found = _KINDS[kind]
    if request.method == "GET":
        return redirect(url_for(f"{found.edit}_edit", slug=slug) if slug else url_for(f"{found.edit}_new"))
    thing = found.find(slug) if slug else None
    typed = as_typed(found.model, thing, _fields(found, thing), utc_now())
    return found.page(in_our_language(typed))


def _fields(found: _Kind, thing: Any) -> dict[str, Any]:
    """Give what was typed as the service takes it: the form of the thing, or that of its texts in a language."""
    language = request.args.get("texts", "")
    if thing is not None and language in further_languages(thing):
        texts = TextsForm()
        texts.offer(FIELDS[found.model], language)
        return texts.values(language)
    form = found.form()
    if found.model is Webinar and thing is None:
        form.take_usual(queries.find_series(form.series.data or ""))
    if getattr(thing, "state", WebinarState.DRAFT) != WebinarState.DRAFT:
        form.leave_out_start()
    fields: dict[str, Any] = form.values()
    return fields


def _again() -> dict[str, Any]:
    """Give what the bar above such a page sends again: all that was typed, and the languages there are."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    languages = {code: own_language_name(code) for code in LANGUAGES}
    return {"typed": typed, "languages": languages, "asked": {**(request.view_args or {}), **request.args}}


pages.add_app_template_global(_again, "typed_again")
