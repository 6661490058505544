"""Staff pages of waves: what stood out, whether it is people, and the button that removes what a program left."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import home_zone
from webinars.registration import waves, words
from webinars.registration.models import Wave
from webinars.registration.staff_views import staff_pages


@staff_pages.get("/waves")
def wave_list() -> str:
    """List the waves: those to look at, and those that were dealt with."""
    return render_template(
        "registration_staff/waves.html",
        waiting=waves.open_waves(),
        settled=waves.settled_waves(),
        wave_words=words.wave_words,
        zone=home_zone(),
    )


@staff_pages.get("/waves/<int:number>")
def wave(number: int) -> str:
    """Show what tells people from programs in a wave."""
    return _page(_wave(number))


def _page(found: Wave, error: str | None = None) -> str:
    return render_template(
        "registration_staff/wave.html",
        wave=found,
        facts=waves.facts_of(found),
        wave_words=words.wave_words,
        zone=home_zone(),
        error=error,
    )


@staff_pages.post("/waves/<int:number>/people")
@needs(Audience.EDITOR)
def wave_is_people(number: int) -> ResponseReturnValue:
    """Let the letters of a wave go out."""
    with transaction():
        letters = waves.let_in(_wave(number), utc_now())
    noted, said = str(_("Noted: they are people.")), ""
    if letters:
        said = ngettext("%(num)s letter goes out now.", "%(num)s letters go out now.", letters)
    flash(f"{noted} {said}".rstrip(), "success")
    return redirect(url_for("registration_staff.wave", number=number))


@staff_pages.post("/waves/<int:number>/remove")
@needs(Audience.EDITOR)
def remove_wave(number: int) -> ResponseReturnValue:
    """Delete what a program left."""
    whom = request.form.get("whom", "")
    domain = whom.removeprefix("@") if whom.startswith("@") else ""
    if whom not in {"all", "marked"} and not domain:
        return _page(_wave(number), str(_("Please say whom to remove."))), 422
    with transaction():
        gone = waves.remove(_wave(number), utc_now(), marked=whom == "marked", domain=domain[:254])
    removed = ngettext("%(num)s registration removed.", "%(num)s registrations removed.", gone)
    flash(removed, "success" if gone else "error")
    return redirect(url_for("registration_staff.wave", number=number))


def _wave(number: int) -> Wave:
    return waves.find(number) or abort(404)
