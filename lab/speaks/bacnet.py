"""BACnet/IP (ASHRAE 135 Annex J): I-Am to a Who-Is, ReadProperty of the device object."""

import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_BVLL, _UNICAST, _BROADCAST = 0x81, 0x0A, 0x0B
_CONFIRMED, _UNCONFIRMED, _COMPLEX_ACK, _ERROR = 0x00, 0x10, 0x30, 0x50
_I_AM, _WHO_IS, _READ_PROPERTY = 0, 8, 12
_DEVICE = 8
_APPLICATION_VERSION, _FIRMWARE, _MODEL, _OBJECT_NAME = 12, 44, 70, 77
_VENDOR_ID, _VENDOR_NAME = 120, 121


class BacnetSettings(PortSettings):
    """The device object: its instance number and what it says about itself."""

    port: Port = 47_808
    instance: int
    vendor_id: int
    vendor_name: str
    model_name: str
    firmware: str
    application: str = ""
    object_name: str = "{hostname}"


async def serve(host: Host, settings: BacnetSettings) -> Speaking:
    """Answer Who-Is and ReadProperty over UDP; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _answer(host, settings, data))


def _answer(host: Host, settings: BacnetSettings, data: bytes) -> list[bytes]:
    apdu = _apdu(data)
    if apdu[0] == _UNCONFIRMED and apdu[1] == _WHO_IS:
        return [_message(_i_am(settings))]
    if apdu[0] & 0xF0 == _CONFIRMED and len(apdu) >= 11 and apdu[3] == _READ_PROPERTY:
        return [_message(_read_property(host, settings, apdu))]
    return []


def _apdu(data: bytes) -> bytes:
    """The APDU of a local message; messages with routing (NPCI flags) are not taken."""
    if len(data) < 8 or data[0] != _BVLL or data[1] not in (_UNICAST, _BROADCAST):
        raise Malformed("not BACnet/IP")
    if int.from_bytes(data[2:4], "big") != len(data) or data[4] != 1:
        raise Malformed("bad length or version")
    flags, at = data[5], 6
    if flags & 0x80:
        raise Malformed("a network layer message")
    if flags & 0x20:
        if len(data) < at + 4:
            raise Malformed("destination cut off")
        at += 4 + data[at + 2]
    if flags & 0x08 or len(data) < at + 2:
        raise Malformed("routed or cut off")
    return data[at:]


def _message(apdu: bytes) -> bytes:
    npdu = b"\x01\x00" + apdu
    return struct.pack(">BBH", _BVLL, _UNICAST, len(npdu) + 4) + npdu


def _i_am(settings: BacnetSettings) -> bytes:
    device = struct.pack(">BI", 0xC4, _DEVICE << 22 | settings.instance)
    size, segmentation = struct.pack(">BH", 0x22, 1476), b"\x91\x03"
    return bytes((_UNCONFIRMED, _I_AM)) + device + size + segmentation + _unsigned(2, settings.vendor_id)


def _read_property(host: Host, settings: BacnetSettings, apdu: bytes) -> bytes:
    invoke = apdu[2]
    texts = {
        _APPLICATION_VERSION: settings.application,
        _FIRMWARE: settings.firmware,
        _MODEL: settings.model_name,
        _OBJECT_NAME: settings.object_name.replace("{hostname}", host.hostname),
        _VENDOR_NAME: settings.vendor_name,
    }
    named = apdu[4] == 0x0C and apdu[9] == 0x19
    wanted = apdu[10]
    if named and wanted in texts and texts[wanted]:
        value = _text(texts[wanted])
    elif named and wanted == _VENDOR_ID:
        value = _unsigned(2, settings.vendor_id)
    else:
        return bytes((_ERROR, invoke, _READ_PROPERTY, 0x91, 2, 0x91, 32))
    identified = apdu[4:9] if apdu[5:9] != b"\x02\x3f\xff\xff" else _identified(settings)
    return bytes((_COMPLEX_ACK, invoke, _READ_PROPERTY)) + identified + apdu[9:11] + b"\x3e" + value + b"\x3f"


def _identified(settings: BacnetSettings) -> bytes:
    """The device object by its own number, where it was asked for by the wildcard."""
    return struct.pack(">BI", 0x0C, _DEVICE << 22 | settings.instance)


def _text(text: str) -> bytes:
    content = b"\0" + text.encode()
    size = len(content)
    return (bytes((0x70 | size,)) if size < 5 else bytes((0x75, size))) + content


def _unsigned(tag: int, number: int) -> bytes:
    content = number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")
    return bytes((tag << 4 | len(content),)) + content
