"""Modbus/TCP: Read Device Identification (Modbus Application Protocol V1.1b3, 6.21) only.

Everything else is answered with the exception ILLEGAL FUNCTION; no register can be read or
written, so that a scan which tries is seen to try.
"""

import asyncio
import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_ENCAPSULATED, _DEVICE_IDENTIFICATION, _BASIC = 0x2B, 0x0E, 0x01
_ILLEGAL_FUNCTION = 0x01
_MOST_REQUESTS = 30


class ModbusSettings(PortSettings):
    """The three basic identification objects."""

    port: Port = 502
    vendor: str
    product: str
    revision: str


async def serve(host: Host, settings: ModbusSettings) -> Speaking:
    """Answer requests until the client hangs up; OSError when the port is taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(_MOST_REQUESTS):
            transaction, protocol, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
            if protocol or not 2 <= length <= 254:
                raise Malformed("not Modbus/TCP")
            answer = _answer(settings, await reader.readexactly(length - 1))
            writer.write(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
            await writer.drain()

    return await host.tcp(settings.port, talk)


def _answer(settings: ModbusSettings, request: bytes) -> bytes:
    if request[:2] != bytes((_ENCAPSULATED, _DEVICE_IDENTIFICATION)):
        return bytes((request[0] | 0x80, _ILLEGAL_FUNCTION))
    objects = (settings.vendor, settings.product, settings.revision)
    answer = bytes((_ENCAPSULATED, _DEVICE_IDENTIFICATION, _BASIC, _BASIC, 0, 0, len(objects)))
    for number, text in enumerate(objects):
        content = text.encode()[:80]
        answer += bytes((number, len(content))) + content
    return answer
