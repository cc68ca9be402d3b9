"""Vendors' own discovery answers: Ubiquiti (UDP 10001), Dahua (UDP 37810), Canon's BJNP (UDP 8611)."""

import json
import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_DHIP = struct.Struct("<I4sIIIIII")
_BJNP = struct.Struct(">4sBBHHHI")
_IDENTITY = 0x30


class UbiquitiSettings(PortSettings):
    """What the device tells of itself; the long firmware text as the vendor builds it."""

    port: Port = 10_001
    platform: str
    model: str = ""
    firmware: str


class DahuaSettings(PortSettings):
    """The device information of a search's answer."""

    port: Port = 37_810
    device_type: str
    device_class: str
    version: str
    serial: str
    vendor: str = "Dahua"


class BjnpSettings(PortSettings):
    """The IEEE 1284 device id."""

    port: Port = 8611
    device_id: str


async def serve_ubiquiti(host: Host, settings: UbiquitiSettings) -> Speaking:
    """Answer the four-byte question; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _ubiquiti(host, settings, data))


async def serve_dahua(host: Host, settings: DahuaSettings) -> Speaking:
    """Answer `DHDiscover.search`; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _dahua(host, settings, data))


async def serve_bjnp(host: Host, settings: BjnpSettings) -> Speaking:
    """Answer the identity command; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _bjnp(settings, data))


def _ubiquiti(host: Host, settings: UbiquitiSettings, data: bytes) -> list[bytes]:
    if data != b"\x01\x00\x00\x00":
        raise Malformed("not a discovery question")
    fields = (
        (0x01, bytes.fromhex(host.mac.replace(":", ""))),
        (0x03, settings.firmware.encode()),
        (0x0B, host.hostname.encode()),
        (0x0C, settings.platform.encode()),
        (0x14, settings.model.encode()),
    )
    body = b"".join(struct.pack(">BH", kind, len(value)) + value for kind, value in fields if value)
    return [b"\x01\x00" + struct.pack(">H", len(body)) + body]


def _dahua(host: Host, settings: DahuaSettings, data: bytes) -> list[bytes]:
    if len(data) < _DHIP.size or data[4:8] != b"DHIP":
        raise Malformed("no DHIP header")
    try:
        asked = json.loads(data[_DHIP.size :])
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON behind the header") from error
    if not isinstance(asked, dict) or asked.get("method") != "DHDiscover.search":
        return []
    info = {
        "DeviceType": settings.device_type,
        "DeviceClass": settings.device_class,
        "Version": settings.version,
        "SerialNo": settings.serial,
        "Vendor": settings.vendor,
        "MachineName": host.hostname,
    }
    told = {"mac": host.mac, "method": "client.notifyDevInfo", "params": {"deviceInfo": info}}
    body = json.dumps(told).encode() + b"\n\0"
    return [_DHIP.pack(_DHIP.size, b"DHIP", 0, 0, len(body), 0, len(body), 0) + body]


def _bjnp(settings: BjnpSettings, data: bytes) -> list[bytes]:
    if len(data) < _BJNP.size or data[:4] != b"BJNP":
        raise Malformed("no BJNP header")
    _mark, kind, command, _fault, number, _session, _size = _BJNP.unpack_from(data)
    if kind != 1 or command != _IDENTITY:
        return []
    text = settings.device_id.encode()
    body = struct.pack(">H", len(text) + 2) + text
    return [_BJNP.pack(b"BJNP", 0x81, _IDENTITY, 0, number, 0, len(body)) + body]
