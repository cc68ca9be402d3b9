"""One process that plays every device of one network namespace.

It is forked by the office, enters the namespace, opens every server, says `ok` on its pipe, and
from then on also counts the packets each device receives. A fragile device that received too
much is unplugged here, for the kernel rules (lab/wiring.py) cannot silence ARP.
"""

import asyncio
import gc
import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from lab.daemon_commands import program_path
from lab.errors import LabError
from lab.journal import Journal
from lab.lldp import announce, heralds_of
from lab.plan import ROUTER, Plan, Station, arp_of_router, attached_to
from lab.speaks import Host, Speaking, speaks
from lab.traffic import Meter, Passed, counters

_SAMPLE_SECONDS = 0.2
_SAVE_EVERY = 5


def play(plan: Plan, namespace: str, folder: Path, ready: int) -> None:
    """Plays the devices of a namespace until SIGTERM; says `ok` or what went wrong on `ready`."""
    gc.freeze()
    with suppress(KeyboardInterrupt):
        asyncio.run(_play(plan, namespace, folder, ready))


def host_of(plan: Plan, station: Station, ip: str, mac: str, journal: Journal) -> Host:
    """What a device's servers see of the lab, on one of its addresses."""
    device = station.device
    return Host(
        name=device.name,
        persona=device.persona.name,
        ip=ip,
        mac=mac,
        hostname=device.hostname,
        serial=device.serial,
        interface=station.interface,
        attached=attached_to(plan.office, device),
        arp=arp_of_router(plan.office) if device.router else (),
        log_login=partial(journal.log_login, device.name),
        log_paper=partial(journal.log_paper, device.name),
        log_fault=journal.log_fault,
    )


async def _play(plan: Plan, namespace: str, folder: Path, ready: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def leave() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # told twice, where our whole group is
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, leave)
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    journal = Journal(folder)
    speaking: list[Speaking] = []
    try:
        for station in plan.in_namespace(namespace):
            speaking += await _speak(plan, station, journal)
    except (LabError, OSError) as error:
        os.write(ready, f"{error}\n".encode())
        return
    watch = _Watch(plan, namespace, folder)
    heralds = [herald for station in plan.in_namespace(namespace) for herald in heralds_of(plan, station)]
    announcing = loop.create_task(announce(heralds))
    os.write(ready, b"ok\n")
    os.close(ready)
    while not stop.is_set():
        watch.sample()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _SAMPLE_SECONDS)
    announcing.cancel()
    watch.close()
    for one in speaking:
        await one.close()


async def _speak(plan: Plan, station: Station, journal: Journal) -> list[Speaking]:
    speaking = []
    for ip, _interface_mac in station.addresses:
        # One device, one SNMP engine and one SSH key, whichever of its addresses is asked.
        host = host_of(plan, station, ip, station.device.mac, journal)
        values = station.device.values(ip)
        for served in station.device.persona.serves:
            if served.by != "protocol":
                continue
            try:
                speaking.append(await speaks(served.name).serve(host, served.settings(values)))
            except OSError as error:
                words = f"{station.device.name}: {served.name} on {ip} {served.shown_port}: {error}"
                raise OSError(words) from error
    return speaking


class _Watch:
    """Counts what each station of a namespace receives, and unplugs the fragile."""

    def __init__(self, plan: Plan, namespace: str, folder: Path) -> None:
        self._stations = plan.in_namespace(namespace)
        self._router = namespace == ROUTER
        self._segments = [segment.name for segment in plan.office.segments]
        self._file = folder / "traffic" / namespace
        self._folder = folder
        self._meters = {station.device.name: Meter() for station in self._stations}
        self._dead: set[str] = set()
        self._asked = 0
        self._samples = 0
        self._saved = ""

    def sample(self) -> None:
        """One reading of the counters."""
        through = counters()
        now = time.monotonic()
        self._samples += 1
        for station in self._stations:
            meter = self._meters[station.device.name]
            if self._router:
                # A bridge's own counter is what reached the router itself, forwarding included.
                total = sum(through.get(f"br-{name}", Passed()).received for name in self._segments)
            else:
                own = through.get(station.interface or "", Passed())
                total, meter.sent = own.received, own.sent
            within = meter.take(now, total)
            self._tend(station, within)
        if self._samples % _SAVE_EVERY == 0:
            self.save()

    def close(self) -> None:
        """The last reading."""
        self.sample()
        for station in self._stations:
            if station.device.persona.fragile and station.device.name not in self._dead:
                self._ask_kernel(station)
        self.save()

    def save(self) -> None:
        """Writes the counts for the health report, when they changed."""
        counts = {
            name: {"packets": meter.total, "most_in_one_second": meter.most, "sent": meter.sent}
            for name, meter in self._meters.items()
        }
        text = json.dumps(counts)
        if text != self._saved:
            beside = self._file.with_suffix(".new")
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._file)
            self._saved = text

    def _tend(self, station: Station, within: int) -> None:
        fragile = station.device.persona.fragile
        if fragile is None or station.device.name in self._dead:
            return
        if within > fragile.packets_per_second:
            self._unplug(station, f"{within} packets in one second")
        elif self._samples % _SAVE_EVERY == 0:
            self._ask_kernel(station)

    def _ask_kernel(self, station: Station) -> None:
        """Has the kernel silenced it? Asked only when packets came since the last time."""
        total = self._meters[station.device.name].total
        if total != self._asked and _kernel_says_dead():
            self._unplug(station, "too many packets or connections at once")
        self._asked = total

    def _unplug(self, station: Station, why: str) -> None:
        self._dead.add(station.device.name)
        (self._folder / "dead" / station.device.name).write_text(why, encoding="utf-8")
        command = [program_path("ip"), "link", "set", station.interface or "lo", "down"]
        subprocess.run(command, check=False, timeout=10)


def _kernel_says_dead() -> bool:
    command = [program_path("nft"), "list", "set", "inet", "fragile", "dead"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    return "elements" in ran.stdout
