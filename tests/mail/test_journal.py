"""What a worker noted before it was killed is kept: others mark it and go on with the rest at once."""

import os
import shutil
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from tests.mail.conftest import Start
from tests.mail.support import NOW, owe, owe_many, prepare_plain, states
from tests.support.smtp_sink import SmtpSink
from tests.support.waiting import wait_until
from webinars.core.clock import utc_now
from webinars.mail import claims, delivery, succession
from webinars.mail.events import letters_sent
from webinars.mail.journal import Journal, estates
from webinars.mail.letters import Sent
from webinars.mail.models import Lane


def test_note_of_a_living_worker_is_left_alone_and_a_dead_one_s_is_cleared_up(tmp_path: Path) -> None:
    living, dead = Journal(tmp_path, "living"), Journal(tmp_path, "dead")
    for journal in (living, dead):
        journal.begin("token")
        journal.note(7, (3, None, True))
    dead.abandon()
    with estates(tmp_path, living=False) as left:
        assert [(estate.claim_token, estate.taken, estate.living) for estate in left] == [
            ("token", ((7, (3, None, True)),), False)
        ]
    assert [path.name for path in tmp_path.iterdir()] == ["living"]
    with estates(tmp_path, living=True) as left:
        assert [estate.living for estate in left] == [True]
    living.close()
    assert list(tmp_path.iterdir()) == []


def test_next_claim_forgets_what_was_marked(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w")
    journal.begin("first")
    journal.note(1, (0, 0, False))
    journal.begin("second")
    journal.abandon()
    with estates(tmp_path, living=False) as left:
        assert [(estate.claim_token, estate.taken) for estate in left] == [("second", ())]


@pytest.mark.parametrize("content", [b"", b"\x00\xff\n", b'"token"\n[7, 1, null, false]\n[8, ', b"[1]\n", b"{}\n"])
def test_note_that_a_full_disk_cut_off_spoils_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w").write_bytes(content)
    with estates(tmp_path, living=False) as left:
        assert [estate.taken for estate in left] in ([], [((7, (1, None, False)),)])
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_journal_is_left_alone_and_named_once(tmp_path: Path) -> None:
    dead = Journal(tmp_path, "dead")
    dead.begin("token")
    dead.abandon()
    (tmp_path / "a-folder").mkdir()
    os.mkfifo(tmp_path / "b-pipe")
    (tmp_path / "c-loop").symlink_to("c-loop")
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.write_text("a letter")
    (tmp_path / "d-link").symlink_to(elsewhere)
    with capture_logs() as logged:
        with estates(tmp_path, living=True) as left:
            assert [estate.claim_token for estate in left] == ["token"]
        with estates(tmp_path, living=False) as left:
            assert left == []
    foreign = ["a-folder", "b-pipe", "c-loop", "d-link"]
    assert sorted(path.name for path in tmp_path.iterdir()) == foreign
    assert [Path(entry["path"]).name for entry in logged] == foreign


def test_file_that_may_not_be_opened_is_left_alone(tmp_path: Path) -> None:
    # As a program that runs, which not even root may write to.
    copy = tmp_path / "w"
    shutil.copy2(shutil.which("sleep") or "/bin/sleep", copy)
    with subprocess.Popen([copy, "60"]) as running:
        try:
            with capture_logs() as logged, estates(tmp_path, living=True) as left:
                assert left == []
        finally:
            running.kill()
    assert copy.exists() and len(logged) == 1


def test_estate_stays_when_it_could_not_be_settled(tmp_path: Path) -> None:
    Journal(tmp_path, "w").abandon()
    with pytest.raises(ZeroDivisionError), estates(tmp_path, living=False):
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["w"]


def test_successor_marks_what_was_noted_and_frees_the_rest(post: object, tmp_path: Path) -> None:
    for name in ("alice", "bob", "carol"):
        owe(name, lane=Lane.BULK)
    alice, bob, carol = claims.claim(Lane.BULK, NOW, timedelta(seconds=60), 3)
    journal = Journal(tmp_path, "w")
    journal.begin(str(alice.claim_token))
    journal.note(bob.id, (4, None, False))
    journal.abandon()
    told: list[Sent] = []

    def listen(sent: list[Sent], **_: object) -> None:
        told.extend(sent)

    with letters_sent.connected_to(listen):
        succession.take_over(tmp_path, NOW)
    assert states() == {"sent": 1, "pending": 2}
    assert told == [Sent(bob.subject, (4, None, False))]


def test_letters_that_others_took_over_meanwhile_are_not_marked_again(post: object, tmp_path: Path) -> None:
    owe("alice", lane=Lane.BULK)
    (alice,) = claims.claim(Lane.BULK, NOW, timedelta(seconds=60), 1)
    journal = Journal(tmp_path, "w")
    journal.begin("another token")
    journal.note(alice.id, (None, None, False))
    journal.abandon()
    succession.take_over(tmp_path, NOW)
    assert states() == {"sending": 1}


def without_notes(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("kept", [True, False], ids=["with-journal", "control-without"])
def test_worker_killed_in_full_flight_repeats_one_letter_at_most(
    start: Start,
    smtp_sink: SmtpSink,
    web: Flask,
    kept: bool,
) -> None:
    journals, people, kills = web.extensions["settings"].journals, 1200, 0
    owe_many(people, now=utc_now())
    while len(smtp_sink.received) < people - 100 and kills < 12:
        worker, before = start(), len(smtp_sink.received)
        wait_until(lambda: len(smtp_sink.received) >= before + 70)  # noqa: B023 - used up at once
        worker.kill()
        kills += 1
        if not kept:
            without_notes(journals)
    start()
    wait_until(lambda: states() == {"sent": people})
    repeated = len(smtp_sink.received) - people
    assert set(smtp_sink.recipients) == {f"p{number}@example.org" for number in range(people)}
    assert kills >= 5
    assert (repeated <= kills) == kept


@pytest.mark.slow
def test_worker_stopped_for_longer_than_its_lease_has_nothing_repeated_that_it_noted(
    start: Start,
    smtp_sink: SmtpSink,
) -> None:
    owe_many(600, now=utc_now())
    first = start()
    wait_until(lambda: len(smtp_sink.received) >= 150)
    os.kill(first.pid, signal.SIGSTOP)
    start()
    wait_until(lambda: states().get("sent", 0) >= 590)
    os.kill(first.pid, signal.SIGCONT)
    wait_until(lambda: states() == {"sent": 600})
    assert len(smtp_sink.received) - 600 <= 1


def test_worker_that_can_keep_no_journal_marks_letter_by_letter(post: object, smtp_sink: SmtpSink) -> None:
    owe_many(5)
    marked: list[int] = []

    def count(sent: list[Sent], **_: object) -> None:
        marked.append(len(sent))

    with letters_sent.connected_to(count):
        delivery.deliver_due(prepare_plain, clock=lambda: NOW)
    assert marked == [1] * 5
