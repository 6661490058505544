"""Hundreds of browsers at the same instant: each with a connection and cookies of its own, all in one process."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

#: seconds after which an answer counts as lost
PATIENCE = 120
#: connections that are opened at once: more than a server lets wait would be refused by the system
_OPENING = 500


@dataclass(frozen=True)
class Answer:
    """What came back, and when it was asked for and there (monotonic seconds)."""

    status: int
    location: str
    text: str
    asked: float
    answered: float


class Browser:
    """One browser without the drawing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        """Connect, unless that has happened."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def ask(self, method: str, path: str, fields: Sequence[tuple[str, str]] | None = None) -> Answer:
        """Send one request; raises OSError or EOFError when no whole answer comes, TimeoutError when none in time."""
        asked = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            await self.open()
            reader, writer = self._streams  # type: ignore[misc]
            writer.write(self._request(method, path, fields))
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:])]
            length = next((int(value) for name, value in headers if name == "content-length"), 0)
            text = (await reader.readexactly(length)).decode()
        self._keep(headers)
        location = next((value for name, value in headers if name == "location"), "")
        return Answer(int(head[0].split()[1]), urlsplit(location).path, text, asked, time.monotonic())

    def forget(self) -> None:
        """Become somebody else."""
        self._cookies.clear()

    def _request(self, method: str, path: str, fields: Sequence[tuple[str, str]] | None) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        body = urlencode(fields).encode() if fields is not None else b""
        if fields is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _keep(self, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            if name == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self._cookies[cookie] = content
        if ("connection", "close") in headers:
            self.close()


class Gate:
    """A door behind which browsers wait until so many stand there; then all go through at once."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._open = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the others."""
        self._left -= 1
        if self._left <= 0:
            self._open.set()
        await self._open.wait()


async def connected(port: int, count: int) -> list[Browser]:
    """Give so many browsers, all connected."""
    browsers = [Browser(port) for _ in range(count)]
    for first in range(0, count, _OPENING):
        await asyncio.gather(*(browser.open() for browser in browsers[first : first + _OPENING]))
    return browsers
