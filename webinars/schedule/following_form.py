"""A form in which a webinar has values as its series says them, or of its own."""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from webinars.schedule.plain_form import PlainForm
from webinars.schedule.rules import FOLLOWED


class FollowingForm(PlainForm):
    """A form with the fields FOLLOWED, and a tick beside each; where two people meet, each counts with its tick."""

    follows = SelectMultipleField(
        _("As the series"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False
    )

    def following(self) -> list[str]:
        """List where it follows the series: what was ticked, unless it was typed over while it followed."""
        said = {name: value for name, value in self.begun().items() if _is_tied(value)}
        begun, typed = self._filled() | said, super()._typed()
        over = [name for name in FOLLOWED if begun[name][1] and begun[name][0] != typed[name]]
        return [name for name in self.follows.data or [] if name not in over]

    def _filled(self) -> dict[str, Any]:
        return _tied(super()._filled(), self.follows.object_data or [])

    def _typed(self) -> dict[str, Any]:
        return _tied(super()._typed(), self.following())

    def _take_in(self, said: str) -> None:
        # What was typed over follows no more, whatever was saved meanwhile.
        self.follows.data = self.following()
        super()._take_in(said)

    def _put(self, name: str, value: Any) -> None:
        if name not in FOLLOWED:
            super()._put(name, value)
        elif _is_tied(value):
            others = [one for one in self.follows.data or [] if one != name]
            self.follows.data = [*others, name] if value[1] else others
            super()._put(name, value[0])

    def _in_brief(self, name: str, value: Any) -> str:
        if name not in FOLLOWED:
            return super()._in_brief(name, "" if value == "series" else value)
        own, follows = value
        return "" if follows else f"{self._label(name)}: {super()._words(name, own) or gettext('none')}"

    def _words(self, name: str, value: Any) -> str:
        if name not in FOLLOWED or not _is_tied(value):
            return super()._words(name, value)
        words = super()._words(name, value[0])
        return gettext("As the series: %(what)s", what=words or gettext("none")) if value[1] else words


def _tied(values: dict[str, Any], following: Collection[str]) -> dict[str, Any]:
    """Tie each value that a series may give to whether it does: whoever changes one of the two changes both."""
    tied = {name: [values[name], name in following] for name in FOLLOWED}
    return {name: value for name, value in (values | tied).items() if name != "follows"}


def _is_tied(value: Any) -> bool:
    # It may have come back from a page as anything.
    return isinstance(value, list) and len(value) == 2 and isinstance(value[1], bool)
