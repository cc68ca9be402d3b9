"""Canon's BJNP (UDP 8611): the identity command alone."""

import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_BJNP = struct.Struct(">4sBBHHHI")
_IDENTITY = 0x30


class BjnpSettings(PortSettings):
    """The IEEE 1284 device id."""

    port: Port = 8611
    device_id: str


async def serve(host: Host, settings: BjnpSettings) -> Speaking:
    """Answer the identity command; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _answer(settings, data))


def _answer(settings: BjnpSettings, data: bytes) -> list[bytes]:
    if len(data) < _BJNP.size or data[:4] != b"BJNP":
        raise Malformed("no BJNP header")
    _mark, kind, command, _fault, number, _session, _size = _BJNP.unpack_from(data)
    if kind != 1 or command != _IDENTITY:
        return []
    text = settings.device_id.encode()
    body = struct.pack(">H", len(text) + 2) + text
    return [_BJNP.pack(b"BJNP", 0x81, _IDENTITY, 0, number, 0, len(body)) + body]
