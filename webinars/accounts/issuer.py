"""The issuer that signs staff in besides ourselves (OpenID Connect Core 1.0, authorization code with PKCE).

It is the one address that the web process asks by itself: the operator names it, it is asked with short time-outs and
without following it elsewhere, and what it says of itself and its keys is kept for an hour.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from flask import Flask, current_app
from flask_babel import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from webinars.core.errors import UserError
from webinars.core.http import current_settings

_SECONDS = 5
_LARGEST = 512 * 1024
#: how long what the issuer says of itself holds, and how long one that does not answer is left alone
_HOLDS, _PAUSE = timedelta(hours=1), timedelta(seconds=20)
#: clocks may differ by so many seconds
_LEEWAY = 60
#: signatures that only the issuer can make
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512"]


class IssuerTrouble(UserError):
    """Say that the issuer does not answer, or says what does not hold."""

    status = 502


@dataclass
class _Memory:
    """What is known of the issuer, and when it last did not answer."""

    facts: dict[str, Any] | None = None
    at: datetime | None = None
    keys: KeySet | None = None
    failed_at: datetime | None = None


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nowhere: the answer with the redirection becomes an error."""


_opener = build_opener(_NoRedirects)


def init_issuer(app: Flask) -> None:
    """Give the application its memory of the issuer."""
    app.extensions["issuer"] = _Memory()


def is_there() -> bool:
    """Say whether the configuration names an issuer."""
    return bool(current_settings().oidc_issuer)


def address_to_ask(state: str, nonce: str, verifier: str, back: str, now: datetime) -> str:
    """Give where a browser is sent to sign in there; ``back`` is where it comes back to.

    Raises IssuerTrouble.
    """
    asked = {
        "response_type": "code",
        "client_id": current_settings().oidc_client_id,
        "scope": "openid email",
        "redirect_uri": back,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = _address(_facts(now), "authorization_endpoint")
    return endpoint + ("&" if urlsplit(endpoint).query else "?") + urlencode(asked)


def claims_for(code: str, nonce: str, verifier: str, back: str, now: datetime) -> dict[str, Any]:
    """Redeem a code for what the issuer says of the person, checked.

    Raises IssuerTrouble.
    """
    facts = _facts(now)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    tokens = _ask(_as_client(facts, form), now)
    try:
        return _checked(str(tokens["id_token"]), tokens.get("access_token"), nonce, now)
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise _does_not_hold() from error


def _checked(id_token: str, access_token: str | None, nonce: str, now: datetime) -> dict[str, Any]:
    settings = current_settings()
    token = jwt.decode(id_token, _keys(now, id_token), algorithms=_ALGORITHMS)
    must = {"iss": {"value": settings.oidc_issuer}, "aud": {"value": settings.oidc_client_id}}
    known = {"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, must, known)
    claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
    return dict(claims)


def _as_client(facts: dict[str, Any], form: dict[str, str]) -> Request:
    """Make the request for tokens as the client that the configuration names; without a secret, by the code's proof."""
    settings = current_settings()
    headers = {"Accept": "application/json"}
    ways = facts.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if settings.oidc_client_secret and "client_secret_basic" in ways:
        pair = urlencode({settings.oidc_client_id: settings.oidc_client_secret}).replace("=", ":", 1)
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": settings.oidc_client_id}
        form |= {"client_secret": settings.oidc_client_secret} if settings.oidc_client_secret else {}
    return Request(_address(facts, "token_endpoint"), urlencode(form).encode(), headers)


def _facts(now: datetime) -> dict[str, Any]:
    """Give what the issuer says of itself, which holds for an hour.

    Raises IssuerTrouble.
    """
    memory = _memory()
    if memory.facts is not None and memory.at is not None and now - memory.at < _HOLDS:
        return memory.facts
    memory.facts, memory.at, memory.keys = _asked_anew(now), now, None
    return memory.facts


def _asked_anew(now: datetime) -> dict[str, Any]:
    issuer = current_settings().oidc_issuer
    facts = _ask(issuer.rstrip("/") + "/.well-known/openid-configuration", now)
    if facts.get("issuer") != issuer:
        raise _does_not_hold()
    return facts


def _keys(now: datetime, id_token: str) -> KeySet:
    """Give the issuer's keys, asked for anew when a token names one that is not among them."""
    memory, facts = _memory(), _facts(now)
    if memory.keys is None or not _holds_key_of(memory.keys, id_token):
        memory.keys = KeySet.import_key_set(_ask(_address(facts, "jwks_uri"), now))  # type: ignore[arg-type]
    return memory.keys


def _memory() -> _Memory:
    memory: _Memory = current_app.extensions["issuer"]
    return memory


def _holds_key_of(keys: KeySet, id_token: str) -> bool:
    head = id_token.partition(".")[0]
    named = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))).get("kid")
    return named is None or any(key.kid == named for key in keys.keys)


def _address(facts: dict[str, Any], name: str) -> str:
    """Give an address the issuer names; it may be as little in the clear as the issuer itself."""
    address = str(facts.get(name, ""))
    if urlsplit(address).scheme not in {"https", urlsplit(current_settings().oidc_issuer).scheme}:
        raise _does_not_hold()
    return address


def _ask(what: str | Request, now: datetime) -> dict[str, Any]:
    """Ask the issuer something, unless it gave no good answer a moment ago; an answer of 4xx is one to this browser."""
    memory = _memory()
    if memory.failed_at is not None and now - memory.failed_at < _PAUSE:
        raise _does_not_answer()
    try:
        with _opener.open(what, timeout=_SECONDS) as answer:
            return _read(answer)
    except HTTPError as error:
        if error.code < 500:
            raise _does_not_hold() from error
        memory.failed_at = now
        raise _does_not_answer() from error
    except (OSError, HTTPException) as error:
        memory.failed_at = now
        raise _does_not_answer() from error


def _read(answer: HTTPResponse) -> dict[str, Any]:
    try:
        found = json.loads(answer.read(_LARGEST))
    except ValueError as error:
        raise _does_not_hold() from error
    if not isinstance(found, dict):
        raise _does_not_hold()
    return found


def _does_not_answer() -> IssuerTrouble:
    name = current_settings().oidc_name
    return IssuerTrouble(_("%(name)s does not answer now. Sign in with your password, or try again later.", name=name))


def _does_not_hold() -> IssuerTrouble:
    name = current_settings().oidc_name
    return IssuerTrouble(_("What %(name)s answered does not hold. Sign in with your password.", name=name))
