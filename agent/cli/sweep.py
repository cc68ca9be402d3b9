"""`muster sweep`: the raw engine alone, a line per answer; nothing goes into the register."""

import asyncio
import json
import random
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator

import click

from inventory.console import Session, pass_session
from inventory.exits import Exit, NotAllowed, UsageFault
from inventory.language import _
from inventory.types import Scope

_MAX = "max"


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--ports", required=True, metavar="22,80,8000-8010", help="TCP ports to ask.")
@click.option("--rate", default="", metavar="N|max", help="Packets per second in all.")
@click.option("--per-host", default="", metavar="N|max", help="Packets per second to one host.")
@click.option(
    "--retries", type=click.IntRange(0, 5), default=None, help="Further passes over what is silent."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@pass_session
def sweep(  # noqa: PLR0917 - click passes by name
    session: Session,
    targets: tuple[str, ...],
    ports: str,
    rate: str,
    per_host: str,
    retries: int | None,
    form: str,
) -> None:
    """Ask TCP ports of addresses with SYN packets, and print who answers.

    TARGETs must lie in scope. Rates above the usual caps need a scope that lifts them.
    """
    from agent.service.plan import plan as make_plan
    from agent.sweeps.connect import ConnectSweeper
    from agent.sweeps.raw import RawSweeper
    from agent.transport.door import Door
    from agent.transport.limits import Limits
    from agent.transport.pace import Pace
    from agent.transport.raw.engine import Caps
    from agent.transport.raw.link import require_raw_sockets
    from agent.transport.tally import Tally
    from inventory.register import Register
    from inventory.types import SystemClock

    wanted = port_numbers(ports)
    settings = session.settings.scan
    with Register.open(session.register_place, SystemClock()) as register:
        planned = make_plan(register.scopes(), register.iter_devices(), targets, settings)
    total = _rate(rate, "--rate", settings.rate)
    each = _rate(per_host, "--per-host", settings.per_host_rate)
    scopes = [area.scope for area in planned.areas]
    _refuse_above_caps(scopes, total, settings.rate, "--rate")
    _refuse_above_caps(scopes, each, settings.per_host_rate, "--per-host")
    require_raw_sockets()
    stop, tally = threading.Event(), Tally()
    pace = Pace(settings.rate, settings.per_host_rate)
    door = Door(pace, Limits(), settings.per_host_connections, tally)
    again = settings.retries if retries is None else retries
    unprivileged = ConnectSweeper(door, planned.gate, again, stop, lambda _progress: None)
    sweeper = RawSweeper(
        Caps(total, each), unprivileged, again, tally, stop, lambda _progress: None, random.SystemRandom()
    )
    before = signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    began = time.monotonic()
    try:
        hosts, dropped = asyncio.run(sweeper.sweep(planned.areas, wanted))
    finally:
        signal.signal(signal.SIGINT, before)
    answers = 0
    for host in hosts:
        for port, state in sorted(host.ports.items()):
            answers += 1
            row = {"ip": host.ip, "mac": host.mac, "proto": "tcp", "port": port, "state": str(state)}
            click.echo(json.dumps(row) if form == "json" else f"{host.ip:<15}  tcp/{port:<5}  {state}")
    seconds = time.monotonic() - began
    summary = {
        "addresses": planned.addresses,
        "answers": answers,
        "packets": sum(tally.packets.values()),
        "seconds": round(seconds, 3),
        "dropped": dropped,
        "stopped": stop.is_set(),
    }
    text = _("{answers} answers from {addresses} addresses; {packets} packets in {seconds} seconds")
    click.echo(json.dumps({"summary": summary}) if form == "json" else text.format(**summary))
    if stop.is_set():
        sys.exit(Exit.STOPPED)


def port_numbers(text: str) -> tuple[int, ...]:
    """`22,80,8000-8010` as ascending numbers; UsageFault names the part that makes no sense."""
    return tuple(sorted(set(_numbers(text))))


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
