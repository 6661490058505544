"""The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for when it is lost."""

import secrets
from datetime import datetime

from flask_babel import gettext as _
from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy import delete, update
from sqlalchemy.sql import Update

from webinars.accounts import audit, queries, service, vault
from webinars.accounts.models import RecoveryCode, User
from webinars.core.database import db, lock
from webinars.core.errors import Conflict
from webinars.core.links import keyed_hash

#: how many recovery codes are made at once
CODES = 10
#: no letter or digit that is taken for another
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
#: seconds that clocks may differ either way
_WINDOW = 30


def new_secret() -> str:
    """Make a secret to share with a code app (base32, 160 bit)."""
    key: str = TOTP.new().base32_key
    return key


def address_of(secret: str, email: str, issuer: str) -> str:
    """Give the address that a code app reads from a picture; neither name may hold a colon."""
    uri: str = TOTP(key=secret, format="base32").to_uri(email.replace(":", ""), issuer.replace(":", ""))
    return uri


def set_up(user: User, secret: str, code: str, now: datetime) -> bool:
    """Take a secret over once its first code shows that the app knows it; the one before counts no more."""
    lock(user)
    step = _step_of(secret, code, 0, now)
    if step is None or not user.active:
        return False
    user.totp_secret, user.totp_step = vault.close(secret), step
    _note("second factor set up", user, now)
    service.owe_note("second-factor-set", user, now)
    return True


def take_code(user: User, code: str, now: datetime) -> bool:
    """Say whether a code is the one of this moment, and take it: it counts once."""
    secret = vault.open_again(user.totp_secret) if user.totp_secret else None
    step = _step_of(secret, code, user.totp_step, now) if secret else None
    if step is None:
        return False
    mine = update(User).where(User.id == user.id, User.totp_step < step)
    return _changed(mine.values(totp_step=step)) == 1


def take_recovery_code(user: User, code: str, now: datetime) -> bool:
    """Say whether a recovery code is right and unused, and take it: it counts once, and a letter tells."""
    mine = update(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hash(user, code), RecoveryCode.used_at.is_(None)
    )
    if _changed(mine.values(used_at=now)) != 1:
        return False
    left = queries.count_recovery_codes(user.id)
    audit.record("recovery code used", "user", user.id, after={"codes_left": left}, now=now, by=f"staff:{user.id}")
    service.owe_note("recovery-code-used", user, now)
    return True


def new_recovery_codes(user: User, now: datetime) -> list[str]:
    """Make new recovery codes in place of those before; they are shown now and never again."""
    codes = [_code() for _number in range(CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(user, code)) for code in codes)
    _note("recovery codes made", user, now)
    return codes


def drop_lone_codes(user: User, now: datetime) -> bool:
    """Delete the recovery codes of somebody who has no second factor left to recover; say whether there were any."""
    if user.totp_secret or queries.passkeys_of(user.id):
        return False
    left = queries.count_recovery_codes(user.id)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if left:
        audit.record("recovery codes removed", "user", user.id, before={"codes_left": left}, now=now)
    return left > 0


def remove(user: User, now: datetime, *, required: bool) -> bool:
    """Do without the code app from now on; say whether the recovery codes went with it.

    Raises Conflict for somebody who has to have a second factor and would have none.
    """
    lock(user)
    if required and not queries.passkeys_of(user.id):
        raise Conflict(_("An owner needs a second factor here. Set up another app, or add a passkey first."))
    user.totp_secret = None
    _note("second factor removed", user, now)
    codes_too = drop_lone_codes(user, now)
    service.owe_note("second-factor-removed", user, now, codes_too=codes_too)
    return codes_too


def reset(user: User, now: datetime) -> None:
    """Take code app, recovery codes and passkeys away from somebody who lost them, and sign them out everywhere."""
    service.forget_second_factors(user)
    service.end_sessions(user, now)
    audit.record("second factor reset", "user", user.id, now=now)
    service.owe_note("second-factor-reset", user, now)


def _note(deed: str, user: User, now: datetime) -> None:
    audit.record(deed, "user", user.id, now=now, by=f"staff:{user.id}")


def _step_of(secret: str, code: str, last: int, now: datetime) -> int | None:
    """Give the half minute that a code is of, if it is right and later than the last one taken."""
    try:
        match = TOTP(key=secret, format="base32").match(code, time=now, window=_WINDOW, last_counter=last)
    except TokenError:
        return None
    return int(match.counter)


def _code() -> str:
    letters = "".join(secrets.choice(_SIGNS) for _place in range(15))
    return f"{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def _hash(user: User, code: str) -> str:
    typed = "".join(sign for sign in code.lower() if sign.isalnum())
    return keyed_hash("recovery code", f"{user.id} {typed[:100]}")


def _changed(statement: Update) -> int:
    return int(getattr(db.session.execute(statement, execution_options={"synchronize_session": False}), "rowcount", 0))
