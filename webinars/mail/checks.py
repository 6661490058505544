"""What a room above finds when it compares what is planned with what is there; mail itself knows no plans."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not look as it should."""

    #: how many of each kind, without anything personal; all kinds are named, also those of which there are none
    figures: dict[str, int] = field(default_factory=dict)
    #: the same in words for staff, the most urgent first; empty when all is well
    sentences: tuple[str, ...] = ()


Check = Callable[[datetime], Findings]


def findings(now: datetime) -> Findings:
    """Compare what is planned with what is there; reads only."""
    check: Check | None = current_app.extensions.get("mail_checks")
    return check(now) if check is not None else Findings()
