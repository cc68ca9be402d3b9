"""Ubiquiti's discovery (UDP 10001): type, length and value of what a device is."""

import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings


class UbiquitiSettings(PortSettings):
    """What the device tells of itself; the long firmware text as the vendor builds it."""

    port: Port = 10_001
    platform: str
    model: str = ""
    firmware: str


async def serve(host: Host, settings: UbiquitiSettings) -> Speaking:
    """Answer the four-byte question; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _answer(host, settings, data))


def _answer(host: Host, settings: UbiquitiSettings, data: bytes) -> list[bytes]:
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
