"""Signatures on letters (RFC 6376), for those whose mail server does not sign for them.

Costs some eight milliseconds of CPU a letter with a key of 2048 bits: a mail server that signs is the better place.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path

import dkim  # type: ignore[import-untyped]
from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # type: ignore[import-untyped]
from flask import current_app

from config import SettingError, Settings

#: what is signed of what a letter has; both headers of RFC 8058 among them, as its section 4 asks
_SIGNED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"auto-submitted", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post",
    b"feedback-id",
)  # fmt: skip
#: signed once more than it stands there, so that nobody can add another (RFC 6376 section 8.15)
_OVERSIGNED = (b"from",)
#: verifiers do not take shorter ones (RFC 8301 section 3.2)
_LEAST_BITS = 1024
#: what stands before the 32 octets of an Ed25519 key (RFC 8410 section 7)
_ED25519 = bytes.fromhex("302e020100300506032b657004220420")
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_PROBE = b"From: a@example.org\r\n\r\n"


class Signer:
    """Signs letters for one domain."""

    def __init__(self, domain: str, selector: str, key: bytes) -> None:
        """Take the domain, the selector under which its DNS holds the public key, and the private key.

        The key is RSA in PEM, or Ed25519 in PEM or as the base64 of its 32 octets. Raises SettingError for any other.
        """
        self._domain, self._selector = domain.encode(), selector.encode()
        seed = _ed25519_seed(key)
        self._algorithm = b"ed25519-sha256" if seed else b"rsa-sha256"
        self._key = base64.b64encode(seed) if seed else _rsa_key(key)
        try:
            self.sign(_PROBE)
        except dkim.NaClNotFoundError:
            raise SettingError("DKIM_KEY_FILE", "is an Ed25519 key, which needs the package PyNaCl; use RSA") from None
        except dkim.DKIMException:
            raise _unusable() from None

    def sign(self, message: bytes) -> bytes:
        """Give the message with its signature on top."""
        letter = dkim.DKIM(message, signature_algorithm=self._algorithm)
        present = {name.lower() for name, _value in letter.headers}
        signed = [name for name in _SIGNED if name in present]
        canonical = (b"relaxed", b"relaxed")
        signature: bytes = letter.sign(
            self._selector, self._domain, self._key, canonicalize=canonical, include_headers=[*signed, *_OVERSIGNED]
        )
        return signature + message


def signer_from(settings: Settings) -> Signer | None:
    """Make the signer that the settings ask for, reading the key once; None when they ask for none.

    Raises SettingError.
    """
    given = {
        "DKIM_DOMAIN": settings.dkim_domain,
        "DKIM_SELECTOR": settings.dkim_selector,
        "DKIM_KEY_FILE": settings.dkim_key_file,
    }
    if not any(given.values()):
        return None
    _ensure_complete(given)
    try:
        key = Path(settings.dkim_key_file).read_bytes()
    except OSError:
        raise SettingError("DKIM_KEY_FILE", "names a file that cannot be read") from None
    return Signer(settings.dkim_domain, settings.dkim_selector, key)


def _ensure_complete(given: Mapping[str, str]) -> None:
    for name, value in given.items():
        if not value:
            raise SettingError(name, "is missing: DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY_FILE belong together")
        if name != "DKIM_KEY_FILE" and not _NAME.fullmatch(value):
            raise SettingError(name, "must be a name as it stands in the DNS")


def signed(message: bytes) -> bytes:
    """Sign a message if this installation signs."""
    signer: Signer | None = current_app.extensions["dkim"]
    return signer.sign(message) if signer else message


def _rsa_key(key: bytes) -> bytes:
    text = key.replace(b"\r\n", b"\n")
    try:
        bits = int(parse_pem_private_key(text)["modulus"]).bit_length()
    except (UnparsableKeyError, binascii.Error, ValueError, LookupError, TypeError):
        raise _unusable() from None
    if bits < _LEAST_BITS:
        raise SettingError("DKIM_KEY_FILE", f"holds a key of {bits} bits, which nobody accepts: make one of 2048")
    return text


def _ed25519_seed(key: bytes) -> bytes | None:
    """Give the 32 octets of an Ed25519 key, or None for what is none."""
    lines = [line for line in key.split(b"\n") if line.strip() and not line.startswith(b"-----")]
    try:
        octets = base64.b64decode(b"".join(line.strip() for line in lines), validate=True)
    except binascii.Error:
        return None
    if octets.startswith(_ED25519) and len(octets) == len(_ED25519) + 32:
        return octets[-32:]
    return octets if len(octets) == 32 else None


def _unusable() -> SettingError:
    return SettingError("DKIM_KEY_FILE", "holds no RSA key in PEM, and no Ed25519 key")
