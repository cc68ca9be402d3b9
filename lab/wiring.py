"""The office's cables: namespaces, bridges, macvlans, routes and the router's firewall.

Commands go to `ip -batch` and `nft -f`, a handful of processes for the whole office.
ip-link(8), macvlan; arp_ignore/arp_announce/rp_filter: kernel ip-sysctl.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab import sandbox
from lab.daemon_commands import program_path
from lab.errors import BringUpFailed
from lab.layout import Office, Segment, Vantage
from lab.plan import (
    ROUTER,
    Plan,
    Station,
    gateway_mac,
    segment_namespace,
    vantage_namespace,
)

_CABLE = "forward_delay 0 mcast_snooping 0 group_fwd_mask 0x4000"
"""A bridge normally eats LLDP's 01:80:c2:00:00:0e; here it is but the cable."""

_QUIET = {
    "net/ipv6/conf/all/disable_ipv6": "1",
    "net/ipv6/conf/default/disable_ipv6": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv4/conf/all/arp_ignore": "1",
    "net/ipv4/conf/all/arp_announce": "2",
}
_FORWARDING = {"net/ipv4/ip_forward": "1", "net/bridge/bridge-nf-call-iptables": "0"}


def wire(plan: Plan, pins: Path) -> None:
    """Builds every namespace and cable of a plan; `pins` is the folder that names them.

    The calling process stands in the first vantage's namespace. Raises BringUpFailed with the
    tool's own words.
    """
    _settle(_QUIET)
    first, *others = plan.office.vantages
    sandbox.pin_here(pins / vantage_namespace(first))
    for name in plan.namespaces:
        sandbox.make_namespace(pins / name)
        with sandbox.entered(pins / name):
            _settle(_QUIET | _FORWARDING if name == ROUTER else _QUIET)
    office = plan.office
    with sandbox.entered(pins / ROUTER):
        _ip(_router_lines(office, pins))
        _nft(firewall(office))
    for segment in office.segments:
        with sandbox.entered(pins / segment_namespace(segment)):
            _ip(_segment_lines(plan, segment, pins))
            _nft(_silence(plan, segment))
    for station in plan.stations:
        if station.namespace.startswith("dev-"):
            with sandbox.entered(pins / station.namespace):
                _ip(_alone_lines(station))
                _nft(_fragility(station))
    _ip(_vantage_lines(first))
    for vantage in others:
        with sandbox.entered(pins / vantage_namespace(vantage)):
            # Nobody shall find it in a scan: it answers no ARP until a command runs there.
            _ip([*_vantage_lines(vantage), "link set eth0 arp off"])


def awake(command: Sequence[str]) -> list[str]:
    """The command that makes a vantage answer ARP again and then becomes the given command."""
    return ["sh", "-c", f'{program_path("ip")} link set eth0 arp on; exec "$@"', "sh", *command]


def unready(namespaces: Iterable[Path]) -> list[Path]:
    """The namespaces with a link that does not carry packets yet.

    The kernel brings links up in its own time, a bridge's port last of all; a question asked
    before that is lost and only repeated after a second.
    """
    return [pin for pin in namespaces if not _carries(pin)]


def firewall(office: Office) -> str:
    """The router's nftables rules: drop between segments but for what the topology allows."""
    accepted = [f"    ip saddr {vantage.ip} accept" for vantage in office.vantages if vantage.manages]
    for rule in office.rules:
        ways = ""
        if rule.source != "any":
            ways += f'iifname "br-{rule.source}" '
        if rule.target != "any":
            ways += f'oifname "br-{rule.target}" '
        accepted += [f"    {ways}{_match(port)}accept" for port in rule.ports]
    return "\n".join(
        (
            "table inet router {",
            "  chain forward {",
            "    type filter hook forward priority 0; policy drop;",
            "    ct state established,related accept",
            *accepted,
            "  }",
            "}",
        )
    )


def _match(port: str) -> str:
    transport, _, number = port.partition("/")
    if transport in ("any", "icmp"):
        return "" if transport == "any" else "meta l4proto icmp "
    return f"{transport} dport {number} "


def _router_lines(office: Office, pins: Path) -> list[str]:
    lines = ["link set lo up"]
    for segment in office.segments:
        bridge = f"br-{segment.name}"
        peer = pins / segment_namespace(segment)
        lines += [
            f"link add {bridge} address {gateway_mac(office, segment)} type bridge {_CABLE}",
            f"addr add {segment.gateway}/{segment.network.prefixlen} dev {bridge}",
            f"link set {bridge} up",
            f"link add up-{segment.name} type veth peer name uplink netns {peer}",
            f"link set up-{segment.name} master {bridge} up",
        ]
    for vantage in office.vantages:
        where = pins / vantage_namespace(vantage)
        lines += [
            f"link add va-{vantage.name} type veth peer name eth0 address {vantage.mac} netns {where}",
            f"link set va-{vantage.name} master br-{vantage.segment.name} up",
        ]
    return lines


def _segment_lines(plan: Plan, segment: Segment, pins: Path) -> list[str]:
    lines = ["link set lo up", "link set uplink up"]
    for station in plan.stations:
        device = station.device
        if device.segment != segment or station.interface is None:
            continue
        name, table = station.interface, station.number
        alone = station.namespace.startswith("dev-")
        where = f" netns {pins / station.namespace}" if alone else ""
        lines.append(f"link add {name} link uplink address {device.mac}{where} type macvlan mode bridge")
        if alone:
            continue
        lines += [
            f"addr add {device.ip}/{segment.network.prefixlen} dev {name} noprefixroute",
            f"link set {name} {'' if device.persona.arp else 'arp off '}up",
            f"rule add from {device.ip} table {table}",
            f"route add {segment.network} dev {name} src {device.ip} table {table}",
            f"route add default via {segment.gateway} dev {name} table {table}",
        ]
    return lines


def _alone_lines(station: Station) -> list[str]:
    device = station.device
    return [
        "link set lo up",
        f"addr add {device.ip}/{device.segment.network.prefixlen} dev {station.interface}",
        f"link set {station.interface} up",
        f"route add default via {device.segment.gateway}",
    ]


def _vantage_lines(vantage: Vantage) -> list[str]:
    return [
        "link set lo up",
        f"addr add {vantage.ip}/{vantage.segment.network.prefixlen} dev eth0",
        "link set eth0 up",
        f"route add default via {vantage.segment.gateway}",
    ]


def _silence(plan: Plan, segment: Segment) -> str:
    silent = [
        station.interface
        for station in plan.in_namespace(segment_namespace(segment))
        if station.device.persona.silent or not station.device.persona.arp
    ]
    if not silent:
        return ""
    names = ", ".join(f'"{name}"' for name in silent)
    return "\n".join(
        (
            "table inet silence {",
            "  chain input {",
            "    type filter hook input priority 0; policy accept;",
            f"    iifname {{ {names} }} drop",
            "  }",
            "}",
        )
    )


def _fragility(station: Station) -> str:
    """Kernel rules that count every packet and connection, to closed ports as well."""
    fragile = station.device.persona.fragile
    if fragile is None:
        return ""
    here, rate = station.device.ip, fragile.packets_per_second
    dies = "add @dead { ip daddr } drop"
    return "\n".join(
        (
            "table inet fragile {",
            "  set dead { type ipv4_addr; flags dynamic; size 4; }",
            "  chain input {",
            "    type filter hook input priority 0; policy accept;",
            "    ip daddr @dead drop",
            f"    ip daddr {here} limit rate over {rate}/second burst {rate} packets {dies}",
            f"    ip daddr {here} meta l4proto tcp ct state new ct count over {fragile.connections} {dies}",
            "  }",
            "}",
        )
    )


def _carries(pin: Path) -> bool:
    with sandbox.entered(pin):
        ran = subprocess.run(
            [program_path("ip"), "-json", "-details", "link"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    for link in json.loads(ran.stdout):
        port = link.get("linkinfo", {})
        if "LOOPBACK" in link["flags"]:
            continue
        if link["operstate"] != "UP":
            return False
        if port.get("info_slave_kind") == "bridge" and (port["info_slave_data"]["state"] != "forwarding"):
            return False
    return True


def _settle(switches: dict[str, str]) -> None:
    for name, value in switches.items():
        path = Path("/proc/sys", name)
        if path.exists():
            path.write_text(value, encoding="ascii")


def _ip(lines: list[str]) -> None:
    _feed([program_path("ip"), "-batch", "-"], "\n".join(lines))


def _nft(rules: str) -> None:
    if rules:
        _feed([program_path("nft"), "-f", "-"], rules)


def _feed(command: list[str], text: str) -> None:
    ran = subprocess.run(command, input=text + "\n", capture_output=True, text=True, check=False, timeout=30)
    if ran.returncode:
        words = (ran.stderr or ran.stdout).strip().splitlines()
        raise BringUpFailed(f"{Path(command[0]).name}: {words[0] if words else 'failed'}")
