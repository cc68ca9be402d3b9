"""The web page of a pretend device, over HTTP or HTTPS, as its persona describes it.

One port may carry more than pages: an ONVIF device service, a UPnP description, a printer's
metadata and IPP live on the web server of the real devices too, so they are settings of this
server.
"""

import struct
import zlib
from html import escape

from pydantic import Field

from lab.speaks import http_wire, tls
from lab.speaks.dpws import Metadata
from lab.speaks.host import Host, Speaking
from lab.speaks.http_login import Door, Login
from lab.speaks.http_wire import Handler, Request, Response
from lab.speaks.ipp_printer import IppPrinter, PrinterAttributes
from lab.speaks.onvif import DeviceService, Onvif
from lab.speaks.settings import Port, PortSettings, Settings
from lab.speaks.tls import Tls
from lab.speaks.upnp import Description


class Page(Settings):
    """One page; a body without `<html` is wrapped in a document with the title."""

    status: int = 200
    title: str = ""
    body: str = ""
    type: str = "text/html"
    headers: dict[str, str] = Field(default_factory=dict)
    redirect: str = ""
    """Send the browser there (302, unless `status` is another 3xx)."""
    meta_refresh: str = ""
    """Send the browser there from inside the page, as many embedded servers do."""


class HttpSettings(PortSettings):
    """A web server: its headers, its ways in, its pages by path (`*` for every other path)."""

    port: Port = 80
    server: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    pages: dict[str, Page] = Field(default_factory=dict)
    favicon: str = ""
    """Any text: the same text makes the same icon bytes; empty has no icon."""
    logins: tuple[Login, ...] = ()
    onvif: Onvif | None = None
    upnp: Description | None = None
    dpws: Metadata | None = None
    ipp: PrinterAttributes | None = None


class HttpsSettings(HttpSettings):
    """The same over TLS."""

    port: Port = 443
    tls: Tls


async def serve(host: Host, settings: HttpSettings) -> Speaking:
    """Serve the pages over plain HTTP; OSError when the port is taken."""
    return await http_wire.serve(host, settings.port, _Site(host, settings, "http").answer)


async def serve_https(host: Host, settings: HttpsSettings) -> Speaking:
    """Serve the pages over HTTPS; OSError when the port is taken."""
    site = _Site(host, settings, "https")
    return await http_wire.serve(host, settings.port, site.answer, tls.context(host, settings.tls))


class _Site:
    def __init__(self, host: Host, settings: HttpSettings, protocol: str) -> None:
        self._settings = settings
        self._doors = tuple(Door(host, login, protocol) for login in settings.logins)
        self._mounted: dict[str, Handler] = {}
        if settings.onvif is not None:
            service = DeviceService(host, settings.onvif, protocol)
            self._mounted[settings.onvif.path] = service.answer
        if settings.upnp is not None:
            description = Response(
                200, {"Content-Type": 'text/xml; charset="utf-8"'}, settings.upnp.document()
            )
            self._mounted[settings.upnp.path] = lambda _: description
        if settings.dpws is not None:
            self._mounted[settings.dpws.path] = settings.dpws.answer
        if settings.ipp is not None:
            self._mounted[settings.ipp.path] = IppPrinter(settings.ipp, host.log_paper).answer_http

    def answer(self, request: Request) -> Response:
        """What the device sends back, with the headers it always sends."""
        response = self._content(request)
        own = {"Server": self._settings.server} if self._settings.server else {}
        return Response(response.status, {**own, **self._settings.headers, **response.headers}, response.body)

    def _content(self, request: Request) -> Response:
        mounted = self._mounted.get(request.path)
        if mounted is not None:
            return mounted(request)
        for door in self._doors:
            stopped = door.answer(request)
            if stopped is not None:
                return stopped
        if request.method not in ("GET", "HEAD", "POST"):
            return Response(405, {"Allow": "GET, HEAD, POST"})
        if request.path == "/favicon.ico" and self._settings.favicon:
            return Response(200, {"Content-Type": "image/x-icon"}, _icon(self._settings.favicon))
        pages = self._settings.pages
        page = pages.get(request.path) or pages.get("*")
        if page is None:
            homes = (home for door in self._doors if (home := door.home(request.path)))
            return next(homes, None) or Response(
                404, {"Content-Type": "text/html"}, _document("404 Not Found", "", "")
            )
        return self._show(page)

    def _show(self, page: Page) -> Response:
        if page.redirect:
            status = page.status if 300 <= page.status < 400 else 302
            return Response(status, {**page.headers, "Location": page.redirect})
        body, greeting = page.body, dict[str, str]()
        if "{form}" in body:
            door = next((door for door in self._doors if door.has_form), None)
            body, greeting = body.replace("{form}", door.form if door else ""), door.greeting if door else {}
        text = page.type.startswith("text/html") and "<html" not in body.lower()
        content = _document(page.title, body, page.meta_refresh) if text else body.encode()
        return Response(page.status, {"Content-Type": page.type, **greeting, **page.headers}, content)


def _document(title: str, body: str, refresh: str) -> bytes:
    meta = f'<meta http-equiv="refresh" content="0;url={escape(refresh)}">' if refresh else ""
    named = f"<title>{escape(title)}</title>" if title else ""
    head = f"<head>{named}{meta}</head>"
    return f"<!DOCTYPE html>\n<html>{head}<body>{body}</body></html>\n".encode()


def _icon(seed: str) -> bytes:
    """A PNG of one pixel whose colour follows from the seed, in an ICO envelope."""
    colour = struct.pack(">I", zlib.crc32(seed.encode()))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"\0" + colour)),
            (b"IEND", b""),
        )
    )
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 1, 1, 0, 0, 1, 32, len(png), 22) + png
