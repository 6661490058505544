"""Signed, purpose-bound links.

A token is ``<public id>.<version>.<mac>``: the MAC covers purpose, id and version, so that a token made for one purpose
opens nothing else and raising the version revokes all earlier ones. Nothing secret is stored.
"""

import hashlib
import hmac
from functools import lru_cache

from flask import current_app
from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_encode

from webinars.core.text import id_from


def sign(purpose: str, public_id: str, version: int) -> str:
    """Make the token that proves a purpose for one public id at one version."""
    value = f"{public_id}.{version}"
    # What the signer would do, by the one call that a mailing can afford three times a letter.
    mac = hmac.digest(_key(str(current_app.secret_key), purpose), value.encode(), "sha256")
    return f"{value}.{base64_encode(mac).decode()}"


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
def _key(key: str, purpose: str) -> bytes:
    salt = f"webinars.link.{purpose}"
    return Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()


def _signer(key: str, purpose: str) -> Signer:
    return Signer(_key(key, purpose), sep=".", key_derivation="none", digest_method=hashlib.sha256)


def keyed_hash(purpose: str, value: str) -> str:
    """Give a short keyed hash that stands for a value in logs and keys without telling it (hex, 128 bit)."""
    key = _hash_key(current_app.config["HASH_KEY"])
    return hashlib.blake2b(f"{purpose}\0{value}".encode(), key=key, digest_size=16).hexdigest()


def keyed_id(purpose: str, value: str) -> str:
    """Give the public id that stands for a value: always the same one, and nobody without the key can tell which."""
    return id_from(int(keyed_hash(purpose, value), 16))


def address_key(folded: str) -> str:
    """Give the keyed hash under which mail knows a folded address (core.text.email_key)."""
    return keyed_hash("address", folded)


@lru_cache(maxsize=4)
def _hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
