"""The staff's view of the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import LARGEST_KEY, transaction
from webinars.core.http import current_settings, home_zone
from webinars.mail import checks, flow, queries, service
from webinars.mail.inbound import queries as inbound_queries
from webinars.mail.inbound import service as inbound
from webinars.mail.inbound import words
from webinars.mail.inbound.understanding import LONGEST_TEXT
from webinars.mail.models import Mailing, Message
from webinars.mail.names import labels, letter_code

staff_pages = Blueprint("mail_staff", __name__)

#: the time whose messages are counted
_COUNTED = timedelta(days=30)


@staff_pages.get("/")
def desk() -> str:
    """Show how mail is doing: the queue, how far mailings are, what is missing or stuck, what failed."""
    now = utc_now()
    failures = queries.recent_failures()
    return render_template(
        "mail_staff/desk.html",
        failures=failures,
        checks=checks.findings(now).sentences,
        **_moving(now, failures),
    )


@staff_pages.get("/queue")
def queue() -> ResponseReturnValue:
    """Give the part of the desk that moves, for the script that fetches it; others get the whole desk."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".desk"))
    return render_template("mail_staff/_queue.html", was=request.args.get("was", ""), **_moving(utc_now()))


def _moving(now: datetime, failures: Sequence[Message] = ()) -> dict[str, Any]:
    """Read what moves, and the names of all that is shown."""
    status, current, mailings = queries.status(now), flow.flow(now), queries.recent_mailings()
    rows: list[Message | Mailing] = [*failures, *(row.mailing for row in mailings)]
    codes = {letter_code(row) for row in rows} | {row.about for row in rows} | {row.subject for row in failures}
    mood = _mood(status, current)
    return {
        "now": now,
        "status": status,
        "flow": current,
        "mailings": mailings,
        "names": labels(codes),
        "code": letter_code,
        "mood": mood,
        "mood_words": _MOODS[mood],
    }


def _mood(status: queries.Status, current: flow.Flow) -> str:
    """Name in a word how mail is doing; only a change of it is worth being read out."""
    if status.on_hold:
        return "held"
    if status.paused_until:
        return "unreachable"
    if not current.workers:
        return "asleep"
    return "busy" if status.sending or status.oldest_due else "idle"


@staff_pages.post("/retry")
@needs(Audience.EDITOR)
def retry() -> Response:
    """Try one letter again, or all that wait for their next attempt."""
    number, now = _letter_meant(), utc_now()
    with transaction():
        count = service.try_again(now, [] if number is None else [number])
    flash(_("Trying again now.") if count else _("There was nothing to try again."), "success" if count else "info")
    return redirect(url_for(".desk"))


def _letter_meant() -> int | None:
    """Give the number of the one letter that a form names, None for a form about all; aborts for what is no number."""
    if "message" not in request.form:
        return None
    number = request.form.get("message", type=int)
    return number if number is not None and 0 < number <= LARGEST_KEY else abort(422)


@staff_pages.post("/hold")
@needs(Audience.EDITOR)
def hold() -> Response:
    """Stop sending."""
    with transaction():
        service.hold(utc_now())
    return redirect(url_for(".desk"))


@staff_pages.post("/release")
@needs(Audience.EDITOR)
def release() -> Response:
    """Send again."""
    with transaction():
        service.release(utc_now())
    flash(_("Mail goes out again."), "success")
    return redirect(url_for(".desk"))


@staff_pages.get("/tray")
def tray() -> str:
    """Show what came back and has to be read, and count what was understood."""
    now = utc_now()
    page = inbound_queries.tray(now, request.args.get("page", 1, type=int))
    return render_template(
        "mail_staff/tray.html",
        now=now,
        page=page,
        waiting=inbound_queries.count_waiting(),
        counts=inbound_queries.counts_since(now - _COUNTED),
        days=_COUNTED.days,
        kinds=words.KINDS,
        why=words.why,
        names=labels({code for row in page.items for code in (row.subject or "", row.sender)}),
    )


@staff_pages.get("/tray/<int:number>")
def tray_message(number: int) -> str:
    """Show one message that came back, as plain text."""
    message = inbound_queries.find(number) or abort(404)
    return render_template(
        "mail_staff/tray_message.html",
        message=message,
        why=words.why(message),
        longest=LONGEST_TEXT,
        names=labels({message.subject or "", message.sender}),
        zone=home_zone(),
        answer_url=words.answer_url(message),
    )


@staff_pages.post("/tray/<int:number>/done")
@needs(Audience.EDITOR)
def tray_done(number: int) -> Response:
    """Note that a message was dealt with."""
    now = utc_now()
    with transaction():
        if inbound.mark_done(number, now):
            service.note("message dealt with", "inbound", number, now)
    days = current_settings().period_of("inbound", inbound.INBOUND_DAYS).days
    flash(_("Done. You find it below the ones that wait, for %(days)s days.", days=days), "success")
    return redirect(url_for(".tray"))


_MOODS = {
    "held": lazy_gettext("Mail is on hold."),
    "unreachable": lazy_gettext("The mail server cannot be reached."),
    "asleep": lazy_gettext("No mail worker is running."),
    "busy": lazy_gettext("Letters are going out."),
    "idle": lazy_gettext("Every letter that is due has left."),
}
