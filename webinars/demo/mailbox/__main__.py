"""`python -m webinars.demo.mailbox`: run the mailbox until it is interrupted or told to end."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from webinars.demo.mailbox.serving import LOOPBACK, Mailbox, PortTaken

#: Exit code for what the caller can mend: options, a busy port, a folder that cannot be written.
_REFUSED = 2
_ENDINGS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        mailbox = Mailbox(options.folder, options.smtp_port, options.http_port, options.site_url)
    except PortTaken as problem:
        option = "--smtp-port" if problem.port == options.smtp_port else "--http-port"
        return _refuse(f"{problem.strerror} Choose another with {option}, or stop the program that uses it.")
    except OSError as problem:
        return _refuse(f"The folder {options.folder} cannot be used for letters: {problem.strerror}.")
    # Blocked before the first thread starts, so that the signals wait for sigwait() and interrupt nothing half done.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    with mailbox:
        print(f"Letters go to {LOOPBACK}:{mailbox.smtp_port} (SMTP) and are read at {mailbox.url}", flush=True)
        signal.sigwait(_ENDINGS)
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return _REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webinars.demo.mailbox", description="A mailbox on this computer.")
    parser.add_argument("--smtp-port", type=_port, default=8025, help="where letters arrive; 0 takes any free port")
    parser.add_argument("--http-port", type=_port, default=8026, help="where they are read; 0 takes any free port")
    parser.add_argument("--folder", type=Path, default=Path("instance/letters"), help="where they are kept")
    parser.add_argument("--site-url", help="the address of the website, linked from every page")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: a number from 0 to 65535 is needed")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
