"""Decisions about staff: what a role may do, who may be changed by whom, what password will do."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import gettext as _

from webinars.accounts.models import RoleName, User
from webinars.core.audience import Audience

#: shorter ones are guessed; longer rules make people write passwords down
LEAST_PASSWORD, MOST_PASSWORD = 8, 200
#: what attackers try first, folded and without digits or signs at the end
_COMMON = frozenset(
    [
        "password",
        "passwort",
        "passw0rd",
        "contraseña",
        "qwerty",
        "qwertyui",
        "qwertyuiop",
        "asdfghjk",
        "asdfghjkl",
        "zxcvbnm",
        "1q2w3e4r",
        "1qaz2wsx",
        "iloveyou",
        "welcome",
        "letmein",
        "football",
        "baseball",
        "superman",
        "princess",
        "sunshine",
        "trustno",
        "administrator",
        "admin",
        "starwars",
        "computer",
        "michelle",
        "jennifer",
        "internet",
        "whatever",
        "changeme",
        "changeit",
        "secret",
        "master",
        "dragon",
        "monkey",
        "shadow",
        "freedom",
        "abcdefgh",
        "abcabcabc",
        "webinar",
        "webinars",
        "webinaire",
        "owner",
        "staff",
    ]
)


#: signs in what browsers say of themselves, what gives itself out for others before those
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
             ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def roles_of(user: User) -> set[str]:
    """Give the names of the roles of a member of staff."""
    return {role.name for role in user.roles}


def role_of(user: User) -> str:
    """Give the role that counts; empty for somebody without one."""
    return next((role for role in RoleName if role in roles_of(user)), "")


def is_host(user: User) -> bool:
    """Say whether somebody sees only the webinars in which they have a part."""
    return not Audience.VIEWER.admits(roles_of(user))


def needs_second_factor(user: User, *, production: bool) -> bool:
    """Say whether a password alone is too little: for whoever lets others in, where visitors' data is at stake."""
    return production and Audience.OWNER.admits(roles_of(user))


def is_fresh(proved_at: datetime | None, within: timedelta, now: datetime) -> bool:
    """Say whether somebody showed not long ago that it is them."""
    return proved_at is not None and now - proved_at < within


def device_words(browser: str) -> str:
    """Name a device so that its owner knows it again: "Firefox, Windows"; the names are the makers'."""
    parts = (_first_of(browser, _BROWSERS), _first_of(browser, _SYSTEMS))
    return ", ".join(part for part in parts if part)


def _first_of(browser: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((words for sign, words in names if sign in browser), "")


def loses_last_owner(is_owner: bool, active_owners: int, *, stays_owner: bool) -> bool:
    """Say whether a change would leave nobody who can let people in."""
    return is_owner and not stays_owner and active_owners <= 1


def password_problem(password: str, email: str) -> str | None:
    """Say what is wrong with a new password, or None."""
    if len(password) < LEAST_PASSWORD:
        return _(
            "Use at least %(count)s characters. Three or four words in a row are easy to remember.",
            count=LEAST_PASSWORD,
        )
    if len(password) > MOST_PASSWORD:
        return _("Use at most %(count)s characters.", count=MOST_PASSWORD)
    folded = password.casefold().rstrip("0123456789!?.*-_#$@ ")
    local = email.casefold().partition("@")[0]
    if (
        folded in _COMMON
        or len(set(password)) < 4
        or password.casefold() in {email.casefold(), local}
        or _is_run(password)
    ):
        return _("This password is easy to guess. Three or four words in a row are better.")
    return None


def _is_run(password: str) -> bool:
    """Say whether each character follows the one before: 12345678, hgfedcba."""
    steps = {ord(second) - ord(first) for first, second in zip(password, password[1:], strict=False)}
    # 7890 and 9876543210 go over the end of the row of digits.
    return steps <= {1, -9} or steps <= {-1, 9}


def is_broken_address(target: str) -> bool:
    """Say whether something cannot even be read as an address, such as "http://[": the sign-in library would fail."""
    try:
        urlsplit(target)
    except ValueError:
        return True
    return False


def safe_next(target: str) -> str:
    """Give a path inside the staff area to go on to; empty for anything that could lead elsewhere."""
    inside = target.startswith("/") and not target.startswith("//")
    plain = all(32 < ord(character) < 127 and character not in '\\"<>' for character in target)
    if not (inside and plain):
        return ""
    # Only now: brackets behind two slashes make it raise.
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and "/staff/" in parts.path + "/" else ""
