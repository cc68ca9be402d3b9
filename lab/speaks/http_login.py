"""How a pretend device asks who is there over HTTP: basic, digest, or a form and a cookie.

Basic is RFC 7617, digest RFC 7616 with MD5 (what embedded servers still offer). Every try is
written to the device's logbook with its account and outcome, never with the password.
"""

import base64
import binascii
import hashlib
import hmac
import re
from typing import Literal
from urllib.parse import parse_qs

from pydantic import Field

from lab.speaks.host import Host
from lab.speaks.http_wire import Request, Response
from lab.speaks.settings import Settings

_DIGEST_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
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
        seed = f"{host.mac} {host.serial} {login.realm}".encode()
        self._nonce = hashlib.sha256(seed).hexdigest()[:32]
        self._session = hashlib.sha256(b"session " + seed).hexdigest()[:32]

    def answer(self, request: Request) -> Response | None:
        """None when the request may pass; else the response that stops or logs it in."""
        if self._login.kind == "form":
            return self._form(request)
        if not any(request.path.startswith(prefix) for prefix in self._login.protects):
            return None
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != self._login.kind:
            return self._challenge()
        passes = self._basic(given) if scheme.lower() == "basic" else self._digest(request, given)
        return None if passes else self._challenge()

    def _challenge(self) -> Response:
        realm = self._login.realm
        if self._login.kind == "basic":
            offer = f'Basic realm="{realm}"'
        else:
            offer = f'Digest qop="auth", realm="{realm}", nonce="{self._nonce}", algorithm=MD5'
        headers = {"WWW-Authenticate": offer, "Content-Type": "text/html"}
        return Response(401, headers, b"<html><body><h1>401 Unauthorized</h1></body></html>")

    def _basic(self, given: str) -> bool:
        try:
            text = base64.b64decode(given, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return False
        account, _, password = text.partition(":")
        return self._decide(account, same=self._is(account, password))

    def _digest(self, request: Request, given: str) -> bool:
        fields = {name: quoted or bare for name, quoted, bare in _DIGEST_FIELD.findall(given)}
        account = fields.get("username", "")
        password = self._login.accounts.get(account)
        if password is None or fields.get("nonce") != self._nonce:
            return self._decide(account, same=False)
        secret = _md5(f"{account}:{self._login.realm}:{password}")
        asked = _md5(f"{request.method}:{fields.get('uri', '')}")
        middle = [self._nonce]
        if "qop" in fields:
            middle += [fields.get("nc", ""), fields.get("cnonce", ""), fields["qop"]]
        wanted = _md5(":".join([secret, *middle, asked]))
        return self._decide(account, same=_equal(wanted, fields.get("response", "")))

    def _form(self, request: Request) -> Response | None:
        login = self._login
        if request.method == "POST" and request.path == login.action:
            fields = parse_qs(request.body.decode("latin-1"), keep_blank_values=True)
            account = fields.get(login.account_field, [""])[0]
            password = fields.get(login.password_field, [""])[0]
            if self._decide(account, same=self._is(account, password)):
                cookie = f"{_COOKIE}={self._session}; path=/; HttpOnly"
                return Response(302, {"Location": login.home, "Set-Cookie": cookie})
            return Response(401, {"Content-Type": "text/html"}, b"<html><body>Login failed</body></html>")
        guarded = any(request.path.startswith(prefix) for prefix in login.protects)
        if not guarded or f"{_COOKIE}={self._session}" in request.headers.get("cookie", ""):
            return None
        return Response(302, {"Location": "/"})

    def _is(self, account: str, password: str) -> bool:
        wanted = self._login.accounts.get(account)
        return wanted is not None and _equal(wanted, password)

    def _decide(self, account: str, *, same: bool) -> bool:
        locked = 0 < self._login.lock_after <= self._wrong.get(account, 0)
        if not same:
            self._wrong[account] = self._wrong.get(account, 0) + 1
        accepted = same and not locked
        self._host.log_login(self._protocol, account, "accepted" if accepted else "refused")
        return accepted


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
