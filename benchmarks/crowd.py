"""Crowds at the door, from form page to result page: a rush, one form sent many times, people who come and go.

After each the books are looked through. What is wrong in them, and what got no answer, is a line that says FAULT.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from itertools import count
from random import Random
from time import monotonic
from typing import TypeVar

from benchmarks import books, prepare
from benchmarks.browsers import Browser, Gate, connected
from benchmarks.guests import Guest
from benchmarks.load import hidden_fields
from benchmarks.servers import Server, bare_reference, installation, serve
from benchmarks.visits import Tally, Told, ensure, place_told, send
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.demo import load

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "40"))
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "1000"))
SEATS = CLIENTS // 10
#: who come and go, for how many seats, and what they do altogether
GUESTS, CHAIRS = 300, 100
DEEDS = int(os.environ.get("BENCH_DEEDS", "2000"))
#: how often one form is sent at the same instant
REPEATS = 50
BARE_ROUNDS = 2
#: as the README tells to run it
WORKERS = 2
Fields = list[tuple[str, str]]
T = TypeVar("T")


class Hidden(Enum):
    """What forms that are sent together hold unseen."""

    SAME = "one form"
    OWN = "forms of many browsers"
    NONE = "forms without number"


@dataclass(frozen=True)
class Kind:
    """A form that is sent many times at the same instant: of one person, or of two."""

    hidden: Hidden
    places: int

    def __str__(self) -> str:
        return f"{self.hidden.value} of {'one person' if self.places == 1 else 'a couple'}"


KINDS = [Kind(hidden, places) for places in (1, 2) for hidden in Hidden]


def experiment(database_url: str | None, bare_url: str) -> list[str]:
    """Let all crowds in, one after the other."""
    with installation(database_url, RATELIMIT_ENABLED="1") as environment, prepare.inside(environment):
        with transaction():
            load.load(utc_now())
        with serve("wsgi:app", environment, WORKERS) as server:
            ours, *parts = [asyncio.run(part(server)) for part in (_rushes, _couples, _coming_and_going)]
            repeats = {kind: asyncio.run(_repeats(server, kind)) for kind in KINDS}
    with bare_reference(bare_url, WORKERS) as server:
        bare = asyncio.run(_bare_rushes(server))
    return [
        *ours.lines(f"{ROUNDS} × {CLIENTS} people for {SEATS} seats"),
        f"{bare.lines('the same at the bare reference')[0]}   ratio {ours.rate / bare.rate:.2f}",
        *parts[0].lines(f"{ROUNDS} × {CLIENTS // 10} couples for {SEATS - 1} seats"),
        *parts[1].lines(f"{DEEDS} times {GUESTS} people come or go, {CHAIRS} seats"),
        *(line for kind, tally in repeats.items() for line in tally.lines(f"{ROUNDS} × {REPEATS} times {kind}")),
    ]


async def _rushes(server: Server) -> Tally:
    """Let many people in for few seats; in every other round all press the button at the same instant."""
    tally = Tally(server)
    for number in range(ROUNDS):
        slug = prepare.webinar(f"Rush {number}", capacity=SEATS)
        told = await _rush(tally, f"/webinars/{slug}", CLIENTS, at_once=number % 2 == 0)
        tally.faults += [*books.wrong_in(slug), *books.wrong_letters(slug, CLIENTS)]
        tally.faults += books.wrong_order(slug, SEATS, {one: answer.place for one, answer in told.items()})
        arrived = books.arrivals(slug)
        overtaken = books.overtaken((one.asked, one.answered, arrived[address]) for address, one in told.items())
        if overtaken:
            tally.faults.append(f"{slug}: {overtaken} overtook somebody who had come before them")
    return tally


async def _couples(server: Server) -> Tally:
    """Let couples in for an odd number of seats."""
    tally, couples, seats = Tally(server), CLIENTS // 10, SEATS - 1
    for number in range(ROUNDS):
        slug = prepare.webinar(f"Couples {number}", capacity=seats, companions=1)
        await _rush(tally, f"/webinars/{slug}", couples, at_once=True, more=[("companion", "Somebody beside")])
        tally.faults += [*books.wrong_in(slug), *books.wrong_letters(slug, 2 * couples)]
        tally.faults += books.wrong_couples(slug, seats)
    return tally


async def _bare_rushes(server: Server) -> Tally:
    tally = Tally(server)
    for number in range(BARE_ROUNDS):
        await _rush(tally, "/things/1", CLIENTS, at_once=number % 2 == 0, ours=False)
    return tally


async def _rush(
    tally: Tally, page: str, people: int, at_once: bool, more: Fields | None = None, ours: bool = True
) -> dict[str, Told]:
    """Let people in at the same time, each with a browser; give what each address was told."""
    gate = Gate(people if at_once else 0)

    async def come(browser: Browser, number: int) -> tuple[str, Told]:
        shown = ensure(await browser.ask("GET", page), 200)
        await gate.wait()
        address = f"person{number}@example.org"
        fields = [*hidden_fields(shown.text).items(), ("name", f"Person {number}"), ("email", address), *(more or [])]
        return address, await send(browser, f"{page}/register", fields, ours)

    told = dict(await _each(tally, people, come))
    tally.waits += [one.seen - one.asked for one in told.values()]
    return told


async def _each(tally: Tally, people: int, deed: Callable[[Browser, int], Awaitable[T]]) -> list[T]:
    """Let everybody do the same at the same time, each with a browser that is connected by then."""
    browsers = await connected(tally.server.port, people)
    done = await tally.together(deed(browser, number) for number, browser in enumerate(browsers))
    for browser in browsers:
        browser.close()
    return done


async def _repeats(server: Server, kind: Kind) -> Tally:
    """Send the form of one person, or of a couple, many times at the same instant for the last seats there are."""
    tally = Tally(server)
    for number in range(ROUNDS):
        slug = prepare.webinar(f"Last seat {number}", capacity=kind.places, companions=kind.places - 1)
        told = await _press_again_and_again(tally, f"/webinars/{slug}", kind)
        tally.faults += [*books.wrong_in(slug), *books.wrong_letters(slug, kind.places)]
        places = {one.place for one in told}
        # Whoever sends another form of somebody who is known is told what a newcomer would be.
        if 0 not in places or places - {0} - ({1} if kind.hidden is not Hidden.SAME else set()):
            tally.faults.append(f"{slug}: browsers were told {sorted(places)}")
    return tally


async def _press_again_and_again(tally: Tally, page: str, kind: Kind) -> list[Told]:
    gate = Gate(REPEATS)
    [first] = await connected(tally.server.port, 1)
    same = hidden_fields((await first.ask("GET", page)).text)
    first.close()

    async def press(browser: Browser, _number: int) -> Told:
        own = hidden_fields(ensure(await browser.ask("GET", page), 200).text)
        hidden = {Hidden.SAME: same, Hidden.OWN: own, Hidden.NONE: {}}[kind.hidden]
        await gate.wait()
        fields = [*hidden.items(), ("name", "Alice"), ("email", "alice@example.org")]
        told = await send(browser, f"{page}/register", [*fields, *[("companion", "Bob")] * (kind.places - 1)])
        tally.waits.append(told.seen - told.asked)
        return told

    return await _each(tally, REPEATS, press)


async def _coming_and_going(server: Server) -> Tally:
    """Let guests sign up, cancel, take that back, come back and make room for others, in any order, all at once."""
    tally, slug = Tally(server), prepare.webinar("Coming and going", capacity=CHAIRS)
    guests, numbers, left = [], count(), count(1)

    async def come_and_go(browser: Browser, number: int) -> None:
        guest = Guest(browser, f"/webinars/{slug}", numbers, Random(number))
        while next(left) <= DEEDS:
            begun = monotonic()
            await guest.do()
            tally.waits.append(monotonic() - begun)
        guests.append(guest)

    await _each(tally, GUESTS, come_and_go)
    tally.faults += books.wrong_in(slug)
    there = [guest for guest in guests if guest.has_place]
    told = sorted([place_told(ensure(await guest.look(), 200).text) for guest in there])
    seats = min(CHAIRS, len(there))
    if told != [0] * seats + list(range(1, len(there) - seats + 1)):
        tally.faults.append(f"{slug}: {len(there)} people are told the places {told}")
    return tally
