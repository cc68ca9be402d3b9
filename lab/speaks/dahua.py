"""Dahua's discovery (UDP 37810): JSON behind a DHIP header."""

import json
import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_DHIP = struct.Struct("<I4sIIIIII")


class DahuaSettings(PortSettings):
    """The device information of a search's answer."""

    port: Port = 37_810
    device_type: str
    device_class: str
    version: str
    serial: str
    vendor: str = "Dahua"


async def serve(host: Host, settings: DahuaSettings) -> Speaking:
    """Answer `DHDiscover.search`; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _answer(host, settings, data))


def _answer(host: Host, settings: DahuaSettings, data: bytes) -> list[bytes]:
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
