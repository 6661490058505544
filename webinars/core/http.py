"""What every request and answer has in common: settings, absolute links, security headers, static files, refusals."""

import gzip
import logging
import secrets
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, abort, current_app, g, has_request_context, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from config import Settings
from webinars.core.errors import UserError
from webinars.core.language import current_language, prefix_of
from webinars.core.links import keyed_hash
from webinars.core.numbering import init_numbering
from webinars.core.organization import standing
from webinars.core.organization.look import Organization, source_of, style
from webinars.core.parameters import PlainRequest
from webinars.core.static import StaticFiles, static_url
from webinars.core.text import random_id

LOG = logging.getLogger("webinars")
csrf = CSRFProtect()
#: makes the answer to (error, status, sentence, reference)
Refuse = Callable[[Exception, int, str | None, str | None], Response]


def current_settings() -> Settings:
    """Give the settings that hold now: the environment's, and over them what was set in the browser."""
    return standing.in_force().settings


def site_url_for(endpoint: str, *, language: str | None = None, **values: Any) -> str:
    """Make an absolute address from SITE_URL, never from the request's Host; the only one letters use."""
    return current_settings().site_url + path_in(language or current_language(), endpoint, **values)


def path_in(language: str, endpoint: str, **values: Any) -> str:
    """Make the path of a page in a language, for links from one language to another."""
    return prefix_of(language) + _site_map().build(endpoint, values)


def _site_map() -> MapAdapter:
    adapter = current_app.extensions.get("site_map")
    if adapter is None:
        adapter = current_app.extensions["site_map"] = current_app.url_map.bind("")
    return cast(MapAdapter, adapter)


def csp_nonce() -> str:
    """Give this answer's nonce for the few inline data scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def private(response: Response) -> Response:
    """Mark an answer as one person's: kept by nobody, indexed by nobody, naming nobody to the next site."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def let_in(directive: str, source: str) -> None:
    """Let this answer, and no other, load something that its rules (CSP) keep out: such as "frame-src", an origin."""
    besides = g.setdefault("let_in", {})
    besides.setdefault(directive, []).append(source)


def home_zone() -> str:
    """Give the zone whose days and hours staff see: their browser's, else the organisation's."""
    return visitor_zone() or current_settings().home_zone


def visitor_zone() -> str | None:
    """Give the zone the visitor's browser told or the visitor chose, if it is one we know."""
    zone = request.cookies.get("tz") if has_request_context() else None
    return zone if zone and len(zone) < 64 and zone in current_app.extensions["zones"] else None


def how_to_reach_us() -> str:
    """Say how people can reach the organisation; empty where neither a number nor an address is configured."""
    settings = current_settings()
    ways = []
    if settings.organization_phone:
        ways.append(_("Call us: %(number)s.", number=settings.organization_phone))
    if settings.mail_reply_to:
        ways.append(_("Write to us: %(address)s.", address=settings.mail_reply_to))
    return " ".join(ways)


def discreet_name() -> str:
    """Give the name that stands for the organisation where nothing may name it, in the language spoken now."""
    return current_settings().discreet_name or _("Appointments")


def client_key() -> str:
    """Give a keyed hash of the client's network, for limits and logs."""
    return keyed_hash("client", network_of(request.remote_addr or ""))


def client_is_near() -> bool:
    """Say whether the request comes from this machine: then many clients may stand behind it, or none."""
    return network_of(request.remote_addr or "") == ""


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Give the network that one client has to itself: of IPv6 the first half (RFC 6177), of this machine's none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip.is_loopback:
        return ""
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))


def init_http(app: Flask, settings: Settings) -> None:
    """Set up request handling: proxies, cookies, CSRF, headers, errors, static files."""
    secure = settings.production
    app.config.update(
        SECRET_KEY=settings.secret_key,
        HASH_KEY=settings.hash_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=300,
        WTF_CSRF_TIME_LIMIT=None,
        # Missing Referer headers pass: the Origin and Sec-Fetch check below refuses wrong ones instead.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["own_hosts"] = {settings.site_host.encode("idna").decode(), "localhost", "127.0.0.1", "::1"}
    app.before_request(_refuse_foreign_hosts)
    app.before_request(_follow_settings)
    csrf.init_app(app)
    app.request_class = PlainRequest
    init_numbering(app)
    app.before_request(_refuse_odd_requests)
    app.before_request(_refuse_foreign_writes)
    app.after_request(_add_headers)
    app.jinja_env.globals.update(
        static_url=static_url,
        csp_nonce=csp_nonce,
        site_url_for=site_url_for,
        path_in=path_in,
        organization=Organization(),
        how_to_reach_us=how_to_reach_us,
    )
    app.context_processor(lambda: {"visitor_zone": visitor_zone()})
    _init_errors(app)
    app.wsgi_app = StaticFiles(  # type: ignore[method-assign]
        app.wsgi_app, max_age=3600 if secure else 60, autorefresh=settings.debug
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _follow_settings() -> None:
    """Look whether the settings changed before anything is read: later it would take a second connection."""
    if request.path != "/healthz":
        current_settings()


def _refuse_foreign_hosts() -> None:
    """Refuse a name that is not ours, in capitals or not; Werkzeug's own check takes no IPv6 address."""
    if _split(f"//{request.host}").hostname not in current_app.extensions["own_hosts"]:
        raise SecurityError


def _refuse_odd_requests() -> None:
    """Let an address with a NUL lead nowhere, and JSON, which may hold anything, only into the API."""
    if "\0" in request.path:
        abort(404)
    if request.method == "POST" and request.is_json and not request.path.startswith("/api/"):
        abort(415)


def _refuse_foreign_writes() -> None:
    """Refuse writes that a page of another site sent; tools and old browsers that tell nothing pass."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.path.startswith("/api/"):
        return
    origin = request.headers.get("Origin")
    fetch_site = request.headers.get("Sec-Fetch-Site")
    # Browsers write "null" when the form's own page has the referrer policy no-referrer, as private pages do.
    foreign = origin not in {None, "null"} and not _is_ours(str(origin))
    if (foreign or fetch_site in {"cross-site", "same-site"}) and not _is_one_click():
        abort(403, _("This form was sent from another site. Open the page here and try again."))


def _is_ours(origin: str) -> bool:
    ours = {request.host.lower(), urlsplit(current_settings().site_url).netloc.lower()}
    return _split(origin).netloc.lower() in ours


def is_from_here() -> bool:
    """Say whether the browser tells that a page of ours sent this; nothing told is no."""
    origin, fetch_site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "same-origin")
    return _is_ours(origin) and fetch_site == "same-origin"


def _split(address: str) -> SplitResult:
    """Take an address apart; what is none has no parts."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_one_click() -> bool:
    """Let RFC 8058 unsubscriptions in: mail providers send them from anywhere."""
    return request.endpoint is not None and getattr(
        current_app.view_functions.get(request.endpoint), "accepts_foreign_posts", False
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if "frame_ancestors" not in g:
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", _content_policy())
        headers.setdefault("Cache-Control", "private, no-cache")
        headers.setdefault("Vary", "Cookie")
        _compress(response)
    if current_settings().production:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def _compress(response: Response) -> None:
    """Compress a page, unless it holds a form token.

    That one stays the same between answers, so its length beside an attacker's words would give it away (BREACH).
    """
    response.vary.add("Accept-Encoding")
    if "csrf_token" in g or response.direct_passthrough or not request.accept_encodings.quality("gzip"):
        return
    response.set_data(gzip.compress(response.get_data(), compresslevel=4, mtime=0))
    response.headers["Content-Encoding"] = "gzip"


def _own_style() -> list[str]:
    """Let in the one style sheet inside a page, by its hash: pages that are kept need no nonce for it."""
    own = style(current_settings().brand_color)
    return [source_of(own)] if own else []


def _content_policy() -> str:
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    besides = g.get("let_in", {})
    media, asked = (" ".join(["'self'", *besides.get(name, ())]) for name in ("media-src", "connect-src"))
    styles = " ".join(["'self'", *_own_style(), *besides.get("style-src", ())])
    # The older header knows no list of sites, so a page that may be framed has this one alone.
    ancestors = " ".join(["'self'", *g.frame_ancestors]) if "frame_ancestors" in g else "'none'"
    frames = f"frame-src {' '.join(besides['frame-src'])}; " if "frame-src" in besides else ""
    return (
        f"default-src 'none'; script-src 'self'{nonce}; style-src {styles}; img-src 'self' data:; font-src 'self'; "
        f"connect-src {asked}; media-src {media}; {frames}manifest-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {ancestors}"
    )


def refuse_below(app: Flask, prefix: str, refuse: Refuse) -> None:
    """Answer refusals below an address in another form than pages."""
    app.extensions["refusals"][prefix] = refuse


def _init_errors(app: Flask) -> None:
    app.extensions["refusals"] = {}
    app.register_error_handler(CSRFError, _handle_csrf)
    app.register_error_handler(UserError, _handle_user_error)
    app.register_error_handler(HTTPException, _handle_http)
    app.register_error_handler(Exception, _handle_fault)


def _handle_csrf(error: CSRFError) -> Any:
    """Refuse; what a member of staff typed is kept by the function accounts put at extensions["keep_typed"]."""
    return current_app.extensions["keep_typed"]() or _answer(
        error, 400, _("This page was open for too long. Go back, reload it and send the form again.")
    )


def _handle_user_error(error: UserError) -> Any:
    answer = current_app.make_response(_answer(error, error.status, str(error)))
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _handle_http(error: HTTPException) -> Any:
    if isinstance(error, SecurityError):
        # No page: nothing can be linked to from a host that is not ours.
        return Response("This service does not answer under that name.\n", 400, mimetype="text/plain")
    if error.response is not None or error.code is None or error.code < 400:
        return error
    own_words = error.description if error.code == 403 and error.description != type(error).description else None
    answer = current_app.make_response(_answer(error, error.code, own_words))
    answer.headers.extend([(name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}])
    return answer


def _handle_fault(error: Exception) -> Any:
    reference = random_id()[:8]
    LOG.error("fault %s at %s %s", reference, request.method, request.url_rule, exc_info=error)
    return _answer(error, 500, None, reference)


def _answer(error: Exception, status: int, sentence: str | None, reference: str | None = None) -> Any:
    for prefix, refuse in current_app.extensions["refusals"].items():
        if request.path.startswith(prefix):
            return refuse(error, status, sentence, reference)
    return _page(status, sentence, reference)


def _page(status: int, sentence: str | None, reference: str | None = None) -> tuple[str, int]:
    known = status if status in {400, 403, 404, 405, 413, 429, 500, 503, 507} else 400
    return render_template(f"errors/{known}.html", sentence=sentence, reference=reference), status
