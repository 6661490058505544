"""The forms of the list of medical terms."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField

from webinars.archive.terms.models import Term
from webinars.schedule.forms import PlainForm, language_choices


class TermForm(PlainForm):
    """One medical term."""

    language = SelectField(_("Language"), validate_choice=False)
    spelling = StringField(_("Right spelling"))
    misheard = TextAreaField(_("Wrong spellings"))
    explanation = TextAreaField(_("Explanation in one sentence"))
    elsewhere = StringField(_("In another language"))

    def offer(self) -> None:
        """Fill the list to choose from."""
        self.language.choices = language_choices(self.language.data)


class TermFileForm(PlainForm):
    """A CSV file of terms."""

    file = FileField(_("CSV file"))


def term_data(term: Term) -> dict[str, str]:
    """Give what a form about a term starts with."""
    return {
        "language": term.language,
        "spelling": term.spelling,
        "misheard": "\n".join(term.misheard),
        "explanation": term.explanation,
        "elsewhere": term.elsewhere,
    }
