"""The forms of a place: registering, putting details right, asking for lost links."""

from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields import EmailField, TelField

from config import LANGUAGES
from webinars.core.clock import utc_now
from webinars.core.formats import zone_choices
from webinars.core.language import DEFAULT_LANGUAGE, own_language_name
from webinars.core.links import open_token, sign
from webinars.core.options import options
from webinars.core.text import name_key, one_line, random_id
from webinars.core.typos import suggested_address
from webinars.registration import words
from webinars.registration.corrections import Details
from webinars.registration.models import Mode, Registration
from webinars.registration.pacing import Origin
from webinars.registration.rules import (
    LONGEST_NAME,
    LONGEST_QUESTION,
    SAME_FORM_WITHIN,
    Application,
    modes_of,
    said_of,
    tidy_address,
)
from webinars.schedule.models import Webinar

_FORM = "form"
#: nobody reads and fills in the form faster; who does is looked at by staff, never refused
_FASTEST_SECONDS = 2
#: in which letters are written, each named by itself
LETTER_LANGUAGES = options((code, own_language_name(code)) for code in LANGUAGES)
#: ticked boxes and switches as browsers and scripts send them
FALSE = (False, "false", "", "0", "off", "no")


def new_nonce() -> str:
    """Make the number that tells one rendered form from another, signed with the time at which it was made."""
    return sign(_FORM, random_id(), int(utc_now().timestamp()))


class RegistrationForm(FlaskForm):  # type: ignore[misc]
    """Sign-up for one webinar: only a name and an address are needed."""

    class Meta:
        """No token: docs/decisions/0002-no-csrf-token-on-sign-up.md."""

        csrf = False

    name = StringField(lazy_gettext("Your name"))
    email = EmailField(lazy_gettext("Email address"))
    mode = RadioField(
        lazy_gettext("How would you like to take part?"),
        choices=options((mode.value, label) for mode, label in words.MODES.items()),
        default=Mode.LIVE.value,
        validate_choice=False,
    )
    question: TextAreaField | None = TextAreaField(
        lazy_gettext("A question for the speakers"), description=lazy_gettext("Shared without your name.")
    )
    discreet = BooleanField(
        lazy_gettext("Keep my emails discreet"),
        description=words.DISCREET,
        false_values=FALSE,
    )
    # Without a label, be it an empty one, the library makes one and reads its catalogue from disk to translate it.
    #: filled in by the browser; an empty or unknown one becomes the webinar's
    time_zone = HiddenField("")
    #: a trap: people do not see it
    website = StringField(lazy_gettext("Leave this empty"))
    #: when the page was made, seconds since 1970
    opened = HiddenField("")
    #: the same page sent twice is the same person
    nonce = HiddenField("", default=new_nonce)

    def validate_name(self, field: StringField) -> None:
        """Ask for a name."""
        field.data = one_line(field.data or "")
        check_name(field.data)

    def validate_email(self, field: EmailField) -> None:
        """Check the address as far as that goes without asking a server."""
        field.data = checked_address(field.data or "")

    def validate_question(self, field: TextAreaField) -> None:
        """Keep questions readable."""
        if len(field.data or "") > LONGEST_QUESTION:
            message = _("Please shorten your question to %(number)s characters.", number=LONGEST_QUESTION)
            raise ValidationError(message)

    def application(self, language: str, origin: Origin, now: datetime | None = None) -> Application:
        """Give what was asked for, once validated."""
        return Application(
            name=self.name.data or "",
            email=self.email.data,
            time_zone=one_line(self.time_zone.data or ""),
            language=language,
            mode=self.mode.data or Mode.LIVE,
            discreet=bool(self.discreet.data),
            question=(self.question.data or "") if self.question else "",
            suspicious=self._is_suspicious(now or utc_now()),
            form_nonce=_number_of(self.nonce.data, now or utc_now()),
            client_key=origin.client_key,
            letters_from=origin.letters_from,
        )

    def _is_suspicious(self, now: datetime) -> bool:
        opened = self.opened.data or ""
        too_fast = opened.isdecimal() and len(opened) < 12 and now.timestamp() - int(opened) < _FASTEST_SECONDS
        advertises = any(mark in (self.name.data or "").lower() for mark in ("://", "www."))
        return bool(self.website.data) or too_fast or advertises


def registration_form(webinar: Webinar) -> RegistrationForm:
    """Make the sign-up form of a webinar, with the ways of taking part that it has."""
    form = RegistrationForm()
    offer_modes(form, webinar)
    return form


def offer_modes(form: RegistrationForm, webinar: Webinar) -> None:
    """Offer the ways of taking part that a webinar has."""
    form.mode.choices = options((mode.value, words.mode_words(mode)) for mode in modes_of(webinar))


def _number_of(nonce: str | None, now: datetime) -> str | None:
    """Give the number of a form that is not older than sending it twice takes."""
    number, made_at = open_token(_FORM, nonce or "") or ("", 0)
    return number if number and now.timestamp() - made_at < SAME_FORM_WITHIN.total_seconds() else None


class DetailsForm(FlaskForm):  # type: ignore[misc]
    """What a person may put right about their place."""

    name = StringField(lazy_gettext("Your name"))
    time_zone = SelectField(lazy_gettext("Time zone of your letters"))
    language = RadioField(lazy_gettext("Language of your letters"), choices=LETTER_LANGUAGES)
    discreet = BooleanField(
        lazy_gettext("Keep my emails discreet"),
        description=words.DISCREET,
        false_values=FALSE,
    )

    def validate_name(self, field: StringField) -> None:
        """Ask for a name."""
        field.data = one_line(field.data or "")
        check_name(field.data)


class PersonForm(DetailsForm):
    """The same, put right by staff."""

    name = StringField(lazy_gettext("Name"))
    time_zone = SelectField(lazy_gettext("Time zone of the letters"))
    language = RadioField(lazy_gettext("Language of the letters"), choices=LETTER_LANGUAGES)
    discreet = BooleanField(
        lazy_gettext("Keep letters discreet"),
        description=words.DISCREET,
        false_values=FALSE,
    )


def details_form(registration: Registration, kind: type[DetailsForm] = DetailsForm, sent: bool = True) -> DetailsForm:
    """Make the form, filled in with what is known unless it was ``sent``."""
    form = kind(obj=registration) if sent else kind(formdata=None, obj=registration)
    form.time_zone.choices = zone_choices(utc_now(), [registration.time_zone])
    return form


def details_of(form: DetailsForm) -> Details:
    """Give what a form says, once validated."""
    return Details(form.name.data or "", form.time_zone.data or "", bool(form.discreet.data), form.language.data)


class AddressForm(FlaskForm):  # type: ignore[misc]
    """One address: for lost links, or to put a wrong one right."""

    email = EmailField(lazy_gettext("Email address"))

    def validate_email(self, field: EmailField) -> None:
        """Check the address as far as that goes without asking a server."""
        field.data = checked_address(field.data or "")


class NewAddressForm(AddressForm):
    """The address that somebody wants their letters at from now on."""

    email = EmailField(lazy_gettext("New email address"))


class CompanionForm(FlaskForm):  # type: ignore[misc]
    """Somebody else who is coming along."""

    companion = StringField(lazy_gettext("Their name"))

    def validate_companion(self, field: StringField) -> None:
        """Ask for a name."""
        field.data = one_line(field.data or "")
        check_name(field.data)


class CallerForm(FlaskForm):  # type: ignore[misc]
    """Staff register somebody, who may have no email."""

    name = StringField(lazy_gettext("Name"))
    email = EmailField(lazy_gettext("Email address"))
    phone = TelField(lazy_gettext("Telephone number"))
    mode = RadioField(lazy_gettext("Takes part"), default=Mode.LIVE.value)
    time_zone = SelectField(lazy_gettext("Time zone of the letters"))
    language = RadioField(
        lazy_gettext("Language of the letters"),
        choices=LETTER_LANGUAGES,
        default=DEFAULT_LANGUAGE,
    )
    discreet = BooleanField(
        lazy_gettext("Keep letters discreet"),
        description=words.DISCREET,
    )
    question = TextAreaField(
        lazy_gettext("A question for the speakers"), description=lazy_gettext("Shared without the name.")
    )

    def validate_name(self, field: StringField) -> None:
        """Ask for a name."""
        field.data = one_line(field.data or "")
        check_name(field.data)

    def validate_email(self, field: EmailField) -> None:
        """Check the address, if there is one."""
        field.data = checked_address(field.data or "") if (field.data or "").strip() else None

    def validate_phone(self, field: TelField) -> None:
        """Ask for a number when there is no address."""
        field.data = one_line(field.data or "")
        if not self.email.data and sum(character.isdigit() for character in field.data) < 5:
            raise ValidationError(_("Without an email address we need a telephone number to know the person by."))

    def application(self) -> Application:
        """Give what was asked for, once validated."""
        return Application(
            name=self.name.data or "",
            email=self.email.data or None,
            phone=self.phone.data or "",
            time_zone=self.time_zone.data or "",
            language=self.language.data or DEFAULT_LANGUAGE,
            mode=self.mode.data or Mode.LIVE,
            discreet=bool(self.discreet.data),
            question=self.question.data or "",
        )


def caller_form(webinar: Webinar, looked_for: str = "") -> CallerForm:
    """Make the form for a caller, in the webinar's zone and language; as long as no address is given, by telephone.

    ``looked_for``: the words with which staff looked for them in vain.
    """
    modes, said = modes_of(webinar), said_of(looked_for)
    mode = Mode.PHONE if Mode.PHONE in modes and "email" not in said else Mode.LIVE
    language = webinar.language if webinar.language in LANGUAGES else DEFAULT_LANGUAGE
    data = {"time_zone": webinar.time_zone, "language": language, "mode": mode.value} | said
    form = CallerForm(data=data)
    form.mode.choices = options((mode.value, words.mode_words(mode)) for mode in modes)
    form.time_zone.choices = zone_choices(utc_now(), [webinar.time_zone])
    return form


def check_name(name: str) -> None:
    """Check that there is a name, and that it is not too long.

    Raises ValidationError.
    """
    if not name_key(name):
        raise ValidationError(_("Please enter a name."))
    if len(name) > LONGEST_NAME:
        raise ValidationError(_("Please use at most %(number)s characters.", number=LONGEST_NAME))


def checked_address(typed: str) -> str:
    """Tidy an address and check its form, without asking a server.

    Raises ValidationError with a sentence that says what to look at.
    """
    text = tidy_address(typed)
    if not text:
        raise ValidationError(_("Please enter an email address."))
    if "@" not in text:
        raise ValidationError(_("Check the address: it needs an @, as in name@example.org."))
    local, _at, domain = text.rpartition("@")
    if not local:
        raise ValidationError(_("Check the address: the part before @ is missing."))
    if not _is_whole(domain):
        meant = suggested_address(text)
        if meant is not None:
            raise ValidationError(_("Check the address: did you mean %(address)s?", address=meant))
        raise ValidationError(_("Check the address: the part after @ looks incomplete."))
    try:
        # Names reserved for tests pass: whether mail arrives is not the form's business.
        found = validate_email(
            text, check_deliverability=False, test_environment=True, strict=True, allow_smtputf8=False
        )
    except EmailNotValidError:
        raise ValidationError(_("Check the address: something in it cannot be part of an address.")) from None
    return found.normalized


def _is_whole(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) > 1 and all(labels) and len(labels[-1]) > 1 and not labels[-1].isdecimal()


def shown_place(typed: str) -> int:
    """Read the place in line that a page named; what no page of ours wrote counts as 0: nothing less is taken."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0
