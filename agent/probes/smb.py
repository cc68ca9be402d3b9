"""SMB (MS-SMB2, MS-SMB): the dialects a file server speaks, and the names it gives before any login.

Harmless because NEGOTIATE (MS-SMB2, section 2.2.3) asks for capabilities only, and the NTLM exchange is left
after the server's challenge (MS-NLMP, section 2.2.1.2): no account is named, no password sent, no session
made. Whether the withdrawn first version is still spoken takes a connection of its own.
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

PORT: Final = 445

_DIALECTS: Final = {0x0202: "2.0.2", 0x0210: "2.1", 0x0300: "3.0", 0x0302: "3.0.2", 0x0311: "3.1.1"}
_SMB2, _SMB1 = b"\xfeSMB", b"\xffSMB"
_HEADER: Final = 64
_NEGOTIATE, _SESSION_SETUP, _NEGOTIATE_1 = 0, 1, 0x72
_PREAUTH, _SHA512, _SALT_BYTES = 1, 1, 32
_SIGNING_REQUIRED: Final = 2
_NO_DIALECT: Final = 0xFFFF
_NTLM: Final = b"NTLMSSP\0"
_VERSION_TOLD: Final = 0x02000000  # NTLMSSP_NEGOTIATE_VERSION
# Unicode, target name, NTLM, extended security, target info, version, 128 and 56 bits: as Windows asks.
_ASKED: Final = 0xE2898205
_TOLD: Final = {1: "smb.name", 2: "smb.domain", 3: "smb.dns-name"}  # MS-NLMP, section 2.2.2.1


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of an SMB2 NEGOTIATE response (MS-SMB2, section 2.2.4): the dialect, and how it signs."""
    body = data[_HEADER:]
    if not data.startswith(_SMB2) or data[12:14] != struct.pack("<H", _NEGOTIATE) or len(body) < 6:
        return Garbled("no SMB2 NEGOTIATE response")
    mode, dialect = struct.unpack_from("<HH", body, 2)
    if dialect not in _DIALECTS:
        return Garbled(f"no dialect known: {dialect:#06x}")
    return (
        ("smb.dialect", _DIALECTS[dialect]),
        ("smb.signing", "required" if mode & _SIGNING_REQUIRED else "offered"),
    )


def parse_challenge(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of the NTLM challenge (MS-NLMP, section 2.2.1.2) somewhere in `data`: names and build.

    `smb.build` is the operating system's version as Windows counts it; servers that only imitate one say
    build 0, and nothing is told.
    """
    begin = data.find(_NTLM + b"\x02\0\0\0")
    message = data[begin:] if begin >= 0 else b""
    if len(message) < 48:
        return Garbled("no NTLM challenge")
    flags = int.from_bytes(message[20:24], "little")
    size, _most, at = struct.unpack_from("<HHI", message, 40)
    facts = _names(message[at : at + size])
    if flags & _VERSION_TOLD and len(message) >= 56:
        major, minor, build = struct.unpack_from("<BBH", message, 48)
        facts += [("smb.build", f"{major}.{minor}.{build}")] if build else []
    return tuple(facts) or Garbled("a challenge without names")


def parse_first(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of an SMB 1 NEGOTIATE response (MS-CIFS, section 2.2.4.52): that it is spoken."""
    if not data.startswith(_SMB1) or data[4:5] != bytes((_NEGOTIATE_1,)) or len(data) < 35:
        return Garbled("no SMB 1 NEGOTIATE response")
    if not data[32] or int.from_bytes(data[33:35], "little") == _NO_DIALECT:
        return Garbled("no dialect of SMB 1")
    return (("smb.v1", "accepted"),)


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """Dialect, signing and names by SMB 2 and 3; then whether SMB 1 is spoken too."""
    service = f"tcp/{port}"
    guid, salt = (door.randomness.randbytes(size) for size in (16, _SALT_BYTES))

    async def newer(link: Link) -> list[bytes]:
        first = await _exchange(link, _negotiate(guid, salt))
        if isinstance(parse(first), Garbled):
            return [first]
        return [first, await _exchange(link, _session_setup())]

    async def first(link: Link) -> list[bytes]:
        return [await _exchange(link, _negotiate_first())]

    heard: list[bytes] = []
    facts: list[tuple[str, str]] = []
    for talk, parsers in ((newer, (parse, parse_challenge)), (first, (parse_first,))):
        got = await door.converse(permit, port, talk)
        if isinstance(got, Failed):
            return (_reply(service, facts, heard),) if facts else (failed("smb", service, got),)
        for read, message in zip(parsers, got, strict=False):
            said = read(message)
            facts += [] if isinstance(said, Garbled) else said
        heard += got
    return (_reply(service, facts, heard),)


def _reply(service: str, facts: list[tuple[str, str]], heard: list[bytes]) -> Reply:
    if not facts:
        return failed("smb", service, Garbled("no SMB"), b"".join(heard))
    return answered("smb", service, facts, b"".join(heard))


def _names(pairs: bytes) -> list[tuple[str, str]]:
    """The names in a list of attribute pairs: number, length, UTF-16 text; 0 ends it."""
    facts: list[tuple[str, str]] = []
    at = 0
    while at + 4 <= len(pairs):
        kind, size = struct.unpack_from("<HH", pairs, at)
        value = pairs[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == 0 or len(value) < size:
            break
        if kind in _TOLD and value:
            facts.append((_TOLD[kind], value.decode("utf-16-le", "replace")))
    return facts


async def _exchange(link: Link, message: bytes) -> bytes:
    """The answer to one message, without the length before it (MS-SMB2, section 2.1)."""
    start = len(link.heard)
    await link.write(struct.pack(">I", len(message)) + message)
    head = (await link.read_at_least(start + 4))[start : start + 4]
    size = int.from_bytes(head[1:], "big") if len(head) == 4 else 0
    return (await link.read_at_least(start + 4 + size))[start + 4 : start + 4 + size] if size else b""


def _header(command: int, number: int) -> bytes:
    return _SMB2 + struct.pack("<HHIHHIIQIIQ16s", _HEADER, 1, 0, command, 1, 0, 0, number, 0, 0, 0, b"")


def _negotiate(guid: bytes, salt: bytes) -> bytes:
    dialects = struct.pack(f"<{len(_DIALECTS)}H", *_DIALECTS)
    body_size = 36 + len(dialects)
    offset = -(-(_HEADER + body_size) // 8) * 8
    hashes = struct.pack("<HHH", 1, len(salt), _SHA512) + salt
    context = struct.pack("<HHI", _PREAUTH, len(hashes), 0) + hashes
    body = struct.pack("<HHHHI16sIHH", 36, len(_DIALECTS), 1, 0, 0, guid, offset, 1, 0) + dialects
    return _header(_NEGOTIATE, 0) + body.ljust(offset - _HEADER, b"\0") + context


def _session_setup() -> bytes:
    token = _spnego(_NTLM + struct.pack("<II", 1, _ASKED) + bytes(24))
    return _header(_SESSION_SETUP, 1) + struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token


def _spnego(token: bytes) -> bytes:
    """A NegTokenInit that offers NTLM alone (RFC 4178, section 4.2.1); every length here is below 128."""

    def tlv(tag: int, content: bytes) -> bytes:
        return bytes((tag, len(content))) + content

    ntlm = bytes.fromhex("060a2b06010401823702020a")
    offer = tlv(0x30, tlv(0xA0, tlv(0x30, ntlm)) + tlv(0xA2, tlv(0x04, token)))
    return tlv(0x60, bytes.fromhex("06062b0601050502") + tlv(0xA0, offer))


def _negotiate_first() -> bytes:
    """NT LM 0.12 alone: a server that has withdrawn SMB 1 hangs up."""
    header = _SMB1 + struct.pack("<BIBHH8sHHHHH", _NEGOTIATE_1, 0, 0x18, 0xC853, 0, b"", 0, 0xFFFF, 1, 0, 1)
    dialect = b"\x02NT LM 0.12\0"
    return header + b"\0" + struct.pack("<H", len(dialect)) + dialect


SMB: Final = Probe("smb", Touch.QUERY, "tcp", (PORT,), ask)
