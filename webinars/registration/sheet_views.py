"""Staff pages to print: whom to call, and one sheet a person that says how to join; of a webinar or of a day."""

from collections.abc import Sequence
from datetime import date

from flask import render_template, request
from markupsafe import Markup

from webinars.core.clock import utc_now
from webinars.core.formats import in_zone
from webinars.core.http import discreet_name, home_zone
from webinars.core.language import speaking
from webinars.core.qr import svg_of
from webinars.registration import links, sheets, words
from webinars.registration.models import Registration
from webinars.registration.staff_views import get_webinar, staff_pages
from webinars.schedule.languages import in_language
from webinars.schedule.models import Webinar


@staff_pages.get("/webinars/<slug>/sheets")
def sheets_of_webinar(slug: str) -> str:
    """Show what is printed for one webinar."""
    webinar = get_webinar(slug)
    return _page([webinar], webinar=webinar, day=webinar.local_start.date())


@staff_pages.get("/sheets")
def sheets_of_day() -> str:
    """Show what is printed for everything on one day."""
    day = _asked_day()
    return _page(sheets.webinars_of_day(day), webinar=None, day=day)


def _asked_day() -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return in_zone(utc_now(), home_zone()).date()


def _page(webinars: Sequence[Webinar], webinar: Webinar | None, day: date) -> str:
    number, who = request.args.get("page", 1, type=int), request.args.get("who", "")
    shown = {"webinars": webinars, "webinar": webinar, "day": day, "who": who}
    if request.args.get("kind") == "joining":
        found = sheets.joining(webinars, who, number)
        return render_template(
            "registration_staff/joining_sheets.html",
            found=found,
            drawn=[_drawn(person) for person in found.items],
            **shown,
        )
    found, calls = sheets.calls(webinars, number)
    return render_template(
        "registration_staff/call_list.html",
        found=found,
        calls=calls,
        mode_words=words.mode_words,
        state_words=words.state_words,
        **shown,
    )


def _drawn(person: Registration) -> Markup:
    """Draw the sheet of one person in the language of their letters; a discreet one names no topic, as they do."""
    webinar = in_language(person.webinar, person.language)
    with speaking(person.language):
        sheet = render_template(
            "registration_staff/_joining_sheet.html",
            person=person,
            webinar=webinar,
            title=discreet_name() if person.discreet else webinar.title,
            address=links.join_url(person),
            by_mail=bool(person.email),
            svg_of=svg_of,
        )
    return Markup(sheet)
