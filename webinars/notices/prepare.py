"""The letter of a message, made from the facts of this moment, or the named reason why there is none."""

from datetime import datetime

from webinars.core.language import speaking
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import facts, letters, rules
from webinars.notices.kinds import Notice, Reason


def prepare(message: Message, now: datetime) -> Letter | NotSent:
    """Make the letter of a message; called just before it is handed over, outside any write transaction."""
    notice = Notice(message.notice)
    if notice is Notice.LINK:
        return _prepare_links(message, now)
    found = facts.gather(int(message.subject[1:]), notice, message.occasion)
    if found is None:
        return NotSent(Reason.GONE)
    refusal = rules.why_not(notice, message.occasion, found, now)
    if refusal is not None:
        return refusal
    with speaking(found.registration.language):
        return letters.place_letter(notice, found, now)


def _prepare_links(message: Message, now: datetime) -> Letter | NotSent:
    found = facts.gather_links(str((message.payload or {}).get("address", "")), now)
    if not found.registrations:
        return NotSent(Reason.NOTHING_TO_SHOW)
    with speaking(found.registrations[-1].language):
        return letters.link_letter(found, now)
