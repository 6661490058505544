"""Settings from the environment: typed, checked at start, refused by name.

Every name and default is fixed in the README; a wrong value raises ``SettingError`` with a sentence that names it.
"""

import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent
#: a folder in it with a catalogue is all that a further language needs; its name is the language's code
TRANSLATIONS = ROOT / "webinars" / "translations"
_CATALOGUES = {found.parent.parent.name for found in TRANSLATIONS.glob("*/LC_MESSAGES/messages.*")}
#: the one the texts are written in, then those that have a catalogue
LANGUAGES = ("en", *sorted(code for code in _CATALOGUES if re.fullmatch("[a-z]{2,3}", code)))
#: what stands on the pages of an organisation that has not said its name
UNNAMED = "Harbor Cancer Support"
#: minutes before the start: one week, one day, one hour
DEFAULT_REMINDERS = (10080, 1440, 60)
WEAK_SECRETS = frozenset({"dev", "development", "secret", "changeme", "change-me", "test", "password", "insecure"})


class SettingError(ValueError):
    """Tell which environment variable holds a value that cannot be used, and what would do."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


@dataclass(frozen=True)
class Period:
    """For how many days something is kept; what is older was promised to be gone sooner."""

    days: int
    #: shorter periods that were promised before: (days, the day from which nothing of that time is left)
    earlier: tuple[tuple[int, date], ...] = ()

    def in_force(self, today: date) -> int:
        """Give the days by which is deleted on a day: the shortest that anybody was promised."""
        return min([self.days, *(days for days, until in self.earlier if today < until)])


@dataclass(frozen=True)
class Settings:
    """All that differs between installations."""

    instance: Path
    database_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    #: what the codes that stand for addresses are made with; unlike the secret key it stays the same for ever
    hash_key: str
    secret_key_generated: bool
    site_url: str
    port: int
    organization_name: str
    organization_phone: str
    #: sender of discreet letters; empty = "Appointments" in the reader's language
    discreet_name: str
    #: one line with where the organisation is, below pages and letters
    organization_address: str
    #: #rrggbb; empty = the service's own
    brand_color: str
    #: whose days and hours hold where nobody told another zone
    home_zone: str
    #: ISO codes of the countries and regions whose public holidays count; empty = the country of the home zone
    holiday_countries: tuple[str, ...]
    #: who pays, as a new series says it
    sponsor_text: str
    #: whom to ask about privacy, in one line
    privacy_contact: str
    mail_server: str
    mail_port: int
    mail_username: str
    mail_password: str
    mail_use_tls: bool
    mail_use_ssl: bool
    mail_default_sender: str
    #: whom letters come from by name; empty = the organisation
    mail_sender_name: str
    #: where bounces go, as an address that takes "+…" behind its local part; empty = the sender's
    mail_bounce_address: str
    #: whether the envelope sender names the letter (VERP); 0 for servers that insist on one sender
    mail_verp: bool
    #: where answers of people go; empty = the sender's
    mail_reply_to: str
    #: SenderId of Feedback-ID on bulk mail; empty = made of the sender's domain
    mail_feedback_id: str
    #: connections to the mail server at once, over all workers; 0 = one for each worker
    mail_connections: int
    #: letters over one connection
    mail_max_emails: int
    dkim_domain: str
    dkim_selector: str
    dkim_key_file: str
    #: the mailbox that `flask inbound` reads: imaps://user:password@host/INBOX or maildir:///path
    inbound_url: str
    #: hours of the reader's day without reminders that have time, such as (21, 8); None = none
    quiet_hours: tuple[int, int] | None
    #: letters a second at most for bulk mail; 0 = as fast as the server takes them
    mail_rate: float
    mail_retry_base_seconds: float
    queue_url: str
    worker_tick_seconds: float
    worker_lease_seconds: float
    #: the media store; of a bucket only what is on its way there
    media_root: Path
    #: s3://bucket/prefix; empty = the folder above
    media_store_url: str
    #: where the bucket is; empty = Amazon
    media_store_endpoint: str
    #: send players to the bucket itself, with an address that holds for some hours
    media_store_redirect: bool
    #: a program that writes WebVTT on its standard output, with {audio} and {language}; empty = none
    speech_to_text_command: str
    #: after which it is stopped
    speech_to_text_minutes: float
    #: sites of the organisation that may show our player in a frame
    embed_origins: tuple[str, ...]
    #: what podcast directories ask: a category with its subcategory, whom they write to, a square picture
    podcast_category: str
    podcast_email: str
    podcast_image: str
    #: who signs staff in besides ourselves (OpenID Connect), what we are called and known by there; empty = nobody
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    #: words on the button
    oidc_name: str
    #: whether a sign-in there counts as one with a second factor
    oidc_trusted_mfa: bool
    ratelimit_enabled: bool
    #: how many reverse proxies in front are believed about client address and scheme
    trusted_proxies: int
    debug: bool
    # What only the browser sets (docs/decisions/0026).
    #: of a new series, minutes before the start
    reminders: tuple[int, ...] = DEFAULT_REMINDERS
    #: below pages and letters, and on the page about privacy, by language
    footer_words: tuple[tuple[str, str], ...] = ()
    privacy_words: tuple[tuple[str, str], ...] = ()
    #: name, width and height of a picture of the media store: "logo-0123456789abcdef.png 120 80"
    logo: str = ""
    logo_dark: str = ""
    #: for how long what is kept, by the names of site.retention, where it is another time than usual
    retention: tuple[tuple[str, Period], ...] = ()

    def period_of(self, name: str, usual: int) -> Period:
        """Give for how long something is kept."""
        return dict(self.retention).get(name) or Period(usual)

    @property
    def production(self) -> bool:
        """Say whether this is a public installation: its address begins with https."""
        return self.site_url.startswith("https://")

    @property
    def weak_secret(self) -> bool:
        """Say whether the key could be guessed, or belongs to no configuration that a second machine could share."""
        known = self.secret_key.lower() in WEAK_SECRETS or len(set(self.secret_key)) < 8
        return self.secret_key_generated or known or len(self.secret_key.encode()) < 32

    @property
    def site_host(self) -> str:
        """Name the host that visitors use, without port."""
        return urlsplit(self.site_url).hostname or ""

    @property
    def journals(self) -> Path:
        """Name the folder in which workers of this machine note what they handed over."""
        return self.instance / "journals"

    @property
    def message_seconds(self) -> float:
        """Give the hard limit for handing over one letter: well inside the lease, so that no two workers hold it."""
        return 0.8 * self.worker_lease_seconds


def settings_from(environ: Mapping[str, str], instance: Path | None = None) -> Settings:
    """Read the settings.

    Raises SettingError for the first value that cannot be used.
    """
    read = _Reader(environ)
    instance = instance or Path(read.text("INSTANCE_PATH", str(ROOT / "instance")))
    port = read.integer("PORT", 8000, 1, 65535)
    database_url = _database_url(read.text("DATABASE_URL", ""), instance)
    secret, generated = _secret_key(read.text("SECRET_KEY", ""), instance)
    return Settings(
        instance=instance,
        database_url=database_url,
        secret_key=secret,
        secret_key_fallbacks=tuple(read.text("SECRET_KEY_FALLBACKS", "").split()),
        hash_key=read.text("HASH_KEY", secret),
        secret_key_generated=generated,
        site_url=_site_url(read.text("SITE_URL", f"http://127.0.0.1:{port}")),
        port=port,
        organization_name=read.line("ORGANIZATION_NAME", UNNAMED),
        organization_phone=read.line("ORGANIZATION_PHONE", ""),
        discreet_name=read.line("DISCREET_NAME", ""),
        organization_address=read.line("ORGANIZATION_ADDRESS", ""),
        brand_color=_colour(read.line("BRAND_COLOR", "")),
        home_zone=_zone(read.line("HOME_TIME_ZONE", "America/New_York")),
        holiday_countries=_countries(read.line("HOLIDAY_COUNTRIES", "")),
        sponsor_text=read.line("SPONSOR_TEXT", ""),
        privacy_contact=read.line("PRIVACY_CONTACT", ""),
        mail_server=read.text("MAIL_SERVER", "127.0.0.1"),
        mail_port=read.integer("MAIL_PORT", 25, 1, 65535),
        mail_username=read.text("MAIL_USERNAME", ""),
        mail_password=read.text("MAIL_PASSWORD", ""),
        mail_use_tls=read.switch("MAIL_USE_TLS", False),
        mail_use_ssl=read.switch("MAIL_USE_SSL", False),
        mail_default_sender=read.line("MAIL_DEFAULT_SENDER", "webinars@localhost.localdomain"),
        mail_sender_name=read.line("MAIL_SENDER_NAME", ""),
        mail_bounce_address=read.line("MAIL_BOUNCE_ADDRESS", ""),
        mail_verp=read.switch("MAIL_VERP", True),
        mail_reply_to=read.line("MAIL_REPLY_TO", ""),
        mail_feedback_id=_feedback_id(read.line("MAIL_FEEDBACK_ID", "")),
        mail_connections=read.integer("MAIL_CONNECTIONS", 0, 0, 1000),
        mail_max_emails=read.integer("MAIL_MAX_EMAILS", 100, 1, 10_000),
        dkim_domain=read.line("DKIM_DOMAIN", ""),
        dkim_selector=read.line("DKIM_SELECTOR", ""),
        dkim_key_file=read.line("DKIM_KEY_FILE", ""),
        inbound_url=read.line("INBOUND_URL", ""),
        quiet_hours=_quiet_hours(read.text("QUIET_HOURS", "21-8")),
        mail_rate=read.number("MAIL_RATE", 0, 0, 100_000),
        mail_retry_base_seconds=read.number("MAIL_RETRY_BASE_SECONDS", 60, 0.01, 86_400),
        queue_url=read.text("QUEUE_URL", "") or _queue_url(database_url),
        worker_tick_seconds=read.number("WORKER_TICK_SECONDS", 15, 0.1, 3600),
        worker_lease_seconds=read.number("WORKER_LEASE_SECONDS", 60, 2, 60),
        media_root=Path(read.text("MEDIA_ROOT", str(instance / "media"))),
        media_store_url=_media_store_url(read.line("MEDIA_STORE_URL", "")),
        media_store_endpoint=_media_store_endpoint(read.line("MEDIA_STORE_ENDPOINT", "")),
        media_store_redirect=read.switch("MEDIA_STORE_REDIRECT", False),
        speech_to_text_command=_program(read.line("SPEECH_TO_TEXT_COMMAND", "")),
        speech_to_text_minutes=read.number("SPEECH_TO_TEXT_MINUTES", 240, 0.01, 24 * 60),
        embed_origins=_origins(read.text("EMBED_ORIGINS", "")),
        podcast_category=read.line("PODCAST_CATEGORY", "Health & Fitness > Medicine"),
        podcast_email=read.line("PODCAST_EMAIL", ""),
        podcast_image=read.line("PODCAST_IMAGE", ""),
        oidc_issuer=(issuer := _oidc_issuer(read.line("OIDC_ISSUER", ""))),
        oidc_client_id=_oidc_client_id(read.line("OIDC_CLIENT_ID", ""), issuer),
        oidc_client_secret=read.line("OIDC_CLIENT_SECRET", ""),
        oidc_name=read.line("OIDC_NAME", urlsplit(issuer).hostname or ""),
        oidc_trusted_mfa=read.switch("OIDC_TRUSTED_MFA", False),
        ratelimit_enabled=read.switch("RATELIMIT_ENABLED", True),
        trusted_proxies=read.integer("TRUSTED_PROXIES", 0, 0, 5),
        debug=read.switch("FLASK_DEBUG", False),
    )


class _Reader:
    """Reads one variable at a time and names it in every complaint."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def line(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if any(ord(character) < 32 for character in value):
            raise SettingError(name, "must be a single line")
        return value

    def number(self, name: str, default: float, least: float, most: float) -> float:
        try:
            value = float(self.text(name, str(default)))
        except ValueError:
            raise SettingError(name, f"must be a number from {least:g} to {most:g}") from None
        if not least <= value <= most:
            raise SettingError(name, f"must be from {least:g} to {most:g}")
        return value

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        value = self.number(name, default, least, most)
        if value != int(value):
            raise SettingError(name, "must be a whole number")
        return int(value)

    def switch(self, name: str, default: bool) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value not in {"0", "1", "true", "false"}:
            raise SettingError(name, "must be 0, 1, true or false")
        return value in {"1", "true"}


def _database_url(value: str, instance: Path) -> str:
    if not value:
        return f"sqlite:///{instance / 'webinars.sqlite'}"
    scheme = value.partition("://")[0]
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return "postgresql+psycopg://" + value.partition("://")[2]
    if scheme == "sqlite" and value != "sqlite://" and ":memory:" not in value:
        return value
    raise SettingError("DATABASE_URL", "must begin with sqlite:/// and name a file, or with postgresql://")


def _queue_url(database_url: str) -> str:
    if database_url.startswith("sqlite"):
        return database_url + "-queue"
    return database_url


def _feedback_id(value: str) -> str:
    if value and not (5 <= len(value) <= 15 and value.isascii() and value.isalnum()):
        raise SettingError("MAIL_FEEDBACK_ID", "must be 5 to 15 letters and digits")
    return value


def _program(value: str) -> str:
    try:
        parts = shlex.split(value)
    except ValueError:
        raise SettingError("SPEECH_TO_TEXT_COMMAND", "has a quotation mark without its partner") from None
    if parts and not any("{audio}" in part for part in parts[1:]):
        raise SettingError("SPEECH_TO_TEXT_COMMAND", "must hold {audio}, where the path of the recording goes")
    return value


def _media_store_url(value: str) -> str:
    bucket = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
    if value and not re.fullmatch(rf"s3://{bucket}(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?", value):
        raise SettingError("MEDIA_STORE_URL", "must be s3:// and the name of a bucket, such as s3://webinars/media")
    return value.rstrip("/")


def _media_store_endpoint(value: str) -> str:
    if value and not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?/?", value):
        raise SettingError("MEDIA_STORE_ENDPOINT", "must be an address such as https://s3.example.org")
    return value.rstrip("/")


def _oidc_issuer(value: str) -> str:
    parts = urlsplit(value)
    near = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    whole = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
    if value and not ((parts.scheme == "https" or near) and whole):
        raise SettingError("OIDC_ISSUER", "must be an address such as https://login.example.org")
    return value


def _oidc_client_id(value: str, issuer: str) -> str:
    if bool(value) != bool(issuer):
        raise SettingError("OIDC_CLIENT_ID", "must be set together with OIDC_ISSUER, and only then")
    return value


def _colour(value: str) -> str:
    if value and not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise SettingError("BRAND_COLOR", "must be a colour such as #0f5e63")
    return value.lower()


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, KeyError):
        raise SettingError("HOME_TIME_ZONE", "must be a time zone such as America/New_York") from None


def _countries(value: str) -> tuple[str, ...]:
    codes = tuple(value.replace(",", " ").split())
    if not all(re.fullmatch("[A-Z]{2}(-[A-Z0-9]{1,3})?", code) for code in codes):
        raise SettingError("HOLIDAY_COUNTRIES", "must be ISO codes of countries or regions such as US MX US-NY")
    return codes


def _quiet_hours(value: str) -> tuple[int, int] | None:
    if value.lower() in {"none", "off", "0"}:
        return None
    begin, dash, end = value.partition("-")
    if not (dash and begin.strip().isdecimal() and end.strip().isdecimal()):
        raise SettingError("QUIET_HOURS", "must be two hours such as 21-8, or none")
    hours = int(begin), int(end)
    if hours[0] == hours[1] or max(hours) > 23:
        raise SettingError("QUIET_HOURS", "must be two different hours from 0 to 23, such as 21-8")
    return hours


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(value.split())
    for origin in origins:
        # They stand in a header: scheme, host and port, and nothing else.
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", origin):
            raise SettingError("EMBED_ORIGINS", "must be addresses such as https://www.example.org, without a path")
    return origins


def _site_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingError("SITE_URL", "must be an address such as https://webinars.example.org")
    if parts.path not in {"", "/"}:
        raise SettingError("SITE_URL", "must not have a path; the service lives at the root of its host")
    return f"{parts.scheme}://{parts.netloc}"


def _secret_key(value: str, instance: Path) -> tuple[str, bool]:
    """Take the given key, or keep a generated one in the instance folder so that links outlive a restart."""
    if value:
        return value, False
    file = instance / "secret-key"
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with file.open("x") as handle:
            file.chmod(0o600)
            handle.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return file.read_text().strip(), True
