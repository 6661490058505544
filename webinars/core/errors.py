"""Errors a person can read: each carries one sentence that says what to do."""


class UserError(Exception):
    """Refuse a request because of what was asked; never logged as a fault of ours.

    The message is shown to the person as it is, so it is translated where it is raised.
    """

    status = 422
    #: seconds after which the same may succeed
    retry_after: int | None = None


class NotFound(UserError):
    """Say that nothing is there, or nothing this person may see."""

    status = 404


class Conflict(UserError):
    """Refuse because the state has moved on since the page was shown."""

    status = 409
    #: kind and number of what moved on, as the audit trail has them, where that is known
    about: tuple[str, str] | None = None


class Forbidden(UserError):
    """Refuse because this person may not do it."""

    status = 403
