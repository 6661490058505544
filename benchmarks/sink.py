"""An SMTP server that takes everything and keeps nothing, fast enough not to be what is measured."""

import asyncio
import contextlib
import multiprocessing
import re
from multiprocessing.synchronize import Event
from pathlib import Path
from types import TracebackType

_MESSAGE_ID = re.compile(rb"^Message-ID: *(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink:
    """Runs in a process of its own and counts the letters and bytes it was given."""

    def __init__(self, letters: Path | None = None) -> None:
        """Take the file that the Message-ID of each letter is written to, if that is wanted."""
        self._letters = letters
        self._count = multiprocessing.Value("q", 0)
        self._bytes = multiprocessing.Value("q", 0)
        self._port = multiprocessing.Value("i", 0)
        self._ready: Event = multiprocessing.Event()
        self._process = multiprocessing.Process(target=self._run, daemon=True)

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return int(self._port.value)

    @property
    def count(self) -> int:
        """Give how many letters it took."""
        return int(self._count.value)

    @property
    def average_bytes(self) -> int:
        """Give the mean size of the letters."""
        return int(self._bytes.value // max(1, self.count))

    def clear(self) -> None:
        """Begin to count anew."""
        self._count.value = self._bytes.value = 0

    def __enter__(self) -> "Sink":
        self._process.start()
        if not self._ready.wait(10):
            raise TimeoutError("the sink did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join(5)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=1 << 20)
        self._port.value = server.sockets[0].getsockname()[1]
        self._ready.set()
        await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Workers that are killed hang up in the middle of a word.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self._count.value += 1
                self._bytes.value += len(body)
                self._note(body)
                writer.write(b"250 taken\r\n")
            elif verb in {b"EHLO", b"HELO"}:
                writer.write(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")

    def _note(self, body: bytes) -> None:
        if self._letters:
            with self._letters.open("ab") as file:
                file.write(_MESSAGE_ID.findall(body)[0] + b"\n")
