"""The conversations of `muster check logins`, held with a device that says whatever bytes it likes.

A conversation is driven to its end without a network or a clock: what the device says is there at once, and
after its last byte it has hung up.
"""

import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from captures import host_key_reply, kexinit, snmp_response, ssh_packet

from agent.logins import LOGINS, Login
from agent.logins.protocol import Answer, Credential, Way
from agent.permit import Gate, Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed, Link
from inventory.secret import Secret
from inventory.types import Scope, Touch, TryOutcome

_WHO = Credential("admin", Secret("admin"))
_PERMIT = Gate([Scope("192.0.2.0/24", "hq", "here", touch=Touch.LOGIN)]).admit("192.0.2.1", Touch.LOGIN)
_CHALLENGE = b'WWW-Authenticate: Digest realm="Login to 4F0A", nonce="0a87", qop="auth", algorithm=MD5\r\n'
_FORM = (
    b'<form method="post" action="/login.cgi"><input name="user"><input type="password" name="pwd">'
    b'<input type="hidden" name="token" value="7"></form>'
)


def _page(status: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + b"".join(headers) + length + body


SAID: dict[str, bytes] = {
    "web": _page(b"200 OK", b"Set-Cookie: sid=1; path=/\r\n", body=_FORM),
    "web-digest": _page(b"401 Unauthorized", _CHALLENGE),
    "ssh": b"SSH-2.0-dropbear_2019.78\r\n" + ssh_packet(kexinit()) + ssh_packet(host_key_reply()),
    "telnet": b"\xff\xfd\x18\r\nswitch login: ",
    "ftp": b"220 AXIS P3245 9.80 ready.\r\n331 Password required.\r\n530 Login incorrect.\r\n",
    "rtsp": b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n" + _CHALLENGE + b"\r\n",
    "onvif": _page(
        b"200 OK",
        body=b"<s:Envelope><tds:GetSystemDateAndTimeResponse><tt:UTCDateTime><tt:Time><tt:Hour>8</tt:Hour>"
        b"<tt:Minute>5</tt:Minute><tt:Second>9</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year>"
        b"<tt:Month>11</tt:Month><tt:Day>20</tt:Day></tt:Date></tt:UTCDateTime><f>NotAuthorized</f></s:Envelope>",
    ),
    "mqtt": b"\x20\x02\x00\x05",
    "vnc": b"RFB 003.008\n\x01\x02" + bytes(16) + b"\x00\x00\x00\x01\x00\x00\x00\x0bwrong again",
    "snmp": snmp_response(),
}


class _Said(Link):
    """A link on which everything has been said already."""

    def __init__(self, data: bytes) -> None:
        self.heard = bytearray()
        self.limits = Limits()
        self._left = data

    async def write(self, data: bytes) -> None:
        pass

    async def read_some(self, seconds: float | None = None) -> bytes:
        now, self._left = self._left[:512], self._left[512:]
        self.heard += now
        return now

    @property
    def is_over(self) -> bool:
        return not self._left


class _Replaying(Door):
    """A door behind which a device says the same bytes to whatever it is asked."""

    def __init__(self, data: bytes) -> None:
        super().__init__(Pace(1e9, 1e9), Limits(), 2, randomness=random.Random(1))
        self.data = data

    async def converse(
        self, permit: Permit, port: int, talk: Callable[[Link], Awaitable[Any]], *, tls: bool = False
    ) -> Any:
        return await talk(_Said(self.data))

    async def ask(self, permit: Permit, port: int, question: bytes, **how: Any) -> tuple[bytes, ...] | Failed:
        return (self.data,)


def talked(login: Login) -> Callable[[bytes], list[tuple[str, str]]]:
    """A look and a try with a device that says these bytes; the outcome is one of the known."""
    way = Way(login.name, login.ports[0])

    async def visit(door: Door) -> Answer | None:
        assert isinstance(_PERMIT, Permit)
        seen = await login.look(door, _PERMIT, way)
        return seen.answer or await login.attempt(door, _PERMIT, way, seen, _WHO)

    def facts(data: bytes) -> list[tuple[str, str]]:
        answer = _driven(visit(_Replaying(data)))
        assert isinstance(answer, Answer)
        assert answer.outcome in TryOutcome
        return []

    return facts


def _driven(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine that never has to wait comes to."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise AssertionError("it waits for something that nobody says")


CONVERSATIONS = tuple(
    (f"login-{name}", said, talked(next(one for one in LOGINS if one.name == name.partition("-")[0])))
    for name, said in SAID.items()
)


def logins_without_a_conversation() -> set[str]:
    """Login protocols of the registry that nothing here fuzzes."""
    return {login.name for login in LOGINS} - {name.partition("-")[0] for name in SAID}
