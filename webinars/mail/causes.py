"""What a mail server's words mean: why a letter did not arrive, and whether its address is dead.

The same words come from three sides: the refusal in our own conversation with the server ("550 5.1.1 …"), a delivery
report that arrives later (its status and diagnostic code), and our own reasons in ``Message.last_error``. Enhanced
status codes (RFC 3463 and its registry) are believed first; servers that give none, or only a vague one, are understood
by the phrases that Gmail, Outlook, Yahoo, Postfix, Exim, Sendmail and qmail use.
"""

import re
from enum import StrEnum


class Cause(StrEnum):
    """Why a letter did not arrive, in kinds that call for different deeds."""

    #: the domain takes mail, the mailbox is not there: mistyped, or long gone
    NO_MAILBOX = "no-mailbox"
    #: the domain does not exist or takes no mail: nearly always mistyped
    NO_DOMAIN = "no-domain"
    #: the address is none by its form
    MISWRITTEN = "miswritten"
    #: the mailbox was there once: closed, disabled, moved
    CLOSED = "closed"
    MAILBOX_FULL = "mailbox-full"
    #: the content or our reputation was taken for spam
    SPAM = "spam"
    #: the server takes nothing from us or from outside: a blocklist, missing authentication, a rule of theirs
    BLOCKED = "blocked"
    TOO_LARGE = "too-large"
    #: the server could not be reached, was too busy, or asked to come back later
    SERVER_AWAY = "server-away"
    #: a fault of ours: the letter could not be put together
    UNMADE = "unmade"
    #: its time passed before it could be sent
    LATE = "late"
    #: the words say nothing that we know
    UNKNOWN = "unknown"


#: causes that no second try mends: another address is needed
_OF_THE_ADDRESS = frozenset({Cause.NO_MAILBOX, Cause.NO_DOMAIN, Cause.MISWRITTEN, Cause.CLOSED})

#: class.subject.detail, not a part of an IP address or of a longer version number (RFC 3463 section 2)
_STATUS = re.compile(r"(?<![\d.])(?P<kind>[245])\.(?P<subject>[0-7])\.(?P<detail>\d{1,3})(?!\.?\d)")
#: the reply code of SMTP at the beginning of a line or behind a word such as "smtp;" (RFC 5321 section 4.2)
_REPLY = re.compile(r"(?:^|[\s;:(#])(?P<code>[45][0-5]\d)(?=[\s\-:,.]|$)")

#: our own words in ``Message.last_error``, by how they begin
_OURS = (
    ("the letter could not be made", Cause.UNMADE),
    ("a line break", Cause.UNMADE),
    ("the address cannot be used", Cause.MISWRITTEN),
    ("its time had passed", Cause.LATE),
    ("the connection was", Cause.SERVER_AWAY),
    ("the server did not answer", Cause.SERVER_AWAY),
)

#: status codes with one meaning, without their class
_PRECISE = {
    "1.1": Cause.NO_MAILBOX,
    "1.2": Cause.NO_DOMAIN,
    "1.3": Cause.MISWRITTEN,
    "1.6": Cause.CLOSED,
    # about the sender's address
    "1.7": Cause.BLOCKED,
    "1.8": Cause.BLOCKED,
    # a domain that declares that it takes no mail (RFC 7505); Exchange Online: recipient not found
    "1.10": Cause.NO_MAILBOX,
    "2.1": Cause.CLOSED,
    "2.2": Cause.MAILBOX_FULL,
    "2.3": Cause.TOO_LARGE,
    "3.4": Cause.TOO_LARGE,
    "4.4": Cause.NO_DOMAIN,
    "4.7": Cause.SERVER_AWAY,
    "7.9": Cause.BLOCKED,
    "7.25": Cause.BLOCKED,
    "7.26": Cause.BLOCKED,
    "7.350": Cause.SPAM,
    "7.515": Cause.BLOCKED,
}
#: what a status code means when neither it nor the words say more, by its subject
_VAGUE = {
    "1": Cause.NO_MAILBOX,
    "3": Cause.SERVER_AWAY,
    "4": Cause.SERVER_AWAY,
    "6": Cause.BLOCKED,
}


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


#: phrases that correct a code: Gmail says 5.2.1 of a disabled account and of one that gets too much at once
_CORRECTING = (
    # About us: servers quote what they found out about the sender, with the codes of a missing mailbox.
    (
        _any_of(
            r"sender (address )?(verif|reject|denied|refused)", r"verification failed for",
            r"while verifying", r"invalid dns mx", r"\bfrom[ :-]?(header|address|domain)",
        ),
        Cause.BLOCKED,
    ),
    (_any_of(r"receiving e?mail (too quickly|at a rate)", r"rate that prevents"), Cause.SERVER_AWAY),
    (_any_of(r"null ?mx", r"does not accept mail \(nullmx\)"), Cause.NO_DOMAIN),
)  # fmt: skip
#: phrases in the order in which they are believed: the surest first
_PHRASES = (
    (
        _any_of(
            r"over ?quota", r"quota (is )?exceeded", r"exceed(s|ed|ing)? .{0,40}quota", r"quotaexceeded",
            r"(mail ?)?box (is )?full", r"mailfolder is full", r"not enough (free )?(storage|space|disk)",
            r"out of storage", r"insufficient (system|disk|mailbox) (storage|space)", r"exceeded storage allocation",
            r"inbox is full", r"storage (limit|quota)",
        ),
        Cause.MAILBOX_FULL,
    ),
    (
        _any_of(
            r"message (size|is too (large|big|long))", r"too large", r"size limit", r"exceeds (the )?(maximum )?size",
            r"message length exceeds",
        ),
        Cause.TOO_LARGE,
    ),
    (
        _any_of(
            r"\bspam\b", r"unsolicited", r"\bjunk\b", r"bulk mail", r"\bUBE\b", r"\bUCE\b", r"user complaints",
            r"content (was )?(rejected|refused|filter)", r"message content", r"detected as", r"considered spam",
        ),
        Cause.SPAM,
    ),
    (
        _any_of(
            r"block ?list", r"black ?list", r"\bblocked\b", r"spamhaus", r"\b[RD]NSBL\b", r"\bRBL\b", r"banned",
            r"policy", r"not authenticated", r"unauthenticated", r"\b(SPF|DKIM|DMARC)\b", r"reverse dns",
            r"\bPTR\b", r"reputation", r"relay(ing)? (access )?(is )?(denied|not permitted|prohibited)",
            r"unable to relay", r"not authorized", r"sender .{0,30}(rejected|denied|refused)",
            r"(only|not) accept(s|ing)? (mail|messages) from", r"restricted",
        ),
        Cause.BLOCKED,
    ),
    (
        _any_of(
            r"(host|domain)( name)? not found", r"no such (domain|host)", r"unrout(e)?able (address|mail domain)",
            r"domain .{0,60}(does not|doesn'?t) exist", r"domain .{0,60}couldn'?t be found",
            r"couldn'?t find any host", r"unknown (host|domain)", r"host unknown", r"non-?existent (host|domain)",
            r"bad destination (host|system)", r"no mail(-| )?(server|exchanger|host)", r"nxdomain",
            r"dns (error|lookup|failure).{0,60}(does not exist|not found|no such)", r"invalid domain",
        ),
        Cause.NO_DOMAIN,
    ),
    (
        _any_of(
            r"(account|mailbox|user|recipient|address).{0,60}(is |has been |was )?"
            r"(disabled|deactivated|inactive|suspended|closed|discontinued|expired|frozen)",
            r"(disabled|inactive|suspended|closed) (account|mailbox|user|recipient)",
            r"no longer (in use|valid|active|available|accepts|on this server|with us|employed)",
            r"(mailbox|user|recipient) has moved", r"account (has been )?(cancelled|terminated)",
        ),
        Cause.CLOSED,
    ),
    (
        _any_of(
            r"(user|recipient|mailbox|account|address|addressee|alias)( name)? (is )?(unknown|not found|invalid)",
            r"(unknown|invalid|no such|nonexistent|non-existent|bad) (local )?"
            r"(user|recipient|mailbox|account|address|destination mailbox|person|local part|local-part)",
            r"(user|recipient|mailbox|account|address|e-?mail).{0,60}(does not|doesn'?t|did not) (exist|have)",
            r"(user|recipient|mailbox|account|address).{0,60}(could ?n.t be|could not be|cannot be|was not|not) found",
            r"no mailbox (here )?by that name", r"not a (valid|known) (recipient|mailbox|user|address)",
            r"recipnotfound", r"recipientnotfound", r"not our customer", r"not listed in",
            r"unknown to address", r"undeliverable address",
            r"no such (email )?address", r"doesn'?t have an? \S{1,60} account", r"couldn'?t be found or is invalid",
        ),
        Cause.NO_MAILBOX,
    ),
    (
        _any_of(
            r"syntax (error|of the address)", r"bad (recipient|address) syntax", r"malformed (address|recipient)",
            r"address syntax",
        ),
        Cause.MISWRITTEN,
    ),
    (
        _any_of(
            r"timed? ?out", r"connection (refused|reset|lost|dropped|closed)", r"no answer from", r"unreachable",
            r"not? respond", r"try (again|later)", r"temporar(y|ily)", r"grey-?list", r"gray-?list", r"too many",
            r"rate limit", r"throttl", r"deferred", r"retry time", r"delivery time expired", r"server busy",
            r"service (is )?(currently )?(not available|unavailable)", r"network is", r"no route to host",
            r"\bTLS\b", r"loops? back", r"too many hops", r"hop count",
        ),
        Cause.SERVER_AWAY,
    ),
)  # fmt: skip
#: phrases that mean a missing mailbox only in a refusal for good that names no other reason: Postfix begins every
#: refusal of a recipient with them, greylisting and its owner's rules included
_WEAK = (
    (
        _any_of(r"mailbox (is )?(unavailable|not available)", r"recipient (address )?(rejected|refused)"),
        Cause.NO_MAILBOX,
    ),
)
#: bare reply codes that mean something by themselves (RFC 5321 section 4.2.3)
_REPLIES = {
    "421": Cause.SERVER_AWAY,
    "450": Cause.SERVER_AWAY,
    "451": Cause.SERVER_AWAY,
    "452": Cause.MAILBOX_FULL,
    "521": Cause.NO_DOMAIN,
    "552": Cause.MAILBOX_FULL,
    "556": Cause.NO_DOMAIN,
}


def cause_of(words: str) -> Cause:
    """Say why a letter did not arrive, from a server's words or our own in ``Message.last_error``.

    Codes first (RFC 3463), then phrases; never raises, and gives UNKNOWN rather than guess.
    """
    words = " ".join(words[:4000].split())
    own = next((cause for beginning, cause in _OURS if words.startswith(beginning)), None)
    if own is not None:
        return own
    return _first(_CORRECTING, words) or _by_code(words) or _first(_PHRASES, words) or _at_a_guess(words)


def is_permanent(words: str) -> bool:
    """Say whether a server refused for good (class 5), as opposed to asking for patience (class 4).

    One temporary code makes it temporary: a relay that gives up after days says so for good, but not about the mailbox.
    Words without a code count as final, since only a report of a failure brings such words.
    """
    kinds = {found["kind"] for found in _STATUS.finditer(words)} or {
        found["code"][0] for found in _REPLY.finditer(words)
    }
    return not kinds or kinds == {"5"}


def condemns_address(words: str) -> bool:
    """Say whether the words mean that this address takes no mail and never will: no second letter should try it.

    True for a missing, closed or miswritten mailbox and a missing domain; never for a full mailbox, spam, a blocked
    sender, or anything temporary.
    """
    return cause_of(words) in _OF_THE_ADDRESS and is_permanent(words)


def _by_code(words: str) -> Cause | None:
    for found in _STATUS.finditer(words):
        cause = _PRECISE.get(f"{found['subject']}.{int(found['detail'])}")
        if cause is not None:
            return cause
    return None


def _at_a_guess(words: str) -> Cause:
    """Make the best of a vague status ("5.7.1", "4.0.0"), a weak phrase or a bare reply code."""
    subject = next((found["subject"] for found in _STATUS.finditer(words) if found["subject"] != "0"), "")
    if subject == "7":
        return Cause.BLOCKED
    weak = _first(_WEAK, words) if is_permanent(words) else None
    reply = _REPLY.search(words)
    return weak or _VAGUE.get(subject) or _REPLIES.get(reply["code"] if reply else "", Cause.UNKNOWN)


def _first(phrases: tuple[tuple[re.Pattern[str], Cause], ...], words: str) -> Cause | None:
    return next((cause for pattern, cause in phrases if pattern.search(words)), None)
