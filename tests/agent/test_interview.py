"""One device's interview: what is asked, in what order, and when it ends."""

import random
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.fingerprints import Fingerprinter
from agent.permit import Gate, Permit
from agent.probes import PROBES, probe_for
from agent.probes.reply import Context, Probe, Reply, answered
from agent.service import interviewer as interview_module
from agent.service.interview import Interview, Notebook
from agent.service.interviewer import Interviewer
from agent.sweeps.found import Host, PortState
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.coverage_words import OVER_UDP
from inventory.settings import ScanSettings
from inventory.types import Attribute, FixedClock, ProbeOutcome, Scope, Why

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FINGERPRINTS = Fingerprinter.load()


class SilentDoor(Door):
    """A door behind which a device may have died; keeps what was asked for a sign of life."""

    alive = True

    def __init__(self) -> None:
        super().__init__(Pace(100_000, 100_000), Limits(), 2, randomness=random.Random(1))
        self.life_asked: list[int] = []

    async def is_alive(self, permit: Permit, port: int) -> bool:
        self.life_asked.append(port)
        return self.alive


class Script:
    """Stands in for every probe: what each says, and what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, int]] = []
        self.says: dict[str, tuple[tuple[str, str], ...]] = {}
        self.crashes: set[str] = set()
        self.before: Callable[[str], Awaitable[None]] | None = None
        scripted = {probe.name: self._scripted(probe) for probe in PROBES}
        real_for = interview_module.probe_for
        monkeypatch.setattr(interview_module, "PROBES", tuple(scripted.values()))
        first = tuple(scripted[probe.name] for probe in interview_module.FIRST_QUESTIONS)
        monkeypatch.setattr(interview_module, "FIRST_QUESTIONS", first)
        monkeypatch.setattr(interview_module, "SIP", scripted["sip"])
        monkeypatch.setattr(interview_module, "BACNET", scripted["bacnet"])
        monkeypatch.setattr(interview_module, "GREETING", scripted["greeting"])
        monkeypatch.setattr(interview_module, "probe_for", lambda port: scripted[real_for(port).name])

    def _scripted(self, probe: Probe) -> Probe:
        async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
            self.asked.append((probe.name, port))
            if self.before:
                await self.before(probe.name)
            if probe.name in self.crashes:
                raise RuntimeError("a fault of ours")
            service = f"{probe.transport}/{port}"
            if probe.name in self.says:
                return (answered(probe.name, service, self.says[probe.name], b"raw"),)
            return (Reply(probe.name, ProbeOutcome.SILENT, service, reason="no answer"),)

        return Probe(probe.name, probe.touch, probe.transport, probe.ports, ask)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    return Script(monkeypatch)


@pytest.fixture
def faults() -> list[str]:
    return []


def interviewer(door: Door, faults: list[str], *bars: str) -> Interviewer:
    gate = Gate([Scope("10.1.0.0/24", "hq", "office", do_not_probe=bars)])
    return Interviewer(
        Notebook("run-1", "here", FINGERPRINTS, FixedClock(NOW)),
        door,
        gate,
        ScanSettings(),
        threading.Event(),
        faults.append,
    )


def host(*open_ports: int, closed: tuple[int, ...] = (81,)) -> Host:
    ports = dict.fromkeys(open_ports, PortState.OPEN) | dict.fromkeys(closed, PortState.CLOSED)
    return Host("10.1.0.9", "02:00:00:00:00:09", ("arp",), ports)


async def test_datagrams_come_first_then_open_ports_and_everything_is_kept(
    script: Script, faults: list[str]
) -> None:
    script.says = {"snmp": (("snmp_sysdescr", "Printer"),), "http": (("html_title", "A page"),)}
    told = await interviewer(SilentDoor(), faults).interview(host(80))
    assert {name for name, _port in script.asked[:5]} == {"snmp", "mdns", "ssdp", "wsd", "nbns"}
    assert script.asked[-1] == ("http", 80)
    assert {one.source for one in told.observations} == {"arp", "tcp-syn", "snmp", "http"}
    assert all(one.target.mac == "02:00:00:00:00:09" for one in told.observations)
    assert not told.trouble


async def test_ports_found_later_are_asked_alone(script: Script, faults: list[str]) -> None:
    script.says = {"snmp": (("snmp_sysdescr", "x"),), "http": (("html_title", "A page"),)}
    one = interviewer(SilentDoor(), faults)
    told = await one.interview(host(80))
    script.asked.clear()
    again = await one.go_on(told, host(80, 8008, closed=(81, 2049)), ("tcp/2049", "tcp/81"), {80})
    assert script.asked == [(probe_for(8008).name, 8008)]
    states = {
        (one.service, fact.value)
        for one in again.observations
        for fact in one.facts
        if fact.name == "port.state"
    }
    assert states == {("tcp/8008", "open"), ("tcp/2049", "closed")}


async def test_a_device_that_falls_silent_is_asked_nothing_more(script: Script, faults: list[str]) -> None:
    door = SilentDoor()
    door.alive = False
    told = await interviewer(door, faults).interview(host(22, 80, 443))
    assert told.trouble
    assert (told.trouble.why, told.trouble.reason) == (Why.FELL_SILENT, OVER_UDP)
    assert {name for name, _port in script.asked} == {"snmp", "mdns", "ssdp", "wsd", "nbns"}
    assert door.life_asked == [81]


def left_out(told: Interview) -> list[str]:
    facts = [fact for one in told.observations for fact in one.facts]
    return [fact.value for fact in facts if fact.name == "ports.left_out"]


async def test_ports_that_were_not_asked_are_named_and_only_at_the_end_is_all_said_to_be_asked(
    script: Script, faults: list[str]
) -> None:
    one = interviewer(SilentDoor(), faults)
    told = await one.interview(host(443))
    assert left_out(told) == [], "the ports of its kind are yet to come"
    whole = await one.go_on(told, host(443), (), {81, 443})
    assert (left_out(whole), whole.trouble) == (["none"], None)
    by_connections = await one.go_on(told, host(443), (), {443, 9100})
    assert (left_out(by_connections), by_connections.trouble) == (["tcp/9100"], None)
    partly = await one.go_on(told, host(443), (), {443, 5900, 8080})
    assert left_out(partly) == ["tcp/5900 tcp/8080"]
    assert partly.trouble
    assert (partly.trouble.why, partly.trouble.reason) == (Why.PORTS_LEFT_OUT, "5900, 8080")
    one.stop.set()
    stopped = await one.go_on(told, host(443), (), {443, 5900})
    assert (left_out(stopped), stopped.trouble and stopped.trouble.why) == (["tcp/5900"], Why.UNFINISHED)


async def test_a_device_that_dies_in_the_middle_is_asked_nothing_more(
    script: Script, faults: list[str]
) -> None:
    door = SilentDoor()

    async def dies_of_http(probe: str) -> None:
        door.alive = door.alive and probe != "http"

    script.says = {"snmp": (("snmp_sysdescr", "x"),)}
    script.before = dies_of_http
    told = await interviewer(door, faults).interview(host(80, 8000, 8080, 554, 8443, 5060))
    after = script.asked[script.asked.index(("http", 80)) + 1 :]
    assert told.trouble
    assert (told.trouble.why, told.trouble.reason) == (Why.FELL_SILENT, "http (tcp/80)")
    # What was on its way at that moment (the other connection, one datagram) may still be there; no more.
    assert len(after) <= 2
    assert told.observations


async def test_what_was_said_to_the_segment_counts_where_nothing_was_said_to_us(
    script: Script, faults: list[str]
) -> None:
    script.says = {"mdns": (("mdns.hostname", "alone"),)}
    overheard = [
        answered("mdns", "udp/5353", [("mdns.hostname", "segment")], b"raw"),
        answered("wsd", "udp/3702", [("wsd.types", "dn:Thing")], b"raw"),
    ]

    async def heard() -> dict[str, list[Reply]]:
        return {host().ip: overheard}

    told = await interviewer(SilentDoor(), faults).interview(host(), (), heard())
    facts = {(fact.name, fact.value) for one in told.observations for fact in one.facts}
    assert {("mdns.hostname", "alone"), ("wsd.types", "dn:Thing")} <= facts
    assert ("mdns.hostname", "segment") not in facts


async def test_an_answer_is_a_sign_of_life(script: Script, faults: list[str]) -> None:
    script.says = {probe.name: (("greeting", "x"),) for probe in PROBES}
    door = SilentDoor()
    await interviewer(door, faults).interview(host(22, 80))
    assert door.life_asked == []


async def test_raw_print_ports_and_ports_that_wait_are_left_alone(script: Script, faults: list[str]) -> None:
    told = await interviewer(SilentDoor(), faults).interview(host(80, 515, 3389, 9100, 9999))
    assert [port for name, port in script.asked if name in {"http", "greeting"}] == [80]
    services = {one.service for one in told.observations if one.source == "tcp-syn"}
    assert services == {"tcp/80", "tcp/515", "tcp/3389", "tcp/9100", "tcp/9999"}


async def test_a_device_that_turns_out_to_be_barred_is_left_alone_at_once(
    script: Script, faults: list[str]
) -> None:
    script.says = {
        "snmp": (("1.3.6.1.2.1.43.5.1.1.17.1", "S123"), ("snmp_sysdescr", "HP LaserJet Pro M404dn"))
    }
    told = await interviewer(SilentDoor(), faults, "class:printer").interview(host(80))
    assert told.refused
    assert ("http", 80) not in script.asked


async def test_a_printer_is_not_asked_about_telephony(script: Script, faults: list[str]) -> None:
    script.says = {
        "snmp": (("1.3.6.1.2.1.43.5.1.1.17.1", "S123"), ("snmp_sysdescr", "HP LaserJet Pro M404dn"))
    }
    await interviewer(SilentDoor(), faults).interview(host(80))
    assert ("sip", 5060) not in script.asked


async def test_a_fault_of_one_probe_is_said_and_the_others_go_on(script: Script, faults: list[str]) -> None:
    script.crashes = {"snmp"}
    script.says = {"http": (("html_title", "A page"),)}
    told = await interviewer(SilentDoor(), faults).interview(host(80))
    assert "html_title" in {fact.name for one in told.observations for fact in one.facts}
    assert len(faults) == 1
    assert "snmp" in faults[0]


async def test_a_port_the_register_had_open_and_is_closed_now_is_said(
    script: Script, faults: list[str]
) -> None:
    told = await interviewer(SilentDoor(), faults).interview(host(80, closed=(23, 81)), ("tcp/23",))
    closed = [
        one.service
        for one in told.observations
        if ("port.state", "closed") in {(fact.name, fact.value) for fact in one.facts}
    ]
    assert closed == ["tcp/23"]


async def test_an_address_out_of_scope_is_not_asked_at_all(script: Script, faults: list[str]) -> None:
    stranger = Host("10.9.0.9", None, ("icmp",), {80: PortState.OPEN})
    told = await interviewer(SilentDoor(), faults).interview(stranger)
    assert isinstance(told, Interview)
    assert told.refused
    assert script.asked == []


async def test_names_of_services_are_claimed(script: Script, faults: list[str]) -> None:
    script.says = {"http": (("html_title", "A page"),)}
    told = await interviewer(SilentDoor(), faults).interview(host(80, 3389))
    named = {(c.service, c.value) for c in told.claims if c.attribute is Attribute.SERVICE_NAME}
    assert named >= {("tcp/80", "http"), ("tcp/3389", "ms-wbt-server")}


async def test_a_service_is_named_by_what_it_speaks_not_by_what_was_fetched(
    script: Script, faults: list[str]
) -> None:
    asking = interviewer(SilentDoor(), faults)
    told = (await asking.interview(host(443))).further(host(443))
    told.claims.clear()
    raw = b"raw"
    replies = [
        answered("tls", "tcp/443", [("tls.version", "TLSv1.2")], raw),
        answered("https", "tcp/443", [("html_title", "x")], raw),
        answered("onvif", "tcp/80", [("onvif.Model", "x")], raw),
        answered("greeting", "tcp/24", [("greeting", "x")], raw),
        answered("nmap", "tcp/9000", [("nmap.name", "cslistener"), ("nmap.product", "Thing")], raw),
    ]
    told.take_second_hand(replies)
    best: dict[str | None, tuple[float, str]] = {}
    for claim in told.claims:
        if claim.attribute is Attribute.SERVICE_NAME:
            best[claim.service] = max(best.get(claim.service, (0.0, "")), (claim.certainty, claim.value))
    assert {service: name for service, (_certainty, name) in best.items()} == {
        "tcp/443": "https",
        "tcp/80": "http",
        "tcp/9000": "cslistener",
    }
