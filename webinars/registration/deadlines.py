"""What ends when its time is over: offers, and places held until a proof. Whoever calls holds the transaction."""

from datetime import datetime
from functools import partial

from webinars.registration import offers, proofs


def pass_on(now: datetime) -> int:
    """Settle all whose time is over; give how many.

    Both kinds in the order of webinars, so that two workers who look at once, and whoever locks several webinars, wait
    for each other and never in a circle.
    """
    held = [(webinar_id, partial(proofs.settle, number, webinar_id, now)) for webinar_id, number in proofs.due(now)]
    offered = [(webinar_id, partial(offers.settle, number, now)) for webinar_id, number in offers.due(now)]
    return sum(settle() for _webinar_id, settle in sorted([*held, *offered], key=lambda one: one[0]))
