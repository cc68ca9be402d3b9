"""Logins that are no web page: what FTP, Telnet, MQTT, VNC, RTSP and ONVIF make of an answer."""

import asyncio
import hashlib
import struct

import pytest
from logins import asked, door, http, permit, server, talking

from agent.logins import LOGINS
from agent.logins.onvif import ONVIF
from agent.logins.protocol import Credential, Way
from agent.logins.secrecy import Secret
from inventory.types import TryOutcome


@pytest.fixture
def brisk_telnet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device on loopback has nothing more to say after a moment of quiet."""
    monkeypatch.setattr("agent.logins.telnet._FIRST_SECONDS", 0.5)
    monkeypatch.setattr("agent.logins.telnet._JUDGING_SECONDS", 0.5)
    monkeypatch.setattr("agent.logins.telnet._NEXT_SECONDS", 0.1)
    monkeypatch.setattr("agent.logins.telnet._QUIET_SECONDS", 0.05)


@pytest.mark.parametrize(
    ("last", "outcome"),
    [(b"530 Login incorrect.\r\n", TryOutcome.REFUSED), (b"230 In.\r\n", TryOutcome.ACCEPTED),
     (b"421 Too many.\r\n", TryOutcome.LOCKED), (b"530 Account locked.\r\n", TryOutcome.LOCKED),
     (b"", TryOutcome.UNCLEAR)],
)  # fmt: skip
async def test_ftp(last: bytes, outcome: TryOutcome) -> None:
    turns = [(b"220 hi\r\n", b"USER admin\r\n"), (b"331 and?\r\n", b"PASS x\r\n"), (last, b"")]
    assert (await asked("ftp", talking(*turns), "admin", "x")).outcome is outcome


async def test_ftp_that_turns_everybody_away_is_locking() -> None:
    turns = [(b"421 Too many logins, come back later.\r\n", b"")]
    assert (await asked("ftp", talking(*turns), "admin", "x")).outcome is TryOutcome.LOCKED


@pytest.mark.parametrize(
    ("account", "reply", "outcome"),
    [("root", b"530 Non-anonymous sessions must use encryption.\r\n", TryOutcome.UNCLEAR),
     ("root", b"530 Permission denied.\r\n", TryOutcome.UNCLEAR),
     ("anonymous", b"530 Permission denied.\r\n", TryOutcome.REFUSED)],
)  # fmt: skip
async def test_ftp_that_turns_a_name_away_has_not_seen_the_password(
    account: str, reply: bytes, outcome: TryOutcome
) -> None:
    turns = [(b"220 hi\r\n", f"USER {account}\r\n".encode()), (reply, b"")]
    assert (await asked("ftp", talking(*turns), account, "x")).outcome is outcome


async def test_ssh_that_speaks_of_a_lock_out_instead_of_ssh() -> None:
    turns = [(b"Too many failed logins. This address is blocked for 300 s.\r\n", b"")]
    assert (await asked("ssh", talking(*turns), "admin", "x")).outcome is TryOutcome.LOCKED


async def test_ftp_that_wants_no_password_is_open() -> None:
    turns = [(b"220 hi\r\n", b"USER admin\r\n"), (b"230 come in\r\n", b"")]
    assert (await asked("ftp", talking(*turns), "admin", "x")).outcome is TryOutcome.OPEN


@pytest.mark.parametrize(
    ("last", "outcome"),
    [(b"\r\nLogin incorrect\r\nlogin: ", TryOutcome.REFUSED), (b"\r\nbox> ", TryOutcome.ACCEPTED),
     (b"\r\nLocked out. Try again later\r\n", TryOutcome.LOCKED), (b"\r\nhm\r\n", TryOutcome.UNCLEAR),
     (b"\r\n3 failed logins since the last.\r\nbox> ", TryOutcome.UNCLEAR),
     (b"\r\nYour password must be changed.\r\nNew password: ", TryOutcome.ACCEPTED)],
)  # fmt: skip
@pytest.mark.usefixtures("brisk_telnet")
async def test_telnet(last: bytes, outcome: TryOutcome) -> None:
    turns = [(b"\xff\xfb\x01login: ", b"admin\r\n"), (b"Password: ", b"x\r\n"), (last, b"\0never")]
    assert (await asked("telnet", talking(*turns), "admin", "x")).outcome is outcome


@pytest.mark.usefixtures("brisk_telnet")
async def test_a_telnet_shell_gets_nothing_typed() -> None:
    assert (await asked("telnet", talking((b"box# ", b"\0")), "admin", "x")).outcome is TryOutcome.OPEN


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(0, TryOutcome.OPEN), (5, TryOutcome.REFUSED), (4, TryOutcome.REFUSED), (3, TryOutcome.UNCLEAR)],
)
async def test_mqtt(code: int, outcome: TryOutcome) -> None:
    assert (
        await asked("mqtt", talking((b"", b"MQTT"), (bytes((0x20, 2, 0, code)), b"\0")), "a", "x")
    ).outcome is outcome


@pytest.mark.parametrize(
    ("types", "result", "outcome"),
    [(b"\1\1", b"", TryOutcome.OPEN), (b"\1\2", b"\0\0\0\0", TryOutcome.ACCEPTED),
     (b"\1\2", b"\0\0\0\1\0\0\0\2no", TryOutcome.REFUSED), (b"\1\2", b"\0\0\0\2", TryOutcome.LOCKED),
     (b"\1\2", b"\0\0\0\1\0\0\0\x1aToo many security failures", TryOutcome.LOCKED),
     (b"\0\0\0\0\x1aToo many security failures", b"", TryOutcome.LOCKED)],
)  # fmt: skip
async def test_vnc(types: bytes, result: bytes, outcome: TryOutcome) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"RFB 003.008\n")
        await reader.readexactly(12)
        writer.write(types)
        if result:
            await reader.readexactly(1)
            writer.write(bytes(16))
            response = await reader.readexactly(16)
            assert response != bytes(16)
            writer.write(result)
        await writer.drain()

    assert (await asked("vnc", handle, "", "secret")).outcome is outcome


def test_vnc_answers_a_challenge_under_des_with_the_bits_of_the_password_mirrored() -> None:
    from agent.logins.vnc import _response

    # `openssl enc -des-ecb -K 0e86ceceeef64e26` of eight zero bytes, twice.
    assert _response(bytes(16), Credential("", Secret("password"))).hex() == "ff97502e9422f089" * 2


async def test_rtsp_answers_a_challenge_on_the_connection_that_gave_it() -> None:
    """As servers do that keep a nonce with the connection: any other is asked anew."""
    nonces = iter(range(1, 9))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = f'nonce="n{next(nonces)}"'
        while head := (await reader.readuntil(b"\r\n\r\n")).decode():
            challenge = (
                f'401 No\r\nWWW-Authenticate: Digest realm="R", {mine}\r\nContent-Length: 4\r\n\r\nnope'
            )
            is_right = mine in head and f'response="{right(mine[7:-1], head)}"' in head
            writer.write(f"RTSP/1.0 {'200 OK' if is_right else challenge}\r\n".encode() + b"\r\n" * is_right)
            await writer.drain()

    def right(nonce: str, head: str) -> str:
        asked_for = hashlib.md5(f"DESCRIBE:{head.split(' ')[1]}".encode()).hexdigest()
        return hashlib.md5(
            f"{hashlib.md5(b'admin:R:right').hexdigest()}:{nonce}:{asked_for}".encode()
        ).hexdigest()

    assert (await asked("rtsp", handle, "admin", "right")).outcome is TryOutcome.ACCEPTED
    assert (await asked("rtsp", handle, "admin", "wrong")).outcome is TryOutcome.REFUSED


async def test_rtsp() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if "YWRtaW46cmlnaHQ=" in head:
            writer.write(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
        else:
            writer.write(b'RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="c"\r\n\r\n')
        await writer.drain()

    assert (await asked("rtsp", handle, "admin", "right")).outcome is TryOutcome.ACCEPTED
    assert (await asked("rtsp", handle, "admin", "wrong")).outcome is TryOutcome.REFUSED


@pytest.mark.parametrize("reply", ["453 Not Enough Bandwidth", "503 Busy\r\nRetry-After: 300"])
async def test_rtsp_that_asks_to_come_later_is_locking(reply: str) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        challenge = '401 No\r\nWWW-Authenticate: Basic realm="c"'
        said = reply if "Authorization" in head else challenge
        writer.write(f"RTSP/1.0 {said}\r\nCSeq: 1\r\n\r\n".encode())
        await writer.drain()

    assert (await asked("rtsp", handle, "admin", "x")).outcome is TryOutcome.LOCKED


CLOCK = (
    "<tt:UTCDateTime><tt:Time><tt:Hour>9</tt:Hour><tt:Minute>0</tt:Minute><tt:Second>7</tt:Second></tt:Time>"
    "<tt:Date><tt:Year>2026</tt:Year><tt:Month>11</tt:Month><tt:Day>21</tt:Day></tt:Date></tt:UTCDateTime>"
)


async def test_onvif() -> None:
    has_clock = True

    def answer(_head: str, body: str) -> str:
        if "GetSystemDateAndTime" in body and has_clock:
            return f"200 OK\n\n{CLOCK}"
        if "<Username>admin</Username>" in body:
            return "200 OK\n\n<tds:GetUsersResponse/>"
        return "400 No\n\n<s:Value>ter:NotAuthorized</s:Value>"

    assert (await asked("onvif", http(answer), "admin", "x")).outcome is TryOutcome.ACCEPTED
    assert (await asked("onvif", http(answer), "other", "x")).outcome is TryOutcome.REFUSED
    has_clock = False  # then a token of ours may be refused for its time
    assert (await asked("onvif", http(answer), "other", "x")).outcome is TryOutcome.UNCLEAR
    opened = http(lambda _head, _body: "200 OK\n\n<tds:GetUsersResponse/>")
    assert (await asked("onvif", opened, "admin", "x")).outcome is TryOutcome.OPEN


async def test_onvif_behind_a_challenge_is_answered_by_digest_and_not_by_a_token() -> None:
    def answer(head: str, body: str) -> str:
        if "GetUsers" in body and 'Digest username="admin"' in head and "UsernameToken" not in body:
            return "200 OK\n\n<tds:GetUsersResponse/>"
        return '401 No\nWWW-Authenticate: Digest realm="R", nonce="n", qop="auth"\n\n'

    assert (await asked("onvif", http(answer), "admin", "x")).outcome is TryOutcome.ACCEPTED
    assert (await asked("onvif", http(answer), "other", "x")).outcome is TryOutcome.REFUSED


async def test_a_web_server_without_onvif_is_known_for_one() -> None:
    async with server(http(lambda _head, _body: "404 Not Found\n\n<html>no such page</html>")) as port:
        assert (await ONVIF.look(door(), permit(), Way("onvif", port))).absent
    async with server(http(lambda _head, _body: "500 Oops\n\n")) as port:
        assert not (await ONVIF.look(door(), permit(), Way("onvif", port))).absent


@pytest.mark.parametrize("protocol", [login.name for login in LOGINS if login.transport == "tcp"])
@pytest.mark.parametrize(
    "said",
    [b"", b"\0" * 400, b"SSH-2.0-x\r\n" + struct.pack(">IB", 35_001, 4), b"\xff" * 90, b"RFB 003.008\n\xff"],
)
async def test_hostile_bytes_are_never_a_login(protocol: str, said: bytes) -> None:
    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    answer = await asked(protocol, handle, "admin", "x")
    assert answer.outcome in (TryOutcome.UNCLEAR, TryOutcome.REFUSED, TryOutcome.LOCKED)
