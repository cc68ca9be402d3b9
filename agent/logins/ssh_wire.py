"""The client's half of an SSH transport (RFC 4253): key exchange, and then packets under its keys.

Old algorithms are offered last, because old devices speak nothing else and a published default is no secret
to keep from an eavesdropper. The host key is not verified: we ask about whoever answers at the address.
"""

import hashlib
import hmac
import secrets
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.utils import CryptographyDeprecationWarning

from agent.transport.talk import Link

with warnings.catch_warnings():
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

KEXINIT, NEWKEYS, KEX_START, KEX_REPLY = 20, 21, 30, 31
_IDENT: Final = b"SSH-2.0-Muster_inventory"
_CURVES: Final = ("curve25519-sha256", "curve25519-sha256@libssh.org")
# RFC 2409, section 6.2 (group 1) and RFC 3526, section 3 (group 14)
_GROUP_1: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)
_GROUP_14: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
_GROUPS: Final = {
    "diffie-hellman-group14-sha256": (_GROUP_14, "sha256"),
    "diffie-hellman-group14-sha1": (_GROUP_14, "sha1"),
    "diffie-hellman-group1-sha1": (_GROUP_1, "sha1"),
}
_EXCHANGES: Final = (*_CURVES, *_GROUPS)
_HOST_KEYS: Final = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", "ssh-dss",
)  # fmt: skip
# name → key bytes, block bytes
_CIPHERS: Final = {
    "aes128-ctr": (16, 16),
    "aes256-ctr": (32, 16),
    "aes128-cbc": (16, 16),
    "3des-cbc": (24, 8),
}
_MACS: Final = {"hmac-sha2-256": "sha256", "hmac-sha1": "sha1", "hmac-md5": "md5"}
_LARGEST: Final = 35_000


class NoAgreement(Exception):
    """The server speaks nothing we do, or stopped speaking; the message says at what point."""


@dataclass
class _Half:
    """One direction's cipher and MAC; before the keys, nothing."""

    apply: Callable[[bytes], bytes] | None = None
    mac_key: bytes = b""
    mac_name: str = ""
    block: int = 8
    number: int = 0


class SshTransport:
    """One connection; `open()` first, then `send` and `receive` payloads."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._out, self._in = _Half(), _Half()
        self._buffer = bytearray()
        self._taken = 0
        self.session = b""

    async def open(self) -> None:
        """Exchanges identification and keys; NoAgreement where that fails."""
        theirs = await self._identification()
        own_offer = _offer()
        await self._link.write(_IDENT + b"\r\n")
        await self.send(own_offer)
        their_offer = await self._of_kind(KEXINIT)
        exchange, _key, cipher_out, cipher_in, mac_out, mac_in = _agree(own_offer, their_offer)
        before = _string(_IDENT) + _string(theirs) + _string(own_offer) + _string(their_offer)
        shared, digest, name = await self._exchange(exchange, before)
        self.session = digest
        await self.send(bytes((NEWKEYS,)))
        await self._of_kind(NEWKEYS)

        def derive(letter: bytes, size: int) -> bytes:
            key = hashlib.new(name, shared + digest + letter + digest, usedforsecurity=False).digest()
            while len(key) < size:
                key += hashlib.new(name, shared + digest + key, usedforsecurity=False).digest()
            return key[:size]

        self._out = _half(cipher_out, mac_out, derive, b"ACE", self._out.number, encrypt=True)
        self._in = _half(cipher_in, mac_in, derive, b"BDF", self._in.number, encrypt=False)

    async def send(self, payload: bytes) -> None:
        """One payload in one packet (RFC 4253, section 6)."""
        half = self._out
        padding = half.block - (len(payload) + 5) % half.block
        padding += half.block if padding < 4 else 0
        packet = (
            struct.pack(">IB", len(payload) + padding + 1, padding) + payload + secrets.token_bytes(padding)
        )
        mac = _mac(half, packet)
        await self._link.write((half.apply(packet) if half.apply else packet) + mac)
        half.number += 1

    async def receive(self) -> bytes:
        """The next payload; NoAgreement where none comes."""
        half = self._in
        head = await self._clear(half.block)
        length, padding = struct.unpack_from(">IB", head)
        if not padding + 1 < length + 1 <= _LARGEST or (length + 4) % half.block:
            raise NoAgreement("a packet of impossible length")
        packet = head + await self._clear(4 + length - half.block)
        mac = await self._take(
            hashlib.new(half.mac_name, usedforsecurity=False).digest_size if half.mac_name else 0
        )
        if not hmac.compare_digest(mac, _mac(half, packet)):
            raise NoAgreement("a packet with a wrong MAC")
        half.number += 1
        return packet[5 : 4 + length - padding]

    async def _of_kind(self, kind: int) -> bytes:
        for _packet in range(8):  # ignore, debug and the like may come between
            payload = await self.receive()
            if payload[:1] == bytes((kind,)):
                return payload
            if payload[:1] == b"\x01":
                break
        raise NoAgreement(f"no message {kind}")

    async def _exchange(self, exchange: str, before: bytes) -> tuple[bytes, bytes, str]:
        """(shared secret as mpint, exchange hash, hash name) (RFC 4253, section 8; RFC 8731)."""
        if exchange in _CURVES:
            key = X25519PrivateKey.generate()
            own = _string(key.public_key().public_bytes_raw())
            host_key, theirs = await self._reply(own)
            shared = _mpint(int.from_bytes(key.exchange(X25519PublicKey.from_public_bytes(theirs)), "big"))
            their_part, name = _string(theirs), "sha256"
        else:
            prime, name = _GROUPS[exchange]
            secret = secrets.randbits(512) | 1
            own = _mpint(pow(2, secret, prime))
            host_key, theirs = await self._reply(own)
            public = int.from_bytes(theirs, "big")
            if not 1 < public < prime - 1:
                raise NoAgreement("a public value of impossible size")
            shared, their_part = _mpint(pow(public, secret, prime)), _string(theirs)
        hashed = before + _string(host_key) + own + their_part + shared
        return shared, hashlib.new(name, hashed, usedforsecurity=False).digest(), name

    async def _reply(self, own: bytes) -> tuple[bytes, bytes]:
        await self.send(bytes((KEX_START,)) + own)
        payload = await self._of_kind(KEX_REPLY)
        host_key, at = _field(payload, 1)
        theirs, _at = _field(payload, at)
        return host_key, theirs

    async def _identification(self) -> bytes:
        while True:
            head, end, _rest = bytes(self._link.heard).partition(b"\n")
            start = (b"\n" + bytes(self._link.heard)).find(b"\nSSH-")
            if start >= 0 and b"\n" in self._link.heard[start:]:
                line = bytes(self._link.heard[start:]).split(b"\n")[0]
                self._taken = start + len(line) + 1
                return line.rstrip(b"\r")
            if (end and len(head) > 4096) or not await self._link.read_some():
                raise NoAgreement("no SSH version line")

    async def _take(self, size: int) -> bytes:
        await self._link.read_at_least(self._taken + size)
        data = bytes(self._link.heard[self._taken : self._taken + size])
        if len(data) < size:
            raise NoAgreement("the server hung up")
        self._taken += size
        return data

    async def _clear(self, size: int) -> bytes:
        data = await self._take(size)
        return self._in.apply(data) if self._in.apply else data


def _half(
    cipher: str,
    mac: str,
    derive: Callable[[bytes, int], bytes],
    letters: bytes,
    number: int,
    *,
    encrypt: bool,
) -> _Half:
    key_size, block = _CIPHERS[cipher]
    vector, key = derive(letters[:1], block), derive(letters[1:2], key_size)
    hash_name = _MACS[mac]
    mac_key = derive(letters[2:], hashlib.new(hash_name, usedforsecurity=False).digest_size)
    algorithm: Any = TripleDES(key) if cipher.startswith("3des") else algorithms.AES(key)
    mode: Any = modes.CTR(vector) if cipher.endswith("ctr") else modes.CBC(vector)
    made = Cipher(algorithm, mode)
    context = made.encryptor() if encrypt else made.decryptor()
    return _Half(context.update, mac_key, hash_name, block, number)


def _mac(half: _Half, packet: bytes) -> bytes:
    if not half.mac_name:
        return b""
    return hmac.new(
        half.mac_key, struct.pack(">I", half.number & 0xFFFFFFFF) + packet, half.mac_name
    ).digest()


def _offer() -> bytes:
    lists = (_EXCHANGES, _HOST_KEYS, _CIPHERS, _CIPHERS, _MACS, _MACS, ("none",), ("none",), (), ())
    names = b"".join(_string(",".join(one).encode()) for one in lists)
    return bytes((KEXINIT,)) + secrets.token_bytes(16) + names + bytes(5)


def _agree(own: bytes, theirs: bytes) -> tuple[str, ...]:
    """Exchange, host key, ciphers and MACs: of each list the first of ours that they have (section 7.1)."""
    chosen = []
    own_at = their_at = 17
    for what in ("key exchange", "host key", "cipher", "cipher", "MAC", "MAC"):
        ours, own_at = _field(own, own_at)
        offered, their_at = _field(theirs, their_at)
        known = offered.decode("ascii", "replace").split(",")
        found = next((name for name in ours.decode("ascii").split(",") if name in known), "")
        if not found:
            raise NoAgreement(f"no {what} in common")
        chosen.append(found)
    return tuple(chosen)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _mpint(number: int) -> bytes:
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def _field(data: bytes, at: int) -> tuple[bytes, int]:
    if len(data) < at + 4:
        raise NoAgreement("a message cut off")
    size = int.from_bytes(data[at : at + 4], "big")
    if len(data) < at + 4 + size:
        raise NoAgreement("a message cut off")
    return data[at + 4 : at + 4 + size], at + 4 + size
