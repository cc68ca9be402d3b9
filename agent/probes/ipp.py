"""IPP (RFC 8011) over HTTP (RFC 8010): the attributes by which a printer describes itself.

Harmless because Get-Printer-Attributes (RFC 8011, section 4.2.5) reads only; no job is created, and the
port is IPP's own, never a raw print port.
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes import tls
from agent.probes.charset import declared, decoded
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

WANTED: Final = (
    "printer-make-and-model", "printer-device-id", "printer-uuid", "printer-name", "printer-info",
    "printer-location", "printer-dns-sd-name", "printer-firmware-name", "printer-firmware-version",
    "printer-firmware-string-version", "printer-serial-number", "printer-more-info",
    "uri-authentication-supported", "uri-security-supported", "ipp-versions-supported",
)  # fmt: skip
_PATHS: Final = ("/ipp/print", "/")
_TEXT_TAGS: Final = frozenset((0x30, 0x35, 0x36, *range(0x40, 0x50)))
_WITH_LANGUAGE: Final = frozenset((0x35, 0x36))
_PRINTER_GROUP: Final = 0x04
_MOST_ATTRIBUTES: Final = 2000


def parse(body: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """(attribute, value) of the printer attributes group; several values of one attribute repeat its name."""
    if len(body) < 9 or body[0] not in (1, 2):
        return Garbled("no IPP response")
    if int.from_bytes(body[2:4], "big") >= 0x0100:
        return Garbled(f"IPP status {body[2:4].hex()}")
    found: list[tuple[str, str]] = []
    at, group, name, encoding = 8, 0, "", ""
    while at < len(body) and len(found) < _MOST_ATTRIBUTES:
        tag = body[at]
        at += 1
        if tag <= 0x0F:
            group = tag
            if tag == 0x03:
                break
            continue
        key = _counted(body, at)
        value = _counted(body, at + 2 + len(key)) if key is not None else None
        if key is None or value is None:
            break
        at += 4 + len(key) + len(value)
        name = text_of(key) if key else name
        if name == "attributes-charset":  # of every text in the response (RFC 8011, section 4.1.4)
            encoding = declared(f"charset={text_of(value)}")
        if group == _PRINTER_GROUP and tag in _TEXT_TAGS and name:
            found.append((name, decoded(_without_language(tag, value), encoding)))
    return tuple(found) if found else Garbled("no printer attributes")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The identity attributes, asked at the customary path (RFC 8010, PWG 5100.14), else at the root.

    A printer that speaks TLS on this port too (`uri-security-supported`, RFC 8011) is asked for its
    certificate: that names it beyond its own segment, where mDNS is not heard.
    """
    service = f"tcp/{port}"
    last: Reply = failed("ipp", service, Garbled("not asked"))
    for encrypted in (False, True):
        for path in _PATHS:
            got = await _post(door, permit, port, path, encrypted=encrypted)
            if isinstance(got, Failed):
                last = failed("ipp", service, got)
                break
            page = parse_http(got)
            read = page if isinstance(page, Garbled) else parse(page.body)
            if not isinstance(read, Garbled):
                facts = [(f"ipp.{name}", value) for name, value in read if name in WANTED]
                server = "" if isinstance(page, Garbled) else page.header("server")
                told = answered("ipp", service, [*facts, ("http_servers", server)], got)
                secured = encrypted or ("uri-security-supported", "tls") in read
                return (told, await tls.handshake(door, permit, port)) if secured else (told,)
            last = failed("ipp", service, read, got)
            if isinstance(page, Garbled):
                break
            if page.status == 426:  # RFC 8010: upgrade to TLS wanted
                break
        if (
            not isinstance(got, Failed)
            and not isinstance(parse_http(got), Garbled)
            and b" 426 " not in got[:20]
        ):
            break
    return (last,)


async def _post(door: Door, permit: Permit, port: int, path: str, *, encrypted: bool) -> bytes | Failed:
    body = _question(f"ipp://{permit.literal}:{port}{path}")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {permit.literal}:{port}\r\nUser-Agent: Muster (device inventory)\r\n"
        f"Content-Type: application/ipp\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )

    async def talk(link: Link) -> bytes:
        await link.write(head.encode() + body)
        data = await link.read_until(b"\r\n\r\n")
        page = parse_http(data)
        length = "" if isinstance(page, Garbled) else page.header("content-length")
        if length.isdecimal() and len(length) < 9:
            return await link.read_at_least(len(data) + int(length))
        return await link.read_to_end()

    return await door.converse(permit, port, talk, tls=encrypted)


def _question(uri: str) -> bytes:
    attributes = _attribute(0x47, "attributes-charset", "utf-8")
    attributes += _attribute(0x48, "attributes-natural-language", "en")
    attributes += _attribute(0x45, "printer-uri", uri)
    for number, name in enumerate(WANTED):
        attributes += _attribute(0x44, "requested-attributes" if number == 0 else "", name)
    return struct.pack(">BBHI", 1, 1, 0x000B, 1) + b"\x01" + attributes + b"\x03"


def _attribute(tag: int, name: str, value: str) -> bytes:
    key, data = name.encode(), value.encode()
    return bytes((tag,)) + struct.pack(">H", len(key)) + key + struct.pack(">H", len(data)) + data


def _counted(data: bytes, at: int) -> bytes | None:
    if len(data) < at + 2:
        return None
    size = int.from_bytes(data[at : at + 2], "big")
    return data[at + 2 : at + 2 + size] if len(data) >= at + 2 + size else None


def _without_language(tag: int, value: bytes) -> bytes:
    if tag not in _WITH_LANGUAGE:
        return value
    language = _counted(value, 0)
    text = _counted(value, 2 + len(language)) if language is not None else None
    return value if text is None else text


IPP: Final = Probe("ipp", Touch.QUERY, "tcp", (631,), ask)
