"""SSH (RFC 4253): the version banner and the host key.

Harmless because the key exchange comes before any user name (RFC 4253, section 7); we hang up when the host
key is known. Nobody is logged in and no password is tried.
"""

import hashlib
import secrets
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.probes.unfinished import finished_lines
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

_BANNER: Final = b"SSH-2.0-Muster_inventory\r\n"
_KEXINIT, _KEX_START, _KEX_REPLY = 20, 30, 31
_CURVE: Final = ("curve25519-sha256", "curve25519-sha256@libssh.org")
_GROUP_2048: Final = ("diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1")
_HOST_KEYS: Final = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", "ssh-dss",
)  # fmt: skip
_CIPHERS: Final = ("aes128-ctr", "aes256-ctr", "aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com",
                   "aes128-cbc", "aes256-cbc", "3des-cbc")  # fmt: skip
_MACS: Final = ("hmac-sha2-256", "hmac-sha2-512", "hmac-sha1", "hmac-sha2-256-etm@openssh.com", "hmac-md5")
# RFC 3526, group 14: 2^2048 - 2^1984 - 1 + 2^64 * (floor(2^1918 pi) + 124476)
_PRIME_2048: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
_LARGEST_PACKET: Final = 35_000  # RFC 4253, section 6.1


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server's KEXINIT offers, in its order."""

    key_exchanges: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]


def parse_banner(data: bytes) -> str | Garbled:
    """The software version after `SSH-2.0-`; lines before it are allowed (RFC 4253, section 4.2)."""
    for line in finished_lines(text_of(data)).split("\n")[:50]:
        if line.startswith("SSH-") and line.count("-") >= 2:
            return line.strip().split("-", 2)[2]
    return Garbled("no SSH version line")


def parse_packets(data: bytes) -> list[bytes]:
    """The payloads of the whole, unencrypted packets at the start of `data` (RFC 4253, section 6)."""
    payloads, at = [], 0
    while len(data) >= at + 5:
        length, padding = struct.unpack_from(">IB", data, at)
        if not 2 <= length <= _LARGEST_PACKET or padding + 1 > length or len(data) < at + 4 + length:
            break
        payloads.append(data[at + 5 : at + 4 + length - padding])
        at += 4 + length
    return payloads


def parse_offer(payload: bytes) -> Offer | Garbled:
    """A KEXINIT payload (RFC 4253, section 7.1)."""
    if payload[:1] != bytes((_KEXINIT,)):
        return Garbled("no KEXINIT")
    at, lists = 17, []
    for _number in range(6):
        text = _string(payload, at)
        if text is None:
            return Garbled("KEXINIT cut off")
        at += 4 + len(text)
        lists.append(tuple(name for name in text.decode("ascii", "replace").split(",") if name))
    return Offer(lists[0], lists[1], lists[3], lists[5])


def parse_host_key(payload: bytes) -> tuple[str, bytes] | Garbled:
    """(kind, blob) of the host key in the server's key exchange reply (RFC 4253, section 8; RFC 5656)."""
    if payload[:1] != bytes((_KEX_REPLY,)):
        return Garbled("no key exchange reply")
    blob = _string(payload, 1)
    kind = _string(blob, 0) if blob else None
    if blob is None or kind is None:
        return Garbled("host key cut off")
    return kind.decode("ascii", "replace"), blob


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """Banner, offered algorithms and host key, as far as the server goes along."""
    service = f"tcp/{port}"
    got = await door.converse(permit, port, _exchange)
    if isinstance(got, Failed):
        return (failed("ssh", service, got),)
    heard, facts = got
    banner = parse_banner(heard)
    if isinstance(banner, Garbled):
        return (failed("ssh", service, banner, heard),)
    return (answered("ssh", service, [("ssh_banners", banner), *facts], heard),)


async def _exchange(link: Link) -> tuple[bytes, list[tuple[str, str]]]:
    facts: list[tuple[str, str]] = []
    while isinstance(parse_banner(bytes(link.heard)), Garbled) or not link.heard.endswith(b"\n"):
        if b"\nSSH-" in b"\n" + link.heard and b"\n" in link.heard[link.heard.find(b"SSH-") :]:
            break
        if not await link.read_some():
            return bytes(link.heard), facts
    begin = link.heard.find(b"\n", (b"\n" + link.heard).find(b"\nSSH-")) + 1
    key = X25519PrivateKey.generate()
    await link.write(_BANNER + _packet(_kexinit()))
    first = await _payload(link, begin, _KEXINIT)
    offer = parse_offer(first)
    if isinstance(offer, Garbled):
        return bytes(link.heard), facts
    facts += [("ssh.kex", ",".join(offer.key_exchanges)), ("ssh.ciphers", ",".join(offer.ciphers))]
    facts += [("ssh.macs", ",".join(offer.macs)), ("ssh.hostkey_kinds", ",".join(offer.host_keys))]
    chosen = next((name for name in (*_CURVE, *_GROUP_2048) if name in offer.key_exchanges), "")
    if chosen in _CURVE:
        start = _field(key.public_key().public_bytes_raw())
    elif chosen:
        start = _mpint(pow(2, secrets.randbits(512) | 1, _PRIME_2048))
    else:
        return bytes(link.heard), facts
    await link.write(_packet(bytes((_KEX_START,)) + start))
    host_key = parse_host_key(await _payload(link, begin, _KEX_REPLY))
    if not isinstance(host_key, Garbled):
        kind, blob = host_key
        facts += [("ssh.hostkey", hashlib.sha256(blob).hexdigest()), ("ssh.hostkey_kind", kind)]
    return bytes(link.heard), facts


async def _payload(link: Link, begin: int, kind: int) -> bytes:
    """The first payload of a kind after the banner, empty where none comes."""
    while True:
        for payload in parse_packets(bytes(link.heard[begin:])):
            if payload[:1] == bytes((kind,)):
                return payload
        if not await link.read_some():
            return b""


def _kexinit() -> bytes:
    lists = (
        (*_CURVE, *_GROUP_2048),
        _HOST_KEYS,
        _CIPHERS,
        _CIPHERS,
        _MACS,
        _MACS,
        ("none",),
        ("none",),
        (),
        (),
    )
    fields = b"".join(_field(",".join(names).encode()) for names in lists)
    return bytes((_KEXINIT,)) + secrets.token_bytes(16) + fields + bytes(5)


def _packet(payload: bytes) -> bytes:
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def _field(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _mpint(number: int) -> bytes:
    return _field(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _string(data: bytes, at: int) -> bytes | None:
    if len(data) < at + 4:
        return None
    size = int.from_bytes(data[at : at + 4], "big")
    return data[at + 4 : at + 4 + size] if len(data) >= at + 4 + size else None


SSH: Final = Probe("ssh", Touch.QUERY, "tcp", (22,), ask)
