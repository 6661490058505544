"""Both sides of the mailbox together: two listening sockets, two threads, one folder."""

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from werkzeug.serving import WSGIRequestHandler, make_server

from webinars.demo.mailbox.reader import create_reader
from webinars.demo.mailbox.smtp import SmtpServer
from webinars.demo.mailbox.store import LetterStore

#: The only address listened on: letters hold personal links, and nobody else on the network may read them.
LOOPBACK = "127.0.0.1"


class PortTaken(OSError):
    """Say that a port cannot be listened on, in a sentence that names it."""

    def __init__(self, port: int, problem: OSError) -> None:
        """Keep the port and what the system said."""
        super().__init__(problem.errno, f"Port {port} on {LOOPBACK} cannot be used: {problem.strerror}.")
        self.port = port


class Mailbox:
    """Receive letters by SMTP and show them over HTTP, both on the loopback address; a context manager.

    Port 0 takes any free one; `smtp_port` and `http_port` tell which.
    """

    def __init__(self, folder: Path, smtp_port: int = 0, http_port: int = 0, site_url: str | None = None) -> None:
        """Open folder and ports. Raises PortTaken, or OSError for the folder."""
        store = LetterStore(folder)
        smtp_socket = _listen(smtp_port)
        try:
            http_socket = _listen(http_port)
        except PortTaken:
            smtp_socket.close()
            raise
        self.smtp_port: int = smtp_socket.getsockname()[1]
        self.http_port: int = http_socket.getsockname()[1]
        self.url = f"http://{LOOPBACK}:{self.http_port}/"
        self._smtp = SmtpServer(smtp_socket, store)
        reader = create_reader(store, site_url)
        self._http = make_server(
            LOOPBACK, self.http_port, reader, threaded=True, request_handler=_Quiet, fd=http_socket.fileno()
        )
        http_socket.close()  # The server holds a copy of its own.
        self._http_thread = threading.Thread(
            target=self._http.serve_forever, args=(0.1,), name="mailbox-http", daemon=True
        )

    def __enter__(self) -> Self:
        """Begin to answer on both ports."""
        self._smtp.start()
        self._http_thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both sides and give the ports back."""
        self._smtp.stop()
        self._http.shutdown()
        self._http_thread.join()
        self._http.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each page: the list asks for itself every few seconds."""


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port), backlog=128)
    except OSError as problem:
        raise PortTaken(port, problem) from problem
