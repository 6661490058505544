"""The audit trail: who did what when, written in the transaction of the deed and never altered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import g, has_request_context
from flask_login import current_user

from webinars.accounts.models import AuditEntry
from webinars.core.database import db

SYSTEM = "system"


def record(
    action: str,
    kind: str,
    object_id: int | str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    now: datetime,
    note: str = "",
    by: str = "",
) -> None:
    """Write that something was done to an object, by whoever this request, program or command acts for.

    ``action`` is in the past tense ("webinar moved"), ``kind`` names the table in the singular, ``before`` and
    ``after`` hold only what changed. No addresses, names or answers of registrants: the trail outlives them.
    ``by`` names who wanted it when somebody else does it later.
    """
    entry = AuditEntry(
        at=now,
        actor=by or actor(),
        action=action,
        object_kind=kind,
        object_id=str(object_id),
        before=_plain(before),
        after=_plain(after),
        note=note,
    )
    db.session.add(entry)


def actor() -> str:
    """Name who acts now: "staff:3", "api:2", or "system" outside a request and for visitors."""
    if not has_request_context():
        return SYSTEM
    token_id = g.get("api_token_id")
    if token_id is not None:
        return f"api:{token_id}"
    return f"staff:{current_user.id}" if current_user and current_user.is_authenticated else SYSTEM


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> Any:
    """Turn a value into what JSON can hold; instants and dates as ISO 8601."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
