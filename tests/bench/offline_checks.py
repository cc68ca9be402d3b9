"""All checks over 100,000 devices' stored evidence, on one core and without a packet.

The peer is the least any judge must do with the same evidence in the same run: read every fact of every
observation once. The devices are of nine makes with thirty firmware versions each, heard by four probes.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from agent.checks.knowledge import NOTHING
from agent.checks.runner import run, versions
from agent.checks.subject import Measures, Subject
from inventory.types import (
    Address,
    Attribute,
    Device,
    DeviceStatus,
    Fact,
    Held,
    Identifier,
    IdentifierKind,
    Observation,
    Service,
    Target,
)

DEVICES = 100_000
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
_MAKES = (
    ("printer", "Ricoh", "IM C3000", "1.05"),
    ("camera", "Axis", "P3245-LV", "10.12.200"),
    ("switch", "Cisco", "WS-C2960X-24TS-L", "15.2(7)E"),
    ("phone", "Yealink", "SIP-T46S", "66.86.0.15"),
    ("access-point", "Ubiquiti", "U6-Pro", "6.5.28"),
    ("ups", "APC", "AP9630", "6.4.0"),
    ("nas", "Synology", "DS920+", "DSM 7.1-42661"),
    ("printer", "HP", "LaserJet M404", "20201023"),
    ("firewall", "Fortinet", "FortiGate-60F", "v7.2.5"),
)
_OPEN = ((80, "http"), (443, "https"), (23, "telnet"))
_BY_PEOPLE = {
    Attribute.OWNER: "Lin",
    Attribute.LOCATION: "3F",
    Attribute.PURPOSE: "printing",
    Attribute.DECLARED_PORTS: "tcp/80, tcp/443",
}

Row = tuple[str, float, float, float, str]


def bench() -> list[Row]:
    """Seconds of processor time for all checks, and for only reading the evidence."""
    office = tuple(_office(DEVICES))
    measures = Measures()
    used = versions(measures, NOTHING)
    started = time.process_time()
    subjects = (Subject(device, heard, NOW, measures, NOTHING, versions=used) for device, heard in office)
    results = sum(1 for _ in run(subjects))
    ours = time.process_time() - started
    started = time.process_time()
    read = sum(len(fact.value) for _device, heard in office for each in heard for fact in each.facts)
    peer = time.process_time() - started
    assert results
    assert read
    return [(f"{results:,} offline check results over {DEVICES:,} devices", ours, peer, ours / peer, "s")]


def _office(count: int) -> Iterator[tuple[Device, tuple[Observation, ...]]]:
    services = tuple(Service("tcp", port, name, "", "", NOW, NOW) for port, name in _OPEN)
    for number in range(count):
        kind, vendor, model, firmware = _MAKES[number % len(_MAKES)]
        told = {
            Attribute.DEVICE_CLASS: kind,
            Attribute.VENDOR: vendor,
            Attribute.MODEL: model,
            Attribute.FIRMWARE: f"{firmware}.{number % 30}",
            Attribute.CONNECTION_METHOD: "wired",
        }
        held = {key: Held(value, "snmp", NOW, locked=False) for key, value in told.items()}
        held |= {key: Held(value, "person:amy", NOW, locked=True) for key, value in _BY_PEOPLE.items()}
        ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        mac = Identifier(
            IdentifierKind.MAC, f"00:26:73:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
        )
        address = Address(ip, mac.value, "hq", "office", NOW, NOW)
        status = DeviceStatus.CONFIRMED
        device = Device(
            f"d-{number:010}", status, "hq", "office", NOW, NOW, held, (address,), services, (mac,)
        )
        yield device, _heard(number, Target(ip, mac.value, "hq", "office"))


def _heard(number: int, target: Target) -> tuple[Observation, ...]:
    def heard(source: str, service: str | None, **facts: str) -> Observation:
        told = tuple(Fact(name.replace("__", "."), value) for name, value in facts.items())
        return Observation("run-1", "here", target, source, NOW, told, service, f"sha256:{source}{number}")

    swept = (heard("tcp-syn", f"tcp/{port}", port__state="open") for port, _name in _OPEN)
    page = heard("http", "tcp/80", http_servers="nginx", html_title="Login", http__status="200")
    ports = heard("ports", None, ports__left_out="none")
    return (*swept, ports, page, heard("tls", "tcp/443", tls__version="TLSv1.3", tls__oldest="TLSv1.2"))
