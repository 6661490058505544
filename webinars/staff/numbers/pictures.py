"""What is shown of the numbers: each picture with its heading, its table, and words where it is empty."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_skeleton
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinars.core.language import current_language, language_name
from webinars.notices.kinds import Notice
from webinars.registration.models import RegistrationState
from webinars.registration.questions.models import Role
from webinars.registration.questions.words import role_words
from webinars.registration.words import letter_words, state_words
from webinars.staff.numbers.rules import OUTCOMES, Cells, What
from webinars.staff.words import day_label

REGIONS = {
    "eastern": _l("USA and Canada, Eastern time"),
    "central": _l("USA and Canada, Central time"),
    "mountain": _l("USA and Canada, Mountain time"),
    "pacific": _l("USA and Canada, Pacific time"),
    "north-america": _l("USA and Canada, elsewhere"),
    "latin-america": _l("Latin America and the Caribbean"),
    "europe": _l("Europe"),
    "africa": _l("Africa"),
    "asia": _l("Asia"),
    "oceania": _l("Australia and the Pacific"),
    "elsewhere": _l("Not known"),
}
_MODES = {
    "live": _l("Online, live"),
    "phone": _l("By telephone"),
    "recording": _l("By the recording"),
}
_OUTCOMES = {
    What.SENT: _l("Sent"),
    What.BOUNCED: _l("Came back"),
    What.FAILED: _l("Failed"),
    What.WITHHELD: _l("No longer needed"),
    What.WAITING: _l("Waiting"),
}
#: more days than this are shown by week
_MOST_DAYS = 92


@dataclass(frozen=True)
class Picture:
    """A table that can be looked at."""

    #: in addresses
    key: str
    #: what is to be seen
    title: str
    columns: Sequence[str]
    #: the name of each row, and its numbers
    rows: Sequence[tuple[str, Sequence[int]]]
    #: "line", "bar", or "ranks" for long names
    kind: str = "ranks"
    #: words above the row of a name
    marks: dict[str, str] = field(default_factory=dict)
    #: why there is nothing to be seen
    nothing: str = ""

    @property
    def table(self) -> list[list[str | int]]:
        """Give the rows of the table."""
        return [[name, *numbers] for name, numbers in self.rows]


def key_figures(cells: Cells) -> dict[str, int]:
    """Give sign-ups, places, who came, plays, and who said how it was."""
    states = _of(cells, What.STATE)
    return {
        "sign_ups": sum(states.values()),
        "places": sum(states.get(one, 0) for one in (RegistrationState.CONFIRMED, RegistrationState.OFFERED)),
        "came": sum(_of(cells, What.ATTENDED).values()),
        "plays": cells.get((What.PLAYS, ""), 0),
        "surveyed": cells.get((What.SURVEYED, ""), 0),
        "brought": cells.get((What.BROUGHT, ""), 0),
    }


def about_people(cells: Cells) -> list[Picture]:
    """Make the pictures of who the people are and where they stand."""
    return [
        funnel(cells),
        _named("states", _("Where people stand"), _("State"), cells, What.STATE, state_words, RegistrationState),
        _named("modes", _("How people take part"), _("Way"), cells, What.MODE, lambda one: str(_MODES[one]), _MODES),
        languages(cells),
        roles(cells),
        regions(cells),
    ]


def funnel(cells: Cells) -> Picture:
    """Show how many of those who signed up came in the end."""
    figures = key_figures(cells)
    steps = [
        (_("Signed up"), "sign_ups"),
        (_("With a place"), "places"),
        (_("Came"), "came"),
        (_("Plays of the recording"), "plays"),
    ]
    if figures["surveyed"]:
        steps.append((_("Said afterwards how it was"), "surveyed"))
    rows = [(words, [figures[name]]) for words, name in steps] if figures["sign_ups"] else []
    return Picture(
        "funnel",
        _("From signing up to watching"),
        [_("Step"), _("Number")],
        rows,
        nothing=_("Nobody has signed up."),
    )


def roles(cells: Cells) -> Picture:
    """Show who the people are, as far as they said."""
    nothing = _("Nobody was asked who they are, or nobody answered.")
    return _named("roles", _("Who the people are"), _("Answer"), cells, What.ROLE, role_words, Role, nothing)


def languages(cells: Cells) -> Picture:
    """Show in which languages people read."""
    title = _("In which language people read our letters")
    return _named("languages", title, _("Language"), cells, What.LANGUAGE, language_name)


def regions(cells: Cells) -> Picture:
    """Show in which parts of the world people live, by the time zones of their letters."""
    title = _("Where people live, by their time zone")
    return _named("regions", title, _("Region"), cells, What.REGION, lambda one: str(REGIONS[one]), REGIONS)


def letters(cells: Cells) -> Picture:
    """Show what became of the letters of each kind."""
    order = [one.value for one in Notice]
    kinds = sorted(
        {key for what, key in cells if what in OUTCOMES}, key=lambda one: order.index(one) if one in order else 99
    )
    used = [one for one in OUTCOMES if any(cells.get((one, kind)) for kind in kinds)]
    rows = [(letter_words(kind), [cells.get((one, kind), 0) for one in used]) for kind in kinds]
    return Picture(
        "letters", _("What became of our letters"), [_("Letter"), *(str(_OUTCOMES[one]) for one in used)], rows,
        nothing=_("No letters went out."),
    )  # fmt: skip


def months(sums: Sequence[tuple[str, int]]) -> Picture:
    """Show sign-ups by month, the empty ones too."""
    rows = [(month_label(name), [number]) for name, number in _without_gaps(sums)]
    return Picture(
        "months",
        _("Sign-ups by month"),
        [_("Month"), _("Sign-ups")],
        rows,
        kind="bar",
        nothing=_("Nobody has signed up."),
    )


def days(sums: dict[str, int], until: date, marks: Iterable[tuple[date, str]]) -> Picture:
    """Show sign-ups by day, or by week where they are many, with what went out to everybody above its day."""
    known = {date.fromisoformat(day): number for day, number in sums.items()}
    nothing = _("Nobody has signed up yet.")
    if not known:
        return Picture("sign-ups", _("Sign-ups by day"), [_("Day"), _("Sign-ups")], [], nothing=nothing)
    first, last = min(known), max(until, max(known))
    step = 7 if (last - first).days > _MOST_DAYS else 1
    title, column = (_("Sign-ups by week"), _("Week from")) if step == 7 else (_("Sign-ups by day"), _("Day"))
    starts = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1, step)]
    rows = [
        (day_label(day), [sum(known.get(date.fromordinal(day.toordinal() + more), 0) for more in range(step))])
        for day in starts
    ]
    shown: dict[str, str] = {}
    for day, words in marks:
        nearest = max((one for one in starts if one <= day), default=None)
        if nearest is not None and day <= last:
            shown.setdefault(day_label(nearest), words)
    return Picture("sign-ups", title, [column, _("Sign-ups")], rows, kind="line", marks=shown, nothing=nothing)


def month_label(name: str) -> str:
    """Say "Mar 2026"."""
    return str(format_skeleton("yMMM", date.fromisoformat(f"{name}-01"), locale=current_language()))


def _without_gaps(sums: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    if not sums:
        return []
    known = dict(sums)
    numbers = [12 * int(name[:4]) + int(name[5:]) - 1 for name in known]
    names = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(min(numbers), max(numbers) + 1)]
    return [(name, known.get(name, 0)) for name in names]


def _named(
    key: str,
    title: str,
    column: str,
    cells: Cells,
    what: What,
    words: Callable[[str], str],
    order: Iterable[str] = (),
    nothing: str = "",
) -> Picture:
    found = _of(cells, what)
    known = [*order]
    names = sorted(found, key=lambda one: (known.index(one) if one in known else len(known), -found[one]))
    rows = [(words(one), [found[one]]) for one in names if found[one]]
    return Picture(key, title, [column, _("People")], rows, nothing=nothing or _("Nothing is counted yet."))


def _of(cells: Cells, what: What) -> dict[str, int]:
    return {key: number for (one, key), number in cells.items() if one == what}
