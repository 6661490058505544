"""The letters of messages, made from the facts of this moment, or the named reasons why there are none."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import facts, rules
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import Writer


def prepare(messages: Sequence[Message], now: datetime) -> list[Callable[[], Letter | NotSent]]:
    """Read the facts of letters that are about to be handed over; give what makes each, in their order.

    Works outside any write transaction.
    """
    about_places = facts.gather([message for message in messages if message.notice != Notice.LINK])
    writer = Writer(now)
    return [
        partial(_write_links, facts.gather_links(_address(message), now), writer)
        if message.notice == Notice.LINK
        else partial(_write, message, about_places.get(message.id), writer)
        for message in messages
    ]


def _write(message: Message, found: facts.Facts | None, writer: Writer) -> Letter | NotSent:
    if found is None:
        return NotSent(Reason.GONE)
    notice = Notice(message.notice)
    refusal = rules.why_not(notice, message.occasion, found, writer.now)
    if refusal is not None:
        return refusal
    return writer.place_letter(notice, found)


def _write_links(found: facts.LinkFacts, writer: Writer) -> Letter | NotSent:
    if not found.registrations:
        return NotSent(Reason.NOTHING_TO_SHOW)
    return writer.link_letter(found)


def _address(message: Message) -> str:
    return str((message.payload or {}).get("address", ""))
