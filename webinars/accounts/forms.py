"""Forms for signing in, for passwords, and for people."""

from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm
from flask_security.utils import verify_password
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, ValidationError

from webinars.accounts import limits, rules
from webinars.accounts.models import RoleName, User
from webinars.core.options import options
from webinars.core.text import email_key, one_line

#: what each role may do, the least first
ROLE_NAMES = {
    RoleName.HOST: _l("Host"),
    RoleName.VIEWER: _l("Viewer"),
    RoleName.EDITOR: _l("Editor"),
    RoleName.OWNER: _l("Owner"),
}
ROLE_WORDS = {
    RoleName.HOST: _l("Sees only the webinars in whose team they are: numbers and questions, no addresses."),
    RoleName.VIEWER: _l("Sees webinars, registrations and letters, and changes nothing."),
    RoleName.EDITOR: _l("Schedules, moves and cancels webinars, helps registrants, publishes recordings."),
    RoleName.OWNER: _l("Everything, and decides who may sign in."),
}


def _folded(address: str | None) -> str:
    written = one_line(address or "")
    return email_key(written) if "@" in written else written


def _cut(password: str | None) -> str:
    """Keep one character more than a password may have: the library that hashes raises for very long ones."""
    return (password or "")[: rules.MOST_PASSWORD + 1]


class SignInForm(LoginForm):
    """Signing in: address and password, nothing remembered, one answer for whatever is wrong."""

    remember = None  # type: ignore[assignment]
    email = EmailField(_l("Email"), validators=[DataRequired(_l("Enter your email address."))], filters=[_folded])
    password = PasswordField(_l("Password"), validators=[DataRequired(_l("Enter your password."))], filters=[_cut])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = rules.safe_next(self.next.data or "")
        # The library writes a link there; the page has its own.
        self.password.description = ""

    def validate(self, **kwargs: Any) -> bool:
        """Check address and password within the limits; aborts with 429 beyond them."""
        email = self.email.data or ""
        if not limits.may_try(email):
            abort(429)
        if super().validate(**kwargs):
            limits.note_success(email)
            return True
        # The library found the fields empty, or else said which of the two was wrong: nobody learns that here.
        if email and self.password.data and not self.csrf_token.errors:
            limits.note_failure(email)
            self.email.errors = []
            self.password.errors = []
            self.form_errors = [_("The address or the password is not right. Check both and try again.")]
        return False


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """Asking for a letter with which a new password can be chosen."""

    email = EmailField(
        _l("Email"), validators=[DataRequired(_l("Enter your email address.")), Length(max=254)], filters=[_folded]
    )


class _FormOfUser(FlaskForm):  # type: ignore[misc]
    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class NewPasswordForm(_FormOfUser):
    """Choosing a password, typed once: the browser can show it."""

    new_password = PasswordField(_l("New password"), validators=[DataRequired(_l("Choose a password."))])

    def validate_new_password(self, field: Field) -> None:
        """Refuse what is easy to guess."""
        problem = rules.password_problem(field.data or "", self.user.email)
        if problem:
            raise ValidationError(problem)


class _PresentPasswordForm(_FormOfUser):
    """Showing with the password that it is them."""

    password = PasswordField(
        _l("Present password"), validators=[DataRequired(_l("Enter your present password."))], filters=[_cut]
    )

    def validate_password(self, field: Field) -> None:
        """Check that it is really them at the keyboard; aborts with 429 after too many tries."""
        if not limits.may_try(self.user.email):
            abort(429)
        if not self.user.password or not verify_password(field.data or "", self.user.password):
            limits.note_failure(self.user.email)
            raise ValidationError(_("This is not your present password."))


class ChangePasswordForm(NewPasswordForm, _PresentPasswordForm):
    """Choosing another password while signed in; who has none yet chooses the first."""

    repeated = PasswordField(
        _l("New password once more"), validators=[EqualTo("new_password", _l("The two new passwords differ."))]
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        if not user.password:
            del self.password


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code: of an app, or a recovery code."""

    code = StringField(_l("Code"), validators=[DataRequired(_l("Enter the code.")), Length(max=100)])


class ConfirmForm(CodeForm, _PresentPasswordForm):
    """Showing once more that it is them, by all that signing in asks of them."""

    def __init__(self, user: User, *args: Any, asks_code: bool, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        if not asks_code:
            del self.code


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """What a browser says about a passkey; a script fills it in."""

    answer = HiddenField(validators=[DataRequired(), Length(max=20_000)])


class NewPasskeyForm(PasskeyForm):
    """A passkey that is added."""

    name = StringField(_l("Name of the passkey"), validators=[Length(max=80)])


class NameForm(FlaskForm):  # type: ignore[misc]
    """How somebody is called."""

    name = StringField(_l("Name"), validators=[Length(max=200)])


class PersonForm(NameForm):
    """A member of staff."""

    role = SelectField(
        _l("Role"),
        choices=options((role.value, words) for role, words in ROLE_NAMES.items()),
        default=RoleName.HOST.value,
    )


class NewPersonForm(PersonForm):
    """A member of staff who is to be let in."""

    email = EmailField(_l("Email"), validators=[DataRequired(_l("Enter an email address.")), Length(max=254)])
