"""What an IPP printer answers (RFC 8010 encoding, RFC 8011 operations): its attributes.

Get-Printer-Attributes is answered; a job is refused, and every byte of a document that
came with one is paper: it goes to the device's paper file.
"""

import struct
from collections.abc import Callable, Iterator

from lab.speaks.http_wire import Request, Response
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Settings

_GET_PRINTER_ATTRIBUTES = 0x000B
_JOB_OPERATIONS = (0x0002, 0x0005, 0x0006)
_OK, _BAD_REQUEST, _NOT_AUTHENTICATED, _NOT_SUPPORTED = 0x0000, 0x0400, 0x0402, 0x0501
_OPERATION_GROUP, _PRINTER_GROUP, _END = 0x01, 0x04, 0x03
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_TEXT, _NAME, _KEYWORD, _URI, _CHARSET, _LANGUAGE, _MIME = 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49


class PrinterAttributes(Settings):
    """The printer attributes (RFC 8011 section 5.4, PWG 5100.13 for device id and UUID)."""

    path: str = "/ipp/print"
    name: str
    make_and_model: str
    info: str = ""
    location: str = ""
    device_id: str = ""
    """IEEE 1284 device id, `MFG:…;MDL:…;SN:…;`."""
    uuid: str = ""
    firmware: str = ""
    """printer-firmware-string-version (PWG 5100.13)."""
    uris: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("application/octet-stream", "application/pdf", "image/urf")


class IppPrinter:
    """One printer object."""

    def __init__(self, attributes: PrinterAttributes, paper: Callable[[bytes], None]) -> None:
        self._attributes = attributes
        self._paper = paper

    def answer_http(self, request: Request) -> Response:
        """The IPP response to a POST; a page for a browser that strays here."""
        if request.method != "POST":
            return Response(200, {"Content-Type": "text/html"}, b"<html><body>IPP</body></html>")
        if request.headers.get("content-type") != "application/ipp":
            return Response(415)
        try:
            return Response(200, {"Content-Type": "application/ipp"}, self.answer(request.body))
        except Malformed:
            return Response(400)

    def answer(self, message: bytes) -> bytes:
        """The IPP response to one IPP request; raises Malformed on fewer than eight bytes."""
        if len(message) < 8:
            raise Malformed("no IPP header")
        major, minor, operation, request_id = struct.unpack_from(">BBHI", message)
        document = _behind_attributes(message)
        if operation in _JOB_OPERATIONS:
            if document:
                self._paper(document)
            return _response(major, minor, _NOT_AUTHENTICATED, request_id)
        if operation != _GET_PRINTER_ATTRIBUTES:
            return _response(major, minor, _NOT_SUPPORTED, request_id)
        if document is None:
            return _response(major, minor, _BAD_REQUEST, request_id)
        group = bytes((_PRINTER_GROUP,)) + b"".join(self._printer())
        return _response(major, minor, _OK, request_id, group)

    def _printer(self) -> Iterator[bytes]:
        said = self._attributes
        for uri in said.uris:
            yield _attribute(_URI, "printer-uri-supported" if uri == said.uris[0] else "", uri)
        yield _attribute(_NAME, "printer-name", said.name)
        yield _attribute(_TEXT, "printer-make-and-model", said.make_and_model)
        yield _attribute(_TEXT, "printer-info", said.info or said.name)
        yield _attribute(_TEXT, "printer-location", said.location)
        if said.device_id:
            yield _attribute(_TEXT, "printer-device-id", said.device_id)
        if said.uuid:
            yield _attribute(_URI, "printer-uuid", f"urn:uuid:{said.uuid}")
        if said.firmware:
            yield _attribute(_TEXT, "printer-firmware-string-version", said.firmware)
        yield _raw(_ENUM, "printer-state", struct.pack(">i", 3))
        yield _attribute(_KEYWORD, "printer-state-reasons", "none")
        yield _raw(_BOOLEAN, "printer-is-accepting-jobs", b"\1")
        yield _raw(_INTEGER, "queued-job-count", struct.pack(">i", 0))
        yield _raw(_ENUM, "operations-supported", struct.pack(">i", _GET_PRINTER_ATTRIBUTES))
        for index, kind in enumerate(said.formats):
            yield _attribute(_MIME, "" if index else "document-format-supported", kind)


def _behind_attributes(message: bytes) -> bytes | None:
    """What follows the attributes (RFC 8010 section 3.1), or None when they are broken."""
    at = 8
    while at < len(message):
        tag = message[at]
        at += 1
        if tag == _END:
            return message[at:]
        if tag < 0x10:
            continue
        for _ in range(2):
            if at + 2 > len(message):
                return None
            at += 2 + int.from_bytes(message[at : at + 2], "big")
    return None


def _response(major: int, minor: int, status: int, request_id: int, group: bytes = b"") -> bytes:
    version = (major, minor) if major in (1, 2) else (1, 1)
    head = struct.pack(">BBHI", *version, status, request_id)
    operation = _attribute(_CHARSET, "attributes-charset", "utf-8") + _attribute(
        _LANGUAGE, "attributes-natural-language", "en"
    )
    return head + bytes((_OPERATION_GROUP,)) + operation + group + bytes((_END,))


def _attribute(tag: int, name: str, text: str) -> bytes:
    return _raw(tag, name, text.encode())


def _raw(tag: int, name: str, value: bytes) -> bytes:
    """One attribute; an empty name adds a value to the attribute before (RFC 8010, 3.1.5)."""
    named = name.encode()
    return struct.pack(">BH", tag, len(named)) + named + struct.pack(">H", len(value)) + value
