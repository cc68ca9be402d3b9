"""Basic (RFC 7617) and digest authentication (RFC 7616 with MD5) for HTTP, RTSP and SIP.

MD5 is what embedded servers still offer; an answer without `qop` (RFC 2069) is taken too.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["basic", "digest"]
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Try(NamedTuple):
    """One try to come in: as whom, and whether the password was right."""

    account: str
    right: bool


class Challenge(NamedTuple):
    """What a server asks of whoever has not said who they are."""

    kind: Kind
    realm: str
    nonce: str
    """Never changes: a replay harms nobody here."""
    qop: bool = True

    @classmethod
    def of(cls, kind: Kind, realm: str, seed: str, *, qop: bool = True) -> "Challenge":
        """A challenge whose nonce follows from the seed."""
        return cls(kind, realm, hashlib.sha256(f"{seed} {realm}".encode()).hexdigest()[:32], qop)

    @property
    def offer(self) -> str:
        """The value of WWW-Authenticate."""
        if self.kind == "basic":
            return f'Basic realm="{self.realm}"'
        quality = 'qop="auth", ' if self.qop else ""
        return f'Digest {quality}realm="{self.realm}", nonce="{self.nonce}", algorithm=MD5'

    def judge(self, method: str, authorization: str, accounts: Mapping[str, str]) -> Try | None:
        """The try that a value of Authorization makes; None when it makes none of this kind."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != self.kind:
            return None
        return _basic(given, accounts) if self.kind == "basic" else self._digest(method, given, accounts)

    def _digest(self, method: str, given: str, accounts: Mapping[str, str]) -> Try:
        fields = {name: quoted or bare for name, quoted, bare in _FIELD.findall(given)}
        account = fields.get("username", "")
        password = accounts.get(account)
        if password is None or fields.get("nonce") != self.nonce:
            return Try(account, right=False)
        secret = _md5(f"{account}:{self.realm}:{password}")
        asked = _md5(f"{method}:{fields.get('uri', '')}")
        middle = [self.nonce]
        if "qop" in fields:
            middle += [fields.get("nc", ""), fields.get("cnonce", ""), fields["qop"]]
        wanted = _md5(":".join([secret, *middle, asked]))
        return Try(account, right=same(wanted, fields.get("response", "")))


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def _basic(given: str, accounts: Mapping[str, str]) -> Try | None:
    try:
        text = base64.b64decode(given, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
    account, _, password = text.partition(":")
    wanted = accounts.get(account)
    return Try(account, right=wanted is not None and same(wanted, password))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
