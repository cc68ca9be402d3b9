"""Serves the screen to browsers: textual-serve behind our own door, one process for each connection.

On loopback the door opens for whoever has the address printed at the start, whose key nobody else on the
machine knows. Anywhere else it takes TLS and a login. Pages load nothing from other hosts, and a connection
that was not begun by our own page is refused (cross-site WebSocket hijacking).
"""

import asyncio
import secrets
import shlex
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from inventory.exits import BadInput, NotAllowed, Unavailable
from inventory.language import _, current
from inventory.types import Clock
from tui.web.gate import Accounts, Sessions, Turnstile

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_COOKIE = "muster"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self'"
    " 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; connect-src 'self' ws: wss:;"
    " frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen; beyond loopback only with a certificate and its key (PEM files)."""

    host: str = "127.0.0.1"
    port: int = 8022
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        """The address browsers ask for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def check_place(place: Place, accounts: Accounts) -> None:
    """NotAllowed where the place asks for TLS and a login, and either is missing."""
    if place.is_loopback:
        return
    if not (place.certificate and place.key):
        reason = _("{host} is beyond this machine: give --cert and --key, or stay on 127.0.0.1")
        raise NotAllowed(reason.format(host=place.host))
    if not len(accounts):
        raise NotAllowed(_("beyond this machine people log in: add them with --add-account NAME"))


class WebDesk(Server):
    """textual-serve's server with our door before it; `command` opens the screen for the operator named."""

    def __init__(
        self,
        place: Place,
        command: Callable[[str], Sequence[str]],
        accounts: Accounts,
        clock: Clock,
        operator: str,
        *,
        announce: Callable[[str], None],
    ) -> None:
        super().__init__("muster tui", host=place.host, port=place.port, title="Muster", public_url=place.url)
        self._place = place
        self._command = command
        self._accounts = accounts
        self._sessions = Sessions(clock)
        self._turnstile = Turnstile(clock)
        self._operator = operator
        self._announce = announce
        self._key = secrets.token_urlsafe()

    @property
    def entrance(self) -> str:
        """The address to open first."""
        return f"{self._place.url}/" if len(self._accounts) else f"{self._place.url}/?key={self._key}"

    def serve(self, debug: bool = False) -> None:  # noqa: ARG002 - textual-serve's interface
        """Serves until Ctrl+C; the entrance is announced once the port is ours."""
        context = None
        if self._place.certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            try:
                context.load_cert_chain(self._place.certificate, self._place.key)
            except (OSError, ssl.SSLError) as error:
                raise BadInput(f"{self._place.certificate}: {error}") from error
        try:
            web.run_app(
                self._make_app(),
                host=self.host,
                port=self.port,
                ssl_context=context,
                print=lambda _aiohttp_says: self._announce(self.entrance),
            )
        except OSError as error:
            raise Unavailable(f"{self._place.url}: {error.strerror}") from error

    async def on_startup(self, app: web.Application) -> None:
        """Whoever wants to know where to look is told once the port is ours."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._door)
        app.add_routes([web.get("/login", self._login_page), web.post("/login", self._login)])
        app.add_routes([web.post("/logout", self._logout)])
        return app

    # --- the door ---

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host != urlsplit(self._place.url).netloc:
            raise web.HTTPMisdirectedRequest(text=_("this is not the address Muster listens at"))
        if request.path != "/login" and self._who(request) is None:
            response = self._turned_away(request)
        elif request.path == "/ws" and request.headers.get("Origin") != self._place.url:
            response = web.Response(status=403)
        else:
            response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def _turned_away(self, request: web.Request) -> web.StreamResponse:
        if len(self._accounts):
            return web.Response(status=303, headers={"Location": "/login"})
        if secrets.compare_digest(request.query.get("key", "").encode(), self._key.encode()):
            return self._entered(self._operator)
        return web.Response(status=403, text=_("Open the address that muster tui --web printed."))

    def _entered(self, name: str) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(
            _COOKIE,
            self._sessions.begin(name),
            httponly=True,
            samesite="Strict",
            secure=bool(self._place.certificate),
            path="/",
        )
        return response

    def _who(self, request: web.Request) -> str | None:
        return self._sessions.who(request.cookies.get(_COOKIE, ""))

    async def _login_page(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's interface
        return _page()

    async def _login(self, request: web.Request) -> web.StreamResponse:
        said = await request.post()
        name, password = str(said.get("name", ""))[:100], str(said.get("password", ""))[:1000]
        keys = (f"from {request.remote}", f"as {name}")
        waiting = self._turnstile.wait(*keys)
        if waiting:
            return _page(_wait(waiting), status=429)
        self._turnstile.wrong(*keys)  # before the slow check, so that tries side by side count too
        if not await asyncio.to_thread(self._accounts.is_right, name, password):
            return _page(_("Name or password is wrong."), status=403)
        self._turnstile.right(*keys)
        return self._entered(name)

    async def _logout(self, request: web.Request) -> web.StreamResponse:
        self._sessions.end(request.cookies.get(_COOKIE, ""))
        return web.Response(status=303, headers={"Location": "/login"})

    # --- the screen ---

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One process for this connection, as the person who logged in; it ends with the connection."""
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=1 << 20)
        await websocket.prepare(request)

        async def close() -> None:
            await websocket.close()

        service = AppService(
            "exec " + shlex.join(self._command(self._who(request) or "")),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        try:
            await service.start(_cells(request, "width", 80), _cells(request, "height", 24))
            await self._process_messages(websocket, service)
        finally:
            await service.stop()
            await websocket.close()
        return websocket


def _cells(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 5
    return max(20, min(int(text), 500)) if is_number else otherwise


def _wait(waiting: timedelta) -> str:
    return _("Too many wrong tries. Wait {seconds} seconds.").format(seconds=int(waiting.total_seconds()) + 1)


def _page(said: str = "", status: int = 200) -> web.Response:
    words = {
        "lang": "zh-Hant" if current() == "zh_TW" else "en",
        "said": escape(said),
        "name": escape(_("Name")),
        "password": escape(_("Password")),
        "enter": escape(_("Log in")),
    }
    return web.Response(status=status, text=_LOGIN.format(**words), content_type="text/html")


_LOGIN = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>Muster</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 18px system-ui, sans-serif; background: #11151b; color: #e6e9ee; display: grid;
  place-items: center; min-height: 90vh; }}
form {{ display: grid; gap: 0.6em; min-width: 18em; }}
input, button {{ font: inherit; padding: 0.5em; border: 1px solid #9aa5b4; border-radius: 4px; }}
button {{ background: #2f6fb3; color: #fff; }}
p {{ color: #ff8a80; min-height: 1.3em; margin: 0; }}
</style></head><body>
<form method="post" action="/login"><h1>Muster</h1><p role="alert">{said}</p>
<label for="name">{name}</label><input id="name" name="name" autocomplete="username" autofocus required>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{enter}</button></form></body></html>
"""
