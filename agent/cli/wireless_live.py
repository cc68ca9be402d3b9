"""`muster wireless ask` and `listen`: networks by the word of the gear that sends them, and off the air."""

import asyncio
import signal
import threading
import uuid
from typing import TYPE_CHECKING

import click

from inventory.console import Session, pass_session
from inventory.exits import UsageFault
from inventory.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agent.permit import Permit
    from agent.transport.talk import Failed
    from agent.wireless.heard import Heard, LeftOut
    from inventory.register import Register
    from inventory.types import Device


@click.command()
@click.argument("addresses", nargs=-1)
@click.option("--site", required=True, help="The site whose gear is asked.")
@pass_session
def ask(session: Session, addresses: tuple[str, ...], site: str) -> None:
    """Ask controllers and access points over SNMP which networks they send, and keep what they say.

    Without ADDRESSES all access points, controllers, routers and firewalls of the site in scope are asked,
    with the communities and users of the settings and the vault (whose tables are known: docs/wireless.md).
    """
    from agent.permit import Gate
    from agent.service.wireless import gear_of
    from agent.transport.talk import Failed
    from inventory.register import Register
    from inventory.types import SystemClock, today

    clock, days = SystemClock(), session.settings.evidence_days
    with Register.open(session.register_place, clock, create=False) as register:
        gate = Gate(register.scopes(), register.iter_devices(), today(clock))
        chosen = gear_of(register.devices(), gate, site, addresses)
        if not chosen:
            raise UsageFault(_("no access point, controller, router or firewall of the site is in scope"))
        heard = asyncio.run(_ask_all(session, [permit for _device, permit in chosen]))
        for (device, permit), networks in zip(chosen, heard, strict=True):
            if isinstance(networks, Failed):
                click.echo(f"{permit.ip}: {networks.reason}")
            elif networks:
                keep(
                    register,
                    networks,
                    site,
                    permit.target.segment,
                    permit.ip,
                    sender=device,
                    evidence_days=days,
                )
            else:
                click.echo(_("{path}: names no network").format(path=permit.ip))


@click.command()
@click.option("--interface", required=True, metavar="NAME", help="A wireless interface in monitor mode.")
@click.option("--site", required=True, help="Where it listens.")
@click.option("--segment", default="", help="The segment the networks lead to, where it is one.")
@click.option(
    "--seconds", type=click.FloatRange(1, 86_400), default=60.0, show_default=True, help="How long."
)
@pass_session
def listen(session: Session, interface: str, site: str, segment: str, seconds: float) -> None:
    """Hear on a monitor interface which networks there are and who joins them; nothing is sent.

    One channel is heard at a time: which one, `iw dev NAME set channel` says.
    """
    from agent.wireless.heard import of_frames
    from agent.wireless.live import monitored
    from inventory.register import Register
    from inventory.types import SystemClock

    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    try:
        heard = of_frames(monitored(interface, seconds, stop.is_set), interface)
    finally:
        signal.signal(signal.SIGINT, before)
    with Register.open(session.register_place, SystemClock()) as register:
        tell(heard.left_out)
        days = session.settings.evidence_days
        keep(register, heard.networks, site, segment, interface, evidence_days=days)


async def _ask_all(session: Session, permits: "list[Permit]") -> "list[tuple[Heard, ...] | Failed]":
    from agent.probes.reply import Context
    from agent.service.wireless import ask as ask_gear
    from agent.transport.door import Door
    from agent.transport.limits import Limits
    from agent.transport.pace import Pace
    from inventory.vault import scan_settings

    rates = scan_settings(session.settings)
    door = Door(Pace(rates.rate, rates.per_host_rate), Limits().scaled(rates.timeout), 1)
    context = Context(rates.snmp_communities, rates.timeout / 2, lambda _oid: (), rates.snmp_users)
    return await asyncio.gather(*(ask_gear(door, permit, context) for permit in permits))


def tell(left_out: "Iterable[LeftOut]") -> None:
    """Says what of a source could not be read, a line each, beside the output."""
    for each in left_out:
        click.echo(_("left out: {what}").format(what=each), err=True)


def keep(
    register: "Register",
    networks: "Iterable[Heard]",
    site: str,
    segment: str,
    source: str,
    *,
    sender: "Device | None" = None,
    heard_at: "datetime | None" = None,
    evidence_days: int,
) -> None:
    """Takes the networks of one source into the register, and says how many there were."""
    from agent.service.wireless import take_in
    from agent.vantage import vantage
    from inventory.types import SystemClock

    done = take_in(
        register,
        networks,
        site,
        segment,
        source,
        SystemClock(),
        run=f"wireless-{uuid.uuid4().hex[:12]}",
        vantage=vantage(),
        sender=sender,
        heard_at=heard_at,
        evidence_days=evidence_days,
    )
    text = _("{path}: {count} networks, {joined} of a known access point")
    click.echo(text.format(path=source, count=len(done.networks), joined=done.with_device))
