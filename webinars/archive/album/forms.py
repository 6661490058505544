"""The forms about pictures and portraits."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, TextAreaField

from config import LANGUAGES
from webinars.core.language import language_word
from webinars.schedule.plain_form import PlainForm


class WordsForm(PlainForm):
    """What a picture shows, in every language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, field in zip(LANGUAGES, self.in_languages(), strict=True):
            field.label.text = gettext("What the picture shows, in %(language)s", language=language_word(code))

    def in_languages(self) -> list[Field]:
        """List the fields of the languages."""
        return [self[_name(code)] for code in LANGUAGES]

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        return self.texts(*map(_name, LANGUAGES), "decorates")


class PictureForm(WordsForm):
    """A picture for texts."""

    file = FileField(_("Picture"))
    #: a picture that arrived with a form in which something was missing (service.token_of)
    arrived = HiddenField()
    decorates = BooleanField(
        _("It only decorates"),
        description=_("Nothing is lost on who does not see it, so nothing is read out to them."),
    )


class PortraitForm(WordsForm):
    """The portrait of a speaker."""

    file = FileField(_("Picture"))


def _name(code: str) -> str:
    return f"words_{code}"


for _code in LANGUAGES:
    setattr(WordsForm, _name(_code), TextAreaField())


def words_data(words: Mapping[str, str]) -> dict[str, str]:
    """Give the words of a picture by form field."""
    return {_name(code): text for code, text in words.items()}
