"""SMB (MS-SMB2, MS-CIFS): the negotiation and the NTLM challenge of a file server that lets nobody in."""

import asyncio
import re
import struct
from typing import Literal

from pydantic import field_validator

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings, YesNo

_NEWER, _FIRST = b"\xfeSMB", b"\xffSMB"
_NEGOTIATE, _SESSION_SETUP = 0, 1
_FIRST_NEGOTIATE = 0x72
_MORE_PROCESSING_REQUIRED, _LOGON_FAILURE, _NOT_SUPPORTED = 0xC0000016, 0xC000006D, 0xC00000BB
_DIALECTS = {"2.0.2": 0x0202, "2.1": 0x0210, "3.0": 0x0300, "3.0.2": 0x0302, "3.1.1": 0x0311}
_NTLM = b"NTLMSSP\0"
_CHALLENGE_FLAGS = 0xE2898215
_LONGEST = 65_536
_MOST_MESSAGES = 10


class SmbSettings(PortSettings):
    """A file server; `build` is the version as Windows counts it, 6.1.0 as others pretend."""

    port: Port = 445
    name: str = "{hostname}"
    domain: str = "WORKGROUP"
    newest: Literal["2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"] = "3.1.1"
    signing: Literal["offered", "required"] = "offered"
    build: str = "6.1.0"
    v1: YesNo = False
    """SMB 1 is spoken too."""

    @field_validator("build")
    @classmethod
    def _is_three_numbers(cls, written: str) -> str:
        if not re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,5}", written):
            raise ValueError("is not major.minor.build")
        return written


async def serve(host: Host, settings: SmbSettings) -> Speaking:
    """Negotiate with everyone and challenge whoever wants a session; OSError when taken."""
    name = settings.name.replace("{hostname}", host.hostname)[:15].upper()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(_MOST_MESSAGES):
            size = int.from_bytes(await reader.readexactly(4))
            if size > _LONGEST:
                raise Malformed("not an SMB message")
            answer = _answer(host, settings, name, await reader.readexactly(size))
            writer.write(struct.pack(">I", len(answer)) + answer)
            await writer.drain()

    return await host.tcp(settings.port, talk)


def _answer(host: Host, settings: SmbSettings, name: str, message: bytes) -> bytes:
    if message.startswith(_FIRST) and settings.v1 and message[4:5] == bytes((_FIRST_NEGOTIATE,)):
        return _first(message, settings)
    if not message.startswith(_NEWER) or len(message) < 66:
        raise Malformed("not a version of SMB that is spoken here")  # hang up, as Windows does
    command = int.from_bytes(message[12:14], "little")
    if command == _NEGOTIATE:
        return _negotiated(host, settings, message)
    if command != _SESSION_SETUP:
        return _header(message, _NOT_SUPPORTED) + struct.pack("<HHI", 9, 0, 0) + b"\0"
    if _NTLM + b"\x01" in message:
        token = _wrapped(_challenge(settings, name))
        body = struct.pack("<HHHH", 9, 0, 72, len(token)) + token
        return _header(message, _MORE_PROCESSING_REQUIRED) + body
    host.log_login("smb", "", "refused")
    return _header(message, _LOGON_FAILURE) + struct.pack("<HHI", 9, 0, 0) + b"\0"


def _negotiated(host: Host, settings: SmbSettings, message: bytes) -> bytes:
    count = int.from_bytes(message[66:68], "little")
    if len(message) < 100 + 2 * count:
        raise Malformed("a negotiation cut off")
    offered = struct.unpack_from(f"<{count}H", message, 100)
    spoken = [number for number in offered if number <= _DIALECTS[settings.newest]]
    if not spoken:
        return _header(message, _NOT_SUPPORTED) + struct.pack("<HHI", 9, 0, 0) + b"\0"
    mode = 3 if settings.signing == "required" else 1
    guid = bytes.fromhex(host.mac.replace(":", "")).ljust(16, b"\x4d")
    fixed = struct.pack("<HHHH16sIIII", 65, mode, max(spoken), 0, guid, 0, 65_536, 65_536, 65_536)
    return _header(message, 0) + fixed + struct.pack("<QQHHI", 0, 0, 128, 0, 0)


def _first(message: bytes, settings: SmbSettings) -> bytes:
    mode = 0x0F if settings.signing == "required" else 0x03
    words = struct.pack("<HBHHIIIIQHB", 0, mode, 50, 1, 16_644, 65_536, 0, 0x8000F3FD, 0, 0, 0)
    return message[:9] + b"\x88" + message[10:32] + bytes((17,)) + words + struct.pack("<H", 16) + bytes(16)


def _challenge(settings: SmbSettings, name: str) -> bytes:
    """MS-NLMP section 2.2.1.2, with names as attribute pairs."""
    pairs = b"".join(
        struct.pack("<HH", kind, 2 * len(text)) + text.encode("utf-16-le")
        for kind, text in ((2, settings.domain), (1, name), (4, settings.domain.lower()), (3, name.lower()))
    )
    pairs += bytes(4)
    target = settings.domain.encode("utf-16-le")
    major, minor, build = (int(number) for number in settings.build.split("."))
    fields = struct.pack("<HHI", len(target), len(target), 56)
    info = struct.pack("<HHI", len(pairs), len(pairs), 56 + len(target))
    version = struct.pack("<BBHxxxB", major, minor, build, 15)
    head = _NTLM + struct.pack("<I", 2) + fields + struct.pack("<I", _CHALLENGE_FLAGS)
    return head + b"labslab!" + bytes(8) + info + version + target + pairs


def _wrapped(token: bytes) -> bytes:
    """A NegTokenResp (RFC 4178 section 4.2.2) that goes on with NTLM."""

    def tlv(tag: int, content: bytes) -> bytes:
        size = len(content)
        return bytes((tag,)) + (bytes((size,)) if size < 128 else b"\x82" + size.to_bytes(2)) + content

    state = tlv(0xA0, b"\x0a\x01\x01")
    mechanism = tlv(0xA1, bytes.fromhex("060a2b06010401823702020a"))
    return tlv(0xA1, tlv(0x30, state + mechanism + tlv(0xA2, tlv(0x04, token))))


def _header(message: bytes, status: int) -> bytes:
    """The request's own header, turned into an answer with that status."""
    flags = struct.pack("<I", 1)
    return message[:8] + struct.pack("<I", status) + message[12:16] + flags + message[20:64]
