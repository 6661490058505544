"""Letters to everybody that are often needed in a hurry: words to begin with, for staff to change."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from config import LANGUAGES
from webinars.core.language import speaking


class Ready(NamedTuple):
    """What it is called in a list, its subject, its text, and whom it is for by where they stand."""

    label: Any
    subject: Any
    body: Any
    states: Sequence[str] = ()


READY: Mapping[str, Ready] = {
    "later": Ready(
        _("We begin later"),
        _("We begin 10 minutes later"),
        _(
            "“{title}” begins about 10 minutes later than planned. Your link, the telephone number and the PIN stay"
            " the same. You can come in already and wait; there is nothing else to do."
        ),
        ("confirmed",),
    ),
    "no-captions": Ready(
        _("No live captions"),
        _("No live captions today"),
        _(
            "We are sorry: there are no live captions at “{title}” today. If you cannot take part without them, answer"
            " this letter, and we look for another way with you."
        ),
        ("confirmed",),
    ),
    "thanks": Ready(
        _("Thank you"),
        _("Thank you for your interest"),
        _(
            "Thank you for your interest in “{title}”, whether you could be there or not. If a question of yours was"
            " not reached, answer this letter."
        ),
    ),
}


def ready_data(key: str) -> dict[str, Any]:
    """Give the fields of an announcement's form with ready words in each language; nothing for an unknown key."""
    if key not in READY:
        return {}
    ready = READY[key]
    data: dict[str, Any] = {"states": list(ready.states)}
    for language in LANGUAGES:
        with speaking(language):
            data |= {f"subject_{language}": str(ready.subject), f"body_{language}": f"{{greeting}}\n\n{ready.body}"}
    return data
