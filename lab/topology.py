"""Which devices stand where: the topology files, read strictly into one frozen `Office`.

docs/lab.md has the schema and a worked example. Everything that cannot be built is refused
here, with file and line, before any namespace is made.
"""

import hashlib
import ipaddress
import re
from pathlib import Path

from lab.layout import Device, Office, Rule, Segment, Vantage
from lab.persona import CONNECTIONS, Persona, placeholders
from lab.reading import Place, Table, fill, read_yaml

FOLDER = Path(__file__).parent / "topologies"
DEFAULT = FOLDER / "office.yaml"

_DEVICE_KEYS = (
    *("device", "persona", "segment", "ip", "mac", "hostname", "serial", "firmware"),
    *("owner", "location", "connection", "port", "router"),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_SWITCH_PORT = re.compile(r"([A-Za-z0-9-]+)/([0-9]{1,3})")
_RULE_PORT = re.compile(r"any|icmp|(tcp|udp)/[0-9]{1,5}")
_MOST_PORTS = 512
_VANTAGE_OUI = "02:4d:55"


def load_office(path: Path, personas: dict[str, Persona]) -> Office:
    """The office of a topology file; raises BadFile naming file and line."""
    table = read_yaml(path)
    table.only("topology", "title", "segments", "rules", "vantages", "devices")
    segments = _segments(table.table("segments"))
    if not segments:
        table.refuse("no segment is declared", "segments")
    by_name = {segment.name: segment for segment in segments}
    taken = _Taken()
    for segment in segments:
        taken.ips[str(segment.gateway)] = f"the gateway of {segment.name}"
    vantages = tuple(
        _vantage(name, table.table("vantages").table(name), by_name, taken)
        for name in table.table("vantages")
    )
    if not vantages:
        table.refuse("no vantage is declared: nothing could be run", "vantages")
    devices = _devices(table, by_name, personas, taken)
    _check_ports(table, devices)
    return Office(
        name=table.text("topology"),
        title=table.text("title", ""),
        segments=segments,
        rules=tuple(_rule(entry, by_name) for entry in table.tables("rules")),
        vantages=vantages,
        devices=devices,
    )


class _Taken:
    """Names and addresses given out so far, and to whom."""

    def __init__(self) -> None:
        self.names: dict[str, Place] = {}
        self.ips: dict[str, str] = {}
        self.macs: dict[str, str] = {}

    def name(self, name: str, table: Table, key: str | None) -> None:
        if name in self.names:
            table.refuse(f"'{name}' exists already ({self.names[name]})", key)
        self.names[name] = table.where(key)

    def ip(self, ip: str, whose: str, table: Table) -> None:
        if ip in self.ips:
            table.refuse(f"address {ip} is taken by {self.ips[ip]}", "ip")
        self.ips[ip] = whose

    def mac(self, mac: str, whose: str, table: Table) -> None:
        if mac in self.macs:
            table.refuse(f"MAC {mac} is taken by {self.macs[mac]}", "mac")
        self.macs[mac] = whose


def _segments(table: Table) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for number, name in enumerate(table, 1):
        entry = table.table(name)
        entry.only("network", "gateway", "vlan")
        if not _NAME.fullmatch(name) or len(name) > 10:
            table.refuse("a segment's name has 1 to 10 letters, digits or hyphens", name)
        try:
            network = ipaddress.IPv4Network(entry.text("network"))
        except ValueError as error:
            entry.refuse(f"not an IPv4 network: {error}", "network")
        if not network.is_private:
            entry.refuse("a lab segment must be a private network", "network")
        if not 16 <= network.prefixlen <= 29:
            entry.refuse("a lab segment is a /16 to a /29", "network")
        for other in segments:
            if other.network.overlaps(network):
                entry.refuse(f"overlaps {other.name} ({other.network})", "network")
        gateway = entry.text("gateway", str(network[1]))
        vlan = entry.integer("vlan", number * 10, least=1, most=4094)
        segments.append(Segment(name, network, _inside(gateway, network, entry, "gateway"), vlan))
    return tuple(segments)


def _inside(text: str, network: ipaddress.IPv4Network, table: Table, key: str) -> ipaddress.IPv4Address:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        table.refuse(f"'{text}' is not an IPv4 address", key)
    if address not in network or address in (network.network_address, network.broadcast_address):
        table.refuse(f"{text} is not a host address of {network}", key)
    return address


def _segment(table: Table, segments: dict[str, Segment]) -> Segment:
    name = table.text("segment")
    if name not in segments:
        table.refuse(f"unknown segment '{name}' (known: {', '.join(segments)})", "segment")
    return segments[name]


def _vantage(name: str, table: Table, segments: dict[str, Segment], taken: _Taken) -> Vantage:
    table.only("segment", "ip", "mac", "manages", "port")
    if not _NAME.fullmatch(name) or len(name) > 10:
        table.refuse("a vantage's name has 1 to 10 letters, digits or hyphens")
    segment = _segment(table, segments)
    ip = str(_inside(table.text("ip"), segment.network, table, "ip"))
    mac = _mac(table, _VANTAGE_OUI, f"vantage {name}")
    taken.ip(ip, name, table)
    taken.mac(mac, name, table)
    return Vantage(name, segment, ip, mac, table.flag("manages", default=False), _switch_port(table))


def _rule(table: Table, segments: dict[str, Segment]) -> Rule:
    table.only("from", "to", "ports", "why", "wrong")
    choices = (*segments, "any")
    ports = table.texts("ports")
    for port in ports:
        if not _RULE_PORT.fullmatch(port) or not _port_number_fits(port):
            table.refuse(f"a rule's port is tcp/445, udp/53, icmp or any, not '{port}'", "ports")
    return Rule(
        table.choice("from", choices),
        table.choice("to", choices),
        ports,
        table.text("why", ""),
        table.flag("wrong", default=False),
    )


def _port_number_fits(port: str) -> bool:
    number = port.partition("/")[2]
    return not number or 1 <= int(number) <= 65535


def _devices(
    table: Table, segments: dict[str, Segment], personas: dict[str, Persona], taken: _Taken
) -> tuple[Device, ...]:
    devices: list[Device] = []
    count: dict[str, int] = {}
    for entry in table.tables("devices"):
        entry.only(*_DEVICE_KEYS)
        name = entry.text("persona")
        if name not in personas:
            entry.refuse(f"unknown persona '{name}'", "persona")
        count[name] = count.get(name, 0) + 1
        device = _device(entry, personas[name], segments, taken, count[name])
        if device.router and any(other.router for other in devices):
            entry.refuse("there is a router already", "router")
        devices.append(device)
    return tuple(devices)


def _device(entry: Table, persona: Persona, segments: dict[str, Segment], taken: _Taken, n: int) -> Device:
    name = entry.text("device")
    if not _NAME.fullmatch(name):
        entry.refuse("a device's name has 1 to 32 letters, digits or hyphens", "device")
    taken.name(name, entry, "device")
    segment = _segment(entry, segments)
    router = entry.flag("router", default=False)
    ip = _device_address(entry, persona, segment, router=router)
    if ip and not router:
        taken.ip(ip, name, entry)
    mac = _mac(entry, persona.oui, f"{segment.name} {ip or name}")
    taken.mac(mac, name, entry)
    given = {key: entry.text(key, "") for key in ("location", "owner")}
    values = placeholders(mac=mac, ip=ip, n=n, given=given)
    for key in ("serial", "firmware", "hostname"):
        values[key] = fill(entry.text(key, getattr(persona, key)), values)
    return Device(
        name=name,
        persona=persona,
        segment=segment,
        ip=ip,
        mac=mac,
        hostname=values["hostname"],
        serial=values["serial"],
        firmware=values["firmware"],
        owner=given["owner"],
        location=given["location"],
        connection=entry.choice("connection", CONNECTIONS, persona.connection),
        port=_switch_port(entry),
        router=router,
        n=n,
    )


def _device_address(entry: Table, persona: Persona, segment: Segment, *, router: bool) -> str:
    if router:
        if "ip" in entry:
            entry.refuse("the router's addresses are the segments' gateways", "ip")
        return str(segment.gateway)
    if "ip" not in entry and persona.connection == "none":
        return ""
    return str(_inside(entry.text("ip"), segment.network, entry, "ip"))


def _mac(table: Table, oui: str, seed: str) -> str:
    """The MAC written in the file, or one of that vendor made from the seed, always the same."""
    mac = table.text("mac", f"{oui}:{_three_bytes(seed)}").lower()
    if not _MAC.fullmatch(mac) or int(mac[:2], 16) & 1:
        table.refuse(f"'{mac}' is not a station's MAC address", "mac")
    return mac


def _three_bytes(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in digest[:3])


def _switch_port(table: Table) -> tuple[str, int] | None:
    if "port" not in table:
        return None
    found = _SWITCH_PORT.fullmatch(table.text("port"))
    if not found or not 1 <= int(found[2]) <= _MOST_PORTS:
        table.refuse(f"a port looks like sw1/7, not '{table.text('port')}'", "port")
    return found[1], int(found[2])


def _check_ports(table: Table, devices: tuple[Device, ...]) -> None:
    by_name = {device.name: device for device in devices}
    hanging = [*table.tables("devices")]
    hanging += [table.table("vantages").table(name) for name in table.table("vantages")]
    for entry in hanging:
        port = _switch_port(entry)
        if port is None:
            continue
        if port[0] not in by_name:
            entry.refuse(f"no device is called '{port[0]}'", "port")
        most = _ports_of(by_name[port[0]].persona)
        if port[1] > most:
            entry.refuse(f"{port[0]} has {most} ports", "port")


def _ports_of(switch: Persona) -> int:
    """How many ports a switch says it has (its SNMP bridge); no limit where it does not say."""
    for served in switch.serves:
        if served.name == "snmp" and "ports" in served.table.table("bridge"):
            return served.table.table("bridge").integer("ports")
    return _MOST_PORTS
