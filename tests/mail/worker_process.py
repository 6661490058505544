"""A worker in a process of its own, with letters that need no other room; settings come from the environment."""

from datetime import datetime

from tests.mail.support import letter_for
from webinars import create_app
from webinars.mail.worker import run_worker


def nothing_due(now: datetime) -> None:
    """Derive nothing: the tests owe their letters themselves."""


if __name__ == "__main__":
    run_worker(create_app(), letter_for, nothing_due)
