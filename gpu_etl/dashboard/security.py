"""Who may ask the dashboard, and what a browser may do with its answers.

Belongs here: checks that hold for every address. Does not belong here: what an address answers (``app``).

It listens on loopback, which keeps other machines out but not other web sites in the reader's own browser:

- The ``Host`` must be one of ours, or a site whose name was pointed at 127.0.0.1 could read everything (DNS rebinding).
- What changes something is a POST that carries a token which only our own pages know, and its ``Origin`` is ours.
- Scripts, styles and everything else come from here alone (``Content-Security-Policy``, nothing inline): titles are
  written by strangers.
- With ``DASHBOARD_PASSWORD`` set, every address but ``/ping`` asks for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OUR_HOSTS = ("127.0.0.1", "localhost", "::1")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # a chart that is saved as a picture is a blob first
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send our own forms with "Origin: null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
OPEN_PATHS = ("/ping",)
TOKEN_COOKIE = "gpu_etl_token"  # noqa: S105 - a name
TOKEN_FIELD = "token"  # noqa: S105 - a name
LARGEST_FORM = 64 * 1024
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class SafeHeaders:
    """Adds the headers that tell a browser what it may do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class KnownHosts:
    """Refuses a ``Host`` that is not ours."""

    def __init__(self, app: ASGIApp, further: Sequence[str] = ()) -> None:
        self._app = app
        self._hosts = {*OUR_HOSTS, *(host.lower() for host in further)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what was asked of us."""
        if scope["type"] == "http" and host_name(Headers(scope=scope).get("host", "")) not in self._hosts:
            refused = PlainTextResponse(
                "This address is not one of the dashboard's. Use http://127.0.0.1, or name it in DASHBOARD_HOSTS.\n",
                421,
            )
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def host_name(host: str) -> str:
    """The name in a ``Host`` header, without port and brackets; empty when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""
    except ValueError:
        return ""


class Password:
    """Asks for the password, by HTTP's basic authentication; any user name will do."""

    def __init__(self, app: ASGIApp, password: SecretStr) -> None:
        self._app = app
        self._password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who knows it."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or self._is_right(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        challenge = {"WWW-Authenticate": 'Basic realm="gpu-etl", charset="UTF-8"'}
        await PlainTextResponse("The dashboard's password is wanted.\n", 401, challenge)(scope, receive, send)

    def _is_right(self, headers: Headers) -> bool:
        scheme, _, encoded = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            given = base64.b64decode(encoded, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(_digest(given), _digest(self._password.get_secret_value().encode()))


def _digest(value: bytes) -> bytes:
    """Of one length for every password: comparing must not tell how long the right one is."""
    return hashlib.sha256(value).digest()


class Tokens:
    """Lets only our own pages change something: their forms carry a token that goes with the reader's cookie.

    The token is a signature of a random cookie by a key of this process, so nothing is stored; after a restart a page
    that was open must be loaded again.
    """

    def __init__(self, app: ASGIApp, key: bytes | None = None) -> None:
        self._app = app
        self._key = key or secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the reader a token; pass on what brings it back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        known = _cookie(headers, TOKEN_COOKIE)
        seed = known if known and len(known) == 43 else secrets.token_urlsafe(32)
        scope.setdefault("state", {})["token"] = self._sign(seed)
        if scope["method"] not in SAFE_METHODS:
            body, refusal = await self._checked(headers, receive, seed if seed == known else "")
            if refusal:
                await refusal(scope, receive, send)
                return
            scope["state"]["form"] = {name: values[-1] for name, values in body.items()}
        await self._app(scope, receive, send if seed == known else _remembering(send, seed))

    async def _checked(
        self, headers: Headers, receive: Receive, seed: str
    ) -> tuple[dict[str, list[str]], Response | None]:
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return {}, PlainTextResponse("Forms of other sites are not taken.\n", 403)
        try:
            form = await _form(headers, receive)
        except ValueError as error:
            return {}, PlainTextResponse(f"{error}\n", 400)
        given = form.get(TOKEN_FIELD, [""])[-1]
        if not seed or not hmac.compare_digest(given.encode(), self._sign(seed).encode()):
            return {}, PlainTextResponse("This form is out of date: go back, load the page again, and retry.\n", 403)
        return form, None

    def _sign(self, seed: str) -> str:
        return hmac.new(self._key, seed.encode(), hashlib.sha256).hexdigest()


async def _form(headers: Headers, receive: Receive) -> dict[str, list[str]]:
    """The fields of a form.

    Raises:
        ValueError: another kind of body, too large a one, or one that is no text.
    """
    if headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise ValueError("Only plain forms are taken.")
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_FORM:
            raise ValueError(f"A form has at most {LARGEST_FORM:,} bytes.")
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise ValueError("The form cannot be read.") from None


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found else None


def _remembering(send: Send, seed: str) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            cookie = f"{TOKEN_COOKIE}={seed}; Path=/; HttpOnly; SameSite=Strict"
            MutableHeaders(scope=message).append("Set-Cookie", cookie)
        await send(message)

    return send_with_cookie


def _is_page(message: Message) -> bool:
    """Whether an answer may hold a form; files are kept by the browser, and a cookie has no place on them."""
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
