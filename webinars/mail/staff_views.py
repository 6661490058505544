"""The staff's view of the outbox."""

from collections.abc import Callable, Iterable, Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.mail import outbox, queries

staff_pages = Blueprint("mail_staff", __name__)

#: turns codes ("r12", "w5", "notice:reminder") into (words, address or None); mail itself knows none of them
Names = Callable[[Iterable[str]], Mapping[str, tuple[str, str | None]]]


@staff_pages.get("/")
def desk() -> str:
    """Show how mail is doing: the queue, what failed, how far mailings are."""
    now = utc_now()
    failures, mailings = queries.recent_failures(), queries.recent_mailings()
    codes = {f"notice:{row.notice}" for row in failures} | {f"notice:{row.mailing.notice}" for row in mailings}
    codes |= (
        {row.subject for row in failures} | {row.about for row in failures} | {row.mailing.about for row in mailings}
    )
    return render_template(
        "mail_staff/desk.html",
        now=now,
        status=queries.status(now),
        failures=failures,
        mailings=mailings,
        names=_Labels(_known_names(codes - {""})),
    )


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
