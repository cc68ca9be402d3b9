"""Object names and value spellings as a persona writes them: `sysDescr.0: "STRING: …"`.

Names come from RFC 1213 and 2863 (system, interfaces, ip), RFC 4188 and 4363 (bridge),
RFC 3805 (printer), RFC 2790 (host resources), RFC 6933 (entity), RFC 1628 (UPS) and
IEEE 802.1AB (LLDP); any other object is written by its number.
Values are spelt as Net-SNMP prints them.
"""

import socket

from lab.speaks import ber
from lab.speaks.ber import ObjectId

NAMES: dict[str, str] = {
    "sysDescr": "1.3.6.1.2.1.1.1",
    "sysObjectID": "1.3.6.1.2.1.1.2",
    "sysUpTime": "1.3.6.1.2.1.1.3",
    "sysContact": "1.3.6.1.2.1.1.4",
    "sysName": "1.3.6.1.2.1.1.5",
    "sysLocation": "1.3.6.1.2.1.1.6",
    "sysServices": "1.3.6.1.2.1.1.7",
    "ifNumber": "1.3.6.1.2.1.2.1",
    "ifEntry": "1.3.6.1.2.1.2.2.1",
    "ifName": "1.3.6.1.2.1.31.1.1.1.1",
    "ipAdEntAddr": "1.3.6.1.2.1.4.20.1.1",
    "ipAdEntIfIndex": "1.3.6.1.2.1.4.20.1.2",
    "ipNetToMediaEntry": "1.3.6.1.2.1.4.22.1",
    "dot1dBaseBridgeAddress": "1.3.6.1.2.1.17.1.1",
    "dot1dBaseNumPorts": "1.3.6.1.2.1.17.1.2",
    "dot1dBaseType": "1.3.6.1.2.1.17.1.3",
    "dot1dBasePortEntry": "1.3.6.1.2.1.17.1.4.1",
    "dot1dTpFdbEntry": "1.3.6.1.2.1.17.4.3.1",
    "dot1qTpFdbPort": "1.3.6.1.2.1.17.7.1.2.2.1.2",
    "dot1qTpFdbStatus": "1.3.6.1.2.1.17.7.1.2.2.1.3",
    "hrSystemUptime": "1.3.6.1.2.1.25.1.1",
    "hrDeviceType": "1.3.6.1.2.1.25.3.2.1.2",
    "hrDeviceDescr": "1.3.6.1.2.1.25.3.2.1.3",
    "hrDeviceStatus": "1.3.6.1.2.1.25.3.2.1.5",
    "upsIdentManufacturer": "1.3.6.1.2.1.33.1.1.1",
    "upsIdentModel": "1.3.6.1.2.1.33.1.1.2",
    "upsIdentUPSSoftwareVersion": "1.3.6.1.2.1.33.1.1.3",
    "upsIdentAgentSoftwareVersion": "1.3.6.1.2.1.33.1.1.4",
    "prtGeneralPrinterName": "1.3.6.1.2.1.43.5.1.1.16",
    "prtGeneralSerialNumber": "1.3.6.1.2.1.43.5.1.1.17",
    "entPhysicalDescr": "1.3.6.1.2.1.47.1.1.1.1.2",
    "entPhysicalClass": "1.3.6.1.2.1.47.1.1.1.1.5",
    "entPhysicalName": "1.3.6.1.2.1.47.1.1.1.1.7",
    "entPhysicalHardwareRev": "1.3.6.1.2.1.47.1.1.1.1.8",
    "entPhysicalFirmwareRev": "1.3.6.1.2.1.47.1.1.1.1.9",
    "entPhysicalSoftwareRev": "1.3.6.1.2.1.47.1.1.1.1.10",
    "entPhysicalSerialNum": "1.3.6.1.2.1.47.1.1.1.1.11",
    "entPhysicalMfgName": "1.3.6.1.2.1.47.1.1.1.1.12",
    "entPhysicalModelName": "1.3.6.1.2.1.47.1.1.1.1.13",
    "lldpLocChassisIdSubtype": "1.0.8802.1.1.2.1.3.1",
    "lldpLocChassisId": "1.0.8802.1.1.2.1.3.2",
    "lldpLocSysName": "1.0.8802.1.1.2.1.3.3",
    "lldpLocSysDesc": "1.0.8802.1.1.2.1.3.4",
    "lldpLocPortEntry": "1.0.8802.1.1.2.1.3.7.1",
    "lldpRemEntry": "1.0.8802.1.1.2.1.4.1.1",
}

_UNSIGNED = {"Counter32": 0x41, "Gauge32": 0x42, "Timeticks": 0x43, "Counter64": 0x46}
_IP_ADDRESS = 0x40


def object_id(written: str) -> ObjectId:
    """`sysDescr.0` or `1.3.6.1.2.1.1.1.0` as arcs; raises ValueError with what is wrong."""
    head, _, rest = written.partition(".")
    dotted = written if head.isdigit() else f"{_numbered(head)}.{rest}".rstrip(".")
    try:
        arcs = tuple(int(arc) for arc in dotted.split("."))
    except ValueError:
        raise ValueError(f"{written!r} is not an object identifier") from None
    if len(arcs) < 2 or any(not 0 <= arc < 1 << 32 for arc in arcs):
        raise ValueError(f"{written!r} is not an object identifier")
    return arcs


def value(written: str) -> bytes:
    """`STRING: text`, `INTEGER: 3`, `OID: 1.3…` and so on as BER; raises ValueError."""
    kind, colon, text = written.partition(":")
    text = text.removeprefix(" ")
    if not colon:
        raise ValueError(f"{written!r} has no type, as in 'STRING: text'")
    if kind in _UNSIGNED:
        return ber.integer(_number(text, low=0), _UNSIGNED[kind])
    match kind:
        case "STRING":
            return octets(text)
        case "Hex-STRING":
            return ber.encode(ber.OCTETS, bytes.fromhex(text.replace(":", "")))
        case "INTEGER":
            return ber.integer(_number(text, low=-(1 << 31)))
        case "OID":
            return ber.object_id(object_id(text))
        case "IpAddress":
            return ip_address(text)
    raise ValueError(f"{kind!r} is not a type of value that Net-SNMP prints")


def octets(text: str) -> bytes:
    """A text as an OCTET STRING in UTF-8."""
    return ber.encode(ber.OCTETS, text.encode())


def physical_address(mac: str) -> bytes:
    """`00:26:73:aa:bb:cc` as an OCTET STRING of six bytes."""
    return ber.encode(ber.OCTETS, bytes.fromhex(mac.replace(":", "")))


def ip_address(dotted: str) -> bytes:
    """An IPv4 address as IpAddress (RFC 2578 section 7.1.5)."""
    try:
        return ber.encode(_IP_ADDRESS, socket.inet_aton(dotted))
    except OSError:
        raise ValueError(f"{dotted!r} is not an IPv4 address") from None


def _numbered(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"{name!r} is not an object name known here; write its number")
    return NAMES[name]


def _number(text: str, low: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not low <= number < 1 << 64:
        raise ValueError(f"{text!r} is out of range")
    return number
