"""Kinds of values in JSON that the libraries read too loosely, or write in another form."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields
from wtforms import ValidationError as FormError

from webinars.core.zones import is_zone
from webinars.registration.forms import checked_address
from webinars.registration.questions.rules import MOST_OPTIONS


class Flag(fields.Boolean):
    """True or false, and nothing that resembles them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Instant(fields.DateTime):
    """An instant in UTC: "2026-12-03T18:00:00Z"."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat().replace("+00:00", "Z")


class WallClock(fields.String):
    """A local time without zone: "2026-12-03T13:00". The service reads it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return str(value.isoformat(timespec="seconds" if value.second else "minutes"))


def check_zone(name: str) -> None:
    """Refuse what is no IANA zone; raises ValidationError."""
    if not is_zone(name):
        raise ValidationError(_("“%(name)s” is not a time zone we know.", name=name[:60]))


def check_answer(said: Any) -> None:
    """Refuse what is no answer to a question: text, or a list of the keys of options; raises ValidationError."""
    keys = said if isinstance(said, list) else [said]
    if len(keys) > MOST_OPTIONS or not all(isinstance(key, str) for key in keys):
        raise ValidationError(_("An answer is text, or a list of keys."))


def check_address(address: str) -> None:
    """Refuse what cannot be an email address, as the form on the page does; raises ValidationError."""
    try:
        checked_address(address)
    except FormError as error:
        raise ValidationError(str(error)) from None


class Given(Schema):
    """What a program sends: a field that does not exist is refused, not dropped."""

    class Meta:
        """Refuse unknown fields, and say so in the document."""

        unknown = "raise"


class Shown(Schema):
    """What a program gets back: every field is always there, and later versions may add some."""

    class Meta:
        """Promise no closed list of fields."""

        unknown = "include"

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Describe a field as always there."""
        field_obj.required = True
