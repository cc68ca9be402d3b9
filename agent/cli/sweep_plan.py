"""What `muster sweep --dry-run` says: every class of packet, how many leave, at which rates, how long."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import click

from inventory.language import _

if TYPE_CHECKING:
    from agent.service.plan import ScanPlan

_PACKETS_A_CONNECTION: Final = 4  # as the door counts them


@dataclass(frozen=True, slots=True)
class Leaving:
    """One class of packet: of how many addresses which ports are asked, and how many packets that is."""

    kind: str
    addresses: int
    ports: str
    packets: int


def say_plan(
    planned: "ScanPlan",
    ports: tuple[Sequence[int], Sequence[int]],
    again: int,
    rates: tuple[float | None, float | None],
    form: str,
    *,
    connect: bool,
) -> None:
    """Prints the plan: `ports` of TCP and of UDP, `rates` (packets per second) in all and to one host."""
    from agent.transport.raw.passes import MOST_FURTHER_PASSES

    rows = [row for row in _leaving(planned, ports, again, connect=connect) if row.packets]
    packets = sum(row.packets for row in rows)
    to_one = max((row.packets / row.addresses for row in rows), default=0)
    seconds = max(packets / (rates[0] or float("inf")), to_one / (rates[1] or float("inf")))
    whole = {
        "addresses": planned.addresses,
        "packets": packets,
        "further_passes": 0 if connect or not again else MOST_FURTHER_PASSES,
        "rate": rates[0],
        "per_host": rates[1],
        "seconds": round(seconds, 1) if seconds else None,
    }
    if form == "json":
        for row in rows:
            click.echo(json.dumps(asdict(row)))
        click.echo(json.dumps({"plan": whole}))
        return
    for row in rows:
        text = _("{kind:<8} {packets:>9} packets, {addresses} addresses {ports}")
        click.echo(text.format(**asdict(row)).rstrip())
    text = _("{addresses} addresses: {packets} packets, {rate} a second, {per_host} to one host, {seconds} s")
    shown = {"rate": _rate(rates[0]), "per_host": _rate(rates[1]), "seconds": whole["seconds"] or "-"}
    click.echo(text.format(**whole | shown))
    if whole["further_passes"]:
        text = _("Where answers get lost, the missing are asked up to {further_passes} times more.")
        click.echo(text.format(**whole))


def _leaving(
    planned: "ScanPlan", ports: tuple[Sequence[int], Sequence[int]], again: int, *, connect: bool
) -> Iterator[Leaving]:
    from agent.sweeps.presence import ARP_PASSES
    from agent.transport.guard import RAW_PRINT_PORTS
    from agent.transport.raw.route import ways

    tcp, udp = ports
    four = sum(len(area.addresses) for area in planned.areas)
    six = sum(area.asked_at_most for area in planned.six)
    knocked = [port for port in tcp if port not in RAW_PRINT_PORTS]
    if connect:
        yield Leaving("connect", four, _listed(knocked), four * len(knocked) * _PACKETS_A_CONNECTION)
    else:
        paths = [pair for area in planned.areas for pair in ways(area.addresses).groups]
        asked = [(way, len(part)) for way, part in paths if way.takes_frames]
        local = sum(count for way, count in asked if way.gateway is None)
        gateways = {way for way, _count in asked if way.gateway is not None}
        four = sum(count for _way, count in asked)
        yield Leaving("arp", local + len(gateways), "", (local + len(gateways)) * (ARP_PASSES + again))
        yield Leaving("syn", four, _listed(tcp), four * len(tcp) * (1 + again))
    yield Leaving("udp", four, _listed(udp), four * len(udp) * (1 + again))
    if not connect:
        yield Leaving("icmp6", six, "", six * (1 + max(1, again)))
    yield Leaving("connect", six, _listed(knocked), six * len(knocked) * _PACKETS_A_CONNECTION)


def _rate(rate: float | None) -> str:
    return "max" if rate is None else f"{rate:g}"


def _listed(ports: Sequence[int]) -> str:
    from agent.ranges import joined

    spans = joined((port, port) for port in ports)
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
