"""What the cells of a row say, in any of the ways people write it; an empty cell says what the form starts with."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import ValidationError

from config import LANGUAGES
from webinars.core.text import email_key, many_lines, one_line
from webinars.core.zones import is_zone
from webinars.registration.exchange.asked import FALSE, TRUE, given_in
from webinars.registration.exchange.columns import folded
from webinars.registration.exchange.sheets import Flaw
from webinars.registration.forms import check_name, checked_address
from webinars.registration.models import Mode
from webinars.registration.questions.rules import NOTHING, Asking, read
from webinars.registration.rules import (
    LONGEST_KEY,
    LONGEST_PHONE,
    LONGEST_QUESTION,
    Application,
    modes_of,
    phone_digits,
    tidy_address,
)
from webinars.schedule.models import Webinar

#: each way to take part as people write it, and as our own pages and files call it
_MODES = {
    Mode.LIVE: "live, online, in person, en vivo, en directo, live online, with video",
    Mode.PHONE: "phone, telephone, by telephone, by phone, telefono, por telefono",
    Mode.RECORDING: "recording, recording only, the recording, grabacion, la grabacion, solo la grabacion",
}
_MODE_OF = {name.strip(): mode for mode, names in _MODES.items() for name in names.split(",")}
_LANGUAGE_OF = {"english": "en", "ingles": "en", "spanish": "es", "espanol": "es", "castellano": "es"}
#: what a spreadsheet takes for the beginning of a formula, also in its full-width form
_FORMULA = frozenset("=+-@\t\r\n")
_LEAST_DIGITS = 5
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row, and what to do."""

    sentence: str
    #: the place of the cell in the row; None = it is about the whole row
    column: int | None = None


@dataclass(frozen=True)
class Reading:
    """What a row asks for, or what is wrong with it."""

    application: Application | None
    problems: tuple[Problem, ...] = ()


def read_row(
    cells: list[str], flaws: Mapping[int, str], fields: list[str], webinar: Webinar, asking: Asking = NOTHING
) -> Reading:
    """Read a row, given the field that each column holds, and what the webinar asks beyond the usual."""
    place = {field: number for number, field in enumerate(fields) if field}
    said, problems = {}, []
    for field, number in place.items():
        if number in flaws:
            problems.append(Problem(_flaw_words(flaws[number]), number))
        said[field] = undefused(cells[number]) if number < len(cells) else ""
    if any(cell.strip() for cell in cells[len(fields) :]):
        problems.append(Problem(_("there are more cells than columns")))
    if not {"first_name", "last_name"}.isdisjoint(place):
        said["name"] = f"{said.pop('first_name', '')} {said.pop('last_name', '')}"
        place["name"] = place.get("first_name", place.get("last_name", 0))
    flawed = {problem.column for problem in problems}
    values = {}
    for field, reader in _READERS.items():
        try:
            values[field] = reader(said.get(field, ""), webinar)
        except ValidationError as error:
            if place.get(field) not in flawed or field not in place:
                problems.append(Problem(str(error), place.get(field)))
    # As at the telephone, nothing of it is required.
    extras, refused = read(asking, given_in(said, asking), values.get("name", ""), lenient=True)
    problems += [Problem(words, place[name]) for name, words in refused.items() if place[name] not in flawed]
    if not problems and not values["email"] and len(phone_digits(values["phone"])) < _LEAST_DIGITS:
        sentence = _("without an address, a telephone number is needed to know the person by")
        problems.append(Problem(sentence, place.get("email", place.get("phone"))))
    return Reading(None if problems else Application(**values, extras=extras), tuple(problems))


def key_in(cells: list[str], fields: list[str]) -> str | None:
    """Fold the address that a row names, whatever else is wrong with it; None when it names none."""
    column = fields.index("email") if "email" in fields else len(cells)
    typed = tidy_address(undefused(cells[column])) if column < len(cells) else ""
    return email_key(typed)[:LONGEST_KEY] if "@" in typed else None


def defused(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _looks_like_formula(text) else text


def undefused(text: str) -> str:
    """Take that apostrophe away again."""
    return text[1:] if text.startswith("'") and _looks_like_formula(text[1:]) else text


def _looks_like_formula(text: str) -> bool:
    return bool(text) and unicodedata.normalize("NFKC", text[0]) in _FORMULA


def _flaw_words(flaw: str) -> str:
    return str(
        {
            Flaw.FORMULA: _("this is a formula without a result; open the file, let it calculate and save it again"),
            Flaw.ERROR: _("the formula here ends in an error; write the value itself"),
            Flaw.DIGITS: _("this number has lost its last digits; format the column as text and write it again"),
            Flaw.LONG: _("this text is too long"),
        }[Flaw(flaw)]
    )


def _name(text: str, webinar: Webinar) -> str:
    name = one_line(text)
    check_name(name)
    return name


def _email(text: str, webinar: Webinar) -> str | None:
    return checked_address(text) if text.strip() else None


def _phone(text: str, webinar: Webinar) -> str:
    phone = one_line(text)
    if len(phone) > LONGEST_PHONE:
        raise ValidationError(_("at most %(number)s characters", number=LONGEST_PHONE))
    return phone


def _time_zone(text: str, webinar: Webinar) -> str:
    zone = one_line(text) or webinar.time_zone
    if not is_zone(zone):
        sentence = _("“%(text)s” is no time zone; write for example America/New_York", text=zone[:_LONGEST_SHOWN])
        raise ValidationError(sentence)
    return zone


def _mode(text: str, webinar: Webinar) -> str:
    said = folded(text)
    mode = _MODE_OF.get(said) if said else Mode.LIVE
    offered = modes_of(webinar)
    if mode not in offered:
        sentence = _(
            "“%(text)s” is not offered; write one of: %(choices)s",
            text=one_line(text)[:_LONGEST_SHOWN],
            choices=", ".join(offered),
        )
        raise ValidationError(sentence)
    return str(mode.value)


def _language(text: str, webinar: Webinar) -> str:
    said = folded(text)
    language = _LANGUAGE_OF.get(said, said) or webinar.language
    if language not in LANGUAGES:
        sentence = _(
            "“%(text)s” is no language of the letters; write one of: %(choices)s",
            text=one_line(text)[:_LONGEST_SHOWN],
            choices=", ".join(LANGUAGES),
        )
        raise ValidationError(sentence)
    return language


def _discreet(text: str, webinar: Webinar) -> bool:
    said = folded(text)
    if said and said not in TRUE | FALSE:
        raise ValidationError(_("“%(text)s” is neither yes nor no", text=one_line(text)[:_LONGEST_SHOWN]))
    return said in TRUE


def _question(text: str, webinar: Webinar) -> str:
    question = many_lines(text)
    if len(question) > LONGEST_QUESTION:
        raise ValidationError(_("at most %(number)s characters", number=LONGEST_QUESTION))
    return question


_READERS: dict[str, Callable[[str, Webinar], Any]] = {
    "name": _name,
    "email": _email,
    "phone": _phone,
    "mode": _mode,
    "time_zone": _time_zone,
    "language": _language,
    "discreet": _discreet,
    "question": _question,
}
