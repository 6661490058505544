"""Enciphers what has to be read again, under keys made of the application's secret key and those before it."""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

_PURPOSE = b"webinars.second-factor"


def close(secret: str) -> str:
    """Encipher a secret under the present key."""
    return _ciphers().encrypt(secret.encode()).decode()


def open_again(closed: str) -> str | None:
    """Give a secret back; None when it was enciphered under a key that is gone."""
    try:
        return _ciphers().decrypt(closed.encode()).decode()
    except InvalidToken:
        return None


def _ciphers() -> MultiFernet:
    keys = (current_app.secret_key, *(current_app.config.get("SECRET_KEY_FALLBACKS") or ()))
    return MultiFernet([Fernet(_derived(str(key))) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), _PURPOSE, "sha256"))
