"""The two letters of a change of address: the button for the new one, a note to the old one.

Both hold fixed words only: nothing that anybody typed reaches an address that is not proven (SECURITY.md rule 26).
"""

from datetime import datetime
from typing import Any

from webinars.calendars.entries import CANCEL, cancel
from webinars.calendars.invitations import Guest, personal_entry
from webinars.core.database import reading
from webinars.core.http import current_settings, how_to_reach_us, site_url_for
from webinars.core.language import speaking
from webinars.core.links import address_key
from webinars.core.text import email_key
from webinars.mail.letters import CalendarPart, Letter, NotSent
from webinars.mail.mime import to_address
from webinars.mail.models import Address, Message, MessageState
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import sender_values
from webinars.notices.rendering import render, render_line
from webinars.registration import address_changes, links
from webinars.registration.queries import find


def write(message: Message, now: datetime) -> Letter | NotSent:
    """Write the letter that a row asks for; reads what it needs."""
    asked: dict[str, Any] = message.payload or {}
    address = str(asked.get("address", ""))
    with reading() as session:
        known = session.get(Address, address_key(email_key(address)))
        if known is not None and known.bounced_at is not None:
            return NotSent(Reason.BOUNCED, MessageState.FAILED)
    if message.notice == Notice.ADDRESS_CHANGED:
        return address_note(address, str(asked["language"]), bool(asked["discreet"]), _withdrawal(asked, address, now))
    change = address_changes.find_by_secret(str(asked.get("change", "")))
    if change is None or change.created_at + address_changes.LASTS <= now:
        return NotSent(Reason.GONE)
    place = change.registration
    return button_letter(address, place.language, place.discreet, links.new_address_url(change))


def button_letter(address: str, language: str, discreet: bool, url: str) -> Letter:
    """Write the letter that asks whether an address is theirs."""
    return _letter(Notice.NEW_ADDRESS, address, language, discreet, {"url": url})


def address_note(address: str, language: str, discreet: bool, calendar: CalendarPart | None = None) -> Letter:
    """Write the note to the address that somebody had until now; it may take the entry from the calendar there."""
    with speaking(language):
        help_words = how_to_reach_us() if not discreet else current_settings().organization_phone
    own = {"help_words": help_words, "withdrawn": "yes" if calendar else ""}
    return _letter(Notice.ADDRESS_CHANGED, address, language, discreet, own, calendar)


def _withdrawal(asked: dict[str, Any], address: str, now: datetime) -> CalendarPart | None:
    """Take the entry from the calendar of a former address; it holds no link that opens anything."""
    place = find(int(asked["place"])) if asked.get("taken") is not None else None
    if place is None:
        return None
    with speaking(place.language):
        guest = Guest(
            uid=place.uid,
            sequence=int(asked["taken"]),
            address=to_address(address).addr_spec,
            name=None,
            discreet=place.discreet,
            by_phone=False,
            join_url="",
            manage_url=site_url_for("registration.my_webinars"),
        )
        return CalendarPart(CANCEL, cancel(personal_entry(place.webinar, guest, now)))


def _letter(
    notice: Notice,
    address: str,
    language: str,
    discreet: bool,
    own: dict[str, str],
    calendar: CalendarPart | None = None,
) -> Letter:
    with speaking(language):
        values = sender_values(discreet) | own
    subject = render_line(f"{notice.folder}/subject.txt", language, ())
    values["subject"] = subject
    return Letter(
        to_address=address,
        sender_name=values["sender_name"],
        subject=subject,
        text=render(f"{notice.folder}/body.txt", language, (), values),
        html=render(f"{notice.folder}/body.html", language, (), values),
        calendar=calendar,
        discreet=discreet,
        language=language,
    )
