"""The metadata of a printer found by WS-Discovery (Devices Profile for Web Services 2006/02).

A WS-Transfer Get at the advertised address is answered with ThisModel and ThisDevice
(sections 4.1 and 4.2), as Windows asks for when it adds a network printer.
"""

from xml.sax.saxutils import escape

from lab.speaks.http_wire import Request, Response
from lab.speaks.settings import Settings

_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_EXCHANGE = "http://schemas.xmlsoap.org/ws/2004/09/mex"
_PROFILE = "http://schemas.xmlsoap.org/ws/2006/02/devprof"
_GET = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"


class Metadata(Settings):
    """What ThisModel and ThisDevice say."""

    path: str
    manufacturer: str
    model_name: str
    model_number: str = ""
    friendly_name: str
    firmware: str = ""
    serial: str = ""

    def answer(self, request: Request) -> Response:
        """GetResponse to a Get; anything else is not implemented."""
        if request.method != "POST":
            return Response(405, {"Allow": "POST"})
        if _GET.encode() not in request.body:
            return Response(501)
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        return Response(200, headers, self._document())

    def _document(self) -> bytes:
        model = _section(
            "ThisModel",
            ("Manufacturer", self.manufacturer),
            ("ModelName", self.model_name),
            ("ModelNumber", self.model_number),
        )
        device = _section(
            "ThisDevice",
            ("FriendlyName", self.friendly_name),
            ("FirmwareVersion", self.firmware),
            ("SerialNumber", self.serial),
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            f'xmlns:a="{_ADDRESSING}" xmlns:x="{_EXCHANGE}" xmlns:p="{_PROFILE}">'
            f"<s:Header><a:Action>{_GET}Response</a:Action></s:Header>"
            f"<s:Body><x:Metadata>{model}{device}</x:Metadata></s:Body></s:Envelope>\n"
        ).encode()


def _section(name: str, *elements: tuple[str, str]) -> str:
    inner = "".join(f"<p:{tag}>{escape(text)}</p:{tag}>" for tag, text in elements if text)
    dialect = f"{_PROFILE}/{name}"
    return f'<x:MetadataSection Dialect="{dialect}"><p:{name}>{inner}</p:{name}></x:MetadataSection>'
