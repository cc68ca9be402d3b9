"""Ed25519 (RFC 8032) over the manifest: who froze this, and that nobody has touched it since."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from inventory.language import _
from inventory.snapshot.faults import Unreadable, Unwritable

KEY_FILE = "snapshot-signing-key.pem"

_SIGNATURE = re.compile(rb"[0-9a-f]{128}\n")


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key that signs manifests; the signature of the same bytes is always the same."""

    key: Ed25519PrivateKey

    @property
    def public_pem(self) -> bytes:
        """The public key as PEM, to lie beside the manifest."""
        return _pem(self.key.public_key())

    def sign(self, manifest: bytes) -> bytes:
        """The signature of `manifest` in hex, with a newline."""
        return self.key.sign(manifest).hex().encode("ascii") + b"\n"


def signer_at(folder: Path) -> Signer:
    """The signer whose key lies in `folder`, made there on first use, readable by its owner alone (0600).

    Unreadable where the file is no Ed25519 key, Unwritable where it cannot be made.
    """
    place = folder / KEY_FILE
    try:
        if not place.exists():
            _make_key(place)
        pem = place.read_bytes()
    except OSError as error:
        raise Unwritable(
            _("{place}: cannot be used as the signing key: {error}").format(place=place, error=error.strerror)
        ) from error
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unreadable(_("{place}: not a signing key").format(place=place)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unreadable(_("{place}: not an Ed25519 key").format(place=place))
    return Signer(key)


def own_public_key(folder: Path) -> bytes | None:
    """The public half (PEM) of the key in `folder`; None where none was made yet."""
    return signer_at(folder).public_pem if (folder / KEY_FILE).exists() else None


def is_signed(manifest: bytes, signature: bytes, public_pem: bytes) -> bool:
    """True where `signature` is the key's own over exactly these bytes."""
    key = _public_key(public_pem)
    if key is None or not _SIGNATURE.fullmatch(signature):
        return False
    try:
        key.verify(bytes.fromhex(signature.decode("ascii")), manifest)
    except InvalidSignature:
        return False
    return True


def is_public_key(public_pem: bytes) -> bool:
    """True for an Ed25519 public key, PEM, byte for byte as `Signer.public_pem` writes it."""
    return _public_key(public_pem) is not None


def fingerprint(public_pem: bytes) -> str:
    """What two people compare by telephone: the first 16 bytes of the key's SHA-256, in groups of four."""
    digest = hashlib.sha256(public_pem).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _public_key(public_pem: bytes) -> Ed25519PublicKey | None:
    try:
        key = load_pem_public_key(public_pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    # One key has many PEM spellings; only ours is accepted, so that every flipped byte shows.
    return key if isinstance(key, Ed25519PublicKey) and _pem(key) == public_pem else None


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _make_key(place: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    place.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(pem)
