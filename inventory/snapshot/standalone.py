"""Checks the snapshot this file lies in, without Muster: python3 verify.py [TRUSTED-KEY.pem]

本程式檢查所在資料夾之清冊快照是否曾遭更動，不需安裝 Muster；可另外指定可信任之公開金鑰檔。
The signature needs the package `cryptography`; without it only the digests are checked, and that is said.
A stranger could replace this file too: compare the signer with one you were told by another way.
"""

import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
MANIFEST, SIGNATURE, KEY = "MANIFEST.sha256", "MANIFEST.sha256.sig", "signer.pub.pem"


def problems(trusted: "bytes | None") -> "list[str]":
    """One line for each thing that is not as it was frozen."""
    found = [f"missing: {name}" for name in (MANIFEST, SIGNATURE, KEY) if not (HERE / name).is_file()]
    if found:
        return found
    manifest, listed = (HERE / MANIFEST).read_bytes(), {}
    for line in manifest.decode("ascii", "replace").splitlines():
        match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*)", line)
        if match is None:
            return [f"damaged: {MANIFEST}"]
        listed[match.group(2)] = match.group(1)
    for name, digest in sorted(listed.items()):
        file = HERE / name
        if not file.is_file() or file.is_symlink():
            found.append(f"missing: {name}")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            found.append(f"changed: {name}")
    known = {*listed, MANIFEST, SIGNATURE, KEY}
    found += [f"added: {file.name}" for file in sorted(HERE.iterdir()) if file.name not in known]
    key = (HERE / KEY).read_bytes()
    if trusted is not None and trusted.strip() != key.strip():
        found.append("signed by another key than the trusted one")
    return found + signature_problems(manifest, key)


def signature_problems(manifest: bytes, key: bytes) -> "list[str]":
    """Whether the key beside the manifest signed exactly this manifest."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        return ["signature NOT checked: install the package cryptography"]
    try:
        signature = bytes.fromhex((HERE / SIGNATURE).read_text("ascii"))
        public = load_pem_public_key(key)
        if not isinstance(public, Ed25519PublicKey):
            return ["bad signature: not an Ed25519 key"]
        public.verify(signature, manifest)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is not a good signature
        return [f"bad signature: {type(error).__name__}"]
    return []


if __name__ == "__main__":
    wrong = problems(pathlib.Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else None)
    print("\n".join(wrong) or "untouched since it was signed 未經更動")
    if (HERE / KEY).is_file():
        print("signer", hashlib.sha256((HERE / KEY).read_bytes()).hexdigest()[:32])
    sys.exit(10 if wrong else 0)
