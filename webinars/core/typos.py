"""Slips in the part of an address after the @: what somebody most likely meant, to be offered and never forced.

Only domains that many people use are offered. What is one of them is left alone, and so is what is real although it
looks like one.
"""

from functools import lru_cache

#: the mail domains used most in the United States and in Spanish-speaking countries, the most used first
POPULAR = (
    "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "comcast.net", "live.com",
    "msn.com", "att.net", "verizon.net", "sbcglobal.net", "me.com", "bellsouth.net", "cox.net", "charter.net",
    "earthlink.net", "optonline.net", "frontier.com", "windstream.net", "juno.com", "ymail.com", "mac.com",
    "rocketmail.com", "googlemail.com", "protonmail.com", "hotmail.es", "yahoo.es", "outlook.es", "yahoo.com.mx",
    "live.com.mx", "prodigy.net.mx", "yahoo.com.ar", "hotmail.com.ar", "live.com.ar", "fibertel.com.ar", "yahoo.com.co",
    "yahoo.com.pe", "yahoo.com.ve", "yahoo.cl", "hotmail.cl", "outlook.cl", "telefonica.net", "movistar.es",
    "une.net.co",
)  # fmt: skip
#: real ones that a slip of the finger could have made of a popular one
NEIGHBOURS = frozenset({
    "mail.com", "email.com", "gmx.com", "gmx.net", "gmx.es", "fmail.com", "tmail.com", "qmail.com", "zmail.com",
    "hmail.com", "amail.com", "bmail.com", "imail.com", "jmail.com", "umail.com", "vmail.com", "xmail.com", "gmall.com",
    "hushmail.com", "hostmail.com", "postmail.com", "fastmail.com", "proton.me", "pm.me", "zoho.com", "aim.com",
    "love.com", "yandex.com", "yahoo.co.uk", "yahoo.ca", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.in", "yahoo.co.in",
    "yahoo.com.br", "yahoo.com.au", "yahoo.com.ph", "hotmail.co.uk", "hotmail.ca", "hotmail.fr", "hotmail.de",
    "hotmail.it", "outlook.fr", "outlook.de", "outlook.it", "live.ca", "live.co.uk", "live.fr", "live.nl", "live.cl",
    "att.com", "cox.com", "comcast.com", "verizon.com", "charter.com", "juno.net", "frontiernet.net", "rr.com",
    "twc.com", "pacbell.net", "ameritech.net", "swbell.net", "snet.net", "nvbell.net", "prodigy.net", "terra.es",
    "ono.com", "orange.es", "vodafone.es", "ya.com", "infinitummail.com", "cantv.net", "speedy.com.ar", "arnet.com.ar",
})  # fmt: skip
_UNDOTTED = frozenset(domain.replace(".", "") for domain in NEIGHBOURS)
#: names whose mail lives at one ending only: any other ending is a slip
_ONE_HOME = {"gmail": "gmail.com", "googlemail": "googlemail.com", "icloud": "icloud.com", "sbcglobal": "sbcglobal.net"}
#: endings that exist although they look like "com" and "net"
_REAL_ENDINGS = frozenset({"co", "cm", "om", "cam", "ne", "et", "bet", "get", "new", "pet", "vet", "nec"})
#: of those, the ones behind which a long name is nobody else's
_SLIPPED_ENDINGS = frozenset({"co", "cm", "om", "ne", "et"})
#: letters a name needs so that one slip leaves it recognisable, and so that two do
_ONE_SLIP, _TWO_SLIPS = 5, 9


def suggested_address(address: str) -> str | None:
    """Give the address that was most likely meant, or None when it looks right or like nothing we know."""
    local, at, domain = address.strip().rpartition("@")
    meant = suggested_domain(domain) if local and at else None
    return f"{local}@{meant}" if meant else None


@lru_cache(maxsize=1024)
def suggested_domain(domain: str) -> str | None:
    """Give the popular domain that was most likely meant, or None."""
    typed = domain.strip().lower().replace(",", ".").strip(".")
    if typed in POPULAR:
        return typed if typed != domain.strip().lower() else None
    if typed in NEIGHBOURS or typed in _UNDOTTED:
        return None
    name, _dot, _ending = typed.partition(".")
    if name in _ONE_HOME:
        return _ONE_HOME[name]
    costs = {known: cost for known in POPULAR if (cost := _cost(typed, known)) is not None}
    # Of equally likely ones the first: dictionaries keep the order of the table.
    return min(costs, key=costs.__getitem__) if costs else None


def _cost(typed: str, known: str) -> int | None:
    """Count the slips between what was typed and a popular domain; None for more than could be slips."""
    if typed.replace(".", "") == known.replace(".", ""):
        return 1
    if "." not in typed:
        return _name_cost(typed, known.replace(".", ""))
    (typed_name, typed_ending), (name, ending) = _parts(typed), _parts(known)
    sure_name = typed_name == name and len(name) >= _ONE_SLIP
    in_name, in_ending = _name_cost(typed_name, name), _ending_cost(typed_ending, ending, sure_name)
    return None if in_name is None or in_ending is None else in_name + in_ending


def _parts(domain: str) -> tuple[str, list[str]]:
    name, *ending = domain.split(".")
    return name, ending


def _name_cost(typed: str, known: str) -> int | None:
    if typed == known:
        return 0
    if len(known) < _ONE_SLIP:
        # Every short word is one letter away from many others: only letters in the wrong order are a sure sign.
        return 1 if sorted(typed) == sorted(known) and slips(typed, known, 1) == 1 else None
    return slips(typed, known, 2 if len(known) >= _TWO_SLIPS else 1)


def _ending_cost(typed: list[str], known: list[str], sure_name: bool) -> int | None:
    if len(typed) != len(known):
        return None
    costs = [_label_cost(*labels, sure_name) for labels in zip(typed, known, strict=True)]
    return None if None in costs else sum(cost or 0 for cost in costs)


def _label_cost(typed: str, known: str, sure_name: bool) -> int | None:
    if typed == known:
        return 0
    # Two letters are a country's: another country's is another domain.
    real = typed in _REAL_ENDINGS and not (sure_name and typed in _SLIPPED_ENDINGS)
    return None if len(known) < 3 or real else slips(typed, known, 1)


def slips(typed: str, known: str, most: int) -> int | None:
    """Count letters missing, added, wrong or swapped with a neighbour (Damerau, Levenshtein); None above ``most``."""
    if abs(len(typed) - len(known)) > most:
        return None
    before, last = list[int](), list(range(len(known) + 1))
    for row, letter in enumerate(typed, 1):
        current = [row]
        for column, other in enumerate(known, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == known[column - 2] and typed[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1] if last[-1] <= most else None
