"""The staff's view of the outbox."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.mail import checks, flow, outbox, queries
from webinars.mail.inbound import queries as inbound_queries
from webinars.mail.inbound import service as inbound
from webinars.mail.inbound import words
from webinars.mail.inbound.understanding import LONGEST_TEXT
from webinars.mail.models import Message

staff_pages = Blueprint("mail_staff", __name__)

#: the time whose messages are counted
_COUNTED = timedelta(days=30)
#: turns codes ("r12", "w5", "notice:reminder") into (words, address or None); mail itself knows none of them
Names = Callable[[Iterable[str]], Mapping[str, tuple[str, str | None]]]


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
    codes = {f"notice:{row.notice}" for row in failures} | {f"notice:{row.mailing.notice}" for row in mailings}
    codes |= (
        {row.subject for row in failures} | {row.about for row in failures} | {row.mailing.about for row in mailings}
    )
    mood = _mood(status, current)
    return {
        "now": now,
        "status": status,
        "flow": current,
        "mailings": mailings,
        "names": _Labels(_known_names(codes - {""})),
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
@needs(Audience.HOST)
def retry() -> Response:
    """Try one letter again, or all that wait for their next attempt."""
    number = request.form.get("message", type=int)
    with transaction():
        count = outbox.retry(utc_now(), None if number is None else [number])
    flash(_("Trying again now.") if count else _("There was nothing to try again."), "success" if count else "info")
    return redirect(url_for(".desk"))


@staff_pages.post("/hold")
@needs(Audience.EDITOR)
def hold() -> Response:
    """Stop sending."""
    with transaction():
        outbox.hold()
    flash(_("Mail is on hold. Letters are kept and go out when you release it."), "warning")
    return redirect(url_for(".desk"))


@staff_pages.post("/release")
@needs(Audience.EDITOR)
def release() -> Response:
    """Send again."""
    with transaction():
        outbox.release()
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
        names=_Labels(_known_names({row.subject for row in page.items if row.subject})),
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
        names=_Labels(_known_names({message.subject} if message.subject else set())),
    )


@staff_pages.post("/tray/<int:number>/done")
@needs(Audience.HOST)
def tray_done(number: int) -> Response:
    """Note that a message was dealt with."""
    with transaction():
        inbound.mark_done(number, utc_now())
    flash(_("Done. You find it below the ones that wait, for 30 days."), "success")
    return redirect(url_for(".tray"))


_MOODS = {
    "held": lazy_gettext("Mail is on hold."),
    "unreachable": lazy_gettext("The mail server cannot be reached."),
    "asleep": lazy_gettext("No mail worker is running."),
    "busy": lazy_gettext("Letters are going out."),
    "idle": lazy_gettext("Every letter that is due has left."),
}


class _Labels:
    """Gives words for codes, the code itself when nobody knows better."""

    def __init__(self, known: Mapping[str, tuple[str, str | None]]) -> None:
        self._known = known

    def words(self, code: str) -> str:
        """Give the words of a code."""
        if code in self._known:
            return self._known[code][0]
        return code.removeprefix("notice:").replace("_", " ").capitalize() if code.startswith("notice:") else code

    def url(self, code: str) -> str | None:
        """Give the page about a code, if there is one."""
        return self._known[code][1] if code in self._known else None


def _known_names(codes: set[str]) -> Mapping[str, tuple[str, str | None]]:
    names: Names | None = current_app.extensions.get("mail_names")
    return names(codes) if names and codes else {}
