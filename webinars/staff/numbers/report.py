"""What stands in a report for others: sums of a period, without names and without small numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from webinars.core.formats import short_date
from webinars.schedule.languages import in_our_language
from webinars.schedule.models import Series, Webinar
from webinars.site.retention import days_kept
from webinars.staff.numbers import discretion, pictures, queries
from webinars.staff.numbers.discretion import FEWEST, Hidden, Told
from webinars.staff.numbers.pictures import Picture
from webinars.staff.numbers.queries import Asked
from webinars.staff.numbers.rules import Cells, What

#: webinars that a report lists one by one
MOST_WEBINARS = 200


@dataclass(frozen=True)
class Section:
    """A heading, what belongs to it, and words where that is nothing."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Told]]
    nothing: str


@dataclass(frozen=True)
class Held:
    """One webinar of the period."""

    title: str
    series: str
    on: date
    sign_ups: Told
    came: Told


@dataclass(frozen=True)
class Report:
    """All that both kinds of file show."""

    organization: str
    title: str
    period: str
    made_on: date
    #: in the staff's own words, empty lines between paragraphs
    words: str
    figures: Sequence[tuple[str, Told]]
    sections: Sequence[Section]
    webinars: Sequence[Held]
    #: how it was counted, and what is not shown
    notes: Sequence[str]


def make(asked: Asked, organization: str, words: str, today: date) -> Report:
    """Make the report on a period, in the language spoken now."""
    cells = queries.cells_of(asked.which)
    counted = queries.freshness(asked)
    months = pictures.months(queries.months_of(asked.which))
    people = [pictures.roles(cells), pictures.languages(cells), pictures.regions(cells)]
    subject = _title_of(asked.series) if asked.series else _("Our webinars")
    period = _("%(first)s to %(last)s", first=short_date(asked.first), last=short_date(asked.last))
    return Report(
        organization=organization,
        title=_("%(subject)s: report", subject=subject),
        period=period,
        made_on=today,
        words=words,
        figures=_figures(cells, counted.webinars),
        sections=[_funnel(cells), *(_section(one) for one in (months, *people))],
        webinars=_webinars(asked),
        notes=_notes(counted.partial + counted.missing),
    )


def told_words(number: Told, plain: str) -> str:
    """Say a number or what stands in its place; ``plain``: the number as it is written."""
    if number is Hidden.FEW:
        return str(_("fewer than %(number)s", number=FEWEST))
    return str(_("not shown")) if number is Hidden.KEPT else plain


def _figures(cells: Cells, webinars: int) -> list[tuple[str, Told]]:
    figures = pictures.key_figures(cells)
    letters = sum(number for (what, _key), number in cells.items() if what == What.SENT)
    signed_up, _places, came = discretion.steps([figures[name] for name in ("sign_ups", "places", "came")])
    return [
        (_("Webinars"), webinars),
        (_("People signed up"), signed_up),
        (_("People who came"), came),
        (_("Plays of the recordings"), figures["plays"]),
        (_("Letters sent"), letters),
    ]


def _funnel(cells: Cells) -> Section:
    # Who answered afterwards is left out: they are no part of those who came, and the rule for steps hides parts.
    picture = pictures.funnel({key: number for key, number in cells.items() if key[0] != What.SURVEYED})
    numbers = [row[1][0] for row in picture.rows]
    # Plays are no people.
    told = [*discretion.steps(numbers[:-1]), *numbers[-1:]]
    rows = [(row[0], one) for row, one in zip(picture.rows, told, strict=True)]
    return Section(picture.key, picture.title, picture.columns, rows, picture.nothing)


def _section(picture: Picture) -> Section:
    told = discretion.parts([numbers[0] for _name, numbers in picture.rows])
    names = [name for name, _numbers in picture.rows]
    nothing = picture.nothing if told is not None else _("Too few people to be shown.")
    return Section(picture.key, picture.title, picture.columns, list(zip(names, told or (), strict=False)), nothing)


def _webinars(asked: Asked) -> list[Held]:
    webinars = queries.webinars_of(asked.which, MOST_WEBINARS)
    numbers = queries.cells_by(Webinar.id, asked.which)
    figures = [pictures.key_figures(numbers.get(one.id, {})) for one in webinars]
    sign_ups = [one["sign_ups"] for one in figures]
    came = [one["came"] for one in figures]
    nearly_all = {place for place, number in enumerate(sign_ups) if 0 < number - came[place] < FEWEST}
    told_sign_ups = discretion.parts(sign_ups) or [Hidden.KEPT for _one in webinars]
    told_came = discretion.parts(came, nearly_all) or [Hidden.KEPT for _one in webinars]
    return [
        Held(_title_of(one), _title_of(one.series), one.local_start.date(), told_sign_ups[place], told_came[place])
        for place, one in enumerate(webinars)
    ]


def _title_of(thing: Series | Webinar) -> str:
    return str(in_our_language(thing).title)


def _notes(incomplete: int) -> list[str]:
    notes = [
        _("Counted are the published webinars that began in this period, and everybody who signed up for them."),
        _("Who came is who pressed the button to join online; callers by telephone are not seen. Plays are plays, "
          "not people. Regions follow the time zone of a person, never an address."),
        _("Numbers of people below %(number)s are written as “fewer than %(number)s”, so that nobody can be "
          "recognised. Where such a number could be worked out from the others and their sum, further ones say “not "
          "shown”.", number=FEWEST),
        _("The report holds no names, addresses or answers in people’s own words. Names are deleted %(days)s days "
          "after a webinar; these sums stay.", days=days_kept("registration")),
    ]  # fmt: skip
    if incomplete:
        notes.append(_("Of some webinars the numbers are incomplete: they took place before sums were kept."))
    return [str(note) for note in notes]
