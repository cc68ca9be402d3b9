"""Wireless networks in the register: joined to access points, held against what is declared, judged."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.checks import wireless
from agent.checks.subject import Measures, Subject
from agent.permit import Gate
from agent.service.wireless import gear_of, not_as_declared, take_in
from agent.wireless.expected import ExpectedNetworks, Matter, Notice, Own, approval, notices
from agent.wireless.expected import read as declaration
from agent.wireless.exports import made_at
from agent.wireless.gear import networks_of
from agent.wireless.heard import Heard, of_capture
from inventory.exits import BadInput
from inventory.register import Register
from inventory.settings import Settings, WirelessSettings
from inventory.types import (
    Attribute,
    CheckOutcome,
    CheckResult,
    Claim,
    Device,
    FixedClock,
    Observation,
    Scope,
    Sighting,
    Target,
)
from lab.wireless import NETWORKS, capture, write_capture

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
EARLIER = datetime(2026, 6, 28, 3, 0, tzinfo=UTC)
UNIFI = "1.3.6.1.4.1.41112.1.6.1.2.1"
OWN = """
names: [FIRM]
mac_list: ["02:4D:55:00:00:09"]
networks:
  - {ssid: FIRM-OFFICE, purpose: tablets, users: staff, approved_by: Lin, guard: mac-list, vlan: "30"}
  - {ssid: FIRM-SUPPLIER, purpose: works, users: supplier, approved_by: Lin, approved_until: 2026-06-30}
  - {ssid: FIRM-GONE, purpose: none any more, users: nobody}
"""


@pytest.fixture
def declared(tmp_path: Path) -> ExpectedNetworks:
    (tmp_path / "wireless.yaml").write_text(OWN, encoding="utf-8")
    return declaration(tmp_path / "wireless.yaml")


def office_with_an_access_point() -> Register:
    register = Register.open(":memory:", FixedClock(NOW))
    target = Target("10.0.0.7", "88:ac:c0:57:00:00", "hq", "office")
    arp = Observation("r", "here", target, "arp", NOW, ())
    claims = (Claim(Attribute.DEVICE_CLASS, "access-point", 0.9, "x", "snmp"),)
    register.ingest([Sighting("r", target, NOW, (arp,), claims)])
    return register


def heard_as(number: int, ssid: str, security: str = "WPA2-PERSONAL", *stations: str) -> Heard:
    return Heard(f"88:ac:c0:57:00:{number:02x}", ssid, security, (), stations=stations)


def seen(register: Register, device: Device, declared: ExpectedNetworks) -> Subject:
    on_air = tuple(one for one in register.networks() if one.device == device.id)
    measures = Measures(networks=declared, on_air={device.id: on_air})
    return Subject(device, register.observations(device.id), NOW, measures)


def test_networks_meet_their_access_point_and_its_check(declared: ExpectedNetworks) -> None:
    with office_with_an_access_point() as register:
        networks = [
            heard_as(1, "FIRM-OFFICE", "WPA2-PERSONAL", "02:4d:55:00:00:09"),
            heard_as(0xF0, "NEIGHBOUR"),
        ]
        done = take_in(register, networks, "hq", "", "scan.txt", FixedClock(NOW), run="w", vantage="here")
        (device,) = register.devices()
        assert [network.device for network in register.networks()] == [device.id, ""]
        result = wireless.judge(seen(register, device, declared))
    assert done.with_device == 1
    assert (result.outcome, result.facts["second_guard"], result.facts["ssids"]) == (
        CheckOutcome.PASS,
        "yes",
        "FIRM-OFFICE",
    )


def test_what_is_not_as_declared_is_told(declared: ExpectedNetworks) -> None:
    with office_with_an_access_point() as register:
        stations = "02:4d:55:00:00:09", "02:4d:55:00:00:66"
        networks = [
            replace(heard_as(1, "FIRM-OFFICE", "WPA2-PERSONAL", *stations), vlan="40"),
            heard_as(2, "FIRM-SUPPLIER"),
            heard_as(0xF0, "firm-free"),
            heard_as(0xF1, "NEIGHBOUR"),
            heard_as(3, "GUEST"),
        ]
        take_in(register, networks, "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        found = notices(declared, register.networks(), date(2026, 7, 1))
        (device,) = register.devices()
        result = wireless.judge(seen(register, device, declared))
    assert {(one.matter, one.ssid, one.about) for one in found} == {
        (Matter.STATION_OFF_LIST, "FIRM-OFFICE", "02:4d:55:00:00:66"),
        (Matter.OTHER_VLAN, "FIRM-OFFICE", "40"),
        (Matter.APPROVAL_LAPSED, "FIRM-SUPPLIER", "2026-06-30"),
        (Matter.UNREGISTERED, "firm-free", "88:ac:c0:57:00:f0"),
        (Matter.OWN_UNDECLARED, "GUEST", "88:ac:c0:57:00:03"),
        (Matter.MISSING, "FIRM-GONE", ""),
        (Matter.NOT_APPROVED, "FIRM-GONE", ""),
    }
    assert result.facts["second_guard"] == "no"


def test_a_wireless_survey_after_the_roll_call_makes_it_no_older() -> None:
    later = datetime(2026, 7, 20, 3, 0, tzinfo=UTC)
    with office_with_an_access_point() as register:
        take_in(
            register,
            [heard_as(1, "FIRM-OFFICE")],
            "hq",
            "",
            "x",
            FixedClock(later),
            run="w",
            vantage="a",
        )
        (device,) = register.devices()
        fresh = Subject(device, register.observations(device.id), later).fresh
    assert {each.source for each in fresh} == {"arp", "wifi"}


# -- who has joined ------------------------------------------------------------------------------------------


def office_with_a_printer(mac: str = "02:4d:55:00:00:09", kind: str = "printer") -> Register:
    register = office_with_an_access_point()
    target = Target("10.0.0.8", mac, "hq", "office")
    arp = Observation("r", "here", target, "arp", NOW, ())
    claims = (Claim(Attribute.DEVICE_CLASS, kind, 0.9, "x", "snmp"),)
    register.ingest([Sighting("r", target, NOW, (arp,), claims)])
    return register


def printer_in(register: Register) -> Device:
    return next(each for each in register.devices() if each.addresses[0].ip == "10.0.0.8")


@pytest.mark.parametrize(
    ("ssid", "security", "outcome", "guard"),
    [
        ("FIRM-OFFICE", "WPA2-PERSONAL", CheckOutcome.PASS, "yes"),
        ("FIRM-SUPPLIER", "WPA2-PERSONAL", CheckOutcome.PASS, None),
        ("FIRM-OFFICE", "WEP", CheckOutcome.FAIL, "yes"),
        ("FIRM-OFFICE", "UNKNOWN", CheckOutcome.UNKNOWN, "yes"),
    ],
)
def test_a_device_is_judged_by_the_network_it_was_heard_to_have_joined(
    ssid: str, security: str, outcome: CheckOutcome, guard: str | None, declared: ExpectedNetworks
) -> None:
    weak = ("wep",) if security == "WEP" else ()
    with office_with_a_printer() as register:
        joined = Heard("88:ac:c0:57:00:f0", ssid, security, weak, stations=("02:4d:55:00:00:09",))
        take_in(register, [joined], "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        result = wireless.judge(seen(register, printer_in(register), declared))
    assert (result.outcome, result.facts["used"], result.facts.get("second_guard")) == (outcome, "yes", guard)
    assert (result.facts["offered"], result.facts["approval"]) == ("no", "undeclared")
    assert result.evidence


def test_a_device_that_joined_long_ago_uses_none_now(declared: ExpectedNetworks) -> None:
    joined = heard_as(0xF0, "FIRM-OFFICE", "WPA2-PERSONAL", "02:4d:55:00:00:09")
    with office_with_a_printer() as register:
        take_in(register, [replace(joined, last_at=NOW - timedelta(days=46))], "hq", "", "x", FixedClock(NOW),
                run="w", vantage="here")  # fmt: skip
        result = wireless.judge(seen(register, printer_in(register), declared))
    assert (result.outcome, "used" in result.facts) == (CheckOutcome.UNKNOWN, False)


def test_a_device_off_the_mac_list_is_told_from_the_others_of_its_network(declared: ExpectedNetworks) -> None:
    stations = "02:4d:55:00:00:09", "02:4d:55:00:00:66"
    with office_with_a_printer(stations[1]) as register:
        networks = [heard_as(0xF0, "FIRM-OFFICE", "WPA2-PERSONAL", *stations)]
        take_in(register, networks, "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        assert wireless.judge(seen(register, printer_in(register), declared)).facts["second_guard"] == "no"
    with office_with_a_printer(stations[0]) as register:
        take_in(register, networks, "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        assert wireless.judge(seen(register, printer_in(register), declared)).facts["second_guard"] == "yes"


def test_a_printer_that_sends_a_network_under_its_own_mac_offers_wireless(declared: ExpectedNetworks) -> None:
    with office_with_a_printer("00:18:e7:aa:bb:cc") as register:
        direct = Heard("02:18:e7:aa:bb:cc", "DIRECT-4f-printer", "OPEN", ("open",))
        other = Heard("02:18:e7:aa:bb:cd", "DIRECT-50-printer", "OPEN", ("open",))
        take_in(register, [direct, other], "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        printer = printer_in(register)
        assert [(one.ssid, one.device) for one in register.networks()] == [
            ("DIRECT-4f-printer", printer.id),
            ("DIRECT-50-printer", ""),
        ]
        result = wireless.judge(seen(register, printer, declared))
    assert (result.outcome, result.facts["offered"]) == (CheckOutcome.FAIL, "yes")


def test_a_hidden_network_leaves_the_approval_open(declared: ExpectedNetworks) -> None:
    for hidden, state in (((), "yes"), ((heard_as(3, ""),), "undeclared")):
        with office_with_an_access_point() as register:
            networks = [heard_as(1, "FIRM-OFFICE"), *hidden]
            take_in(register, networks, "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
            (device,) = register.devices()
            assert wireless.judge(seen(register, device, declared)).facts["approval"] == state


def test_a_network_counts_from_the_day_it_was_heard_in_a_long_log() -> None:
    with office_with_an_access_point() as register:
        networks = [replace(heard_as(1, "OLD"), last_at=EARLIER), heard_as(2, "NEW")]
        take_in(register, networks, "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        assert {one.ssid: one.last_at for one in register.networks()} == {"NEW": NOW, "OLD": EARLIER}


def test_a_station_and_a_vlan_are_not_forgotten_by_a_survey_that_tells_of_none(
    declared: ExpectedNetworks,
) -> None:
    off_list = replace(heard_as(1, "FIRM-OFFICE", "WPA2-PERSONAL", "02:4d:55:00:00:66"), vlan="40")
    for first, then in (([off_list], [bss("WPA2-PERSONAL")]), ([bss("WPA2-PERSONAL")], [off_list])):
        with office_with(then, first) as register:
            (device,) = register.devices()
            told = {one.matter for one in notices(declared, register.networks(), NOW.date())}
            assert {Matter.STATION_OFF_LIST, Matter.OTHER_VLAN} <= told
            assert wireless.judge(seen(register, device, declared)).facts["second_guard"] == "no"


def test_a_station_not_heard_again_is_let_go_with_the_evidence() -> None:
    off_list = heard_as(1, "FIRM-OFFICE", "WPA2-PERSONAL", "02:4d:55:00:00:66")
    with office_with([bss("WPA2-PERSONAL")], [off_list]) as register:
        (kept,) = register.networks()
        assert kept.station_days == (("02:4d:55:00:00:66", EARLIER.date()),)
        assert kept.stations_since(EARLIER.date()) == ("02:4d:55:00:00:66",)
        assert kept.stations_since(NOW.date()) == ()
        later = FixedClock(EARLIER + timedelta(days=46))
        take_in(register, [bss("WPA2-PERSONAL")], "hq", "", "x", later, run="w", vantage="here")
        assert register.networks()[0].stations == ()


def test_an_older_survey_that_comes_late_adds_what_it_knows() -> None:
    old = replace(bss("WEP", "wep"), stations=("02:4d:55:00:00:66",), last_at=EARLIER)
    with office_with([bss("WPA2-PERSONAL")]) as register:
        take_in(register, [old], "hq", "", "x", FixedClock(NOW), run="w", vantage="here")
        (kept,) = register.networks()
    assert (kept.security, kept.last_at, kept.first_at) == ("WPA2-PERSONAL", NOW, EARLIER)
    assert kept.stations == ("02:4d:55:00:00:66",)


def test_what_was_last_heard_long_ago_is_missing_again(tmp_path: Path) -> None:
    path = tmp_path / "wireless.yaml"
    path.write_text(OWN, encoding="utf-8")
    settings = Settings(wireless=WirelessSettings(expected=str(path)))
    with office_with([bss("WPA2-PERSONAL")]) as register:
        for days, is_missing in ((45, False), (46, True)):
            told = not_as_declared(register, settings, NOW.date() + timedelta(days=days))
            assert (Notice(Matter.MISSING, "FIRM-OFFICE") in told) is is_missing


def test_a_network_declared_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wireless.yaml"
    path.write_text(OWN + "  - {ssid: FIRM-OFFICE, purpose: other, users: everybody}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"wireless\.yaml:\d+: .*'FIRM-OFFICE' is declared twice"):
        declaration(path)


# -- one network after another ------------------------------------------------------------------------------


def bss(security: str, *weak: str) -> Heard:
    return Heard("88:ac:c0:57:00:01", "FIRM-OFFICE", security, weak)


@contextmanager
def office_with(last: Sequence[Heard], before: Sequence[Heard] = ()) -> Iterator[Register]:
    """A register with one access point, and what was told of its networks, `before` some days ago."""
    with Register.open(":memory:", FixedClock(EARLIER)) as register:
        target = Target("10.0.0.7", "88:ac:c0:57:00:00", "hq", "office")
        arp = Observation("r", "here", target, "arp", EARLIER, ())
        claims = (Claim(Attribute.DEVICE_CLASS, "access-point", 0.9, "x", "snmp"),)
        register.ingest([Sighting("r", target, EARLIER, (arp,), claims)])
        for heard, at in ((before, EARLIER), (last, NOW)):
            if heard:
                take_in(register, heard, "hq", "", "x", FixedClock(at), run=f"{at}", vantage="here")
        yield register


def judged(register: Register, device: Device, own: ExpectedNetworks | None = None) -> CheckResult:
    measures = Measures(networks=own or ExpectedNetworks())
    return wireless.judge(Subject(device, register.observations(device.id), NOW, measures))


def unifi() -> list[tuple[str, str]]:
    return [(f"{UNIFI}.6.1", "FIRM-OFFICE"), (f"{UNIFI}.2.1", "88:ac:c0:57:00:01"), (f"{UNIFI}.4.1", "6")]


def test_gear_that_tells_nothing_of_protection_unsays_nothing() -> None:
    with office_with(networks_of(unifi()), before=[bss("WPA2-PERSONAL")]) as register:
        (device,) = register.devices()
        (kept,) = register.networks()
        result = judged(register, device)
    assert (kept.security, kept.channel) == ("WPA2-PERSONAL", 6)
    assert result.outcome is CheckOutcome.PASS


def test_what_only_silent_gear_names_stays_unknown() -> None:
    with office_with(networks_of(unifi())) as register:
        (device,) = register.devices()
        result = judged(register, device)
    assert (result.outcome, result.facts["approval"]) == (CheckOutcome.UNKNOWN, "undeclared")


def test_a_survey_of_one_network_leaves_what_was_told_of_another_until_that_is_too_old() -> None:
    other = Heard("88:ac:c0:57:00:02", "OLD", "WEP", ("wep",))
    with office_with([bss("WPA2-PERSONAL")], before=[other]) as register:
        (device,) = register.devices()
        now = judged(register, device)
        heard = register.observations(device.id)
        later = wireless.judge(Subject(device, heard, EARLIER + timedelta(days=46)))
    assert (now.outcome, now.facts["ssids"]) == (CheckOutcome.FAIL, "FIRM-OFFICE,OLD")
    assert (later.outcome, later.facts["ssids"]) == (CheckOutcome.PASS, "FIRM-OFFICE")


def test_the_last_word_on_a_network_counts() -> None:
    with office_with([bss("WPA2-PERSONAL")], [bss("OPEN", "open")]) as register:
        (device,) = register.devices()
        assert judged(register, device).outcome is CheckOutcome.PASS
    with office_with([bss("OPEN", "open")], [bss("WPA2-PERSONAL")]) as register:
        (device,) = register.devices()
        assert judged(register, device).outcome is CheckOutcome.FAIL


def test_an_approval_that_has_ended_is_told_and_one_that_will_end_ends_the_result() -> None:
    def declared(until: date | None, by: str = "Lin") -> ExpectedNetworks:
        own = Own(ssid="FIRM-OFFICE", purpose="tablets", users="staff", approved_by=by, approved_until=until)
        return ExpectedNetworks(networks=(own,))

    with office_with([bss("WPA2-PERSONAL")]) as register:
        (device,) = register.devices()
        ended = judged(register, device, declared(date(2026, 6, 30)))
        ending = judged(register, device, declared(date(2026, 7, 9)))
        lasting = judged(register, device, declared(None))
        nobody = judged(register, device, declared(None, by=""))
    assert (ended.facts["approval"], ended.facts["approval_of"]) == ("lapsed", "FIRM-OFFICE")
    assert (ending.facts["approval"], ending.expires) == ("yes", datetime(2026, 7, 10, tzinfo=UTC))
    assert lasting.facts["approval"] == "yes"
    assert lasting.expires > ending.expires
    assert nobody.facts["approval"] == "no"
    assert approval(declared(None), ["FIRM-OFFICE", "OTHER"], NOW.date()).state == "undeclared"


def test_gear_is_asked_once_at_an_address_that_is_in_scope() -> None:
    with office_with([]) as register:
        gate = Gate([Scope("10.0.0.0/24", "hq", "office")])
        ((device, permit),) = gear_of(register.devices(), gate, "hq")
        assert (device.id, permit.ip) == (register.devices()[0].id, "10.0.0.7")
        assert gear_of(register.devices(), gate, "branch") == []
        assert gear_of(register.devices(), gate, "hq", ["10.0.0.8"]) == []
        assert gear_of(register.devices(), Gate([Scope("10.9.0.0/24", "hq", "office")]), "hq") == []


# -- when it was heard ---------------------------------------------------------------------------------------


def test_an_old_survey_grows_no_younger_by_being_imported(tmp_path: Path) -> None:
    air, _truth = write_capture(tmp_path / "air.pcap", began=int(EARLIER.timestamp()))
    assert made_at(air) == EARLIER
    torn = tmp_path / "no-clock.pcap"
    torn.write_bytes(capture(NETWORKS["all"], began=0))
    assert made_at(torn) > EARLIER, "the file's own time, where the frames tell none"
    with office_with([]) as register:
        take_in(
            register,
            of_capture(air).networks,
            "hq",
            "",
            "air.pcap",
            FixedClock(NOW),
            run="w",
            vantage="here",
            heard_at=made_at(air),
        )
        assert {one.last_at for one in register.networks()} == {EARLIER}
        (device,) = register.devices()
        heard = register.observations(device.id)
    assert wireless.judge(Subject(device, heard, NOW)).expires.date() == (EARLIER + timedelta(days=46)).date()
    in_time = wireless.judge(Subject(device, heard, EARLIER + timedelta(days=45)))
    too_late = wireless.judge(Subject(device, heard, EARLIER + timedelta(days=46)))
    assert (in_time.outcome, too_late.outcome) == (CheckOutcome.FAIL, CheckOutcome.UNKNOWN)
