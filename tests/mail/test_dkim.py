"""Signatures on letters, checked with a verifier and a name server that is a table."""

import base64
import dataclasses
import re
import subprocess
from pathlib import Path

import dkim
import pytest

from config import SettingError
from tests.mail.support import NOW
from tests.mail.test_mime import LETTER, ROW
from webinars.core.database import transaction
from webinars.mail.delivery import deliver_due
from webinars.mail.dkim_signing import signer_from
from webinars.mail.mime import OutboxMessage
from webinars.mail.outbox import owe
from webinars.site import production

#: one that can be left, with every header that is signed
LEAVABLE = dataclasses.replace(
    LETTER,
    headers=(("List-Id", "Side Effects <side-effects.harbor.example>"), ("Feedback-ID", "a:b:c:harbor")),
    leave_url="https://harbor.example/u/token",
)


def make_key(folder: Path, *options: str) -> Path:
    """Make a private key with OpenSSL."""
    file = folder / "dkim.pem"
    subprocess.run(["openssl", "genpkey", "-out", file, *options], check=True, capture_output=True)
    file.chmod(0o600)
    return file


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    return make_key(tmp_path_factory.mktemp("dkim"), "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")


@pytest.fixture(scope="session")
def names(key):
    """Give a name server that knows the public half of the key."""
    command = ["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"]
    public = subprocess.run(command, check=True, capture_output=True).stdout
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    return lambda name, timeout=5: record if name == b"2026._domainkey.harbor.example." else None


def signing(key, **changes):
    return {"dkim_domain": "harbor.example", "dkim_selector": "2026", "dkim_key_file": str(key)} | changes


@pytest.fixture
def write(make_app, key):
    """Write letters on an installation that signs."""
    with make_app(**signing(key), mail_reply_to="help@harbor.example").app_context():
        yield lambda letter=LEAVABLE: OutboxMessage(letter, ROW, "webinars@harbor.example", NOW).as_bytes()


def holds(message, names):
    try:
        return dkim.DKIM(message).verify(dnsfunc=names)
    except dkim.ValidationError:
        return False


def tags(message):
    """Give what the signature says, by tag."""
    header = message.partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ")
    [value] = re.findall(r"^DKIM-Signature:(.*)$", header, re.MULTILINE)
    return {name.strip(): text.strip() for name, _, text in (tag.partition("=") for tag in value.split(";"))}


@pytest.mark.parametrize(
    "changes",
    [{}, {"calendar": None}, {"calendar": None, "html": None}, {"to_address": "zoë@example.org"}, {"leave_url": ""}],
)
def test_every_shape_of_letter_is_signed(write, names, changes):
    message = write(dataclasses.replace(LEAVABLE, **changes))
    assert holds(message, names)
    said = tags(message)
    assert (said["a"], said["c"], said["d"], said["s"]) == ("rsa-sha256", "relaxed/relaxed", "harbor.example", "2026")


def test_signature_covers_what_readers_and_providers_rely_on(write):
    covered = [name.strip() for name in tags(write())["h"].split(":")]
    assert {
        "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type",
        "list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id",
    } <= set(covered)  # fmt: skip
    assert covered.count("from") == 2, "a second From cannot be added"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\r\nTo: alice@example.org\r\n", b"\r\nTo: eve@example.org\r\n"),
        (b"/u/token>", b"/u/other>"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        (b"\r\nMIME-Version:", b"\r\nFrom: Eve <eve@harbor.example>\r\nMIME-Version:"),
        (b"Hello Zo", b"Hello Ed"),
    ],
)
def test_whatever_is_changed_on_the_way_shows(write, names, before, after):
    message = write()
    assert before in message
    assert not holds(message.replace(before, after, 1), names)


def test_relay_may_fold_anew_and_add_its_own_lines(write, names):
    message = write().replace(b"\r\nSubject: ", b"\r\nSUBJECT:\r\n  ", 1)
    assert holds(b"Received: from here by there\r\n" + message + b"\r\n\r\n", names)


def test_letter_is_still_whole_when_it_arrives(app, smtp_sink, post, key, names):
    post(**signing(key))
    app.extensions["dkim"] = signer_from(app.extensions["settings"])
    try:
        with transaction():
            owe(notice="x", subject="r1", occasion="1", now=NOW)
        deliver_due(lambda messages, now: [lambda: LEAVABLE for _ in messages], clock=lambda: NOW)
    finally:
        app.extensions["dkim"] = None
    # The letter holds a line of a single dot, which SMTP doubles on the way.
    assert holds(smtp_sink.received[0].content, names)


def test_installation_without_a_key_signs_nothing(app):
    assert app.extensions["dkim"] is None
    assert b"DKIM" not in OutboxMessage(LEAVABLE, ROW, "webinars@harbor.example", NOW).as_bytes()


@pytest.mark.parametrize("form", ["PKCS#8", "PKCS#1", "line ends of Windows"])
def test_key_is_read_in_the_forms_that_tools_write(make_app, key, names, tmp_path, form):
    file = tmp_path / "key.pem"
    if form == "PKCS#1":
        subprocess.run(["openssl", "rsa", "-traditional", "-in", key, "-out", file], check=True, capture_output=True)
    else:
        file.write_bytes(key.read_bytes().replace(b"\n", b"\r\n") if form.startswith("line") else key.read_bytes())
    with make_app(**signing(file)).app_context():
        assert holds(OutboxMessage(LETTER, ROW, "webinars@harbor.example", NOW).as_bytes(), names)


# --- settings that cannot be used ---------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["dkim_domain", "dkim_selector", "dkim_key_file"])
def test_half_a_configuration_is_refused_by_name(settings, key, missing):
    with pytest.raises(SettingError, match=f"{missing.upper()}: is missing"):
        signer_from(dataclasses.replace(settings, **signing(key, **{missing: ""})))


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_file_that_is_no_key_is_refused(settings, tmp_path, content):
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    with pytest.raises(SettingError, match="DKIM_KEY_FILE: holds no RSA key"):
        signer_from(dataclasses.replace(settings, **signing(file)))


def test_file_that_cannot_be_read_is_refused(settings, tmp_path):
    with pytest.raises(SettingError, match="DKIM_KEY_FILE: names a file that cannot be read"):
        signer_from(dataclasses.replace(settings, **signing(tmp_path / "none.pem")))


def test_key_that_nobody_accepts_is_refused(settings, tmp_path):
    short = make_key(tmp_path, "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:768")
    with pytest.raises(SettingError, match="DKIM_KEY_FILE: holds a key of 768 bits"):
        signer_from(dataclasses.replace(settings, **signing(short)))


def test_ed25519_key_signs_or_says_what_is_missing(settings, tmp_path):
    chosen = dataclasses.replace(settings, **signing(make_key(tmp_path, "-algorithm", "ed25519")))
    try:
        signer = signer_from(chosen)
    except SettingError as refusal:
        assert "needs the package PyNaCl" in str(refusal)
    else:
        assert tags(signer.sign(b"From: a@harbor.example\r\n\r\nHello\r\n"))["a"] == "ed25519-sha256"


@pytest.mark.parametrize("name", ["harbor example", "harbor.example;", "über.example", ".example"])
def test_domain_that_is_no_name_is_refused(settings, key, name):
    with pytest.raises(SettingError, match="DKIM_DOMAIN: must be a name"):
        signer_from(dataclasses.replace(settings, **signing(key, dkim_domain=name)))


def test_check_tells_of_a_key_that_others_can_read(make_app, key, tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(key.read_bytes())
    file.chmod(0o640)
    with make_app(**signing(file)).app_context():
        assert not [words for words in production.dangers() if "DKIM" in words]
        file.chmod(0o644)
        assert [words for words in production.dangers() if words.startswith("DKIM_KEY_FILE can be read by everybody")]


@pytest.mark.parametrize(
    ("domain", "speaks"), [("harbor.example", True), ("example", True), ("other.example", False), ("r.example", False)]
)
def test_check_tells_of_a_domain_that_is_not_the_senders(make_app, key, domain, speaks):
    with make_app(**signing(key, dkim_domain=domain)).app_context():
        told = [words for words in production.problems() if words.startswith("DKIM_DOMAIN")]
        assert bool(told) is not speaks
