"""The form in which staff write texts in a further language."""

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField, TextAreaField

from webinars.core.language import language_name
from webinars.schedule.forms import PlainForm


class TextsForm(PlainForm):
    """The texts of a webinar, series, topic or news item in a further language; empty ones are left out."""

    drafted = True
    title = StringField(_("Title"))
    summary = TextAreaField(_("Summary"))
    description = TextAreaField(_("Description"))
    body = TextAreaField(_("Text"))
    access_text = StringField(_("Captions and interpretation"))
    sponsor_text = TextAreaField(_("Who pays for it"))
    cancel_reason = TextAreaField(_("Why it was cancelled"))

    def offer(self, names: Collection[str], language: str) -> dict[str, str]:
        """Ask for some texts in a language; give what each is called."""
        for field in [one.short_name for one in self if isinstance(one, StringField) and one.short_name not in names]:
            if not isinstance(self[field], HiddenField):
                del self[field]
        self.places = {f"translations.{language}.{name}": name for name in names}
        called = {name: str(self[name].label.text) for name in names}
        for name, words in called.items():
            self[name].label.text = f"{words} ({language_name(language)})"
        return called

    def values(self, language: str) -> dict[str, Any]:
        """Give the texts as the service takes them."""
        return {"translations": {language: self.texts(*self.places.values())}}
