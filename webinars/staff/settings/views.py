"""Staff pages of the organisation's settings, for owners."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinars.accounts import service as accounts
from webinars.accounts.entering import asked_again
from webinars.accounts.queries import current_staff
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import current_settings
from webinars.core.organization import standing
from webinars.mail.models import Message
from webinars.mail.outbox import sender_domain
from webinars.schedule.attempting import attempt
from webinars.schedule.forms import PlainForm
from webinars.site import production
from webinars.staff.settings import service
from webinars.staff.settings.forms import form_for, in_words, label_of

staff_pages = Blueprint("settings_staff", __name__)

TOPICS = {
    "organization": _l("Organisation"),
    "mail": _l("Mail"),
    "privacy": _l("Privacy and retention"),
    "defaults": _l("Defaults"),
}
#: who may write in the organisation's name, what it promises and for how long it keeps it
_WEIGHTY = ("mail", "privacy")
_TOPIC = "any(organization, mail, privacy, defaults)"


@staff_pages.get("/")
def first() -> ResponseReturnValue:
    """Lead to the first page."""
    return redirect(url_for(".page", topic="organization"))


@staff_pages.route(f"/<{_TOPIC}:topic>", methods=["GET", "POST"])
@asked_again("POST", where=lambda topic: topic in _WEIGHTY)
def page(topic: str) -> ResponseReturnValue:
    """Show the settings of a topic, and save them."""
    now, settings = utc_now(), service.on_topic(topic)
    rows = service.shown(settings, standing.stored())
    form = form_for(rows, now)
    if form.validate_on_submit() and _save(form, topic):
        flash(_("Saved. Every page and letter follows within a few seconds."), "success")
        return redirect(url_for(".page", topic=topic), 303)
    answer = render_template(
        "staff/settings/page.html",
        topic=topic,
        title=TOPICS[topic],
        form=form,
        rows=service.shown(settings, standing.stored()),
        label_of=label_of,
        in_words=in_words,
        **(_mail() if topic == "mail" else {}),
    )
    return answer, form.status


def _save(form: PlainForm, topic: str) -> bool:
    """Save a page of settings; what stands against it goes into the form."""
    settings = service.on_topic(topic)
    asked = {setting.name: form[setting.name].data or "" for setting in settings if setting.name in form}

    def save() -> bool:
        service.save(settings, asked, utc_now(), form.seen.data)
        return True

    def current() -> str:
        standing.look_again()
        return service.version(service.shown(settings, standing.stored()))

    saved = attempt(form, save, current)
    standing.look_again()
    return saved is not None


@staff_pages.post("/<any(organization, mail, privacy, defaults, look):topic>/back")
@asked_again(where=lambda topic: topic in _WEIGHTY)
def take_back(topic: str) -> ResponseReturnValue:
    """Let the configuration's value hold again."""
    try:
        with transaction():
            service.take_back(topic, request.form.get("name", ""), utc_now())
        flash(_("It is as the configuration says again."), "success")
    except UserError as error:
        flash(str(error), "error")
    standing.look_again()
    return redirect(url_for(".page", topic=topic) if topic in TOPICS else url_for(".look"), 303)


@staff_pages.post("/mail/test")
def test_letter() -> ResponseReturnValue:
    """Send a letter to whoever asks, the way all letters go."""
    person = current_staff()
    assert person is not None
    address = person.email
    with transaction():
        accounts.owe_test_letter(address, utc_now())
    flash(_("A letter to %(address)s waits for its turn.", address=address), "success")
    return redirect(url_for(".page", topic="mail", _anchor="test"), 303)


def _mail() -> dict[str, Any]:
    """Say what becomes of the test letter, and whether the sender fits the signature."""
    person, settings = current_staff(), current_settings()
    usual = standing.base_settings().mail_default_sender.rpartition("@")[2].strip(" >")
    signed = settings.dkim_domain or usual
    fits = f".{sender_domain()}".endswith(f".{signed}")
    letter = accounts.find_test_letter(person.email) if person else None
    return {"letter": letter, "letter_words": _letter_words(letter), "signed": "" if fits else signed,
            "domain": sender_domain()}  # fmt: skip


def _letter_words(letter: Message | None) -> str:
    if letter is None:
        return ""
    if letter.state in {"pending", "sending"} and letter.attempts:
        return _("It was tried and is tried again.")
    words = {
        "pending": _("It waits for its turn. If it still does in a minute, the page Mail says what is wrong."),
        "sending": _("It is on its way to the mail server."),
        "sent": _("The mail server took it. Now look into your mailbox, and among spam."),
        "failed": _("The mail server refused it."),
    }
    return words.get(letter.state, _("It was not sent."))


@staff_pages.get("/ready")
def ready() -> str:
    """Show what ``flask check`` says, with what each line means and how it is mended."""
    found = production.looked_at()
    return render_template(
        "staff/settings/ready.html",
        amiss=[(check, problem) for check, problem in found if problem],
        well=[check for check, problem in found if not problem],
    )
