"""The user-based security model of SNMPv3: keys, digests and ciphers, over bytes (RFC 3414, 3826, 7860).

Nothing of the message's form is known here; that is agent.snmp_codec's.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from inventory.vault import SnmpUser

# Bytes of the truncated digest (RFC 3414, 6.3.1 and 7.3.1; RFC 7860, 4.1).
_DIGEST_BYTES: Final = {"md5": 12, "sha": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
_HASHES: Final = {"sha": "sha1"}
_STRETCHED: Final = 1_048_576  # bytes of repeated passphrase (RFC 3414, A.2)
_AES_KEY, _DES_KEY = 16, 8
SALT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Engine:
    """An authoritative engine: its id, how often it started, and its clock (seconds) when it said so."""

    id: bytes
    boots: int = 0
    time: int = 0


@dataclass(frozen=True, slots=True)
class Keys:
    """What one user's passphrases come to at one engine."""

    user: str
    hash: str
    authentication: bytes = field(repr=False)
    cipher: str = ""
    privacy: bytes = field(default=b"", repr=False)

    @property
    def digest_size(self) -> int:
        """Bytes of a message's digest."""
        return _DIGEST_BYTES[self.hash]

    def digest(self, message: bytes) -> bytes:
        """The digest of a message whose own digest is zeros."""
        full = hmac.digest(self.authentication, message, _HASHES.get(self.hash, self.hash))
        return full[: self.digest_size]

    def sealed(self, plain: bytes, engine: Engine, salt: bytes) -> bytes:
        """The scoped PDU in cipher; `salt` (8 bytes) must never come twice."""
        if self.cipher == "des":
            padded = plain + bytes(-len(plain) % _DES_KEY)
            return self._cipher(engine, salt).encryptor().update(padded)
        return self._cipher(engine, salt).encryptor().update(plain)

    def opened(self, sealed: bytes, engine: Engine, salt: bytes) -> bytes:
        """The scoped PDU in plain (DES leaves its padding behind it); ValueError where it cannot be."""
        if len(salt) != SALT_BYTES or (self.cipher == "des" and len(sealed) % _DES_KEY):
            raise ValueError("not what the cipher makes")
        return self._cipher(engine, salt).decryptor().update(sealed)

    def _cipher(self, engine: Engine, salt: bytes) -> "Cipher[CFB] | Cipher[CBC]":
        if self.cipher == "des":  # RFC 3414, 8.1.1
            start = bytes(a ^ b for a, b in zip(self.privacy[_DES_KEY:16], salt, strict=True))
            return Cipher(TripleDES(self.privacy[:_DES_KEY] * 3), CBC(start))
        start = engine.boots.to_bytes(4, "big") + engine.time.to_bytes(4, "big") + salt  # RFC 3826, 3.1.2.1
        return Cipher(AES(self.privacy[:_AES_KEY]), CFB(start))


def keys_of(user: SnmpUser, engine_id: bytes) -> Keys:
    """The user's keys, localized for one engine (RFC 3414, 2.6)."""
    name = _HASHES.get(user.authentication, user.authentication)

    def local(passphrase: str) -> bytes:
        key = _stretched(passphrase, name)
        return hashlib.new(name, key + engine_id + key, usedforsecurity=True).digest()

    privacy = local(user.privacy_secret) if user.privacy else b""
    return Keys(user.name, user.authentication, local(user.secret), user.privacy, privacy)


@lru_cache(maxsize=64)
def _stretched(passphrase: str, name: str) -> bytes:
    """A megabyte hashed: once for each user, not for each device."""
    text = passphrase.encode()
    whole = text * (_STRETCHED // len(text) + 1)
    return hashlib.new(name, whole[:_STRETCHED]).digest()
