"""Refusals that only programs meet."""

from webinars.core.errors import UserError


class Unauthorized(UserError):
    """Say that a token is missing or opens nothing."""

    status = 401


class PreconditionFailed(UserError):
    """Refuse because the thing changed since the program read it (RFC 9110 section 13.1.1)."""

    status = 412


class UnknownMediaType(UserError):
    """Refuse a body that is no JSON."""

    status = 415
