"""Tokens, and answers kept for requests that are sent again."""

import hashlib
import secrets
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from webinars.accounts import audit
from webinars.api import queries
from webinars.api.errors import Unauthorized
from webinars.api.models import ApiToken, IdempotentAnswer
from webinars.core.database import db
from webinars.core.errors import NotFound, UserError
from webinars.core.text import one_line

#: helps people and secret scanners to recognise a token
_PREFIX = "webinars_"
_LONGEST_NAME = 100
#: how exactly it is known when a token was used last; a write for each request would be too much
_USE_NOTED_EVERY = timedelta(minutes=1)
#: how long an answer is repeated; the daily deletion takes it away later
REPEATED_FOR = timedelta(hours=24)


def add_token(name: str, now: datetime) -> str:
    """Let a program in and give its token, which is shown this once; a name in use gets a number.

    Raises UserError for a name that is empty or too long.
    """
    name = one_line(name)
    if not name or len(name) > _LONGEST_NAME:
        raise UserError(_("Give the token a name of at most %(most)s characters.", most=_LONGEST_NAME))
    token = _PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(name=_free_name(name), token_hash=_hash(token), created_at=now)
    db.session.add(row)
    db.session.flush()
    audit.record("token added", "token", row.id, after={"name": row.name}, now=now)
    return token


def revoke_token(name: str, now: datetime) -> None:
    """Shut a program out for good; raises NotFound."""
    row = queries.find_token_by_name(one_line(name))
    if row is None or row.revoked_at is not None:
        raise NotFound(_("There is no such token."))
    row.revoked_at = now
    audit.record("token revoked", "token", row.id, before={"name": row.name}, now=now)


def enter(token: str, now: datetime) -> tuple[int, bool]:
    """Give the id of a token, and whether its use is worth noting; raises Unauthorized."""
    row = queries.find_token(_hash(token))
    if row is None:
        raise Unauthorized(_("This token is not valid, or it was revoked."))
    return row.id, row.last_used_at is None or now - row.last_used_at >= _USE_NOTED_EVERY


def note_use(token_id: int, now: datetime) -> None:
    """Write down that a token was used."""
    row = db.session.get(ApiToken, token_id)
    if row is not None:
        row.last_used_at = now


def claim_key(token_id: int, key: str, request_hash: str, now: datetime) -> IdempotentAnswer | None:
    """Take an Idempotency-Key for a request, or give the answer that the same request got before.

    Of two at once the second waits for the first. Raises UserError for a key that was used for another request.
    """
    outlived = delete(IdempotentAnswer).where(
        IdempotentAnswer.token_id == token_id,
        IdempotentAnswer.key == key,
        IdempotentAnswer.created_at <= now - REPEATED_FOR,
    )
    db.session.execute(outlived)
    row = {"token_id": token_id, "key": key, "request_hash": request_hash, "status": 0, "body": {}, "created_at": now}
    try:
        with db.session.begin_nested():
            db.session.execute(insert(IdempotentAnswer).values(row))
    except IntegrityError:
        known = queries.get_answer(token_id, key)
        if known.request_hash != request_hash:
            raise UserError(_("This Idempotency-Key was used for another request. Choose a new one.")) from None
        return known
    return None


def keep_answer(token_id: int, key: str, status: int, body: Any, headers: dict[str, str]) -> None:
    """Keep the answer to a request whose key was claimed in this transaction."""
    row = queries.get_answer(token_id, key)
    row.status, row.body = status, {"body": body, "headers": headers}


def _free_name(name: str) -> str:
    numbered = (name if number == 1 else f"{name} {number}" for number in count(1))
    return next(one for one in numbered if queries.find_token_by_name(one) is None)


def _hash(token: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess from.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
