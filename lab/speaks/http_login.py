"""How a pretend device asks who is there over HTTP: basic, digest, or a form and a cookie.

Every try is written to the device's logbook with its account and outcome, never with the
password.
"""

import hashlib
import json
from collections import deque
from html import escape
from typing import Literal
from urllib.parse import parse_qs

from pydantic import Field

from lab.speaks.authorization import Challenge, Kind, same
from lab.speaks.host import Host
from lab.speaks.http_wire import Request, Response
from lab.speaks.settings import Settings, YesNo

_FORM = (
    '<form method="post" action="{action}">{token}<input name="{account}">'
    '<input type="password" name="{password}"><input type="submit" value="Login"></form>'
)
_OPEN_TOKENS = 16
_HOME = b"<html><head><title>Home</title></head><body>Welcome. <a href='/logout'>Log out</a></body></html>"


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
    token_header: str = ""
    """The header the token is expected in, where it is not the field."""
    takes: Literal["urlencoded", "json"] = "urlencoded"
    sends_on: YesNo = True
    """Whether a login is answered with a redirect, else with a page that says it."""
    cookie_beforehand: YesNo = False
    """Whether the form's page gives the cookie already, and a login merely lets it count."""
    refused: str = ""
    """Cookie that goes with a refusal, which then has status 200; without one a refusal is status 401."""
    refused_page: str = ""
    """What a refusal's page shows instead, status 200; may hold `{form}`."""
    lock_after: int = 0
    """Wrong tries for one account before it is locked until the lab ends; 0 never locks."""
    locked_page: str = ""
    """What a locked account is told, status 200; else it is a refusal like any other."""


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
        self._is_in = not login.cookie_beforehand

    @property
    def has_form(self) -> bool:
        """Whether it is a form that is filled in."""
        return self._login.kind == "form"

    def home(self, path: str) -> Response | None:
        """Where a login leads, for devices that describe no page there."""
        return _page(_HOME) if self.has_form and path == self._login.home else None

    @property
    def form(self) -> str:
        """The form as the page shows it, with a new token where it has one."""
        login = self._login
        names = {"action": login.action, "account": login.account_field, "password": login.password_field}
        return _FORM.format(token=self._token(), **{key: escape(name) for key, name in names.items()})

    @property
    def greeting(self) -> dict[str, str]:
        """The headers that go with the form's page."""
        return {"Set-Cookie": self._cookie} if self._login.cookie_beforehand else {}

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
            fields = self._fields(request)
            account = fields.get(login.account_field, "")
            wanted = login.accounts.get(account)
            right = wanted is not None and same(wanted, fields.get(login.password_field, ""))
            known = not login.cookie_beforehand or self._is_known(request)
            if self._decide(account, right=self._takes(request, fields) and right and known):
                self._is_in = True
                cookie = {} if login.cookie_beforehand else {"Set-Cookie": self._cookie}
                return (
                    Response(302, {"Location": login.home, **cookie})
                    if login.sends_on
                    else _page(_HOME, cookie)
                )
            return self._refusal(account)
        if not self._guards(request):
            return None
        if not (self._is_in and self._is_known(request)):
            return Response(302, {"Location": "/"})
        return None

    @property
    def _cookie(self) -> str:
        return f"{self._login.cookie}={self._session}; path=/; HttpOnly"

    def _is_known(self, request: Request) -> bool:
        return f"{self._login.cookie}={self._session}" in request.headers.get("cookie", "")

    def _fields(self, request: Request) -> dict[str, str]:
        """What was typed; nothing where it is not written as the page's script writes it."""
        text = request.body.decode("latin-1")
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if self._login.takes != "json":
            return {} if is_json else {name: said[0] for name, said in parse_qs(text, True).items()}
        try:
            said = json.loads(text) if is_json else None
        except ValueError:
            return {}
        return {name: str(value) for name, value in said.items()} if isinstance(said, dict) else {}

    def _token(self) -> str:
        if not self._login.token_field and not self._login.token_header:
            return ""
        self._given += 1
        token = str(int(hashlib.sha256(f"{self._seed} {self._given}".encode()).hexdigest()[:7], 16))
        self._tokens.append(token)
        if self._login.token_header:
            return f'<meta name="token" content="{token}">'
        return f'<input type="hidden" name="{escape(self._login.token_field)}" value="{token}">'

    def _takes(self, request: Request, fields: dict[str, str]) -> bool:
        """Whether the answer bears a token that was given out and is unused, where one is asked."""
        login = self._login
        if not login.token_field and not login.token_header:
            return True
        in_header = request.headers.get(login.token_header.lower(), "") if login.token_header else ""
        token = in_header or fields.get(login.token_field, "")
        if token not in self._tokens:
            return False
        self._tokens.remove(token)
        return True

    def _refusal(self, account: str) -> Response:
        login = self._login
        cookie = {"Set-Cookie": login.refused} if login.refused else {}
        if login.locked_page and 0 < login.lock_after <= self._wrong.get(account, 0):
            return _page(login.locked_page.encode(), cookie)
        if login.refused_page:
            return _page(login.refused_page.replace("{form}", self.form).encode(), cookie)
        page = b"<html><body>Login failed</body></html>"
        return _page(page, cookie) if cookie else Response(401, {"Content-Type": "text/html"}, page)

    def _guards(self, request: Request) -> bool:
        return any(request.path.startswith(prefix) for prefix in self._login.protects)

    def _decide(self, account: str, *, right: bool) -> bool:
        locked = 0 < self._login.lock_after <= self._wrong.get(account, 0)
        if not right:
            self._wrong[account] = self._wrong.get(account, 0) + 1
        accepted = right and not locked
        self._host.log_login(self._protocol, account, "accepted" if accepted else "refused")
        return accepted


def _page(body: bytes, headers: dict[str, str] | None = None) -> Response:
    kind = "application/json" if body.startswith(b"{") else "text/html"
    return Response(200, {"Content-Type": kind, **(headers or {})}, body)
