"""A real server that speaks S3, on loopback: it checks signatures, and can be stopped and come back."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

KEY, SECRET, BUCKET = "AKIATESTKEY", "a-secret-that-no-log-may-hold", "films"


class S3Server:
    """One bucket in a folder, served by a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / BUCKET).mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(self.folder), "--host", "127.0.0.1",
                   "--port", str(self.port), "--log-level", "error", "--no-access-log"]  # fmt: skip
        keys = {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
        self._process = subprocess.Popen(command, env=os.environ | keys, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)  # fmt: skip
        for _time in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the S3 server does not start")

    def stop(self) -> None:
        """Kill it; what it holds stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
