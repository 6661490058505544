"""Slips in mail domains: what is offered, and what is left alone."""

import pytest

from webinars.core.typos import NEIGHBOURS, POPULAR, slips, suggested_address, suggested_domain

MEANT = {
    "gmail.com": "gmial.com gmal.com gmai.com gmaill.com gnail.com gamil.com gmail.con gmail.cmo gmail.co gmail.cm "
    "gmail.om gmail.comm gmailcom gmial.con gmail.es gmail.net gmail.com.mx gmail,com gmail.com. gmail.co.m",
    "yahoo.com": "yaho.com yahooo.com yahho.com yhaoo.com yahoo.con yahoo.co yahoocom",
    "hotmail.com": "hotmial.com hotmal.com hotmai.com hotmil.com homtail.com hotmail.con hotmail.co hotmailcom",
    "outlook.com": "outlok.com outloook.com outlook.con outlook.cmo oulook.com",
    "icloud.com": "icoud.com iclod.com icloud.con icloud.es",
    "aol.com": "alo.com aol.con aol.cmo",
    "msn.com": "mns.com msn.con",
    "live.com": "liev.com live.con",
    "comcast.net": "comcast.ent comcast.nt concast.net comcastnet",
    "verizon.net": "verison.net verizon.ner",
    "att.net": "att.ent att.ner",
    "sbcglobal.net": "sbcglobal.com sbcgloble.net sbglobal.net spcgobal.net",
    "bellsouth.net": "belsouth.net bellsoth.net blelsouth.net",
    "yahoo.es": "yaho.es",
    "hotmail.es": "hotmial.es",
    "yahoo.com.mx": "yahoo.con.mx yahoocom.mx yaho.com.mx yahoo.co.mx",
    "prodigy.net.mx": "prodigi.net.mx prodigy.ent.mx",
}
#: real, or like nothing we know: short names one letter away, another country, another company
LEFT_ALONE = (
    "ymail.com mail.com gmx.com email.com gmx.net fmail.com proton.me hushmail.com fastmail.com love.com "
    "sol.com all.com man.com line.com five.com cod.net atd.net ma.com jumo.com me.co live.co mac.co aol.co "
    "yahoo.co.uk yahoo.fr yahoo.ca yahoo.com.br yahoo.com.au yahoo.com.my hotmail.se hotmail.de hotmail.com.br "
    "outlook.fr live.nl comcast.com verizon.com att.com cox.com gmal.co yaho.co live.cam outlook.new "
    "example.org harbor.example yale.edu clinic.org mailcom hotel.com verona.net localhost"
)


@pytest.mark.parametrize(("typed", "meant"), [(slip, meant) for meant, all_ in MEANT.items() for slip in all_.split()])
def test_slip_is_understood(typed: str, meant: str) -> None:
    assert suggested_domain(typed) == meant


@pytest.mark.parametrize(
    "typed", [*LEFT_ALONE.split(), *POPULAR, *NEIGHBOURS, "", "@", ".", "..", "-", "ü.com", "x" * 300]
)
def test_what_is_real_or_unknown_is_left_alone(typed: str) -> None:
    assert suggested_domain(typed) is None
    assert suggested_domain(typed.upper()) is None


def test_no_popular_domain_is_listed_twice_or_as_a_neighbour() -> None:
    assert len(set(POPULAR)) == len(POPULAR)
    assert not NEIGHBOURS & set(POPULAR)


def test_what_is_before_the_at_stays_as_it_was_typed() -> None:
    assert suggested_address("Alice.B+News@GMIAL.com") == "Alice.B+News@gmail.com"
    assert suggested_address(' "a@b"@gmial.com ') == '"a@b"@gmail.com'
    assert suggested_address("alice@gmail.com") is None
    assert suggested_address("gmial.com") is None
    assert suggested_address("@gmial.com") is None


@pytest.mark.parametrize(
    ("one", "other", "most", "count"),
    [
        ("gmail", "gmail", 1, 0),
        ("gmial", "gmail", 1, 1),
        ("gmal", "gmail", 1, 1),
        ("gmaiil", "gmail", 1, 1),
        ("gmeil", "gmail", 1, 1),
        ("gmlai", "gmail", 1, None),
        ("gmlai", "gmail", 2, 2),
        ("", "ab", 2, 2),
        ("", "abc", 2, None),
    ],
)
def test_slips_are_counted_both_ways(one: str, other: str, most: int, count: int | None) -> None:
    assert slips(one, other, most) == slips(other, one, most) == count
