"""Why a letter did not arrive, in the words of real servers."""

import pytest

from webinars.mail.causes import Cause, cause_of, condemns_address, is_permanent

WORDS = [
    # Gmail
    ("550-5.1.1 The email account that you tried to reach does not exist.", Cause.NO_MAILBOX),
    ("550-5.2.1 The email account that you tried to reach is disabled.", Cause.CLOSED),
    ("550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents …", Cause.SERVER_AWAY),
    ("452-4.2.2 The email account that you tried to reach is over quota.", Cause.MAILBOX_FULL),
    ("552-5.2.2 The recipient's inbox is out of storage space.", Cause.MAILBOX_FULL),
    ("550-5.7.1 [192.0.2.5] Our system has detected that this message is likely unsolicited mail.", Cause.SPAM),
    ("550-5.7.26 This mail has been blocked because the sender is unauthenticated.", Cause.BLOCKED),
    ("552-5.3.4 Your message exceeded Google's message size limits.", Cause.TOO_LARGE),
    ("421-4.7.28 Our system has detected an unusual rate of email. To protect our users …", Cause.BLOCKED),
    # Outlook, Exchange
    ("550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", Cause.NO_MAILBOX),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Cause.NO_MAILBOX),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", Cause.NO_MAILBOX),
    ("550 5.7.515 Access denied, sending domain does not meet the required authentication level.", Cause.BLOCKED),
    ("550 5.7.1 Service unavailable, Client host [192.0.2.5] blocked using Spamhaus.", Cause.BLOCKED),
    ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", Cause.MAILBOX_FULL),
    ("550 5.7.350 Remote server returned message detected as spam", Cause.SPAM),
    ("550 5.1.8 Access denied, bad outbound sender", Cause.BLOCKED),
    ("550 5.4.300 Message expired, LED=450 4.4.316 Connection refused", Cause.SERVER_AWAY),
    # Yahoo
    ("554 delivery error: dd This user doesn't have a yahoo.com account (<address>) [0]", Cause.NO_MAILBOX),
    ("554 5.7.9 Message not accepted for policy reasons.", Cause.BLOCKED),
    ("421 4.7.0 [TSS04] Messages from 192.0.2.5 temporarily deferred due to user complaints", Cause.SPAM),
    # Postfix, Exim, Sendmail, qmail
    ("550 5.1.1 <address>: Recipient address rejected: User unknown in local recipient table", Cause.NO_MAILBOX),
    ("450 4.2.0 <address>: Recipient address rejected: Greylisted", Cause.SERVER_AWAY),
    ("554 5.7.1 <address>: Recipient address rejected: Access denied", Cause.BLOCKED),
    ("554 5.7.1 <address>: Relay access denied", Cause.BLOCKED),
    ("5.4.4 Host or domain name not found. Name service error for name=gmial.com", Cause.NO_DOMAIN),
    ("5.1.10 Domain gmial.com does not accept mail (nullMX)", Cause.NO_DOMAIN),
    ("5.0.0 Unrouteable address", Cause.NO_DOMAIN),
    ("retry timeout exceeded", Cause.SERVER_AWAY),
    # About us, with the codes and words of a missing mailbox
    ("550 Verification failed for <address> 550 No Such User Here 550 Sender verify failed", Cause.BLOCKED),
    ("550 5.1.0 <address>: Sender address rejected: undeliverable address: host said: 550 5.1.1", Cause.BLOCKED),
    ("550 Callback setup failed while verifying <address> 550 unknown user", Cause.BLOCKED),
    ("550 5.7.1 Unknown user in From header: <address>", Cause.BLOCKED),
    ("550 mailbox unavailable invalid DNS MX or A/AAAA resource record", Cause.BLOCKED),
    ("550 No such user here", Cause.NO_MAILBOX),
    ("Sorry, I couldn't find any host named gmial.com. (#5.1.2)", Cause.NO_DOMAIN),
    ("501 5.1.3 Bad recipient address syntax", Cause.MISWRITTEN),
    ("[Errno 111] Connection refused", Cause.SERVER_AWAY),
    ("552 message size exceeds fixed limit", Cause.TOO_LARGE),
    # bare codes
    ("452", Cause.MAILBOX_FULL),
    ("421 busy", Cause.SERVER_AWAY),
    ("550 no", Cause.UNKNOWN),
    # our own
    ("the letter could not be made: KeyError", Cause.UNMADE),
    ("the address cannot be used", Cause.MISWRITTEN),
    ("the connection was lost: the server did not answer in time", Cause.SERVER_AWAY),
    ("its time had passed", Cause.LATE),
    ("", Cause.UNKNOWN),
]


@pytest.mark.parametrize(("words", "cause"), WORDS)
def test_servers_words_have_a_cause(words: str, cause: Cause) -> None:
    assert cause_of(words) is cause


@pytest.mark.parametrize(
    "words",
    [
        "550 5.1.1 User unknown", "550 no such user", "5.1.2 unknown host", "550 5.2.1 account disabled",
        "the address cannot be used",
    ],
)  # fmt: skip
def test_address_is_condemned_by_a_final_word_about_itself(words: str) -> None:
    assert condemns_address(words)


@pytest.mark.parametrize(
    "words",
    [
        "450 4.1.1 User unknown, try again later",
        "552 5.2.2 mailbox full",
        "550 5.7.1 refused as spam: user unknown to us",
        "550 5.1.7 bad sender address",
        "550 5.1.8 sender domain not found",
        "550 5.2.1 This user is receiving mail too quickly",
        "5.0.0 gave up after days, the last answer was 450 4.1.1 user unknown",
        "550 rejected",
        "421 closing",
        "",
    ],
)
def test_address_is_not_condemned_by_anything_else(words: str) -> None:
    assert not condemns_address(words)


def test_numbers_of_machines_and_programs_are_no_codes() -> None:
    assert cause_of("mail server 5.1.1.7 (version 5.1.1.4) hung up") is not Cause.NO_MAILBOX
    assert not is_permanent("421 4.3.2 go away, says 5.1.1.7")
