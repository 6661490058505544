"""Somebody who signs up, cancels, thinks again, comes back, or makes room for somebody else."""

from collections.abc import Iterator
from random import Random

from benchmarks.browsers import Answer, Browser
from benchmarks.load import hidden_fields
from benchmarks.visits import ensure, send

#: fewer forms than a browser remembers: of the first it must not lose sight
_MOST_FORMS = 5


class Guest:
    """One browser, and whoever sits in front of it."""

    def __init__(self, browser: Browser, page: str, numbers: Iterator[int], chance: Random) -> None:
        self.has_place = False
        self._browser, self._page, self._numbers, self._chance = browser, page, numbers, chance
        #: whose turn it is, where their place is shown, and how many forms they sent
        self._name, self._place, self._forms = "", "", 0

    async def do(self) -> None:
        """Do what comes next; raises AssertionError for an answer that does not fit."""
        if self.has_place:
            await self._press("cancel")
        elif not self._place or self._chance.random() < 0.3:
            self._become_somebody_else()
            self._place = await self._sign_up()
        elif self._forms < _MOST_FORMS and self._chance.random() < 0.5:
            await self._sign_up()
        else:
            await self._press("undo")
        self.has_place = not self.has_place

    async def look(self) -> Answer:
        """Look at one's place."""
        await self._browser.open()
        return await self._browser.ask("GET", self._place)

    def _become_somebody_else(self) -> None:
        self._browser.forget()
        self._name, self._forms = f"Guest {next(self._numbers)}", 0

    async def _sign_up(self) -> str:
        """Send the form of the page; give where the place is shown that it led to."""
        self._forms += 1
        shown = ensure(await self._browser.ask("GET", self._page), 200)
        address = f"{self._name.lower().replace(' ', '.')}@example.org"
        fields = [*hidden_fields(shown.text).items(), ("name", self._name), ("email", address)]
        return (await send(self._browser, f"{self._page}/register", fields)).path

    async def _press(self, button: str) -> None:
        shown = ensure(await self._browser.ask("GET", self._place), 200)
        action = f"{self._place}/{button}"
        assert action in shown.text, f"there is no button {button}: {shown.text[:2000]}"
        answer = await self._browser.ask("POST", action, list(hidden_fields(shown.text).items()))
        ensure(await self._browser.ask("GET", ensure(answer, 302, 303).location), 200)
