"""The raw-print guard: ports where a byte is ink on paper.

What arrives at a raw print port is printed (RFC 1179 for 515; 9100–9107 and 9112–9116 as printer vendors
number the ports of print servers with several outlets; 9999 on printers). A SYN that is never completed
carries no byte and opens no job, so a SYN sweep may ask whether such a port is open. A completed
connection occupies the printer's single job slot even when nothing is written, so none is ever made.
"""

from typing import Final

from inventory.language import _
from inventory.types import DeviceClass

RAW_PRINT_PORTS: Final = frozenset({515, *range(9100, 9108), *range(9112, 9117)})
PRINTER_ONLY_PORTS: Final = frozenset({9999})

_MAY_PRINT: Final = frozenset(
    {DeviceClass.PRINTER, DeviceClass.FAX, DeviceClass.SCANNER, DeviceClass.UNKNOWN, DeviceClass.OTHER}
)


def refusal(port: int, device_class: DeviceClass) -> str:
    """Why no connection is made and no byte sent there; empty where the port is safe.

    An unidentified device may be a printer, so it is treated as one.
    """
    if port in RAW_PRINT_PORTS or (port in PRINTER_ONLY_PORTS and device_class in _MAY_PRINT):
        return _("port {port} may print whatever it is sent").format(port=port)
    return ""


def excluded_ports() -> str:
    """The guarded ports as nmap writes a list, for `--exclude-ports`."""
    return ",".join(str(port) for port in sorted(RAW_PRINT_PORTS | PRINTER_ONLY_PORTS))
