"""`muster sweep`: the raw engine alone, a line per answer; nothing goes into the register."""

import asyncio
import json
import math
import random
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.sweep_plan import say_plan
from inventory.console import Session, pass_session
from inventory.exits import Exit, NotAllowed, UsageFault
from inventory.language import _
from inventory.types import DeviceClass, Scope

if TYPE_CHECKING:
    from agent.permit import Located
    from agent.service.plan import ScanPlan
    from agent.sweeps.found import Host
    from agent.transport.raw.outcome import Progress

_MAX = "max"


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--ports", default="", metavar="22,80,8000-8010", help="TCP ports to ask with a SYN.")
@click.option(
    "--udp", default="", metavar="53,123,161", help="UDP ports to ask, each its own harmless question."
)
@click.option("--rate", default="", metavar="N|max", help="Packets per second in all.")
@click.option("--per-host", default="", metavar="N|max", help="Packets per second to one host.")
@click.option(
    "--retries", type=click.IntRange(0, 5), default=None, help="Further passes over what is silent."
)
@click.option(
    "--wait",
    type=click.FloatRange(0.1, 10),
    default=None,
    help="Seconds at the end (default: 1, less where answers come quickly).",
)
@click.option("--connect", is_flag=True, help="Without CAP_NET_RAW: TCP connections and datagrams, no MACs.")
@click.option(
    "--resume",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep in FILE how far the sweep is, and go on from there; a complete one removes it.",
)
@click.option("--dry-run", is_flag=True, help="Say what would leave, and send nothing.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@pass_session
def sweep(  # noqa: PLR0917 - click passes by name
    session: Session,
    targets: tuple[str, ...],
    ports: str,
    udp: str,
    rate: str,
    per_host: str,
    retries: int | None,
    wait: float | None,
    connect: bool,
    resume: Path | None,
    dry_run: bool,
    form: str,
) -> None:
    """Ask ports of addresses, and print who answers.

    TARGETs must lie in scope. Rates above the usual caps need a scope that lifts them.
    """
    wanted = port_numbers(ports) if ports else ()
    wanted_udp = _datagram_ports(udp)
    if not wanted and not wanted_udp:
        raise UsageFault(_("say which ports: --ports 22,80 or --udp 53,161"))
    if connect and resume:
        raise UsageFault(_("--connect keeps no file to resume from"))
    settings = session.settings.scan
    planned = _planned(session, targets)
    total = _rate(rate, "--rate", settings.rate)
    each = _rate(per_host, "--per-host", settings.per_host_rate)
    scopes = [*(area.scope for area in planned.areas), *(area.scope for area in planned.six)]
    _refuse_above_caps(scopes, total, settings.rate, "--rate")
    _refuse_above_caps(scopes, each, settings.per_host_rate, "--per-host")
    again = settings.retries if retries is None else retries
    if dry_run:
        say_plan(planned, (wanted, wanted_udp), again, (total, each), form, connect=connect)
        return
    sweeping = _Sweeping(planned, wanted, wanted_udp, (total, each), again, wait, resume)
    done = sweeping.carry_out(connect=connect)
    summary = {"addresses": planned.addresses, "answers": _say_answers(done.pop("hosts"), form), **done}
    text = _("{answers} answers from {addresses} addresses; {packets} packets in {seconds} seconds")
    click.echo(json.dumps({"summary": summary}) if form == "json" else text.format(**summary))
    for fault in (*summary["not_asked"], *summary["faults"]):
        click.echo(f"muster: {fault}", err=True)
    if summary["stopped"]:
        if resume:
            text = _("stopped; the same command goes on from {path}")
            click.echo("muster: " + text.format(path=resume), err=True)
        sys.exit(Exit.STOPPED)


@dataclass
class _Sweeping:
    """One sweep, all options settled: `rates` are packets per second in all and per host, None for no cap."""

    planned: "ScanPlan"
    ports: tuple[int, ...]
    udp_ports: tuple[int, ...]
    rates: tuple[float | None, float | None]
    again: int
    wait: float | None
    resume: Path | None

    def carry_out(self, *, connect: bool) -> dict[str, Any]:
        """Sweeps until done or stopped: the hosts, and what goes into the summary."""
        from agent.sweeps.connect import ConnectSweeper
        from agent.sweeps.ipv6 import SixSweeper
        from agent.sweeps.raw import QUICK, RawSweeper
        from agent.transport.door import Door
        from agent.transport.limits import Limits
        from agent.transport.pace import Pace
        from agent.transport.raw.journal import Journal
        from agent.transport.raw.link import require_raw_sockets
        from agent.transport.raw.patience import Patience
        from agent.transport.raw.tempo import Caps
        from agent.transport.tally import Tally

        if not connect:
            require_raw_sockets()
        settings = self.planned.settings
        began, stop, tally = time.monotonic(), threading.Event(), Tally()
        total, each = self.rates if connect else (settings.rate, settings.per_host_rate)
        door = Door(Pace(total or math.inf, each or math.inf), Limits(), settings.per_host_connections, tally)
        teller = Teller(began)
        unprivileged = ConnectSweeper(door, self.planned.gate, self.again, stop, teller.hear)
        patience = QUICK if self.wait is None else Patience(self.wait, self.wait)
        caps, chance = Caps(*self.rates), random.SystemRandom()
        raw = RawSweeper(caps, unprivileged, self.again, tally, stop, teller.hear, chance, patience=patience)
        ask = unprivileged.sweep if connect else raw.sweep
        with ExitStack() as during:
            during.enter_context(_stopping(stop))
            if self.resume:
                raw.asker.journal = during.enter_context(Journal(self.resume, patience.most))
            hosts, dropped = asyncio.run(ask(self.planned.areas, self.ports, self.udp_ports))
            six = SixSweeper(unprivileged, privileged=not connect)
            macs = [host.mac for host in hosts if host.mac]
            hosts += asyncio.run(six.sweep(self.planned.six, self.ports, macs))
            if raw.asker.journal and not stop.is_set():
                raw.asker.journal.remove()
        return {
            "hosts": hosts,
            "packets": sum(tally.packets.values()),
            "seconds": round(time.monotonic() - began, 3),
            "sending": round(raw.asker.sending, 3),
            "loss": round(raw.asker.loss, 4),
            "dropped": dropped,
            "stopped": stop.is_set(),
            "faults": raw.faults,
            "not_asked": [*raw.remarks, *six.remarks, *unprivileged.remarks],
        }


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM stop the sweep; what was heard is still printed."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda _number, _frame: stop.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _planned(session: Session, targets: tuple[str, ...]) -> "ScanPlan":
    """The targets as a plan; OutOfScope for what is in none."""
    from agent.service.plan import plan
    from inventory.types import SystemClock, today

    scopes, devices = _known(session.register_place)
    return plan(scopes, devices, targets, session.settings.scan, ports=(), on=today(SystemClock()))


def _known(place: str) -> "tuple[Sequence[Scope], Sequence[Located]]":
    """The scopes and where every device is: at a glance, else from the whole register."""
    from inventory.glance import glance

    if seen := glance(place):
        return seen.scopes, seen.devices
    from inventory.register import Register
    from inventory.types import SystemClock

    with Register.open(place, SystemClock()) as register:
        return register.scopes(), tuple(register.iter_devices())


class Teller:
    """Progress on a terminal's error output: how far, how fast, how long yet."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._shown = sys.stderr.isatty()

    def hear(self, progress: "Progress") -> None:
        """Writes the line anew; nothing where nobody watches."""
        if not self._shown or not progress.done:
            return
        seconds = max(0.001, time.monotonic() - self._began)
        left = seconds * (progress.planned - progress.done) / progress.done
        text = _("{percent} % · {rate} packets/s · {found} hosts · {left} s left")
        line = text.format(
            percent=100 * progress.done // max(1, progress.planned),
            rate=int(progress.sent / seconds),
            found=progress.found,
            left=int(left),
        )
        click.echo(f"\r{line}\x1b[K", nl=False, err=True)


def _say_answers(hosts: "Iterable[Host]", form: str) -> int:
    """A line per answer, said at once; how many there are."""
    lines = [json.dumps(row) if form == "json" else _line(row) for host in hosts for row in _rows(host)]
    if lines:
        click.echo("\n".join(lines))
    return len(lines)


def _rows(host: "Host") -> Iterator[dict[str, Any]]:
    if "icmp6" in host.answered:
        yield {"ip": host.ip, "mac": host.mac, "proto": "icmp6", "port": None, "state": "answered"}
    for protocol, states in (("tcp", host.ports), ("udp", host.udp_ports)):
        for port, state in sorted(states.items()):
            yield {"ip": host.ip, "mac": host.mac, "proto": protocol, "port": port, "state": str(state)}


def _line(row: dict[str, Any]) -> str:
    if row["port"] is None:
        return f"{row['ip']:<15}  {row['proto']}  {row['mac']}"
    return f"{row['ip']:<15}  {row['proto']}/{row['port']:<5}  {row['state']}"


def port_numbers(text: str) -> tuple[int, ...]:
    """`22,80,8000-8010` as ascending numbers; UsageFault names the part that makes no sense."""
    return tuple(sorted(set(_numbers(text))))


def _datagram_ports(text: str) -> tuple[int, ...]:
    """UDP ports; UsageFault for one that may print what it is sent."""
    from agent.transport import guard

    ports = port_numbers(text) if text else ()
    for port in ports:
        if refusal := guard.refusal(port, DeviceClass.UNKNOWN):
            raise UsageFault(refusal)
    return ports


def _numbers(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _dash, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise UsageFault(_("'{part}' is not a port (try 22,80,8000-8010)").format(part=part))
        numbers = range(int(first), int(last or first) + 1)
        if not numbers or numbers[0] < 1 or numbers[-1] > 65_535:
            raise UsageFault(_("'{part}': ports go from 1 to 65535").format(part=part))
        yield from numbers


def _rate(text: str, option: str, usual: int) -> float | None:
    """Packets per second, None for `max`."""
    if text == _MAX:
        return None
    if not text:
        return float(usual)
    if not text.isdecimal() or int(text) < 1:
        raise UsageFault(_("{option} takes a number or `max`").format(option=option))
    return float(text)


def _refuse_above_caps(scopes: Iterable[Scope], wanted: float | None, cap: int, option: str) -> None:
    if wanted is not None and wanted <= cap:
        return
    for scope in scopes:
        if not scope.caps_lifted:
            text = _(
                "{option} above {cap} needs a scope that allows it; {network} was added without --caps lifted"
            )
            raise NotAllowed(text.format(option=option, cap=cap, network=scope.network))
