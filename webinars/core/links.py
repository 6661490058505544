"""Signed, purpose-bound links.

A token is ``<public id>.<version>.<mac>``: the MAC covers purpose, id and version, so that a token made for one purpose
opens nothing else and raising the version revokes all earlier ones. Nothing secret is stored.
"""

import hashlib
from functools import lru_cache

from flask import current_app
from itsdangerous import BadSignature, Signer


def sign(purpose: str, public_id: str, version: int) -> str:
    """Make the token that proves a purpose for one public id at one version."""
    return _signer(str(current_app.secret_key), purpose).sign(f"{public_id}.{version}").decode()


def open_token(purpose: str, token: str) -> tuple[str, int] | None:
    """Give back (public id, version) of a token made for this purpose, or None; the caller compares the version."""
    if not token.isascii() or len(token) > 200:
        return None
    for signer in _signers(purpose):
        try:
            public_id, _, version = signer.unsign(token).decode().rpartition(".")
            return public_id, int(version)
        except (BadSignature, ValueError):
            continue
    return None


def _signers(purpose: str) -> tuple[Signer, ...]:
    keys = (current_app.secret_key, *(current_app.config.get("SECRET_KEY_FALLBACKS") or ()))
    return tuple(_signer(str(key), purpose) for key in keys)


@lru_cache(maxsize=64)
def _signer(key: str, purpose: str) -> Signer:
    salt = f"webinars.link.{purpose}"
    derived = Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()
    # The key of a purpose is derived once; a signer of its own would do it again for every token.
    return Signer(derived, sep=".", key_derivation="none", digest_method=hashlib.sha256)


def keyed_hash(purpose: str, value: str) -> str:
    """Give a short keyed hash that stands for a value in logs and keys without telling it (hex, 128 bit)."""
    key = str(current_app.secret_key).encode()
    return hashlib.blake2b(f"{purpose}\0{value}".encode(), key=hashlib.sha256(key).digest(), digest_size=16).hexdigest()
