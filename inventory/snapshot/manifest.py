"""MANIFEST.sha256: the digest of every file of a snapshot, in the form `sha256sum -c` reads."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

MANIFEST = "MANIFEST.sha256"
SIGNATURE = "MANIFEST.sha256.sig"
PUBLIC_KEY = "signer.pub.pem"

# These speak of the manifest, so it cannot speak of them.
BESIDE_THE_MANIFEST = frozenset((MANIFEST, SIGNATURE, PUBLIC_KEY))

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*)")
_CHUNK = 1 << 20


def manifest_of(digests: Mapping[str, str]) -> bytes:
    """The manifest of the files with these digests (name → SHA-256 in hex), sorted by name."""
    lines = [f"{digests[name]}  {name}\n" for name in sorted(digests)]
    return "".join(lines).encode("ascii")


def read_manifest(content: bytes) -> dict[str, str] | None:
    """Name → digest; None where any line is not exactly as `manifest_of` writes it, or a name comes twice."""
    listed: dict[str, str] = {}
    lines = content.decode("ascii", errors="replace").split("\n")
    if lines.pop() != "":
        return None
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match.group(2) in listed:
            return None
        listed[match.group(2)] = match.group(1)
    return listed if list(listed) == sorted(listed) else None


def digest_of(file: Path) -> str:
    """The SHA-256 of a file in hex, read piece by piece."""
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while piece := handle.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()
