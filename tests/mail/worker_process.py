"""Workers in processes of their own, with plain letters, or with WORKER_LETTERS=real those about webinars.

Without arguments: one worker, its settings from the environment. With ``--nursery``: a process that has loaded the
program and forks a worker for each line of standard input, since loading takes longer than most tests.
"""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from tests.mail.support import prepare_plain
from tests.support.kept import share_templates
from webinars import commands, create_app
from webinars.mail.worker import run_worker
from webinars.registration.exchange import work as imports

ROOT = Path(__file__).parents[2]


class Worker:
    """One worker that a nursery has forked."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.code: int | None = None

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it as a power cut would, and wait until it is gone."""
        if self.code is None:
            self.send_signal(signal.SIGKILL)
            self.wait()

    def wait(self) -> int:
        """Wait for its end and give its exit code, negative for a signal."""
        if self.code is None:
            self.code = self._nursery.ask({"wait": self.pid})
        return self.code


class Nursery:
    """The process that forks workers."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.mail.worker_process", "--nursery"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def start(self, environ: dict[str, str]) -> Worker:
        """Fork a worker with these settings."""
        return Worker(self, self.ask({"start": environ}))

    def ask(self, question: dict[str, object]) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def nothing_due(now: datetime) -> None:
    """Derive nothing: the tests owe their letters themselves."""


def work() -> None:
    if os.environ.get("WORKER_LETTERS") == "real":
        run_worker(share_templates(create_app()), commands._prepare, commands._derive, imports.go_on)
    else:
        run_worker(share_templates(create_app()), prepare_plain, nothing_due)


def nurse() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        if "wait" in question:
            answer = os.waitstatus_to_exitcode(os.waitpid(question["wait"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                os.environ.update(question["start"])
                try:
                    work()
                finally:
                    os._exit(0)
        print(answer, flush=True)


if __name__ == "__main__":
    nurse() if "--nursery" in sys.argv else work()
