"""SNMP messages to and from bytes (RFC 1157, 3416, 3412, 3414); the one home of pysnmp and pyasn1.

Only the codec is used: the bytes travel through our own door. Reading never raises, whatever the bytes are.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import api, rfc1902, rfc1905
from pysnmp.proto.mpmod import rfc3412
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from agent.probes.reply import Garbled, text_of

_ABSENT: Final = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView)
# Columns whose octets are an address even where they happen to be letters.
_HARDWARE_COLUMNS: Final = (
    "1.3.6.1.2.1.2.2.1.6.",  # ifPhysAddress (RFC 2863)
    "1.3.6.1.2.1.4.22.1.2.",  # ipNetToMediaPhysAddress (RFC 1213)
    "1.3.6.1.2.1.4.35.1.4.",  # ipNetToPhysicalPhysAddress (RFC 4293)
    "1.3.6.1.2.1.17.1.1.",  # dot1dBaseBridgeAddress (RFC 4188)
    "1.3.6.1.4.1.9.9.23.1.2.1.1.4.",  # cdpCacheAddress (CISCO-CDP-MIB)
)
_CHASSIS_COLUMN: Final = "1.0.8802.1.1.2.1.4.1.1.5."  # six octets are a MAC, anything else a name
_MAC_BYTES: Final = 6
_USM: Final = 3
_REPORTABLE: Final = b"\x04"
_LARGEST_MESSAGE: Final = 65_507


class Version(IntEnum):
    """The version field of a community message."""

    V1 = 0
    V2C = 1


class Ask(IntEnum):
    """What a request wants of its OIDs."""

    GET = 0
    NEXT = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class Response:
    """The variables of a GetResponse as text, in order; objects the agent does not have are left out."""

    request_id: int
    error_status: int
    error_index: int
    variables: tuple[tuple[str, str], ...]


def request(
    version: Version,
    community: str,
    ask: Ask,
    oids: tuple[str, ...],
    *,
    request_id: int,
    repetitions: int = 0,
) -> bytes:
    """One request message; BULK (v2c only) asks `repetitions` rows of every OID."""
    module = api.PROTOCOL_MODULES[int(version)]
    pdu: Any
    if ask is Ask.BULK:
        pdu = module.GetBulkRequestPDU()
        module.apiBulkPDU.set_defaults(pdu)
        module.apiBulkPDU.set_non_repeaters(pdu, 0)
        module.apiBulkPDU.set_max_repetitions(pdu, repetitions)
    else:
        pdu = module.GetRequestPDU() if ask is Ask.GET else module.GetNextRequestPDU()
        module.apiPDU.set_defaults(pdu)
    codec = module.apiBulkPDU if ask is Ask.BULK else module.apiPDU
    codec.set_request_id(pdu, request_id)
    codec.set_varbinds(pdu, [(oid, module.Null("")) for oid in oids])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, community)
    module.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def parse(data: bytes) -> Response | Garbled:
    """A v1 or v2c GetResponse."""
    try:
        module = api.PROTOCOL_MODULES[int(api.decodeMessageVersion(data))]
        message, _rest = decoder.decode(data, asn1Spec=module.Message())
        pdu = module.apiMessage.get_pdu(message)
        if not pdu.isSameTypeWith(module.GetResponsePDU()):
            return Garbled("not a response")
        variables = [
            (str(oid), _text(str(oid), value))
            for oid, value in module.apiPDU.get_varbinds(pdu)
            if not isinstance(value, _ABSENT) and not _is_null(value)
        ]
        return Response(
            int(module.apiPDU.get_request_id(pdu)),
            int(module.apiPDU.get_error_status(pdu)),
            int(module.apiPDU.get_error_index(pdu)),
            tuple(variables),
        )
    except Exception as error:  # noqa: BLE001 - the codec raises what it likes on hostile bytes
        return Garbled(f"not an SNMP response: {type(error).__name__}")


def discovery(message_id: int) -> bytes:
    """An engine discovery (RFC 3414, section 4): a request without user, which any engine reports on."""
    head = rfc3412.HeaderData()
    head["msgID"] = message_id
    head["msgMaxSize"] = _LARGEST_MESSAGE
    head["msgFlags"] = _REPORTABLE
    head["msgSecurityModel"] = _USM
    security = UsmSecurityParameters()
    for name, empty in (
        ("msgAuthoritativeEngineId", b""),
        ("msgAuthoritativeEngineBoots", 0),
        ("msgAuthoritativeEngineTime", 0),
        ("msgUserName", b""),
        ("msgAuthenticationParameters", b""),
        ("msgPrivacyParameters", b""),
    ):
        security[name] = empty
    pdu = rfc1905.GetRequestPDU()
    api.v2c.apiPDU.set_defaults(pdu)
    api.v2c.apiPDU.set_request_id(pdu, message_id)
    scoped = rfc3412.ScopedPDU()
    scoped["contextEngineId"] = b""
    scoped["contextName"] = b""
    scoped["data"].setComponentByType(pdu.tagSet, pdu)
    message = rfc3412.SNMPv3Message()
    message["msgVersion"] = 3
    message.setComponentByPosition(1, head)
    message["msgSecurityParameters"] = encoder.encode(security)
    body = rfc3412.ScopedPduData()
    body["plaintext"] = scoped
    message.setComponentByPosition(3, body)
    return bytes(encoder.encode(message))


def parse_report(data: bytes) -> str | Garbled:
    """The engine id of a v3 report, as hexadecimal digits."""
    try:
        message, _rest = decoder.decode(data, asn1Spec=rfc3412.SNMPv3Message())
        raw = bytes(message["msgSecurityParameters"])
        security, _rest = decoder.decode(raw, asn1Spec=UsmSecurityParameters())
        engine = bytes(security["msgAuthoritativeEngineId"])
    except Exception as error:  # noqa: BLE001 - the codec raises what it likes on hostile bytes
        return Garbled(f"not an SNMPv3 report: {type(error).__name__}")
    if not 5 <= len(engine) <= 32:  # RFC 3411, SnmpEngineID
        return Garbled("an engine id of impossible length")
    return engine.hex()


def _is_null(value: object) -> bool:
    return isinstance(value, univ.Null) and not isinstance(value, _ABSENT)


def _text(oid: str, value: Any) -> str:  # noqa: ANN401 - pyasn1 values have no common type
    if isinstance(value, rfc1902.IpAddress):
        return ".".join(str(byte) for byte in bytes(value))
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    if isinstance(value, univ.OctetString):
        raw = bytes(value)
        if oid.startswith(_HARDWARE_COLUMNS) or (oid.startswith(_CHASSIS_COLUMN) and len(raw) == _MAC_BYTES):
            return raw.hex(":")
        return _printable(raw)
    return str(int(value)) if isinstance(value, univ.Integer) else str(value.prettyPrint())


def _printable(raw: bytes) -> str:
    """Text where the octets are text, else colon-separated hexadecimal."""
    text = text_of(raw.rstrip(b"\0"))
    if all(character.isprintable() or character in "\r\n\t" for character in text):
        return text
    return raw.hex(":")
