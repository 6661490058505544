"""A line between a player and a server that counts what is asked and what is carried."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

_ASKED = re.compile(rb"(GET|HEAD) (\S+) HTTP/1.1\r\n(?:.*?\r\n)*?\r\n")
_RANGE = re.compile(rb"\r\nrange: *([^\r]+)", re.IGNORECASE)
#: bytes that wait on the line; more would be carried than a player reads
_SMALL = 65536


@dataclass
class Line:
    """Carries connections to a port; ``port`` is where players connect."""

    to: int
    #: (path, range asked for)
    asked: list[tuple[str, str]] = field(default_factory=list)
    carried: int = 0

    def __enter__(self) -> "Line":
        self._ears = socket.create_server(("127.0.0.1", 0))
        self.port = self._ears.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ears.close()

    def forget(self) -> None:
        """Count from here."""
        self.asked, self.carried = [], 0

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._ears.accept()
                near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL)
                far = socket.socket()
                far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
                far.connect(("127.0.0.1", self.to))
                threading.Thread(target=self._connect, args=(near, far), daemon=True).start()

    def _connect(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=_carry, args=(far, near, self._note_carried), daemon=True)
        back.start()
        _carry(near, far, self._note_asked)
        back.join()
        # Only now: the number of a socket that is closed is the next one's, and the other thread would read from that.
        near.close()
        far.close()

    def _note_asked(self, piece: bytes) -> None:
        for request in _ASKED.finditer(piece):
            wanted = _RANGE.search(request[0])
            self.asked.append((request[2].decode(), wanted[1].decode() if wanted else ""))

    def _note_carried(self, piece: bytes) -> None:
        self.carried += len(piece)


def _carry(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while piece := source.recv(16384):
            note(piece)
            target.sendall(piece)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
