"""How often a sign-in may be tried, a password reset, an address corrected: counted in this process.

Several web processes count apart, so that with n of them the limits are at most n times as wide.
"""

import logging
import threading
from functools import cache

from flask import Flask, current_app
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from webinars.core.http import client_key, current_settings
from webinars.core.links import keyed_hash
from webinars.core.text import email_key

LOG = logging.getLogger("webinars")
#: wrong passwords for one account, whoever tries: 10 in 15 minutes
ACCOUNT = RateLimitItemPerMinute(10, 15, "account")
#: wrong codes for one account: a right password does not make this count begin anew
CODES = RateLimitItemPerMinute(10, 15, "codes")
#: wrong passwords from one network, whatever the account: 30 in 15 minutes
NETWORK = RateLimitItemPerMinute(30, 15, "network")
#: people coming back from the issuer, in one network, whether they get in or not: each makes us ask it
ISSUER = RateLimitItemPerMinute(30, 15, "issuer")
#: letters with a new password asked for from one network
RESETS = RateLimitItemPerHour(10, 1, "resets")
#: addresses of sign-ups put right from one network
CORRECTIONS = RateLimitItemPerHour(20, 1, "corrections")


class _Counters(MemoryStorage):
    """Counts in memory; its cleaning, which under a faked clock may wait for days, keeps no process from ending."""

    @property
    def timer(self) -> threading.Timer:
        """The thread that forgets what has expired."""
        return self._timer

    @timer.setter
    def timer(self, made: threading.Timer) -> None:
        made.daemon = True
        self._timer = made


def init_limits(app: Flask) -> None:
    """Give the application its own counters."""
    # Made on first use: the storage starts a thread, which the processes of a forking server would not have.
    app.extensions["sign_in_limits"] = cache(lambda: MovingWindowRateLimiter(_Counters()))


def may_try(email: str, what: RateLimitItem = ACCOUNT) -> bool:
    """Say whether a password, or a code, may be tried for an address from this network now."""
    limiter = _limiter()
    return limiter is None or (limiter.test(what, _account(email)) and limiter.test(NETWORK, client_key()))


def note_failure(email: str, what: RateLimitItem = ACCOUNT) -> None:
    """Count a wrong password or code; an unknown address counts like a known one."""
    LOG.warning("sign-in failed: account %s, network %s", _account(email)[:12], client_key()[:12])
    limiter = _limiter()
    if limiter is not None:
        limiter.hit(what, _account(email))
        limiter.hit(NETWORK, client_key())


def note_success(email: str, what: RateLimitItem = ACCOUNT) -> None:
    """Forget the wrong passwords or codes of an account; those of the network still count."""
    limiter = _limiter()
    if limiter is not None:
        limiter.clear(what, _account(email))


def may_ask_issuer() -> bool:
    """Count somebody who comes back from the issuer, and say whether it is within the limit."""
    return _hit(ISSUER)


def may_ask_for_reset() -> bool:
    """Count a request for a new password, and say whether it is within the limit."""
    return _hit(RESETS)


def may_correct_address() -> bool:
    """Count the correction of an address that was just typed, and say whether it is within the limit."""
    return _hit(CORRECTIONS)


def _hit(what: RateLimitItem) -> bool:
    """Count something that this network does, and say whether it is within the limit."""
    limiter = _limiter()
    return limiter is None or limiter.hit(what, client_key())


def _limiter() -> MovingWindowRateLimiter | None:
    limiter: MovingWindowRateLimiter = current_app.extensions["sign_in_limits"]()
    return limiter if current_settings().ratelimit_enabled else None


def _account(email: str) -> str:
    return keyed_hash("account", email_key(email[:320]))
