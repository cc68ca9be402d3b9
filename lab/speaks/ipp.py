"""IPP on its own port (RFC 8010 section 4: HTTP POST to port 631), and IPPS over TLS."""

from lab.speaks import http_wire, tls
from lab.speaks.host import Host, Speaking
from lab.speaks.http_wire import Request, Response
from lab.speaks.ipp_printer import IppPrinter, PrinterAttributes
from lab.speaks.settings import Port, PortSettings
from lab.speaks.tls import Tls


class IppSettings(PortSettings):
    """A print server: its printer's attributes, its Server header, TLS when it has some."""

    port: Port = 631
    server: str = ""
    printer: PrinterAttributes
    tls: Tls | None = None


async def serve(host: Host, settings: IppSettings) -> Speaking:
    """Answer IPP at the printer's path and `/`; OSError when the port is taken."""
    printer = IppPrinter(settings.printer, host.log_paper)
    paths = (settings.printer.path, "/")
    own = {"Server": settings.server} if settings.server else {}

    def answer(request: Request) -> Response:
        found = printer.answer_http(request) if request.path in paths else Response(404)
        return Response(found.status, {**own, **found.headers}, found.body)

    context = tls.context(host, settings.tls) if settings.tls is not None else None
    return await http_wire.serve(host, settings.port, answer, context)
