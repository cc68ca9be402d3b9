"""`muster check --due`: what a changed declaration, record or evidence makes due, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.service.assess import check
from agent.service.wireless import take_in
from agent.wireless.heard import Heard
from inventory.register import Register
from inventory.settings import CheckSettings, IsolationSettings, Settings, WirelessSettings
from inventory.types import (
    Attribute,
    CheckOutcome,
    CheckResult,
    Claim,
    Crossing,
    CrossingState,
    DeviceStatus,
    Duty,
    FixedClock,
    Observation,
    Scope,
    Sighting,
    Target,
)

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
STATION = "02:4d:55:00:00:66"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a check opened a socket")

    monkeypatch.setattr("socket.socket", refuse)


class Office:
    """A register with one access point in the segment iot, and the files its settings name."""

    def __init__(self, register: Register, clock: FixedClock, folder: Path) -> None:
        self.register, self.clock, self.folder = register, clock, folder
        self.settings = Settings(
            isolation=IsolationSettings(expected=str(folder / "isolation.yaml")),
            wireless=WirelessSettings(expected=str(folder / "wireless.yaml")),
        )
        self.mean("kept_apart: [iot]")
        self.declare("other")

    @property
    def device(self) -> str:
        return self.register.devices()[0].id

    def mean(self, matrix: str) -> None:
        (self.folder / "isolation.yaml").write_text(matrix, encoding="utf-8")

    def declare(self, guard: str, stations: str = "") -> None:
        own = f"{{ssid: FIRM, purpose: tablets, users: staff, guard: {guard}}}"
        text = f"mac_list: [{stations}]\nnetworks: [{own}]\n"
        (self.folder / "wireless.yaml").write_text(text, encoding="utf-8")

    def due(self, settings: Settings | None = None) -> dict[str, CheckResult]:
        """What `check --due` judges anew an hour later."""
        self.clock.advance(AN_HOUR)
        done = check(self.register, settings or self.settings, self.clock, only_due=True)
        return {result.check: result for result in done.results}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock = FixedClock(NOW)
    with Register.open(":memory:", clock) as register:
        for segment in ("iot", "office"):
            register.add_scope(Scope(f"10.0.{len(segment)}.0/24", "hq", segment), "amy")
        target = Target("10.0.3.7", "88:ac:c0:57:00:00", "hq", "iot")
        arp = Observation("r", "here", target, "arp", NOW, ())
        claims = (Claim(Attribute.DEVICE_CLASS, "access-point", 0.9, "x", "snmp"),)
        register.ingest([Sighting("r", target, NOW, (arp,), claims)])
        shut = CrossingState.BLOCKED
        ways = (("iot", "office"), ("office", "iot"))
        services = ("tcp/80", "udp/161")
        register.keep_crossings(
            [Crossing("hq", *way, each, 4, shut, NOW, "here") for way in ways for each in services]
        )
        network = Heard("88:ac:c0:57:00:01", "FIRM", "WPA2-PERSONAL", (), stations=(STATION,))
        take_in(register, [network], "hq", "", "x", clock, run="w", vantage="here")
        made = Office(register, clock, tmp_path)
        check(register, made.settings, clock)
        yield made


def test_nothing_is_due_while_nothing_changed(office: Office) -> None:
    assert office.due() == {}


def test_a_changed_declaration_of_networks_judges_what_was_heard_anew(office: Office) -> None:
    office.declare("mac-list")
    anew = office.due()
    assert set(anew) == {"wireless"}
    assert anew["wireless"].facts["second_guard"] == "no", "the station heard is on no list"
    office.declare("mac-list", STATION)
    assert office.due()["wireless"].facts["second_guard"] == "yes"
    assert office.due() == {}


def test_a_changed_matrix_judges_what_was_measured_anew(office: Office) -> None:
    office.mean("kept_apart: [guest]")
    anew = office.due()
    assert {name: result.outcome for name, result in anew.items()} == {"isolation": CheckOutcome.UNKNOWN}
    office.mean("kept_apart: [iot]")
    assert office.due()["isolation"].outcome is CheckOutcome.PASS


def test_a_changed_list_of_vendors_is_asked_at_once(office: Office) -> None:
    watching = office.settings.model_copy(update={"check": CheckSettings(watched=("Acme",))})
    assert set(office.due(watching)) == {"watch_list"}


def test_a_result_ends_with_the_hole_it_rests_on(office: Office) -> None:
    way = Crossing("hq", "office", "iot", "tcp/443", 4, CrossingState.OPEN, NOW, "here")
    office.register.keep_crossings([way])
    office.mean(
        "kept_apart: [iot]\nholes:\n"
        "- {from: office, to: iot, services: [tcp/443], reason: wall, until: 2026-07-09}\n"
    )
    isolated = office.due()["isolation"]
    assert (isolated.outcome, isolated.expires) == (CheckOutcome.PASS, datetime(2026, 7, 10, tzinfo=UTC))
    office.clock.advance(timedelta(days=9))
    assert office.due()["isolation"].outcome is CheckOutcome.FAIL


def test_new_evidence_beside_the_roll_call_is_judged(office: Office) -> None:
    office.clock.advance(AN_HOUR)
    weak = Heard("88:ac:c0:57:00:01", "FIRM", "WEP", ("wep",))
    take_in(office.register, [weak], "hq", "", "x", office.clock, run="w2", vantage="here")
    assert office.due()["wireless"].outcome is CheckOutcome.FAIL


def test_a_signature_under_the_entry_confirms_it_until_it_is_undone(office: Office) -> None:
    filled = {Attribute.OWNER: "王", Attribute.LOCATION: "12F", Attribute.PURPOSE: "guests"}
    filled |= {Attribute.CONNECTION_METHOD: "wired", Attribute.DECLARED_PORTS: "tcp/443"}
    office.register.edit([office.device], filled, by="amy")
    office.clock.advance(timedelta(days=400))
    target = Target("10.0.3.7", "88:ac:c0:57:00:00", "hq", "iot")
    office.register.ingest([Sighting("r", target, office.clock.now(), (), ())])
    assert office.due()["registration"].facts["stale"] == "location,owner,purpose"
    (signed,) = office.register.confirm([office.device], Duty.YEARLY, "Amy Wang", "amy")
    confirmed = office.due()
    assert set(confirmed) == {"registration"}
    result = confirmed["registration"]
    assert (result.outcome, result.facts["stale"]) == (CheckOutcome.PASS, "")
    assert (result.facts["confirmed_on"], result.evidence) == (
        signed.signed.isoformat(),
        (f"attestation.{signed.id}",),
    )
    office.register.undo("amy")
    undone = office.due()
    assert set(undone) == {"registration"}
    assert undone["registration"].facts["stale"] == "location,owner,purpose"


def test_a_retired_device_is_judged_as_such_and_one_back_in_service_as_every_other(office: Office) -> None:
    office.register.set_status([office.device], DeviceStatus.RETIRED, "amy")
    gone = office.due()
    assert {result.outcome for result in gone.values()} == {CheckOutcome.NOT_APPLICABLE}
    assert office.due() == {}
    office.register.set_status([office.device], DeviceStatus.IN_SERVICE, "amy")
    assert set(office.due()) == set(gone)
    assert office.due() == {}
