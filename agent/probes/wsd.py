"""WS-Discovery (OASIS WS-DD 1.1; the 2005/04 draft that ONVIF and Windows use): types and scopes.

Harmless because a Probe is a question (section 5.2); and of a camera that names an ONVIF service,
GetDeviceInformation, which ONVIF Core puts in the access class READ_SYSTEM and many cameras answer without
a login. Where a login is asked for, that is the answer.
"""

import random
import re
import uuid
from typing import Final
from urllib.parse import urlsplit

from agent.permit import Permit
from agent.probes import charset
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.probes.xml_text import first_text
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
_DISCOVERY: Final = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_ADDRESSING: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_PATH: Final = re.compile(r"/[!-~]*")
_INFORMATION: Final = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")


def query(message: uuid.UUID) -> bytes:
    """A Probe without types or scopes: every target service answers."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:a="{_ADDRESSING}" xmlns:d="{_DISCOVERY}"><e:Header>'
        f"<a:Action>{_DISCOVERY}/Probe</a:Action><a:MessageID>urn:uuid:{message}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        "</e:Header><e:Body><d:Probe/></e:Body></e:Envelope>"
    ).encode()


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a ProbeMatch: types, scopes, endpoint, service addresses."""
    document = charset.document(data)
    if "ProbeMatch" not in document:
        return Garbled("no ProbeMatch")
    found = (
        ("wsd.types", first_text(document, "Types")),
        ("wsd.scopes", first_text(document, "Scopes")),
        ("wsd.endpoint", first_text(document, "Address")),
        ("wsd.xaddrs", first_text(document, "XAddrs")),
    )
    kept = tuple((name, value) for name, value in found if value)
    return kept or Garbled("an empty ProbeMatch")


def parse_information(document: str) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a GetDeviceInformationResponse (ONVIF Core, section 8.3)."""
    if "GetDeviceInformationResponse" not in document:
        return Garbled("no device information")
    found = tuple((f"onvif.{name}", first_text(document, name)) for name in _INFORMATION)
    kept = tuple((name, value) for name, value in found if value)
    return kept or Garbled("empty device information")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """The Probe, and for a camera its device information."""
    service = f"udp/{port}"
    heard = await door.ask(permit, port, query(_mark(door.randomness)), wait=context.timeout, any_port=True)
    if isinstance(heard, Failed):
        return (failed("wsd", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("wsd", service, read, heard[0]),)
    found = answered("wsd", service, read, heard[0])
    return (found, *await describe(door, permit, dict(read).get("wsd.xaddrs", "")))


async def describe(door: Door, permit: Permit, addresses: str) -> tuple[Reply, ...]:
    """The device information at the first ONVIF address of the device itself; nothing where there is none."""
    address = next((one for one in addresses.split() if "onvif" in one.lower()), "")
    try:
        where = urlsplit(address)
        port = where.port or 80
    except ValueError:
        return ()
    if where.scheme != "http" or where.hostname != permit.ip or not _PATH.fullmatch(where.path):
        return ()
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        '<GetDeviceInformation xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
    )

    async def talk(link: Link) -> bytes:
        await link.write(
            f"POST {where.path} HTTP/1.1\r\nHost: {permit.literal}:{port}\r\n"
            f"Content-Type: application/soap+xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}".encode()
        )
        await link.read_until(b"Envelope>")
        return bytes(link.heard)

    service = f"tcp/{port}"
    got = await door.converse(permit, port, talk)
    if isinstance(got, Failed):
        return (failed("onvif", service, got),)
    page = parse_http(got)
    read = page if isinstance(page, Garbled) else parse_information(page.text)
    if isinstance(read, Garbled):
        return (failed("onvif", service, read, got),)
    return (answered("onvif", service, read, got),)


def _mark(randomness: random.Random) -> uuid.UUID:
    return uuid.UUID(int=randomness.getrandbits(128), version=4)


WSD: Final = Probe(
    "wsd",
    Touch.QUERY,
    "udp",
    (PORT,),
    ask,
    again=lambda _permit, _facts, randomness: query(_mark(randomness)),
    own_wire=True,
)
