"""How a pretend device asks who is there over HTTP: basic, digest, or a form and a cookie.

Every try is written to the device's logbook with its account and outcome, never with the
password.
"""

import hashlib
from collections import deque
from html import escape
from typing import Literal
from urllib.parse import parse_qs

from pydantic import Field

from lab.speaks.authorization import Challenge, Kind, same
from lab.speaks.host import Host
from lab.speaks.http_wire import Request, Response
from lab.speaks.settings import Settings

_FORM = (
    '<form method="post" action="{action}">{token}<input name="{account}">'
    '<input type="password" name="{password}"><input type="submit" value="Login"></form>'
)
_OPEN_TOKENS = 16


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
    token_field: str = ""
    """A hidden field with a value that is given out with every form and good for one answer."""
    cookie: str = "SessionID"
    refused: str = ""
    """Cookie that goes with a refusal, which is then the form's page; without one a refusal is status 401."""
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
        self._seed = seed
        self._given = 0
        self._tokens: deque[str] = deque(maxlen=_OPEN_TOKENS)

    @property
    def form(self) -> str:
        """The form as the page shows it, with a new token where it has one; empty for other ways in."""
        login = self._login
        if login.kind != "form":
            return ""
        names = {"action": login.action, "account": login.account_field, "password": login.password_field}
        return _FORM.format(token=self._token(), **{key: escape(name) for key, name in names.items()})

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
            right = wanted is not None and same(wanted, password)
            if self._decide(account, right=self._takes(fields) and right):
                cookie = f"{login.cookie}={self._session}; path=/; HttpOnly"
                return Response(302, {"Location": login.home, "Set-Cookie": cookie})
            return self._refusal()
        session = f"{login.cookie}={self._session}"
        if not self._guards(request) or session in request.headers.get("cookie", ""):
            return None
        return Response(302, {"Location": "/"})

    def _token(self) -> str:
        if not self._login.token_field:
            return ""
        self._given += 1
        token = str(int(hashlib.sha256(f"{self._seed} {self._given}".encode()).hexdigest()[:7], 16))
        self._tokens.append(token)
        return f'<input type="hidden" name="{escape(self._login.token_field)}" value="{token}">'

    def _takes(self, fields: dict[str, list[str]]) -> bool:
        """Whether the answer bears a token that was given out and is unused, where one is asked."""
        if not self._login.token_field:
            return True
        token = fields.get(self._login.token_field, [""])[0]
        if token not in self._tokens:
            return False
        self._tokens.remove(token)
        return True

    def _refusal(self) -> Response:
        page = b"<html><body>Login failed</body></html>"
        if self._login.refused:
            return Response(200, {"Content-Type": "text/html", "Set-Cookie": self._login.refused}, page)
        return Response(401, {"Content-Type": "text/html"}, page)

    def _guards(self, request: Request) -> bool:
        return any(request.path.startswith(prefix) for prefix in self._login.protects)

    def _decide(self, account: str, *, right: bool) -> bool:
        locked = 0 < self._login.lock_after <= self._wrong.get(account, 0)
        if not right:
            self._wrong[account] = self._wrong.get(account, 0) + 1
        accepted = right and not locked
        self._host.log_login(self._protocol, account, "accepted" if accepted else "refused")
        return accepted
