"""What kind of device a pretend device is: the persona files and what is true of them.

A persona is one YAML file (docs/lab.md has the schema and a worked example). Its texts may
hold `{name}` placeholders that the topology's device entry fills: see `placeholders`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from lab.daemons import DAEMONS
from lab.errors import BadFile
from lab.reading import Place, Table, read_yaml
from lab.speaks import SPEAKS
from lab.speaks.settings import PortSettings

FOLDER = Path(__file__).parent / "personas"

CONNECTIONS = ("wired", "wireless", "none")
DEFAULT_LOGINS = ("yes", "no", "none-asked", "not-applicable")
VERDICTS = ("compliant", "breach", "excepted", "not-applicable", "undetermined")

CLASSES = (
    *("printer", "scanner", "fax", "camera", "recorder", "pbx", "phone", "access-point"),
    *("wlan-controller", "switch", "router", "firewall", "nas", "ups", "pdu"),
    *("environmental-sensor", "access-control", "intercom", "av", "display", "kvm-bmc"),
    *("building-automation", "media", "server", "workstation", "mobile", "other", "unknown"),
)

_PERSONA_KEYS = (
    *("persona", "title", "oui", "hostname", "serial", "firmware", "connection"),
    *("silent", "arp", "lldp", "fragile", "serves", "truth"),
)
_TRUTH_KEYS = (
    *("device_class", "vendor", "model", "firmware", "serial"),
    *("default_login", "in_scope", "verdicts", "ports"),
)
_OUI = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){2}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_PORT = re.compile(r"(tcp|udp)/[0-9]{1,5}")


@dataclass(frozen=True)
class Served:
    """One `serves` entry: a protocol of lab/speaks or a real daemon, on one port."""

    by: Literal["protocol", "daemon"]
    name: str
    transport: Literal["tcp", "udp", "frame"]
    port: int
    """0 where the daemon speaks in frames (LLDP) and has no port."""
    table: Table
    """The entry's settings as written, placeholders unfilled."""

    @property
    def shown_port(self) -> str:
        """`tcp/80`."""
        return f"{self.transport}/{self.port}"

    def settings(self, values: Mapping[str, str]) -> PortSettings:
        """The entry's settings with placeholders filled; raises BadFile at the bad line."""
        filled = self.table.filled(values)
        try:
            return _model(self.by, self.name).model_validate(filled.plain())
        except ValidationError as error:
            first = error.errors()[0]
            path = tuple(first["loc"])
            raise BadFile(
                f"{filled.place_at(path)}: {self.name}: "
                f"{'.'.join(str(step) for step in path)}: {first['msg']}"
            ) from error


@dataclass(frozen=True)
class Fragile:
    """What kills the device: more packets in one second, or more open TCP connections."""

    packets_per_second: int
    connections: int


@dataclass(frozen=True)
class PersonaTruth:
    """What a fair expert could conclude from one scan; empty text = nobody can know."""

    device_class: str
    vendor: str
    model: str
    firmware: str
    serial: str
    default_login: str
    in_scope: bool
    verdicts: Mapping[str, str]
    ports: tuple[str, ...]


@dataclass(frozen=True)
class Persona:
    """One kind of device."""

    name: str
    title: str
    oui: str
    hostname: str
    serial: str
    firmware: str
    connection: str
    silent: bool
    arp: bool
    lldp: str | None
    """Its system description when it announces itself (IEEE 802.1AB); None when it does not."""
    fragile: Fragile | None
    serves: tuple[Served, ...]
    truth: PersonaTruth
    place: Place


def placeholders(*, mac: str, ip: str, n: int, given: Mapping[str, str]) -> dict[str, str]:
    """What the placeholders of one device stand for.

    `{mac}` 00:26:73:aa:bb:cc, `{MAC}` in capitals, `{mac12}` 002673AABBCC, `{mac6}` AABBCC,
    `{maclower}` 002673aabbcc, `{ip}`, `{n}` 1, `{n2}` 01, `{n4}` 0001, and `{hostname}`,
    `{serial}`, `{firmware}`, `{location}`, `{owner}` from `given`.
    """
    bare = mac.replace(":", "").upper()
    return {
        "mac": mac.lower(),
        "MAC": mac.upper(),
        "mac12": bare,
        "maclower": bare.lower(),
        "mac6": bare[6:],
        "ip": ip,
        "n": str(n),
        "n2": f"{n:02}",
        "n4": f"{n:04}",
        **given,
    }


def load_personas(folder: Path = FOLDER) -> dict[str, Persona]:
    """Every persona of a folder by name; raises BadFile naming file and line."""
    if not folder.is_dir():
        raise BadFile(f"{folder}:1: no such folder of personas")
    personas: dict[str, Persona] = {}
    for path in sorted(folder.glob("*.yaml")):
        persona = load_persona(path)
        if persona.name in personas:
            raise BadFile(f"{persona.place}: persona '{persona.name}' exists already")
        personas[persona.name] = persona
    if not personas:
        raise BadFile(f"{folder}:1: holds no persona (*.yaml)")
    return personas


def load_persona(path: Path) -> Persona:
    """One persona file, every setting of it checked; raises BadFile naming file and line."""
    table = read_yaml(path)
    table.only(*_PERSONA_KEYS)
    silent = table.flag("silent", default=False)
    serves = tuple(_served(entry) for entry in table.tables("serves"))
    persona = Persona(
        name=_matching(table, "persona", _NAME, "lower-case-with-hyphens"),
        title=table.text("title"),
        oui=_matching(table, "oui", _OUI, "00:26:73").lower(),
        hostname=table.text("hostname", ""),
        serial=table.text("serial", ""),
        firmware=table.text("firmware", ""),
        connection=table.choice("connection", CONNECTIONS),
        silent=silent,
        arp=table.flag("arp", default=True),
        lldp=table.text("lldp") if "lldp" in table else None,
        fragile=_fragile(table.table("fragile")) if "fragile" in table else None,
        serves=serves,
        truth=_truth(table.table("truth")),
        place=table.place,
    )
    if silent and serves:
        table.refuse("a silent device serves nothing", "serves")
    spoken = sorted(served.shown_port for served in serves if served.transport != "frame")
    if len(set(spoken)) != len(spoken):
        table.refuse("two entries serve the same port", "serves")
    if sorted(persona.truth.ports) != spoken:
        table.table("truth").refuse(
            f"truth.ports says [{', '.join(sorted(persona.truth.ports))}] "
            f"but it serves [{', '.join(spoken)}]",
            "ports",
        )
    _check_settings(persona)
    return persona


def _served(entry: Table) -> Served:
    if ("protocol" in entry) == ("daemon" in entry):
        entry.refuse("name either a protocol or a daemon")
    by: Literal["protocol", "daemon"] = "protocol" if "protocol" in entry else "daemon"
    name = entry.text(by)
    transports: dict[str, Literal["tcp", "udp", "frame"]]
    if by == "protocol":
        transports = {one.protocol: one.transport for one in SPEAKS}
    else:
        transports = {one.name: one.transport for one in DAEMONS}
    if name not in transports:
        entry.refuse(f"unknown {by} '{name}' (known: {', '.join(sorted(transports))})", by)
    if transports[name] == "frame":
        return Served(by, name, "frame", 0, entry.without(by))
    port = entry.integer("port", _usual_port(by, name), least=1, most=65535)
    return Served(by, name, transports[name], port, entry.without(by))


def _fragile(table: Table) -> Fragile:
    table.only("packets_per_second", "connections")
    return Fragile(
        table.integer("packets_per_second", least=1, most=10_000),
        table.integer("connections", least=1, most=1000),
    )


def _truth(table: Table) -> PersonaTruth:
    table.only(*_TRUTH_KEYS)
    verdicts = table.table("verdicts")
    ports = table.texts("ports", ())
    for port in ports:
        if not _PORT.fullmatch(port):
            table.refuse(f"a port looks like tcp/80, not '{port}'", "ports")
    return PersonaTruth(
        device_class=table.choice("device_class", CLASSES),
        vendor=table.text("vendor", ""),
        model=table.text("model", ""),
        firmware=table.text("firmware", ""),
        serial=table.text("serial", ""),
        default_login=table.choice("default_login", DEFAULT_LOGINS),
        in_scope=table.flag("in_scope"),
        verdicts={rule: verdicts.choice(rule, VERDICTS) for rule in verdicts},
        ports=ports,
    )


def _check_settings(persona: Persona) -> None:
    sample = placeholders(
        mac=f"{persona.oui}:00:00:01",
        ip="192.0.2.1",
        n=1,
        given=dict.fromkeys(("hostname", "serial", "firmware", "location", "owner"), "sample"),
    )
    for served in persona.serves:
        served.settings(sample)


def _model(by: Literal["protocol", "daemon"], name: str) -> type[PortSettings]:
    if by == "daemon":
        return next(one.settings for one in DAEMONS if one.name == name)
    return next(one.settings for one in SPEAKS if one.protocol == name)


def _usual_port(by: Literal["protocol", "daemon"], name: str) -> int | None:
    usual = _model(by, name).model_fields["port"].default
    return usual if isinstance(usual, int) else None


def _matching(table: Table, key: str, pattern: re.Pattern[str], example: str) -> str:
    text = table.text(key)
    if not pattern.fullmatch(text):
        table.refuse(f"'{key}' must look like {example}, not '{text}'", key)
    return text
