"""Logs: ids and keyed hashes, never addresses, names, answers or tokens."""

import logging
import re

import structlog

from config import Settings

_SECRETS = (
    (re.compile(r"[^\s@<>\"'()\[\],;:]+@[^\s@<>\"'()\[\],;:]+\.[A-Za-z0-9-]{2,}"), "<address>"),
    (re.compile(r"(/r/|/my/(?:calendar/|address/)?|/u/|/staff/reset-password/)[A-Za-z0-9._~-]+"), r"\1<token>"),
    # What an issuer of sign-ins sends people back with.
    (re.compile(r"([?&](?:code|state)=)[^&\s\"]+"), r"\1<token>"),
)


def scrub(text: str) -> str:
    """Take addresses and tokens out of a text meant for a log or for staff."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class ScrubbingFormatter(logging.Formatter):
    """Formats a record and takes out what could name a person."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line without addresses and tokens."""
        return scrub(super().format(record))


def init_logs(settings: Settings) -> None:
    """Send one plain line an event to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            # Written into the line: as attributes of a log record the facts would be lost, and some names refused.
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger("webinars")
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        root.addHandler(handler)
        root.propagate = False
    root.setLevel(logging.DEBUG if settings.debug else logging.INFO)
