"""Passkeys (WebAuthn): a device keeps the secret half and checks who holds it, so that one stands for both factors."""

import json
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _
from sqlalchemy import delete
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webinars.accounts import audit, pending, queries, second_factor, service
from webinars.accounts.models import Passkey, User
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.core.http import current_settings
from webinars.core.links import keyed_hash
from webinars.core.text import one_line

#: what is told by mail and kept by devices forever, so that no name of a person is in it
_HANDLE = "passkey holder"
#: what the library raises for an answer that does not hold, or is no answer at all
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError)
#: of one person; nobody has more devices, and a browser is told all of them
MOST = 20


def host() -> str | None:
    """Name the host that passkeys are bound to; None where browsers allow none, since it has only a number."""
    settings = current_settings()
    return _named(settings.site_host if settings.production else urlsplit(f"//{request.host}").hostname or "")


def open_to_letters() -> bool:
    """Say whether the links in letters lead to an address that passkeys can be bound to."""
    return _named(current_settings().site_host) is not None


def _named(name: str) -> str | None:
    try:
        ip_address(name)
    except ValueError:
        return name
    return None


def _origin() -> str:
    settings = current_settings()
    return settings.site_url if settings.production else f"{request.scheme}://{request.host}"


def options_to_add(user: User, challenge: bytes, name: str) -> str:
    """Write what a browser needs to make a passkey (JSON); ``name`` is that of the service."""
    known = [_descriptor(passkey) for passkey in queries.passkeys_of(user.id)]
    options = generate_registration_options(
        rp_id=host() or "",
        rp_name=name,
        user_id=keyed_hash(_HANDLE, str(user.id)).encode(),
        user_name=user.email,
        user_display_name=user.name or user.email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=known,
    )
    return options_to_json(options)


def options_to_use(challenge: bytes) -> str:
    """Write what a browser needs to use any passkey it has for this service (JSON): it tells whose it is."""
    options = generate_authentication_options(
        rp_id=host() or "", challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


def add(user: User, answer: str | None, challenge: bytes, name: str, now: datetime) -> Passkey:
    """Keep the passkey that a browser made.

    Raises UserError for an answer that does not hold.
    """
    lock(user)
    try:
        made = verify_registration_response(
            credential=answer or "",
            expected_challenge=challenge,
            expected_rp_id=host() or "",
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except _UNREADABLE:
        raise _not_added() from None
    # Whoever was deactivated at this instant must not find a way in when they are let in again.
    if not user.active or not _is_first(challenge, now):
        raise _not_added()
    number = bytes_to_base64url(made.credential_id)
    if queries.find_passkey(number) or len(queries.passkeys_of(user.id)) >= MOST:
        raise UserError(_("This passkey is here already, or there are too many of them. Remove one first."))
    passkey = Passkey(
        user_id=user.id,
        credential_id=number,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=one_line(name)[:80] or _("Passkey"),
        created_at=now,
    )
    db.session.add(passkey)
    audit.record("passkey added", "user", user.id, after={"passkey": passkey.name}, now=now, by=f"staff:{user.id}")
    service.owe_note("passkey-added", user, now)
    return passkey


def use(answer: str | None, challenge: bytes, now: datetime) -> User | None:
    """Give whose passkey a browser used; None for an answer that does not hold, or of nobody who may sign in."""
    passkey = queries.find_passkey(_number_in(answer or ""))
    if passkey is None:
        return None
    try:
        used = verify_authentication_response(
            credential=answer or "",
            expected_challenge=challenge,
            expected_rp_id=host() or "",
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE:
        return None
    if not _is_first(challenge, now):
        return None
    passkey.sign_count, passkey.used_at = used.new_sign_count, now
    return passkey.user


def remove(user: User, passkey_id: int, now: datetime, *, required: bool) -> bool:
    """Forget a passkey of somebody; say whether the recovery codes went with it.

    Raises NotFound for one that is not theirs, and Conflict for the last second factor of somebody who has to have one.
    """
    lock(user)
    if required and not user.totp_secret and len(queries.passkeys_of(user.id)) == 1:
        raise Conflict(_("An owner needs a second factor here. Add another passkey or a code app first."))
    known = next((passkey for passkey in queries.passkeys_of(user.id) if passkey.id == passkey_id), None)
    if known is None:
        raise NotFound(_("This passkey is not there any more."))
    db.session.execute(delete(Passkey).where(Passkey.id == passkey_id))
    audit.record("passkey removed", "user", user.id, before={"passkey": known.name}, now=now)
    codes_too = second_factor.drop_lone_codes(user, now)
    service.owe_note("passkey-removed", user, now, codes_too=codes_too)
    return codes_too


def _is_first(challenge: bytes, now: datetime) -> bool:
    """Say whether what was asked has not been answered before: neither an answer nor its cookie counts twice."""
    return pending.spend(bytes_to_base64url(challenge), now)


def _not_added() -> UserError:
    return UserError(_("The passkey could not be added. Please try again."))


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id))


def _number_in(answer: str) -> str:
    try:
        return str(json.loads(answer)["id"])[:1400].replace("\0", "")
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
