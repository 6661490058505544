"""A device that keeps one passkey, made for tests (WebAuthn Level 2, ES256, no attestation)."""

import hashlib
import json

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

HERE = "http://localhost"
_NUMBER = b"a passkey number"
#: somebody is there, and it is them; the second says that a new key follows
_PRESENT, _NEW_KEY = 0b101, 0b1000000


class Device:
    """Answers what pages ask of a passkey, from what they hand to the browser (JSON)."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options):
        """Make the passkey that a page asks for."""
        asked = json.loads(options)
        x, y = (number.to_bytes(32) for number in self._public())
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        about = _facts(asked["rp"]["id"], _PRESENT | _NEW_KEY) + bytes(16) + len(_NUMBER).to_bytes(2) + _NUMBER + public
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        told = _told("webauthn.create", asked)
        return _answer({"clientDataJSON": bytes_to_base64url(told), "attestationObject": bytes_to_base64url(made)})

    def use(self, options):
        """Sign what a page asks."""
        asked = json.loads(options)
        about, told = _facts(asked["rpId"], _PRESENT), _told("webauthn.get", asked)
        signed = self._key.sign(about + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": told, "authenticatorData": about, "signature": signed}
        return _answer({name: bytes_to_base64url(value) for name, value in parts.items()})

    def _public(self):
        numbers = self._key.public_key().public_numbers()
        return numbers.x, numbers.y


def _facts(host, flags):
    return hashlib.sha256(host.encode()).digest() + bytes([flags]) + bytes(4)


def _told(kind, asked):
    return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": HERE}).encode()


def _answer(response):
    number = bytes_to_base64url(_NUMBER)
    return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": response})
