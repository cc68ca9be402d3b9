"""SSDP and the UPnP description (UPnP Device Architecture 2.0): maker, model, serial number.

Harmless because M-SEARCH (section 1.3) is a question and the description (section 2) is a document to be
read; no action is invoked and nothing subscribed to.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from agent.permit import Permit
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.probes.xml_text import first_text
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

GROUP: Final = "239.255.255.250"
PORT: Final = 1900
DESCRIBED: Final = (
    "deviceType", "friendlyName", "manufacturer", "modelDescription", "modelName", "modelNumber",
    "serialNumber", "UDN", "presentationURL",
)  # fmt: skip
_PATH: Final = re.compile(r"/[!-~]*")
_MORE_SECONDS: Final = 0.5


def query(host: str) -> bytes:
    """An M-SEARCH for root devices; sent to a device alone it needs no MX (section 1.3.3)."""
    return (
        f'M-SEARCH * HTTP/1.1\r\nHOST: {host}:{PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n'
        "ST: upnp:rootdevice\r\nUSER-AGENT: Muster/1 UPnP/2.0\r\n\r\n"
    ).encode()


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a search response: Server, Location, USN."""
    page = parse_http(data)
    if isinstance(page, Garbled):
        return page
    facts = [("ssdp.server", page.header("server")), ("ssdp.location", page.header("location"))]
    facts.append(("ssdp.usn", page.header("usn")))
    kept = tuple((name, value) for name, value in facts if value)
    return kept or Garbled("an answer without content")


def parse_description(document: str) -> tuple[tuple[str, str], ...] | Garbled:
    """The root device's own elements (section 2.3); an embedded device comes after it and is not read."""
    found = tuple((f"upnp.{name}", first_text(document, name)) for name in DESCRIBED)
    kept = tuple((name, value) for name, value in found if value)
    return kept or Garbled("no device description")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """The search, and the description where its address is the device's own."""
    service = f"udp/{port}"
    heard = await door.ask(
        permit, port, query(permit.literal), wait=context.timeout, any_port=True, more=_MORE_SECONDS
    )
    if isinstance(heard, Failed):
        return (failed("ssdp", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("ssdp", service, read, heard[0]),)
    found = answered("ssdp", service, read, heard[0])
    return (found, *await describe(door, permit, dict(read).get("ssdp.location", "")))


async def describe(door: Door, permit: Permit, location: str) -> tuple[Reply, ...]:
    """The description at `location`, if that is on the device itself; nothing otherwise."""
    try:
        where = urlsplit(location)
        port = where.port or 80
    except ValueError:
        return ()
    path = f"{where.path or '/'}{'?' + where.query if where.query else ''}"
    if where.scheme != "http" or where.hostname != permit.ip or not _PATH.fullmatch(path):
        return ()

    async def talk(link: Link) -> bytes:
        await link.write(
            f"GET {path} HTTP/1.1\r\nHost: {permit.literal}:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        await link.read_until(b"</root>")
        return bytes(link.heard)

    service = f"tcp/{port}"
    got = await door.converse(permit, port, talk)
    if isinstance(got, Failed):
        return (failed("upnp", service, got),)
    page = parse_http(got)
    read = page if isinstance(page, Garbled) else parse_description(page.text)
    if isinstance(read, Garbled):
        return (failed("upnp", service, read, got),)
    return (answered("upnp", service, read, got),)


SSDP: Final = Probe(
    "ssdp",
    Touch.QUERY,
    "udp",
    (PORT,),
    ask,
    again=lambda permit, _facts, _randomness: query(permit.literal),
    own_wire=True,
)
