"""nmap's opinion of devices that Muster could not name: optional, gentle, and the one home of python-nmap.

Only ports found open are asked, never a raw print port: nmap's own exclusion from version detection could be
overridden by an option, so such ports are neither listed nor scanned. Version detection at its lightest
(`--version-light`), a rate below the host cap, one host at a time, no scripts.
"""

import asyncio
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import nmap

from agent.faults import NoWay
from agent.probes.reply import Reply, answered, failed
from agent.transport import guard
from agent.transport.talk import Failed
from agent.transport.tally import Tally
from inventory.language import _
from inventory.settings import ScanSettings
from inventory.types import DeviceClass, ProbeOutcome, Target

SOURCE: Final = "nmap"

_MOST_PORTS: Final = 8
_SECONDS: Final = 120
_PACKETS_A_PORT: Final = 12
_KEPT: Final = ("name", "product", "version", "extrainfo", "cpe")


def arguments(ports: Sequence[int], settings: ScanSettings) -> str:
    """The command line: what is excluded, how slowly, how lightly. `ports` are already guarded."""
    listed = ",".join(str(port) for port in ports)
    rate = min(settings.per_host_rate, settings.rate)
    return (
        f"-n -Pn -sT -sV --version-light -p {listed} --exclude-ports {guard.excluded_ports()} "
        f"--max-rate {rate} --max-parallelism {settings.per_host_connections} --max-retries 1 "
        f"--scan-delay {1000 // settings.per_host_rate}ms --host-timeout {_SECONDS}s"
    )


async def ask(
    target: Target, open_ports: Sequence[int], settings: ScanSettings, tally: Tally
) -> tuple[Reply, ...]:
    """One reply per port nmap has a name for; NoWay when nmap is not installed."""
    safe = [port for port in open_ports if not guard.refusal(port, DeviceClass.UNKNOWN)][:_MOST_PORTS]
    if not safe:
        return ()
    tally.count(SOURCE, _PACKETS_A_PORT * len(safe), 0)
    options = arguments(safe, settings) + (" -6" if ":" in target.ip else "")
    told = await asyncio.to_thread(_scan, target.ip, options)
    if isinstance(told, Failed):
        return (failed(SOURCE, None, told),)
    return tuple(
        answered(SOURCE, f"tcp/{port}", _facts(about), repr(sorted(about.items())).encode())
        for port, about in told.items()
        if about.get("product")
    )


def _facts(about: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(f"nmap.{name}", about.get(name, "")) for name in _KEPT]


def _scan(ip: str, options: str) -> Mapping[int, Mapping[str, str]] | Failed:
    scanner: Any = _scanner()
    try:
        scanner.scan(hosts=ip, arguments=options, timeout=_SECONDS + 10)
        if ip not in scanner.all_hosts():
            return Failed(ProbeOutcome.SILENT, _("nmap saw nobody there"))
        ports: Mapping[int, Mapping[str, str]] = dict(scanner[ip].get("tcp", {}))
    except (nmap.PortScannerError, nmap.PortScannerTimeout, KeyError) as error:
        return Failed(ProbeOutcome.NOT_TRIED, str(error).strip().split("\n")[0][:200])
    return ports


def require_nmap() -> None:
    """NoWay when nmap is not installed; asked before a scan, not at its end."""
    _scanner()


@functools.cache
def _scanner() -> object:
    try:
        return nmap.PortScanner()
    except nmap.PortScannerError as error:
        raise NoWay(_("nmap is not installed: apt install nmap, or scan without --nmap")) from error
