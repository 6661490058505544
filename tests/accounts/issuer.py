"""A small issuer of sign-ins on loopback (OpenID Connect), which says what a test tells it to."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "desk", "a secret of the desk: +%"


class Issuer:
    """Answers as an issuer does; ``claims`` are put over what it would say, ``asked`` lists the paths it was asked."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first"})
        self.claims: dict[str, Any] = {}
        self.asked: list[str] = []
        self.is_broken = False
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Issuer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, address: str) -> tuple[str, dict[str, str]]:
        """Do what the issuer's page does once somebody signed in there: give the way back, and what was asked."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}", asked

    def _token(self, form: dict[str, list[str]], authorization: str) -> dict[str, Any] | None:
        asked = self._codes.pop(form["code"][0], None)
        made = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
        )
        pair = base64.b64encode(b"desk:a+secret+of+the+desk%3A+%2B%25").decode()
        if asked is None or asked["code_challenge"] != made or authorization != f"Basic {pair}":
            return None
        claims = {"iss": self.url, "sub": "u1", "aud": CLIENT, "nonce": asked["nonce"], "iat": int(time.time()),
                  "exp": int(time.time()) + 300, "email": "owner@example.org", "email_verified": True}  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims | self.claims, self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def _answer(self, path: str) -> dict[str, Any] | None:
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.url} | {name: f"{self.url}/{where}" for name, where in names.items()}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(issuer._answer(self.path))

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._say(issuer._token(form, self.headers.get("Authorization", "")))

            def _say(self, found: dict[str, Any] | None) -> None:
                issuer.asked.append(self.path)
                body = json.dumps(found or {"error": "invalid_grant"}).encode()
                self.send_response(503 if issuer.is_broken else 200 if found else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler
