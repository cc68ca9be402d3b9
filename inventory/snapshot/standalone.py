"""Checks the snapshot this file lies in, without Muster: python3 verify.py [TRUSTED-KEY.pem]

本程式檢查所在資料夾之清冊快照是否曾遭更動，不需安裝 Muster；可另外指定可信任之公開金鑰檔。
Without the package `cryptography` only digests are checked. Compare the signer with one you were told by
another way: a stranger could replace this file too.
"""

import pathlib
import re
import sys
from hashlib import sha256

HERE = pathlib.Path(__file__).resolve().parent
MANIFEST, SIGNATURE, KEY = "MANIFEST.sha256", "MANIFEST.sha256.sig", "signer.pub.pem"


def problems(trusted: "bytes | None") -> "list[str]":
    """One line for each thing that is not as it was frozen."""
    found = [f"missing: {name}" for name in (MANIFEST, SIGNATURE, KEY) if not (HERE / name).is_file()]
    if found:
        return found
    manifest, key = (HERE / MANIFEST).read_bytes(), (HERE / KEY).read_bytes()
    lines = manifest.decode("ascii", "replace").splitlines()
    rows = [re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*)", line) for line in lines]
    if not all(rows):
        return [f"damaged: {MANIFEST}"]
    told = {row.group(2): row.group(1) for row in rows if row}
    there = {file.name: file.is_file() and not file.is_symlink() for file in HERE.iterdir()}
    here = [name for name in sorted(told) if there.get(name)]
    found += [f"missing: {name}" for name in sorted({*told} - {*here})]
    found += [f"changed: {one}" for one in here if sha256((HERE / one).read_bytes()).hexdigest() != told[one]]
    found += [f"added: {name}" for name in sorted({*there} - {*told, MANIFEST, SIGNATURE, KEY})]
    if trusted is not None and trusted.strip() != key.strip():
        found.append("signed by another key than the trusted one")
    return found + signature_problems(manifest, key)


def signature_problems(manifest: bytes, key: bytes) -> "list[str]":
    """Whether the key beside the manifest signed exactly this manifest."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        public = load_pem_public_key(key)
        if not isinstance(public, Ed25519PublicKey):
            return ["bad signature: not an Ed25519 key"]
        public.verify(bytes.fromhex((HERE / SIGNATURE).read_text("ascii")), manifest)
    except ImportError:
        return ["signature NOT checked: install the package cryptography"]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is not a good signature
        return [f"bad signature: {type(error).__name__}"]
    return []


if __name__ == "__main__":
    wrong = problems(pathlib.Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else None)
    print("\n".join(wrong) or "untouched since it was signed 未經更動")
    if (HERE / KEY).is_file():
        print("signer", sha256((HERE / KEY).read_bytes()).hexdigest()[:32])
    sys.exit(10 if wrong else 0)
