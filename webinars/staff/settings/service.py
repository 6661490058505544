"""Setting what an organisation may set, and taking it back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from config import Period
from webinars.accounts import audit
from webinars.core.errors import UserError
from webinars.core.organization import kinds, standing
from webinars.core.organization.table import RETENTION as PREFIX
from webinars.core.organization.table import Setting, on_page
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems
from webinars.site.retention import RETENTION, Kept
from webinars.staff.queries import last_end


@dataclass(frozen=True)
class Shown:
    """A setting as a page shows it."""

    setting: Setting
    #: what it is, what the configuration says, and whether it was set here, each as text
    now: str
    usual: str
    own: bool
    broken: bool = False


def on_topic(topic: str) -> tuple[Setting, ...]:
    """Give the settings of a page: with those of privacy the periods of retention, with those of the look logos."""
    besides = {"privacy": _periods, "look": lambda: on_page("logo")}
    return (*on_page(topic), *besides.get(topic, tuple)())


def shown(settings: Sequence[Setting], stored: Mapping[str, str]) -> list[Shown]:
    """Give settings with what holds now."""
    broken = standing.in_force().broken
    return [_shown(setting, stored.get(setting.name), setting.name in broken) for setting in settings]


def version(rows: Sequence[Shown]) -> str:
    """Fingerprint what a page shows; pass it back as ``seen`` to notice that somebody else saved in between."""
    held = json.dumps([(row.setting.name, row.now) for row in rows])
    return hashlib.sha256(held.encode()).hexdigest()[:16]


def save(settings: Sequence[Setting], asked: Mapping[str, str], now: datetime, seen: str | None = None) -> None:
    """Set some settings of a page from what was typed; equal to the configuration means: not set here.

    Raises Conflict and Problems.
    """
    stored = standing.lock_stored()
    rows = shown(settings, stored)
    refuse_outdated(version(rows), seen)
    changes: dict[str, str | None] = {}
    problems = {}
    for row in rows:
        try:
            if row.setting.name in asked:
                changes |= _change(row, asked[row.setting.name], stored, now)
        except UserError as error:
            problems[row.setting.name] = str(error)
    if problems:
        raise Problems(problems)
    if changes:
        standing.write(changes)
        _note(rows, changes, now)


def take_back(topic: str, name: str, now: datetime) -> None:
    """Let the configuration's value of a topic hold again. Raises UserError for a name that is none there."""
    found = next((one for one in on_topic(topic) if one.name == name), None)
    if found is None:
        raise UserError(_("There is no such field, or it cannot be set."))
    row = _shown(found, None, broken=False)
    if found.field == "retention":
        save([found], {name: row.usual}, now)
        return
    rows = shown([found], standing.lock_stored())
    standing.write({name: None})
    _note(rows, {name: None}, now)


def promised(kept: Kept) -> str:
    """Name what staff call a kind of record."""
    return kept.label or kept.what


def _shown(setting: Setting, stored: str | None, broken: bool) -> Shown:
    usual = setting.of(standing.base_settings()) if setting.field != "retention" else str(_kept(setting).days)
    text = usual if stored is None or broken else stored
    # Of a period only its days: what was promised before is nobody's choice.
    return Shown(setting, text.split()[0] if setting.field == "retention" else text, usual, stored is not None, broken)


def _change(row: Shown, raw: str, stored: Mapping[str, str], now: datetime) -> dict[str, str | None]:
    """Give what is to be written for a setting; nothing where nothing changed."""
    if raw.strip() == row.now.strip() and not row.broken:
        return {}
    text = row.setting.kind.show(row.setting.kind.read(raw))
    if text == row.now and not row.broken:
        return {}
    name = row.setting.name
    if row.setting.field == "retention":
        old = kinds.PERIOD.read(stored.get(name, row.usual)) if not row.broken else Period(int(row.usual))
        text = kinds.PERIOD.show(_longer(_kept(row.setting), old, int(text), now))
    return {name: None if text == row.usual else text}


def _longer(kept: Kept, old: Period, days: int, now: datetime) -> Period:
    """Give a period that keeps earlier promises: what is there now goes by the shorter one it was promised."""
    earlier = [(before, until) for before, until in old.earlier if now.date() < until and before < days]
    if days > old.days:
        latest = max(now, last_end() or now)
        earlier.append((old.days, (latest + timedelta(days=old.days + 1)).date()))
    return Period(days, tuple(sorted(earlier)))


def _note(rows: Sequence[Shown], changes: Mapping[str, str | None], now: datetime) -> None:
    before, after = {}, {}
    for row in rows:
        setting = row.setting
        if setting.name in changes:
            text = changes[setting.name]
            field = f"{setting.field} ({setting.language})" if setting.language else setting.name
            before[field], after[field] = row.now, row.usual if text is None else text
    audit.record("settings changed", "settings", "organization", before=before, after=after, now=now)


def _periods() -> tuple[Setting, ...]:
    named = {kept.name: kept for kept in RETENTION if kept.name}
    return tuple(_period(kept) for kept in named.values())


def _period(kept: Kept) -> Setting:
    bounds = {"least": kept.least, "most": kept.days}
    hint = _("Days %(from_when)s: from %(least)s to %(most)s.", from_when=kept.counted_from, **bounds)
    kind = kinds.Kind(lambda raw: _days(raw, kept), str, "days")
    return Setting(PREFIX + kept.name, "retention", "privacy", kind, promised(kept), hint)


def _days(raw: str, kept: Kept) -> int:
    text = raw.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and kept.least <= int(text) <= kept.days):
        raise UserError(_("Write a number of days from %(least)s to %(most)s.", least=kept.least, most=kept.days))
    return int(text)


def _kept(setting: Setting) -> Kept:
    return next(kept for kept in RETENTION if PREFIX + kept.name == setting.name)
