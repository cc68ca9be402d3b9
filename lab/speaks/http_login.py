"""How a pretend device asks who is there over HTTP: basic, digest, or a form and a cookie.

Every try is written to the device's logbook with its account and outcome, never with the
password.
"""

import hashlib
from typing import Literal
from urllib.parse import parse_qs

from pydantic import Field

from lab.speaks.authorization import Challenge, Kind, same
from lab.speaks.host import Host
from lab.speaks.http_wire import Request, Response
from lab.speaks.settings import Settings

_COOKIE = "SessionID"


class Login(Settings):
    """One way in: which paths it guards, and the accounts that open them."""

    kind: Literal["basic", "digest", "form"]
    realm: str = "Login Required"
    protects: tuple[str, ...] = ("/",)
    """Path prefixes; an empty list guards nothing but still answers tries."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """Account → password that works. The devices are pretend and so are these."""
    action: str = "/login"
    home: str = "/"
    account_field: str = "username"
    password_field: str = "password"
    lock_after: int = 0
    """Wrong tries for one account before it is locked until the lab ends; 0 never locks."""


class Door:
    """One login at one device: lets a request through or answers in its place."""

    def __init__(self, host: Host, login: Login, protocol: str) -> None:
        self._host = host
        self._login = login
        self._protocol = protocol
        self._wrong: dict[str, int] = {}
        seed = f"{host.mac} {host.serial}"
        kind: Kind = "basic" if login.kind == "basic" else "digest"
        self._challenge = Challenge.of(kind, login.realm, seed)
        self._session = hashlib.sha256(f"session {seed}".encode()).hexdigest()[:32]

    def answer(self, request: Request) -> Response | None:
        """None when the request may pass; else the response that stops or logs it in."""
        if self._login.kind == "form":
            return self._form(request)
        if not self._guards(request):
            return None
        given = request.headers.get("authorization", "")
        made = self._challenge.judge(request.method, given, self._login.accounts)
        if made is not None and self._decide(made.account, right=made.right):
            return None
        headers = {"WWW-Authenticate": self._challenge.offer, "Content-Type": "text/html"}
        return Response(401, headers, b"<html><body><h1>401 Unauthorized</h1></body></html>")

    def _form(self, request: Request) -> Response | None:
        login = self._login
        if request.method == "POST" and request.path == login.action:
            fields = parse_qs(request.body.decode("latin-1"), keep_blank_values=True)
            account = fields.get(login.account_field, [""])[0]
            password = fields.get(login.password_field, [""])[0]
            wanted = login.accounts.get(account)
            if self._decide(account, right=wanted is not None and same(wanted, password)):
                cookie = f"{_COOKIE}={self._session}; path=/; HttpOnly"
                return Response(302, {"Location": login.home, "Set-Cookie": cookie})
            return Response(401, {"Content-Type": "text/html"}, b"<html><body>Login failed</body></html>")
        if not self._guards(request) or f"{_COOKIE}={self._session}" in request.headers.get("cookie", ""):
            return None
        return Response(302, {"Location": "/"})

    def _guards(self, request: Request) -> bool:
        return any(request.path.startswith(prefix) for prefix in self._login.protects)

    def _decide(self, account: str, *, right: bool) -> bool:
        locked = 0 < self._login.lock_after <= self._wrong.get(account, 0)
        if not right:
            self._wrong[account] = self._wrong.get(account, 0) + 1
        accepted = right and not locked
        self._host.log_login(self._protocol, account, "accepted" if accepted else "refused")
        return accepted
