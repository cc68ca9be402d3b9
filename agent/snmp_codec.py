"""SNMP messages to and from bytes (RFC 1157, 3416, 3412, 3414); the one home of pysnmp and pyasn1.

Only the codec is used: the bytes travel through our own door. Reading never raises, whatever the bytes are.
"""

import hmac
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import api, rfc1902, rfc1905
from pysnmp.proto.mpmod import rfc3412
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from agent.probes.reply import Garbled
from agent.snmp_octets import text_of_octets
from agent.snmp_usm import Engine, Keys

_ABSENT: Final = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView)
_USM: Final = 3
_REPORTABLE: Final = b"\x04"
_AUTHENTICATED, _PRIVATE = 0x01, 0x02
_NOT_IN_TIME: Final = "1.3.6.1.6.3.15.1.1.2.0"  # usmStatsNotInTimeWindows (RFC 3414)
_LARGEST_MESSAGE: Final = 65_507


class Version(IntEnum):
    """The version field of a message."""

    V1 = 0
    V2C = 1
    V3 = 3


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
    once: int = 0,
) -> bytes:
    """One request message; BULK (v2c only) asks `repetitions` rows of every OID, one of the first `once`."""
    module = api.PROTOCOL_MODULES[int(version)]
    pdu = _pdu(module, ask, oids, request_id, (repetitions, once))
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
        return _response(module, pdu)
    except Exception as error:  # noqa: BLE001 - the codec raises what it likes on hostile bytes
        return Garbled(f"not an SNMP response: {type(error).__name__}")


def discovery(message_id: int) -> bytes:
    """An engine discovery (RFC 3414, section 4): a request without user, which any engine reports on."""
    pdu = rfc1905.GetRequestPDU()
    api.v2c.apiPDU.set_defaults(pdu)
    api.v2c.apiPDU.set_request_id(pdu, message_id)
    body = rfc3412.ScopedPduData()
    body["plaintext"] = _scoped(pdu, b"")
    return _message(message_id, _REPORTABLE, _security(Engine(b"")), body)


def sealed_request(
    keys: Keys,
    engine: Engine,
    ask: Ask,
    oids: tuple[str, ...],
    *,
    request_id: int,
    salt: bytes,
    repetitions: int = 0,
    once: int = 0,
) -> bytes:
    """One v3 request of a user: digested, and in cipher where the user has one (RFC 3414, 3.1)."""
    scoped = _scoped(_pdu(api.v2c, ask, oids, request_id, (repetitions, once)), engine.id)
    body = rfc3412.ScopedPduData()
    if keys.cipher:
        if keys.cipher == "des":  # RFC 3414, 8.1.1.1: the first half is the engine's boots
            salt = engine.boots.to_bytes(4, "big") + salt[4:]
        body["encryptedPDU"] = keys.sealed(bytes(encoder.encode(scoped)), engine, salt)
    else:
        salt, body["plaintext"] = b"", scoped
    flags = bytes((_REPORTABLE[0] | _AUTHENTICATED | (_PRIVATE if keys.cipher else 0),))
    zeros = bytes(keys.digest_size)
    blank = _message(request_id, flags, _security(engine, keys.user, zeros, salt), body)
    digest = keys.digest(blank)
    return _message(request_id, flags, _security(engine, keys.user, digest, salt), body)


def parse_sealed(data: bytes, keys: Keys, engine: Engine) -> Response | Engine | Garbled:
    """A v3 response of this engine to this user; an Engine where it says that our clock is wrong.

    Whatever is not digested with the user's key is Garbled: anybody could have sent it.
    """
    try:
        message, _rest = decoder.decode(data, asn1Spec=rfc3412.SNMPv3Message())
        flags = message["msgGlobalData"]["msgFlags"].asOctets()[0]
        raw = bytes(message["msgSecurityParameters"])
        security, _rest = decoder.decode(raw, asn1Spec=UsmSecurityParameters())
        said = _engine(security)
        digest = bytes(security["msgAuthenticationParameters"])
        if not flags & _AUTHENTICATED or said.id != engine.id or len(digest) != keys.digest_size:
            return Garbled("an SNMPv3 report: not this user, or not this engine")
        at = data.index(raw) + raw.rindex(digest)
        blank = data[:at] + bytes(len(digest)) + data[at + len(digest) :]
        if not hmac.compare_digest(keys.digest(blank), digest):
            return Garbled("an SNMPv3 message with a wrong digest")
        body = message["msgData"]
        if flags & _PRIVATE:
            salt = bytes(security["msgPrivacyParameters"])
            plain = keys.opened(bytes(body["encryptedPDU"]), said, salt)
            scoped, _rest = decoder.decode(plain, asn1Spec=rfc3412.ScopedPDU())
        else:
            scoped = body["plaintext"]
        pdu = scoped["data"].getComponent()
        if pdu.isSameTypeWith(rfc1905.ReportPDU()):
            oids = [str(oid) for oid, _value in api.v2c.apiPDU.get_varbinds(pdu)]
            return said if _NOT_IN_TIME in oids else Garbled("an SNMPv3 report")
        if not pdu.isSameTypeWith(rfc1905.ResponsePDU()):
            return Garbled("not a response")
        return _response(api.v2c, pdu)
    except Exception as error:  # noqa: BLE001 - the codec raises what it likes on hostile bytes
        return Garbled(f"not an SNMPv3 response: {type(error).__name__}")


def parse_report(data: bytes) -> Engine | Garbled:
    """The engine that a v3 report comes from."""
    try:
        message, _rest = decoder.decode(data, asn1Spec=rfc3412.SNMPv3Message())
        raw = bytes(message["msgSecurityParameters"])
        security, _rest = decoder.decode(raw, asn1Spec=UsmSecurityParameters())
        engine = _engine(security)
    except Exception as error:  # noqa: BLE001 - the codec raises what it likes on hostile bytes
        return Garbled(f"not an SNMPv3 report: {type(error).__name__}")
    if not 5 <= len(engine.id) <= 32:  # RFC 3411, SnmpEngineID
        return Garbled("an engine id of impossible length")
    return engine


def _pdu(
    module: Any,  # noqa: ANN401 - pysnmp has no types
    ask: Ask,
    oids: tuple[str, ...],
    number: int,
    rows: tuple[int, int],  # how many of an OID, and how many of the first OIDs are asked for one alone
) -> Any:  # noqa: ANN401 - pysnmp has no types
    pdu: Any
    repetitions, once = rows
    if ask is Ask.BULK:
        pdu = module.GetBulkRequestPDU()
        module.apiBulkPDU.set_defaults(pdu)
        module.apiBulkPDU.set_non_repeaters(pdu, once)
        module.apiBulkPDU.set_max_repetitions(pdu, repetitions)
    else:
        pdu = module.GetRequestPDU() if ask is Ask.GET else module.GetNextRequestPDU()
        module.apiPDU.set_defaults(pdu)
    codec = module.apiBulkPDU if ask is Ask.BULK else module.apiPDU
    codec.set_request_id(pdu, number)
    codec.set_varbinds(pdu, [(oid, module.Null("")) for oid in oids])
    return pdu


def _response(module: Any, pdu: Any) -> Response:  # noqa: ANN401 - pysnmp has no types
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


def _scoped(pdu: Any, context: bytes) -> Any:  # noqa: ANN401 - pyasn1 values have no common type
    scoped = rfc3412.ScopedPDU()
    scoped["contextEngineId"] = context
    scoped["contextName"] = b""
    scoped["data"].setComponentByType(pdu.tagSet, pdu)
    return scoped


def _security(engine: Engine, user: str = "", digest: bytes = b"", salt: bytes = b"") -> bytes:
    security = UsmSecurityParameters()
    for name, value in (
        ("msgAuthoritativeEngineId", engine.id),
        ("msgAuthoritativeEngineBoots", engine.boots),
        ("msgAuthoritativeEngineTime", engine.time),
        ("msgUserName", user.encode()),
        ("msgAuthenticationParameters", digest),
        ("msgPrivacyParameters", salt),
    ):
        security[name] = value
    return bytes(encoder.encode(security))


def _message(message_id: int, flags: bytes, security: bytes, body: Any) -> bytes:  # noqa: ANN401 - pyasn1
    head = rfc3412.HeaderData()
    head["msgID"] = message_id
    head["msgMaxSize"] = _LARGEST_MESSAGE
    head["msgFlags"] = flags
    head["msgSecurityModel"] = _USM
    message = rfc3412.SNMPv3Message()
    message["msgVersion"] = 3
    message.setComponentByPosition(1, head)
    message["msgSecurityParameters"] = security
    message.setComponentByPosition(3, body)
    return bytes(encoder.encode(message))


def _engine(security: Any) -> Engine:  # noqa: ANN401 - pyasn1 values have no common type
    return Engine(
        bytes(security["msgAuthoritativeEngineId"]),
        int(security["msgAuthoritativeEngineBoots"]),
        int(security["msgAuthoritativeEngineTime"]),
    )


def _is_null(value: object) -> bool:
    return isinstance(value, univ.Null) and not isinstance(value, _ABSENT)


def _text(oid: str, value: Any) -> str:  # noqa: ANN401 - pyasn1 values have no common type
    if isinstance(value, rfc1902.IpAddress):
        return ".".join(str(byte) for byte in bytes(value))
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    if isinstance(value, univ.OctetString):
        return text_of_octets(bytes(value), oid)
    return str(int(value)) if isinstance(value, univ.Integer) else str(value.prettyPrint())
