"""What a scan would do, said beforehand; and what it settled, said afterwards."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faults import BadTarget, OutOfScope
from agent.permit import Gate
from agent.places import Places
from agent.ranges import addresses
from agent.service.coverage import AreaRecord, coverage_of
from agent.service.plan import plan
from agent.sweeps.found import Host, Roll
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.sweeps.ports import asked_ports, common_ports, port_numbers, ports_of
from agent.transport.guard import RAW_PRINT_PORTS
from inventory.coverage_words import reason_of
from inventory.exits import Exit, UsageFault
from inventory.settings import ScanSettings
from inventory.types import AddressState, DeviceClass, Scope, Touch, Unsettled, Why

OFFICE = Scope("10.1.0.0/24", "hq", "office")
IOT = Scope("10.2.0.0/24", "hq", "iot")
SETTINGS = ScanSettings()


def test_without_a_scope_the_refusal_is_the_command_to_type() -> None:
    with pytest.raises(OutOfScope, match=r"muster scope add 10\.9\.0\.0/24 --site hq") as refused:
        plan((), (), ["10.9.0.0/24"], SETTINGS)
    assert refused.value.exit_code is Exit.NOT_ALLOWED
    assert "\n" not in str(refused.value)


def test_a_target_outside_every_scope_is_refused_by_name() -> None:
    with pytest.raises(OutOfScope, match=r"10\.9\.0\.1.*muster scope add"):
        plan((OFFICE,), (), ["10.9.0.1"], SETTINGS)
    with pytest.raises(OutOfScope):
        plan((OFFICE,), (), ["10.1.0.250-10.1.1.5"], SETTINGS)


@pytest.mark.parametrize(
    "target", ["nonsense", "10.1.0.300", "10.1.0.9-3", "224.0.0.1", "255.255.255.255", "fe80::1"]
)
def test_targets_that_make_no_sense_are_refused(target: str) -> None:
    with pytest.raises((UsageFault, BadTarget)) as refused:
        plan((OFFICE,), (), [target], SETTINGS)
    assert refused.value.exit_code is Exit.USAGE


def test_an_unknown_segment_names_the_known_ones() -> None:
    with pytest.raises(OutOfScope, match="iot, office"):
        plan((OFFICE, IOT), (), (), SETTINGS, segments=["offcie"])


def test_targets_and_segments_narrow_the_plan() -> None:
    assert plan((OFFICE, IOT), (), (), SETTINGS).addresses == 508
    assert plan((OFFICE, IOT), (), (), SETTINGS, segments=["iot"]).addresses == 254
    assert plan((OFFICE, IOT), (), ["10.1.0.9", "10.1.0.9-10"], SETTINGS).addresses == 2


def test_a_scope_for_listening_only_is_not_swept_but_stands_in_the_coverage() -> None:
    made = plan((replace(OFFICE, touch=Touch.PASSIVE),), (), (), SETTINGS)
    assert made.areas == ()
    (stated,) = coverage_of((), made.passive)
    assert stated.counts[AddressState.REFUSED] == 256


def test_a_dry_run_names_every_class_of_packet_with_its_ports_and_number() -> None:
    rows = {
        (row.kind, row.for_each): row for row in plan((OFFICE,), (), (), SETTINGS, connect=True).packets()
    }
    assert ("connect", "address") in rows
    ports = {int(port) for port in rows["connect", "device found"].ports.split(",")}
    assert not ports & RAW_PRINT_PORTS
    assert rows["udp", "device found"].ports.split(",")[0] == "161"


def test_every_port_asked_has_its_reason_and_the_knocks_are_among_them() -> None:
    numbers = port_numbers()
    assert len(set(numbers)) == len(numbers)
    assert all(row.why for row in asked_ports())
    assert set(FIRST_KNOCKS + SECOND_KNOCKS) <= set(numbers)
    assert not set(FIRST_KNOCKS + SECOND_KNOCKS) & RAW_PRINT_PORTS


def test_ports_of_some_kinds_alone_are_asked_of_those_and_of_the_unknown() -> None:
    everything = set(port_numbers())
    assert common_ports() | ports_of(DeviceClass.UNKNOWN) == everything
    assert ports_of(DeviceClass.OTHER) == ports_of(DeviceClass.UNKNOWN)
    assert not common_ports() & ports_of(DeviceClass.UNKNOWN)
    assert {23, 80, 443, 9100} <= common_ports()
    assert 37777 in ports_of(DeviceClass.CAMERA)
    assert not {37777, 4370, 2049} & ports_of(DeviceClass.PHONE)


def test_every_pretend_device_is_asked_the_ports_it_has_if_its_kind_is_known() -> None:
    for file in (Path(__file__).parents[2] / "lab" / "personas").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        kind = re.search(r"^  device_class: (\S+)", text, re.MULTILINE)
        ports = re.search(r"^  ports: \[(.*)\]", text, re.MULTILINE)
        if kind and ports:
            has = {int(port) for port in re.findall(r"tcp/(\d+)", ports[1])}
            asked = common_ports() | ports_of(DeviceClass(kind[1]))
            assert has & set(port_numbers()) <= asked, file.name


numbers = st.sets(st.integers(1, 254), max_size=30)


@given(found=numbers, absent=numbers, lost=numbers, own=numbers, bars=numbers, stopped=st.booleans())
def test_every_address_is_counted_exactly_once(  # noqa: PLR0917 - hypothesis passes by name
    found: set[int], absent: set[int], lost: set[int], own: set[int], bars: set[int], stopped: bool
) -> None:
    def ips(numbers: set[int]) -> Places:
        return Places.of(f"10.1.0.{number}" for number in numbers - bars)

    scope = replace(OFFICE, do_not_probe=tuple(f"10.1.0.{number}" for number in bars))
    area = Gate([scope]).area(addresses(["10.1.0.0/24"]), scope)
    record = AreaRecord(area)
    record.settle(
        Roll(
            tuple(Host(ip, None, ("icmp",)) for ip in ips(found)),
            absent=ips(absent - found),
            no_route=ips(lost - found - absent),
            own=ips(own - found - absent - lost),
            not_reached=ips(set(range(1, 255)) - found - absent - lost - own if stopped else set()),
        ),
        "icmp",
    )
    (stated,) = coverage_of([record])
    assert sum(stated.counts.values()) == stated.addresses == 254
    assert min(stated.counts.values()) >= 0
    assert stated.counts[AddressState.FOUND] == len(found - bars)
    refused = {one.ip for one in stated.unsettled if one.state is AddressState.REFUSED}
    assert refused >= {f"10.1.0.{number}" for number in bars}
    assert all(reason_of(one) for one in stated.unsettled)
    if stopped:
        assert stated.counts[AddressState.SILENT] == 0


def test_an_address_behind_a_filter_is_not_called_absent() -> None:
    record = AreaRecord(Gate([OFFICE]).area(addresses(["10.1.0.0/24"]), OFFICE))
    record.settle(Roll(forbidden=Places.of({"10.1.0.9"})), "icmp")
    (stated,) = coverage_of([record])
    assert [(one.ip, one.state) for one in stated.unsettled] == [("10.1.0.9", AddressState.UNREACHABLE)]


def test_many_addresses_with_one_reason_are_told_as_one() -> None:
    scope = replace(OFFICE, network="10.16.0.0/12")
    area = Gate([scope]).area(addresses([scope.network]), scope)
    record = AreaRecord(area)
    found = (Host("10.16.0.9", None, ("icmp",)),)
    record.settle(Roll(found, no_route=Places(area.addresses) - Places.of({"10.16.0.9"})), "icmp")
    (stated,) = coverage_of([record])
    lost = (1 << 20) - 3
    assert stated.unsettled == (Unsettled("10.16.0.0/12", AddressState.UNREACHABLE, str(lost), Why.NO_ROUTE),)
    assert (stated.counts[AddressState.UNREACHABLE], stated.counts[AddressState.FOUND]) == (lost, 1)


def test_an_area_never_swept_is_not_reached_as_a_whole() -> None:
    record = AreaRecord(Gate([OFFICE]).area(addresses(["10.1.0.0/24"]), OFFICE))
    (stated,) = coverage_of([record])
    assert stated.counts[AddressState.NOT_REACHED] == 254
    assert stated.unsettled[-1].state is AddressState.NOT_REACHED


def test_a_device_that_fell_silent_has_its_reason_in_the_coverage() -> None:
    record = AreaRecord(Gate([OFFICE]).area(addresses(["10.1.0.0/24"]), OFFICE))
    record.settle(Roll((Host("10.1.0.9", None, ("icmp",)),)), "icmp")
    record.troubles["10.1.0.9"] = Unsettled("10.1.0.9", AddressState.UNREACHABLE, "http", Why.FELL_SILENT)
    (stated,) = coverage_of([record])
    assert [reason_of(one) for one in stated.unsettled] == ["answered the sweep and fell silent after http"]
    assert stated.counts[AddressState.FOUND] == 0
