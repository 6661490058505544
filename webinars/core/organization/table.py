"""The table of all that is set in the browser: it makes form, checks, the audit's words and what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _

from config import LANGUAGES, Settings
from webinars.core.errors import UserError
from webinars.core.organization import kinds
from webinars.core.organization.kinds import Kind
from webinars.core.zones import country_of

#: what begins so names a period of site.retention
RETENTION = "retention."


@dataclass(frozen=True)
class Setting:
    """One thing that can be set."""

    #: of its row and of the field in its form
    name: str
    #: of Settings
    field: str
    #: the page it stands on
    topic: str
    kind: Kind
    label: Any
    hint: Any = ""
    #: of a text that there is once for each
    language: str = ""

    def of(self, settings: Settings) -> str:
        """Give what it is in some settings, as text."""
        value = getattr(settings, self.field)
        return self.kind.show(dict(value).get(self.language, "") if self.language else value)


def _each(name: str, topic: str, kind: Kind, label: Any, hint: Any = "") -> tuple[Setting, ...]:
    """Make a setting for each language."""
    return tuple(Setting(f"{name}.{code}", name, topic, kind, label, hint, code) for code in LANGUAGES)


def _one(name: str, topic: str, kind: Kind, label: Any, hint: Any = "") -> tuple[Setting, ...]:
    return (Setting(name, name, topic, kind, label, hint),)


SETTINGS: tuple[Setting, ...] = (
    *_one("organization_name", "organization", kinds.line(100, _("Enter a name.")), _("Name of the organisation"),
          _("At the top of every page, and the sender of letters.")),
    *_one("discreet_name", "organization", kinds.line(100), _("Name on discreet letters"),
          _("Must not tell what your organisation does. Empty: “Appointments”, in the reader’s language.")),
    *_one("organization_phone", "organization", kinds.line(40), _("Telephone"),
          _("Below every page, in letters and on joining sheets.")),
    *_one("organization_address", "organization", kinds.line(200), _("Address, in one line"),
          _("Below every page and every letter that is not discreet.")),
    *_each("footer_words", "organization", kinds.lines(500), _("Words below pages and letters"),
           _("Such as that you are a charity, and under which number. Not in discreet letters.")),
    *_one("brand_color", "look", kinds.COLOUR, _("Colour of your organisation")),
    *_one("logo", "logo", kinds.LOGO, _("Logo")),
    *_one("logo_dark", "logo", kinds.LOGO, _("Logo for dark screens")),
    *_one("mail_default_sender", "mail", kinds.ADDRESS, _("Address that letters come from")),
    *_one("mail_sender_name", "mail", kinds.line(100), _("Name that letters come from"),
          _("Empty: the name of the organisation.")),
    *_one("mail_reply_to", "mail", kinds.ADDRESS_OR_NONE, _("Address that answers go to"),
          _("Empty: the address that letters come from.")),
    *_one("quiet_hours", "mail", kinds.QUIET_HOURS, _("Quiet hours"),
          _("Reminders that have time wait until these hours of the reader’s day are over.")),
    *_one("privacy_contact", "privacy", kinds.line(200), _("Whom to ask about privacy"),
          _("A name, and an address or a number. It stands on the page about privacy.")),
    *_each("privacy_words", "privacy", kinds.lines(5000), _("Further words about privacy"),
           _("At the end of the page about privacy. In Markdown: ## for a heading, **bold**, lists with a hyphen.")),
    *_one("home_zone", "defaults", kinds.ZONE, _("Your time zone"),
          _("Of a new series, and of the desk as long as a browser tells no other.")),
    *_one("holiday_countries", "defaults", kinds.COUNTRIES, _("Countries whose public holidays count"),
          _("Names with commas between them. A region by its code, such as US-NY. Empty: the country of your zone.")),
    *_one("reminders", "defaults", kinds.REMINDERS, _("Reminders"),
          _("Of a new series: how long before the start. For example: 1 week, 1 day, 1 hour. Empty: none.")),
    *_one("sponsor_text", "defaults", kinds.lines(500), _("Who pays for it"),
          _("As a new series says it. Series that are there keep their words.")),
)  # fmt: skip
_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True)
class InForce:
    """The settings that hold, and the names of stored ones that cannot be used."""

    settings: Settings
    broken: tuple[str, ...] = ()


def on_page(topic: str) -> tuple[Setting, ...]:
    """Give the settings of a page."""
    return tuple(setting for setting in SETTINGS if setting.topic == topic)


def overlay(base: Settings, stored: Mapping[str, str]) -> InForce:
    """Lay what was set in the browser over the environment's; what cannot be read leaves that in force."""
    changes: dict[str, Any] = {}
    broken = []
    for name, text in stored.items():
        try:
            _lay(base, changes, name, text)
        except (UserError, ValueError):
            broken.append(name)
    settings = replace(base, **changes) if changes else base
    if not settings.holiday_countries and (home := country_of(settings.home_zone)):
        settings = replace(settings, holiday_countries=(home,))
    return InForce(settings, tuple(broken))


def _lay(base: Settings, changes: dict[str, Any], name: str, text: str) -> None:
    if name.startswith(RETENTION):
        pair = (name.removeprefix(RETENTION), kinds.PERIOD.read(text))
        changes["retention"] = (*changes.get("retention", base.retention), pair)
        return
    setting = _BY_NAME.get(name)
    # A row of a later or an earlier version is nobody's business here.
    if setting is None:
        return
    value = setting.kind.read(text)
    if setting.language:
        before = dict(changes.get(setting.field, getattr(base, setting.field)))
        value = tuple(sorted((before | {setting.language: value}).items()))
    changes[setting.field] = value
