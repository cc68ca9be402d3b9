"""No Permit, no packet: who may be asked, and why others may not."""

import ipaddress
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.areas import Area, Refused
from agent.permit import Gate, Permit
from agent.ranges import addresses
from inventory.types import (
    Address,
    Attribute,
    Device,
    DeviceClass,
    DeviceStatus,
    Exemption,
    Held,
    Scope,
    Target,
    Touch,
    Why,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OFFICE = Scope("10.1.0.0/24", "hq", "office")


def device(ip: str, mac: str | None = None, device_class: str = "printer") -> Device:
    held = Held(device_class, "test", NOW)
    return Device(
        id="d-1",
        status=DeviceStatus.DISCOVERED,
        site="hq",
        segment="office",
        first_seen=NOW,
        last_seen=NOW,
        attributes={Attribute.DEVICE_CLASS: held},
        addresses=(Address(ip, mac, "hq", "office", NOW, NOW),),
    )


def barred(*entries: str, network: str = "10.1.0.0/24", segment: str = "office") -> Scope:
    return Scope(network, "hq", segment, do_not_probe=entries)


def test_an_address_in_scope_gets_a_permit_that_names_site_and_segment() -> None:
    permit = Gate([OFFICE]).admit("10.1.0.9", Touch.QUERY, mac="00:11:22:33:44:55")
    assert isinstance(permit, Permit)
    assert permit.target == Target("10.1.0.9", "00:11:22:33:44:55", "hq", "office")


def test_an_address_outside_every_scope_is_refused() -> None:
    answer = Gate([OFFICE]).admit("10.2.0.9", Touch.PASSIVE)
    assert answer == Refused("10.2.0.9", Why.NO_SCOPE)


@pytest.mark.parametrize(
    ("allowed", "needed", "admitted"),
    [
        (Touch.PASSIVE, Touch.QUERY, False),
        (Touch.QUERY, Touch.QUERY, True),
        (Touch.QUERY, Touch.LOGIN, False),
        (Touch.LOGIN, Touch.QUERY, True),
    ],
)
def test_the_scope_says_how_far_we_may_go(allowed: Touch, needed: Touch, admitted: bool) -> None:
    gate = Gate([Scope("10.1.0.0/24", "hq", "office", touch=allowed)])
    assert isinstance(gate.admit("10.1.0.9", needed), Permit) is admitted


@pytest.mark.parametrize("entry", ["10.1.0.9", "10.1.0.0/28", "10.1.0.5-10.1.0.20", "10.1.0.5-20"])
def test_do_not_probe_by_address(entry: str) -> None:
    gate = Gate([barred(entry)])
    assert isinstance(gate.admit("10.1.0.9", Touch.QUERY), Refused)
    assert isinstance(gate.admit("10.1.0.99", Touch.QUERY), Permit)


@pytest.mark.parametrize("entry", ["00:11:22:33:44:55", "00-11-22-33-44-55", "mac:0011.2233.4455"])
def test_do_not_probe_by_mac_heard_now_or_known_before(entry: str) -> None:
    known = device("10.1.0.7", "00:11:22:33:44:55")
    gate = Gate([barred(entry)], [known])
    assert isinstance(gate.admit("10.1.0.9", Touch.QUERY, mac="00:11:22:33:44:55"), Refused)
    assert isinstance(gate.admit("10.1.0.7", Touch.QUERY), Refused)
    assert isinstance(gate.admit("10.1.0.9", Touch.QUERY, mac="00:11:22:33:44:56"), Permit)


@pytest.mark.parametrize("entry", ["printer", "class:printer"])
def test_do_not_probe_by_class_known_before_or_found_out_now(entry: str) -> None:
    gate = Gate([barred(entry)], [device("10.1.0.7")])
    assert isinstance(gate.admit("10.1.0.7", Touch.QUERY), Refused)
    assert isinstance(gate.admit("10.1.0.8", Touch.QUERY, device_class=DeviceClass.PRINTER), Refused)
    assert isinstance(gate.admit("10.1.0.8", Touch.QUERY, device_class=DeviceClass.CAMERA), Permit)


def test_do_not_probe_by_segment_holds_for_every_scope_of_the_site() -> None:
    gate = Gate([barred("segment:iot"), Scope("10.2.0.0/24", "hq", "iot")])
    assert isinstance(gate.admit("10.2.0.9", Touch.QUERY), Refused)
    assert isinstance(gate.admit("10.1.0.9", Touch.QUERY), Permit)


def test_an_entry_nobody_can_read_bars_the_whole_site() -> None:
    gate = Gate([barred("the old printer"), Scope("10.2.0.0/24", "branch", "office")])
    answer = gate.admit("10.1.0.9", Touch.QUERY)
    assert isinstance(answer, Refused)
    assert "the old printer" in answer.reason
    assert isinstance(gate.admit("10.2.0.9", Touch.QUERY), Permit)


def test_the_narrowest_scope_decides() -> None:
    hands_off = Scope("10.1.0.128/25", "hq", "vault", touch=Touch.PASSIVE)
    gate = Gate([OFFICE, hands_off])
    assert isinstance(gate.admit("10.1.0.200", Touch.QUERY), Refused)
    area = gate.area(addresses(["10.1.0.0/24"]), OFFICE)
    assert area.covers("10.1.0.100")
    assert not area.covers("10.1.0.200")


def test_an_area_leaves_out_network_broadcast_and_barred_addresses() -> None:
    scope = barred("10.1.0.9")
    area = Gate([scope]).area(addresses(["10.1.0.0/24"]), scope)
    assert len(area.addresses) == 253
    assert not any(area.covers(ip) for ip in ("10.1.0.0", "10.1.0.255", "10.1.0.9"))
    assert [one.ip for one in area.refused] == ["10.1.0.9"]
    assert area.size == 254


def test_an_area_of_a_part_names_the_part() -> None:
    area = Gate([OFFICE]).area(addresses(["10.1.0.16-31", "10.9.0.0/24"]), OFFICE)
    assert area.networks == ("10.1.0.16/28",)
    assert len(area.addresses) == 16


@given(st.sets(st.integers(1, 254), max_size=20), st.sets(st.integers(1, 254), max_size=5))
def test_an_area_and_single_permits_never_disagree(wanted: set[int], bars: set[int]) -> None:
    scope = barred(*(f"10.1.0.{number}" for number in bars))
    gate = Gate([scope])
    area = gate.area(addresses([f"10.1.0.{number}" for number in wanted] or ["10.9.0.1"]), scope)
    for number in wanted:
        ip = f"10.1.0.{number}"
        assert area.covers(ip) is isinstance(gate.admit(ip, Touch.QUERY), Permit)


def test_nobody_but_a_gate_makes_a_permit() -> None:
    with pytest.raises(TypeError, match="Gate"):
        Permit(Target("10.1.0.9", None, "hq", "office"), Touch.QUERY, DeviceClass.UNKNOWN, False, object())
    numbers = np.array([int(ipaddress.IPv4Address("10.1.0.9"))], np.uint32)
    with pytest.raises(TypeError, match="Gate"):
        Area(OFFICE, ("10.1.0.0/24",), numbers, (), 1, None)


def test_a_whole_site_may_be_left_alone() -> None:
    gate = Gate([barred("site"), Scope("10.2.0.0/24", "hq", "iot"), Scope("10.3.0.0/24", "branch", "iot")])
    assert "whole site" in refusal(gate, "10.2.0.9")
    assert not refusal(gate, "10.3.0.9")


def exempted(entry: str, exempt: str, until: date | None = None) -> Gate:
    said = Exemption(exempt, "the vendor asked for it", "chen", datetime(2026, 1, 5, tzinfo=UTC), until)
    known = device("10.1.0.7", "00:11:22:33:44:55")  # a printer
    return Gate([replace(barred(entry), exemptions=(said,))], [known], date(2026, 6, 1))


def refusal(gate: Gate, ip: str) -> str:
    answer = gate.admit(ip, Touch.QUERY)
    return answer.reason if isinstance(answer, Refused) else ""


WIDE_TO_NARROW = ["site", "segment:office", "class:printer", "10.1.0.7"]


@pytest.mark.parametrize("entry", [*WIDE_TO_NARROW, "00:11:22:33:44:55"])
@pytest.mark.parametrize("exempt", [*WIDE_TO_NARROW, "00-11-22-33-44-55"])
def test_an_exemption_lifts_entries_as_wide_as_itself_or_wider(entry: str, exempt: str) -> None:
    def width(text: str) -> int:
        return WIDE_TO_NARROW.index(text) if text in WIDE_TO_NARROW else 3

    assert (refusal(exempted(entry, exempt), "10.1.0.7") == "") is (width(exempt) >= width(entry))


def test_an_exemption_is_for_whom_it_names_alone() -> None:
    gate = exempted("segment:office", "10.1.0.7")
    assert not refusal(gate, "10.1.0.7")
    assert "segment office" in refusal(gate, "10.1.0.8")
    area = gate.area(addresses(["10.1.0.0/28"]), gate.scopes[0])
    assert area.covers("10.1.0.7")
    assert len(area.addresses) == 1


@pytest.mark.parametrize(("until", "asked"), [(date(2026, 6, 1), True), (date(2026, 5, 31), False)])
def test_an_exemption_ends_with_its_last_day(until: date, asked: bool) -> None:
    assert (refusal(exempted("10.1.0.7", "10.1.0.7", until), "10.1.0.7") == "") is asked


def test_without_a_day_an_exemption_that_ends_does_not_hold() -> None:
    gate = exempted("10.1.0.7", "10.1.0.7", date(2099, 1, 1))
    assert refusal(Gate(gate.scopes), "10.1.0.7")


@pytest.mark.parametrize(("entry", "exempt"), [("the old printer", "10.1.0.7"), ("10.1.0.7", "that printer")])
def test_what_cannot_be_read_lifts_nothing_and_is_not_lifted(entry: str, exempt: str) -> None:
    assert refusal(exempted(entry, exempt), "10.1.0.7")
