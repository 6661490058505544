"""A bucket that speaks S3, as the media store: docs/decisions/0020-the-media-store.md. Read where one is configured.

Keys come from the environment by the library's ordinary names (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION …).
What the library says of a fault may name addresses and accounts: nothing but the kind of fault is ever handed on.
"""

import errno
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from config import Settings
from webinars.archive import media
from webinars.archive.rules import is_media_name
from webinars.archive.store import PIECE, Going, StoreAway, Stored, checked, nobody, not_there
from webinars.core.errors import NotFound

LOG = structlog.get_logger("webinars.archive.bucket")
#: bytes of a part; 10,000 of them are the most that a bucket takes
PART = 16 * 1024 * 1024
#: parts on their way at once, so twice this is what a large file takes of memory
PARTS_AT_ONCE = 2
#: seconds that readers wait for a piece; large files on their way from and to workers may take their time
READ_SECONDS, WORK_SECONDS = 8, 120
#: seconds without asking again after the bucket did not answer, so that it does not hold up all threads of a server
REST_SECONDS = 10.0
#: as long as somebody watches a film and rests in between: players go on with the address they began with
ADDRESS_HOLDS = timedelta(hours=6)
#: files of which size and tag are remembered
MOST_KNOWN = 10_000
#: of the library; what else goes wrong with files of this machine is no fault of the bucket
_FAULTS = (BaseError, FileNotFoundError)
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")


def bucket_of(settings: Settings) -> "Bucket":
    """Make the store of the settings."""
    parts = urlsplit(settings.media_store_url)
    return Bucket(
        settings.media_root, parts.netloc, parts.path.strip("/"), settings.media_store_endpoint,
        redirects=settings.media_store_redirect,
    )  # fmt: skip


class Bucket:
    """A bucket, or what is below a prefix in one."""

    near = False

    def __init__(self, work: Path, name: str, prefix: str, endpoint: str, redirects: bool = False) -> None:
        self.work, self._name, self._prefix, self._endpoint = work, name, prefix, endpoint
        self._s3, self._patient = self._client(READ_SECONDS, 1), self._client(WORK_SECONDS, 5)
        self._known: dict[str, Stored] = {}
        self._rests_until = self._looked_until = 0.0
        self._amiss = ""
        self._redirects = redirects
        region = self._s3.config.get("region") or "us-east-1"
        self.origin = (endpoint or f"https://s3.{region}.amazonaws.com") if redirects else ""

    def _client(self, seconds: int, retries: int) -> S3Store:
        return S3Store(
            self._name,
            prefix=self._prefix or None,
            config={"endpoint": self._endpoint} if self._endpoint else None,
            client_options={
                "allow_http": self._endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=seconds),
            },
            retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=seconds / 2)},
        )

    def find(self, name: str) -> Stored:
        """Give what is known of a file."""
        if known := self._known.get(checked(name)):
            return known
        with self._asking("find"):
            try:
                meta = obstore.head(self._s3, name)
            except FileNotFoundError:
                # A bucket that is not there has no file either, but then nothing is wrong with the name.
                self._look()
                raise not_there() from None
        found = Stored(name, meta["size"], None, meta["e_tag"] or "", meta["last_modified"])
        if media.is_hashed(name):
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[name] = found
        return found

    def everything(self) -> Iterator[Stored]:
        """List all files, a thousand at a request."""
        with self._asking("list"):
            for batch in obstore.list(self._patient):
                for meta in batch:
                    if is_media_name(meta["path"]):
                        # Some servers list parts of seconds, and leave them out when they are asked for one file.
                        came = meta["last_modified"].replace(microsecond=0)
                        yield Stored(meta["path"], meta["size"], None, meta["e_tag"] or "", came)

    def has(self, name: str) -> bool:
        """Say whether a file is there, asking the bucket."""
        self._known.pop(name, None)
        try:
            self.find(name)
        except NotFound:
            return False
        return True

    def pieces(self, found: Stored, first: int, last: int) -> Iterator[bytes]:
        """Read a range, each piece by a request of its own: no line is held open for a slow reader."""
        with self._asking("read"):
            begin = self._read(self._s3, found, first, min(last, first + PIECE - 1))
        return chain([begin], self._rest_of(found, first + PIECE, last))

    def _rest_of(self, found: Stored, first: int, last: int) -> Iterator[bytes]:
        for start in range(first, last + 1, PIECE):
            try:
                yield self._read(self._s3, found, start, min(last, start + PIECE - 1))
            except _FAULTS as error:
                LOG.error("the media store broke off", fault=fault_of(error))
                # As when a reader goes: the server closes the line, and the player asks for the rest.
                raise ConnectionResetError(errno.ECONNRESET, "the media store broke off") from None

    def _read(self, client: S3Store, found: Stored, first: int, last: int) -> bytes:
        """Read a piece of the very file that was found: another of that name meanwhile is a fault."""
        try:
            got = obstore.get(client, found.name, options={"range": (first, last + 1), "if_match": found.etag or None})
            return bytes(got.bytes())
        except _FAULTS:
            self._known.pop(found.name, None)
            raise

    def keep(self, path: Path, name: str, going: Going = nobody) -> None:
        """Store a copy, a large one in parts; what ends it early leaves nothing."""
        checked(name)
        kind = {"Content-Type": media.content_type(name)}
        with path.open("rb") as file, self._asking("keep"):
            obstore.put(
                self._patient, name, _read_along(file, going), attributes=kind, chunk_size=PART,
                max_concurrency=PARTS_AT_ONCE,
            )  # fmt: skip
        self._known.pop(name, None)

    def local(self, name: str, folder: Path, going: Going = nobody) -> Path:
        """Copy a file into a folder of the caller's."""
        found, path = self.find(name), folder / name
        with path.open("wb") as out, self._asking("copy"):
            for start in range(0, found.size, PART):
                going()
                out.write(self._read(self._patient, found, start, min(found.size, start + PART) - 1))
        return path

    def delete(self, name: str) -> None:
        """Delete a file."""
        with self._asking("delete"):
            obstore.delete(self._s3, checked(name))
        self._known.pop(name, None)

    def address(self, name: str) -> str | None:
        """Give an address that the bucket's server takes for some hours, where that is wanted."""
        if not self._redirects:
            return None
        with self._asking("sign"):
            return obstore.sign(self._s3, "GET", checked(name), ADDRESS_HOLDS)

    def problem(self) -> str:
        """Say in plain words why the bucket cannot be read; anybody may ask, so it is looked at now and then only."""
        if time.monotonic() >= self._looked_until:
            self._amiss = self._asked()
            self._looked_until = time.monotonic() + REST_SECONDS
        return self._amiss

    def _asked(self) -> str:
        try:
            self._look()
        except _FAULTS as error:
            fault = fault_of(error)
            if "NoSuchBucket" in fault:
                return "the media store cannot be used: the bucket that MEDIA_STORE_URL names does not exist"
            if "403" in fault or "401" in fault:
                return "the media store refuses our key: look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, their rights"
            return "the media store does not answer: look at MEDIA_STORE_ENDPOINT, AWS_REGION and the network between"
        return ""

    def _look(self) -> None:
        """Ask the bucket for something that needs it to be there and us to be known."""
        next(iter(obstore.list(self._client(5, 0), chunk_size=1)), None)

    @contextmanager
    def _asking(self, deed: str) -> Iterator[None]:
        """Turn faults of the bucket into StoreAway, and give it a rest when it did not answer at all."""
        if time.monotonic() < self._rests_until:
            raise StoreAway
        try:
            yield
        except _FAULTS as error:
            fault = fault_of(error)
            LOG.error("the media store does not do what it should", deed=deed, fault=fault)
            if fault == "no answer":
                self._rests_until = time.monotonic() + REST_SECONDS
            raise StoreAway from None


def _read_along(file: BinaryIO, going: Going) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        going()
        yield piece


def fault_of(error: Exception) -> str:
    """Name the kind of a fault: nothing of what the library says beside it."""
    said = str(error)
    facts = [match[1] for pattern in (_STATUS, _CODE) if (match := pattern.search(said))]
    return " ".join(facts) or "no answer"
