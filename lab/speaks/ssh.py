"""The open part of SSH (RFC 4253): version line, KEXINIT and the host key of the exchange.

A client learns banner, algorithms and host key (curve25519-sha256 with ssh-ed25519, RFC 8731
and 8709) and is then hung up on: nobody can log in here. Real dropbear is a daemon.
"""

import asyncio
import hashlib
import struct

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_KEXINIT, _NEWKEYS, _ECDH_INIT, _ECDH_REPLY = 20, 21, 30, 31
_LARGEST_PACKET = 35_000
_KEX = "curve25519-sha256,curve25519-sha256@libssh.org"
_KEY_TYPE = b"ssh-ed25519"


class SshSettings(PortSettings):
    """An SSH server: its version line and what it offers, each list parted by commas."""

    port: Port = 22
    version: str = "OpenSSH_8.4"
    """The text behind `SSH-2.0-`."""
    kex: str = _KEX
    host_keys: str = "ssh-ed25519"
    ciphers: str = "chacha20-poly1305@openssh.com,aes256-ctr,aes128-ctr"
    macs: str = "hmac-sha2-256,hmac-sha1"


async def serve(host: Host, settings: SshSettings) -> Speaking:
    """Greet, offer, prove the host key when curve25519 is agreed; OSError when taken."""
    key = Ed25519PrivateKey.from_private_bytes(
        hashlib.sha256(f"ssh {host.mac} {host.serial}".encode()).digest()
    )

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own_line = f"SSH-2.0-{settings.version}".encode("latin-1", "replace")
        own_offer = _offer(settings)
        writer.write(own_line + b"\r\n")
        await writer.drain()
        their_line = (await reader.readuntil(b"\n")).rstrip(b"\r\n")
        if not their_line.startswith(b"SSH-"):
            raise Malformed("not an SSH client")
        writer.write(_packet(own_offer))
        await writer.drain()
        their_offer = await _read_packet(reader)
        asked = await _read_packet(reader)
        if "curve25519" not in settings.kex or not asked or asked[0] != _ECDH_INIT:
            return
        spoken = (their_line, own_line, their_offer, own_offer)
        writer.write(_packet(_reply(key, spoken, asked)) + _packet(bytes((_NEWKEYS,))))

    return await host.tcp(settings.port, talk)


def _offer(settings: SshSettings) -> bytes:
    lists = (
        settings.kex,
        settings.host_keys,
        settings.ciphers,
        settings.ciphers,
        settings.macs,
        settings.macs,
        "none",
        "none",
        "",
        "",
    )
    cookie = hashlib.sha256(settings.version.encode()).digest()[:16]
    names = b"".join(_string(each.encode("ascii")) for each in lists)
    return bytes((_KEXINIT,)) + cookie + names + b"\0" * 5


def _reply(key: Ed25519PrivateKey, spoken: tuple[bytes, bytes, bytes, bytes], asked: bytes) -> bytes:
    """SSH_MSG_KEX_ECDH_REPLY (RFC 5656 section 4): host key, own point, signed exchange hash."""
    theirs = asked[5:37]
    ephemeral = X25519PrivateKey.generate()
    try:
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs))
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("not a point of curve25519") from None
    own = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    host_key = _string(_KEY_TYPE) + _string(public)
    exchanged = b"".join(_string(each) for each in (*spoken, host_key, theirs, own))
    digest = hashlib.sha256(exchanged + _positive(secret)).digest()
    signature = _string(_KEY_TYPE) + _string(key.sign(digest))
    return bytes((_ECDH_REPLY,)) + _string(host_key) + _string(own) + _string(signature)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _positive(data: bytes) -> bytes:
    """An mpint (RFC 4251 section 5) from big-endian bytes."""
    bare = data.lstrip(b"\0")
    return _string(b"\0" + bare if bare and bare[0] & 0x80 else bare)


def _packet(payload: bytes) -> bytes:
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + b"\0" * padding


async def _read_packet(reader: asyncio.StreamReader) -> bytes:
    length, padding = struct.unpack(">IB", await reader.readexactly(5))
    if not padding + 1 < length <= _LARGEST_PACKET:
        raise Malformed("bad packet length")
    rest: bytes = await reader.readexactly(length - 1)
    return rest[: length - 1 - padding]
