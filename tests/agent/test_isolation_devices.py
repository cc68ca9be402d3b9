"""Known devices, and groups, asked from another segment: what is a wall, and what only looks like one."""

import asyncio
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.cli.isolation_matrix import matrix
from agent.isolation.asking import Vantage
from agent.isolation.devices import DeviceAsker, Known, Met
from agent.permit import Gate, Permit
from agent.probes import PROBES
from agent.probes.snmp import SNMP
from agent.service.measuring import known_elsewhere
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.console import Session
from inventory.exits import Exit
from inventory.merge import PORT_STATE
from inventory.register import Register
from inventory.types import (
    Attribute,
    Claim,
    Crossing,
    CrossingState,
    Fact,
    FixedClock,
    Observation,
    Scope,
    Sighting,
    SystemClock,
    Target,
    Touch,
)
from tests.agent.test_raw_sweep_lab import ROOT, UNSHARE, why_not

SCRIPT = Path(__file__).parent / "isolation_in_a_namespace.py"
NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
HERE = Vantage("desk", "hq", "office")
SCOPES = [Scope("10.0.10.0/24", "hq", "office"), Scope("10.0.20.0/24", "hq", "iot")]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


in_namespaces = [pytest.mark.lab, pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")]


def lab(test: Any) -> Any:
    for mark in in_namespaces:
        test = mark(test)
    return test


@lab
@pytest.mark.parametrize(
    ("address", "service", "state", "why"),
    [
        ("10.99.20.5", "tcp/80", "open", "answers"),
        ("10.99.20.5", "udp/161", "open", "answers"),
        ("fd00:20::5", "tcp/80", "open", "answers"),
        ("fd00:20::5", "udp/161", "open", "answers"),
        ("10.99.20.6", "tcp/80", "blocked", "silent"),
        ("10.99.20.6", "tcp/9100", "blocked", "silent"),  # a SYN alone prints nothing
        ("10.99.20.6", "udp/161", "blocked", "silent"),
        ("fd00:20::6", "tcp/80", "blocked", "silent"),
        ("fd00:20::6", "udp/161", "blocked", "silent"),
        ("10.99.20.7", "tcp/80", "blocked", "forbids"),
        ("10.99.20.7", "udp/161", "blocked", "forbids"),
        ("10.99.20.8", "udp/161", "blocked", "forbids"),  # port unreachable, by the router's word
        # What looks like a wall and is none, or is not known to be one:
        ("10.99.20.8", "tcp/80", "not-tested", "refused"),  # a firewall's RST
        ("10.99.20.10", "tcp/80", "not-tested", "refused"),  # the device's own
        ("10.99.20.10", "udp/161", "not-tested", "refused"),
        ("10.99.20.9", "tcp/80", "not-tested", "not there"),
        ("10.99.20.9", "udp/161", "not-tested", "not there"),
        ("10.99.20.12", "tcp/80", "not-tested", "too long ago"),
        ("10.99.20.12", "udp/161", "not-tested", "too long ago"),
        ("10.99.20.6", "udp/5353", "not-tested", "own wire"),
        ("10.99.20.6", "udp/514", "not-tested", "could not be asked"),  # nobody knows a question for it
        ("10.99.20.13", "udp/161", "not-tested", "could not be asked"),  # only a secret is answered
        ("10.99.20.11", "tcp/80", "middlebox", "nobody listens on"),
    ],
)
def test_a_device_is_asked_for_what_the_roll_call_met(
    told: dict[str, Any], address: str, service: str, state: str, why: str
) -> None:
    measured, reason = told["devices"][address][service]
    assert measured == state
    assert why in reason


@lab
@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_multicast_that_a_router_passes_on_is_a_leak(told: dict[str, Any], family: str) -> None:
    ways = {f"mdns {family}", f"ssdp {family}"} if told["reflected"] else {f"ssdp {family}"}
    assert {way for way in ways if told["before"][way] == "blocked"} == ways
    assert {way for way in ways if told["after"][way] == "open"} == ways


def sighting(ip: str, said: list[tuple[str, str, str, str]], at: datetime, segment: str = "iot") -> Sighting:
    """A device heard at `ip`; `said` is source, service, and one fact's name and value."""
    target = Target(ip, "00:26:73:00:00:09", "hq", segment)
    heard = tuple(
        Observation("r", "here", target, source, at, (Fact(name, value),), service)
        for source, service, name, value in said
    )
    return Sighting("r", target, at, heard, (Claim(Attribute.DEVICE_CLASS, "camera", 0.9, "x", "snmp"),))


def known(*sightings: Sighting, here: Vantage = HERE) -> dict[str, dict[str, Met]]:
    with Register.open(":memory:", FixedClock(NOW)) as register:
        for scope in SCOPES:
            register.add_scope(scope, "amy")
        for one in sightings:
            register.ingest([one])
        found = known_elsewhere(register, here, NOW)
    return {each.ip: {met.service: met for met in each.met} for each in found}


def test_each_address_is_asked_for_what_was_open_there() -> None:
    an_hour_ago = NOW - timedelta(hours=1)
    met = known(
        sighting("10.0.20.5", [("tcp-syn", "tcp/443", PORT_STATE, "open")], an_hour_ago),
        sighting("10.0.20.6", [("snmp", "udp/161", "snmp.engine_id", "80aa")], an_hour_ago),
    )
    assert {ip: set(ports) for ip, ports in met.items()} == {
        "10.0.20.5": {"tcp/443"},
        "10.0.20.6": {"udp/161"},
    }
    assert met["10.0.20.6"]["udp/161"].said == {"snmp.engine_id": "80aa"}
    assert met["10.0.20.5"]["tcp/443"].at == an_hour_ago


def test_what_was_closed_since_or_met_days_ago_or_stands_here_is_not_asked() -> None:
    opened = [("tcp-syn", "tcp/443", PORT_STATE, "open")]
    closed = [("tcp-syn", "tcp/443", PORT_STATE, "closed")]
    first, later = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    assert known(sighting("10.0.20.5", opened, first), sighting("10.0.20.5", closed, later)) == {}
    assert known(sighting("10.0.20.5", opened, NOW - timedelta(days=2))) == {}
    assert known(sighting("10.0.10.5", opened, later, segment="office")) == {}


def test_a_barred_device_is_not_asked() -> None:
    gate = Gate([Scope("127.0.0.0/8", "hq", "iot", do_not_probe=("127.0.0.5",))])
    door = Door(Pace(10_000, 10_000), Limits(), 2, randomness=random.Random(1))
    devices = [Known("iot", "127.0.0.5", (Met("udp", 161, NOW, {"snmp.engine_id": "80aa"}),))]
    assert asyncio.run(DeviceAsker(door, gate, None).ask(HERE, devices, NOW)) == ()
    assert not door.tally.packets


@pytest.mark.parametrize(
    ("facts", "asks"),
    [
        ({"snmp.engine_id": "80aa", "snmp.community": "***", "snmp.version": "2c"}, b"\x02\x01\x03"),
        ({"snmp.community": "public", "snmp.version": "2c"}, b"public"),
        ({"snmp.community": "public", "snmp.version": "1"}, b"public"),
        ({"snmp.community": "***", "snmp.version": "2c"}, None),
        ({}, None),
    ],
)
def test_no_secret_community_crosses_a_border(facts: dict[str, str], asks: bytes | None) -> None:
    permit = Gate(SCOPES).admit("10.0.20.5", Touch.QUERY)
    assert isinstance(permit, Permit)
    assert SNMP.again
    said = SNMP.again(permit, facts, random.Random(1))
    assert (asks in said) if asks and said else said is asks


def test_every_datagram_probe_can_ask_again() -> None:
    assert [probe.name for probe in PROBES if (probe.again is None) is (probe.transport == "udp")] == []


def test_the_table_says_once_what_holds_for_many_devices(tmp_path: Path) -> None:
    place = str(tmp_path / "register.sqlite")
    now = SystemClock().now()
    ways = [
        Crossing("hq", "guest", "office", service, 4, CrossingState.OPEN, now, "laptop", f"10.0.10.{last}")
        for last in (5, 6, 7)
        for service in ("tcp/9100", "tcp/80")[: 2 if last == 5 else 1]
    ]
    with Register.open(place, SystemClock()) as register:
        register.keep_crossings(ways)
    session = Session(register_url=place)
    shown = CliRunner().invoke(matrix, [], obj=session, terminal_width=160)
    rows = [line.split() for line in shown.stdout.splitlines()[1:]]
    assert [row[2:7] for row in rows] == [
        ["10.0.10.5", "tcp/80", "4", "denied", "open"],
        ["10.0.10.5", "and", "2", "more", "tcp/9100"],
    ]
    listed = json.loads(CliRunner().invoke(matrix, ["--format", "json"], obj=session).stdout)
    assert [row["ip"] for row in listed if row["service"] == "tcp/9100"] == [
        one.ip for one in ways if one.service == "tcp/9100"
    ]
    assert shown.exit_code == Exit.FINDINGS
