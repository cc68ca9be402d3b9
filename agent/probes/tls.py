"""TLS (RFC 8446, 5246): the certificate, and the versions and broken ciphers a server agrees to.

Harmless because a handshake is what every browser does; no application data follows where only the
certificate is wanted. Old versions and weak ciphers are accepted, for that is what is to be found out; those
the server does not choose by itself are asked for by `tls_offer`.
"""

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from agent.permit import Permit
from agent.probes import tls_offer
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.transport.door import Door
from agent.transport.talk import Encryption, Failed, Link
from inventory.types import ProbeOutcome, Touch

CERTIFICATE_PORTS: Final = (5061, 8009, 8883)

_SHORT: Final = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.COUNTRY_NAME: "C",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.EMAIL_ADDRESS: "emailAddress",
}


def parse(certificate: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a DER certificate: subject, issuer, key digest, dates, alternative names.

    Names are written most specific first, `CN=…,OU=…,O=…`, as RFC 4514 does.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # devices break the rules of certificates; we only read them
            read = x509.load_der_x509_certificate(certificate)
            facts = [("x509_subjects", _name(read.subject)), ("x509_issuers", _name(read.issuer))]
            facts += [
                ("tls.not_before", read.not_valid_before_utc.date().isoformat()),
                ("tls.not_after", read.not_valid_after_utc.date().isoformat()),
                ("tls.self_signed", "yes" if read.subject == read.issuer else "no"),
            ]
            facts += [("tls.alternative_name", name) for name in _alternative_names(read)]
            key = read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            facts.append(("tls.key", hashlib.sha256(key).hexdigest()))
    except Exception as error:  # noqa: BLE001 - the library raises what it likes on hostile bytes
        return Garbled(f"not a certificate: {type(error).__name__}")
    return tuple(facts)


def reply(service: str, encryption: Encryption) -> Reply:
    """The observation a finished handshake gives."""
    facts = [("tls.version", encryption.version), ("tls.cipher", encryption.cipher)]
    if encryption.certificate:
        read = parse(encryption.certificate)
        if not isinstance(read, Garbled):
            facts += read
    return answered("tls", service, facts, encryption.certificate or encryption.version.encode())


async def with_offer(door: Door, permit: Permit, port: int, replies: Iterable[Reply]) -> tuple[Reply, ...]:
    """`replies` with what else the server would agree to, told in the handshake's own reply.

    A server whose only versions or ciphers are too old for us is asked too: it speaks TLS all the same.
    """
    told = list(replies)
    at = next((at for at, one in enumerate(told) if one.source == "tls"), None)
    if at is not None and told[at].outcome is ProbeOutcome.ANSWERED:
        highest = next((fact.value for fact in told[at].facts if fact.name == "tls.version"), "")
        offered = answered("tls", told[at].service, await tls_offer.ask(door, permit, port, highest), b"")
        told[at] = replace(told[at], facts=(*told[at].facts, *offered.facts))
    elif all(one.outcome is ProbeOutcome.GARBLED for one in told):
        facts = await tls_offer.ask(door, permit, port, "")
        told += [answered("tls", f"tcp/{port}", facts, repr(facts).encode())] if facts else []
    return tuple(told)


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The handshake alone, and what else might have come of it."""
    return await with_offer(door, permit, port, [await handshake(door, permit, port)])


async def handshake(door: Door, permit: Permit, port: int) -> Reply:
    """One handshake, and the certificate it shows."""

    async def talk(link: Link) -> Encryption | None:
        return link.encryption

    got = await door.converse(permit, port, talk, tls=True)
    service = f"tcp/{port}"
    if isinstance(got, Failed) or got is None:
        return failed("tls", service, got or Garbled("no handshake"))
    return reply(service, got)


def _name(name: x509.Name) -> str:
    parts = [
        f"{_SHORT.get(attribute.oid, attribute.oid.dotted_string)}={_escaped(str(attribute.value))}"
        for rdn in reversed(list(name.rdns))
        for attribute in rdn
    ]
    return ",".join(parts)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")


def _alternative_names(read: x509.Certificate) -> list[str]:
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names][:8]


TLS: Final = Probe("tls", Touch.QUERY, "tcp", CERTIFICATE_PORTS, ask)
