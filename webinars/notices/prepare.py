"""The letters of messages, made from the facts of this moment, or the named reasons why there are none."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message, MessageState
from webinars.notices import (
    address_letters,
    announcement_queries,
    announcement_readers,
    announcement_rules,
    date_letters,
    facts,
    rules,
    subscriptions,
    trials,
)
from webinars.notices.announcement_rules import News
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import Writer
from webinars.notices.wording_queries import words_for


def prepare(messages: Sequence[Message], now: datetime) -> list[Callable[[], Letter | NotSent]]:
    """Read the facts of letters that are about to be handed over; give what makes each, in their order.

    Works outside any write transaction.
    """
    about_places = facts.gather([message for message in messages if message.notice not in _ABOUT_NO_PLACE])
    news = _find_readers(messages, announcement_queries.gather(messages), about_places)
    withheld = subscriptions.withheld(messages, about_places)
    writer = Writer(now, words_for(messages, about_places))

    def maker(message: Message) -> Callable[[], Letter | NotSent]:
        if message.notice == Notice.LINK:
            return partial(_write_links, facts.gather_links(_address(message), now), writer)
        if message.notice in _ABOUT_AN_ADDRESS:
            return partial(_given, address_letters.write(message, now))
        if message.notice == Notice.TEST:
            return partial(_given, trials.write(message, now))
        found, left = about_places.get(message.id), message.id in withheld
        if message.notice == Notice.DATES:
            return partial(_given, date_letters.write(found, now))
        if message.notice == Notice.ANNOUNCEMENT:
            return partial(_write_news, news.get(message.id), found, writer, left)
        return partial(_write, message, found, writer, left)

    return [maker(message) for message in messages]


def _find_readers(
    messages: Sequence[Message], news: dict[int, News], about_places: dict[int, facts.Facts]
) -> dict[int, News]:
    """Put the facts of whom letters of announcements go to now among the others; give what they are made of."""
    readers = announcement_readers.find(messages, news, about_places)
    instead = {
        number: reader.place_id
        for number, reader in readers.items()
        if reader.place_id != about_places[number].registration.id
    }
    if instead:
        about_places |= facts.gather([message for message in messages if message.id in instead], instead)
    return news | {number: news[number]._replace(doubled=reader.doubled) for number, reader in readers.items()}


_ABOUT_AN_ADDRESS = frozenset({Notice.NEW_ADDRESS, Notice.ADDRESS_CHANGED})
_ABOUT_NO_PLACE = _ABOUT_AN_ADDRESS | {Notice.LINK, Notice.TEST}


def _given(letter: Letter | NotSent) -> Letter | NotSent:
    return letter


def _write(message: Message, found: facts.Facts | None, writer: Writer, withheld: bool) -> Letter | NotSent:
    if found is None:
        return NotSent(Reason.GONE)
    notice = Notice(message.notice)
    refusal = rules.why_not(notice, message.occasion, found, writer.now)
    if refusal is not None:
        return refusal
    if withheld:
        return NotSent(Reason.UNSUBSCRIBED)
    return writer.place_letter(notice, found)


def _write_news(news: News | None, found: facts.Facts | None, writer: Writer, withheld: bool) -> Letter | NotSent:
    if found is None:
        return NotSent(Reason.GONE)
    if news is None:
        return NotSent(Reason.ANNOUNCEMENT_GONE)
    refusal = announcement_rules.why_not(news, found)
    if refusal is not None:
        return refusal
    if withheld:
        return NotSent(Reason.UNSUBSCRIBED)
    words = announcement_rules.words_in(news.announcement, found.registration.language)
    return writer.place_letter(Notice.ANNOUNCEMENT, found, words)


def _write_links(found: facts.LinkFacts, writer: Writer) -> Letter | NotSent:
    if not found.registrations:
        return NotSent(Reason.NOTHING_TO_SHOW)
    if found.bounced:
        return NotSent(Reason.BOUNCED, MessageState.FAILED)
    return writer.link_letter(found)


def _address(message: Message) -> str:
    return str((message.payload or {}).get("address", ""))
