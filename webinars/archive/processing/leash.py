"""Run a program that dies with whoever started it: ``python leash.py PARENT NICE PROGRAM ARGUMENT…``.

A worker that is killed must not leave an encoder behind that nobody waits for. A program of its own, because code
between fork and exec is not safe in a process with threads. It imports nothing of ours, so that it starts at once.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
#: the exit code when the program cannot be started, as of a shell
NOT_STARTED = 127


def main(arguments: list[str]) -> None:
    """Hold on to the parent, step back behind everybody else's work, and become the program."""
    parent, nice, program = int(arguments[0]), int(arguments[1]), arguments[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise SystemExit(1)
    os.nice(nice)
    try:
        os.execvp(program[0], program)
    except OSError:
        raise SystemExit(NOT_STARTED) from None


if __name__ == "__main__":
    main(sys.argv[1:])
