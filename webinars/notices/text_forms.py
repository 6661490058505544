"""The forms in which staff write letters. They carry what was typed; the service says what is wrong with it."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from config import LANGUAGES
from webinars.core.options import options
from webinars.notices.announcement_rules import STANDINGS
from webinars.notices.models import Announcement
from webinars.notices.wording_service import Typed
from webinars.registration.models import Mode
from webinars.registration.words import mode_words, state_words
from webinars.schedule.forms import PlainForm, TimedForm, language_names


class WordsForm(PlainForm):
    """Subject and text of a letter in each language, as subject_<language> and body_<language>."""

    drafted = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, name in language_names().items():
            self[f"subject_{language}"].label.text = gettext("Subject in %(language)s", language=name)
            self[f"body_{language}"].label.text = gettext("Text in %(language)s", language=name)

    def typed(self) -> dict[str, Typed]:
        """Give what was typed, by language."""
        return {
            language: Typed(self[f"subject_{language}"].data or "", self[f"body_{language}"].data or "")
            for language in LANGUAGES
        }


for _language in LANGUAGES:
    setattr(WordsForm, f"subject_{_language}", StringField())
    setattr(WordsForm, f"body_{_language}", TextAreaField())


def _ticks(label: Any) -> SelectMultipleField:
    return SelectMultipleField(
        label,
        choices=[],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class AnnouncementForm(WordsForm):
    """An announcement and whom it is for; nothing ticked in a group means everybody."""

    states = _ticks(_("Where they stand"))
    modes = _ticks(_("How they take part"))
    languages = _ticks(_("Language of their letters"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.states.choices = options((name, state_words(name)) for name in STANDINGS)
        self.modes.choices = options((mode.value, mode_words(mode)) for mode in Mode)
        self.languages.choices = options(language_names().items())

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        texts = [f"{part}_{language}" for language in LANGUAGES for part in ("subject", "body")]
        return self.texts(*texts, "states", "modes", "languages")


class SendForm(TimedForm):
    """When an announcement goes out."""

    when = RadioField(
        _("When does it go out?"),
        choices=options([("now", _("Now")), ("later", _("Later"))]),
        default="now",
        validate_choice=False,
    )
    start_time = StringField(_("Time"), widget=TimeInput())


def announcement_data(announcement: Announcement) -> dict[str, Any]:
    """Give an announcement's values by form field."""
    texts = {
        f"{part}_{language}": text for language, parts in announcement.texts.items() for part, text in parts.items()
    }
    return texts | dict(announcement.audience)
