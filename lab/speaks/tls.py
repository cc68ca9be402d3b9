"""The TLS that a pretend device offers: its own certificate, its own idea of versions.

The key is derived from MAC and serial, so that a device keeps its identity from one lab to
the next; nothing secret rests on it.
"""

import hashlib
import ssl
import tempfile
import warnings
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import field_validator

from lab.speaks.host import Host
from lab.speaks.settings import Settings

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
Version = Literal["1.0", "1.1", "1.2", "1.3"]


class Tls(Settings):
    """Certificate and versions; subject and issuer are RFC 4514 names, `CN=…,O=…,C=TW`."""

    subject: str
    issuer: str = ""
    """Empty: signed by itself."""
    names: tuple[str, ...] = ()
    """DNS names in subjectAltName."""
    not_before: date = date(2020, 1, 1)
    not_after: date = date(2038, 1, 1)
    key: Literal["ec", "rsa-1024", "rsa-2048"] = "ec"
    minimum: Version = "1.2"
    maximum: Version = "1.3"
    ciphers: str = ""
    """OpenSSL cipher list for TLS 1.2 and below; empty takes what fits the versions."""

    @field_validator("subject", "issuer")
    @classmethod
    def _is_a_name(cls, written: str) -> str:
        if written:
            x509.Name.from_rfc4514_string(written)
        return written


def context(host: Host, settings: Tls) -> ssl.SSLContext:
    """A server context for that device."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        # Old versions are offered on purpose: that is what the device is known for.
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = _VERSIONS[settings.minimum]
        made.maximum_version = _VERSIONS[settings.maximum]
    old = settings.minimum in ("1.0", "1.1") or settings.key == "rsa-1024"
    made.set_ciphers(settings.ciphers or ("ALL:@SECLEVEL=0" if old else "DEFAULT"))
    with tempfile.NamedTemporaryFile() as both:
        both.write(_pem(host.mac, host.serial, settings))
        both.flush()
        made.load_cert_chain(both.name)
    return made


@lru_cache(maxsize=256)
def _pem(mac: str, serial: str, settings: Tls) -> bytes:
    seed = hashlib.sha256(f"{mac} {serial} {settings.subject}".encode()).digest()
    key = _key(seed, settings.key)
    subject = x509.Name.from_rfc4514_string(settings.subject)
    issuer = x509.Name.from_rfc4514_string(settings.issuer) if settings.issuer else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seed[:8], "big") >> 1 | 1)
        .not_valid_before(_midnight(settings.not_before))
        .not_valid_after(_midnight(settings.not_after))
    )
    if settings.names:
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in settings.names])
        builder = builder.add_extension(names, critical=False)
    certificate = builder.sign(
        key, hashes.SHA256(), ecdsa_deterministic=True if settings.key == "ec" else None
    )
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem) + key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _key(seed: bytes, kind: str) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if kind == "ec":
        number = int.from_bytes(seed, "big") % (_P256_ORDER - 1) + 1
        return ec.derive_private_key(number, ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65_537, key_size=int(kind.removeprefix("rsa-")))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
